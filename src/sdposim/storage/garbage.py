"""Python's search for garbage, which short processes can do without.

They make many objects while they load packages and end soon after: to look which of them refer to
each other takes a tenth of their time, and again a tenth when they end.
"""

import atexit
import gc


def spare() -> None:
    """Look for garbage seldom from now on, and not when the process ends."""
    gc.set_threshold(200_000, 20, 100)
    atexit.register(gc.freeze)
