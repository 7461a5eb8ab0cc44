"""The held-out numbers of some of the published tables' draws."""

from sdposim.calibration import plan
from sdposim.calibration.accepted import held_out_numbers, sharp_draws, write_held_out
from sdposim.seal import setting_aside
from sdposim.specs import parse


def run(spec: str, output: str) -> None:
    """Simulate the held-out numbers of some of the published tables' draws."""
    job = parse(spec, options=dict, base=dict, seed=int, first=int, last=int, runs=int)
    with setting_aside():
        found, weighed, _ = sharp_draws(job["options"], plan.PUBLISHED)
    numbers = range(job["first"], job["last"] + 1)
    write_held_out(output, held_out_numbers(found, weighed, numbers, job), spec)
    print(f"{len(numbers)} draws", flush=True)
