"""What `snakemake mechanisms` trains: why claims hold or fall, one study for each question.

Most landscapes are drawn anew. Cells of the setting `population` are those of `snakemake claims`.
"""

from math import sqrt

from sdposim.workflow.configuration.audit import ANEW, FEEDBACKS, FOLLOWED, METHODS, STEPS, UNITS
from sdposim.workflow.configuration.compositions import (
    Feedback,
    JudgeSettings,
    Method,
    UpdateSettings,
)
from sdposim.workflow.configuration.paper import AS_PRINTED
from sdposim.workflow.configuration.settings import LandscapeSettings, Setting, TrainingSettings
from sdposim.workflow.configuration.studies import Mechanism, Study

BATCHES = (8, 32, 128, 512, 2048)
RATES = {"rate_0_002": 0.002, "rate_0_2": 0.2, "rate_2": 2.0}
ERRORS = {
    "estimate_0": 0.0,
    "estimate_0_5": 0.5,
    "estimate_1": 1.0,
    "estimate_2": 2.0,
    "estimate_4": 4.0,
    "estimate_8": 8.0,
    "estimate_none": 1000.0,
}
"""SDs of the error of a teacher's estimate of q, whose own SD is 1."""
THRESHOLDS = {
    "tau_0_05": 0.05,
    "tau_0_1": 0.1,
    "tau_0_15": 0.15,
    "tau_0_2": 0.2,
    "tau_0_3": 0.3,
    "tau_0_5": 0.5,
}
TEACHERS = {
    "sdpo_fixed": ("fixed", "fixed"),
    "sdpo_averaged": ("averaged", {"ema": {"rate": 0.05}}),
}
"""SDPO with a teacher that is not the present policy: what a reader calls it, and its base."""
UPHILL = {"reinforce": "reinforce_uphill", "adv_weighted": "adv_weighted_uphill"}
LAMBDAS = ["lambda_0_0001", "lambda_0_001", "sdpo", "lambda_0_03", "lambda_0_1", "lambda_0_3",
           "lambda_1"]  # fmt: skip


def settings() -> dict[str, Setting]:
    """By question, see `studies`."""
    anew = LandscapeSettings(**ANEW)
    printed = UpdateSettings.model_validate(AS_PRINTED)
    long = TrainingSettings(steps=3000)
    unclipped = JudgeSettings.model_validate({"interval": {"clip": False}})
    return {
        **{f"batch_{size}": Setting(training=TrainingSettings(rollouts=size)) for size in BATCHES},
        **{
            name: Setting(training=TrainingSettings(learning_rate=rate))
            for name, rate in RATES.items()
        },
        **{name: _estimate(anew, error) for name, error in ERRORS.items()},
        "long": Setting(landscape=anew, training=long),
        "long_printed": Setting(landscape=anew, training=long, update=printed),
        "noisy": Setting(landscape=anew),
        "noisy_unclipped": Setting(landscape=anew, judge=unclipped),
        **{
            name: Setting(
                landscape=anew,
                update=UpdateSettings.model_validate({"gate": {"threshold": threshold}}),
            )
            for name, threshold in THRESHOLDS.items()
        },
    }


def _estimate(landscape: LandscapeSettings, error: float) -> Setting:
    """A teacher with q + error as its guidance, as strong as the one that knows q.

    A fixed hint for each token is such an error; the strength makes up for its variance.
    """
    return Setting(
        landscape=landscape,
        judge=JudgeSettings.model_validate({"normal": {"sd": error, "draw": "fixed"}}),
        update=UpdateSettings.model_validate(
            {"oracle": {"strength": round(2 / sqrt(1 + error**2), 6)}}
        ),
    )


