"""Averages of published numbers that are runs of the same condition."""

from collections.abc import Sequence

import numpy as np

from sdposim.calibration.jointfit.facts import Fact


class Averages:
    """Of a paper's numbers: the mean over those of one condition and statistic.

    A baseline never sees feedback, so that its columns and points are runs of one condition, whose
    mean tells all that they tell of the settings. Figure 6's SDs are taken as logarithms, which
    makes them nearly normal.

    Attributes:
        together: bool (averages, averages), which of them share a run.
    """

    def __init__(self, facts: Sequence[Fact]):
        groups: dict[tuple, list[int]] = {}
        for place, fact in enumerate(facts):
            groups.setdefault((fact.condition, fact.statistic), []).append(place)
        self._weights = np.zeros((len(groups), len(facts)))
        for row, places in zip(self._weights, groups.values(), strict=True):
            row[places] = 1 / len(places)
        self._logarithmic = np.array([statistic == "sd" for _, statistic in groups])
        self._errors = np.array([fact.error for fact in facts])
        runs = [{facts[place].run for place in places} for places in groups.values()]
        self.together = np.array([[bool(one & other) for other in runs] for one in runs])

    def of(self, numbers: np.ndarray) -> np.ndarray:
        """Of numbers (..., facts), (..., averages)."""
        found = numbers @ self._weights.T
        found[..., self._logarithmic] = np.log(found[..., self._logarithmic])
        return found

    def derivatives(self, numbers: np.ndarray) -> np.ndarray:
        """Of the averages in the numbers (facts,), (averages, facts)."""
        found = self._weights.copy()
        own = self._weights[self._logarithmic]
        found[self._logarithmic] = own / (own @ numbers)[:, None]
        return found

    def errors(self, numbers: np.ndarray) -> np.ndarray:
        """Covariance of rounding and reading, at numbers (facts,), (averages, averages)."""
        change = self.derivatives(numbers)
        return (change * self._errors) @ change.T
