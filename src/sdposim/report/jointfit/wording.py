"""How the joint fit's numbers are called, and what its figures have in common."""

from sdposim.report.labels import feedback_label, method_label

SHARP = {"layout": "constrained", "dpi": 200}
"""Laid out at the resolution of the files: at a lower one, small labels measure too narrow."""

STATISTICS = {
    "reward": "final reward",
    "entropy": "final entropy",
    "correlation": "credit correlation",
    "initial_entropy": "initial entropy",
    "mean": "mean over landscapes",
    "sd": "SD over landscapes",
}


def statistic(name: str) -> str:
    """What a number is."""
    return STATISTICS.get(name, name)


def about(row) -> tuple[str, str, str]:
    """Method, feedback and noise of a row, as a reader sees them."""
    return method_label(row.method), feedback_label(row.feedback), f"{row.noise:g}"


WAYS = {
    "any": "any landscape",
    "given": "the true landscape",
    "sought": "the landscape is sought",
}
"""What a posterior of the settings supposes of the landscape."""
