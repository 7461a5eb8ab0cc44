"""The file of claims: what is in it, and each mistake in it a sentence."""

import json
from pathlib import Path

import pytest
import yaml

from audited import GOOD, SCOPE, TEST
from sdposim.analysis.published import read_values
from sdposim.audit.claims import Claim, parsed, read_claims
from sdposim.audit.rulebooks import PAPER
from sdposim.audit.samples import asked
from sdposim.storage.errors import UserError
from sdposim.workflow.artefacts import Artefacts
from sdposim.workflow.claims import Audit
from sdposim.workflow.configuration.models import Config

ROOT = Path(__file__).parents[1]
CONFIG = Config()


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
