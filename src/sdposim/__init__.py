"""Simulation study of Self-Distillation Policy Optimization (SDPO): replication and audit.

For programs and notebooks, see docs/python.md:

    simulate    train cells of one method and feedback, and get their logs
    policies    the same cells' policies after numbers of steps
    grid        train a study, and get its cells, curves, tables and figures
    landscape   tables of one's own, for both
    Landscape, Results, METHODS, FEEDBACKS, UserError
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sdposim.model.landscape import Landscape
    from sdposim.model.landscape import from_arrays as landscape
    from sdposim.model.paper import FEEDBACKS, METHODS
    from sdposim.storage.errors import UserError
    from sdposim.workflow.notebook import Results, grid, policies, simulate

__version__ = "0.1.0"
__all__ = [
    "FEEDBACKS",
    "METHODS",
    "Landscape",
    "Results",
    "UserError",
    "grid",
    "landscape",
    "policies",
    "simulate",
]
# Loaded when they are asked for: a training job imports this package, and needs none of them.
_FROM = {
    "simulate": "workflow.notebook",
    "grid": "workflow.notebook",
    "policies": "workflow.notebook",
    "Results": "workflow.notebook",
    "Landscape": "model.landscape",
    "METHODS": "model.paper",
    "FEEDBACKS": "model.paper",
    "UserError": "storage.errors",
}


def __getattr__(name: str) -> Any:
    if name == "landscape":
        return import_module("sdposim.model.landscape").from_arrays
    if name not in _FROM:
        raise AttributeError(f"module 'sdposim' has no attribute {name!r}")
    return getattr(import_module(f"sdposim.{_FROM[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
