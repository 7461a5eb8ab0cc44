"""Python's search for garbage, which this project's processes make little of.

They make many objects while they load packages and end soon after: to look which of them refer to
each other takes a tenth of their time, and where Python ends by itself a tenth again.
"""

import atexit
import gc


def spare() -> None:
    """Look for garbage seldom from now on, and not when the process ends."""
    gc.set_threshold(200_000, 20, 100)
    atexit.register(gc.freeze)
