"""Readings of the paper, each a change of the one that is fitted: pure data."""

from sdposim.calibration.jointfit.reading import (
    FITTED,
    PLAIN_RULE,
    PRINTED,
    REVERSED,
    Reading,
    Rule,
)

MEANS = ("policy", "tokens", "all", "batch", "rollout")
SHARES = ("signed", "undivided", "absolute", "softmax")
_SIGN = "printed, and table 2's sign an error"
CREDIT = "equation 5: q-bar, weight and direction"


def _methods(question: str, name: str, methods: tuple[str, ...], rule: Rule = PLAIN_RULE, **keys):
    return Reading(question, name, {"methods": FITTED.changes["methods"] | keys}, methods, rule)


def _feedback(question: str, name: str, methods: tuple[str, ...], **keys) -> Reading:
    return Reading(question, name, FITTED.changes | {"feedback": keys}, methods)


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
        "steps that table 2 averages", "all", FITTED.changes,
        rule=Rule(correlation="whole_correlation"),
    ),
    Reading("figure 6's SD divides by", "n - 1", FITTED.changes, rule=Rule(ddof=1)),
)  # fmt: skip
