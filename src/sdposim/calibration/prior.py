"""The prior over the settings that the paper does not report.

Continuous settings have a range each, uniform or log-uniform. They are drawn in the coordinates z =
Phi^-1(u), u being the prior's quantile, in which the prior is the standard normal distribution and
has no edges that a proposal could cross.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import qmc


@dataclass(frozen=True)
class Parameter:
    """A continuous setting: where it stands in the configuration, and its prior range."""

    group: str
    key: str
    symbol: str
    low: float
    high: float
    logarithmic: bool

    def value(self, u: np.ndarray) -> np.ndarray:
        """The prior's quantile function: u in [0, 1], any shape, to values of the setting."""
        if self.logarithmic:
            return self.low * (self.high / self.low) ** u
        return self.low + (self.high - self.low) * u

    def quantile(self, value: np.ndarray) -> np.ndarray:
        """The inverse of `value`."""
        if self.logarithmic:
            return np.log(value / self.low) / np.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


PARAMETERS = (
    Parameter("landscape", "quality_sd", "SD of q", 0.4, 1.6, True),
    Parameter("landscape", "bigram_sd", "SD of b", 0.0, 0.8, False),
    Parameter("landscape", "pattern_weight", "alpha", 0.0, 2.0, False),
    Parameter("policy", "initial_logit_sd", "SD of initial logits", 0.02, 0.4, True),
    Parameter("methods", "feedback_strength", "beta", 0.4, 5.0, True),
    Parameter("feedback", "hint_sd", "SD of hints", 0.0, 1.5, False),
)
"""The settings that the tables can say something about."""
UNSEEN = (Parameter("methods", "hybrid_threshold", "tau", 0.02, 1.0, True),)
"""tau: the hybrid is in no table, so its posterior is its prior; the held-out numbers depend on it.
So they do on `clip`, which changes nothing without noise: true and false are equally likely."""

_GRID = 1e-6
"""Draws lie on a grid of quantiles, so that the last bits of a linear algebra library cannot change
a draw."""


def sobol(number: int, seed: int) -> np.ndarray:
    """One point z (parameters,) of a scrambled Sobol sequence over the prior.

    Args:
        number: its place in the sequence, counted from 0.
        seed: which scrambling.
    """
    points = qmc.Sobol(len(PARAMETERS), rng=np.random.default_rng([seed, 0]))
    if number:
        points.fast_forward(number)
    return on_grid(ndtri(points.random(1)[0]))


def on_grid(z: np.ndarray) -> np.ndarray:
    """The nearest point of the grid of quantiles, edges left out."""
    return ndtri(np.clip(np.round(ndtr(z) / _GRID) * _GRID, _GRID, 1 - _GRID))


def values(z: np.ndarray) -> np.ndarray:
    """Settings at the points z (..., parameters), in the order of `PARAMETERS`."""
    u = ndtr(z)
    return np.stack([p.value(u[..., i]) for i, p in enumerate(PARAMETERS)], axis=-1)


def z_of(chosen: np.ndarray) -> np.ndarray:
    """The inverse of `values`."""
    u = np.stack([p.quantile(chosen[..., i]) for i, p in enumerate(PARAMETERS)], axis=-1)
    return ndtri(np.clip(u, _GRID, 1 - _GRID))


def setting(base: dict, chosen: np.ndarray, landscape: int) -> dict:
    """A complete setting.

    Args:
        base: a resolved setting, whose other keys are kept.
        chosen: values in the order of `PARAMETERS`.
        landscape: the landscape's seed.
    """
    out = {group: dict(content) for group, content in base.items()}
    out["landscape"]["seed"] = int(landscape)
    for parameter, value in zip(PARAMETERS, chosen, strict=True):
        out[parameter.group][parameter.key] = float(value)
    return out
