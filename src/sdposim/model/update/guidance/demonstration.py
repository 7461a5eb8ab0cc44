"""Demonstrations of a better policy (SDFT, arXiv 2601.19897)."""

from typing import Literal

from sdposim.model import parts
from sdposim.model.numerics.jit import jit
from sdposim.model.numerics.randomness import uniforms
from sdposim.model.policy import sample, softmax
from sdposim.model.shown import repeated

SEES = ("quality",)
COST = 2.9


class Settings(parts.Settings):
    """What `demonstration` reads."""

    sharpness: float = parts.field(
        3.0,
        "kappa of the demonstrator softmax(kappa q), drawn from at each position. Not in their "
        "paper, whose demonstrations are given.",
        ge=-1000,
        le=1000,
    )
    trust: float = parts.field(
        0.5, "eta of the teacher (1 - eta) base + eta copy of the demonstration.", ge=0, le=1
    )
    drawn: Literal["step", "rollout"] = parts.field(
        "step", "A new demonstration for each step, or for each rollout of it."
    )


PER_ROLLOUT = Settings.code("drawn", "rollout")


@jit
def begin(settings, landscape, keys, step, work):
    """Draw the step's demonstrations as policies are sampled.

    The deviates of one (step, t) are an array as `uniforms` fills it: of n deviates, or of one.
    """
    length, vocabulary = landscape.quality.shape
    if step == 0:
        for t in range(length):
            for v in range(vocabulary):
                work.knowledge[t, v] = settings.sharpness * landscape.quality[t, v]
        softmax(work.knowledge, work.knowledge, work.sums)
    count = work.said.size if settings.drawn == PER_ROLLOUT else 1
    for t in range(length):
        uniforms(keys.demonstrations, (step * length + t) * count, work.uniform[t, :count])
    sample(work.knowledge, work.uniform, count, work.cumulative, work.demonstrated)
    if settings.drawn != PER_ROLLOUT:
        for t in range(length):
            for i in range(1, work.said.size):
                work.demonstrated[t, i] = work.demonstrated[t, 0]


@jit
def demonstration(settings, landscape, c, t, count, work, out):
    """log(1 - eta + eta e_d / base), where d is the demonstration's token at this position.

    Of an autoregressive policy in every row: q knows no token before, so d is as good after any.
    """
    for i in range(count):
        work.shown[i] = work.demonstrated[t, work.members[i]]
    repeated(settings.trust, work.shown, count, work.log_base, out)
