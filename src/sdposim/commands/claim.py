"""Measure the tests of a claim, or of a hypothesis."""

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import pandas as pd

from sdposim.analysis.files import read_summary, write_summary
from sdposim.analysis.logs import read_log, read_metadata
from sdposim.audit.claims import Claim, Scope
from sdposim.audit.evidence import evidence
from sdposim.audit.samples import Condition, Sources, Values, gains
from sdposim.commands.specs import STANDARD_INPUT, parse
from sdposim.model.metrics import METRICS
from sdposim.storage.errors import UserError
from sdposim.storage.seal import setting_aside


def run(spec: str, output: str) -> None:
    """Write the evidence on a claim.

    Args:
        spec: canonical JSON from `workflow.claims.Evidence`.
        output: Parquet file to write, see `audit.evidence`.

    Raises:
        UserError: a summary or a log is unusable, or the file cannot be written.
    """
    job = parse(
        spec, STANDARD_INPUT, claim=dict, scopes=list, published=dict, summaries=dict, exact=dict,
        logs=dict, landscapes=dict, numbers=dict,
    )  # fmt: skip
    about = {"title": "-", "section": "-", "claim": "-", "kind": "value"}
    claim = Claim.model_validate(about | job["claim"])
    scopes = {
        name: Scope.model_validate({"label": name, "about": name, "studies": ["-"]} | own)
        for name, own in job["scopes"]
    }
    with setting_aside():
        table = evidence(claim, scopes, _sources(job), job["published"])
    write_summary(output, table, spec)
    print(f"{output}: {len(table)} tests", flush=True)


def _sources(job: dict) -> Sources:
    """What is read of the files that a spec names."""
    cells = [
        read_summary(f"results/summaries/{study}/cells.parquet", made_from)
        for study, made_from in job["summaries"].items()
    ]

    evaluated = [
        read_summary(f"results/summaries/{study}/exact.parquet", made_from)
        for study, made_from in job["exact"].items()
    ]

    @cache
    def rows(setting: str, condition: Condition) -> pd.DataFrame:
        return _of_condition(cells, setting, condition).sort_values("seed")

    @cache
    def kept(setting: str, condition: Condition) -> pd.DataFrame:
        return _of_condition(evaluated, setting, condition)

    def final(setting: str, condition: Condition, column: str) -> Values:
        frame = rows(setting, condition)
        return Values(frame["seed"].to_numpy(), frame[column].to_numpy(float))

    @cache
    def logs() -> Mapping[tuple, list[str]]:
        result: dict[tuple, list[str]] = {}
        for path, made_from in job["logs"].items():
            known = read_metadata(path, made_from)["condition"]
            condition = Condition(known["method"], known["feedback"], known["noise"])
            result.setdefault((known["setting"], condition), []).append(path)
        return result

    @cache
    def at(setting: str, condition: Condition, column: str, step: int) -> Values:
        wanted, parts = rows(setting, condition)["seed"].to_numpy(), []
        for path in logs()[setting, condition]:
            for log in read_log(path, job["logs"][path]):
                row = min(int(np.searchsorted(log.steps, step)), log.steps.size - 1)
                parts.append((log.seeds, log.values[:, row, METRICS.index(column)]))
        seeds, values = (np.concatenate(own) for own in zip(*parts, strict=True))
        order = np.argsort(seeds)
        keep = order[np.isin(seeds[order], wanted)]
        return Values(seeds[keep], values[keep])

    listed = {
        name: len(own["seed"]) if isinstance(own["seed"], list) else 1
        for name, own in job["landscapes"].items()
    }

    def landscapes(setting: str, seeds: np.ndarray) -> np.ndarray:
        return gains(job["landscapes"][setting], seeds.tolist())

    return Sources(final, at, kept, landscapes, listed, job["numbers"])


def _of_condition(
    frames: Sequence[pd.DataFrame], setting: str, condition: Condition
) -> pd.DataFrame:
    """The rows of a condition in the first summary that has any."""
    for frame in frames:
        at = (frame["setting"] == setting) & (frame["method"] == condition.method)
        at &= (frame["feedback"] == condition.feedback) & (frame["noise"] == condition.noise)
        if at.any():
            return frame[at]
    raise UserError(f"no summary has {setting}, {', '.join(map(str, condition))}")
