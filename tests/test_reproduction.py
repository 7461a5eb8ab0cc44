"""The reproduction paper: each of its numbers is a result's, and it is made of what lies there."""

import csv
import io
import re
import shutil

import pytest

from edits import replace
from ministudy import ROOT
from sdposim.analysis.published import read_values
from sdposim.commands import reproduction as command
from sdposim.report.reproduction import typesetting
from sdposim.report.reproduction.marks import unfilled
from sdposim.report.reproduction.page import filled, wanted
from sdposim.report.reproduction.places import TEMPLATE, located
from sdposim.storage.errors import UserError
from sdposim.storage.sources import import_closure
from sdposim.workflow.artefacts import Artefacts
from sdposim.workflow.configuration.load import load
from sdposim.workflow.reproduction import FILES, TITLE, Reproduction
from smallrun import (
    RECORD,
    own_sources,
    planned_jobs,
    rerun_rules,
    rewritten,
    run_snakemake,
    small_folder,
    without_records,
)

TEXT = (ROOT / TEMPLATE).read_text(encoding="utf-8")
STRUCTURAL = (
    r"(?s)^```.*?^```",  # equations
    r"`[^`]*`",  # files and commands
    r"\]\([^)]*\)",  # where links go
    r"^#+ [0-9.]+ ",  # numbers of headings
    r"(?i)\b(equation|section|table|figure)s? [0-9.]*[0-9]((, [0-9.]+)*( (and|to) [0-9.]*[0-9]))?",
    r"\b[CDH][0-9]+\b",  # claims, derivations and hypotheses
    r"\[[0-9]\]",  # references, and their list
    r"^[0-9]\. ",
    r"arXiv [0-9.]+",
    r"\b(19|20)[0-9]{2}\.$",
    r"\b(90|95)% interval",  # of the methods
    r"\bat 5%",
)
"""The numbers that the template may hold: none of them is a result."""


def typed(marked):
    """The numbers of a filled-in template that nobody filled in and that are not structural."""
    text = unfilled(marked)
    text = re.sub(r"\*Filled in from .*\*", "", text)
    for pattern in STRUCTURAL:
        text = re.sub(pattern, "", text, flags=re.MULTILINE)
    return re.findall(r"[0-9][0-9.,]*%?", text)


@pytest.fixture(scope="module")
def job():
    config = load([])
    paper = Reproduction(Artefacts(config, read_values()), {})
    # Seconds each time, and the same each time.
    planned = paper._plan()
    paper._plan = lambda: planned
    return paper


def made(job, changed=None, template=TEXT):
    """The page of the committed results, some of them changed: path -> [(old, new), ...]."""

    def text_of(path):
        text = located(path).read_text(encoding="utf-8")
        for old, new in (changed or {}).get(path, []):
            assert old in text, (path, old)
            text = text.replace(old, new, 1)
        return text

    rules = dict.fromkeys(wanted(template), "rule")
    return filled(template, text_of, rules, job._plan(), job._names())


@pytest.fixture(scope="module")
def page(job):
    return made(job)


@pytest.fixture(autouse=True)
def in_checkout(request, monkeypatch):
    monkeypatch.chdir(ROOT)


def committed(ending):
    return (ROOT / f"reports/reproduction.{ending}").read_bytes()


def traced(text):
    return list(csv.DictReader(io.StringIO(text)))


# --- where numbers come from -------------------------------------------------------------------


def test_the_template_holds_no_result(page):
    assert typed(page.marked) == []


@pytest.mark.parametrize(
    "sentence", ["SDPO ends at 0.656.", "It is 12% better.", "| SDPO | 3 |", "Seed 42 is best."]
)
def test_a_number_that_is_typed_is_found(job, sentence):
    assert typed(made(job, template=f"{TEXT}\n\n{sentence}\n").marked)


def test_every_number_of_the_markdown_is_traced(page):
    shown = {number for trace in page.ledger.traces for number in numbers(trace.shown)}
    for line in page.markdown().splitlines():
        text = re.sub(r"\]\([^)]*\)", "]", line)
        if text.startswith("*Filled in"):
            continue
        for pattern in STRUCTURAL[1:]:
            text = re.sub(pattern, "", text, flags=re.MULTILINE)
        equations = re.match(r"\([1-6]\) ", text)
        assert equations or set(numbers(text)) <= shown, line


def numbers(text):
    return re.findall(r"[0-9][0-9,]*(?:\.[0-9]+)?", text)


