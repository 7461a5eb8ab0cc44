"""Several epochs on the same rollouts with clipped probability ratios: PPO, and its successors.

PPO (arXiv 1707.06347, not opened), DAPO's higher bound (2503.14476, not opened), and Clip-Cov and
KL-Cov (2505.22617, its abstract and code).
"""

from typing import Literal

import numpy as np

from sdposim.model import parts
from sdposim.model.numerics.arithmetic import exp
from sdposim.model.numerics.jit import jit
from sdposim.model.policy import softmax
from sdposim.model.score import ROUNDING, weighted

COST = 4.0  # one for each epoch, without covariances


class Settings(parts.Settings):
    """What `clipped_ratio` reads."""

    epochs: int = parts.field(
        4, "How many steps are made on the same rollouts; 1 is REINFORCE.", ge=1, le=10_000
    )
    clip_low: float = parts.field(
        0.2,
        "Tokens of negative advantage rest while their ratio is below 1 less this; 1: none does.",
        ge=0,
        le=1,
    )
    clip_high: float = parts.field(
        0.2,
        "Tokens of positive advantage rest while their ratio is above 1 plus this: DAPO has 0.28; "
        "1000 is as good as none.",
        ge=0,
        le=1000,
    )
    dual_clip: float = parts.field(
        0.0,
        "Tokens of negative advantage rest while their ratio is above this too: verl has 3. Up to "
        "1: none does.",
        ge=0,
        le=1000,
    )
    ratio: Literal["token", "sequence"] = parts.field(
        "token",
        "Of what rho is the ratio of probabilities: each token by itself, or the whole sequence, "
        "as in TRL's RLOO.",
    )
    covariance: Literal["none", "clip", "penalty"] = parts.field(
        "none",
        "What befalls tokens of high covariance: `clip` leaves out their gradient (Clip-Cov); "
        "`penalty` adds that of coefficient |log ratio| (KL-Cov), whose own code has no clip.",
    )
    share: float = parts.field(
        0.05,
        "How many of a batch's tokens these are, rounded down: those with the largest (A - mean A)"
        "(log pi - mean log pi), in each epoch anew.",
        ge=0,
        le=1,
    )
    coefficient: float = parts.field(
        1.0, "Of the `penalty`, in units of the advantage per nat.", ge=0, le=1000
    )


OF_SEQUENCE = Settings.code("ratio", "sequence")
UNTREATED, LEFT_OUT = Settings.code("covariance", "none"), Settings.code("covariance", "clip")


@jit
def clipped_ratio(settings, landscape, run, key, step, advantages, work, out):
    """The sum of the epochs' steps on -(1/n) sum_i sum_t min(rho A_i, clip(rho) A_i).

    rho = trial / policy is of a trial policy, which starts from the step's and moves with each
    epoch by learning_rate (1/n) sum_i rho A_i [active] (e_{s_it} - trial). A token is active, also
    at a bound itself, unless A > 0 and rho > 1 + clip_high, or A < 0 and rho < 1 - clip_low or rho
    > dual_clip. The loop's step by the sum of these directions ends where the trial did. So the
    first epoch, where rho = 1, is REINFORCE.

    A regulariser, or a teacher's term, is added once after that, and no epoch knows of it.

    Clip-Cov leaves out tokens by chance: a share of all, of those whose covariance lies within
    bounds, (1, 5) for standardised advantages. Here the share goes to those that are highest, with
    neither chance nor bounds, so that no size of advantages is taken for granted. Both ask the
    trial policy, and active tokens only. KL-Cov's choice is as here, of all tokens. Theirs always
    choose one at least. Of equal ones, but for rounding, the earlier position comes first, then the
    earlier rollout; to find k tokens takes k searches. |log ratio| has no gradient at a ratio of 1,
    and so KL-Cov does nothing in the first epoch.
    """
    out[:] = 0.0
    for _ in range(settings.epochs):
        for c in range(out.shape[0]):
            for v in range(out.shape[1]):
                work.trial[c, v] = work.logits[c, v] + run.learning_rate * out[c, v]
        softmax(work.trial, work.trial_probabilities, work.trial_normalisers)
        compare(run.rollouts, work)
        clip(settings, advantages, work)
        if settings.covariance != UNTREATED:
            covary(settings.covariance == LEFT_OUT, advantages, work)
            treat(settings, run.rollouts, work)
        weighted(
            work.tokens, work.contexts, work.ones[: run.rollouts], work.local, work.ones,
            work.trial_probabilities, work.sums, work.credit_values,
        )  # fmt: skip
        for c in range(out.shape[0]):
            for v in range(out.shape[1]):
                out[c, v] += work.credit_values[c, v]


@jit
def compare(count, work):
    """The logarithms of the trial policy's probability of the rollouts' tokens, to work.log_trial
    (T, L), and of its ratio to the policy's, to work.moved (T, L)."""
    for t in range(work.tokens.shape[0]):
        for i in range(count):
            c, v = work.contexts[t, i], work.tokens[t, i]
            work.log_trial[t, i] = work.trial[c, v] - work.trial_normalisers[c]
            work.moved[t, i] = work.log_trial[t, i] - (work.logits[c, v] - work.log_normalisers[c])


@jit
def clip(settings, advantages, work):
    """rho A of the rollouts' tokens, or 0 of those that are not active, to work.local (T, L)."""
    length = work.tokens.shape[0]
    for i in range(advantages.size):
        whole = 0.0
        for t in range(length):
            whole += work.moved[t, i]
        for t in range(length):
            rho = exp(whole if settings.ratio == OF_SEQUENCE else work.moved[t, i])
            rests = rho > 1.0 + settings.clip_high
            if advantages[i] < 0.0:
                rests = rho < 1.0 - settings.clip_low
                if settings.dual_clip > 1.0:
                    rests = rests or rho > settings.dual_clip
            work.local[t, i] = 0.0 if rests else rho * advantages[i]


@jit
def covary(of_active, advantages, work):
    """(A - mean A)(log trial - mean log trial) of the rollouts' tokens, to work.covariances (T, L).

    Args:
        of_active: whether the others, of which work.local is 0, get -inf.
    """
    length = work.tokens.shape[0]
    mean_advantage = 0.0
    mean_log = 0.0
    for i in range(advantages.size):
        mean_advantage += advantages[i]
        for t in range(length):
            mean_log += work.log_trial[t, i]
    mean_advantage /= advantages.size
    mean_log /= advantages.size * length
    for i in range(advantages.size):
        for t in range(length):
            own = (advantages[i] - mean_advantage) * (work.log_trial[t, i] - mean_log)
            work.covariances[t, i] = -np.inf if of_active and work.local[t, i] == 0.0 else own


@jit
def treat(settings, count, work):
    """Change what work.local (T, L) has of the tokens with the largest work.covariances."""
    length = work.tokens.shape[0]
    for _ in range(int(settings.share * (count * length))):
        highest = -np.inf
        position, rollout = 0, 0
        for t in range(length):
            for i in range(count):
                if work.covariances[t, i] > highest + ROUNDING:
                    highest, position, rollout = work.covariances[t, i], t, i
        if highest == -np.inf:
            return
        work.covariances[position, rollout] = -np.inf
        moved = work.moved[position, rollout]
        if settings.covariance == LEFT_OUT:
            work.local[position, rollout] = 0.0
        elif abs(moved) > ROUNDING:
            work.local[position, rollout] -= (
                settings.coefficient if moved > 0.0 else -settings.coefficient
            )
