"""The paper's methods and feedbacks, and one more of each for a part that they do not have."""

from sdposim.model import parts
from sdposim.model.compositions import named
from sdposim.model.paper import FEEDBACKS, METHODS

_HOSTS = {"blend": METHODS["hybrid"]}
_HOSTS |= dict.fromkeys(("base", "guidance", "divergence"), METHODS["sdpo"])
_HOSTS |= dict.fromkeys(("advantage", "credit", "regulariser"), METHODS["reinforce"])
_HOSTS |= dict.fromkeys(("bias", "noise", "scale"), FEEDBACKS["continuous"])
_HOSTS |= {"hints": FEEDBACKS["critique"]}


def _with_others(known: dict[str, dict], slots: tuple[str, ...]) -> dict[str, dict]:
    used = {named(choice)[0] for own in known.values() for choice in own.values()}
    others = {
        name: _HOSTS[slot] | {slot: name}
        for slot in slots
        for name in parts.parts(slot)
        if name not in used
    }
    return known | others


EVERY_METHOD = _with_others(METHODS, parts.UPDATE)
EVERY_FEEDBACK = _with_others(FEEDBACKS, parts.JUDGE)
