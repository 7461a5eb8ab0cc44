"""Files and jobs of an identification: pure data.

results/identification/
    landscapes/<group>/seeds=<first>-<last>.parquet    runs on the landscapes of a group of families
    sensitivity/seeds=<first>-<last>.parquet           derivatives on a sample of landscapes
    scores.parquet                                     evidence of every landscape, roughly
    refined/ranks=<first>-<last>.parquet               evidence of the best ones, and their settings
    figure6.parquet                                    runs on the landscapes of lists of seeds
"""

from collections.abc import Iterable

from sdposim.analysis.published import Value, needed

FOLDER = "results/identification"
SCORES = f"{FOLDER}/scores.parquet"
FIGURE6 = f"{FOLDER}/figure6.parquet"
GROUPS = {"plain": 1, "others": 24}
"""Families whose seeds are simulated together, see `hypotheses.GROUPS`, and how many they are."""
FEEDBACKS = ("binary", "ordinal", "continuous", "critique")
TABLES = {"reward": "table1", "entropy": "table3", "correlation": "table2"}
"""Statistic -> where the paper has it."""
FIGURE6_METHODS = ("sdpo", "reinforce", "adv_weighted")
_READER = "an identification"
_SAMPLE_PER_JOB, _REFINED_PER_JOB = 16, 16


def _cut(stem: str, count: int, width: int) -> dict[str, dict[str, int]]:
    """Files of blocks, and the first and the last of each."""
    blocks = [(first, min(first + width, count) - 1) for first in range(0, count, width)]
    return {
        f"{FOLDER}/{stem}={first}-{last}.parquet": {"first": first, "last": last}
        for first, last in blocks
    }


def landscapes(options: dict, group: str) -> dict[str, dict[str, int]]:
    """Files of the runs on the landscapes of a group; a job has about `landscapes_per_job`."""
    count = options["seeds" if group == "plain" else "other_seeds"]
    width = max(1, options["landscapes_per_job"] // GROUPS[group])
    return _cut(f"landscapes/{group}/seeds", count, width)


def sensitivity(options: dict) -> dict[str, dict[str, int]]:
    """Files of the sample of derivatives."""
    return _cut("sensitivity/seeds", options["sample"], _SAMPLE_PER_JOB)


def refined(options: dict) -> dict[str, dict[str, int]]:
    """Files of the landscapes whose own derivatives were taken."""
    return _cut("refined/ranks", options["refined"], _REFINED_PER_JOB)


def searched(options: dict) -> list[str]:
    """What the scores are made from."""
    return [
        *(path for group in GROUPS for path in landscapes(options, group)),
        *sensitivity(options),
    ]


def files(options: dict) -> set[str]:
    """Everything below `FOLDER`."""
    return {*searched(options), SCORES, *refined(options), FIGURE6}


def tables(values: Iterable[Value]) -> list[Value]:
    """The numbers of tables 1 to 3 that are fitted: SDPO's, then REINFORCE's.

    A feedback after the other, `TABLES` in turn; nothing else reruns the search.

    Raises:
        UserError: one is missing.
    """
    return [
        needed(values, _READER, where=place, method=method, feedback=feedback)
        for method in ("sdpo", "reinforce")
        for feedback in FEEDBACKS
        for place in TABLES.values()
    ]


def figure6(values: Iterable[Value]) -> list[Value]:
    """Mean and SD of each of `FIGURE6_METHODS`.

    Raises:
        UserError: one is missing.
    """
    return [
        needed(values, _READER, where="figure6", method=method, statistic=statistic)
        for method in FIGURE6_METHODS
        for statistic in ("mean", "sd")
    ]
