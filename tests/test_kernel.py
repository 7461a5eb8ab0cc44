"""The kernel against the plain transcription of the equations, and its own promises."""

import copy
import itertools
import json
import re
from pathlib import Path

import numpy as np
import pytest

import reference
from everypart import CELLS, EVERY_FEEDBACK, EVERY_METHOD, OTHER_CELLS, OTHERS, PAPER_CELLS
from materialise import arrays
from sdposim.calibration.space import printed
from sdposim.commands.train import run
from sdposim.model import cells, origin, paper
from sdposim.model.cells import common, every_step, train_policies
from sdposim.model.compositions import composed, factored_only, named
from sdposim.model.judge.clipping import clipped
from sdposim.model.judge.scale.likert import bin_of
from sdposim.model.judge.scale.threshold import Settings as Threshold
from sdposim.model.judge.scale.threshold import threshold
from sdposim.model.landscape import from_arrays, make_landscape
from sdposim.model.loop import train_cells
from sdposim.model.metrics import METRICS
from sdposim.model.numerics import arithmetic
from sdposim.model.numerics.jit import compiled
from sdposim.model.numerics.randomness import Purpose, key, normals, uniforms
from sdposim.model.paper import train, train_block
from sdposim.model.parts import parts
from sdposim.storage.errors import UserError
from sdposim.workflow.configuration.settings import Setting

ROOT = Path(__file__).parents[1]
CELL = ("sdpo", "binary", 0.2, 1)
METHODS = list(paper.METHODS)
FEEDBACKS = list(paper.FEEDBACKS)


def setting(**changes) -> dict:
    """The equations as printed on this project's own landscapes, with few steps.

    Changes as `group__key=value` or `group__part__key=value`.
    """
    made = printed(Setting().model_dump())
    made["training"] |= {"steps": 25, "rollouts": 32}
    for name, value in changes.items():
        *path, last = name.split("__")
        owner = made
        for step in path:
            owner = owner[step]
        assert last in owner
        owner[last] = value
    return made


FEW = {"training__steps": 8, "training__rollouts": 9}
"""What tells of a reading: the oracle, plain Python, takes its time with each rollout."""

UNREGULARISED = {
    name: {slot: part for slot, part in own.items() if slot != "regulariser"}
    for name, own in paper.METHODS.items()
}
REVERSED_HYBRID = paper.METHODS["hybrid"] | {"credit": {"sequence": {"direction": "reversed"}}}


def small(**changes) -> dict:
    """Cells that the oracle trains in some hundredths of a second."""
    made = setting(**{"training__steps": 6, "training__rollouts": 12} | changes)
    sizes = {"vocabulary_size": 5, "sequence_length": 4}
    made["landscape"] |= {
        name: size for name, size in sizes.items() if f"landscape__{name}" not in changes
    }
    return made


def check(made, method, feedback, noise, seed=3):
    log = train(made, method, feedback, noise, seed)
    expected = reference.train(made, method, feedback, noise, arrays(made, seed))
    for index, name in enumerate(METRICS):
        np.testing.assert_allclose(
            log[:, index], expected[name], rtol=0, atol=1e-10, err_msg=f"{method} {feedback} {name}"
        )


@pytest.mark.parametrize("noise", [0.0, 0.3])
@pytest.mark.parametrize("feedback", FEEDBACKS)
@pytest.mark.parametrize("method", METHODS)
def test_kernel_follows_the_equations(method, feedback, noise):
    check(setting(), method, feedback, noise)


@pytest.mark.parametrize("name", [name for name in EVERY_METHOD if name not in METHODS])
def test_kernel_follows_the_equations_of_other_parts_of_methods(name):
    for feedback in ("binary", "critique"):
        check(small(), EVERY_METHOD[name], feedback, 0.3)


