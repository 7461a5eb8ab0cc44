"""The sum of two terms, as where each rollout learns by one of them."""

from sdposim.model.numerics.jit import inline


@inline
def total(divergence, routed, second, out):
    """out + second; its weight is the share of the rollouts that learn from their teacher."""
    for c in range(out.shape[0]):
        for v in range(out.shape[1]):
            out[c, v] += second[c, v]
    return routed
