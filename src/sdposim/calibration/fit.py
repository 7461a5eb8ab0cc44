"""The joint fit: settings that explain published numbers best, and predictions without some."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from sdposim.analysis.published import from_rows
from sdposim.calibration import files
from sdposim.calibration.distance import Comparison, run_numbers
from sdposim.calibration.facts import HYBRID_NOISE, PARTS, Condition, Fact, facts
from sdposim.calibration.simulate import Fit, Linear, Simulator, solve
from sdposim.calibration.space import CENTRE, FITTED, SPREAD, Reading, rounded
from sdposim.calibration.streams import Runs
from sdposim.model.cells import every_step
from sdposim.model.metrics import METRICS
from sdposim.storage.arrays import columns, read_arrays

NEAR = 0.3
"""A fit stands where it moved by less than this, in SDs of the posterior."""
_LIMIT = 6
_REACH = 1.5
"""The longest step, in SDs of the prior: derivatives hold no further."""
PREDICTED_RUNS = 4
"""Of every condition under a draw of the settings; each is a prediction."""
_ROOM = 10**7
"""Seeds of the predictions of one run, or of a weight."""
_WEIGHT_STREAMS = (10**6, 10**6 + 1)
_WEIGHT = METRICS.index("hybrid_weight")
_HYBRID = [
    Condition("hybrid", feedback, HYBRID_NOISE, 0) for feedback in ("continuous", "critique")
]


def posterior(linear: Linear, comparison: Comparison, kept: np.ndarray) -> Fit:
    """The posterior of the settings under the linearisation, and the evidence of the numbers.

    Args:
        linear: what runs give near some coordinates.
        comparison: with the published numbers.
        kept: bool (facts,), the numbers that are fitted.
    """
    predicted = comparison.predicted(linear.means, linear.scatter)
    derivatives = comparison.derivatives(linear.means, linear.scatter)
    covariance = comparison.covariance(derivatives, linear.scatter, linear.runs)
    slopes = np.einsum("pcs,fcs->pf", linear.slopes, derivatives)
    offset = comparison.values - predicted
    return solve(
        linear.point,
        offset[kept],
        slopes[:, kept],
        covariance[np.ix_(kept, kept)],
        CENTRE,
        SPREAD,
    )


def settled(
    simulator: Simulator,
    reading: Reading,
    comparison: Comparison,
    kept: np.ndarray,
    start: Linear | None = None,
    near: float = NEAR,
    limit: int = _LIMIT,
    report=print,
) -> tuple[Fit, Linear]:
    """Gauss-Newton steps until they hardly move; the fit, and the linearisation that it is of.

    Args:
        simulator: runs the conditions.
        reading: the setting's and the comparison's.
        comparison: with the published numbers.
        kept: bool (facts,), the numbers that are fitted.
        start: a linearisation to start from; at the centre of the prior if it is None.
        near: see `NEAR`.
        limit: of linearisations.
        report: told of each step.
    """
    linear = start
    if linear is None:
        linear = simulator.linear(CENTRE, comparison.conditions, reading.changes)
    for left in reversed(range(limit)):
        fit = posterior(linear, comparison, kept)
        moved = np.abs(fit.coordinates - linear.point) / np.sqrt(np.diag(fit.covariance))
        report(
            f"{reading.name}: squared distance {fit.squared:.1f}, moved {moved.max():.2f} SD of "
            "the posterior"
        )
        if moved.max() < near or not left:
            break
        reach = _REACH * SPREAD
        point = np.clip(fit.coordinates, linear.point - reach, linear.point + reach)
        point = rounded(point)
        linear = simulator.linear(point, comparison.conditions, reading.changes)
    return fit, linear


def described(fit: Fit, linear: Linear, comparison: Comparison) -> tuple[np.ndarray, np.ndarray]:
    """What the fit predicts, and the offsets of the published numbers in units of all errors."""
    derivatives = comparison.derivatives(linear.means, linear.scatter)
    covariance = comparison.covariance(derivatives, linear.scatter, linear.runs)
    slopes = np.einsum("pcs,fcs->pf", linear.slopes, derivatives)
    predicted = comparison.predicted(linear.means, linear.scatter)
    predicted = predicted + (fit.coordinates - linear.point) @ slopes
    return predicted, (comparison.values - predicted) / np.sqrt(np.diag(covariance))


def parts_evidence(linear: Linear, comparison: Comparison, method: str) -> np.ndarray:
    """Log evidence of parts of a baseline's numbers, given those of all other methods, (parts,).

    The parts are those of `facts.PARTS`; the last is all of them together.
    """
    own = np.array([fact.method == method for fact in comparison.facts])
    given = posterior(linear, comparison, ~own).log_evidence
    result = []
    for part in PARTS.values():
        chosen = np.array([part(fact) for fact in comparison.facts])
        result.append(posterior(linear, comparison, ~own | (own & chosen)).log_evidence - given)
    return np.array(result)


def fitted(
    published: list, base: dict, window: int, runs: int, slope_runs: int
) -> dict[str, np.ndarray]:
    """The step `fitted`: all published numbers under the reading that others are compared with."""
    comparison = Comparison(facts(from_rows(published)))
    kept = np.ones(len(comparison.facts), bool)
    fit, linear = settled(Simulator(base, window, runs, slope_runs), FITTED, comparison, kept)
    predicted, z = described(fit, linear, comparison)
    about = {"predicted": predicted, "z": z, "parts": np.full(len(PARTS), np.nan)}
    return columns([fit._asdict() | linear._asdict() | about])


def read_fitted() -> tuple[Fit, Linear]:
    """The fit, and what runs give near it."""
    row = read_arrays([files.FITTED])
    return (
        Fit(*(row[name][0] for name in Fit._fields)),
        Linear(*(row[name][0] for name in Linear._fields[:-1]), int(row["runs"][0])),
    )


def of_source(facts: Sequence[Fact], source: str) -> np.ndarray:
    """Which numbers are of a source, bool (facts,); none is of figure 5, which is never fitted."""
    return np.array([fact.source == source for fact in facts])


def predict(simulator: Simulator, facts: Sequence[Fact], coordinates: np.ndarray) -> np.ndarray:
    """What the paper would print under draws of the settings: single runs.

    (draws * PREDICTED_RUNS, facts).

    Numbers of one run are predicted by one run, those of different runs by different ones. Draw
    after draw, so that a row of these is the same draw as that of `predict_weights`.

    Args:
        simulator: runs the conditions.
        facts: the numbers to predict.
        coordinates: (draws, parameters).
    """
    parts = []
    for run, own in groupby(facts, key=lambda fact: fact.run):
        chosen = tuple(own)
        rows = [
            run_numbers(simulator, chosen, point, _seeds(run + 1, place))
            for place, point in enumerate(coordinates)
        ]
        parts.append(np.concatenate(rows))
    return np.hstack(parts)


def predict_weights(
    simulator: Simulator, coordinates: np.ndarray, runs: int = PREDICTED_RUNS
) -> np.ndarray:
    """Of figure 5 under draws of the settings, (draws * runs, len(facts.WEIGHTS)).

    The hybrid's weight at the first step with either feedback, and the lowest and the highest of
    both curves.
    """
    result = []
    for place, point in enumerate(coordinates):
        setting = simulator.setting(point, FITTED.changes)
        ends = every_step(setting["training"]["steps"])
        logs = [
            simulator.logs(setting, own, _seeds(stream, place, runs), ends)
            for stream, own in zip(_WEIGHT_STREAMS, _HYBRID, strict=True)
        ]
        both = np.stack(logs)[:, :, :, _WEIGHT]
        extremes = [both.min(axis=(0, 2)), both.max(axis=(0, 2))]
        result.append(np.column_stack([both[0, :, 0], both[1, :, 0], *extremes]))
    return np.concatenate(result)


def _seeds(stream: int, place: int, runs: int = PREDICTED_RUNS) -> list[int]:
    """Of the runs under a draw: different ones for every draw, and for every number's run."""
    first = Runs.PREDICTIONS + _ROOM * stream + runs * place
    return list(range(first, first + runs))


def read_left_out() -> dict[str, np.ndarray]:
    """Predictions by the source that was left out, (predictions, numbers)."""
    return {
        name: read_arrays([path])["predicted"]
        for name, path in zip(files.LEFT_OUT, files.left_out(), strict=True)
    }


def left_out(
    published: list, base: dict, window: int, runs: int, slope_runs: int, draws: int, left_out: str
) -> dict[str, np.ndarray]:
    """The step `left_out`: fit without a source, and predict it under draws of the settings."""
    _, known = read_fitted()
    comparison = Comparison(facts(from_rows(published)))
    simulator = Simulator(base, window, runs, slope_runs)
    left = of_source(comparison.facts, files.LEFT_OUT[left_out])
    fit, _ = settled(simulator, FITTED, comparison, ~left, known)
    drawn = fit.draws(draws)
    print(f"{len(drawn)} draws of the settings", flush=True)
    chosen = [fact for fact, own in zip(comparison.facts, left, strict=True) if own]
    parts = [predict(simulator, chosen, drawn)] if chosen else []
    if left_out in files.WITH_WEIGHTS:
        parts.append(predict_weights(simulator, drawn))
    return {"predicted": np.hstack(parts)}
