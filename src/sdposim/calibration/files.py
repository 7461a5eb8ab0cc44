"""Files and jobs of an identification and of a joint fit: pure data.

results/identification/
    landscapes/<group>/seeds=<first>-<last>.parquet    runs on the landscapes of a group of families
    sensitivity/seeds=<first>-<last>.parquet           derivatives on a sample of landscapes
    scores.parquet                                     evidence of every landscape, roughly
    refined/ranks=<first>-<last>.parquet               evidence of the best ones, and their settings
    figure6.parquet                                    runs on the landscapes of lists of seeds
results/joint_fit/
    fitted.parquet                             the fit, and what runs give near it
    readings/readings=<first>-<last>.parquet   the evidence of other readings
    left_out/<source>.parquet                  predictions of what was left out
    papers/papers=<first>-<last>.parquet       papers at draws of the prior, on any landscapes
    posteriors/<name>.parquet                  draws of the settings, on any and on the identified
    candidates.parquet                         round settings, and what they cost
    preset.parquet                             what the paper would print under the preset
    synthetic/paper=<k>.parquet                a synthetic paper, and how the method finds it
"""

IDENTIFICATION, JOINT_FIT = "results/identification", "results/joint_fit"
SCORES, FIGURE6 = f"{IDENTIFICATION}/scores.parquet", f"{IDENTIFICATION}/figure6.parquet"
FITTED = f"{JOINT_FIT}/fitted.parquet"
CANDIDATES, PRESET = f"{JOINT_FIT}/candidates.parquet", f"{JOINT_FIT}/preset.parquet"
GROUPS = {"plain": 1, "others": 24}
"""Families whose seeds are simulated together, see `landscapes.GROUPS`, and how many they are."""
LEFT_OUT = {
    "figure6": "figure 6",
    "figure4": "figure 4",
    "section3.5": "section 3.5",
    "table2": "table 2",
    "figure5": "figure 5",
}
"""File name -> the source that is left out."""
WITH_WEIGHTS = ("section3.5", "figure5")
"""Of these, the fit that predicts figure 5's weights of the hybrid, too."""
POSTERIORS = {
    "tables": "tables 1 to 3",
    "landscape": "all but figure 6",
    "all": "all",
}
"""File name -> the numbers that are used."""
PRIOR_STEPS = 2
"""Papers at draws of the prior, in those of a whole step of `propose`."""
_SAMPLE_PER_JOB, _REFINED_PER_JOB, _READINGS_PER_JOB, _PAPERS_PER_JOB = 16, 16, 4, 100


def _cut(stem: str, first: int, count: int, width: int) -> dict[str, dict[str, int]]:
    """Files of blocks, and the first and the last of each."""
    blocks = [(start, min(start + width, count) - 1) for start in range(first, count, width)]
    return {f"{stem}={start}-{end}.parquet": {"first": start, "last": end} for start, end in blocks}


def landscapes(options: dict, group: str) -> dict[str, dict[str, int]]:
    """Files of the runs on the landscapes of a group; a job has about `landscapes_per_job`."""
    count = options["seeds" if group == "plain" else "other_seeds"]
    width = max(1, options["landscapes_per_job"] // GROUPS[group])
    return _cut(f"{IDENTIFICATION}/landscapes/{group}/seeds", 0, count, width)


def sensitivity(options: dict) -> dict[str, dict[str, int]]:
    """Files of the sample of derivatives."""
    return _cut(f"{IDENTIFICATION}/sensitivity/seeds", 0, options["sample"], _SAMPLE_PER_JOB)


def refined(options: dict) -> dict[str, dict[str, int]]:
    """Files of the landscapes whose own derivatives were taken."""
    return _cut(f"{IDENTIFICATION}/refined/ranks", 0, options["refined"], _REFINED_PER_JOB)


def searched(options: dict) -> list[str]:
    """What the scores are made from."""
    return [
        *(path for group in GROUPS for path in landscapes(options, group)),
        *sensitivity(options),
    ]


def readings(count: int) -> dict[str, dict[str, int]]:
    """Files of the readings but the first, which is the fitted one."""
    return _cut(f"{JOINT_FIT}/readings/readings", 1, count, _READINGS_PER_JOB)


def left_out() -> dict[str, str]:
    """Files of the predictions, and what is left out of their fits."""
    return {f"{JOINT_FIT}/left_out/{name}.parquet": name for name in LEFT_OUT}


def papers(options: dict) -> dict[str, dict[str, int]]:
    """Files of the papers at draws of the prior."""
    return _cut(f"{JOINT_FIT}/papers/papers", 0, PRIOR_STEPS * options["papers"], _PAPERS_PER_JOB)


def posterior(name: str) -> str:
    """File of one of `POSTERIORS`."""
    return f"{JOINT_FIT}/posteriors/{name}.parquet"


def synthetic(options: dict) -> dict[str, int]:
    """Files of the synthetic papers, and their numbers."""
    numbers = range(1, options["synthetic"] + 1)
    return {f"{JOINT_FIT}/synthetic/paper={number}.parquet": number for number in numbers}


def identification(options: dict) -> set[str]:
    """Everything below `IDENTIFICATION`."""
    return {*searched(options), SCORES, *refined(options), FIGURE6}


def joint_fit(options: dict, count: int) -> set[str]:
    """Everything below `JOINT_FIT`; `count` is the number of readings."""
    one = {FITTED, CANDIDATES, PRESET, *readings(count), *left_out(), *map(posterior, POSTERIORS)}
    return one.union(papers(options), synthetic(options))
