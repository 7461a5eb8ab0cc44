"""Methods and judges are compositions of parts; what one of them is touches no other."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sdposim.model import parts
from sdposim.model.compositions import completed, named, sees
from sdposim.model.paper import FEEDBACKS, METHODS
from sdposim.workflow.configuration.models import Config

SOURCE = Path(__file__).parents[1] / "src"
MODEL = SOURCE / "sdposim" / "model"
CONFIG = Config()
IDENTITIES = """
import json, sys
from sdposim.model.kernel import kernel_digest
from sdposim.workflow import study
from sdposim.workflow.configuration.load import merge
from sdposim.workflow.configuration.models import Config
from sdposim.workflow.configuration.validate import validate
config = validate(merge(Config().model_dump(), json.loads(sys.argv[1])))
jobs = [job for own in study.all_jobs(config).values() for job in own]
identities = {job.path: study.log_identity(config, job) for job in jobs}
print(json.dumps({"kernel": kernel_digest(), "whole": kernel_digest(True), "jobs": identities}))
"""
SIGNS = '''"""Better or worse than the mean."""

from sdposim.model.numerics.jit import inline


@inline
def signs(rewards, mean, out):
    """1 above the mean, -1 elsewhere."""
    for i in range(rewards.size):
        out[i] = 1.0 if rewards[i] > mean else -1.0
'''


@pytest.fixture
def copy(tmp_path):
    """The sources in a folder of their own, and what gives the identities of all jobs there."""
    shutil.copytree(SOURCE, tmp_path / "src", ignore=shutil.ignore_patterns("*.pyc.*"))
    return tmp_path / "src/sdposim/model", lambda changes=None: identities(tmp_path, changes)


def identities(folder, changes=None):
    """Of the sources in a folder, with changes of the configuration."""
    done = subprocess.run(
        [sys.executable, "-c", IDENTITIES, json.dumps(changes or {})],
        env=os.environ | {"PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def unedited():
    """The identities of all jobs with this checkout's sources."""
    return identities(SOURCE.parent)


def replace(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (path, old)
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_one_more_method_with_one_more_part_retrains_no_other(copy, unedited):
    model, identities = copy
    (model / "update/advantage/signs.py").write_text(SIGNS, encoding="utf-8")
    after = identities({"methods": {"signs": METHODS["reinforce"] | {"advantage": "signs"}}})
    assert after["whole"] != unedited["whole"]
    assert after["kernel"] == unedited["kernel"]  # that of the paper's parts
    assert after["jobs"] == unedited["jobs"]


def test_a_new_composition_of_known_parts_changes_no_kernel_and_trains_itself_alone(copy, unedited):
    _, identities = copy
    bare = {"advantage": "batch_mean", "credit": "sequence"}
    methods = [*CONFIG.studies["noise"].methods, "bare"]
    after = identities({"methods": {"bare": bare}, "studies": {"noise": {"methods": methods}}})
    assert after["kernel"] == unedited["kernel"]
    assert {path.split("/")[3] for path in set(after["jobs"]) - set(unedited["jobs"])} == {"bare"}
    assert after["jobs"] | unedited["jobs"] == after["jobs"]


def trained() -> set[str]:
    """The methods of all studies."""
    return {name for study in CONFIG.studies.values() for name in study.methods}


def having(part: str) -> set[str]:
    """Those of them that have a part."""
    return {
        name
        for name in trained()
        if part in [named(choice)[0] for choice in CONFIG.methods[name].composition.values()]
    }


@pytest.mark.parametrize(
    ("file", "old", "methods"),
    [
        ("update/credit/sequence.py", "total += advantage", having("sequence")),
        ("update/blend/gate.py", "settings.threshold / 3.0", {"hybrid"}),
        ("update/guidance/oracle.py", "= feedback[i] *", having("oracle")),
        ("metrics.py", "total / length", trained()),
    ],
)
def test_an_edit_of_a_part_retrains_the_methods_that_it_is_in(copy, unedited, file, old, methods):
    model, identities = copy
    before = unedited["jobs"]
    replace(model / file, old, f"{old} 2.0 *" if old.endswith("*") else f"{old} * 2.0")
    after = identities()["jobs"]
    changed = {path.split("/")[3] for path in before if after[path] != before[path]}
    kept = {path.split("/")[3] for path in before if after[path] == before[path]}
    assert changed == methods and not changed & kept


def test_what_a_feedback_alone_reads_retrains_nothing_else(copy, unedited):
    model, identities = copy
    before = unedited["jobs"]
    replace(model / "judge/scale/threshold.py", "passed += 1.0", "passed += 2.0")
    after = identities()["jobs"]
    changed = {tuple(path.split("/")[3:5]) for path in before if after[path] != before[path]}
    judged = {name for name in trained() if sees(CONFIG.methods[name].composition, "feedback")}
    assert {method for method, _ in changed} <= judged
    scaled = {
        name
        for name, own in CONFIG.feedbacks.items()
        if named(own.composition["scale"])[0] == "threshold"
    }
    cells = {tuple(path.split("/")[3:5]) for path in before}
    assert ("sdpo", "binary") in changed
    assert changed == {cell for cell in cells if cell[1] in scaled and cell[0] in judged}


# --- what parts declare -------------------------------------------------------------------------


def test_a_part_is_found_by_its_name_alone():
    names = [name for slot in parts.SLOTS for name in parts.parts(slot)]
    assert len(names) == len(set(names))
    for slot in parts.SLOTS:
        for name, part in parts.parts(slot).items():
            assert part.function.__name__ == name and part.function.__doc__


def test_every_parameter_of_a_part_is_a_key_of_a_setting():
    setting = Config().settings["paper"].model_dump()
    for group, slots in (("update", parts.UPDATE), ("judge", parts.JUDGE)):
        declared = {
            name: part.settings.defaults()
            for slot in slots
            for name, part in parts.parts(slot).items()
            if part.settings
        }
        assert setting[group] == declared


def test_what_stands_with_a_part_comes_before_the_setting_and_that_before_the_default():
    known = {"sequence": {"direction": "printed"}, "absent": {"direction": "printed"}}
    for said, settings, expected in (
        ("sequence", {}, "reversed"),
        ("sequence", known, "printed"),
        ({"sequence": {"direction": "reversed"}}, known, "reversed"),
    ):
        made = completed({"credit": said}, settings)
        assert made == {"credit": {"sequence": {"direction": expected}}}
        assert completed(made, known) == made


def test_the_papers_compositions_name_parts_of_their_slots():
    for composition in (*METHODS.values(), *FEEDBACKS.values()):
        for slot, choice in composition.items():
            assert named(choice)[0] in parts.parts(slot)


@pytest.mark.parametrize("number", range(1, 7))
def test_each_numbered_equation_is_cited_by_one_function_of_the_model(number):
    cited = [
        f"{path.relative_to(MODEL)}: {node.name}"
        for path in MODEL.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and re.search(rf"equation {number}\b", ast.get_docstring(node) or "", re.IGNORECASE)
    ]
    assert len(cited) == 1, cited
