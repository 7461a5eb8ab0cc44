"""Predictions of a source's numbers by a fit without them."""

import numpy as np

from sdposim.analysis.published import from_rows
from sdposim.calibration.identification.blocks import write_block
from sdposim.calibration.jointfit import left_out, plan
from sdposim.calibration.jointfit.comparison import Comparison
from sdposim.calibration.jointfit.facts import facts
from sdposim.calibration.jointfit.fitting import settled
from sdposim.calibration.jointfit.reading import FITTED
from sdposim.calibration.jointfit.stored import read_fitted, simulator
from sdposim.commands.specs import parse
from sdposim.storage.seal import setting_aside


def run(spec: str, output: str) -> None:
    """Fit without a source, and predict it by single runs under draws of the settings."""
    job = parse(
        spec, published=list, base=dict, window=int, runs=int, slope_runs=int, draws=int,
        left_out=tuple(plan.LEFT_OUT),
    )  # fmt: skip
    with setting_aside():
        _, known = read_fitted()
    comparison, simulates = Comparison(facts(from_rows(job["published"]))), simulator(job)
    left = left_out.left_out(comparison.facts, plan.LEFT_OUT[job["left_out"]])
    fit, _ = settled(simulates, FITTED, comparison, ~left, known)
    drawn = left_out.draws(fit, job["draws"])
    print(f"{len(drawn)} draws of the settings", flush=True)
    chosen = [fact for fact, own in zip(comparison.facts, left, strict=True) if own]
    parts = [left_out.predict(simulates, chosen, drawn)] if chosen else []
    if job["left_out"] in plan.WITH_WEIGHTS:
        parts.append(left_out.predict_weights(simulates, drawn))
    write_block(output, {"predicted": np.hstack(parts)}, spec)
