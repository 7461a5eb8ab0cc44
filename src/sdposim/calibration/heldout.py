"""Numbers that were kept out of the fit: figures 4 to 6 and section 3.5."""

from typing import NamedTuple

import numpy as np

from sdposim.calibration.published import HYBRID_NOISE
from sdposim.calibration.simulator import FINAL_WINDOW
from sdposim.simulation.training import METRICS, train_block

NOISES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5)
LANDSCAPES = 5
BASELINES = ("reinforce", "adv_weighted")
_FIRST = 10
"""Steps that stand for the start of the hybrid's weight."""


class Prediction(NamedTuple):
    """What a setting predicts for one number.

    Attributes:
        source: `noise`, `hybrid` or `multi_seed`.
        statistic, method, feedback, noise: which number.
        mean: over runs.
        run: one of the runs, which is what a published number is.
    """

    source: str
    statistic: str
    method: str
    feedback: str
    noise: float
    mean: float
    run: float


def predict(settings: dict, first_seed: int, runs: int) -> list[Prediction]:
    """All held-out numbers of a setting.

    Args:
        settings: a resolved setting with a numbered landscape.
        first_seed: from which the runs' seeds are counted.
        runs: how many runs a mean is over; the spread over landscapes has one run each.
    """
    seeds = list(range(first_seed, first_seed + runs))
    return [
        *_noise(settings, seeds),
        *_hybrid(settings, seeds),
        *_landscapes(settings, first_seed),
    ]


def _logs(settings, method, feedback, noise, seeds) -> np.ndarray:
    """Logs of every step, (seeds, steps, metrics)."""
    return np.concatenate(list(train_block(settings, method, feedback, noise, seeds)))


def _final(logs: np.ndarray, metric: str) -> np.ndarray:
    return logs[:, -FINAL_WINDOW:, METRICS.index(metric)].mean(axis=1)


def _noise(settings, seeds):
    """Figure 4: reward and correlation against noise. The baselines never see the noise."""
    found = []
    for method in ("sdpo", *BASELINES):
        for noise in NOISES if method == "sdpo" else NOISES[:1]:
            logs = _logs(settings, method, "continuous", noise, seeds)
            for statistic, metric in (("reward", "reward"), ("correlation", "credit_correlation")):
                values = _final(logs, metric)
                levels = [noise] if method == "sdpo" else NOISES
                found += [
                    Prediction(
                        *("noise", statistic, method, "continuous", level),
                        float(values.mean()),
                        float(values[place % len(values)]),
                    )
                    for place, level in enumerate(levels)
                ]
    return found


def _hybrid(settings, seeds):
    """Section 3.5 and figure 5."""
    found = []
    for method in ("hybrid", "sdpo", "reinforce"):
        for feedback in ("continuous", "critique"):
            logs = _logs(settings, method, feedback, HYBRID_NOISE, seeds)
            statistics = {name: _final(logs, name) for name in ("reward", "entropy")}
            if method == "hybrid":
                weight = logs[:, :, METRICS.index("hybrid_weight")]
                statistics |= {
                    "weight_first": weight[:, :_FIRST].mean(axis=1),
                    "weight_low": np.quantile(weight, 0.05, axis=1),
                    "weight_high": np.quantile(weight, 0.95, axis=1),
                }
            found += [
                Prediction(
                    *("hybrid", statistic, method, feedback, HYBRID_NOISE),
                    float(values.mean()),
                    float(values[0]),
                )
                for statistic, values in statistics.items()
            ]
    return found


def _landscapes(settings, first_seed):
    """Figure 6: mean and SD of the final reward over five other landscapes, one run each."""
    found = []
    elsewhere = settings | {"landscape": settings["landscape"] | {"seed": "each"}}
    seeds = list(range(first_seed, first_seed + LANDSCAPES))
    for method in ("sdpo", *BASELINES):
        rewards = _final(_logs(elsewhere, method, "continuous", 0.0, seeds), "reward")
        for statistic, value in (("mean", rewards.mean()), ("sd", rewards.std(ddof=1))):
            found.append(
                Prediction(
                    *("multi_seed", statistic, method, "continuous", 0.0),
                    float(value),
                    float(value),
                )
            )
    return found