@pytest.mark.parametrize("noise", [0.0, 0.3])
@pytest.mark.parametrize("name", [name for name in EVERY_FEEDBACK if name not in FEEDBACKS])
def test_kernel_follows_the_equations_of_other_parts_of_judges(name, noise):
    for method in ("sdpo", paper.METHODS["reinforce"] | {"signal": "judged"}):
        check(small(), method, EVERY_FEEDBACK[name], noise)


@pytest.mark.parametrize(
    "part, parameter", [(part, name) for part, own in OTHERS.items() for name in own]
)
def test_kernel_follows_the_equations_with_other_parameters(part, parameter):
    """Each parameter of each part, by itself, where it is read."""
    value = OTHERS[part][parameter]
    for method, feedback in CELLS:
        owners = [named(choice)[0] for own in (method, feedback) for choice in own.values()]
        if part in owners:
            made = small()
            group = "update" if part in made["update"] else "judge"
            made[group][part][parameter] = value
            check(made, method, feedback, 0.3)
            return
    raise AssertionError("no cell has the part")


def test_whole_trajectory_of_the_paper():
    check(setting(training__steps=300), "hybrid", "continuous", 0.2)


@pytest.mark.parametrize(
    "changes",
    [
        {"landscape__seed": "each"},
        {"judge__interval__clip": False},
        {"judge__likert__origin": "unit"},
        {"judge__likert__levels": 40},
        {"judge__normal__shape": "position"},
        {"judge__normal__draw": "fixed"},
        {"judge__normal__shape": "position", "judge__normal__draw": "fixed"},
        {"landscape__seed": [7, 2, 9]},
        {"landscape__generator": "numpy_default_rng"},
        {
            "landscape__generator": "numpy_random_state",
            "landscape__order": ["target", "bigram", "quality"],
            "landscape__seed": [5, 6],
        },
        {
            "update__sequence__direction": "reversed",
            "update__quality_share__direction": "reversed",
        },
        {"update__quality_share__mean": "tokens", "update__quality_share__share": "undivided"},
        {"update__quality_share__mean": "all", "update__quality_share__share": "absolute"},
        {"update__quality_share__mean": "batch", "update__quality_share__share": "softmax"},
        {"update__quality_share__mean": "rollout", "update__quality_share__epsilon": 0.3},
        {"update__quality_share__mean": "rollout", "update__quality_share__estimate_sd": 0.5},
        {"update__quality_share__estimate_sd": 2.0},
        {"update__pull__weight": 0.0},
        {"update__oracle__strength": -3.0},
        {"policy__initial_logit_sd": 3.0},
        {"landscape__quality_sd": 5.0},
        {"training__rollouts": 1},
        {"training__rollouts": 33},
        {"landscape__vocabulary_size": 2, "landscape__sequence_length": 1},
        {"landscape__vocabulary_size": 70, "landscape__sequence_length": 3},
    ],
    ids=lambda changes: ",".join(f"{name}={value}" for name, value in changes.items()),
)
def test_every_reading_and_shape(changes):
    made = setting(**FEW | changes)
    for method, feedback in itertools.product(METHODS, FEEDBACKS):
        check(made, method, feedback, 0.4)


@pytest.mark.parametrize("feedback", FEEDBACKS)
@pytest.mark.parametrize(
    "method", [*UNREGULARISED.values(), REVERSED_HYBRID], ids=[*UNREGULARISED, "reversed hybrid"]
)
def test_compositions_that_the_paper_does_not_have(method, feedback):
    check(setting(training__steps=8, landscape__seed=5), method, feedback, 0.4)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"judge__normal__shape": "position"},
        {"judge__normal__draw": "fixed"},
        {"judge__likert__levels": 40},
        {"judge__interval__clip": False, "update__pull__weight": 0.3},
        {"update__quality_share__mean": "tokens", "update__quality_share__share": "undivided"},
        {"update__quality_share__mean": "all", "update__quality_share__share": "absolute"},
        {"update__quality_share__mean": "batch", "update__quality_share__share": "softmax"},
        {"update__quality_share__mean": "rollout", "update__quality_share__estimate_sd": 0.5},
        {"policy__initial_logit_sd": 3.0, "landscape__quality_sd": 5.0},
        {"policy__initial_logit_sd": 500.0, "landscape__quality_sd": 300.0},
        {"training__rollouts": 1},
        {"training__rollouts": 33},
        {"landscape__vocabulary_size": 2, "landscape__sequence_length": 1},
        {"landscape__vocabulary_size": 3, "landscape__sequence_length": 3},
        {"landscape__vocabulary_size": 20, "landscape__sequence_length": 3},
    ],
    ids=lambda changes: ",".join(f"{name}={value}" for name, value in changes.items()),
)
def test_autoregressive_policies_follow_the_equations_in_each_context(changes):
    made = setting(policy__context="previous_token", **FEW | changes)
    for method, feedback in PAPER_CELLS:
        check(made, method, feedback, 0.4)


