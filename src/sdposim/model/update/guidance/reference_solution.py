"""A reference solution (OPSD, arXiv 2601.18734): the same for all rollouts and steps."""

from typing import Literal

from sdposim.model import parts
from sdposim.model.numerics.jit import inline, jit
from sdposim.model.shown import copying, logarithm

SEES = ("quality",)
COST = 1.9


class Settings(parts.Settings):
    """What `reference_solution` reads."""

    solution: Literal["argmax", "target"] = parts.field(
        "argmax",
        "What the teacher is shown: `argmax` has the token of the largest q at each position, "
        "`target` is the landscape's pattern s*.",
    )
    form: Literal["bonus", "copy"] = parts.field(
        "bonus",
        "`bonus` adds gamma to the logit of the solution's token, `copy` is (1 - eta) base + eta "
        "copy of the solution. How far a real teacher follows what it is shown is not known.",
    )
    bonus: float = parts.field(2.0, "gamma of `bonus`.", ge=-1000, le=1000)
    trust: float = parts.field(0.5, "eta of `copy`.", ge=0, le=1)


OF_TARGET = Settings.code("solution", "target")
COPIES = Settings.code("form", "copy")


@jit
def reference_solution(settings, landscape, c, t, count, work, out):
    """gamma e_d, or log(1 - eta + eta e_d / base), where d is the solution's token.

    Of an autoregressive policy in every row, as of `demonstration`.
    """
    solution = landscape.target[t]
    if settings.solution != OF_TARGET:
        solution = best(landscape.quality[t])
    log_kept = logarithm(1.0 - settings.trust)
    for v in range(out.shape[0]):
        rise = settings.bonus if v == solution else 0.0
        if settings.form == COPIES:
            shown = settings.trust if v == solution else 0.0
            rise = copying(log_kept, shown, work.log_base[v])
        for i in range(count):
            out[v, i] = rise


@inline
def best(quality):
    """The token of the largest q, the first of equals."""
    found = 0
    for v in range(1, quality.size):
        if quality[v] > quality[found]:
            found = v
    return found
