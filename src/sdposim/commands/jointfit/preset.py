"""What the paper would print under the preset, and under equations 4 and 5 as printed."""

from sdposim.analysis.published import from_rows
from sdposim.calibration.identification.blocks import write_block
from sdposim.calibration.jointfit import preset
from sdposim.calibration.jointfit.facts import facts
from sdposim.calibration.jointfit.stored import simulator
from sdposim.commands.specs import parse
from sdposim.storage.seal import setting_aside


def run(spec: str, output: str) -> None:
    """Simulate the preset with many runs."""
    job = parse(spec, published=list, base=dict, window=int, runs=int, slope_runs=int)
    with setting_aside():
        tried = preset.read_candidates()
    found = preset.shown(
        simulator(job), facts(from_rows(job["published"])), tried.values[tried.chosen]
    )
    write_block(output, found._asdict(), spec)
