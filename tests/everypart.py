"""The paper's methods and feedbacks, and one more of each for a part that they do not have."""

import oracle_credits
import oracle_divergences
import oracle_judges
import oracle_ratios
import oracle_teachers
from sdposim.model import parts
from sdposim.model.compositions import named
from sdposim.model.paper import FEEDBACKS, METHODS

_SDPO, _HYBRID, _REINFORCE = METHODS["sdpo"], METHODS["hybrid"], METHODS["reinforce"]
_HOSTS = {"blend": _HYBRID, "routing": _HYBRID | {"blend": "total"}}
_HOSTS |= dict.fromkeys(("base", "guidance", "pooling", "divergence", "horizon"), _SDPO)
_HOSTS |= dict.fromkeys(("advantage", "credit", "regulariser", "preconditioner"), _REINFORCE)
_HOSTS |= {"signal": _REINFORCE}
_HOSTS |= dict.fromkeys(("bias", "noise", "scale"), FEEDBACKS["continuous"])
_HOSTS |= {"hints": FEEDBACKS["critique"]}


def _with_others(known: dict[str, dict], slots: tuple[str, ...]) -> dict[str, dict]:
    used = {named(choice)[0] for own in known.values() for choice in own.values()}
    others = {
        part.name: _HOSTS[slot] | ({} if "teacher" not in part.sees else _TAUGHT) | {slot: name}
        for slot in slots
        for name, part in parts.parts(slot).items()
        if name not in used
    }
    return known | others


_TAUGHT = {"guidance": "oracle", "base": "live"}
EVERY_METHOD = _with_others(METHODS, parts.UPDATE)
EVERY_FEEDBACK = _with_others(FEEDBACKS, parts.JUDGE)

OTHERS = {
    "oracle": {"strength": 1.1},
    "gate": {"threshold": 0.4},
    "sequence": {"direction": "reversed"},
    "quality_share": {
        "direction": "reversed", "mean": "rollout", "share": "absolute", "epsilon": 0.5,
        "estimate_sd": 0.1,
    },
    "pull": {"weight": 0.3},
    "interval": {"clip": False},
    "threshold": {"cut": 0.6},
    "matched_threshold": {"cut": 0.6},
    "leniency": {"share": 0.6},
    "likert": {"levels": 7, "origin": "unit"},
    "normal": {"sd": 0.9, "shape": "position", "draw": "fixed"},
}  # fmt: skip
for _oracle in (oracle_credits, oracle_divergences, oracle_judges, oracle_ratios, oracle_teachers):
    OTHERS |= _oracle.OTHERS
"""Of every parameter of a part another value than that of `test_kernel.setting`, by part; each
changes what a method or feedback of `CELLS` does."""

_JUDGED = _REINFORCE | {"signal": "judged"}
PAPER_CELLS = [(method, feedback) for method in METHODS.values() for feedback in FEEDBACKS.values()]
OTHER_CELLS = [
    *(
        (own, FEEDBACKS[feedback])
        for name, own in EVERY_METHOD.items()
        if name not in METHODS
        for feedback in ("ordinal", "critique")
    ),
    # Ratios far enough from 1 for the bounds, and what covariances are for.
    *(
        (
            _REINFORCE | {"advantage": "standardised", "credit": {"clipped_ratio": own}},
            FEEDBACKS["continuous"],
        )
        for own in ({"epochs": 12}, {"covariance": "clip"}, {"covariance": "penalty"})
    ),
    # Hardly a success, so that some rollouts have no peer.
    (_SDPO | {"guidance": {"peer": {"cut": 0.97}}}, FEEDBACKS["continuous"]),
    # What a teacher is shown, with a base that is not the student, and as size of credit.
    *(
        (_SDPO | {"base": "ema", "guidance": own}, FEEDBACKS["continuous"])
        for own in ("demonstration", {"reference_solution": {"form": "copy"}}, "peer")
    ),
    (
        _REINFORCE | {"base": "ema", "guidance": "contrast", "credit": "teacher_ratio"},
        FEEDBACKS["continuous"],
    ),
    # Pooled teachers that differ, some of which have no weight, with losses that can tell.
    *(
        (
            _SDPO | {"guidance": {"peer": {"cut": 0.6}}, "pooling": pooling, "divergence": loss},
            FEEDBACKS["continuous"],
        )
        for pooling, loss in (("arithmetic", "reverse_kl"), ("geometric", "forward_kl"))
    ),
    # With few rollouts wrong, and with few right, so that some have no peer of one kind.
    (_SDPO | {"guidance": {"contrast": {"cut": 0.97}}}, FEEDBACKS["continuous"]),
    *(
        (own, EVERY_FEEDBACK[name])
        for name in EVERY_FEEDBACK
        if name not in FEEDBACKS
        for own in (_SDPO, _JUDGED)
    ),
]
CELLS = PAPER_CELLS + OTHER_CELLS
"""Methods and feedbacks that have every part, each with some of the others."""
