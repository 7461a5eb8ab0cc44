"""The numbers of the paper, config/paper/values.csv: their one schema and their one reader.

Light, as every start of the workflow reads them. A job does not: its spec holds the rows it needs.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from sdposim.storage.errors import UserError

PATH = Path(__file__).parents[3] / "config" / "paper" / "values.csv"
"""This checkout's file, whichever the working directory is."""
RESULTS = ("reward", "entropy", "credit_correlation", "hybrid_weight")
DESIGN = (
    "vocabulary_size", "sequence_length", "steps", "rollouts_per_step", "learning_rate",
    "kl_weight", "noise_levels", "hybrid_noise", "seeds", "final_window", "smoothing_window",
)  # fmt: skip
STATISTICS = ("final", "mean", "sd", "initial", "lower_bound", "minimum", "maximum")
SHOWN = ("where", "quantity", "statistic", "method", "feedback", "noise", "value")
"""The columns that a table, a figure or the comparison reads."""
FITTED = (*SHOWN, "digits", "reading_sd")


@dataclass(frozen=True)
class Value:
    """A number that the paper states, one row of the file; "" or None where a column is blank.

    Attributes:
        id: the name by which others refer to it.
        where: `table1`, `figure4`, `section3.5`, ...
        quantity: one of `RESULTS`, in the units of the logs, or of `DESIGN`, whose other columns
            are blank.
        statistic: `final`, a run's mean over the last steps of training; `mean` and `sd` of that
            over landscapes; `initial`, at the first step; `minimum` and `maximum` over training;
            `lower_bound`, what the last step is above.
        method, feedback: blank where it is of every one that the paper has in the study of this
            place.
        noise: sigma of the feedback.
        value: the number.
        digits: decimals as printed; of a number that was read off a figure, those that it was noted
            with where that is coarser than the reading.
        source: `printed`, or read off a `figure`.
        reading_sd: of reading it off a figure, in the unit of the value.
    """

    id: str = ""
    where: str = ""
    quantity: str = ""
    statistic: str = ""
    method: str = ""
    feedback: str = ""
    noise: float | None = None
    value: float = 0.0
    digits: int | None = None
    source: str = ""
    reading_sd: float | None = None

    @property
    def variance(self) -> float:
        """Of its rounding and of reading it off a figure."""
        rounding = 0.0 if self.digits is None else (10.0**-self.digits) ** 2 / 12
        return (self.reading_sd or 0.0) ** 2 + rounding

    @property
    def label(self) -> str:
        """Where it stands, for a reader: `table 1`."""
        return re.sub(r"(?<=[a-z])(?=[0-9])", " ", self.where)


COLUMNS = tuple(field.name for field in fields(Value))
_TYPES = {"noise": float, "value": float, "digits": int, "reading_sd": float}


def _words(*allowed: str) -> tuple[str, str]:
    return "|".join(allowed), ", ".join(allowed)


_BLANK = ("", "nothing")
_POSITIVE = (r"[0-9]{1,9}(\.[0-9]{1,9})?", "a number such as 0.05")
_NAME = (r"[a-z0-9_-]*", "lower-case letters, digits, - and _, or nothing")
# A column's pattern, and what it allows in words.
_EVERY = {
    "id": (r"[a-z0-9_]+(\.[a-z0-9_]+)*", "lower-case letters, digits and _, joined by dots"),
    "where": (r"(section|table|figure)[0-9]+(\.[0-9]+)*", "names such as table1 or section3.5"),
    "quantity": _words(*RESULTS, *DESIGN),
    "value": (f"-?{_POSITIVE[0]}", "a number such as -0.645"),
    "source": _words("printed", "figure"),
}
_RESULT = {"statistic": _words(*STATISTICS), "noise": _POSITIVE}
_RESULT |= dict.fromkeys(("method", "feedback"), _NAME)
_PRINTED = {"digits": ("[0-9]", "a digit, as the value was printed"), "reading_sd": _BLANK}
_READ = {"digits": ("[0-9]?", "a digit or nothing"), "reading_sd": _POSITIVE}


