"""Sets of five landscapes: the means and SDs over them, and how likely they make figure 6."""

import numpy as np

from sdposim.calibration.identification.figure6 import RUNS

SIZE = 5
DDOF = (0, 1)
"""What the published SD may divide by: the number of seeds, or one less."""
_CHUNK = 200_000


def predicted(rewards: np.ndarray, chosen: np.ndarray, ddof: int) -> np.ndarray:
    """Means and SDs over sets of landscapes, (draws, sets, methods, 2).

    Args:
        rewards: (draws, landscapes, methods).
        chosen: (sets, size), places of landscapes.
        ddof: see `DDOF`.
    """
    size = chosen.shape[1]
    found = np.empty((len(rewards), len(chosen), rewards.shape[2], 2))
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
        found[draw, :, method, 0] = centre + first / size
        found[draw, :, method, 1] = np.sqrt(spread / (size - ddof))
    return found


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
    found = []
    for start in range(0, len(chosen), _CHUNK):
        part = np.zeros((len(rewards), len(chosen[start : start + _CHUNK])))
        for place, own in enumerate(rewards):
            offset = predicted(own[None], chosen[start : start + _CHUNK], ddof)[0] - published
            part[place] = -0.5 * ((offset**2 / variance).sum(axis=(1, 2)) + constant)
        found.append(np.logaddexp.reduce(part, axis=0) - np.log(len(rewards)))
    return np.concatenate(found)


def random_sets(pool: int, count: int) -> np.ndarray:
    """Random sets of different landscapes, int64 (count, SIZE), as places in a pool."""
    rng = np.random.default_rng(7)
    found = rng.integers(0, pool, (count, SIZE))
    while True:
        ordered = np.sort(found, axis=1)
        again = (ordered[:, 1:] == ordered[:, :-1]).any(axis=1)
        if not again.any():
            return found
        found[again] = rng.integers(0, pool, (again.sum(), SIZE))
