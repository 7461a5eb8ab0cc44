"""Edits of the mini study, and exactly which jobs each of them must rerun.

`python tests/edits.py` prints them as the table of docs/reruns.md.
"""

import copy
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ministudy import Study
from sdposim.workflow.configuration.models import Config

FINISHED = set(
    """
    train other/hybrid/ordinal/0.2/4-4
    train other/hybrid/ordinal/0.2/7-7
    train paper/reinforce/binary/0.0/0-1
    train paper/reinforce/binary/0.0/2-2
    train paper/reinforce/binary/0.1/0-1
    train paper/reinforce/critique/0.0/0-1
    train paper/reinforce/critique/0.0/2-2
    train paper/sdpo/binary/0.0/0-1
    train paper/sdpo/binary/0.0/2-2
    train paper/sdpo/critique/0.0/0-1
    train paper/sdpo/critique/0.0/2-2
    summarise comparison
    summarise mine
    summarise noise
    table my_table
    table table1
    figure figure1
    figure figure4
    comparison
    provenance comparison
    provenance mine
    provenance noise
    """.strip().split("\n    ")
)
"""The jobs of the mini study, without the compilation of the kernel."""
# What the comparison with the published values reads, and whose records vouch for it.
COMPARISON = {"comparison", "provenance comparison", "provenance noise"}
# What a study's logs lead to.
AFTER = {
    "comparison": {"summarise comparison", "table table1", "figure figure1"} | COMPARISON,
    "noise": {"summarise noise", "figure figure4"} | COMPARISON,
    "mine": {"summarise mine", "table my_table", "provenance mine"},
}
NOTHING: set[str] = set()
PAPER = "config/paper/values.csv"
TABLES = {"table table1", "table my_table", "provenance comparison", "provenance mine"}
FIGURES = {"figure figure1", "figure figure4", "provenance comparison", "provenance noise"}
RECORDS = {"provenance comparison", "provenance mine", "provenance noise"}


@dataclass(frozen=True)
class Edit:
    """An edit, what it must rerun, and why, where that is not plain.

    Attributes:
        name: the edit in plain words.
        apply: what does it to a finished study with sources of its own.
        jobs: the jobs of the next run, `train` ones as in `Study.jobs`.
        why: a reason to print beside it.
    """

    name: str
    apply: Callable[[Study], None]
    jobs: set[str]
    why: str = ""


def trained(*patterns: str) -> set[str]:
    """The training jobs of the finished study that match any of the patterns."""
    found = {
        job for job in FINISHED for pattern in patterns if fnmatchcase(job, f"train {pattern}")
    }
    assert found
    return found


def new(*names: str) -> set[str]:
    """Training jobs that the finished study does not have."""
    jobs = {f"train {name}" for name in names}
    assert not jobs & FINISHED
    return jobs


def after(*studies: str) -> set[str]:
    """All that follows from changed logs of studies."""
    return set().union(*(AFTER[study] for study in studies))


# --- kinds of edits -------------------------------------------------------------------------


def put(changes: dict[str, object]) -> Callable[[Study], None]:
    """Set keys of the configuration, given as paths with dots; None removes a key."""

    def apply(study: Study) -> None:
        configuration = copy.deepcopy(study.configuration())
        for path, value in changes.items():
            *groups, key = path.split(".")
            group = configuration
            for name in groups:
                group = group.setdefault(name, {})
            if value is None:
                del group[key]
            else:
                group[key] = copy.deepcopy(value)
        study.write_configuration(configuration)

    return apply


def replace(path: str, old: str, new: str) -> Callable[[Study], None]:
    """Replace the only occurrence of a text in a file."""
    return lambda study: study.edit(path, old, new)


def append(path: str, text: str) -> Callable[[Study], None]:
    """Add lines to the end of a file."""

    def apply(study: Study) -> None:
        with study.path(path).open("a", encoding="utf-8") as file:
            file.write(text)

    return apply


def code(module: str) -> Callable[[Study], None]:
    """Add a statement to a module of the package."""
    return append(f"src/sdposim/{module}.py", "\nEDITED = True\n")


