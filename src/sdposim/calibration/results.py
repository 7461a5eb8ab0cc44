"""What a calibration found: all draws with their weights, and a summary of each setting."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa

from sdposim.calibration.distance import ALL_READINGS, READINGS
from sdposim.calibration.draws import Draws
from sdposim.calibration.posterior import (
    THRESHOLD,
    Posterior,
    effective_size,
    quantiles,
    reading_probabilities,
)
from sdposim.calibration.prior import PARAMETERS, UNSEEN, values
from sdposim.parquet import open_sealed, sealed_writer
from sdposim.seal import identity

ENOUGH = 50.0
"""Effective draws below which the weights are flattened, so that intervals are not one draw."""


def weighted_draws(draws: Draws, posterior: Posterior) -> pd.DataFrame:
    """One row per draw: where it was taken, its likeliest reading, distance and weight."""
    chosen = values(draws.z)
    readings = [ALL_READINGS[index] for index in posterior.reading]
    _, weights = posterior.weights(ENOUGH)
    return pd.DataFrame(
        {"generation": draws.generation, "draw": draws.number, "landscape": draws.landscape}
        | {p.key: chosen[:, i] for i, p in enumerate(PARAMETERS)}
        | {name: [getattr(reading, name) for reading in readings] for name in READINGS}
        | {
            "distance": posterior.distance,
            "log_likelihood": posterior.marginal,
            "weight": weights,
        }
    )


def write_weighted(path: str, table: pd.DataFrame, spec: str) -> None:
    """Write a table of draws as sealed Parquet."""
    frame = pa.Table.from_pandas(table, preserve_index=False)
    metadata = {b"sdposim": json.dumps({"spec": json.loads(spec)}, sort_keys=True).encode()}
    schema = frame.schema.with_metadata((frame.schema.metadata or {}) | metadata)
    with sealed_writer(path, schema, identity(spec)) as writer:
        writer.write_table(frame.cast(schema))


def read_weighted(path: str) -> pd.DataFrame:
    """Read a table of draws.

    Raises:
        Unusable: the file is damaged or foreign.
    """
    return open_sealed(path).read().to_pandas()


def summary(table: pd.DataFrame, posterior: Posterior, landscapes: int, truth: dict | None) -> dict:
    """What the tables say about each setting.

    Args:
        table: from `weighted_draws`.
        posterior: what it was made from.
        landscapes: how many there are.
        truth: the settings behind synthetic tables.
    """
    weights = table["weight"].to_numpy()
    power, _ = posterior.weights(ENOUGH)
    return {
        "draws": len(table),
        "ess": effective_size(weights),
        "power": power,
        "threshold": THRESHOLD,
        "parameters": {p.key: _parameter(p, table[p.key].to_numpy(), weights) for p in PARAMETERS},
        "readings": reading_probabilities(posterior, weights),
        "landscapes": _landscapes(table, landscapes, truth),
        "truth": truth,
    }


def with_unseen(said: dict) -> dict:
    """Add the settings that no table depends on: what is known of them is the prior."""
    unseen = {
        p.key: _parameter(p, p.value(np.linspace(0, 1, 2001)), np.full(2001, 1 / 2001))
        for p in UNSEEN
    }
    return said | {
        "parameters": said["parameters"] | unseen,
        "readings": said["readings"] | {"clip": {"True": 0.5, "False": 0.5}},
    }


def _parameter(parameter, chosen, weights) -> dict:
    levels = np.array([0.05, 0.5, 0.95])
    found = quantiles(chosen, weights)
    low, _, high = (float(parameter.quantile(value)) for value in found)
    return {
        "symbol": parameter.symbol,
        "low": parameter.low,
        "high": parameter.high,
        "logarithmic": parameter.logarithmic,
        "prior": parameter.value(levels).tolist(),
        "posterior": found,
        "width_ratio": (high - low) / 0.9,
    }


def _landscapes(table: pd.DataFrame, size: int, truth: dict | None) -> dict:
    shares = table.groupby("landscape")["weight"].sum().sort_values(ascending=False, kind="stable")
    positive = shares[shares > 0]
    return {
        "size": size,
        "effective": float(np.exp(-np.sum(positive * np.log(positive)))),
        "top": [[int(seed), float(share)] for seed, share in shares.head(10).items()],
        "truth": float(shares.get(truth["landscape"], 0.0)) if truth else None,
    }


def plain(value):
    """A NumPy scalar as Python's own."""
    return value.item() if hasattr(value, "item") else value
