"""The search for the program that drew the paper's landscapes: runs, and the evidence of each.

A published number is one run. Near the centre of the prior the mean of a run is linear in the
coordinates, whose prior is normal, so that the published numbers are normal too, and their density
is the evidence of the landscape: the likelihood averaged over the prior of the settings.
"""

import time
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from sdposim.analysis.published import Value, from_rows
from sdposim.calibration import files, space
from sdposim.calibration.facts import FEEDBACKS, SEARCHED, Condition, condition
from sdposim.calibration.landscapes import CONTROL, FAMILIES, GROUPS, PLAIN, WRITTEN, Family
from sdposim.calibration.simulate import Fit, Simulator, solve
from sdposim.calibration.space import PRINTED, REVERSED, rounded
from sdposim.storage.arrays import columns, read_arrays

CENTRE, SPREAD = space.CENTRE[: space.SEARCHED], space.SPREAD[: space.SEARCHED]
"""Of the prior of the settings that the search leaves open."""
DIRECTIONS = (REVERSED, PRINTED)
"""Of REINFORCE, equally likely beforehand. As printed its correlation is positive, so that this
takes the published sign for an error of the metric and compares its size."""
SDPO = tuple(f"sdpo/{feedback}" for feedback in FEEDBACKS)
CONDITIONS: dict[str, tuple[Condition, dict]] = {
    **{name: (condition("sdpo", name.partition("/")[2], 0.0), {}) for name in SDPO},
    **{
        f"reinforce/{direction}": (
            condition("reinforce", "", 0.0),
            {"update": {"sequence": {"direction": direction}}},
        )
        for direction in DIRECTIONS
    },
    f"adv_weighted/{REVERSED}": (
        condition("adv_weighted", "", 0.0),
        {"update": {"quality_share": {"direction": REVERSED, "mean": "rollout"}}},
    ),
}
"""Name -> what is run, and the reading. The baselines never see the feedback."""
SAMPLE_RUNS = 12
"""Runs behind a derivative of the sample."""
_STEPS = 2
"""Gauss-Newton steps of a refined landscape; the second moves it little."""


def placed(family: Family, number: int, base: dict, window: int, runs: int) -> Simulator:
    """Runs on one landscape."""
    return Simulator(base, window, runs, runs, seeds=(number,), family=family)


def runs_at(simulator: Simulator, coordinates, conditions=tuple(CONDITIONS)) -> np.ndarray:
    """Runs of conditions at coordinates, (conditions, runs, statistics), of `facts.SEARCHED`."""
    rows = [simulator.sample(coordinates, *CONDITIONS[name], simulator.runs) for name in conditions]
    return np.stack(rows)[:, :, : len(SEARCHED)]


def slopes_at(simulator: Simulator, coordinates, conditions=tuple(CONDITIONS)) -> np.ndarray:
    """Derivatives of their means, (parameters, conditions, statistics), per unit of coordinate."""
    rows = [simulator.slopes(coordinates, *CONDITIONS[name]) for name in conditions]
    return np.stack(rows, axis=1)[:, :, : len(SEARCHED)]


def landscapes(
    base: dict, group: Literal["plain", "others"], first: int, last: int, runs: int, window: int
) -> dict[str, np.ndarray]:
    """The step `landscapes`: runs at the centre of the prior on those of a block of seeds."""
    places, seeds, rows, reported = [], [], [], time.perf_counter()
    for family in GROUPS[group]:
        for number in range(first, last + 1):
            rows.append(runs_at(placed(family, number, base, window, runs), CENTRE))
            places.append(FAMILIES.index(family))
            seeds.append(number)
            if time.perf_counter() - reported > 5:
                reported = time.perf_counter()
                print(f"{len(seeds)} landscapes simulated", flush=True)
    print(f"{len(seeds)} landscapes", flush=True)
    return {"family": np.array(places), "seed": np.array(seeds), "runs": np.stack(rows)}


class Sensitivity(NamedTuple):
    """Of landscapes, one a row.

    Attributes:
        runs: (landscapes, conditions, runs, statistics), at the centre of the prior.
        slopes: (landscapes, parameters, conditions, statistics), per unit of the coordinate.
    """

    runs: np.ndarray
    slopes: np.ndarray

    def scatter(self) -> np.ndarray:
        """The covariance of a single run, (conditions, statistics, statistics)."""
        residuals = self.runs - self.runs.mean(axis=2, keepdims=True)
        freedom = self.runs.shape[0] * (self.runs.shape[2] - 1)
        return np.einsum("kcrs,kcrt->cst", residuals, residuals) / freedom


def sensitivity(base: dict, first: int, last: int, window: int) -> dict[str, np.ndarray]:
    """The step `sensitivity`: derivatives on landscapes that no other program draws."""
    rows = []
    for number in range(first, last + 1):
        simulator = placed(CONTROL, number, base, window, SAMPLE_RUNS)
        rows.append((runs_at(simulator, CENTRE), slopes_at(simulator, CENTRE)))
    print(f"{len(rows)} landscapes", flush=True)
    return Sensitivity(*map(np.stack, zip(*rows, strict=True)))._asdict()


