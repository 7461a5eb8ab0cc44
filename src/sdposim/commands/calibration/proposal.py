"""Where an exploring generation is drawn."""

from sdposim.calibration import plan, search
from sdposim.calibration.explored import explored
from sdposim.calibration.proposal import write_proposal
from sdposim.specs import parse


def run(spec: str, output: str) -> None:
    """Write where an exploring generation is drawn, given the earlier ones."""
    job = parse(spec, options=dict, base=dict, generation=int)
    found, _ = explored(job, job["generation"], plan.PUBLISHED)
    seed = [job["options"]["seed"], 4, job["generation"]]
    write_proposal(output, search.explore(found, job["options"]["landscapes"], seed))
