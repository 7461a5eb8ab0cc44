"""A training job runs the compiled kernel without Numba, and its numbers are plain Python's."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cpus
from sdposim.analysis.logs import read_log
from sdposim.commands import compile as compile_command
from sdposim.model.cells import cell_keys, common
from sdposim.model.compositions import composed
from sdposim.model.kernel import kernel_digest, load_kernel
from sdposim.model.loop import train_cells
from sdposim.model.numerics import ready
from sdposim.model.numerics.randomness import Purpose, key, keys
from sdposim.model.paper import compositions, train, train_block
from sdposim.storage.errors import UserError
from sdposim.workflow.configuration.settings import Setting

SEEDS = [0, 1, 2**31 + 5]


@pytest.fixture(scope="module")
def kernel():
    """The compiled kernel."""
    load_kernel()
    return ready.place(kernel_digest())


def setting(**training):
    made = Setting().model_dump()
    made["training"] |= {"steps": 5, "rollouts": 6} | training
    made["landscape"]["seed"] = "each"
    return made


def run_job(folder, kernel, settings, method, feedback):
    """A training job in a process of its own; the modules that it loaded are in its output."""
    update, judge = composed(settings, *compositions(method, feedback))
    spec = {
        "settings": common(settings),
        "update": update,
        "judge": judge,
        "method": method,
        "feedback": feedback,
        "noise": 0.1,
        "seeds": [[seed, seed] for seed in SEEDS],
        "log_steps": "all",
    }
    arguments = [json.dumps(spec), "paper", str(folder / "log.parquet")]
    code = (
        "import sys; from sdposim.commands.train import run; run(*sys.argv[1:]);"
        "print([name for name in ('numba', 'pandas', 'scipy') if name in sys.modules])"
    )
    source = str(Path(__file__).parents[1] / "src")
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": source, "SDPOSIM_KERNEL": kernel_digest()},
    )


@pytest.mark.parametrize("method", ["sdpo", "reinforce", "adv_weighted", "hybrid"])
@pytest.mark.parametrize("feedback", ["binary", "ordinal", "continuous", "critique"])
def test_machine_code_gives_plain_pythons_bits_without_numba(tmp_path, kernel, method, feedback):
    job = run_job(tmp_path, kernel, setting(), method, feedback)
    assert job.returncode == 0, job.stderr
    assert job.stdout.endswith("[]\n")
    (log,) = read_log(tmp_path / "log.parquet")
    for seed, values in zip(SEEDS, log.values, strict=True):
        expected = train(setting(), method, feedback, 0.1, seed, kernel=train_cells)
        np.testing.assert_array_equal(values, expected)


def test_the_ready_kernel_says_where_training_left_the_numbers(tmp_path, kernel):
    job = run_job(tmp_path, kernel, setting(learning_rate=float("inf")), "sdpo", "binary")
    assert "setting paper, method sdpo, feedback binary: training became NaN" in job.stderr
    assert "at step 1 of the cell of noise 0.1 and seed 0; no log" in job.stderr
    assert not (tmp_path / "log.parquet").exists()


@pytest.mark.parametrize("damage", ["code", "machine", "sources", "text", "missing"])
def test_a_kernel_that_does_not_fit_is_not_used(tmp_path, monkeypatch, kernel, damage):
    content = json.loads(kernel.read_text())
    monkeypatch.setenv("SDPOSIM_CACHE", str(tmp_path))
    if damage == "code":
        content["code"] = "AAAA" + content["code"][4:]
    if damage == "machine":
        content["machine"]["cpu"] = "another"
    if damage == "sources":
        content["sources"] = "0" * 16
    path = ready.place(kernel_digest())
    path.parent.mkdir(parents=True)
    if damage != "missing":
        path.write_text("{" if damage == "text" else json.dumps(content))
    assert ready.load(kernel_digest()) is None


def test_a_job_compiles_the_kernel_where_the_cache_has_none(tmp_path, monkeypatch, kernel):
    """Such as on a node of another type: the job still trains without Numba, the same bits."""
    monkeypatch.setenv("SDPOSIM_CACHE", str(tmp_path / "cache"))
    for name, value in cpus.WITHOUT_FMA_AND_AVX512.items():
        monkeypatch.setenv(name, value)
    cells = ("hybrid", "critique"), ("adv_weighted", "ordinal"), ("sdpo", "binary")
    logs = []
    for number, cell in enumerate(cells):
        job = run_job(tmp_path, kernel, setting(rollouts=33), *cell)
        assert job.returncode == 0, job.stderr
        assert job.stdout.endswith("[]\n") and ("compiled in" in job.stderr) == (number == 0)
        logs += read_log(tmp_path / "log.parquet")
    features = json.loads(ready.place(kernel_digest()).read_text())["machine"]["features"]
    assert "+fma" not in features.split(",") and "+avx512" not in features
    monkeypatch.undo()
    for cell, log in zip(cells, logs, strict=True):
        for seed, values in zip(SEEDS, log.values, strict=True):
            expected = train(setting(rollouts=33), *cell, 0.1, seed)
            np.testing.assert_array_equal(values, expected)


def test_a_kernel_of_other_sources_is_not_compiled_for_a_run(tmp_path, monkeypatch):
    monkeypatch.setenv("SDPOSIM_KERNEL", "0123456789abcdef")
    with pytest.raises(UserError, match=r"sources of the kernel changed .*, from 0123456789abcdef"):
        compile_command.run(str(tmp_path / "kernel.json"))
    assert not (tmp_path / "kernel.json").exists()


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=4))
def test_keys_are_those_of_numpys_seed_sequence(purpose, seeds):
    expected = [np.random.SeedSequence([purpose, s]).generate_state(2, np.uint64) for s in seeds]
    expected = np.stack(expected) | np.array([0, 1], np.uint64)
    np.testing.assert_array_equal(keys([purpose], seeds), expected)


def test_a_cells_keys_are_by_purpose_and_the_landscapes_seed_may_be_fixed():
    made = setting()
    for fixed in ("each", 7):
        made["landscape"]["seed"] = fixed
        table = cell_keys(made, np.array(SEEDS))
        for seed, row in zip(SEEDS, table, strict=True):
            where = seed if fixed == "each" else fixed
            for purpose in Purpose:
                own = seed if purpose > Purpose.TARGET else where
                np.testing.assert_array_equal(row[purpose], key(purpose, own))


def test_cells_of_a_block_have_each_its_own_landscape():
    made = setting()
    (together,) = train_block(made, "sdpo", "binary", 0.0, SEEDS)
    for seed, log in zip(SEEDS, together, strict=True):
        made["landscape"]["seed"] = seed
        np.testing.assert_array_equal(train(made, "sdpo", "binary", 0.0, seed), log)


def test_each_type_of_processor_has_a_kernel_of_its_own(monkeypatch):
    here = ready.place("0" * 16)
    monkeypatch.setenv("NUMBA_CPU_NAME", "generic")
    generic = ready.place("0" * 16)
    assert generic != here and generic.parents[1] == here.parents[1]
    monkeypatch.delenv("NUMBA_CPU_NAME")
    # One feature fewer makes another processor, whatever its name.
    monkeypatch.setenv("NUMBA_CPU_FEATURES", "-fma")
    assert ready.place("0" * 16) not in (here, generic)


def test_importing_the_package_loads_no_compiler():
    code = (
        "import sys, sdposim.model.cells, sdposim.model.numerics.jit;"
        "print([name for name in ('numba', 'llvmlite', 'pandas') if name in sys.modules])"
    )
    source = str(Path(__file__).parents[1] / "src")
    shown = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": source},
        capture_output=True,
        text=True,
    )
    assert shown.stdout == "[]\n", shown.stderr
