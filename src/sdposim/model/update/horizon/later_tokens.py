"""The sequence-level term of a loss that is a sum over positions: credit for later divergences."""

from typing import Literal

from sdposim.model import parts
from sdposim.model.numerics.jit import inline

COST = 0.6


class Settings(parts.Settings):
    """What `later_tokens` reads."""

    distance: Literal["reverse_kl", "cross_entropy"] = parts.field(
        "reverse_kl",
        "d: KL(student || teacher), the term of SDPO's appendix (arXiv 2601.20802, equation 8), or "
        "-sum_v teacher(v) log student(v), that of DistIL (2606.05152, only the abstract of which "
        "was read).",
    )


CROSS_ENTROPY = Settings.code("distance", "cross_entropy")


@inline
def later_tokens(settings, forward, reverse, entropy):
    """d of A_it = -sum_{t' > t} d_it', which (1/n) sum_i A_it (e_s - pi) adds to the step.

    With `reverse_kl` and its divergence it makes of the step the gradient of the KL of sequences;
    its mean is 0 for a factored policy whose teachers do not depend on the rollout.
    """
    if settings.distance == CROSS_ENTROPY:
        return forward + entropy
    return reverse
