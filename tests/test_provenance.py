"""Every result can be traced, planned for and cleaned up: one small study run through Snakemake."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml
from rocrate.rocrate import ROCrate

from sdposim.__main__ import main
from sdposim.analysis.logs import Log, row_ends, write_log
from sdposim.commands import crate as crate_command
from sdposim.commands.provenance import sha256
from sdposim.model.metrics import METRICS
from sdposim.workflow import costs
from sdposim.workflow import study as plan
from sdposim.workflow.configuration.load import load, merge
from sdposim.workflow.configuration.models import Config
from sdposim.workflow.configuration.validate import validate
from sdposim.workflow.orphans import find, wanted

ROOT = Path(__file__).parents[1]
# A study of a user's own, by configuration alone (docs/extending.md).
MINE = {
    "run": ["mine"],
    "settings": {"small": {"training": {"steps": 25, "rollouts": 4}}},
    "studies": {
        "mine": {
            "settings": ["small"],
            "methods": ["sdpo", "reinforce"],
            "feedbacks": ["binary"],
            "noise": [0.0],
            "seeds": 3,
            "tables": {"my_table": {"kind": "final_reward"}},
            "figures": {"my_figure": {"kind": "learning_curves"}},
        }
    },
}


def snakemake(folder, *arguments):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    # The kernel of this checkout is compiled at most once.
    environment["SDPOSIM_CACHE"] = str(ROOT / ".cache" / "numba")
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "snakemake",
            *arguments,
            "--cores",
            "2",
            "--configfile",
            "mine.yaml",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder in which the study was run and its crate written."""
    folder = tmp_path_factory.mktemp("run") / "repo"
    folder.mkdir()
    for name in ("config", "workflow", "src", "profiles", "envs"):
        ignored = shutil.ignore_patterns("*.egg-info", "*.pyc.*")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copy(ROOT / "Snakefile", folder)
    (folder / "mine.yaml").write_text(yaml.safe_dump(MINE))
    run = snakemake(folder, "all", "crate")
    assert run.returncode == 0, run.stdout + run.stderr
    return folder


@pytest.fixture
def folder(finished, monkeypatch):
    monkeypatch.chdir(finished)
    return finished


def inspected(capsys, path):
    assert main(["inspect", str(path)]) == 0
    return capsys.readouterr().out


def test_a_study_by_configuration_alone(folder):
    for name in ("tables/my_table.csv", "tables/my_table.tex", "figures/my_figure.pdf"):
        assert (folder / "reports" / name).stat().st_size
    assert "reinforce,binary" in (folder / "reports/tables/my_table.csv").read_text()


def test_records_are_made_once(folder):
    run = snakemake(folder, "all", "crate")
    assert "Nothing to be done" in run.stdout + run.stderr


def test_inspect_a_log(folder, capsys):
    path = "results/logs/small/sdpo/binary/noise=0.0/seeds=0-2.parquet"
    text = inspected(capsys, path)
    assert f"{path}: training log, 75 rows" in text
    for line in ("method: sdpo", "seeds: [[0, 2]]", "steps: 25", "digest: ", "git_commit: "):
        assert line in text
    assert "numba: " in text and "strength: 2.0" in text


def test_inspect_a_summary(folder, capsys):
    text = inspected(capsys, "results/summaries/mine/cells.parquet")
    assert "summary, 6 rows" in text and "final_window: 20" in text and "digest: " in text


@pytest.mark.parametrize("name", ["tables/my_table.md", "figures/my_figure.png"])
def test_inspect_an_artefact(folder, capsys, name):
    text = inspected(capsys, f"reports/{name}")
    assert "of study mine" in text and "the file is the recorded one" in text
    assert "results/summaries/mine/cells.parquet" in text and "git_commit" in text
    assert text == inspected(capsys, folder / "reports" / name)


def test_inspect_says_that_a_file_was_changed(folder, capsys):
    path = folder / "reports/tables/my_table.md"
    before = path.read_bytes()
    path.write_bytes(before + b"\n")
    try:
        assert "CHANGED" in inspected(capsys, path)
    finally:
        path.write_bytes(before)


