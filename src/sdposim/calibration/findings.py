"""What an identification and a joint fit found, as tables of numbers."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from sdposim.analysis.published import Value, from_rows, matching
from sdposim.calibration import files
from sdposim.calibration.distance import Comparison
from sdposim.calibration.facts import BASELINES, METHODS, PARTS, WEIGHTS, Fact
from sdposim.calibration.facts import facts as facts_of
from sdposim.calibration.fit import parts_evidence, read_fitted, read_left_out
from sdposim.calibration.landscapes import FAMILIES, LEAD_LIST, LEAD_SEED, WRITTEN, lists
from sdposim.calibration.lists import DDOF, SIZE, Rewards, log_likelihood, predicted, random_sets
from sdposim.calibration.posterior import read_posteriors
from sdposim.calibration.preset import Candidates, Shown, read_candidates, read_shown
from sdposim.calibration.propose import Weighted
from sdposim.calibration.readings import READINGS, Tried, read_tried
from sdposim.calibration.search import DIRECTIONS, Refined, Scores, read_refined, read_scores
from sdposim.calibration.simulate import Linear
from sdposim.calibration.space import CENTRE, PARAMETERS, SPREAD, coordinates
from sdposim.calibration.streams import Stream, generator
from sdposim.storage.arrays import read_arrays

RANDOM_SETS = 200_000
ENDS = (0.05, 0.5, 0.95)
"""Of a 90% interval, with the median."""
DIGITS = 8
"""After the decimal point of what is found: its last bits are the linear algebra's of the machine,
and its figure is to be the same file on any machine."""
_Z90 = 1.6449
"""Half the width of a normal one, in SDs."""
COMPARABLE = 20.0
"""Log evidence that a reading may lack and still be asked how near it comes to a number."""
EARLIER = {
    "quality_sd": (0.689, 0.770, 0.846),
    "bigram_sd": (0.0113, 0.148, 0.364),
    "pattern_weight": (0.0066, 0.106, 0.510),
    "initial_logit_sd": (0.0993, 0.107, 0.116),
    "feedback_strength": (1.70, 1.94, 2.30),
    "hint_sd": (0.0749, 0.419, 0.648),
    "hybrid_threshold": (0.0243, 0.141, 0.822),
}
"""What this project inferred before: the calibration's report of November 2026 (commit 1eef545).

