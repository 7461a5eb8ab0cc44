"""The gate itself: what it draws at random, and what an extension must not break."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from edits import all_of, replace
from ministudy import ROOT, Study

PROBE = """
from pathlib import Path
import pytest
from hypothesis import given
from hypothesis import strategies as st

MARK
@given(st.integers(0, 2**62))
def test_probe(number):
    with Path("drawn.txt").open("a") as file:
        print(number, file=file)
    assert number < FAILS_FROM
"""


@pytest.fixture
def probe(tmp_path):
    """Run a test that draws integers under this conftest; what it drew, and what pytest said."""

    def run(*arguments, ci=None, mark="", fails_from=2**63):
        text = PROBE.replace("MARK", mark).replace("FAILS_FROM", str(fails_from))
        (tmp_path / "test_probe.py").write_text(text)
        (tmp_path / "drawn.txt").unlink(missing_ok=True)
        environment = {name: value for name, value in os.environ.items() if name != "CI"}
        command = [sys.executable, "-m", "pytest", "-p", "conftest", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [*command, "-c", str(ROOT / "pyproject.toml"), *arguments, "test_probe.py"],
            cwd=tmp_path,
            env=environment | {"PYTHONPATH": str(ROOT / "tests")} | ({"CI": ci} if ci else {}),
            capture_output=True,
            text=True,
            check=False,
        )
        return (tmp_path / "drawn.txt").read_text(), done.stdout

    return run


def test_every_run_of_the_gate_draws_the_same_examples(probe):
    (drawn, output), (in_ci, _) = probe(), probe(ci="true")
    assert len(drawn.splitlines()) == 100 and "1 passed" in output, output
    assert in_ci == drawn


def test_a_failure_of_the_gate_says_how_to_repeat_it(probe):
    _, output = probe(fails_from=1000)
    assert "number=1000," in output and "@reproduce_failure(" in output, output


def test_the_long_tests_draw_new_examples_and_say_their_seed(probe):
    mark = "@pytest.mark.long"
    (first, output), (second, _) = probe("-m", "long", mark=mark), probe("-m", "long", mark=mark)
    assert first != second
    seed = re.search(r"again: -m long (--hypothesis-seed=[0-9]+)$", output, re.MULTILINE)[1]
    assert probe("-m", "long", seed, mark=mark, ci="true")[0] == first


# --- one more method -----------------------------------------------------------------------------

# With so much code that the kernel grows by more than CPUs differ in.
PART = (
    '''"""Half of REINFORCE."""

from sdposim.model.score import spread
from sdposim.numerics.arithmetic import exp, log
from sdposim.numerics.jit import jit


@jit
def half_sequence(landscape, run, key, step, advantages, work, out):
    """Half of equation 4."""
    out[:] = 0.0
    work.sums[:] = 0.0
    for i in range(advantages.size):
        for t in range(out.shape[0]):
            out[t, work.tokens[t, i]] += 0.5 * advantages[i]
    spread(work.probabilities, work.sums, advantages.size, out)
    for t in range(out.shape[0]):
'''
    + 15
    * """        for v in range(out.shape[1]):
            out[t, v] = log(exp(out[t, v]))
"""
)


def _one_part(study):
    study.path("src/sdposim/model/update/credit/half_sequence.py").write_text(PART)


HALF = """from sdposim.model.paper import METHODS

HALF = METHODS["reinforce"] | {"credit": "half_sequence"}
"""
# As docs/extending.md says, but for the oracle and the golden study, which no run reads.
ONE_MORE_METHOD = all_of(
    _one_part,
    replace(
        "tests/killing.py",
        '    "run": ["mine"],\n',
        '    "run": ["mine"],\n    "methods": METHODS | {"half_reinforce": HALF},\n',
    ),
    replace("tests/killing.py", "CONFIGURATION = ", f"{HALF}CONFIGURATION = "),
    replace("tests/killing.py", '"methods": ["sdpo", ', '"methods": ["half_reinforce", "sdpo", '),
)


def test_one_more_method_breaks_no_fault_test(tmp_path):
    """Those that depend on the kernel or on the number of logs; the kernel is compiled anew."""
    checkout = Study(tmp_path / "checkout")
    checkout.copy_sources()
    for name in ("tests", "benchmarks"):
        shutil.copytree(ROOT / name, checkout.path(name))
    shutil.copy(ROOT / "pyproject.toml", checkout.folder)
    ONE_MORE_METHOD(checkout)
    tests = "full_disk or damaged_logs or two_runs"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/test_faults.py", "-k", tests],
        cwd=checkout.folder,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
