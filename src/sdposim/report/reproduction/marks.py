"""Numbers in a text, each with the place that it stems from.

A filled-in number is wrapped in three characters of Unicode's private use area, with the number of
its trace between the first two, so that it can be found again in the text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

_MARK = re.compile("\ue000([0-9]+)\ue001([^\ue002]*)\ue002")


@dataclass(frozen=True)
class Trace:
    """Where something that was filled in stems from.

    Attributes:
        id: a name for it; the same place has the same one in every version of the text.
        shown: as the text has it.
        file: the result that holds it, relative to the checkout.
        row: which row or entry of that.
        column: its column or key, or what was computed from the rows.
        rule: the rule that makes the file; "" of a file that people write.
    """

    id: str
    shown: str
    file: str
    row: str
    column: str
    rule: str


class Ledger:
    """The traces of a text, in the order in which they were first filled in."""

    def __init__(self) -> None:
        self.traces: list[Trace] = []
        self._known: dict[tuple[str, ...], int] = {}
        self._shown: dict[str, int] = {}

    def mark(self, shown: str, file: str, row: str, column: str, rule: str) -> str:
        """Return what is shown, marked with its trace."""
        place = (shown, file, row, column)
        if place not in self._known:
            self._known[place] = len(self.traces)
            name = f"{file}#{row}#{column}"
            # The same number with other digits.
            self._shown[name] = self._shown.get(name, 0) + 1
            again = f"#{self._shown[name]}" if self._shown[name] > 1 else ""
            self.traces.append(Trace(f"{name}{again}", shown, file, row, column, rule))
        return f"\ue000{self._known[place]}\ue001{shown}\ue002"

    def found(self, text: str) -> list[Trace]:
        """The traces of a text, each once."""
        numbers = dict.fromkeys(int(number) for number, _ in _MARK.findall(text))
        return [self.traces[number] for number in numbers]

    def replaced(self, text: str, shape: Callable[[Trace], str]) -> str:
        """The text with a shape of each trace instead of its mark."""
        return _MARK.sub(lambda found: shape(self.traces[int(found[1])]), text)


def plain(text: str) -> str:
    """The text without marks."""
    return _MARK.sub(lambda found: found[2], text)


def unfilled(text: str) -> str:
    """The text without what was filled in: what the template itself says."""
    return _MARK.sub("", text)
