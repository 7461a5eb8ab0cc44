"""Made-up frames of a calibration, near the published values: what the engine would write."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from sdposim.published import read_published

PUBLISHED = read_published(Path(__file__).parents[1] / "config" / "published.yaml")
# name: low, high, logarithmic, and the posterior's centre and SD in quantiles of the prior
PRIOR = {
    "quality_sd": ("SD of q", 0.4, 1.6, True, 0.4, 0.05),
    "bigram_sd": ("SD of b", 0.0, 0.8, False, 0.2, 0.1),
    "pattern_weight": ("alpha", 0.0, 2.0, False, 0.5, 0.6),
    "initial_logit_sd": ("SD of initial logits", 0.02, 0.4, True, 0.55, 0.02),
    "feedback_strength": ("beta", 0.4, 5.0, True, 0.7, 0.06),
    "hint_sd": ("SD of hints", 0.0, 1.5, False, 0.6, 0.15),
}
TAU = ("tau", 0.02, 1.0, True)
READINGS = {
    "ordinal_scale": {"fraction": 0.992, "unit": 0.008},
    "hint": {"rollout": 0.55, "fixed": 0.02, "position": 0.43},
    "correlation_steps": {"final": 0.86, "all": 0.14},
    "kl_on_baselines": {"True": 0.4, "False": 0.6},
    "clip": {"true": 0.5, "false": 0.5},
}
TOLERANCES = {"reward": 0.006, "entropy": 0.03, "correlation": 0.02}
SCATTER = {"reward": 0.004, "entropy": 0.006, "correlation": 0.012}
TABLES = {
    "reward": "table1_final_reward",
    "entropy": "table3_final_entropy",
    "correlation": "table2_credit_correlation",
}
FEEDBACKS = ("binary", "ordinal", "continuous", "critique")
KEYS = ("source", "statistic", "method", "feedback", "noise")
METHODS = ("sdpo", "reinforce", "adv_weighted")


def value(name, u):
    _, low, high, logarithmic = PRIOR[name][:4]
    return low * (high / low) ** u if logarithmic else low + (high - low) * u


def draws(count=4000, seed=1):
    rng = np.random.default_rng(seed)
    centres, sds = (np.array([entry[i] for entry in PRIOR.values()]) for i in (4, 5))
    # Drawn wider than the posterior, as importance sampling does, and a tenth from the prior.
    z = 1.3 * rng.standard_normal((count, len(PRIOR)))
    z[:, 4] = -0.9 * z[:, 0] + 0.44 * z[:, 4]  # a trade-off in the sharpness of the teacher
    u = np.where(rng.random((count, 1)) < 0.1, rng.random(z.shape), centres + sds * z)
    u = np.where((u > 0) & (u < 1), u, rng.random(z.shape))
    logs = -0.25 * np.sum(((u - centres) / sds) ** 2, axis=1)
    weight = np.exp(logs)
    frame = {"generation": np.arange(count) * 4 // count, "draw": np.arange(count)}
    frame |= {"landscape": rng.integers(0, 64, count)}
    frame |= {name: value(name, u[:, i]) for i, name in enumerate(PRIOR)}
    for name, shares in READINGS.items():
        if name != "clip":
            frame[name] = rng.choice(list(shares), count, p=list(shares.values()))
    frame |= {"distance": 30 - 2 * logs, "log_likelihood": logs, "weight": weight / weight.sum()}
    return pd.DataFrame(frame)


def posterior(frame, power=1.0):
    weight = frame["weight"].to_numpy()
    levels = np.array([0.05, 0.5, 0.95])
    parameters = {}
    for name, (symbol, low, high, logarithmic, *_) in PRIOR.items():
        found = np.quantile(frame[name], levels, weights=weight, method="inverted_cdf")
        u = np.log(found / low) / np.log(high / low) if logarithmic else (found - low) / high
        parameters[name] = {
            "symbol": symbol,
            "low": low,
            "high": high,
            "logarithmic": logarithmic,
            "prior": [float(value(name, level)) for level in levels],
            "posterior": found.tolist(),
            "width_ratio": float((u[2] - u[0]) / 0.9),
        }
    symbol, low, high, _ = TAU
    prior = (low * (high / low) ** levels).tolist()
    parameters["hybrid_threshold"] = {
        "symbol": symbol,
        "low": low,
        "high": high,
        "logarithmic": True,
        "prior": prior,
        "posterior": prior,
        "width_ratio": 1.0,
    }
    shares = frame.groupby("landscape")["weight"].sum().sort_values(ascending=False)
    best = frame.loc[frame["distance"].idxmin()].drop(["generation", "draw", "weight"]).to_dict()
    best.pop("log_likelihood")
    best |= {name: max(shares, key=shares.get) for name, shares in READINGS.items()}
    best.pop("clip")
    rounded = {name: round(best[name], 2) for name in PRIOR}
    return {
        "draws": len(frame),
        "generations": 4,
        "ess": float(1 / np.sum(weight**2)),
        "power": power,
        "threshold": 50.998,
        "admissible": 160,
        "explored": 4096,
        "climbs": 32,
        "runs": 16,
        "parameters": parameters,
        "readings": READINGS,
        "landscapes": {
            "size": 1024,
            "effective": float(np.exp(-np.sum(shares * np.log(shares)))),
            "top": [[int(seed), float(share)] for seed, share in shares.head(10).items()],
        },
        "preset": best | rounded | {"distance": 41.7, "unrounded": 41.0},
    }


def accepted(frame, count=200, admissible=160, seed=2):
    rng = np.random.default_rng(seed)
    rows = frame.sort_values("distance", ignore_index=True).head(count)
    rows = rows.drop(columns="log_likelihood").assign(
        rank=np.arange(len(rows)),
        hybrid_threshold=0.02 * 50 ** rng.random(len(rows)),
        clip=rng.random(len(rows)) < 0.5,
        admissible=np.arange(len(rows)) < admissible,
    )
    return rows


def published_tables():
    for statistic, entry in TABLES.items():
        for method, feedback in product(METHODS, FEEDBACKS):
            number = PUBLISHED[entry][method][feedback]
            magnitude = statistic == "correlation" and method == "reinforce"
            yield statistic, method, feedback, abs(number) if magnitude else number


def centre(statistic, method, feedback):
    """What the made-up settings predict: a baseline's four columns have one mean."""
    values = {(s, m, f): number for s, m, f, number in published_tables()}
    if method == "sdpo":
        return values[statistic, method, feedback] + 0.5 * SCATTER[statistic]
    return float(np.mean([values[statistic, method, name] for name in FEEDBACKS]))


