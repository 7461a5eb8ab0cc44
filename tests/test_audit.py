"""The audit: expressions, intervals, and three verdicts of every relation on synthetic results."""

import json
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy import stats

from sdposim.analysis.exact import every_reward, optimum, possible_gain
from sdposim.analysis.exact import expected as expected_reward
from sdposim.analysis.published import read_values
from sdposim.audit import relations, verdicts
from sdposim.audit.claims import Claim, Claims, Scope, parsed, read_claims
from sdposim.audit.effects import Effect, Term, written
from sdposim.audit.evidence import evidence as evidence_of
from sdposim.audit.judged import judged
from sdposim.audit.relations import RELATIONS, Evidence
from sdposim.audit.rulebooks import PAPER
from sdposim.audit.samples import Samples, Sources, Values, asked, gains
from sdposim.audit.statistics import achieved_power, holm, measured, of_units
from sdposim.model.landscape import from_arrays, make_landscape
from sdposim.storage.errors import UserError
from sdposim.workflow.artefacts import Artefacts
from sdposim.workflow.claims import Audit
from sdposim.workflow.configuration.models import Config

ROOT = Path(__file__).parents[1]
CONFIG = Config()
A, B = Term("reward", ("sdpo", "binary")), Term("reward", ("reinforce", "binary"))
EFFECT = Effect("reward(sdpo, binary)")
ALL = np.ones((1, 40))


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
        found = Effect(text).of(known.__getitem__, {"table1.x": 0.5}, ALL)[0]
        assert found == pytest.approx(expected), text


def test_a_sample_is_that_of_its_units_as_often_as_it_has_them():
    known = {A: drawn(3.0), B: drawn(2.0, seed=2)}
    texts = (
        "sd(reward(sdpo, binary)) / reward(reinforce, binary)",
        "slope(reward(sdpo, binary), reward(reinforce, binary))",
        "sd(reward(sdpo, binary) - reward(reinforce, binary)) + 1",
    )
    rows = np.random.default_rng(3).integers(0, 40, (7, 40))
    counts = np.array([np.bincount(row, minlength=40) for row in rows], float)
    for text in texts:
        found = Effect(text).of(known.__getitem__, {}, counts)
        for row, value in zip(rows, found, strict=True):
            own = {term: values[row] for term, values in known.items()}
            assert value == pytest.approx(Effect(text).of(own.__getitem__, {}, ALL)[0]), text
    # And by NumPy itself.
    left, right = known[A][rows[0]], known[B][rows[0]]
    expected = (left.std(ddof=1) / right.mean(), np.polyfit(right, left, 1)[0],
                (left - right).std(ddof=1) + 1)  # fmt: skip
    found = [Effect(text).of(known.__getitem__, {}, counts[:1])[0] for text in texts]
    assert found == pytest.approx(expected)


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
    (found,) = measured([effect], {A: skewed}.__getitem__, {}, 60, seed=7)
    expected = stats.bootstrap(
        (skewed,), np.mean, n_resamples=9999, batch=500, method="BCa", rng=np.random.default_rng(7)
    ).confidence_interval
    assert (found.low, found.high) == pytest.approx(tuple(expected))
    assert found.below(found.low) == pytest.approx(0.025, abs=1e-3)
    assert found.above(found.high) == pytest.approx(0.025, abs=1e-3)
    assert found.below(found.effect) > 0.3
    # Beyond all resamples p-values go on falling, without a jump and on both sides.
    ends = found.resampled[[0, -1]]
    assert found.below(ends[0] - 1e-9) <= 1e-4 < found.below(ends[0] + 0.1)
    assert found.above(ends[1] + 1e-9) <= 1e-4 < found.above(ends[1] - 0.1)
    assert found.below(ends[0] - 1) < 1e-9 and found.above(ends[0] - 1) == 1.0
    assert found.above(ends[1] + 1) < 1e-9 and found.below(ends[1] + 1) == 1.0


def test_units_are_paired():
    common = drawn(0.0, 5.0)
    known = {A: common + 0.1 + 0.01 * drawn(0.0, seed=3), B: common}
    effect = Effect("reward(sdpo, binary) - reward(reinforce, binary)")
    (found,) = measured([effect], known.__getitem__, {}, 40, seed=1)
    assert found.effect == pytest.approx(0.1) and found.high - found.low < 0.01


