"""The testbed's pages say what cells show, and its systems are methods like any other."""

import importlib
import re

import numpy as np
import pandas as pd
import pytest
import yaml

from ministudy import CONFIGURATION, ROOT, Study
from sdposim.analysis.exact import every_reward, possible_gain, uniform_reward
from sdposim.model.landscape import make_landscape
from sdposim.report.demands import TESTBED
from sdposim.report.labels import named
from sdposim.report.mechanisms import Data
from sdposim.report.testbed import retrospection, systems
from sdposim.storage.errors import UserError
from sdposim.workflow.configuration.load import merge
from sdposim.workflow.configuration.models import Config
from sdposim.workflow.configuration.testbed import JUDGES, SYSTEMS
from sdposim.workflow.configuration.validate import validate

CONFIG = Config()
SEEDS = 12
SETTINGS = {
    name: CONFIG.settings[name].model_dump() for name in ("step_0_02", "step_0_2", "step_2")
}
METRICS = {"entropy": 1.0, "credit_correlation": 0.5}


def test_every_question_has_a_page_and_a_study():
    asked = [own.kind for study in CONFIG.studies.values() for own in study.testbed.values()]
    assert asked == list(dict.fromkeys(asked)) and set(asked) == set(TESTBED)
    for kind in TESTBED:
        module = importlib.import_module(f"sdposim.report.testbed.{kind}")
        assert callable(module.draw) and callable(module.words)


def test_every_system_has_a_note_and_is_in_the_study_of_all():
    for name, own in SYSTEMS.items():
        assert CONFIG.methods[name].note == own["note"] and own["label"]
    assert set(CONFIG.studies["systems"].methods) >= SYSTEMS.keys()
    assert JUDGES.keys() <= CONFIG.feedbacks.keys()


def test_the_papers_settings_may_be_what_some_systems_cannot_have():
    """Of studies that are not run nothing is asked."""
    for change in (
        {"landscape": {"vocabulary_size": 32}},
        {"policy": {"context": "previous_token"}},
        {"training": {"rollouts": 5000}},
    ):
        assert validate(merge(CONFIG.model_dump(), {"settings": {"paper": change}}))


def test_the_documented_methods_and_judges_are_what_the_configuration_takes():
    page = (ROOT / "docs/testbed.md").read_text(encoding="utf-8")
    own = yaml.safe_load(re.search(r"```yaml\n(.*?)```", page, re.DOTALL)[1])
    config = validate(merge(CONFIG.model_dump(), own))
    assert config.run == ["mine"] and "careful" in config.methods


# --- all methods on one page ---------------------------------------------------------------------


def cells(method, **rewards):
    """Cells of a method: by setting the reward of a seed, a function."""
    seeds = np.arange(SEEDS)
    return pd.concat(
        pd.DataFrame(
            {"setting": setting, "method": method, "feedback": "continuous", "noise": 0.0}
            | {"seed": seeds, "reward": [reward(seed) for seed in seeds]}
            | METRICS
        )
        for setting, reward in rewards.items()
    )


def share_of(seed, share):
    """The reward that is a share of the possible gain of a seed's landscape."""
    landscape = make_landscape(SETTINGS["step_2"]["landscape"], int(seed))
    rewards = every_reward(landscape)
    return rewards.mean() + share * (rewards.max() - rewards.mean())


def page(*frames, settings=SETTINGS):
    return Data(pd.concat(frames), pd.DataFrame(), settings, [], costs={"grpo": 0.004})


def steady(share, wobble=0.0):
    """The same share on every landscape, but for a wobble of no mean on those that judge."""
    return lambda seed: share_of(seed, share + wobble * (-1) ** seed)


@pytest.fixture(scope="module")
def three():
    """One ahead, a baseline, and one that is not told from it; each with another best rate."""
    return page(
        cells("grpo", step_0_02=steady(0.1), step_0_2=steady(0.7), step_2=steady(0.3)),
        cells("reinforce_judged", step_0_02=steady(0.1), step_0_2=steady(0.2), step_2=steady(0.5)),
        cells("rloo", step_0_02=steady(0.4), step_0_2=steady(0.5, 0.2), step_2=steady(0.1)),
    )


