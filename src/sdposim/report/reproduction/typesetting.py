"""The paper as PDF: its Markdown in Typst's language, set in the fonts that come with Typst.

Neither fonts nor packages of the machine are used and no date is written, so that the same
Markdown and figures give the same bytes on any machine.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

import typst
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from sdposim.storage.errors import UserError

FONTS = '("Libertinus Serif", "DejaVu Sans Mono")'
WIDE = 48
"""A column with a cell of more characters than this is wrapped."""
STYLE = f"""
#set page(paper: "a4", margin: (x: 2.2cm, y: 2.4cm), numbering: "1 / 1")
#set text(font: {FONTS}, size: 10pt, lang: "en", fallback: false)
#set par(justify: true, leading: 0.6em, spacing: 0.9em)
#set list(indent: 0.4em)
#show heading: set block(above: 1.5em, below: 0.8em)
#show heading.where(level: 1): it => align(center, text(size: 17pt, it.body) + v(0.8em))
#show heading.where(level: 2): set text(size: 13pt)
#show heading.where(level: 3): set text(size: 11pt)
#show raw: set text(font: "DejaVu Sans Mono", size: 1em)
#show raw.where(block: true): it => block(inset: (left: 1em), text(size: 0.9em, it))
#show link: set text(fill: rgb("#004488"))
#show table: set text(size: 8pt)
#show table: set par(justify: false, leading: 0.45em)
#set table(stroke: none, inset: (x: 3.5pt, y: 2.6pt))
"""


def pdf(markdown: str, folder: Path, title: str) -> bytes:
    """Set the paper.

    Args:
        markdown: without marks; pictures by paths relative to `reports`.
        folder: the one that holds `reports`.
        title: for the file's properties.

    Raises:
        UserError: a picture is missing or damaged.
    """
    return _compiled(markdown, folder, title, "pdf")


def pictures(markdown: str, folder: Path, title: str, ppi: float = 110) -> list[bytes]:
    """Set the paper as `pdf` does, and return its pages as PNG files."""
    pages = _compiled(markdown, folder, title, "png", ppi=ppi)
    return pages if isinstance(pages, list) else [pages]


def _compiled(markdown: str, folder: Path, title: str, kind: str, **options):
    try:
        return typst.compile(
            typst_source(markdown, title).encode(),
            root=str(folder),
            ignore_system_fonts=True,
            format=kind,
            **options,
        )
    except typst.TypstError as error:
        raise UserError(f"the paper cannot be set: {str(error).splitlines()[0]}") from None


def typst_source(markdown: str, title: str) -> str:
    """The paper in Typst's language."""
    tree = SyntaxTreeNode(MarkdownIt("commonmark", {"html": False}).enable("table").parse(markdown))
    head = f"#set document(title: {_quoted(title)}, date: none)\n{STYLE}"
    return head + "\n\n".join(_blocks(tree.children)) + "\n"


def _blocks(nodes: Sequence[SyntaxTreeNode]) -> Iterator[str]:
    waiting = list(nodes)
    while waiting:
        node = waiting.pop(0)
        picture = _picture(node)
        if picture:
            # A caption stands below its figure and above its table, and is not parted from it.
            caption = _block(waiting.pop(0)) if waiting and _is_caption(waiting[0]) else ""
            yield _together(f"#align(center, {picture})", caption)
        elif _is_caption(node) and waiting and waiting[0].type == "table":
            yield _captioned(_block(node), waiting.pop(0))
        else:
            yield _block(node)


def _together(*parts: str) -> str:
    inner = "\n\n".join(parts)
    return f"#block(breakable: false, width: 100%)[\n{inner}\n]"


def _captioned(caption: str, table: SyntaxTreeNode) -> str:
    rows = sum(node.type == "tr" for node in table.walk())
    body = _block(table)
    if rows <= 20:
        return _together(caption, body)
    return f"#block(sticky: true)[{caption}]\n\n{body}"


def _is_caption(node: SyntaxTreeNode) -> bool:
    words = _inner(node) if node.type == "paragraph" else []
    strong = [child for child in words if child.type != "text" or child.content][:1]
    return (
        bool(strong)
        and strong[0].type == "strong"
        and bool(re.match(r"(Figure|Table) [0-9]+", _letters(strong[0])))
    )


