"""A rollout's advantage shared out among its tokens: ABC (arXiv 2402.00782).

Weights of the reward model's attention stand for what it looks at. A toy judge has none: how much a
token matters to the reward takes their place.
"""

from typing import Literal

from sdposim.model import parts
from sdposim.model.counterfactuals import counterfactuals
from sdposim.model.numerics.arithmetic import exp
from sdposim.model.numerics.jit import jit
from sdposim.model.score import weighted

COST = 2.7


class Settings(parts.Settings):
    """What `attention_share` reads."""

    beta: float = parts.field(
        0.8, "Share of the reward that is given by weight; the rest comes at the end.", ge=0, le=1
    )
    weights: Literal["uniform", "counterfactual"] = parts.field(
        "counterfactual",
        "w_t: `uniform` is 1 / T; `counterfactual` a softmax over t of |R(s) - E_x R(s with s_t = "
        "x)| / temperature, as of the part `counterfactual`.",
    )
    temperature: float = parts.field(
        0.1, "Of that softmax, in units of the reward.", ge=1e-6, le=1e6
    )


UNIFORM = Settings.code("weights", "uniform")


@jit
def attention_share(settings, landscape, run, key, step, advantages, work, out):
    """The score with A_i ((1 - beta) + beta sum_{t' >= t} w_it'), the return from t on.

    beta = 0 is the advantage itself. What was paid before t is left out of t's credit, although it
    depends on s_t, since w shares out the reward of the whole. So the mean is the policy gradient
    times that factor at each position where w is the same for all rollouts, and has another
    direction where w depends on s_t or later tokens. The counterfactuals know the reward function.
    """
    length = work.tokens.shape[0]
    local = work.local
    if settings.weights == UNIFORM:
        local[:] = 1.0 / length
    else:
        counterfactuals(landscape.bigram, run.rollouts, work)
        for i in range(run.rollouts):
            highest = 0.0
            for t in range(length):
                local[t, i] = abs(local[t, i])
                highest = max(highest, local[t, i])
            total = 0.0
            for t in range(length):
                local[t, i] = exp((local[t, i] - highest) / settings.temperature)
                total += local[t, i]
            for t in range(length):
                local[t, i] /= total
    for i in range(run.rollouts):
        later = 0.0
        for t in range(length - 1, -1, -1):
            later += local[t, i]
            local[t, i] = 1.0 - settings.beta + settings.beta * later
    weighted(
        work.tokens, work.contexts, advantages, local, work.ones, work.probabilities, work.sums, out
    )
