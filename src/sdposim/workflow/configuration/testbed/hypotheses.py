"""What `snakemake hypotheses` trains: what each reads is in config/testbed/hypotheses.yaml.

Methods differ in one part from each other, so that a difference is that part's. Cells that
`systems` and `retrospection` have are theirs.
"""

from sdposim.workflow.configuration.audit import ANEW, STEPS, TUNED
from sdposim.workflow.configuration.compositions import Feedback, Method, UpdateSettings
from sdposim.workflow.configuration.paper import AS_PRINTED
from sdposim.workflow.configuration.settings import (
    LandscapeSettings,
    PolicySettings,
    Setting,
    TrainingSettings,
)
from sdposim.workflow.configuration.studies import Study

SEEDS = 96
BEST = {"settings": list(STEPS), **{**TUNED, "seeds": SEEDS}}
RATES = (0.02, 0.042, 0.08, 0.2, 0.6, 2.0, 6.0)
EQUAL = {f"equal_{rate}".replace(".", "_"): rate for rate in RATES}
"""Learning rates at which methods are compared as they stand, and what undoes their slowness."""
FIXED = {"seeds": SEEDS, "seeds_per_job": 768, "log_steps": "log_spaced"}
LONG = {"long_0_06": 0.06, "long_0_2": 0.2, "long_0_6": 0.6, "long_2": 2.0}
"""Learning rates of ten times the paper's steps."""
FEW = {"few_0_2": 0.2, "few_0_6": 0.6, "few_2": 2.0, "few_6": 6.0, "few_20": 20.0}
"""Those of a quarter of the paper's rollouts."""
MANY = {"many_0_2": 0.2, "many_0_6": 0.6, "many_2": 2.0, "many_6": 6.0, "many_20": 20.0}
"""And of four times as many."""
CHAIN = {"chain_0_2": 0.2, "chain_0_6": 0.6, "chain_2": 2.0, "chain_6": 6.0, "chain_20": 20.0}
"""Those of autoregressive policies."""
CHAINS = {
    "chain_t4": {"sequence_length": 4},
    "chain_t12": {"sequence_length": 12},
    "chain_bigram": {"bigram_sd": 0.8},
}
"""Other landscapes for these, with the rate of `chain_2`."""

_EMA = {"ema": {"rate": 0.05}}
_STYLE = {"style": 2.0}
_SAID = {"forward_kl": "forward KL", "jsd": "JSD", "reverse_kl": "reverse KL"}
BASES = {"live": "live", "fixed": "fixed", "ema": _EMA, "trust": {"trust_region": {"share": 0.5}}}
HIDDEN = {"h_hidden_25": 0.25, "h_hidden_50": 0.5, "h_hidden_75": 0.75, "h_hidden_100": 1.0}
ERRORS = {"h_error_0_25": 0.25, "h_error_0_5": 0.5, "h_error_1": 1.0, "h_error_2": 2.0}
MISTAKEN = {
    "h_rlsd_style_2": ("style 2", {"style": 2.0}),
    "h_rlsd_style_4": ("style 4", {"style": 4.0}),
    "h_rlsd_error_2": ("errors 2", {"error_sd": 2.0}),
    "h_rlsd_reversed": ("reversed", {"strength": -2.0}),
}
"""What RLSD's teacher gets wrong."""
CHAINED = ("peer", "solution")
"""Teachers whose divergence has a sequence-level term, too."""
NATURAL = {f"h_natural_{name}": name for name in ("forward_kl", "jsd", "reverse_kl")}
"""Divergences that are followed by natural gradients."""
KEPT = [*range(21), *(step for start in range(150, 300, 10) for step in (start, start + 1))]
"""Policies between which single steps are seen: the first ones, and some of the second half."""
LIKELIHOODS = {"h_self_25": 0.25, "self_rewarding": 0.5, "h_self_75": 0.75, "h_self_100": 1.0}
"""k of a policy that judges itself; the judge of the testbed is one of them."""


def settings() -> dict[str, Setting]:
    """More steps, fewer and more rollouts, and step sizes that undo what slows a method."""
    made = {name: _anew(learning_rate=rate, steps=3000) for name, rate in LONG.items()}
    made |= {name: _anew(learning_rate=rate, rollouts=8) for name, rate in FEW.items()}
    made |= {name: _anew(learning_rate=rate, rollouts=128) for name, rate in MANY.items()}
    made |= {name: _anew(learning_rate=rate) for name, rate in EQUAL.items()}
    chained = PolicySettings(context="previous_token")
    made |= {name: _anew(chained, learning_rate=rate) for name, rate in CHAIN.items()}
    rate = CHAIN["chain_2"]
    return made | {
        name: _anew(chained, LandscapeSettings(**ANEW, **own), learning_rate=rate)
        for name, own in CHAINS.items()
    }


def _anew(
    policy: PolicySettings | None = None, landscape: LandscapeSettings | None = None, **training
) -> Setting:
    """As the audit's learning rates: equations as printed, landscapes drawn anew."""
    return Setting(
        landscape=landscape or LandscapeSettings(**ANEW),
        policy=policy or PolicySettings(),
        update=UpdateSettings.model_validate(AS_PRINTED),
        training=TrainingSettings(**training),
    )