def test_every_traced_cell_holds_what_is_shown():
    """Read again from the files, by other code than the paper's."""
    checked = 0
    for trace in traced(committed("csv").decode()):
        where = dict(
            part.split("=", 1) for part in re.split(r", (?=\w+=)", trace["row"]) if "=" in part
        )
        if not trace["file"].endswith(".csv") or "row " in trace["row"] or not where:
            continue
        with located(trace["file"]).open(newline="") as file:
            rows = [row for row in csv.DictReader(file) if fits(row, where)]
        if trace["column"] not in rows[0]:
            continue
        (row,) = rows
        found = row[trace["column"]]
        shown = trace["shown"].replace(",", "")
        if re.fullmatch(r"[-+]?[0-9.]+", shown):
            decimals = len(shown.partition(".")[2])
            assert abs(float(found) - float(shown)) <= 0.5 * 10**-decimals + 1e-9, trace
            checked += 1
    assert checked > 100


def fits(row, where):
    def same(found, asked):
        try:
            return float(found) == float(asked)
        except ValueError:
            return found == asked

    return all(same(row[key], asked) for key, asked in where.items())


def test_verdicts_are_those_of_the_claims():
    signs = {
        "✓": "supported",
        "◐": "partly supported",
        "✗": "in conflict",
        "?": "inconclusive",
        "–": "not testable here",
    }
    text = committed("md").decode()
    rows = re.findall(r"^\| (C[0-9]+) \|.*$", text, re.MULTILINE)
    assert len(rows) == 42
    with (ROOT / "reports/figures/claims.csv").open(newline="") as file:
        for claim in csv.DictReader(file):
            (row,) = re.findall(rf"^\| {claim['id']} \|.*$", text, re.MULTILINE)
            cells = [cell.strip() for cell in row.strip("|").split("|")]
            found = [signs[cells[place]] for place in (3, 5, 6, 7)]
            wanted = [claim[name] for name in ("paper", "as_printed", "population", "best_step")]
            assert found == wanted, claim["id"]


def test_ids_are_unique(page):
    ids = [trace.id for trace in page.ledger.traces]
    assert len(set(ids)) == len(ids)


# --- what follows from a result -----------------------------------------------------------------


def test_a_changed_result_changes_its_number_alone(job, page):
    path = "reports/tables/table1.csv"
    other = made(job, {path: [("sdpo,binary,0.6561", "sdpo,binary,0.7561")]})
    before, after = traced(page.csv()), traced(other.csv())
    different = [new for old, new in zip(before, after, strict=True) if old != new]
    assert [(own["row"], own["column"], own["shown"]) for own in different] == [
        ("method=sdpo, feedback=binary", "reproduced", "0.756")
    ]
    assert "| SDPO | 0.756 (0.650) |" in other.markdown()


def test_a_changed_verdict_is_counted(job, page):
    path = "reports/claims.json"
    first = '"verdict": {\n   "paper": "supported"'
    other = made(job, {path: [(first, first.replace("supported", "in conflict"))]})
    before, after = (counts(own.markdown()) for own in (page, other))
    assert after == {**before, "✓": before["✓"] - 1, "✗": before["✗"] + 1}
    assert "| C1 | 2.7 | Design constants | ✗ |" in other.markdown()


def counts(text):
    """How often table 6 has each verdict in the first scope."""
    return {sign: int(n) for sign, n in re.findall(r"^\| (\S) [a-z ]+ \| ([0-9]+) \|", text, re.M)}


@pytest.mark.parametrize(
    ("path", "old", "new", "problem"),
    [
        ("reports/tables/table1.csv", "sdpo,binary,", "other,binary,", "0 rows have this"),
        ("reports/tables/table1.csv", "sdpo,binary,0.6561", "sdpo,binary,", "nothing is there"),
        ("reports/tables/table1.csv", "sdpo,binary,0.6561", "sdpo,binary,x", "'x' is no number"),
        ("reports/joint_fit_preset.json", '"judge"', "judge", "is not valid json"),
        (
            "reports/mechanisms/estimates.csv",
            "0.67136,0.006665,0.000931",
            "0.67136,0.006665,-0.1",
            "SDPO loses nothing if feedback says nothing of the rollouts",
        ),
    ],
)
def test_a_result_that_lacks_what_is_told_gives_a_sentence(job, path, old, new, problem):
    with pytest.raises(UserError, match=re.escape(problem)) as raised:
        made(job, {path: [(old, new)]})
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{{ missing }}", "'missing' is undefined"),
        ("{% if %}", "line 1"),
        ("{% set path = 'a.csv' %}{{ source(path) }}", "line 1: source() needs the path"),
    ],
)
def test_a_mistake_in_the_template_gives_a_sentence(job, template, problem):
    with pytest.raises(UserError, match=re.escape(problem)):
        made(job, template=template)


