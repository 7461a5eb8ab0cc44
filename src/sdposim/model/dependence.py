"""Which keys of a setting are which parameters of parts, and which of them a job reads.

A job depends on exactly these, so an edit of tau retrains the hybrid and nothing else. A test
changes every other key and checks that no bit of the log changes.
"""

from typing import Any

from sdposim.model import parts
from sdposim.model.compositions import FEEDBACKS, METHODS, named, sees

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


def composed_method(settings: dict, method: str) -> tuple[dict, dict]:
    """A method of the paper, as a setting reads the paper, and the parameters of parts.

    Args:
        settings: a setting, or what `relevant` leaves of it.
        method: a name of `METHODS`.
    """
    keys = settings["methods"]
    made = dict(METHODS[method])
    if method == "hybrid" and "hybrid_sparse_direction" in keys:
        made["credit"] = {"sequence": {"direction": keys["hybrid_sparse_direction"]}}
    if "divergence" not in made and not keys.get("kl_on_baselines", True):
        del made["regulariser"]
    return made, _by_part(keys, METHOD_KEYS)


def composed_feedback(settings: dict, feedback: str) -> tuple[dict, dict]:
    """A feedback of the paper, and the parameters of parts in a setting."""
    return FEEDBACKS[feedback], _by_part(settings["feedback"], FEEDBACK_KEYS)


def _by_part(keys: dict[str, Any], known: dict[str, tuple[str, str]]) -> dict[str, dict]:
    made: dict[str, dict] = {}
    for key, (part, parameter) in known.items():
        if key in keys:
            made.setdefault(part, {})[parameter] = keys[key]
    return made


def declared(key: str) -> parts.Field:
    """What a part declares of a key of the `methods` or `feedback` group."""
    part, parameter = (METHOD_KEYS | FEEDBACK_KEYS)[key]
    slots = (*parts.UPDATE, *parts.JUDGE)
    owner = next(parts.parts(slot)[part] for slot in slots if part in parts.parts(slot))
    return getattr(owner.settings, parameter)


def relevant(settings: dict, method: str, feedback: str) -> dict:
    """The settings that a method reads under a feedback: `settings` without the other keys."""
    kept = {group: dict(values) for group, values in settings.items()}
    if settings["landscape"]["generator"] == "keyed":
        del kept["landscape"]["order"]
    chosen = METHODS[method]
    own = {
        "kl_on_baselines": "divergence" not in chosen,
        "hybrid_sparse_direction": method == "hybrid",
    }
    # The hybrid says the direction of its credit itself.
    read = {name for name, said in map(named, chosen.values()) if not said}
    kept["methods"] = {
        key: value
        for key, value in settings["methods"].items()
        if own.get(key, key in METHOD_KEYS and METHOD_KEYS[key][0] in read)
    }
    seen = set(map(str, FEEDBACKS[feedback].values())) if sees(chosen, "feedback") else set()
    kept["feedback"] = {
        key: value for key, value in settings["feedback"].items() if FEEDBACK_KEYS[key][0] in seen
    }
    return kept
