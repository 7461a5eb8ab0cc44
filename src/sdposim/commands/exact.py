"""Evaluate kept policies exactly: by all sequences, with no sampling."""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from sdposim.analysis.exact import WORTH, distinct, every_reward, expected, optimum, worth
from sdposim.analysis.files import summary_writer
from sdposim.analysis.policies import read_policies
from sdposim.commands.specs import STANDARD_INPUT, parse
from sdposim.model.landscape import landscape_seeds, make_landscape
from sdposim.storage.seal import setting_aside


def run(files: list[str], spec: str, output: str) -> None:
    """Write a row per cell and kept step.

    Columns: setting, method, feedback, noise, seed, step; `reward`, the expected one; `entropy` in
    nats, the mean over positions; `reference_kl`, KL(pi || the policy of the first kept step) in
    nats, likewise; `optimum` and `uniform`, the largest reward and that of the uniform policy. Of
    each kind of sequence in `analysis.exact.WORTH`, such as `good`: `good`, how many distinct ones
    `DRAWS` samples hold on average; and `good_sequences`, how many the landscape has.

    Args:
        files: policies, in the order of `spec`.
        spec: canonical JSON with `files`, of each the identity and its condition, `landscapes`,
            the `landscape` group of each setting, and `seeds`, as ranges.
        output: Parquet file to write.

    Raises:
        UserError: policies are unusable, or the file cannot be written.
    """
    job = parse(spec, STANDARD_INPUT, files=list, landscapes=dict, seeds=list)
    with setting_aside(), summary_writer(output, spec) as add:
        for path, (made_from, condition) in zip(files, job["files"], strict=True):
            group = job["landscapes"][condition["setting"]]
            for kept in read_policies(path, made_from):
                rows = list(_rows(kept, group, job["seeds"]))
                if rows:
                    add(pd.DataFrame(rows).assign(**condition))
            print(path, flush=True)


def _rows(kept, group: dict, wanted: list) -> Iterator[dict]:
    of_cells = landscape_seeds(group, kept.seeds)
    for seed, own, logits in zip(kept.seeds.tolist(), of_cells.tolist(), kept.logits, strict=True):
        if not any(first <= seed <= last for first, last in wanted):
            continue
        known = _known(json.dumps(group), own)
        shifted = logits - logits.max(axis=-1, keepdims=True)
        logs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
        for step, log in zip(kept.steps.tolist(), logs, strict=True):
            policy = np.exp(log)
            yield {
                "seed": seed,
                "step": step,
                "reward": expected(known.rewards, policy),
                "entropy": float(-(policy * log).sum(axis=-1).mean()),
                "reference_kl": float((policy * (log - logs[0])).sum(axis=-1).mean()),
                "optimum": known.optimum,
                "uniform": known.uniform,
                **_found(known, log),
            }


def _found(known: "_Known", log: np.ndarray) -> dict[str, float]:
    """The columns of sequences that are worth finding."""
    made = {}
    for name, tokens in known.worth.items():
        made |= {name: distinct(log, tokens), f"{name}_sequences": tokens.shape[1]}
    return made


class _Known(NamedTuple):
    """What all policies on a landscape share.

    Attributes:
        rewards: of all sequences.
        optimum, uniform: the largest of them, and their mean.
        worth: tokens of the sequences of each kind in `WORTH`, (T, count).
    """

    rewards: np.ndarray
    optimum: float
    uniform: float
    worth: dict[str, np.ndarray]


@lru_cache(maxsize=128)  # as many as a study has, or each is made for every file; 2 MB each
def _known(group: str, seed: int) -> _Known:
    landscape = make_landscape(json.loads(group), seed)
    rewards, vocabulary = every_reward(landscape), landscape.quality.shape[1]
    kinds = {name: worth(rewards, vocabulary, share) for name, share in WORTH.items()}
    return _Known(rewards, optimum(landscape), float(rewards.mean()), kinds)
