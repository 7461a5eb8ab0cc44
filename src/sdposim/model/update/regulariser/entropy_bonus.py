"""A bonus for entropy (Williams and Peng, 1991)."""

from sdposim.model import parts
from sdposim.numerics.arithmetic import log
from sdposim.numerics.jit import inline

_LEAST = 1e-300  # of a probability whose logarithm is taken


class Settings(parts.Settings):
    """What `entropy_bonus` reads."""

    bonus: float = parts.field(0.01, "Reward for each nat of entropy.", ge=-1000, le=1000)


@inline
def entropy_bonus(settings, probabilities, reference, visits, direction):
    """direction -= bonus pi (log pi + H), by the visits: the ascent direction of bonus H."""
    for c in range(direction.shape[0]):
        entropy = 0.0
        for v in range(direction.shape[1]):
            entropy -= probabilities[c, v] * log(max(probabilities[c, v], _LEAST))
        weight = settings.bonus * visits[c]
        for v in range(direction.shape[1]):
            own = probabilities[c, v]
            direction[c, v] -= weight * own * (log(max(own, _LEAST)) + entropy)
