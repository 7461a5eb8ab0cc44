"""Methods and judges as compositions of parts, and how a setting completes them.

A method names a part for some slots of `parts.UPDATE`: those of a teacher, those of credit, or both
with a blend of the two, and perhaps a regulariser and a preconditioner. A feedback does for those
of `parts.JUDGE`. The name of a part may stand alone, or with parameters that differ from the
setting's, as in `{sequence: {direction: printed}}`. `paper` has the paper's.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from sdposim.model import parts
from sdposim.model.terms import Judge, Update

TEACHER = ("guidance", "base")
"""The slots of a teacher, all of which it needs."""
DISTILS = (*TEACHER, "divergence")
"""The slots of a term that distils, likewise."""
CREDIT = ("advantage", "credit")
"""Those of a term that scores tokens."""
_BY_ROLLOUT = ("pooling", "horizon", "routing")
"""What asks for a teacher of each rollout."""


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
            f"there is nothing to learn from; allowed: {_all(DISTILS)}, or {_all(CREDIT)}, or both"
        )
    if distils(method) and not teaches(method):
        raise ValueError(f"{_all(TEACHER)} is missing, which divergence needs")
    if sees(method, "teacher") and not teaches(method):
        raise ValueError(f"{_all(TEACHER)} is missing, which {named(method['credit'])[0]} needs")
    if teaches(method) and not distils(method) and not sees(method, "teacher"):
        raise ValueError(f"divergence is missing, which {_all(TEACHER)} needs")
    both = distils(method) and "credit" in method
    if both and not blends(method):
        raise ValueError("blend is missing, which a method with a teacher and credit needs")
    for slot in ("blend", "routing"):
        if slot in method and not both:
            raise ValueError(
                f"{slot} is only for a method with a teacher and credit: {_all(DISTILS + CREDIT)}"
            )
    for slot, needed in {"pooling": TEACHER, "horizon": DISTILS}.items():
        if slot in method and any(name not in method for name in needed):
            raise ValueError(f"{slot} is only for a method with {_all(needed)}")
    if "signal" in method and "credit" not in method:
        raise ValueError(f"signal is only for a method with {_all(CREDIT)}")


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
        The method, and the feedback: empty if the method does not see it, and without hints if its
        teacher does not know what they are about.
    """
    seen = feedback if sees(method, "feedback") else {}
    if not guided_by_quality(method):
        seen = {slot: choice for slot, choice in seen.items() if slot != "hints"}
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
    """Whether a method reads something, of `parts.Part.sees`."""
    return what in _seen(_names(method))


def guided_by_quality(method: dict) -> bool:
    """Whether a method's teacher knows q, and so takes a critique's hints."""
    return any(part.slot == "guidance" and "quality" in part.sees for part in chosen(method))


def teaches(method: dict) -> bool:
    """Whether a method has a teacher."""
    return "guidance" in method


def distils(method: dict) -> bool:
    """Whether a method is pulled to a teacher."""
    return "divergence" in method


def quick(method: dict) -> bool:
    """Whether a method's teacher is one that the kernel computes by feedback, not by rollout."""
    return _quick(_names(method))


@cache
def _quick(names: tuple[tuple[str, str], ...]) -> bool:
    slots = dict(names)
    others = "teacher" in _seen(names) or any(slot in slots for slot in _BY_ROLLOUT)
    teacher = [part for part in _chosen(names) if part.slot in DISTILS]
    return distils(slots) and not others and all(part.quick for part in teacher)


def factored_only(method: dict) -> list[str]:
    """The parts of a method that an autoregressive policy cannot have."""
    return [part.name for part in chosen(method) if part.factored]


def blends(method: dict) -> bool:
    """Whether a method has two terms, and so a weight of the first."""
    return "blend" in method


def chosen(composition: dict[str, Any]) -> list[parts.Part]:
    """The parts of a method or of a feedback."""
    return list(_chosen(_names(composition)))


