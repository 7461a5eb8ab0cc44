"""What an edit recomputes: exactly what it touches."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from queue import Queue

import pytest

from edits import EDITS, FINISHED, rows
from ministudy import ROOT, listed_jobs


@pytest.fixture(scope="module")
def reran(request, finished, tmp_path_factory):
    """The jobs of a dry run after an edit, by the edit's name: futures, two at work at a time."""
    root = tmp_path_factory.mktemp("edits")
    free = Queue()
    for name in ("first", "second"):
        study = finished.copy(root / name)
        study.copy_sources()
        free.put((study, study.copy(root / f"{name}-unchanged")))

    def jobs(edit):
        study, unchanged = free.get()
        try:
            study.restore(unchanged)
            study.cache = unchanged.cache
            edit.apply(study)
            return study.jobs()
        finally:
            free.put((study, unchanged))

    parameters = [getattr(item, "callspec", None) for item in request.session.items]
    chosen = {found.params["edit"].name for found in parameters if found and "edit" in found.params}
    with ThreadPoolExecutor(2) as pool:
        yield {edit.name: pool.submit(jobs, edit) for edit in EDITS if edit.name in chosen}


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_an_edit_reruns_exactly_what_it_touches(edit, reran):
    jobs = reran[edit.name].result()
    assert sorted(jobs) == sorted(edit.jobs)


def test_the_documented_table_is_the_tested_one():
    lines = (ROOT / "docs/reruns.md").read_text(encoding="utf-8").splitlines()
    documented = [line for line in lines if line.startswith("|")]
    assert documented == rows(), "put the output of `python tests/edits.py` into docs/reruns.md"


def test_studies_with_other_names_give_the_same_tables_figures_and_comparison(finished, tmp_path):
    study = finished.copy(tmp_path / "study")
    configuration = study.configuration()
    # Backwards in the alphabet too.
    known = sorted(configuration["studies"])
    names = {name: f"{letter}-other" for letter, name in zip("zyx", known, strict=True)}
    studies = {names[name]: own for name, own in configuration["studies"].items()}
    run = [names[name] for name in configuration["run"]]
    study.write_configuration(configuration | {"run": run, "studies": studies})
    # What is not made again must not be taken for the same.
    shutil.rmtree(study.path("reports"))
    study.run()
    for name, path in finished.files("reports/**/*").items():
        assert path.read_bytes() == study.path(name).read_bytes(), name


def test_jobs_of_a_new_study_are_all_of_them(finished, tmp_path):
    study = finished.copy(tmp_path / "study")
    for folder in ("results", "reports", ".snakemake"):
        shutil.rmtree(study.path(folder))
    assert study.jobs() == FINISHED | {"compile_kernel"}


def test_jobs_are_read_from_the_listing():
    listing = (
        "Building DAG of jobs...\nlocalrule all:\n    input: a\n    jobid: 0\n"
        "rule train:\n    output: x\n    wildcards: setting=a-b, method=c, noise=0.1\n"
        "rule comparison:\n    output: y\nJob stats:\ntotal 3\n"
    )
    assert listed_jobs(listing) == {"all", "train a-b/c/0.1", "comparison"}


def test_sources_that_are_not_tracked_are_noticed(study):
    """Without the digest in a training job's text, the table above fails.

    An edit of the simulation itself would still be noticed: the kernel's path holds its digest.
    """
    study.copy_sources()
    study.edit(
        "src/sdposim/workflow/study.py",
        '        "digest": training_digest(modules(cells["update"], cells["judge"])),\n',
        "",
    )
    study.run("--touch")  # takes the present results for those of the wrong tracking
    assert study.jobs() == set()
    (edit,) = [edit for edit in EDITS if edit.name == "the module that writes logs"]
    edit.apply(study)
    found = study.jobs()
    assert found != edit.jobs and not any(job.startswith("train ") for job in found)
