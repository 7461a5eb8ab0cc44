"""A small calibration from end to end, and the preset that the committed one chose."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from edits import delete, installed, replace
from sdposim.calibration import plan
from sdposim.calibration.prior import PARAMETERS
from sdposim.configuration.models import Calibration
from sdposim.orphans import calibration_files
from smallrun import own_sources, planned_jobs, run_snakemake, small_folder

ROOT = Path(__file__).parents[1]
SMALL = {
    "draws": 128, "draws_per_job": 64, "generations": 2, "landscapes": 8,
    "sharp_runs": 4, "papers": 2,
}  # fmt: skip
CONFIGURATION = {
    "calibration": SMALL,
    "settings": {"paper": {"training": {"steps": 25, "rollouts": 4}}},
}
TARGETS = ("calibration", "calibration_check")


def snakemake(folder, *arguments):
    """Run Snakemake in a folder by this checkout's rules and code; return its output."""
    return run_snakemake(folder, CONFIGURATION, *arguments)


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory):
    folder = small_folder(tmp_path_factory.mktemp("calibrated"))
    snakemake(folder, "--cores", "2", "--", "calibration", "calibration_check")
    return folder


def frames(folder):
    """All numbers of a calibration, by file."""
    found = {}
    for path in sorted((folder / "results" / "calibration").rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".parquet":
            found[name] = pd.read_parquet(path)
        elif path.suffix == ".json":
            found[name] = json.loads(path.read_text())
    return found


def test_everything_is_made_and_known(calibrated):
    found = {
        path.relative_to(calibrated).as_posix()
        for path in [
            *(calibrated / "results" / "calibration").rglob("*.*"),
            *(calibrated / "results" / "joblogs" / "calibration").rglob("*.*"),
            *(calibrated / "reports" / "figures").glob("*"),
        ]
        if path.is_file()
    }
    assert found == calibration_files(Calibration(**SMALL).model_dump())
    accepted = pd.read_parquet(calibrated / "results/calibration/admissible.parquet")
    assert accepted["admissible"].all() or len(accepted) == 20
    assert not accepted[[p.key for p in PARAMETERS]].duplicated().any()
    assert (calibrated / "reports" / "calibration.md").stat().st_size > 1000
    assert (calibrated / "reports" / "calibration_check.md").stat().st_size > 500


def test_the_same_seed_gives_the_same_result_on_one_core(calibrated, tmp_path):
    folder = small_folder(tmp_path / "one")
    target = plan.posterior(plan.PUBLISHED)
    snakemake(folder, "--cores", "1", "--", target)
    again, before = frames(folder), frames(calibrated)
    assert any("generation=1/draws" in name for name in again)
    for name, content in again.items():
        if isinstance(content, dict):
            assert content == before[name], name
        else:
            for column in content:
                pairs = zip(content[column], before[name][column], strict=True)
                assert all(np.array_equal(a, b) for a, b in pairs), (name, column)


def test_a_lost_shard_is_the_only_one_simulated_again(calibrated):
    lost, *kept = [calibrated / path for path in plan.blocks(SMALL, 1)]
    content, times = lost.read_bytes(), [path.stat().st_mtime_ns for path in kept]
    lost.unlink()
    target = plan.starts(plan.PUBLISHED)
    # As when the run was killed before what follows.
    (calibrated / target).unlink()
    planned = snakemake(calibrated, "--dry-run", "--cores", "1", "--", target)
    assert re.search(r"^calibration_draws +1$", planned, re.MULTILINE), planned
    snakemake(calibrated, "--cores", "1", "--", target)
    assert lost.read_bytes() == content
    assert times == [path.stat().st_mtime_ns for path in kept]


# Edits of a finished calibration, and exactly what they rerun.
EDITS = {
    "nothing": (lambda study: None, set()),
    "another matplotlib": (
        installed("matplotlib"),
        {"calibration_report", "calibration_check_report"},
    ),
    "a published number that no step reads": (
        replace("config/published.yaml", "later_above: 0.8", "later_above: 0.9"),
        set(),
    ),
    "a published number that was kept out of the fit": (
        replace("config/published.yaml", "sd: 0.058", "sd: 0.059"),
        {"calibration_report"},
    ),
    "the posterior is deleted": (
        delete(plan.posterior(plan.PUBLISHED)),
        {"calibration_posterior published", "calibration_report"},
    ),
    "a synthetic paper's posterior is deleted": (
        delete(plan.posterior("synthetic-2")),
        {"calibration_posterior synthetic-2", "calibration_check_report"},
    ),
    "a synthetic paper's draws are deleted": (
        delete(plan.draws("synthetic-1")),
        {"calibration_posterior synthetic-1", "calibration_check_report"},
    ),
    "the preset is deleted": (delete("reports/calibration_preset.json"), {"calibration_report"}),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_reruns_exactly_what_it_touches(calibrated, tmp_path, name):
    edit, expected = EDITS[name]
    study = own_sources(calibrated, tmp_path / "study")
    edit(study)
    assert planned_jobs(study, *TARGETS) == expected


def test_a_fitted_number_reruns_the_fit(calibrated, tmp_path):
    study = own_sources(calibrated, tmp_path / "study")
    study.edit("config/published.yaml", "binary: 0.650", "binary: 0.651")
    jobs = planned_jobs(study, *TARGETS)
    assert {"calibration_target published", "calibration_starts published"} <= jobs
    assert not any(job.startswith("calibration_draws 0/") for job in jobs)


def test_a_plan_of_all_targets_is_a_list_of_jobs(tmp_path):
    """The calibration's figures are no study's: nobody looks for a study that has them."""
    output = snakemake(
        *(small_folder(tmp_path), "--dry-run", "--cores", "1"),
        *("--", "all", "calibration", "calibration_check"),
    )
    assert "Exception" not in output and "Traceback" not in output, output
