"""Gaussian hints, section 2.3: what a critique says of each token, and gets wrong."""

from typing import Literal

from sdposim.model import parts
from sdposim.model.numerics.jit import jit
from sdposim.model.numerics.randomness import normal_pairs, normals

COST = 1.6


class Settings(parts.Settings):
    """What `normal` reads."""

    sd: float = parts.field(
        0.2, "SD of the critique's hints h. Not in the paper; by the joint fit.", ge=0, le=1000
    )
    shape: Literal["token", "position"] = parts.field(
        "token",
        "One hint per token and position, or one per position as the paper's h_t reads (which "
        "cannot change a softmax teacher).",
    )
    draw: Literal["rollout", "fixed"] = parts.field(
        "rollout",
        "Draw hints afresh for every rollout and step, or once per cell. Not in the paper; likely "
        "by the joint fit.",
    )


PER_TOKEN = Settings.code("shape", "token")
PER_ROLLOUT = Settings.code("draw", "rollout")


@jit
def normal(settings, key, position, count, cosines, sines, quality, lanes, out):
    """q - h with each rollout's own hints h ~ N(0, sd^2).

    The hints of rollouts 0..n-1 for one (step, t, v), or one (step, t), are an array as `normals`
    fills it; those of a position are drawn in one go.
    """
    half = (count + 1) // 2
    per_token = settings.shape == PER_TOKEN
    rows = quality.size if per_token else 1
    normal_pairs(key, position * rows * half, cosines[: rows * half], sines[: rows * half])
    for v in range(quality.size):
        # Slices, whose indices start at zero: a sum that may be negative is one that may wrap
        # round, which costs gathers and scatters.
        row, first = out[v], (v * half if per_token else 0)
        own, others, later = cosines[first:], sines[first:], row[half:]
        for i in range(half):
            row[i] = quality[v] - settings.sd * own[i]
        for i in range(count - half):
            later[i] = quality[v] - settings.sd * others[i]
        for i in range(count, lanes):
            row[i] = quality[v]


@jit
def draw_fixed(settings, key, deviates, hints):
    """Standard normal hints (T, V) that last a whole run, alike within a position if scalar.

    `deviates` (T * V,) are overwritten.
    """
    length, vocabulary = hints.shape
    per_token = settings.shape == PER_TOKEN
    rows = vocabulary if per_token else 1
    normals(key, 0, deviates[: length * rows])
    for t in range(length):
        for v in range(vocabulary):
            hints[t, v] = deviates[t * rows + (v if per_token else 0)]
