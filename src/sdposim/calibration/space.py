"""What a calibration looks for: the settings that the paper leaves open, and its reading.

What is believed of the settings beforehand, and the reading that every other one is compared with.
"""

import copy
from typing import Any, NamedTuple

import numpy as np


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
    Parameter(("update", "gate", "threshold"), "hybrid_threshold", "tau", 0.1, 0.7, 0.1),
)
"""Scales that a program's author would type are one or a tenth, give or take a factor of two.

Only the hybrid reads the last, whose numbers a search for landscapes does not use.
"""


SEARCHED = 6
"""How many of them, from the first, a search for landscapes looks at."""

CENTRE = np.array([parameter.centre for parameter in PARAMETERS])
SPREAD = np.array([parameter.spread for parameter in PARAMETERS])
_GRID = 1e-6
"""Coordinates are rounded to it, so that the last bits of a linear algebra library change none."""

REVERSED, PRINTED = "reversed", "printed"
"""Directions of equations 4 and 5."""


_AS_PRINTED = {
    "landscape": {"seed": 0, "generator": "keyed", "order": ["quality", "bigram", "target"]},
    "judge": {
        "interval": {"clip": True},
        "likert": {"origin": "fraction"},
        "normal": {"shape": "token", "draw": "rollout"},
    },
    "update": {
        "sequence": {"direction": "printed"},
        "quality_share": {
            "direction": "printed",
            "mean": "policy",
            "share": "signed",
            "epsilon": 1e-8,
            "estimate_sd": 0.0,
        },
        "gate": {"threshold": 1.0},
    },
}


_FITTED = {
    "update": {
        "sequence": {"direction": REVERSED},
        "quality_share": {"direction": REVERSED, "mean": "rollout", "share": "signed"},
    }
}


class Rule(NamedTuple):
    """How a number of the paper is read.

    Attributes:
        correlation: the statistic that table 2 prints, see `simulate.STATISTICS`.
        ddof: figure 6's SD divides by the number of landscapes less this.
        negated: methods whose published correlation has the wrong sign.
    """

    correlation: str = "correlation"
    ddof: int = 0
    negated: tuple[str, ...] = ()


PLAIN_RULE = Rule()


class Reading(NamedTuple):
    """One way to read the paper.

    Attributes:
        question: what it answers.
        name: its answer.
        changes: keys of a setting, and perhaps `methods`: compositions by name, in place of the
            paper's.
        methods: of which the runs differ from those of `FITTED`.
        rule: how published numbers are read.
    """

    question: str
    name: str
    changes: dict[str, dict]
    methods: tuple[str, ...] = ()
    rule: Rule = PLAIN_RULE


FITTED = Reading("", "fitted", _FITTED)
"""What the others are compared with."""


def base_setting(setting: dict) -> dict:
    """What a calibration takes from the configuration: a setting without what it looks for."""
    return copy.deepcopy(at(CENTRE[:SEARCHED], printed(setting)))


def at(coordinates: np.ndarray, base: dict) -> dict:
    """A setting with the first parameters at coordinates, (parameters,), and all else as in `base`.

    Fewer coordinates than `PARAMETERS` leave the last ones as they are. What stays as it is are the
    same objects.
    """
    made = base
    for parameter, coordinate in zip(PARAMETERS, coordinates, strict=False):
        made = changed(made, parameter.keys(parameter.setting(coordinate)))
    return made


def standardised(coordinates: np.ndarray) -> np.ndarray:
    """Coordinates in SDs of the prior from its centre."""
    return (coordinates - CENTRE) / SPREAD


def coordinates(points: np.ndarray) -> np.ndarray:
    """The reverse of `standardised`."""
    return CENTRE + SPREAD * points


def rounded(points: np.ndarray) -> np.ndarray:
    """Coordinates as they are simulated."""
    return np.round(points / _GRID) * _GRID


def printed(setting: dict) -> dict:
    """A setting with the equations as printed on a landscape of this project's own.

    The preset is what searches find: one that read it would run again for its own result.
    """
    return changed(setting, _AS_PRINTED)


def changed(known: Any, changes: Any) -> Any:
    """Keys with values in which some have others; what has no keys is replaced."""
    if not (isinstance(known, dict) and isinstance(changes, dict)):
        return changes
    return known | {key: changed(known.get(key), value) for key, value in changes.items()}
