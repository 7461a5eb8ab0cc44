"""A policy that is its own judge (self-rewarding, arXiv 2401.10020, in toy form)."""

from typing import Literal

from sdposim.model import parts
from sdposim.model.judge.rollouts import mean_log_probability
from sdposim.model.numerics.arithmetic import exp
from sdposim.model.numerics.jit import jit

COST = 0.3


class Settings(parts.Settings):
    """What `self_rewarding` reads."""

    share: float = parts.field(
        0.5,
        "k of (1 - k) R + k likelihood: 1 judges by the likelihood alone. Not in the paper.",
        ge=0,
        le=1,
    )
    judge: Literal["policy", "initial"] = parts.field(
        "policy", "Whose likelihood: that of the current policy, or of the initial one."
    )


INITIAL = Settings.code("judge", "initial")


@jit
def self_rewarding(settings, landscape, key, step, work, rewards, observed):
    """R is taken for (1 - k) R + k exp((log pi(s)) / T).

    The likelihood as the geometric mean of the tokens' probabilities is in (0, 1], as rewards are,
    and falls with perplexity.
    """
    for i in range(observed.size):
        likelihood = exp(mean_log_probability(work, i, settings.judge == INITIAL))
        observed[i] += settings.share * (likelihood - rewards[i])
