"""What is remembered of sources changes no digest, and nothing that does not fit is believed."""

import json
import shutil
import subprocess
import sys

import pytest

from ministudy import ROOT
from sdposim.storage.remembered import Remembered

FILE = "sources.json"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SDPOSIM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def told(content, value, program="one"):
    known = Remembered(FILE, program)
    known.put(content, value)
    known.write()


def test_data_are_of_their_content_and_program(cache):
    told(b"content", ["data", 1])
    assert Remembered(FILE, "one").get(b"content") == ["data", 1]
    assert Remembered(FILE, "one").get(b"content ") is None
    assert Remembered(FILE, "another").get(b"content") is None
    told(b"more", 2)
    known = Remembered(FILE, "one")
    assert known.get(b"content") == ["data", 1] and known.get(b"more") == 2


def test_what_is_damaged_is_not_believed(cache):
    told(b"content", "data")
    path = cache / FILE
    whole = path.read_text()
    for damaged in (whole.replace("data", "date"), whole[:-20], "[]", "{}", ""):
        path.write_text(damaged)
        assert Remembered(FILE, "one").get(b"content") is None
    path.write_bytes(b"\xff")
    assert Remembered(FILE, "one").get(b"content") is None


def test_a_cache_that_cannot_be_written_is_no_mistake(cache):
    cache.write_text("a file in its place")
    told(b"content", "data")
    assert Remembered(FILE, "one").get(b"content") is None


def test_beyond_a_limit_what_nobody_asks_for_is_forgotten(cache, monkeypatch):
    monkeypatch.setattr("sdposim.storage.remembered._MOST", 2)
    told(b"first", 1)
    told(b"second", 2)
    known = Remembered(FILE, "one")
    assert known.get(b"second") == 2 and known.get(b"no entry") is None
    known.put(b"third", 3)
    known.write()
    entries = json.loads((cache / FILE).read_text())["entries"]
    assert sorted(entries.values()) == [2, 3]


DIGESTS = """
from sdposim.model.kernel import kernel_digest
from sdposim.storage.sources import digest
print(kernel_digest(), kernel_digest(True), digest("sdposim.report.figures.learning_curves"))
"""


def digests(folder, cache):
    """What a process finds with the sources of a folder."""
    done = subprocess.run(
        [sys.executable, "-c", DIGESTS],
        env={"PYTHONPATH": str(folder), "SDPOSIM_CACHE": str(cache)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_digests_are_the_same_with_and_without_what_is_remembered(tmp_path):
    source = tmp_path / "src"
    shutil.copytree(ROOT / "src", source, ignore=shutil.ignore_patterns("__pycache__"))
    first = digests(source, tmp_path / "cache")
    assert (tmp_path / "cache" / FILE).exists()
    assert digests(source, tmp_path / "cache") == first
    # An edit is seen, though all else is remembered; a comment is none; and back again.
    path = source / "sdposim/model/policy.py"
    before = path.read_text()
    path.write_text(before.replace("total / length", "total / (length + 1)"))
    edited = digests(source, tmp_path / "cache")
    assert edited == digests(source, tmp_path / "none")
    assert edited[:2] != first[:2]
    path.write_text("# A comment.\n" + before)
    assert digests(source, tmp_path / "cache") == first
    # So is a module that comes to be where a name was imported that was none.
    path.write_text(before)
    (source / "sdposim/model/numerics/jit").mkdir()
    shutil.move(
        source / "sdposim/model/numerics/jit.py", source / "sdposim/model/numerics/jit/__init__.py"
    )
    (source / "sdposim/model/numerics/jit/inline.py").write_text("X = 1\n")
    assert digests(source, tmp_path / "cache") == digests(source, tmp_path / "none")
    assert digests(source, tmp_path / "cache") != first
