"""Files and jobs of a calibration: pure data.

results/calibration/
    generation=<g>/proposal.json                   where a generation is drawn; 0 is the prior's
    generation=<g>/draws=<first>-<last>.parquet    what came out
    held_out/draws=<first>-<last>.parquet          held-out numbers of the last generation
    <paper>/target.json                            the tables to explain
    <paper>/{draws.parquet, posterior.json}        the exploring draws, weighted by those tables

`<paper>` is `published`, or `synthetic-<k>` for tables simulated from known settings. The first
generations explore, with few runs of many settings; two more sharpen, with many runs of few.
"""

FOLDER = "results/calibration"
PUBLISHED = "published"
SHARPENING = 2
"""Generations with many runs: the first is drawn around the exploring ones, the last around it."""
_NEUTRAL = {
    "landscape": {"seed": 0},
    "feedback": {
        "clip": True,
        "ordinal_scale": "fraction",
        "hint_shape": "token",
        "hint_draw": "rollout",
    },
    "methods": {"kl_on_baselines": True},
}
"""Inferred keys have these values wherever a draw says nothing about them."""


def base_setting(setting: dict) -> dict:
    """What a calibration takes from the configuration: a setting without what it infers."""
    # Here, as the workflow reads this module for every run, and SciPy takes a second to load.
    from sdposim.calibration.prior import PARAMETERS, UNSEEN

    base = {group: content | _NEUTRAL.get(group, {}) for group, content in setting.items()}
    for parameter in (*PARAMETERS, *UNSEEN):
        base[parameter.group][parameter.key] = parameter.low
    return base


def papers(options: dict) -> list[str]:
    """Names of the synthetic papers."""
    return [f"synthetic-{number}" for number in range(1, options["papers"] + 1)]


def paper_number(paper: str) -> int:
    """0 for the published tables, k for the k-th synthetic ones."""
    return 0 if paper == PUBLISHED else int(paper.removeprefix("synthetic-"))


def is_sharp(options: dict, generation: int) -> bool:
    """Whether a generation has many runs of few draws."""
    return generation >= options["generations"]


def last_generation(options: dict) -> int:
    """The one whose draws are the accepted settings."""
    return options["generations"] + SHARPENING - 1


def sampling(options: dict, generation: int) -> dict:
    """What the draws of a generation depend on, of the `calibration` group."""
    sharp = is_sharp(options, generation)
    return {
        "seed": options["seed"],
        "landscapes": options["landscapes"],
        "draws": options["accepted" if sharp else "draws"],
        "runs": options["accepted_runs" if sharp else "runs"],
    }


def exploring(options: dict) -> dict:
    """What the weighing of the exploring draws depends on, of the `calibration` group."""
    keys = ("seed", "landscapes", "draws", "draws_per_job", "runs", "generations")
    return {key: options[key] for key in keys}


def sharpening(options: dict) -> dict:
    """What the last generations depend on besides."""
    return exploring(options) | {key: options[key] for key in ("accepted", "accepted_runs")}


def _cut(folder: str, draws: int, width: int) -> list[str]:
    return [
        f"{folder}/draws={first}-{min(first + width, draws) - 1}.parquet"
        for first in range(0, draws, width)
    ]


def blocks(options: dict, generation: int) -> list[str]:
    """Files of the draws of a generation."""
    folder = f"{FOLDER}/generation={generation}"
    if is_sharp(options, generation):
        return _cut(folder, options["accepted"], _ACCEPTED_PER_JOB)
    return _cut(folder, options["draws"], options["draws_per_job"])


def held_out(options: dict) -> list[str]:
    """Files of the held-out numbers of the last generation."""
    return _cut(f"{FOLDER}/held_out", options["accepted"], _ACCEPTED_PER_JOB)


_ACCEPTED_PER_JOB = 20


def target(paper: str) -> str:
    """The tables that a calibration explains."""
    return f"{FOLDER}/{paper}/target.json"


def draws(paper: str) -> str:
    """All exploring draws with their weights."""
    return f"{FOLDER}/{paper}/draws.parquet"


def posterior(paper: str) -> str:
    """What those say about each setting."""
    return f"{FOLDER}/{paper}/posterior.json"


def proposal(generation: int) -> str:
    """Where generation 1, 2, ... is drawn."""
    return f"{FOLDER}/generation={generation}/proposal.json"


def history(options: dict, generations: int) -> dict[str, list[str]]:
    """The draws of the first so many generations and the proposals they came from."""
    return {
        "draws": [path for g in range(generations) for path in blocks(options, g)],
        "proposals": [proposal(generation) for generation in range(1, generations)],
    }


def before(options: dict, generation: int) -> dict[str, list[str]]:
    """What a generation's proposal is made from: a sharp one from the last sharp one alone."""
    if is_sharp(options, generation - 1):
        return {"draws": blocks(options, generation - 1), "proposals": []}
    return history(options, generation)


def files(options: dict) -> set[str]:
    """Everything below `FOLDER`."""
    generations = range(last_generation(options) + 1)
    found = {f"{FOLDER}/{name}.parquet" for name in ("admissible", "predictions")}
    found |= {path for g in generations for path in blocks(options, g)}
    found |= {proposal(g) for g in generations[1:]} | set(held_out(options))
    for paper in (PUBLISHED, *papers(options)):
        found |= {target(paper), draws(paper), posterior(paper)}
    return found
