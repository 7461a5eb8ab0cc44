"""From a validated configuration to cells, jobs and files: pure data, nothing is run here."""

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

from sdposim.model.cells import common
from sdposim.model.compositions import composed, modules
from sdposim.model.kernel import KERNEL_PACKAGES
from sdposim.storage.seal import identity
from sdposim.storage.sources import digest
from sdposim.workflow.configuration.models import Config

LOGS = "results/logs"
POLICIES = "results/policies"
SUMMARIES = "results/summaries"


@dataclass(frozen=True, order=True)
class Condition:
    """What the cells of one training job have in common."""

    setting: str
    method: str
    feedback: str
    noise: float


@dataclass(frozen=True, order=True)
class Job:
    """One training job: a condition and a block of seeds, as ranges of whole numbers."""

    condition: Condition
    seeds: tuple[tuple[int, int], ...]
    log_steps: str

    @property
    def path(self) -> str:
        """The job's log, relative to the working directory."""
        c = self.condition
        first, last = self.seeds[0][0], self.seeds[-1][1]
        return (
            f"{LOGS}/{c.setting}/{c.method}/{c.feedback}/noise={c.noise!r}/"
            f"seeds={first}-{last}.parquet"
        )

    @property
    def cells(self) -> int:
        """How many cells the job trains."""
        return sum(last - first + 1 for first, last in self.seeds)


def canonical(value: object) -> str:
    """JSON with sorted keys and no layout: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def seeds_of(config: Config, study: str) -> list[int]:
    """The seeds of a study in increasing order."""
    seeds = config.studies[study].seeds
    return list(range(seeds)) if isinstance(seeds, int) else sorted(seeds)


def listed_landscapes(landscape) -> list[int] | None:
    """The seeds of the landscapes that a setting lists; None if it does not list them."""
    return landscape.seed if isinstance(landscape.seed, list) else None


def over_landscapes(config: Config, study: str) -> dict:
    """How a study's cells become numbers over landscapes: what its figure of them says.

    `landscapes` are the seeds that each of its settings lists, see `listed_landscapes`, and `ddof`
    is the figure's.
    """
    if study not in config.studies:
        return {"landscapes": {}, "ddof": 1}
    chosen = config.studies[study]
    figures = [figure for figure in chosen.figures.values() if figure.kind == "landscapes"]
    return {
        "landscapes": {
            setting: listed_landscapes(config.settings[setting].landscape)
            for setting in chosen.settings
        },
        "ddof": figures[0].ddof if figures else 1,
    }


def blocks(seeds: list[int], width: int) -> Iterator[tuple[tuple[int, int], ...]]:
    """Cut sorted seeds at the multiples of `width`, as ranges (first, last).

    The cuts do not depend on which other seeds there are, so more seeds leave full blocks alone.
    """
    start = 0
    while start < len(seeds):
        end = bisect_left(seeds, (seeds[start] // width + 1) * width, start)
        yield ranges(seeds[start:end])
        start = end


def ranges(seeds: list[int]) -> tuple[tuple[int, int], ...]:
    """Sorted whole numbers, each once, as ranges (first, last), both included."""
    if seeds and seeds[-1] - seeds[0] == len(seeds) - 1:  # most blocks
        return ((seeds[0], seeds[-1]),)
    result: list[list[int]] = []
    for seed in seeds:
        if result and seed == result[-1][1] + 1:
            result[-1][1] = seed
        else:
            result.append([seed, seed])
    return tuple((first, last) for first, last in result)


def conditions(config: Config, study: str) -> list[Condition]:
    """The conditions of a study, in the order of the configuration."""
    chosen = config.studies[study]
    return [
        Condition(*values)
        for values in product(chosen.settings, chosen.methods, chosen.feedbacks, chosen.noise)
    ]


def all_jobs(config: Config) -> dict[Condition, list[Job]]:
    """Every training job, by condition.

    A condition that several studies share is cut into blocks once, over the seeds of all of them,
    so that no cell is trained twice.
    """
    seeds: dict[Condition, set[int]] = {}
    options: dict[Condition, dict] = {}
    for study in config.studies:
        own = config.job_options(study)
        for condition in conditions(config, study):
            seeds.setdefault(condition, set()).update(seeds_of(config, study))
            options[condition] = own
    return {
        condition: [
            Job(condition, block, options[condition]["log_steps"])
            for block in blocks(sorted(wanted), options[condition]["seeds_per_job"])
        ]
        for condition, wanted in seeds.items()
    }


def study_jobs(config: Config, study: str, planned: dict[Condition, list[Job]]) -> list[Job]:
    """The jobs whose logs a study reads, given `all_jobs`."""
    width = config.job_options(study)["seeds_per_job"]
    wanted = {seed // width for seed in seeds_of(config, study)}
    return [
        job
        for condition in conditions(config, study)
        for job in planned[condition]
        if job.seeds[0][0] // width in wanted
    ]


def parts_of(config: Config, condition: Condition) -> tuple[dict, dict]:
    """The method and the feedback of a condition, see `composed`."""
    settings = config.settings[condition.setting].model_dump()
    method, feedback = config.methods[condition.method], config.feedbacks[condition.feedback]
    return composed(settings, method.composition, feedback.composition)


@cache
def training_digest(parts: tuple[str, ...]) -> str:
    """Digest of the sources that train with some parts, by their modules, and no others."""
    return digest("sdposim.commands.train", *parts, packages=KERNEL_PACKAGES)


@cache
def policies_digest(parts: tuple[str, ...]) -> str:
    """As `training_digest`, of what keeps policies."""
    return digest("sdposim.commands.policies", *parts, packages=KERNEL_PACKAGES)


def training_spec(config: Config, job: Job) -> str:
    """Exactly what a training job depends on, as canonical JSON."""
    cells = _cells(config, job)
    spec = cells | {
        "log_steps": job.log_steps,
        "digest": training_digest(modules(cells["update"], cells["judge"])),
    }
    if job.log_steps != "all":
        spec["final_window"] = config.analysis.final_window
    return canonical(spec)


def _cells(config: Config, job: Job) -> dict:
    """What a job's cells are."""
    condition = job.condition
    update, judge = parts_of(config, condition)
    return {
        "settings": common(config.settings[condition.setting].model_dump()),
        "update": update,
        "judge": judge,
        "method": condition.method,
        "feedback": condition.feedback,
        "noise": condition.noise,
        "seeds": job.seeds,
    }


