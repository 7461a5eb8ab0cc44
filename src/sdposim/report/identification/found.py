"""What the report and the figures of an identification are made from."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from sdposim.calibration.identification.figure6 import Rewards
from sdposim.calibration.identification.findings import Lists
from sdposim.calibration.identification.search import Scores


class Found(NamedTuple):
    """See `sdposim.calibration.identification.findings` for the tables.

    `options` are keys of the configuration's group, `figure6` the published means and SDs by
    method.
    """

    options: dict
    scores: Scores
    families: pd.DataFrame
    refined: pd.DataFrame
    rewards: Rewards
    lists: list[Lists]
    figure6: dict[str, np.ndarray]
