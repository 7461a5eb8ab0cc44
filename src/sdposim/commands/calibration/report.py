"""The preset, and the report of a calibration."""

from pathlib import Path

from sdposim.calibration import plan
from sdposim.calibration.accepted import (
    accepted_table,
    predictions,
    read_held_out,
    sharp_draws,
)
from sdposim.calibration.choice import choose_preset, preset_table
from sdposim.calibration.files import read_json, write_json
from sdposim.calibration.results import read_weighted, with_unseen, write_weighted
from sdposim.calibration.target import read_target
from sdposim.presentation.undisturbed import load_matplotlib
from sdposim.seal import setting_aside
from sdposim.specs import parse

FIGURES, REPORTS = Path("reports/figures"), Path("reports")


def run(spec: str, draws: str, posterior: str, accepted: str, predicted: str, preset: str) -> None:
    """Choose the preset, and write the report with its figures.

    Args:
        spec: canonical JSON with the options, the base setting and the published held-out numbers,
            each `[source, statistic, method, feedback, noise, value]`.
        draws: the weighted draws.
        posterior: what they say.
        accepted: file to write: the accepted settings by distance.
        predicted: file to write: their 36 fitted and their held-out numbers.
        preset: file to write: the preset.
    """
    load_matplotlib()
    # Only now, because it loads it too.
    from sdposim.presentation.calibration.writing import write

    job = parse(spec, options=dict, base=dict, held_out=list)
    options = job["options"]
    with setting_aside():
        weighted = read_weighted(draws)
        found, weighed, _ = sharp_draws(options, plan.PUBLISHED)
        held_out = read_held_out(plan.held_out(options))
    tables, _ = read_target(plan.target(plan.PUBLISHED))
    table = accepted_table(found, weighed, options["seed"])
    published = {tuple(number): value for *number, value in job["held_out"]}
    numbers = predictions(table, found.runs, held_out, tables, published)
    chosen, runs = choose_preset(table, job["base"], tables, weighed.scatter)
    ranks = table["rank"][table["admissible"]]
    comparison = preset_table(chosen, runs, tables, numbers, ranks)
    said = with_unseen(read_json(posterior)) | {
        "generations": options["generations"],
        "explored": options["generations"] * options["draws"],
        "climbs": plan.starts_count(options),
        "runs": options["sharp_runs"],
        "admissible": len(ranks),
        "preset": chosen,
    }
    write_weighted(accepted, table, spec)
    write_weighted(predicted, numbers, spec)
    write_json(preset, chosen)
    write(weighted, said, table, numbers, comparison, FIGURES, REPORTS)
