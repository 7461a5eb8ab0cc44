"""Methods and judges as compositions of parts: the paper's, and how a setting completes them.

A method names a part for some slots of `parts.UPDATE`: those of a teacher, those of credit, or both
with a blend of the two, and perhaps a regulariser. A feedback does for those of `parts.JUDGE`. The
name of a part may stand alone, or with parameters that differ from the setting's, as in `{sequence:
{direction: printed}}`.
"""

from typing import Any

from sdposim.model import parts
from sdposim.model.terms import Judge, Update

_SDPO = {"guidance": "oracle", "base": "live", "divergence": "forward_kl", "regulariser": "pull"}
_REINFORCE = {"advantage": "batch_mean", "credit": "sequence", "regulariser": "pull"}
METHODS: dict[str, dict] = {
    "sdpo": _SDPO,
    "reinforce": _REINFORCE,
    "adv_weighted": _REINFORCE | {"credit": "quality_share"},
    "hybrid": _SDPO
    | _REINFORCE
    | {"credit": {"sequence": {"direction": "printed"}}, "blend": "gate"},
}
"""Sections 2.3 to 2.5: the paper's methods."""
FEEDBACKS: dict[str, dict] = {
    "binary": {"scale": "threshold"},
    "ordinal": {"scale": "likert"},
    "continuous": {"scale": "interval"},
    "critique": {"scale": "interval", "hints": "normal"},
}
"""Section 2.2: the paper's feedbacks."""


def named(choice: Any) -> tuple[str, dict]:
    """The name of a part, and the parameters that stand with it."""
    return next(iter(choice.items())) if isinstance(choice, dict) else (choice, {})


def completed(composition: dict[str, Any], settings: dict[str, dict]) -> dict[str, dict]:
    """Parts by slot with every parameter that they read.

    Args:
        composition: names of parts by slot, with or without parameters.
        settings: the parameters of a setting, by part; the others have their defaults.

    Returns:
        `{slot: {part: {parameter: value}}}`, which says the same of any setting.
    """
    made = {}
    for slot, choice in composition.items():
        name, own = named(choice)
        declared = parts.parts(slot)[name].settings
        defaults = declared.defaults() if declared else {}
        said = {key: settings.get(name, {}).get(key, value) for key, value in defaults.items()}
        made[slot] = {name: said | own}
    return made


def sees(method: dict, what: str) -> bool:
    """Whether a method reads `feedback`, or `quality`, the true q."""
    return any(what in part.sees for part in chosen(method))


def distils(method: dict) -> bool:
    """Whether a method has a teacher."""
    return "divergence" in method


def blends(method: dict) -> bool:
    """Whether a method has two terms, and so a weight of the first."""
    return "blend" in method


def chosen(composition: dict[str, Any]) -> list[parts.Part]:
    """The parts of a method or of a feedback."""
    return [parts.parts(slot)[named(choice)[0]] for slot, choice in composition.items()]


def levels(feedback: dict, settings: dict[str, dict]) -> int | None:
    """How many distinct values a feedback can have; None if each rollout has its own."""
    name, own = next(iter(completed(feedback, settings)["scale"].items()))
    said = parts.parts("scale")[name].levels
    return own[said] if isinstance(said, str) else said


def modules(method: dict, feedback: dict) -> list[str]:
    """The modules of the parts of a method, and of a feedback if the method sees it."""
    own = chosen(method) + (chosen(feedback) if sees(method, "feedback") else [])
    return sorted({part.module for part in own})


def packed_method(method: dict, settings: dict[str, dict]) -> Update:
    """A method in the kernel's form."""
    made = completed(method, settings)
    return Update(
        distils=distils(method),
        gives_credit="credit" in method,
        regularised="regulariser" in method,
        sees_feedback=sees(method, "feedback"),
        **{slot: _code(slot, made) for slot in parts.UPDATE},
        settings=_settings(parts.UPDATE, made),
    )


def packed_judge(feedback: dict, settings: dict[str, dict]) -> Judge:
    """A feedback in the kernel's form."""
    made = completed(feedback, settings)
    return Judge(
        scale=_code("scale", made),
        hinted="hints" in made,
        settings=_settings(parts.JUDGE, made),
    )


def _code(slot: str, made: dict[str, dict]) -> int:
    return parts.code(slot, named(made[slot])[0]) if slot in made else 0


def _settings(slots, made: dict[str, dict]) -> tuple:
    said = {name: own for choice in made.values() for name, own in choice.items()}
    return parts.packed(slots, said)
