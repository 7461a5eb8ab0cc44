"""Rewards standardised within the batch: GRPO (arXiv 2402.03300, not opened)."""

import numpy as np

from sdposim.model import parts
from sdposim.model.numerics.jit import jit

COST = 0.03


class Settings(parts.Settings):
    """What `standardised` reads."""

    ddof: int = parts.field(
        1, "The SD of n rewards divides by n less this: 1 as in verl, the sample SD.", ge=0, le=1
    )
    epsilon: float = parts.field(
        1e-6, "What is added to the SD: 1e-6 as in verl, 1e-4 in TRL.", gt=0, le=1000
    )


@jit
def standardised(settings, rewards, mean, out):
    """(R_i - Rbar) / (SD + epsilon); 0 if all rewards are equal, as those of one rollout are.

    Neither the scale of the rewards nor an offset changes it, but for epsilon.
    """
    lowest = highest = rewards[0]
    squares = 0.0
    for i in range(rewards.size):
        out[i] = rewards[i] - mean
        squares += out[i] * out[i]
        lowest, highest = min(lowest, rewards[i]), max(highest, rewards[i])
    if lowest == highest:
        out[:] = 0.0  # where a rounded mean leaves something
        return
    divisor = np.sqrt(squares / (rewards.size - settings.ddof)) + settings.epsilon
    for i in range(rewards.size):
        out[i] /= divisor
