"""Studies in memory, for programs and notebooks: nothing is read or written but the kernel."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sdposim.analysis.logs import Log
from sdposim.analysis.policies import Policies
from sdposim.analysis.summaries import KEYS, Summary
from sdposim.model.cells import every_step, train_block, train_policies
from sdposim.model.landscape import Landscape
from sdposim.model.metrics import METRICS
from sdposim.report.demands import FIGURES, TABLES
from sdposim.report.labels import named
from sdposim.storage.errors import UserError
from sdposim.workflow import study as plan
from sdposim.workflow.configuration.load import merge
from sdposim.workflow.configuration.models import Config
from sdposim.workflow.configuration.validate import validate

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Part = str | Mapping[str, Any]
"""A method or a feedback: a name of the paper's, or a composition, see docs/extending.md."""


@dataclass(frozen=True)
class Results:
    """What a study gives.

    Attributes:
        cells: a row per cell: setting, method, feedback, noise, seed, and the metrics averaged
            over the last steps, see `analysis.final_window`.
        curves: a row per condition and step: n, and mean and SD over seeds of each metric.
        config: the configuration that was trained.
    """

    cells: pd.DataFrame
    curves: pd.DataFrame
    config: Config

    def table(self, kind: str = "final_reward") -> pd.DataFrame:
        """A table: method, feedback, reproduced, sd, n; setting and noise if there are several.

        Args:
            kind: `final_reward`, `credit_correlation` or `final_entropy`.

        Raises:
            UserError: there is no such kind.
        """
        from sdposim.report.tables import build_table

        _check_kind(kind, TABLES)
        with named(**plan.shown_names(self.config, [_STUDY], drawn=False)):
            return build_table(self.cells, kind).drop(columns=["published", "difference"])

    def figure(self, kind: str = "learning_curves", width: str = "double") -> "Figure":
        """A figure; a notebook shows it.

        Args:
            kind: `learning_curves`, `credit_bars`, `entropy`, `noise_robustness`, `hybrid` or
                `landscapes`.
            width: `double`, a page of two columns, or `single`, one of them.

        Raises:
            UserError: there is no such kind, or it cannot show this study.
        """
        from sdposim.report.figures import draw

        _check_kind(kind, FIGURES)
        landscape = self.config.settings[self.config.studies[_STUDY].settings[0]].landscape
        options = {"width": width, "vocabulary_size": landscape.vocabulary_size}
        if kind == "landscapes":
            options["landscapes"] = plan.listed_landscapes(landscape)
        with named(**plan.shown_names(self.config, [_STUDY], drawn=True)):
            return draw(kind, self.cells, self.curves, (), options)[0]


_STUDY = "grid"


def simulate(
    method: Part = "sdpo",
    feedback: Part = "continuous",
    noise: float = 0.0,
    seeds: int | Sequence[int] = 10,
    setting: Mapping[str, Any] | None = None,
    landscape: Landscape | None = None,
) -> pd.DataFrame:
    """Train cells of one method and feedback.

    Args:
        method: a name of the paper's, or a composition.
        feedback: likewise; a method that sees none ignores it.
        noise: sigma, the SD of the feedback noise, in units of reward.
        seeds: how many, counted from 0, or which.
        setting: keys that differ from the paper's, by group as in config/README.md, such as
            `{"training": {"steps": 100}}`.
        landscape: tables of one's own, from `sdposim.landscape`, instead of drawn ones; they say
            the sequences' length and the vocabulary's size.

    Returns:
        A row per seed and step: seed, step, reward, entropy (nats), credit_correlation,
        hybrid_weight, teacher_kl (nats); NaN where the method has no such metric.

    Raises:
        UserError: an argument is not allowed, or training left the finite numbers; it says which
            key, and what is allowed.
    """
    changes = {"paper": setting or {}}
    # What is averaged over a window here does not matter.
    config = _config([method], [feedback], [noise], seeds, changes, {"final_window": 1}, landscape)
    (log,) = (log for _, log in _train(config, landscape))
    rows = log.steps.size
    columns = {"seed": np.repeat(log.seeds, rows), "step": np.tile(log.steps, log.seeds.size)}
    values = log.values.reshape(-1, len(METRICS))
    return pd.DataFrame(columns | dict(zip(METRICS, values.T, strict=True)))


def policies(
    steps: Sequence[int],
    method: Part = "sdpo",
    feedback: Part = "continuous",
    noise: float = 0.0,
    seeds: int | Sequence[int] = 10,
    setting: Mapping[str, Any] | None = None,
    landscape: Landscape | None = None,
) -> pd.DataFrame:
    """The policies of the cells of `simulate` after numbers of steps.

    Args:
        steps: after which; 0 gives the initial policy.
        method, feedback, noise, seeds, setting, landscape: as in `simulate`.

    Returns:
        A row per seed, step, context and token: seed, step, position, previous, token, logit.
        `previous` is the token before, -1 where the policy does not ask for it.

    Raises:
        UserError: as in `simulate`.
    """
    changes = {"paper": setting or {}}
    config = _config(
        [method], [feedback], [noise], seeds, changes, {"final_window": 1}, landscape, steps
    )
    (condition,) = plan.conditions(config, _STUDY)
    settings = config.settings[condition.setting].model_dump()
    kept = config.studies[_STUDY].policies
    if not kept:
        raise UserError("steps: [] is not allowed; allowed: at least one number of steps")
    chosen = np.array(plan.seeds_of(config, _STUDY))
    cell = settings, *plan.parts_of(config, condition), condition.noise, chosen.tolist()
    with _sentences(condition):
        logits = np.concatenate(list(train_policies(*cell, kept, landscape=landscape)))
    length = settings["landscape"]["sequence_length"]
    return pd.DataFrame(Policies(chosen, np.array(kept), logits).columns(length))


