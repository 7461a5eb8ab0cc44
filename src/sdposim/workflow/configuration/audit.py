"""What `snakemake claims` trains: the settings, methods, feedbacks and studies of the audit.

Which claim reads what is said in config/paper/claims.yaml.
"""

from sdposim.workflow.configuration.compositions import Feedback, Method, UpdateSettings
from sdposim.workflow.configuration.paper import AS_PRINTED, FIGURE6
from sdposim.workflow.configuration.settings import LandscapeSettings, Setting, TrainingSettings
from sdposim.workflow.configuration.studies import Study

STEPS = {
    "step_0_02": 0.02,
    "step_0_06": 0.06,
    "step_0_2": 0.2,
    "step_0_6": 0.6,
    "step_2": 2.0,
    "step_6": 6.0,
    "step_20": 20.0,
    "step_60": 60.0,
}
"""Learning rates, three and a half decades of them, the paper's among them."""
ONE_ROLLOUT = {f"one_rollout_{name.removeprefix('step_')}": rate for name, rate in STEPS.items()}
"""The same with a single rollout a step."""
LAMBDAS = {
    "lambda_0_0001": 0.0001,
    "lambda_0_001": 0.001,
    "lambda_0_03": 0.03,
    "lambda_0_1": 0.1,
    "lambda_0_3": 0.3,
    "lambda_1": 1.0,
}
METHODS = ["sdpo", "reinforce", "adv_weighted"]
FEEDBACKS = ["binary", "ordinal", "continuous", "critique"]
NOISE = [0.05, 0.1, 0.2, 0.3, 0.5]
UNITS = {"seeds": 1024, "seeds_per_job": 1024, "log_steps": "log_spaced"}
TUNED = {"seeds": 768, "seeds_per_job": 768, "log_steps": "summary"}
FOLLOWED = {**TUNED, "log_steps": "log_spaced"}
"""Where claims are about what happens when, C7 and C9."""
ANEW = {"seed": "each", "generator": "keyed"}
"""Landscapes from the distribution of equation 1, none of which anybody chose."""


def settings() -> dict[str, Setting]:
    """The paper's for many runs, that as printed, and those of landscapes drawn anew."""
    anew = LandscapeSettings(**ANEW)
    printed = UpdateSettings.model_validate(AS_PRINTED)
    one = TrainingSettings(rollouts=1)
    figure6 = LandscapeSettings(seed=FIGURE6)
    return {
        "recovered": Setting(),
        "printed": Setting(update=printed),
        "population": Setting(landscape=anew),
        "one_rollout": Setting(training=one),
        "printed_one_rollout": Setting(update=printed, training=one),
        "population_one_rollout": Setting(landscape=anew, training=one),
        "five": Setting(landscape=figure6),
        "printed_five": Setting(landscape=figure6, update=printed),
        **{
            name: Setting(
                landscape=anew,
                update=printed,
                training=TrainingSettings(learning_rate=rate, **changed),
            )
            for rates, changed in ((STEPS, {}), (ONE_ROLLOUT, {"rollouts": 1}))
            for name, rate in rates.items()
        },
    }


def methods() -> dict[str, Method]:
    """SDPO with other weights of the pull to the initial policy."""
    return {
        name: Method(
            label=f"SDPO, lambda {weight:g}",
            base="live",
            guidance="oracle",
            divergence="forward_kl",
            regulariser={"pull": {"weight": weight}},
        )
        for name, weight in LAMBDAS.items()
    }


def feedbacks() -> dict[str, Feedback]:
    """Feedback that says less, or whose quality varies."""
    gaussian = {"noise": "gaussian", "scale": "interval"}
    return {
        "binary_matched": Feedback(
            label="Binary, matched", noise="gaussian", scale="matched_threshold"
        ),
        "uninformative": Feedback(label="Uninformative", bias="uninformative", **gaussian),
        "shuffled": Feedback(label="Shuffled", bias="shuffled", **gaussian),
        "mixed": Feedback(label="Mixed quality", noise="mixed", scale="interval"),
    }


def studies() -> dict[str, Study]:
    """The paper's conditions in every scope, and those of the mechanisms."""
    judged = ["recovered", "printed", "population"]
    grids = {
        "": {"methods": METHODS, "feedbacks": FEEDBACKS},
        "_noise": {"methods": METHODS, "feedbacks": ["continuous"], "noise": NOISE},
        "_hybrid": {
            "methods": ["sdpo", "reinforce", "hybrid"],
            "feedbacks": ["continuous", "critique"],
            "noise": [0.2],
        },
    }
    made = {}
    for ending, grid in grids.items():
        made[f"claims{ending}"] = Study(settings=judged, **grid, **UNITS)
    for ending, grid in grids.items():
        options = TUNED if ending else FOLLOWED
        made[f"best_step{ending}"] = Study(settings=list(STEPS), **grid, **options)
    mechanisms = {
        "information": {
            "methods": ["sdpo"],
            "feedbacks": ["binary_matched", "uninformative", "shuffled"],
        },
        "lambda": {
            "methods": ["lambda_0_0001", "lambda_0_1", "lambda_1"],
            "feedbacks": ["continuous"],
        },
        "mixed_quality": {
            "methods": ["sdpo", "hybrid"],
            "feedbacks": ["mixed"],
            "noise": [0.0, 0.5],
        },
    }
    for name, grid in mechanisms.items():
        made[name] = Study(settings=judged, **grid, **UNITS)
        made[f"best_step_{name}"] = Study(settings=list(STEPS), **grid, **TUNED)
    averaging = {"methods": ["sdpo"], "feedbacks": ["continuous"], "noise": [0.0, 0.5]}
    return made | {
        "five": Study(
            settings=["five", "printed_five"],
            methods=METHODS,
            feedbacks=["continuous"],
            **{**UNITS, "seeds": 1000},
        ),
        "averaging": Study(
            settings=["one_rollout", "printed_one_rollout", "population_one_rollout"],
            **averaging,
            **UNITS,
        ),
        "best_step_averaging": Study(settings=list(ONE_ROLLOUT), **averaging, **TUNED),
    }
