"""Summaries: final values per cell and curves per condition, streamed over logs."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from sdposim.analysis.logs import Log, read_log, read_metadata
from sdposim.model.metrics import METRICS
from sdposim.storage.seal import Unusable

KEYS = ["setting", "method", "feedback", "noise"]
CURVES = ("reward", "reward_smoothed", *METRICS[1:])


def final_values(log: Log, final_window: int, correlation_steps: str) -> np.ndarray:
    """Section 2.6: means over the last `final_window` steps, for each cell.

    Args:
        log: part of a log; a row that stands for several steps weighs as many.
        final_window: steps to average over.
        correlation_steps: `all` averages the credit correlation over all steps instead.

    Returns:
        float64 (cells, M), columns as the M `METRICS`.
    """
    widths = np.diff(log.steps, prepend=0).astype(float)
    final = log.steps > log.steps[-1] - final_window
    values = np.average(log.values[:, final], axis=1, weights=widths[final])
    if correlation_steps == "all":
        index = METRICS.index("credit_correlation")
        values[:, index] = np.average(log.values[:, :, index], axis=1, weights=widths)
    return values


def moving_average(values: np.ndarray, window: int) -> np.ndarray:
    """Mean over the last `window` entries along the last axis; NaN until the window is full."""
    out = np.full_like(values, np.nan)
    if values.shape[-1] >= window:
        views = np.lib.stride_tricks.sliding_window_view(values, window, axis=-1)
        out[..., window - 1 :] = views.mean(axis=-1)
    return out


class Moments:
    """Running mean and SD over cells (Chan, Golub and LeVeque's parallel update)."""

    def __init__(self) -> None:
        self.count = 0
        self.mean: np.ndarray | float = 0.0
        self.squares: np.ndarray | float = 0.0

    def add(self, values: np.ndarray) -> None:
        """Add cells along the first axis."""
        count = values.shape[0]
        mean = values.mean(axis=0)
        squares = ((values - mean) ** 2).sum(axis=0)
        delta = mean - self.mean
        total = self.count + count
        self.mean = self.mean + delta * (count / total)
        self.squares = self.squares + squares + delta**2 * (self.count * count / total)
        self.count = total

    @property
    def sd(self) -> np.ndarray:
        """Sample standard deviation (n - 1); NaN for a single cell."""
        if self.count < 2:
            return np.full_like(self.mean, np.nan)
        return np.sqrt(self.squares / (self.count - 1))


class Summary:
    """Cells and curves of logs that are taken one part at a time.

    Args:
        analysis: the `analysis` group of the configuration.
        add: called with the cells of each part, one row per cell: setting, method, feedback, noise,
            seed, then `METRICS`. What it was given is not kept.
    """

    def __init__(self, analysis: dict, add: Callable[[pd.DataFrame], None]) -> None:
        self.analysis, self.add = analysis, add
        self.moments: dict[tuple, tuple[np.ndarray, Moments]] = {}

    def take(self, labels: dict, log: Log) -> None:
        """Take part of a log, of a condition with the labels `KEYS`."""
        options = self.analysis["final_window"], self.analysis["correlation_steps"]
        values = final_values(log, *options)
        columns = {"seed": log.seeds} | dict(zip(METRICS, values.T, strict=True))
        self.add(pd.DataFrame(labels | columns))
        _, running = self.moments.setdefault(tuple(labels.values()), (log.steps, Moments()))
        running.add(_curves(log, self.analysis["smoothing_window"]))

    def curves(self) -> pd.DataFrame:
        """One row per condition and logged step, see `stream`."""
        return _curve_table(self.moments)


def summarise(
    paths: Mapping[str, str], seeds: list[tuple[int, int]], analysis: dict
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The summary of a study in memory: cells and curves; see `stream`."""
    cells: list[pd.DataFrame] = []
    curves = stream(paths, seeds, analysis, cells.append)
    return pd.concat(cells, ignore_index=True), curves


def stream(
    paths: Mapping[str, str],
    seeds: list[tuple[int, int]],
    analysis: dict,
    add: Callable[[pd.DataFrame], None],
) -> pd.DataFrame:
    """Read the logs of a study, one part at a time.

    Args:
        paths: the logs, and what the seal of each must say.
        seeds: the study's seeds as ranges; a log may hold other studies' seeds too.
        analysis: the `analysis` group of the configuration.
        add: see `Summary`.

    Returns:
        curves: one row per condition and logged step: n, and `<metric>_mean` and `<metric>_sd` for
            each of `CURVES`, over seeds. `reward_smoothed` is the moving average of each seed's
            rewards; it needs a log of every step and is NaN otherwise.

    Raises:
        Unusable: logs are damaged or were made from something else; all of them are named.
    """
    summary = Summary(analysis, add)
    unusable: dict[str, str] = {}
    for path, identity in paths.items():
        try:
            condition = read_metadata(path, identity)["condition"]
        except Unusable as error:
            unusable |= error.reasons
            continue
        labels = {name: condition[name] for name in KEYS}
        for log in read_log(path, identity):
            log = _select(log, seeds)
            if log.seeds.size:
                summary.take(labels, log)
    if unusable:
        raise Unusable(unusable)
    return summary.curves()


def _select(log: Log, seeds: list[tuple[int, int]]) -> Log:
    wanted = np.zeros(log.seeds.size, bool)
    for first, last in seeds:
        wanted |= (log.seeds >= first) & (log.seeds <= last)
    return log if wanted.all() else Log(log.seeds[wanted], log.steps, log.values[wanted])


def _curves(log: Log, window: int) -> np.ndarray:
    rewards = log.values[:, :, 0]
    every_step = log.steps.size == log.steps[-1]
    smoothed = moving_average(rewards, window) if every_step else np.full_like(rewards, np.nan)
    return np.concatenate([log.values[:, :, :1], smoothed[..., None], log.values[:, :, 1:]], axis=2)


def _curve_table(moments: dict) -> pd.DataFrame:
    tables = []
    for labels, (steps, running) in moments.items():
        columns = dict(zip(KEYS, labels, strict=True)) | {"step": steps, "n": running.count}
        for index, name in enumerate(CURVES):
            columns[f"{name}_mean"] = running.mean[:, index]
            columns[f"{name}_sd"] = running.sd[:, index]
        tables.append(pd.DataFrame(columns))
    return pd.concat(tables, ignore_index=True)
