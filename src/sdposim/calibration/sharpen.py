"""Where the sharp generations are drawn, with many runs of each draw.

The first is drawn around the modes that the climbs found. Population Monte Carlo moves the kernels
to where the posterior turned out to be, for each later one (Cappe, Douc, Guillin, Marin and Robert,
"Adaptive importance sampling in general mixture classes", Statistics and Computing 18 (2008)
447-459). All together are the posterior sample.
"""

import numpy as np
from scipy.special import logsumexp

from sdposim.calibration.climb import Mode
from sdposim.calibration.draws import Draws
from sdposim.calibration.posterior import Posterior, flattened
from sdposim.calibration.proposal import ANYWHERE, Proposal, log_kernels, mixture
from sdposim.calibration.search import kernel_scales

PRIOR_SHARE, ANYWHERE_SHARE = 0.02, 0.05
"""As in `search`: a defence against modes that no climb found."""
_KERNELS_WORTH = 16.0
"""The weights of the first generation's kernels are worth at least so many."""
_DRAWS_WORTH = 64.0
"""The kernels move by weights worth at least so many draws."""
_SHRINKAGE = 4.0
"""A kernel whose weight rests on so many draws moves halfway to their mean."""


def around(modes: list[Mode], size: int) -> Proposal:
    """A kernel around each mode, weighted by the posterior's mass there.

    Args:
        modes: where the climbs ended.
        size: how many landscapes there are.
    """
    evidence = np.array([mode.log_evidence for mode in modes])
    _, weights = flattened(evidence, min(_KERNELS_WORTH, len(modes)))
    return mixture(
        PRIOR_SHARE,
        ANYWHERE_SHARE,
        *_without_idle(
            weights,
            np.array([mode.z for mode in modes]),
            np.array([mode.landscape for mode in modes]),
            kernel_scales(np.array([mode.precision for mode in modes])),
        ),
        size,
    )


def adapted(proposal: Proposal, draws: Draws, posterior: Posterior) -> Proposal:
    """The proposal with kernels where its draws say that the posterior is.

    Args:
        proposal: the last generation's.
        draws: all sharp draws so far.
        posterior: those, weighed.
    """
    _, weights = flattened(posterior.log_importance, min(_DRAWS_WORTH, len(draws.z) / 2))
    logs = log_kernels(proposal, draws.z, draws.landscape)
    shares = weights[:, None] * np.exp(logs - logsumexp(logs, axis=1, keepdims=True))
    own = proposal.landscapes != ANYWHERE
    shares = shares[:, 1:][:, own]
    mass = np.maximum(shares.sum(axis=0), 1e-300)
    worth = mass**2 / np.maximum(np.sum(shares**2, axis=0), 1e-300)  # Kish's effective size
    pull = (worth / (worth + _SHRINKAGE))[:, None]
    moved = shares.T @ draws.z / mass[:, None]
    return mixture(
        PRIOR_SHARE,
        ANYWHERE_SHARE,
        *_without_idle(
            mass / mass.sum(),
            pull * moved + (1 - pull) * proposal.centres[own],
            proposal.landscapes[own],
            proposal.scales[own],
        ),
        proposal.size,
    )


def _without_idle(weights, *columns):
    """Kernels that no draw would ever be taken from are left out."""
    kept = weights > 1e-6 * weights.max()
    return weights[kept] / weights[kept].sum(), *(column[kept] for column in columns)
