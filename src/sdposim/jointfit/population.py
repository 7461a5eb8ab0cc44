"""What any landscape would give: the published numbers without a landscape that is identified.

Over landscapes of this project's own, the numbers that a paper would print have a mean, derivatives
and a covariance. Taken as normal, they give the posterior of the settings in one step, whatever the
landscape, and the evidence for "some landscape, nobody knows which".
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sdposim.identification.blocks import read_blocks
from sdposim.identification.evidence import Fit, solve
from sdposim.identification.hypotheses import CONTROL
from sdposim.identification.sets import random_sets
from sdposim.jointfit import plan
from sdposim.jointfit.comparison import REWARD, Comparison
from sdposim.jointfit.facts import EVERY, LANDSCAPES, Fact
from sdposim.jointfit.reading import FITTED
from sdposim.jointfit.simulate import CENTRE, PARAMETERS, SPREAD, Simulator

RUNS, SLOPE_RUNS = 2, 1
"""Runs of a condition on each landscape: their scatter is averaged over landscapes."""
_SETS = 5000
_GRID = 1e-6


class Sample(NamedTuple):
    """Of landscapes, one a row; fields as in `simulate.Linear`, of the tables' conditions."""

    point: np.ndarray
    means: np.ndarray
    scatter: np.ndarray
    slopes: np.ndarray


def split(facts: Sequence[Fact]) -> tuple[Comparison, list[int], list[int]]:
    """The comparison of what is of one landscape, and places of that and of figure 6's numbers."""
    own = [place for place, fact in enumerate(facts) if fact.condition.place != EVERY]
    others = [place for place, fact in enumerate(facts) if fact.condition.place == EVERY]
    return Comparison(tuple(facts[place] for place in own)), own, others


def simulate(base: dict, window: int, point, numbers: Sequence[int], facts, report=print) -> Sample:
    """Runs at coordinates on the landscapes of seeds."""
    comparison, _, _ = split(facts)
    rows = []
    for number in numbers:
        simulator = Simulator(base, window, RUNS, SLOPE_RUNS, (number,), CONTROL)
        rows.append(simulator.linear(point, comparison.conditions, FITTED.changes)[:4])
        report(f"{len(rows)} of {len(numbers)} landscapes simulated")
    return Sample(*(np.array(column) for column in zip(*rows, strict=True)))


def next_point(fit: Fit) -> np.ndarray:
    """Where the next linearisation is: the fit, as near to the centre as derivatives hold."""
    reach = 1.5 * SPREAD
    moved = np.clip(fit.coordinates, CENTRE - reach, CENTRE + reach)
    return np.round(moved / _GRID) * _GRID


def fit(sample: Sample, facts: Sequence[Fact], values: np.ndarray, kept: np.ndarray) -> Fit:
    """The posterior of the settings and the evidence, whatever the landscape.

    Args:
        sample: at one point.
        facts: the published numbers.
        values: (facts,), their values.
        kept: bool (facts,), those that are fitted.
    """
    predicted, slopes, covariance = moments(sample, facts)
    offset = values - predicted
    return solve(
        sample.point[0],
        offset[kept],
        slopes[:, kept],
        covariance[np.ix_(kept, kept)],
        CENTRE,
        SPREAD,
    )


def moments(sample: Sample, facts: Sequence[Fact]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, derivatives and covariance of what a paper would print: (F,), (P, F), (F, F)."""
    comparison, own, others = split(facts)
    count = len(facts)
    mean, slopes = np.zeros(count), np.zeros((len(PARAMETERS), count))
    covariance = np.diag([fact.error for fact in facts])
    scatter = sample.scatter.mean(axis=0)
    derivatives = comparison.derivatives(sample.means[0], scatter)
    printed = np.einsum("fcs,kcs->kf", derivatives, sample.means)
    single = comparison.covariance(derivatives, scatter, RUNS)
    # Means over a few runs scatter, too: what they add to the covariance over landscapes.
    common = np.einsum("fcs,cst,gct->fg", derivatives, scatter, derivatives) / RUNS
    mean[own] = printed.mean(axis=0)
    slopes[:, own] = np.einsum("fcs,pcs->pf", derivatives, sample.slopes.mean(axis=0))
    covariance[np.ix_(own, own)] = np.cov(printed.T) + single - 2 * common
    if others:
        figure6 = [facts[place] for place in others]
        rows = [comparison.conditions.index(fact.condition._replace(place=0)) for fact in figure6]
        rewards, change = sample.means[:, rows, REWARD], sample.slopes[:, :, rows, REWARD]
        drawn = _printed(rewards, figure6)
        mean[others] = drawn.mean(axis=0)
        covariance[np.ix_(others, others)] += np.cov(drawn.T)
        # A published value is of five single runs, not of means over a few.
        noise = scatter[rows, REWARD, REWARD] * (1 - 1 / RUNS) / LANDSCAPES
        covariance[others, others] += noise
        for place, parameter in enumerate(PARAMETERS):
            shift = change[:, place] * parameter.step
            moved = _printed(rewards + shift, figure6) - _printed(rewards - shift, figure6)
            slopes[place, others] = moved.mean(axis=0) / (2 * parameter.step)
    return mean, slopes, covariance


def _printed(rewards: np.ndarray, facts: Sequence[Fact]) -> np.ndarray:
    """Figure 6 from random sets of landscapes, whose SD divides by n, (sets, facts).

    Args:
        rewards: (landscapes, facts), of the method of each fact.
        facts: figure 6's.
    """
    chosen = rewards[random_sets(len(rewards), _SETS)]
    is_mean = np.array([fact.statistic == "mean" for fact in facts])
    return np.where(is_mean, chosen.mean(axis=1), chosen.std(axis=1))


def read(options: Mapping, step: int) -> Sample:
    """What the landscapes of a linearisation gave."""
    return Sample(**read_blocks(plan.population(options, step)))
