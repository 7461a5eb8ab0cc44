"""The evidence on a claim: each of its tests in each scope, as one table."""

from collections.abc import Mapping
from zlib import crc32

import numpy as np
import pandas as pd

from sdposim.audit.claims import Claim, Scope, Trial
from sdposim.audit.relations import RELATIONS, nearest
from sdposim.audit.samples import Samples, Sources
from sdposim.audit.statistics import achieved_power, measured, of_units


def evidence(
    claim: Claim, scopes: Mapping[str, Scope], sources: Sources, stated: Mapping[str, float]
) -> pd.DataFrame:
    """Measure every test of a claim.

    Args:
        claim: what is claimed.
        scopes: by name.
        sources: where the values of terms come from.
        stated: numbers of the paper by id.

    Returns:
        A row per scope and test: `scope`, `test` (its number), `effect` (the expression),
        `relation`, `bounds`; `measured` with its 95% interval `low` to `high`; `units`; `false` and
        `true`, the p-values of the claim's being false and true; `iqm` and `share` of units (see
        `statistics.Units`); `power` and `needed` (see `statistics.Power`), and `chosen`, the
        settings that were chosen, as text.

    Raises:
        UserError: no unit has all that a test needs.
    """
    rows = [
        {"scope": name, "test": number} | _row(trial, scope, sources, stated, name)
        for name, scope in scopes.items()
        for number, trial in enumerate(claim.trials(name))
    ]
    return pd.DataFrame(rows)


def _row(
    trial: Trial, scope: Scope, sources: Sources, stated: Mapping[str, float], name: str
) -> dict:
    samples = Samples(scope, trial.effect.terms, sources)
    given = trial.effect, samples.read, stated, samples.units.size
    result = measured(*given, seed=crc32(f"{name}: {trial.effect.text}".encode()))
    judged = RELATIONS[trial.relation][0](result, trial.bounds)
    bound = nearest(trial.relation, result, trial.bounds)
    singles = of_units(*given, bound) if trial.effect.terms else (np.nan, np.nan)
    return {
        "effect": trial.effect.text,
        "relation": trial.relation,
        "bounds": ", ".join(f"{key} {value:g}" for key, value in trial.bounds.items()),
        "measured": result.effect,
        "low": result.low,
        "high": result.high,
        "units": result.units,
        "false": judged.false,
        "true": judged.true,
        "iqm": float(singles[0]),
        "share": float(singles[1]),
        **achieved_power(result, bound)._asdict(),
        "chosen": "; ".join(
            f"{method}, {feedback}, {noise:g}: {setting}"
            for (method, feedback, noise), setting in samples.chosen.items()
        ),
    }