@pytest.fixture(autouse=True)
def labels():
    """Methods and feedbacks are called as the configuration says, as in the command."""
    groups = (
        [{"name": name, "label": own.label} for name, own in group.items()]
        for group in (CONFIG.methods, CONFIG.feedbacks)
    )
    with named(*groups):
        yield


def test_the_possible_gain_is_from_the_uniform_policy_to_the_best_sequence():
    landscape = make_landscape(SETTINGS["step_2"]["landscape"], 3)
    rewards = every_reward(landscape)
    assert uniform_reward(landscape) == pytest.approx(rewards.mean(), abs=1e-15)
    assert possible_gain(landscape) == pytest.approx(rewards.max() - rewards.mean(), abs=1e-12)


def test_each_method_has_its_best_rate_and_its_share_there(three):
    _, rows = systems.draw(three)
    rows = rows.set_index("method")
    assert next(iter(rows.index)) == "grpo"
    assert rows["learning_rate"].to_dict() == {
        "grpo": 0.2, "reinforce_judged": 2.0, "rloo": 0.2,
    }  # fmt: skip
    assert rows.loc["grpo", "share"] == pytest.approx(0.7)
    assert rows.loc["reinforce_judged", "share"] == pytest.approx(0.5)


def test_one_does_better_than_another_on_a_share_of_the_landscapes(three):
    _, rows = systems.draw(three)
    rows = rows.set_index("method")
    assert rows.loc["grpo", "better_than_reinforce_judged"] == 1.0
    assert rows.loc["reinforce_judged", "better_than_grpo"] == 0.0
    assert rows.loc["rloo", "better_than_reinforce_judged"] == 0.5
    assert rows.loc["rloo", "better_than_rloo"] == 0.5


def test_words_say_who_is_told_from_the_baseline(three):
    said = " ".join(systems.words(three))
    assert "Of 3 methods GRPO gets most of the possible gain, 0.700" in said
    assert "1 gets more: GRPO (+0.200)" in said
    assert "none gets less" in said and "1 gets no different: RLOO" in said
    assert "at the edge of those tried is that of Judged REINFORCE." in said
    assert "the first 4 seeds and judged on the other 8" in said


def test_a_method_that_does_worse_is_said_to():
    said = " ".join(
        systems.words(
            page(
                cells("grpo", step_0_02=steady(0.1)),
                cells("reinforce_judged", step_0_02=steady(0.3)),
                settings={"step_0_02": SETTINGS["step_0_02"]},
            )
        )
    )
    assert "1 gets less: GRPO (-0.200)" in said and "none gets more" in said


