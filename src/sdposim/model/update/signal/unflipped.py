"""The judge's feedback, freed from the mean effect of its flips (arXiv 2510.00915)."""

from sdposim.model import parts
from sdposim.model.numerics.jit import inline

SEES = ("feedback",)


class Settings(parts.Settings):
    """What `unflipped` reads."""

    rho0: float = parts.field(
        0.2, "rho_0, the probability of 1 given 0 that is corrected for.", ge=0, le=1
    )
    rho1: float = parts.field(
        0.05,
        "rho_1, that of 0 given 1. Where both sum to 1 feedback says nothing, and training ends "
        "with an error; beyond, its sign is turned.",
        ge=0,
        le=1,
    )


@inline
def unflipped(settings, rewards, said, out):
    """(f - rho_0) / (1 - rho_0 - rho_1), whose mean over flips of binary feedback is the truth."""
    scale = 1.0 - settings.rho0 - settings.rho1
    for i in range(out.size):
        out[i] = (said[i] - settings.rho0) / scale
