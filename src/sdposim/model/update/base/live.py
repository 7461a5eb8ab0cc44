"""The student itself, as it is at this step, section 2.3."""

from sdposim.numerics.jit import inline


@inline
def live(c, work):
    """The student's own logits: what the self-teacher of section 2.3 starts from."""
    return work.logits[c], work.probabilities[c], work.log_normalisers[c]
