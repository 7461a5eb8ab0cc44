"""Rough evidence of every landscape that was tried."""

from sdposim.identification.blocks import write_block
from sdposim.identification.search import score
from sdposim.seal import setting_aside
from sdposim.specs import parse


def run(spec: str, output: str) -> None:
    """Score every landscape of every family on the published tables."""
    job = parse(spec, options=dict, published=dict)
    with setting_aside():
        found = score(job["options"], job["published"])
    write_block(output, found._asdict(), spec)
    print(f"{len(found.seed)} landscapes", flush=True)
