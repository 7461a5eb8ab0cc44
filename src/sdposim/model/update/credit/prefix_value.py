"""Credit by what a token adds to the value of the prefix: an exact process reward.

What a process reward model (arXiv 2305.20050), Math-Shepherd and VinePPO (2410.01679) estimate;
none of them was opened for this.
"""

import numpy as np

from sdposim.model.numerics.jit import jit
from sdposim.model.score import credited

SEES = ("coalitions",)
COST = 600.0


@jit
def prefix_value(landscape, run, key, step, advantages, work, out):
    """The score with A_it = V_t - V_{t-1}, V_t = E[R | s_<=t], V_0 = E R.

    Unbiased; sums to R - E R over a rollout: the Shapley value with one order of the tokens. It
    knows the reward function, as an exact critic does, and does not read `advantages`.
    """
    table = work.coalitions
    length, vocabulary = landscape.target.size, out.shape[1]
    for i in range(run.rollouts):
        place, stride = table.size - 1, table.size
        for t in range(length):
            before = table[place]
            stride //= vocabulary + 1
            place -= (vocabulary - np.int64(work.tokens[t, i])) * stride
            work.local[t, i] = table[place] - before
    credited(run.rollouts, work, out)
