"""The evidence of a block of readings."""

import numpy as np

from sdposim.analysis.published import from_rows
from sdposim.calibration.identification.blocks import write_block
from sdposim.calibration.jointfit.comparison import Comparison
from sdposim.calibration.jointfit.facts import BASELINES, PARTS, facts
from sdposim.calibration.jointfit.fitting import described, parts_evidence, settled
from sdposim.calibration.jointfit.readings import READINGS
from sdposim.calibration.jointfit.stored import columns, read_fitted, simulator
from sdposim.commands.specs import parse
from sdposim.storage.seal import setting_aside

_NEAR, _LIMIT = 1.0, 3
"""A reading's fit may be rougher than the first: those that matter hardly move."""


def run(spec: str, output: str) -> None:
    """Fit all published numbers under other readings, from where the first fit is.

    A baseline's parts are weighed where the first fit is, so that nothing but its own runs differs.
    """
    job = parse(
        spec, published=list, base=dict, window=int, runs=int, slope_runs=int, first=int, last=int
    )
    with setting_aside():
        _, known = read_fitted()
    numbers, simulates, rows = facts(from_rows(job["published"])), simulator(job), []
    for reading in READINGS[job["first"] : job["last"] + 1]:
        comparison = Comparison(numbers, reading.rule)
        start = simulates.linear(
            known.point, comparison.conditions, reading.changes, known, reading.methods
        )
        parts = np.full(len(PARTS), np.nan)
        if len(reading.methods) == 1 and reading.methods[0] in BASELINES:
            parts = parts_evidence(start, comparison, reading.methods[0])
        kept = np.ones(len(numbers), bool)
        fit, linear = settled(simulates, reading, comparison, kept, start, _NEAR, _LIMIT)
        predicted, z = described(fit, linear, comparison)
        rows.append(fit._asdict() | {"predicted": predicted, "z": z, "parts": parts})
    write_block(output, columns(rows), spec)