def methods() -> dict[str, Method]:
    """Of all hypotheses, by which they differ."""
    made = _divergences() | _knowledge() | _bases() | _sizes() | _episodes() | _credits()
    return {name: Method(label=label, **own) for name, (label, own) in made.items()}


def _oracle(base="live", divergence="forward_kl", **known) -> dict:
    guidance = {"partial_oracle": known} if known else "oracle"
    return {"base": base, "guidance": guidance, "divergence": divergence}


def _divergences() -> dict[str, tuple[str, dict]]:
    """One teacher each, by other divergences."""
    own = {"peer": {"base": _EMA, "guidance": "peer"},
           "solution": {"base": "fixed", "guidance": "reference_solution"},
           "own": {"base": "live", "guidance": "posterior"}}  # fmt: skip
    shown = {"peer": "Peer", "solution": "Solution", "own": "Own outcome"}
    made = {
        "h_oracle_jsd": ("Oracle (JSD)", _oracle(divergence="jsd")),
        "h_oracle_reverse": ("Oracle (reverse KL)", _oracle(divergence="reverse_kl")),
        "h_opsd_jsd": ("OPSD (JSD)", own["solution"] | {"divergence": "jsd"}),
        "h_peer_forward": (
            "Peer (forward KL)",
            {"base": "live", "guidance": {"peer": {"choice": "all"}}, "divergence": "forward_kl"},
        ),
    }
    for name, teacher in own.items():
        full, sampled = {"divergence": "reverse_kl"}, {"divergence": "sampled_reverse_kl"}
        made[f"h_{name}_full"] = (f"{shown[name]} (reverse KL)", teacher | full)
        made[f"h_{name}_sampled"] = (f"{shown[name]} (sampled)", teacher | sampled)
    for name in CHAINED:
        sequence = own[name] | {"divergence": "reverse_kl", "horizon": "later_tokens"}
        made[f"h_{name}_sequence"] = (f"{shown[name]} (sequences)", sequence)
    for name, divergence in NATURAL.items():
        label = f"Oracle (natural {_SAID[divergence]})"
        natural = _oracle(divergence=divergence) | {"preconditioner": "natural_gradient"}
        made[name] = (label, natural)
    return made


def _knowledge() -> dict[str, tuple[str, dict]]:
    """SDPO's teacher, that knows less of q, or takes it for something else."""
    made = {
        name: (f"Oracle ({share:.0%} hidden)", _oracle(hidden=share))
        for name, share in HIDDEN.items()
    }
    return made | {
        name: (f"Oracle (errors {sd:g})", _oracle(error_sd=sd)) for name, sd in ERRORS.items()
    }


def _bases() -> dict[str, tuple[str, dict]]:
    """A perfect teacher and one that likes a style, on each base."""
    made = {}
    for name, base in BASES.items():
        made[f"h_{name}"] = f"Oracle ({name})", _oracle(base)
        made[f"h_{name}_style"] = f"Stylish oracle ({name})", _oracle(base, **_STYLE)
    return made


def _sizes() -> dict[str, tuple[str, dict]]:
    """Direction from the reward, size from a teacher that may err; and contrasts of peers."""
    ratio = {"signal": "judged", "advantage": "standardised", "base": "live"}
    ratio |= {"credit": "teacher_ratio"}
    made = {"h_rlsd": ("RLSD (oracle)", ratio | {"guidance": "oracle"})}
    made |= {
        name: (f"RLSD ({what})", ratio | {"guidance": {"partial_oracle": known}})
        for name, (what, known) in MISTAKEN.items()
    }
    for name, known in {"h_contrast": {}, "h_contrast_style": _STYLE}.items():
        label = "RLCSD (style 2)" if known else "RLCSD (one wrong peer)"
        made[name] = label, ratio | {"guidance": {"contrast": {"wrong": "first", **known}}}
    return made


def _episodes() -> dict[str, tuple[str, dict]]:
    """What a teacher is shown: another demonstration at each step, or the same solution."""
    rule = {"reference_solution": {"form": "copy"}}
    made = {}
    for name, base in (("ema", _EMA), ("fixed", "fixed")):
        own = {"base": base, "divergence": "forward_kl"}
        made[f"h_episode_{name}"] = f"Episodes ({name})", own | {"guidance": "demonstration"}
        made[f"h_rule_{name}"] = f"Rule ({name})", own | {"guidance": rule}
    reverse = {"base": "fixed", "guidance": "demonstration", "divergence": "reverse_kl"}
    return made | {"h_episode_reverse": ("Episodes (reverse KL)", reverse)}


def _credits() -> dict[str, tuple[str, dict]]:
    """Credits that the systems lack."""
    own = {"advantage": "batch_mean"}
    blank = {"shapley": {"absent": "fixed"}}
    return {
        "h_counterfactual": ("Counterfactual", own | {"credit": "counterfactual"}),
        "h_blank": ("Shapley (blanks)", own | {"credit": blank}),
    }


