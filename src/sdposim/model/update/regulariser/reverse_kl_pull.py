"""A pull to the initial policy by KL(student || initial).

What TRL's RLOO and REINFORCE++ subtract from the reward (k1) has this gradient in the mean; a
penalty k3 in the loss, as in TRL's GRPO, has that of `pull`.
"""

from sdposim.model import parts
from sdposim.model.numerics.jit import jit
from sdposim.model.shown import logarithm

COST = 0.3


class Settings(parts.Settings):
    """What `reverse_kl_pull` reads."""

    weight: float = parts.field(
        0.01,
        "lambda of lambda KL(student || initial). `pull` has KL(initial || student).",
        ge=0,
        le=1000,
    )


@jit
def reverse_kl_pull(settings, probabilities, reference, visits, direction):
    """direction -= lambda pi (log(pi / pi_ref) - KL(pi || pi_ref)), by the visits.

    The gradient of the mean over rollouts of lambda KL, summed over the contexts that each met.
    Probabilities below 1e-300 count as that in logarithms.
    """
    for c in range(direction.shape[0]):
        policy, initial, out = probabilities[c], reference[c], direction[c]
        weight, divergence = settings.weight * visits[c], 0.0
        for v in range(out.size):
            term = policy[v] * (logarithm(policy[v]) - logarithm(initial[v]))
            divergence += term
            out[v] -= weight * term
        for v in range(out.size):
            out[v] += weight * policy[v] * divergence
