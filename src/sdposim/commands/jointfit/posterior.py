"""The posterior of the settings, on any landscape and on the identified ones."""

import numpy as np

from sdposim.analysis.published import from_rows
from sdposim.calibration.identification.blocks import write_block
from sdposim.calibration.jointfit import plan, posteriors
from sdposim.calibration.jointfit.facts import facts
from sdposim.calibration.jointfit.simulate import Simulator
from sdposim.commands.specs import parse
from sdposim.storage.seal import setting_aside


def run(spec: str, output: str) -> None:
    """Find the posteriors given some of the published numbers."""
    job = parse(
        spec, published=list, base=dict, window=int, options=dict, numbers=tuple(plan.POSTERIORS)
    )
    simulator = Simulator(job["base"], job["window"], runs=1, slope_runs=1)
    every = facts(from_rows(job["published"]))
    with setting_aside():
        inference = posteriors.Inference(simulator, every, posteriors.read_sample(job["options"]))
    chosen = posteriors.chosen(every, job["numbers"])
    values = np.array([fact.value for fact in chosen])
    paper = posteriors.Paper(posteriors.PUBLISHED, chosen, values)
    unknown = inference.on_any(paper)
    known = inference.on_given(paper, simulator, unknown)
    write_block(output, posteriors.stored([unknown, known]), spec)
