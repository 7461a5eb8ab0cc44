"""The site of the pages: all are in its menu, and it opens from disk without a complaint."""

import subprocess
import sys

import pytest
import yaml

from browser import PHONE, opened
from ministudy import ROOT


class Loader(yaml.SafeLoader):
    """Reads mkdocs.yml, whose functions are none of ours."""


Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda *_: None)


def in_menu(entries):
    """Pages of a menu, which has parts."""
    for entry in entries:
        for own in entry.values() if isinstance(entry, dict) else [entry]:
            yield from in_menu(own) if isinstance(own, list) else [own]


def test_every_page_of_the_docs_is_in_the_menu():
    settings = yaml.load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"), Loader)
    shown = list(in_menu(settings["nav"]))
    pages = {
        path.with_suffix(".md") for end in ("md", "ipynb") for path in ROOT.glob(f"docs/*.{end}")
    }
    assert {str(path.relative_to(ROOT)) for path in pages} <= set(shown)
    assert len(shown) == len(set(shown))


@pytest.fixture(scope="module")
def site():
    """As `make docs` builds it: a link that leads nowhere fails."""
    done = subprocess.run(
        [sys.executable, "docs/make/site.py"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return ROOT / "build/site"


@pytest.mark.browser
@pytest.mark.parametrize("name", ["index", "docs/walkthrough", "docs/rules", "reports/claims"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_site_opens_from_disk(site, name, scheme):
    with opened(site / f"{name}.html", scheme=scheme) as watched:
        page = watched.page
        page.wait_for_function("[...document.images].every(image => image.complete)")
        broken = page.evaluate("[...document.images].filter(i => !i.naturalWidth).map(i => i.src)")
        assert not broken and not watched.complaints and not watched.requests
        assert page.locator("h1").count() == 1


@pytest.mark.browser
def test_a_phone_shows_the_start_without_scrolling_sideways(site):
    with opened(site / "index.html", PHONE) as watched:
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
