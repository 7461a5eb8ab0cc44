"""The verdicts as data: a csv of every test, a JSON list of every claim."""

import json

import numpy as np
import pandas as pd

from sdposim.audit.judged import Judged
from sdposim.audit.verdicts import CONFLICT, INCONCLUSIVE, SUPPORTED
from sdposim.report.claims.findings import Findings
from sdposim.report.files import number

DECIMALS = {
    "measured": 4,
    "low": 4,
    "high": 4,
    "false": 4,
    "true": 4,
    "iqm": 4,
    "share": 3,
    "power": 3,
    "needed": 0,
}
_NAMES = {"false": "p_if_false", "true": "p_if_true", "measured": "value"}


def as_csv(findings: Findings) -> str:
    """A row per claim, scope and test."""
    frames = []
    for name, scopes in findings.judged.items():
        for own in scopes.values():
            if len(own.tests):
                frames.append(own.tests.assign(id=name))
    table = pd.concat(frames)
    for column, decimals in DECIMALS.items():
        finite = table[column].where(table[column].abs() < float("inf"))
        finite = np.ceil(finite) if column == "needed" else finite
        table[column] = [number(value, decimals) for value in finite]
    table["test"] += 1
    first = ["id", "scope", "test", "verdict"]
    table = table[first + [name for name in table if name not in first]]
    return table.rename(columns=_NAMES).to_csv(index=False, lineterminator="\n")


def as_json(findings: Findings) -> str:
    """A list of claims: `id`, and by scope `verdict`, `effect`, `interval` and `evidence`."""
    rows = []
    for name, claim in findings.claims.claims.items():
        scopes = findings.judged[name]
        told = claim.contradicts
        rows.append(
            {
                "id": name,
                "title": claim.title,
                "section": claim.section,
                "claim": claim.claim,
                "kind": claim.kind,
                "verdict": {scope: own.verdict for scope, own in scopes.items()},
                "effect": {scope: _value(own, "measured") for scope, own in scopes.items()},
                "interval": {
                    scope: None
                    if own.decisive is None
                    else [_value(own, "low"), _value(own, "high")]
                    for scope, own in scopes.items()
                },
                "evidence": {
                    scope: _evidence(own, claim.untested.get(scope, claim.why))
                    for scope, own in scopes.items()
                },
                "contradicts_itself": told.model_dump() if told else None,
                "shown": claim.shown,
                "equations": claim.equations,
                "rules": dict(findings.rules),
            }
        )
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def _value(own: Judged, column: str) -> float | None:
    if own.decisive is None:
        return None
    return round(float(own.decisive[column]), 6) + 0.0


def _evidence(own: Judged, why: str) -> dict:
    if own.decisive is None:
        return {"reason": why} if why else {}
    row = own.decisive
    return {
        "tests": len(own.tests),
        "supported": own.count(SUPPORTED),
        "in_conflict": own.count(CONFLICT),
        "inconclusive": own.count(INCONCLUSIVE),
        "decisive": {
            "test": int(row["test"]) + 1,
            "effect": row["effect"],
            "relation": row["relation"],
            "bounds": row["bounds"],
            "units": int(row["units"]),
        },
    }
