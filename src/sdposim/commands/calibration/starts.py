"""Where a paper's climbs start."""

from sdposim.calibration import plan, search
from sdposim.calibration.explored import explored
from sdposim.calibration.search import write_starts
from sdposim.specs import parse


def run(spec: str, output: str) -> None:
    """Write where a paper's climbs start."""
    job = parse(spec, options=dict, base=dict, paper=str)
    found, scatter = explored(job, job["options"]["generations"], job["paper"])
    write_starts(output, search.starts(found, plan.starts_count(job["options"])), scatter)
