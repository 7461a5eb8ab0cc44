"""What a joint fit found, as tables of numbers."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from sdposim.analysis.published import Value
from sdposim.calibration.jointfit import earlier, plan
from sdposim.calibration.jointfit.comparison import Comparison
from sdposim.calibration.jointfit.facts import BASELINES, PARTS, Fact
from sdposim.calibration.jointfit.fitting import parts_evidence
from sdposim.calibration.jointfit.importance import Weighted
from sdposim.calibration.jointfit.preset import Candidates, Shown
from sdposim.calibration.jointfit.readings import READINGS
from sdposim.calibration.jointfit.simulate import CENTRE, PARAMETERS, SPREAD, Linear
from sdposim.calibration.jointfit.stored import Tried
from sdposim.calibration.jointfit.surface import coordinates

ENDS = (0.05, 0.5, 0.95)
"""Of a 90% interval, with the median."""
DIGITS = 8
"""After the decimal point of what is found: its last bits are the linear algebra's of the machine,
and its figure is to be the same file on any machine."""
_Z90 = 1.6449
"""Half the width of a normal one, in SDs."""
COMPARABLE = 20.0
"""Log evidence that a reading may lack and still be asked how near it comes to a number."""


def numbers(facts: Sequence[Fact], shown: Shown) -> pd.DataFrame:
    """A row per published number: what the preset gives, and equations 4 and 5 as printed.

    `sd` is that of what a single run prints, `z` published less reproduced in units of all errors.
    """
    about = ["source", "method", "feedback", "noise", "statistic", "value"]
    table = pd.DataFrame([[getattr(fact, name) for name in about] for fact in facts])
    table.columns = [*about[:-1], "published"]
    for place, name in enumerate(("paper", "as_printed")):
        table[name] = shown.predicted[place]
        table[f"{name}_sd"] = shown.sd[place]
        table[f"{name}_z"] = shown.z[place]
    return table


def readings(tried: Tried, linear: Linear, facts: Sequence[Fact]) -> pd.DataFrame:
    """A row per reading: its evidence less that of the fitted one, of all numbers and of parts."""
    comparison = Comparison(tuple(facts))
    fitted = {method: parts_evidence(linear, comparison, method) for method in BASELINES}
    rows = []
    for place, reading in enumerate(READINGS):
        base = fitted.get(reading.methods[0]) if reading.methods else None
        parts = tried.parts[place] - (np.nan if base is None else base)
        rows.append(
            {
                "question": reading.question,
                "reading": reading.name,
                "log_evidence": tried.log_evidence[place] - tried.log_evidence[0],
                "squared": tried.squared[place],
            }
            | dict(zip(PARTS, parts, strict=True))
        )
    return pd.DataFrame(rows)


def settings(
    posteriors: Mapping[str, tuple[Weighted, Weighted]], candidates: Candidates
) -> pd.DataFrame:
    """A row per setting and source: median and 90% interval.

    Args:
        posteriors: from `posteriors.read_posteriors`.
        candidates: of which the preset is taken.
    """
    preset = candidates.values[candidates.chosen]
    found = {
        "prior": CENTRE + _Z90 * np.outer([-1, 0, 1], SPREAD),
        "tables": coordinates(posteriors["tables"][0].quantiles(ENDS)),
        "unidentified": coordinates(posteriors["all"][0].quantiles(ENDS)),
        "identified": coordinates(posteriors["all"][1].quantiles(ENDS)),
    }
    rows = []
    for place, parameter in enumerate(PARAMETERS):
        for source, ends in found.items():
            known = np.round(ends[:, place], DIGITS)
            rows.append((parameter.key, source, *map(parameter.setting, known)))
        rows.append((parameter.key, "earlier", *earlier.POSTERIOR[parameter.key]))
        rows.append(
            (parameter.key, "earlier preset", np.nan, earlier.PRESET[parameter.key], np.nan)
        )
        rows.append((parameter.key, "preset", np.nan, preset[place], np.nan))
    return pd.DataFrame(rows, columns=["setting", "source", "low", "median", "high"])


def left_out(
    facts: Sequence[Fact], weights: Sequence[Value], found: Mapping[str, np.ndarray]
) -> pd.DataFrame:
    """A row per number that was left out: published, predicted, 95% interval, inside or not.

    The interval is that of what would be read or printed, rounding and reading a figure included.

    Args:
        facts: all that are fitted.
        weights: figure 5's, see `facts.weights`.
        found: file name of the source -> predictions, (predictions, numbers).
    """
    rows, rng = [], np.random.default_rng(8)
    for name, source in plan.LEFT_OUT.items():
        own = [fact for fact in facts if fact.source == source]
        errors = [fact.error for fact in own]
        values = [fact.value for fact in own]
        about = [(fact.method, fact.feedback, fact.noise, fact.statistic) for fact in own]
        if name in plan.WITH_WEIGHTS:
            values += [weight.value for weight in weights]
            about += [("hybrid", "", 0.2, f"weight, {text}") for text, *_ in plan.WEIGHTS]
            errors += [weight.variance for weight in weights]
        printed = found[name] + rng.normal(0.0, np.sqrt(errors), found[name].shape)
        low, median, high = np.quantile(printed, [0.025, 0.5, 0.975], axis=0)
        for place, value in enumerate(values):
            inside = bool(low[place] <= value <= high[place])
            ends = (median[place], low[place], high[place])
            rows.append((source, *about[place], value, *ends, inside))
    return pd.DataFrame(
        rows,
        columns=[
            "left_out", "method", "feedback", "noise", "statistic", "published", "predicted", "low",
            "high", "inside",
        ],
    )  # fmt: skip


def together(facts: Sequence[Fact], found: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """A row per source: the share of predictions that are as far from all others as the paper.

    Distance is in units of the predictions' covariance, which knows that numbers scatter together;
    predictions are rounded, or read off a figure, as the paper's numbers are.
    """
    rows, rng = [], np.random.default_rng(9)
    for name, source in plan.LEFT_OUT.items():
        values = np.array([fact.value for fact in facts if fact.source == source])
        if not values.size:
            continue
        errors = [fact.error for fact in facts if fact.source == source]
        exact = found[name][:, : values.size]
        predicted = exact + rng.normal(0.0, np.sqrt(errors), exact.shape)
        precision = np.linalg.inv(np.cov(exact.T) + np.diag(errors))
        offsets = np.vstack([values, predicted]) - predicted.mean(axis=0)
        squared = np.einsum("ki,ij,kj->k", offsets, precision, offsets)
        rows.append((source, values.size, squared[0], float((squared[1:] >= squared[0]).mean())))
    return pd.DataFrame(rows, columns=["left_out", "numbers", "squared", "farther"])


def gain(posteriors: Mapping[str, tuple[Weighted, Weighted]]) -> dict[str, float]:
    """Log evidence of the identified landscapes less that of any, by the numbers that count."""
    return {
        plan.POSTERIORS[name]: known.log_evidence - unknown.log_evidence
        for name, (unknown, known) in posteriors.items()
    }
