"""A reading of what the paper leaves open, and the one that is fitted: pure data."""

from typing import NamedTuple

REVERSED, PRINTED = "reversed", "printed"
_FITTED = {
    "update": {
        "sequence": {"direction": REVERSED},
        "quality_share": {"direction": REVERSED, "mean": "rollout", "share": "signed"},
    }
}


class Rule(NamedTuple):
    """How a number of the paper is read.

    Attributes:
        correlation: the statistic that table 2 prints, see `simulate.STATISTICS`.
        ddof: figure 6's SD divides by the number of landscapes less this.
        negated: methods whose published correlation has the wrong sign.
    """

    correlation: str = "correlation"
    ddof: int = 0
    negated: tuple[str, ...] = ()


PLAIN_RULE = Rule()


class Reading(NamedTuple):
    """One way to read the paper.

    Attributes:
        question: what it answers.
        name: its answer.
        changes: keys of a setting, and perhaps `methods`: compositions by name, in place of the
            paper's.
        methods: of which the runs differ from those of `FITTED`.
        rule: how published numbers are read.
    """

    question: str
    name: str
    changes: dict[str, dict]
    methods: tuple[str, ...] = ()
    rule: Rule = PLAIN_RULE


FITTED = Reading("", "fitted", _FITTED)
"""What the others are compared with."""
