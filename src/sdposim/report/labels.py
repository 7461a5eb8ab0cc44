"""How methods and feedbacks are called, ordered and drawn wherever a reader sees them.

The configuration says it, and whoever makes a table or a figure gives it as `named`; without that
the paper's are known.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

DASHES = ("solid", "dashed", "dashdot", "dotted")
MARKERS = ("o", "s", "^", "v", "P", "X", "<", ">", "p", "h", "D", "*")
HATCHES = ("", "/////", "\\\\\\\\\\", ".....", "xxxxx", "+++++", "-----", "|||||", "ooo")


def _look(colour: str, dashes: str, marker: str, hatch: str) -> dict[str, str]:
    return {"colour": colour, "dashes": dashes, "marker": marker, "hatch": hatch}


# After Paul Tol's high-contrast and bright schemes: hues that colour-blind readers can tell apart,
# in four steps of lightness, so that a greyscale print keeps them apart too.
METHODS = {
    "sdpo": {"label": "SDPO", "look": _look("#004488", "solid", "o", "")},
    "reinforce": {"label": "REINFORCE", "look": _look("#BB4455", "dashed", "s", "/////")},
    "adv_weighted": {
        "label": "Adv-Weighted",
        "look": _look("#44AA99", "dashdot", "^", "\\\\\\\\\\"),
    },
    "hybrid": {"label": "Hybrid", "look": _look("#DDAA33", "dotted", "v", ".....")},
}
"""The paper's methods."""
FEEDBACKS = {
    "binary": {"label": "Binary"},
    "ordinal": {"label": "Ordinal"},
    "continuous": {"label": "Continuous"},
    "critique": {"label": "Critique"},
}
"""The paper's feedbacks."""
_KNOWN = ContextVar("known", default=(METHODS, FEEDBACKS))


@contextmanager
def named(methods: Sequence[dict], feedbacks: Sequence[dict]) -> Iterator[None]:
    """Call, order and draw methods and feedbacks as the configuration says, in this context.

    Args:
      methods: in their order, each with its `name`, and perhaps with a `label` and a `look`.
      feedbacks: in their order, each with its `name`, and perhaps with a `label`.
    """
    known = tuple({own["name"]: own for own in group} for group in (methods, feedbacks))
    token = _KNOWN.set(known)
    try:
        yield
    finally:
        _KNOWN.reset(token)


def method_label(name: str) -> str:
    """Return the label of a method; one without a label keeps its name."""
    return _known("label", 0, name) or name


def feedback_label(name: str) -> str:
    """Return the label of a feedback; one without a label keeps its name."""
    return _known("label", 1, name) or name


def method_look(name: str) -> dict[str, str] | None:
    """Return `colour`, `dashes`, `marker` and `hatch` of a method, if it has a look of its own."""
    return _known("look", 0, name)


def _known(what: str, group: int, name: str):
    return _KNOWN.get()[group].get(name, {}).get(what)


def ordered_methods(names: Iterable[str]) -> list[str]:
    """Return the distinct methods: those that are known in their order, then others by name."""
    return _ordered(names, _KNOWN.get()[0])


def ordered_feedbacks(names: Iterable[str]) -> list[str]:
    """Return the distinct feedbacks: those that are known in their order, then others by name."""
    return _ordered(names, _KNOWN.get()[1])


def _ordered(names: Iterable[str], known: Iterable[str]) -> list[str]:
    present = set(names)
    return [name for name in known if name in present] + sorted(present - set(known))
