"""Entropy and distinct good sequences at equal reward: objectives, and what keeps them diverse."""

from sdposim.workflow.configuration.audit import TUNED
from sdposim.workflow.configuration.compositions import Method
from sdposim.workflow.configuration.studies import Finding, Study
from sdposim.workflow.configuration.testbed.systems import SYSTEMS

RATES = ["step_0_06", "step_0_2", "step_0_6", "step_2", "step_6", "step_20"]
"""Of the audit's; a larger one leaps over shares of the gain."""
KEPT = [
    *range(20), 22, 24, 26, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107, 118, 130,
    143, 157, 173, 190, 209, 230, 253, 278, 300,
]  # fmt: skip
"""Each at most a tenth more than the one before, so that the way to any reward is seen."""
_UNCLIPPED = {"clip_low": 1.0, "clip_high": 1000.0}
_BASE = SYSTEMS["reinforce_judged"]
_PPO = SYSTEMS["ppo"]
REGULARISED: dict[str, dict] = {
    "entropy_0_003": {
        **_BASE,
        "label": "Entropy bonus 0.003",
        "note": "As `reinforce_judged`, with a bonus for the policy's entropy.",
        "regulariser": {"entropy_bonus": {"weight": 0.003}},
        "look": {"colour": "#EE7733", "dashes": "dotted", "marker": "^", "hatch": "....."},
    },
    "entropy_0_01": {
        **_BASE,
        "label": "Entropy bonus 0.01",
        "note": "As `entropy_0_003`, a larger one.",
        "regulariser": {"entropy_bonus": {"weight": 0.01}},
        "look": {"colour": "#EE7733", "dashes": "solid", "marker": "v", "hatch": ""},
    },
    "forward_kl_to_start": {
        **_BASE,
        "label": "Forward KL to start",
        "note": "As `reinforce_judged`, pulled by KL(initial || student), the paper's lambda.",
        "regulariser": {"pull": {"weight": 0.01}},
        "look": {"colour": "#009988", "dashes": "dashed", "marker": "s", "hatch": "/////"},
    },
    "reverse_kl_to_start": {
        **_BASE,
        "label": "Reverse KL to start",
        "note": "As `reinforce_judged`, pulled by KL(student || initial).",
        "regulariser": {"reverse_kl_pull": {"weight": 0.01}},
        "look": {"colour": "#009988", "dashes": "solid", "marker": "D", "hatch": ""},
    },
    "clip_cov": {
        **_PPO,
        "label": "Clip-Cov",
        "note": "As `ppo`, without the gradient of the tokens of highest covariance, "
        "arXiv 2505.22617. Lost: chance and bounds in the choice of these.",
        "credit": {"clipped_ratio": {"covariance": "clip"}},
        "look": {"colour": "#777777", "dashes": "dotted", "marker": "*", "hatch": "ooo"},
    },
    "kl_cov": {
        **_PPO,
        "label": "KL-Cov",
        "note": "As `ppo`, with a penalty in the place of clipping on the tokens of highest "
        "covariance, arXiv 2505.22617. Lost: lengths, several prompts.",
        "credit": {"clipped_ratio": {"covariance": "penalty", **_UNCLIPPED}},
        "look": {"colour": "#000000", "dashes": "dashed", "marker": "*", "hatch": "ooo"},
    },
}
"""Systems with something that keeps them diverse, by name, each but for one thing its system."""
METHODS = [
    "reinforce_judged", "entropy_0_003", "entropy_0_01", "forward_kl_to_start",
    "reverse_kl_to_start", "grpo", "ppo", "dapo", "clip_cov", "kl_cov", "dpo", "rlrt", "srpo",
    "sdpo_peer", "success_teacher", "sdpo",
]  # fmt: skip


def methods() -> dict[str, Method]:
    """Systems with something that keeps them diverse."""
    return {name: Method(**own) for name, own in REGULARISED.items()}


def studies() -> dict[str, Study]:
    """One, whose policies are kept along training and evaluated by all sequences."""
    return {
        "diversity": Study(
            settings=RATES,
            methods=METHODS,
            feedbacks=["continuous"],
            noise=[0.1],
            policies=KEPT,
            **{**TUNED, "seeds": 96},
            testbed={"diversity": Finding(kind="diversity")},
        ),
    }
