"""Simulate the runs behind tables 1 to 3 for one draw of settings, under every discrete reading.

A run is one (method, feedback); the baselines never see feedback, so one condition stands for their
four columns. The readings cost little beyond one reading: the correlation's window is read off one
run, the ordinal scale concerns one condition, the lambda term the baselines, the hint's draw the
critique; a hint that is one number per position leaves the teacher unchanged, so that reading is
the continuous condition itself.
"""

import numpy as np

from sdposim.simulation.training import train_block

CONDITIONS = {
    "reinforce": ("reinforce", "continuous", {"kl_on_baselines": True}),
    "reinforce/no lambda": ("reinforce", "continuous", {"kl_on_baselines": False}),
    "adv_weighted": ("adv_weighted", "continuous", {"kl_on_baselines": True}),
    "adv_weighted/no lambda": ("adv_weighted", "continuous", {"kl_on_baselines": False}),
    "binary": ("sdpo", "binary", {}),
    "ordinal/fraction": ("sdpo", "ordinal", {"ordinal_scale": "fraction"}),
    "ordinal/unit": ("sdpo", "ordinal", {"ordinal_scale": "unit"}),
    "continuous": ("sdpo", "continuous", {}),
    "critique/rollout": ("sdpo", "critique", {"hint_shape": "token", "hint_draw": "rollout"}),
    "critique/fixed": ("sdpo", "critique", {"hint_shape": "token", "hint_draw": "fixed"}),
}
"""Name -> method, feedback, and the keys that the reading changes."""

STATISTICS = ("reward", "entropy", "correlation, last 20 steps", "correlation, all steps")
FINAL_WINDOW = 20


def simulate(settings: dict, condition: str, seeds: list[int]) -> np.ndarray:
    """The statistics of independent runs of one condition.

    Args:
        settings: a resolved setting with a numbered landscape.
        condition: a key of `CONDITIONS`.
        seeds: one run each.

    Returns:
        float64 (runs, 4), columns as in `STATISTICS`; REINFORCE's correlation has its own
        (positive) sign and is compared with the magnitude of the published one.
    """
    method, feedback, changes = CONDITIONS[condition]
    changed = _changed(settings, changes)
    steps = changed["training"]["steps"]
    ends = [steps - FINAL_WINDOW, steps]
    logs = np.concatenate(list(train_block(changed, method, feedback, 0.0, seeds, row_ends=ends)))
    overall = np.average(logs[:, :, 2], axis=1, weights=[steps - FINAL_WINDOW, FINAL_WINDOW])
    return np.column_stack([logs[:, 1, :3], overall])


def with_reading(settings: dict, reading) -> dict:
    """A setting under a reading, given as a mapping with the keys of `distance.READINGS`."""
    draw = "fixed" if reading["hint"] == "fixed" else "rollout"
    return _changed(
        settings,
        {
            "ordinal_scale": reading["ordinal_scale"],
            "hint_shape": "position" if reading["hint"] == "position" else "token",
            "hint_draw": draw,
            "kl_on_baselines": bool(reading["kl_on_baselines"]),
        },
    )


def _changed(settings: dict, changes: dict) -> dict:
    changed = {group: dict(values) for group, values in settings.items()}
    for key, value in changes.items():
        changed["methods" if key == "kl_on_baselines" else "feedback"][key] = value
    return changed
