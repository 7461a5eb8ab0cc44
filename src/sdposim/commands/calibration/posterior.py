"""A paper's draws with their weights, and what they say about each setting."""

from sdposim.calibration import plan
from sdposim.calibration.accepted import sharp_draws
from sdposim.calibration.files import write_json
from sdposim.calibration.results import summary, weighted_draws, write_weighted
from sdposim.calibration.target import read_target
from sdposim.seal import setting_aside
from sdposim.specs import parse


def run(spec: str, draws: str, output: str) -> None:
    """Write a paper's draws with their weights, and what they say about each setting."""
    job = parse(spec, options=dict, paper=str)
    options = job["options"]
    with setting_aside():
        found, weighed, _ = sharp_draws(options, job["paper"])
    _, truth = read_target(plan.target(job["paper"]))
    table = weighted_draws(found, weighed)
    write_weighted(draws, table, spec)
    write_json(output, summary(table, weighed, options["landscapes"], truth))