def policies_path(study: str, job: Job) -> str:
    """Where a study's policies of a job's cells are."""
    return f"{POLICIES}/{study}/{job.path.removeprefix(f'{LOGS}/')}"


def policies_spec(config: Config, study: str, job: Job) -> str:
    """Exactly what a study's policies of a job's cells depend on, as canonical JSON."""
    cells = _cells(config, job)
    parts = modules(cells["update"], cells["judge"])
    steps = config.studies[study].policies
    return canonical(cells | {"steps": steps, "digest": policies_digest(parts)})


def policies_identity(config: Config, study: str, job: Job) -> str:
    """What the seal of these policies must say."""
    return identity(job.condition.setting, policies_spec(config, study, job))


def log_identity(config: Config, job: Job) -> str:
    """What the seal of a job's log must say, see `sdposim.storage.seal`."""
    return identity(job.condition.setting, training_spec(config, job))


def shown_names(config: Config, studies: Iterable[str], drawn: bool) -> dict[str, list[dict]]:
    """How methods and feedbacks of studies are called, and perhaps drawn: `report.labels.named`."""
    made, shown = {}, {"label", "look"} if drawn else {"label"}
    for group in ("methods", "feedbacks"):
        listed = (name for study in studies for name in getattr(config.studies[study], group))
        made[group] = [
            {"name": name, **getattr(config, group)[name].model_dump(include=shown)}
            for name in dict.fromkeys(listed)
        ]
    return made


def summary_spec(config: Config, study: str, digest: str, logs: list[str]) -> str:
    """What a study's summary depends on, `logs` being the identities of its logs."""
    return canonical(
        {
            "analysis": config.analysis.model_dump(),
            "seeds": ranges(seeds_of(config, study)),
            "logs": logs,
            "digest": digest,
        }
    )