Setting -> 5% quantile, median and 95% quantile, from tables 1 to 3; and its preset."""
EARLIER_PRESET = {
    "quality_sd": 0.76,
    "bigram_sd": 0.3,
    "pattern_weight": 0.01,
    "initial_logit_sd": 0.11,
    "feedback_strength": 1.8,
    "hint_sd": 0.5,
    "hybrid_threshold": 0.15,
}


class Identified(NamedTuple):
    """What a report on an identification is made from.

    `options` are keys of the configuration's group, `published` figure 6's means and SDs by method,
    `lists` the `Lists` of each ddof.
    """

    options: dict
    scores: Scores
    families: pd.DataFrame
    refined: pd.DataFrame
    rewards: Rewards
    lists: list
    published: dict[str, np.ndarray]


def identified(options: dict, figure6: list) -> Identified:
    """Everything that an identification left.

    Args:
        options: keys of the configuration's group.
        figure6: rows of `facts.figure6_values`.

    Raises:
        Unusable: a file is damaged or foreign.
    """
    published = from_rows(figure6)
    scores, rewards = read_scores(), Rewards(**read_arrays([files.FIGURE6]))
    return Identified(
        options=options,
        scores=scores,
        families=families(scores),
        refined=refined_table(read_refined(options)),
        rewards=rewards,
        lists=judged_lists(rewards, published),
        published={
            method: np.array([value.value for value in matching(published, method=method)])
            for method in METHODS
        },
    )


def families(scores: Scores) -> pd.DataFrame:
    """A row per family: how many seeds, their evidence, and the rank of the suspected seed.

    Log evidence is relative to the best landscape of all.
    """
    top, rows = scores.total.max(), []
    for place, family in enumerate(FAMILIES):
        here = scores.family == place
        total, seeds = scores.total[here] - top, scores.seed[here]
        order = np.argsort(-total, kind="stable")
        lead = np.flatnonzero(seeds[order] == LEAD_SEED)
        rows.append(
            {
                "family": family.name,
                "seeds": len(seeds),
                "median": float(np.median(total)),
                "best": float(total[order[0]]),
                "best_seed": int(seeds[order[0]]),
                "lead": float(total[order][lead[0]]) if lead.size else np.nan,
                "lead_rank": int(lead[0]) + 1 if lead.size else 0,
            }
        )
    return pd.DataFrame(rows)


def refined_table(refined: Refined) -> pd.DataFrame:
    """A row per refined landscape, best first: evidence, distances and best settings.

    The readings of REINFORCE's direction are equally likely; the settings are those of the better.
    """
    rows = []
    keys = sorted(set(zip(refined.family.tolist(), refined.seed.tolist(), strict=True)))
    for place, seed in keys:
        here = np.flatnonzero((refined.family == place) & (refined.seed == seed))
        best = here[np.argmax(refined.log_evidence[here])]
        settings = {
            parameter.key: parameter.setting(value)
            for parameter, value in zip(PARAMETERS, refined.coordinates[best], strict=False)
        }
        total = np.logaddexp.reduce(refined.log_evidence[here]) - np.log(len(DIRECTIONS))
        rows.append(
            {
                "family": FAMILIES[place].name,
                "seed": seed,
                "log_evidence": float(total),
                "reading": DIRECTIONS[refined.reading[best]],
                "squared": float(refined.squared[best]),
                "prior": float(refined.prior[best]),
            }
            | settings
        )
    table = pd.DataFrame(rows).sort_values("log_evidence", ascending=False, kind="stable")
    table["log_evidence"] -= table["log_evidence"].max()
    return table.reset_index(drop=True)


class Lists(NamedTuple):
    """What figure 6 says about lists of seeds, for one ddof of its SD.

    Attributes:
        ddof: the divisor of the SD is the number of seeds less this.
        values: (methods, 2), mean and SD of the suspected list, under the best settings.
        squared: their squared distance from the published ones, in units of their scatter.
        log_likelihood: of the suspected list.
        as_good: how many of all sets of written seeds have at least its likelihood.
        sets: how many sets of written seeds there are.
        random: share of random sets of other seeds that have at least its likelihood.
        best: the best set of written seeds.
        probability: of the suspected list among all sets of written seeds, equally likely before.
    """

    ddof: int
    values: np.ndarray
    squared: float
    log_likelihood: float
    as_good: int
    sets: int
    random: float
    best: tuple[int, ...]
    probability: float


def judged_lists(rewards: Rewards, published: Sequence[Value]) -> list[Lists]:
    """Compare the suspected list with all sets of written seeds and with random sets.

    Args:
        rewards: what the step `figure6` leaves.
        published: the numbers of `facts.figure6_values`.
    """
    target = np.array([value.value for value in published]).reshape(-1, 2)
    rounding = np.array([value.variance for value in published]).reshape(-1, 2)
    of = (rounding, rewards.run_variance)
    known = rewards.seed[rewards.draw == 0].tolist()
    others = [seed for seed in known if seed not in WRITTEN]
    listed = lists(SIZE)
    written, pool = rewards.table(WRITTEN), rewards.table(others)
    random = random_sets(len(others), RANDOM_SETS)
    lead = np.array([[WRITTEN.index(seed) for seed in LEAD_LIST]])
    result = []
    for ddof in DDOF:
        own, among, by_chance = (
            log_likelihood(table, chosen, target, *of, ddof)
            for table, chosen in ((written, lead), (written, listed), (pool, random))
        )
        values = predicted(written[:1], lead, ddof)[0, 0]
        best = log_likelihood(written[:1], lead, target, *of, ddof)
        exact = log_likelihood(written[:1], lead, values, *of, ddof)
        result.append(
            Lists(
                ddof=ddof,
                values=values,
                squared=float(2 * (exact[0] - best[0])),
                log_likelihood=float(own[0]),
                as_good=int((among >= own[0] - 1e-9).sum()),
                sets=len(listed),
                random=float((by_chance >= own[0]).mean()),
                best=tuple(WRITTEN[place] for place in listed[np.argmax(among)]),
                probability=float(np.exp(own[0] - np.logaddexp.reduce(among))),
            )
        )
    return result


class Fitted(NamedTuple):
    """What a report on a joint fit is made from.

    `options` are keys of the configuration's group, `nearest` the smallest |z| of each published
    number over all readings that are not far from the best.
    """

    options: dict
    numbers: pd.DataFrame
    readings: pd.DataFrame
    settings: pd.DataFrame
    left_out: pd.DataFrame
    together: pd.DataFrame
    gain: dict[str, float]
    candidates: Candidates
    shown: Shown
    weights: Sequence[Value]
    nearest: pd.Series


def fitted(published: list, options: dict, weights: list) -> Fitted:
    """Everything that a joint fit left.

    Args:
        published, weights: rows of `facts.fitted_values` and of `facts.weight_values`.
        options: keys of the configuration's group.

    Raises:
        Unusable: a file is damaged or foreign.
    """
    _, linear = read_fitted()
    tried, known = read_tried(), read_posteriors()
    tested, shown, predictions = read_candidates(), read_shown(), read_left_out()
    values, facts = from_rows(weights), facts_of(from_rows(published))
    near = tried.log_evidence > tried.log_evidence[0] - COMPARABLE
    return Fitted(
        options=options,
        numbers=numbers(facts, shown),
        readings=readings(tried, linear, facts),
        settings=settings(known, tested),
        left_out=left_out(facts, values, predictions),
        together=together(facts, predictions),
        gain=gain(known),
        candidates=tested,
        shown=shown,
        weights=values,
        nearest=pd.Series(np.abs(tried.z[near]).min(axis=0)),
    )


def numbers(facts: Sequence[Fact], shown: Shown) -> pd.DataFrame:
    """A row per published number: what the preset gives, and equations 4 and 5 as printed.

    `sd` is that of what a single run prints, `z` published less reproduced in units of all errors.
    """
    about = ["source", "method", "feedback", "noise", "statistic", "value"]
    table = pd.DataFrame([[getattr(fact, name) for name in about] for fact in facts])
    table.columns = [*about[:-1], "published"]
    for place, name in enumerate(("paper", "as_printed")):
        table[name] = shown.predicted[place]
        table[f"{name}_sd"] = shown.sd[place]
        table[f"{name}_z"] = shown.z[place]
    return table


def readings(tried: Tried, linear: Linear, facts: Sequence[Fact]) -> pd.DataFrame:
    """A row per reading: its evidence less that of the fitted one, of all numbers and of parts."""
    comparison = Comparison(tuple(facts))
    fitted = {method: parts_evidence(linear, comparison, method) for method in BASELINES}
    rows = []
    for place, reading in enumerate(READINGS):
        base = fitted.get(reading.methods[0]) if reading.methods else None
        parts = tried.parts[place] - (np.nan if base is None else base)
        rows.append(
            {
                "question": reading.question,
                "reading": reading.name,
                "log_evidence": tried.log_evidence[place] - tried.log_evidence[0],
                "squared": tried.squared[place],
            }
            | dict(zip(PARTS, parts, strict=True))
        )
    return pd.DataFrame(rows)


def settings(
    posteriors: Mapping[str, tuple[Weighted, Weighted]], candidates: Candidates
) -> pd.DataFrame:
    """A row per setting and source: median and 90% interval.

    Args:
        posteriors: from `posterior.read_posteriors`.
        candidates: of which the preset is taken.
    """
    preset = candidates.values[candidates.chosen]
    result = {
        "prior": CENTRE + _Z90 * np.outer([-1, 0, 1], SPREAD),
        "tables": coordinates(posteriors["tables"][0].quantiles(ENDS)),
        "unidentified": coordinates(posteriors["all"][0].quantiles(ENDS)),
        "identified": coordinates(posteriors["all"][1].quantiles(ENDS)),
    }
    rows = []
    for place, parameter in enumerate(PARAMETERS):
        for source, ends in result.items():
            known = np.round(ends[:, place], DIGITS)
            rows.append((parameter.key, source, *map(parameter.setting, known)))
        rows.append((parameter.key, "earlier", *EARLIER[parameter.key]))
        rows.append(
            (parameter.key, "earlier preset", np.nan, EARLIER_PRESET[parameter.key], np.nan)
        )
        rows.append((parameter.key, "preset", np.nan, preset[place], np.nan))
    return pd.DataFrame(rows, columns=["setting", "source", "low", "median", "high"])


def left_out(
    facts: Sequence[Fact], weights: Sequence[Value], predictions: Mapping[str, np.ndarray]
) -> pd.DataFrame:
    """A row per number that was left out: published, predicted, 95% interval, inside or not.

    The interval is that of what would be read or printed, rounding and reading a figure included.

    Args:
        facts: all that are fitted.
        weights: figure 5's, see `facts.weight_values`.
        predictions: file name of the source -> predictions, (predictions, numbers).
    """
    rows, rng = [], generator(Stream.PREDICTED_NUMBERS)
    for name, source in files.LEFT_OUT.items():
        own = [fact for fact in facts if fact.source == source]
        errors = [fact.error for fact in own]
        values = [fact.value for fact in own]
        about = [(fact.method, fact.feedback, fact.noise, fact.statistic) for fact in own]
        if name in files.WITH_WEIGHTS:
            values += [weight.value for weight in weights]
            about += [("hybrid", "", 0.2, f"weight, {text}") for text, *_ in WEIGHTS]
            errors += [weight.variance for weight in weights]
        printed = predictions[name] + rng.normal(0.0, np.sqrt(errors), predictions[name].shape)
        low, median, high = np.quantile(printed, [0.025, 0.5, 0.975], axis=0)
        for place, value in enumerate(values):
            inside = bool(low[place] <= value <= high[place])
            ends = (median[place], low[place], high[place])
            rows.append((source, *about[place], value, *ends, inside))
    return pd.DataFrame(
        rows,
        columns=[
            "left_out", "method", "feedback", "noise", "statistic", "published", "predicted", "low",
            "high", "inside",
        ],
    )  # fmt: skip


def together(facts: Sequence[Fact], predictions: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """A row per source: the share of predictions that are as far from all others as the paper.

    Distance is in units of the predictions' covariance, which knows that numbers scatter together;
    predictions are rounded, or read off a figure, as the paper's numbers are.
    """
    rows, rng = [], generator(Stream.PREDICTED_SOURCES)
    for name, source in files.LEFT_OUT.items():
        values = np.array([fact.value for fact in facts if fact.source == source])
        if not values.size:
            continue
        errors = [fact.error for fact in facts if fact.source == source]
        exact = predictions[name][:, : values.size]
        predicted = exact + rng.normal(0.0, np.sqrt(errors), exact.shape)
        precision = np.linalg.inv(np.cov(exact.T) + np.diag(errors))
        offsets = np.vstack([values, predicted]) - predicted.mean(axis=0)
        squared = np.einsum("ki,ij,kj->k", offsets, precision, offsets)
        rows.append((source, values.size, squared[0], float((squared[1:] >= squared[0]).mean())))
    return pd.DataFrame(rows, columns=["left_out", "numbers", "squared", "farther"])


def gain(posteriors: Mapping[str, tuple[Weighted, Weighted]]) -> dict[str, float]:
    """Log evidence of the identified landscapes less that of any, by the numbers that count."""
    return {
        files.POSTERIORS[name]: known.log_evidence - unknown.log_evidence
        for name, (unknown, known) in posteriors.items()
    }
