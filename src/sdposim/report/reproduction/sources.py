"""Results as a template asks for them: rows of a csv, entries of a JSON or YAML file."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

import yaml

from sdposim.report.files import number, signed
from sdposim.report.reproduction.marks import Ledger
from sdposim.storage.errors import UserError

ONLY = "the only entry"


class Source:
    """A result. Calling it fills in one number or text of it.

    Attributes:
        path: of the file, relative to the checkout.
    """

    def __init__(
        self, path: str, rows: Sequence[Mapping], rule: str, ledger: Ledger, row: str = ""
    ) -> None:
        """`row` says which row it is where there is only one of several."""
        self.path, self._rows, self._rule, self._ledger = path, rows, rule, ledger
        self._row = row

    def __call__(
        self,
        column: str,
        digits: int | None = None,
        sign: bool = False,
        percent: bool = False,
        **where: object,
    ) -> str:
        """Fill in the column of the one row that has these contents of other columns.

        Args:
            column: its name; of nested entries joined by dots.
            digits: decimals; by default the text as it stands, whole numbers with commas.
            sign: whether a positive number has its sign.
            percent: whether a share is shown in percent.
            **where: column = content.

        Raises:
            UserError: there is no such row, or several, or nothing in this column.
        """
        value = self._one(column, where)[column]
        shown = _shown(value, digits, sign, percent, self._about(column, where))
        return self._filled(shown, self._named(where), column)

    def number(self, column: str, **where: object) -> float:
        """The same as a number to compare with, not to be shown.

        Raises:
            UserError: as above, or it is no number.
        """
        return _float(self._one(column, where)[column], self._about(column, where))

    def raw(self, column: str, **where: object) -> str:
        """The same as text to decide by, not to be shown; blank where nothing is in the column."""
        found = self._fitting(where)
        content = found[0].get(column) if len(found) == 1 else None
        return "" if content is None else str(content)

    def told(self, column: str, words: Mapping[str, str], **where: object) -> str:
        """Fill in what the content of a column is called.

        Raises:
            UserError: there is no one row, or no word for its content.
        """
        content = str(self._one(column, where)[column])
        if content not in words:
            raise UserError(f"{self._about(column, where)}: the paper has no word for {content!r}")
        return self._filled(words[content], self._named(where), column)

    def largest(self, column: str, **where: object) -> float:
        """The largest number of a column, to compare with."""
        return max(self._numbers(column, where))

    def rows(self, **where: object) -> Iterator["Source"]:
        """Each row that has these contents of columns, as a source of its own."""
        for index, row in enumerate(self._rows):
            if _fits(row, where):
                yield Source(self.path, [row], self._rule, self._ledger, self._name_of(index))

    def count(self, **where: object) -> str:
        """Fill in how many rows have these contents of columns."""
        shown = f"{len(self._fitting(where)):,}"
        return self._filled(shown, self._named(where, "all rows"), "number of rows")

    def within(self, column: str, bound: float, **where: object) -> str:
        """Fill in how many rows have a number of at most this size in a column."""
        values = [abs(value) for value in self._numbers(column, where)]
        shown = f"{sum(value <= bound for value in values):,}"
        return self._filled(shown, self._named(where, "all rows"), f"|{column}| <= {bound:g}")

    def filled(self, column: str, **where: object) -> str:
        """Fill in how many rows have anything in a column."""
        shown = f"{sum(row.get(column) not in (None, '') for row in self._fitting(where)):,}"
        return self._filled(shown, self._named(where, "all rows"), f"number of {column}")

    def distinct(self, column: str, **where: object) -> str:
        """Fill in how many different contents a column has."""
        shown = f"{len({row.get(column) for row in self._fitting(where)}):,}"
        return self._filled(shown, self._named(where, "all rows"), f"different {column}")

    def total(self, column: str, **where: object) -> str:
        """Fill in the sum of a column of whole numbers."""
        shown = f"{sum(self._numbers(column, where)):,.0f}"
        return self._filled(shown, self._named(where, "all rows"), f"sum of {column}")

    def least(self, column: str, digits: int | None = None, **where: object) -> str:
        """Fill in the least number of a column."""
        return self._extreme(min, "least", column, digits, where)

    def most(self, column: str, digits: int | None = None, **where: object) -> str:
        """Fill in the largest number of a column."""
        return self._extreme(max, "largest", column, digits, where)

    def largest_size(self, column: str, digits: int | None = None, **where: object) -> str:
        """Fill in the largest number of a column, signs aside."""
        value = max(abs(value) for value in self._numbers(column, where))
        shown = _shown(value, digits, False, False, self._about(column, where))
        return self._filled(shown, self._named(where, "all rows"), f"largest |{column}|")

    # --- inside --------------------------------------------------------------------------------

    def _extreme(self, choose, word: str, column: str, digits: int | None, where: Mapping) -> str:
        value = choose(self._numbers(column, where))
        shown = _shown(value, digits, False, False, self._about(column, where))
        return self._filled(shown, self._named(where, "all rows"), f"{word} {column}")

    def _filled(self, shown: str, row: str, column: str) -> str:
        return self._ledger.mark(shown, self.path, row, column, self._rule)

    def _one(self, column: str, where: Mapping) -> Mapping:
        found = self._fitting(where)
        if len(found) != 1:
            raise UserError(
                f"{self._about(column, where)}: {len(found)} rows have this; the paper needs one"
            )
        if found[0].get(column) in (None, ""):
            raise UserError(f"{self._about(column, where)}: nothing is there; the paper needs it")
        return found[0]

    def _fitting(self, where: Mapping) -> list[Mapping]:
        return [row for row in self._rows if _fits(row, where)]

    def _numbers(self, column: str, where: Mapping) -> list[float]:
        about = self._about(column, where)
        values = [row.get(column) for row in self._fitting(where)]
        found = [_float(value, about) for value in values if value not in (None, "")]
        if not found:
            raise UserError(f"{about}: no row has a number there; the paper needs one")
        return found

    def _named(self, where: Mapping, everything: str = ONLY) -> str:
        own = [self._row] if self._row else []
        named = [f"{key}={_words(value)}" for key, value in where.items()]
        return ", ".join([*own, *named]) or everything

    def _name_of(self, index: int) -> str:
        """The row by its first column where that tells rows apart, else by its number."""
        first = next(iter(self._rows[0]))
        contents = [row.get(first) for row in self._rows]
        if len(set(contents)) == len(contents):
            return f"{first}={contents[index]}"
        return f"row {index + 1}"

    def _about(self, column: str, where: Mapping) -> str:
        return f"{self.path}, {self._named(where)}, column {column}"


def read(path: str, text: str) -> list[dict]:
    """The rows of a result: of a csv, of a list of JSON objects, or one of an object.

    Raises:
        UserError: the file is not what its ending says.
    """
    ending = path.rpartition(".")[2]
    try:
        if ending == "csv":
            return list(csv.DictReader(io.StringIO(text), strict=True))
        content = json.loads(text) if ending == "json" else yaml.safe_load(text)
    except (ValueError, csv.Error, yaml.YAMLError):
        raise UserError(f"{path} is not valid {ending}: make it again") from None
    entries = content if isinstance(content, list) else [content]
    if not all(isinstance(entry, dict) for entry in entries):
        raise UserError(f"{path} is neither an object nor a list of objects: make it again")
    return [dict(_flat(entry)) for entry in entries]


def _flat(entry: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Nested entries by keys that are joined by dots."""
    inner: Iterable = ()
    if isinstance(entry, dict):
        inner = entry.items()
    elif isinstance(entry, list):
        inner = enumerate(entry)
    else:
        yield name, entry
    for key, value in inner:
        yield from _flat(value, f"{name}.{key}" if name else str(key))


def _fits(row: Mapping, where: Mapping) -> bool:
    return all(_same(row.get(key), wanted) for key, wanted in where.items())


def _same(content: object, wanted: object) -> bool:
    if isinstance(wanted, list):
        return any(_same(content, one) for one in wanted)
    if isinstance(wanted, int | float) and not isinstance(wanted, bool):
        try:
            return float(content) == wanted  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return False
    return str(content if content is not None else "") == str(wanted)


def _words(wanted: object) -> str:
    return " or ".join(map(str, wanted)) if isinstance(wanted, list) else str(wanted)


def _float(value: object, about: str) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise UserError(f"{about}: {value!r} is no number; the paper needs one") from None


def _shown(value: object, digits: int | None, sign: bool, percent: bool, about: str) -> str:
    if digits is None and not percent:
        try:
            whole = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return str(value)
        return f"{whole:,.0f}" if whole == round(whole) else f"{whole:.6g}"
    scaled = _float(value, about) * (100 if percent else 1)
    text = (signed if sign else number)(scaled, digits or 0)
    return f"{text}%" if percent else text
