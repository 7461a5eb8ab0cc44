# What each step of the identification depends on, see specs.smk.
from functools import partial

from sdposim.calibration.identification import plan as identifying
from sdposim.calibration.identification.space import base_setting as identification_base_setting
from sdposim.report.identification import outputs as identification_outputs

IDENTIFICATION = CONFIG.identification.model_dump()
IDENTIFICATION_FILES = [
    *expand("reports/{file}", file=identification_outputs.REPORT_FILES),
    *expand("reports/figures/{file}", file=identification_outputs.FIGURE_FILES),
]
IDENTIFICATION_PACKAGES = ("numpy", "pyarrow", "numba", "llvmlite")


def identification_spec(step, *keys, **options):
    """What a step depends on: its code, some keys of the group, and more."""
    drawing = step == "report"
    packages = IDENTIFICATION_PACKAGES + FIGURE_PACKAGES * drawing
    return plan.canonical(
        {
            "digest": paper.code_digest(f"sdposim.commands.identification.{step}", packages),
            "options": {key: IDENTIFICATION[key] for key in keys},
        }
        | options
    )


@cache
def paper_rows(chosen):
    """The rows of the paper's values that a target reads, such as `plan.tables` chooses."""
    return published.to_rows(asked(chosen, PUBLISHED), published.FITTED)


@cache
def identification_runs():
    """What simulated runs depend on."""
    return {
        "base": identification_base_setting(CONFIG.settings["paper"].model_dump()),
        "window": CONFIG.analysis.final_window,
    }


SEARCH_KEYS = ("seeds", "other_seeds", "landscapes_per_job", "runs", "sample")


def identification_scores():
    return identification_spec("scores", *SEARCH_KEYS, published=paper_rows(identifying.tables))


def identification_report():
    return identification_spec(
        "report",
        *SEARCH_KEYS,
        "refined",
        "refined_runs",
        "draws",
        "pool",
        figure6=paper_rows(identifying.figure6),
    )


def identification_sealed():
    """Every Parquet file of the identification, and what gives the spec of its job."""
    landscapes = {
        path: partial(
            lambda **block: identification_spec(
                "landscapes", runs=IDENTIFICATION["runs"], **identification_runs(), **block
            ),
            group=group,
            **block,
        )
        for group in identifying.GROUPS
        for path, block in identifying.landscapes(IDENTIFICATION, group).items()
    }
    sensitivity = {
        path: partial(
            lambda **block: identification_spec("sensitivity", **identification_runs(), **block),
            **block,
        )
        for path, block in identifying.sensitivity(IDENTIFICATION).items()
    }
    refined = {
        path: partial(
            lambda **block: identification_spec(
                "refined",
                *SEARCH_KEYS,
                "refined",
                published=paper_rows(identifying.tables),
                runs=IDENTIFICATION["refined_runs"],
                **identification_runs(),
                **block,
            ),
            **block,
        )
        for path, block in identifying.refined(IDENTIFICATION).items()
    }
    made = {
        identifying.SCORES: identification_scores,
        identifying.FIGURE6: lambda: identification_spec(
            "figure6",
            "refined",
            draws=IDENTIFICATION["draws"],
            pool=IDENTIFICATION["pool"],
            **identification_runs(),
        ),
    }
    return made | landscapes | sensitivity | refined


TARGETS["identification"] = Target(
    name="identification",
    configuration={"identification": IDENTIFICATION, "analysis": CONFIG.analysis.model_dump()},
    sealed=identification_sealed(),
    shown=identification_report,
    inputs=[
        identifying.SCORES,
        *identifying.refined(IDENTIFICATION),
        identifying.FIGURE6,
    ],
    files=IDENTIFICATION_FILES,
)
