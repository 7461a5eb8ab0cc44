"""The audit: expressions, intervals, and three verdicts of every relation on synthetic results."""

import numpy as np
import pytest
import yaml
from scipy import stats

from sdposim.analysis.published import read_values
from sdposim.audit import relations, verdicts
from sdposim.audit.claims import SCOPES, Claim, read_claims
from sdposim.audit.effects import Effect, Term, written
from sdposim.audit.relations import RELATIONS, Evidence
from sdposim.audit.statistics import holm, measured
from sdposim.storage.errors import UserError

A, B = Term("reward", ("sdpo", "binary")), Term("reward", ("reinforce", "binary"))
ROWS = np.arange(40)


def drawn(mean, sd=1.0, seed=1, units=40):
    """Values whose mean and SD are these exactly."""
    values = np.random.default_rng(seed).normal(size=units)
    return mean + sd * (values - values.mean()) / values.std(ddof=1)


# --- Expressions ---------------------------------------------------------------------------------


def test_an_expression_is_of_means_and_within_sd_and_slope_of_units():
    known = {A: drawn(3.0, 0.5), B: drawn(2.0, 0.25, seed=2)}
    cases = {
        "reward(sdpo, binary) - 2 * reward(reinforce, binary)": -1.0,
        "1 - reward(reinforce, binary) / reward(sdpo, binary)": 1 / 3,
        "-log(reward(reinforce, binary)) + 1e1": 10 - np.log(2),
        "sd(reward(sdpo, binary) - 1)": 0.5,
        "slope(3 * reward(sdpo, binary), reward(sdpo, binary))": 3.0,
        'reward(sdpo, binary) - paper("table1.x")': 2.5,
    }
    for text, expected in cases.items():
        found = Effect(text).of(known.__getitem__, {"table1.x": 0.5}, ROWS)
        assert found == pytest.approx(expected), text


def test_many_samples_at_once_are_each_alone():
    known = {A: drawn(3.0), B: drawn(2.0, seed=2)}
    effect = Effect("sd(reward(sdpo, binary)) / reward(reinforce, binary)")
    samples = np.random.default_rng(3).integers(0, 40, (5, 7, 40))
    found = effect.of(known.__getitem__, {}, samples)
    assert found.shape == (5, 7)
    assert found[4, 6] == pytest.approx(float(effect.of(known.__getitem__, {}, samples[4, 6])))


def test_terms_are_named_with_their_arguments():
    effect = Effect("reward(sdpo, continuous, 0.5, setting=one) - reward(sdpo, binary) + weight(a)")
    expected = Term("reward", ("sdpo", "continuous", "0.5"), (("setting", "one"),))
    assert effect.terms == (expected, A, Term("weight", ("a",)))
    assert Effect('paper("a.b") - paper("c")').stated == ("a.b", "c")


@pytest.mark.parametrize(
    "text",
    ["reward(", "reward", "__import__('os')", "reward(a) ** 2", "(lambda: 1)()", "'a'", "paper(a)",
     "sd(1, 2)", "reward(a).mean()"],
)  # fmt: skip
def test_anything_else_is_refused_in_a_sentence(text):
    with pytest.raises(ValueError, match="allowed: ") as caught:
        Effect(text)
    assert "\n" not in str(caught.value)


def test_placeholders_are_filled_and_none_is_left_over():
    assert written("f({a}) - f({b})", {"a": "x", "b": "y"}) == "f(x) - f(y)"
    with pytest.raises(ValueError, match=r"\{b\} has no values; allowed: a"):
        written("f({a}) - f({b})", {"a": "x"})
    with pytest.raises(ValueError, match="'b' is not in"):
        written("f({a})", {"a": "x", "b": "y"})


# --- Intervals -----------------------------------------------------------------------------------


