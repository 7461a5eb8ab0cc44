"""Every command of the README and the docs works, run in a small copy of this checkout.

Those of the README in `make test`, those of the other pages, three minutes, in `make test-long`.
"""

import os
import re
import shutil
import subprocess
import sys

import pytest
import yaml

import commands
from ministudy import CONFIGURATION, ROOT

NOT_RUN = {
    "make": "computes the paper's study, minutes: the gate does, and tests/newcomer.py",
    "make test": "runs this test",
    "git clone <this repository> sdposim && cd sdposim": "the copy stands for it",
    "make setup": "installs packages: whoever runs this test has done it",
    "tmux": "asks for a terminal",
    ".venv/bin/python -m pytest tests/test_equations.py": "a test of its own",
    ".venv/bin/pytest tests/test_kernel.py tests/test_configuration.py": "tests of their own",
    ".venv/bin/python benchmarks/study.py config/large.yaml": "measures for minutes",
    ".venv/bin/snakemake --profile profiles/slurm --configfile my.yaml": "tests/test_slurm.py does",
    ".venv/bin/snakemake --cores 1 -- reproduction": "tests/test_reproduction.py does",
}
"""Commands that are not run here, and why."""
PLANNED = (
    ".venv/bin/snakemake --cores all -- identification",
    ".venv/bin/snakemake --cores all -- joint_fit",
    ".venv/bin/snakemake --cores all -- joint_fit_check",
    ".venv/bin/snakemake --cores 2 --configfile config/large.yaml",
)
"""What takes long is planned, not run: Snakemake's dry run takes the same way."""
BLOCKS = [
    pytest.param(
        page,
        own,
        id=f"{page.relative_to(ROOT)}-{number}",
        marks=[] if page.name == "README.md" and page.parent == ROOT else pytest.mark.long,
    )
    for page in commands.pages()
    for number, block in enumerate(commands.blocks(page))
    if (own := [line for line in commands.commands(block) if line not in NOT_RUN])
]
COPIED = (
    *("Snakefile", "Makefile", "pyproject.toml", "CITATION.cff", "LICENSE", "README.md"),
    *("workflow", "src", "profiles", "envs", "config", "tests", "docs", "benchmarks"),
)


def run(command, folder):
    environment = os.environ | {
        "PYTHONPATH": str(folder / "src"),
        "SDPOSIM_CACHE": str(ROOT / ".cache/numba"),
    }
    done = subprocess.run(
        ["bash", "-euc", command], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of this checkout with a small study, computed, and `my.yaml`, a change of it."""
    folder = tmp_path_factory.mktemp("checkout")
    ignored = shutil.ignore_patterns("*.egg-info", "*.pyc.*")
    for name in COPIED:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, folder / name, ignore=ignored)
        elif path.exists():
            shutil.copy2(path, folder)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    # The block that pages take as an example is that of the paper's study.
    study = CONFIGURATION | {
        "seeds_per_job": 10,
        "run": [*CONFIGURATION["run"], "paper"],
        "studies": CONFIGURATION["studies"]
        | {"paper": {"methods": ["sdpo"], "feedbacks": ["binary"], "seeds": 10}},
    }
    (folder / "config/config.yaml").write_text(yaml.safe_dump(study, sort_keys=False))
    for name in ("my.yaml", "mine.yaml"):
        (folder / name).write_text("settings: {paper: {training: {rollouts: 4}}}\n")
    run(".venv/bin/snakemake --cores 2", folder)
    return folder


@pytest.mark.parametrize(("page", "own"), BLOCKS)
def test_a_block_of_commands_works(page, own, checkout):
    for command in own:
        dry = " --dry-run --quiet all" if command in PLANNED else ""
        head, *rest = command.split(" -- ")
        run(" -- ".join([head + dry, *rest]), checkout)


def test_what_is_not_run_is_still_told():
    told = {line for page in commands.pages() for block in commands.blocks(page)
            for line in commands.commands(block)}  # fmt: skip
    assert {*NOT_RUN, *PLANNED} <= told


def test_no_block_of_commands_is_without_its_language():
    for page in commands.pages():
        text = page.read_text(encoding="utf-8")
        bare = re.findall(r"^```\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
        assert not [own for own in bare if re.search(r"^(\S*/)?(snakemake|sdposim|make) ", own)]


def test_commands_within_a_line_name_what_there_is():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    makes = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    rules = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
    rules = set(re.findall(r"^\| `(\w+)` ", rules, re.MULTILINE))
    help = subprocess.run(
        [sys.executable, "-m", "sdposim", "--help"], capture_output=True, text=True, check=True
    ).stdout
    programs = set(re.findall(r"^    ([a-z-]+)", help, re.MULTILINE))
    for page in commands.pages():
        for command in commands.inline(page):
            program, *words = command.split()
            if program == "make":
                assert words[0] in makes, (page, command)
            elif program == "sdposim":
                assert words[0] in programs, (page, command)
            else:
                targets = re.findall(r" -- (.*)", command)
                asked = set(targets[0].split()) if targets else set(words) & rules
                assert asked <= rules, (page, command)
