"""The gate itself: what it draws at random."""

import os
import re
import subprocess
import sys

import pytest

from ministudy import ROOT

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
