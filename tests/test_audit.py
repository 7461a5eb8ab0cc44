"""Intervals, and three verdicts of every relation on synthetic results."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from audited import GOOD, ONE, SCOPE, TEST, drawn, sources
from sdposim.audit import relations, verdicts
from sdposim.audit.claims import Claim, Claims, Scope, read_claims
from sdposim.audit.effects import Effect, Term
from sdposim.audit.evidence import evidence as evidence_of
from sdposim.audit.judged import judged
from sdposim.audit.relations import RELATIONS, Evidence
from sdposim.audit.statistics import achieved_power, holm, measured, of_units

ROOT = Path(__file__).parents[1]
A, B = Term("reward", ("sdpo", "binary")), Term("reward", ("reinforce", "binary"))
EFFECT = Effect("reward(sdpo, binary)")
ALL = np.ones((1, 40))


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
