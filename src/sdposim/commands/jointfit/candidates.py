"""Round settings near the joint fit, and what they cost."""

from sdposim.identification.blocks import write_block
from sdposim.jointfit import preset
from sdposim.jointfit.comparison import Comparison
from sdposim.jointfit.facts import facts
from sdposim.jointfit.stored import read_fitted, simulator
from sdposim.seal import setting_aside
from sdposim.specs import parse


def run(spec: str, output: str) -> None:
    """Simulate round settings near the fit."""
    job = parse(spec, published=dict, base=dict, window=int, runs=int, slope_runs=int)
    with setting_aside():
        fit, _ = read_fitted()
    comparison = Comparison(facts(job["published"]))
    found = preset.candidates(simulator(job), comparison, fit)
    write_block(output, found._asdict(), spec)
