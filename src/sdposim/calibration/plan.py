"""Files and jobs of a calibration: pure data.

results/calibration/
    generation=<g>/proposal.json                   where an exploring generation is drawn
    generation=<g>/draws=<first>-<last>.parquet    what came out
    held_out/draws=<first>-<last>.parquet          held-out numbers of the published tables' draws
    <paper>/target.json                            the tables to explain
    <paper>/starts.json                            where climbs start
    <paper>/climbs=<first>-<last>.json             the modes that they end at
    <paper>/generation=<g>/proposal.json           where a sharp generation is drawn
    <paper>/generation=<g>/draws=<first>-<last>.parquet   what came out, with many runs each
    <paper>/{draws.parquet, posterior.json}        these draws, weighted by those tables

`<paper>` is `published`, or `synthetic-<k>` for tables simulated from known settings. Exploring
generations are common to all papers; the first, 0, is drawn from the prior.
"""

from sdposim.readings import printed

FOLDER = "results/calibration"
PUBLISHED = "published"
SHARP = (1, 2, 3)
"""Generations of a paper with many runs of each draw, see `sharpen`."""
_STARTS_PER_DRAW, _SHARP_PER_DRAW = 1 / 32, 3 / 32
"""Climbs, and draws of a sharp generation, in proportion to those of an exploring one."""
_CLIMBS_PER_JOB, _SHARP_PER_JOB = 8, 32


def base_setting(setting: dict) -> dict:
    """What a calibration takes from the configuration: a setting without what it infers."""
    # Here, as the workflow reads this module for every run, and SciPy takes a second to load.
    from sdposim.calibration.prior import PARAMETERS, UNSEEN

    base = printed(setting)
    for parameter in (*PARAMETERS, *UNSEEN):
        base[parameter.group][parameter.key] = parameter.low
    return base


def papers(options: dict) -> list[str]:
    """Names of the synthetic papers."""
    return [f"synthetic-{number}" for number in range(1, options["papers"] + 1)]


def paper_number(paper: str) -> int:
    """0 for the published tables, k for the k-th synthetic ones."""
    return 0 if paper == PUBLISHED else int(paper.removeprefix("synthetic-"))


def stream(paper: str, generation: int) -> int:
    """The number of a sharp generation among those of all papers, for its random numbers."""
    return 1000 + 10 * paper_number(paper) + generation


def exploring(options: dict) -> dict:
    """What the exploring draws depend on, of the `calibration` group."""
    keys = ("seed", "landscapes", "draws", "draws_per_job", "runs", "generations")
    return {key: options[key] for key in keys}


def sharpening(options: dict) -> dict:
    """What a paper's draws depend on."""
    return exploring(options) | {"sharp_runs": options["sharp_runs"]}


def starts_count(options: dict) -> int:
    """How many climbs a paper has."""
    return max(2, int(options["draws"] * _STARTS_PER_DRAW))


def sharp_count(options: dict) -> int:
    """How many draws each of a paper's sharp generations has."""
    return max(16, int(options["draws"] * _SHARP_PER_DRAW))


def _cut(stem: str, count: int, width: int, suffix: str) -> list[str]:
    return [
        f"{stem}={first}-{min(first + width, count) - 1}{suffix}"
        for first in range(0, count, width)
    ]


def blocks(options: dict, generation: int) -> list[str]:
    """Files of the draws of an exploring generation."""
    stem = f"{FOLDER}/generation={generation}/draws"
    return _cut(stem, options["draws"], options["draws_per_job"], ".parquet")


def climbs(options: dict, paper: str) -> list[str]:
    """Files of a paper's climbs."""
    return _cut(f"{FOLDER}/{paper}/climbs", starts_count(options), _CLIMBS_PER_JOB, ".json")


def sharp_blocks(options: dict, paper: str, generation: int) -> list[str]:
    """Files of the draws of a paper's sharp generation."""
    stem = f"{FOLDER}/{paper}/generation={generation}/draws"
    return _cut(stem, sharp_count(options), _SHARP_PER_JOB, ".parquet")


def held_out(options: dict) -> list[str]:
    """Files of the held-out numbers."""
    count = len(SHARP) * sharp_count(options)
    return _cut(f"{FOLDER}/held_out/draws", count, _SHARP_PER_JOB, ".parquet")


def target(paper: str) -> str:
    """The tables that a calibration explains."""
    return f"{FOLDER}/{paper}/target.json"


def starts(paper: str) -> str:
    """Where a paper's climbs start."""
    return f"{FOLDER}/{paper}/starts.json"


def draws(paper: str) -> str:
    """A paper's draws with their weights."""
    return f"{FOLDER}/{paper}/draws.parquet"


def posterior(paper: str) -> str:
    """What those say about each setting."""
    return f"{FOLDER}/{paper}/posterior.json"


def proposal(generation: int | str) -> str:
    """Where exploring generation 1, 2, ... is drawn."""
    return f"{FOLDER}/generation={generation}/proposal.json"


def sharp_proposal(paper: str, generation: int | str) -> str:
    """Where a paper's sharp generation is drawn."""
    return f"{FOLDER}/{paper}/generation={generation}/proposal.json"


def explored(options: dict, generations: int) -> dict[str, list[str]]:
    """The draws of the first so many exploring generations, and where they were drawn."""
    return {
        "draws": [path for g in range(generations) for path in blocks(options, g)],
        "proposals": [proposal(generation) for generation in range(1, generations)],
    }


def sharpened(options: dict, paper: str, generations: int = len(SHARP)) -> dict[str, list[str]]:
    """The draws of a paper's first so many sharp generations, and where they were drawn."""
    chosen = SHARP[:generations]
    return {
        "draws": [path for g in chosen for path in sharp_blocks(options, paper, g)],
        "proposals": [sharp_proposal(paper, generation) for generation in chosen],
    }


def before_sharp(options: dict, paper: str, generation: int) -> list[str]:
    """What a sharp generation's proposal is made from."""
    if generation == SHARP[0]:
        return climbs(options, paper)
    earlier = sharpened(options, paper, generation - 1)
    return [*earlier["draws"], *earlier["proposals"]]


def files(options: dict) -> set[str]:
    """Everything below `FOLDER`."""
    found = {f"{FOLDER}/{name}.parquet" for name in ("admissible", "predictions")}
    for parts in explored(options, options["generations"]).values():
        found |= set(parts)
    found |= set(held_out(options))
    for paper in (PUBLISHED, *papers(options)):
        found |= {target(paper), starts(paper), draws(paper), posterior(paper)}
        found |= set(climbs(options, paper))
        for parts in sharpened(options, paper).values():
            found |= set(parts)
    return found