def test_seeds_that_choose_do_not_judge():
    """A rate that is best on the first third alone is taken, and judged on the others."""
    lucky = lambda seed: share_of(seed, 0.9 if seed < SEEDS // 3 else 0.0)  # noqa: E731
    two = {name: SETTINGS[name] for name in ("step_0_02", "step_0_2")}
    frame = cells("grpo", step_0_02=lucky, step_0_2=steady(0.5))
    _, rows = systems.draw(page(frame, settings=two))
    assert rows.loc[0, "learning_rate"] == 0.02 and rows.loc[0, "share"] == pytest.approx(0.0)


def test_the_table_has_a_row_per_method(three):
    lines = systems.table(three).splitlines()
    rows = {line.split(" | ")[0]: line for line in lines[2:5]}
    assert rows.keys() == {"| GRPO", "| Judged REINFORCE", "| RLOO"}
    assert "| 2* |" in rows["| Judged REINFORCE"] and "| 0.500 ± " in rows["| RLOO"]
    assert "| 0.2 | 0.700 ± 0.000 |" in rows["| GRPO"] and rows["| GRPO"].endswith("| 1.00 | 4.0 |")


# --- retrospection without an oracle -------------------------------------------------------------


@pytest.fixture(scope="module")
def teachers():
    """A teacher that knows q, one that does not, and the baseline, under two feedbacks."""
    frames = []
    for feedback, oracle in (("binary", 0.6), ("continuous", 0.3)):
        for method, share in (("sdpo", oracle), ("sdpo_peer", 0.4), ("reinforce_judged", 0.5)):
            own = cells(method, step_0_02=steady(0.1), step_0_2=steady(share))
            frames.append(own.assign(feedback=feedback))
    return page(*frames, settings={name: SETTINGS[name] for name in ("step_0_02", "step_0_2")})


def test_each_feedback_is_told_by_itself(teachers):
    said = " ".join(retrospection.words(teachers))
    assert (
        "Binary feedback: against Judged REINFORCE (0.500 ± 0.000) 1 gets more: SDPO (+0.100); "
        "1 gets less: Peer SDPO (-0.100); none gets no different." in said
    )
    assert "Continuous feedback: against Judged REINFORCE" in said
    assert "2 get less: Peer SDPO (-0.100), SDPO (-0.200)" in said
    assert "0.200 ± 0.000 more than Peer SDPO (binary)" in said
    assert "-0.100 ± 0.000 more than Peer SDPO (continuous)" in said


def test_every_method_has_its_place_under_every_feedback(teachers):
    _, rows = retrospection.draw(teachers)
    shares = rows.set_index(["feedback", "method"])["share"]
    assert shares["binary", "sdpo"] == pytest.approx(0.6)
    assert shares["continuous", "sdpo"] == pytest.approx(0.3)
    lines = retrospection.table(teachers).splitlines()
    assert lines[0] == "| method | Binary | Continuous |" and len(lines) == 7
    assert lines[2].startswith("| SDPO | 0.600 ± 0.000 (0.2*) | 0.300")


def test_landscapes_that_somebody_chose_are_refused():
    chosen = {"step_0_02": SETTINGS["step_0_02"] | {"landscape": {"seed": 3}}}
    with pytest.raises(UserError, match="`seed: each`"):
        systems.draw(page(cells("grpo", step_0_02=steady(0.1)), settings=chosen))


# --- from the configuration to the page ----------------------------------------------------------


@pytest.fixture(scope="module")
def tried(tmp_path_factory):
    """A small study of systems, run to its page, with one that only the configuration has."""
    study = Study(tmp_path_factory.mktemp("testbed"))
    landscape = {"seed": "each", "generator": "keyed", "vocabulary_size": 4, "sequence_length": 3}
    settings = {
        name: {"landscape": landscape, "training": {"learning_rate": rate, "steps": 20}}
        for name, rate in (("slow", 0.1), ("fast", 1.0))
    }
    known = CONFIG.model_dump(include={"methods", "feedbacks"})
    known["methods"]["mine"] = {
        "label": "Mine", "signal": "judged", "advantage": "leave_one_out", "credit": "shapley",
    }  # fmt: skip
    small = {
        "settings": ["slow", "fast"],
        "methods": ["mine", "grpo", "reinforce_judged"],
        "feedbacks": ["continuous"],
        "seeds": 6,
        "testbed": {"small": {"kind": "systems"}},
        "tables": {"small_reward": {"kind": "final_reward"}},
    }
    study.write_configuration(
        CONFIGURATION
        | known
        | {"run": ["small"], "settings": CONFIGURATION["settings"] | settings}
        | {"studies": {"small": small}}
    )
    study.run()
    return study


def test_a_system_of_ones_own_is_in_the_page_and_in_the_table(tried):
    page = tried.path("reports/testbed/small.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {TESTBED['systems'].text}") and "| Mine | " in page
    assert "| GRPO | " in page
    assert "Mine" in tried.path("reports/tables/small_reward.md").read_text(encoding="utf-8")
    for ending in ("png", "pdf", "svg", "csv"):
        assert tried.path(f"reports/testbed/small.{ending}").stat().st_size
