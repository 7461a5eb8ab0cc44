"""The arrays that the kernel works in, and what a cell is besides its parts."""

from itertools import accumulate
from math import prod
from typing import NamedTuple

import numpy as np

LANES = 8
"""Rollouts are padded to a multiple of this, see `update.divergence`."""


class Keys(NamedTuple):
    """The random keys of a cell, each uint64 of shape (2,)."""

    rollouts: np.ndarray
    noise: np.ndarray
    hints: np.ndarray
    estimates: np.ndarray
    knowledge: np.ndarray
    bias: np.ndarray
    tails: np.ndarray
    demonstrations: np.ndarray


class Run(NamedTuple):
    """What a cell is besides its landscape, its keys and its parts."""

    noise: float
    rollouts: int
    learning_rate: float
    initial_logit_sd: float
    draws_landscape: bool  # from its keys, rather than take the tables as they are


class Workspace(NamedTuple):
    """Arrays the kernel overwrites at every step.

    C contexts, see `policy.contexts`, and L, the padded number of rollouts.
    """

    logits: np.ndarray  # (C, V), the policy's parameters
    deviates: np.ndarray  # (C V,), standard deviates as they are drawn
    probabilities: np.ndarray  # (C, V)
    reference: np.ndarray  # (C, V)
    log_normalisers: np.ndarray  # (C,)
    initial: np.ndarray  # (C, V), log of `reference`
    averaged: np.ndarray  # (C, V), a teacher's logits
    mixed: np.ndarray  # (V,), likewise
    trial: np.ndarray  # (C, V), logits within a step
    trial_probabilities: np.ndarray  # (C, V)
    trial_normalisers: np.ndarray  # (C,)
    knowledge: np.ndarray  # (T, V), what a teacher takes q for, or a demonstrator's policy
    demonstrated: np.ndarray  # (T, L), unsigned: the tokens that each rollout's teacher is shown
    log_base: np.ndarray  # (V,), logarithms of the probabilities of teachers' base in a context
    copies: np.ndarray  # (4, V), what teachers make of copies there, by case
    shown: np.ndarray  # (L,), unsigned: the token that the teacher of each lane is shown, or V
    tried: np.ndarray  # (V,), how many rollouts have each there
    won: np.ndarray  # (V,), and how many of these succeeded
    kept_tokens: np.ndarray  # (V,), 1 of those that a divergence keeps, 0 of the rest
    likelihoods: np.ndarray  # (2, V), what that tells rollouts that failed, and that succeeded
    occupancy: np.ndarray  # (C,), how likely the policy comes by
    visits: np.ndarray  # (C,), the share of the rollouts that came by
    advantages: np.ndarray  # (C, V), A*
    direction: np.ndarray  # (C, V)
    second: np.ndarray  # (C, V), the direction of the second term
    credit_values: np.ndarray  # (C, V), what tokens are worth
    local: np.ndarray  # (T, L), that of the rollouts' tokens
    values: np.ndarray  # (T, V), what a token adds to the reward's bracket
    cumulative: np.ndarray  # (V + 7,)
    bounds: np.ndarray  # (C, V), likewise of an autoregressive policy
    tokens: np.ndarray  # (T, L); unsigned, so that an index needs no check of its sign
    contexts: np.ndarray  # (T, L), unsigned: the context in which each token was chosen
    uniform: np.ndarray  # (T, L)
    rewards: np.ndarray  # (n,)
    centred: np.ndarray  # (n,), the rollouts' advantages
    noise: np.ndarray  # (n,), standard deviates
    observed: np.ndarray  # (n,), what the judge takes rewards for
    feedback: np.ndarray  # (L,), the distinct feedback values
    weights: np.ndarray  # (L,), how many rollouts have each
    places: np.ndarray  # (L,), unsigned: which of them each rollout has
    tilt: np.ndarray  # (L,), beta f
    lane_sources: np.ndarray  # (L,), unsigned: of which feedback the teachers of a context are
    lane_weights: np.ndarray  # (L,), how many of its rollouts have each
    lane_tilt: np.ndarray  # (L,), beta f
    exponent: np.ndarray  # (L,), beta f / ln 2
    shared: np.ndarray  # (V,), guidance that all rollouts share
    drawn: np.ndarray  # (V, L), guidance of all rollouts at a position
    guidance: np.ndarray  # (V, L)
    teacher: np.ndarray  # (V, L)
    highest: np.ndarray  # (L,)
    mass: np.ndarray  # (L,)
    moment: np.ndarray  # (L,)
    divergence: np.ndarray  # (L,)
    hints: np.ndarray  # (T, V), fixed hints, zero if there are none
    cosines: np.ndarray  # (V ceil(n / 2),), hints as they are drawn
    sines: np.ndarray  # likewise
    partial: np.ndarray  # (8,)
    sums: np.ndarray  # (C,), sums of advantages
    said: np.ndarray  # (n,), what the judge said of each rollout
    signal: np.ndarray  # (n,), what credit is given for
    taught: np.ndarray  # (n,), the weights of the rollouts' teachers
    routed: np.ndarray  # (n,), the share of a rollout that learns from its teacher
    succeeded: np.ndarray  # (n,), 1 or 0
    members: np.ndarray  # (L,), unsigned: the rollouts in a context
    ratios: np.ndarray  # (T, L), log(teacher / student) of the rollouts' tokens
    log_trial: np.ndarray  # (T, L), logarithms of `trial_probabilities` of the rollouts' tokens
    moved: np.ndarray  # (T, L), log(trial / policy) of them
    covariances: np.ndarray  # (T, L), their terms of the covariance of advantage and log trial
    ones: np.ndarray  # (L,)
    coalitions: np.ndarray  # ((V + 1)^T,), see `model.coalitions`; (1,) where nobody asks
    chances: np.ndarray  # ((V + 1)^(T-1),), of an autoregressive policy's prefixes, likewise
    gram: np.ndarray  # (n, n); (1, 1) where nobody asks


