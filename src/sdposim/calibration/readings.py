"""The readings that a search for the paper's settings starts from, whatever the preset holds."""

_PRINTED = {
    "landscape": {"seed": 0, "generator": "keyed", "order": ["quality", "bigram", "target"]},
    "feedback": {
        "clip": True,
        "ordinal_scale": "fraction",
        "hint_shape": "token",
        "hint_draw": "rollout",
    },
    "methods": {
        "kl_on_baselines": True,
        "reinforce_direction": "printed",
        "adv_weighted_direction": "printed",
        "hybrid_sparse_direction": "printed",
        "credit_mean": "policy",
        "credit_share": "signed",
        "credit_epsilon": 1e-8,
        "credit_estimate_sd": 0.0,
        "hybrid_threshold": 1.0,
    },
}


def printed(setting: dict) -> dict:
    """A setting with the equations as printed on a landscape of this project's own.

    The preset is what searches find: one that read it would run again for its own result.
    """
    return {group: content | _PRINTED.get(group, {}) for group, content in setting.items()}
