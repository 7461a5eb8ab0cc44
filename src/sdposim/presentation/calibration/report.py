"""The report of a calibration in words: reports/calibration.md."""

from sdposim.presentation.calibration import predictive, verdicts
from sdposim.presentation.calibration.findings import Findings
from sdposim.presentation.calibration.markdown import bullets, digits
from sdposim.presentation.calibration.names import name_of
from sdposim.presentation.calibration.report_held_out import held_out
from sdposim.presentation.calibration.report_preset import preset
from sdposim.presentation.calibration.report_settings import method, prior, settings

ENOUGH_DRAWS = 100
"""Effective draws from which a 90% interval has ends worth two digits."""
FILES = (
    "[calibration.csv](calibration.csv): the posterior of every setting.",
    "[calibration_preset.csv](calibration_preset.csv): the preset against the 36 numbers.",
    "[calibration_held_out.csv](calibration_held_out.csv): the held-out numbers.",
    "Beside each figure stands the csv of what it shows.",
)


def report(found: Findings, figures: str) -> str:
    """Return the report as markdown.

    Args:
      found: what it is written from.
      figures: the folder of the figures, relative to that of the report.
    """
    parts = [
        "# Calibration: which unreported settings do the published numbers allow?",
        _at_a_glance(found),
        "## What was done",
        method(found),
        prior(found.posterior),
        "## What the tables say about each setting",
        settings(found),
        _picture(figures, "marginals", "Prior and posterior of every setting"),
        _picture(figures, "pairs", "Pairwise posterior of the continuous settings"),
        "## The preset against tables 1 to 3",
        preset(found),
        _picture(figures, "fit", "Fitted and published, all 36 numbers"),
        "## Numbers kept out of the fit",
        held_out(found),
        _picture(figures, "held_out", "Predicted and published, held-out numbers"),
        "## What to keep in mind",
        _caveats(found),
        "## The numbers as files",
        bullets(FILES),
    ]
    return "\n\n".join(parts) + "\n"


def _picture(folder: str, name: str, text: str) -> str:
    return f"![{text}]({folder}/calibration_{name}.png)"


def _at_a_glance(found: Findings) -> str:
    by_setting = found.settings.drop_duplicates("setting").set_index("setting")
    lines = []
    for kind in verdicts.KINDS:
        names = [name_of(name) for name in by_setting.index[by_setting["verdict"] == kind]]
        lines.append(f"**{kind.capitalize()}**: {', '.join(names) or 'none'}.")
    near = int(found.preset_table["within"].sum())
    inside, published = predictive.counts(found.held_out)
    lines += [
        f"**Preset**: {near} of {len(found.preset_table)} numbers of tables 1 to 3 are within "
        "tolerance.",
        f"**Held out**: {inside} of {published} published numbers that were not fitted lie in "
        "their 90% prediction interval.",
    ]
    return bullets(lines)


def _caveats(found: Findings) -> str:
    posterior = found.posterior
    ess, power = posterior["ess"], posterior["power"]
    pool, landscapes = (posterior["landscapes"][key] for key in ("size", "effective"))
    rough = "" if ess >= ENOUGH_DRAWS else ", so the ends of the intervals are rough"
    flattened = (
        "The weights were not flattened: they are posterior weights."
        if power == 1
        else f"The weights were flattened to their power {digits(power)}, since at power 1 they "
        "would rest on too few draws. The intervals and probabilities therefore lean towards "
        "where draws were taken, and are no exact posterior."
    )
    return bullets(
        [
            f"The weights of the {posterior['draws']:,} draws are worth {digits(ess)} equally "
            f"weighted ones{rough}.",
            flattened,
            f"The prior of the landscape is a pool of {pool:,} seeds, and the paper's own is not "
            "to be expected in it. A fitted seed is a stand-in with like numbers; a larger "
            "pool holds better ones. The other settings' posteriors rest on the landscapes that "
            f"fit, which are worth {digits(landscapes)} equally likely ones: with few, intervals "
            "can be too narrow. [The check](calibration_check.md) tries that on synthetic papers.",
            "A verdict holds within the prior: it says nothing about values outside of the range, "
            "or readings that are not listed.",
            "Run-to-run scatter is taken as normal, and its size as a smooth function of the "
            "settings.",
            "The held-out numbers share landscape and settings, so they are not that many "
            "independent tests.",
        ]
    )