@pytest.mark.parametrize(
    "changes",
    [
        {"landscape__vocabulary_size": 3, "landscape__sequence_length": 3},
        {"policy__initial_logit_sd": 500.0, "landscape__quality_sd": 300.0},
        {"training__rollouts": 1},
    ],
    ids=lambda changes: ",".join(f"{name}={value}" for name, value in changes.items()),
)
@pytest.mark.parametrize("context", ["position", "previous_token"])
def test_other_parts_follow_the_equations_in_each_context(context, changes):
    made = small(policy__context=context, **changes)
    for method, feedback in OTHER_CELLS:
        if context == "position" or not factored_only(method):
            check(made, method, feedback, 0.4)


@pytest.mark.parametrize("context", ["position", "previous_token"])
@pytest.mark.parametrize("draw", ["rollout", "fixed"])
@pytest.mark.parametrize("scale", parts("scale"))
def test_hints_go_with_every_scale(scale, draw, context):
    """Rollouts of the same feedback differ by the hints of their own."""
    made = setting(policy__context=context, judge__normal__draw=draw, **FEW)
    for bias in ({}, {"bias": "shuffled"}):
        judge = {"noise": "gaussian", "scale": scale, "hints": "normal"} | bias
        check(made, "hybrid", judge, 0.4)


def test_policies_are_kept_as_they_are_after_steps():
    for context in ("position", "previous_token"):
        made = setting(policy__context=context, training__steps=6)
        cell = parts_of(made, "hybrid", "critique")
        taken = [0, 1, 5, 6]
        (kept,) = train_policies(made, *cell, 0.2, [3, 4], taken)
        for steps, policy in zip(taken, kept[0], strict=True):
            start = arrays(made, 3)
            if steps:
                made["training"]["steps"] = steps
                start = {
                    "initial_logits": reference.train(
                        made, "hybrid", "critique", 0.2, arrays(made, 3)
                    )["logits"]
                }
            expected = start["initial_logits"].reshape(policy.shape)
            np.testing.assert_allclose(policy, expected, rtol=0, atol=1e-10)
        made["training"]["steps"] = 6
        (alone,) = train_policies(made, *cell, 0.2, [4], [5], kernel=train_cells)
        assert np.array_equal(alone[0, 0], kept[1, 2])


def test_entropy_and_rollouts_are_those_of_the_policys_sequences():
    """Of an autoregressive policy, by listing all sequences."""
    made = setting(policy__context="previous_token", policy__initial_logit_sd=2.0)
    made["landscape"] |= {"vocabulary_size": 3, "sequence_length": 3}
    made["training"] |= {"steps": 1, "rollouts": 20_000}
    logits = arrays(made, 0)["initial_logits"]
    policy, drawn = reference.softmax(logits), make_landscape(made["landscape"], 0)
    chances, rewards = [], []
    for tokens in itertools.product(range(3), repeat=3):
        contexts = reference.met(policy, tokens)
        chances.append(np.prod([policy[c][v] for c, v in zip(contexts, tokens, strict=True)]))
        rewards.append(reference.reward(tokens, drawn.quality, drawn.bigram, drawn.target, 0.1))
    log = train(made, "reinforce", "binary", 0.0, 0)
    assert made["landscape"]["pattern_weight"] == 0.1
    np.testing.assert_allclose(log[0, 1], -np.dot(chances, np.log(chances)) / 3, rtol=1e-12)
    expected, second = np.dot(chances, rewards), np.dot(chances, np.square(rewards))
    assert abs(log[0, 0] - expected) < 5 * np.sqrt((second - expected**2) / 20_000)