def test_several_effects_share_resamples_and_are_each_as_alone():
    known = {A: drawn(3.0), B: drawn(2.0, seed=2)}
    constant = Effect("reward(sdpo, binary) - reward(sdpo, binary)")
    other = Effect("sd(reward(reinforce, binary))")
    together = measured([EFFECT, constant, other], known.__getitem__, {}, 40, seed=4)
    for effect, found in zip([EFFECT, constant, other], together, strict=True):
        (alone,) = measured([effect], known.__getitem__, {}, 40, seed=4)
        assert found[:3] == pytest.approx(alone[:3], rel=1e-12)
        assert found[4:] == pytest.approx(alone[4:], rel=1e-9)


def test_what_does_not_vary_has_no_interval():
    (found,) = measured([EFFECT], {A: np.full(9, 2.0)}.__getitem__, {}, 9, 1)
    assert (found.low, found.effect, found.high) == (2.0, 2.0, 2.0)
    assert (found.below(1.9), found.below(2.1)) == (0.0, 1.0)


def test_holm_is_stepwise():
    # 0.05/4, 0.05/3 and 0.05/2 are passed; a plain Bonferroni would pass the first alone.
    assert holm([0.02, 0.2, 0.001, 0.015]).tolist() == [True, False, True, True]
    # What comes after the first that fails fails, too.
    assert holm([0.03, 0.04, 0.001]).tolist() == [False, False, True]


# --- Verdicts ------------------------------------------------------------------------------------

# Relation -> bounds, and means for which it is true, false and undecidable; a mean has SD 0.16.
MEANS = {
    "greater": ({"than": 1.0}, 2.0, 0.0, 1.1),
    "less": ({"than": 1.0}, 0.0, 2.0, 1.1),
    "between": ({"from": -1.0, "to": 1.0}, 0.0, 2.0, 0.9),
    "equal": ({"to": 1.0, "margin": 1.0}, 1.0, 4.0, 1.9),
    "reproduces": ({}, 1.0, 6.0, 2.3),
}


def evidence(relation, bounds, values):
    (found,) = measured([EFFECT], {A: values}.__getitem__, {}, len(values), seed=1)
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
        measured([EFFECT], {A: np.array([1.0, 2.0])}.__getitem__, {}, 2, 1)[0], {}
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
    claims = read_claims().claims
    assert list(claims) == [f"C{number}" for number in range(1, 43)]
    known = {value.id for value in read_values()}
    for name, claim in claims.items():
        trials = [trial for scope in read_claims().scopes for trial in claim.trials(scope)]
        assert bool(trials) == (claim.kind != "text"), name
        assert {id for trial in trials for id in trial.effect.stated} <= known, name
        assert all(asked(term) for trial in trials for term in trial.effect.terms)


def test_a_claim_is_asked_in_every_scope_or_says_why_not():
    known = read_claims()
    assert known.head.everywhere
    left = {
        name: [scope for scope in known.scopes if not claim.trials(scope)]
        for name, claim in known.claims.items()
        if claim.tests
    }
    assert {name for name, scopes in left.items() if scopes} == {"C1", "C2", "C11", "C17", "C36"}
    for name, scopes in left.items():
        assert scopes in ([], ["population", "best_step"])
        assert list(known.claims[name].untested) == scopes


def test_what_claims_point_to_exists():
    equations = (ROOT / "docs/equations.md").read_text(encoding="utf-8")
    for name, claim in read_claims().claims.items():
        assert not claim.shown or (ROOT / "reports" / claim.shown).exists(), name
        assert not claim.equations or f"\n## {claim.equations}. " in equations, name


def test_the_configuration_has_what_every_claim_asks_for():
    audit = Audit(CONFIG, Artefacts(CONFIG, read_values()), read_values(), PAPER)
    assert len(audit.judged) == 39
    for name in audit.judged:
        assert audit.of(name).inputs or name == "C1"
        assert json.loads(audit.of(name).spec())["claim"]["tests"]


