"""A bonus for the entropy of the policy."""

from sdposim.model import parts
from sdposim.model.numerics.jit import jit
from sdposim.model.shown import logarithm

COST = 0.2


class Settings(parts.Settings):
    """What `entropy_bonus` reads."""

    weight: float = parts.field(
        0.01, "c of c H, the bonus for the policy's entropy H in nats.", ge=0, le=1000
    )


@jit
def entropy_bonus(settings, probabilities, reference, visits, direction):
    """direction -= c pi (log pi + H), by the visits: raises the entropy H of each context met.

    The gradient of the mean over rollouts of -c H, summed over the contexts that each met; which
    these are is held fixed. Probabilities below 1e-300 count as that in logarithms.
    """
    for c in range(direction.shape[0]):
        policy, out = probabilities[c], direction[c]
        weight, entropy = settings.weight * visits[c], 0.0
        for v in range(out.size):
            term = policy[v] * logarithm(policy[v])
            entropy -= term
            out[v] -= weight * term
        for v in range(out.size):
            out[v] -= weight * policy[v] * entropy
