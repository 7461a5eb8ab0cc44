"""`sdposim explain`: what it says is due is what a run makes, and the reasons are the edits."""

import re

import pytest

from edits import EDITS
from sdposim.analysis.published import read_values
from sdposim.commands import explain as command
from sdposim.workflow.artefacts import Artefacts
from sdposim.workflow.configuration.load import load
from sdposim.workflow.explain import EDITED, MISSING, differences, explain

# In a small study everything that an edit of the configuration touches is known; one of sources
# needs a process of its own.
CONFIGURED = [edit for edit in EDITS if edit.apply.__qualname__.startswith("put")]


@pytest.fixture
def told(finished, tmp_path, monkeypatch):
    """The explanation of a finished study after an edit."""

    def after(edit):
        study = finished.copy(tmp_path / "study")
        edit(study)
        monkeypatch.chdir(study.folder)
        config = load()
        return explain(config, Artefacts(config, read_values()))

    return after


def jobs(explanation):
    """The jobs that make what is due."""
    return {job(own.kind, own.name) for own in explanation.due}


def job(kind, name):
    if kind == "log":
        return "train " + re.sub("noise=|seeds=", "", name)
    if kind == "policies":
        return f"policies {re.sub('noise=|seeds=', '', name).replace(' ', '/', 1)}"
    rule = {"summary": "summarise", "record": "provenance"}.get(kind, kind)
    return f"{rule} {name}".strip()


def test_most_edits_are_asked():
    assert len(CONFIGURED) > 20


@pytest.mark.parametrize("edit", CONFIGURED, ids=lambda edit: edit.name)
def test_what_is_due_is_what_a_run_makes(edit, told):
    explanation = told(edit.apply)
    assert jobs(explanation) == edit.jobs
    assert sum(explanation.current.values()) + len(explanation.due) > 0


def put(path, value):
    def apply(study):
        *groups, key = path.split(".")
        configuration = study.configuration()
        group = configuration
        for name in groups:
            group = group.setdefault(name, {})
        group[key] = value
        study.write_configuration(configuration)

    return apply


def test_a_setting_is_named_with_both_values_and_what_it_reaches(told):
    explanation = told(put("settings.other.update", {"oracle": {"strength": 0.5}}))
    assert explanation.configured == ("settings.other.update.oracle.strength: 2.0 -> 0.5",)
    reached = explanation.by_cause["update.guidance.oracle.strength: 2.0 -> 0.5"]
    assert {job(own.kind, own.name) for own in reached} == {
        "train other/hybrid/ordinal/0.2/4-4",
        "train other/hybrid/ordinal/0.2/7-7",
        "summarise mine",
        "table my_table",
        "provenance mine",
    }


def test_a_label_reaches_no_log(told):
    edit = next(edit for edit in EDITS if edit.name == "the label of a method")
    reached = told(edit.apply).by_cause['methods.reinforce.label: "REINFORCE" -> "Baseline"']
    assert {own.kind for own in reached} == {"table", "figure", "comparison", "record"}


def test_files_that_are_missing_or_edited_say_so(told):
    def spoil(study):
        study.path("reports/tables/my_table.md").write_text("mine")
        study.path("reports/figures/figure1.svg").unlink()

    explanation = told(spoil)
    causes = {(own.kind, own.name): own.causes for own in explanation.due}
    assert causes["table", "my_table"] == (EDITED,)
    assert causes["figure", "figure1"] == (MISSING,)


def test_differences_name_the_key():
    before = {"digest": "a", "logs": [1], "list": [{"name": "x", "v": 1}], "gone": 1}
    after = {"digest": "b", "logs": [2], "list": [{"name": "x", "v": 2}]}
    assert list(differences(before, after)) == [
        "code or package versions",
        "gone: 1 -> nothing",
        "list.x.v: 1 -> 2",
    ]
    backwards = {"list": [{"name": "y"}, {"name": "x"}]}
    assert list(differences({"list": backwards["list"][::-1]}, backwards)) == [
        "list: listed in another order"
    ]


def test_the_command_prints_changes_and_what_they_reach(finished, tmp_path, monkeypatch, capsys):
    study = finished.copy(tmp_path / "study")
    monkeypatch.chdir(study.folder)
    command.run([])
    assert capsys.readouterr().out == (
        "Everything is up to date: 11 logs, 3 summaries, 2 tables, 2 figures, the comparison,"
        " 3 records.\n"
    )
    (tmp_path / "mine.yaml").write_text("settings: {other: {update: {oracle: {strength: 0.5}}}}")
    command.run([str(tmp_path / "mine.yaml")])
    assert (
        capsys.readouterr().out
        == """\
The configuration has changed:
  settings.other.update.oracle.strength: 2.0 -> 0.5

update.guidance.oracle.strength: 2.0 -> 0.5
  2 logs: other hybrid 2
  1 summary: mine
  1 table: my_table
  1 record: mine
Up to date: 9 logs, 2 summaries, 1 table, 2 figures, the comparison, 2 records.
"""
    )
