"""Say what a configuration costs before anything is run."""

from functools import cache

from sdposim.analysis.published import read_values
from sdposim.report.demands import check_config
from sdposim.workflow import costs
from sdposim.workflow import study as plan
from sdposim.workflow.configuration.load import load
from sdposim.workflow.configuration.models import Config


def run(configfiles: list[str], measure: bool) -> None:
    """Print cells, jobs, core time, the longest job and disk for each study.

    Args:
        configfiles: changes to config/config.yaml, as for `snakemake --configfile`.
        measure: time one short cell of each (setting, method, feedback) here, instead of using the
            table in `sdposim.workflow.costs`.

    Raises:
        UserError: a run would refuse the configuration.
    """
    config = load(configfiles)
    check_config(config, read_values())
    print("\n".join(report(config, measure)))


def report(config: Config, measure: bool) -> list[str]:
    """The lines that `run` prints."""
    seconds = _measured(config) if measure else costs.cell_seconds
    jobs = plan.all_jobs(config)
    lines = [
        f"{'study':<20} {'cells':>12} {'jobs':>9} {'core time':>12} {'longest job':>12} "
        f"{'disk':>10}"
    ]
    wanted: set[plan.Job] = set()
    kept = costs.Cost()
    for name in config.studies:
        chosen = plan.study_jobs(config, name, jobs)
        wanted |= set(chosen) if name in config.run else set()
        label = name if name in config.run else f"({name})"
        policies = costs.policies_cost(config, name, chosen, seconds)
        kept += policies if name in config.run else costs.Cost()
        lines.append(_line(label, costs.cost(config, chosen, seconds) + policies))
    total = costs.cost(config, sorted(wanted), seconds) + kept
    lines.append(_line("run, shared once", total))
    source = (
        "timed here, one short cell per (setting, method, feedback)"
        if measure
        else "from the table in src/sdposim/workflow/costs.py; --measure times your sizes here"
    )
    lines += [
        "",
        f"A job trains a block of up to {config.seeds_per_job} seeds (seeds_per_job); logs keep "
        f"{config.log_steps} (log_steps); a study may say both for itself.",
        f"Core time: {source}; {costs.JOB_SECONDS:g} s around each job is included, so that "
        f"{total.kernel_seconds / total.seconds:.0%} of it is in the kernel.",
        f"Snakemake plans these jobs in {duration(total.plan_seconds)} with "
        f"{size(total.plan_memory)} of memory.",
        "Studies in brackets are not in `run`.",
    ]
    return lines


def _measured(config: Config):
    @cache
    def once(setting, method, feedback):
        condition = plan.Condition(setting, method, feedback, 0.1)
        return costs.measure(config, condition)

    return lambda _, c: once(c.setting, c.method, c.feedback)


def _line(name: str, cost: costs.Cost) -> str:
    return (
        f"{name:<20} {cost.cells:>12,} {cost.jobs:>9,} {duration(cost.seconds):>12} "
        f"{duration(cost.longest_seconds):>12} {size(cost.disk):>10}"
    )


def duration(seconds: float) -> str:
    """Seconds for a reader."""
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:,.1f} h"


def size(count: float) -> str:
    """Bytes for a reader."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:,.1f} TB"
