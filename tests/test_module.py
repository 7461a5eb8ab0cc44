"""The workflow in another folder, as a part of another one, and in runs with names."""

import copy
import os

import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml

import forked
from ministudy import ROOT

TINY = {
    "run": ["tiny"],
    "analysis": {"final_window": 2, "smoothing_window": 2},
    "settings": {"paper": {"training": {"steps": 5, "rollouts": 3}}},
    "studies": {
        "tiny": {
            "methods": ["bare", "sdpo"],
            "feedbacks": ["binary"],
            "seeds": 2,
            "tables": {"tiny": {"kind": "final_reward"}},
        }
    },
    "methods": {"bare": {"advantage": "batch_mean", "credit": "sequence"}},
}
OUTER = f"""
configfile: "config/config.yaml"


module sdposim:
    snakefile:
        {str(ROOT / "Snakefile")!r}
    config:
        {{config}}


{{rules}}


rule mine:
    default_target: True
    input:
        "reports/tables/tiny.csv",
    output:
        "mine.txt",
    shell:
        "head -n 1 {{{{input}}}} > {{{{output}}}}"
"""
PART = OUTER.format(config='config["sdposim"]', rules="use rule * from sdposim as sdposim_*")
WHOLE = OUTER.format(config="config", rules="use rule * from sdposim")


def snakemake(folder, *arguments):
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment = kept | {"SDPOSIM_CACHE": str(ROOT / ".cache" / "numba")}
    done = forked.snakemake(["--cores", "2", *arguments], folder, environment)
    return done.returncode, done.stdout + done.stderr


def tables(folder):
    return {path.name: path.read_bytes() for path in (folder / "reports/tables").iterdir()}


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """The study computed in a folder with one file, by `--snakefile` and `--directory`."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "my.yaml").write_text(yaml.safe_dump(TINY))
    options = ("--snakefile", str(ROOT / "Snakefile"), "--directory", str(folder))
    code, output = snakemake(ROOT.parent, *options, "--configfile", str(folder / "my.yaml"))
    assert code == 0, output
    return folder


def test_another_folder_needs_no_file_of_the_checkout(elsewhere):
    assert set(tables(elsewhere)) == {"tiny.csv", "tiny.md", "tiny.tex"}
    assert {path.name for path in elsewhere.iterdir()} <= {
        "my.yaml", "results", "reports", ".snakemake", ".cache",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("outer", "configuration", "train"),
    [(PART, {"sdposim": TINY, "own": 1}, "rule sdposim_train:"), (WHOLE, TINY, "rule train:")],
    ids=["part of its configuration", "all of it"],
)
def test_an_outer_workflow_uses_the_rules_in_its_own_folder(
    elsewhere, tmp_path, outer, configuration, train
):
    configuration = copy.deepcopy(configuration)
    (tmp_path / "config").mkdir()
    (tmp_path / "config/config.yaml").write_text(yaml.safe_dump(configuration))
    (tmp_path / "Snakefile").write_text(outer)
    code, output = snakemake(tmp_path)
    assert code == 0, output
    assert (tmp_path / "mine.txt").read_text().startswith("method,feedback,reproduced,")
    assert tables(tmp_path) == tables(elsewhere)
    assert "Nothing to be done" in snakemake(tmp_path)[1]
    configuration.get("sdposim", configuration)["studies"]["tiny"]["seeds"] = 3
    (tmp_path / "config/config.yaml").write_text(yaml.safe_dump(configuration))
    _, output = snakemake(tmp_path, "--dry-run")
    assert train in output and "rule mine:" in output


def test_a_mistake_in_the_part_for_this_workflow_is_a_sentence(tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config/config.yaml").write_text(yaml.safe_dump({"sdposim": {"sedes": 3}}))
    (tmp_path / "Snakefile").write_text(PART)
    code, output = snakemake(tmp_path)
    assert code and "error: configuration key sedes is unknown" in output
    assert "Traceback" not in output


# --- runs with names ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def named(finished, tmp_path_factory):
    """The mini study beside a run of it with another hyperparameter, which has a name."""
    study = finished.copy(tmp_path_factory.mktemp("named") / "study")
    before = {path: path.read_bytes() for path in study.files("re*/**/*").values()}
    changes = {"name": "beta1", "settings": {"paper": {"update": {"oracle": {"strength": 300.0}}}}}
    study.path("beta1.yaml").write_text(yaml.safe_dump(changes))
    study.run("--configfile", "beta1.yaml")
    assert before == {path: path.read_bytes() for path in study.files("re*/**/*").values()}
    return study


def test_a_named_run_overwrites_nothing_and_is_its_own(named):
    assert named.jobs() == named.jobs("--configfile", "beta1.yaml") == set()
    for method, same in (("reinforce", True), ("sdpo", False)):
        folders = [f"{run}results/logs/paper/{method}" for run in ("", "runs/beta1/")]
        first, second = (named.files(f"{folder}/**/*.parquet") for folder in folders)
        for path, other in zip(first.values(), second.values(), strict=True):
            assert pq.read_table(path).equals(pq.read_table(other)) == same


def test_runs_are_set_side_by_side(named):
    done = named.sdposim("compare", ".", "beta1", "--stem", "both")
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(named.path("both.csv")).set_index(["method", "feedback"])
    for name, run in ((".", ""), ("beta1", "runs/beta1/")):
        own = pd.read_csv(named.path(f"{run}reports/comparison.csv"))
        own = own.set_index(["method", "feedback"])
        for column in ("reproduced", "sd", "z", "published"):
            shown = table[column if column == "published" else f"{column} {name}"]
            pd.testing.assert_series_equal(shown, own[column], check_names=False)
    assert "reproduced beta1" in named.path("both.md").read_text().splitlines()[0]
    assert named.sdposim("compare", ".", "beta1").stdout == named.path("both.md").read_text()
    missing = named.sdposim("compare", ".", "beta2").stderr
    assert missing.startswith("error: run 'beta2' has no comparison with the paper (runs/beta2/")


def test_commands_find_the_files_of_a_named_run(named):
    found = named.sdposim("inspect", "runs/beta1/reports/tables/table1.csv")
    assert "the file is the recorded one" in found.stdout, found.stderr
    orphans = named.sdposim("orphans", "--configfile", "beta1.yaml")
    assert "no orphans" in orphans.stdout, orphans.stderr
    named.path("runs/beta1/reports/tables/left.csv").touch()
    orphans = named.sdposim("orphans", "--configfile", "beta1.yaml")
    assert "not wanted: 1" in orphans.stdout


def test_a_name_where_the_folder_is_said_already_is_refused(elsewhere):
    options = ("--snakefile", str(ROOT / "Snakefile"), "--directory", str(elsewhere))
    code, output = snakemake(elsewhere, *options, "--config", "name=mine", "--dry-run")
    assert code and "error: configuration key name: 'mine' is not allowed" in output
