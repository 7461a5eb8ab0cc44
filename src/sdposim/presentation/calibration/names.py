"""How the calibrated settings are called wherever a reader sees them."""

from typing import NamedTuple


class Named(NamedTuple):
    """A calibrated setting.

    Attributes:
      key: where it stands in the configuration.
      text: its name in tables.
      short: its name in figures, in mathtext.
      meaning: of a reading's values, for the table of priors.
    """

    key: str
    text: str
    short: str
    meaning: str = ""


PARAMETERS = {
    "quality_sd": Named("landscape.quality_sd", "SD of q", r"SD of $q$"),
    "bigram_sd": Named("landscape.bigram_sd", "SD of b", r"SD of $b$"),
    "pattern_weight": Named("landscape.pattern_weight", "pattern weight alpha", r"weight $\alpha$"),
    "initial_logit_sd": Named(
        "policy.initial_logit_sd", "SD of initial logits", "SD of initial logits"
    ),
    "feedback_strength": Named(
        "methods.feedback_strength", "feedback strength beta", r"strength $\beta$"
    ),
    "hint_sd": Named("feedback.hint_sd", "SD of hints", "SD of hints"),
    "hybrid_threshold": Named(
        "methods.hybrid_threshold", "hybrid threshold tau", r"threshold $\tau$"
    ),
}
FITTED = tuple(name for name in PARAMETERS if name != "hybrid_threshold")
"""Those of which the tables can say something."""
READINGS = {
    "ordinal_scale": Named(
        "feedback.ordinal_scale",
        "ordinal scale",
        "ordinal scale",
        "level k of K becomes k / K (fraction) or (k - 1) / (K - 1) (unit)",
    ),
    "hint": Named(
        "feedback.hint_draw, feedback.hint_shape",
        "critique hint",
        "critique hint",
        "a number per token, anew for each rollout (rollout) or once (fixed); or one per position",
    ),
    "correlation_steps": Named(
        "analysis.correlation_steps",
        "steps of the correlation",
        "correlation over",
        "the mean over the final window or over all steps",
    ),
    "kl_on_baselines": Named(
        "methods.kl_on_baselines",
        "lambda term on baselines",
        r"$\lambda$ on baselines",
        "whether the baselines have the lambda term too",
    ),
    "clip": Named(
        "feedback.clip", "noisy feedback clipped", "noise clipped", "no effect without noise"
    ),
}
LANDSCAPE = Named("landscape.seed", "landscape", "landscape seed")
BY_CONSTRUCTION = ("hybrid_threshold", "clip")
"""No table depends on them, so their posterior is their prior."""

STATISTIC_LABELS = {
    "reward": "final reward",
    "entropy": "final entropy",
    "correlation": "credit correlation",
    "weight_first": "hybrid weight, first 10 steps",
    "weight_mean": "hybrid weight, mean",
    "weight_low": "hybrid weight, 5% quantile",
    "weight_high": "hybrid weight, 95% quantile",
    "mean": "mean over 5 landscapes",
    "sd": "SD over 5 landscapes",
}


def name_of(setting: str) -> str:
    """Return what a setting is called in tables."""
    return {**PARAMETERS, **READINGS, "landscape": LANDSCAPE}[setting].text


def quantity(statistic: str, method: str) -> str:
    """Return what a number is; REINFORCE's correlation says that it is a magnitude."""
    label = STATISTIC_LABELS[statistic]
    magnitude = statistic == "correlation" and method == "reinforce"
    return f"{label}, magnitude" if magnitude else label
