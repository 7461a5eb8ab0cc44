"""The natural gradient: steepest by the change of the policy, not of its logits."""

from sdposim.model import parts
from sdposim.model.numerics.jit import jit

COST = 0.2


class Settings(parts.Settings):
    """What `natural_gradient` reads."""

    floor: float = parts.field(
        1e-12, "Probabilities below it count as that, which bounds a step.", gt=0, le=1
    )


@jit
def natural_gradient(settings, probabilities, visits, direction):
    """direction = F^-1 direction, F the Fisher information of the logits (Amari, 1998).

    In a context F = m (diag(pi) - pi pi^T), m the share of the rollouts that came by. A direction
    that sums to 0, as all gradients with respect to logits do, is F x for x = direction / (m pi),
    whose mean under pi is 0. A context that no rollout came by has no F, and stays as it is.
    """
    for c in range(direction.shape[0]):
        for v in range(direction.shape[1]):
            if visits[c] > 0.0:
                direction[c, v] /= visits[c] * max(probabilities[c, v], settings.floor)
            else:
                direction[c, v] = 0.0