def _names(composition: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """The names of the parts of a method or of a feedback, by slot."""
    return tuple([(slot, named(choice)[0]) for slot, choice in composition.items()])


@cache
def _chosen(names: tuple[tuple[str, str], ...]) -> tuple[parts.Part, ...]:
    return tuple(parts.parts(slot)[name] for slot, name in names)


@cache
def _seen(names: tuple[tuple[str, str], ...]) -> frozenset[str]:
    return frozenset(what for part in _chosen(names) for what in part.sees)


def levels(feedback: dict, settings: dict[str, dict]) -> int | None:
    """How many distinct values a feedback can have; None if each rollout has its own."""
    if "scale" not in feedback:
        return None
    declared = parts.parts("scale")[named(feedback["scale"])[0]].levels
    if not isinstance(declared, str):
        return declared
    (own,) = completed({"scale": feedback["scale"]}, settings)["scale"].values()
    return own[declared]


def modules(*compositions: dict) -> tuple[str, ...]:
    """The modules of the parts of methods and feedbacks, sorted."""
    return tuple(sorted({part.module for own in compositions for part in chosen(own)}))


def of_the_paper(*compositions: dict) -> bool:
    """Whether methods and feedbacks have the paper's parts only, in the paper's ways.

    Such cells are trained by a kernel of their own, see `kernel`.
    """
    return all(_of_the_paper(_names(own)) for own in compositions)


@cache
def _of_the_paper(names: tuple[tuple[str, str], ...]) -> bool:
    known = all(part.name in parts.PAPER for part in _chosen(names))
    return known and (_quick(names) or not teaches(dict(names)))


def packed_method(method: dict, settings: dict[str, dict], whole: bool = True) -> Update:
    """A method in the form of the kernel of all parts, or of the paper's."""
    made = completed(method, settings)
    return Update(**_update(_names(method)), settings=_settings(parts.UPDATE, made, whole))


@cache
def _update(names: tuple[tuple[str, str], ...]) -> dict[str, bool | int]:
    """What the parts of a method tell by their names, as fields of an `Update`."""
    slots = dict(names)
    return {
        "teaches": teaches(slots),
        "distils": distils(slots),
        "quick": _quick(names),
        "gives_credit": "credit" in slots,
        "signalled": "signal" in slots,
        "pools": "pooling" in slots,
        "looks_ahead": "horizon" in slots,
        "routes": "routing" in slots,
        "regularised": "regulariser" in slots,
        "preconditioned": "preconditioner" in slots,
        "sees_feedback": sees(slots, "feedback"),
        "guided_by_quality": guided_by_quality(slots),
        "sees_coalitions": sees(slots, "coalitions"),
        "by_rollout": (teaches(slots) and not _quick(names)) or "signal" in slots,
    } | _codes(parts.UPDATE, slots)


def packed_judge(feedback: dict, settings: dict[str, dict], whole: bool = True) -> Judge:
    """A feedback in the form of the kernel of all parts, or of the paper's."""
    made = completed(feedback, settings)
    return Judge(**_judge(_names(feedback)), settings=_settings(parts.JUDGE, made, whole))


@cache
def _judge(names: tuple[tuple[str, str], ...]) -> dict[str, bool | int]:
    """As `_update`, of a `Judge`."""
    slots = dict(names)
    return {
        "biased": "bias" in slots,
        "hinted": "hints" in slots,
        "quantised": levels(slots, {}) is not None,
    } | _codes(parts.JUDGE, slots)


def _codes(known: tuple[str, ...], slots: dict[str, str]) -> dict[str, int]:
    return {slot: parts.code(slot, slots[slot]) if slot in slots else 0 for slot in known}


def _settings(slots, made: dict[str, dict], whole: bool) -> tuple:
    values = {name: own for choice in made.values() for name, own in choice.items()}
    return parts.packed(slots, values, whole)
