"""The paper's methods and feedbacks, and the keys of a setting that are parameters of their parts.

No training job depends on this module: its spec says the parts and their parameters. So one more
method or key here retrains nothing.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from sdposim.model import cells, parts
from sdposim.model.compositions import completed, sees

_SDPO = {"guidance": "oracle", "base": "live", "divergence": "forward_kl", "regulariser": "pull"}
_REINFORCE = {"advantage": "batch_mean", "credit": "sequence", "regulariser": "pull"}
METHODS: dict[str, dict] = {
    "sdpo": _SDPO,
    "reinforce": _REINFORCE,
    "adv_weighted": _REINFORCE | {"credit": "quality_share"},
    "hybrid": _SDPO | _REINFORCE | {"blend": "gate"},
}
"""Sections 2.3 to 2.5: the paper's methods."""
FEEDBACKS: dict[str, dict] = {
    "binary": {"scale": "threshold"},
    "ordinal": {"scale": "likert"},
    "continuous": {"scale": "interval"},
    "critique": {"scale": "interval", "hints": "normal"},
}
"""Section 2.2: the paper's feedbacks."""
METHOD_KEYS = {
    "feedback_strength": ("oracle", "strength"),
    "hybrid_threshold": ("gate", "threshold"),
    "reinforce_direction": ("sequence", "direction"),
    "adv_weighted_direction": ("quality_share", "direction"),
    "credit_mean": ("quality_share", "mean"),
    "credit_share": ("quality_share", "share"),
    "credit_epsilon": ("quality_share", "epsilon"),
    "credit_estimate_sd": ("quality_share", "estimate_sd"),
    "kl_weight": ("pull", "weight"),
}
"""Keys of the `methods` group: the parameters of parts that they are."""
FEEDBACK_KEYS = {
    "clip": ("interval", "clip"),
    "binary_threshold": ("threshold", "cut"),
    "ordinal_levels": ("likert", "levels"),
    "ordinal_scale": ("likert", "origin"),
    "hint_sd": ("normal", "sd"),
    "hint_shape": ("normal", "shape"),
    "hint_draw": ("normal", "draw"),
}
"""Keys of the `feedback` group, likewise."""


def composed(settings: dict, method: str, feedback: str) -> tuple[dict, dict]:
    """A method and a feedback by parts with every parameter that they read, see `completed`.

    Args:
        settings: a setting.
        method: a name of `METHODS`.
        feedback: a name of `FEEDBACKS`.

    Returns:
        The method, and the feedback, which is empty if the method does not see it.
    """
    keys = settings["methods"]
    update = dict(METHODS[method])
    if _is_sparse(update):
        update["credit"] = {"sequence": {"direction": keys["hybrid_sparse_direction"]}}
    if "divergence" not in update and not keys["kl_on_baselines"]:
        update.pop("regulariser", None)
    judge = FEEDBACKS[feedback] if sees(update, "feedback") else {}
    return (
        completed(update, _by_part(keys, METHOD_KEYS)),
        completed(judge, _by_part(settings["feedback"], FEEDBACK_KEYS)),
    )


def _is_sparse(update: dict) -> bool:
    """Whether credit is the hybrid's REINFORCE part, whose direction has a key of its own."""
    return "blend" in update and "sequence" in update["credit"]


def _by_part(keys: dict[str, Any], known: dict[str, tuple[str, str]]) -> dict[str, dict]:
    made: dict[str, dict] = {}
    for key, (part, parameter) in known.items():
        made.setdefault(part, {})[parameter] = keys[key]
    return made


def reads(settings: dict, method: str, feedback: str) -> set[tuple[str, str]]:
    """The keys of the `methods` and `feedback` groups, as (group, key), that a cell depends on."""
    update, judge = composed(settings, method, feedback)
    own = {name for choice in (*update.values(), *judge.values()) for name in choice}
    groups = {"methods": METHOD_KEYS, "feedback": FEEDBACK_KEYS}
    read = {
        (group, key)
        for group, keys in groups.items()
        for key, (part, _) in keys.items()
        if part in own
    }
    if _is_sparse(update):
        read ^= {("methods", "reinforce_direction"), ("methods", "hybrid_sparse_direction")}
    if "divergence" not in update and "regulariser" in METHODS[method]:
        read.add(("methods", "kl_on_baselines"))
    return read


def declared(key: str) -> parts.Field:
    """What a part declares of a key of the `methods` or `feedback` group."""
    part, parameter = (METHOD_KEYS | FEEDBACK_KEYS)[key]
    slots = (*parts.UPDATE, *parts.JUDGE)
    owner = next(parts.parts(slot)[part] for slot in slots if part in parts.parts(slot))
    return getattr(owner.settings, parameter)


def train_block(
    settings: dict,
    method: str,
    feedback: str,
    noise: float,
    seeds: Sequence[int],
    row_ends=None,
    **options: Any,
) -> Iterator[np.ndarray]:
    """`cells.train_block` with the names of a method and a feedback; `settings` is a setting."""
    composition = composed(settings, method, feedback)
    try:
        yield from cells.train_block(settings, *composition, noise, seeds, row_ends, **options)
    except FloatingPointError as error:
        raise FloatingPointError(f"method {method}, feedback {feedback}: {error}") from None


def train(
    settings: dict,
    method: str,
    feedback: str,
    noise: float,
    seed: int,
    row_ends=None,
    **options: Any,
) -> np.ndarray:
    """Train one cell and return its log, float64 (rows, 5), columns as in `METRICS`.

    Arguments as in `train_block` and `cells.train_block`; a metric that the method does not have is
    NaN.
    """
    return next(train_block(settings, method, feedback, noise, [seed], row_ends, **options))[0]
