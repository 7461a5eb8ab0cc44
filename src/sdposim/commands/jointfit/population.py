"""Runs on a block of landscapes of this project's own, which no paper identifies."""

import numpy as np

from sdposim.identification.blocks import write_block
from sdposim.jointfit import population
from sdposim.jointfit.facts import facts
from sdposim.jointfit.simulate import CENTRE
from sdposim.seal import setting_aside
from sdposim.specs import parse


def run(spec: str, output: str) -> None:
    """Simulate landscapes where the linearisation before this one puts the settings."""
    job = parse(
        spec, published=dict, base=dict, window=int, options=dict, step=int, first=int, last=int
    )
    numbers = facts(job["published"])
    point = CENTRE
    if job["step"]:
        with setting_aside():
            sample = population.read(job["options"], job["step"] - 1)
        values = np.array([fact.value for fact in numbers])
        kept = np.ones(len(numbers), bool)
        point = population.next_point(population.fit(sample, numbers, values, kept))
    seeds = range(job["first"], job["last"] + 1)
    found = population.simulate(job["base"], job["window"], point, seeds, numbers)
    write_block(output, found._asdict(), spec)
