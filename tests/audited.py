"""What tests of the audit share: a claim, a scope, and values whose means are known."""

import numpy as np

from sdposim.audit.claims import Scope
from sdposim.audit.samples import Sources, Values

GOOD = {"title": "t", "section": "1", "claim": "x", "kind": "ordering"}
TEST = {"effect": "reward(a)", "relation": "greater", "than": 0}
SCOPE = {"label": "l", "about": "a", "settings": ["paper"], "studies": ["comparison"]}
ONE = Scope.model_validate(SCOPE | {"settings": ["one"]})


def drawn(mean, sd=1.0, seed=1, units=40):
    """Values whose mean and SD are these exactly."""
    values = np.random.default_rng(seed).normal(size=units)
    return mean + sd * (values - values.mean()) / values.std(ddof=1)


def sources(final, landscapes=None, listed=None, at=None, kept=None):
    """Values from dictionaries: (setting, method) -> (seeds, values)."""

    def of(setting, condition, column):
        seeds, values = final[setting, condition.method]
        return Values(np.array(seeds), np.array(values, float))

    def later(setting, condition, column, step):
        return Values(*map(np.array, at[setting, condition.method, step]))

    numbers = {"one": {"steps": 300.0}}

    def policies(setting, condition):
        return kept[setting, condition.method]

    none = landscapes or (lambda *_: np.zeros(0))
    return Sources(of, later, policies, none, listed or {}, numbers)
