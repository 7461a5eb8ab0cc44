"""Runs on a block of the landscapes of a group of families."""

import time

import numpy as np

from sdposim.calibration.identification.blocks import write_block
from sdposim.calibration.identification.hypotheses import FAMILIES, GROUPS
from sdposim.calibration.identification.search import simulate_landscapes
from sdposim.commands.specs import parse

_AT_ONCE = 50


def run(spec: str, output: str) -> None:
    """Simulate the conditions of the tables on a block of landscapes."""
    job = parse(spec, base=dict, group=tuple(GROUPS), first=int, last=int, runs=int, window=int)
    numbers = range(job["first"], job["last"] + 1)
    places, seeds, found, reported = [], [], [], time.perf_counter()
    for family in GROUPS[job["group"]]:
        for start in range(0, len(numbers), _AT_ONCE):
            part = numbers[start : start + _AT_ONCE]
            runs = simulate_landscapes(family, part, job["base"], job["runs"], job["window"])
            places += [FAMILIES.index(family)] * len(part)
            seeds += part
            found.append(runs)
            if time.perf_counter() - reported > 5:
                reported = time.perf_counter()
                print(f"{len(seeds)} landscapes simulated", flush=True)
    columns = {"family": np.array(places), "seed": np.array(seeds), "runs": np.concatenate(found)}
    write_block(output, columns, spec)
    print(f"{len(seeds)} landscapes", flush=True)
