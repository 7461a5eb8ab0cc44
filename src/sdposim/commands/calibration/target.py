"""The tables to explain: the published ones, or those of known settings."""

from sdposim.calibration import plan
from sdposim.calibration.distance import ALL_READINGS
from sdposim.calibration.draws import first_seed, simulate_draw
from sdposim.calibration.prior import PARAMETERS, values
from sdposim.calibration.proposal import draw, from_anywhere, read_proposal
from sdposim.calibration.simulator import CONDITIONS
from sdposim.calibration.target import from_list, simulated_tables, write_target
from sdposim.specs import parse

_RUNS = 4
"""Runs of a synthetic paper: a baseline's condition has four published columns."""
_PAPERS = 10**6
"""Stands for the synthetic papers in the seeds of their runs."""


def run(spec: str, output: str) -> None:
    """Write the tables to explain: the published ones, or those of known settings.

    The known settings are like those that fit the published tables. The landscape is one of the
    pool for every second paper. For the others it is not, as the published tables' own is not.
    """
    number = plan.paper_number(parse(spec, paper=str)["paper"])
    if number == 0:
        job = parse(spec, tables=list)
        write_target(output, from_list(job["tables"]), None)
        return
    job = parse(spec, base=dict, seed=int, generation=int)
    where = read_proposal(plan.proposal(job["generation"]))
    z, landscape = draw(from_anywhere(where), [job["seed"], 3, number])
    landscape += where.size * (number % 2)
    reading = ALL_READINGS[number % len(ALL_READINGS)]
    seed = first_seed(_PAPERS, number)
    runs = simulate_draw(job["base"], values(z), landscape, seed, _RUNS)
    truth = dict(zip((p.key for p in PARAMETERS), values(z).tolist(), strict=True))
    write_target(
        output,
        simulated_tables(runs, reading, list(CONDITIONS)),
        truth | {"landscape": landscape} | reading._asdict(),
    )
