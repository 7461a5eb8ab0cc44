"""Where an exploring generation is drawn."""

import json

from sdposim.calibration import plan, search
from sdposim.calibration.explored import explored
from sdposim.calibration.proposal import write_proposal


def run(spec: str, output: str) -> None:
    """Write where an exploring generation is drawn, given the earlier ones."""
    job = json.loads(spec)
    found, _ = explored(job, job["generation"], plan.PUBLISHED)
    seed = [job["options"]["seed"], 4, job["generation"]]
    write_proposal(output, search.explore(found, job["options"]["landscapes"], seed))
