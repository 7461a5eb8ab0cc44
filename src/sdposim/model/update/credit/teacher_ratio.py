"""Direction from the reward, size from a teacher (RLSD, arXiv 2604.03128; RLRT, 2605.10781)."""

from typing import Literal

from sdposim.model import parts
from sdposim.model.numerics.arithmetic import exp
from sdposim.model.numerics.jit import jit
from sdposim.model.score import weighted

SEES = ("teacher",)
COST = 0.3


class Settings(parts.Settings):
    """What `teacher_ratio` reads."""

    share: float = parts.field(
        0.5, "lambda of A ((1 - lambda) + lambda w): 0 is the advantage itself.", ge=0, le=1
    )
    decay: int = parts.field(
        0, "Steps in which lambda falls to 0, in a straight line; 0: it does not.", ge=0, le=10**7
    )
    clip: float = parts.field(
        0.2, "w is limited to [1 - clip, 1 + clip], unless 1000.", ge=0, le=1000
    )
    form: Literal["ratio", "inverse", "successes"] = parts.field(
        "ratio",
        "w of a token: `ratio` is exp(sign(A) log(teacher / student)), RLSD; `inverse` its "
        "inverse; `successes` the inverse where A > 0, and 1 elsewhere, RLRT.",
    )


RATIO = Settings.code("form", "ratio")
ON_SUCCESSES = Settings.code("form", "successes")
UNLIMITED = 1000.0


@jit
def teacher_ratio(settings, landscape, run, key, step, advantages, work, out):
    """The score with A_i ((1 - lambda) + lambda w_it), w_it >= 0: a sign never turns."""
    share = settings.share
    if settings.decay > 0:
        share *= max(1.0 - step / settings.decay, 0.0)
    for t in range(work.ratios.shape[0]):
        for i in range(advantages.size):
            sign = -1.0 if advantages[i] < 0.0 else 1.0
            if settings.form != RATIO:
                sign = -sign
            w = exp(sign * work.ratios[t, i])
            if settings.clip < UNLIMITED:
                w = min(max(w, 1.0 - settings.clip), 1.0 + settings.clip)
            if settings.form == ON_SUCCESSES and advantages[i] <= 0.0:
                w = 1.0
            work.local[t, i] = (1.0 - share) + share * w
    work.mass[:] = 1.0
    weighted(
        work.tokens, work.contexts, advantages, work.local, work.mass, work.probabilities,
        work.sums, out,
    )  # fmt: skip
