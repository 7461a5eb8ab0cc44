"""Runs on the landscapes of lists of seeds, under the settings that the tables allow."""

import numpy as np

from sdposim.calibration.identification import figure6
from sdposim.calibration.identification.blocks import write_block
from sdposim.calibration.identification.hypotheses import LEAD_SEED
from sdposim.calibration.identification.search import best_settings, read_refined
from sdposim.commands.specs import parse
from sdposim.storage.seal import setting_aside


def run(spec: str, output: str) -> None:
    """Run figure 6's methods on the landscapes of many seeds, for a few draws of the settings."""
    job = parse(spec, options=dict, base=dict, draws=int, pool=int, window=int)
    with setting_aside():
        fit = best_settings(read_refined(job["options"]), LEAD_SEED)
    draws = figure6.settings_draws(fit.coordinates, fit.covariance, job["draws"])
    numbers = figure6.seeds(job["pool"])
    parts = []
    for found in figure6.simulate_rewards(draws, numbers, job["base"], job["window"]):
        parts.append(found)
        print(f"{len(parts)} of {len(draws)} draws of the settings", flush=True)
    columns = figure6.Rewards(*map(np.concatenate, zip(*parts, strict=True)))._asdict()
    write_block(output, columns, spec)
