"""The steps of an identification and of a joint fit: what the rules call.

Each step is a function of a module that is tracked alone, see `digest_of`: the keys of its spec are
its arguments.
"""

from collections.abc import Callable
from importlib import import_module
from inspect import get_annotations
from pathlib import Path
from types import UnionType
from typing import Literal, get_args, get_origin

from sdposim.commands.specs import parse

STEPS = {
    "landscapes": "calibration.search.landscapes",
    "sensitivity": "calibration.search.sensitivity",
    "scores": "calibration.search.scores",
    "refined": "calibration.search.refined",
    "figure6": "calibration.lists.figure6",
    "fitted": "calibration.fit.fitted",
    "readings": "calibration.readings.readings",
    "left_out": "calibration.fit.left_out",
    "papers": "calibration.distance.papers",
    "posterior": "calibration.posterior.posterior",
    "candidates": "calibration.preset.candidates",
    "preset": "calibration.preset.preset",
    "synthetic": "calibration.synthetic.synthetic",
}
"""Name -> what computes the arrays of a file."""
REPORTS = {
    target: f"report.calibration.{target}.written"
    for target in ("identification", "joint_fit", "joint_fit_check")
}
"""Target -> what writes its reports and figures."""
_FOLDERS = {"figures": Path("reports/figures"), "reports": Path("reports")}


def run(step: str, spec: str, output: str) -> None:
    """Compute a step and write its file, or the reports of a target and their receipt.

    Args:
        step: of `STEPS` or `REPORTS`.
        spec: canonical JSON, the step's arguments among its keys.
        output: the file, or the receipt.

    Raises:
        UserError: the spec is not allowed, a file that is read is damaged, or none can be written.
    """
    from sdposim.report.undisturbed import load_matplotlib
    from sdposim.storage.arrays import write_arrays
    from sdposim.storage.receipts import write_receipt
    from sdposim.storage.seal import setting_aside

    if step in REPORTS:
        load_matplotlib()  # before anything else loads it
    function = _function((STEPS | REPORTS)[step])
    given = {name: kind for name, kind in _arguments(function).items() if name not in _FOLDERS}
    job = parse(spec, **given)
    arguments = {name: job[name] for name in given}
    with setting_aside():
        made = function(**arguments, **(_FOLDERS if step in REPORTS else {}))
    if step in REPORTS:
        write_receipt(output, made, spec)
    else:
        write_arrays(output, made, spec)


def digest_of(step: str, packages: tuple[str, ...]) -> str:
    """Digest of all sources and packages that a step depends on."""
    from sdposim.model.paper import code_digest

    return code_digest(f"sdposim.{(STEPS | REPORTS)[step].rpartition('.')[0]}", packages)


def _function(path: str) -> Callable:
    module, _, name = path.rpartition(".")
    return getattr(import_module(f"sdposim.{module}"), name)


def _arguments(function: Callable) -> dict[str, type | UnionType | tuple[str, ...]]:
    """What `specs.parse` has to find: a type, or the texts that are allowed."""
    kinds = get_annotations(function)
    kinds.pop("return")
    return {
        name: get_args(kind) if get_origin(kind) is Literal else kind
        for name, kind in kinds.items()
    }
