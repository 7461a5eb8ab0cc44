"""What this project inferred before: the calibration's report of November 2026 (commit 1eef545)."""

POSTERIOR = {
    "quality_sd": (0.689, 0.770, 0.846),
    "bigram_sd": (0.0113, 0.148, 0.364),
    "pattern_weight": (0.0066, 0.106, 0.510),
    "initial_logit_sd": (0.0993, 0.107, 0.116),
    "feedback_strength": (1.70, 1.94, 2.30),
    "hint_sd": (0.0749, 0.419, 0.648),
    "hybrid_threshold": (0.0243, 0.141, 0.822),
}
"""Setting -> 5% quantile, median and 95% quantile, from tables 1 to 3."""
PRESET = {
    "quality_sd": 0.76,
    "bigram_sd": 0.3,
    "pattern_weight": 0.01,
    "initial_logit_sd": 0.11,
    "feedback_strength": 1.8,
    "hint_sd": 0.5,
    "hybrid_threshold": 0.15,
}
