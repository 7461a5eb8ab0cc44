"""Other sizes, and autoregressive policies: the same systems at 16 sizes, and at a large one."""

from itertools import product

from sdposim.workflow.configuration.audit import ANEW
from sdposim.workflow.configuration.settings import (
    LandscapeSettings,
    PolicySettings,
    Setting,
    TrainingSettings,
)
from sdposim.workflow.configuration.studies import Finding, Study

VOCABULARIES = (4, 8, 16, 32)
LENGTHS = (4, 6, 8, 12)
POLICIES = {"": "position", "_chain": "previous_token"}
"""What names of settings say of a policy, and its context."""
RATES = (0.02, 2.0, 6.0, 20.0, 60.0)
"""The paper's, and half decades from 2 on."""
LARGE = (1024, 128)
LARGE_RATES = (0.02, 20.0, 200.0)
METHODS = ["sdpo", "reinforce_judged", "grpo"]


def settings() -> dict[str, Setting]:
    """A setting for each size, policy and learning rate, and for each rate of the large size."""
    made = {
        _name(f"v{vocabulary}_t{length}{ending}", rate): _setting(vocabulary, length, context, rate)
        for vocabulary, length, (ending, context), rate in product(
            VOCABULARIES, LENGTHS, POLICIES.items(), RATES
        )
    }
    return made | {_name("large", rate): _setting(*LARGE, "position", rate) for rate in LARGE_RATES}


def _name(size: str, rate: float) -> str:
    return f"{size}_step_{rate:g}".replace(".", "_")


def _setting(vocabulary: int, length: int, context: str, rate: float) -> Setting:
    return Setting(
        landscape=LandscapeSettings(vocabulary_size=vocabulary, sequence_length=length, **ANEW),
        policy=PolicySettings(context=context),
        training=TrainingSettings(learning_rate=rate),
    )


def studies() -> dict[str, Study]:
    """The sizes, and the large one, of which a cell takes seconds and few seeds must do."""
    some = {
        "methods": METHODS,
        "feedbacks": ["continuous"],
        "noise": [0.1],
        "log_steps": "summary",
    }
    large = [_name("large", rate) for rate in LARGE_RATES]
    return {
        "sizes": Study(
            settings=[name for name in settings() if name not in large],
            seeds=48,
            seeds_per_job=48,
            **some,
            testbed={"sizes": Finding(kind="sizes")},
        ),
        "large_size": Study(
            settings=large,
            seeds=4,
            seeds_per_job=2,
            **some,
            testbed={"large_size": Finding(kind="large_size")},
        ),
    }
