"""Judges with one bias each, which takes as much from each of them.

A judge is as good as the true reward explains what it observes: by R^2, their squared correlation
over the uniform policy's rollouts, with noise of `NOISE`, before feedback is limited to [0, 1]. A
bias of x% leaves (1 - x/100) of the R^2 that the judge has without it. Where a bias adds something
that has nothing to do with the reward, x% is its share of the observed variance. So biases of one
strength can be compared, whatever their parameters.

The covariance and the two variances of an R^2 are means over the landscapes of the study's seeds,
over all their sequences; tests/test_biases.py has the formulas, and solves them for another level.
"""

from sdposim.workflow.configuration.audit import STEPS, TUNED
from sdposim.workflow.configuration.compositions import Feedback
from sdposim.workflow.configuration.studies import Finding, Study

NOISE = 0.1
SEEDS = 48
LEVELS = (35, 70)
"""Percent; no anchoring takes more than 73."""
STRENGTHS: dict[str, tuple[str, str, tuple[str, ...], tuple[float, ...]]] = {
    "style": ("Style", "c", ("strength",), (0.496, 1.034)),
    "length": ("Length", "c", ("strength",), (0.324, 0.680)),
    "constitution": ("Principles", "c", ("strength",), (1.062, 2.216)),
    "anchoring": ("Anchoring", "a", ("share",), (0.465, 0.928)),
    "self_preference": ("Self-preference", "k", ("strength",), (0.100, 0.209)),
    "leniency": ("Leniency", "a", ("share",), (0.294, 0.568)),
    "adversarial": ("Adversarial", "share", ("share",), (0.0924, 0.220)),
    "raters": ("Raters", "SDs", ("offset_sd", "scale_sd"), (0.0894, 0.186)),
    "flips": ("False passes", "rate", ("false_pass",), (0.207, 0.530)),
}
"""A bias -> its label, what its parameter is called, the parameters, and their value by level.

Self-preference is standardised by batch, so its levels are those of the initial policy.
"""
METHODS = ["sdpo", "sdpo_peer", "success_teacher", "srpo", "reinforce_judged", "grpo",
           "dpo"]  # fmt: skip
RATES = [name for name, rate in STEPS.items() if rate >= 0.6]
_ALONE = {"flips": {"false_fail": 0.0}}
"""What is turned off beside a bias's parameters."""
_BINARY = "flips"
"""The bias of binary feedback; without it that is `flips_0`, for its R^2 is another one."""


def feedbacks() -> dict[str, Feedback]:
    """`<bias>_<percent>`, as the page reads it."""
    return {
        f"{bias}_{level}": _judge(bias, level)
        for bias in STRENGTHS
        for level in ((0, *LEVELS) if bias == _BINARY else LEVELS)
    }


def _judge(bias: str, level: int) -> Feedback:
    label, symbol, names, values = STRENGTHS[bias]
    parts = {"noise": "gaussian", "scale": "threshold" if bias == _BINARY else "interval"}
    if level == 0:
        return Feedback(label=f"{label}, 0%", **parts)
    value = values[LEVELS.index(level)]
    own = dict.fromkeys(names, value) | _ALONE.get(bias, {})
    return Feedback(label=f"{label}, {level}%: {symbol} {value:g}", bias={bias: own}, **parts)


def studies() -> dict[str, Study]:
    """Families of methods under judges without a bias, and with ever more of each."""
    return {
        "biased_judges": Study(
            settings=RATES,
            methods=METHODS,
            feedbacks=["continuous", *feedbacks()],
            noise=[NOISE],
            **{**TUNED, "seeds": SEEDS},
            testbed={"biased_judges": Finding(kind="biased_judges")},
        )
    }
