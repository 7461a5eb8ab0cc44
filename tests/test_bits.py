"""The same bits, whatever the cores, the width of a block, or the vector units of the CPU."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba.core.registry import cpu_target
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

import cpus
import golden
from ministudy import CONFIGURATION, Study
from sdposim.analysis.summaries import summarise
from sdposim.model import parts
from sdposim.model.compositions import chosen
from sdposim.report.tables import build_table, to_csv
from sdposim.workflow import study as plan

ROOT = Path(__file__).parents[1]
# A study of one condition that draws random numbers of every kind.
ONE = {
    "run": ["one"],
    "analysis": {"final_window": 2},
    "settings": CONFIGURATION["settings"],
    "studies": {
        "one": {
            "settings": ["other"],
            "methods": ["hybrid"],
            "feedbacks": ["critique"],
            "noise": [0.1],
            "seeds": 4,
        }
    },
}
COMMITTED = json.loads(golden.DIGEST.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The logs of the golden study, trained by this process."""
    return golden.train_all(golden.golden_study(), tmp_path_factory.mktemp("golden"))


def summary(logs):
    """Every bit of the summary of the golden study's logs, and the text of a table made from it."""
    config = golden.golden_study()
    paths = {str(path): None for path in logs}
    seeds = plan.ranges(plan.seeds_of(config, "golden"))
    cells, curves = summarise(paths, seeds, config.analysis.model_dump())
    found = hashlib.sha256()
    for table in (cells, curves):
        for name in table:
            column = table[name].to_numpy()
            found.update(name.encode())
            found.update(repr(column.tolist()).encode())
    found.update(to_csv(build_table(cells, "credit_correlation", [])).encode())
    return found.hexdigest()


def report(folder):
    """What a process with another CPU is asked for: its CPU, the digest, the summary."""
    trained = golden.train_all(golden.golden_study(), Path(folder))
    kernel = cpu_target.target_context.codegen().magic_tuple()[1:]
    print(json.dumps(summarised(trained) | {"kernel": kernel, "logs": golden.digest(trained)}))


def report_summary(logs):
    """As `report`, of logs that are there."""
    print(json.dumps(summarised(logs)))


def summarised(logs):
    """The summary, and which of NumPy's loops for this CPU were at work."""
    numpy = [name for name in __cpu_dispatch__ if __cpu_features__[name]]
    return {"numpy": numpy, "summary": summary(logs)}


def test_the_golden_study_covers_every_path():
    config = golden.golden_study()
    used = [part for own in config.methods.values() for part in chosen(own.composition)]
    used += [part for own in config.feedbacks.values() for part in chosen(own.composition)]
    every = set(parts.modules())
    assert {part.module for part in used} == every, "golden.py adds every part"
    trained = {name for study in config.studies.values() for name in study.methods}
    assert trained == set(config.methods)


def test_golden_digest(trained):
    assert golden.digest(trained) == COMMITTED, "if numbers are meant to change: make golden"


def test_the_changelog_names_the_golden_digest():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert COMMITTED["digest"][:12] in text, "say why the golden digest changed, and its prefix"


@pytest.mark.parametrize("width", [1, 3])
def test_any_width_of_a_block_gives_the_same_bits(width, tmp_path):
    config = golden.golden_study(seeds_per_job=width, study="odd")
    found = golden.digest(golden.train_all(config, tmp_path))["parts"]
    assert found == {
        name: part for name, part in COMMITTED["parts"].items() if name.startswith("odd/")
    }


def test_the_digest_sees_the_last_bit_and_ignores_the_bits_of_nan(trained, monkeypatch):
    def read_changed(path):
        for log in golden_read(path):
            change(log.values)
            yield log

    def last_bit(values):
        values[0, 0, 0] = np.nextafter(values[0, 0, 0], 2)

    def other_nan(values):
        values[np.isnan(values)] = -np.nan

    golden_read = golden.read_log
    monkeypatch.setattr(golden, "read_log", read_changed)
    change = other_nan
    assert golden.digest(trained) == COMMITTED
    change = last_bit
    assert golden.digest(trained)["digest"] != COMMITTED["digest"]


# --- other CPUs -----------------------------------------------------------------------------


def reported(cpu, function, *arguments):
    """What a function of this file prints in a process with another CPU."""
    environment = os.environ | cpu
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])
    command = f"import test_bits; test_bits.{function.__name__}(*{arguments!r})"
    done = subprocess.run(
        [sys.executable, "-c", command],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_another_cpu_summarises_logs_to_the_same_bits(trained):
    """What it trains is seen in tests/test_extending.py, so that no kernel is compiled for this."""
    found = reported(cpus.GENERIC, report_summary, list(map(str, trained)))
    assert found == {"numpy": [], "summary": summary(trained)}


@pytest.mark.long
@pytest.mark.parametrize(
    "other",
    [
        pytest.param(cpus.GENERIC, id="generic"),
        # tests/test_ready.py has jobs of three of the paper's methods on it.
        pytest.param(cpus.WITHOUT_FMA_AND_AVX512, id="no FMA, no AVX-512"),
    ],
)
def test_another_cpu_gives_the_same_bits(other, trained, tmp_path):
    own = other | {"SDPOSIM_CACHE": str(tmp_path / "cache")}
    found = reported(own, report, str(tmp_path))
    cpu, features = found["kernel"]
    assert "+fma" not in features.split(",") and "+avx512" not in features
    if other is cpus.GENERIC:
        assert cpu == "generic" and found["numpy"] == []
    assert found["logs"] == COMMITTED
    assert found["summary"] == summary(trained)


# --- the workflow ---------------------------------------------------------------------------


def cells(folder, cores, width):
    """Every bit of the logs of a study that the workflow trains, by condition and cell."""
    study = Study(folder, ONE | {"seeds_per_job": width})
    study.run("--cores", str(cores), "--until", "train")
    found = {}
    for path, values in study.values().items():
        for row in zip(*values.values(), strict=True):
            found.setdefault((str(Path(path).parent), row[0]), []).append(row[1:])
    return found


def test_cores_and_width_of_a_block_give_the_same_bits(tmp_path):
    expected = cells(tmp_path / "expected", cores=1, width=1)
    assert len(expected) == 4 and all(len(rows) == 5 for rows in expected.values())
    for cores, width in ((2, 1), (2, 3), (2, 64)):
        assert cells(tmp_path / f"{cores}-{width}", cores, width) == expected, (cores, width)
