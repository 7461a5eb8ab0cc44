"""Adaptive importance sampling: where the next generation of draws is taken.

The proposal is a mixture: a share of the prior; around each of some chosen draws a normal kernel on
the same landscape; and a wider one on any landscape. Generations are pooled with weights prior /
(mean of all generations' proposals), the deterministic mixture of Cornuet, Marin, Mira and Robert,
"Adaptive multiple importance sampling", Scandinavian Journal of Statistics 39 (2012) 798-812.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

from sdposim.calibration.prior import on_grid

EXPLORING = (0.1, 0.6, 0.3)
SHARPENING = (0.02, 0.96, 0.02)
"""Shares of the prior, of kernels on the same landscape, and of kernels on any landscape."""


class Proposal(NamedTuple):
    """A mixture over (z, landscape).

    Attributes:
        centres: (components, parameters), in the coordinates z.
        landscapes: int64 (components,).
        weights: (components,), sum 1.
        same: (parameters, parameters), covariance of the kernels on the same landscape.
        any: likewise, of those on any landscape.
        size: how many landscapes there are.
        shares: (3,), `EXPLORING` or `SHARPENING`.
    """

    centres: np.ndarray
    landscapes: np.ndarray
    weights: np.ndarray
    same: np.ndarray
    any: np.ndarray
    size: int
    shares: np.ndarray


def draw(proposal: Proposal, seed: list[int]) -> tuple[np.ndarray, int]:
    """One draw, a function of its seed alone.

    Returns:
        z (parameters,), on the prior's grid, and the landscape.
    """
    rng = np.random.default_rng(seed)
    part = rng.choice(["prior", "same", "any"], p=proposal.shares)
    component = rng.choice(proposal.weights.size, p=proposal.weights)
    normal = rng.standard_normal(proposal.centres.shape[1])
    anywhere = int(rng.integers(proposal.size))
    if part == "prior":
        return on_grid(normal), anywhere
    kernel = np.linalg.cholesky(proposal.same if part == "same" else proposal.any)
    z = on_grid(proposal.centres[component] + kernel @ normal)
    return z, int(proposal.landscapes[component]) if part == "same" else anywhere


def log_density(proposal: Proposal, z: np.ndarray, landscapes: np.ndarray) -> np.ndarray:
    """Log of the mixture's density over the prior's, (draws,)."""
    prior = -0.5 * np.sum(z**2, axis=1)
    of_prior, of_same, of_any = np.log(proposal.shares)
    same = _log_kernel(proposal, z, proposal.same)
    same[landscapes[:, None] != proposal.landscapes[None, :]] = -np.inf
    anywhere = _log_kernel(proposal, z, proposal.any)
    parts = np.stack(
        [
            np.full(len(z), of_prior),
            of_same + np.log(proposal.size) + logsumexp(same, axis=1) - prior,
            of_any + logsumexp(anywhere, axis=1) - prior,
        ]
    )
    return logsumexp(parts, axis=0)


def _log_kernel(proposal, z, covariance):
    """Log weight + log density (without the common 2 pi) of each component at z, (draws, k)."""
    inverse = np.linalg.inv(np.linalg.cholesky(covariance))
    a, b = z @ inverse.T, proposal.centres @ inverse.T
    squared = np.sum(a**2, axis=1)[:, None] - 2 * a @ b.T + np.sum(b**2, axis=1)[None, :]
    return np.log(proposal.weights) - 0.5 * squared - 0.5 * np.linalg.slogdet(covariance)[1]
