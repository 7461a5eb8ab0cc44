"""The template of the reproduction paper, filled in."""

import csv
import io
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields

import jinja2
from jinja2 import nodes

from sdposim.report.reproduction.marks import Ledger, Trace, plain
from sdposim.report.reproduction.sources import Source, read
from sdposim.storage.errors import UserError

FOLDER = "reports"
"""Where the paper is: its links start there."""
PICTURES = ("png", "pdf")
"""A figure's file in the Markdown, and in the PDF."""
PLAN = "config/config.yaml"
"""What the numbers of the plan stem from."""


@dataclass(frozen=True)
class Page:
    """The filled-in template.

    Attributes:
        marked: Markdown with marks, see `marks`.
        ledger: their traces.
    """

    marked: str
    ledger: Ledger

    def markdown(self) -> str:
        """For a reader: each number in a sentence is a link to its file, its place in the title."""
        lines = [
            plain(line)
            if line.startswith("|")
            else self.ledger.replaced(line, lambda trace: _linked(trace))
            for line in self.marked.splitlines()
        ]
        return "\n".join(lines) + "\n"

    def plain(self) -> str:
        """For the typesetter: no number is a link."""
        return plain(self.marked)

    def csv(self) -> str:
        """All traces as a table."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(field.name for field in fields(Trace))
        writer.writerows(astuple(trace) for trace in self.ledger.traces)
        return text.getvalue()


def environment() -> jinja2.Environment:
    """Of the template: a name that is not known ends it."""
    return jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )


def wanted(template: str) -> list[str]:
    """The files that a template reads, without filling it in.

    Raises:
        UserError: it is no template, or names a file otherwise than as a plain text.
    """
    found = []
    for call in _parsed(template).find_all(nodes.Call):
        asked = call.node.name if isinstance(call.node, nodes.Name) else ""
        if asked not in ("source", "figure"):
            continue
        path = call.args[0].value if call.args and isinstance(call.args[0], nodes.Const) else None
        if not isinstance(path, str):
            raise UserError(
                f"the paper's template, line {call.lineno}: {asked}() needs the path of a file as"
                " plain text"
            )
        found += [path] if asked == "source" else [f"{path}.{ending}" for ending in PICTURES]
    return list(dict.fromkeys(found))


def filled(
    template: str,
    text_of: Callable[[str], str],
    rules: Mapping[str, str],
    plan: Sequence[Mapping],
    names: Mapping[str, str],
) -> Page:
    """Fill the template in.

    Args:
        template: its text.
        text_of: gives the content of a result by its path.
        rules: the rule that makes each file that the template reads, see `wanted`.
        plan: rows of numbers of the configuration.
        names: what methods are called.

    Raises:
        UserError: a result is missing or lacks what the template asks for, or says otherwise than
            a sentence of the template.
    """
    _parsed(template)
    ledger = Ledger()

    def source(path: str) -> Source:
        return Source(path, read(path, text_of(path)), rules[path], ledger)

    try:
        text = (
            environment()
            .from_string(template)
            .render(
                source=source,
                figure=_figure,
                sure=_sure,
                plan=Source(PLAN, plan, "", ledger),
                names=names,
            )
        )
    except jinja2.UndefinedError as error:
        raise UserError(f"the paper's template: {error.message}") from None
    return Page(_with_files(text, ledger), ledger)


def _parsed(template: str) -> nodes.Template:
    try:
        return environment().parse(template)
    except jinja2.TemplateSyntaxError as error:
        raise UserError(f"the paper's template, line {error.lineno}: {error.message}") from None


def _sure(holds: bool, sentence: str) -> str:
    """Nothing, where the results are as a sentence of the template says."""
    if not holds:
        raise UserError(
            f"the paper says that {sentence}, and the results no longer do: its template must say"
            " something else"
        )
    return ""


def _figure(path: str, number: int, caption: str, alt: str) -> str:
    """A figure with its caption."""
    return f"![{alt}]({relative(path)}.{PICTURES[0]})\n\n**Figure {number}.** {caption}"


def relative(path: str) -> str:
    """A path as a link in the paper."""
    return os.path.relpath(path, FOLDER)


def _linked(trace: Trace) -> str:
    # Sentences that were filled in are no links; the files of a section stand at its end.
    if not re.search("[0-9]", trace.shown) or " " in trace.shown:
        return trace.shown
    title = "; ".join(filter(None, [trace.rule and f"rule {trace.rule}", trace.row, trace.column]))
    return f'[{trace.shown}]({relative(trace.file)} "{title.replace(chr(34), chr(39))}")'


def _with_files(text: str, ledger: Ledger) -> str:
    """The text with the files of each section at its end."""
    sections = re.split(r"(?m)^(?=#{2,3} )", text)
    told = (f"{section.rstrip()}\n\n{_files(section, ledger)}" for section in sections)
    return "".join(told).rstrip()


def _files(section: str, ledger: Ledger) -> str:
    rules = {trace.file: trace.rule for trace in ledger.found(section)}
    if not rules:
        return ""
    named = [
        f"[{path}]({relative(path)}) ({f'rule `{rule}`' if rule else 'written by hand'})"
        for path, rule in sorted(rules.items())
    ]
    return f"*Filled in from {', '.join(named)}.*\n\n"
