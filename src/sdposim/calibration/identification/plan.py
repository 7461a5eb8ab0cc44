"""Files and jobs of an identification: pure data.

results/identification/
    landscapes/<group>/seeds=<first>-<last>.parquet    runs on the landscapes of a group of families
    sensitivity/seeds=<first>-<last>.parquet           derivatives on a sample of landscapes
    scores.parquet                                     evidence of every landscape, roughly
    refined/ranks=<first>-<last>.parquet               evidence of the best ones, and their settings
    figure6.parquet                                    runs on the landscapes of lists of seeds
"""

FOLDER = "results/identification"
SCORES = f"{FOLDER}/scores.parquet"
FIGURE6 = f"{FOLDER}/figure6.parquet"
GROUPS = {"plain": 1, "others": 24}
"""Families whose seeds are simulated together, see `hypotheses.GROUPS`, and how many they are."""
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