def feedbacks() -> dict[str, Feedback]:
    """Lenient judges, one whose errors were measured, and policies that judge themselves."""
    measured = {"flips": {"false_pass": 0.75, "false_fail": 0.04}}
    made = {
        "h_lenient": ("Lenient (0.7)", {"bias": {"leniency": {"share": 0.7}}, "scale": "interval"}),
        "h_llm": ("TPR 0.96, TNR 0.25", {"bias": measured, "scale": "threshold"}),
    }
    for name, share in LIKELIHOODS.items():
        bias = {"self_rewarding": {"share": share}}
        made[name] = f"Self-rewarding ({share:g})", {"bias": bias, "scale": "interval"}
    return {
        name: Feedback(label=label, noise="gaussian", **own)
        for name, (label, own) in made.items()
        if name.startswith("h_")
    }


def studies() -> dict[str, Study]:
    """Methods at the best of the audit's learning rates, at equal ones, and with other sizes."""
    return {
        "h_teachers": Study(
            methods=[
                "h_live", "success_teacher", "reinforce_judged", "rloo", "h_peer_forward", *HIDDEN,
            ],
            feedbacks=["binary"],
            noise=[0.1],
            **BEST,
        ),
        "h_systems": Study(
            methods=[
                "reinforce_judged", "grpo", "opsd", "sdpo_peer", "sdpo_grpo", "srpo",
                "h_oracle_jsd", "h_oracle_reverse", "h_opsd_jsd", "h_solution_full",
                "h_solution_sequence", *ERRORS,
                *_bases(), *_sizes(), *sorted(set(_episodes()) - {"h_episode_reverse"}),
            ],
            feedbacks=["continuous"],
            noise=[0.1],
            **BEST,
        ),
        "h_long": Study(
            settings=list(LONG),
            methods=["sdpo_peer", "sdpo_grpo", "srpo"],
            feedbacks=["continuous"],
            noise=[0.1],
            **{**TUNED, "seeds": SEEDS},
        ),
        "h_rollouts": Study(
            settings=[*FEW, *MANY],
            methods=["rloo", "h_counterfactual", "token_reward", "abc"],
            feedbacks=["continuous"],
            **{**TUNED, "seeds": SEEDS},
        ),
        "h_shapley": Study(
            settings=["many_0_6"],
            methods=["scar", "h_blank"],
            feedbacks=["continuous"],
            # Exact Shapley values cost a hundred times what others do.
            **{**TUNED, "seeds": 32},
        ),
        "h_equal": Study(
            settings=["equal_0_2"],
            methods=[
                "h_peer_full", "h_peer_sampled", "h_solution_full", "h_solution_sampled",
                "h_own_full", "h_own_sampled", *_episodes(),
            ],
            feedbacks=["continuous"],
            noise=[0.1],
            **FIXED,
        ),
        "h_steps": Study(
            settings=["equal_0_2"],
            methods=["h_live", "h_oracle_jsd", "h_oracle_reverse"],
            feedbacks=["continuous"],
            policies=KEPT,
            **FIXED,
        ),
        "h_natural": Study(
            settings=["equal_0_02"],
            methods=list(NATURAL),
            feedbacks=["continuous"],
            policies=KEPT,
            **FIXED,
        ),
        "h_quarter": Study(
            settings=["equal_0_02", "equal_0_08"],
            methods=["h_live", "h_oracle_jsd"],
            feedbacks=["continuous"],
            noise=[0.1],
            **FIXED,
        ),
        "h_lenient": Study(
            settings=["equal_0_02", "equal_0_6", "equal_2_0"],
            methods=["sdpo", "rloo", "grpo", "dpo"],
            feedbacks=["continuous", "h_lenient"],
            **FIXED,
        ),
        "h_flipped": Study(
            settings=["equal_0_2", "equal_0_042"],
            methods=["rloo"],
            feedbacks=["binary", "h_llm"],
            **FIXED,
        ),
        "h_matched": Study(
            settings=["equal_0_02", "equal_0_6", "equal_2_0"],
            methods=["sdpo", "rloo", "grpo", "dpo"],
            feedbacks=["continuous"],
            noise=[0.1],
            **FIXED,
        ),
        "h_chain": Study(settings=list(CHAIN), **_chained(), **{**TUNED, "seeds": SEEDS}),
        "h_chains": Study(settings=list(CHAINS), **_chained(), **{**TUNED, "seeds": SEEDS}),
        "h_self": Study(
            settings=["equal_6_0"],
            methods=["rloo", "dpo"],
            feedbacks=["continuous", *LIKELIHOODS],
            **FIXED,
        ),
    }  # fmt: skip


def _chained() -> dict:
    """What studies of autoregressive policies share."""
    methods = [f"h_{name}_{form}" for name in CHAINED for form in ("full", "sequence")]
    return {"methods": methods, "feedbacks": ["continuous"], "noise": [0.1]}
