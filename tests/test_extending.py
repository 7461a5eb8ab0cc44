"""docs/extending.md, followed to the letter in a clone of one's own."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

import cpus
from ministudy import ROOT, Study
from sdposim.workflow.configuration.models import Config

PAGE = (ROOT / "docs/extending.md").read_text(encoding="utf-8")


COMPILED = """
from sdposim.model.kernel import kernel_digest
from sdposim.model.numerics import ready
print(ready.place(kernel_digest(whole=True)))
"""


def blocks(kind: str) -> list[tuple[str, str]]:
    """The page's blocks of a language, each with the last file that is named before it."""
    found = []
    for match in re.finditer(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL):
        named = re.findall(r"`((?:[\w-]+/)*[\w-]+\.(?:py|yaml))`", PAGE[: match.start()])
        found.append((named[-1], match[1]))
    return found


def follow(study: Study) -> None:
    """Write the parts and their transcriptions where the page says."""
    for name, text in blocks("python"):
        path = study.path(name)
        if "model/" in name and path.parent.is_dir():
            assert not path.exists()
            path.write_text(text, encoding="utf-8")
        elif name == "tests/reference.py":
            path.write_text(f"{path.read_text(encoding='utf-8')}\n\n{text}", encoding="utf-8")


@pytest.fixture(scope="module")
def extended(finished, tmp_path_factory):
    """A finished study in a clone that was extended as the page says.

    Its kernel, of all parts and the new ones, is compiled for another CPU than this one: so it is
    seen, too, that such a CPU gives the same bits of all parts.
    """
    study = finished.copy(tmp_path_factory.mktemp("extended") / "clone")
    study.copy_sources()
    for name in ("tests", "benchmarks"):
        shutil.copytree(ROOT / name, study.path(name), ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "CHANGELOG.md"):
        shutil.copy(ROOT / name, study.folder)
    # As config/config.yaml of a checkout has them.
    known = Config().model_dump(include={"methods", "feedbacks"})
    study.write_configuration(study.configuration() | known)
    assert study.jobs() == set()
    follow(study)
    study.variables = cpus.GENERIC
    return study


def program(study: Study, *arguments: str) -> str:
    """The output of Python with the clone's own sources."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=study.folder,
        env=study.environment() | {"PYTHONPATH": str(study.path("src"))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def own_study(study: Study) -> dict:
    """The page's study, made small, beside the studies that are finished."""
    (text,) = (text for name, text in blocks("yaml") if "signs" in text)
    own = yaml.safe_load(text)
    own["studies"]["better_or_worse"] |= {"seeds": 2}
    return own | {"run": [*study.configuration()["run"], "better_or_worse"]}


def test_the_new_parts_retrain_nothing(extended):
    assert extended.jobs() == set()


def test_the_new_parts_are_what_the_oracle_says(extended):
    selection = "follows_the_equations_of_other and (signs or rank)"
    program(extended, "-m", "pytest", "-q", "tests/test_kernel.py", "-k", selection)


def test_the_golden_study_has_the_new_parts_and_keeps_its_numbers(extended):
    before = yaml.safe_load((ROOT / "tests/golden.json").read_text())
    program(extended, "tests/golden.py", "--update")
    after = yaml.safe_load(extended.path("tests/golden.json").read_text())
    new = {name: after["others"].pop(name) for name in after["others"].keys() - before["others"]}
    assert new.keys() == {"parts/signs", "parts/rank"} and after == before
    sources = Path(program(extended, "-c", COMPILED).strip())
    assert json.loads(sources.read_text())["machine"] == {"cpu": "generic", "features": ""}


def test_the_new_parts_are_documented_and_in_the_schema(extended):
    clone = extended.copy(extended.folder.parent / "documented")
    program(clone, "-m", "sdposim", "config")
    page = clone.path("config/README.md").read_text(encoding="utf-8")
    assert "`leave_one_out`, `signs`, `standardised`" in page
    assert "`matched_threshold`, `preference`, `rank`" in page
    assert '"signs"' in clone.path("workflow/schemas/config.schema.json").read_text()


def test_the_study_of_the_page_is_planned_trained_and_shown(extended):
    extended.path("my.yaml").write_text(yaml.safe_dump(own_study(extended)), encoding="utf-8")
    plan = program(extended, "-m", "sdposim", "plan", "my.yaml")
    assert re.search(r"^better_or_worse +12 ", plan, re.MULTILINE)
    extended.run("--configfile", "my.yaml")
    table = pd.read_csv(extended.path("reports/tables/signs_reward.csv"))
    assert list(dict.fromkeys(table["method"])) == ["sdpo", "reinforce", "signs"]
    assert set(table["feedback"]) == {"binary", "rank"} and table["reproduced"].notna().all()
    text = extended.path("reports/tables/signs_reward.md").read_text(encoding="utf-8")
    assert "| Method | Binary | Rank |" in text and "| Signs |" in text
    curves = pd.read_csv(extended.path("reports/figures/signs_curves.csv"))
    assert set(curves["method"]) == {"sdpo", "reinforce", "signs"}
    assert "#882255" in extended.path("reports/figures/signs_curves.svg").read_text()


@pytest.mark.long
def test_one_more_method_breaks_no_fault_test(extended):
    """Those that depend on the kernel or on the number of logs.

    The kernel is then that of all parts, several times as large, for CPUs differ in its size.
    """
    clone = extended.copy(extended.folder.parent / "faults")
    clone.path(".cache").symlink_to(ROOT / ".cache")
    signs = own_study(extended)["methods"]["signs"]
    for old, new in {
        "CONFIGURATION = ": "from sdposim.model.paper import METHODS\n\nCONFIGURATION = ",
        '"run": ["mine"],': f'"run": ["mine"], "methods": METHODS | {{"signs": {signs}}},',
        '"methods": ["sdpo", ': '"methods": ["signs", "sdpo", ',
    }.items():
        clone.edit("tests/killing.py", old, new)
    program(
        clone, "-m", "pytest", "tests/test_faults.py", "-k", "full_disk or damaged_logs or two_runs"
    )
