"""The tokens of style, which judges and teachers may like whatever their quality."""

import numpy as np

from sdposim.model.numerics.jit import inline


@inline
def styled(token, vocabulary):
    """Whether a token is one of style: the upper half of the vocabulary, v >= V / 2."""
    return 2 * np.int64(token) >= vocabulary