@pytest.mark.parametrize(
    "change, expected",
    [
        ({"effect": "reward(sdpo, unheard)"}, "scopes.here: no study of claims has method 'sdpo'"),
        ({"effect": "rewards(sdpo, binary)"}, "'rewards' is not a quantity; allowed: reward, "),
        ({"effect": "reward(sdpo)"}, "'sdpo' is not allowed in reward(...); allowed: method, "),
        ({"effect": "reward_at(a, sdpo, binary)"}, "allowed: step, method, feedback and perhaps"),
        ({"effect": "reward(sdpo, binary, 0, 1)"}, "allowed: method, feedback and perhaps noise"),
        ({"effect": "reward(sdpo, binary, of=x)"}, "'of' is not an option of a term; allowed: se"),
        ({"effect": "setting(size)"}, "setting(size) is not allowed; allowed: vocabulary_size"),
        ({"effect": "setting(a, b)"}, "is not allowed in setting(...); allowed: one key"),
        ({"effect": "reward(sdpo, binary) - paper('x')"}, "paper('x') is not allowed; allowed: an"),
    ],
)
def test_what_the_configuration_lacks_is_a_sentence(change, expected):
    scope = {"label": "l", "about": "a", "settings": ["recovered"], "studies": ["claims"]}
    rows = {"scopes": {"here": scope}, "claims": {"C1": GOOD | {"tests": [TEST | change]}}}
    audit = Audit(CONFIG, Artefacts(CONFIG, ()), (), PAPER, parsed(rows, "claims.yaml"))
    with pytest.raises(UserError) as caught:
        audit.of("C1").spec()
    assert expected in str(caught.value) and "\n" not in str(caught.value)


def test_an_unknown_study_or_claim_is_a_sentence():
    scope = {"label": "l", "about": "a", "settings": ["recovered"], "studies": ["mine"]}
    test = TEST | {"effect": "reward(sdpo, binary)"}
    rows = {"scopes": {"here": scope}, "claims": {"C1": GOOD | {"tests": [test]}}}
    audit = Audit(CONFIG, Artefacts(CONFIG, ()), (), PAPER, parsed(rows, "claims.yaml"))
    with pytest.raises(UserError, match=r"studies: 'mine' is not a study; allowed: c"):
        audit.of("C1").spec()
    with pytest.raises(UserError, match="'C2' is not a claim that is measured; allowed: C1"):
        audit.of("C2")


GOOD = {"title": "t", "section": "1", "claim": "x", "kind": "ordering"}
TEST = {"effect": "reward(a)", "relation": "greater", "than": 0}
SCOPE = {"label": "l", "about": "a", "settings": ["paper"], "studies": ["comparison"]}


