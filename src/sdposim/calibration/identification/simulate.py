"""Runs of the conditions behind the published tables and figure 6, on given landscapes."""

from collections.abc import Sequence

import numpy as np

from sdposim.calibration.readings import changed
from sdposim.model.landscape import Landscape
from sdposim.model.paper import train_block

REVERSED, PRINTED = "reversed", "printed"
SDPO = ("sdpo/binary", "sdpo/ordinal", "sdpo/continuous", "sdpo/critique")
CONDITIONS = {
    **{name: ("sdpo", name.partition("/")[2], {}) for name in SDPO},
    "reinforce/reversed": ("reinforce", "binary", {"sequence": {"direction": REVERSED}}),
    "reinforce/printed": ("reinforce", "binary", {"sequence": {"direction": PRINTED}}),
    "adv_weighted/reversed": (
        "adv_weighted",
        "binary",
        {"quality_share": {"direction": REVERSED, "mean": "rollout"}},
    ),
}
"""Name -> method, feedback, and the readings. The baselines never see the feedback."""

STATISTICS = ("reward", "entropy", "correlation")
_FIRST_SEED = 2 * 10**15
"""Runs have seeds of their own, far from those of any study."""
_ROOM = 1000


def run_seeds(number: int, runs: int) -> list[int]:
    """Seeds of the runs on landscape `number`, the same for all conditions and settings."""
    return [_FIRST_SEED + _ROOM * number + run for run in range(runs)]


def simulate(
    setting: dict,
    landscape: Landscape | None,
    seeds: Sequence[int],
    window: int,
    conditions: Sequence[str] = tuple(CONDITIONS),
) -> np.ndarray:
    """Means over the last `window` steps of independent runs, float64 (conditions, runs, 3).

    Args:
        setting: a resolved setting.
        landscape: of all runs; that of the setting if it is None.
        seeds: one run each.
        window: steps that a final value averages.
        conditions: keys of `CONDITIONS`.
    """
    steps = setting["training"]["steps"]
    ends = [steps - window, steps] if window < steps else [steps]
    found = []
    for name in conditions:
        method, feedback, readings = CONDITIONS[name]
        read = changed(setting, {"update": readings})
        blocks = train_block(read, method, feedback, 0.0, seeds, ends, landscape=landscape)
        found.append(np.concatenate([block[:, -1, :3] for block in blocks]))
    return np.stack(found)