def grid(
    methods: Sequence[str] | Mapping[str, Part] = ("sdpo", "reinforce", "adv_weighted"),
    feedbacks: Sequence[str] | Mapping[str, Part] = ("continuous",),
    noise: Sequence[float] = (0.0,),
    seeds: int | Sequence[int] = 10,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    analysis: Mapping[str, Any] | None = None,
    landscape: Landscape | None = None,
) -> Results:
    """Train every combination of methods, feedbacks, noise levels, seeds and settings.

    Args:
        methods: names of the paper's, or methods by names of one's own.
        feedbacks: likewise.
        noise: sigmas, in units of reward.
        seeds: how many, counted from 0, or which.
        settings: by name, the keys that differ from the paper's. Default: the paper's alone.
        analysis: keys of the group `analysis` that differ.
        landscape: as in `simulate`, for all settings.

    Raises:
        UserError: as in `simulate`.
    """
    chosen = settings or {"paper": {}}
    config = _config(methods, feedbacks, noise, seeds, chosen, analysis or {}, landscape)
    cells: list[pd.DataFrame] = []
    summary = Summary(config.analysis.model_dump(), cells.append)
    for condition, log in _train(config, landscape):
        summary.take(dict(zip(KEYS, condition, strict=True)), log)
    return Results(pd.concat(cells, ignore_index=True), summary.curves(), config)


def _check_kind(kind: str, known: Mapping[str, object]) -> None:
    if kind not in known:
        raise UserError(f"kind: {kind!r} is not allowed; allowed: {', '.join(known)}")


def _by_name(
    what: str, parts: Sequence[Part] | Mapping[str, Part], known: Mapping[str, Any]
) -> dict[str, Any]:
    """Methods or feedbacks as entries of a configuration; a lone composition is called `what`."""
    if isinstance(parts, str):
        raise UserError(f"{what}s: {parts!r} is not allowed; allowed: a list of names")
    if not isinstance(parts, Mapping):
        names = [part if isinstance(part, str) else what for part in parts]
        if len(set(names)) < len(names):
            raise UserError(
                f"{what}s: {names!r} holds a name twice; allowed: each once, and compositions by "
                "names of their own, as in {'mine': {...}}"
            )
        parts = dict(zip(names, parts, strict=True))
    made = {}
    for name, part in parts.items():
        if isinstance(part, str) and part not in known:
            raise UserError(
                f"{what}: {part!r} is not allowed; allowed: {', '.join(known)}, or a composition"
            )
        made[name] = known[part].model_dump() if isinstance(part, str) else dict(part)
    return made


def _config(
    methods: Sequence[Part] | Mapping[str, Part],
    feedbacks: Sequence[Part] | Mapping[str, Part],
    noise: Sequence[float],
    seeds: int | Sequence[int],
    settings: Mapping[str, Mapping[str, Any]],
    analysis: Mapping[str, Any],
    landscape: Landscape | None,
    kept: Sequence[int] = (),
) -> Config:
    paper = Config()
    base = paper.settings["paper"].model_dump()
    if landscape is not None:
        length, vocabulary = landscape.quality.shape
        base["landscape"] |= {"sequence_length": length, "vocabulary_size": vocabulary}
    own = {
        "methods": _by_name("method", methods, paper.methods),
        "feedbacks": _by_name("feedback", feedbacks, paper.feedbacks),
        "settings": {name: merge(base, changes) for name, changes in settings.items()},
    }
    study: dict[str, Any] = {group: list(entries) for group, entries in own.items()}
    study |= {"noise": list(noise), "seeds": seeds if isinstance(seeds, int) else list(seeds)}
    study["policies"] = list(kept)
    return validate(
        own
        | {
            "run": [_STUDY],
            "analysis": dict(analysis),
            "settings": {"paper": base} | own["settings"],
            "studies": {_STUDY: study},
        }
    )


def _train(
    config: Config, landscape: Landscape | None
) -> Iterator[tuple[tuple[str, str, str, float], Log]]:
    """The condition and the log of each block of cells."""
    for condition in plan.conditions(config, _STUDY):
        settings = config.settings[condition.setting].model_dump()
        parts = plan.parts_of(config, condition)
        seeds = plan.seeds_of(config, _STUDY)
        ends = every_step(settings["training"]["steps"])
        cell = condition.setting, condition.method, condition.feedback, condition.noise
        with _sentences(condition):
            blocks = train_block(
                settings, *parts, condition.noise, seeds, ends, landscape=landscape
            )
            logs = np.concatenate(list(blocks))
        yield cell, Log(np.array(seeds), ends, logs)


@contextmanager
def _sentences(condition: plan.Condition) -> Iterator[None]:
    """Errors of training as `UserError`."""
    try:
        yield
    except FloatingPointError as error:
        raise UserError(
            f"method {condition.method}, feedback {condition.feedback}: {error}"
        ) from None
    except ValueError as error:
        raise UserError(f"landscape: {error}") from None
