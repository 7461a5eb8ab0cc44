"""Why a claim holds or falls: a figure and a paragraph of one study, one module per question.

Each module has

  draw(data) -> (Figure, DataFrame of the plotted data)
  words(data) -> the sentences of the paragraph

of the `Data` of one study. A sentence says only what the numbers show: every number in it is
formatted from them, and where a comparison could come out another way, the sentence does, too.
`demands.MECHANISMS` has the question of each. Modules are imported only when they are asked for, so
an edit of one changes the digest of its own pages alone.
"""

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from sdposim.analysis.published import Value
from sdposim.report.demands import MECHANISMS
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
    """

    cells: pd.DataFrame
    curves: pd.DataFrame
    settings: Mapping[str, dict]
    published: Sequence[Value]
    exact: pd.DataFrame | None = None


def written(kind: str, data: Data, stem: Path) -> list[Path]:
    """Write `<stem>.md`, the figure and its data, and return the files.

    Raises:
        UserError: a file cannot be written, or the study is not one that this kind can show.
    """
    module = importlib.import_module(f"{__name__}.{kind}")
    question, name = MECHANISMS[kind].text, stem.name
    page = f"# {question}\n\n![{question}]({name}.png)\n\n{paragraph(*module.words(data))}\n"
    files = write_figure(*module.draw(data), stem)
    write_atomically(stem.with_name(f"{name}.md"), page)
    return [stem.with_name(f"{name}.md"), *files]
