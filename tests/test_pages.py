"""The pages of the workflow report: what they hold, and what they depend on."""

import csv
import json
import re
import shutil
from pathlib import Path
from typing import get_args

import pytest

from ministudy import ROOT, Study
from sdposim.commands import pages as command
from sdposim.report import captions
from sdposim.report.pages import of_figure, of_text, page
from sdposim.storage.errors import UserError
from sdposim.workflow import pages
from sdposim.workflow.configuration.load import DEFAULT, read_yaml
from sdposim.workflow.configuration.studies import FigureKind, TableKind
from sdposim.workflow.configuration.validate import validate

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"></svg>'


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working directory with a text, a figure that it shows, and one that is missing."""
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/drawn.svg").write_text(SVG)
    (tmp_path / "reports/claims.md").write_text(
        "# What holds\n\n![A drawing](drawn.png) ![Another](lost.png)\n\n"
        "See [this page](other.md) and [a paper](https://example.org/a?b=1&c=2).\n\n"
        "| a | b |\n| --- | ---: |\n| x < y | <script>1</script> |\n"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def body(folder):
    text = (folder / "reports/claims.md").read_text()
    return of_text("unused", text, Path("reports"), "How to *read* it.")


def test_a_text_has_its_tables_rendered(body):
    assert '<div class="wide" tabindex="0"><table>' in body and body.count("</table>\n</div>") == 1
    assert '<td style="text-align:right">&lt;script&gt;1&lt;/script&gt;</td>' in body


def test_figures_become_part_of_the_page(body):
    assert re.search(
        r'<img src="data:image/svg\+xml;base64,[A-Za-z0-9+/=]+" alt="A drawing">', body
    )
    assert "<em>Another</em>" in body and "lost.png" not in body


def test_links_lead_nowhere_that_a_report_has_not(body):
    assert '<span title="other.md">this page</span>' in body
    assert '<a href="https://example.org/a?b=1&amp;c=2" target="_blank" rel="noopener">' in body


def test_one_heading_only(body):
    assert re.findall("<h1>(.*?)</h1>", body) == ["What holds"]
    assert re.findall("<h1>(.*?)</h1>", of_text("A < B", "text", Path(), "")) == ["A &lt; B"]


def test_a_figure_is_described_for_who_cannot_see_it(folder):
    body = of_figure("Title", Path("reports/drawn.svg"), 'A "panel" for *each* feedback.')
    assert 'alt="A &quot;panel&quot; for each feedback."' in body
    assert "<em>each</em>" in body


def test_a_page_needs_no_other_file(body):
    text = page("Title", body, "reports/claims.md")
    assert not re.findall(r'(?:src|href)="(?!data:|https://example)', text)
    assert "prefers-color-scheme: dark" in text


def test_every_kind_says_how_to_read_it():
    assert set(captions.TABLES) == set(get_args(TableKind))
    assert set(captions.FIGURES) == set(get_args(FigureKind))


# --- which pages there are ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def config():
    return validate(read_yaml(ROOT / DEFAULT))


def test_every_report_of_the_checkout_has_a_page(config, monkeypatch):
    monkeypatch.chdir(ROOT)
    texts = {str(path.relative_to(ROOT)) for path in ROOT.glob("reports/**/*.md")}
    shown = {own.source for own in pages.present(config)}
    assert texts <= shown
    assert {f"reports/figures/figure{number}.svg" for number in range(1, 7)} <= shown
    names = [own.name for own in pages.listed(config)]
    assert len(names) == len(set(names))


def test_titles_are_in_plain_words(config, folder):
    assert [own.title for own in pages.present(config)] == ["What holds"]
    assert pages.readable("table1_as_printed") == "Table 1 as printed"


def test_pages_depend_on_what_they_show(config, folder, monkeypatch):
    before = pages.spec(pages.present(config))
    assert pages.spec(pages.present(config)) == before
    with monkeypatch.context() as patched:
        patched.setattr(pages, "STYLE", folder / "reports/drawn.svg")
        assert pages.spec(pages.present(config)) != before
    (folder / "reports/drawn.svg").write_text(SVG.replace("4", "5"))
    assert pages.spec(pages.present(config)) != before


def test_a_source_that_cannot_be_shown_is_a_sentence(config, folder):
    spec = pages.spec(pages.present(config))
    (folder / "reports/claims.md").write_bytes(b"\xff")
    with pytest.raises(UserError, match=r"^reports/claims\.md cannot be shown: "):
        command.run(spec, "results/pages", "results/receipt.json")
    assert not (folder / "results/receipt.json").exists()


# --- the text that a report starts with -----------------------------------------------------------


def test_the_first_text_says_what_the_results_say():
    text = " ".join((ROOT / "workflow/report/workflow.rst").read_text().split())
    claims = json.loads((ROOT / "reports/claims.json").read_text())
    verdicts = [own["verdict"]["paper"] for own in claims]
    counts = [
        sum(verdict.startswith(name) for verdict in verdicts)
        for name in ("supported", "partly", "in conflict", "inconclusive", "not testable")
    ]
    assert (
        "42 claims* {} hold in its own setting, {} in part, {} are in conflict, {} is undecided and"
        " {} cannot".format(*counts)
        in text
    )

    rows = list(csv.DictReader((ROOT / "reports/joint_fit_numbers.csv").open()))
    within = sum(abs(float(row["paper_z"])) <= 2 for row in rows)
    assert f"of {len(rows)} published numbers, {within} are within 2 SDs" in text

    lead = {
        row["scope"]: float(row["value"])
        for row in csv.DictReader((ROOT / "reports/claims.csv").open())
        if row["id"] == "C3"
        and row["effect"] == "reward(sdpo, continuous) - reward(reinforce, continuous)"
    }
    assert min(lead.values()) > 0
    assert f"{lead['best_step']:.3f} above REINFORCE there, {lead['paper']:.3f} in the" in text

    table = csv.DictReader((ROOT / "reports/tables/table2_as_printed.csv").open())
    printed = next(float(row["reproduced"]) for row in table if row["method"] == "reinforce")
    assert f"As printed its credit correlation is {printed:+.2f}, not {-printed:+.2f}" in text


# --- in Snakemake's report ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    """A folder with this checkout's reports and nothing else, and Snakemake's report of it."""
    study = Study(tmp_path_factory.mktemp("reported"), None)
    shutil.copytree(ROOT / "reports", study.path("reports"))
    made = study.snakemake("--cores", "1", "--", "pages")
    assert made.returncode == 0, made.stderr
    made = study.snakemake("--report", "report.html", "--", "pages")
    assert made.returncode == 0, made.stderr
    return study


@pytest.mark.browser
def test_every_category_opens_and_every_page_shows(reported, config, monkeypatch):
    import browser

    monkeypatch.chdir(reported.folder)
    wanted = pages.present(config)
    with browser.opened(reported.path("report.html")) as watched:
        view = watched.page
        view.wait_for_selector("text=What was found")
        for category in sorted({own.category for own in wanted}):
            view.click(f"nav >> text={category}")
            for own in [own for own in wanted if own.category == category]:
                view.locator("tr", has=view.get_by_text(own.title, exact=True)).locator(
                    "a"
                ).first.click()
                frame = view.frame_locator("iframe")
                frame.get_by_text(own.source, exact=True).last.wait_for()
                assert frame.locator("h1").count() == 1
                for image in frame.locator("img").all():
                    assert image.get_attribute("alt")
                    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)")
            view.click("nav >> text=Results")
        assert not watched.complaints and not watched.requests


@pytest.mark.browser
@pytest.mark.parametrize(("size", "scheme"), [("PHONE", "dark"), ("DESKTOP", "light")])
def test_pages_fit_every_screen_and_everybody(reported, size, scheme):
    import browser

    for name in ("figures_figure1", "tables_table1", "claims", "testbed_diversity"):
        path = reported.path(f"results/pages/{name}.html")
        with browser.opened(path, getattr(browser, size), scheme) as watched:
            assert watched.page.evaluate(
                "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            )
            assert not watched.serious() and not watched.complaints and not watched.requests
            watched.keep(f"{name}-{size.lower()}-{scheme}")


def test_a_browser_shows_every_page_in_a_frame(reported):
    """Chromium takes no address of more than 2 MiB, and a page is one of base64."""
    for path in reported.path("results/pages").glob("*.html"):
        assert path.stat().st_size * 4 / 3 < 2**21 - 1000, path.name


def test_pages_are_made_again_when_a_report_changes_and_only_then(reported):
    assert reported.jobs("--", "pages") == set()
    table = reported.path("reports/tables/table1.md")
    text = table.read_text()
    table.write_text(text.replace("SDPO", "OPSD"))
    assert reported.jobs("--", "pages") == {"pages"}
    table.write_text(text)
    # And one that was edited.
    reported.path("results/pages/claims.html").write_text("edited")
    assert reported.jobs("--", "pages") == {"pages"}
