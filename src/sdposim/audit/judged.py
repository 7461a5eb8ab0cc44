"""Verdicts on all claims in all scopes, from the evidence on each."""

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from sdposim.audit.claims import Claims
from sdposim.audit.relations import Evidence
from sdposim.audit.verdicts import CONFLICT, NOT_HERE, PARTLY, verdicts


class Judged(NamedTuple):
    """A claim in a scope.

    Attributes:
        verdict: one of `VERDICTS`.
        tests: its rows of the evidence, with the `verdict` of each; empty where a text decides, or
            nothing.
        decisive: the row that the verdict hangs on: of a claim that is supported the one that is
            least sure, of one that is not the one that speaks most against it; None without tests.
    """

    verdict: str
    tests: pd.DataFrame
    decisive: pd.Series | None

    def count(self, verdict: str) -> int:
        """How many tests have a verdict."""
        return int((self.tests["verdict"] == verdict).sum()) if len(self.tests) else 0


def judged(claims: Claims, evidence: Mapping[str, pd.DataFrame]) -> dict[str, dict[str, Judged]]:
    """The verdicts: claim -> scope -> what was found.

    Args:
        claims: the claims.
        evidence: of each claim that has tests, from `evidence.evidence`.
    """
    result: dict[str, dict[str, Judged]] = {name: {} for name in claims.claims}
    for scope in claims.scopes:
        own = {
            name: table[table["scope"] == scope].reset_index(drop=True)
            for name, table in evidence.items()
        }
        found = verdicts(
            {
                name: [Evidence(*pair) for pair in zip(table["false"], table["true"], strict=True)]
                for name, table in own.items()
            }
        )
        for name, claim in claims.claims.items():
            if name not in own:
                result[name][scope] = Judged(claim.verdict or NOT_HERE, pd.DataFrame(), None)
                continue
            verdict, single = found[name]
            tests = own[name].assign(verdict=single)
            result[name][scope] = Judged(verdict, tests, _decisive(verdict, tests))
    return result


def _decisive(verdict: str, tests: pd.DataFrame) -> pd.Series | None:
    if verdict == NOT_HERE:
        return None
    if verdict in (CONFLICT, PARTLY):
        order = {"true": True, "needed": True}
        found = tests[tests["verdict"] == CONFLICT]
    else:
        # p-values that no number holds are equal; then the units say how near it is.
        order = {"false": False, "true": True, "needed": False}
        found = tests[tests["verdict"] == verdict]
    return found.sort_values(list(order), ascending=list(order.values()), kind="stable").iloc[0]
