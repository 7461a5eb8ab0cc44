"""Every published value in config/published.yaml that a study answers, beside the reproduced one.

Which study answers which entry of the published values:

=============================  ============  ==============================================
entry                          study         quantity
=============================  ============  ==============================================
table1_final_reward            comparison    final reward
table2_credit_correlation      comparison    credit correlation
table3_final_entropy           comparison    final entropy
figure3_initial_entropy        comparison    entropy at the first step
figure4_reward_vs_noise        noise         final reward
figure4_credit_vs_noise        noise         credit correlation
hybrid_at_noise_<sigma>        hybrid        final reward and entropy; hybrid weight
figure6_multi_seed             multi_seed    final reward, and its SD over landscapes
=============================  ============  ==============================================

The entry `design` holds constants of the design, which are settings and not results.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from sdposim.report.aggregate import over_landscapes, over_seeds
from sdposim.report.files import number, signed, write_endings
from sdposim.report.labels import (
    feedback_label,
    method_label,
    ordered_feedbacks,
    ordered_methods,
)

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
TABLE_ENTRIES = {
    "table1_final_reward": ("final reward", "table 1", "reward"),
    "table2_credit_correlation": ("credit correlation", "table 2", "credit_correlation"),
    "table3_final_entropy": ("final entropy", "table 3", "entropy"),
}
NOISE_ENTRIES = {
    "figure4_reward_vs_noise": ("final reward", "reward"),
    "figure4_credit_vs_noise": ("credit correlation", "credit_correlation"),
}
HYBRID_PREFIX = "hybrid_at_noise_"
METRIC_NAMES = {"reward": "final reward", "entropy": "final entropy"}


def compare(
    studies: Mapping[str, pd.DataFrame],
    curves: Mapping[str, pd.DataFrame],
    published: Mapping,
    figure6: Mapping | None = None,
) -> pd.DataFrame:
    """Set every published number beside the reproduced one.

    Args:
      studies: the cells of each study, by the study's name.
      curves: the curves of each study, by the study's name.
      published: the whole of the published values, by entry.
      figure6: `landscapes`, the seeds of the landscapes that each setting lists or None, and
        `ddof`, see `aggregate.over_landscapes`. Default: none are listed, 1.

    Returns:
      One row per published number that the studies can answer, with the columns `COLUMNS`
      (`setting` first when several occur); a study, method, feedback or noise level that is absent
      leaves its rows out. `difference` is reproduced minus published, and `z` is that in units of
      `sd`, the SD over seeds; `z` is NaN where the SD is undefined or zero.
    """
    cells = {name: _Means(frame) for name, frame in studies.items() if not frame.empty}
    rows = [
        *_tables(cells, published),
        *_initial_entropy(curves, published),
        *_noise(cells, published),
        *_hybrid(cells, curves, published),
        *_landscapes(studies.get("multi_seed"), published, figure6 or {}),
    ]
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


class _Means:
    """The means over seeds of one study, looked up by what a published number is about."""

    def __init__(self, cells: pd.DataFrame):
        self.cells = cells
        self.metrics: dict[str, pd.DataFrame] = {}

    def find(self, metric: str, method: str, feedback: str, noise: float) -> Iterator:
        if metric not in self.metrics:
            by = ["setting", "method", "feedback", "noise"]
            self.metrics[metric] = over_seeds(self.cells, metric, by)
        means = self.metrics[metric]
        at = (means["method"] == method) & (means["feedback"] == feedback)
        yield from means[at & (means["noise"] == noise)].itertuples()


def _reproduced(study: _Means | None, metric, quantity, where, method, feedback, noise, value):
    """Yield a row per setting of the study that has the cell; none if the study is absent."""
    if study is None:
        return
    for mean in study.find(metric, method, feedback, noise):
        about = (mean.setting, quantity, where, method, feedback, noise)
        yield (*about, float(value), mean.mean, mean.sd, mean.n)


def _tables(cells, published):
    for entry, (quantity, where, metric) in TABLE_ENTRIES.items():
        for method, values in _by_method(published.get(entry, {})):
            for feedback in ordered_feedbacks(values):
                about = (quantity, where, method, feedback, 0.0)
                yield from _reproduced(cells.get("comparison"), metric, *about, values[feedback])


def _initial_entropy(curves, published):
    if "figure3_initial_entropy" not in published or "comparison" not in curves:
        return
    value = float(published["figure3_initial_entropy"])
    # The figure shows the methods of table 3; one that a user adds has no published value.
    methods = list(published.get("table3_final_entropy", {}))
    shown = curves["comparison"].query("feedback == 'continuous' and noise == 0")
    shown = shown[shown["method"].isin(methods)]
    for row in shown[shown["step"] == shown["step"].min()].itertuples():
        about = (row.setting, "initial entropy", "figure 3", row.method, row.feedback, row.noise)
        yield (*about, value, row.entropy_mean, row.entropy_sd, row.n)


def _noise(cells, published):
    study = cells.get("noise")
    for entry, (quantity, metric) in NOISE_ENTRIES.items():
        for method, values in _by_method(published.get(entry, {})):
            text = re.fullmatch(r"(\w+)_text_at_([0-9.]+)", method)
            if text:
                about = (quantity, "section 3.4", text[1], "continuous", float(text[2]))
                yield from _reproduced(study, metric, *about, values)
                continue
            for noise, value in values.items():
                about = (quantity, "figure 4", method, "continuous", float(noise))
                yield from _reproduced(study, metric, *about, value)


def _hybrid(cells, curves, published):
    for entry in published:
        if not entry.startswith(HYBRID_PREFIX):
            continue
        noise = float(entry.removeprefix(HYBRID_PREFIX))
        feedbacks = [name for name in published[entry] if not name.startswith("alpha_")]
        for feedback in ordered_feedbacks(feedbacks):
            for method, metrics in _by_method(published[entry][feedback]):
                for metric in filter(metrics.__contains__, METRIC_NAMES):
                    about = (METRIC_NAMES[metric], "section 3.5", method, feedback, noise)
                    yield from _reproduced(cells.get("hybrid"), metric, *about, metrics[metric])
        if "hybrid" in curves:
            yield from _hybrid_weight(curves["hybrid"], published[entry], noise)


def _hybrid_weight(curves, entry, noise):
    """Yield the weight of eq. 6 at its start, at its end and at its extremes over training."""
    text, figure = entry.get("alpha_text", {}), entry.get("alpha_figure", {})
    low, high = figure.get("range", (None, None))
    shown = curves[(curves["method"] == "hybrid") & (curves["noise"] == noise)]
    shown = shown.dropna(subset="hybrid_weight_mean").sort_values("step")
    for (setting, feedback), weight in shown.groupby(["setting", "feedback"], sort=True):
        first, last = weight.iloc[0], weight.iloc[-1]
        lowest = weight.loc[weight["hybrid_weight_mean"].idxmin()]
        highest = weight.loc[weight["hybrid_weight_mean"].idxmax()]
        for quantity, where, value, row in (
            ("hybrid weight, first step", "section 3.5", text.get("start"), first),
            (
                "hybrid weight, last step (published: above)",
                "section 3.5",
                text.get("later_above"),
                last,
            ),
            ("hybrid weight, first step", "figure 5", figure.get(f"start_{feedback}"), first),
            ("hybrid weight, lowest of the mean curve", "figure 5", low, lowest),
            ("hybrid weight, highest of the mean curve", "figure 5", high, highest),
        ):
            if value is not None:
                about = (setting, quantity, where, "hybrid", feedback, noise)
                mean, sd = row["hybrid_weight_mean"], row["hybrid_weight_sd"]
                yield (*about, float(value), mean, sd, row["n"])


def _landscapes(cells, published, options: Mapping):
    """Yield mean and SD over landscapes.

    Where landscapes are listed and every one has several cells, their scatter between replicates is
    known, and n counts these. Otherwise the scatter of the mean is that between landscapes.
    """
    if cells is None or cells.empty:
        return
    shown = cells[(cells["feedback"] == "continuous") & (cells["noise"] == 0)]
    for method, values in _by_method(published.get("figure6_multi_seed", {})):
        for setting, part in shown[shown["method"] == method].groupby("setting"):
            listed = options.get("landscapes", {}).get(setting)
            by = ["method", "feedback"]
            row = over_landscapes(part, "reward", by, listed, options.get("ddof", 1)).iloc[0]
            several = row["replicates"] > 1
            n = row["replicates"] if several else row["n"]
            about = ("figure 6", method, "continuous", 0.0)
            scatter = row["mean_sd"] if several else row["sd"]
            quantities = ("final reward", "SD of final reward over landscapes")
            yield (setting, quantities[0], *about, values["mean"], row["mean"], scatter, n)
            if row["n"] > 1:
                yield (setting, quantities[1], *about, values["sd"], row["sd"], row["sd_sd"], n)


def _by_method(entry: Mapping) -> list[tuple[str, object]]:
    """The items of an entry in the paper's order, which JSON on the way here does not keep."""
    return [(name, entry[name]) for name in ordered_methods(entry)]


def _line(texts: list[str]) -> str:
    return "| " + " | ".join(texts) + " |"