def methods() -> dict[str, Method]:
    """The baselines as printed, beside those of the setting; SDPO with other teachers' bases."""
    share = {"quality_share": AS_PRINTED["quality_share"]}
    sequence = {"sequence": AS_PRINTED["sequence"]}
    common = {"advantage": "batch_mean", "regulariser": "pull"}
    taught = {"guidance": "oracle", "divergence": "forward_kl", "regulariser": "pull"}
    return {
        "reinforce_uphill": Method(label="REINFORCE, as printed", credit=sequence, **common),
        "adv_weighted_uphill": Method(label="Adv-Weighted, as printed", credit=share, **common),
        **{
            name: Method(label=f"SDPO, {label} teacher", base=base, **taught)
            for name, (label, base) in TEACHERS.items()
        },
    }


def feedbacks() -> dict[str, Feedback]:
    """Critiques with other hints."""
    hints = {
        "critique_position": ("Hint a position", {"shape": "position"}),
        "critique_loud": ("Hints of SD 0.4", {"sd": 0.4}),
        "critique_louder": ("Hints of SD 0.8", {"sd": 0.8}),
        "critique_fixed": ("Hints drawn once", {"draw": "fixed"}),
    }
    return {
        name: Feedback(label=label, noise="gaussian", scale="interval", hints={"normal": changed})
        for name, (label, changed) in hints.items()
    }


def studies() -> dict[str, Study]:
    """One for each question."""
    some = {"seeds_per_job": 512, "log_steps": "log_spaced"}
    return {
        "sign": Study(
            settings=[*(f"batch_{size}" for size in BATCHES), *RATES],
            methods=[*UPHILL, *UPHILL.values()],
            feedbacks=["continuous"],
            seeds=128,
            **some,
            mechanisms=_told("sign"),
        ),
        "hints": Study(
            settings=["population"],
            methods=["sdpo"],
            feedbacks=[
                "continuous",
                "critique_position",
                "critique",
                "critique_loud",
                "critique_louder",
                "critique_fixed",
            ],
            mechanisms=_told("hints"),
            **UNITS,
        ),
        "sharpness": Study(
            settings=["population"],
            methods=["sdpo"],
            feedbacks=[*FEEDBACKS, "binary_matched"],
            mechanisms=_told("sharpness"),
            **UNITS,
        ),
        "estimates": Study(
            settings=list(ERRORS),
            methods=["sdpo"],
            feedbacks=["continuous", "uninformative", "shuffled", "critique"],
            seeds=256,
            **some,
            mechanisms=_told("estimates"),
        ),
        "step_sizes": Study(
            settings=list(STEPS),
            methods=[*METHODS, "hybrid"],
            feedbacks=["continuous"],
            mechanisms=_told("step_sizes"),
            **FOLLOWED,
        ),
        "share": Study(
            settings=list(STEPS),
            methods=METHODS,
            feedbacks=["continuous"],
            policies=[0, 2, 5, 10, 20, 40, 70, 100, 150, 200, 250, 300],
            mechanisms=_told("share"),
            **{**FOLLOWED, "seeds": 64},
        ),
        "convergence": Study(
            settings=["long", "long_printed"],
            methods=[*METHODS, *TEACHERS],
            feedbacks=["binary", "continuous", "critique"],
            seeds=256,
            **some,
            mechanisms=_told("convergence"),
        ),
        "crossover": Study(
            settings=["noisy", "noisy_unclipped"],
            methods=["sdpo", "reinforce"],
            feedbacks=["continuous"],
            noise=[0.0, 0.5, 1.0, 2.0, 3.0, 5.0],
            seeds=512,
            **some,
            mechanisms=_told("crossover"),
        ),
        "gate": Study(
            settings=list(THRESHOLDS),
            methods=["sdpo", "reinforce", "hybrid"],
            feedbacks=["continuous", "critique", "mixed"],
            noise=[0.2],
            seeds=256,
            **some,
            mechanisms=_told("gate"),
        ),
        "frontier": Study(
            settings=["population"],
            methods=LAMBDAS,
            feedbacks=["continuous"],
            mechanisms=_told("frontier"),
            **UNITS,
        ),
    }


def _told(kind: str) -> dict[str, Mechanism]:
    return {kind: Mechanism(kind=kind)}
