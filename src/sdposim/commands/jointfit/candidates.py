"""Round settings near the joint fit, and what they cost."""

from sdposim.analysis.published import from_rows
from sdposim.calibration.identification.blocks import write_block
from sdposim.calibration.jointfit import preset
from sdposim.calibration.jointfit.comparison import Comparison
from sdposim.calibration.jointfit.facts import facts
from sdposim.calibration.jointfit.stored import read_fitted, simulator
from sdposim.commands.specs import parse
from sdposim.storage.seal import setting_aside


def run(spec: str, output: str) -> None:
    """Simulate round settings near the fit."""
    job = parse(spec, published=list, base=dict, window=int, runs=int, slope_runs=int)
    with setting_aside():
        fit, _ = read_fitted()
    comparison = Comparison(facts(from_rows(job["published"])))
    found = preset.candidates(simulator(job), comparison, fit)
    write_block(output, found._asdict(), spec)
