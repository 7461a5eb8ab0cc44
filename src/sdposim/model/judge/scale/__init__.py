"""The feedback f of what a judge observed: `(observed, values, weights, places)`.

A method depends on a rollout only through f (and its hint), so rollouts with the same quantised
feedback share one teacher.

Args:
    observed: (n,), noisy rewards.
    values: (L,), L >= n, zeros; written: the distinct feedback values.
    weights: (L,), zeros; written: the number of rollouts with that value.
    places: uint64 (n,), written by a scale with `LEVELS`: which of the values each rollout has;
        (0,) where nobody asks. Without levels rollout i has value i.

Returns:
    How many entries of `values` can have weight: the number of levels, or n.
"""
