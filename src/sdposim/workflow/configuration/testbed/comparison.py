"""Methods at the best of the audit's learning rates: all systems, and teachers that know less."""

from sdposim.workflow.configuration.audit import STEPS, TUNED
from sdposim.workflow.configuration.studies import Finding, Study
from sdposim.workflow.configuration.testbed.systems import SYSTEMS

RETROSPECTION = [
    "sdpo", "opsd", "sdft", "sdpo_peer", "sdpo_rich", "success_teacher", "srpo", "reinforce_judged",
    "rloo", "grpo", "dpo",
]  # fmt: skip
"""Teachers that know q, those that do not, and sequence methods."""


def studies() -> dict[str, Study]:
    """All systems under one feedback, some under all of the paper's."""
    some = {"settings": list(STEPS), "noise": [0.1], **{**TUNED, "seeds": 64}}
    return {
        "systems": Study(
            methods=["sdpo", *SYSTEMS],
            feedbacks=["continuous"],
            **some,
            testbed={"systems": Finding(kind="systems")},
        ),
        "retrospection": Study(
            methods=RETROSPECTION,
            feedbacks=["binary", "ordinal", "continuous", "critique"],
            **some,
            testbed={"retrospection": Finding(kind="retrospection")},
        ),
    }
