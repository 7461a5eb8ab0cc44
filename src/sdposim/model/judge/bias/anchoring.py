"""A judge who cannot let go of the first impression (anchoring, arXiv 2405.01724)."""

from sdposim.model import parts
from sdposim.model.numerics.arithmetic import sigmoid
from sdposim.model.numerics.jit import jit


class Settings(parts.Settings):
    """What `anchoring` reads."""

    share: float = parts.field(
        0.4,
        "a of (1 - a) R + a anchor, the first token's part of the judgement. Not in the paper.",
        ge=0,
        le=1,
    )


@jit
def anchoring(settings, landscape, key, step, work, rewards, observed):
    """R is taken for (1 - a) R + a sigmoid(q(1, s_1)): what the reward would be, on its own scale,
    if all tokens were as good as the first one, without coherence and pattern."""
    for i in range(observed.size):
        anchor = sigmoid(landscape.quality[0, work.tokens[0, i]])
        observed[i] += settings.share * (anchor - rewards[i])
