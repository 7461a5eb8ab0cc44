"""The profiles fit the workflow and its default configuration; no Slurm is needed here."""

import re
from pathlib import Path

import pytest
import yaml

from sdposim.workflow import costs
from sdposim.workflow import study as plan
from sdposim.workflow.configuration.models import Config

ROOT = Path(__file__).parents[1]
DEFAULT = yaml.safe_load((ROOT / "profiles/default/profile.yaml").read_text(encoding="utf-8"))
PROFILE = yaml.safe_load((ROOT / "profiles/slurm/profile.yaml").read_text(encoding="utf-8"))
RULES = {
    name
    for file in (ROOT / "workflow/rules").glob("*.smk")
    for name in re.findall(r"^rule (\w+):", file.read_text(encoding="utf-8"), re.MULTILINE)
}


def resources(rule):
    """What a rule asks Slurm for."""
    return PROFILE["default-resources"] | PROFILE["set-resources"].get(rule, {})


def test_the_profile_names_only_rules_of_the_workflow():
    named = {*PROFILE["set-resources"], *re.split("[ ,]+", PROFILE["slurm-array-jobs"])}
    assert named and named <= RULES


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_asks_for_memory_and_time(rule):
    asked = resources(rule)
    assert 1000 <= asked["mem_mb"] <= 8000
    assert 10 <= asked["runtime"] <= 240


def test_time_of_a_training_job_covers_a_block_of_the_default_width():
    # As many seeds as make a block full, at the size of the paper.
    known = Config()
    full = {"methods": list(known.methods), "feedbacks": list(known.feedbacks)}
    studies = {"full": full | {"seeds": known.seeds_per_job}}
    config = Config.model_validate({"run": ["full"], "studies": studies})
    jobs = plan.study_jobs(config, "full", plan.all_jobs(config))
    planned = costs.cost(config, jobs, costs.cell_seconds)
    assert planned.cells == len(jobs) * config.seeds_per_job
    # A node can be several times slower than the machine that the table was measured on.
    assert 10 * planned.longest_seconds < 60 * resources("train")["runtime"]


def test_nothing_but_a_node_failure_is_tried_again():
    assert PROFILE["slurm-requeue"] is True
    # A failed job that is tried again alone would never be submitted: see the profile.
    assert "retries" not in PROFILE and "restart-times" not in PROFILE


def test_all_ready_jobs_are_handed_over_at_once():
    rate = re.fullmatch(r"(\d+)/1s", PROFILE["max-jobs-per-timespan"])
    assert int(rate[1]) >= PROFILE["jobs"] >= 100_000


def test_a_failed_job_is_shown_with_its_log():
    assert DEFAULT["show-failed-logs"] is True
    # Snakemake counts the report of a failed job among the rules.
    assert not {"rules", "all"} & set(DEFAULT["quiet"])
