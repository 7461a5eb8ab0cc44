"""The posterior of the settings by simulating whole papers, ever nearer to it.

Papers are simulated at settings that the prior, and then the posterior of the step before it,
allows; their numbers are regressed on the settings (`Surface`), which gives the next posterior.
Early ones are tempered: the surface is rough. At the end each setting is summarised by one number,
a weighted sum of a paper's whose weights come from the step before (a score; Fearnhead and Prangle
2012), and the posterior is that given the summaries: how these scatter is seen in papers that the
weights do not know, so that its intervals hold even where the numbers are not normal.

Its draws come by adaptive importance sampling (Cappe et al. 2004, population Monte Carlo).
Coordinates are standardised: the prior is normal with mean 0 and covariance 1.
"""

from collections.abc import Callable, Sequence
from math import lgamma, log, pi
from typing import NamedTuple

import numpy as np

from sdposim.calibration import files
from sdposim.calibration.facts import Fact
from sdposim.calibration.space import PARAMETERS, SPREAD, coordinates, rounded, standardised

DRAWS = 4096
_DEGREES, _WIDER, _FROM_PRIOR = 6, 1.2, 0.15
"""A proposal is Student's t of so many degrees, a little wider than the draws before it, mixed with
the prior."""
_ROUNDS, _WORTH = 15, 0.25
"""At most so many, until the weights are worth that share of the draws."""
_LINEAR = [place for place, own in enumerate(PARAMETERS) if own.key in ("bigram_sd", "hint_sd")]
"""What these do vanishes with them, so that nothing is linear in their logarithm."""
_STEP = 0.05
_BELIEVED = 1.0
"""Largest leverage of a point at which a surface is believed, that is, where its own error has the
variance of what it is of; inside the sample, a point's is a tenth or so."""


class Averages:
    """Of a paper's numbers: the mean over those of one condition and statistic.

    A baseline never sees feedback, so that its columns and points are runs of one condition, whose
    mean tells all that they tell of the settings. Figure 6's SDs are taken as logarithms, which
    makes them nearly normal.

    Attributes:
        together: bool (averages, averages), which of them share a run.
    """

    def __init__(self, facts: Sequence[Fact]):
        groups: dict[tuple, list[int]] = {}
        for place, fact in enumerate(facts):
            groups.setdefault((fact.condition, fact.statistic), []).append(place)
        self._weights = np.zeros((len(groups), len(facts)))
        for row, places in zip(self._weights, groups.values(), strict=True):
            row[places] = 1 / len(places)
        self._logarithmic = np.array([statistic == "sd" for _, statistic in groups])
        self._errors = np.array([fact.error for fact in facts])
        runs = [{facts[place].run for place in places} for places in groups.values()]
        self.together = np.array([[bool(one & other) for other in runs] for one in runs])

    def of(self, numbers: np.ndarray) -> np.ndarray:
        """Of numbers (..., facts), (..., averages)."""
        result = numbers @ self._weights.T
        result[..., self._logarithmic] = np.log(result[..., self._logarithmic])
        return result

    def derivatives(self, numbers: np.ndarray) -> np.ndarray:
        """Of the averages in the numbers (facts,), (averages, facts)."""
        result = self._weights.copy()
        own = self._weights[self._logarithmic]
        result[self._logarithmic] = own / (own @ numbers)[:, None]
        return result

    def errors(self, numbers: np.ndarray) -> np.ndarray:
        """Covariance of rounding and reading, at numbers (facts,), (averages, averages)."""
        change = self.derivatives(numbers)
        return (change * self._errors) @ change.T


