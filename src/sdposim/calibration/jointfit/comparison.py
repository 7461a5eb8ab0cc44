"""From the runs of every condition to what the paper would print, and how it scatters."""

import numpy as np

from sdposim.calibration.jointfit.facts import EVERY, LANDSCAPES, Condition, Fact, conditions
from sdposim.calibration.jointfit.reading import PLAIN_RULE, Rule
from sdposim.calibration.jointfit.simulate import STATISTICS

REWARD = STATISTICS.index("reward")


class Comparison:
    """Of published numbers with runs.

    Attributes:
        facts: the published numbers.
        conditions: those of their runs, in the order of every array with a row per condition.
        values: (facts,), the published values.
    """

    def __init__(self, facts: tuple[Fact, ...], rule: Rule = PLAIN_RULE):
        self.facts = facts
        self.conditions = conditions(facts)
        self.values = np.array([fact.value for fact in facts])
        self._rule = rule
        self._places = {own: place for place, own in enumerate(self.conditions)}

    def predicted(self, means: np.ndarray, scatter: np.ndarray) -> np.ndarray:
        """What the paper would print on average, (facts,).

        Args:
            means: (conditions, statistics), over runs.
            scatter: (conditions, statistics, statistics), of single runs.
        """
        return np.array([self._predicted(fact, means, scatter) for fact in self.facts])

    def derivatives(self, means: np.ndarray, scatter: np.ndarray) -> np.ndarray:
        """Of `predicted` in the means, (facts, conditions, statistics)."""
        found = np.zeros((len(self.facts), *means.shape))
        for row, fact in zip(found, self.facts, strict=True):
            if fact.condition.place != EVERY:
                row[self._places[fact.condition], self._column(fact)] = self._sign(fact)
                continue
            rewards = self._rewards(fact, means)
            if fact.statistic == "mean":
                change = np.full(LANDSCAPES, 1 / LANDSCAPES)
            else:
                divisor = LANDSCAPES - self._rule.ddof
                change = (rewards - rewards.mean()) / divisor
                change /= self._predicted(fact, means, scatter)
            row[self._listed(fact.condition), REWARD] = change
        return found

    def covariance(self, derivatives: np.ndarray, scatter: np.ndarray, runs: int) -> np.ndarray:
        """Of published less predicted numbers, (facts, facts).

        Numbers of one run scatter together; those of different runs do not. The error of the means,
        which are over `runs` runs, is common to all numbers of a condition.
        """
        count = len(self.facts)
        own = np.array([fact.run for fact in self.facts])
        single = np.einsum("acs,cst,bct->ab", derivatives, scatter, derivatives)
        errors = np.diag([fact.error for fact in self.facts])
        return np.where(own[:, None] == own, single, np.zeros((count, count))) + (
            single / runs + errors
        )

    def _predicted(self, fact: Fact, means, scatter) -> float:
        if fact.condition.place != EVERY:
            return self._sign(fact) * means[self._places[fact.condition], self._column(fact)]
        rewards = self._rewards(fact, means)
        if fact.statistic == "mean":
            return float(rewards.mean())
        # Single runs scatter about the means of their landscapes, which widens the SD a little.
        noise = scatter[self._listed(fact.condition), REWARD, REWARD].mean()
        squares = np.sum((rewards - rewards.mean()) ** 2) + (LANDSCAPES - 1) * noise
        return float(np.sqrt(squares / (LANDSCAPES - self._rule.ddof)))

    def _listed(self, own: Condition) -> list[int]:
        return [self._places[own._replace(place=place)] for place in range(LANDSCAPES)]

    def _rewards(self, fact: Fact, means) -> np.ndarray:
        return means[self._listed(fact.condition), REWARD]

    def _column(self, fact: Fact) -> int:
        name = fact.statistic
        return STATISTICS.index(self._rule.correlation if name == "correlation" else name)

    def _sign(self, fact: Fact) -> float:
        wrong = fact.statistic == "correlation" and fact.method in self._rule.negated
        return -1.0 if wrong else 1.0