@pytest.mark.parametrize(
    "rows, expected",
    [
        ([], "'list' is not allowed; allowed: scopes and claims"),
        ({"claims": {}}, "['claims'] is not allowed; allowed: scopes and claims"),
        ({"scopes": {}, "claims": {}}, "scopes: {} is not allowed; allowed: them by name"),
        ({"scopes": {"a b": SCOPE}, "claims": {}}, "'a b' is not allowed as a name; allowed: le"),
        (
            {"scopes": {"a": SCOPE | {"settings": ["x", "y"]}}, "claims": {}},
            "scopes.a: chosen_on: 0 is not allowed with 2 settings; allowed: 0 for one",
        ),
        (
            {"scopes": {"a": SCOPE | {"chosen_on": -1}}, "claims": {}},
            "scopes.a.chosen_on: Input should be greater than or equal to 0 (-1)",
        ),
        (
            {"scopes": {"a": SCOPE | {"variants": {"few": ["x", "y"]}}}, "claims": {}},
            "scopes.a: chosen_on: 0 is not allowed with 2 settings; allowed: 0 for one",
        ),
        (
            {"scopes": {"a": SCOPE | {"variants": {"few": []}}}, "claims": {}},
            "scopes.a.variants.few: List should have at least 1 item",
        ),
        (
            {"scopes": {"a": SCOPE}, "claims": {}, "head": {"known": "{count} are"}},
            "head.known: '{count} are' is not allowed; allowed in braces: names",
        ),
    ],
)
def test_a_mistake_in_the_file_is_a_sentence(rows, expected):
    with pytest.raises(UserError) as caught:
        parsed(rows, "claims.yaml")
    assert expected in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("claims: {C1: {}, C1: {}}", "the key 'C1' stands twice"),
        ("claims: &x {C1: *x}", "line 1: the anchor x contains itself"),
        ("claims: [", "cannot read"),
    ],
)
def test_a_file_that_yaml_takes_in_another_way_than_it_looks_is_refused(tmp_path, text, expected):
    path = tmp_path / "claims.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as caught:
        read_claims(path)
    assert expected in str(caught.value) and "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "row, expected",
    [
        (GOOD, "a claim has tests"),
        (GOOD | {"tests": [TEST], "verdict": "supported", "why": "so"}, "of kind text, and no"),
        (GOOD | {"kind": "text", "verdict": "supported"}, "of kind text, and no other"),
        (GOOD | {"tests": [TEST | {"to": 1}]}, "relation greater has than, to; allowed: than"),
        (GOOD | {"tests": [TEST | {"relation": "equal"}]}, "allowed: to and margin"),
        (GOOD | {"tests": [TEST | {"relation": "larger"}]}, "claims.C1.tests.0.relation: "),
        (GOOD | {"tests": [TEST | {"effect": "reward(a"}]}, "is not an expression; allowed: "),
        (GOOD | {"tests": [TEST | {"effect": "reward({a})"}]}, "{a} has no values; allowed: none"),
        (GOOD | {"tests": [TEST | {"for": {"a, b": ["x"]}}]}, "['x'] is not allowed; allowed: 2"),
        (GOOD | {"tests": [TEST | {"scopes": ["here"]}]}, "'here' is not a scope; allowed: all"),
        (GOOD | {"tests": [TEST], "weight": 1}, "claims.C1.weight: Extra inputs"),
        (GOOD | {"tests": [TEST], "untested": {"here": "so"}}, "'here' is not a scope; allowed: "),
        (
            GOOD | {"tests": [TEST], "untested": {"all": "so"}},
            "claims.C1.untested: 'all' is not allowed, as tests ask there; allowed: scopes with",
        ),
        (GOOD | {"tests": [TEST], "untested": {"all": ""}}, "claims.C1.untested.all: String sho"),
        (
            GOOD | {"kind": "text", "verdict": "supported", "why": "so", "untested": {"all": "so"}},
            "claims.C1: untested is not allowed of a claim of kind text; allowed: why",
        ),
    ],
)
def test_a_mistake_in_a_claim_is_a_sentence(tmp_path, row, expected):
    path = tmp_path / "claims.yaml"
    path.write_text(yaml.safe_dump({"scopes": {"all": SCOPE}, "claims": {"C1": row}}))
    with pytest.raises(UserError) as caught:
        read_claims(path)
    assert expected in str(caught.value) and "\n" not in str(caught.value)


def test_where_no_test_asks_a_reason_is_asked_for_if_the_head_says_so():
    scopes = {"one": SCOPE, "two": SCOPE}
    row = GOOD | {"tests": [TEST | {"scopes": ["one"]}]}
    assert parsed({"scopes": scopes, "claims": {"C1": row}}, "claims.yaml").claims["C1"].tests
    everywhere = {"head": {"everywhere": True}, "scopes": scopes}
    with pytest.raises(UserError) as caught:
        parsed(everywhere | {"claims": {"C1": row}}, "claims.yaml")
    assert str(caught.value) == (
        "claims.yaml: claims.C1.untested: 'two' is missing, and no test asks there; allowed: a "
        "test in every scope, or why there is none"
    )
    said = row | {"untested": {"two": "It has no such number."}}
    assert parsed(everywhere | {"claims": {"C1": said}}, "claims.yaml").claims["C1"].untested


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


# --- Units ---------------------------------------------------------------------------------------


def test_single_units_say_what_a_mean_may_hide():
    values = np.array([0.0, 0.0, 0.0, 1.0, 1.0, 2.0, 3.0, 100.0])
    found = of_units(EFFECT, {A: values}.__getitem__, {}, 8, 0.0)
    assert found.iqm == pytest.approx((0.0 + 1.0 + 1.0 + 2.0) / 4)
    assert found.share == pytest.approx(5 / 8 + 3 / 8 / 2)
    assert np.isnan(of_units(Effect("sd(reward(sdpo, binary))"), {A: values}.get, {}, 8, 0.0).iqm)


def test_power_is_that_of_a_normal_test():
    (found,) = measured([EFFECT], {A: drawn(0.0, units=100)}.__getitem__, {}, 100, seed=1)
    # SE 0.1: at 0.1645 above the bound a one-sided test at 5% has power 1/2, at 0.249 0.8.
    assert achieved_power(found, -0.1645).power == pytest.approx(0.5, abs=0.02)
    assert achieved_power(found, 0.2487).needed == pytest.approx(100, abs=5)
    assert achieved_power(found, 0.0).needed > 1e4


