"""The list of artefacts is what the rules make."""

import re

import forked
from sdposim.analysis.published import read_values
from sdposim.workflow.artefacts import Artefacts
from sdposim.workflow.configuration.validate import validate


def listed(output, name):
    """A rule's line of Snakemake's listing as a set of paths."""
    line = re.search(rf"^    {name}: (.+)$", output, re.MULTILINE)
    return set(re.sub(r" \(.*?\)", "", line[1]).split(", ")) if line else set()


def test_the_list_says_what_each_rule_makes_from_what_and_where_it_logs(finished):
    made = Artefacts(validate(finished.configuration()), read_values())
    asked = ["--snakefile", str(finished.sources / "Snakefile"), "--cores", "2", "--dry-run"]
    done = forked.snakemake(
        [*asked, "--forceall", "--quiet", "host"], finished.folder, finished.environment()
    )
    blocks = re.split(r"^(?:local)?rule ", done.stdout, flags=re.MULTILINE)[1:]
    jobs = {}
    for block in blocks:
        rule = block.partition(":")[0]
        files = listed(block, "output")
        jobs[frozenset(files)] = rule, listed(block, "input"), listed(block, "log")
    groups = (made.summaries, made.tables, made.figures, made.comparisons, made.records)
    every = [own for group in groups for own in group.values()]
    assert len(every) > 8
    for own in every:
        receipts = [own.receipt] if own.receipt else []
        said = own.rule, set(own.inputs), {own.log}
        assert jobs.pop(frozenset([*own.files, *receipts])) == said, own
    for path in made.training:
        rule, _, (log,) = jobs.pop(frozenset([path]))
        assert rule == "train" and {path, log} <= made.written()
    left = {rule for rule, _, _ in jobs.values()}
    assert left == {"compile_kernel", "all"}
    (targets,) = (inputs for rule, inputs, _ in jobs.values() if rule == "all")
    assert set(made.wanted()) < targets and len(targets - set(made.wanted())) == 1
