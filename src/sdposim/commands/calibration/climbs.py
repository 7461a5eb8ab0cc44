"""Climb from some of a paper's starts."""

from sdposim.calibration import plan
from sdposim.calibration.climb import RUNS, climb, write_modes
from sdposim.calibration.draws import first_seed
from sdposim.calibration.search import read_starts
from sdposim.calibration.target import read_target
from sdposim.specs import parse

_CLIMBS = 2 * 10**5
"""Stands for climbs in the seeds of their runs."""


def run(spec: str, output: str) -> None:
    """Write the modes that some of a paper's climbs end at."""
    job = parse(spec, base=dict, paper=str, first=int, last=int)
    paper = job["paper"]
    found, scatter = read_starts(plan.starts(paper))
    tables, _ = read_target(plan.target(paper))
    modes = []
    # Fewer landscapes were drawn than there were to be starts, if the exploring draws are few.
    for number in range(job["first"], min(job["last"] + 1, len(found))):
        seed = first_seed(_CLIMBS + plan.paper_number(paper), 0) + number * max(RUNS)
        modes.append(climb(job["base"], found[number], seed, scatter, tables))
        print(f"start {number}: squared distance {modes[-1].distance:.1f}", flush=True)
    write_modes(output, modes)
