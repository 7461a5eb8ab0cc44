"""The joint fit of all published numbers, and what runs give near it."""

import numpy as np

from sdposim.analysis.published import from_rows
from sdposim.calibration.identification.blocks import write_block
from sdposim.calibration.jointfit.comparison import Comparison
from sdposim.calibration.jointfit.facts import PARTS, facts
from sdposim.calibration.jointfit.fitting import described, settled
from sdposim.calibration.jointfit.reading import FITTED
from sdposim.calibration.jointfit.stored import columns, simulator
from sdposim.commands.specs import parse


def run(spec: str, output: str) -> None:
    """Fit all published numbers under the reading that the others are compared with."""
    job = parse(spec, published=list, base=dict, window=int, runs=int, slope_runs=int)
    comparison = Comparison(facts(from_rows(job["published"])))
    kept = np.ones(len(comparison.facts), bool)
    fit, linear = settled(simulator(job), FITTED, comparison, kept)
    predicted, z = described(fit, linear, comparison)
    about = {"predicted": predicted, "z": z, "parts": np.full(len(PARTS), np.nan)}
    write_block(output, columns([fit._asdict() | linear._asdict() | about]), spec)
