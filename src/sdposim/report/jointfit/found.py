"""What the report and the figures of a joint fit are made from."""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from sdposim.analysis.published import Value
from sdposim.calibration.jointfit.preset import Candidates, Shown


class Found(NamedTuple):
    """See `sdposim.calibration.jointfit.findings` for the tables.

    `options` are keys of the configuration's group, `nearest` the smallest |z| of each published
    number over all readings that are not far from the best.
    """

    options: dict
    numbers: pd.DataFrame
    readings: pd.DataFrame
    settings: pd.DataFrame
    left_out: pd.DataFrame
    together: pd.DataFrame
    gain: dict[str, float]
    candidates: Candidates
    shown: Shown
    weights: Sequence[Value]
    nearest: pd.Series