def test_a_result_that_changes_meanwhile_gives_a_sentence(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_text("a\n1\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="was changed since this run began"):
        command.content("a.csv", "0" * 64)
    with pytest.raises(UserError, match=r"cannot read b\.csv"):
        command.content("b.csv", "0" * 64)


# --- the committed files ------------------------------------------------------------------------


def test_links_of_the_paper_resolve():
    text = committed("md").decode()
    links = re.findall(r"\]\(([^) ]+)", text)
    assert len(links) > 100
    for link in set(links):
        assert link.startswith("http") or (ROOT / "reports" / link).is_file(), link


def test_headings_are_those_that_reviewers_look_for():
    text = committed("md").decode()
    for name in ("Scope of reproducibility", "Methodology", "Results", "What was easy"):
        assert f"**{name}.**" in text
    for name in ("What was difficult", "Communication with original authors"):
        assert f"**{name}.**" in text


def test_every_trace_names_a_rule_that_makes_its_file():
    rules = "\n".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
    for trace in traced(committed("csv").decode()):
        assert trace["rule"] or trace["file"].startswith("config/"), trace
        assert not trace["rule"] or f"rule {trace['rule']}:" in rules, trace


def test_the_pdf_has_the_same_bytes_each_time(page):
    first, again = (typesetting.pdf(page.plain(), ROOT, TITLE) for _ in range(2))
    assert first == again
    assert b"CreationDate" not in first
    words = typesetting.typst_source(page.plain(), TITLE)
    assert "ignore" not in words
    assert words.count("image(") == TEXT.count("{{ figure(")


def test_a_missing_figure_gives_a_sentence(tmp_path):
    with pytest.raises(UserError, match="the paper cannot be set: file not found") as raised:
        typesetting.pdf("![a](figures/b.png)\n", tmp_path, "A")
    assert "\n" not in str(raised.value)


def test_signs_of_typst_are_only_letters():
    source = typesetting.typst_source("A #let x = [1] \\*b\\* $c$ <d> @e ~f /g -- h", "T")
    assert r"\#let x \= \[1\] \*b\* \$c\$ " in source


def test_what_the_pdf_has_no_form_for_gives_a_sentence():
    with pytest.raises(UserError, match="blockquote is not allowed; allowed: heading, paragraph"):
        typesetting.typst_source("> quoted\n", "T")


# --- the rule -----------------------------------------------------------------------------------

PAPER = {"reproduction_paper"} | RECORD


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder with the committed reports, and the paper made from them."""
    folder = small_folder(tmp_path_factory.mktemp("paper"), whole=True)
    for path in wanted(TEXT):
        if path.startswith("reports/"):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, folder / path)
    run_snakemake(folder, {}, "--cores", "1", "--", "reproduction")
    return folder


def test_the_rule_makes_the_committed_files_and_nothing_else(finished):
    for path in FILES:
        assert (finished / path).read_bytes() == (ROOT / path).read_bytes(), path
    assert {path.name for path in (finished / "results").iterdir()} == {
        "joblogs",
        "provenance",
        "receipts",
    }


EDITS = {
    "a result, in a copied folder": (
        without_records(
            replace("reports/tables/table1.csv", "sdpo,binary,0.6561", "sdpo,binary,1")
        ),
        PAPER,
    ),
    "the template": (replace(TEMPLATE, "**What was easy.**", "**Easy.**"), PAPER),
    "the paper is edited by hand": (rewritten("reports/reproduction.md"), PAPER),
    "a title of a claim, of which no report was made": (
        replace("config/paper/claims.yaml", "title: Design constants", "title: Constants"),
        set(),
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_remakes_the_paper_alone_if_it_touches_it(finished, tmp_path, name):
    edit, expected = EDITS[name]
    assert rerun_rules(finished, tmp_path / "study", edit, "reproduction") == expected


def test_the_paper_depends_on_every_file_that_it_shows(finished, job, tmp_path, monkeypatch):
    shutil.copytree(finished / "reports", tmp_path / "reports")
    monkeypatch.chdir(tmp_path)
    seen = {job.spec()}
    for path in filter(lambda path: path.startswith("reports/"), wanted(TEXT)):
        (tmp_path / path).write_bytes(b"edited")
        seen.add(job.spec())
    assert len(seen) == 1 + sum(path.startswith("reports/") for path in wanted(TEXT))


def test_the_paper_depends_on_how_it_is_made():
    modules = import_closure("sdposim.commands.reproduction")
    assert {f"sdposim.report.reproduction.{name}" for name in ("page", "typesetting")} <= set(
        modules
    )


def test_a_missing_report_is_not_made_but_named(finished, tmp_path):
    study = own_sources(finished, tmp_path / "study")
    study.path("reports/mechanisms/sign.csv").unlink()
    with pytest.raises(AssertionError) as raised:
        planned_jobs(study, "reproduction")
    said = str(raised.value)
    assert "error: reports/mechanisms/sign.csv is missing" in said
    assert "`snakemake -- mechanisms` has it" in said
    assert "Traceback" not in said
