"""The paper in the configuration: its settings, methods, feedbacks and studies, by name."""

from sdposim.model import paper
from sdposim.report import labels
from sdposim.workflow.configuration.compositions import Feedback, Method, UpdateSettings
from sdposim.workflow.configuration.settings import LandscapeSettings, Setting
from sdposim.workflow.configuration.studies import Figure, Study, Table

FIGURE6 = [42, 137, 256, 512, 1024]
"""The seeds of figure 6's landscapes: likely, not certain (reports/identification.md)."""
AS_PRINTED = {
    "sequence": {"direction": "printed"},
    "quality_share": {"direction": "printed", "mean": "policy"},
}
"""Equations 4 and 5 as the paper prints them."""


def methods() -> dict[str, Method]:
    """Sections 2.3 to 2.5."""
    return _named(Method, labels.METHODS, paper.METHODS)


def feedbacks() -> dict[str, Feedback]:
    """Section 2.2."""
    return _named(Feedback, labels.FEEDBACKS, paper.FEEDBACKS)


def settings() -> dict[str, Setting]:
    """The paper's, that of figure 6, and that with equations 4 and 5 as printed."""
    return {
        "paper": Setting(),
        "landscapes": Setting(landscape=LandscapeSettings(seed=FIGURE6)),
        "as_printed": Setting(update=UpdateSettings.model_validate(AS_PRINTED)),
    }


def studies() -> dict[str, Study]:
    """The studies of the paper, and one with equations 4 and 5 as printed."""
    baselines = ["sdpo", "reinforce", "adv_weighted"]
    tables = {
        "table1": Table(kind="final_reward", published=["table1"]),
        "table2": Table(kind="credit_correlation", published=["table2"]),
        "table3": Table(kind="final_entropy", published=["table3"]),
    }
    return {
        "comparison": Study(
            methods=baselines,
            feedbacks=["binary", "ordinal", "continuous", "critique"],
            reproduces=["table1", "table2", "table3", "figure3"],
            tables=tables,
            figures={
                "figure1": Figure(kind="learning_curves", published=["table1"]),
                "figure2": Figure(kind="credit_bars", published=["table2"]),
                "figure3": Figure(kind="entropy", published=["table3", "figure3"]),
            },
        ),
        "noise": Study(
            methods=baselines,
            feedbacks=["continuous"],
            noise=[0.0, 0.05, 0.1, 0.2, 0.3, 0.5],
            reproduces=["figure4", "section3.4"],
            figures={
                # The paper's figure 4 cuts off negative correlations; table 2 has them.
                "figure4": Figure(kind="noise_robustness", published=["figure4", "table2"])
            },
        ),
        "hybrid": Study(
            methods=["sdpo", "reinforce", "hybrid"],
            feedbacks=["continuous", "critique"],
            noise=[0.2],
            reproduces=["figure5", "section3.5"],
            figures={"figure5": Figure(kind="hybrid", published=["figure5", "section3.5"])},
        ),
        "multi_seed": Study(
            settings=["landscapes"],
            methods=baselines,
            feedbacks=["continuous"],
            seeds=50,
            reproduces=["figure6"],
            figures={"figure6": Figure(kind="landscapes", published=["figure6"], ddof=0)},
        ),
        "as_printed": Study(
            settings=["as_printed"],
            methods=["reinforce", "adv_weighted"],
            feedbacks=["binary", "ordinal", "continuous", "critique"],
            tables={
                f"{name}_as_printed": Table(kind=table.kind, published=table.published)
                for name, table in tables.items()
            },
        ),
    }


def _named(model: type, called: dict[str, dict], composed: dict[str, dict]) -> dict:
    return {name: model(**called[name], **chosen) for name, chosen in composed.items()}
