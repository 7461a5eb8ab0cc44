"""The evidence on a claim: each of its tests in each scope, as one table."""

from collections.abc import Iterator, Mapping
from zlib import crc32

import pandas as pd

from sdposim.audit.claims import Claim, Scope, Trial
from sdposim.audit.relations import RELATIONS, nearest
from sdposim.audit.samples import Samples, Sources
from sdposim.audit.statistics import Measured, Power, achieved_power, measured, of_units


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
        row for name, scope in scopes.items() for row in _rows(claim, name, scope, sources, stated)
    ]
    return pd.DataFrame(rows)


def _rows(
    claim: Claim, name: str, scope: Scope, sources: Sources, stated: Mapping[str, float]
) -> Iterator[dict]:
    """Those of a scope; tests of the same units share their resamples."""
    trials = claim.trials(name)
    samples = [Samples(scope, trial.effect.terms, sources) for trial in trials]
    groups: dict[bytes, list[int]] = {}
    for number, own in enumerate(samples):
        groups.setdefault(own.units.tobytes(), []).append(number)
    measures: dict[int, Measured] = {}
    for group in groups.values():
        values = {term: samples[number].read(term) for number in group for term in samples[number]}
        effects = [trials[number].effect for number in group]
        seed = crc32("\n".join([name, *(effect.text for effect in effects)]).encode())
        units = samples[group[0]].units.size
        found = measured(effects, values.__getitem__, stated, units, seed)
        measures |= dict(zip(group, found, strict=True))
    for number, trial in enumerate(trials):
        row = _row(trial, samples[number], measures[number], stated)
        yield {"scope": name, "test": number} | row


def _power(relation: str, result: Measured, bound: float) -> Power:
    """Undefined where more units decide nothing: of a single published number."""
    if relation in ("same", "reproduces"):
        return Power(float("nan"), float("nan"))
    return achieved_power(result, bound)


def _row(
    trial: Trial, samples: Samples, result: Measured, stated: Mapping[str, float]
) -> dict[str, object]:
    judged = RELATIONS[trial.relation][0](result, trial.bounds)
    bound = nearest(trial.relation, result, trial.bounds)
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
        **of_units(trial.effect, samples.read, stated, result.units, bound)._asdict(),
        **_power(trial.relation, result, bound)._asdict(),
        "chosen": "; ".join(
            f"{method}, {feedback}, {noise:g}{variant and f', {variant}'}: {setting}"
            for ((method, feedback, noise), _, variant), setting in samples.chosen.items()
        ),
    }
