"""The explorer without a browser: its kernel, how that is called, and what the page knows."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sdposim.commands import explorer
from sdposim.model import cells, parts
from sdposim.model.landscape import make_landscape
from sdposim.model.numerics import wasm
from sdposim.report.explorer import layout, stories
from sdposim.report.explorer.page import page, script
from sdposim.storage.errors import UserError
from sdposim.storage.receipts import changed, made_from
from sdposim.workflow.configuration.models import Config

REPORTS = Path(__file__).parents[1] / "reports"
EMIT = """
import sys
import numpy as np
from sdposim.model.numerics import wasm
from sdposim.model.numerics.randomness import normals
code = wasm.emit(normals, (np.zeros(2, np.uint64), 0, np.zeros(8)), "normals")
open(sys.argv[1], "wb").write(code)
"""


@pytest.fixture(scope="module")
def known():
    return explorer.everything()


def _emit(path: Path, **variables: str) -> bytes:
    environment = os.environ | wasm.UNOPTIMISED | variables
    subprocess.run([sys.executable, "-c", EMIT, path], env=environment, check=True)
    return path.read_bytes()


@pytest.mark.skipif(
    not any(map(wasm.shutil.which, wasm.LINKERS)), reason="needs wasm-ld, Debian's lld-19"
)
def test_webassembly_is_the_same_bytes_each_time_and_imports_nothing(tmp_path):
    first = _emit(tmp_path / "first.wasm")
    assert first == _emit(tmp_path / "second.wasm", NUMBA_NUM_THREADS="1")
    sections = list(_sections(first))
    assert first[:8] == b"\0asm\1\0\0\0"
    assert 2 not in sections  # imports
    assert all(name in first for name in (b"normals", b"memory", b"__heap_base"))


def _sections(code: bytes):
    """The kinds of a module's sections."""
    place = 8
    while place < len(code):
        yield code[place]
        size, shift, place = 0, 0, place + 1
        while True:
            byte = code[place]
            size, shift, place = size | (byte & 0x7F) << shift, shift + 7, place + 1
            if byte < 0x80:
                break
        place += size


def test_without_a_linker_there_is_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match=r"no wasm-ld.*install Debian's lld-19"):
        wasm.linker()


def test_a_kernel_for_this_processor_is_refused(monkeypatch):
    monkeypatch.setenv("NUMBA_CPU_NAME", "host")
    with pytest.raises(RuntimeError, match="NUMBA_CPU_NAME"):
        wasm.emit(len, (), "nothing")


@pytest.mark.parametrize("name, levels", [("grpo", 5), ("scar", 3), ("clip_cov", 11)])
@pytest.mark.parametrize("context", ["position", "previous_token"])
def test_the_layout_has_the_shapes_of_the_kernels_arguments(name, levels, context):
    method = Config().methods[name].composition
    settings = Config().settings["paper"].model_dump()
    settings["landscape"] |= {"vocabulary_size": 6, "sequence_length": 3}
    settings["policy"]["context"] = context
    settings["training"]["rollouts"] = 10
    feedback = {"noise": "gaussian", "scale": {"likert": {"levels": levels}}}
    inputs = cells.kernel_inputs(settings, method, feedback, 0.1)
    own = {"T": 3, "V": 6, "C": 3 if context == "position" else 18, "n": 10, "levels": levels}
    own |= dict.fromkeys(("coalitions", "gram"), False)
    own |= dict.fromkeys(cells.large_tables(settings, method), True)
    for entry in layout.layout():
        group, _, field = entry["path"].partition(".")
        place = layout.ARGUMENTS.index(group) - 1
        if not field or not 0 <= place < len(inputs):
            continue
        value = inputs[place]
        for step in field.split("."):
            value = getattr(value, step)
        if "axes" in entry:
            sizes = tuple(
                axis if isinstance(axis, int) else layout.AXES[axis](own) for axis in entry["axes"]
            )
            assert value.shape == sizes, entry
            assert value.dtype.name == entry["type"]
        else:
            assert type(value).__name__ == entry["type"]


