"""A judge with a list of criteria (Rubrics as Rewards, arXiv 2507.17746, in toy form)."""

from typing import Literal

import numpy as np

from sdposim.model import parts
from sdposim.model.numerics.jit import inline, jit
from sdposim.model.numerics.randomness import normals, uniforms

COST = 2.8
# In tenths, so that sums are whole numbers: any order gives the same bits.
_ESSENTIAL, _IMPORTANT, _OPTIONAL, _PITFALL = 10.0, 7.0, 3.0, 9.0
_LEVELS = 10


class Settings(parts.Settings):
    """What `rubric` reads."""

    share: float = parts.field(
        1.0, "The rubric's part of the judgement; the rest is R. Not in the paper.", ge=0, le=1
    )
    marked: int = parts.field(
        2, "m, how many tokens of a position count as its best, and its worst.", ge=1, le=4096
    )
    wrong: float = parts.field(
        0.1, "Probability that the judge is wrong about a criterion.", ge=0, le=1
    )
    form: Literal["explicit", "implicit"] = parts.field(
        "explicit",
        "The judge answers criterion by criterion, or gives one mark from 1 to 10 with the rubric "
        "in view.",
    )


IMPLICIT = Settings.code("form", "implicit")


@jit
def rubric(settings, landscape, key, step, work, rewards, observed):
    """R is taken for (1 - share) R + share r, r = sum w c / sum w, with criteria c in {0, 1}.

    They are, at each position t: s_t is among the m best tokens by q(t, .) (weight 1); the bigram
    bonus of s_t and the token after it is positive (0.7; not of the last position); s_t = s*_t
    (0.3); and, a pitfall, s_t is not among the m worst (0.9). `explicit` turns each c with
    probability `wrong`: criterion k at t of rollout i in step j where uniform number
    ((4 j + k) T + t) n + i is below it. `implicit` has the same mean and variance of one normal
    error for all criteria, whose normals for step j are (n,) from word j ceil(n / 2):
    e + (1 - 2 e) r + z sqrt(e (1 - e) sum w^2) / sum w for e = `wrong`, which is rounded to the
    nearest of ten marks 0, 1/9, ..., 1.
    """
    length = landscape.target.size
    error = settings.wrong if settings.form != IMPLICIT else 0.0
    marks, chance = work.centred, work.noise
    marks[:] = 0.0
    total, squares = 0.0, 0.0
    for k in range(4):
        weight = weight_of(k)
        for t in range(length - 1 if k == 1 else length):
            if error > 0.0:
                uniforms(key, ((4 * step + k) * length + t) * observed.size, chance)
            for i in range(observed.size):
                met = criterion(k, t, i, settings.marked, landscape, work.tokens)
                turned = error > 0.0 and chance[i] < error
                marks[i] += weight if met != turned else 0.0
            total += weight
            squares += weight * weight
    if settings.form == IMPLICIT:
        normals(key, step * ((observed.size + 1) // 2), chance)
    sd = np.sqrt(settings.wrong * (1.0 - settings.wrong) * squares) / total
    for i in range(observed.size):
        mark = marks[i] / total
        if settings.form == IMPLICIT:
            mark = settings.wrong + (1.0 - 2.0 * settings.wrong) * mark + sd * chance[i]
            mark = np.floor(min(max(mark, 0.0), 1.0) * (_LEVELS - 1) + 0.5) / (_LEVELS - 1)
        observed[i] += settings.share * (mark - rewards[i])


@inline
def weight_of(k):
    """The weight of criterion k, in tenths."""
    if k == 0:
        return _ESSENTIAL
    if k == 1:
        return _IMPORTANT
    return _OPTIONAL if k == 2 else _PITFALL


@inline
def criterion(k, t, i, marked, landscape, tokens):
    """Whether rollout i meets criterion k at position t."""
    v = tokens[t, i]
    if k == 1:
        return landscape.bigram[v, tokens[t + 1, i]] > 0.0
    if k == 2:
        return np.int64(v) == landscape.target[t]
    # The best if few are better, no pitfall if more are worse.
    row, sign, ahead = landscape.quality[t], 1.0 if k == 0 else -1.0, 0
    for other in range(row.size):
        ahead += 1 if sign * (row[other] - row[v]) > 0.0 else 0
    return (ahead < marked) == (k == 0)
