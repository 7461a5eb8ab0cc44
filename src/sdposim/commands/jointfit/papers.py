"""A block of papers at draws of the prior, each on landscapes of its own."""

from sdposim.analysis.published import from_rows
from sdposim.calibration.identification.blocks import write_block
from sdposim.calibration.jointfit import papers
from sdposim.calibration.jointfit.facts import facts
from sdposim.calibration.jointfit.simulate import Simulator
from sdposim.commands.specs import parse


def run(spec: str, output: str) -> None:
    """Simulate the papers."""
    job = parse(spec, published=list, base=dict, window=int, first=int, last=int)
    numbers = range(job["first"], job["last"] + 1)
    simulator = Simulator(job["base"], job["window"], runs=1, slope_runs=1)
    points = papers.prior_points(numbers)
    simulators = [papers.any_landscapes(simulator, number) for number in numbers]
    found = papers.simulate(simulators, facts(from_rows(job["published"])), points, job["first"])
    write_block(output, {"points": points, "numbers": found}, spec)
