"""A judge who mixes up the rollouts."""

from sdposim.model.numerics.jit import jit


@jit
def shuffled(landscape, key, step, work, rewards, observed):
    """Each rollout is taken for the next one, the last for the first, with noise of its own.

    Rollouts are independent and alike, so that this is as good as a random order of them. Teachers
    of a factored policy are averaged over all rollouts, so that it learns the same from them.
    """
    for i in range(observed.size):
        other = i + 1 if i + 1 < observed.size else 0
        observed[i] = rewards[other] + (observed[i] - rewards[i])
