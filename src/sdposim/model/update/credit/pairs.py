"""Preferences within the batch: DPO (arXiv 2305.18290) and IPO (2310.12036), neither opened.

Online, as TRL has them: of the step's own rollouts, compared by what they got.
"""

from typing import Literal

from sdposim.model import parts
from sdposim.model.numerics.arithmetic import sigmoid
from sdposim.model.numerics.jit import jit
from sdposim.model.score import ROUNDING

COST = 0.4


class Settings(parts.Settings):
    """What `pairs` reads."""

    loss: Literal["dpo", "ipo"] = parts.field(
        "dpo",
        "`dpo` is -log sigmoid(beta m) of a pair's margin m; `ipo` is (m - 1 / (2 beta))^2, whose "
        "first steps are 2 / beta^2 times as large.",
    )
    beta: float = parts.field(
        0.1,
        "beta, how strictly the policy is held to the initial one. TRL's is 0.1.",
        ge=1e-6,
        le=1000,
    )
    pairing: Literal["halves", "extremes"] = parts.field(
        "halves",
        "Which rollouts are compared: `halves` each of the first half of the batch with its like "
        "of the second, whatever their order; `extremes` the best with the worst, one pair.",
    )


DPO, HALVES = Settings.code("loss", "dpo"), Settings.code("pairing", "halves")


@jit
def pairs(settings, landscape, run, key, step, advantages, work, out):
    """The mean over pairs of weight sum_t ((e_{w_t} - pi_w) - (e_{l_t} - pi_l)), w the preferred.

    m = log(pi / ref)(w) - log(pi / ref)(l), of sequences, ref the initial policy. The weight is
    beta sigmoid(-beta m) with `dpo`, 1 / beta - 2 m with `ipo`. Each token's pi is that of its own
    context, and cancels where both were in the same one, as in a factored policy.

    The higher advantage is preferred, by however little beyond rounding: no increasing transform of
    the reward changes anything. Of equal ones nothing is learned, and of several that are best, or
    worst, the first is taken. The mean is over the pairs there could be, floor(n / 2) or 1, which
    such ties dilute; of an odd batch the last rollout has no like.

    At pi = ref the mean direction is, by `halves`, that of REINFORCE on the win rate: 2 beta E[(W -
    1/2)(e_s - pi)] with `dpo`, W(s) = P(R > R') + P(R = R') / 2; with `ipo` 2 / beta^2 times that.

    A rollout that a routing leaves to its teacher has the advantage 0 here, and is still compared.
    """
    out[:] = 0.0
    against_initial(run.rollouts, work, work.moment)
    if settings.pairing == HALVES:
        half = run.rollouts // 2
        for i in range(half):
            learn(settings, advantages, i, i + half, half, work, out)
    else:
        best, worst = 0, 0
        for i in range(1, run.rollouts):
            best = i if advantages[i] > advantages[best] + ROUNDING else best
            worst = i if advantages[i] < advantages[worst] - ROUNDING else worst
        learn(settings, advantages, best, worst, 1, work, out)


@jit
def against_initial(count, work, out):
    """log(pi / ref) of the rollouts' sequences, to out (L,)."""
    for i in range(count):
        out[i] = 0.0
        for t in range(work.tokens.shape[0]):
            c, v = work.contexts[t, i], work.tokens[t, i]
            out[i] += work.logits[c, v] - work.log_normalisers[c] - work.initial[c, v]


@jit
def learn(settings, advantages, first, second, count, work, out):
    """Add one pair's share of the mean over `count` pairs to out (C, V)."""
    if abs(advantages[first] - advantages[second]) <= ROUNDING:
        return
    better, worse = first, second
    if advantages[second] > advantages[first]:
        better, worse = second, first
    margin = work.moment[better] - work.moment[worse]
    if settings.loss == DPO:
        weight = settings.beta * sigmoid(-settings.beta * margin)
    else:
        weight = 1.0 / settings.beta - 2.0 * margin
    weight /= count
    for t in range(work.tokens.shape[0]):
        up, down = work.contexts[t, better], work.contexts[t, worse]
        out[up, work.tokens[t, better]] += weight
        out[down, work.tokens[t, worse]] -= weight
        if up != down:
            for v in range(out.shape[1]):
                out[up, v] -= weight * work.probabilities[up, v]
                out[down, v] += weight * work.probabilities[down, v]
