"""Limits on the size of a configuration, checked before anything large is built from it."""

from itertools import product
from typing import Any

from sdposim.model.cells import check_cells, large_tables
from sdposim.model.metrics import METRICS
from sdposim.model.policy import contexts
from sdposim.storage.errors import UserError
from sdposim.workflow.configuration.models import Config
from sdposim.workflow.configuration.settings import Setting
from sdposim.workflow.configuration.studies import Study

MAX_CELLS = 5_000_000
"""Cells of all studies. Planning holds every seed in memory, about 100 bytes a cell."""
MAX_JOBS = 500_000
"""Training jobs. Snakemake needs about 20 kB of memory for each."""
MAX_JOB_BYTES = 16 * 2**30
"""Memory of one training job."""
CELLS_IN_MEMORY = 256
"""Cells that a training job holds at once, see `model.cells.train_block`."""


def seeds_count(study: Study) -> int:
    """How many seeds a study has."""
    return study.seeds if isinstance(study.seeds, int) else len(study.seeds)


def conditions_count(study: Study) -> int:
    """How many (setting, method, feedback, noise) a study has."""
    return len(study.settings) * len(study.methods) * len(study.feedbacks) * len(study.noise)


def job_bytes(setting: Setting, log_steps: str, cells: int, method: dict[str, Any]) -> int:
    """Bytes that a training job allocates for the kernel and for the logs of its cells.

    Args:
        setting, log_steps, cells: of the job.
        method: a composition, whose tables are allocated too.
    """
    length = setting.landscape.sequence_length
    vocabulary = setting.landscape.vocabulary_size
    rollouts = setting.training.rollouts
    kernel = 9 * contexts(setting.model_dump()) * vocabulary + 2 * length * vocabulary
    kernel += (4 * length + 3 * vocabulary) * rollouts + vocabulary**2
    tables = large_tables(setting.model_dump(), method)
    kernel += sum(base**power for base, power in tables.values())
    rows = setting.training.steps if log_steps == "all" else 0
    return 8 * (kernel + len(METRICS) * rows * min(cells, CELLS_IN_MEMORY))


def policies_bytes(setting: Setting, kept: int) -> int:
    """Bytes that the policies of one cell need, kept `kept` times, on their way to a file."""
    return 8 * 8 * kept * contexts(setting.model_dump()) * setting.landscape.vocabulary_size


def check_size(config: Config) -> None:
    """Refuse what would exhaust the memory of the machine that plans or trains.

    Raises:
        UserError: names the study or the setting, its size and the limit.
    """
    cells = jobs = 0
    for name, study in config.studies.items():
        seeds, conditions = seeds_count(study), conditions_count(study)
        log_steps, width = config.job_options(name).values()
        cells += conditions * seeds
        jobs += (1 + bool(study.policies)) * conditions * -(-seeds // width)
        if cells > MAX_CELLS:
            raise UserError(
                f"configuration key studies.{name}: with this study there are {cells:,} cells; "
                f"allowed: at most {MAX_CELLS:,} in one run, so split it into several runs"
            )
        if jobs > MAX_JOBS:
            raise UserError(
                f"configuration key studies.{name}: with this study there are {jobs:,} training "
                f"jobs; allowed: at most {MAX_JOBS:,}, so raise seeds_per_job "
                f"({width}) or split it into several runs"
            )
        for setting, method in product(study.settings, study.methods):
            composition = {}
            if name in config.run:
                check_method(config, setting, method)
                composition = config.methods[method].composition
            own = config.settings[setting]
            needed = job_bytes(own, log_steps, min(seeds, width), composition)
            _check_memory(name, setting, needed)
        if name in config.run:
            check_policies(config, name)


def check_method(config: Config, setting: str, method: str) -> None:
    """Refuse a method that a setting's policies cannot have, or whose tables are too large.

    Of studies to run at once, of others when their logs are asked for, as `check_policies`.

    Raises:
        UserError: names the setting and the method, and what is allowed.
    """
    composition = config.methods[method].composition
    try:
        check_cells(config.settings[setting].model_dump(), composition)
    except ValueError as error:
        raise UserError(
            f"configuration key settings.{setting}: of method {method!r} {error}"
        ) from None


def check_policies(config: Config, name: str) -> None:
    """Refuse policies of a study that no training comes to, or that no memory holds.

    Of studies to run at once, of others when their policies are asked for: a setting may be changed
    for a study that has nothing to do with them.

    Raises:
        UserError: names the study or the setting, and what is allowed.
    """
    study = config.studies[name]
    log_steps, width = config.job_options(name).values()
    for setting in study.settings if study.policies else []:
        own = config.settings[setting]
        if study.policies[-1] > own.training.steps:
            raise UserError(
                f"configuration key studies.{name}.policies: {study.policies[-1]} is more than "
                f"settings.{setting}.training.steps; allowed: 0 to {own.training.steps}"
            )
        cells = min(seeds_count(study), width)
        methods = [config.methods[method].composition for method in study.methods]
        needed = max(job_bytes(own, log_steps, cells, method) for method in methods)
        _check_memory(name, setting, needed + policies_bytes(own, len(study.policies)))


def _check_memory(study: str, setting: str, needed: float) -> None:
    if needed > MAX_JOB_BYTES:
        raise UserError(
            f"configuration key settings.{setting}: a training job of study {study!r} would need "
            f"{needed / 2**30:,.0f} GiB of memory; allowed: at most {MAX_JOB_BYTES // 2**30} GiB, "
            "so lower training.steps, training.rollouts, the landscape's sizes (a policy by "
            "previous_token has T V^2 logits), the study's policies or seeds_per_job, or thin the "
            "logs with log_steps"
        )
