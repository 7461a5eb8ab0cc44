"""KL of the policy from the initial one, as most systems have it."""

from sdposim.model import parts
from sdposim.numerics.arithmetic import log
from sdposim.numerics.jit import inline

_LEAST = 1e-300  # of a probability whose logarithm is taken


class Settings(parts.Settings):
    """What `reverse_kl_pull` reads."""

    coefficient: float = parts.field(0.05, "Of KL(student || initial).", ge=0, le=1000)


@inline
def reverse_kl_pull(settings, probabilities, reference, visits, direction):
    """direction -= coefficient pi (log(pi / ref) - KL(pi || ref)), by the visits."""
    for c in range(direction.shape[0]):
        distance = 0.0
        for v in range(direction.shape[1]):
            distance += probabilities[c, v] * ratio(probabilities[c, v], reference[c, v])
        weight = settings.coefficient * visits[c]
        for v in range(direction.shape[1]):
            own = probabilities[c, v]
            direction[c, v] -= weight * own * (ratio(own, reference[c, v]) - distance)


@inline
def ratio(mine, theirs):
    """log(mine / theirs), finite for probabilities that vanish."""
    return log(max(mine, _LEAST)) - log(max(theirs, _LEAST))
