"""A synthetic paper, and how the method finds its settings."""

from sdposim.identification.blocks import write_block
from sdposim.jointfit import posteriors, synthetic
from sdposim.jointfit.facts import facts
from sdposim.jointfit.simulate import Simulator
from sdposim.seal import setting_aside
from sdposim.specs import parse


def run(spec: str, output: str) -> None:
    """Simulate the paper and find its settings."""
    job = parse(spec, published=dict, base=dict, window=int, options=dict, paper=int)
    simulator = Simulator(job["base"], job["window"], runs=1, slope_runs=1)
    with setting_aside():
        sample = posteriors.read_sample(job["options"])
    inference = posteriors.Inference(simulator, facts(job["published"]), sample)
    write_block(output, synthetic.row(inference, job["paper"]), spec)
