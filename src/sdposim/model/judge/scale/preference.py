"""Feedback by comparison: how often a rollout beats the others of its batch."""

from sdposim.model import parts
from sdposim.model.numerics.arithmetic import sigmoid
from sdposim.model.numerics.jit import inline, jit

COST = 2.0


class Settings(parts.Settings):
    """What `preference` reads."""

    softness: float = parts.field(
        0.1,
        "The difference of observed rewards, in their units, that is preferred with probability "
        "sigmoid(1) = 0.73; 0 always prefers the better one. Not in the paper.",
        ge=0,
        le=1000,
    )
    position_bias: float = parts.field(
        0.0,
        "b, what being presented first adds to the log-odds of being preferred. Not in the paper.",
        ge=-1000,
        le=1000,
    )


@jit
def preference(settings, observed, values, weights, places):
    """f_i is the mean over the other rollouts j of P(i beats j), of what was observed of both.

    P = sigmoid((x_i - x_j) / softness + b) where i < j is presented first (position bias, arXiv
    2306.05685), and 1 - P is that of j. With softness 0, the limit, b decides ties alone, by half
    without it. f sums to n / 2; a rollout without others gets 1/2.
    """
    count = observed.size
    for i in range(count):
        weights[i] = 1.0
        for j in range(i + 1, count):
            first = beats(settings.softness, settings.position_bias, observed[i] - observed[j])
            values[i] += first
            values[j] += 1.0 - first
    for i in range(count):
        values[i] = values[i] / (count - 1) if count > 1 else 0.5
    return count


@inline
def beats(softness, bias, difference):
    """The probability that the one presented first is preferred."""
    if softness > 0.0:
        return sigmoid(difference / softness + bias)
    if difference == 0.0:
        return sigmoid(bias)
    return 1.0 if difference > 0.0 else 0.0
