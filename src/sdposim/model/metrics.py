"""Section 2.6: the metrics, and the true advantages they compare with."""

from typing import NamedTuple

import numpy as np

from sdposim.model.numerics.jit import jit
from sdposim.model.policy import rows_of


class Metric(NamedTuple):
    """What is logged of each step, of the policy that sampled its rollouts.

    Attributes:
        name: a column of logs.
        unit: empty for a plain number.
        meaning: for the documentation.
        needs: a slot of methods, see `parts`, without whose part it is undefined, or `feedback`,
            which the method must see; empty, if none.
    """

    name: str
    unit: str
    meaning: str
    needs: str = ""


DECLARED = (
    Metric("reward", "", "mean reward of the rollouts, equation 1, in (0, 1)"),
    Metric("entropy", "nats", "entropy of the policy, mean over positions"),
    Metric(
        "credit_correlation",
        "",
        "Pearson correlation over tokens of the step's direction with the true advantages, mean "
        "over positions, and over rollouts where their contexts differ",
    ),
    Metric("hybrid_weight", "", "alpha of equation 6, the weight of the teacher's term", "blend"),
    Metric(
        "teacher_kl",
        "nats",
        "KL(teacher || student), mean over rollouts and positions",
        "guidance",
    ),
    Metric(
        "judged",
        "",
        "mean feedback on the rollouts, what the judge said of them; not in the paper",
        "feedback",
    ),
)
"""In the order of a log's last axis, which `loop.run_cell` fills."""
METRICS = tuple(metric.name for metric in DECLARED)

# The rounding of advantages that are all equal.
_ZERO_SPREAD = 1e-12
# A direction is a difference of probabilities and of rewards, which are known to some 1e-16 of 1:
# its correlation is known to 1e-16 over its spread, and from here down to fewer than ten digits.
_STILL = 1e-5


@jit
def true_advantages(quality, probabilities, out):
    """A*(c, v) = q(t, v) - E_{v' ~ pi_c}[q(t, v')] in each context c of position t, to out (C, V).

    Of the paper's q alone: what a token does to the bigram bonus after it is not in it.
    """
    length, vocabulary = quality.shape
    rows = rows_of(out, length)
    for t in range(length):
        for c in range(t * rows, (t + 1) * rows):
            expected = 0.0
            for v in range(vocabulary):
                expected += probabilities[c, v] * quality[t, v]
            for v in range(vocabulary):
                out[c, v] = quality[t, v] - expected


@jit
def credit_correlation(direction, advantages, visits, length):
    """Pearson correlation over tokens between direction and A*, averaged over rollouts' contexts.

    A context where the direction spreads by no more than 1e-5 stands still and counts as 0, since
    what it is computed from, probabilities and rewards of up to 1 with 16 digits, would not give
    ten digits of its correlation. So does one where A* is constant. Spreads are Euclidean norms of
    the deviations from the mean over tokens.

    Args:
        direction: (C, V), the negative gradient.
        advantages: (C, V), from `true_advantages`.
        visits: (C,), the share of the rollouts that came by; 1 of a factored policy.
        length: T, the sum of `visits`.

    Returns:
        A number in [-1, 1].
    """
    contexts, vocabulary = direction.shape
    total = 0.0
    for c in range(contexts):
        if visits[c] == 0.0:
            continue
        mean_d = 0.0
        mean_a = 0.0
        for v in range(vocabulary):
            mean_d += direction[c, v]
            mean_a += advantages[c, v]
        mean_d /= vocabulary
        mean_a /= vocabulary
        dd = 0.0
        aa = 0.0
        da = 0.0
        for v in range(vocabulary):
            d = direction[c, v] - mean_d
            a = advantages[c, v] - mean_a
            dd += d * d
            aa += a * a
            da += d * a
        dd = np.sqrt(dd)
        aa = np.sqrt(aa)
        if dd > _STILL and aa > _ZERO_SPREAD:
            total += visits[c] * (da / (dd * aa))
    return total / length


@jit
def mean(values):
    """Mean of a vector, summed from left to right."""
    total = 0.0
    for i in range(values.size):
        total += values[i]
    return total / values.size
