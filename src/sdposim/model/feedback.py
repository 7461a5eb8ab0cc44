"""Section 2.2: the four feedback oracles.

To add one: give it a name here, a branch in `strengths`, and, if it reads the configuration, a
field in `FeedbackSettings`. See docs/extending.md.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from sdposim.numerics.jit import jit


class Feedback(IntEnum):
    """The feedback kinds by their names in the configuration."""

    binary = 0
    ordinal = 1
    continuous = 2
    critique = 3


BINARY, ORDINAL = int(Feedback.binary), int(Feedback.ordinal)
CRITIQUE = int(Feedback.critique)


class FeedbackSettings(NamedTuple):
    """What an oracle knows: the `feedback` group of a setting, as numbers."""

    clip: bool
    binary_threshold: float
    ordinal_levels: int
    ordinal_from_zero: bool
    hint_sd: float
    hint_per_token: bool
    hint_per_rollout: bool


def feedback_settings(settings: dict) -> FeedbackSettings:
    """The `feedback` group of a setting in the kernel's form."""
    return FeedbackSettings(
        clip=bool(settings["clip"]),
        binary_threshold=float(settings["binary_threshold"]),
        ordinal_levels=int(settings["ordinal_levels"]),
        ordinal_from_zero=settings["ordinal_scale"] == "unit",
        hint_sd=float(settings["hint_sd"]),
        hint_per_token=settings["hint_shape"] == "token",
        hint_per_rollout=settings["hint_draw"] == "rollout",
    )


@jit
def binary(observed, threshold):
    """Pass (1) or fail (0): is the observed reward above the threshold?"""
    return 1 if observed > threshold else 0


@jit
def likert(observed, levels):
    """Bin of the observed reward among `levels` equal bins of [0, 1], counted from 0.

    Rewards outside [0, 1], which noise produces, fall into the outermost bins.
    """
    level = int(np.floor(clipped(observed) * levels))
    return level if level < levels else levels - 1


@jit
def clipped(observed):
    """The observed reward limited to [0, 1]."""
    low = 0.0 if observed < 0.0 else observed
    return 1.0 if low > 1.0 else low


@jit
def strengths(kind, options, rewards, noise, values, weights):
    """The distinct feedback values f of a batch, and how many rollouts received each.

    SDPO's gradient depends on a rollout only through f (and its hint), so rollouts with the same
    quantised feedback share one teacher. Noise is added before quantisation.

    Args:
        kind: a `Feedback`.
        options: `FeedbackSettings`.
        rewards: (n,), the true rewards.
        noise: (n,), Gaussian noise already scaled by sigma.
        values: (L,), L >= n, written: feedback values, 0 where there is no weight.
        weights: (L,), written: the number of rollouts with that value.

    Returns:
        How many entries of `values` can have weight: the number of levels, or n.
    """
    values[:] = 0.0
    weights[:] = 0.0
    if kind == BINARY:
        values[1] = 1.0
        for i in range(rewards.size):
            weights[binary(rewards[i] + noise[i], options.binary_threshold)] += 1.0
        return 2
    if kind == ORDINAL:
        levels = options.ordinal_levels
        for level in range(levels):
            if options.ordinal_from_zero:
                values[level] = level / (levels - 1)
            else:
                values[level] = (level + 1) / levels
        for i in range(rewards.size):
            weights[likert(rewards[i] + noise[i], levels)] += 1.0
        return levels
    for i in range(rewards.size):
        observed = rewards[i] + noise[i]
        values[i] = clipped(observed) if options.clip else observed
        weights[i] = 1.0
    return rewards.size