def read_sensitivity(options: dict) -> Sensitivity:
    """The whole sample."""
    return Sensitivity(**read_arrays(files.sensitivity(options)))


class Observed(NamedTuple):
    """The published tables under a direction of REINFORCE.

    Attributes:
        conditions: the conditions that they are compared with.
        values: (conditions, statistics); a baseline's are means over the four columns, which are
            four runs of one condition.
        columns: (conditions,), how many runs each of them is a mean of.
        rounding: (conditions, statistics), variance of the values' rounding.
    """

    conditions: tuple[str, ...]
    values: np.ndarray
    columns: np.ndarray
    rounding: np.ndarray


def observed(published: Sequence[Value], direction: str) -> Observed:
    """SDPO's and REINFORCE's numbers of tables 1 to 3, from `facts.table_values`."""
    shape = (2, len(FEEDBACKS), len(SEARCHED))
    sdpo, reinforce = np.array([value.value for value in published]).reshape(shape)
    exact, averaged = np.array([value.variance for value in published]).reshape(shape)
    mean = reinforce.mean(axis=0)
    if direction == PRINTED:
        mean[SEARCHED.index("correlation")] *= -1.0
    return Observed(
        conditions=(*SDPO, f"reinforce/{direction}"),
        values=np.vstack([sdpo, mean]),
        columns=np.array([1, 1, 1, 1, 4]),
        rounding=np.vstack([exact, averaged.mean(axis=0) / len(FEEDBACKS)]),
    )


def noise(scatter: np.ndarray, columns: np.ndarray, rounding: np.ndarray, runs: int) -> np.ndarray:
    """Covariance of published less simulated values, both flattened: (c s, c s).

    Args:
        scatter: (conditions, statistics, statistics), of single runs.
        columns: (conditions,), runs behind each published value.
        rounding: (conditions, statistics), variance of its rounding.
        runs: runs behind each simulated mean.
    """
    count, statistics = scatter.shape[:2]
    out = np.zeros((count * statistics, count * statistics))
    for c in range(count):
        block = slice(c * statistics, (c + 1) * statistics)
        out[block, block] = scatter[c] * (1 / columns[c] + 1 / runs)
        out[block, block] += np.diag(rounding[c])
    return out


def average_evidence(means, observed, covariance, slopes) -> np.ndarray:
    """Log evidence of many landscapes from runs at the centre, (landscapes,).

    The derivatives of a landscape are not known here: they are taken as normal among landscapes,
    with the mean and the covariance of a sample.

    Args:
        means: (landscapes, conditions, statistics), of runs at the centre of the prior.
        observed: an `Observed`.
        covariance: from `noise`.
        slopes: (sample, parameters, conditions, statistics), of a sample of landscapes.
    """
    flat = slopes.reshape(*slopes.shape[:2], -1)
    mean = flat.mean(axis=0)
    wide = covariance + (mean.T * SPREAD**2) @ mean
    for place, spread in enumerate(SPREAD):
        wide = wide + spread**2 * np.cov(flat[:, place].T)
    offsets = (means - observed.values).reshape(len(means), -1)
    squared = np.einsum("ki,ij,kj->k", offsets, np.linalg.inv(wide), offsets)
    return -0.5 * (squared + np.linalg.slogdet(2 * np.pi * wide)[1])


def step(coordinates, means, slopes, observed, covariance) -> Fit:
    """A Gauss-Newton step towards the best settings of a landscape, and the evidence there.

    Args:
        coordinates: (parameters,), where the means and slopes are.
        means: (conditions, statistics).
        slopes: (parameters, conditions, statistics).
        observed: an `Observed`.
        covariance: from `noise`.
    """
    offset = (observed.values - means).ravel()
    flat = slopes.reshape(len(slopes), -1)
    return solve(coordinates, offset, flat, covariance, CENTRE, SPREAD)


class Scores(NamedTuple):
    """Rough evidence of every landscape, one a row.

    Attributes:
        family: int64 (landscapes,), its place in `FAMILIES`.
        seed: int64 (landscapes,).
        log_evidence: (landscapes, readings), in the order of `DIRECTIONS`.
    """

    family: np.ndarray
    seed: np.ndarray
    log_evidence: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """Log evidence over both readings, which are equally likely, (landscapes,)."""
        return np.logaddexp.reduce(self.log_evidence, axis=1) - np.log(len(DIRECTIONS))


