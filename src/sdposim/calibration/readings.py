"""Readings of the paper, each a change of the one that is fitted, and the evidence of each."""

from typing import NamedTuple

import numpy as np

from sdposim.analysis.published import from_rows
from sdposim.calibration import files
from sdposim.calibration.distance import Comparison
from sdposim.calibration.facts import BASELINES, PARTS, facts
from sdposim.calibration.fit import described, parts_evidence, read_fitted, settled
from sdposim.calibration.simulate import Simulator
from sdposim.calibration.space import FITTED, PLAIN_RULE, PRINTED, REVERSED, Reading, Rule, changed
from sdposim.model.paper import METHODS
from sdposim.storage.arrays import columns, read_arrays

MEANS = ("policy", "tokens", "all", "batch", "rollout")
SHARES = ("signed", "undivided", "absolute", "softmax")
_SIGN = "printed, and table 2's sign an error"
CREDIT = "equation 5: q-bar, weight and direction"
_UNREGULARISED = {
    name: {slot: part for slot, part in METHODS[name].items() if slot != "regulariser"}
    for name in BASELINES
}


_NEAR, _LIMIT = 1.0, 3
"""A reading's fit may be rougher than the first: those that matter hardly move."""


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


def readings(
    published: list, base: dict, window: int, runs: int, slope_runs: int, first: int, last: int
) -> dict[str, np.ndarray]:
    """The step `readings`: fit all published numbers under some readings, from where the fit is.

    A baseline's parts are weighed where the first fit is, so that nothing but its own runs differs.
    """
    _, known = read_fitted()
    numbers, rows = facts(from_rows(published)), []
    simulator = Simulator(base, window, runs, slope_runs)
    for reading in READINGS[first : last + 1]:
        comparison = Comparison(numbers, reading.rule)
        start = simulator.linear(
            known.point, comparison.conditions, reading.changes, known, reading.methods
        )
        parts = np.full(len(PARTS), np.nan)
        if len(reading.methods) == 1 and reading.methods[0] in BASELINES:
            parts = parts_evidence(start, comparison, reading.methods[0])
        kept = np.ones(len(numbers), bool)
        fit, linear = settled(simulator, reading, comparison, kept, start, _NEAR, _LIMIT)
        predicted, z = described(fit, linear, comparison)
        rows.append(fit._asdict() | {"predicted": predicted, "z": z, "parts": parts})
    return columns(rows)


class Tried(NamedTuple):
    """Readings with their fits, one a row, in the order of `READINGS`.

    Attributes:
        coordinates, covariance, squared, prior, log_evidence: as in `simulate.Fit`.
        predicted: (readings, facts), at the fit.
        z: (readings, facts), published less predicted, in units of all errors.
        parts: (readings, parts), log evidence of parts of a baseline's numbers, given all others'.
    """

    coordinates: np.ndarray
    covariance: np.ndarray
    squared: np.ndarray
    prior: np.ndarray
    log_evidence: np.ndarray
    predicted: np.ndarray
    z: np.ndarray
    parts: np.ndarray


def read_tried() -> Tried:
    """All readings, the fitted one first."""
    paths = [files.FITTED, *files.readings(len(READINGS))]
    return Tried(**read_arrays(paths, Tried._fields))
