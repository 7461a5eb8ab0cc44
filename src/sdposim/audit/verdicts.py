"""Verdicts of claims from the evidence of their tests."""

from collections.abc import Mapping, Sequence
from itertools import chain

from sdposim.audit.relations import Evidence
from sdposim.audit.statistics import holm

SUPPORTED = "supported"
PARTLY = "partly supported"
CONFLICT = "in conflict"
INCONCLUSIVE = "inconclusive"
NOT_HERE = "not testable here"
VERDICTS = (SUPPORTED, PARTLY, CONFLICT, INCONCLUSIVE, NOT_HERE)


def verdicts(evidence: Mapping[str, Sequence[Evidence]]) -> dict[str, tuple[str, list[str]]]:
    """The verdict of each claim in one scope, and that of each of its tests.

    The family of Holm's procedure is all tests of all claims of the scope, once for what supports
    them and once for what is in conflict with them.

    Args:
        evidence: claim -> that of its tests; a claim without tests is not testable.
    """
    every = list(chain.from_iterable(evidence.values()))
    supported = holm([one.false for one in every])
    conflicting = holm([one.true for one in every])
    single = [
        SUPPORTED if yes else CONFLICT if no else INCONCLUSIVE
        for yes, no in zip(supported, conflicting, strict=True)
    ]
    result, first = {}, 0
    for claim, own in evidence.items():
        tests = single[first : first + len(own)]
        result[claim] = combined(tests), tests
        first += len(own)
    return result


def combined(tests: Sequence[str]) -> str:
    """The verdict of a claim that says all of its tests."""
    found = set(tests)
    if not found:
        return NOT_HERE
    if found == {SUPPORTED}:
        return SUPPORTED
    if CONFLICT in found:
        return PARTLY if SUPPORTED in found else CONFLICT
    return INCONCLUSIVE
