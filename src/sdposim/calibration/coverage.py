"""What synthetic papers say of the method: coverage, ranks, landscapes found."""

from collections.abc import Mapping, Sequence
from math import comb, exp

import numpy as np
import pandas as pd

from sdposim.calibration import files
from sdposim.calibration.space import PARAMETERS, coordinates
from sdposim.calibration.streams import Stream, generator
from sdposim.calibration.synthetic import LEVELS, NONE, WAYS
from sdposim.storage.arrays import read_arrays

INTERVALS = {
    50: (LEVELS.index(0.25), LEVELS.index(0.75)),
    90: (LEVELS.index(0.05), LEVELS.index(0.95)),
}
"""Percent -> places of its ends in `LEVELS`."""
_TRIALS = 20_000


def read_synthetic(options: Mapping) -> dict[str, np.ndarray]:
    """Everything that is stored of the synthetic papers, see `synthetic.synthetic`."""
    return read_arrays(files.synthetic(dict(options)))


def settings(papers: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """A row per paper, way and setting: the truth, the probability below it, quantiles."""
    rows = []
    for paper, number in enumerate(papers["number"]):
        truth = coordinates(papers["truth"][paper])
        for way in WAYS:
            quantiles = coordinates(papers[f"{way}_quantiles"][paper])
            for place, parameter in enumerate(PARAMETERS):
                ends = [parameter.setting(value) for value in quantiles[:, place]]
                rank = papers[f"{way}_ranks"][paper, place]
                about = (int(number), int(papers["seed"][paper]), way, parameter.key)
                rows.append((*about, parameter.setting(truth[place]), rank, *ends))
    names = [f"q{100 * level:g}" for level in LEVELS]
    return pd.DataFrame(
        rows, columns=["paper", "landscape_seed", "way", "setting", "truth", "below", *names]
    )


def coverage(table: pd.DataFrame) -> pd.DataFrame:
    """A row per way and setting, from `settings`.

    `inside_50` and `inside_90` count papers whose truth is in the central interval, `chance_*` is
    the binomial probability of a count that is at least as unlikely, and `uniform` that of ranks
    that are as far from uniform (Kolmogorov and Smirnov, by simulation).
    """
    rows = []
    for (way, setting), part in table.groupby(["way", "setting"], sort=False):
        ranks, row = part["below"].to_numpy(), {"way": way, "setting": setting}
        for percent in INTERVALS:
            inside = int((np.abs(ranks - 0.5) <= percent / 200).sum())
            row[f"inside_{percent}"] = inside
            row[f"chance_{percent}"] = binomial_chance(inside, len(ranks), percent / 100)
        rows.append(row | {"papers": len(ranks), "uniform": uniform_chance(ranks)})
    return pd.DataFrame(rows)


def binomial_chance(count: int, trials: int, share: float) -> float:
    """Probability of a count that is at most as likely as this one."""
    likely = [
        comb(trials, own) * share**own * (1 - share) ** (trials - own) for own in range(trials + 1)
    ]
    return float(sum(own for own in likely if own <= likely[count] * (1 + 1e-9)))


def binomial_range(trials: int, share: float, level: float = 0.99) -> tuple[int, int]:
    """The smallest and the largest count whose `binomial_chance` is above 1 - level."""
    likely = [
        count for count in range(trials + 1) if binomial_chance(count, trials, share) > 1 - level
    ]
    return likely[0], likely[-1]


def distance(ranks: np.ndarray) -> np.ndarray:
    """Largest distance of the distribution of ranks (..., papers) from the uniform one, (...)."""
    count = ranks.shape[-1]
    ordered = np.sort(ranks, axis=-1)
    above, below = np.arange(1, count + 1) / count - ordered, ordered - np.arange(count) / count
    return np.maximum(above, below).max(axis=-1)


def _distances(count: int) -> np.ndarray:
    return distance(generator(Stream.UNIFORM_RANKS).random((_TRIALS, count)))


def uniform_chance(ranks: np.ndarray) -> float:
    """Probability of uniform ranks whose distribution is at least as far from uniform."""
    return float((_distances(len(ranks)) >= distance(ranks)).mean())


def uniform_band(count: int, level: float = 0.95) -> float:
    """The distance that the distribution of so many uniform ranks stays within."""
    return float(np.quantile(_distances(count), level))


def landscapes(papers: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """A row per paper: the true landscape, what the search believes, and evidence.

    `gain` is the log evidence of the true landscape less that of any; `best_wrong` the same of the
    best written seed that is wrong.
    """
    rows = []
    for paper, seed in enumerate(papers["seed"]):
        seeds, evidence = papers["candidates"][paper], papers["log_evidence"][paper]
        probabilities = papers["probabilities"][paper]
        wrong = (seeds != seed) & (seeds != NONE)
        rows.append(
            {
                "paper": int(papers["number"][paper]),
                "landscape_seed": int(seed),
                "probability": float(probabilities[seeds == seed].sum()),
                "best": int(seeds[np.argmax(probabilities)]),
                "gain": papers["given_log_evidence"][paper] - evidence[0],
                "best_wrong": float(evidence[wrong].max() - evidence[0]),
            }
        )
    return pd.DataFrame(rows)


def gains(table: pd.DataFrame, levels: Sequence[float], searched: int) -> pd.DataFrame:
    """How often landscapes gain more than a level, from `landscapes`; a row per level.

    Were the evidence of any landscape exact, a landscape that has nothing to do with the numbers
    would gain more than g with a probability below exp(-g): averaged over all landscapes, evidence
    divided by that of any is 1 (Markov's inequality).

    Args:
        table: from `landscapes`.
        levels: of log evidence less that of any landscape.
        searched: written seeds that each paper tries.

    Returns:
        `true`: papers whose true landscape gains more. `wrong`: papers a wrong seed of which does.
        `bound`: that many wrong seeds would be expected at most.
    """
    tries = searched * len(table) - int((table["landscape_seed"] != NONE).sum())
    rows = [
        (
            level,
            int((table["gain"] > level).sum()),
            int((table["best_wrong"] > level).sum()),
            tries * exp(-level),
        )
        for level in levels
    ]
    return pd.DataFrame(rows, columns=["level", "true", "wrong", "bound"])