@pytest.mark.parametrize("feedback", FEEDBACKS)
def test_a_bias_of_no_strength_changes_no_bit(feedback):
    fair = train(setting(), "sdpo", feedback, 0.2, 1)
    for share, same in ((0.0, True), (0.5, False)):
        biased = paper.FEEDBACKS[feedback] | {"bias": {"leniency": {"share": share}}}
        got = train(setting(), "sdpo", biased, 0.2, 1)
        assert np.array_equal(got, fair, equal_nan=True) == same


def test_extreme_logits_stay_finite():
    made = setting(policy__initial_logit_sd=500.0, landscape__quality_sd=300.0)
    for method, feedback in itertools.product(METHODS, FEEDBACKS):
        log = train(made, method, feedback, 1.0, 2)
        assert np.isfinite(log[:, :3]).all()
        assert (np.abs(log[:, 2]) <= 1 + 1e-12).all() and (log[:, 1] >= -1e-9).all()


def test_scalar_hint_changes_nothing():
    """D1: softmax is shift-invariant, so a hint without a token index cannot matter."""
    made = setting(judge__normal__shape="position", judge__normal__sd=5.0)
    critique = train(made, "sdpo", "critique", 0.2, 0)
    continuous = train(made, "sdpo", "continuous", 0.2, 0)
    np.testing.assert_allclose(critique, continuous, rtol=0, atol=1e-12)
    per_token = train(setting(judge__normal__sd=5.0), "sdpo", "critique", 0.2, 0)
    assert np.abs(per_token[:, 2] - continuous[:, 2]).max() > 0.1


def test_feedback_at_its_boundaries():
    values, weights, places = np.zeros(8), np.zeros(8), np.zeros(4, np.uint64)
    observed = np.array([0.5, np.nextafter(0.5, 1), -1.0, 2.0])
    assert threshold(Threshold.packed({"cut": 0.5}), observed, values, weights, places) == 2
    assert places.tolist() == [0, 1, 0, 1]
    assert values[:3].tolist() == [0.0, 1.0, 0.0] and weights[:3].tolist() == [2.0, 2.0, 0.0]
    assert [bin_of(x, 5) for x in (-0.1, 0.0, 0.2, np.nextafter(0.2, 0), 0.999, 1.0, 7.0)] == [
        0, 0, 1, 0, 4, 4, 4,
    ]  # fmt: skip
    assert [clipped(x) for x in (-0.1, 0.0, 0.4, 1.0, 1.1)] == [0.0, 0.0, 0.4, 1.0, 1.0]


def test_thinned_rows_are_means_of_the_steps_they_stand_for():
    made = setting()
    full = train(made, "hybrid", "ordinal", 0.1, 5)
    ends = np.array([1, 4, 5, 25])
    thinned = train(made, "hybrid", "ordinal", 0.1, 5, ends)
    for row, (first, last) in enumerate(zip([0, *ends[:-1]], ends, strict=True)):
        np.testing.assert_allclose(thinned[row], full[first:last].mean(axis=0), rtol=1e-13)


def test_a_cell_does_not_depend_on_its_block():
    made = setting(landscape__seed="each")
    together = np.concatenate(list(train_block(made, "sdpo", "critique", 0.2, range(7), chunk=3)))
    for seed in range(7):
        alone = train(made, "sdpo", "critique", 0.2, seed)
        assert np.array_equal(alone, together[seed], equal_nan=True)