def _numbers():
    for statistic, method, feedback, number in published_tables():
        about = ("tables", statistic, method, feedback, 0.0)
        yield *about, centre(statistic, method, feedback), SCATTER[statistic], number
    noises = PUBLISHED["figure4_reward_vs_noise"]["sdpo"]
    for method, noise in product(METHODS, noises):
        known = PUBLISHED["figure4_reward_vs_noise"][method][noise]
        usual = centre("reward", method, "continuous") - (0.02 * noise if method == "sdpo" else 0)
        yield "noise", "reward", method, "continuous", noise, usual, 0.004, known
        known = PUBLISHED["figure4_credit_vs_noise"].get(method, {}).get(noise, np.nan)
        usual = centre("correlation", method, "continuous")
        yield "noise", "correlation", method, "continuous", noise, usual, 0.012, known
    hybrid = PUBLISHED["hybrid_at_noise_0.2"]
    for feedback, method in product(("continuous", "critique"), ("hybrid", "sdpo", "reinforce")):
        for statistic, known in hybrid[feedback][method].items():
            spread = {"reward": 0.005, "entropy": 0.012}[statistic]
            yield "hybrid", statistic, method, feedback, 0.2, known + spread, spread, known
    for feedback in ("continuous", "critique"):
        starts = hybrid["alpha_figure"][f"start_{feedback}"]
        for statistic, usual, known in (
            ("weight_first", 0.96, starts),
            ("weight_low", 0.7, 0.67),
            ("weight_high", 0.99, 1.0),
        ):
            yield "hybrid", statistic, "hybrid", feedback, 0.2, usual, 0.02, known
    for method, known in PUBLISHED["figure6_multi_seed"].items():
        yield "multi_seed", "mean", method, "continuous", 0.0, known["mean"], 0.03, known["mean"]
        yield "multi_seed", "sd", method, "continuous", 0.0, 0.045, 0.012, known["sd"]


