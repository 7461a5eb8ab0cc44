"""Incremental equals clean: after edits, losses and runs, a run gives the values of a fresh one."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from edits import put
from ministudy import Study

START = {
    "run": ["a", "b"],
    "seeds_per_job": 2,
    "analysis": {"final_window": 2, "smoothing_window": 2},
    "settings": {
        "paper": {
            "landscape": {"vocabulary_size": 3, "sequence_length": 2},
            "training": {"steps": 4, "rollouts": 2},
        }
    },
    "studies": {
        "a": {
            "methods": ["sdpo"],
            "feedbacks": ["binary"],
            "noise": [0.0],
            "seeds": 2,
            "tables": {"one": {"kind": "final_reward", "published": []}},
        },
        "b": {"methods": ["sdpo"], "feedbacks": ["binary"], "noise": [0.0], "seeds": [0]},
    },
}
VALUES = {
    "run": [["a"], ["b", "a"], ["a", "b"]],
    "seeds_per_job": [1, 2, 64],
    "log_steps": ["all", "summary"],
    "analysis.final_window": [1, 2, 4],
    "analysis.correlation_steps": ["all", "final"],
    "settings.paper.training.learning_rate": [0.02, 0.05],
    "settings.paper.update.oracle.strength": [1.0, 2.0],
    "settings.paper.update.gate.threshold": [0.1, 0.2],
    "settings.paper.landscape.seed": [0, 1, "each"],
    "studies.a.methods": [["sdpo"], ["hybrid"], ["reinforce", "sdpo"]],
    "studies.a.feedbacks": [["binary"], ["critique"]],
    "studies.a.noise": [[0.0], [0.1], [0.1, 0.0]],
    "studies.a.seeds": [1, 2, 3, [0, 2, 5]],
    # A kind takes published values of its own only.
    "studies.a.tables.one": [
        {"kind": kind, "published": published}
        for kind, published in (
            ("final_reward", []),
            ("final_reward", ["table1"]),
            ("final_entropy", []),
            ("final_entropy", ["table3"]),
        )
    ],
    "studies.b.seeds": [[0], [1], [0, 3]],
}
LOSSES = (
    "results/logs/**/*.parquet",
    "results/summaries/*/*.parquet",
    "reports/tables/*",
    "results/provenance/*",
    "results/kernels",
    "results/joblogs",
    ".snakemake",
    "results",
)
# Edits of the sources that change values, to and fro.
SOURCES = {
    "analysis/summaries": ("mean = values.mean(axis=0)", "mean = values.mean(axis=0) + 1"),
    "report/tables": ('"reproduced": 4', '"reproduced": 5'),
    "model/metrics": ("return total / length", "return total / length / 2"),
}


def steps():
    """Sequences of edits, losses and runs."""
    change = st.sampled_from(sorted(VALUES)).flatmap(
        lambda key: st.tuples(st.just("set"), st.just(key), st.sampled_from(VALUES[key]))
    )
    loss = st.tuples(st.just("lose"), st.sampled_from(LOSSES), st.integers(0, 9))
    source = st.tuples(st.just("edit"), st.sampled_from(sorted(SOURCES)))
    step = st.one_of(change, change, loss, source, st.just(("run",)), st.just(("run",)))
    return st.lists(step, min_size=2, max_size=10)


def lose(study, pattern, number):
    """Delete one of the files or folders that match a pattern, if there is any."""
    found = sorted(study.folder.glob(pattern))
    if found:
        path = found[number % len(found)]
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def toggle(study, module):
    """Make an edit of the sources, or take it back."""
    path = study.path(f"src/sdposim/{module}.py")
    text = path.read_text(encoding="utf-8")
    old, new = SOURCES[module]
    old, new = (new, old) if new in text else (old, new)
    study.edit(f"src/sdposim/{module}.py", old, new)


def follow(study, sequence):
    """Apply a sequence of steps."""
    for kind, *values in sequence:
        if kind == "set":
            put({values[0]: values[1]})(study)
        elif kind == "lose":
            lose(study, *values)
        elif kind == "edit":
            toggle(study, *values)
        else:
            study.run()


def results(study):
    """All values, and which files of ours there are."""
    names = set()
    for folder in ("results/logs", "results/summaries", "results/provenance", "reports"):
        names |= set(study.files(f"{folder}/**/*"))
    return study.values(), names


def assert_equals_a_fresh_run(study, folder):
    study.run()
    assert study.jobs() == set()
    removed = study.sdposim("orphans", "--remove")
    assert removed.returncode == 0, removed.stderr
    fresh = Study(folder, study.configuration())
    fresh.sources, fresh.cache = study.sources, study.cache
    fresh.run()
    (values, names), (expected, wanted) = results(study), results(fresh)
    configuration = study.configuration()
    if set(configuration["run"]) == set(configuration["studies"]):
        assert names == wanted
    # Results of a study that is configured but not run are kept, and are no orphans.
    assert wanted <= names
    assert {name: values[name] for name in expected} == expected


@pytest.mark.parametrize(
    "sequence",
    [
        [
            ("run",),
            ("set", "studies.a.seeds", 3),
            ("set", "analysis.final_window", 4),
            ("lose", "results/logs/**/*.parquet", 0),
            ("run",),
            ("set", "settings.paper.training.learning_rate", 0.05),
            ("set", "studies.b.seeds", [0, 3]),
            ("lose", ".snakemake", 0),
        ],
        [("run",), ("set", "run", ["a"]), ("lose", "results/summaries/*/*.parquet", 3)],
    ],
    ids=["edits, a lost log, lost records of Snakemake", "a study that is no longer run"],
)
def test_incremental_equals_clean(sequence, tmp_path):
    study = Study(tmp_path / "study", START)
    follow(study, sequence)
    assert_equals_a_fresh_run(study, tmp_path / "fresh")


@pytest.mark.long
@settings(
    max_examples=25,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(sequence=steps())
def test_incremental_equals_clean_for_random_sequences(sequence, tmp_path, count):
    # The same folder for all examples: Numba's cache knows a source by its path.
    folder: Path = tmp_path / "study"
    for old in (folder, tmp_path / "fresh"):
        shutil.rmtree(old, ignore_errors=True)
    study = Study(folder, START)
    study.cache = tmp_path / "cache"
    study.copy_sources()
    follow(study, sequence)
    assert_equals_a_fresh_run(study, tmp_path / "fresh")
    count("random sequences of edits, losses and runs, each equal to a fresh run")
    count("edits, losses and runs in these sequences", len(sequence))
