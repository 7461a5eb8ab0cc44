"""The look of every figure: one palette, one set of fonts, and files without dates."""

import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

import matplotlib
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from sdposim.report.files import write_endings
from sdposim.report.labels import DASHES, method_look

LINES = dict(zip(DASHES, ["-", (0, (4, 1.5)), (0, (5, 1.5, 1, 1.5)), (0, (1.5, 1))], strict=True))


@dataclass(frozen=True)
class Look:
    """How a method is drawn: by colour, and for greyscale also by line, marker and hatch."""

    colour: str
    dashes: str
    marker: str
    hatch: str

    @property
    def linestyle(self):
        return LINES[self.dashes]


# Of methods without a look of their own; none of these is a look of the paper's methods.
OTHER_COLOURS = ("#332288", "#882255", "#117733", "#AA4499", "#88CCEE", "#999933", "#661100")
OTHER_MARKERS = ("P", "X", "<", ">", "p", "h")
OTHER_HATCHES = ("xxxxx", "+++++", "-----", "|||||", "ooo")

# seaborn's colour-blind palette; lines and markers tell feedbacks apart in grey.
FEEDBACK_LOOKS = {
    "binary": ("#0173B2", "s", "dashed"),
    "binary_matched": ("#56B4E9", "D", "dotted"),
    "ordinal": ("#029E73", "^", "dashdot"),
    "continuous": ("#333333", "o", "solid"),
    "critique": ("#D55E00", "v", "dashed"),
    "critique_position": ("#949494", "P", "dotted"),
    "critique_loud": ("#DE8F05", "d", "dashdot"),
    "critique_louder": ("#A35A00", "*", "dotted"),
    "critique_fixed": ("#CC78BC", "X", "dashdot"),
    "uninformative": ("#8B5E3C", "h", "dotted"),
    "shuffled": ("#CA9161", "p", "dashdot"),
}
"""Colour, marker and line: none is the colour of a method."""

NEUTRAL = "#444444"
PUBLISHED_MARKER = "D"
NO_METHOD = Look(NEUTRAL, "solid", PUBLISHED_MARKER, "")
"""Of a value that is no method's."""
SMALLEST = 7
"""Points of the smallest text of the paper's figures: 6.5 or more where one that is drawn 7 inches
wide is printed 6.5 inches wide."""
SHARP = {"layout": "constrained", "dpi": 200}
"""Laid out at the resolution of the files: at a lower one, small labels measure too narrow."""

SETTINGS = {
    "font.family": "DejaVu Sans",
    "mathtext.fontset": "dejavusans",
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7.5,
    "legend.frameon": False,
    "legend.handlelength": 2.6,
    "legend.columnspacing": 1.4,
    "axes.linewidth": 0.7,
    "lines.linewidth": 1.3,
    "lines.markersize": 3.6,
    "hatch.linewidth": 0.6,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "errorbar.capsize": 2,
    "savefig.dpi": 200,
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "sdposim",
}
METADATA = {
    "png": {"Software": None},
    "pdf": {"Creator": None, "Producer": None, "CreationDate": None},
    "svg": {"Creator": None, "Date": None, "Format": None, "Type": None},
}


def look(method: str) -> Look:
    """Return the look of a method.

    A method without one of its own gets one from a hash of its name, so that it looks the same in
    every figure and whatever other methods there are.
    """
    own = method_look(method)
    if own:
        return Look(**own)
    key = zlib.crc32(method.encode())
    key, colour = divmod(key, len(OTHER_COLOURS))
    key, marker = divmod(key, len(OTHER_MARKERS))
    key, hatch = divmod(key, len(OTHER_HATCHES))
    dashes = DASHES[key % 3]
    return Look(OTHER_COLOURS[colour], dashes, OTHER_MARKERS[marker], OTHER_HATCHES[hatch])


def feedback_look(name: str) -> Look:
    """One look per feedback in every figure; one without its own has that of a hash."""
    if name not in FEEDBACK_LOOKS:
        return look(name)
    colour, marker, dashes = FEEDBACK_LOOKS[name]
    return Look(colour, dashes, marker, "")


@contextmanager
def applied() -> Iterator[None]:
    """Draw in the project's style, whatever the reader's own matplotlib settings are."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(sns.axes_style("ticks"))
        matplotlib.rcParams.update(SETTINGS)
        yield


def write_figure(
    fig: Figure, data: pd.DataFrame, stem: Path, caption: tuple[str, str] | None = None
) -> list[Path]:
    """Write `<stem>.png`, `.pdf`, `.svg`, and the plotted data as `.csv` with 6 decimals.

    The same figure gives the same bytes: no dates, no random ids. All four are rendered before
    the first is written, and each appears complete or not at all. The caption, see
    `report.captions`, is what a screen reader says of the SVG.

    Returns:
        The files.
    """
    contents = {}
    with applied():
        _settle_layout(fig)
        for ending, metadata in METADATA.items():
            buffer = BytesIO()
            fig.savefig(buffer, format=ending, metadata=metadata)
            contents[ending] = buffer.getvalue()
    if caption:
        contents["svg"] = described(contents["svg"], stem.name, caption)
    numbers = data.select_dtypes("float").columns
    rounded = data.assign(**{name: data[name].round(6) + 0.0 for name in numbers})
    contents["csv"] = rounded.to_csv(index=False, lineterminator="\n").encode("utf-8")
    return write_endings(stem, contents)


def described(svg: bytes, name: str, caption: tuple[str, str]) -> bytes:
    """Return an SVG as an image with a title and a description.

    Args:
        svg: of Matplotlib, without them.
        name: of the figure, for the ids, which differ from those of other figures in a page.
        caption: what they say: a `report.captions.Caption`.
    """
    tag = re.search(rb"<svg [^>]*>", svg)
    ids = [f"{name}-title", f"{name}-desc"]
    texts = "".join(
        f'\n <{kind} id="{own}">{escape(text)}</{kind}>'
        for kind, own, text in zip(("title", "desc"), ids, caption, strict=True)
    )
    opened = tag[0][:-1] + f' role="img" aria-labelledby="{" ".join(ids)}">{texts}'.encode()
    return svg[: tag.start()] + opened + svg[tag.end() :]


def _settle_layout(fig: Figure) -> None:
    """Place the axes once, on a grid: the solver's last bits change from run to run."""
    fig.draw_without_rendering()
    fig.set_layout_engine("none")
    for axes in fig.axes:
        placed = axes.get_position(original=True)
        axes.set_position([round(value, _GRID_DIGITS) for value in placed.bounds])


_GRID_DIGITS = 7
"""Decimals of a position, as a share of the figure: far below a pixel."""
