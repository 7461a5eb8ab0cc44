"""The initial policy, as on-policy self-distillation has it (OPSD, arXiv 2601.18734)."""

from sdposim.model.numerics.jit import inline


@inline
def fixed(c, work, out):
    """The initial policy's logits: a teacher that does not learn."""
    for v in range(out.size):
        out[v] = work.initial[c, v]
