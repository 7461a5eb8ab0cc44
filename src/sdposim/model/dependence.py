"""Which settings a (method, feedback) pair reads.

A job depends on exactly these, so an edit of tau retrains the hybrid and nothing else. A test
changes every other key and checks that no bit of the log changes.
"""

SEES_FEEDBACK = ("sdpo", "hybrid")

_METHODS = {
    "feedback_strength": SEES_FEEDBACK,
    "hybrid_threshold": ("hybrid",),
    "hybrid_sparse_direction": ("hybrid",),
    "reinforce_direction": ("reinforce",),
    "adv_weighted_direction": ("adv_weighted",),
    "credit_mean": ("adv_weighted",),
    "credit_share": ("adv_weighted",),
    "credit_epsilon": ("adv_weighted",),
    "credit_estimate_sd": ("adv_weighted",),
    "kl_on_baselines": ("reinforce", "adv_weighted"),
}
_FEEDBACKS = {
    "clip": ("continuous", "critique"),
    "binary_threshold": ("binary",),
    "ordinal_levels": ("ordinal",),
    "ordinal_scale": ("ordinal",),
    "hint_sd": ("critique",),
    "hint_shape": ("critique",),
    "hint_draw": ("critique",),
}
# Any valid value does where a key is not read.
_UNREAD = {
    "landscape": {"order": ["quality", "bigram", "target"]},
    "methods": {
        "feedback_strength": 1.0,
        "hybrid_threshold": 1.0,
        "hybrid_sparse_direction": "printed",
        "reinforce_direction": "printed",
        "adv_weighted_direction": "printed",
        "credit_mean": "policy",
        "credit_share": "signed",
        "credit_epsilon": 1.0,
        "credit_estimate_sd": 0.0,
        "kl_on_baselines": True,
    },
    "feedback": {
        "clip": True,
        "binary_threshold": 0.5,
        "ordinal_levels": 2,
        "ordinal_scale": "fraction",
        "hint_sd": 0.0,
        "hint_shape": "token",
        "hint_draw": "rollout",
    },
}


def relevant(settings: dict, method: str, feedback: str) -> dict:
    """The settings that a method reads under a feedback: `settings` without the other keys."""
    sees = method in SEES_FEEDBACK
    kept = {group: dict(values) for group, values in settings.items()}
    if settings["landscape"]["generator"] == "keyed":
        del kept["landscape"]["order"]
    kept["methods"] = {
        name: value
        for name, value in settings["methods"].items()
        if method in _METHODS.get(name, (method,))
    }
    kept["feedback"] = {
        name: value
        for name, value in settings["feedback"].items()
        if sees and feedback in _FEEDBACKS.get(name, (feedback,))
    }
    return kept


def complete(settings: dict) -> dict:
    """Fill what `relevant` left out, so that the kernel gets all its inputs."""
    return settings | {group: unread | settings[group] for group, unread in _UNREAD.items()}
