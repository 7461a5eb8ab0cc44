"""A judge who likes a style, whatever it says (style bias, arXiv 2604.23178)."""

from sdposim.model import parts
from sdposim.model.judge.rollouts import style_share
from sdposim.model.numerics.jit import jit

COST = 0.2


class Settings(parts.Settings):
    """What `style` reads."""

    strength: float = parts.field(
        0.3,
        "c, in units of reward: what a rollout of nothing but style gets more than one without. "
        "Not in the paper.",
        ge=-1000,
        le=1000,
    )


@jit
def style(settings, landscape, key, step, work, rewards, observed):
    """Adds c (share of style tokens - 1/2); they are the upper half of the vocabulary."""
    vocabulary = landscape.quality.shape[1]
    for i in range(observed.size):
        share = style_share(work.tokens, vocabulary, i)
        observed[i] += settings.strength * (share - 0.5)
