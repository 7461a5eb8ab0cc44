"""Rough evidence of every landscape that was tried."""

from sdposim.analysis.published import from_rows
from sdposim.calibration.identification.blocks import write_block
from sdposim.calibration.identification.search import score
from sdposim.commands.specs import parse
from sdposim.storage.seal import setting_aside


def run(spec: str, output: str) -> None:
    """Score every landscape of every family on the published tables."""
    job = parse(spec, options=dict, published=list)
    with setting_aside():
        found = score(job["options"], from_rows(job["published"]))
    write_block(output, found._asdict(), spec)
    print(f"{len(found.seed)} landscapes", flush=True)
