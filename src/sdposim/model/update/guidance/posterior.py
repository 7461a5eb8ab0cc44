"""What an outcome says of the tokens before it: a Bayesian teacher from feedback alone.

The assumption of self-distillation from users (arXiv 2603.12273, appendix A).
"""

from typing import Literal

from sdposim.model import parts
from sdposim.model.numerics.arithmetic import log
from sdposim.model.numerics.jit import inline, jit
from sdposim.model.shown import mark_successes

SEES = ("feedback",)
COST = 3.2
_NEVER = 1e-200  # a rate of 0, of which the limit is meant


class Settings(parts.Settings):
    """What `posterior` reads."""

    cut: float = parts.field(
        0.5, "A rollout is a success when its feedback exceeds this.", ge=-1000, le=1000
    )
    pseudo_count: float = parts.field(
        1.0,
        "How many rollouts the batch's success rate counts for in the estimate of a token's.",
        ge=1e-6,
        le=1e6,
    )
    condition: Literal["own", "success"] = parts.field(
        "own",
        "The outcome that the teacher is told: the rollout's own, or a success, the wanted one.",
    )
    leave_one_out: bool = parts.field(
        True,
        "Estimate without the rollout that is taught. With it, its own token seems to explain its "
        "own outcome whatever the truth, most where few had the token.",
    )


OWN = Settings.code("condition", "own")


@jit
def begin(settings, landscape, keys, step, work):
    """Find who succeeded."""
    mark_successes(work.said, settings.cut, work.succeeded)


@jit
def posterior(settings, landscape, c, t, count, work, out):
    """log P(o | v), so that the teacher is p(v | o), proportional to base(v) P(o | v).

    P(o | v) = (k + a m) / (k' + a), of k of the k' rollouts that had v in this context, with the
    outcome's rate m in the whole batch and a, the pseudo-count. A rate of 0 is its limit: what was
    tried and never had the outcome is then less likely than what was not.
    """
    successes = 0.0
    for i in range(work.said.size):
        successes += work.succeeded[i]
    tried, won = work.tried, work.won
    tried[:] = 0.0
    won[:] = 0.0
    for i in range(count):
        token, me = work.lane_sources[i], work.members[i]
        tried[token] += 1.0
        won[token] += work.succeeded[me]
    seen = 1.0 if settings.leave_one_out else 0.0  # how often a rollout is not counted
    others, prior = work.said.size - seen, settings.pseudo_count
    for own in range(2):  # all that a rollout's outcome changes, but for its own token
        outcome = float(own) if settings.condition == OWN else 1.0
        rate = (successes - seen * own) / others if others > 0.0 else 0.5
        for v in range(out.shape[0]):
            work.likelihoods[own, v] = log_likelihood(outcome, won[v], tried[v], rate, prior)
    for i in range(count):
        own, token = work.succeeded[work.members[i]], work.lane_sources[i]
        table = work.likelihoods[int(own)]
        for v in range(out.shape[0]):
            out[v, i] = table[v]
        if settings.leave_one_out:
            outcome = own if settings.condition == OWN else 1.0
            rate = (successes - own) / others if others > 0.0 else 0.5
            out[token, i] = log_likelihood(
                outcome, won[token] - own, tried[token] - 1.0, rate, prior
            )


@inline
def log_likelihood(outcome, won, tried, rate, pseudo_count):
    """log P(o | v) of an outcome, 1 or 0, from what was tried and what succeeded of it."""
    had = won if outcome == 1.0 else tried - won
    prior = max(rate if outcome == 1.0 else 1.0 - rate, _NEVER)
    return log((had + pseudo_count * prior) / (tried + pseudo_count))
