"""Why a claim holds or falls: a figure and a paragraph of one study, one module per question.

`report.testbed` has modules of the same form, each of whose texts is a paragraph.

Each module has

  draw(data) -> (Figure, DataFrame of the plotted data)
  words(data) -> the sentences of the paragraph

of the `Data` of one study, and perhaps

  table(data) -> markdown that stands below the paragraph.

A sentence says only what the numbers show: every number in it is formatted from them, and where a
comparison could come out another way, the sentence does, too. `demands.MECHANISMS` has the question
of each. Modules are imported only when they are asked for, so an edit of one changes the digest of
its own pages alone.
"""

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import pandas as pd

from sdposim.analysis.published import Value
from sdposim.report.demands import MECHANISMS, TESTBED
from sdposim.report.files import write_atomically
from sdposim.report.markdown import paragraph
from sdposim.report.style import write_figure


class Data(NamedTuple):
    """What a mechanism is drawn and told from.

    Attributes:
        cells: final values, a row per cell: setting, method, feedback, noise, seed, metrics.
        curves: means over seeds, a row per condition and logged step.
        settings: the study's settings, complete, by name in the order of the study.
        published: the values of the paper that the kind shows.
        exact: kept policies, a row per cell and step, see `commands.exact`; None if none are kept.
        costs: of a finding of the testbed, seconds that a method's cell is planned to take.
    """

    cells: pd.DataFrame
    curves: pd.DataFrame
    settings: Mapping[str, dict]
    published: Sequence[Value]
    exact: pd.DataFrame | None = None
    costs: Mapping[str, float] = MappingProxyType({})


def written(page: Sequence[str], data: Data, stem: Path) -> list[Path]:
    """Write `<stem>.md`, the figure and its data, and return the files.

    Args:
        page: `mechanisms` or `testbed`, and the kind.
        data: of the study.
        stem: path of the page without its ending.

    Raises:
        UserError: a file cannot be written, or the study is not one that this kind can show.
    """
    package, kind = page
    module = importlib.import_module(f"sdposim.report.{package}.{kind}")
    question, name = (MECHANISMS | TESTBED)[kind].text, stem.name
    said = list(module.words(data))
    # A mechanism is told in one paragraph; a finding has more to say.
    told = said if package == "testbed" else [" ".join(said)]
    text = (
        "\n\n".join([f"# {question}", f"![{question}]({name}.png)", *map(paragraph, told)]) + "\n"
    )
    if hasattr(module, "table"):
        text += f"\n{module.table(data)}\n"
    files = write_figure(*module.draw(data), stem, (question, told[0]))
    write_atomically(stem.with_name(f"{name}.md"), text)
    return [stem.with_name(f"{name}.md"), *files]