def parts_of(made, method, feedback):
    return composed(made, *paper.compositions(method, feedback))


def reads(method, feedback):
    """The keys of a setting that are said to be read, as (group, part, key)."""
    composition = paper.compositions(method, feedback)
    for group, read in zip(("update", "judge"), composed(OPEN, *composition), strict=True):
        for slot, choice in read.items():
            own = named(composition[group == "judge"][slot])[1]
            for part, parameters in choice.items():
                yield from ((group, part, name) for name in parameters if name not in own)


OPEN = {"update": {}, "judge": {}}


def test_settings_a_cell_does_not_read_change_no_bit():
    other = small()
    for group in ("update", "judge"):
        for part, parameters in other[group].items():
            assert parameters.keys() == OTHERS[part].keys()
            parameters |= OTHERS[part]
    base = small()
    effective = set()
    for method, feedback in CELLS:
        read = list(reads(method, feedback))
        mixed = copy.deepcopy(other)
        for group, part, name in read:
            mixed[group][part][name] = base[group][part][name]
        expected = train(base, method, feedback, 0.3, 1)
        got = train(mixed, method, feedback, 0.3, 1)
        assert np.array_equal(got, expected, equal_nan=True), (method, feedback)
        # And every key that it is said to read does change something.
        for group, part, name in read:
            changed = copy.deepcopy(base)
            changed[group][part][name] = other[group][part][name]
            if not np.array_equal(
                train(changed, method, feedback, 0.3, 1), expected, equal_nan=True
            ):
                effective.add((part, name))
            else:  # as what a threshold does not see, or what needs a batch without success
                papers = method in paper.METHODS.values() and feedback in paper.FEEDBACKS.values()
                assert not papers, (method, feedback, name)
            assert parts_of(changed, method, feedback) != parts_of(base, method, feedback)
        # A job's spec says all of it.
        (alone,) = cells.train_block(common(base), *parts_of(base, method, feedback), 0.3, [1])
        assert np.array_equal(alone[0], expected, equal_nan=True), (method, feedback)
    assert effective == {(part, name) for part, own in OTHERS.items() for name in own}


def test_a_landscape_order_that_is_not_read_changes_no_bit():
    order = ["target", "quality", "bigram"]
    base, moved = setting(), setting(landscape__order=order)
    assert common(moved) == common(base)
    assert np.array_equal(train(base, *CELL), train(moved, *CELL), equal_nan=True)
    for made in (base, moved):
        made["landscape"]["generator"] = "numpy_default_rng"
    assert common(moved)["landscape"]["order"] == order
    assert not np.array_equal(train(base, *CELL), train(moved, *CELL), equal_nan=True)


@pytest.mark.parametrize("generator", ["keyed", "numpy_default_rng", "numpy_random_state"])
def test_landscapes_of_a_list_are_taken_by_turns(generator):
    """A cell trains alike whether its landscape is listed, the only one, or its own."""
    made = setting(landscape__seed=[42, 137, 3], landscape__generator=generator)
    together = np.concatenate(list(train_block(made, "sdpo", "binary", 0.2, range(8), chunk=5)))
    for seed in range(8):
        made["landscape"]["seed"] = [42, 137, 3][seed % 3]
        alone = train(made, "sdpo", "binary", 0.2, seed)
        assert np.array_equal(alone, together[seed], equal_nan=True), seed
    made["landscape"]["seed"] = "each"
    own = next(train_block(made, "sdpo", "binary", 0.2, [3, 7]))
    made["landscape"]["seed"] = 3
    assert np.array_equal(own[0], train(made, "sdpo", "binary", 0.2, 3), equal_nan=True)
    assert not np.array_equal(own[1], train(made, "sdpo", "binary", 0.2, 7), equal_nan=True)


