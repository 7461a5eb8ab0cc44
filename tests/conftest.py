"""Fixtures that several test modules share."""

import time
from collections import Counter

import pytest

from killing import CONFIGURATION
from ministudy import Study

COUNTED = Counter()


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A mini study that was computed once; not to be changed."""
    study = Study(tmp_path_factory.mktemp("finished") / "study")
    study.run()
    return study


@pytest.fixture
def study(finished, tmp_path):
    """A copy of the finished mini study, to be changed."""
    return finished.copy(tmp_path / "study")


@pytest.fixture(scope="session")
def clean(tmp_path_factory):
    """The study of `killing` computed without a fault, and the seconds that took."""
    study = Study(tmp_path_factory.mktemp("clean") / "study", CONFIGURATION)
    study.run("--until", "compile_kernel")
    start = time.perf_counter()
    study.run()
    return study, time.perf_counter() - start


@pytest.fixture
def count():
    """Count what was tried, for the figures of docs/trust.md: `count(what, number=1)`."""

    def add(what, number=1):
        COUNTED[what] += number

    return add


def pytest_terminal_summary(terminalreporter):
    """Print what was counted."""
    if COUNTED:
        terminalreporter.section("counted")
        for what, number in sorted(COUNTED.items()):
            terminalreporter.write_line(f"{number:>9,} {what}")
