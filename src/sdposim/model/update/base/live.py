"""The student itself, as it is at this step, section 2.3."""

from sdposim.model.numerics.jit import inline

QUICK = True


@inline
def live(c, work, out):
    """The student's own logits: what the self-teacher of section 2.3 starts from."""
    for v in range(out.size):
        out[v] = work.logits[c, v]