def read_values(path: str | Path = PATH) -> tuple[Value, ...]:
    """Read every number, in the order of the file.

    Raises:
        UserError: the file cannot be read, its columns are others than `COLUMNS`, or a row holds
            what its column does not allow, or an id or a statement that another row has.
    """
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            rows = [(f"{path}, line {reader.line_num}", row) for row in reader if row]
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(f"{path} is not UTF-8 text: save it in that encoding") from None
    except csv.Error as error:
        raise UserError(f"{path} is not valid csv: {error}") from None
    line, header = rows[0] if rows else (str(path), [])
    if sorted(header) != sorted(COLUMNS):
        raise UserError(f"{line}: columns {_short(header)} are not allowed; allowed: {COLUMNS!r}")
    values: dict[str, Value] = {}
    statements: dict[tuple, str] = {}
    for line, row in rows[1:]:
        if len(row) != len(header):
            raise UserError(f"{line}: {len(row)} cells are not allowed; allowed: {len(header)}")
        value = _value(line, dict(zip(header, row, strict=True)))
        statement = tuple(getattr(value, name) for name in SHOWN[:-1])
        if value.id in values:
            raise UserError(f"{line}, column id: {_short(value.id)} stands twice; allowed: once")
        if statement in statements:
            about = f"{line}, id {_short(value.id)}"
            raise UserError(f"{about}: {statements[statement]} states the same; allowed: one row")
        values[value.id], statements[statement] = value, value.id
    return tuple(values.values())


def _value(line: str, row: dict[str, str]) -> Value:
    rules = _EVERY | (_READ if row["source"] == "figure" else _PRINTED)
    rules |= dict.fromkeys(_RESULT, _BLANK) if row["quantity"] in DESIGN else _RESULT

    def refuse(column: str, allowed: str) -> None:
        about = f"{line}, id {_short(row['id'])}, column {column}"
        raise UserError(f"{about}: {_short(row[column])} is not allowed; allowed: {allowed}")

    for column in COLUMNS:
        pattern, allowed = rules[column]
        if not re.fullmatch(pattern, row[column]):
            refuse(column, allowed)
    decimals = len(row["value"].partition(".")[2])
    if row["digits"] not in ("", str(decimals)):
        refuse("digits", f"{decimals}, as the value is {row['value']}")
    # What is blank stays text where a column is text, and is None where it is a number.
    parsed = {name: kind(row[name]) if row[name] else None for name, kind in _TYPES.items()}
    return Value(**row | parsed)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:197]}..."


def matching(values: Iterable[Value], **columns: object) -> list[Value]:
    """The values that have these contents of columns, in their order."""
    wanted = columns.items()
    return [value for value in values if all(getattr(value, key) == own for key, own in wanted)]


def number(values: Iterable[Value], **columns: object) -> float | None:
    """The first of `matching` values as a number; None where the paper has none."""
    return next((value.value for value in matching(values, **columns)), None)


def final(
    values: Iterable[Value], quantity: str, method: str, feedback: str, noise: float
) -> float | None:
    """What the paper states first of a cell's final values; None if it does not."""
    cell = {"method": method, "feedback": feedback, "noise": noise}
    return number(values, quantity=quantity, statistic="final", **cell)


def needed(values: Iterable[Value], reader: str, **columns: object) -> Value:
    """The one value with these contents of columns.

    Raises:
        UserError: there is none or several; names what `reader` lacks.
    """
    fitting = matching(values, **columns)
    if len(fitting) != 1:
        about = ", ".join(f"{key} {own}" for key, own in columns.items())
        raise UserError(
            f"config/paper/values.csv has {len(fitting)} rows of {about}; allowed: one, which "
            f"{reader} reads"
        )
    return fitting[0]


def to_rows(values: Iterable[Value], columns: Sequence[str] = SHOWN) -> list[dict]:
    """Some columns of values for a spec; blank ones are left out."""
    return [
        {name: getattr(value, name) for name in columns if getattr(value, name) not in ("", None)}
        for value in values
    ]


def from_rows(rows: Iterable[dict]) -> tuple[Value, ...]:
    """The values of `to_rows`; other columns are blank."""
    return tuple(Value(**row) for row in rows)
