"""The pull to the initial policy, section 2.3."""

from sdposim.model import parts
from sdposim.model.numerics.jit import inline


class Settings(parts.Settings):
    """What `pull` reads."""

    weight: float = parts.field(
        0.01, "lambda, the weight of the pull to the initial policy.", ge=0, le=1000
    )


@inline
def pull(settings, probabilities, reference, visits, direction):
    """The lambda term of section 2.3: direction -= lambda (pi - pi_ref), by the visits."""
    if settings.weight > 0.0:
        for c in range(direction.shape[0]):
            weight = settings.weight * visits[c]
            for v in range(direction.shape[1]):
                direction[c, v] -= weight * (probabilities[c, v] - reference[c, v])
