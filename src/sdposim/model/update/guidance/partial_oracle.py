"""An oracle that errs: noisy, hidden or biased knowledge of the qualities of section 2.3."""

from sdposim.model import parts
from sdposim.model.numerics.jit import jit
from sdposim.model.numerics.randomness import normals, uniforms
from sdposim.model.style import styled

SEES = ("feedback", "quality")
COST = 2.2


class Settings(parts.Settings):
    """What `partial_oracle` reads."""

    strength: float = parts.field(2.0, "beta, as of `oracle`.", ge=-1000, le=1000)
    error_sd: float = parts.field(
        0.0, "SD of the errors in q that the teacher knows, drawn once per cell.", ge=0, le=1000
    )
    hidden: float = parts.field(
        0.0,
        "The share of the pairs of position and token whose q the teacher does not know: it takes "
        "the mean, 0. Drawn once per cell.",
        ge=0,
        le=1,
    )
    style: float = parts.field(
        0.0,
        "c, in logits: the teacher prefers the upper half of the vocabulary (v >= V / 2) by this, "
        "whatever the tokens' quality and whatever the feedback.",
        ge=-1000,
        le=1000,
    )


@jit
def begin(settings, landscape, keys, step, work):
    """Before the first step: what the teacher takes q for, q~ = mask (q + error), (T, V).

    The errors are an array (T V,) as `normals` fills it from word 0, the mask's deviates one as
    `uniforms` does from word T V; an entry is hidden if its deviate is below the share.
    """
    if step > 0:
        return
    length, vocabulary = landscape.quality.shape
    size = length * vocabulary
    drawn = work.deviates[:size]
    normals(keys.knowledge, 0, drawn)
    for t in range(length):
        for v in range(vocabulary):
            error = settings.error_sd * drawn[t * vocabulary + v]
            work.knowledge[t, v] = landscape.quality[t, v] + error
    uniforms(keys.knowledge, size, drawn)
    for t in range(length):
        for v in range(vocabulary):
            if drawn[t * vocabulary + v] < settings.hidden:
                work.knowledge[t, v] = 0.0


@jit
def partial_oracle(settings, landscape, c, t, count, work, out):
    """beta f (q~ - h) + c [v >= V / 2], of a teacher that takes q for q~ and was told f."""
    vocabulary = out.shape[0]
    for v in range(vocabulary):
        row, guide = out[v], work.drawn[v]
        mistaken = work.knowledge[t, v] - landscape.quality[t, v]
        style = settings.style if styled(v, vocabulary) else 0.0
        for i in range(count):
            own = work.members[i]
            row[i] = settings.strength * work.said[own] * (guide[own] + mistaken) + style
