"""Where draws are taken: a mixture over settings and landscapes, its draws and its density.

Kernels are multivariate t distributions, whose tails are heavier than those of a posterior, so that
no draw can have an enormous importance weight. Generations are pooled with weights prior / (mean of
all generations' proposals), the deterministic mixture of Cornuet, Marin, Mira and Robert, "Adaptive
multiple importance sampling", Scandinavian Journal of Statistics 39 (2012) 798-812.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import gammaln, logsumexp

from sdposim.calibration.files import arrays, plain, read_json, write_json
from sdposim.calibration.prior import on_grid

ANYWHERE = -1
"""Stands for a landscape drawn from the pool."""
_FREEDOM = 6.0
"""Degrees of freedom of the kernels."""


class Proposal(NamedTuple):
    """A mixture over (z, landscape): the prior, and kernels on one landscape or on any.

    Attributes:
        prior: the share of the prior.
        weights: (kernels,), sum 1.
        centres: (kernels, parameters), in the coordinates z.
        landscapes: int64 (kernels,), `ANYWHERE` for all of them alike.
        scales: (kernels, parameters, parameters), scale matrices of the t distributions.
        size: how many landscapes there are.
    """

    prior: float
    weights: np.ndarray
    centres: np.ndarray
    landscapes: np.ndarray
    scales: np.ndarray
    size: int


def draw(proposal: Proposal, seed: list[int]) -> tuple[np.ndarray, int]:
    """One draw, a function of its seed alone.

    Returns:
        z (parameters,), on the prior's grid, and the landscape.
    """
    rng = np.random.default_rng(seed)
    from_prior = rng.random() < proposal.prior
    kernel = rng.choice(proposal.weights.size, p=proposal.weights)
    normal = rng.standard_normal(proposal.centres.shape[1])
    stretch = np.sqrt(_FREEDOM / rng.chisquare(_FREEDOM))
    anywhere = int(rng.integers(proposal.size))
    if from_prior:
        return on_grid(normal), anywhere
    root = np.linalg.cholesky(proposal.scales[kernel])
    z = on_grid(proposal.centres[kernel] + stretch * (root @ normal))
    landscape = int(proposal.landscapes[kernel])
    return z, anywhere if landscape == ANYWHERE else landscape


def log_kernels(proposal: Proposal, z: np.ndarray, landscapes: np.ndarray) -> np.ndarray:
    """Log of what each part adds to the mixture's density over the prior's.

    Returns:
        (draws, 1 + kernels), the prior's share first; -inf where a kernel has another landscape.
    """
    count, parameters = z.shape
    log_prior = -0.5 * (np.sum(z**2, axis=1) + parameters * np.log(2 * np.pi))
    half = 0.5 * (_FREEDOM + parameters)
    norm = gammaln(half) - gammaln(0.5 * _FREEDOM) - 0.5 * parameters * np.log(_FREEDOM * np.pi)
    found = np.full((count, 1 + len(proposal.weights)), -np.inf)
    found[:, 0] = np.log(proposal.prior)
    for k, landscape in enumerate(proposal.landscapes):
        anywhere = landscape == ANYWHERE
        here = np.arange(count) if anywhere else np.flatnonzero(landscapes == landscape)
        root = np.linalg.cholesky(proposal.scales[k])
        away = np.linalg.solve(root, (z[here] - proposal.centres[k]).T)
        log_kernel = norm - np.sum(np.log(np.diag(root)))
        log_kernel = log_kernel - half * np.log1p(np.sum(away**2, axis=0) / _FREEDOM)
        share = np.log(proposal.weights[k]) + np.log1p(-proposal.prior)
        share += 0.0 if anywhere else np.log(proposal.size)
        found[here, k + 1] = share + log_kernel - log_prior[here]
    return found


def log_density(proposal: Proposal, z: np.ndarray, landscapes: np.ndarray) -> np.ndarray:
    """Log of the mixture's density over the prior's, (draws,)."""
    return logsumexp(log_kernels(proposal, z, landscapes), axis=1)


def pooled(z: np.ndarray, landscapes: np.ndarray, proposals: list[Proposal | None]) -> np.ndarray:
    """Log density over the prior's, (draws,), of draws of some generations taken together.

    Args:
        z, landscapes: draws of these generations, in equal numbers.
        proposals: of each generation, None for the prior.
    """
    sampled = [
        np.zeros(len(z)) if proposal is None else log_density(proposal, z, landscapes)
        for proposal in proposals
    ]
    return logsumexp(sampled, axis=0) - np.log(len(sampled))


def mixture(
    prior: float,
    anywhere: float,
    weights: np.ndarray,
    centres: np.ndarray,
    landscapes: np.ndarray,
    scales: np.ndarray,
    size: int,
) -> Proposal:
    """Kernels on landscapes of their own, and one as wide as all of them on any landscape.

    Args:
        prior: the share of the prior.
        anywhere: the share of the wide kernel among the kernels.
        weights: (kernels,), sum 1, of those on landscapes of their own.
        centres, landscapes, scales, size: as in `Proposal`.
    """
    centre = weights @ centres
    spread = (centres - centre).T * weights @ (centres - centre)
    spread = 1.5 * (spread + np.einsum("k,kpq->pq", weights, scales))
    return Proposal(
        prior,
        np.append(weights * (1 - anywhere), anywhere),
        np.vstack([centres, centre]),
        np.append(landscapes, ANYWHERE),
        np.concatenate([scales, spread[None]]),
        size,
    )


def from_anywhere(proposal: Proposal) -> Proposal:
    """Of a mixture, the kernels on any landscape alone."""
    kept = proposal.landscapes == ANYWHERE
    weights = proposal.weights[kept]
    return Proposal(
        0.0,
        weights / weights.sum(),
        proposal.centres[kept],
        proposal.landscapes[kept],
        proposal.scales[kept],
        proposal.size,
    )


def write_proposal(path: str, proposal: Proposal) -> None:
    """Write a proposal; JSON keeps every bit of a float."""
    write_json(path, plain(proposal))


def read_proposal(path: str) -> Proposal:
    """Read what `write_proposal` wrote."""
    return Proposal(**arrays(read_json(path)))
