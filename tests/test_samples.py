"""What a term of a claim reads: units, steps, settings, landscapes and kept policies."""

import numpy as np
import pandas as pd
import pytest

from audited import GOOD, ONE, SCOPE, TEST, sources
from sdposim.audit.claims import Claim, Scope
from sdposim.audit.effects import Effect
from sdposim.audit.evidence import evidence as evidence_of
from sdposim.audit.samples import Samples
from sdposim.storage.errors import UserError


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
