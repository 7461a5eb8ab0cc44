"""The posterior of the settings, on any landscape and on the identified ones."""

import numpy as np

from sdposim.identification.blocks import write_block
from sdposim.jointfit import plan, posteriors
from sdposim.jointfit.facts import facts
from sdposim.jointfit.simulate import Simulator
from sdposim.seal import setting_aside
from sdposim.specs import parse


def run(spec: str, output: str) -> None:
    """Find the posteriors given some of the published numbers."""
    job = parse(
        spec, published=dict, base=dict, window=int, options=dict, numbers=tuple(plan.POSTERIORS)
    )
    simulator = Simulator(job["base"], job["window"], runs=1, slope_runs=1)
    every = facts(job["published"])
    with setting_aside():
        inference = posteriors.Inference(simulator, every, posteriors.read_sample(job["options"]))
    chosen = posteriors.chosen(every, job["numbers"])
    values = np.array([fact.value for fact in chosen])
    paper = posteriors.Paper(posteriors.PUBLISHED, chosen, values)
    unknown = inference.on_any(paper)
    known = inference.on_given(paper, simulator, unknown)
    write_block(output, posteriors.stored([unknown, known]), spec)
