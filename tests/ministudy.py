"""A study that runs in seconds in a folder of its own, for the tests of reruns and faults.

    study = Study(tmp_path)      # a folder with a configuration, computed by this checkout's code
    study.run()
    assert study.jobs() == set()
    study.copy_sources()         # from now on it has sources of its own, to be edited
    study.edit("src/sdposim/report/tables.py", "DECIMALS = 3", "DECIMALS = 4")
    assert "table table1" in study.jobs()

The fixtures `finished` and `study` (conftest.py) compute it once for all tests.
"""

import csv
import json
import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import yaml

import forked

ROOT = Path(__file__).parents[1]
SOURCES = ("Snakefile", "workflow", "src", "profiles", "envs", "config")
# Few and short cells, but every rule, and: a condition that two studies share, a setting of its
# own, a full and a partial block of seeds, a block with a gap.
CONFIGURATION = {
    "run": ["comparison", "noise", "mine"],
    "seeds_per_job": 2,
    "analysis": {"final_window": 2, "smoothing_window": 2},
    "settings": {
        "paper": {
            "landscape": {"vocabulary_size": 3, "sequence_length": 2},
            "training": {"steps": 5, "rollouts": 3},
        },
        "other": {"landscape": {"seed": "each"}},
    },
    "studies": {
        "comparison": {
            "methods": ["sdpo", "reinforce"],
            "feedbacks": ["binary", "critique"],
            "noise": [0.0],
            "seeds": 3,
            "reproduces": ["table1", "table2", "table3", "figure3"],
            "tables": {"table1": {"kind": "final_reward", "published": ["table1"]}},
            "figures": {"figure1": {"kind": "learning_curves"}},
        },
        "noise": {
            "methods": ["reinforce"],
            "feedbacks": ["binary"],
            "noise": [0.0, 0.1],
            "seeds": 2,
            "reproduces": ["figure4", "section3.4"],
            "figures": {"figure4": {"kind": "noise_robustness"}},
        },
        "mine": {
            "settings": ["other"],
            "methods": ["hybrid"],
            "feedbacks": ["ordinal"],
            "noise": [0.2],
            "seeds": [4, 7],
            "tables": {"my_table": {"kind": "credit_correlation"}},
        },
    },
}


