"""The expressions that claims are written in."""

import numpy as np
import pytest

from audited import drawn
from sdposim.audit.effects import Effect, Term, written
from sdposim.audit.samples import asked

ALL = np.ones((1, 40))
A, B = Term("reward", ("sdpo", "binary")), Term("reward", ("reinforce", "binary"))


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
