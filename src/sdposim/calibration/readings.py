"""The readings that a search for the paper's settings starts from, whatever the preset holds."""

from typing import Any

_PRINTED = {
    "landscape": {"seed": 0, "generator": "keyed", "order": ["quality", "bigram", "target"]},
    "judge": {
        "interval": {"clip": True},
        "likert": {"origin": "fraction"},
        "normal": {"shape": "token", "draw": "rollout"},
    },
    "update": {
        "sequence": {"direction": "printed"},
        "quality_share": {
            "direction": "printed",
            "mean": "policy",
            "share": "signed",
            "epsilon": 1e-8,
            "estimate_sd": 0.0,
        },
        "gate": {"threshold": 1.0},
    },
}


def printed(setting: dict) -> dict:
    """A setting with the equations as printed on a landscape of this project's own.

    The preset is what searches find: one that read it would run again for its own result.
    """
    return changed(setting, _PRINTED)


def changed(known: Any, changes: Any) -> Any:
    """Keys with values in which some have others; what has no keys is replaced."""
    if not (isinstance(known, dict) and isinstance(changes, dict)):
        return changes
    return known | {key: changed(known.get(key), value) for key, value in changes.items()}
