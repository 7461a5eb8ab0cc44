"""Calls of a thread share workspaces, and no call sees another's numbers."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from sdposim.model.kept import clear, workspace
from sdposim.model.numerics import ready, records
from sdposim.model.paper import train_block
from sdposim.model.workspace import Workspace, make_workspace
from sdposim.workflow.configuration.settings import Setting

SIZES = (2, 3, 2, 5, 5)


def setting():
    made = Setting().model_dump()
    made["landscape"] |= {"sequence_length": 2, "vocabulary_size": 3}
    made["training"] |= {"steps": 4, "rollouts": 5}
    return made


def test_a_thread_has_one_workspace_of_each_size():
    work = workspace(*SIZES)
    assert workspace(*SIZES) is work
    assert workspace(*SIZES, asked=("gram",)) is not work and workspace(2, 3, 2, 9, 9) is not work
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(workspace, *SIZES).result() is not work


def test_a_large_workspace_is_not_kept():
    large = 6, 8, 6, 32, 200_000
    assert workspace(*large) is not workspace(*large)


def test_a_cleared_workspace_is_as_a_new_one():
    work, new = workspace(*SIZES), make_workspace(*SIZES)
    for array in work:
        array[...] = 7
    clear(work)
    for name, ours, theirs in zip(work._fields, work, new, strict=True):
        assert ours.dtype == theirs.dtype and ours.ctypes.data % 64 == 0, name
        np.testing.assert_array_equal(ours, theirs, name)


def test_a_workspace_comes_with_the_record_of_its_arrays():
    work = workspace(*SIZES)
    form = records.form(work)
    assert work.record == records.record(Workspace(*work), form)
    assert ready.form((1, work), ("int", form)) == [1, work.record]


def test_every_call_begins_with_a_cleared_workspace():
    new, begun = make_workspace(*SIZES), []

    def kernel(*arguments):
        (work,) = (own for own in arguments if isinstance(own, Workspace))
        for ours, theirs in zip(work, new, strict=True):
            np.testing.assert_array_equal(ours, theirs)
            ours[...] = 7
        begun.append(work)

    for method in ("sdpo", "hybrid"):
        list(train_block(setting(), method, "critique", 0.1, range(4), chunk=2, kernel=kernel))
    assert len(begun) == 4 and all(work is workspace(*SIZES) for work in begun)


def test_calls_that_take_turns_do_not_disturb_each_other():
    made = setting()
    blocks = [
        train_block(made, method, "ordinal", 0.1, range(6), chunk=2)
        for method in ("sdpo", "hybrid")
    ]
    turns = [list(found) for found in zip(*blocks, strict=True)]
    for place, method in enumerate(("sdpo", "hybrid")):
        alone = np.concatenate(list(train_block(made, method, "ordinal", 0.1, range(6))))
        np.testing.assert_array_equal(np.concatenate([turn[place] for turn in turns]), alone)