def test_the_page_knows_all_methods_feedbacks_and_fields(known):
    config = Config()
    assert list(known["methods"]) == list(config.methods)
    assert list(known["feedbacks"]) == list(config.feedbacks)
    assert known["setting"] == config.settings["paper"].model_dump()
    declared = {
        part.name: list(part.settings.kinds())
        for slot in parts.SLOTS
        for part in parts.parts(slot).values()
        if part.settings
    }
    fields = known["fields"]
    offered = {name: list(own) for name, own in (fields["update"] | fields["judge"]).items()}
    assert offered == declared
    plain = [fields[group] for group in ("landscape", "policy", "training")]
    every = [*plain, *fields["update"].values(), *fields["judge"].values()]
    for name, field in ((name, field) for own in every for name, field in own.items()):
        assert field["text"], name
        assert field["kind"] in ("number", "integer", "boolean", "choice", "other"), name
    assert {name for name, field in fields["landscape"].items() if field["kind"] == "other"} == {
        "seed",
        "order",
    }
    json.dumps(known, allow_nan=False)


def test_the_pages_landscapes_are_those_of_the_model(known):
    import base64

    own = known["landscapes"]["seeds"]["137"]
    normals = np.frombuffer(base64.b64decode(own["normals"]))
    for length, vocabulary in ((6, 8), (1, 2), (12, 16), (5, 3)):
        settings = known["setting"]["landscape"] | {
            "vocabulary_size": vocabulary,
            "sequence_length": length,
        }
        made = make_landscape(settings, 137)
        size = length * vocabulary
        quality, bigram = normals[:size], normals[size : size + vocabulary**2]
        assert (made.quality.ravel() == settings["quality_sd"] * quality).all()
        assert (made.bigram.ravel() == settings["bigram_sd"] * bigram).all()
        assert made.target.tolist() == own["targets"][f"{length},{vocabulary}"]


def test_points_and_stories_are_of_what_the_page_knows(known):
    made = stories.results(REPORTS, 300, 20)
    metrics = {metric["name"] for metric in known["metrics"]}
    conditions = [own["condition"] for own in made["points"]]
    conditions += [own[cell] for own in made["stories"] for cell in ("a", "b")]
    for own in conditions:
        assert own.get("method", "sdpo") in known["methods"]
        assert own.get("feedback", "continuous") in known["feedbacks"]
        for path in own.get("set", {}):
            place = known["fields"]
            for step in path.split("."):
                place = place[step]
            assert "kind" in place, path
    assert {point["metric"] for own in made["points"] for point in own["points"]} <= metrics
    assert len(made["stories"]) == 5
    assert not any("{" in text for own in made["stories"] for text in own["text"])


def test_a_missing_report_is_one_sentence(tmp_path):
    with pytest.raises(UserError, match=r"table1\.csv: .*which the explorer shows"):
        stories.results(tmp_path, 300, 20)


def test_an_edited_page_is_not_taken_for_what_the_job_wrote(tmp_path):
    kernel, written, receipt = (str(tmp_path / name) for name in ("k.wasm", "p.html", "r.json"))
    Path(kernel).write_bytes(b"\0asm")
    explorer.run("{}", kernel, str(REPORTS), written, receipt)
    assert made_from(receipt, "{}") and not changed(receipt, [written])
    Path(written).write_text("edited")
    assert changed(receipt, [written]) == [written]


def test_the_page_is_one_file_that_asks_for_no_other(known):
    text = page(known | stories.results(REPORTS, 300, 20), b"\0asm")
    assert not re.search(r"\{\{\w+\}\}", text)
    assert not re.search(r"<(link|img|iframe|script)\b[^>]*\b(src|href)=", text)
    assert "default-src 'none'" in text
    assert not re.search(r"(?m)^(import|export)\b", script(("keys", "memory", "train")))
    assert text.count("</script>") == text.count("<script")
