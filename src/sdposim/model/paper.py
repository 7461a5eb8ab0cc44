"""The paper's methods and feedbacks, by name.

No training job depends on this module: its spec says the parts and their parameters. The
configuration starts from these, and may have others.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from sdposim.model import cells
from sdposim.model.compositions import composed, modules
from sdposim.storage.sources import digest, import_closure

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
"""Sections 2.3 to 2.5: the paper's methods. The hybrid's direction is its own: the joint fit leaves
it open whether its REINFORCE part is subtracted from the logits, as equation 6 prints it."""
FEEDBACKS: dict[str, dict] = {
    "binary": {"noise": "gaussian", "scale": "threshold"},
    "ordinal": {"noise": "gaussian", "scale": "likert"},
    "continuous": {"noise": "gaussian", "scale": "interval"},
    "critique": {"noise": "gaussian", "scale": "interval", "hints": "normal"},
}
"""Section 2.2: the paper's feedbacks."""


def code_digest(module: str, packages: tuple[str, ...]) -> str:
    """Digest of a module's sources, with the paper's parts if it can run the kernel.

    Args:
        module: dotted name of a module of this package.
        packages: installed packages whose version can change the result.
    """
    runs = "sdposim.model.loop" in import_closure(module)
    used = modules(*METHODS.values(), *FEEDBACKS.values()) if runs else ()
    return digest(module, *used, packages=packages)


def train_block(
    settings: dict,
    method: str | dict,
    feedback: str | dict,
    noise: float,
    seeds: Sequence[int],
    row_ends=None,
    **options: Any,
) -> Iterator[np.ndarray]:
    """`cells.train_block` of a whole setting.

    Args:
        settings: a setting, whose groups `update` and `judge` have parameters by part.
        method: a name of `METHODS`, or a composition.
        feedback: a name of `FEEDBACKS`, or a composition.
        noise, seeds, row_ends, options: as there.
    """
    about = f"method {method}, feedback {feedback}"
    composition = composed(settings, *compositions(method, feedback))
    try:
        yield from cells.train_block(settings, *composition, noise, seeds, row_ends, **options)
    except FloatingPointError as error:
        raise FloatingPointError(f"{about}: {error}") from None


def compositions(method: str | dict, feedback: str | dict) -> tuple[dict, dict]:
    """A method and a feedback of the paper by their names; others as they are."""
    return (
        METHODS[method] if isinstance(method, str) else method,
        FEEDBACKS[feedback] if isinstance(feedback, str) else feedback,
    )


def train(
    settings: dict,
    method: str | dict,
    feedback: str | dict,
    noise: float,
    seed: int,
    row_ends=None,
    **options: Any,
) -> np.ndarray:
    """Train one cell and return its log, float64 (rows, M), columns as the M `METRICS`.

    Arguments as in `train_block`; a metric that the method does not have is NaN.
    """
    return next(train_block(settings, method, feedback, noise, [seed], row_ends, **options))[0]