def sources(final, landscapes=None, listed=None, at=None, kept=None):
    """Values from dictionaries: (setting, method) -> (seeds, values)."""

    def of(setting, condition, column):
        seeds, values = final[setting, condition.method]
        return Values(np.array(seeds), np.array(values, float))

    def later(setting, condition, column, step):
        return Values(*map(np.array, at[setting, condition.method, step]))

    numbers = {"one": {"steps": 300.0}}

    def policies(setting, condition):
        return kept[setting, condition.method]

    none = landscapes or (lambda *_: np.zeros(0))
    return Sources(of, later, policies, none, listed or {}, numbers)


ONE = Scope.model_validate(SCOPE | {"settings": ["one"]})


def samples(effect, known, scope=ONE):
    effect = Effect(effect)
    return effect, Samples(scope, effect.terms, known)


def value(effect, known, scope=ONE):
    effect, found = samples(effect, known, scope)
    return float(effect.of(found.read, {}, np.ones((1, found.units.size)))[0])


def test_units_are_the_seeds_that_all_terms_have():
    known = sources(
        {("one", "a"): ([0, 1, 2, 5], [1, 2, 3, 9]), ("one", "b"): ([1, 2, 7], [1, 1, 8])}
    )
    effect, found = samples("reward(a, x) - reward(b, x)", known)
    assert found.units.tolist() == [1, 2]
    assert value(effect.text, known) == pytest.approx(1.5)
    with pytest.raises(UserError, match="no unit has all of"):
        samples("reward(a, x) - reward(c, x)", sources(
            {("one", "a"): ([0], [1]), ("one", "c"): ([1], [1])}
        ))  # fmt: skip


def test_a_step_and_a_setting_can_be_named():
    known = sources(
        {("one", "a"): ([0, 1], [5, 7]), ("two", "a"): ([0, 1], [1, 2])},
        at={("one", "a", 150): ([0, 1], [2.0, 4.0])},
    )
    assert value("reward(a, x) - reward_at(150, a, x)", known) == pytest.approx(3.0)
    assert value("reward(a, x) - reward(a, x, setting=two)", known) == pytest.approx(4.5)
    assert value("setting(steps) + reward(a, x)", known) == pytest.approx(306.0)
    assert value("setting(steps)", known) == 300.0


def test_listed_landscapes_are_one_unit():
    known = sources({("one", "a"): (range(7), [1, 2, 6, 2, 2, 2, 50])}, listed={"one": 3})
    # Seeds 0 to 2 and 3 to 5 are replicates; the seventh is none.
    assert value("reward(a, x)", known) == pytest.approx(2.5)
    assert value("spread(a, x, ddof=0)", known) == pytest.approx(np.std([1, 2, 6]) / 2)
    assert value("spread(a, x)", known) == pytest.approx(np.std([1, 2, 6], ddof=1) / 2)
    for text in ("spread(a, x)", "steepness(a, x)"):
        with pytest.raises(UserError, match=r"\(\.\.\.\) is of a setting that lists landscapes"):
            value(text, sources({("one", "a"): ([0, 1], [1, 2])}, lambda _, seeds: seeds * 1.0))


def test_the_reward_on_listed_landscapes_rises_with_what_there_is_to_gain():
    rewards, there = [1, 2, 6, 5, 2, 2, 50], np.array([0.1, 0.3, 0.2])
    known = sources(
        {("one", "a"): (range(7), rewards)},
        landscapes=lambda setting, seeds: there[seeds % 3],
        listed={"one": 3},
    )
    slopes = [np.polyfit(there, rewards[at : at + 3], 1)[0] for at in (0, 3)]
    effect, found = samples("steepness(a, x)", known)
    assert found.units.tolist() == [0, 1]
    assert found.read(effect.terms[0]) == pytest.approx(slopes)
    # What there is to gain is that of a replicate's landscapes, too.
    effect, found = samples("possible_gain(a, x) + reward(a, x)", known)
    assert found.units.tolist() == [0, 1]
    assert found.read(effect.terms[0]) == pytest.approx([0.2, 0.2])


