"""A block of draws: where they are taken, and what comes out."""

import time

import numpy as np

from sdposim.calibration.draws import Draws, choose, first_seed, simulate_draw, write_draws
from sdposim.calibration.prior import values
from sdposim.calibration.proposal import read_proposal
from sdposim.specs import parse


def run(spec: str, output: str) -> None:
    """Simulate a block of draws from a proposal, or from the prior."""
    job = parse(
        spec,
        base=dict,
        generation=int,
        first=int,
        last=int,
        seed=int,
        landscapes=int,
        runs=int,
        proposal=str | None,
    )
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
