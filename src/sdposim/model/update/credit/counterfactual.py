"""Credit by what a rollout would have got with another token in one place."""

from sdposim.model.counterfactuals import counterfactuals
from sdposim.model.numerics.jit import jit
from sdposim.model.score import credited

COST = 5.0


@jit
def counterfactual(landscape, run, key, step, advantages, work, out):
    """The score with A_it = R(s_i) - E_x R(s_i with s_t = x), x ~ pi in the context of s_t.

    Unbiased for a factored policy, where what is subtracted does not know s_t. An autoregressive
    policy's x comes from the row of the token before, and the tokens after are held although they
    were drawn after s_t: they tell of it, and so the credit is of this token alone, without what it
    brings about later, and biased. It knows the reward function, as an exact critic does, and does
    not read `advantages`.
    """
    counterfactuals(landscape.bigram, run.rollouts, work)
    credited(run.rollouts, work, out)