def test_a_setting_is_chosen_on_some_seeds_and_judged_on_the_others():
    scope = Scope.model_validate(SCOPE | {"settings": ["one", "two"], "chosen_on": 2})
    known = sources(
        {
            ("one", "a"): (range(4), [1, 1, 9, 9]),
            ("two", "a"): (range(4), [2, 1, 3, 5]),
            ("one", "b"): (range(4), [2, 0, 1, 1]),
            ("two", "b"): (range(4), [0, 0, 7, 7]),
        }
    )
    effect, found = samples("reward(a, x) - reward(b, x)", known, scope)
    assert found.units.tolist() == [2, 3]
    chosen = {condition.method: setting for (condition, *_), setting in found.chosen.items()}
    assert chosen == {"a": "two", "b": "one"}
    assert value(effect.text, known, scope) == pytest.approx(3.0)


def test_each_variant_of_a_scope_has_its_own_best_setting():
    variants = {"few": ["three", "four"]}
    scope = Scope.model_validate(
        SCOPE | {"settings": ["one", "two"], "variants": variants, "chosen_on": 2}
    )
    values = {"one": [1, 1, 9, 9], "two": [2, 1, 3, 5], "three": [4, 4, 1, 2], "four": [0, 0, 8, 8]}
    known = sources({(name, "a"): (range(4), own) for name, own in values.items()})
    effect, found = samples("reward(a, x, setting=few) - reward(a, x)", known, scope)
    assert {variant: setting for (*_, variant), setting in found.chosen.items()} == {
        "few": "three",
        "": "two",
    }
    assert value(effect.text, known, scope) == pytest.approx(1.5 - 4.0)
    # A setting that is no variant is itself; and a scope of one setting has variants of one.
    assert value("reward(a, x, setting=four)", known, scope) == pytest.approx(8.0)
    alone = Scope.model_validate(SCOPE | {"settings": ["one"], "variants": {"few": ["four"]}})
    assert value("reward(a, x, setting=few) - reward(a, x)", known, alone) == pytest.approx(-1.0)


def test_the_evidence_names_what_was_chosen_for_a_variant():
    scope = Scope.model_validate(
        SCOPE | {"settings": ["one", "two"], "variants": {"few": ["two", "one"]}, "chosen_on": 1}
    )
    known = sources({("one", "a"): (range(4), [1] * 4), ("two", "a"): (range(4), [2] * 4)})
    test = TEST | {"effect": "reward(a, x, setting=few) - reward(a, x, 0.5)"}
    claim = Claim.model_validate(GOOD | {"tests": [test]})
    (chosen,) = evidence_of(claim, {"s": scope}, known, {})["chosen"]
    assert chosen == "a, x, 0, few: two; a, x, 0.5: two"


def test_what_was_at_a_step_is_of_the_setting_with_the_best_end():
    scope = Scope.model_validate(SCOPE | {"settings": ["one", "two"], "chosen_on": 2})
    known = sources(
        {("one", "a"): (range(4), [5, 5, 5, 5]), ("two", "a"): (range(4), [6, 6, 6, 6])},
        at={("one", "a", 50): (range(4), [4.0] * 4), ("two", "a", 50): (range(4), [1.0] * 4)},
    )
    assert value("reward(a, x) - reward_at(50, a, x)", known, scope) == pytest.approx(5.0)


# --- Kept policies -------------------------------------------------------------------------------


def evaluated(shares, good, steps=None, entropy=1.0):
    """Rows of `commands.exact`: shares of a gain from 0.5 to 0.9, by run and step."""
    return pd.DataFrame(
        [
            {
                "seed": seed, "step": step, "reward": 0.5 + 0.4 * share, "uniform": 0.5,
                "optimum": 0.9, "good": count, "excellent": count / 2, "entropy": entropy,
            }
            for seed, (own, counts) in enumerate(zip(shares, good, strict=True))
            for step, share, count in zip(steps or range(len(own)), own, counts, strict=True)
        ]
    ).sample(frac=1, random_state=1)  # fmt: skip


def test_an_expected_reward_is_that_of_the_policy_kept_after_a_step():
    kept = {("one", "a"): evaluated([[0, 0.5], [0.25, 1]], [[1, 2], [3, 4]], steps=[0, 7])}
    known = sources({}, kept=kept)
    assert value("expected_at(7, a, x)", known) == pytest.approx(0.5 + 0.4 * 0.75)
    assert value("expected_at(0, a, x)", known) == pytest.approx(0.5 + 0.4 * 0.125)
    with pytest.raises(UserError, match="no policy is kept after step 6; allowed: 0, 7"):
        value("expected_at(6, a, x)", known)


