"""Predictions of numbers that were left out of a fit, by their source."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from sdposim.calibration.identification.blocks import read_blocks
from sdposim.calibration.identification.figure6 import settings_draws
from sdposim.calibration.jointfit import plan
from sdposim.calibration.jointfit.facts import HYBRID_NOISE, Condition, Fact
from sdposim.calibration.jointfit.papers import run_numbers
from sdposim.calibration.jointfit.reading import FITTED
from sdposim.calibration.jointfit.simulate import Simulator
from sdposim.model.cells import every_step
from sdposim.model.metrics import METRICS

RUNS = 4
"""Of every condition under a draw of the settings; each is a prediction."""
_FIRST_SEED, _ROOM = 3 * 10**15, 10**7
"""Predictions have seeds of their own, far from those of every fit."""
_WEIGHT_STREAMS = (10**6, 10**6 + 1)
_WEIGHT = METRICS.index("hybrid_weight")
_HYBRID = [
    Condition("hybrid", feedback, HYBRID_NOISE, 0) for feedback in ("continuous", "critique")
]


def left_out(facts: Sequence[Fact], source: str) -> np.ndarray:
    """Which numbers are of a source, bool (facts,); none is of figure 5, which is never fitted."""
    return np.array([fact.source == source for fact in facts])


def draws(fit, count: int) -> np.ndarray:
    """Of the posterior, (count, parameters); the first is its centre."""
    return settings_draws(fit.coordinates, fit.covariance, count)


def predict(simulator: Simulator, facts: Sequence[Fact], coordinates: np.ndarray) -> np.ndarray:
    """What the paper would print under draws of the settings: single runs, (draws * RUNS, facts).

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


def predict_weights(simulator: Simulator, coordinates: np.ndarray, runs: int = RUNS) -> np.ndarray:
    """Of figure 5 under draws of the settings, (draws * runs, len(plan.WEIGHTS)).

    The hybrid's weight at the first step with either feedback, and the lowest and the highest of
    both curves.
    """
    found = []
    for place, point in enumerate(coordinates):
        curves = [
            simulator.logs(point, own, FITTED.changes, _seeds(stream, place, runs), every_step)[
                :, :, _WEIGHT
            ]
            for stream, own in zip(_WEIGHT_STREAMS, _HYBRID, strict=True)
        ]
        both = np.stack(curves)
        extremes = [both.min(axis=(0, 2)), both.max(axis=(0, 2))]
        found.append(np.column_stack([both[0, :, 0], both[1, :, 0], *extremes]))
    return np.concatenate(found)


def _seeds(stream: int, place: int, runs: int = RUNS) -> list[int]:
    """Of the runs under a draw: different ones for every draw, and for every number's run."""
    first = _FIRST_SEED + _ROOM * stream + runs * place
    return list(range(first, first + runs))


def read() -> dict[str, np.ndarray]:
    """Predictions by the source that was left out, (predictions, numbers)."""
    return {
        name: read_blocks([path])["predicted"]
        for name, path in zip(plan.LEFT_OUT, plan.left_out(), strict=True)
    }
