"""Everything that the report of a calibration is written from, computed once."""

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from sdposim.presentation.calibration import predictive, reach
from sdposim.presentation.calibration.settings import settings


class Findings(NamedTuple):
    """What the report is written from.

    Attributes:
      posterior, accepted, preset_table: see the package.
      settings: from `settings.settings`.
      intervals: from `predictive.intervals`.
      within, evidence, spans: from `reach`.
    """

    posterior: Mapping
    accepted: pd.DataFrame
    preset_table: pd.DataFrame
    settings: pd.DataFrame
    intervals: pd.DataFrame
    within: pd.DataFrame
    evidence: pd.DataFrame
    spans: pd.DataFrame

    @property
    def held_out(self) -> pd.DataFrame:
        """The intervals of numbers that were not fitted."""
        return self.intervals[self.intervals["source"] != "tables"]


def findings(
    posterior: Mapping,
    accepted: pd.DataFrame,
    predictions: pd.DataFrame,
    preset_table: pd.DataFrame,
) -> Findings:
    """Return the findings; for the arguments see the package."""
    within = reach.reached(predictions, accepted, preset_table)
    return Findings(
        posterior=posterior,
        accepted=accepted,
        preset_table=preset_table,
        settings=settings(posterior),
        intervals=predictive.intervals(predictions, accepted),
        within=within,
        evidence=reach.evidence(within),
        spans=reach.spans(preset_table),
    )
