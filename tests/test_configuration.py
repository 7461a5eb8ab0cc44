"""The configuration: its documents are current, and every mistake is answered by one sentence."""

import copy
import difflib
import json
import re
from pathlib import Path

import pytest
import yaml

from sdposim.storage.errors import UserError
from sdposim.workflow import study as plan
from sdposim.workflow.artefacts import Artefacts
from sdposim.workflow.configuration.documents import documents
from sdposim.workflow.configuration.load import load, read_yaml
from sdposim.workflow.configuration.models import Config
from sdposim.workflow.configuration.validate import validate

ROOT = Path(__file__).parents[1]
DEFAULT = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))
LANDSCAPE = "settings.paper.landscape."
STUDY = "studies.noise."
KNOWN = set(re.findall(r"`(\w+)` \|", (ROOT / "config/README.md").read_text(encoding="utf-8")))


def changed(key, value):
    """The default configuration with one key changed; '/' separates keys that contain dots."""
    config = copy.deepcopy(DEFAULT)
    node = config
    *path, last = key if isinstance(key, tuple) else key.split(".")
    for part in path:
        node = node.setdefault(part, {})
    node[last] = value
    return config


def message(config):
    with pytest.raises(UserError) as caught:
        validate(config)
    text = str(caught.value)
    assert "\n" not in text and "Traceback" not in text and len(text) < 1000
    return text


@pytest.mark.parametrize("path", documents())
def test_generated_documents_are_current(path):
    current = (ROOT / path).read_text(encoding="utf-8")
    wanted = documents()[path]
    diff = difflib.unified_diff(current.splitlines(), wanted.splitlines(), str(path), "models.py")
    assert current == wanted, "run `python -m sdposim config`:\n" + "\n".join(diff)


def test_the_default_file_is_the_models_defaults():
    assert validate(DEFAULT) == Config() == validate({})


