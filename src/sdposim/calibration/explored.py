"""What the exploring draws say about where to look next."""

from sdposim.calibration import plan
from sdposim.calibration.distance import Scatter
from sdposim.calibration.draws import read_draws
from sdposim.calibration.posterior import evaluate
from sdposim.calibration.proposal import pooled, read_proposal
from sdposim.calibration.search import Candidates, candidates
from sdposim.calibration.target import read_target
from sdposim.seal import setting_aside


def explored(job: dict, generations: int, paper: str) -> tuple[Candidates, Scatter]:
    """Candidates for a mode, and the run-to-run scatter, by the first so many generations.

    Args:
        job: with `options` and `base`.
        generations: how many.
        paper: whose tables are to be explained.
    """
    files = plan.explored(job["options"], generations)
    with setting_aside():
        found = read_draws(files["draws"])
    proposals = [None, *(read_proposal(path) for path in files["proposals"])]
    tables, _ = read_target(plan.target(paper))
    posterior = evaluate(found, pooled(found.z, found.landscape, proposals), tables)
    best = int(posterior.marginal.argmax())
    print(
        f"{len(found.number)} draws; likeliest: squared distance {posterior.distance[best]:.1f} "
        f"on landscape {found.landscape[best]}",
        flush=True,
    )
    landscape = job["base"]["landscape"]
    return candidates(found, posterior, tables, landscape), posterior.scatter
