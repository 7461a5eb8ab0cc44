# What each step of the identification depends on, see specs.smk.
from sdposim.identification import plan as identifying
from sdposim.identification.published import needed as identification_needed
from sdposim.identification.space import base_setting as identification_base_setting
from sdposim.presentation.identification import outputs as identification_outputs

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
            "digest": digest(f"sdposim.commands.identification.{step}", packages=packages),
            "options": {key: IDENTIFICATION[key] for key in keys},
        }
        | options
    )


def identification_published(part):
    try:
        return identification_needed(PUBLISHED)[part]
    except UserError as error:
        refuse_target(error)


@cache
def identification_runs():
    """What simulated runs depend on."""
    return {
        "base": identification_base_setting(CONFIG.settings["paper"].model_dump()),
        "window": CONFIG.analysis.final_window,
    }


SEARCH_KEYS = ("seeds", "other_seeds", "landscapes_per_job", "runs", "sample")
