"""reports/identification.md: what was tried, what was found, and how sure that is."""

import os
from pathlib import Path

from sdposim.calibration import space
from sdposim.calibration.facts import METHODS
from sdposim.calibration.findings import RANDOM_SETS, Identified, identified
from sdposim.calibration.landscapes import (
    CONTROL,
    LEAD_LIST,
    LEAD_LIST_OF,
    LEAD_SEED,
    PLAIN,
    WRITTEN,
)
from sdposim.report.calibration import identification_figures as drawn
from sdposim.report.captions import OTHERS
from sdposim.report.files import csv, number, write_texts
from sdposim.report.labels import method_label
from sdposim.report.markdown import bullets, paragraph, table
from sdposim.report.style import write_figure

BEST = 10
PARAMETERS = space.PARAMETERS[: space.SEARCHED]


def written(options: dict, figure6: list, figures: Path, reports: Path) -> list[Path]:
    """Write figures to one folder and the rest to another, see `outputs`.

    Args:
        options, figure6: as in `findings.identified`.
        figures, reports: the folders.

    Returns:
        The files.

    Raises:
        UserError: if a file cannot be written.
        Unusable: a file that is read is damaged or foreign.
    """
    results = identified(options, figure6)
    texts = {
        "identification.csv": csv(results.families, 3),
        "identification_refined.csv": csv(results.refined, 3),
        "identification.md": report(results, Path(os.path.relpath(figures, reports)).as_posix()),
    }
    return [
        *_figure(figures, "identification_search", drawn.search(results)),
        *_figure(figures, "identification_lists", drawn.lists(results)),
        *write_texts(reports, texts),
    ]


def _figure(folder: Path, name: str, made) -> list[Path]:
    return write_figure(*made, folder / name, OTHERS[name])


def report(results: Identified, figures: str) -> str:
    """The report; `figures` is the folder of the figures, relative to it."""
    parts = [
        "# Which program drew the paper's landscapes",
        *_question(results),
        "## The tables' landscape",
        *_seed(results),
        f"![Evidence of every landscape]({figures}/identification_search.png)",
        "### The best landscapes, with their own best settings",
        *_refined(results),
        "## Figure 6's landscapes",
        *_lists(results),
        f"![Figure 6 from lists of five seeds]({figures}/identification_lists.png)",
        "## What is certain, what is likely, what is open",
        _verdict(results),
    ]
    return "\n\n".join(parts) + "\n"


def _question(results: Identified):
    options = results.options
    yield paragraph(
        "The paper does not say where its reward landscapes come from. A program that draws them",
        "with NumPy leaves a trace: its seed. Here landscapes are drawn as such programs would,",
        "SDPO and REINFORCE are run on each, and the published numbers of these two methods in",
        f"tables 1 to 3 (24 numbers) say how likely each landscape is, whatever the open settings: "
        f"{', '.join(parameter.symbol for parameter in PARAMETERS)} have prior "
        "distributions, over which the likelihood is averaged. Adv-Weighted and figure 6 are not "
        "used for it.",
    )
    yield paragraph(
        f"Tried: {options['seeds']:,} seeds of NumPy's `default_rng`, tables drawn in the order of",
        f"equation 1; {options['other_seeds']:,} seeds of each of 23 other ways (`default_rng` or",
        "`RandomState`, the tables q, b and s* in any order, normal or uniform deviates); and as a",
        f"control {options['other_seeds']:,} landscapes of this project's own generator, which",
        "cannot be the paper's. REINFORCE's direction is open too: as printed, its correlation is",
        "positive, and only its size is compared then.",
    )


def _seed(results: Identified):
    by_family = results.families.set_index("family")
    plain, control = by_family.loc[PLAIN.name], by_family.loc[CONTROL.name]
    rank, tried = int(plain["lead_rank"]), int(plain["seeds"])
    named = len(WRITTEN) * 24
    yield paragraph(
        f"Seed {LEAD_SEED} was suspected before this search, by a smaller one on the same numbers:",
        f"this is no independent test. It ranks {rank:,} of {tried:,}, where",
        "a seed that has nothing to do with the paper would rank so high with probability "
        f"{_probability(rank / tried)}. {len(WRITTEN)} seeds that people write and 24 ways to draw",
        f"are {named:,} such hypotheses, of which {number(named * rank / tried, 1)}",
        f"would rank so high by chance; seed {LEAD_SEED} in the plainest way is the first that",
        "anybody would try.",
    )
    header = ("way to draw", ">seeds", ">best", ">its seed", f">seed {LEAD_SEED}", ">its rank")
    rows = [
        (
            f"`{row.family}`",
            f"{row.seeds:,}",
            number(row.best, 1),
            str(row.best_seed),
            number(row.lead, 1),
            f"{row.lead_rank:,}" if row.lead_rank else "",
        )
        for row in results.families.itertuples()
    ]
    yield table(header, rows)
    high = results.families[
        (results.families["lead_rank"] > 0)
        & (results.families["lead_rank"] <= results.families["seeds"] / 100)
    ]
    yield paragraph(
        "Log evidence, less that of the best landscape of all; q, b, s: the order of the tables.",
        f"Seed {LEAD_SEED} is among the best 1% of its kind in these ways:",
        f"{', '.join(f'`{name}`' for name in high['family'])}. Orders that begin with q",
        "draw the same q from the same seed.",
        f"More seeds find better ones by luck: the control's best of {int(control['seeds']):,} is",
        f"{number(control['best'], 1)}, that of {tried:,} seeds of `default_rng` "
        f"{number(plain['best'], 1)}. These scores use derivatives of an average landscape.",
    )


