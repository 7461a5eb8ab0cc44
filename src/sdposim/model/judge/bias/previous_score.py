"""A judge whose score clings to the one before (anchoring in order, arXiv 2405.01724)."""

from sdposim.model import parts
from sdposim.model.numerics.jit import jit


class Settings(parts.Settings):
    """What `previous_score` reads."""

    carried: float = parts.field(
        0.4, "a, the part of the score before in the next one. Not in the paper.", ge=0, le=1
    )


@jit
def previous_score(settings, landscape, key, step, work, rewards, observed):
    """f_i = (1 - a) (R_i + noise) + a f_{i-1}: an autoregression of order 1 over a batch in order,
    whose first rollout is judged by itself."""
    for i in range(1, observed.size):
        observed[i] += settings.carried * (observed[i - 1] - observed[i])
