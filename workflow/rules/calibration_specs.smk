# What each step of the calibration depends on, see specs.smk.
from sdposim.calibration import plan as calibration
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


@cache
def calibration_base():
    return calibration.base_setting(CONFIG.settings["paper"].model_dump())


def calibration_spec(step, **options):
    reporting = "_report" if step in ("report", "check") else ""
    made_by = digest(f"sdposim.commands.calibration{reporting}", packages=CALIBRATION_PACKAGES)
    return plan.canonical({"digest": made_by} | options)


def calibration_target_spec(wildcards):
    if wildcards.paper == calibration.PUBLISHED:
        return calibration_spec("target", paper=wildcards.paper, published=PUBLISHED)
    return calibration_spec(
        "target",
        paper=wildcards.paper,
        base=calibration_base(),
        seed=CALIBRATION["seed"],
        generation=CALIBRATION["generations"],
    )


def calibration_draws_spec(wildcards):
    generation = int(wildcards.generation)
    options = calibration.sampling(CALIBRATION, generation)
    return calibration_spec(
        "draws",
        base=calibration_base(),
        generation=generation,
        first=int(wildcards.first),
        last=int(wildcards.last),
        seed=options["seed"],
        landscapes=options["landscapes"],
        runs=options["runs"],
    )


def calibration_last_generation():
    last = calibration.last_generation(CALIBRATION)
    return [
        calibration.target(calibration.PUBLISHED),
        calibration.proposal(last),
        *calibration.blocks(CALIBRATION, last),
    ]


def calibration_files(files):
    return [*files["draws"], *files["proposals"]]
