"""What docs/sizing.md says: the plan's formula, disk per cell, and summaries that stream."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from sdposim.analysis.files import read_summary, summary_writer
from sdposim.analysis.logs import Log, row_ends, write_log
from sdposim.analysis.summaries import stream, summarise
from sdposim.commands import policies
from sdposim.commands.plan import report
from sdposim.model.metrics import METRICS
from sdposim.storage.errors import UserError
from sdposim.workflow import costs
from sdposim.workflow import study as plan
from sdposim.workflow.configuration.load import load
from sdposim.workflow.configuration.validate import validate

ROOT = Path(__file__).parents[1]
LARGE = load([ROOT / "config" / "large.yaml"], ROOT / "config" / "config.yaml")
SPEC = plan.canonical({"x": 1})
ALL = len(METRICS)


def large_jobs():
    return plan.study_jobs(LARGE, "large", plan.all_jobs(LARGE))


def random_log(seeds, rows, metrics=ALL):
    values = np.random.default_rng(0).random((len(seeds), rows.size, ALL))
    values[:, :, metrics:] = np.nan
    return Log(np.array(seeds), rows, values)


def test_the_large_study_is_a_hundred_thousand_cells_in_full_blocks():
    jobs = large_jobs()
    assert sum(job.cells for job in jobs) == 100_000
    assert {job.cells for job in jobs} == {LARGE.seeds_per_job}
    assert LARGE.run == ["large"] and LARGE.log_steps == "summary"


def test_a_cell_of_the_large_study_takes_less_than_200_bytes(tmp_path):
    rows = row_ends(300, LARGE.log_steps, LARGE.analysis.final_window)
    count, log = LARGE.seeds_per_job, tmp_path / "log.parquet"
    metadata = {
        "condition": {"setting": "landscapes", "method": "hybrid", "feedback": "critique"}
        | {"noise": 0.2},
        "spec": json.loads(plan.training_spec(LARGE, large_jobs()[0])),
    }
    write_log(log, [random_log(range(count), rows)], metadata, "0" * 16)
    with summary_writer(tmp_path / "cells.parquet", SPEC) as add:
        stream({str(log): None}, [(0, count)], LARGE.analysis.model_dump(), add)
    logs, cells = (path.stat().st_size / count for path in (log, tmp_path / "cells.parquet"))
    others = costs.JOB_BYTES / count
    assert logs + cells + others < 200
    # The plan's constants, for a method with all metrics.
    assert logs + cells + others == pytest.approx(
        rows.size * costs.NUMBER_BYTES * len(METRICS)
        + costs.CELL_BYTES
        + (costs.FILE_BYTES + costs.JOB_BYTES) / count,
        rel=0.2,
    )


def test_the_plan_is_the_formula_of_the_documentation():
    jobs = large_jobs()
    cost = costs.cost(LARGE, jobs, lambda config, condition: 2e-3)
    assert cost.kernel_seconds == pytest.approx(100_000 * 2e-3)
    assert cost.seconds == pytest.approx(200 + 32 * costs.JOB_SECONDS)
    numbers = 25_000 * (5 + 3 + 3 + 6)  # of the methods, in each of two rows
    expected = 2 * numbers * costs.NUMBER_BYTES + 100_000 * costs.CELL_BYTES
    expected += 32 * (costs.FILE_BYTES + costs.JOB_BYTES)
    assert cost.disk == pytest.approx(expected)
    assert cost.plan_seconds == costs.PLAN_SECONDS + 32 * costs.PLAN_JOB_SECONDS
    assert cost.plan_memory == costs.PLAN_BYTES + 32 * costs.PLAN_JOB_BYTES


def test_the_plan_prints_the_share_of_the_kernel_and_the_cost_of_planning():
    text = "\n".join(report(LARGE, measure=False))
    total = costs.cost(LARGE, large_jobs(), costs.cell_seconds)
    assert f"{total.kernel_seconds / total.seconds:.0%} of it is in the kernel" in text
    assert re.search(r"Snakemake plans these jobs in 2\.9 s with 18\d\.\d MB of memory", text)


CHAINED = {"policy": {"context": "previous_token"}}


def small(study, paper):
    made = {"methods": ["sdpo"], "feedbacks": ["continuous"], "seeds": 10} | study
    return validate({"run": ["a"], "settings": {"paper": paper}, "studies": {"a": made}})


def test_policies_are_part_of_the_plan(tmp_path):
    """Their cells are trained again, to the last step that is kept."""
    for context in ({}, CHAINED):
        plain, kept = small({}, context), small({"policies": [0, 30, 60]}, context)
        (job,) = next(iter(plan.all_jobs(kept).values()))
        cost = costs.policies_cost(kept, "a", [job], lambda *_: 2e-3)
        assert cost.kernel_seconds == pytest.approx(10 * 2e-3 * 60 / 300)
        assert (cost.cells, cost.jobs) == (10, 1)
        none = costs.policies_cost(plain, "a", [job], lambda *_: 2e-3)
        assert (none.jobs, none.seconds, none.disk) == (0, 0.0, 0.0)
        policies.run(plan.policies_spec(kept, "a", job), "paper", str(tmp_path / "kept"))
        written = (tmp_path / "kept").stat().st_size
        assert cost.disk - costs.JOB_BYTES == pytest.approx(written, rel=0.35)
        for config, expected in ((plain, ["10", "1"]), (kept, ["20", "2"])):
            _, study, total, *_ = report(config, measure=False)
            assert study.split()[1:3] == total.split()[3:5] == expected


def test_the_plan_knows_what_an_autoregressive_policy_costs():
    """What was measured in milliseconds of a cell of the paper's size."""
    for method, expected in (("reinforce", 2.3), ("adv_weighted", 2.2), ("sdpo", 9.3)):
        condition = plan.Condition("paper", method, "continuous", 0.0)
        planned = costs.cell_seconds(small({"methods": [method]}, CHAINED), condition)
        assert planned * 1e3 == pytest.approx(expected, rel=0.2)