RANDOM_STATE = {"generator": "numpy_random_state"}
WRONG = [
    (STUDY + "log_steps", "none", "'all', 'log_spaced' or 'summary'"),
    (STUDY + "seeds_per_job", 0, "at least 1"),
    # key, value, what the sentence must contain besides the key
    ("sedes", 3, "unknown"),
    ("analysis.window", 3, "final_window"),
    (LANDSCAPE + "vocab", 8, "vocabulary_size"),
    ("settings.landscapes.landscape.vocab", 8, "vocabulary_size"),
    ("settings.landscapes.landscapes", {}, "landscape"),
    (STUDY + "tables.t", {"kind": "final_reward", "style": 1}, "published"),
    (STUDY + "tables.t", {}, "missing"),
    (LANDSCAPE + "vocabulary_size", "8", "a whole number"),
    (LANDSCAPE + "vocabulary_size", 8.5, "a whole number"),
    (LANDSCAPE + "vocabulary_size", True, "a whole number"),
    (LANDSCAPE + "vocabulary_size", None, "a whole number"),
    (LANDSCAPE + "vocabulary_size", 1, "at least 2"),
    (LANDSCAPE + "vocabulary_size", 10**400, "at most 4096"),
    (LANDSCAPE + "sequence_length", 0, "at least 1"),
    (LANDSCAPE + "quality_sd", "1e-1", "write 0.1"),
    (LANDSCAPE + "quality_sd", float("nan"), "a finite number"),
    (LANDSCAPE + "quality_sd", float("inf"), "a finite number"),
    (LANDSCAPE + "quality_sd", 10**400, "a number"),
    (LANDSCAPE + "quality_sd", [1.0], "a number"),
    (LANDSCAPE + "seed", "every", "a whole number or 'each'"),
    (LANDSCAPE + "seed", -1, "at least 0"),
    (LANDSCAPE + "seed", [], "at least 1 entry"),
    (LANDSCAPE + "seed", [1, -1], "at least 0"),
    (LANDSCAPE + "seed", [1, 1], "listed twice"),
    (LANDSCAPE + "generator", "mt19937", "'keyed', 'numpy_default_rng' or 'numpy_random_state'"),
    (LANDSCAPE + "order", ["quality", "bigram"], "each of quality, bigram, target once"),
    (LANDSCAPE + "order", ["quality"] * 3, "each of quality, bigram, target once"),
    (LANDSCAPE + "order", ["quality", "bigram", "reward"], "'target'"),
    ("settings.paper.landscape", RANDOM_STATE | {"seed": 2**32}, "allowed: 0 to 4294967295"),
    ("settings.paper.landscape", RANDOM_STATE | {"seed": [2**32, 1]}, "allowed: 0 to 4294967295"),
    ("settings.landscapes.landscape", RANDOM_STATE | {"seed": [2**33]}, "allowed: 0 to 4294967295"),
    ("settings.paper.update.quality_share.mean", "mean", "'policy', 'tokens', 'all'"),
    ("settings.paper.update.sequence.direction", "up", "'printed' or 'reversed'"),
    (LANDSCAPE + "seed", 2**63, "below 9223372036854775808"),
    ("settings.paper.judge.interval.clip", 1, "true or false"),
    ("settings.paper.judge.likert.origin", "half", "'fraction' or 'unit'"),
    ("settings.paper.training.learning_rate", 0, "above 0"),
    ("settings.landscapes", None, "keys with values"),
    ("settings.landscapes.training", 5, "keys with values"),
    ("settings", [], "keys with values"),
    ("settings", {}, "lacks the setting 'paper'"),
    ("studies", None, "keys with values"),
    ("run", "noise", "a list"),
    ("run", [], "at least 1 entry"),
    ("run", ["noise", "noise"], "listed twice"),
    ("run", ["tuesday"], "comparison, noise, hybrid, multi_seed"),
    ("methods.mine", {"advantage": "loo", "credit": "sequence"}, "'loo' is not a part; allowed: "),
    ("methods.mine", {"advantage": "batch_mean"}, "credit is missing, which advantage needs"),
    (
        "methods.mine",
        {"label": "Mine"},
        "nothing to learn from; allowed: guidance and base",
    ),
    ("methods.mine", {"guidance": "oracle"}, "base is missing, which guidance"),
    ("methods.mine", {"look": {}}, "look.colour is missing"),
    ("methods.Rloo", {}, "a name of lower-case letters"),
    ("methods", 5, "keys with values"),
    ("methods.hybrid.blend", None, "blend is missing"),
    ("methods.sdpo.blend", "gate", "blend is only for a method with a teacher and credit"),
    ("methods.hybrid.credit", {"sequence": {}, "quality_share": {}}, "the name alone replaces"),
    ("methods.hybrid.credit", {"sequence": {"direction": "up"}}, "'printed' or 'reversed'"),
    ("methods.hybrid.credit", {"sequence": {"sign": 1}}, "not a parameter; allowed: direction"),
    ("methods.hybrid.credit", {"sequence": 3}, "3 is not a parameter; allowed: direction"),
    ("methods.hybrid.credit", [1], "[1] is not a part; allowed: quality_share, sequence"),
    ("methods.hybrid.advantage", {"batch_mean": {"x": 1}}, "not a parameter; allowed: none"),
    (
        "methods.hybrid.crdit",
        "sequence",
        "allowed here: label, note, look, signal, advantage, credit",
    ),
    ("methods.hybrid.label", "$x", "1 to 40 printable characters"),
    ("methods.hybrid.look.colour", "red", "'#RRGGBB'"),
    ("feedbacks.binary.noise", {"gaussian": []}, "gaussian: [] is not a parameter; allowed: none"),
    ("feedbacks.stars", {"hints": "normal"}, "noise is missing; allowed: gaussian, mixed"),
    ("feedbacks.stars", {"noise": "gaussian"}, "scale is missing; allowed: interval, likert"),
    ("feedbacks.stars", {"scale": "gate"}, "allowed: interval, likert, threshold"),
    ("studies.multi_seed.reproduces", ["figure4"], "'figure4' is reproduced by study 'noise'"),
    (STUDY + "methods", [], "at least 1 entry"),
    (STUDY + "methods", ["nobody"], "sdpo, reinforce"),
    (STUDY + "methods", ["sdpo", "sdpo"], "listed twice"),
    (STUDY + "feedbacks", ["stars"], "binary, ordinal"),
    (STUDY + "settings", ["mine"], "paper, landscapes"),
    (STUDY + "noise", [-0.1], "at least 0"),
    (STUDY + "noise", ["1e-1"], "write 0.1"),
    (STUDY + "noise", [0.0, -0.0], "listed twice"),
    (STUDY + "noise", 0.1, "a list"),
    (STUDY + "seeds", [3, 3], "listed twice"),
    (STUDY + "seeds", [], "at least 1 entry"),
    (STUDY + "seeds", [1, -2], "at least 0"),
    (STUDY + "seeds", 0, "at least 1"),
    (STUDY + "seeds", {}, "a whole number or a list"),
    (STUDY + "seeds", True, "a whole number or a list"),
    (STUDY + "figures.figure1", {"kind": "entropy"}, "already the name"),
    (STUDY + "figures.joint_fit_numbers", {"kind": "entropy"}, "names other than claims, "),
    (STUDY + "tables.joint_fit_numbers", {"kind": "final_reward"}, "names other than"),
    (STUDY + "seeds", [2**63], "below 9223372036854775808"),
    (STUDY + "seeds", 2**63, "at most 10000000"),
    (STUDY + "seeds", [10**5000], "below 9223372036854775808"),
    (STUDY + "figures.f", {"kind": "pie"}, "'learning_curves'"),
    ("analysis.final_window", 301, "1 to 300"),
    ("log_steps", "some", "'all', 'log_spaced' or 'summary'"),
    ("seeds_per_job", 0, "at least 1"),
    ("identification.seeds", 10, "at least 66"),
    ("identification", {"seeds": 100, "refined": 101}, "refined: 101 is more than seeds (100)"),
]


