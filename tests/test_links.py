"""Every link within the pages leads somewhere: to a file, and to a heading in it."""

import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from markdown_it import MarkdownIt

from ministudy import ROOT

PAGES = sorted(
    {ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "config/README.md"}
    | set(ROOT.glob("docs/*.md"))
    | set(ROOT.glob("config/*/README.md"))
    | set(ROOT.glob("benchmarks/*.md"))
    | set(ROOT.glob("reports/**/*.md"))
)


@cache
def tokens(page):
    """A page as Markdown's tokens, those within a line too."""
    blocks = MarkdownIt().enable("table").parse(page.read_text(encoding="utf-8"))
    return [token for block in blocks for token in (block, *(block.children or ()))]


@cache
def anchors(page):
    """What `#...` may name in a page, as forges make it of headings."""
    blocks, found = tokens(page), []
    for opening, inline in pairwise(blocks):
        if opening.type == "heading_open":
            kept = "".join(part.content for part in inline.children)
            slug = re.sub(r"[^\w\- ]", "", kept.lower()).strip().replace(" ", "-")
            before = sum(
                re.fullmatch(rf"{re.escape(slug)}(-\d+)?", own) is not None for own in found
            )
            found.append(f"{slug}-{before}" if before else slug)
    return found


def links(page):
    """Targets of links and images within this checkout."""
    found = [token.attrGet("href") or token.attrGet("src") for token in tokens(page)]
    return [target for target in found if target and not urlsplit(target).scheme]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page):
    for target in links(page):
        path, _, anchor = unquote(target).partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists() and there.is_relative_to(ROOT), target
        if anchor and there.suffix == ".md":
            assert anchor in anchors(Path(there)), target


def test_every_page_of_the_docs_is_linked_from_another():
    linked = {
        (page.parent / unquote(target).partition("#")[0]).resolve()
        for page in PAGES
        for target in links(page)
    }
    assert {*ROOT.glob("docs/*.md"), *ROOT.glob("docs/*.ipynb")} <= linked
