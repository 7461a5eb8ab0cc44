"""Judges that err."""

_CONTINUOUS = {"noise": "gaussian", "scale": "interval"}
JUDGES: dict[str, dict] = {
    "lenient": {"label": "Lenient", "bias": "leniency", **_CONTINUOUS},
    "anchored": {"label": "Anchored", "bias": "anchoring", **_CONTINUOUS},
    "long": {"label": "Length", "bias": "length", **_CONTINUOUS},
    "styled": {"label": "Style", "bias": "style", **_CONTINUOUS},
    "selfish": {"label": "Self-preference", "bias": "self_preference", **_CONTINUOUS},
    "raters": {"label": "Raters", "bias": "raters", **_CONTINUOUS},
    "flipped": {"label": "Flipped", "bias": "flips", "noise": "gaussian", "scale": "threshold"},
    "adversarial": {"label": "Adversarial", "bias": "adversarial", **_CONTINUOUS},
    "heavy_tails": {"label": "Heavy tails", "noise": "student_t", "scale": "interval"},
    "rubric": {"label": "Rubric", "bias": "rubric", **_CONTINUOUS},
    "reference_based": {"label": "Reference-based", "bias": "reference_based", **_CONTINUOUS},
    "constitution": {"label": "Constitution", "bias": "constitution", **_CONTINUOUS},
    "self_rewarding": {"label": "Self-rewarding", "bias": "self_rewarding", **_CONTINUOUS},
    "preference": {"label": "Preference", "noise": "gaussian", "scale": "preference"},
}
"""Judges with one bias each, by name."""
