"""Files that other tools, catalogs and forges read say what is true of this checkout."""

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

import forked
import sdposim
from sdposim.audit.rulebooks import RULEBOOKS

ROOT = Path(__file__).parents[1]
DOORS = ("Snakefile", "workflow/Snakefile")
TINY = {
    "run": ["tiny"],
    "studies": {
        "tiny": {
            "methods": ["sdpo"],
            "feedbacks": ["binary"],
            "seeds": 1,
            "tables": {"tiny": {"kind": "final_reward"}},
        }
    },
}
OUTER = """
module sdposim:
    snakefile:
        {snakefile!r}
    config:
        {config}


use rule * from sdposim as sdposim_*
"""

# --- the two Snakefiles -------------------------------------------------------------------------


def snakemake(folder, *arguments):
    """A dry run in a folder."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment = kept | {"SDPOSIM_CACHE": str(ROOT / ".cache" / "numba")}
    return forked.snakemake(["--cores", "2", "--dry-run", *arguments], folder, environment)


def planned(folder, *arguments):
    """Which rules a dry run in `folder` wants, with the number of their jobs, and what it says."""
    done = snakemake(folder, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    jobs = re.findall(r"^(\w+) +(\d+)$", done.stdout, re.MULTILINE)
    return {name: int(number) for name, number in jobs}, done.stderr


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A folder with a small study's configuration and no other file."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "config").mkdir()
    (folder / "config/config.yaml").write_text(yaml.safe_dump(TINY))
    return folder


@pytest.mark.parametrize("door", DOORS)
def test_either_snakefile_runs_the_study_with_the_default_profile(study, door):
    jobs, said = planned(study, "--snakefile", str(ROOT / door))
    assert {"all": 1, "train": 1, "table": 1}.items() <= jobs.items()
    profile = (ROOT / door).parent / "profiles" / "default"
    assert f"workflow specific profile {profile} " in said


@pytest.mark.parametrize("door", DOORS)
def test_either_snakefile_is_a_module_with_a_default_target(study, tmp_path, door):
    (tmp_path / "Snakefile").write_text(OUTER.format(snakefile=str(ROOT / door), config=TINY))
    jobs, _ = planned(tmp_path)
    expected, _ = planned(study, "--snakefile", str(ROOT / door))
    assert jobs == {
        f"sdposim_{name}" if name != "total" else name: n for name, n in expected.items()
    }


def test_rules_without_the_checkout_around_them_are_refused_in_a_sentence(tmp_path):
    repository = tmp_path / "repository"
    shutil.copytree(ROOT / "workflow", repository / "workflow")
    identity = ("-c", "user.name=a", "-c", "user.email=a@b")
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "a"]):
        subprocess.run(["git", *identity, *command], cwd=repository, check=True)
    file = f'gitfile({str(repository)!r}, path="workflow/Snakefile", ref="HEAD")'
    (tmp_path / "Snakefile").write_text(
        OUTER.replace("{snakefile!r}", "{snakefile}").format(snakefile=file, config=TINY)
    )
    done = snakemake(tmp_path)
    assert done.returncode and "so clone sdposim and name path/to/sdposim/" in done.stderr
    assert "Traceback" not in done.stderr


# --- versions of Python -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def interpreter():
    spec = importlib.util.spec_from_file_location("interpreter", ROOT / "envs/interpreter.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("version", "has", "said"),
    [
        ((3, 10), (True, True, True), "Python 3.10 is too old: "),
        ((3, 15), (True, True, True), "Python 3.15 is newer than the locked packages: "),
        ((3, 11), (False, True, True), "Python 3.11 cannot create environments: "),
        ((3, 14), (True, False, True), "immutables, which needs a C compiler: install gcc"),
        ((3, 14), (True, False, False), "which needs a C compiler and Python's headers: "),
        ((3, 11), (True, False, False), None),
        ((3, 13), (True, False, False), None),
        ((3, 14), (True, True, True), None),
    ],
)
def test_a_python_that_cannot_work_is_told_in_a_sentence(interpreter, version, has, said):
    found = interpreter.problem(version, *has)
    assert (found is None) if said is None else (said in found and "\n" not in found)


def test_the_package_to_compile_is_the_one_that_was_looked_at():
    # Another version may come with a wheel for 3.14: then envs/interpreter.py asks for too much.
    lock = (ROOT / "envs/requirements.lock").read_text(encoding="utf-8")
    assert "\nimmutables==0.21 " in lock


def test_setup_asks_before_it_makes_an_environment():
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\n$(READY):")[2]
    assert recipe.index("$(PYTHON) envs/interpreter.py") < recipe.index("$(PYTHON) -m venv")


# --- files for others ---------------------------------------------------------------------------


def document(name):
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


CI = document(".github/workflows/ci.yml")


def steps(job):
    return [step["run"] for step in CI["jobs"][job]["steps"] if "run" in step]


def test_the_forge_runs_the_gate():
    assert steps("gate")[-1] == "bash .ci/run"
    # The operating system whose packages .ci/run installs, with the Python of the lock.
    assert CI["jobs"]["gate"]["container"] == "python:3.11-bookworm"


def test_the_forge_tries_every_python_that_setup_admits(interpreter):
    first, last = interpreter.FIRST[1], interpreter.LAST[1]
    tried = CI["jobs"]["versions"]["strategy"]["matrix"]["python"]
    assert tried == [f"3.{minor}" for minor in range(first, last + 1)]
    for command in steps("versions"):
        for name in re.findall(r"tests/\S+", command):
            assert (ROOT / name).is_file()


@pytest.mark.parametrize("form", sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml")))
def test_an_issue_form_asks_for_something(form):
    form = yaml.safe_load(form.read_text(encoding="utf-8"))
    if "blank_issues_enabled" in form:
        return
    assert form["name"] and form["description"]
    fields = {field["id"]: field for field in form["body"]}
    assert len(fields) == len(form["body"])
    assert any(field.get("validations", {}).get("required") for field in fields.values())


def test_the_catalog_finds_what_it_needs():
    usage = document(".snakemake-workflow-catalog.yml")["usage"]
    assert set(usage) == {"mandatory-flags", "software-stack-deployment", "report"}
    assert set(usage["mandatory-flags"]) == {"desc", "flags"}
    assert (ROOT / "workflow/Snakefile").is_file() and (ROOT / "config/README.md").is_file()
    # Whoever tries conda says so in both places.
    untried = "**Untried**" in (ROOT / "docs/ecosystem.md").read_text(encoding="utf-8")
    assert usage["software-stack-deployment"]["conda"] is not untried


def test_the_version_has_one_place():
    citation = document("CITATION.cff")
    assert citation["version"] == sdposim.__version__
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" not in project["project"] and project["project"]["dynamic"] == ["version"]
    assert importlib.metadata.version("sdposim") == sdposim.__version__, "run `make setup`"
    assert f"\n## {sdposim.__version__}\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_citation_has_what_the_format_demands_and_invents_nobody():
    citation = document("CITATION.cff")
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["license"] == "MIT" and citation["type"] == "software"
    for entry in (citation, *citation["references"]):
        assert entry["title"] and all(set(author) == {"name"} for author in entry["authors"])
    assert citation["authors"][0]["name"] in (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "doi" not in citation or "identifiers" in citation


def test_a_codechecker_finds_every_file_of_the_manifest():
    check = document("codecheck.yml")
    assert (ROOT / "codecheck.yml").read_text(encoding="utf-8").startswith("---\n")
    assert check["paper"]["title"] == document("CITATION.cff")["title"]
    files = [item["file"] for item in check["manifest"]]
    assert len(set(files)) == len(files) >= 14
    assert all((ROOT / name).is_file() for name in files)
    text = "".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
    targets = {*re.findall(r"^rule (\w+):", text, re.MULTILINE), *RULEBOOKS}
    named = {n for item in check["manifest"] for n in re.findall(r"-- (\w+)\)", item["comment"])}
    assert named and named <= targets


def test_the_page_names_files_that_are_there():
    text = (ROOT / "docs/ecosystem.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[?`([^`]+)`", text, re.MULTILINE)
    assert len(rows) == 10
    assert all((ROOT / "docs" / name).exists() or (ROOT / name).exists() for name in rows[:-1])


def test_hooks_run_the_tools_of_the_lock():
    (repository,) = document(".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    entries = [hook["entry"] for hook in repository["hooks"]]
    assert {Path(entry.split()[0]).name for entry in entries} == {"ruff", "snakefmt", "sdposim"}
    assert all(entry.startswith(".venv/bin/") for entry in entries)


def test_the_image_copies_only_what_is_there():
    text = (ROOT / "Containerfile").read_text(encoding="utf-8")
    copied = [name for line in re.findall(r"^COPY (.+)$", text, re.M) for name in line.split()[:-1]]
    assert {"Makefile", "Snakefile", "src", "workflow", "profiles", "config"} <= set(copied)
    assert all((ROOT / name).exists() for name in copied)