def test_rollouts_with_hints_of_their_own_have_teachers_of_their_own():
    judge = {"noise": "gaussian", "scale": "threshold"}
    feedbacks = {"plain": judge, "hinted": judge | {"hints": "normal"}}
    feedbacks["critique"] = feedbacks["hinted"] | {"scale": "interval"}
    study = {"methods": ["sdpo"], "feedbacks": [*feedbacks]}
    config = validate({"run": ["a"], "feedbacks": feedbacks, "studies": {"a": study}})
    plain, hinted, critique = (
        costs.cell_seconds(config, plan.Condition("paper", "sdpo", name, 0.0)) for name in feedbacks
    )
    assert plain < critique / 2 and hinted == pytest.approx(critique)


@pytest.mark.parametrize(
    ("study", "paper"),
    [
        ({}, CHAINED | {"landscape": {"vocabulary_size": 4096, "sequence_length": 64}}),
        (
            {"policies": list(range(301))},
            CHAINED | {"landscape": {"vocabulary_size": 256, "sequence_length": 64}},
        ),
    ],
)
def test_a_policy_that_no_memory_holds_is_refused(study, paper):
    with pytest.raises(UserError) as raised:
        small(study, paper)
    assert "settings.paper" in str(raised.value) and "previous_token" in str(raised.value)
    small(study, paper | {"policy": {"context": "position"}})


def test_jobs_that_keep_policies_count(monkeypatch):
    monkeypatch.setattr("sdposim.workflow.configuration.size.MAX_JOBS", 1)
    small({}, {})
    with pytest.raises(UserError, match="2 training jobs"):
        small({"policies": [0]}, {})


def test_narrow_blocks_lower_the_share_of_the_kernel():
    # A tenth of the seeds: a job for each of all cells takes seconds to plan.
    narrow = LARGE.model_dump() | {"seeds_per_job": 1}
    narrow["studies"]["large"]["seeds"] = 312
    narrow = validate(narrow)
    jobs = plan.study_jobs(narrow, "large", plan.all_jobs(narrow))
    assert len(jobs) == 312 * 32
    cost = costs.cost(narrow, jobs, costs.cell_seconds)
    assert cost.kernel_seconds / cost.seconds < 0.01


def test_a_summary_is_written_by_parts(tmp_path, monkeypatch):
    monkeypatch.setattr("sdposim.analysis.files._ROWS", 5)
    rows = np.array([280, 300])
    paths = {}
    for noise in (0.0, 0.1):
        path = tmp_path / f"{noise}.parquet"
        metadata = {"condition": {"setting": "a", "method": "sdpo", "feedback": "b"}}
        metadata["condition"]["noise"] = noise
        parts = [random_log(range(first, first + 3), rows, 4) for first in (0, 3, 6)]
        write_log(path, parts, metadata, "0" * 16)
        paths[str(path)] = "0" * 16
    options = [(0, 7)], LARGE.analysis.model_dump()
    cells, curves = summarise(paths, *options)
    with summary_writer(tmp_path / "cells.parquet", SPEC) as add:
        streamed = stream(paths, *options, add)
    read = read_summary(tmp_path / "cells.parquet")
    assert read.equals(cells) and streamed.equals(curves) and len(cells) == 16
