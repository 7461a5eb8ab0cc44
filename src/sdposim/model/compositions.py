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
TEACHER, CREDIT = ("guidance", "base", "divergence"), ("advantage", "credit")
"""The slots of the two terms that a method can have."""


def named(choice: Any) -> tuple[str, dict]:
    """The name of a part, and the parameters that stand with it."""
    return next(iter(choice.items())) if isinstance(choice, dict) else (choice, {})


def completed(chosen: dict[str, Any], settings: dict[str, dict]) -> dict[str, dict]:
    """Parts by slot with every parameter that they read.

    Args:
        chosen: names of parts by slot, with or without parameters.
        settings: the parameters of a setting, by part; the others have their defaults.

    Returns:
        `{slot: {part: {parameter: value}}}`, which says the same of any setting.
    """
    made = {}
    for slot, choice in chosen.items():
        name, own = named(choice)
        declared = parts.parts(slot)[name].settings
        defaults = declared.defaults() if declared else {}
        said = {key: settings.get(name, {}).get(key, value) for key, value in defaults.items()}
        made[slot] = {name: said | own}
    return made


def sees(method: dict, what: str) -> bool:
    """Whether a method reads `feedback`, or `quality`, the true q."""
    return any(what in part.sees for part in _parts(method))


def distils(method: dict) -> bool:
    """Whether a method has a teacher."""
    return "divergence" in method


def blends(method: dict) -> bool:
    """Whether a method has two terms, and so a weight of the first."""
    return "blend" in method


def _parts(chosen: dict[str, Any]) -> list[parts.Part]:
    return [parts.parts(slot)[named(choice)[0]] for slot, choice in chosen.items()]


def levels(feedback: dict, settings: dict[str, dict]) -> int | None:
    """How many distinct values a feedback can have; None if each rollout has its own."""
    name, own = next(iter(completed(feedback, settings)["scale"].items()))
    said = parts.parts("scale")[name].levels
    return own[said] if isinstance(said, str) else said


def modules(method: dict, feedback: dict) -> list[str]:
    """The modules of the parts of a method, and of a feedback if the method sees it."""
    chosen = _parts(method) + (_parts(feedback) if sees(method, "feedback") else [])
    return sorted({part.module for part in chosen})


def packed_method(method: dict, settings: dict[str, dict]) -> Update:
    """A method in the kernel's form."""
    chosen = completed(method, settings)
    return Update(
        distils=distils(method),
        gives_credit="credit" in method,
        regularised="regulariser" in method,
        sees_feedback=sees(method, "feedback"),
        **{slot: _code(slot, chosen) for slot in parts.UPDATE},
        settings=_settings(parts.UPDATE, chosen),
    )


def packed_judge(feedback: dict, settings: dict[str, dict]) -> Judge:
    """A feedback in the kernel's form."""
    chosen = completed(feedback, settings)
    return Judge(
        scale=_code("scale", chosen),
        hinted="hints" in chosen,
        settings=_settings(parts.JUDGE, chosen),
    )


def _code(slot: str, chosen: dict[str, dict]) -> int:
    return parts.code(slot, named(chosen[slot])[0]) if slot in chosen else 0


def _settings(slots, chosen: dict[str, dict]) -> tuple:
    said = {name: own for choice in chosen.values() for name, own in choice.items()}
    return parts.packed(slots, said)


def check_method(method: dict) -> None:
    """Refuse a method that is none.

    Raises:
        ValueError: says what is wrong, and what is allowed.
    """
    check_parts(method)
    allowed = f"allowed: {', '.join(TEACHER)}; or {', '.join(CREDIT)}; or both, with a blend"
    for slots in (TEACHER, CREDIT):
        absent = [slot for slot in slots if slot not in method]
        if absent and len(absent) < len(slots):
            raise ValueError(
                f"{', '.join(slots)} belong together: {absent[0]} is missing; {allowed}"
            )
    terms = sum(slots[0] in method for slots in (TEACHER, CREDIT))
    if not terms:
        raise ValueError(f"nothing moves the policy; {allowed}")
    if ("blend" in method) != (terms == 2):
        raise ValueError(f"a blend is of a teacher and credit; {allowed}")


def check_parts(chosen: dict[str, Any]) -> None:
    """Refuse unknown parts and parameters.

    Raises:
        ValueError: says which, and what is allowed.
    """
    for slot, choice in chosen.items():
        if isinstance(choice, dict) and len(choice) != 1:
            raise ValueError(f"{slot}: {choice!r}; allowed: one part, perhaps with parameters")
        name, own = named(choice)
        known = parts.parts(slot)
        if name not in known:
            raise ValueError(f"{slot}: {name!r} is not a part; allowed: {', '.join(known)}")
        declared = known[name].settings
        parameters = list(declared.kinds()) if declared else []
        for key in own:
            if key not in parameters:
                raise ValueError(
                    f"{slot}: {name} has no parameter {key!r}; allowed: "
                    f"{', '.join(parameters) or 'none'}"
                )
