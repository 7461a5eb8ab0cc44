"""What a critique adds to its scale: `(key, position, count, cosines, sines, quality, lanes, out)`.

Args:
    key: the cell's random key for hints, uint64 (2,).
    position: step * T + t, which numbers the draws.
    count: n, the number of rollouts.
    cosines, sines: (V * ceil(n / 2),), overwritten.
    quality: (V,), q at this position.
    lanes: how many columns to fill; those beyond n get q.
    out: (V, L), written: q - h, the guidance of each rollout's teacher.
"""
