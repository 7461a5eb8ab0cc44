"""Files and jobs of a joint fit: pure data.

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

FOLDER = "results/joint_fit"
FITTED = f"{FOLDER}/fitted.parquet"
CANDIDATES, PRESET = f"{FOLDER}/candidates.parquet", f"{FOLDER}/preset.parquet"
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
WEIGHTS = (
    ("first step, continuous", "initial", "continuous"),
    ("first step, critique", "initial", "critique"),
    ("lowest of both curves", "minimum", ""),
    ("highest of both curves", "maximum", ""),
)
"""What figure 5 shows of the hybrid's weight: text, and statistic and feedback of the value."""
POSTERIORS = {
    "tables": "tables 1 to 3",
    "landscape": "all but figure 6",
    "all": "all",
}
"""File name -> the numbers that are used."""
PRIOR_STEPS = 2
"""Papers at draws of the prior, in those of a whole step of `sequence`."""
_READINGS_PER_JOB, _PAPERS_PER_JOB = 4, 100


def _cut(stem: str, first: int, count: int, width: int) -> dict[str, dict[str, int]]:
    """Files of blocks, and the first and the last of each."""
    blocks = [(start, min(start + width, count) - 1) for start in range(first, count, width)]
    return {
        f"{FOLDER}/{stem}={start}-{end}.parquet": {"first": start, "last": end}
        for start, end in blocks
    }


def readings(count: int) -> dict[str, dict[str, int]]:
    """Files of the readings but the first, which is the fitted one."""
    return _cut("readings/readings", 1, count, _READINGS_PER_JOB)


def left_out() -> dict[str, str]:
    """Files of the predictions, and what is left out of their fits."""
    return {f"{FOLDER}/left_out/{name}.parquet": name for name in LEFT_OUT}


def papers(options: dict) -> dict[str, dict[str, int]]:
    """Files of the papers at draws of the prior."""
    return _cut("papers/papers", 0, PRIOR_STEPS * options["papers"], _PAPERS_PER_JOB)


def posterior(name: str) -> str:
    """File of one of `POSTERIORS`."""
    return f"{FOLDER}/posteriors/{name}.parquet"


def synthetic(options: dict) -> dict[str, int]:
    """Files of the synthetic papers, and their numbers."""
    numbers = range(1, options["synthetic"] + 1)
    return {f"{FOLDER}/synthetic/paper={number}.parquet": number for number in numbers}


def files(options: dict, count: int) -> set[str]:
    """Everything below `FOLDER`; `count` is the number of readings."""
    found = {FITTED, CANDIDATES, PRESET, *readings(count), *left_out(), *map(posterior, POSTERIORS)}
    return found.union(papers(options), synthetic(options))
