"""Numbers of the paper that a study answers beside the reproduced ones, in the paper's order."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import pandas as pd

from sdposim.analysis.published import Value
from sdposim.report.aggregate import over_landscapes, over_seeds
from sdposim.report.files import number, signed, write_endings
from sdposim.report.labels import feedback_label, method_label

COLUMNS = [
    "quantity",
    "where",
    "method",
    "feedback",
    "noise",
    "published",
    "reproduced",
    "sd",
    "n",
    "difference",
    "z",
]
QUANTITIES = {
    ("reward", "final"): "final reward",
    ("credit_correlation", "final"): "credit correlation",
    ("entropy", "final"): "final entropy",
    ("reward", "sd"): "SD of final reward over landscapes",
    ("reward", "mean"): "final reward",
    ("entropy", "initial"): "initial entropy",
    ("hybrid_weight", "initial"): "hybrid weight, first step",
    ("hybrid_weight", "lower_bound"): "hybrid weight, last step (published: above)",
    ("hybrid_weight", "minimum"): "hybrid weight, lowest of the mean curve",
    ("hybrid_weight", "maximum"): "hybrid weight, highest of the mean curve",
}
"""How a quantity and a statistic are called here."""
KEYS = ["setting", "method", "feedback", "noise"]


def compare(
    studies: Mapping[str, pd.DataFrame],
    curves: Mapping[str, pd.DataFrame],
    published: Sequence[Value],
    places: Mapping[str, str],
    landscapes: Mapping[str, Mapping] | None = None,
) -> pd.DataFrame:
    """Set every number of the paper beside the reproduced one.

    Args:
      studies: the cells of each study, by the study's name.
      curves: the curves of each study, by the study's name.
      published: values of the paper.
      places: tables, figures and sections of the paper, and the study that reproduces each.
      landscapes: for a study, `landscapes`, the seeds of the landscapes that each setting lists or
        None, and `ddof`, see `aggregate.over_landscapes`. Default: none are listed, 1.

    Returns:
      One row per value that the studies can answer, with the columns `COLUMNS` (`setting` first
      when several occur); a study, method, feedback or noise level that is absent leaves its rows
      out. `difference` is reproduced minus published, and `z` is that in units of `sd`, the SD over
      seeds; `z` is NaN where the SD is undefined or zero.
    """
    cells = {name: _Cells(frame) for name, frame in studies.items() if not frame.empty}
    rows: list[tuple] = []
    for (study, _, along), values in groupby(published, key=lambda value: _source(value, places)):
        if along and study in curves:
            own = [value for value in published if places.get(value.where) == study]
            rows += _of_curves(curves[study], list(values), own)
        elif not along and study in cells:
            options = (landscapes or {}).get(study, {})
            rows += (row for value in values for row in _of_cells(cells[study], value, options))
    frame = pd.DataFrame(rows, columns=["setting", *COLUMNS[:9]])
    frame["difference"] = frame["reproduced"] - frame["published"]
    frame["z"] = frame["difference"] / frame["sd"].where(frame["sd"] > 0)
    frame["n"] = frame["n"].astype("int64")
    several = frame["setting"].groupby(frame["where"]).nunique().gt(1).any()
    return frame[(["setting"] if several else []) + COLUMNS]


def to_csv(frame: pd.DataFrame) -> str:
    """Return the comparison as csv: 4 decimals, 6 for `sd`, 2 for `z`; undefined is empty."""
    text = frame.copy()
    for column, decimals in {
        "published": 4,
        "reproduced": 4,
        "sd": 6,
        "difference": 4,
        "z": 2,
    }.items():
        text[column] = [number(value, decimals) for value in frame[column]]
    return text.to_csv(index=False, lineterminator="\n")


def to_markdown(frame: pd.DataFrame) -> str:
    """Return the comparison as a markdown table, with a line on how to read it."""
    header = list(frame.columns)
    lines = [_line(header), _line(["---"] * len(header))]
    for row in frame.to_dict("records"):
        texts = row | {
            "method": method_label(row["method"]),
            "feedback": feedback_label(row["feedback"]),
            "noise": number(row["noise"], 2),
            "published": number(row["published"], 3),
            "reproduced": number(row["reproduced"], 3),
            "sd": number(row["sd"], 4),
            "difference": signed(row["difference"], 3),
            "z": signed(row["z"], 1),
        }
        lines.append(_line([str(texts[name]) for name in header]))
    note = (
        "Difference: reproduced minus published. z: that in units of sd, the SD over n seeds: "
        "between runs on one landscape; in figure 6 between n replicates of all its landscapes, "
        "or, where these are not listed, between n landscapes. Empty: undefined."
    )
    return f"{note}\n\n" + "\n".join(lines) + "\n"


def write_comparison(frame: pd.DataFrame, stem: Path) -> list[Path]:
    """Write `<stem>.csv` and `<stem>.md`, each complete or not at all, and return the files."""
    return write_endings(stem, {"csv": to_csv(frame), "md": to_markdown(frame)})


def beside(runs: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The paper's numbers with those of several runs.

    Args:
      runs: what `to_csv` gives of each, as texts, by name.

    Returns:
      A row per published number and setting that any run has, in the order of the first run that
      has it: what it is, `published`, and for each run `reproduced`, `sd` and `z`, with the name
      of the run after a blank; empty where the run has no such row.
    """
    about = ["setting", *COLUMNS[:6]]
    rows: dict[tuple, dict] = {}
    for name, frame in runs.items():
        for row in frame.to_dict("records"):
            key = tuple(row.get(column, "") for column in about)
            own = {f"{column} {name}": row[column] for column in ("reproduced", "sd", "z")}
            rows.setdefault(key, dict(zip(about, key, strict=True))).update(own)
    table = pd.DataFrame(list(rows.values())).fillna("")
    return table if table["setting"].any() else table.drop(columns="setting")