def test_setbacks_are_single_steps_that_lower_the_expected_reward():
    ways = [[0.0, 0.2, 0.1, 0.1, 0.0, 0.0], [0.0, 0.1, 0.2, 0.3, 0.2, 0.1]]
    kept = {("one", "a"): evaluated(ways, ways, steps=[0, 1, 2, 3, 9, 10])}
    known = sources({}, kept=kept)
    # Steps 1, 2, 3 and 10: of the first run the second one is a setback, of the other the last.
    effect, found = samples("setbacks(0, 10, a, x)", known)
    assert found.read(effect.terms[0]).tolist() == [0.25, 0.25]
    assert value("setbacks(1, 3, a, x)", known) == pytest.approx(0.25)
    assert value("setbacks(9, 10, a, x)", known) == pytest.approx(0.5)
    with pytest.raises(UserError, match="no policies are kept before and after a step from 3 to 9"):
        value("setbacks(3, 9, a, x)", known)


def test_at_equal_reward_the_setting_has_most_good_sequences_where_enough_runs_come():
    up, lame = [0.36, 0.44], [0.36, 0.39]
    scope = Scope.model_validate(SCOPE | {"settings": ["one", "two", "three"], "chosen_on": 2})
    counts = {"one": [[10, 30]] * 3 + [[20, 40]], "two": [[50, 50]] * 2 + [[0, 0]] * 2}
    kept = {(name, "a"): evaluated([up] * 4, own) for name, own in counts.items()}
    # Most of all, but one in four does not get there.
    kept["three", "a"] = evaluated([up] * 3 + [lame], [[90, 90]] * 4)
    known = sources({}, kept=kept)
    effect, found = samples("good_at_share(0.4, a, x)", known, scope)
    assert list(found.chosen.values()) == ["two"]
    assert found.units.tolist() == [2, 3]  # the first ones chose
    assert found.read(effect.terms[0]).tolist() == [0.0, 0.0]
    named = "good_at_share(0.4, a, x, setting=one) + 100 * excellent_at_share(0.4, a, x)"
    assert value(named, known, scope) == pytest.approx((20 + 30) / 2)
    assert value("entropy_at_share(0.4, a, x)", known, scope) == pytest.approx(1.0)
    with pytest.raises(UserError, match="no setting brings a to 0"):
        value("good_at_share(0.9, a, x)", known, scope)


@pytest.mark.parametrize(
    "text, said",
    [
        ("setbacks(1, a, x)", "first step, last step, method, feedback"),
        ("expected_at(0.5, a, x)", "allowed: step, method, feedback"),
        ("good_at_share(a, x)", "allowed: share, method, feedback"),
    ],
)
def test_what_stands_before_the_method_is_said(text, said):
    with pytest.raises(ValueError, match=said):
        asked(Effect(text).terms[0])


# --- Exact rewards -------------------------------------------------------------------------------


def small_landscape():
    rng = np.random.default_rng(8)
    return from_arrays(rng.normal(size=(4, 3)), rng.normal(size=(3, 3)), rng.integers(0, 3, 4), 0.5)


def reward(landscape, tokens):
    """Equation 1 of one sequence."""
    total = sum(landscape.quality[t, v] for t, v in enumerate(tokens))
    total += sum(landscape.bigram[v, w] for v, w in pairwise(tokens))
    total += landscape.pattern_weight * sum(landscape.target == tokens)
    return 1 / (1 + np.exp(-total / len(tokens)))


def test_optimum_and_expected_reward_are_those_of_all_sequences():
    landscape, rng = small_landscape(), np.random.default_rng(9)
    policy = rng.dirichlet(np.ones(3), size=4)
    every = list(product(range(3), repeat=4))
    rewards = np.array([reward(landscape, tokens) for tokens in every])
    chances = np.array([np.prod(policy[range(4), tokens]) for tokens in every])
    assert optimum(landscape) == pytest.approx(rewards.max(), abs=1e-12)
    assert every_reward(landscape) == pytest.approx(rewards, abs=1e-12)
    assert expected_reward(every_reward(landscape), policy) == pytest.approx(
        chances @ rewards, abs=1e-12
    )
    gain = rewards.max() - rewards.mean()
    assert possible_gain(landscape) == pytest.approx(gain, abs=1e-12)


def test_too_many_sequences_are_refused():
    landscape = from_arrays(np.zeros((20, 3)), np.zeros((3, 3)), np.zeros(20, int), 0.0)
    with pytest.raises(ValueError, match=r"3\^20 sequences are too many"):
        every_reward(landscape)