def remark(module: str) -> Callable[[Study], None]:
    """Change a module's docstring, and add a comment and an empty line."""

    def apply(study: Study) -> None:
        path = study.path(f"src/sdposim/{module}.py")
        text = path.read_text(encoding="utf-8")
        assert text.startswith('"""')
        path.write_text(f'"""Edited. {text[3:]}\n\n# A remark.\n', encoding="utf-8")

    return apply


def installed(package: str) -> Callable[[Study], None]:
    """Make another version of a package the installed one, as far as Python's metadata go."""

    def apply(study: Study) -> None:
        folder = study.path(f"src/{package}-999.0.dist-info")
        folder.mkdir()
        (folder / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {package}\nVersion: 999.0\n"
        )

    return apply


def delete(*patterns: str) -> Callable[[Study], None]:
    """Delete files or folders."""

    def apply(study: Study) -> None:
        for pattern in patterns:
            found = list(study.folder.glob(pattern))
            assert found, pattern
            for path in found:
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    return apply


def all_of(*edits: Callable[[Study], None]) -> Callable[[Study], None]:
    """Several edits after one another."""

    def apply(study: Study) -> None:
        for edit in edits:
            edit(study)

    return apply


def touch(study: Study) -> None:
    """Give every file of the sources and the configuration a new time."""
    for pattern in (
        "Snakefile",
        "config/**/*",
        "workflow/**/*",
        "src/**/*",
        "envs/*",
        "profiles/**/*",
    ):
        for path in study.folder.glob(pattern):
            path.touch()


def touch_results(study: Study) -> None:
    """Give every result a new time, as a copy of the folder may have."""
    for pattern in ("reports/**/*", "results/**/*"):
        for path in sorted(study.folder.glob(pattern)):
            path.touch()


def git(study: Study, *arguments: str) -> None:
    """Run git in the study's folder."""
    identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", *identity, *arguments], cwd=study.folder, check=True)


def other_commit(study: Study) -> None:
    """Commit the sources, then an edit of the simulation."""
    git(study, "init", "--quiet", "--initial-branch", "main")
    git(study, "add", "Snakefile", "workflow", "src", "config", "envs", "profiles")
    git(study, "commit", "--quiet", "--message", "first")
    code("model/metrics")(study)
    git(study, "commit", "--quiet", "--all", "--message", "second")


def and_back(study: Study) -> None:
    """Check out the first of two commits."""
    git(study, "checkout", "--quiet", "HEAD~1")


def reorder(study: Study) -> None:
    """Write the keys of all groups of the configuration in the opposite order."""

    def backwards(value):
        if not isinstance(value, dict):
            return value
        return {key: backwards(item) for key, item in reversed(value.items())}

    study.write_configuration(backwards(study.configuration()))


def layout(study: Study) -> None:
    """Add comments and empty lines to the configuration, and write lists in another style."""
    path = study.path("config/config.yaml")
    lines = path.read_text(encoding="utf-8").splitlines()
    text = "# A remark.\n\n" + "   # Another.\n\n".join(f"{line}  \n" for line in lines)
    path.write_text(text.replace("noise:   \n", "noise:\n"), encoding="utf-8")


def another_cache(study: Study) -> None:
    """Name another folder for compiled kernels."""
    study.cache = study.folder / "kernels"


METHODS = Config().model_dump(include={"methods"})["methods"]
UPHILL = Config().settings["paper"].update.sequence.direction
BARE = {"advantage": "batch_mean", "credit": "sequence"}
STUDY = "studies.comparison"
LR = "training.learning_rate"
EVERYTHING = FINISHED
KERNEL = FINISHED | {"compile_kernel"}
FOUR = ("paper/sdpo/binary/0.0", "paper/sdpo/critique/0.0")
FOUR += ("paper/reinforce/binary/0.0", "paper/reinforce/critique/0.0")


def blocks(seeds: str) -> set[str]:
    """New training jobs for a block of seeds of the study `comparison`."""
    return new(*(f"{condition}/{seeds}" for condition in FOUR))


OWN = {
    "settings": ["paper"],
    "methods": ["sdpo"],
    "feedbacks": ["binary"],
    "noise": [0.0, 0.5],
    "seeds": 2,
}

