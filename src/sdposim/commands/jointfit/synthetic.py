"""A synthetic paper, and how the method finds its settings."""

from sdposim.analysis.published import from_rows
from sdposim.calibration.identification.blocks import write_block
from sdposim.calibration.jointfit import posteriors, synthetic
from sdposim.calibration.jointfit.facts import facts
from sdposim.calibration.jointfit.simulate import Simulator
from sdposim.commands.specs import parse
from sdposim.storage.seal import setting_aside


def run(spec: str, output: str) -> None:
    """Simulate the paper and find its settings."""
    job = parse(spec, published=list, base=dict, window=int, options=dict, paper=int)
    simulator = Simulator(job["base"], job["window"], runs=1, slope_runs=1)
    with setting_aside():
        sample = posteriors.read_sample(job["options"])
    inference = posteriors.Inference(simulator, facts(from_rows(job["published"])), sample)
    write_block(output, synthetic.row(inference, job["paper"]), spec)