def test_inspect_answers_in_a_sentence(folder, capsys, tmp_path):
    foreign = tmp_path / "foreign.parquet"
    foreign.write_bytes(b"PAR1")
    for path, expected in (
        ("absent.csv", "is not a file"),
        (foreign, "is damaged"),
        ("mine.yaml", "no record"),
    ):
        assert main(["inspect", str(path)]) == 1
        error = capsys.readouterr().err
        assert expected in error and error.count("\n") == 1


def test_the_record_names_what_the_files_were_made_from(folder):
    record = json.loads((folder / "results/provenance/mine.json").read_text())
    assert set(record["logs"]) == {
        f"results/logs/small/{method}/binary/noise=0.0/seeds=0-2.parquet"
        for method in ("sdpo", "reinforce")
    }
    for path, entry in (record["logs"] | record["artefacts"]).items():
        assert entry["sha256"] == sha256(folder / path)
    assert len(record["artefacts"]) == 2 + 3 + 4  # summary, table, figure
    assert record["configuration"]["settings"]["small"]["training"]["steps"] == 25
    assert record["configuration"]["settings"]["small"]["landscape"]["vocabulary_size"] == 8
    for log in record["logs"].values():
        assert log["seeds"] == [[0, 2]] and log["digest"] and log["git_commit"]
        assert log["versions"]["numba"] == record["versions"]["numba"]
    metadata = pq.read_schema(folder / "results/summaries/mine/curves.parquet").metadata
    spec = json.loads(metadata[b"sdposim"])["spec"]
    assert spec == record["artefacts"]["results/summaries/mine/curves.parquet"]["spec"]


def test_no_date_and_no_commit_in_reports(folder):
    record = json.loads((folder / "results/provenance/mine.json").read_text())
    for path in (folder / "reports").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert record["written"][:10].encode() not in content
            assert path.suffix == ".png" or record["git_commit"].encode() not in content


def test_the_crate_can_be_read_back(folder):
    crate = ROCrate(folder / "results/crate")
    assert crate.mainEntity.id == "workflow/Snakefile"
    assert "ComputationalWorkflow" in crate.mainEntity.type
    profiles = {entity.id for entity in crate.root_dataset["conformsTo"]}
    assert "https://w3id.org/ro/wfrun/workflow/0.5" in profiles
    (action,) = crate.get_by_type("CreateAction")
    assert action["instrument"].id == "workflow/Snakefile"
    results = {entity.id for entity in action["result"]}
    assert {"reports/tables/my_table.csv", "results/provenance/mine.json"} <= results
    assert "configuration.json" in {entity.id for entity in action["object"]}
    for name in results:
        assert (folder / "results/crate" / name).read_bytes() == (folder / name).read_bytes()
    software = {entity["name"] for entity in action["softwareRequirements"]}
    assert {"python", "numpy", "numba", "snakemake"} <= software


def test_the_crate_names_the_project_and_no_person(folder):
    crate = ROCrate(folder / "results/crate")
    (action,) = crate.get_by_type("CreateAction")
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    for entity in (crate.creator, crate.root_dataset["author"], action["agent"]):
        assert entity.type == "Organization"
        assert [{"name": entity["name"]}] == citation["authors"]
    assert not crate.get_by_type("Person")
    assert action["description"].startswith("Snakemake computed study mine: 2 logs")
    assert crate.mainEntity["version"] == citation["version"]
    assert crate.mainEntity["creator"] == crate.creator
    for entity in action["softwareRequirements"]:
        assert entity["softwareVersion"]
        assert entity["name"] == "sdposim" or entity["url"].startswith("https://")


def test_the_crate_defines_its_terms_and_describes_every_file(folder):
    crate = json.loads((folder / "results/crate/ro-crate-metadata.json").read_text())
    assert "https://w3id.org/ro/terms/workflow-run/context" in crate["@context"]
    entities = {entity["@id"]: entity for entity in crate["@graph"]}
    files = [entity for entity in entities.values() if "File" in entity["@type"]]
    assert len(files) > 20 and all(entity["encodingFormat"] for entity in files)
    for profile in entities["./"]["conformsTo"]:
        assert profile["@id"].endswith("/" + entities[profile["@id"]]["version"])


