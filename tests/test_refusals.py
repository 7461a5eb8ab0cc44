"""A run with a mistake in its configuration ends in one sentence and changes nothing."""

import os
import re
import shutil
import subprocess
import sys

import pytest

import forked
from ministudy import ROOT


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of what a run needs."""
    folder = tmp_path_factory.mktemp("checkout") / "repo"
    folder.mkdir()
    for name in ("config", "workflow", "src", "profiles", "envs"):
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
        )
    shutil.copy(ROOT / "Snakefile", folder)
    return folder


def contents(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not {".snakemake", "__pycache__"} & set(path.parts)
    }


def snakemake(folder, *arguments):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return forked.snakemake(["--cores", "1", *arguments], folder, environment)


END_TO_END = {
    "unknown key": ("analysis: {window: 3}\n", "analysis.window"),
    "shell characters": ("settings: {'x;touch y': {}}\n", "x;touch y"),
    "text for a number": ("settings: {paper: {landscape: {quality_sd: 1e-1}}}\n", "write 0.1"),
    "no such published entry": (
        "studies: {noise: {tables: {t: {kind: final_reward, published: [nine]}}}}\n",
        "'nine'",
    ),
    "a figure that cannot be drawn": ("log_steps: summary\n", "log_steps is 'summary'"),
    "a name that is an option": ("settings: {--x: {}}\n", "the first of them not '-'"),
    "a name that is taken": (
        "studies: {noise: {figures: {joint_fit_numbers: {kind: entropy}}}}\n",
        "'joint_fit_numbers'",
    ),
    "a large seed": ("studies: {noise: {seeds: [9223372036854775808]}}\n", "studies.noise.seeds.0"),
    "key twice": ("run: [noise]\nrun: [hybrid]\n", "mine.yaml is not valid YAML: line 2"),
    "broken YAML": ("run: [noise\n", "mine.yaml is not valid YAML"),
    "empty file": ("", "mine.yaml must hold keys"),
    "only a comment": ("# nothing\n", "mine.yaml must hold keys"),
    "an anchor within itself": ("settings: &x {paper: *x}\n", "mine.yaml, line 1: the anchor x"),
    "another encoding": ("\ufeffrun: [noise]\n".encode("utf-16-le"), "mine.yaml is not UTF-8"),
    "6,000 digits": (f"seeds_per_job: {'9' * 6000}\n", "mine.yaml, line 1: 999"),
    "a tag that does not fit": ("seeds_per_job: !!bool 3\n", "mine.yaml is not valid YAML"),
    "octal": ("seeds_per_job: 010\n", "mine.yaml, line 1: 010 would be read"),
    "to the base of 60": ("seeds_per_job: 1:30\n", "mine.yaml, line 1: 1:30 would be read"),
}


def check_refused(checkout, expected, *arguments):
    before = contents(checkout)
    run = snakemake(checkout, *arguments)
    assert run.returncode != 0
    assert expected in run.stderr
    assert "Traceback" not in run.stderr and 'File "' not in run.stderr
    assert len([line for line in run.stderr.splitlines() if "rror" in line]) == 1, run.stderr
    assert contents(checkout) == before


@pytest.mark.parametrize("case", END_TO_END)
def test_a_run_with_a_mistake_ends_in_one_sentence_and_changes_nothing(checkout, case):
    text, expected = END_TO_END[case]
    (checkout / "mine.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    check_refused(checkout, expected, "--configfile", "mine.yaml")


@pytest.mark.parametrize("case", END_TO_END)
def test_plan_refuses_what_a_run_refuses(checkout, case):
    text, expected = END_TO_END[case]
    (checkout / "mine.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    run = subprocess.run(
        [sys.executable, "-m", "sdposim", "plan", "mine.yaml"],
        cwd=checkout,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(checkout / "src")},
        check=False,
    )
    assert run.returncode == 1 and not run.stdout
    assert run.stderr.startswith("error: ") and run.stderr.count("\n") == 1
    assert expected in run.stderr


@pytest.mark.parametrize(
    "text, expected",
    [
        ("", "config/config.yaml must hold keys"),
        ("run: [noise\n", "config/config.yaml is not valid YAML"),
        ("settings: &x {paper: *x}\n", "config/config.yaml, line 1: the anchor x"),
        (b"\xff\xfer\0u\0n\0", "config/config.yaml is not UTF-8"),
        ("seeds_per_job: 010\n", "config/config.yaml, line 1: 010 would be read"),
    ],
)
def test_a_mistake_in_the_default_file(checkout, text, expected):
    path = checkout / "config/config.yaml"
    before = path.read_bytes()
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    try:
        check_refused(checkout, expected)
    finally:
        path.write_bytes(before)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("seeds_per_job=0", "seeds_per_job: 0"),
        ("log_steps=some", "'log_spaced'"),
        # Snakemake reads numbers inside braces as text.
        ("analysis={final_window: 3}", "analysis.final_window: '3'"),
        ("settings={'$(touch x)': {}}", "$(touch x)"),
    ],
)
def test_a_mistake_on_the_command_line(checkout, text, expected):
    check_refused(checkout, expected, "--config", text)


def test_a_run_with_a_mistake_in_the_published_values(checkout):
    path = checkout / "config/paper/values.csv"
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace("0.650", "0.65O"), encoding="utf-8")
    try:
        check_refused(checkout, "id 'table1.sdpo.binary', column value: '0.65O'")
    finally:
        path.write_text(before, encoding="utf-8")


def test_a_configfile_that_does_not_exist(checkout):
    (checkout / "mine.yaml").unlink(missing_ok=True)
    check_refused(checkout, "cannot read mine.yaml: No such file", "--configfile", "mine.yaml")


def test_nothing_reaches_a_shell_unquoted():
    """Every value that Snakemake puts into a command is quoted, whatever it may hold."""
    commands = {}
    files = [ROOT / "Snakefile", ROOT / "workflow/Snakefile"]
    for path in [*files, *sorted((ROOT / "workflow/rules").glob("*.smk"))]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\bshell\(|os\.system|subprocess|^ +run:", text, re.MULTILINE), path
        for number, found in enumerate(re.finditer(r"shell:\n((?: +r?f?\".*\n)+)", text)):
            commands[f"{path.name} {number}"] = found[1]
        assert text.count("shell:") == len([name for name in commands if path.name in name])
    assert len(commands) >= 7
    for name, command in commands.items():
        values = re.findall(r"\{([^{}]*)\}", command)
        assert values and all(value.endswith(":q") for value in values), (name, command)