def beside_markdown(table: pd.DataFrame) -> str:
    """What `beside` gives as a markdown table, without its SDs."""
    shown = table.loc[:, [name for name in table if not name.startswith("sd ")]]
    lines = [_line(list(shown.columns)), _line(["---"] * shown.shape[1])]
    lines += [_line(row) for row in shown.to_numpy().tolist()]
    return "\n".join(lines) + "\n"


class _Cells:
    """The cells of one study, and their means over seeds."""

    def __init__(self, cells: pd.DataFrame):
        self.cells = cells
        self.metrics: dict[str, pd.DataFrame] = {}

    def means(self, value: Value) -> pd.DataFrame:
        """The means over seeds of a value's condition, a row per setting."""
        metric = value.quantity
        if metric not in self.metrics:
            self.metrics[metric] = over_seeds(self.cells, metric, KEYS)
        return _of_condition(self.metrics[metric], value)

    def over_landscapes(self, value: Value, options: Mapping) -> Iterator[pd.Series]:
        """The same over landscapes, with the setting."""
        for setting, part in _of_condition(self.cells, value).groupby("setting"):
            listed, ddof = options.get("landscapes", {}).get(setting), options.get("ddof", 1)
            yield over_landscapes(part, value.quantity, KEYS, listed, ddof).iloc[0]


def _of_condition(frame: pd.DataFrame, value: Value) -> pd.DataFrame:
    at = (frame["method"] == value.method) & (frame["feedback"] == value.feedback)
    return frame[at & (frame["noise"] == value.noise)]


def _source(value: Value, places: Mapping[str, str]) -> tuple[str | None, str, bool]:
    """Values that follow each other and have the same are compared together."""
    return places.get(value.where), value.quantity, value.statistic not in ("final", "mean", "sd")


def _row(value: Value, setting: str, method: str, feedback: str, mean, sd, n) -> tuple:
    plain = f"{value.quantity}, {value.statistic}".replace("_", " ")
    quantity = QUANTITIES.get((value.quantity, value.statistic), plain)
    about = (setting, quantity, value.label, method, feedback, value.noise)
    return (*about, value.value, mean, sd, n)


def _of_cells(cells: _Cells, value: Value, options: Mapping) -> Iterator[tuple]:
    """Yield a row per setting.

    Where landscapes are listed and every one has several cells, their scatter between replicates is
    known, and n counts these. Otherwise the scatter of the mean is that between landscapes.
    """
    cell = (value.method, value.feedback)
    if value.statistic == "final":
        for row in cells.means(value).itertuples():
            yield _row(value, row.setting, *cell, row.mean, row.sd, row.n)
        return
    for row in cells.over_landscapes(value, options):
        several = row["replicates"] > 1
        n = row["replicates"] if several else row["n"]
        if value.statistic == "mean":
            scatter = row["mean_sd"] if several else row["sd"]
            yield _row(value, row["setting"], *cell, row["mean"], scatter, n)
        elif row["n"] > 1:
            yield _row(value, row["setting"], *cell, row["sd"], row["sd_sd"], n)


def _of_curves(
    curves: pd.DataFrame, values: Sequence[Value], published: Sequence[Value]
) -> Iterator[tuple]:
    """Yield a row per mean curve and value: its first or last step, or an extreme of it.

    A blank method or feedback is every one that the paper has values of in this study: one that a
    user adds has none.
    """
    metric = values[0].quantity
    methods = {value.method for value in published}
    feedbacks = {value.feedback for value in published}
    defined = curves.dropna(subset=f"{metric}_mean")
    for (setting, method, feedback, noise), curve in defined.groupby(KEYS, sort=False):
        curve = curve.sort_values("step")
        mean = curve[f"{metric}_mean"]
        places = {
            "initial": mean.index[0],
            "lower_bound": mean.index[-1],
            "minimum": mean.idxmin(),
            "maximum": mean.idxmax(),
        }
        for value in values:
            meant = method in ({value.method} if value.method else methods)
            meant &= feedback in ({value.feedback} if value.feedback else feedbacks)
            if meant and noise == value.noise:
                row = curve.loc[places[value.statistic]]
                numbers = (row[f"{metric}_mean"], row[f"{metric}_sd"], row["n"])
                yield _row(value, setting, method, feedback, *numbers)


def _line(texts: list[str]) -> str:
    return "| " + " | ".join(texts) + " |"
