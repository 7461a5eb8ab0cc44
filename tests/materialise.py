"""The random numbers of a cell as arrays: what the kernel draws as it goes, for the oracle."""

import numpy as np

import reference
from sdposim.model.landscape import landscape_seeds, make_landscape
from sdposim.model.numerics import randomness
from sdposim.model.numerics.jit import compiled
from sdposim.model.numerics.randomness import Purpose, key
from sdposim.model.policy import initial_logits

normals, uniforms = compiled(randomness.normals), compiled(randomness.uniforms)


def arrays(setting: dict, seed: int) -> dict[str, np.ndarray]:
    """All randomness of a cell in the form that `reference.train` takes."""
    landscape = setting["landscape"]
    where = int(landscape_seeds(landscape, [seed])[0])
    steps, count = setting["training"]["steps"], setting["training"]["rollouts"]
    length = landscape["sequence_length"]
    drawn = make_landscape(landscape, where)
    half = (count + 1) // 2

    logits = initial_logits(setting, seed)
    if len(logits) > length:
        logits = logits.reshape(length, -1, logits.shape[1])
    uniform = np.empty((steps, length, count))
    uniforms(key(Purpose.ROLLOUTS, seed), 0, uniform.reshape(-1))
    noise = np.empty((steps, count))
    for step in range(steps):
        normals(key(Purpose.NOISE, seed), step * half, noise[step])
    estimates = np.empty((steps, length, count))
    for step, t in np.ndindex(steps, length):
        normals(key(Purpose.ESTIMATES, seed), (step * length + t) * half, estimates[step, t])
    return {
        "q": drawn.quality,
        "b": drawn.bigram,
        "target": drawn.target,
        "initial_logits": logits,
        "uniforms": uniform.transpose(0, 2, 1),
        "noise": noise,
        "hints": _hints(setting, key(Purpose.HINTS, seed), half),
        "estimates": estimates.transpose(0, 2, 1),
        "streams": lambda purpose: reference.stream_key(int(Purpose[purpose]), seed),
    }


def _hints(setting, hint_key, half):
    steps, count = setting["training"]["steps"], setting["training"]["rollouts"]
    length = setting["landscape"]["sequence_length"]
    vocabulary = setting["landscape"]["vocabulary_size"]
    options = setting["judge"]["normal"]
    per_position = vocabulary if options["shape"] == "token" else 1
    if options["draw"] == "fixed":
        hints = np.empty(length * per_position)
        normals(hint_key, 0, hints)
        hints = hints.reshape(length, per_position)
        return hints if options["shape"] == "token" else hints[:, 0]
    hints = np.empty((steps, length, per_position, count))
    for index in np.ndindex(steps, length, per_position):
        step, t, v = index
        first = ((step * length + t) * per_position + v) * half
        normals(hint_key, first, hints[index])
    hints = hints.transpose(0, 3, 1, 2)
    return hints if options["shape"] == "token" else hints[..., 0]