def test_the_same_records_make_the_same_crate(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(folder)
    record = "results/provenance/mine.json"
    spec = {"records": [record], "sources": ["workflow/Snakefile"], "configuration": {}}
    for name in ("first", "second"):
        crate_command.run(json.dumps(spec), str(tmp_path / name))
    first, second = (
        {path.relative_to(tmp_path / name): path.read_bytes() for path in files if path.is_file()}
        for name in ("first", "second")
        for files in [(tmp_path / name).rglob("*")]
    )
    assert first == second and Path("ro-crate-metadata.json") in first


# --- orphans --------------------------------------------------------------------------------


def config_without(method, **changes):
    methods = [name for name in MINE["studies"]["mine"]["methods"] if name != method]
    return merge(MINE, {"studies": {"mine": {"methods": methods} | changes}})


def test_nothing_of_the_present_configuration_is_an_orphan(folder):
    config = load(["mine.yaml"])
    found = find(config)
    assert not (found.files or found.temporary or found.left)
    files = [path for path in folder.glob("results/**/*") if path.is_file()]
    ours = {p.relative_to(folder).as_posix() for p in files if "crate" not in p.parts}
    assert ours <= wanted(config)


def test_orphans_are_listed_and_removed_only_when_asked(finished, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "repo"
    shutil.copytree(finished, folder, ignore=shutil.ignore_patterns(".snakemake", "src"))
    monkeypatch.chdir(folder)
    stem = "small/reinforce/binary/noise=0.0/seeds=0-2"
    changed = config_without("reinforce", tables={}, figures={})
    changed["studies"]["mine"]["tables"] = {}
    (folder / "mine.yaml").write_text(yaml.safe_dump(changed))
    outside = tmp_path / "precious"
    outside.mkdir()
    (outside / "file.parquet").write_text("x")
    (folder / "results/logs/linked").symlink_to(outside)
    link = folder / "results/logs/small/sdpo/binary/noise=0.0/seeds=5-6.parquet"
    link.symlink_to(outside / "file.parquet")
    for name in ("results/notes.txt", "reports/tables/mine.docx", "results/logs/a.parquet"):
        (folder / name).write_text("mine")
    (folder / "results/logs/small/.x.parquet.123.tmp").write_text("half")
    for name in ("0123456789abcdef", "mine"):
        (folder / ".cache/numba" / name).mkdir(parents=True)
    before = set(folder.rglob("*"))

    expected = {
        f"results/logs/{stem}.parquet",
        f"results/joblogs/train/{stem}.log",
        f"results/benchmarks/train/{stem}.tsv",
        "reports/tables/my_table.csv",
        "reports/tables/my_table.md",
        "reports/tables/my_table.tex",
        "results/joblogs/tables/my_table.log",
        "results/receipts/tables/my_table.json",
    }
    assert main(["orphans", "--configfile", "mine.yaml"]) == 0
    listed = capsys.readouterr().out
    assert set(folder.rglob("*")) == before
    found = find(load(["mine.yaml"]))
    assert set(found.files) == expected
    assert found.temporary == ["results/logs/small/.x.parquet.123.tmp"]
    assert found.caches == [".cache/numba/0123456789abcdef"]
    assert all(f"  {path}\n" in listed for path in expected | set(found.left))

    assert main(["orphans", "--configfile", "mine.yaml", "--remove"]) == 0
    gone = {path.relative_to(folder).as_posix() for path in before if not os.path.lexists(path)}
    folders = {f"{part}/small/reinforce" for part in ("results/logs", "results/joblogs/train")}
    folders.add("results/benchmarks/train/small/reinforce")
    below = {f"{name}/{rest}" for name in folders for rest in ("binary", "binary/noise=0.0")}
    removed = expected | folders | below | {found.temporary[0], found.caches[0]}
    assert gone == removed | {"results/joblogs/tables", "results/receipts/tables"}
    assert (outside / "file.parquet").read_text() == "x" and link.is_symlink()


def test_orphans_are_not_removed_while_a_run_is_active(finished, tmp_path, monkeypatch, capsys):
    import fcntl

    shutil.copytree(finished / "config", tmp_path / "config")
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".snakemake").mkdir()
    leftover = tmp_path / "results/logs/.x.parquet.1.tmp"
    leftover.parent.mkdir(parents=True)
    leftover.write_text("half")
    with (tmp_path / ".snakemake/sdposim.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert main(["orphans", "--remove"]) == 1
    assert "a run is active" in capsys.readouterr().err and leftover.exists()
    assert main(["orphans", "--remove"]) == 0 and not leftover.exists()


# --- plan -----------------------------------------------------------------------------------


def test_plan_counts_what_the_run_will_do(folder, capsys):
    assert main(["plan", "mine.yaml"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    rows = {line[0]: line for line in lines if len(line) > 2}
    assert rows["mine"][1:3] == ["6", "2"]
    assert rows["(comparison)"][1:3] == ["120", "12"]
    assert rows["run,"][3:5] == ["6", "2"]


def test_plan_refuses_a_wrong_configuration(folder, capsys, tmp_path):
    (tmp_path / "wrong.yaml").write_text("studies: {noise: {noise: [-1.0]}}")
    assert main(["plan", str(tmp_path / "wrong.yaml")]) == 1
    assert "studies.noise.noise.0: -1.0" in capsys.readouterr().err


def test_the_cost_of_a_cell_is_that_of_its_parts_and_scales_with_size():
    config = validate(
        {"studies": {"comparison": {"methods": ["hybrid"], "feedbacks": ["binary"], "seeds": 2}}}
        | {"run": ["comparison"]}
    )
    twice = validate(config.model_dump() | {"settings": {"paper": {"training": {"steps": 600}}}})
    condition = plan.Condition("paper", "hybrid", "binary", 0.0)
    one, two = (costs.cell_seconds(c, condition) for c in (config, twice))
    assert two == 2 * one > 0
    # What was measured in nanoseconds of each step, rollout, position and token.
    measured = {
        ("sdpo", "binary"): 0.93,
        ("sdpo", "continuous"): 1.85,
        ("sdpo", "critique"): 3.45,
        ("reinforce", "critique"): 0.52,
        ("adv_weighted", "binary"): 0.60,
        ("hybrid", "ordinal"): 1.07,
        ("hybrid", "continuous"): 1.95,
    }
    for (method, feedback), expected in measured.items():
        condition = plan.Condition("paper", method, feedback, 0.0)
        each = costs.cell_seconds(config, condition) / (300 * 32 * 6 * 8 * 1e-9)
        assert each == pytest.approx(expected, abs=0.05), (method, feedback)


@pytest.mark.parametrize("log_steps", ["all", "log_spaced", "summary"])
@pytest.mark.parametrize("method, metrics", [("reinforce", 3), ("sdpo", 5), ("hybrid", 6)])
def test_planned_disk_is_that_of_a_real_file(tmp_path, log_steps, method, metrics):
    import numpy as np

    config = validate(
        {
            "run": ["a"],
            "log_steps": log_steps,
            "studies": {"a": {"methods": [method], "feedbacks": ["binary"], "seeds": 64}},
        }
    )
    ends = row_ends(300, log_steps, 20)
    values = np.random.default_rng(0).random((64, ends.size, len(METRICS)))
    values[:, :, metrics:] = np.nan
    write_log(
        tmp_path / "log.parquet", [Log(np.arange(64), ends, values)], {"x": "x" * 1000}, "0" * 16
    )
    (job,) = next(iter(plan.all_jobs(config).values()))
    others = 64 * costs.CELL_BYTES + costs.JOB_BYTES  # beside the log
    planned = costs.cost(config, [job], lambda *_: 0.0).disk - others
    assert planned == pytest.approx((tmp_path / "log.parquet").stat().st_size, rel=0.35)


def test_measuring_gives_a_time_in_proportion_to_steps():
    settings = {name: {} for name in Config().settings}
    config = validate({"settings": settings | {"paper": {"training": {"steps": 2000}}}})
    condition = plan.Condition("paper", "reinforce", "binary", 0.1)
    measured = costs.measure(config, condition, budget=0.02)
    assert 0.02 * costs.cell_seconds(config, condition) < measured
    assert measured < 50 * costs.cell_seconds(config, condition)
