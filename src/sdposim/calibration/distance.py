"""How far simulated tables are from published ones, in units of the run-to-run scatter.

A published number is one run. With m published columns from one condition (a baseline's four
columns are four runs, as it never sees feedback), the mean of n simulated runs and the covariance S
of a run, the published columns minus that mean are normal with covariance S + S/n, S/n being common
to the m columns. Rounding to three decimals adds 0.001^2 / 12 to each variance.
"""

from itertools import product
from typing import NamedTuple

import numpy as np

from sdposim.calibration.simulator import CONDITIONS
from sdposim.calibration.target import FEEDBACKS, Tables

ROUNDING = 0.001**2 / 12
READINGS = {
    "ordinal_scale": ("fraction", "unit"),
    "hint": ("rollout", "fixed", "position"),
    "correlation_steps": ("final", "all"),
    "kl_on_baselines": (True, False),
}
"""The discrete readings that the tables can say something about; equally likely a priori."""


class Reading(NamedTuple):
    """One choice of every discrete reading."""

    ordinal_scale: str
    hint: str
    correlation_steps: str
    kl_on_baselines: bool

    @property
    def groups(self) -> dict[str, list[tuple[str, str]]]:
        """Condition -> the published columns (method, feedback) that are runs of it."""
        baseline = "" if self.kl_on_baselines else "/no lambda"
        groups: dict[str, list[tuple[str, str]]] = {
            f"{method}{baseline}": [(method, feedback) for feedback in FEEDBACKS]
            for method in ("reinforce", "adv_weighted")
        }
        critique = "continuous" if self.hint == "position" else f"critique/{self.hint}"
        for condition, feedback in (
            ("binary", "binary"),
            (f"ordinal/{self.ordinal_scale}", "ordinal"),
            ("continuous", "continuous"),
            (critique, "critique"),
        ):
            groups.setdefault(condition, []).append(("sdpo", feedback))
        return groups

    @property
    def statistics(self) -> list[int]:
        """Indices into `STATISTICS`: reward, entropy, and the correlation of this reading."""
        return [0, 1, 2 if self.correlation_steps == "final" else 3]


ALL_READINGS = tuple(Reading(*chosen) for chosen in product(*READINGS.values()))


class Scatter(NamedTuple):
    """The run-to-run covariance as a function of the settings.

    Log variances are linear in the coordinates z; correlations are constant.

    Attributes:
        coefficients: (conditions, statistics, 1 + parameters), of the log variances.
        correlations: (conditions, statistics, statistics).
        low, high: (parameters,), the range of z that was fitted; beyond it the edge counts.
    """

    coefficients: np.ndarray
    correlations: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def covariance(self, z: np.ndarray) -> np.ndarray:
        """Covariance of one run at z (draws, parameters): (draws, conditions, stats, stats)."""
        sd = np.exp(
            0.5 * np.einsum("df,csf->dcs", _features(z, self.low, self.high), self.coefficients)
        )
        return sd[..., :, None] * self.correlations * sd[..., None, :]


def _features(z: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    return np.concatenate([np.ones((len(z), 1)), np.clip(z, low, high)], axis=1)


def fit_scatter(z: np.ndarray, runs: np.ndarray) -> Scatter:
    """Maximum likelihood for normal runs.

    Args:
        z: (draws, parameters).
        runs: (draws, conditions, n, statistics), n >= 2.
    """
    _, conditions, count, statistics = runs.shape
    low, high = z.min(axis=0), z.max(axis=0)
    features = _features(z, low, high)
    residuals = runs - runs.mean(axis=2, keepdims=True)
    variances = np.sum(residuals**2, axis=2) / (count - 1)
    coefficients = np.empty((conditions, statistics, features.shape[1]))
    for c, s in np.ndindex(conditions, statistics):
        coefficients[c, s] = _log_linear(features, variances[:, c, s])
    sd = np.exp(0.5 * np.einsum("df,csf->dcs", features, coefficients))
    scaled = residuals / sd[:, :, None, :]
    moments = np.einsum("dcns,dcnt->cst", scaled, scaled)
    norm = np.sqrt(np.einsum("css->cs", moments))
    return Scatter(coefficients, moments / norm[:, :, None] / norm[:, None, :], low, high)


def _log_linear(features: np.ndarray, variances: np.ndarray) -> np.ndarray:
    """Coefficients b that minimise sum(log v + s / v) over log v = features b, by Newton's method.

    This is the gamma regression of sample variances s with a log link.
    """
    coefficients = np.zeros(features.shape[1])
    coefficients[0] = np.log(variances.mean())
    loss = np.inf
    for _ in range(100):
        ratio = variances * np.exp(-features @ coefficients)
        last, loss = loss, np.sum(features @ coefficients + ratio)
        if abs(last - loss) < 1e-10 * len(variances):
            break
        # Fisher's scoring: the expected curvature is that of least squares.
        step = np.linalg.lstsq(features, ratio - 1.0, rcond=None)[0]
        coefficients += step * min(1.0, 2.0 / np.abs(features @ step).max())
    return coefficients


def distances(
    means: np.ndarray, count: int, covariance: np.ndarray, published: Tables
) -> tuple[np.ndarray, np.ndarray]:
    """Squared distances and log likelihoods of published tables under every reading.

    Args:
        means: (draws, conditions, statistics), each a mean over runs.
        count: n, how many runs.
        covariance: (draws, conditions, statistics, statistics), of one run.
        published: the tables, see `sdposim.calibration.target`.

    Returns:
        squared distances, chi-squared with 36 degrees of freedom for the true settings, and log
        likelihoods, both (draws, readings) in the order of `ALL_READINGS`.
    """
    names = list(CONDITIONS)
    done: dict[tuple, tuple[np.ndarray, np.ndarray]] = {}
    squared = np.zeros((means.shape[0], len(ALL_READINGS)))
    constants = np.zeros_like(squared)
    for r, reading in enumerate(ALL_READINGS):
        chosen = reading.statistics
        for condition, columns in reading.groups.items():
            key = (condition, tuple(columns), reading.correlation_steps)
            if key not in done:
                c = names.index(condition)
                done[key] = _group(
                    np.array([published[column] for column in columns]),
                    means[:, c][:, chosen],
                    count,
                    covariance[:, c][:, chosen][:, :, chosen],
                )
            squared[:, r] += done[key][0]
            constants[:, r] += done[key][1]
    return squared, -0.5 * (squared + constants)


def _group(published, means, count, covariance):
    """Squared distances of columns (m, 3) from means (draws, 3), and -2 log of the constants."""
    columns = published.shape[0]
    scatter = covariance + ROUNDING * np.eye(published.shape[1])
    centre = published.mean(axis=0)
    of_centre = scatter / columns + covariance / count
    offset = centre - means
    deviations = published - centre
    squared = np.einsum("ds,dst,dt->d", offset, np.linalg.inv(of_centre), offset)
    squared += np.einsum("ms,dst,mt->d", deviations, np.linalg.inv(scatter), deviations)
    constant = np.linalg.slogdet(of_centre * columns)[1]
    constant += (columns - 1) * np.linalg.slogdet(scatter)[1]
    return squared, constant
