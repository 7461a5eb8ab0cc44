"""Policies at chosen steps: files of a study, sealed like logs."""

import numpy as np
import pytest

import sdposim
from edits import put
from materialise import arrays
from sdposim.storage.errors import UserError
from sdposim.storage.parquet import open_sealed
from sdposim.workflow.configuration.settings import Setting
from sdposim.workflow.configuration.validate import validate

STEPS = [0, 2, 5]
STEM = "mine/other/hybrid/ordinal/noise=0.2/seeds=4-4"
FILE = f"results/policies/{STEM}.parquet"
JOBS = {f"policies mine/other/hybrid/ordinal/0.2/{seeds}" for seeds in ("4-4", "7-7")}


@pytest.fixture(scope="module")
def asked(finished, tmp_path_factory):
    """A mini study with policies, not to be changed."""
    study = finished.copy(tmp_path_factory.mktemp("policies") / "study")
    put({"studies.mine.policies": STEPS})(study)
    study.run()
    return study


@pytest.fixture
def kept(asked, tmp_path):
    return asked.copy(tmp_path / "study")


def of_the_library(study, context="position"):
    """The policies of the study's first file from Python."""
    settings = validate(study.configuration()).settings["other"].model_dump()
    settings["policy"]["context"] = context
    landscape = settings["landscape"]
    assert landscape["seed"] == "each"
    return sdposim.policies(STEPS, "hybrid", "ordinal", 0.2, [4], settings)


@pytest.mark.parametrize("context", ["position", "previous_token"])
def test_a_file_has_what_training_leaves(kept, context):
    if context != "position":
        put({"settings.paper.policy": {"context": context}})(kept)
        kept.run(FILE)
    table = open_sealed(kept.path(FILE)).read().to_pandas()
    expected = of_the_library(kept, context)
    assert list(table) == list(expected)
    assert table["previous"].isna().equals(expected["previous"] < 0)
    for name in table:
        assert np.array_equal(table[name].fillna(-1), expected[name]), name
    landscape = validate(kept.configuration()).settings["other"].landscape
    length, vocabulary = landscape.sequence_length, landscape.vocabulary_size
    rows = 1 if context == "position" else vocabulary
    keys = ["seed", "step", "position", "previous", "token"]
    assert not expected.duplicated(keys).any()
    assert len(expected) == len(STEPS) * (1 + (length - 1) * rows) * vocabulary
    last = expected[(expected["step"] == 5) & (expected["position"] == 1)]
    assert last["logit"].nunique() == rows * vocabulary


def test_the_rows_are_those_of_the_contexts():
    """Step 0 has the initial logits, row by row."""
    setting = Setting().model_dump()
    setting["policy"]["context"] = "previous_token"
    setting["landscape"] |= {"sequence_length": 3, "vocabulary_size": 4}
    start = arrays(setting | {"training": setting["training"] | {"steps": 1}}, 3)["initial_logits"]
    rows = sdposim.policies([0], seeds=[3], setting=setting)
    assert len(rows) == 4 + 2 * 16 and (rows["seed"] == 3).all()
    assert (rows["previous"] < 0).equals(rows["position"] == 0)
    for row in rows.itertuples():
        assert row.logit == start[row.position, max(row.previous, 0), row.token]


def test_a_run_makes_them_once_and_again_when_their_cells_change(kept):
    put({"studies.mine.policies": STEPS[::-1]})(kept)
    assert kept.jobs() == set()
    assert "policies" not in kept.sdposim("orphans").stdout
    done = kept.sdposim("inspect", FILE)
    assert "policies of training cells" in done.stdout and "steps: [0, 2, 5]" in done.stdout
    put({"settings.other.training": {"learning_rate": 0.5}})(kept)
    assert kept.jobs() >= JOBS
    put({"settings.other.training": None, "studies.mine.policies": [0, 5]})(kept)
    assert kept.jobs() == JOBS | {"exact mine", "provenance mine"}


def test_a_run_believes_no_foreign_or_damaged_policies(kept):
    content = kept.path(FILE).read_bytes()
    whole = open_sealed(kept.path(FILE)).read()
    kept.path("results/provenance/mine.json").unlink()
    kept.path(FILE).write_bytes(content[:-40] + b"x" + content[-39:])
    done = kept.snakemake("--cores", "2")
    assert done.returncode
    assert "is damaged" in kept.path("results/joblogs/exact/mine.log").read_text()
    assert kept.path(f"{FILE}.set-aside").exists() and not kept.path(FILE).exists()
    kept.run()
    assert open_sealed(kept.path(FILE)).read() == whole
    # From another machine: Snakemake has no record of it.
    put({"settings.other.training": {"learning_rate": 0.5}})(kept)
    for path in kept.path(".snakemake/metadata").rglob("*"):
        if path.is_file():
            path.unlink()
    assert kept.jobs() >= JOBS


def test_what_is_no_longer_asked_for_is_an_orphan(kept):
    put({"studies.mine.policies": []})(kept)
    assert kept.jobs() == {"provenance mine"}
    kept.sdposim("orphans", "--remove")
    assert not kept.path(FILE).exists()
    assert not kept.path(f"results/joblogs/policies/{STEM}.log").exists()


def test_a_step_that_is_never_reached_is_refused(kept):
    put({"studies.mine.policies": [0, 6]})(kept)
    done = kept.snakemake("--dry-run")
    assert done.returncode and "Traceback" not in done.stderr
    assert "studies.mine.policies: 6 is more than settings.other.training.steps" in done.stderr
    assert "allowed: 0 to 5" in done.stderr
    for steps, expected in (([301], "allowed: 0 to 300"), ([], "steps: []"), ([-1], "-1")):
        with pytest.raises(UserError) as raised:
            sdposim.policies(steps)
        assert expected in str(raised.value)
