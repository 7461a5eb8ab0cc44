"""The settings that an identification leaves open, and what is believed of them beforehand."""

import copy
from typing import NamedTuple

import numpy as np

from sdposim.calibration.readings import changed, printed


class Parameter(NamedTuple):
    """A setting of which the paper says nothing.

    Its coordinate is its logarithm, or itself where it can be zero or negative; beforehand the
    coordinate is normal with mean `centre` (that of `value`) and SD `spread`. `step` is that of the
    finite differences. `path` are the keys of a setting that lead to it, and `key` is its name in
    reports.
    """

    path: tuple[str, ...]
    key: str
    symbol: str
    value: float
    spread: float
    step: float
    logarithmic: bool = True

    @property
    def centre(self) -> float:
        """The prior's mean, in the coordinate."""
        return float(np.log(self.value)) if self.logarithmic else self.value

    def setting(self, coordinate: float) -> float:
        """The setting at a coordinate."""
        return float(np.exp(coordinate)) if self.logarithmic else float(coordinate)

    def keys(self, value: float) -> dict:
        """A value of the setting as the keys that lead to it."""
        for key in reversed(self.path):
            value = {key: value}
        return value


PARAMETERS = (
    Parameter(("landscape", "quality_sd"), "quality_sd", "SD of q", 1.0, 0.3, 0.1),
    Parameter(("landscape", "bigram_sd"), "bigram_sd", "SD of b", 0.2, 0.7, 0.3),
    Parameter(
        ("landscape", "pattern_weight"),
        "pattern_weight",
        "alpha",
        0.2,
        0.2,
        0.05,
        logarithmic=False,
    ),
    Parameter(
        ("policy", "initial_logit_sd"),
        "initial_logit_sd",
        "SD of the initial logits",
        0.1,
        0.5,
        0.2,
    ),
    Parameter(("update", "oracle", "strength"), "feedback_strength", "beta", 2.0, 0.4, 0.1),
    Parameter(("judge", "normal", "sd"), "hint_sd", "SD of the hints", 0.3, 0.7, 0.3),
)
"""Scales that a program's author would type are one or a tenth, give or take a factor of two."""

THRESHOLD = Parameter(("update", "gate", "threshold"), "hybrid_threshold", "tau", 0.1, 0.7, 0.1)
"""Only the hybrid reads it, whose numbers a search for landscapes does not use."""

CENTRE = np.array([parameter.centre for parameter in PARAMETERS])
SPREAD = np.array([parameter.spread for parameter in PARAMETERS])
STEP = np.array([parameter.step for parameter in PARAMETERS])


def base_setting(setting: dict) -> dict:
    """What an identification takes from the configuration: a setting without what it identifies."""
    return at(CENTRE, printed(setting))


def at(coordinates: np.ndarray, base: dict, parameters=PARAMETERS) -> dict:
    """A setting with the parameters at coordinates (parameters,), and all else as in `base`."""
    made = copy.deepcopy(base)
    for parameter, coordinate in zip(parameters, coordinates, strict=True):
        made = changed(made, parameter.keys(parameter.setting(coordinate)))
    return made
