"""How methods and feedbacks are called and ordered wherever a reader sees them."""

from collections.abc import Iterable

METHOD_LABELS = {
    "sdpo": "SDPO",
    "reinforce": "REINFORCE",
    "adv_weighted": "Adv-Weighted",
    "hybrid": "Hybrid",
}
FEEDBACK_LABELS = {
    "binary": "Binary",
    "ordinal": "Ordinal",
    "continuous": "Continuous",
    "critique": "Critique",
}


def method_label(name: str) -> str:
    """Return the label of a method; one the paper does not know keeps its own name."""
    return METHOD_LABELS.get(name, name)


def feedback_label(name: str) -> str:
    """Return the label of a feedback; one the paper does not know keeps its own name."""
    return FEEDBACK_LABELS.get(name, name)


def ordered_methods(names: Iterable[str]) -> list[str]:
    """Return the distinct methods: the paper's in the paper's order, then the others by name."""
    return _ordered(names, list(METHOD_LABELS))


def ordered_feedbacks(names: Iterable[str]) -> list[str]:
    """Return the distinct feedbacks: the paper's in the paper's order, then the others by name."""
    return _ordered(names, list(FEEDBACK_LABELS))


def _ordered(names: Iterable[str], known: list[str]) -> list[str]:
    present = set(names)
    return [name for name in known if name in present] + sorted(present - set(known))
