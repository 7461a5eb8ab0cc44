"""What a report on claims shows."""

from collections.abc import Mapping
from typing import NamedTuple

from sdposim.audit.claims import Claims
from sdposim.audit.judged import Judged
from sdposim.audit.rulebooks import Rulebook
from sdposim.audit.verdicts import CONFLICT, NOT_HERE, PARTLY, SUPPORTED


class Findings(NamedTuple):
    """The claims, their verdicts, and what the page says of both.

    Attributes:
        rulebook: whose claims these are.
        claims: with their scopes.
        judged: claim -> scope -> verdict and tests.
        rules: `commit` and `state` of the claims' file, see `workflow.claims.rules_commit`.
        reasons: why a claim falls, by claim, written after the results.
        rates: the learning rate of each setting.
    """

    rulebook: Rulebook
    claims: Claims
    judged: Mapping[str, Mapping[str, Judged]]
    rules: Mapping[str, str]
    reasons: Mapping[str, str]
    rates: Mapping[str, float]

    def verdict(self, claim: str, scope: str) -> str:
        """Of a claim in a scope."""
        return self.judged[claim][scope].verdict

    def asked_in(self, claim: str) -> list[str]:
        """The scopes in which a claim is judged."""
        return [name for name, own in self.judged[claim].items() if own.verdict != NOT_HERE]

    def by_numbers(self) -> list[str]:
        """The claims that numbers decide."""
        return [name for name, own in self.claims.claims.items() if own.tests]

    def first_asked_in(self, scope: str) -> list[str]:
        """The claims that numbers decide of which that is the first scope."""
        return [name for name in self.by_numbers() if self.asked_in(name)[:1] == [scope]]

    def falls(self, claim: str, scope: str) -> bool:
        """Whether all of it, or a part, is in conflict there."""
        return self.verdict(claim, scope) in (CONFLICT, PARTLY)

    def everywhere(self) -> list[str]:
        """Those that are supported wherever they are judged."""
        return [
            name
            for name in self.by_numbers()
            if all(self.verdict(name, scope) == SUPPORTED for scope in self.asked_in(name))
        ]

    def chosen(self) -> dict[tuple[str, ...], dict[str, list[str]]]:
        """(method, feedback, noise, variant or "") -> scope -> the settings that were chosen.

        At equal reward there can be one for each share of the gain.
        """
        result: dict[tuple[str, ...], dict[str, list[str]]] = {}
        for scopes in self.judged.values():
            for scope, own in scopes.items():
                texts = own.tests["chosen"] if len(own.tests) else []
                for text in filter(None, (part for row in texts for part in row.split("; "))):
                    condition, _, setting = text.rpartition(": ")
                    named = tuple(condition.split(", "))
                    known = result.setdefault((*named, "")[:4], {})
                    known.setdefault(scope, [])
                    if setting not in known[scope]:
                        known[scope].append(setting)
        return result
