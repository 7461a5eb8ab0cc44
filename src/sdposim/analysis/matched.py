"""Policies at equal expected reward: what runs have where they first get a share of the gain."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sdposim.analysis.exact import WORTH

MEASURES = (*WORTH, "entropy")
"""What is compared at equal reward; the first one chooses the learning rate."""
WIDEST = 0.1
"""Of two kept policies the most that their shares may differ by: between, a line is drawn."""
SEEN = 0.9
"""The share of the landscapes on which a learning rate must cross a level so to count there."""


def crossed(kept: pd.DataFrame, levels: Sequence[float]) -> pd.DataFrame:
    """`MEASURES` of runs where they first get a share of the possible gain.

    Args:
        kept: rows of `commands.exact` of one condition, whose runs keep the same steps.
        levels: shares.

    Returns:
        `seed`, `level` and `MEASURES`, in straight lines between kept steps; NaN where a run starts
        above the level, never gets there, or gets there in a leap of more than `WIDEST`.
    """
    gain = kept["optimum"] - kept["uniform"]
    own = kept.assign(share=(kept["reward"] - kept["uniform"]) / gain)
    seeds = np.sort(own["seed"].unique())
    share, *others = (
        own.pivot(index="seed", columns="step", values=column).sort_index(axis=1).to_numpy()
        for column in ("share", *MEASURES)
    )
    measured, every = dict(zip(MEASURES, others, strict=True)), np.arange(seeds.size)
    frames = []
    for level in levels:
        after = (share >= level).argmax(axis=1)
        before = np.maximum(after - 1, 0)
        low, high = share[every, before], share[every, after]
        seen = (low < level) & (level <= high) & (high - low <= WIDEST)
        weight = np.where(seen, (level - low) / np.where(seen, high - low, 1.0), np.nan)
        values = {
            column: (1 - weight) * way[every, before] + weight * way[every, after]
            for column, way in measured.items()
        }
        frames.append(pd.DataFrame({"seed": seeds, "level": level} | values))
    return pd.concat(frames, ignore_index=True)