def _refined(results: Identified):
    refined = results.refined
    place = refined.index[(refined["family"] == PLAIN.name) & (refined["seed"] == LEAD_SEED)][0]
    yield paragraph(
        f"The {len(refined)} landscapes with the best scores, and those of the written seeds, get",
        "derivatives of their own and their best settings. Among them, seed",
        f"{LEAD_SEED} ranks {place + 1}.",
    )
    keys = [parameter.key for parameter in PARAMETERS]
    header = (
        "way to draw", ">seed", ">log evidence", ">squared distance", ">from the prior",
        *(f">{parameter.symbol}" for parameter in PARAMETERS),
    )  # fmt: skip
    shown = sorted({*range(min(BEST, len(refined))), place})
    rows = []
    for row in (refined.loc[index] for index in shown):
        texts = [f"`{row['family']}`", str(row["seed"]), number(row["log_evidence"], 1)]
        texts += [number(row["squared"], 1), number(row["prior"], 1)]
        texts += [number(row[key], 2) for key in keys]
        bold = row["family"] == PLAIN.name and row["seed"] == LEAD_SEED
        rows.append([f"**{text}**" if bold else text for text in texts])
    yield table(header, rows)
    lead = refined.loc[place]
    settings = ", ".join(
        f"{parameter.symbol} {number(lead[parameter.key], 2)}" for parameter in PARAMETERS
    )
    yield paragraph(
        "Squared distance: of the 15 numbers fitted (a baseline's four columns are one), in units",
        f"of run-to-run scatter. Seed {LEAD_SEED}'s best settings are {settings}. The prior's",
        "centre is "
        + ", ".join(f"{parameter.value:g}" for parameter in PARAMETERS)
        + "; it is as wide as a factor of 1.35 to 2 in the scales, so that a landscape is not",
        "preferred for needing exactly these.",
        f"REINFORCE's direction there is {lead['reading']}.",
    )


def _lists(results: Identified):
    best = max(results.lists, key=lambda one: one.log_likelihood)
    yield paragraph(
        "Five seeds of the same program, with the settings that tables 1 to 3 give on seed",
        f"{LEAD_SEED}'s landscape: nothing is fitted to figure 6. The list",
        f"{', '.join(map(str, LEAD_LIST))} was suspected before, as the only one to fit of some",
        f"{LEAD_LIST_OF} lists that people write.",
    )
    header = ("", *(f">{method_label(method)}" for method in METHODS))
    rows = [("published", *(_pair(results.published[method]) for method in METHODS))]
    for one in results.lists:
        text = f"this list, SD by {'n' if one.ddof == 0 else 'n - 1'}"
        rows.append((text, *(_pair(values) for values in one.values)))
    yield table(header, rows)
    header = (
        "SD divides by", ">squared distance (6 numbers)", ">random lists as good",
        ">lists of written seeds as good", ">its probability among these",
    )  # fmt: skip
    rows = [
        (
            "n" if one.ddof == 0 else "n - 1",
            number(one.squared, 1),
            _probability(one.random),
            f"{one.as_good:,} of {one.sets:,}",
            _probability(one.probability),
        )
        for one in results.lists
    ]
    yield table(header, rows)
    yield paragraph(
        f"Random lists: {RANDOM_SETS:,} of five of the seeds 0, 1, ... that are not among the",
        f"written ones. Written seeds: {len(WRITTEN)} small, round or famous numbers, see",
        "`calibration/landscapes.py`, of which every set of five is equally likely. With",
        f"{LEAD_LIST_OF} lists tried, a fit as good as this one would be found by chance with "
        f"probability {_probability(1 - (1 - best.random) ** LEAD_LIST_OF)}.",
    )


def _verdict(results: Identified) -> str:
    plain = results.families.set_index("family").loc[PLAIN.name]
    best = max(results.lists, key=lambda one: one.log_likelihood)
    return bullets(
        [
            f"Seed {LEAD_SEED} is not proved by its rank, {int(plain['lead_rank']):,} of "
            f"{int(plain['seeds']):,}: some other landscapes explain the tables as well. What "
            "speaks for it is that people often write it, that its way to draw is the plainest, "
            "and that figure 6, which was not used, agrees with the settings that it needs.",
            f"The list of figure 6 is likely, not certain: a random list fits as well with "
            f"probability {_probability(best.random)}, and so do {best.as_good:,} of the "
            f"{best.sets:,} sets of written seeds.",
            "[The joint fit](joint_fit.md) takes these landscapes as given, and with them the "
            "`paper` preset.",
            "Open: the other ways to draw a landscape that were not tried, and what the program "
            "drew after its landscape; its runs are not reproduced draw by draw.",
        ]
    )


def _pair(values) -> str:
    return f"{number(values[0], 3)} ± {number(values[1], 3)}"


def _probability(value: float) -> str:
    return "0" if value == 0 else f"{value:.2g}"
