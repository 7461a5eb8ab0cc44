"""Build the pages as a site in build/site, by `make docs`: files that open from disk, and offline.

Needs envs/docs.lock. The pages are copied to build/docs with all files that they link to, so that
their links work as they stand; the notebook and diagrams become what a browser shows by itself.
"""

import base64
import re
import shutil
import subprocess
import sys
from pathlib import Path

import mermaidx
import nbformat
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
STAGE = ROOT / "build/docs"
PAGES = ("README.md", "CONTRIBUTING.md", "docs", "config", "benchmarks", "reports")
NOTEBOOK = ROOT / "docs/walkthrough.ipynb"


def pages():
    """All pages of Markdown."""
    for name in PAGES:
        path = ROOT / name
        yield from sorted(path.rglob("*.md")) if path.is_dir() else [path]


def linked(text, folder):
    """Files of this checkout that a page links to or shows."""
    for block in MarkdownIt().enable("table").parse(text):
        for token in block.children or ():
            target = token.attrGet("href") or token.attrGet("src") or ""
            path = folder / target.partition("#")[0]
            if "://" not in target and path.is_file() and path.suffix != ".md":
                yield path.resolve()


def staged(path):
    """Where a file of this checkout stands in the site's sources; its folder is made."""
    there = STAGE / path.relative_to(ROOT)
    there.parent.mkdir(parents=True, exist_ok=True)
    return there


def without_mermaid(text, page):
    """A page whose diagrams are images beside it."""
    count = 0

    def shown(match):
        nonlocal count
        count += 1
        name = f"{page.stem}-{count}.svg"
        page.with_name(name).write_text(drawn(match[1]), encoding="utf-8")
        return f"![A graph: the table below has its nodes]({name})"

    return re.sub(r"^```mermaid\n(.*?)^```$", shown, text, flags=re.DOTALL | re.MULTILINE)


def drawn(diagram):
    return mermaidx.render(diagram, theme="neutral").svg()


def as_page(notebook, page):
    """A notebook as Markdown, its figures as images beside it."""
    parts = []
    for cell in notebook.cells:
        parts.append(cell.source if cell.cell_type == "markdown" else fenced(cell.source, "python"))
        for number, output in enumerate(cell.get("outputs", []), 1):
            if output.output_type == "stream":
                parts.append(fenced(output.text.rstrip("\n"), "text"))
            elif "image/png" in output.data:
                name = f"{page.stem}-{cell.id}-{number}.png"
                page.with_name(name).write_bytes(base64.b64decode(output.data["image/png"]))
                parts.append(f"![What the code above draws]({name})")
    return "\n\n".join(parts) + "\n"


def fenced(text, language):
    return f"```{language}\n{text}\n```"


def stage():
    """Write the site's sources anew."""
    shutil.rmtree(STAGE, ignore_errors=True)
    for page in pages():
        text, there = page.read_text(encoding="utf-8"), staged(page)
        for path in linked(text, page.parent):
            shutil.copyfile(path, staged(path))
        text = without_mermaid(text.replace("walkthrough.ipynb)", "walkthrough.md)"), there)
        there.write_text(text, encoding="utf-8")
    there = staged(NOTEBOOK).with_suffix(".md")
    there.write_text(as_page(nbformat.read(NOTEBOOK, as_version=4), there), encoding="utf-8")


if __name__ == "__main__":
    stage()
    program = Path(sys.executable).with_name("mkdocs")
    sys.exit(
        subprocess.run([program, "build", "--strict", "--clean", "--quiet"], cwd=ROOT).returncode
    )
