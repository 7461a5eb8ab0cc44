# What each step of the joint fit depends on, see specs.smk.
from functools import partial

from sdposim.calibration.jointfit import plan as joint
from sdposim.calibration.jointfit.facts import chosen as joint_fit_numbers
from sdposim.calibration.jointfit.facts import weights as joint_fit_weights
from sdposim.calibration.jointfit.readings import READINGS
from sdposim.report.jointfit import outputs as joint_fit_outputs

JOINT_FIT_READINGS = joint.readings(len(READINGS))
JOINT_FIT = CONFIG.joint_fit.model_dump()
JOINT_FIT_FILES = [
    *expand("reports/{file}", file=joint_fit_outputs.REPORT_FILES),
    *expand("reports/figures/{file}", file=joint_fit_outputs.FIGURE_FILES),
]
JOINT_FIT_CHECK_FILES = [
    *expand("reports/{file}", file=joint_fit_outputs.CHECK_REPORT_FILES),
    *expand("reports/figures/{file}", file=joint_fit_outputs.CHECK_FIGURE_FILES),
]
JOINT_FIT_PAPERS = joint.papers(JOINT_FIT)
JOINT_FIT_POSTERIORS = [joint.posterior(name) for name in joint.POSTERIORS]
JOINT_FIT_SYNTHETIC = joint.synthetic(JOINT_FIT)


def joint_fit_spec(step, /, *keys, **options):
    """What a step depends on: its code, the published numbers, some keys of the group, and more."""
    packages = IDENTIFICATION_PACKAGES + FIGURE_PACKAGES * step.endswith("report")
    return plan.canonical(
        {
            "digest": paper.code_digest(f"sdposim.commands.jointfit.{step}", packages),
            "published": paper_rows(joint_fit_numbers),
        }
        | {key: JOINT_FIT[key] for key in keys}
        | options
    )


def joint_fit_runs(step, /, *keys, **options):
    """The same, for a step that simulates."""
    return joint_fit_spec(step, "runs", "slope_runs", *keys, **identification_runs(), **options)


def joint_fit_inference(step, /, **options):
    """The same, for a step that reads the papers at draws of the prior."""
    return joint_fit_spec(
        step, options={"papers": JOINT_FIT["papers"]}, **identification_runs(), **options
    )


def joint_fit_report():
    return joint_fit_spec(
        "report",
        options={key: JOINT_FIT[key] for key in ("runs", "papers")},
        weights=paper_rows(joint_fit_weights),
    )


def joint_fit_check_report():
    return joint_fit_spec("check_report", options={"synthetic": JOINT_FIT["synthetic"]})


def joint_fit_papers(**block):
    return joint_fit_spec("papers", **identification_runs(), **block)


JOINT_FIT_DRAWN = {
    path: partial(joint_fit_papers, **block) for path, block in JOINT_FIT_PAPERS.items()
}
JOINT_FIT_SEALED = JOINT_FIT_DRAWN | {
    joint.FITTED: partial(joint_fit_runs, "fitted"),
    joint.CANDIDATES: partial(joint_fit_runs, "candidates"),
    joint.PRESET: partial(joint_fit_runs, "preset"),
    **{
        path: partial(joint_fit_runs, "readings", **block)
        for path, block in JOINT_FIT_READINGS.items()
    },
    **{
        path: partial(joint_fit_runs, "left_out", "draws", left_out=name)
        for path, name in joint.left_out().items()
    },
    **{
        joint.posterior(name): partial(joint_fit_inference, "posterior", numbers=name)
        for name in joint.POSTERIORS
    },
}
JOINT_FIT_READ = {"joint_fit": JOINT_FIT, "analysis": CONFIG.analysis.model_dump()}
TARGETS["joint_fit"] = Target(
    name="joint_fit",
    configuration=JOINT_FIT_READ,
    sealed=JOINT_FIT_SEALED,
    shown=joint_fit_report,
    inputs=[path for path in JOINT_FIT_SEALED if path not in JOINT_FIT_DRAWN],
    files=JOINT_FIT_FILES,
)
TARGETS["joint_fit_check"] = Target(
    name="joint_fit_check",
    configuration=JOINT_FIT_READ,
    sealed=JOINT_FIT_DRAWN
    | {
        path: partial(joint_fit_inference, "synthetic", paper=number)
        for path, number in JOINT_FIT_SYNTHETIC.items()
    },
    shown=joint_fit_check_report,
    inputs=list(JOINT_FIT_SYNTHETIC),
    files=JOINT_FIT_CHECK_FILES,
)
