"""Where a paper's sharp generation is drawn."""

from sdposim.calibration import plan, sharpen
from sdposim.calibration.accepted import sharp_draws
from sdposim.calibration.climb import read_modes
from sdposim.calibration.proposal import write_proposal
from sdposim.seal import setting_aside
from sdposim.specs import parse


def run(spec: str, output: str) -> None:
    """Write where a paper's sharp generation is drawn."""
    job = parse(spec, options=dict, paper=str, generation=int)
    options, paper = job["options"], job["paper"]
    if job["generation"] == plan.SHARP[0]:
        modes = read_modes(plan.climbs(options, paper))
        write_proposal(output, sharpen.around(modes, options["landscapes"]))
        return
    with setting_aside():
        found, weighed, proposals = sharp_draws(options, paper, job["generation"] - 1)
    write_proposal(output, sharpen.adapted(proposals[-1], found, weighed))
