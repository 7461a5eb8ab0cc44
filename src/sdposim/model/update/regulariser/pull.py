"""The pull to the initial policy, section 2.3."""

from sdposim.model import parts
from sdposim.numerics.jit import inline


class Settings(parts.Settings):
    """What `pull` reads."""

    weight: float = parts.field(
        0.01, "lambda, the weight of the pull to the initial policy.", ge=0, le=1000
    )


@inline
def pull(settings, probabilities, reference, direction):
    """The lambda term of section 2.3: direction -= lambda (pi - pi_ref)."""
    if settings.weight > 0.0:
        for t in range(direction.shape[0]):
            for v in range(direction.shape[1]):
                direction[t, v] -= settings.weight * (probabilities[t, v] - reference[t, v])
