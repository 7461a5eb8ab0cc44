"""The evidence and the best settings of some of the best landscapes."""

import numpy as np

from sdposim.analysis.published import from_rows
from sdposim.calibration.identification.blocks import write_block
from sdposim.calibration.identification.evidence import READINGS
from sdposim.calibration.identification.hypotheses import FAMILIES
from sdposim.calibration.identification.search import (
    chosen_for_refinement,
    read_scores,
    read_sensitivity,
    refine,
)
from sdposim.commands.specs import parse
from sdposim.storage.seal import setting_aside


def run(spec: str, output: str) -> None:
    """Find the best settings of landscapes, with derivatives of their own."""
    job = parse(
        spec, options=dict, published=list, base=dict, first=int, last=int, runs=int, window=int
    )
    with setting_aside():
        chosen = chosen_for_refinement(read_scores(), job["options"]["refined"])
        scatter = read_sensitivity(job["options"]).scatter()
    rows, published = [], from_rows(job["published"])
    for family, seed in chosen[job["first"] : job["last"] + 1]:
        for place, reading in enumerate(READINGS):
            found = refine(
                family, seed, reading, scatter, published, job["base"], job["runs"], job["window"],
            )  # fmt: skip
            rows.append((FAMILIES.index(family), seed, place, found))
        print(f"{family.name} {seed}: log evidence {rows[-2][3].log_evidence:.1f}", flush=True)
    fits = [row[3] for row in rows]
    columns = {
        "family": np.array([row[0] for row in rows], np.int64),
        "seed": np.array([row[1] for row in rows], np.int64),
        "reading": np.array([row[2] for row in rows], np.int64),
        **{name: np.array([getattr(fit, name) for fit in fits]) for name in type(fits[0])._fields},
    }
    write_block(output, columns, spec)
