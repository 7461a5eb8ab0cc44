"""Readings of what the paper leaves open, each a change of the one that is fitted: pure data."""

from typing import NamedTuple

MEANS = ("policy", "tokens", "all", "batch", "rollout")
SHARES = ("signed", "undivided", "absolute", "softmax")
REVERSED, PRINTED = "reversed", "printed"
_FITTED = {
    "reinforce_direction": REVERSED,
    "adv_weighted_direction": REVERSED,
    "hybrid_sparse_direction": PRINTED,
    "credit_mean": "rollout",
    "credit_share": "signed",
    "kl_on_baselines": True,
}


class Rule(NamedTuple):
    """How a number of the paper is read.

    Attributes:
        correlation: the statistic that table 2 prints, see `simulate.STATISTICS`.
        ddof: figure 6's SD divides by the number of landscapes less this.
        negated: methods whose published correlation has the wrong sign.
    """

    correlation: str = "correlation"
    ddof: int = 0
    negated: tuple[str, ...] = ()


PLAIN_RULE = Rule()


class Reading(NamedTuple):
    """One way to read the paper.

    Attributes:
        question: what it answers.
        name: its answer.
        changes: group -> keys of the setting.
        methods: of which the runs differ from those of `FITTED`.
        rule: how published numbers are read.
    """

    question: str
    name: str
    changes: dict[str, dict]
    methods: tuple[str, ...] = ()
    rule: Rule = PLAIN_RULE


def _methods(question: str, name: str, methods: tuple[str, ...], rule: Rule = PLAIN_RULE, **keys):
    return Reading(question, name, {"methods": _FITTED | keys}, methods, rule)


def _feedback(question: str, name: str, methods: tuple[str, ...], **keys) -> Reading:
    return Reading(question, name, {"methods": _FITTED, "feedback": keys}, methods)


FITTED = Reading("", "fitted", {"methods": _FITTED})
"""What the others are compared with."""

_SIGN = "printed, and table 2's sign an error"
CREDIT = "equation 5: q-bar, weight and direction"
READINGS = (
    FITTED,
    _methods("REINFORCE's direction", PRINTED, ("reinforce",), reinforce_direction=PRINTED),
    _methods(
        "REINFORCE's direction", _SIGN, ("reinforce",), Rule(negated=("reinforce",)),
        reinforce_direction=PRINTED,
    ),
    *(
        _methods(
            CREDIT, f"{mean}, {share}, {direction}", ("adv_weighted",), credit_mean=mean,
            credit_share=share, adv_weighted_direction=direction,
        )
        for direction in (REVERSED, PRINTED)
        for share in SHARES
        for mean in (MEANS if share in ("signed", "undivided") else ("policy", "rollout"))
        if (mean, share, direction) != ("rollout", "signed", REVERSED)
    ),
    *(
        _methods(
            CREDIT, f"{mean}, signed, {_SIGN}", ("adv_weighted",), Rule(negated=("adv_weighted",)),
            credit_mean=mean, adv_weighted_direction=PRINTED,
        )
        for mean in MEANS
    ),
    *(
        _methods(
            "SD of equation 5's quality estimates", f"{sd:g}", ("adv_weighted",),
            credit_estimate_sd=sd,
        )
        for sd in (0.25, 1.0)
    ),
    _methods("epsilon of equation 5", "0.001", ("adv_weighted",), credit_epsilon=1e-3),
    _methods(
        "lambda on the baselines", "no", ("reinforce", "adv_weighted"),
        kl_on_baselines=False,
    ),
    _methods(
        "direction of the hybrid's REINFORCE part", REVERSED, ("hybrid",),
        hybrid_sparse_direction=REVERSED,
    ),
    _feedback("noisy feedback is clipped", "no", ("sdpo", "hybrid"), clip=False),
    _feedback("ordinal level k of K", "(k - 1) / (K - 1)", ("sdpo",), ordinal_scale="unit"),
    _feedback("hints", "per token, once", ("sdpo", "hybrid"), hint_draw="fixed"),
    _feedback("hints", "per position", ("sdpo", "hybrid"), hint_shape="position"),
    Reading(
        "steps that table 2 averages", "all", {"methods": _FITTED},
        rule=Rule(correlation="whole_correlation"),
    ),
    Reading("figure 6's SD divides by", "n - 1", {"methods": _FITTED}, rule=Rule(ddof=1)),
)  # fmt: skip
