"""Readings of the paper, each a change of the one that is fitted: pure data."""

from sdposim.calibration.jointfit.reading import (
    FITTED,
    PLAIN_RULE,
    PRINTED,
    REVERSED,
    Reading,
    Rule,
)
from sdposim.calibration.readings import changed
from sdposim.model.paper import METHODS

MEANS = ("policy", "tokens", "all", "batch", "rollout")
SHARES = ("signed", "undivided", "absolute", "softmax")
_SIGN = "printed, and table 2's sign an error"
CREDIT = "equation 5: q-bar, weight and direction"
BASELINES = ("reinforce", "adv_weighted")
_UNREGULARISED = {
    name: {slot: part for slot, part in METHODS[name].items() if slot != "regulariser"}
    for name in BASELINES
}


def _reading(
    question: str, name: str, read_by: tuple[str, ...], rule: Rule = PLAIN_RULE, **changes
):
    return Reading(question, name, changed(FITTED.changes, changes), read_by, rule)


def _sequence(direction: str) -> dict:
    return {"sequence": {"direction": direction}}


def _share(**parameters) -> dict:
    return {"quality_share": parameters}


READINGS = (
    FITTED,
    _reading("REINFORCE's direction", PRINTED, ("reinforce",), update=_sequence(PRINTED)),
    _reading(
        "REINFORCE's direction", _SIGN, ("reinforce",), Rule(negated=("reinforce",)),
        update=_sequence(PRINTED),
    ),
    *(
        _reading(
            CREDIT, f"{mean}, {share}, {direction}", ("adv_weighted",),
            update=_share(mean=mean, share=share, direction=direction),
        )
        for direction in (REVERSED, PRINTED)
        for share in SHARES
        for mean in (MEANS if share in ("signed", "undivided") else ("policy", "rollout"))
        if (mean, share, direction) != ("rollout", "signed", REVERSED)
    ),
    *(
        _reading(
            CREDIT, f"{mean}, signed, {_SIGN}", ("adv_weighted",), Rule(negated=("adv_weighted",)),
            update=_share(mean=mean, direction=PRINTED),
        )
        for mean in MEANS
    ),
    *(
        _reading(
            "SD of equation 5's quality estimates", f"{sd:g}", ("adv_weighted",),
            update=_share(estimate_sd=sd),
        )
        for sd in (0.25, 1.0)
    ),
    _reading("epsilon of equation 5", "0.001", ("adv_weighted",), update=_share(epsilon=1e-3)),
    _reading("lambda on the baselines", "no", BASELINES, methods=_UNREGULARISED),
    _reading(
        "direction of the hybrid's REINFORCE part", REVERSED, ("hybrid",),
        methods={"hybrid": METHODS["hybrid"] | {"credit": _sequence(REVERSED)}},
    ),
    _reading(
        "noisy feedback is clipped", "no", ("sdpo", "hybrid"), judge={"interval": {"clip": False}}
    ),
    _reading(
        "ordinal level k of K", "(k - 1) / (K - 1)", ("sdpo",), judge={"likert": {"origin": "unit"}}
    ),
    _reading(
        "hints", "per token, once", ("sdpo", "hybrid"), judge={"normal": {"draw": "fixed"}}
    ),
    _reading(
        "hints", "per position", ("sdpo", "hybrid"), judge={"normal": {"shape": "position"}}
    ),
    Reading(
        "steps that table 2 averages", "all", FITTED.changes,
        rule=Rule(correlation="whole_correlation"),
    ),
    Reading("figure 6's SD divides by", "n - 1", FITTED.changes, rule=Rule(ddof=1)),
)  # fmt: skip
