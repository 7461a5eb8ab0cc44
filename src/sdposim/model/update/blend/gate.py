"""The adaptive hybrid's gate, section 2.5."""

from sdposim.model import parts
from sdposim.model.numerics.arithmetic import sigmoid
from sdposim.model.numerics.jit import inline


class Settings(parts.Settings):
    """What `gate` reads."""

    threshold: float = parts.field(
        0.15,
        "tau of section 2.5, in nats of teacher-student KL. Not in the paper; by the joint fit, "
        "from section 3.5.",
        gt=0,
        le=1000,
    )


@inline
def gate(settings, divergence, routed, second, out):
    """Equation 6: out = alpha out + (1 - alpha) second, alpha = sigmoid((D - tau) / (tau / 3))."""
    weight = sigmoid((divergence - settings.threshold) / (settings.threshold / 3.0))
    for c in range(out.shape[0]):
        for v in range(out.shape[1]):
            out[c, v] = weight * out[c, v] + (1.0 - weight) * second[c, v]
    return weight
