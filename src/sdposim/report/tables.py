"""Tables of a study beside the published values: csv, markdown and LaTeX."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sdposim.analysis.published import Value, final
from sdposim.report.aggregate import over_seeds
from sdposim.report.files import number, signed, write_endings
from sdposim.report.labels import (
    feedback_label,
    method_label,
    ordered_feedbacks,
    ordered_methods,
)
from sdposim.storage.errors import UserError

DECIMALS = 3  # as the paper prints
CSV_DECIMALS = {"reproduced": 4, "sd": 6, "published": 4, "difference": 4}
COLUMNS = ["method", "feedback", "reproduced", "sd", "n", "published", "difference"]


@dataclass(frozen=True)
class TableKind:
    """A kind of table: the metric it shows, its title, and which value is best in a column.

    `best` is "max", or None where neither end is better: the highest entropy is that of a policy
    that has learnt nothing, so table 3 has no bold value.
    """

    column: str
    title: str
    best: str | None


TABLES = {
    "final_reward": TableKind("reward", "Final mean reward", "max"),
    "credit_correlation": TableKind("credit_correlation", "Credit-assignment correlation", "max"),
    "final_entropy": TableKind("entropy", "Final policy entropy (nats)", None),
}


def build_table(cells: pd.DataFrame, kind: str, published: Sequence[Value] = ()) -> pd.DataFrame:
    """Average a metric over seeds and set it beside the published values.

    Args:
      cells: the cells of one study, as in `cells.parquet`.
      kind: a name in `TABLES`.
      published: values of the paper; the first final one of a cell is shown.

    Returns:
      A tidy frame with the columns `method, feedback, reproduced, sd, n, published, difference`,
      unrounded; `setting` and `noise` come first when the study has several of them. `difference`
      is reproduced minus published. Both are NaN where the paper has no value.

    Raises:
      UserError: if the kind is unknown, or there are no cells.
    """
    column = _kind(kind).column
    means = over_seeds(cells, column, ["setting", "noise", "method", "feedback"])
    means = means.rename(columns={"mean": "reproduced"})
    values = [
        final(published, column, row.method, row.feedback, row.noise) for row in means.itertuples()
    ]
    means["published"] = pd.Series(values, dtype=float)
    means["difference"] = means["reproduced"] - means["published"]
    varying = [name for name in ("setting", "noise") if means[name].nunique() > 1]
    return means[varying + COLUMNS]


def to_csv(table: pd.DataFrame) -> str:
    """Return the tidy table as csv: 4 decimals, 6 for `sd`; undefined values are empty."""
    text = table.copy()
    for column, decimals in CSV_DECIMALS.items():
        text[column] = [number(value, decimals) for value in table[column]]
    return text.to_csv(index=False, lineterminator="\n")


def to_markdown(table: pd.DataFrame, kind: str, caption: str | None = None) -> str:
    """Return the table as markdown: methods by feedbacks, best per column bold.

    A cell reads `reproduced (published) difference`, or `reproduced` where nothing is published.
    """
    header, rows = _wide(table, kind, bold=lambda text: f"**{text}**", escape=_escape_markdown)
    lines = [
        _row(header),
        _row(["---"] * _labels(table) + ["---:"] * (len(header) - _labels(table))),
    ]
    lines += [_row(row) for row in rows]
    return f"{_caption(table, kind, caption)}\n\n" + "\n".join(lines) + "\n"


def to_latex(
    table: pd.DataFrame, kind: str, caption: str | None = None, label: str | None = None
) -> str:
    """Return the table as a LaTeX `table*` with booktabs rules, best per column bold.

    Needs `\\usepackage{booktabs}` and nothing else.
    """

    def minus(text: str) -> str:
        return text.replace("-", "$-$").replace("+", "$+$")

    header, rows = _wide(
        table, kind, bold=lambda text: f"\\textbf{{{text}}}", escape=escape_latex, numbers=minus
    )
    columns = "l" * _labels(table) + "r" * (len(header) - _labels(table))
    lines = [
        "% needs \\usepackage{booktabs}",
        "\\begin{table*}",
        "  \\centering",
        "  \\small",
        f"  \\caption{{{escape_latex(_caption(table, kind, caption))}}}",
        f"  \\label{{tab:{label or kind}}}",
        f"  \\begin{{tabular}}{{{columns}}}",
        "    \\toprule",
        f"    {' & '.join(header)} \\\\",
        "    \\midrule",
    ]
    lines += [f"    {' & '.join(row)} \\\\" for row in rows]
    lines += ["    \\bottomrule", "  \\end{tabular}", "\\end{table*}"]
    return "\n".join(lines) + "\n"


def write_table(
    table: pd.DataFrame, kind: str, stem: Path, caption: str | None = None
) -> list[Path]:
    """Write `<stem>.csv`, `<stem>.md` and `<stem>.tex`, each complete or not at all.

    Args:
      table: the result of `build_table`.
      kind: a name in `TABLES`.
      stem: the path without its ending; its name is also the LaTeX label, `tab:<name>`.
      caption: plain text; by default the title of the kind and how to read a cell.

    Returns:
      The files.
    """
    contents = {
        "csv": to_csv(table),
        "md": to_markdown(table, kind, caption),
        "tex": to_latex(table, kind, caption, label=Path(stem).name),
    }
    return write_endings(stem, contents)


def escape_latex(text: str) -> str:
    """Return plain text with every character that LaTeX treats specially escaped."""
    special = {character: f"\\{character}" for character in "&%$#_{}"}
    special |= {
        "\\": "\\textbackslash{}",
        "~": "\\textasciitilde{}",
        "^": "\\textasciicircum{}",
        "<": "\\textless{}",
        ">": "\\textgreater{}",
        "|": "\\textbar{}",
    }
    return "".join(special.get(character, character) for character in text)


def _kind(kind: str) -> TableKind:
    if kind not in TABLES:
        raise UserError(f"table kind: {kind!r} is not one of {', '.join(TABLES)}")
    return TABLES[kind]


def _labels(table: pd.DataFrame) -> int:
    return 1 + sum(name in table for name in ("setting", "noise"))


def _wide(table, kind, bold, escape, numbers=lambda text: text):
    """Return the header and the rows of texts, methods down and feedbacks across."""
    groups = [name for name in ("setting", "noise") if name in table]
    feedbacks = ordered_feedbacks(table["feedback"])
    header = [escape(name) for name in [*map(str.capitalize, groups), "Method"]]
    header += [escape(feedback_label(feedback)) for feedback in feedbacks]
    rows = []
    for names, group in table.groupby(groups, sort=True) if groups else [((), table)]:
        best = _best(group, TABLES[kind].best)
        by_cell = {(row.method, row.feedback): row for row in group.itertuples()}
        for method in ordered_methods(group["method"]):
            texts = [escape(str(name)) for name in names] + [escape(method_label(method))]
            for feedback in feedbacks:
                row = by_cell.get((method, feedback))
                texts.append(_cell(row, best.get(feedback), bold, numbers) if row else "")
            rows.append(texts)
    return header, rows


def _best(group: pd.DataFrame, direction: str | None) -> dict[str, float]:
    """Return the best printed value of each feedback; equal printed values are all best."""
    if direction is None:
        return {}
    return group.groupby("feedback")["reproduced"].max().round(DECIMALS).to_dict()


def _cell(row, best: float | None, bold, numbers) -> str:
    if row.reproduced != row.reproduced:
        return "undefined"
    text = numbers(number(row.reproduced, DECIMALS))
    if best is not None and round(row.reproduced, DECIMALS) == best:
        text = bold(text)
    if row.published == row.published:
        text += f" ({numbers(number(row.published, DECIMALS))})"
        text += f" {numbers(signed(row.difference, DECIMALS))}"
    return text


def _caption(table: pd.DataFrame, kind: str, caption: str | None) -> str:
    """Return the caption: what the table shows, over how many seeds, and how to read a cell."""
    if caption:
        return " ".join(caption.split())
    low, high = int(table["n"].min()), int(table["n"].max())
    seeds = f"{low} to {high} seeds" if low != high else "1 seed" if low == 1 else f"{low} seeds"
    text = f"{_kind(kind).title}: mean over {seeds}"
    if table["published"].notna().any():
        text += ", with the published value in brackets and the difference after it"
    if TABLES[kind].best:
        return f"{text}. Bold is best per column."
    return f"{text}. Nothing is bold, since a policy that learns nothing has the highest entropy."


def _row(texts: list[str]) -> str:
    return "| " + " | ".join(texts) + " |"


def _escape_markdown(text: str) -> str:
    return "".join(f"\\{character}" if character in "\\|*_`" else character for character in text)