def _letters(node: SyntaxTreeNode) -> str:
    return "".join(child.content for child in node.walk() if child.type == "text")


def _picture(node: SyntaxTreeNode) -> str:
    inner = _inner(node) if node.type == "paragraph" else []
    if len(inner) != 1 or inner[0].type != "image":
        return ""
    path = PurePosixPath("/reports") / str(inner[0].attrs["src"])
    shape = f"image({_quoted(path.with_suffix('.pdf').as_posix())}, width: 92%"
    return f"{shape}, alt: {_quoted(inner[0].content)})"


def _inner(node: SyntaxTreeNode) -> list[SyntaxTreeNode]:
    return node.children[0].children if node.children else []


def _block(node: SyntaxTreeNode) -> str:
    return _form(_BLOCKS, node)(node)


def _heading(node: SyntaxTreeNode) -> str:
    return f"#heading(level: {node.tag[1:]})[{_text(node)}]"


def _paragraph(node: SyntaxTreeNode) -> str:
    text = _text(node)
    if [child.type for child in _inner(node)] == ["em"]:
        return f"#text(size: 8pt, fill: luma(90))[{text}]"
    return text


def _items(node: SyntaxTreeNode) -> str:
    kind = "list" if node.type == "bullet_list" else "enum"
    items = ("[" + "\n\n".join(_blocks(item.children)) + "]" for item in node.children)
    return f"#{kind}({', '.join(items)})"


def _table(node: SyntaxTreeNode) -> str:
    rows = [row.children for part in node.children for row in part.children]
    aligned = [str(cell.attrs.get("style", "")).rpartition(":")[2] or "left" for cell in rows[0]]
    columns = []
    for column in zip(*rows, strict=True):
        longest = max(len(_letters(cell)) for cell in column)
        columns.append(f"{longest}fr" if longest > WIDE else "auto")
    cells = [[f"[{_text(cell)}]" for cell in row] for row in rows]
    head, *body = (", ".join(row) for row in cells)
    parts = [
        f"columns: ({', '.join(columns)},)",
        f"align: ({', '.join(aligned)},)",
        f"table.header(table.hline(stroke: 0.7pt), {head}, table.hline(stroke: 0.4pt))",
        *body,
        "table.hline(stroke: 0.7pt)",
    ]
    inner = ",\n".join(parts)
    return f"#align(center, table({inner}))"


def _text(node: SyntaxTreeNode) -> str:
    return "".join(_span(child) for child in _inner(node))


def _span(node: SyntaxTreeNode) -> str:
    inner = "".join(_span(child) for child in node.children or [])
    if node.type == "link":
        target = str(node.attrs["href"])
        return f"#link({_quoted(target)})[{inner}]" if target.startswith("http") else inner
    return _form(_SPANS, node)(node, inner)


def _form(forms: Mapping[str, Callable], node: SyntaxTreeNode) -> Callable:
    if node.type not in forms:
        raise UserError(
            f"the paper's template: {node.type} is not allowed; allowed: {', '.join(forms)}"
        )
    return forms[node.type]


def _escaped(text: str) -> str:
    """Letters as they are: none of Typst's signs means anything."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


_BLOCKS: dict[str, Callable[[SyntaxTreeNode], str]] = {
    "heading": _heading,
    "paragraph": _paragraph,
    "bullet_list": _items,
    "ordered_list": _items,
    "table": _table,
    "fence": lambda node: f"#raw({_quoted(node.content.rstrip())}, block: true)",
}
_SPANS: dict[str, Callable[[SyntaxTreeNode, str], str]] = {
    "text": lambda node, _: _escaped(node.content),
    "softbreak": lambda *_: "\n",
    "hardbreak": lambda *_: "#linebreak()",
    "strong": lambda _, inner: f"#strong[{inner}]",
    "em": lambda _, inner: f"#emph[{inner}]",
    "code_inline": lambda node, _: f"#raw({_quoted(node.content)})",
}
