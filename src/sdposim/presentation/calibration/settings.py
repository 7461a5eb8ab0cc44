"""What the tables say about every setting, as one tidy frame."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sdposim.presentation.calibration import verdicts
from sdposim.presentation.calibration.names import LANDSCAPE, PARAMETERS, READINGS
from sdposim.presentation.files import number

COLUMNS = [
    "setting",
    "key",
    "value",
    "prior_low",
    "prior_high",
    "logarithmic",
    "prior_probability",
    "probability",
    "q05",
    "q50",
    "q95",
    "width_ratio",
    "verdict",
    "phrase",
]


def settings(posterior: Mapping) -> pd.DataFrame:
    """Return one row per continuous setting and one per value of a reading, columns `COLUMNS`.

    Continuous settings have the range of their prior, the quantiles of their posterior, and the
    width of its 90% interval over the prior's; values of readings and the likeliest landscapes
    have probabilities. What does not apply is NaN.
    """
    rows = []
    for name, named in PARAMETERS.items():
        entry = posterior["parameters"][name]
        low, median, high = entry["posterior"]
        rows.append(
            {"setting": name, "key": named.key, "logarithmic": entry["logarithmic"]}
            | {"prior_low": entry["low"], "prior_high": entry["high"]}
            | {"q05": low, "q50": median, "q95": high, "width_ratio": entry["width_ratio"]}
            | _verdict(verdicts.of_parameter(name, entry))
        )
    for name, named in READINGS.items():
        shares = reading_probabilities(posterior, name)
        verdict = verdicts.of_reading(name, shares)
        rows += _values(name, named.key, shares, len(shares), verdict)
    entry = posterior["landscapes"]
    shares = {str(seed): share for seed, share in entry["top"]}
    verdict = verdicts.of_landscape(entry)
    rows += _values("landscape", LANDSCAPE.key, shares, entry["size"], verdict)
    return pd.DataFrame(rows, columns=COLUMNS)


def reading_probabilities(posterior: Mapping, name: str) -> dict[str, float]:
    """Return the posterior probability of each value, written as in the configuration."""
    return {str(value).lower(): p for value, p in posterior["readings"][name].items()}


def prior_quantile(values: np.ndarray, entry: Mapping) -> np.ndarray:
    """Return where values lie in the prior, 0 at its lower end and 1 at its upper end.

    Args:
      values: of a continuous setting, any shape.
      entry: the setting's entry of `posterior["parameters"]`.
    """
    low, high = entry["low"], entry["high"]
    if entry["logarithmic"]:
        return np.log(np.asarray(values) / low) / np.log(high / low)
    return (np.asarray(values) - low) / (high - low)


def prior_value(quantiles: np.ndarray, entry: Mapping) -> np.ndarray:
    """Return the inverse of `prior_quantile`."""
    low, high = entry["low"], entry["high"]
    if entry["logarithmic"]:
        return low * (high / low) ** np.asarray(quantiles)
    return low + (high - low) * np.asarray(quantiles)


def to_csv(frame: pd.DataFrame) -> str:
    """Return the settings as csv, 4 decimals; what does not apply is empty."""
    text = frame.copy()
    for name in text.columns[3:-2].drop("logarithmic"):
        text[name] = [number(value, 4) for value in text[name]]
    return text.to_csv(index=False, lineterminator="\n")


def _values(name, key, shares, size, verdict) -> list[dict]:
    return [
        {"setting": name, "key": key, "value": value, "prior_probability": 1 / size}
        | {"probability": share}
        | _verdict(verdict)
        for value, share in shares.items()
    ]


def _verdict(verdict) -> dict:
    return {"verdict": verdict.kind, "phrase": verdict.phrase}
