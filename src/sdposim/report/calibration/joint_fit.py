"""reports/joint_fit.md: the settings, how they are known, and what they explain."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd

from sdposim.calibration.facts import BASELINES, PARTS, WEIGHTS
from sdposim.calibration.findings import COMPARABLE, Fitted, fitted
from sdposim.calibration.landscapes import LEAD_LIST
from sdposim.calibration.preset import WITHIN
from sdposim.calibration.space import FITTED, PARAMETERS, changed
from sdposim.report.calibration import joint_fit_figures as drawn
from sdposim.report.calibration.joint_fit_figures import (
    DECIMALS,
    NEAR,
    WIDE,
    about,
    statistic,
    within,
)
from sdposim.report.captions import OTHERS
from sdposim.report.files import csv, number, signed, write_texts
from sdposim.report.labels import feedback_label, method_label
from sdposim.report.markdown import bullets, digits, paragraph, table
from sdposim.report.style import write_figure

DECIDED, UNDECIDED = 5.0, 1.0
"""Log evidence that decides a reading, and that says nothing."""


def written(
    published: list, options: dict, weights: list, figures: Path, reports: Path
) -> list[Path]:
    """Write figures to one folder and the rest to another, see `outputs`.

    Args:
        published, options, weights: as in `findings.fitted`.
        figures, reports: the folders.

    Returns:
        The files.

    Raises:
        UserError: if a file cannot be written.
        Unusable: a file that is read is damaged or foreign.
    """
    results = fitted(published, options, weights)
    folder = Path(os.path.relpath(figures, reports)).as_posix()
    texts = {
        f"joint_fit_{name}.csv": csv(getattr(results, name), DECIMALS)
        for name in ("numbers", "readings", "settings", "left_out")
    }
    texts |= {"joint_fit_preset.json": _keys(results), "joint_fit.md": report(results, folder)}
    return [
        *draw(results.numbers, results.readings, results.settings, figures),
        *write_texts(reports, texts),
    ]


def draw(
    numbers: pd.DataFrame, readings: pd.DataFrame, settings: pd.DataFrame, folder: Path
) -> list[Path]:
    """Write the figures of tables of `Fitted` to a folder, and return the files.

    They show what the files beside them hold, of which they can be drawn again.
    """
    figures = {
        "joint_fit_numbers": (drawn.numbers, numbers),
        "joint_fit_readings": (drawn.readings, readings),
        "joint_fit_settings": (drawn.intervals, settings),
    }
    files = []
    for name, (figure, data) in figures.items():
        shown = data.round(DECIMALS)
        files += write_figure(figure(shown), shown, folder / name, OTHERS[name])
    return files


def _keys(results: Fitted) -> str:
    """What the preset in config/config.yaml is: keys of a setting."""
    keys = FITTED.changes
    values = results.candidates.values[results.candidates.chosen]
    for parameter, value in zip(PARAMETERS, values.tolist(), strict=True):
        keys = changed(keys, parameter.keys(value))
    return json.dumps(keys, indent=1, sort_keys=True) + "\n"


def report(results: Fitted, figures: str) -> str:
    """The report; `figures` is the folder of the figures, relative to it."""
    parts = [
        "# The paper's settings",
        *_question(results),
        "## The numbers",
        *_numbers(results),
        f"![Every published number]({figures}/joint_fit_numbers.png)",
        "## Which readings of the paper its numbers prefer",
        *_readings(results),
        f"![Evidence of every reading]({figures}/joint_fit_readings.png)",
        "### Direction of the baselines",
        *_directions(results),
        "## Numbers that were left out, and predicted",
        *_left_out(results),
        "## The settings",
        *_settings(results),
        f"![Intervals of every setting]({figures}/joint_fit_settings.png)",
        "### What the identified landscapes are worth",
        *_gain(results),
        "### Round numbers",
        *_rounding(results),
        "### Why the earlier calibration missed figure 6",
        *_earlier(results),
        "## What is certain, what is likely, what is open",
        _verdict(results),
        "## Every number",
        *_every(results),
    ]
    return "\n\n".join(parts) + "\n"


def _question(results: Fitted):
    yield paragraph(
        "[The identification](identification.md) says which landscapes the paper probably used.",
        f"Here they are taken as given, and all {len(results.numbers)} published numbers of",
        "tables 1 to 3, figures 3, 4 and 6 and section 3.5 are fitted together by",
        f"{len(PARAMETERS)} settings that the paper leaves out; figure 5's are not used. The",
        "fitted reading of the paper has the baselines' gradient reversed and equation 5's q-bar",
        "as the mean over a rollout's own tokens; every other reading is compared with it.",
    )


def _numbers(results: Fitted):
    data = results.numbers
    preset = ", ".join(
        f"{parameter.symbol} {value:g}"
        for parameter, value in zip(PARAMETERS, _preset(results), strict=True)
    )
    tables = data["source"].str.startswith("table")
    yield paragraph(
        f"With the preset, in round numbers ({preset}): of the 36 numbers of tables 1 to 3,",
        f"{within(data[tables], NEAR)} are within 2 SDs,",
        f"{within(data[tables], WIDE)} within 3;",
        f"of all {len(data)}, {within(data, NEAR)} and {within(data, WIDE)}; of so many",
        f"independent normal ones {number(0.9545 * len(data), 0)} would be within 2. The squared",
        f"distance of all is {number(results.shown.squared[0], 1)},",
        f"with equations 4 and 5 as printed {number(results.shown.squared[1], 0)}. Means over",
        f"{results.options['runs']} runs; a",
        "published number is one run.",
    )
    wide = data[data["paper_z"].abs() > NEAR]
    if len(wide):
        rows = [
            (
                row.source,
                *about(row),
                statistic(row.statistic),
                number(row.published, 3),
                number(row.paper, 3),
                signed(row.paper_z, 1),
                number(results.nearest[row.Index], 1),
            )
            for row in wide.itertuples()
        ]
        yield "Farther than 2 SDs:"
        yield table(
            ("where", "method", "feedback", ">noise", "quantity", ">published", ">preset", ">SDs",
             ">nearest of all readings"),
            rows,
        )  # fmt: skip
        yield paragraph(
            "Nearest: the smallest distance that any reading reaches whose log evidence is",
            f"within {COMPARABLE:g} of the fitted one's. A baseline's four columns are four runs",
            "of one program with one mean, so no setting can follow one of them alone.",
        )
    figure6 = data[data["source"] == "figure 6"]
    yield f"Figure 6, from one run on each of the landscapes {', '.join(map(str, LEAD_LIST))}:"
    header = ("", *(f">{method_label(method)}" for method in figure6["method"].unique()))
    yield table(
        header,
        [
            (text, *(_pair(part, column) for _, part in figure6.groupby("method", sort=False)))
            for text, column in (
                ("published", "published"),
                ("the preset", "paper"),
                ("equations 4 and 5 as printed", "as_printed"),
            )
        ],
    )
    yield "The hybrid, whose threshold tau is fitted to section 3.5, and figure 5, which is not:"
    rows = [
        (
            "section 3.5", feedback_label(row.feedback), statistic(row.statistic),
            number(row.published, 3), f"{number(row.paper, 3)} ± {number(row.paper_sd, 3)}",
            signed(row.paper_z, 1),
        )
        for row in data[data["method"] == "hybrid"].itertuples()
    ]  # fmt: skip
    for place, ((text, *_), weight) in enumerate(zip(WEIGHTS, results.weights, strict=True)):
        runs = results.shown.weights[0][:, place]
        z = (weight.value - runs.mean()) / np.sqrt(runs.var(ddof=1) + weight.variance)
        rows.append(
            (
                "figure 5", "", f"weight, {text}", number(weight.value, 2),
                f"{number(runs.mean(), 3)} ± {number(runs.std(ddof=1), 3)}", signed(z, 1),
            )
        )  # fmt: skip
    yield table(("where", "feedback", "quantity", ">published", ">preset", ">SDs"), rows)


def _readings(results: Fitted):
    data = results.readings.iloc[1:]
    yield paragraph(
        "Evidence: the probability of all published numbers, averaged over the prior of the",
        "settings, each reading with its own best settings. Log evidence is given less that of the",
        f"fitted reading; a difference of {DECIDED:g} is odds of 150 to 1. Below",
        f"{UNDECIDED:g} it says nothing.",
    )
    rows = [
        (row.question, row.reading, signed(row.log_evidence, 1), number(row.squared, 1))
        for row in data.sort_values(
            ["question", "log_evidence"], ascending=[True, False], kind="stable"
        ).itertuples()
    ]
    yield table(("question", "reading", ">log evidence", ">squared distance"), rows)


def _directions(results: Fitted):
    yield paragraph(
        "Log Bayes factors for the reversed direction against the printed one, from parts of the",
        "baseline's numbers, each given all numbers of the other methods. As printed, the",
        "correlation has the other sign than table 2; the second row of a method supposes that",
        "this sign is an error of the metric, and compares its size.",
    )
    rows = []
    for method in BASELINES:
        for row in _printed(results, method).to_dict("records"):
            values = (signed(-row[part], 1) for part in PARTS)
            text = row["reading"].replace("rollout, signed, ", "")
            rows.append((method_label(method), text, *values))
    yield table(("", "against", *(f">{name}" for name in PARTS)), rows)
    yield paragraph(
        "Parts of numbers that share an error of their mean do not add up exactly to all."
    )


def _printed(results: Fitted, method: str):
    data = results.readings
    if method == "reinforce":
        return data[data["question"] == "REINFORCE's direction"]
    chosen = data["reading"].str.startswith("rollout, signed, printed")
    return data[chosen]


def _left_out(results: Fitted):
    yield paragraph(
        "Without a source, the fit of all other numbers predicts it: draws of the settings, single",
        "runs of each. An interval holds 95% of these. The list of figure 6's seeds was suspected",
        "because of figure 6, so that its prediction tests the settings, not the list; the",
        "reading of the paper was chosen with all numbers known.",
    )
    rows = []
    for source, part in results.left_out.groupby("left_out", sort=False):
        own = results.together[results.together["left_out"] == source]
        distance = number(own["squared"].iloc[0], 1) if len(own) else ""
        share = number(own["farther"].iloc[0], 3) if len(own) else ""
        outside = int((~part["inside"]).sum())
        expected = number(0.05 * len(part), 1)
        rows.append((source, str(len(part)), str(outside), expected, distance, share))
    yield table(
        (
            "left out", ">numbers", ">outside", ">by chance", ">squared distance",
            ">predictions as far",
        ),
        rows,
    )  # fmt: skip
    yield paragraph(
        "Figure 5 counts with section 3.5 where both are left out; alone, it is predicted by a fit",
        "that has section 3.5. Predictions as far: the share of predictions that are as far from",
        "the others as the paper is, in all numbers together. Outside:",
    )
    rows = [
        (
            row.left_out, *about(row), statistic(row.statistic), number(row.published, 3),
            f"{number(row.predicted, 3)} ({number(row.low, 3)} to {number(row.high, 3)})",
        )
        for row in results.left_out[~results.left_out["inside"]].itertuples()
    ]  # fmt: skip
    header = ("left out", "method", "feedback", ">noise", "quantity", ">published", ">predicted")
    yield table(header, rows)
    yield "[joint_fit_left_out.csv](joint_fit_left_out.csv) has all of them."


def _settings(results: Fitted):
    yield paragraph(
        "Median and 90% interval. Earlier: the calibration that this project had before, from",
        "tables 1 to 3 on landscapes of its own. Any landscape: on landscapes that nobody",
        "identified, of which only the population is known, from tables 1 to 3 as before and from",
        "all numbers. Identified: all numbers on the identified landscapes.",
    )
    rows = []
    for place, parameter in enumerate(PARAMETERS):
        own = results.settings[results.settings["setting"] == parameter.key].set_index("source")
        texts = [
            f"{digits(row['median'])} ({digits(row['low'])} to {digits(row['high'])})"
            for row in (
                own.loc[name]
                for name in ("prior", "earlier", "tables", "unidentified", "identified")
            )
        ]
        rows.append((parameter.symbol, *texts, f"{_preset(results)[place]:g}"))
    yield table(
        (
            "setting",
            "prior",
            "earlier",
            "any landscape, tables",
            "any landscape, all",
            "identified",
            ">preset",
        ),
        rows,
    )


def _gain(results: Fitted):
    rows = [(name, signed(gain, 1)) for name, gain in results.gain.items()]
    yield table(("numbers", ">log Bayes factor, these landscapes against any"), rows)
    yield paragraph(
        "Any landscape: papers on landscapes of this project's own, each on five others. What the",
        "identified ones gain",
        "has to pay for the choice among those that were thought of: seed 42 in one of 24 ways",
        f"to draw with 65 written seeds is one of 1,560 (log {number(np.log(1560), 1)}), and the",
        f"list is one of some 30 (log {number(np.log(30), 1)}).",
        "The evidence of any landscape takes numbers as normal, which is too low where they are",
        "not, so that a gain is an upper estimate: how often wrong landscapes have such gains in",
        "papers whose landscape is known",
        "is in [joint_fit_check.md](joint_fit_check.md).",
    )


def _rounding(results: Fitted):
    tried = results.candidates
    exact = tried.log_likelihood[0]
    order = [0, *(1 + np.argsort(-(tried.log_likelihood - tried.cost)[1:], kind="stable"))]
    rows = []
    for place in order:
        texts = [f"{value:.4g}" for value in tried.values[place]]
        texts.append(str(tried.cost[place]) if place else "")
        texts.append(signed(tried.log_likelihood[place] - exact, 1))
        texts.append(number(tried.squared[place], 1))
        rows.append([f"**{text}**" if place == tried.chosen and text else text for text in texts])
    loss = exact - tried.log_likelihood[tried.chosen]
    near = tried.log_likelihood[1:] >= exact - WITHIN
    plainest = int(tried.cost[1:][near].min()) if near.any() else None
    yield table(
        (*(f">{parameter.symbol}" for parameter in PARAMETERS), ">cost", ">log likelihood",
         ">squared distance"),
        rows,
    )  # fmt: skip
    yield paragraph(
        "First the best settings, not rounded; then round ones near them, simulated with",
        f"{results.options['runs']} runs. The cost is the log of how much rarer a person types",
        "such numbers: 1, 2 and 5 times a power of ten cost nothing, other numbers of one digit",
        "and those of two that end in 5 cost 1, others 3. The preset, in bold, has the largest",
        f"likelihood after this cost; it loses {number(loss, 1)} units of log likelihood.",
        (
            f"Within {WITHIN:g} units of the best, the plainest that were simulated cost "
            f"{plainest}."
            if plainest is not None
            else f"None of those that were simulated is within {WITHIN:g} units of the best: "
            "numbers that a person types first do not quite have the best likelihood."
        ),
    )


def _earlier(results: Fitted):
    own = results.settings[results.settings["setting"] == "quality_sd"].set_index("source")
    earlier, tables, unknown, known = (
        f"{number(row['median'], 2)} ({number(row['low'], 2)} to {number(row['high'], 2)})"
        for row in (own.loc[name] for name in ("earlier", "tables", "unidentified", "identified"))
    )
    yield paragraph(
        "The calibration before this fit asked which of 16,384 landscapes of this project's own",
        f"explain tables 1 to 3, and found an SD of q of {earlier}. Its settings then missed",
        "figure 6 (SDPO 0.588 against 0.669), and this project concluded that tables and figure do",
        "not go together. That was wrong for two reasons. Its interval was too narrow: it rested",
        "on some six landscapes of 16,384 that happened to fit 36 numbers best, and such weights",
        "say how good the best of a pool are, not what any landscape would give. The population",
        f"that any landscape comes from gives {tables} from the same tables. And",
        "the tables' landscape is a narrow one: seed 42's 48 qualities have an SD of 0.77 where",
        "the population's is 1, but one landscape shows only the product. The calibration took it",
        "for the population's, and so predicted figure 6, which is of five landscapes, too low.",
        f"All numbers together, on any landscape, give {unknown}, and {known}",
        "on the identified ones. It also read Adv-Weighted's direction as printed and compared",
        "REINFORCE's correlation in size only; the evidence above speaks against the second.",
    )


def _verdict(results: Fitted) -> str:
    data = results.readings
    decided, likely, open_ = [], [], []
    for question, part in data.iloc[1:].groupby("question", sort=False):
        best = part["log_evidence"].max()
        name = part.loc[part["log_evidence"].idxmax(), "reading"]
        text = f"{question} (nearest rival: {name}, {signed(best, 1)})"
        kind = decided if best < -DECIDED else likely if best < -UNDECIDED else open_
        kind.append(text)
    return bullets(
        [
            "Decided, given the landscapes: " + _listed(decided),
            "Likely: " + _listed(likely),
            "Open: " + _listed(open_),
            "All of it rests on the landscapes, which are likely and not certain "
            "([identification](identification.md)), and on readings that were thought of.",
            "Published numbers are taken as independent runs. If the paper's program used the same "
            "random numbers for several of them, their errors are shared, and distances are too "
            "small or too large.",
            "How often such intervals hold a truth that is known: [joint_fit_check.md]"
            "(joint_fit_check.md). Predictions and round numbers rest on the normal fit, whose "
            "intervals are those of an identified landscape.",
        ]
    )


def _every(results: Fitted):
    header = (
        "where", "method", "feedback", ">noise", "quantity", ">published", ">preset", ">SD",
        ">SDs off", ">as printed", ">SDs off",
    )  # fmt: skip
    rows = []
    for row in results.numbers.itertuples():
        differs = row.paper != row.as_printed
        rows.append(
            (
                row.source, *about(row), statistic(row.statistic), number(row.published, 4),
                number(row.paper, 4), number(row.paper_sd, 4), signed(row.paper_z, 1),
                number(row.as_printed, 4) if differs else "",
                signed(row.as_printed_z, 1) if differs else "",
            )
        )  # fmt: skip
    yield table(header, rows)
    yield paragraph(
        "SD: of a single run, in figure 6 of five; SDs off: published less reproduced, in units",
        "of this and of the errors of rounding, of reading a figure and of the mean together. As",
        "printed: equations 4 and 5, where it differs. For SDPO's correlation at noise 0.5 the",
        "text says 0.72, where figure 4 shows 0.76: the figure is used.",
    )


def _preset(results: Fitted) -> np.ndarray:
    return results.candidates.values[results.candidates.chosen]


def _pair(part, column: str) -> str:
    values = part.set_index("statistic")[column]
    return f"{number(values['mean'], 3)} ± {number(values['sd'], 3)}"


def _listed(items: list[str]) -> str:
    return "; ".join(items) + "." if items else "nothing."