UNSIGNED = ("tokens", "contexts", "places", "lane_sources", "members", "shown", "demonstrated")
LARGEST_TABLE = 2**24
"""The most entries of `coalitions` and of `gram`."""


def make_workspace(
    length: int, vocabulary: int, contexts: int, count: int, levels: int, asked: tuple = ()
) -> Workspace:
    """Allocate the kernel's arrays.

    Args:
        length, vocabulary, contexts, count: T, V, C, and n, the number of rollouts.
        levels: the largest number of distinct values of a quantised feedback.
        asked: which of `coalitions` and `gram` somebody asks for.
    """
    lanes = -(-max(count, levels) // LANES) * LANES
    table = (vocabulary + 1) ** length if "coalitions" in asked else 1
    chained = "coalitions" in asked and contexts > length
    shapes = {
        "deviates": (contexts * vocabulary,),
        "cumulative": (vocabulary + 7,),
        "shared": (vocabulary,),
        "values": (length, vocabulary),
        "hints": (length, vocabulary),
        "partial": (LANES,),
        "knowledge": (length, vocabulary),
        "likelihoods": (2, vocabulary),
        "copies": (4, vocabulary),
        "coalitions": (table,),
        "chances": (table // (vocabulary + 1) if chained else 1,),
        "gram": (count, count) if "gram" in asked else (1, 1),
    }
    of_tokens = ("mixed", "log_base", "tried", "won", "kept_tokens")
    shapes |= dict.fromkeys(of_tokens, (vocabulary,))
    of_rollouts = ("rewards", "centred", "noise", "observed", "said", "signal", "taught")
    shapes |= dict.fromkeys((*of_rollouts, "routed", "succeeded"), (count,))
    shapes |= dict.fromkeys(("cosines", "sines"), (vocabulary * ((count + 1) // 2),))
    of_places = ("tokens", "contexts", "uniform", "local", "ratios", "demonstrated")
    shapes |= dict.fromkeys((*of_places, "log_trial", "moved", "covariances"), (length, lanes))
    shapes |= dict.fromkeys(("drawn", "guidance", "teacher"), (vocabulary, lanes))
    shapes |= dict.fromkeys(("log_normalisers", "occupancy", "visits", "sums"), (contexts,))
    shapes["trial_normalisers"] = (contexts,)
    of_feedback = ("feedback", "weights", "places", "tilt", "exponent")
    of_lanes = ("lane_sources", "lane_weights", "lane_tilt", "members", "shown", "ones")
    of_teachers = ("highest", "mass", "moment", "divergence")
    shapes |= dict.fromkeys((*of_feedback, *of_lanes, *of_teachers), (lanes,))
    sizes = {name: shapes.get(name, (contexts, vocabulary)) for name in Workspace._fields}
    made = Workspace(*_aligned(list(sizes.values())))
    made.ones[:] = 1.0
    return made._replace(**{name: getattr(made, name).view(np.uint64) for name in UNSIGNED})


def _aligned(shapes):
    """Zero arrays that start at multiples of 64 bytes: no vector then straddles two cache lines."""
    sizes = [prod(shape) for shape in shapes]
    starts = list(accumulate((-(-size // 8) * 8 for size in sizes), initial=0))
    store = np.zeros(starts[-1] + 8)
    store = store[-(store.ctypes.data // 8) % 8 :]
    return [
        store[start : start + size].reshape(shape)
        for start, size, shape in zip(starts[:-1], sizes, shapes, strict=True)
    ]
