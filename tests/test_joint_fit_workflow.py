"""A small joint fit from end to end: its files, and what an edit makes again."""

import json

import pytest

from edits import delete, installed, replace
from sdposim.__main__ import main
from sdposim.calibration import files as plan
from sdposim.storage.files import sha256
from sdposim.workflow.configuration.calibrations import JointFit
from sdposim.workflow.orphans import joint_fit_files
from smallrun import (
    RECORD,
    made_files,
    own_sources,
    planned_jobs,
    rerun_rules,
    rewritten,
    run_snakemake,
    small_folder,
    without_records,
)

SMALL = {"runs": 8, "slope_runs": 1, "draws": 8, "papers": 100, "synthetic": 2}
CONFIGURATION = {
    "joint_fit": SMALL,
    "settings": {"paper": {"training": {"steps": 8, "rollouts": 3}}},
    "analysis": {"final_window": 5, "smoothing_window": 3},
}
STEPS = {
    f"joint_fit_{step}"
    for step in (
        "fitted",
        "readings",
        "left_out",
        "papers",
        "posterior",
        "candidates",
        "preset",
        "report",
        "synthetic",
        "check_report",
    )
}


def nothing(study):
    """No edit."""


REPORT, CHECK = {"joint_fit_report"}, {"joint_fit_check_report"}
TARGETS = ("joint_fit", "joint_fit_check")


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    folder = small_folder(tmp_path_factory.mktemp("fitted"))
    run_snakemake(folder, CONFIGURATION, "--cores", "2", "--", *TARGETS)
    return folder


def test_everything_is_made_and_known(fitted):
    assert made_files(fitted, "joint_fit") == joint_fit_files(JointFit(**SMALL).model_dump())
    report = (fitted / "reports/joint_fit.md").read_text()
    assert "Every number" in report
    assert "Log evidence less that of any" in (fitted / "reports/joint_fit_check.md").read_text()


def test_records_name_the_reports_and_what_they_are_made_from(fitted, monkeypatch, capsys):
    monkeypatch.chdir(fitted)
    for report, name in (("joint_fit.md", "joint_fit"), ("joint_fit_check.csv", "joint_fit_check")):
        assert main(["inspect", f"reports/{report}"]) == 0
        said = capsys.readouterr().out
        assert f"report of target {name}\nthe file is the recorded one" in said
        assert "git_commit" in said
        record = json.loads((fitted / f"results/provenance/targets/{name}.json").read_text())
        assert record["artefacts"][f"reports/{report}"]["inputs"]
        for path, sealed in record["sealed"].items():
            assert sealed["sha256"] == sha256(fitted / path)
    assert main(["inspect", plan.FITTED]) == 0
    assert "numbers of an identification or a fit, 1 rows" in capsys.readouterr().out


EDITS = {
    "nothing": (nothing, set()),
    "nothing, in a copied folder": (without_records(nothing), set()),
    "a report is edited by hand": (rewritten("reports/joint_fit.md"), REPORT),
    "a report is edited by hand in a copied folder": (
        without_records(rewritten("reports/joint_fit_check.csv")),
        CHECK,
    ),
    "another matplotlib": (installed("matplotlib"), REPORT | CHECK),
    "a published number that is not read": (
        replace("config/paper/values.csv", "0.2,0.8,1", "0.2,0.9,1"),
        set(),
    ),
    "a weight of figure 5": (
        replace("config/paper/values.csv", "0.2,0.8,,figure", "0.2,0.9,,figure"),
        REPORT,
    ),
    "how a weight was read": (
        replace("config/paper/values.csv", "1.0,,figure,0.005", "1.0,,figure,0.006"),
        REPORT,
    ),
    "how a fitted number was read": (
        replace("config/paper/values.csv", "2.0755,,figure,0.002", "2.0755,,figure,0.003"),
        STEPS,
    ),
    "a fitted number": (
        replace("config/paper/values.csv", "binary,0,0.520", "binary,0,0.521"),
        STEPS,
    ),
    "a fitted number, in a copied folder": (
        without_records(replace("config/paper/values.csv", "binary,0,0.520", "binary,0,0.521")),
        STEPS,
    ),
    "a scale of the preset": (
        replace("config/config.yaml", "quality_sd: 1.0", "quality_sd: 1.1"),
        set(),
    ),
    "a reading of the preset": (
        replace("config/config.yaml", " mean: rollout", " mean: batch"),
        set(),
    ),
    "the prior of tau": (
        replace("src/sdposim/calibration/space.py", '"tau", 0.1, 0.7', '"tau", 0.1, 0.6'),
        STEPS,
    ),
    "the final window": (replace("small.yaml", "final_window: 5", "final_window: 4"), STEPS),
    "another reading": (
        replace(
            "src/sdposim/calibration/readings.py",
            "_share(epsilon=1e-3)",
            "_share(epsilon=1e-4)",
        ),
        {"joint_fit_readings"} | REPORT,
    ),
    "how long a step of the sequence is": (
        replace(
            "src/sdposim/calibration/propose.py",
            "Step(0.75, 1.0, 1.3)",
            "Step(0.8, 1.0, 1.3)",
        ),
        {"joint_fit_posterior", "joint_fit_synthetic"} | REPORT | CHECK,
    ),
    "how many landscapes are looked at closely": (
        replace("src/sdposim/calibration/synthetic.py", "_REFINED = 2", "_REFINED = 3"),
        {"joint_fit_synthetic"} | CHECK,
    ),
    "another synthetic paper": (
        replace("small.yaml", "synthetic: 2", "synthetic: 3"),
        {"joint_fit_synthetic"} | CHECK,
    ),
    "a posterior is deleted": (
        delete(plan.posterior("tables")),
        {"joint_fit_posterior"} | REPORT,
    ),
    "the reading that is fitted": (
        replace(
            "src/sdposim/calibration/space.py",
            '"mean": "rollout"',
            '"mean": "batch"',
        ),
        STEPS,
    ),
    "more draws": (
        replace("small.yaml", "draws: 8", "draws: 9"),
        {"joint_fit_left_out"} | REPORT,
    ),
    "what a person types": (
        replace("src/sdposim/calibration/preset.py", "_PLAIN = (1, 2, 5)", "_PLAIN = (1, 2)"),
        {"joint_fit_candidates", "joint_fit_preset"} | REPORT,
    ),
    "the preset's runs are deleted": (delete(plan.PRESET), {"joint_fit_preset"} | REPORT),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_reruns_exactly_what_it_touches(fitted, tmp_path, name):
    edit, expected = EDITS[name]
    found = rerun_rules(fitted, tmp_path / "study", edit, *TARGETS)
    assert found == (expected | RECORD if expected else set())


def test_more_papers_simulate_the_new_ones_and_what_follows(fitted, tmp_path):
    study = own_sources(fitted, tmp_path / "study")
    study.edit("small.yaml", "papers: 100", "papers: 150")
    jobs = planned_jobs(study, *TARGETS)
    blocks = {job for job in jobs if job.startswith("joint_fit_papers")}
    assert {job.split()[0] for job in jobs - blocks} == (
        {"joint_fit_posterior", "joint_fit_synthetic"} | REPORT | CHECK | RECORD
    )
    assert len(blocks) == 1