def test_what_there_is_to_gain_is_the_landscapes():
    group = CONFIG.settings["population"].landscape.model_dump()
    alone = possible_gain(make_landscape(group, 3))
    assert gains(group, [3, 4, 3]).tolist()[::2] == [alone, alone]


# --- Verdicts on claims --------------------------------------------------------------------------

HYPOTHESES = {
    "greater": ({"than": 0}, 2.0, -2.0, 0.05),
    "less": ({"than": 0}, -2.0, 2.0, 0.05),
    "between": ({"from": -1, "to": 1}, 0.0, 3.0, 0.95),
    "equal": ({"to": 0, "margin": 1}, 0.0, 3.0, 0.95),
    "reproduces": ({}, 0.0, 9.0, 2.3),
}


@pytest.mark.parametrize("relation", HYPOTHESES)
def test_synthetic_results_give_every_verdict(relation):
    """A world in which a claim is true, one in which it is false, and one that cannot tell."""
    bounds, *means = HYPOTHESES[relation]
    scopes = {
        name: Scope.model_validate(SCOPE | {"settings": [name]})
        for name in ("true", "false", "open")
    }
    known = sources(
        {
            (name, "a"): (range(40), drawn(mean, seed=number))
            for number, (name, mean) in enumerate(zip(scopes, means, strict=True))
        }
    )
    test = {"effect": "reward(a, x)", "relation": relation, **bounds}
    # A scope's family is large, as the paper's is.
    padding = {"effect": "reward(a, x) - reward(a, x)", "relation": "same", "to": 0}
    made = Claims(
        scopes,
        {
            "C1": Claim.model_validate(GOOD | {"tests": [test]}),
            "C2": Claim.model_validate(GOOD | {"tests": [padding] * 50}),
        },
    )
    found = judged(
        made, {name: evidence_of(claim, scopes, known, {}) for name, claim in made.claims.items()}
    )
    single = {scope: own.verdict for scope, own in found["C1"].items()}
    assert single == {
        "true": verdicts.SUPPORTED, "false": verdicts.CONFLICT, "open": verdicts.INCONCLUSIVE
    }  # fmt: skip
    assert {own.verdict for own in found["C2"].values()} == {verdicts.SUPPORTED}


def table(*rows):
    names = ("scope", "false", "true", "needed")
    return pd.DataFrame([dict(zip(names, row, strict=True)) for row in rows])


def test_a_verdict_hangs_on_the_least_sure_test_or_the_worst():
    scopes = {"s": ONE}
    text = {"kind": "text", "verdict": "supported", "why": "so"}
    made = Claims(
        scopes,
        {
            "sure": Claim.model_validate(GOOD | {"tests": [TEST]}),
            "partly": Claim.model_validate(GOOD | {"tests": [TEST]}),
            "text": Claim.model_validate(GOOD | text),
        },
    )
    found = judged(
        made,
        {
            "sure": table(("s", 1e-4, 1.0, 5.0), ("s", 2e-4, 1.0, 9.0)),
            "partly": table(("s", 1e-4, 1.0, 5.0), ("s", 1.0, 1e-4, 30.0), ("s", 1.0, 1e-4, 3.0)),
        },
    )
    assert found["sure"]["s"].decisive["false"] == 2e-4
    assert found["partly"]["s"].verdict == verdicts.PARTLY
    assert found["partly"]["s"].decisive["needed"] == 3.0
    assert found["text"]["s"][:1] == ("supported",) and found["text"]["s"].decisive is None


def test_the_committed_report_is_of_the_committed_claims():
    """Which it is by its words; its numbers are those of a run."""
    known = json.loads((ROOT / "reports/claims.json").read_text(encoding="utf-8"))
    claims = read_claims().claims
    assert [(row["id"], row["title"], row["claim"]) for row in known] == [
        (name, claim.title, claim.claim) for name, claim in claims.items()
    ]
    assert {row["rules"]["state"] for row in known} == {"committed"}
    for row in known:
        claim, told = claims[row["id"]], row["contradicts_itself"]
        for scope, own in row["evidence"].items():
            untested = claim.untested.get(scope, claim.why)
            assert own.get("reason", "") == ("" if claim.trials(scope) else untested)
        assert told == (claim.contradicts.model_dump() if claim.contradicts else None)