EDITS = [
    Edit("nothing", lambda study: None, NOTHING),
    # --- seeds
    Edit(
        "a seed is added to a started block (`seeds: 3` to `4`)",
        put({f"{STUDY}.seeds": 4}),
        blocks("2-3") | after("comparison"),
    ),
    Edit(
        "a seed is added that starts a block",
        put({f"{STUDY}.seeds": [0, 1, 2, 4]}),
        blocks("4-4") | after("comparison"),
    ),
    Edit(
        "a seed is added that another study has trained",
        put({"studies.noise.seeds": 3}),
        new("paper/reinforce/binary/0.1/2-2") | after("noise"),
    ),
    Edit(
        "a seed is added to a list",
        put({"studies.mine.seeds": [4, 7, 9]}),
        new("other/hybrid/ordinal/0.2/9-9") | after("mine"),
    ),
    Edit(
        "the only seed of a block is removed",
        put({f"{STUDY}.seeds": 2}),
        after("comparison"),
    ),
    Edit(
        "a seed is removed from a full block",
        put({f"{STUDY}.seeds": [0, 2]}),
        new("paper/sdpo/binary/0.0/0-0", "paper/sdpo/critique/0.0/0-0")
        | new("paper/reinforce/critique/0.0/0-0")
        | after("comparison"),
        "the other seed of the block is trained again, except where another study wants both",
    ),
    Edit(
        "seeds are listed instead of counted (`3` to `[2, 0, 1]`)",
        put({f"{STUDY}.seeds": [2, 0, 1]}),
        {"provenance comparison"},
        "a record quotes the configuration",
    ),
    Edit(
        "`seeds_per_job` changes",
        put({"seeds_per_job": 3}),
        blocks("0-2") | after("comparison", "noise"),
        "blocks that hold the same seeds as before are kept",
    ),
    # --- the grid
    Edit(
        "a method is added",
        put({f"{STUDY}.methods": ["sdpo", "reinforce", "adv_weighted"]}),
        new(
            "paper/adv_weighted/binary/0.0/0-1",
            "paper/adv_weighted/binary/0.0/2-2",
            "paper/adv_weighted/critique/0.0/0-1",
            "paper/adv_weighted/critique/0.0/2-2",
        )
        | after("comparison"),
    ),
    Edit("a method is removed", put({f"{STUDY}.methods": ["sdpo"]}), after("comparison")),
    Edit(
        "a noise level is added",
        put({"studies.noise.noise": [0.0, 0.1, 0.3]}),
        new("paper/reinforce/binary/0.3/0-1") | after("noise"),
    ),
    Edit("a noise level is removed", put({"studies.noise.noise": [0.0]}), after("noise")),
    Edit(
        "a feedback is added",
        put({"studies.mine.feedbacks": ["ordinal", "continuous"]}),
        new("other/hybrid/continuous/0.2/4-4", "other/hybrid/continuous/0.2/7-7") | after("mine"),
    ),
    Edit("a feedback is removed", put({f"{STUDY}.feedbacks": ["binary"]}), after("comparison")),
    Edit(
        "methods are listed in another order",
        put({f"{STUDY}.methods": ["reinforce", "sdpo"]}),
        after("comparison"),
        "the rows of a summary stand in the order of the lists",
    ),
    # --- methods
    Edit(
        "a method is composed that no study trains",
        put({"methods": METHODS | {"bare": BARE}}),
        NOTHING,
    ),
    Edit(
        "a method is composed of known parts, and trained",
        put({"methods": METHODS | {"bare": BARE}, "studies.mine.methods": ["hybrid", "bare"]}),
        new("other/bare/ordinal/0.2/4-4", "other/bare/ordinal/0.2/7-7") | after("mine"),
    ),
    Edit(
        "another part of a method",
        put({"methods": METHODS, "methods.hybrid.credit": "quality_share"}),
        trained("other/hybrid/*") | after("mine"),
    ),
    Edit(
        "a parameter of a method is what the setting says anyway",
        put({"methods": METHODS, "methods.reinforce.credit": {"sequence": {"direction": UPHILL}}}),
        {"provenance comparison", "provenance noise"},
        "a record quotes the configuration",
    ),
    Edit(
        "the label of a method",
        put({"methods": METHODS, "methods.reinforce.label": "Baseline"}),
        {"table table1", "figure figure1", "figure figure4"} | COMPARISON,
    ),
    Edit(
        "the look of a method",
        put({"methods": METHODS, "methods.reinforce.look.marker": "h"}),
        FIGURES,
    ),
    Edit(
        "a setting is added that no study uses",
        put({"settings.third": {"training": {"steps": 6}}}),
        NOTHING,
    ),
    Edit(
        "a setting is added to a study",
        put({"settings.third.training.steps": 6, "studies.mine.settings": ["other", "third"]}),
        new("third/hybrid/ordinal/0.2/4-4", "third/hybrid/ordinal/0.2/7-7") | after("mine"),
    ),
    Edit(
        "a study is added and run",
        put({"studies.own": OWN, "run": ["comparison", "noise", "mine", "own"]}),
        new("paper/sdpo/binary/0.5/0-1") | {"summarise own", "provenance own"},
        "cells that another study has are not trained again",
    ),
    Edit("a study is added, but not run", put({"studies.own": OWN}), NOTHING),
    Edit("a study is no longer run", put({"run": ["comparison", "noise"]}), NOTHING),
    Edit(
        "a compared study is no longer run",
        put({"run": ["comparison", "mine"]}),
        {"comparison", "provenance comparison"},
    ),
    Edit(
        "studies are run in another order", put({"run": ["mine", "noise", "comparison"]}), NOTHING
    ),
    # --- hyperparameters
    Edit(
        "a hyperparameter of one setting",
        put({f"settings.other.{LR}": 0.03}),
        trained("other/*") | after("mine"),
    ),
    Edit(
        "a hyperparameter of `paper`, which all settings start from",
        put({f"settings.paper.{LR}": 0.03}),
        EVERYTHING,
    ),
    Edit(
        "a hyperparameter that only some methods read (`oracle.strength`)",
        put({"settings.paper.update.oracle.strength": 1.5}),
        trained("paper/sdpo/*", "other/*") | after("comparison", "mine"),
    ),
    Edit(
        "a hyperparameter that only one feedback has (`normal.sd`)",
        put({"settings.paper.judge.normal.sd": 0.3}),
        trained("paper/sdpo/critique/*") | after("comparison") | {"provenance mine"},
        "REINFORCE does not see the feedback; the setting of `mine` starts from `paper`",
    ),
    Edit(
        "a hyperparameter that no method here reads (`quality_share.epsilon`)",
        put({"settings.paper.update.quality_share.epsilon": 1e-6}),
        RECORDS,
    ),
    Edit(
        "two hyperparameters swap their values",
        put(
            {
                "settings.other.landscape.quality_sd": 0.2,
                "settings.other.landscape.bigram_sd": 1.0,
            }
        ),
        trained("other/*") | after("mine"),
    ),
    Edit(
        "a default is written out",
        put({"settings.paper.update.pull.weight": 0.01}),
        NOTHING,
    ),
    Edit(
        "a default changes in `workflow/configuration/settings.py`",
        replace(
            "src/sdposim/workflow/configuration/settings.py",
            "        0.02, gt=0",
            "        0.03, gt=0",
        ),
        EVERYTHING,
    ),
    Edit(
        "`log_steps` changes",
        # Learning curves need every step.
        put({"log_steps": "log_spaced", f"{STUDY}.figures.figure1.kind": "credit_bars"}),
        EVERYTHING,
    ),
    # --- layout of the configuration
    Edit("keys of the configuration in another order", reorder, NOTHING),
    Edit("comments, empty lines and white space in the configuration", layout, NOTHING),
    Edit("`0.0` is written `0`", put({f"{STUDY}.noise": [0]}), NOTHING),
    Edit("`0.1` is written `1.0e-1`", replace("config/config.yaml", "- 0.1", "- 1.0e-1"), NOTHING),
    # --- analysis and presentation
    Edit(
        "an analysis setting",
        put({"analysis.final_window": 3}),
        after("comparison", "noise", "mine"),
    ),
    Edit(
        "the kind of a figure",
        put({f"{STUDY}.figures.figure1.kind": "credit_bars"}),
        {"figure figure1", "provenance comparison"},
    ),
    Edit(
        "the published values of a figure",
        put({f"{STUDY}.figures.figure1.published": ["table1"]}),
        {"figure figure1", "provenance comparison"},
    ),
    Edit(
        "a figure is added",
        put({f"{STUDY}.figures.mine": {"kind": "entropy"}}),
        {"figure mine", "provenance comparison"},
    ),
    Edit(
        "policies are asked for",
        put({"studies.mine.policies": [5, 0]}),
        {f"policies mine/other/hybrid/ordinal/0.2/{seeds}" for seeds in ("4-4", "7-7")}
        | {"exact mine", "provenance mine"},
        "cells are trained again for them, and they are evaluated; no log depends on it",
    ),
    Edit("a table is removed", put({f"{STUDY}.tables": {}}), {"provenance comparison"}),
    Edit(
        "the style of the figures",
        replace("src/sdposim/report/style.py", "#444444", "#444445"),
        FIGURES,
    ),
    Edit(
        "the module of one figure",
        code("report/figures/learning_curves"),
        {"figure figure1", "provenance comparison"},
    ),
    Edit("a module that figures share", code("report/panels"), FIGURES),
    Edit(
        "the format of the tables",
        replace("src/sdposim/report/tables.py", "DECIMALS = 3", "DECIMALS = 4"),
        TABLES,
    ),
    Edit(
        "a published value that a table shows",
        replace(PAPER, "binary,0,0.650", "binary,0,0.651"),
        {"table table1"} | COMPARISON,
    ),
    Edit(
        "a published value that no table or figure shows",
        replace(PAPER, "binary,0,1.616", "binary,0,1.617"),
        COMPARISON,
    ),
    Edit(
        "a published value of a study that is not run",
        replace(PAPER, "0.2,0.623", "0.2,0.624"),
        NOTHING,
    ),
    Edit("a constant of the paper's design", replace(PAPER, ",,300,", ",,301,"), NOTHING),
    Edit(
        "how far a published value was read off a figure (`reading_sd`)",
        replace(PAPER, "2.0755,,figure,0.002", "2.0755,,figure,0.003"),
        NOTHING,
    ),
    Edit("the name of a published value", replace(PAPER, "table1.sdpo.binary", "mine"), NOTHING),
    Edit(
        "the reader of the published values",
        code("analysis/published"),
        TABLES | FIGURES | COMPARISON,
    ),
    # --- sources
    Edit("a module of the simulation", code("model/metrics"), KERNEL),
    Edit("a docstring or comment of the simulation", remark("model/metrics"), NOTHING),
    Edit("the command `train`", code("commands/train"), EVERYTHING),
    Edit("the module that writes logs", code("analysis/logs"), EVERYTHING),
    Edit("a module of the configuration", code("workflow/configuration/validate"), NOTHING),
    Edit(
        "a module of the analysis",
        code("analysis/summaries"),
        after("comparison", "noise", "mine"),
    ),
    Edit("the comparison's module", code("report/comparison"), COMPARISON),
    Edit("the command `provenance`", code("commands/provenance"), RECORDS),
    Edit("a command that no rule calls (`inspect`)", code("commands/inspect"), NOTHING),
    Edit("the time stamps of all sources", touch, NOTHING),
    Edit("another commit with another simulation is checked out", other_commit, KERNEL),
    Edit("... and the first one again", all_of(other_commit, and_back), NOTHING),
    # --- the workflow
    Edit(
        "a rule's log has another path",
        replace("workflow/rules/tables.smk", "joblogs/tables/", "joblogs/table/"),
        NOTHING,
    ),
    Edit(
        "a rule's command",
        replace(
            "workflow/rules/tables.smk", "python -m sdposim table", "python -B -m sdposim table"
        ),
        TABLES,
    ),
    Edit(
        "a table's caption",
        replace("src/sdposim/report/captions.py", '"Final mean reward"', '"Final reward"'),
        NOTHING,
    ),
    Edit(
        "a figure's caption, which its SVG has too",
        replace("src/sdposim/report/captions.py", '"Reward over training"', '"Rewards"'),
        {"figure figure1", "provenance comparison"},
    ),
    # --- versions
    Edit("another version of Numba", installed("numba"), KERNEL),
    Edit("another version of NumPy", installed("numpy"), KERNEL),
    Edit("another version of matplotlib", installed("matplotlib"), FIGURES),
    Edit("another version of a package that computes nothing", installed("pyyaml"), NOTHING),
    Edit(
        "the lock file and the conda environment, with the same packages installed",
        all_of(
            append("envs/requirements.lock", "\n# edited\n"),
            append("envs/environment.yaml", "\n# edited\n"),
        ),
        NOTHING,
    ),
    # --- losses
    Edit(
        "a log is deleted",
        delete("results/logs/paper/sdpo/binary/noise=0.0/seeds=2-2.parquet"),
        trained("paper/sdpo/binary/0.0/2-2") | after("comparison"),
    ),
    Edit("a summary is deleted", delete("results/summaries/noise/cells.parquet"), after("noise")),
    Edit(
        "a file of a figure is deleted",
        delete("reports/figures/figure4.pdf"),
        {"figure figure4", "provenance noise"},
    ),
    Edit(
        "a file of a table is deleted",
        delete("reports/tables/my_table.md"),
        {"table my_table", "provenance mine"},
    ),
    Edit(
        "a table is edited by hand",
        append("reports/tables/table1.csv", "edited\n"),
        {"table table1", "provenance comparison"},
        "it is not what its job wrote",
    ),
    Edit(
        "the comparison is edited by hand", append("reports/comparison.md", "edited\n"), COMPARISON
    ),
    Edit(
        "the receipt of a figure is deleted",
        delete("results/receipts/figures/figure1.json"),
        {"figure figure1", "provenance comparison"},
    ),
    Edit("a record is deleted", delete("results/provenance/mine.json"), {"provenance mine"}),
    Edit(
        "job logs and benchmarks are deleted",
        delete("results/joblogs", "results/benchmarks"),
        NOTHING,
    ),
    Edit("`reports/` is deleted", delete("reports"), TABLES | FIGURES | COMPARISON),
    Edit("`results/` is deleted", delete("results"), KERNEL),
    Edit(
        "the compiled kernel is deleted, or its cache moved (`SDPOSIM_CACHE`)",
        another_cache,
        NOTHING,
        "the next job that trains compiles it",
    ),
    Edit(
        "... and a log",
        all_of(
            another_cache, delete("results/logs/other/hybrid/ordinal/noise=0.2/seeds=4-4.parquet")
        ),
        trained("other/hybrid/ordinal/0.2/4-4") | after("mine"),
    ),
    Edit("the time stamps of all results, inputs after outputs", touch_results, NOTHING),
    Edit("Snakemake's records (`.snakemake`) are deleted", delete(".snakemake"), NOTHING),
]