def test_seeds_that_the_generator_of_their_landscapes_does_not_take():
    config = changed("settings.landscapes.landscape", RANDOM_STATE | {"seed": "each"})
    assert validate(config)
    config["studies"]["multi_seed"]["seeds"] = [5, 2**32]
    text = message(config)
    assert "studies.multi_seed.seeds" in text and "4294967296" in text and "4294967295" in text


@pytest.mark.parametrize("key, value, expected", WRONG)
def test_a_mistake_is_answered_by_its_key_and_what_is_allowed(key, value, expected):
    text = message(changed(key, value))
    assert expected in text
    assert key in text or ".".join(key.split(".")[:-1]) in text


@pytest.mark.parametrize(
    "name",
    [
        "--x",
        "-",
        "../x",
        "/tmp/x",
        "a b",
        "a;b",
        "$(x)",
        "A",
        "",
        "a\n",
        "x" * 65,
        "a/b",
        "ü",
        "`x`",
    ],
)
@pytest.mark.parametrize("owner", ["studies", "settings", "studies.noise.tables"])
def test_names_cannot_leave_the_results_folder(owner, name):
    value = {"kind": "final_reward"} if owner.endswith("tables") else {}
    if owner == "studies":
        value = DEFAULT["studies"]["noise"]
    assert owner in message(changed((*owner.split("."), name), value))


@pytest.mark.parametrize("raw", [None, [], 3, "text", {None: 1}, {"settings": {1: {}}}])
def test_wrong_nesting(raw):
    assert "allowed" in message(raw)


@pytest.mark.parametrize(
    "own, expected",
    [
        ({"log_steps": "summary"}, "studies.mine.log_steps: 'summary' is not allowed"),
        ({"seeds_per_job": 9}, "studies.mine.seeds_per_job: 9 is not allowed"),
    ],
)
def test_studies_that_share_cells_share_how_their_jobs_train(own, expected):
    shared = {"methods": ["sdpo"], "feedbacks": ["continuous"], "noise": [0.1], "seeds": 70}
    text = message(changed("studies.mine", shared | own))
    assert expected in text and "as study 'noise' shares cells with it (setting 'paper')" in text
    alone = validate(changed("studies.mine", shared | own | {"noise": [0.7]}))
    assert validate(changed("studies.mine", shared)).job_options("mine") == {
        "log_steps": "all", "seeds_per_job": 64
    }  # fmt: skip
    assert own.items() <= alone.job_options("mine").items()
    jobs = plan.study_jobs(alone, "mine", plan.all_jobs(alone))
    assert [job.cells for job in jobs] == ([9] * 7 + [7] if "seeds_per_job" in own else [64, 6])
    specs = [json.loads(plan.training_spec(alone, job)) for job in jobs]
    assert {spec["log_steps"] for spec in specs} == {own.get("log_steps", "all")}


def test_shorter_training_asks_nothing_of_studies_that_are_not_run():
    """Such as those of the audit, which keep policies after 300 steps."""
    shorter = validate(changed("settings.paper.training.steps", 40))
    artefacts = Artefacts(shorter, ())
    path = next(path for path, (study, _) in artefacts.policies.items() if study == "share")
    with pytest.raises(UserError, match=r"share.policies: 300 is more than settings.*: 0 to 40"):
        artefacts.policies_spec(path)


@pytest.mark.parametrize("key", [3, None, True, 1.5])
def test_keys_must_be_text(key):
    assert repr(key) in message(changed(("studies", "noise", key), 1))