class Surface:
    """Numbers near some points: a polynomial of the third degree, without mixed cubic terms.

    What a number scatters about it is normal, with the same covariance at all points. Coefficients
    and covariance are those of a sample, so that a new vector of numbers is Student's t.
    """

    def __init__(self, points, numbers, errors, together=None):
        """Fit.

        Args:
            points: (papers, parameters), standardised.
            numbers: (papers, numbers).
            errors: (numbers, numbers), covariance of what is added to numbers when published.
            together: bool (numbers, numbers), which of them scatter together; all, if it is None.
        """
        moved = _transformed(points)
        self._centre, self._scale = moved.mean(axis=0), moved.std(axis=0)
        terms = self._terms(points)
        self._gram = np.linalg.inv(terms.T @ terms)
        self._weights = self._gram @ (terms.T @ numbers)
        left = numbers - terms @ self._weights
        self._degrees = len(points) - terms.shape[1]
        covariance = left.T @ left / self._degrees
        self._sampled = together is None
        if together is not None:
            covariance = np.where(together, covariance, 0.0)
        self._covariance = covariance + errors

    def log_density(self, points: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Of values (numbers,) at points (points, parameters), (points,).

        It is -inf where no papers were: a polynomial says nothing there.
        """
        terms = self._terms(points)
        leverage = np.einsum("ki,ij,kj->k", terms, self._gram, terms)
        return np.where(leverage > _BELIEVED, -np.inf, self._density(terms, leverage, values))

    def _density(self, terms, leverage, values) -> np.ndarray:
        wider = 1 + leverage
        root = np.linalg.cholesky(self._covariance)
        offset = values - terms @ self._weights
        squared = np.sum(np.linalg.solve(root, offset.T) ** 2, axis=0) / wider
        size = len(values)
        log_root = np.log(np.diag(root)).sum() + size / 2 * np.log(wider)
        if not self._sampled:
            # Few numbers scatter together: what their covariance is off hardly matters.
            return -0.5 * (squared + size * log(2 * np.pi)) - log_root
        degrees = self._degrees - size + 1
        stretch = self._degrees / degrees
        return student(squared / stretch, log_root + size / 2 * log(stretch), size, degrees)

    def slopes(self, point: np.ndarray) -> np.ndarray:
        """Derivatives at a point, (parameters, numbers)."""
        shifts = _STEP * np.eye(len(point))
        above, below = (self._terms(point + side * shifts) @ self._weights for side in (1, -1))
        return (above - below) / (2 * _STEP)

    def score(self, point: np.ndarray) -> np.ndarray:
        """Weights of the numbers in one summary a setting, (parameters, numbers).

        Were the numbers linear and normal, and the prior too, the summaries would move as the
        posterior's mean does, and nothing else in the numbers would tell of the settings.
        """
        weighted = self.slopes(point) @ np.linalg.inv(self._covariance)
        return np.linalg.solve(weighted @ self.slopes(point).T + np.eye(len(point)), weighted)

    def _terms(self, points: np.ndarray) -> np.ndarray:
        moved = (_transformed(points) - self._centre) / self._scale
        places = np.tril_indices(moved.shape[1])
        products = moved[:, places[0]] * moved[:, places[1]]
        return np.column_stack([np.ones(len(moved)), moved, products, moved**3])


def _transformed(points: np.ndarray) -> np.ndarray:
    moved = points.copy()
    moved[:, _LINEAR] = np.exp(SPREAD[_LINEAR] * points[:, _LINEAR])
    return moved


class Weighted(NamedTuple):
    """Weighted draws.

    Attributes:
        draws: (draws, parameters).
        weights: (draws,), their sum is 1.
        log_evidence: the likelihood averaged over the prior.
        worth: of how many equal draws the weights are worth (effective sample size).
    """

    draws: np.ndarray
    weights: np.ndarray
    log_evidence: float
    worth: float

    @property
    def mean(self) -> np.ndarray:
        """(parameters,)."""
        return self.weights @ self.draws

    @property
    def covariance(self) -> np.ndarray:
        """(parameters, parameters)."""
        offset = self.draws - self.mean
        return (self.weights[:, None] * offset).T @ offset

    def quantiles(self, levels) -> np.ndarray:
        """Of every coordinate, (levels, parameters)."""
        result = []
        for column in self.draws.T:
            order = np.argsort(column, kind="stable")
            below = np.cumsum(self.weights[order]) - 0.5 * self.weights[order]
            result.append(np.interp(levels, below, column[order]))
        return np.array(result).T

    def ranks(self, point: np.ndarray) -> np.ndarray:
        """The probability below each coordinate of a point, (parameters,)."""
        return self.weights @ (self.draws < point)


def sample(
    log_likelihood: Callable[[np.ndarray], np.ndarray],
    mean: np.ndarray,
    covariance: np.ndarray,
    rng: np.random.Generator,
    draws: int = DRAWS,
) -> Weighted:
    """Draws of the posterior.

    Args:
        log_likelihood: of points (draws, parameters), (draws,).
        mean, covariance: where to begin.
        rng: of all draws.
        draws: how many in each round; the last are returned.
    """
    for _ in range(_ROUNDS):
        points, log_proposal = _proposed(mean, covariance * _WIDER, rng, draws)
        log_prior = -0.5 * np.sum(points**2, axis=1) - 0.5 * points.shape[1] * log(2 * pi)
        log_weights = log_likelihood(points) + log_prior - log_proposal
        top = log_weights.max()
        power = 1.0
        # Weights of a proposal that is far off rest on few draws; flattened, they show the way.
        while power > 1e-3 and _worth(power * (log_weights - top)) < _WORTH / 2 * draws:
            power *= 0.8
        weights = np.exp(power * (log_weights - top))
        evidence = top + log(np.exp(log_weights - top).mean())
        result = Weighted(points, weights / weights.sum(), evidence, _worth(log_weights - top))
        if result.worth > _WORTH * draws:
            break
        mean, covariance = result.mean, result.covariance + 1e-9 * np.eye(len(mean))
    return result


def _worth(log_weights: np.ndarray) -> float:
    weights = np.exp(log_weights)
    return float(weights.sum() ** 2 / (weights**2).sum())


def _proposed(mean, covariance, rng, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Points, and the log density of the proposal there."""
    size = len(mean)
    root = np.linalg.cholesky(covariance)
    scale = np.sqrt(rng.chisquare(_DEGREES, count) / _DEGREES)
    wide = mean + (rng.normal(size=(count, size)) / scale[:, None]) @ root.T
    plain = rng.normal(size=(count, size))
    points = np.where(rng.random(count)[:, None] < _FROM_PRIOR, plain, wide)
    squared = np.sum(np.linalg.solve(root, (points - mean).T) ** 2, axis=0)
    log_wide = student(squared, np.log(np.diag(root)).sum(), size, _DEGREES)
    log_prior = -0.5 * np.sum(points**2, axis=1) - 0.5 * size * log(2 * pi)
    return points, np.logaddexp(log(1 - _FROM_PRIOR) + log_wide, log(_FROM_PRIOR) + log_prior)


def student(squared: np.ndarray, log_root, size: int, degrees: float) -> np.ndarray:
    """Log density of a multivariate Student's t.

    Args:
        squared: squared distances from its centre, in units of its scale.
        log_root: half the log determinant of its scale matrix.
        size: of the vector.
        degrees: of freedom.
    """
    constant = lgamma((degrees + size) / 2) - lgamma(degrees / 2) - size / 2 * log(degrees * pi)
    return constant - log_root - (degrees + size) / 2 * np.log1p(squared / degrees)


_REACH = 3.0
"""Settings farther from the prior's centre, in its SDs, are not simulated."""


class Step(NamedTuple):
    """One step of the sequence.

    Attributes:
        share: of the papers of a whole step.
        power: the likelihood's.
        wider: SDs of its settings, in those of the posterior before it.
    """

    share: float
    power: float
    wider: float


FIRST = Step(files.PRIOR_STEPS, 0.1, 1.0)
"""From the prior; on any landscape."""
ANY = (Step(1.0, 0.3, 1.3), Step(1.5, 1.0, 1.3), Step(1.5, 1.0, 2.0))
"""The steps after it, on any landscape."""
GIVEN = (Step(0.75, 0.3, 1.3), Step(0.75, 1.0, 1.3), Step(1.0, 1.0, 1.5), Step(1.0, 1.0, 1.5))
"""On given landscapes, beginning with the posterior on any."""


def infer(
    simulate: Callable[[np.ndarray, int], np.ndarray],
    averages: Averages,
    values: np.ndarray,
    steps: tuple[Step, ...],
    size: int,
    rng: np.random.Generator,
    begin: Weighted,
    together: bool,
    report=print,
) -> Weighted:
    """Draws of the standardised settings; their `log_evidence` is that of all numbers.

    Args:
        simulate: papers at coordinates (papers, parameters), the first of which has a number:
            (papers, facts).
        averages: of the numbers of a paper.
        values: (facts,), as published.
        steps: `ANY` or `GIVEN`.
        size: papers of a step whose share is 1.
        rng: of all draws.
        begin: the posterior before the first of the steps.
        together: whether all numbers of a paper scatter together, as they do on any landscape.
        report: told of each step.
    """
    shown = averages.of(values)
    errors = averages.errors(values)
    blocks = None if together else averages.together
    drawn, weights, number = begin, None, 0
    for place, step in enumerate(steps):
        count = round(step.share * size)
        root = np.linalg.cholesky(drawn.covariance * step.wider**2)
        points = drawn.mean + rng.normal(size=(count, len(root))) @ root.T
        settings = rounded(coordinates(_folded(points)))
        points = standardised(settings)
        numbers = averages.of(simulate(settings, number))
        number += count
        surface = Surface(points, numbers, errors, blocks)
        start = points.mean(axis=0), np.cov(points.T)
        drawn = sample(_powered(surface, shown, step.power), *start, rng)
        report(
            f"step {place + 1} of {len(steps)}: {count} papers, weights worth {drawn.worth:.0f} "
            f"of {len(drawn.weights)} draws, log evidence {drawn.log_evidence:.1f}"
        )
        if place == len(steps) - 1:
            break
        weights = surface.score(drawn.mean)
    evidence = drawn.log_evidence
    reduced = Surface(points, numbers @ weights.T, weights @ errors @ weights.T)
    drawn = sample(_powered(reduced, weights @ shown, 1.0), *start, rng)
    return drawn._replace(log_evidence=evidence)


def begun(points, numbers, averages: Averages, values, rng) -> Weighted:
    """The posterior after `FIRST`, from papers at draws of the prior.

    Args:
        points: (papers, parameters), coordinates.
        numbers: (papers, facts).
        averages, values, rng: as in `infer`.
    """
    own = standardised(points)
    surface = Surface(own, averages.of(numbers), averages.errors(values))
    shown = averages.of(values)
    start = np.zeros(own.shape[1]), np.eye(own.shape[1])
    return sample(_powered(surface, shown, FIRST.power), *start, rng)


def _powered(surface: Surface, values: np.ndarray, power: float):
    return lambda points: power * surface.log_density(points, values)


def _folded(points: np.ndarray) -> np.ndarray:
    """Points within `_REACH`: those beyond are mirrored at it."""
    over = np.maximum(np.abs(points) - _REACH, 0.0)
    return np.clip(points - 2 * np.sign(points) * over, -_REACH, _REACH)
