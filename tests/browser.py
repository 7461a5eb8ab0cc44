"""A real browser for tests of what a person opens: Debian's chromium, headless, offline.

`make test-browser` installs what they need; the tests carry the marker `browser`.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
PICTURES = Path(__file__).parents[1] / "build/screenshots"


class Watched:
    """A page, and all that it complained about or asked the network for.

    Attributes:
        page: playwright's page.
        complaints: console errors and uncaught exceptions.
        requests: addresses that are neither the file itself nor held in it.
    """

    def __init__(self, page) -> None:
        self.page, self.complaints, self.requests = page, [], []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._request)

    def _console(self, message) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def _request(self, request) -> None:
        if not request.url.startswith(("file:", "blob:", "data:")):
            self.requests.append(request.url)

    def keep(self, name: str) -> None:
        """Keep a picture of the whole page, for a person to look at: `build/screenshots/`."""
        self.page.screenshot(path=PICTURES / f"{name}.png", full_page=True)

    def serious(self) -> list[str]:
        """axe-core's serious and critical violations, a line each."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page).response["violations"]
        return [
            f"{own['id']}: {own['help']}: {[node['html'][:120] for node in own['nodes'][:3]]}"
            for own in found
            if own["impact"] in ("serious", "critical")
        ]


@contextmanager
def opened(path: Path, size=DESKTOP, scheme: str = "light") -> Iterator[Watched]:
    """A file opened from disk, in a window of a size (CSS pixels) and a colour scheme."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium")
    assert program, "install Debian's chromium"
    with sync_playwright() as playwright:
        # Without a sandbox, which root in a container cannot have; the pages are our own.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        context = browser.new_context(
            viewport=size, color_scheme=scheme, offline=True, accept_downloads=True
        )
        watched = Watched(context.new_page())
        watched.page.goto(path.resolve().as_uri())
        yield watched
        browser.close()