def test_a_setting_may_be_partial():
    config = validate(changed("settings.wide", {"landscape": {"vocabulary_size": 16}}))
    assert config.settings["wide"].landscape.vocabulary_size == 16
    assert config.settings["wide"].training == config.settings["paper"].training


@pytest.mark.parametrize(
    "config, expected",
    [
        (changed(STUDY + "seeds", 10**7), "cells"),
        (changed(STUDY + "seeds", 100_000) | {"seeds_per_job": 1}, "seeds_per_job"),
        (
            changed(STUDY + "seeds", 64)
            | {
                "settings": {name: {} for name in DEFAULT["settings"]}
                | {"paper": {"training": {"steps": 10**7}}}
            },
            "settings.paper",
        ),
    ],
)
def test_a_size_that_would_exhaust_memory_is_refused(config, expected):
    text = message(config)
    assert expected in text and "at most" in text


def test_many_seeds_in_a_list_are_checked_in_linear_time():
    assert len(validate(changed(STUDY + "seeds", list(range(200_000)))).studies["noise"].seeds)


# --- files ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, expected",
    [
        ("run: [noise]\nrun: [hybrid]\n", "line 2: the key 'run' stands twice"),
        ("analysis: {final_window: 1, final_window: 2}\n", "stands twice"),
        ("run: [noise\n", "not valid YAML"),
        ("\t- x: :\n", "not valid YAML"),
        ("", "must hold keys"),
        ("- 1\n", "must hold keys"),
        ("seeds_per_job: !!bool 3\n", "not valid YAML"),
        ("seeds_per_job: !!timestamp 3\n", "not valid YAML"),
        ("run: " + "[" * 3000, "nested more than 100 levels"),
        (f"run: [!{'a' * 3000} noise]\n", "could not determine a constructor"),
        ("# nothing\n", "write {} where it is to change nothing"),
        ("run: &x [*x]\n", "line 1: the anchor x contains itself"),
        ("run: [noise]\nstudies: &x\n  noise: *x\n", "line 3: the anchor x contains itself"),
        ("run: [1]\nseeds_per_job: " + "9" * 6000, "line 2: 999"),
        ("seeds_per_job: 0x" + "9" * 6000, "6,002 characters"),
        ("run: [1]\nseeds_per_job: 010\n", "line 2: 010 would be read as the octal number 8"),
        ("a: -010\n", "write -10 or -8, or '-010' for text"),
        ("seeds_per_job: 1:30\n", "line 1: 1:30 would be read to the base of 60, as 90"),
        ("a: 0:30.5\n", "write 30.5, or '0:30.5' for text"),
        ("seeds_per_job: !!int ''\n", "not valid YAML"),
        ('{"seeds_per_job": ' + "[" * 3000, "nested more than 100 levels"),
    ],
)
def test_unreadable_files(tmp_path, text, expected):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(UserError, match=re.escape(expected)) as caught:
        read_yaml(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)
    assert len(str(caught.value)) < 1000
    with pytest.raises(UserError, match="No such file"):
        read_yaml(tmp_path / "absent.yaml")


def test_a_file_in_another_encoding(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("run: [noise]\n", encoding="utf-16")
    with pytest.raises(UserError, match="is not UTF-8 text"):
        read_yaml(path)


def test_what_looks_unusual_and_is_read_as_it_looks(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("a: &x [0, -0, 0x1f, 1_000, '010', '1:30', 010.5]\nb: *x\n")
    read = read_yaml(path)
    assert read["a"] == read["b"] == [0, 0, 31, 1000, "010", "1:30", 10.5]
    path.write_text('{"a": 1e-1}')  # JSON, where this is a number
    assert read_yaml(path) == {"a": 0.1}


def test_a_value_that_python_cannot_write():
    assert "thousands of digits" in message(changed("seeds_per_job", [10**5000]))


def test_values_nested_too_deeply_name_their_key():
    value = []
    for _ in range(300):
        value = [value]
    assert "seeds_per_job" in message(changed("seeds_per_job", value))


def test_loading_gives_what_the_run_uses(tmp_path):
    overlay = tmp_path / "mine.yaml"
    overlay.write_text(json.dumps({"run": ["noise"], "studies": {"noise": {"seeds": 3}}}))
    config = load([overlay], ROOT / "config/config.yaml")
    assert config.studies["noise"].seeds == 3
    assert config.studies["noise"].noise == DEFAULT["studies"]["noise"]["noise"]
