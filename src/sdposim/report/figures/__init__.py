"""Figures, one module per kind: adding a kind is adding a module.

Each module has

  draw(cells, curves, published, options) -> (Figure, DataFrame of the plotted data)

with the cells and curves of one study, values of the paper, of which the first of a cell is marked,
and `options`: `width` ("double", the default, or "single"), and where they are used
`vocabulary_size`, `landscapes` and `ddof`.
Modules are imported only when they are drawn, and not by this one, so an edit of one figure
changes the source digest of that figure alone.
"""

import importlib
import pkgutil
from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.figure import Figure

from sdposim.analysis.published import Value
from sdposim.storage.errors import UserError

FIGURES = {module.name: f"{__name__}.{module.name}" for module in pkgutil.iter_modules(__path__)}


def draw(
    kind: str,
    cells: pd.DataFrame,
    curves: pd.DataFrame,
    published: Sequence[Value],
    options: Mapping,
) -> tuple[Figure, pd.DataFrame]:
    """Draw a figure of a kind in `FIGURES`; see the module's docstring for the arguments.

    Raises:
      UserError: if the kind is unknown, or the study is not one that this kind can show.
    """
    if kind not in FIGURES:
        raise UserError(f"figure kind: {kind!r} is not one of {', '.join(sorted(FIGURES))}")
    return importlib.import_module(FIGURES[kind]).draw(cells, curves, published, options)
