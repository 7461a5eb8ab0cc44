"""The pages of the workflow report: which there are, and what each is made from.

A page shows files of `reports/` as they stand, those of claims and of the testbed too, whose making
takes hours: so their content is what the pages depend on, and no rule that makes them.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sdposim.report.calibration import outputs
from sdposim.report.captions import FIGURES, TABLES, Caption
from sdposim.report.pages import STYLE, drawn
from sdposim.storage.files import sha256
from sdposim.storage.sources import digest
from sdposim.workflow.configuration.models import Config
from sdposim.workflow.study import canonical

NAME = "pages"
FOLDER = f"results/{NAME}"
RECEIPT = f"results/receipts/targets/{NAME}.json"
LOG = f"results/joblogs/{NAME}.log"
PAPER, CLAIMS, MECHANISMS, CALIBRATION, TESTBED = (
    "1 Paper",
    "2 Claims",
    "3 Mechanisms",
    "4 Calibration",
    "5 Testbed",
)
"""Categories, in the order in which Snakemake's report, which sorts them, is to show them."""


class Page(NamedTuple):
    """A page of the report.

    Attributes:
        name: unique.
        category: the heading under which it stands.
        title: in plain words; empty where the text's own heading is it.
        source: the markdown or the svg that it shows.
        caption: how to read it, in markdown; empty where the source says it.
    """

    name: str
    category: str
    title: str
    source: str
    caption: str = ""

    @property
    def path(self) -> str:
        """Where the page is."""
        return f"{FOLDER}/{self.name}.html"


def listed(config: Config) -> list[Page]:
    """All pages that a configuration can have, whether or not their sources have been made."""
    pages = [*_of_paper(config), Page("claims", CLAIMS, "", "reports/claims.md")]
    for study in config.studies.values():
        for kind, category in (("mechanisms", MECHANISMS), ("testbed", TESTBED)):
            for name in getattr(study, kind):
                source = f"reports/{kind}/{name}.md"
                pages.append(Page(f"{kind}_{name}", category, "", source))
    for name in outputs.REPORTS:
        pages.append(Page(name, CALIBRATION, "", f"reports/{name}.md"))
    hypotheses = "reports/hypotheses.md"
    return [*pages, Page("hypotheses", TESTBED, "", hypotheses)]


def _of_paper(config: Config) -> Iterator[Page]:
    for name in config.run:
        study = config.studies[name]
        for kind, captions, ending in (("tables", TABLES, "md"), ("figures", FIGURES, "svg")):
            for own, shown in getattr(study, kind).items():
                caption = captions.get(shown.kind) or Caption(readable(own), "")
                title = f"{readable(own)}: {caption.title[0].lower()}{caption.title[1:]}"
                source = f"reports/{kind}/{own}.{ending}"
                yield Page(f"{kind}_{own}", PAPER, title, source, caption.text)
    if any(config.studies[name].reproduces for name in config.run):
        title = "All published values, with the reproduced ones"
        yield Page("comparison", PAPER, title, "reports/comparison.md")
    yield Page("reproduction", PAPER, "The reproduction paper", "reports/reproduction.md")


def readable(name: str) -> str:
    """A name of the configuration in plain words: `table1_as_printed` is `Table 1 as printed`."""
    words = re.sub(r"([a-z])([0-9])", r"\1 \2", name).replace("_", " ").replace("-", " ")
    return words[0].upper() + words[1:]


def present(config: Config) -> list[Page]:
    """The pages whose sources are there; a text's own heading is its title."""
    return [_titled(page) for page in listed(config) if Path(page.source).is_file()]


def _titled(page: Page) -> Page:
    if page.title:
        return page
    first = Path(page.source).read_text(encoding="utf-8").partition("\n")[0]
    return page._replace(title=first.removeprefix("# "))


def spec(pages: list[Page]) -> str:
    """What the pages depend on, as canonical JSON: the content of what they show, and the code."""
    return canonical(
        {
            "pages": [page._asdict() for page in pages],
            "sources": {file: sha256(file) for page in pages for file in _read(page)},
            "style": sha256(STYLE),
            "digest": digest("sdposim.commands.pages", packages=("markdown-it-py",)),
        }
    )


def _read(page: Page) -> list[str]:
    """The files that a page shows: its source, and the figures beside a text."""
    text = Path(page.source)
    if text.suffix != ".md":
        return [page.source]
    names = re.findall(r"!\[[^\]]*\]\(([^)]+\.png)\)", text.read_text(encoding="utf-8"))
    files = [drawn(text.parent / name) for name in names]
    return [page.source, *(str(file) for file in files if file)]
