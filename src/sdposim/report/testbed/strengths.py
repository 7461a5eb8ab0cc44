"""Studies of biases: which feedback has which bias, how strong, and methods under each.

A feedback's name says it, `<bias>_<percent>`; one without a number has no bias. `<bias>_0` is what
a bias is compared with, where it exists, such as for a bias of another scale.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from sdposim.report.labels import feedback_label, ordered_feedbacks
from sdposim.report.testbed.tools import Standing, standings
from sdposim.storage.errors import UserError

_NAMED = re.compile(r"(?P<bias>.+)_(?P<percent>\d+)")


class Bias(NamedTuple):
    """A bias at several strengths.

    Attributes:
        name: the part of feedbacks' names before the number.
        feedbacks: strength, in percent -> feedback, in increasing order, the first one being 0.
    """

    name: str
    feedbacks: Mapping[int, str]

    @property
    def label(self) -> str:
        """How a reader knows it: feedbacks' label up to the comma."""
        return feedback_label(self.feedbacks[self.strongest]).partition(",")[0]

    @property
    def strongest(self) -> int:
        """The largest strength, in percent."""
        return max(self.feedbacks)


class Ranked(NamedTuple):
    """Methods under one feedback.

    Attributes:
        best: by method, at the learning rate that the true reward chooses.
        picked: likewise, where the judged reward chooses it, as who has no other must.
    """

    best: dict[str, Standing]
    picked: dict[str, Standing]


def biases(data) -> list[Bias]:
    """The biases of a study, in the order of its feedbacks.

    Raises:
        UserError: there is none, or one has nothing that it can be compared with.
    """
    found: dict[str, dict[int, str]] = {}
    without = []
    for name in ordered_feedbacks(data.cells["feedback"]):
        if parts := _NAMED.fullmatch(name):
            found.setdefault(parts["bias"], {})[int(parts["percent"])] = name
        else:
            without.append(name)
    made = []
    for bias, feedbacks in found.items():
        if 0 not in feedbacks and len(without) == 1:
            feedbacks[0] = without[0]
        if 0 not in feedbacks:
            raise UserError(
                f"the study has no feedback that bias {bias!r} is compared with; allowed: one "
                f"feedback without a number in its name, here {', '.join(without) or 'none'}, or "
                f"{bias}_0"
            )
        if len(feedbacks) > 1:
            made.append(Bias(bias, dict(sorted(feedbacks.items()))))
    if not made:
        raise UserError(
            "the study has no biased feedback; allowed: feedbacks that are called <bias>_<percent>"
        )
    return made


def ranked(data) -> dict[str, Ranked]:
    """Methods under every feedback, each at the rates that true and judged reward choose.

    Raises:
        UserError: the study has several noises, a method that sees no feedback, or see `standings`.
    """
    noises = data.cells["noise"].unique()
    if len(noises) > 1:
        raise UserError(
            f"the study has noise {', '.join(f'{noise:g}' for noise in noises)}; allowed: one"
        )
    blind = data.cells.loc[data.cells["judged"].isna(), "method"]
    if len(blind):
        raise UserError(
            f"method {blind.iloc[0]} sees no feedback; allowed: methods that a judge can mislead"
        )
    return {
        name: Ranked(
            *(
                {own.method: own for own in standings(data, by=by, feedback=name)}
                for by in ("reward", "judged")
            )
        )
        for name in ordered_feedbacks(data.cells["feedback"])
    }
