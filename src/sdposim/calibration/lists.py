"""Which five seeds made figure 6: its means and SDs under the settings that the tables allow.

The settings are those of tables 1 to 3 on one landscape, so nothing here is fitted to figure 6. For
each of a few draws of settings, the methods are run on the landscapes of many seeds; the rewards of
five of them have a mean and an SD, and figure 6 prints these with the scatter of five single runs.
"""

from typing import NamedTuple

import numpy as np

from sdposim.calibration.facts import METHODS
from sdposim.calibration.landscapes import LEAD_SEED, PLAIN, WRITTEN
from sdposim.calibration.search import best_settings, placed, read_refined, runs_at
from sdposim.calibration.space import REVERSED
from sdposim.calibration.streams import Stream, generator

CONDITIONS = ("sdpo/continuous", f"reinforce/{REVERSED}", f"adv_weighted/{REVERSED}")
"""Of `facts.METHODS`, see `search.CONDITIONS`."""
RUNS = 4
SIZE = 5
DDOF = (0, 1)
"""What the published SD may divide by: the number of seeds, or one less."""
_CHUNK = 200_000


class Rewards(NamedTuple):
    """Final rewards, a row per draw of settings and landscape.

    Attributes:
        draw: int64 (rows,).
        seed: int64 (rows,), the landscape's, of `landscapes.PLAIN`.
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


def seeds(pool: int) -> list[int]:
    """The written seeds, then 0, 1, ... without them until there are `pool` more."""
    others = (seed for seed in range(pool + len(WRITTEN)) if seed not in WRITTEN)
    return [*WRITTEN, *(seed for seed, _ in zip(others, range(pool), strict=False))]


def figure6(options: dict, base: dict, draws: int, pool: int, window: int) -> dict[str, np.ndarray]:
    """The step `figure6`: the methods on the landscapes of many seeds, under draws of settings."""
    numbers, rows = seeds(pool), []
    points = best_settings(read_refined(options), LEAD_SEED).draws(draws)
    for place, point in enumerate(points):
        runs = np.stack(
            [
                runs_at(placed(PLAIN, number, base, window, RUNS), point, CONDITIONS)[:, :, 0]
                for number in numbers
            ]
        )
        moments = runs.mean(axis=2), runs.var(axis=2, ddof=1)
        rows.append(Rewards(np.full(len(numbers), place), np.array(numbers), *moments))
        print(f"{place + 1} of {len(points)} draws of the settings", flush=True)
    return Rewards(*map(np.concatenate, zip(*rows, strict=True)))._asdict()


def predicted(rewards: np.ndarray, chosen: np.ndarray, ddof: int) -> np.ndarray:
    """Means and SDs over sets of landscapes, (draws, sets, methods, 2).

    Args:
        rewards: (draws, landscapes, methods).
        chosen: (sets, size), places of landscapes.
        ddof: see `DDOF`.
    """
    size = chosen.shape[1]
    result = np.empty((len(rewards), len(chosen), rewards.shape[2], 2))
    # Sums over the members, one column of sets after the other: there are millions of sets.
    for draw, method in np.ndindex(len(rewards), rewards.shape[2]):
        own = np.ascontiguousarray(rewards[draw, :, method])
        centre = own.mean()  # so that squares lose no digits
        own = own - centre
        first, second = np.zeros(len(chosen)), np.zeros(len(chosen))
        for member in chosen.T:
            values = own.take(member)
            first += values
            second += values * values
        spread = np.maximum(second - first * first / size, 0.0)
        result[draw, :, method, 0] = centre + first / size
        result[draw, :, method, 1] = np.sqrt(spread / (size - ddof))
    return result


def log_likelihood(
    rewards: np.ndarray,
    chosen: np.ndarray,
    published: np.ndarray,
    rounding: np.ndarray,
    run_variance: np.ndarray,
    ddof: int,
) -> np.ndarray:
    """Of the published means and SDs, (sets,), averaged over the draws of settings.

    A single run's variance s^2 gives the mean of m runs the variance s^2 / m and, to first order,
    their SD s^2 / (m - ddof), uncorrelated with it; the simulated means have theirs, too.

    Args:
        rewards, chosen, ddof: as in `predicted`.
        published: (methods, 2), mean and SD.
        rounding: (methods, 2), variance of their rounding.
        run_variance: (methods,).
    """
    size = chosen.shape[1]
    once = run_variance * (1 + 1 / RUNS)
    variance = np.stack([once / size, once / (size - ddof)], axis=1) + rounding
    constant = np.log(2 * np.pi * variance).sum()
    result = []
    for start in range(0, len(chosen), _CHUNK):
        part = np.zeros((len(rewards), len(chosen[start : start + _CHUNK])))
        for place, own in enumerate(rewards):
            offset = predicted(own[None], chosen[start : start + _CHUNK], ddof)[0] - published
            part[place] = -0.5 * ((offset**2 / variance).sum(axis=(1, 2)) + constant)
        result.append(np.logaddexp.reduce(part, axis=0) - np.log(len(rewards)))
    return np.concatenate(result)


def random_sets(pool: int, count: int) -> np.ndarray:
    """Random sets of different landscapes, int64 (count, SIZE), as places in a pool."""
    rng = generator(Stream.RANDOM_SETS)
    result = rng.integers(0, pool, (count, SIZE))
    while True:
        ordered = np.sort(result, axis=1)
        again = (ordered[:, 1:] == ordered[:, :-1]).any(axis=1)
        if not again.any():
            return result
        result[again] = rng.integers(0, pool, (again.sum(), SIZE))
