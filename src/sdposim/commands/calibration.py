"""The steps of a calibration, each the command of a rule."""

import json
import time

import numpy as np

from sdposim.calibration import plan, search, sharpen
from sdposim.calibration.accepted import held_out_numbers, sharp_draws, write_held_out
from sdposim.calibration.climb import RUNS, climb
from sdposim.calibration.distance import ALL_READINGS
from sdposim.calibration.draws import (
    Draws,
    choose,
    first_seed,
    read_draws,
    simulate_draw,
    write_draws,
)
from sdposim.calibration.files import (
    read_modes,
    read_proposal,
    read_starts,
    read_target,
    write_json,
    write_modes,
    write_proposal,
    write_starts,
    write_target,
)
from sdposim.calibration.posterior import evaluate
from sdposim.calibration.prior import PARAMETERS, values
from sdposim.calibration.proposal import draw, from_anywhere, pooled
from sdposim.calibration.results import summary, weighted_draws, write_weighted
from sdposim.calibration.simulator import CONDITIONS
from sdposim.calibration.target import published_tables, simulated_tables
from sdposim.seal import setting_aside

_TABLE_RUNS = 4
"""Runs of a synthetic paper: a baseline's condition has four published columns."""
_PAPERS, _CLIMBS = 10**6, 2 * 10**5
"""Stand for the synthetic papers, and for climbs, in the seeds of their runs."""


def target(spec: str, output: str) -> None:
    """Write the tables to explain: the published ones, or those of known settings.

    The known settings are like those that fit the published tables, on any landscape of the pool.
    """
    job = json.loads(spec)
    number = plan.paper_number(job["paper"])
    if number == 0:
        write_target(output, published_tables(job["published"]), None)
        return
    where = read_proposal(plan.proposal(job["generation"]))
    z, landscape = draw(from_anywhere(where), [job["seed"], 3, number])
    reading = ALL_READINGS[number % len(ALL_READINGS)]
    seed = first_seed(_PAPERS, number)
    runs = simulate_draw(job["base"], values(z), landscape, seed, _TABLE_RUNS)
    truth = dict(zip((p.key for p in PARAMETERS), values(z).tolist(), strict=True))
    write_target(
        output,
        simulated_tables(runs, reading, list(CONDITIONS)),
        truth | {"landscape": landscape} | reading._asdict(),
    )


def draws(spec: str, output: str) -> None:
    """Simulate a block of draws from a proposal, or from the prior."""
    job = json.loads(spec)
    generation, numbers = job["generation"], range(job["first"], job["last"] + 1)
    where = read_proposal(job["proposal"]) if job["proposal"] else None
    chosen, runs, reported = [], [], time.perf_counter()
    for number in numbers:
        z, landscape = choose(generation, number, job["seed"], job["landscapes"], where)
        seed = first_seed(generation, number)
        runs.append(simulate_draw(job["base"], values(z), landscape, seed, job["runs"]))
        chosen.append((z, landscape))
        if time.perf_counter() - reported > 5:
            reported = time.perf_counter()
            print(f"{len(runs)} of {len(numbers)} draws simulated", flush=True)
    block = Draws(
        np.full(len(numbers), generation),
        np.array(numbers),
        np.array([z for z, _ in chosen]),
        np.array([landscape for _, landscape in chosen]),
        np.array(runs),
    )
    write_draws(output, block, spec)
    print(f"{len(numbers)} draws", flush=True)


def proposal(spec: str, output: str) -> None:
    """Write where an exploring generation is drawn, given the earlier ones."""
    job = json.loads(spec)
    found, _ = _candidates(job, job["generation"], plan.PUBLISHED)
    seed = [job["options"]["seed"], 4, job["generation"]]
    write_proposal(output, search.explore(found, job["options"]["landscapes"], seed))


def starts(spec: str, output: str) -> None:
    """Write where a paper's climbs start."""
    job = json.loads(spec)
    found, scatter = _candidates(job, job["options"]["generations"], job["paper"])
    write_starts(output, search.starts(found, plan.starts_count(job["options"])), scatter)


def _candidates(job, generations, paper):
    files = plan.explored(job["options"], generations)
    with setting_aside():
        found = read_draws(files["draws"])
    proposals = [None, *(read_proposal(path) for path in files["proposals"])]
    tables, _ = read_target(plan.target(paper))
    posterior = evaluate(found, pooled(found.z, found.landscape, proposals), tables)
    best = int(posterior.marginal.argmax())
    print(
        f"{len(found.number)} draws; likeliest: squared distance {posterior.distance[best]:.1f} "
        f"on landscape {found.landscape[best]}",
        flush=True,
    )
    landscape = job["base"]["landscape"]
    return search.candidates(found, posterior, tables, landscape), posterior.scatter


def climbs(spec: str, output: str) -> None:
    """Climb from some of a paper's starts."""
    job = json.loads(spec)
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


def sharp_proposal(spec: str, output: str) -> None:
    """Write where a paper's sharp generation is drawn."""
    job = json.loads(spec)
    options, paper = job["options"], job["paper"]
    if job["generation"] == plan.SHARP[0]:
        modes = read_modes(plan.climbs(options, paper))
        write_proposal(output, sharpen.around(modes, options["landscapes"]))
        return
    with setting_aside():
        found, weighed, proposals = sharp_draws(options, paper, job["generation"] - 1)
    write_proposal(output, sharpen.adapted(proposals[-1], found, weighed))


def posterior(spec: str, draws: str, output: str) -> None:
    """Write a paper's draws with their weights, and what they say about each setting."""
    job = json.loads(spec)
    options = job["options"]
    with setting_aside():
        found, weighed, _ = sharp_draws(options, job["paper"])
    _, truth = read_target(plan.target(job["paper"]))
    table = weighted_draws(found, weighed)
    write_weighted(draws, table, spec)
    write_json(output, summary(table, weighed, options["landscapes"], truth))


def held_out(spec: str, output: str) -> None:
    """Simulate the held-out numbers of some of the published tables' draws."""
    job = json.loads(spec)
    with setting_aside():
        found, weighed, _ = sharp_draws(job["options"], plan.PUBLISHED)
    numbers = range(job["first"], job["last"] + 1)
    write_held_out(output, held_out_numbers(found, weighed, numbers, job), spec)
    print(f"{len(numbers)} draws", flush=True)
