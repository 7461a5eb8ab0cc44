"""The published numbers that a calibration reads: those it explains, and those kept out of the fit.

Nothing else of config/published.yaml is given to its steps, so that no other number reruns them.
"""

from sdposim.calibration.target import FEEDBACKS, METHODS, Tables

HYBRID_NOISE = 0.2
"""The noise of section 3.5 and figure 5."""


def published_tables(published: dict) -> Tables:
    """Tables 1 to 3 as published, REINFORCE's correlation in magnitude.

    Equation 4's correlation is positive by construction, so the published sign cannot be reached
    by any setting; its size can.
    """
    return {
        (method, feedback): (
            published["table1_final_reward"][method][feedback],
            published["table3_final_entropy"][method][feedback],
            _correlation(method, published["table2_credit_correlation"][method][feedback]),
        )
        for method in METHODS
        for feedback in FEEDBACKS
    }


def _correlation(method: str, value: float) -> float:
    return abs(value) if method == "reinforce" else value


def published_numbers(published: dict) -> dict[tuple, float]:
    """The published held-out numbers: (source, statistic, method, feedback, noise) -> value."""
    found = {
        ("noise", "reward", method, "continuous", float(noise)): value
        for method, values in published["figure4_reward_vs_noise"].items()
        for noise, value in values.items()
    }
    found |= {
        ("noise", "correlation", "sdpo", "continuous", float(noise)): value
        for noise, value in published["figure4_credit_vs_noise"]["sdpo"].items()
    }
    hybrid = published["hybrid_at_noise_0.2"]
    for feedback in ("continuous", "critique"):
        for method, values in hybrid[feedback].items():
            for statistic, value in values.items():
                found["hybrid", statistic, method, feedback, HYBRID_NOISE] = value
    figure = hybrid["alpha_figure"]
    for feedback in ("continuous", "critique"):
        key = ("hybrid", feedback, HYBRID_NOISE)
        for statistic, value in (
            ("weight_first", figure[f"start_{feedback}"]),
            ("weight_low", figure["range"][0]),
            ("weight_high", figure["range"][1]),
        ):
            found["hybrid", statistic, *key] = value
    for method, values in published["figure6_multi_seed"].items():
        for statistic, value in values.items():
            found["multi_seed", statistic, method, "continuous", 0.0] = value
    return found
