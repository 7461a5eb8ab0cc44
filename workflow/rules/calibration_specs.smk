# What each step of the calibration depends on, see specs.smk.
from sdposim.calibration import plan as calibration
from sdposim.calibration.published import published_numbers, published_tables
from sdposim.calibration.target import listed
from sdposim.presentation.calibration import outputs as calibration_outputs

CALIBRATION = CONFIG.calibration.model_dump()
CALIBRATION_FILES = [
    *expand("reports/{file}", file=calibration_outputs.REPORT_FILES),
    *expand("reports/figures/{file}", file=calibration_outputs.FIGURE_FILES),
]
CHECK_FILES = [
    *expand("reports/{file}", file=calibration_outputs.CHECK_REPORT_FILES),
    *expand("reports/figures/{file}", file=calibration_outputs.CHECK_FIGURE_FILES),
]


CALIBRATION_PACKAGES = ("numpy", "scipy", "pandas", "pyarrow", "numba", "llvmlite")
CALIBRATION_DRAWING = ("report", "check")


@cache
def calibration_base():
    return calibration.base_setting(CONFIG.settings["paper"].model_dump())


def calibration_spec(step, **options):
    packages = CALIBRATION_PACKAGES + FIGURE_PACKAGES * (step in CALIBRATION_DRAWING)
    made_by = digest(f"sdposim.commands.calibration.{step}", packages=packages)
    return plan.canonical({"digest": made_by} | options)


def calibration_target_spec(wildcards):
    if wildcards.paper == calibration.PUBLISHED:
        return calibration_spec(
            "target", paper=wildcards.paper, tables=listed(published_tables(PUBLISHED))
        )
    return calibration_spec(
        "target",
        paper=wildcards.paper,
        base=calibration_base(),
        seed=CALIBRATION["seed"],
        generation=CALIBRATION["generations"] - 1,
    )


def calibration_held_out_numbers():
    return sorted([*number, value] for number, value in published_numbers(PUBLISHED).items())


def calibration_draws_spec(wildcards, **options):
    return calibration_spec(
        "draws",
        base=calibration_base(),
        first=int(wildcards.first),
        last=int(wildcards.last),
        seed=CALIBRATION["seed"],
        landscapes=CALIBRATION["landscapes"],
        **options,
    )


def calibration_paper_spec(step, wildcards, **options):
    return calibration_spec(
        step, options=calibration.sharpening(CALIBRATION), paper=wildcards.paper, **options
    )


def calibration_files(files):
    return [*files["draws"], *files["proposals"]]


def calibration_sharp_files(paper):
    return [
        calibration.target(paper),
        *calibration_files(calibration.sharpened(CALIBRATION, paper)),
    ]
