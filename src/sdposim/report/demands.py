"""What tables and figures ask of their study, checked before anything is trained.

Drawing refuses the same studies, but only when all cells are trained and Snakemake has removed the
figure that was there. The workflow reads this at every start, so it loads neither pandas nor
Matplotlib; a test holds it and the figures together. Nor does it import the configuration, an edit
of which would then make all tables again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sdposim.analysis.published import Value
from sdposim.storage.errors import UserError


@dataclass(frozen=True)
class Demands:
    """What one kind of table or figure asks for.

    Attributes:
      marks: quantity and statistic of the values of the paper that it can show.
      single: the lists of a study of which it shows one value only.
      smooth: whether it shows smoothed rewards, for which every step must be logged.
      weight: whether it needs a method with a hybrid weight.
    """

    marks: tuple[tuple[str, str], ...]
    single: tuple[str, ...] = ("settings", "noise")
    smooth: bool = False
    weight: bool = False


_REWARD, _CREDIT = ("reward", "final"), ("credit_correlation", "final")
_ENTROPY = ("entropy", "final")
_WEIGHT = tuple(("hybrid_weight", name) for name in ("initial", "minimum", "maximum"))
TABLES = {
    "final_reward": Demands((_REWARD,), single=()),
    "credit_correlation": Demands((_CREDIT,), single=()),
    "final_entropy": Demands((_ENTROPY,), single=()),
}
FIGURES = {
    "learning_curves": Demands((_REWARD,), smooth=True),
    "credit_bars": Demands((_CREDIT,)),
    "entropy": Demands((_ENTROPY, ("entropy", "initial"))),
    "noise_robustness": Demands((_REWARD, _CREDIT), single=("settings",)),
    "hybrid": Demands((_REWARD, *_WEIGHT), smooth=True, weight=True),
    "landscapes": Demands((("reward", "mean"), ("reward", "sd"))),
}


@dataclass(frozen=True)
class Question:
    """What one kind of mechanism asks.

    Attributes:
      text: the question, which is the title of its page.
      marks: as of `Demands`: the values of the paper that its page shows.
    """

    text: str
    marks: tuple[tuple[str, str], ...] = ()


MECHANISMS = {
    "sign": Question("Which way were the baselines trained?", (_CREDIT, _REWARD)),
    "hints": Question(
        "Is critique different from continuous feedback?", (_REWARD, _ENTROPY, _CREDIT)
    ),
    "sharpness": Question(
        "Does the credit correlation tell information or sharpness?", (_ENTROPY,)
    ),
    "estimates": Question("What does SDPO learn from: feedback, or the teacher's knowledge of q?"),
    "step_sizes": Question("How much of SDPO's lead is its step size?"),
    "share": Question("What share of the possible gain does each method get, and how far away?"),
    "convergence": Question("When does each method converge?"),
    "crossover": Question("How much noise brings SDPO down to REINFORCE?"),
    "gate": Question("What does the hybrid's gate do?"),
    "frontier": Question("Is regularisation a better way to diversity than fewer steps?"),
}
"""Kind -> what it asks, of pages in reports/mechanisms/; see `report.mechanisms`."""
TESTBED = {
    "systems": Question("How do the systems compare, each at its best step size?"),
    "retrospection": Question("Does retrospection help without an oracle?"),
    "sizes": Question("Do systems keep their order at other sizes, and without factored policies?"),
    "large_size": Question("Who leads at a large size, and with which step?"),
    "biased_judges": Question("Which methods withstand a judge that errs?"),
    "diversity": Question("At equal reward, who finds more distinct good sequences?"),
}
"""Likewise, of pages in reports/testbed/; see `report.testbed`."""


def check_config(config, values: Sequence[Value]) -> None:
    """Check the tables and figures of a configuration; a run and `plan` both ask this.

    What all studies show of the paper is checked, and the studies to run: another one may be of a
    shape that its figures cannot show, as long as nobody draws them.

    Args:
      config: a `Config`.
      values: all values of the paper.

    Raises:
      UserError: names the table or figure, what is wrong, and what is allowed.
    """
    places = dict.fromkeys(value.where for value in values if value.statistic)
    for name, study in config.studies.items():
        for place in study.reproduces:
            if place not in places:
                raise UserError(
                    f"configuration key studies.{name}.reproduces: {place!r} is not allowed; "
                    f"allowed: {', '.join(places)}"
                )
        for group, kinds in (("tables", TABLES), ("figures", FIGURES)):
            for artefact, options in getattr(study, group).items():
                key = f"configuration key studies.{name}.{group}.{artefact}"
                demands = kinds[options.kind]
                _check_published(options, showable(demands, values), f"{key}.published")
                if name in config.run:
                    _check_study(config, study, demands, f"{key}: kind {options.kind}")


def marked(kinds: dict, kind: str, places: Iterable[str], values: Iterable[Value]) -> list[Value]:
    """The values of the paper that a table or figure shows, those of its first place first.

    Args:
      kinds: `TABLES` or `FIGURES`.
      kind: one of them.
      places: tables, figures and sections of the paper.
      values: all values of the paper.
    """
    shown = showable(kinds[kind], values)
    return [value for place in places for value in shown if value.where == place]


def showable(demands: Demands | Question, values: Iterable[Value]) -> list[Value]:
    """The values of the paper that a kind can show, wherever they stand."""
    return [value for value in values if (value.quantity, value.statistic) in demands.marks]


def _check_published(options, shown: list[Value], key: str) -> None:
    allowed = dict.fromkeys(value.where for value in shown)
    for place in options.published:
        if place not in allowed:
            raise UserError(
                f"{key}: {place!r} is not allowed for kind {options.kind}; allowed: "
                f"{', '.join(allowed)}"
            )


def _check_study(config, study, demands: Demands, about: str) -> None:
    for field in demands.single:
        values = getattr(study, field)
        if len(values) > 1:
            raise UserError(
                f"{about} shows one value of {field}, but its study has {values!r}; allowed: one, "
                "so give each a study of its own"
            )
    log_steps = study.log_steps or config.log_steps
    if demands.smooth and log_steps != "all":
        raise UserError(
            f"{about} shows every step, but log_steps is {log_steps!r}; allowed: 'all', or "
            "leave the figure out"
        )
    if demands.smooth:
        steps = min(config.settings[setting].training.steps for setting in study.settings)
        window = config.analysis.smoothing_window
        if window > steps:
            raise UserError(
                f"{about} shows smoothed rewards, but analysis.smoothing_window is {window}; "
                f"allowed: 1 to the {steps} training steps"
            )
    weighted = [name for name, method in config.methods.items() if "blend" in method.composition]
    if demands.weight and not set(weighted) & set(study.methods):
        raise UserError(
            f"{about} shows a hybrid weight, but the methods are {study.methods!r}; allowed: "
            f"methods with {' or '.join(weighted) or 'a blend'} among them"
        )
