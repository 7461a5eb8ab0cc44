"""Fixtures that several test modules share."""

import gc
import os
import random
import time
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings

from killing import CONFIGURATION
from ministudy import ROOT, Study
from sdposim.storage.files import one_at_a_time

# The workflow's, so that nothing is compiled twice.
os.environ.setdefault("SDPOSIM_CACHE", str(ROOT / ".cache" / "numba"))
# Or each of the hundreds of runs compiles the package's modules again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Tests make many objects that live on, of which to look for garbage takes time.
gc.set_threshold(100_000, 50, 100)

COUNTED = Counter()

# One profile everywhere, as Hypothesis has another one where it finds itself in CI. Whether
# examples come fast enough for its taste depends on the machine.
settings.register_profile(
    "gate",
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("long", settings.get_profile("gate"), derandomize=False)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    """The same examples in every `make test`; in the long tests new ones, from a seed they tell.

    First, because Hypothesis reads its options afterwards.
    """
    settings.load_profile("long" if is_long(config) else "gate")
    if is_long(config) and config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(random.SystemRandom().getrandbits(32))


def pytest_xdist_auto_num_workers():
    """Half as many again as processors that this one may use: tests often wait for a run."""
    known = getattr(os, "sched_getaffinity", None)
    return (len(known(0)) if known else os.cpu_count()) * 3 // 2


LENGTHY = (
    "joint_fit_workflow",
    "bits",
    "reruns",
    "kernel",
    "identification",
    "faults",
    "extending",
    "configuration_fuzz",
    "trust",
)


def pytest_collection_modifyitems(items):
    """Files that take minutes come first, so that no processor waits for the last one at the end.

    Each starts with its own set-up, such as a kernel to compile.
    """
    order = {f"test_{name}.py": place for place, name in enumerate(LENGTHY)}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))


def is_long(config):
    """Whether this is `make test-long`."""
    return config.option.markexpr == "long"


@pytest.fixture(scope="session")
def finished(request, tmp_path_factory):
    """A mini study that was computed once; not to be changed."""
    own, base = tmp_path_factory.mktemp("finished") / "study", tmp_path_factory.getbasetemp()
    # One process computes it, each has a copy.
    shared = (base.parent if hasattr(request.config, "workerinput") else base) / "finished-study"
    with one_at_a_time(shared):
        if not shared.exists():
            computed = Study(own)
            computed.run()
            computed.copy(own.parent / "copy").folder.rename(shared)
            return computed
    return Study(shared, None).copy(own)


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


def pytest_terminal_summary(terminalreporter, config):
    """Print what was counted, and how the long tests draw the same again."""
    if COUNTED:
        terminalreporter.section("counted")
        for what, number in sorted(COUNTED.items()):
            terminalreporter.write_line(f"{number:>9,} {what}")
    if is_long(config):
        seed = config.option.hypothesis_seed
        terminalreporter.write_line(f"the same examples again: -m long --hypothesis-seed={seed}")
