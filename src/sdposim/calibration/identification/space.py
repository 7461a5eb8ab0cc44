"""The settings that an identification leaves open, and what is believed of them beforehand."""

from typing import NamedTuple

import numpy as np

from sdposim.calibration.readings import printed


class Parameter(NamedTuple):
    """A setting of which the paper says nothing.

    Its coordinate is its logarithm, or itself where it can be zero or negative; beforehand the
    coordinate is normal with mean `centre` (that of `value`) and SD `spread`. `step` is that of the
    finite differences.
    """

    group: str
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


PARAMETERS = (
    Parameter("landscape", "quality_sd", "SD of q", 1.0, 0.3, 0.1),
    Parameter("landscape", "bigram_sd", "SD of b", 0.2, 0.7, 0.3),
    Parameter("landscape", "pattern_weight", "alpha", 0.2, 0.2, 0.05, logarithmic=False),
    Parameter("policy", "initial_logit_sd", "SD of the initial logits", 0.1, 0.5, 0.2),
    Parameter("methods", "feedback_strength", "beta", 2.0, 0.4, 0.1),
    Parameter("feedback", "hint_sd", "SD of the hints", 0.3, 0.7, 0.3),
)
"""Scales that a program's author would type are one or a tenth, give or take a factor of two."""

THRESHOLD = Parameter("methods", "hybrid_threshold", "tau", 0.1, 0.7, 0.1)
"""Only the hybrid reads it, whose numbers a search for landscapes does not use."""

CENTRE = np.array([parameter.centre for parameter in PARAMETERS])
SPREAD = np.array([parameter.spread for parameter in PARAMETERS])
STEP = np.array([parameter.step for parameter in PARAMETERS])


def base_setting(setting: dict) -> dict:
    """What an identification takes from the configuration: a setting without what it identifies."""
    return at(CENTRE, printed(setting))


def at(coordinates: np.ndarray, base: dict, parameters=PARAMETERS) -> dict:
    """A setting with the parameters at coordinates (parameters,), and all else as in `base`."""
    made = {group: dict(content) for group, content in base.items()}
    for parameter, coordinate in zip(parameters, coordinates, strict=True):
        made[parameter.group][parameter.key] = parameter.setting(coordinate)
    return made
