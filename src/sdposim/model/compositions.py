"""Methods and judges as compositions of parts, and how a setting completes them.

A method names a part for some slots of `parts.UPDATE`: those of a teacher, those of credit, or both
with a blend of the two, and perhaps a regulariser. A feedback does for those of `parts.JUDGE`. The
name of a part may stand alone, or with parameters that differ from the setting's, as in `{sequence:
{direction: printed}}`. `paper` has the paper's.
"""

from collections.abc import Iterable
from typing import Any

from sdposim.model import parts
from sdposim.model.terms import Judge, Update

TEACHER = ("guidance", "base", "divergence")
"""The slots of a term that distils, all of which it needs."""
CREDIT = ("advantage", "credit")
"""Those of a term that scores tokens."""


def check_method(method: dict[str, Any]) -> None:
    """Refuse what is no method.

    Raises:
        ValueError: names the slot, and what is allowed.
    """
    _check_parts(method, parts.UPDATE)
    for term in (TEACHER, CREDIT):
        _check_whole(method, term)
    if not distils(method) and "credit" not in method:
        raise ValueError(
            f"there is nothing to learn from; allowed: {_all(TEACHER)}, or {_all(CREDIT)}, or both"
        )
    if distils(method) and "credit" in method and not blends(method):
        raise ValueError("blend is missing, which a method with a teacher and credit needs")
    if blends(method) and not (distils(method) and "credit" in method):
        raise ValueError(
            f"blend is only for a method with a teacher and credit: {_all(TEACHER + CREDIT)}"
        )


def check_feedback(feedback: dict[str, Any]) -> None:
    """Refuse what is no feedback.

    Raises:
        ValueError: names the slot, and what is allowed.
    """
    _check_parts(feedback, parts.JUDGE)
    for slot in ("noise", "scale"):
        if slot not in feedback:
            raise ValueError(f"{slot} is missing; allowed: {', '.join(parts.parts(slot))}")


def check_choice(slot: str, choice: Any) -> None:
    """Refuse what is no part of a slot.

    Raises:
        ValueError: says what is allowed.
    """
    if isinstance(choice, dict) and len(choice) != 1:
        raise ValueError(
            f"{len(choice)} parts ({_all(choice)}); allowed: one; the name alone replaces another"
        )
    name, own = named(choice)
    known = parts.parts(slot)
    if not isinstance(name, str) or name not in known:
        raise ValueError(f"{name!r} is not a part; allowed: {', '.join(known)}")
    kinds = known[name].settings.kinds() if known[name].settings else {}
    for parameter in own if isinstance(own, dict) else [own]:
        if not isinstance(parameter, str) or parameter not in kinds:
            raise ValueError(
                f"{name}: {parameter!r} is not a parameter; allowed: {', '.join(kinds) or 'none'}"
            )


def _check_parts(composition: dict[str, Any], slots: tuple[str, ...]) -> None:
    for slot, choice in composition.items():
        if slot not in slots:
            raise ValueError(f"{slot!r} is not a slot; allowed: {', '.join(slots)}")
        try:
            check_choice(slot, choice)
        except ValueError as error:
            raise ValueError(f"{slot}: {error}") from None


def _check_whole(composition: dict[str, Any], term: tuple[str, ...]) -> None:
    missing = [slot for slot in term if slot not in composition]
    if missing and len(missing) < len(term):
        own = [slot for slot in term if slot in composition]
        raise ValueError(f"{_all(missing)} is missing, which {_all(own)} needs")


def _all(names: Iterable[str]) -> str:
    return " and ".join(names)


def named(choice: Any) -> tuple[str, dict]:
    """The name of a part, and the parameters that stand with it."""
    return next(iter(choice.items())) if isinstance(choice, dict) else (choice, {})


def composed(settings: dict, method: dict, feedback: dict) -> tuple[dict, dict]:
    """A method and a feedback with every parameter that they read, see `completed`.

    Args:
        settings: a setting, whose groups `update` and `judge` have parameters by part.
        method: a composition.
        feedback: likewise.

    Returns:
        The method, and the feedback, which is empty if the method does not see it.
    """
    seen = feedback if sees(method, "feedback") else {}
    return completed(method, settings["update"]), completed(seen, settings["judge"])


def completed(composition: dict[str, Any], settings: dict[str, dict]) -> dict[str, dict]:
    """Parts by slot with every parameter that they read.

    Args:
        composition: names of parts by slot, with or without parameters.
        settings: parameters by part, of any parts; the others have their defaults.

    Returns:
        `{slot: {part: {parameter: value}}}`, which says the same of any setting.
    """
    made = {}
    for slot, choice in composition.items():
        name, own = named(choice)
        declared = parts.parts(slot)[name].settings
        defaults = declared.defaults() if declared else {}
        made[slot] = {name: defaults | settings.get(name, {}) | own}
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
    for name, own in completed(feedback, settings).get("scale", {}).items():
        declared = parts.parts("scale")[name].levels
        return own[declared] if isinstance(declared, str) else declared
    return None


def modules(*compositions: dict) -> tuple[str, ...]:
    """The modules of the parts of methods and feedbacks, sorted."""
    return tuple(sorted({part.module for own in compositions for part in chosen(own)}))


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
        biased="bias" in made,
        hinted="hints" in made,
        quantised=levels(made, {}) is not None,
        **{slot: _code(slot, made) for slot in parts.JUDGE},
        settings=_settings(parts.JUDGE, made),
    )


def _code(slot: str, made: dict[str, dict]) -> int:
    return parts.code(slot, named(made[slot])[0]) if slot in made else 0


def _settings(slots, made: dict[str, dict]) -> tuple:
    values = {name: own for choice in made.values() for name, own in choice.items()}
    return parts.packed(slots, values)
