"""What the paper would print under the preset, and under equations 4 and 5 as printed."""

from sdposim.identification.blocks import write_block
from sdposim.jointfit import preset
from sdposim.jointfit.facts import facts
from sdposim.jointfit.stored import simulator
from sdposim.seal import setting_aside
from sdposim.specs import parse


def run(spec: str, output: str) -> None:
    """Simulate the preset with many runs."""
    job = parse(spec, published=dict, base=dict, window=int, runs=int, slope_runs=int)
    with setting_aside():
        tried = preset.read_candidates()
    found = preset.shown(simulator(job), facts(job["published"]), tried.values[tried.chosen])
    write_block(output, found._asdict(), spec)
