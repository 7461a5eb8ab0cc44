# What each step of the identification depends on, see specs.smk.
from functools import partial

from sdposim.calibration import facts
from sdposim.calibration import files as calibrating
from sdposim.calibration.space import base_setting as calibration_base_setting
from sdposim.commands.calibration import REPORTS, digest_of
from sdposim.report.calibration import outputs

IDENTIFICATION = CONFIG.identification.model_dump()
CALIBRATION_FILES = {
    target: [
        *expand("reports/{file}", file=files),
        *expand("reports/figures/{file}", file=outputs.figure_files(target)),
    ]
    for target, files in outputs.REPORTS.items()
}
CALIBRATION_PACKAGES = ("numpy", "pyarrow", "numba", "llvmlite")


def calibration_digest(step):
    """The digest of a step's code; a report depends on what draws its figures, too."""
    return digest_of(step, CALIBRATION_PACKAGES + FIGURE_PACKAGES * (step in REPORTS))


def identification_spec(step, *keys, **options):
    """What a step depends on: its code, some keys of the group, and more."""
    return plan.canonical(
        {
            "digest": calibration_digest(step),
            "options": {key: IDENTIFICATION[key] for key in keys},
        }
        | options
    )


@cache
def paper_rows(chosen):
    """The rows of the paper's values that a target reads, such as `facts.table_values` chooses."""
    return published.to_rows(asked(chosen, PUBLISHED), published.FITTED)


@cache
def calibration_runs():
    """What simulated runs depend on."""
    return {
        "base": calibration_base_setting(CONFIG.settings["paper"].model_dump()),
        "window": CONFIG.analysis.final_window,
    }


SEARCH_KEYS = ("seeds", "other_seeds", "landscapes_per_job", "runs", "sample")


def identification_scores():
    return identification_spec("scores", *SEARCH_KEYS, published=paper_rows(facts.table_values))


def identification_report():
    return identification_spec(
        "identification",
        *SEARCH_KEYS,
        "refined",
        "refined_runs",
        "draws",
        "pool",
        figure6=paper_rows(facts.figure6_values),
    )


def identification_sealed():
    """Every Parquet file of the identification, and what gives the spec of its job."""
    landscapes = {
        path: partial(
            lambda **block: identification_spec(
                "landscapes", runs=IDENTIFICATION["runs"], **calibration_runs(), **block
            ),
            group=group,
            **block,
        )
        for group in calibrating.GROUPS
        for path, block in calibrating.landscapes(IDENTIFICATION, group).items()
    }
    sensitivity = {
        path: partial(
            lambda **block: identification_spec("sensitivity", **calibration_runs(), **block),
            **block,
        )
        for path, block in calibrating.sensitivity(IDENTIFICATION).items()
    }
    refined = {
        path: partial(
            lambda **block: identification_spec(
                "refined",
                *SEARCH_KEYS,
                "refined",
                published=paper_rows(facts.table_values),
                runs=IDENTIFICATION["refined_runs"],
                **calibration_runs(),
                **block,
            ),
            **block,
        )
        for path, block in calibrating.refined(IDENTIFICATION).items()
    }
    made = {
        calibrating.SCORES: identification_scores,
        calibrating.FIGURE6: lambda: identification_spec(
            "figure6",
            "refined",
            draws=IDENTIFICATION["draws"],
            pool=IDENTIFICATION["pool"],
            **calibration_runs(),
        ),
    }
    return made | landscapes | sensitivity | refined


TARGETS["identification"] = Target(
    name="identification",
    configuration={"identification": IDENTIFICATION, "analysis": CONFIG.analysis.model_dump()},
    sealed=identification_sealed(),
    shown=identification_report,
    inputs=[
        calibrating.SCORES,
        *calibrating.refined(IDENTIFICATION),
        calibrating.FIGURE6,
    ],
    files=CALIBRATION_FILES["identification"],
    reporter="identification_report",
)