def test_the_interval_is_scipys_and_p_values_agree_with_it():
    skewed = np.random.default_rng(5).exponential(size=60)
    effect = Effect("reward(sdpo, binary)")
    found = measured(effect, {A: skewed}.__getitem__, {}, 60, seed=7)
    expected = stats.bootstrap(
        (skewed,), np.mean, n_resamples=9999, batch=500, method="BCa", rng=np.random.default_rng(7)
    ).confidence_interval
    assert (found.low, found.high) == pytest.approx(tuple(expected))
    assert found.below(found.low) == pytest.approx(0.025, abs=1e-3)
    assert found.above(found.high) == pytest.approx(0.025, abs=1e-3)
    assert found.below(found.effect) > 0.3 and found.below(-5.0) < 2e-4


def test_units_are_paired():
    common = drawn(0.0, 5.0)
    known = {A: common + 0.1 + 0.01 * drawn(0.0, seed=3), B: common}
    effect = Effect("reward(sdpo, binary) - reward(reinforce, binary)")
    found = measured(effect, known.__getitem__, {}, 40, seed=1)
    assert found.effect == pytest.approx(0.1) and found.high - found.low < 0.01


def test_what_does_not_vary_has_no_interval():
    found = measured(Effect("reward(sdpo, binary)"), {A: np.full(9, 2.0)}.__getitem__, {}, 9, 1)
    assert (found.low, found.effect, found.high) == (2.0, 2.0, 2.0)
    assert (found.below(1.9), found.below(2.1)) == (0.0, 1.0)


def test_holm_is_stepwise():
    # 0.05/4, 0.05/3 and 0.05/2 are passed; a plain Bonferroni would pass the first alone.
    assert holm([0.02, 0.2, 0.001, 0.015]).tolist() == [True, False, True, True]
    # What comes after the first that fails fails, too.
    assert holm([0.03, 0.04, 0.001]).tolist() == [False, False, True]


# --- Verdicts ------------------------------------------------------------------------------------

EFFECT = Effect("reward(sdpo, binary)")
# Relation -> bounds, and means for which it is true, false and undecidable; a mean has SD 0.16.
MEANS = {
    "greater": ({"than": 1.0}, 2.0, 0.0, 1.1),
    "less": ({"than": 1.0}, 0.0, 2.0, 1.1),
    "between": ({"from": -1.0, "to": 1.0}, 0.0, 2.0, 0.9),
    "equal": ({"to": 1.0, "margin": 1.0}, 1.0, 4.0, 1.9),
    "reproduces": ({}, 1.0, 6.0, 2.3),
}


def evidence(relation, bounds, values):
    found = measured(EFFECT, {A: values}.__getitem__, {}, len(values), seed=1)
    return RELATIONS[relation][0](found, bounds)


@pytest.mark.parametrize("relation", MEANS)
def test_a_relation_has_three_verdicts(relation):
    bounds, *means = MEANS[relation]
    found = [evidence(relation, bounds, drawn(mean)) for mean in means]
    single = [verdicts.verdicts({"C": [one]})["C"][0] for one in found]
    if relation == "reproduces":
        # Outside of the prediction interval, but not as far as a family of fifty asks.
        family = {"C": [found[2]], "others": [Evidence(0.0, 1.0)] * 50}
        single[2] = verdicts.verdicts(family)["C"][0]
    assert single == [verdicts.SUPPORTED, verdicts.CONFLICT, verdicts.INCONCLUSIVE]


def test_every_relation_is_tried():
    assert {*MEANS, "same"} == set(RELATIONS)
    for bounds, *_ in MEANS.values():
        assert any(tuple(bounds) == needed for _, needed in RELATIONS.values())


def test_settings_are_the_same_or_not():
    for value, expected in ((0.0, verdicts.SUPPORTED), (1e-9, verdicts.CONFLICT)):
        found = evidence("same", {"to": 0.0}, np.full(4, value))
        assert verdicts.verdicts({"C": [found]})["C"][0] == expected


