"""Which five seeds made figure 6: its means and SDs under the settings that the tables allow.

The settings are those of tables 1 to 3 on one landscape, so nothing here is fitted to figure 6. For
each of a few draws of settings, the methods are run on the landscapes of many seeds; the rewards of
five of them have a mean and an SD, and figure 6 prints these with the scatter of five single runs.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from sdposim.calibration.identification import space
from sdposim.calibration.identification.hypotheses import PLAIN, WRITTEN
from sdposim.calibration.identification.plan import FIGURE6_METHODS as METHODS
from sdposim.calibration.identification.simulate import REVERSED, run_seeds, simulate

CONDITIONS = ("sdpo/continuous", f"reinforce/{REVERSED}", f"adv_weighted/{REVERSED}")
RUNS = 4


class Rewards(NamedTuple):
    """Final rewards, a row per draw of settings and landscape.

    Attributes:
        draw: int64 (rows,).
        seed: int64 (rows,), the landscape's, of `PLAIN`.
        reward: (rows, methods), means over `RUNS` runs.
        variance: (rows, methods), of a single run.
    """

    draw: np.ndarray
    seed: np.ndarray
    reward: np.ndarray
    variance: np.ndarray

    def table(self, seeds) -> np.ndarray:
        """Rewards (draws, seeds, methods) of the landscapes of these seeds, in their order."""
        known = self.seed[self.draw == 0]
        places = {seed: place for place, seed in enumerate(known.tolist())}
        rewards = self.reward.reshape(-1, len(known), len(METHODS))
        return rewards[:, [places[seed] for seed in seeds]]

    @property
    def run_variance(self) -> np.ndarray:
        """Variance of a single run, (methods,)."""
        return self.variance.mean(axis=0)


def settings_draws(coordinates: np.ndarray, covariance: np.ndarray, count: int) -> np.ndarray:
    """Draws of settings, (count, parameters), the first of them the best one.

    Args:
        coordinates: (parameters,), the best settings.
        covariance: of the posterior of the coordinates.
        count: how many.
    """
    rng = np.random.default_rng(6)
    drawn = rng.multivariate_normal(coordinates, covariance, count - 1, method="cholesky")
    return np.round(np.vstack([coordinates, drawn]), 6)


def seeds(pool: int) -> list[int]:
    """The written seeds, then 0, 1, ... without them until there are `pool` more."""
    others = (seed for seed in range(pool + len(WRITTEN)) if seed not in WRITTEN)
    return [*WRITTEN, *(seed for seed, _ in zip(others, range(pool), strict=False))]


def simulate_rewards(draws: np.ndarray, numbers, base: dict, window: int) -> Iterator[Rewards]:
    """Run all methods on the landscapes of seeds, draw by draw of the settings."""
    for place, coordinates in enumerate(draws):
        setting = space.at(coordinates, base)
        runs = np.stack(
            [
                simulate(
                    *PLAIN.placed(number, setting), run_seeds(number, RUNS), window, CONDITIONS
                )[:, :, 0]
                for number in numbers
            ]
        )
        yield Rewards(
            np.full(len(numbers), place),
            np.array(numbers),
            runs.mean(axis=2),
            runs.var(axis=2, ddof=1),
        )
