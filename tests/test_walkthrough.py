"""The walk-through's notebook is of its source, and its code prints what it shows."""

import contextlib
import io
import os

import nbformat
import pytest

from ministudy import ROOT

SOURCE = ROOT / "docs/walkthrough.py"


@pytest.fixture(scope="module")
def cells():
    return nbformat.read(SOURCE.with_suffix(".ipynb"), as_version=4).cells


def percent(cell):
    """A cell as it stands in the source."""
    if cell.cell_type == "code":
        return f"# %%\n{cell.source}"
    return "\n".join(
        ["# %% [markdown]", *(f"# {line}".rstrip() for line in cell.source.split("\n"))]
    )


def test_the_notebook_is_made_from_its_source(cells):
    """If not: `make notebook`."""
    text = SOURCE.read_text(encoding="utf-8").split("# ---\n\n", 1)[1]
    made = [block for cell in cells for block in percent(cell).split("\n") if block]
    assert made == [line for line in text.split("\n") if line]


def test_the_notebook_says_nothing_of_when_and_where_it_was_made(cells):
    for cell in cells:
        assert not cell.metadata
        for output in cell.get("outputs", []):
            assert output.get("name", "stdout") == "stdout" and not output.get("metadata")


def test_its_code_prints_what_the_notebook_shows(cells, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.chdir(SOURCE.parent)
    assert os.environ["SDPOSIM_CACHE"]  # so that nothing is compiled but once
    names = {}
    for cell in cells:
        if cell.cell_type != "code":
            continue
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(cell.source, cell.id, "exec"), names)
        shown = "".join(own.text for own in cell.outputs if own.output_type == "stream")
        assert printed.getvalue() == shown, cell.id
    names["plt"].close("all")
