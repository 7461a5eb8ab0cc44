"""Mistakes outside the configuration: a correct run, or one sentence, and nothing is lost."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from ministudy import ROOT
from sdposim.commands.specs import parse
from sdposim.storage.errors import UserError

# What only tracebacks hold.
TRACES = ("Traceback", 'File "', "InputFunctionException")


def run(study, *arguments, **environment):
    """Run Snakemake on two cores with changes to the environment."""
    return subprocess.run(
        study.command("--cores", "2", *arguments),
        cwd=study.folder,
        env=study.environment() | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def python(code, folder, **environment):
    """Run Python code that imports this checkout's package."""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def refused(study, *arguments):
    """The sentence by which Snakemake ends, having changed nothing."""
    before = study.files("re*/**/*"), study.values()
    done = run(study, *arguments)
    assert done.returncode != 0
    assert not [trace for trace in TRACES if trace in done.stderr], done.stderr
    assert (study.files("re*/**/*"), study.values()) == before
    return done.stderr


def pictures(study):
    """The bytes of all figures, but for the csv files."""
    return {
        name: path.read_bytes()
        for name, path in study.files("reports/figures/*").items()
        if path.suffix != ".csv"
    }


# --- targets and places ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "target, expected",
    [
        ("nonsense", "No rule to produce nonsense"),
        (
            "reports/figures/nonsense.svg",
            "error: no study in the configuration has figures 'nonsense'; allowed: figure1,",
        ),
        (
            "reports/tables/nonsense.csv",
            "error: no study in the configuration has tables 'nonsense'; allowed: table1,",
        ),
        (
            "results/provenance/nonsense.json",
            "error: 'nonsense' is not a study in the configuration; allowed: comparison, noise,",
        ),
        (
            "results/logs/paper/sdpo/binary/noise=0.7/seeds=0-1.parquet",
            "error: results/logs/paper/sdpo/binary/noise=0.7/seeds=0-1.parquet is not a log",
        ),
    ],
)
def test_a_target_that_there_is_not(finished, target, expected):
    assert expected in refused(finished, target)


def test_the_figures_of_the_joint_fit_are_not_asked_of_the_studies(finished):
    done = run(finished, "--dry-run", "--", "joint_fit", "identification")
    output = done.stdout + done.stderr
    assert done.returncode == 0 and not [trace for trace in TRACES if trace in output], output


PLACES = [
    "reports/comparison.md",
    "reports/figures/figure1.png",
    "results/joblogs/tables/table1.log",
    "results/logs/other/hybrid/ordinal/noise=0.2/seeds=4-4.parquet",
    "results/provenance/mine.json",
    "results/summaries/mine/cells.parquet",
]


def test_folders_in_the_places_of_files_and_a_file_in_that_of_a_folder(study):
    for path in PLACES:
        study.path(path).unlink()
        study.path(path).mkdir()
        (study.path(path) / "mine.txt").write_text("mine")
    shutil.rmtree(study.path("reports/tables"))
    study.path("reports/tables").write_text("mine")
    done = run(study)
    assert done.returncode == 1
    assert [line for line in done.stderr.splitlines() if line.startswith("error: ")] == [
        "error: reports/tables is a file, but a folder belongs there: move it away and run again",
        *(
            f"error: {path} is a folder, but a file belongs there: move it away and run again"
            for path in PLACES
        ),
    ]
    assert not [trace for trace in TRACES if trace in done.stderr]
    assert all((study.path(path) / "mine.txt").exists() for path in PLACES)
    assert study.path("reports/tables").read_text() == "mine"


# --- what a user has set up for other work --------------------------------------------------