def in_words(jobs: set[str]) -> str:
    """What reruns, as the table of docs/reruns.md says it."""
    whole = {
        "nothing": NOTHING,
        "everything": EVERYTHING,
        "the kernel and everything": KERNEL,
        "everything but the logs": after("comparison", "noise", "mine"),
    }
    for words, meant in whole.items():
        if jobs == meant:
            return words
    logs = len([job for job in jobs if job.startswith("train ")])
    parts = ["the kernel"] if "compile_kernel" in jobs else []
    parts += [f"{logs} log{'s' * (logs > 1)}"] if logs else []
    kept = len([job for job in jobs if job.startswith("policies ")])
    parts += [f"{kept} files of policies"] if kept else []
    parts += ["what they are worth"] if "exact mine" in jobs else []
    rules = {"summarise": "summary", "table": "table", "figure": "figure"}
    for rule, word in (rules | {"comparison": "the comparison", "provenance": "record"}).items():
        names = sorted(job.split()[1] for job in jobs if job.startswith(f"{rule} "))
        if names:
            parts.append(f"{word} {', '.join(f'`{name}`' for name in names)}")
        elif rule in jobs:
            parts.append(word)
    return "; ".join(parts)


def rows() -> list[str]:
    """The lines of the table in docs/reruns.md."""
    lines = ["| edit | reruns | because |", "|---|---|---|"]
    return lines + [f"| {edit.name} | {in_words(edit.jobs)} | {edit.why} |" for edit in EDITS]


if __name__ == "__main__":
    print("\n".join(rows()))