def test_numpy_landscapes_are_what_a_program_draws():
    rng = np.random.default_rng(42)
    q, b = rng.standard_normal((6, 8)), 0.2 * rng.standard_normal((8, 8))
    target = rng.integers(0, 8, 6)
    settings = setting(landscape__generator="numpy_default_rng", landscape__bigram_sd=0.2)
    settings["landscape"] |= {"quality_sd": 1.0, "sequence_length": 6, "vocabulary_size": 8}
    drawn = make_landscape(settings["landscape"], 42)
    np.testing.assert_allclose(drawn.quality, q, rtol=0, atol=2.0**-40)
    np.testing.assert_allclose(drawn.bigram, b, rtol=0, atol=2.0**-40)
    assert np.array_equal(drawn.target, target)
    state = np.random.RandomState(42)
    settings["landscape"] |= {
        "generator": "numpy_random_state",
        "order": ["target", "quality", "bigram"],
    }
    drawn = make_landscape(settings["landscape"], 42)
    assert np.array_equal(drawn.target, state.randint(0, 8, 6))
    np.testing.assert_allclose(drawn.quality, state.normal(0, 1, (6, 8)), rtol=0, atol=2.0**-40)


def test_numpy_landscapes_do_not_depend_on_the_last_bits_of_a_logarithm():
    """Every deviate is a multiple of 2**-40, far coarser than what two C libraries differ by."""
    for generator in origin.GENERATORS:
        drawn = origin.tables(generator, origin.TABLES, 5, 6, 8)
        for name in ("quality", "bigram"):
            assert np.array_equal(drawn[name] * 2.0**40 % 1.0, np.zeros_like(drawn[name]))


def test_tables_of_ones_own_train_like_drawn_ones():
    made = setting(landscape__seed=4)
    drawn = make_landscape(made["landscape"], 4)
    own = from_arrays(drawn.quality, drawn.bigram.tolist(), drawn.target, drawn.pattern_weight)
    made["landscape"]["seed"] = 5
    given = train(made, *CELL, landscape=own)
    made["landscape"]["seed"] = 4
    assert np.array_equal(given, train(made, *CELL), equal_nan=True)
    made["landscape"]["vocabulary_size"] = 9
    with pytest.raises(ValueError, match=r"shape \(6, 8\); allowed: .*\(6, 9\)"):
        train(made, *CELL, landscape=own)


def test_the_documented_landscape_of_ones_own_trains(capsys):
    page = (ROOT / "docs/extending.md").read_text(encoding="utf-8")
    exec(re.search(r"```python\n(.*?)```", page, re.DOTALL)[1], {})
    assert set(METRICS) == set(re.findall(r"'(\w+)':", capsys.readouterr().out))


@pytest.mark.parametrize(
    "name, value, expected",
    [
        ("quality", np.zeros(8), "quality has shape (8,)"),
        ("quality", np.zeros((2, 1)), "V >= 2"),
        ("quality", [[0.0, np.nan, 0.0], [0.0, 0.0, 0.0]], "quality holds NaN"),
        ("bigram", np.zeros((3, 2)), "here (3, 3)"),
        ("target", [0, 3], "allowed: 0 to 2"),
        ("target", [-1, 0], "allowed: 0 to 2"),
        ("target", [0.0, 1.0], "whole numbers"),
        ("target", [0], "here (2,)"),
    ],
)
def test_tables_of_ones_own_are_checked(name, value, expected):
    tables = {"quality": np.zeros((2, 3)), "bigram": np.zeros((3, 3)), "target": [0, 1]}
    with pytest.raises(ValueError) as raised:
        from_arrays(**(tables | {name: value}), pattern_weight=0.1)
    assert expected in str(raised.value)


def test_infinity_is_reported_with_cell_and_step():
    made = setting(training__learning_rate=float("inf"))
    with pytest.raises(FloatingPointError, match=r"method sdpo.* step \d+ of .* seed 4"):
        train(made, "sdpo", "continuous", 0.0, 4)


