"""How large and how quick the explorer is, in chromium: prints a table.

    make test-browser            # once: it installs what opens a browser
    .venv/bin/python benchmarks/explorer.py

The first plot counts from the start of navigation; a drag from a slider's event until all curves,
for 20 seeds of the paper's size, and the tables of the step are drawn. Least and median of some
tries.
"""

import gzip
import os
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from browser import opened  # noqa: E402

PAGE = ROOT / "reports" / "explorer.html"
READY = "html[data-state=ready]"
LOADS, DRAGS = 8, 20
CASES = {
    "SDPO, continuous": "",
    "SDPO, binary": "a.feedback=binary",
    "SDPO, critique": "a.feedback=critique",
    "REINFORCE": "a.method=reinforce",
    "hybrid, critique": "a.method=hybrid&a.feedback=critique",
    "SDPO beside hybrid, critique": (
        "a.feedback=critique&compare=1&b.method=hybrid&b.feedback=critique"
    ),
}
DRAG = """
(share) => new Promise(resolve => {
  const slider = document.querySelector("[data-path='training.learning_rate'] input[type=range]");
  const watch = new MutationObserver(() => {
    if (document.documentElement.dataset.state !== "ready") return;
    watch.disconnect();
    resolve(performance.now() - start);
  });
  const start = performance.now();
  slider.value = 300 + share;
  slider.dispatchEvent(new Event("input"));
  watch.observe(document.documentElement, { attributes: true });
})
"""


def main() -> None:
    """Measure and print."""
    content = PAGE.read_bytes()
    print(f"{os.cpu_count()} processors; ms, least (median)\n")
    print(f"size: {len(content):,} bytes, {len(gzip.compress(content)):,} compressed")
    with opened(PAGE) as watched:
        page = watched.page
        page.wait_for_selector(READY)
        first = []
        for _ in range(LOADS):
            page.reload()
            page.wait_for_selector(READY)
            first.append(page.evaluate("performance.getEntriesByName('plot')[0].startTime"))
        print(f"first plot: {_told(first)}")
        for name, fragment in CASES.items():
            page.evaluate("fragment => explorer.open(fragment)", fragment)
            page.wait_for_selector(READY)
            print(f"drag, {name}: {_told([page.evaluate(DRAG, i) for i in range(DRAGS)])}")


def _told(times: list[float]) -> str:
    return f"{min(times):.0f} ({statistics.median(times):.0f})"


if __name__ == "__main__":
    main()