def predictions(ranks, seed=3):
    rng = np.random.default_rng(seed)
    rows, mean = [], 0.0
    for rank in ranks:
        for *about, usual, scatter, known in _numbers():
            # A baseline's four columns are one condition and have one mean.
            shared = about[0] == "tables" and about[2] != "sdpo" and about[3] != "binary"
            mean = mean if shared else usual + 0.5 * scatter * rng.standard_normal()
            run = mean + scatter * rng.standard_normal()
            if about[1].startswith("weight_"):
                mean, run = min(mean, 1.0), min(run, 1.0)
            rows.append((rank, *about, mean, run, known))
    names = ["rank", *KEYS, "mean", "run", "published"]
    return pd.DataFrame(rows, columns=names)


def preset_table(frame):
    """The preset is the best of the accepted draws, whose predictions `frame` holds."""
    rows = []
    for statistic, method, feedback, number in published_tables():
        found = frame.query(
            "source == 'tables' and statistic == @statistic and method == @method"
            " and feedback == @feedback"
        )
        misses = (found["mean"] - number).abs()
        mean = centre(statistic, method, feedback)
        tolerance = TOLERANCES[statistic]
        rows.append(
            {
                "statistic": statistic,
                "method": method,
                "feedback": feedback,
                "published": number,
                "mean": mean,
                "sd": SCATTER[statistic],
                "n": 64,
                "difference": mean - number,
                "tolerance": tolerance,
                "within": abs(mean - number) <= tolerance,
                "best_possible": misses.min(),
                "share": (misses <= tolerance).mean(),
            }
        )
    return pd.DataFrame(rows)


def check(papers=12, seed=4):
    rng = np.random.default_rng(seed)
    rows = []
    for paper in range(papers):
        ess = float(rng.uniform(40, 200))
        for i, (name, (*_, sd)) in enumerate(PRIOR.items()):
            truth = rng.uniform(0.1, 0.9)
            middle = np.clip(truth + sd * rng.standard_normal(), 0.05, 0.95)
            low, high = max(middle - 1.64 * sd, 0.0), min(middle + 1.64 * sd, 1.0)
            if paper == 3 and i == 0:
                low, high = truth + 0.03, truth + 0.13
            rows.append(
                {
                    "paper": paper,
                    "pool": paper % 2 == 0,
                    "parameter": name,
                    "truth": value(name, truth),
                    "low": value(name, low),
                    "high": value(name, high),
                    "u_truth": truth,
                    "u_low": low,
                    "u_high": high,
                    "inside": low <= truth <= high,
                    "ess": ess,
                }
            )
    return pd.DataFrame(rows)


def check_readings(papers=12, seed=5):
    rng = np.random.default_rng(seed)
    truths = {"ordinal_scale": "unit", "hint": "fixed", "correlation_steps": "all"}
    truths |= {"kl_on_baselines": "False", "landscape": "17"}
    strengths = {"landscape": 0.5, "kl_on_baselines": 1.5}
    return pd.DataFrame(
        [
            {
                "paper": paper,
                "reading": reading,
                "truth": truth,
                "probability": float(rng.beta(strengths.get(reading, 12), 1)),
            }
            for paper, (reading, truth) in product(range(papers), truths.items())
            if reading != "landscape" or paper % 2 == 0
        ]
    )


def everything():
    """Return draws, posterior, accepted, predictions and preset_table."""
    drawn = draws()
    nearest = accepted(drawn)
    predicted = predictions(nearest["rank"])
    return drawn, posterior(drawn), nearest, predicted, preset_table(predicted)
