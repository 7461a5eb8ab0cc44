"""Distil failures, reinforce successes (SRPO, arXiv 2604.02288)."""

from sdposim.model import parts
from sdposim.model.numerics.jit import inline

SEES = ("feedback",)


class Settings(parts.Settings):
    """What `failures` reads."""

    success: float = parts.field(
        0.5, "A rollout is a success when its feedback exceeds this.", ge=-1000, le=1000
    )
    entropy_weight: float = parts.field(
        1.0,
        "b of exp(-b H), by which tokens count whose teacher has the entropy H in nats. Whether "
        "their mean is brought to 1 is not settled; here it is not.",
        ge=0,
        le=1000,
    )


@inline
def failures(settings, work):
    """A failure with a teacher learns from it; a success, and a failure without one, by credit."""
    for i in range(work.said.size):
        failed = work.said[i] <= settings.success and work.taught[i] > 0.0
        work.routed[i] = 1.0 if failed else 0.0
    return settings.entropy_weight