def scores(options: dict, published: list) -> dict[str, np.ndarray]:
    """The step `scores`: those of all landscapes of all families on the published tables."""
    sample = read_sensitivity(options)
    paths = [path for group in GROUPS for path in files.landscapes(options, group)]
    known, evidence = read_arrays(paths), []
    for direction in DIRECTIONS:
        target = observed(from_rows(published), direction)
        chosen = [list(CONDITIONS).index(name) for name in target.conditions]
        covariance = noise(
            sample.scatter()[chosen], target.columns, target.rounding, options["runs"]
        )
        means = known["runs"][:, chosen].mean(axis=2)
        evidence.append(average_evidence(means, target, covariance, sample.slopes[:, :, chosen]))
    print(f"{len(known['seed'])} landscapes", flush=True)
    return Scores(known["family"], known["seed"], np.stack(evidence, axis=1))._asdict()


def read_scores() -> Scores:
    """What the step `scores` leaves."""
    return Scores(**read_arrays([files.SCORES]))


def chosen_for_refinement(scores: Scores, count: int) -> list[tuple[Family, int]]:
    """The landscapes to refine: the best of all, and the written seeds of `PLAIN`, best first."""
    order = np.argsort(-scores.total, kind="stable")
    plain = FAMILIES.index(PLAIN)
    written = (scores.family[order] == plain) & np.isin(scores.seed[order], WRITTEN)
    kept = np.flatnonzero(~written)[: max(0, count - written.sum())]
    places = order[np.sort(np.concatenate([np.flatnonzero(written), kept]))][:count]
    return [
        (FAMILIES[place], seed)
        for place, seed in zip(scores.family[places], scores.seed[places].tolist(), strict=True)
    ]


def refine(
    family: Family,
    number: int,
    direction: str,
    scatter: np.ndarray,
    published: Sequence[Value],
    base: dict,
    runs: int,
    window: int,
) -> Fit:
    """The best settings of one landscape under a direction of REINFORCE, and its evidence.

    Args:
        family, number: the landscape.
        direction: one of `DIRECTIONS`.
        scatter: (all conditions, statistics, statistics), see `Sensitivity.scatter`.
        published: from `facts.table_values`.
        base: the setting of all other keys.
        runs: runs of each condition.
        window: steps that a final value averages.
    """
    target = observed(published, direction)
    chosen = [list(CONDITIONS).index(name) for name in target.conditions]
    covariance = noise(scatter[chosen], target.columns, target.rounding, runs)
    simulator, coordinates = placed(family, number, base, window, runs), CENTRE
    for _ in range(_STEPS):
        coordinates = rounded(coordinates)
        means = runs_at(simulator, coordinates, target.conditions).mean(axis=1)
        slopes = slopes_at(simulator, coordinates, target.conditions)
        fit = step(coordinates, means, slopes, target, covariance)
        # A first step may leave the region where derivatives hold.
        reach = 1.5 * SPREAD
        coordinates = np.clip(fit.coordinates, coordinates - reach, coordinates + reach)
    return fit


def refined(
    options: dict, published: list, base: dict, first: int, last: int, runs: int, window: int
) -> dict[str, np.ndarray]:
    """The step `refined`: best settings of some of the best landscapes, with own derivatives."""
    chosen = chosen_for_refinement(read_scores(), options["refined"])
    scatter = read_sensitivity(options).scatter()
    rows, numbers = [], from_rows(published)
    for family, seed in chosen[first : last + 1]:
        for place, direction in enumerate(DIRECTIONS):
            fit = refine(family, seed, direction, scatter, numbers, base, runs, window)
            rows.append((FAMILIES.index(family), seed, place, fit))
        print(f"{family.name} {seed}: log evidence {rows[-2][3].log_evidence:.1f}", flush=True)
    known = {
        name: np.array([row[place] for row in rows], np.int64)
        for place, name in enumerate(("family", "seed", "reading"))
    }
    return known | columns(row[3] for row in rows)


class Refined(NamedTuple):
    """Fits of landscapes, one row per landscape and reading; fields as in `Fit` and `Scores`."""

    family: np.ndarray
    seed: np.ndarray
    reading: np.ndarray
    coordinates: np.ndarray
    covariance: np.ndarray
    squared: np.ndarray
    prior: np.ndarray
    log_evidence: np.ndarray

    def fit(self, family: Family, seed: int, reading: str) -> Fit:
        """The fit of a landscape under a reading.

        Raises:
            KeyError: it was not refined.
        """
        here = (self.family == FAMILIES.index(family)) & (self.seed == seed)
        rows = np.flatnonzero(here & (self.reading == DIRECTIONS.index(reading)))
        if not rows.size:
            raise KeyError(f"{family.name} {seed}")
        return Fit(*(getattr(self, name)[rows[0]] for name in Fit._fields))


def read_refined(options: dict) -> Refined:
    """What the step `refined` leaves, of all landscapes that it was asked for."""
    return Refined(**read_arrays(files.refined(options)))


def best_settings(refined: Refined, seed: int) -> Fit:
    """The fit of a seed of `PLAIN` under the reading that has more evidence."""
    fits = [refined.fit(PLAIN, seed, reading) for reading in DIRECTIONS]
    return max(fits, key=lambda fit: fit.log_evidence)
