"""Credit of sequences: REINFORCE (Williams, 1992), section 2.4."""

from typing import Literal

from sdposim.model import parts
from sdposim.model.numerics.jit import inline, jit, unlikely
from sdposim.model.score import reverse, spread

COST = 0.10


class Settings(parts.Settings):
    """What `sequence` reads."""

    direction: Literal["printed", "reversed"] = parts.field(
        "reversed",
        "Whether equation 4's gradient is subtracted from the logits, as printed, or added to "
        "them: `reversed` unlearns. The lambda term keeps its sign. Decided by the joint fit: the "
        "published REINFORCE was trained downhill.",
    )


REVERSED = Settings.code("direction", "reversed")


@inline
def sequence(settings, landscape, run, key, step, advantages, work, out):
    """Equation 4: out = (1/n) sum_i A_i (e_{s_it} - pi), each token with the whole advantage."""
    scores(work.tokens, work.contexts, advantages, work.probabilities, work.sums, out)
    if settings.direction == REVERSED:
        reverse(out)


@jit
def scores(tokens, contexts, advantages, probabilities, sums, out):
    """The mean score (C, V), each token with the whole advantage of its rollout.

    Positions are the inner loop: a peaked policy would make neighbouring rollouts add to one
    number, each waiting for the last.
    """
    length = tokens.shape[0]
    out[:] = 0.0
    sums[:] = 0.0
    if not unlikely(out.shape[0] > length):
        total = 0.0
        for i in range(advantages.size):
            advantage = advantages[i]  # else it is read for each position, lest `out` is it
            total += advantage
            for t in range(length):
                out[t, tokens[t, i]] += advantage
        sums[:] = total
    else:
        for i in range(advantages.size):
            for t in range(length):
                c = contexts[t, i]
                out[c, tokens[t, i]] += advantages[i]
                sums[c] += advantages[i]
    spread(probabilities, sums, advantages.size, out)