@pytest.mark.parametrize(
    ("name", "low", "high"), [("exp", -700, 700), ("exp", -1, 0), ("log", -30, 30), ("log", -1, 1)]
)
def test_elementary_functions_are_within_two_ulp(name, low, high):
    x = np.random.default_rng(0).uniform(low, high, 100_000)
    if name == "log":
        x = np.exp(x)
    function = compiled(getattr(arithmetic, name))
    got = np.array([function(value) for value in x[:20_000]])
    exact = getattr(np, name)(x[:20_000].astype(np.longdouble)).astype(float)
    tolerance = np.maximum(2 * np.spacing(np.abs(exact)), 2e-16 if name == "log" else 0)
    assert np.all(np.abs(got - exact) <= tolerance)


def test_power_of_two_and_radius():
    exp2, minus_two_log = compiled(arithmetic.exp2), compiled(arithmetic.minus_two_log)
    rng = np.random.default_rng(0)
    x = np.concatenate([[0.0, 1.0, -1021.0, 1021.0], rng.uniform(-450, 450, 20_000)])
    got = np.array([exp2(value) for value in x])
    exact = np.exp2(x.astype(np.longdouble)).astype(float)
    assert np.all(np.abs(got - exact) <= 3 * np.spacing(exact))
    u = np.concatenate([[2.0**-33, 0.5, 1.0 - 2.0**-33], rng.uniform(0, 1, 20_000)])
    got = np.array([minus_two_log(value) for value in u])
    exact = (-2 * np.log(u.astype(np.longdouble))).astype(float)
    assert np.all(np.abs(got - exact) <= 2e-15 + 2 * np.spacing(exact))


def test_sine_and_cosine_of_a_turn():
    sine_cosine = compiled(arithmetic.sine_cosine)
    u = np.concatenate([np.linspace(0, 1, 4001), np.random.default_rng(1).uniform(0, 1, 4000)])
    got = np.array([sine_cosine(np.uint64(value * 2.0**32)) for value in u])
    turns = np.floor(u * 2.0**32) * 2.0**-32
    exact = np.stack([np.sin(2 * np.pi * turns), np.cos(2 * np.pi * turns)], axis=1)
    np.testing.assert_allclose(got, exact, rtol=0, atol=5e-15)


@pytest.mark.parametrize("count", [1, 2, 7, 32])
def test_generator_is_the_documented_one(count):
    for purpose, seed in ((Purpose.HINTS, 0), (Purpose.NOISE, 2**40 + 3)):
        mine, theirs = key(purpose, seed), reference.stream_key(int(purpose), seed)
        assert [int(word) for word in mine] == list(theirs)
        out = np.empty(count)
        compiled(uniforms)(mine, 0, out)
        np.testing.assert_array_equal(out, reference.uniforms(theirs, count))
        compiled(normals)(mine, 0, out)
        np.testing.assert_allclose(out, reference.normals(theirs, count), rtol=0, atol=2e-14)


def test_seeds_and_purposes_give_independent_numbers():
    out = np.empty((2 * len(Purpose), 20_000))
    for row, (purpose, seed) in zip(out, itertools.product(Purpose, (0, 1)), strict=True):
        compiled(normals)(key(purpose, seed), 0, row)
    correlation = np.corrcoef(out) - np.eye(len(out))
    assert np.abs(correlation).max() < 0.04
    assert np.all(every_step(3) == [1, 2, 3])


def test_a_job_that_fails_leaves_no_log(tmp_path):
    made = setting(training__learning_rate=float("inf"))
    update, judge = parts_of(made, "sdpo", "binary")
    spec = {
        "settings": common(made),
        "update": update,
        "judge": judge,
        "method": "sdpo",
        "feedback": "binary",
        "noise": 0.0,
        "seeds": [[0, 2]],
        "log_steps": "all",
    }
    with pytest.raises(UserError, match=r"paper, method sdpo.* step 1 of .* seed 0; no log"):
        run(json.dumps(spec), "paper", str(tmp_path / "logs" / "seeds=0-2.parquet"))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
