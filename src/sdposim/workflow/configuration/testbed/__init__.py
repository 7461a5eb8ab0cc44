"""The testbed: systems, judges that err, and studies of them, see docs/testbed.md.

A module with studies has `studies()`, and `methods()`, `feedbacks()` and `settings()` if it has
some of its own.
"""

from types import ModuleType

from sdposim.workflow.configuration.compositions import Feedback, Method
from sdposim.workflow.configuration.settings import Setting
from sdposim.workflow.configuration.studies import Study
from sdposim.workflow.configuration.testbed import (
    biases,
    comparison,
    diversity,
    hypotheses,
    sizes,
)
from sdposim.workflow.configuration.testbed.judges import JUDGES
from sdposim.workflow.configuration.testbed.systems import SYSTEMS

MODULES = (comparison, sizes, biases, diversity, hypotheses)
"""In the order of studies."""


def methods() -> dict[str, Method]:
    """Systems by name, and methods of studies."""
    return {name: Method(**own) for name, own in SYSTEMS.items()} | _of("methods")


def feedbacks() -> dict[str, Feedback]:
    """Judges by name, and those of studies."""
    return {name: Feedback(**own) for name, own in JUDGES.items()} | _of("feedbacks")


def settings() -> dict[str, Setting]:
    """Of studies."""
    return _of("settings")


def studies() -> dict[str, Study]:
    """By name."""
    return _of("studies")


def _of(what: str) -> dict:
    made: dict = {}
    for module in MODULES:
        made |= _asked(module, what)
    return made


def _asked(module: ModuleType, what: str) -> dict:
    return getattr(module, what, dict)()
