"""Synthetic papers, whose settings are known, and how well the method finds them.

Their settings are draws of the prior. The landscape of an even one is of a seed that people write,
drawn as the paper's probably was; that of an odd one is of no program that is searched. Figure 6 is
left out of them: each would need a search for five landscapes.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sdposim.calibration.distance import Comparison, any_landscapes
from sdposim.calibration.distance import paper as paper_of
from sdposim.calibration.fit import posterior, settled
from sdposim.calibration.landscapes import PLAIN, WRITTEN
from sdposim.calibration.posterior import Inference, Paper, chosen, inference
from sdposim.calibration.propose import Weighted
from sdposim.calibration.simulate import Simulator
from sdposim.calibration.space import FITTED, PARAMETERS, coordinates, rounded, standardised
from sdposim.calibration.streams import Numbered, numbered

NONE = -1
"""Stands for a landscape that no written seed draws."""
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
WAYS = ("any", "given", "sought")
"""On any landscape; on the true one; and on those of written seeds or any, as the evidence says."""
_TRUTHS = 4 * 10**7
"""Number of the first paper's runs, less one, see `distance.paper`."""
_RUNS, _SLOPE_RUNS = 16, 4
"""Of a condition, on each landscape that is searched."""
_SETTLED = 8
"""Landscapes whose best settings are sought."""
_STEPS = 3
"""Linearisations on each of them, the first of which every landscape has."""
_REFINED = 2
"""Landscapes whose posterior is found by simulated papers."""
_NEGLECTED = 25.0
"""Log evidence that a landscape may lack to the best and still be one of these."""
_IN_POOL = 0.5
"""Prior probability that the landscape is a written seed's."""


class Truth(NamedTuple):
    """A synthetic paper.

    Attributes:
        paper: its numbers.
        point: (parameters,), its standardised settings.
        simulator: on its landscape.
        seed: of its landscape, or `NONE`.
    """

    paper: Paper
    point: np.ndarray
    simulator: Simulator
    seed: int


def draw(method: Inference, number: int) -> Truth:
    """A synthetic paper, a function of its number; rounding and reading are normal errors."""
    rng = numbered(Numbered.SYNTHETIC, number)
    point = rounded(coordinates(rng.normal(size=len(PARAMETERS))))
    simulator = any_landscapes(method.simulator, _TRUTHS + number)
    seed = NONE
    if number % 2 == 0:
        seed = int(rng.choice(WRITTEN))
        simulator = simulator._replace(seeds=(seed,), family=PLAIN)
    facts = chosen(method.facts, "landscape")
    values = paper_of(simulator, facts, point, _TRUTHS + number)
    values += rng.normal(size=len(facts)) * np.sqrt([fact.error for fact in facts])
    return Truth(Paper(number, facts, values), standardised(point), simulator, seed)


def search(method: Inference, paper: Paper, known: Weighted, seeds=WRITTEN) -> np.ndarray:
    """Log evidence of the landscapes of seeds, by Laplace's approximation, (seeds,).

    As in the identification, each landscape has derivatives of its own: those of an average one
    miss the truth. All begin at the mean of the posterior on any landscape, where one linearisation
    tells most of them from the best, whose best settings are then sought.
    """
    rows = zip(paper.facts, paper.values, strict=True)
    comparison = Comparison(tuple(fact._replace(value=float(value)) for fact, value in rows))
    kept = np.ones(len(paper.facts), bool)
    point = rounded(coordinates(known.mean))
    simulators = [
        method.simulator._replace(seeds=(seed,), family=PLAIN, runs=_RUNS, slope_runs=_SLOPE_RUNS)
        for seed in seeds
    ]
    begun = [own.linear(point, comparison.conditions, FITTED.changes) for own in simulators]
    result = np.array([posterior(own, comparison, kept).log_evidence for own in begun])
    for place in _best(result, _SETTLED):
        fit, _ = settled(
            simulators[place], FITTED, comparison, kept, begun[place], limit=_STEPS,
            report=lambda text, seed=seeds[place]: method.report(f"landscape {seed}, {text}"),
        )  # fmt: skip
        result[place] = fit.log_evidence
    return result


def _best(values: np.ndarray, count: int) -> np.ndarray:
    return np.argsort(-values, kind="stable")[:count]


class Sought(NamedTuple):
    """What is believed of the landscape.

    Attributes:
        draws: of the standardised settings, whatever the landscape.
        seeds: `NONE`, then the written seeds that explain the paper best.
        probabilities: of these; the others' are neglected.
        log_evidence: of these; -inf where it is neglected, too.
    """

    draws: Weighted
    seeds: tuple[int, ...]
    probabilities: np.ndarray
    log_evidence: np.ndarray


def seek(method: Inference, truth: Truth, known: Weighted, given: Weighted) -> Sought:
    """The posterior with the landscape sought among those of written seeds, or none of them.

    Args:
        method: of inference.
        truth: the synthetic paper.
        known: the posterior on any landscape.
        given: that on the true one, which is not simulated again where the search finds it.
    """
    rough = search(method, truth.paper, known)
    order = _best(rough, _REFINED)
    best = [WRITTEN[place] for place in order]
    parts = [known]
    for place, seed in zip(order, best, strict=True):
        if rough[place] < rough.max() - _NEGLECTED:
            parts.append(known._replace(log_evidence=-np.inf))
        elif seed == truth.seed:
            parts.append(given)
        else:
            simulator = method.simulator._replace(seeds=(seed,), family=PLAIN)
            parts.append(method.on_given(truth.paper, simulator, known))
    evidence = np.array([part.log_evidence for part in parts])
    prior = np.array([1 - _IN_POOL, *[_IN_POOL / len(WRITTEN)] * len(best)])
    return Sought(*_mixed(parts, np.log(prior) + evidence, (NONE, *best)), evidence)


def _mixed(parts: Sequence[Weighted], log_weights: np.ndarray, seeds):
    probabilities = np.exp(log_weights - np.logaddexp.reduce(log_weights))
    draws = np.concatenate([part.draws for part in parts])
    weights = np.concatenate(
        [share * part.weights for share, part in zip(probabilities, parts, strict=True)]
    )
    total = float(np.logaddexp.reduce(log_weights))
    return Weighted(draws, weights, total, 1 / np.sum(weights**2)), seeds, probabilities


def synthetic(
    published: list, base: dict, window: int, options: dict, paper: int
) -> dict[str, np.ndarray]:
    """The step `synthetic`: a paper, how the method finds it, and what is true."""
    method = inference(published, base, window, options)
    truth = draw(method, paper)
    known = method.on_any(truth.paper)
    given = method.on_given(truth.paper, truth.simulator, known)
    sought = seek(method, truth, known, given)
    row = {
        "number": paper,
        "seed": truth.seed,
        "truth": truth.point,
        "candidates": np.array(sought.seeds),
        "probabilities": sought.probabilities,
        "log_evidence": sought.log_evidence,
        "given_log_evidence": given.log_evidence,
    }
    for way, draws in zip(WAYS, (known, given, sought.draws), strict=True):
        row[f"{way}_ranks"] = draws.ranks(truth.point)
        row[f"{way}_quantiles"] = draws.quantiles(LEVELS)
        row[f"{way}_worth"] = draws.worth
    return {name: np.array([value]) for name, value in row.items()}
