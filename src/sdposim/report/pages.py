"""Self-contained HTML pages of markdown texts and figures, for Snakemake's report."""

import base64
import html
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

STYLE = Path(__file__).with_name("page.css")


def page(title: str, body: str, source: str) -> str:
    """Return an HTML document.

    Args:
        title: plain text.
        body: HTML.
        source: path of the file that it shows, relative to the working directory.
    """
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>\n{STYLE.read_text(encoding='utf-8')}</style>\n"
        f"</head>\n<body>\n<main>\n{body}"
        f'<p class="source">This page shows <code>{html.escape(source)}</code>.</p>\n'
        "</main>\n</body>\n</html>\n"
    )


def of_figure(title: str, svg: Path, caption: str) -> str:
    """Return the body of a page that shows a figure above its caption, in markdown."""
    return (
        f"<h1>{html.escape(title)}</h1>\n<figure>\n"
        f'<img src="{embedded(svg)}" alt="{html.escape(_plain(caption))}">\n</figure>\n'
        f'<div class="caption">\n{_markdown(svg.parent).render(caption)}</div>\n'
    )


def of_text(title: str, text: str, folder: Path, caption: str) -> str:
    """Return the body of a page of markdown.

    Args:
        title: the heading, where the text has none of its own.
        text: markdown with tables. Its figures become part of the page.
        folder: what its links start from. Those to other files, which no page of a report has,
            become plain words.
        caption: how to read it, in markdown; it stands below.
    """
    body = _markdown(folder).render(text)
    heading = "" if text.startswith("# ") else f"<h1>{html.escape(title)}</h1>\n"
    below = f'<div class="caption">\n{_markdown(folder).render(caption)}</div>\n' if caption else ""
    return heading + body + below


def embedded(image: Path) -> str:
    """Return an svg or png as a data address."""
    kind = {".svg": "svg+xml", ".png": "png"}[image.suffix]
    return f"data:image/{kind};base64,{base64.b64encode(image.read_bytes()).decode()}"


def drawn(name: Path) -> Path | None:
    """Return the smaller file of a figure, of those beside `name`; None if there is none.

    A browser shows no page of more than 2 MB in a frame.
    """
    files = [
        file for file in (name.with_suffix(".svg"), name.with_suffix(".png")) if file.is_file()
    ]
    return min(files, key=lambda file: file.stat().st_size, default=None)


class _Renderer(RendererHTML):
    """With figures in the page, and tables that scroll by themselves on a narrow screen."""

    def table_open(self, tokens, index, options, env) -> str:
        return f'<div class="wide" tabindex="0">{self.renderToken(tokens, index, options, env)}'

    def table_close(self, tokens, index, options, env) -> str:
        return f"{self.renderToken(tokens, index, options, env)}</div>\n"

    def image(self, tokens, index, options, env) -> str:
        file = drawn(Path(env["folder"]) / str(tokens[index].attrs["src"]))
        text = html.escape(self.renderInlineAsText(tokens[index].children or [], options, env))
        return f'<img src="{embedded(file)}" alt="{text}">' if file else f"<em>{text}</em>"

    def link_open(self, tokens: list[Token], index: int, options, env) -> str:
        address = str(tokens[index].attrs["href"])
        env.setdefault("open", []).append(address.startswith("https://"))
        if env["open"][-1]:
            return f'<a href="{html.escape(address)}" target="_blank" rel="noopener">'
        return f'<span title="{html.escape(address)}">'

    def link_close(self, tokens, index, options, env) -> str:
        return "</a>" if env["open"].pop() else "</span>"


class _Markdown(MarkdownIt):
    folder = Path()

    def render(self, src: str, env=None) -> str:
        return super().render(src, {"folder": self.folder, **(env or {})})


def _markdown(folder: Path) -> _Markdown:
    parser = _Markdown("commonmark", {"html": False}, renderer_cls=_Renderer).enable("table")
    parser.folder = folder
    return parser


def _plain(text: str) -> str:
    return " ".join(text.replace("*", "").replace("`", "").split())
