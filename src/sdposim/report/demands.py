"""What tables and figures ask of their study, checked before anything is trained.

Drawing refuses the same studies, but only when all cells are trained and Snakemake has removed the
figure that was there. The workflow reads this at every start, so it loads neither pandas nor
Matplotlib; a test holds it and the figures together. Nor does it import the configuration, an edit
of which would then make all tables again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from sdposim.storage.errors import UserError


@dataclass(frozen=True)
class Demands:
    """What one kind of table or figure asks for.

    Attributes:
      published: patterns of the entries of the published values that it can show.
      most: how many of those, None for any number.
      single: the lists of a study of which it shows one value only.
      smooth: whether it shows smoothed rewards, for which every step must be logged.
      weight: whether it needs a method with a hybrid weight.
    """

    published: tuple[str, ...]
    most: int | None = None
    single: tuple[str, ...] = ("settings", "noise")
    smooth: bool = False
    weight: bool = False


TABLES = {
    kind: Demands((f"table*_{kind}",), most=1, single=())
    for kind in ("final_reward", "credit_correlation", "final_entropy")
}
FIGURES = {
    "learning_curves": Demands(("table1_final_reward",), smooth=True),
    "credit_bars": Demands(("table2_credit_correlation",)),
    "entropy": Demands(("table3_final_entropy", "figure3_initial_entropy")),
    "noise_robustness": Demands(
        ("figure4_reward_vs_noise", "figure4_credit_vs_noise", "table2_credit_correlation"),
        single=("settings",),
    ),
    "hybrid": Demands(("hybrid_at_noise_*",), smooth=True, weight=True),
    "landscapes": Demands(("figure6_multi_seed",)),
}
WEIGHTED = ("hybrid",)
"""The methods that have a hybrid weight."""


def check_config(config) -> None:
    """Check the tables and figures of a configuration, a `Config`.

    The published values of all studies are checked, and the studies to run: another one may be of a
    shape that its figures cannot show, as long as nobody draws them.

    Raises:
      UserError: names the table or figure, what is wrong, and what is allowed.
    """
    for name, study in config.studies.items():
        for group, kinds in (("tables", TABLES), ("figures", FIGURES)):
            for artefact, options in getattr(study, group).items():
                key = f"configuration key studies.{name}.{group}.{artefact}"
                demands = kinds[options.kind]
                check_published(demands, options.kind, options.published, f"{key}.published")
                if name in config.run:
                    _check_study(config, study, demands, f"{key}: kind {options.kind}")


def check_published(demands: Demands, kind: str, names: Iterable[str], key: str) -> None:
    """Check the entries of the published values that a table or figure is to show.

    Raises:
      UserError: an entry holds other numbers than this kind shows, or there are too many.
    """
    names = list(names)
    allowed = ", ".join(demands.published)
    for name in names:
        if not any(fnmatchcase(name, pattern) for pattern in demands.published):
            raise UserError(f"{key}: {name!r} is not allowed for kind {kind}; allowed: {allowed}")
    if demands.most is not None and len(names) > demands.most:
        raise UserError(
            f"{key}: {names!r} is not allowed for kind {kind}; allowed: at most {demands.most} of "
            f"{allowed}"
        )


def _check_study(config, study, demands: Demands, about: str) -> None:
    for field in demands.single:
        values = getattr(study, field)
        if len(values) > 1:
            raise UserError(
                f"{about} shows one value of {field}, but its study has {values!r}; allowed: one, "
                "so give each a study of its own"
            )
    if demands.smooth and config.log_steps != "all":
        raise UserError(
            f"{about} shows every step, but log_steps is {config.log_steps!r}; allowed: 'all', or "
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
    if demands.weight and not set(WEIGHTED) & set(study.methods):
        raise UserError(
            f"{about} shows a hybrid weight, but the methods are {study.methods!r}; allowed: "
            f"methods with {' or '.join(WEIGHTED)} among them"
        )
