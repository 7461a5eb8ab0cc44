# What each step of the joint fit depends on, see specs.smk.
from sdposim.jointfit import plan as joint
from sdposim.jointfit.facts import needed as joint_fit_needed
from sdposim.jointfit.figure5 import weights as joint_fit_weights
from sdposim.jointfit.readings import READINGS
from sdposim.presentation.jointfit import outputs as joint_fit_outputs

JOINT_FIT_READINGS = joint.readings(len(READINGS))
JOINT_FIT = CONFIG.joint_fit.model_dump()
JOINT_FIT_FILES = [
    *expand("reports/{file}", file=joint_fit_outputs.REPORT_FILES),
    *expand("reports/figures/{file}", file=joint_fit_outputs.FIGURE_FILES),
]
JOINT_FIT_POPULATION = [
    path for step in range(joint.STEPS) for path in joint.population(JOINT_FIT, step)
]


@cache
def joint_fit_published(taken=joint_fit_needed):
    try:
        return taken(PUBLISHED)
    except UserError as error:
        refuse_target(error)


def joint_fit_spec(step, /, *keys, **options):
    """What a step depends on: its code, the published numbers, some keys of the group, and more."""
    packages = IDENTIFICATION_PACKAGES + FIGURE_PACKAGES * (step == "report")
    return plan.canonical(
        {
            "digest": digest(f"sdposim.commands.jointfit.{step}", packages=packages),
            "published": joint_fit_published(),
        }
        | {key: JOINT_FIT[key] for key in keys}
        | options
    )


def joint_fit_runs(step, /, *keys, **options):
    """The same, for a step that simulates."""
    return joint_fit_spec(step, "runs", "slope_runs", *keys, **identification_runs(), **options)
