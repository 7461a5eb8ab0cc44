"""Derivatives on a block of the sample of landscapes."""

from sdposim.calibration.identification.blocks import write_block
from sdposim.calibration.identification.search import simulate_sensitivity
from sdposim.commands.specs import parse


def run(spec: str, output: str) -> None:
    """Simulate how the tables depend on the open settings, on a block of landscapes."""
    job = parse(spec, base=dict, first=int, last=int, window=int)
    numbers = range(job["first"], job["last"] + 1)
    found = simulate_sensitivity(numbers, job["base"], job["window"])
    write_block(output, found._asdict(), spec)
    print(f"{len(numbers)} landscapes", flush=True)