class Study:
    """A folder in which a small study is computed.

    At first only the configuration is the folder's own: everything else is this checkout's, its
    compiled kernel too. After `copy_sources` the folder holds the whole workflow; the kernel is
    still taken from the cache, and compiled (10 s) only where the simulation was edited.

    Attributes:
        folder: where it is, the working directory of all commands.
        sources: where the Snakefile and the package are: this checkout, or `folder`.
        cache: the folder of compiled kernels, SDPOSIM_CACHE of all commands.
        variables: further environment variables of all commands.
    """

    def __init__(self, folder: Path, configuration: dict | None = CONFIGURATION) -> None:
        """Set up a folder; `configuration` None takes the one that is there."""
        self.folder = Path(folder)
        self.sources = ROOT
        self.cache = ROOT / ".cache" / "numba"
        self.variables: dict[str, str] = {}
        if configuration is not None:
            self.write_configuration(configuration)

    # --- configuration and sources ----------------------------------------------------------

    def configuration(self) -> dict:
        """What config/config.yaml holds now."""
        return yaml.safe_load(self.path("config/config.yaml").read_text(encoding="utf-8"))

    def write_configuration(self, configuration: dict) -> None:
        """Replace config/config.yaml; keys keep the order of the mapping."""
        self.path("config").mkdir(parents=True, exist_ok=True)
        text = yaml.safe_dump(configuration, sort_keys=False)
        self.path("config/config.yaml").write_text(text, encoding="utf-8")

    def copy_sources(self) -> None:
        """Give the folder sources of its own. What was computed before stays up to date."""
        for name in SOURCES:
            if (ROOT / name).is_file():
                shutil.copy2(ROOT / name, self.folder)
                continue
            # What Python compiled is copied too: it fits, since copies keep the times of files.
            ignored = shutil.ignore_patterns("*.egg-info", "*.pyc.*", "config.yaml")
            shutil.copytree(ROOT / name, self.path(name), ignore=ignored, dirs_exist_ok=True)
        self.sources = self.folder

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace the only occurrence of a text in a file of the folder."""
        text = self.path(path).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{path} holds {old!r} {text.count(old)} times"
        self.path(path).write_text(text.replace(old, new), encoding="utf-8")

    # --- running ----------------------------------------------------------------------------

    def command(self, *arguments: str) -> list[str]:
        """The command line of Snakemake with `arguments`, for a process of one's own."""
        return [sys.executable, "-m", "snakemake", *self._arguments(*arguments)]

    def _arguments(self, *arguments: str) -> list[str]:
        return ["--snakefile", str(self.sources / "Snakefile"), *arguments]

    def environment(self) -> dict[str, str]:
        """The environment variables of all commands."""
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return kept | {"SDPOSIM_CACHE": str(self.cache)} | self.variables

    def snakemake(self, *arguments: str) -> subprocess.CompletedProcess:
        """Run Snakemake to its end, whatever comes of it; the output is text."""
        return forked.snakemake(self._arguments(*arguments), self.folder, self.environment())

    def sdposim(self, *arguments: str) -> subprocess.CompletedProcess:
        """Run `python -m sdposim` to its end, whatever comes of it; the output is text."""
        source = {"PYTHONPATH": str(self.sources / "src")}
        return self._call([sys.executable, "-m", "sdposim", *arguments], source)

    def _call(self, command, changes=()) -> subprocess.CompletedProcess:
        environment = self.environment() | dict(changes)
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )

    def run(self, *arguments: str) -> str:
        """Compute the study, on two cores unless told otherwise, and return Snakemake's output.

        Raises:
            AssertionError: Snakemake fails.
        """
        cores = () if "--cores" in arguments else ("--cores", "2")
        done = self.snakemake(*cores, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def jobs(self, *arguments: str) -> set[str]:
        """The jobs that a run would execute, as `rule` or `rule wildcard/wildcard/...`.

        Such as `train paper/sdpo/binary/0.0/0-1`, `summarise noise`, `comparison`; without `all`.

        Raises:
            AssertionError: the dry run fails.
        """
        # The default profile leaves out the reasons; a `--quiet` of ours replaces its choice.
        asked = self._arguments("--cores", "2", "--dry-run", "--quiet", "host", *arguments)
        done = forked.snakemake(asked, self.folder, self.environment())
        output = done.stdout + done.stderr
        assert done.returncode == 0, output
        found = listed_jobs(output)
        total = re.search(r"^total +([0-9]+)$", output, re.MULTILINE)
        assert len(found) == (int(total[1]) if total else 0), output
        return found - {"all"}

    # --- results ----------------------------------------------------------------------------

    def path(self, relative: str | Path) -> Path:
        """A path in the folder."""
        return self.folder / relative

    def files(self, pattern: str) -> dict[str, Path]:
        """The files that match a pattern, by relative path in sorted order."""
        paths = sorted(path for path in self.folder.glob(pattern) if path.is_file())
        return {path.relative_to(self.folder).as_posix(): path for path in paths}

    def logs(self) -> dict[str, Path]:
        """The training logs by relative path."""
        return self.files("results/logs/**/*.parquet")

    def values(self) -> dict[str, dict[str, list]]:
        """All that the results say, exactly: file, column, values in the order of the rows.

        Logs, summaries, tables, the comparison, and the data of the figures. Floating-point numbers
        are given in hexadecimal, so that equal means the same bits; undefined ones are None.
        """
        tables = {**self.logs(), **self.files("results/summaries/*/*.parquet")}
        values = {
            name: {key: _exact(column) for key, column in pq.read_table(path).to_pydict().items()}
            for name, path in tables.items()
        }
        for name, path in self.files("reports/**/*.csv").items():
            header, *rows = csv.reader(path.open(encoding="utf-8", newline=""))
            values[name] = {
                key: list(column)
                for key, column in zip(header, zip(*rows, strict=True), strict=True)
            }
        return values

    def records(self) -> dict[str, dict]:
        """The provenance records by study."""
        return {
            path.stem: json.loads(path.read_text(encoding="utf-8"))
            for path in self.files("results/provenance/*.json").values()
        }

    def copy(self, folder: Path) -> "Study":
        """The same study in another folder, with its results and Snakemake's records of them."""
        shutil.copytree(self.folder, folder, symlinks=True)
        other = Study(folder, None)
        other.sources = other.folder if self.sources == self.folder else self.sources
        return other

    def restore(self, copy: "Study") -> None:
        """Make the folder what a copy of it is, in the same place."""
        shutil.rmtree(self.folder)
        shutil.copytree(copy.folder, self.folder, symlinks=True)


def listed_jobs(output: str) -> set[str]:
    """The jobs in the listing of Snakemake's dry run, see `Study.jobs`."""
    found = set()
    for block in re.split(r"^(?=(?:local)?rule [a-z0-9_]+:$)", output, flags=re.MULTILINE)[1:]:
        rule = re.match(r"(?:local)?rule ([a-z0-9_]+):", block)[1]
        wildcards = re.search(r"^    wildcards: (.+)$", block, re.MULTILINE)
        parts = [part.split("=", 1)[1] for part in wildcards[1].split(", ")] if wildcards else []
        found.add(" ".join([rule, "/".join(parts)]) if parts else rule)
    return found


def _exact(values: list) -> list:
    return [
        None
        if isinstance(value, float) and math.isnan(value)
        else value.hex()
        if isinstance(value, float)
        else value
        for value in values
    ]
