"""Figure 5's numbers, which no fit uses; light, the workflow reads it."""

from sdposim.calibration.jointfit.facts import HYBRID
from sdposim.storage.errors import UserError


def weights(published: dict) -> dict[str, float]:
    """The published weights of the hybrid, by the keys of `plan.WEIGHTS`.

    Raises:
        UserError: names an entry that is missing.
    """
    shown = published.get(HYBRID, {}).get("alpha_figure", {})
    for key in ("start_continuous", "start_critique", "range"):
        if key not in shown:
            raise UserError(
                f"config/published.yaml lacks {HYBRID}.alpha_figure.{key}, which a joint fit reads"
            )
    low, high = shown["range"]
    starts = {key: float(shown[key]) for key in ("start_continuous", "start_critique")}
    return starts | {"low": float(low), "high": float(high)}