def test_figures_depend_on_no_settings_of_matplotlib_and_no_home(study):
    before = pictures(study)
    styles = study.path("config/matplotlib/stylelib")
    styles.mkdir(parents=True)
    for path in (study.path("matplotlibrc"), styles.parent / "matplotlibrc", styles / "a.mplstyle"):
        path.write_bytes(b"\xff\x00\xfe" * 30)
    for path in study.files("reports/figures/figure4.*").values():
        path.unlink()
    done = run(
        study,
        HOME="/dev/null/nobody",  # which nobody can make, root neither
        XDG_CACHE_HOME="",  # an empty one is none
        XDG_CONFIG_HOME=str(study.path("config")),
        MPLBACKEND="nonsense",
        MATPLOTLIBRC=str(study.path("matplotlibrc")),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert pictures(study) == before


def test_numba_told_not_to_compile():
    """For other work; here each of its functions would run in Python, or fail."""
    code = (
        "import sys; from sdposim.__main__ import main; main(['plan', 'absent.yaml']);"
        "import numba; sys.exit(numba.config.DISABLE_JIT)"
    )
    assert python(code, ROOT, NUMBA_DISABLE_JIT="1").returncode == 0


# --- specs ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, expected",
    [
        ("", "--spec is not JSON"),
        ("{", "--spec is not JSON"),
        ("[" * 10**5, "--spec is not JSON"),
        ('{"n": ' + "9" * 6000 + "}", "--spec is not JSON"),
        ("[]", "--spec: [] is not allowed; allowed: keys with values"),
        ("{}", "--spec lacks the key 'n'; allowed: a whole number"),
        ('{"n": true}', "--spec, key 'n': true is not allowed; allowed: a whole number"),
        ('{"n": 1.5}', "--spec, key 'n': 1.5 is not allowed"),
        ('{"n": 1, "x": "1"}', "--spec, key 'x': \"1\" is not allowed; allowed: a number"),
        ('{"n": 1, "x": 1, "t": 3}', "--spec, key 't': 3 is not allowed; allowed: text or null"),
        (
            '{"n": 1, "x": 1.5, "t": null, "k": "c"}',
            "--spec, key 'k': \"c\" is not allowed; allowed: a, b",
        ),
    ],
)
def test_a_spec_that_is_none(text, expected):
    with pytest.raises(UserError) as caught:
        parse(text, n=int, x=float, t=str | None, k=("a", "b"))
    assert str(caught.value).startswith(expected) and "\n" not in str(caught.value)


def test_a_spec_that_is_one():
    spec = {"n": 0, "x": 1, "t": None, "k": "b", "more": []}
    assert parse(json.dumps(spec), n=int, x=float, t=str | None, k=("a", "b")) == spec


def test_every_command_with_a_spec_checks_it(tmp_path):
    """In one process, which loads what the commands import once."""
    code = """
import io, sys
from itertools import product
from sdposim.__main__ import main, parser
(commands,) = [action.choices for action in parser()._actions if action.choices]
for name, command in commands.items():
    options = [action for action in command._actions if action.required and action.option_strings]
    piped = name in ("summarise", "provenance")
    if not piped and "--spec" not in command._option_string_actions:
        continue
    steps = [action.choices for action in command._actions if action.dest == "step"]
    for step, spec in product(steps[0] if steps else [None], ("{", "[]", "{}")):
        given = [
            text
            for option in options
            for text in (option.option_strings[0], spec if option.dest == "spec" else "x")
        ]
        sys.stdin = io.StringIO(spec)
        print(name, main([name, *([step] if step else []), *given]))
"""
    done = python(code, tmp_path)
    assert done.returncode == 0, done.stderr
    ended, said = done.stdout.splitlines(), done.stderr.splitlines()
    assert len(ended) == len(said) >= 3 * 17 and all(line.endswith(" 1") for line in ended)
    for number, sentence in enumerate(said):
        assert sentence.startswith(("error: --spec", "error: standard input"))
        assert ("is not JSON", "[] is not allowed", "lacks the key")[number % 3] in sentence
    assert {path.name for path in tmp_path.iterdir()} <= {".cache"}  # Numba's
