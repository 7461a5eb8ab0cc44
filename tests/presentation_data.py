"""Synthetic cells and curves shaped like a study's summaries, near the published values."""

import numpy as np
import pandas as pd

FINAL_REWARD = {"sdpo": 0.645, "reinforce": 0.511, "adv_weighted": 0.516, "hybrid": 0.628}
CORRELATION = {"sdpo": 0.75, "reinforce": 0.32, "adv_weighted": -0.08, "hybrid": 0.74}
ENTROPY = {"sdpo": 1.70, "reinforce": 2.074, "adv_weighted": 2.073, "hybrid": 1.83}
SHIFT = {"binary": -0.05, "ordinal": -0.02, "continuous": 0.0, "critique": 0.02}


def study(
    methods=("sdpo", "reinforce", "adv_weighted"),
    feedbacks=("binary", "ordinal", "continuous", "critique"),
    noises=(0.0,),
    seeds=10,
    steps=300,
    window=15,
    setting="paper",
    spread=0.004,
):
    """Return (cells, curves) of a made-up study."""
    rng = np.random.default_rng(1)
    cells, curves = [], []
    for method in methods:
        for feedback in feedbacks:
            for noise in noises:
                about = {
                    "setting": setting,
                    "method": method,
                    "feedback": feedback,
                    "noise": noise,
                }
                run = _runs(rng, method, feedback, noise, seeds, steps, spread)
                cells += [
                    about | {"seed": seed} | {m: v[seed, -20:].mean() for m, v in run.items()}
                    for seed in range(seeds)
                ]
                curves.append(_curve(about, run, seeds, steps, window))
    return pd.DataFrame(cells), pd.concat(curves, ignore_index=True)


def _runs(rng, method, feedback, noise, seeds, steps, spread):
    grown = 1 - np.exp(-np.arange(steps) / 120)
    learns = method not in ("reinforce", "adv_weighted")
    shift = SHIFT.get(feedback, 0.03) if learns else 0.0
    own = spread * rng.standard_normal((seeds, 1))

    def noisy(size):
        return size * rng.standard_normal((seeds, steps))

    reward = 0.505 + (FINAL_REWARD.get(method, 0.57) - 0.505 - 0.03 * noise) * grown / 0.9
    entropy = 2.0755 + (ENTROPY.get(method, 1.95) - 2.0755 + shift) * grown / 0.9
    weight = np.full((seeds, steps), np.nan)
    if method == "hybrid":
        weight = 0.9 - 0.25 * grown + noisy(0.03)
    return {
        "reward": reward + own + noisy(0.015),
        "credit_correlation": CORRELATION.get(method, 0.5) + shift - 0.1 * noise + noisy(0.02),
        "entropy": entropy + noisy(0.003),
        "hybrid_weight": weight,
        "teacher_kl": 0.2 + noisy(0.01) if learns else weight,
        "judged": reward + noisy(0.02) if learns else weight,
    }


def _curve(about, run, seeds, steps, window):
    smooth = pd.DataFrame(run["reward"].T).rolling(window).mean().to_numpy().T
    curve = {"step": np.arange(1, steps + 1), "n": seeds}
    for metric, values in (run | {"reward_smoothed": smooth}).items():
        curve[f"{metric}_mean"] = values.mean(axis=0)
        sd = values.std(axis=0, ddof=1) if seeds > 1 else np.full(steps, np.nan)
        curve[f"{metric}_sd"] = sd
    return pd.DataFrame(about | curve)
