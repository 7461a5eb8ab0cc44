# What each step of the joint fit depends on, see specs.smk.
from functools import partial

from sdposim.calibration.readings import READINGS

JOINT_FIT_READINGS = calibrating.readings(len(READINGS))
JOINT_FIT = CONFIG.joint_fit.model_dump()
JOINT_FIT_PAPERS = calibrating.papers(JOINT_FIT)
JOINT_FIT_POSTERIORS = [calibrating.posterior(name) for name in calibrating.POSTERIORS]
JOINT_FIT_SYNTHETIC = calibrating.synthetic(JOINT_FIT)


def joint_fit_spec(step, /, *keys, **options):
    """What a step depends on: its code, the published numbers, some keys of the group, and more."""
    return plan.canonical(
        {
            "digest": calibration_digest(step),
            "published": paper_rows(facts.fitted_values),
        }
        | {key: JOINT_FIT[key] for key in keys}
        | options
    )


def joint_fit_runs(step, /, *keys, **options):
    """The same, for a step that simulates."""
    return joint_fit_spec(step, "runs", "slope_runs", *keys, **calibration_runs(), **options)


def joint_fit_inference(step, /, **options):
    """The same, for a step that reads the papers at draws of the prior."""
    return joint_fit_spec(
        step, options={"papers": JOINT_FIT["papers"]}, **calibration_runs(), **options
    )


def joint_fit_report():
    return joint_fit_spec(
        "joint_fit",
        options={key: JOINT_FIT[key] for key in ("runs", "papers")},
        weights=paper_rows(facts.weight_values),
    )


def joint_fit_check_report():
    return joint_fit_spec("joint_fit_check", options={"synthetic": JOINT_FIT["synthetic"]})


def joint_fit_papers(**block):
    return joint_fit_spec("papers", **calibration_runs(), **block)


JOINT_FIT_DRAWN = {
    path: partial(joint_fit_papers, **block) for path, block in JOINT_FIT_PAPERS.items()
}
JOINT_FIT_SEALED = JOINT_FIT_DRAWN | {
    calibrating.FITTED: partial(joint_fit_runs, "fitted"),
    calibrating.CANDIDATES: partial(joint_fit_runs, "candidates"),
    calibrating.PRESET: partial(joint_fit_runs, "preset"),
    **{
        path: partial(joint_fit_runs, "readings", **block)
        for path, block in JOINT_FIT_READINGS.items()
    },
    **{
        path: partial(joint_fit_runs, "left_out", "draws", left_out=name)
        for path, name in calibrating.left_out().items()
    },
    **{
        calibrating.posterior(name): partial(joint_fit_inference, "posterior", numbers=name)
        for name in calibrating.POSTERIORS
    },
}
JOINT_FIT_READ = {"joint_fit": JOINT_FIT, "analysis": CONFIG.analysis.model_dump()}
TARGETS["joint_fit"] = Target(
    name="joint_fit",
    configuration=JOINT_FIT_READ,
    sealed=JOINT_FIT_SEALED,
    shown=joint_fit_report,
    inputs=[path for path in JOINT_FIT_SEALED if path not in JOINT_FIT_DRAWN],
    files=CALIBRATION_FILES["joint_fit"],
    reporter="joint_fit_report",
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
    files=CALIBRATION_FILES["joint_fit_check"],
    reporter="joint_fit_check_report",
)
