"""The steps of a calibration, each the command of a rule."""

import json
import time

import numpy as np

from sdposim.calibration import plan
from sdposim.calibration.accepted import held_out_numbers, last_generation, write_held_out
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
    read_proposal,
    read_target,
    write_json,
    write_proposal,
    write_target,
)
from sdposim.calibration.posterior import evaluate, pooled, propose
from sdposim.calibration.prior import PARAMETERS, values
from sdposim.calibration.proposal import EXPLORING, SHARPENING, draw
from sdposim.calibration.results import summary, weighted_draws, write_weighted
from sdposim.calibration.simulator import CONDITIONS
from sdposim.calibration.target import published_tables, simulated_tables
from sdposim.seal import setting_aside

_TABLE_RUNS = 4
"""Runs of a synthetic paper: a baseline's condition has four published columns."""
_PAPERS = 10**6
"""Stands for the synthetic papers in the seeds of their runs."""


def target(spec: str, output: str) -> None:
    """Write the tables to explain: the published ones, or those of known settings.

    The known settings are drawn where the last exploring generation was, and are no draw of it.
    """
    job = json.loads(spec)
    number = plan.paper_number(job["paper"])
    if number == 0:
        write_target(output, published_tables(job["published"]), None)
        return
    where = read_proposal(plan.proposal(job["generation"]))
    z, landscape = draw(where, [job["seed"], 3, number])
    reading = ALL_READINGS[number % len(ALL_READINGS)]
    runs = simulate_draw(
        job["base"], values(z), landscape, first_seed(_PAPERS, number), _TABLE_RUNS
    )
    truth = dict(zip((p.key for p in PARAMETERS), values(z).tolist(), strict=True))
    write_target(
        output,
        simulated_tables(runs, reading, list(CONDITIONS)),
        truth | {"landscape": landscape} | reading._asdict(),
    )


def draws(spec: str, output: str) -> None:
    """Simulate a block of draws."""
    job = json.loads(spec)
    generation, numbers = job["generation"], range(job["first"], job["last"] + 1)
    where = read_proposal(plan.proposal(generation)) if generation else None
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
    """Write where a generation is drawn, given earlier ones."""
    job = json.loads(spec)
    options, generation = job["options"], job["generation"]
    files = plan.before(options, generation)
    with setting_aside():
        found = read_draws(files["draws"])
    proposals = [read_proposal(path) for path in files["proposals"]]
    if plan.is_sharp(options, generation - 1):
        # Only the likelihood counts: the few draws far out would have all the weight.
        sampled = np.zeros(len(found.z))
    else:
        sampled = pooled(found, proposals)
    tables, _ = read_target(plan.target(plan.PUBLISHED))
    posterior = evaluate(found, sampled, tables)
    shares = SHARPENING if plan.is_sharp(options, generation) else EXPLORING
    seed = [options["seed"], 4, generation]
    made = propose(found, posterior, tables, options["landscapes"], shares, seed)
    write_proposal(output, made)
    best = int(posterior.marginal.argmax())
    print(
        f"{len(found.number)} draws; likeliest: squared distance {posterior.distance[best]:.1f} "
        f"on landscape {found.landscape[best]}",
        flush=True,
    )


def posterior(spec: str, draws: str, output: str) -> None:
    """Write the exploring draws with their weights, and what they say about each setting."""
    job = json.loads(spec)
    options = job["options"]
    files = plan.history(options, options["generations"])
    with setting_aside():
        found = read_draws(files["draws"])
    tables, truth = read_target(plan.target(job["paper"]))
    sampled = pooled(found, [read_proposal(path) for path in files["proposals"]])
    weighed = evaluate(found, sampled, tables)
    table = weighted_draws(found, weighed)
    write_weighted(draws, table, spec)
    write_json(output, summary(table, weighed, options["landscapes"], truth))


def held_out(spec: str, output: str) -> None:
    """Simulate the held-out numbers of some draws of the last generation."""
    job = json.loads(spec)
    with setting_aside():
        found, weighed = last_generation(job["options"])
    numbers = range(job["first"], job["last"] + 1)
    write_held_out(output, held_out_numbers(found, weighed, numbers, job), spec)
    print(f"{len(numbers)} draws", flush=True)
