"""Methods and judges as compositions of parts, and how a setting completes them.

A method names a part for some slots of `parts.UPDATE`: those of a teacher, those of credit, or both
with a blend of the two, and perhaps a regulariser. A feedback does for those of `parts.JUDGE`. The
name of a part may stand alone, or with parameters that differ from the setting's, as in `{sequence:
{direction: printed}}`. `paper` has the paper's.
"""

from typing import Any

from sdposim.model import parts
from sdposim.model.terms import Judge, Update


def named(choice: Any) -> tuple[str, dict]:
    """The name of a part, and the parameters that stand with it."""
    return next(iter(choice.items())) if isinstance(choice, dict) else (choice, {})


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
        hinted="hints" in made,
        **{slot: _code(slot, made) for slot in parts.JUDGE},
        settings=_settings(parts.JUDGE, made),
    )


def _code(slot: str, made: dict[str, dict]) -> int:
    return parts.code(slot, named(made[slot])[0]) if slot in made else 0


def _settings(slots, made: dict[str, dict]) -> tuple:
    values = {name: own for choice in made.values() for name, own in choice.items()}
    return parts.packed(slots, values)