def test_too_few_units_decide_nothing():
    assert relations.reproduces(
        measured(EFFECT, {A: np.array([1.0, 2.0])}.__getitem__, {}, 2, 1), {}
    ) == Evidence(1.0, 1.0)


def test_a_claim_is_all_of_its_tests():
    yes, no, open_ = verdicts.SUPPORTED, verdicts.CONFLICT, verdicts.INCONCLUSIVE
    assert verdicts.combined([yes, yes]) == yes
    assert verdicts.combined([yes, no, open_]) == verdicts.PARTLY
    assert verdicts.combined([no, open_]) == no
    assert verdicts.combined([yes, open_]) == open_
    assert verdicts.combined([]) == verdicts.NOT_HERE


def test_the_family_is_all_tests_of_all_claims():
    alone = verdicts.verdicts({"C": [Evidence(0.03, 1.0)]})
    among = verdicts.verdicts({"C": [Evidence(0.03, 1.0)], "D": [Evidence(0.5, 0.5)] * 9})
    assert alone["C"][0] == verdicts.SUPPORTED and among["C"][0] == verdicts.INCONCLUSIVE


# --- Claims --------------------------------------------------------------------------------------


def test_the_papers_claims_are_all_there_and_can_be_read():
    claims = read_claims()
    assert list(claims) == [f"C{number}" for number in range(1, 43)]
    known = {value.id for value in read_values()}
    for name, claim in claims.items():
        trials = [trial for scope in SCOPES for trial in claim.trials(scope)]
        assert bool(trials) == (claim.kind != "text"), name
        assert {id for trial in trials for id in trial.effect.stated} <= known, name


GOOD = {"section": "1", "claim": "x", "kind": "ordering"}
TEST = {"effect": "reward(a)", "relation": "greater", "than": 0}


@pytest.mark.parametrize(
    "row, expected",
    [
        (GOOD, "a claim has tests"),
        (GOOD | {"tests": [TEST], "verdict": "supported", "why": "so"}, "of kind text, and no"),
        (GOOD | {"kind": "text", "verdict": "supported"}, "of kind text, and no other"),
        (GOOD | {"tests": [TEST | {"to": 1}]}, "relation greater has than, to; allowed: than"),
        (GOOD | {"tests": [TEST | {"relation": "equal"}]}, "allowed: to and margin"),
        (GOOD | {"tests": [TEST | {"relation": "larger"}]}, "C1.tests.0.relation: "),
        (GOOD | {"tests": [TEST | {"effect": "reward(a"}]}, "is not an expression; allowed: "),
        (GOOD | {"tests": [TEST | {"effect": "reward({a})"}]}, "{a} has no values; allowed: none"),
        (GOOD | {"tests": [TEST | {"for": {"a, b": ["x"]}}]}, "['x'] is not allowed; allowed: 2"),
        (GOOD | {"tests": [TEST | {"scopes": ["here"]}]}, "C1.tests.0.scopes.0: "),
        (GOOD | {"tests": [TEST], "weight": 1}, "C1.weight: Extra inputs"),
    ],
)
def test_a_mistake_in_a_claim_is_a_sentence(tmp_path, row, expected):
    path = tmp_path / "claims.yaml"
    path.write_text(yaml.safe_dump({"C1": row}))
    with pytest.raises(UserError) as caught:
        read_claims(path)
    assert expected in str(caught.value) and "\n" not in str(caught.value)


def test_names_are_filled_in_every_combination():
    test = {
        "for": {"other": ["b", "c"], "less, more": [["1", "2"], ["2", "3"]]},
        "effect": "reward({other}, {more}) - reward({other}, {less})",
        "relation": "greater",
        "than": 0,
        "scopes": ["paper"],
    }
    claim = Claim.model_validate(GOOD | {"tests": [test]})
    texts = [trial.effect.text for trial in claim.trials("paper")]
    assert len(texts) == 4 and texts[1] == "reward(b, 3) - reward(b, 2)"
    assert claim.trials("population") == []
