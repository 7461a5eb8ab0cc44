"""Systems that the paper cites or that came after it.

Each is a composition with its own defaults, where these make sense at the toy's size. Its `note`
says where it is from and what the toy loses. Systems learn from what the judge says
(`signal: judged`), not from the true reward, which the paper's baselines see.
"""

_SCORE = {"sequence": {"direction": "printed"}}
_GRPO = {"signal": "judged", "advantage": "standardised", "credit": _SCORE}
_EMA = {"base": {"ema": {"rate": 0.05}}}
_RATIO = {"signal": "judged", "advantage": "standardised", "base": "live"}

SYSTEMS: dict[str, dict] = {
    "sdpo_peer": {
        "label": "Peer SDPO",
        "note": "SDPO without rich feedback, arXiv 2601.20802 section 3: the teacher is shown a "
        "successful rollout of the batch. Lost: what a prompt teaches beyond the tokens it copies.",
        **_EMA,
        "guidance": "peer",
        "divergence": {"top_k": {"divergence": "jsd"}},
    },
    "sdpo_rich": {
        "label": "Outcome SDPO",
        "note": "SDPO with rich feedback, arXiv 2601.20802 section 4: reverse KL to a teacher that "
        "was told the outcome. Lost: the text; its place takes what the batch says of outcomes.",
        "base": {"ema": {"rate": 0.01}},
        "guidance": "posterior",
        "divergence": "top_k",
    },
    "success_teacher": {
        "label": "Success teacher",
        "note": "Retrospection from feedback alone: the student's own posterior given success, "
        "estimated from the batch, forward KL. Its mean direction is that of log P(success).",
        "base": "live",
        "guidance": {"posterior": {"condition": "success"}},
        "divergence": "forward_kl",
    },
    "sdpo_grpo": {
        "label": "SDPO + GRPO",
        "note": "SDPO's blend, arXiv 2601.20802 equation 3, with 0.9 on the advantages of the "
        "sequence and none divided by an SD. Lost: as of `sdpo_peer`.",
        **_EMA,
        "guidance": "peer",
        "divergence": "reverse_kl",
        "signal": "judged",
        "advantage": "batch_mean",
        "credit": _SCORE,
        "blend": {"convex": {"weight": 0.1}},
    },
    "sdpo_trl": {
        "label": "TRL's SDPO",
        "note": "TRL's default of SDPO: reverse KL of sampled tokens, rollouts without a peer "
        "dilute the step. Lost: as of `sdpo_peer`; its importance weight is 1 here.",
        **_EMA,
        "guidance": {"peer": {"average": "all"}},
        "divergence": "sampled_reverse_kl",
    },
    "sdpo_sequence": {
        "label": "Sequence SDPO",
        "note": "SDPO's gradient of the KL of sequences, arXiv 2601.20802 equation 8: reverse KL, "
        "and credit for what comes after a token. Lost: as of `sdpo_peer`.",
        **_EMA,
        "guidance": "peer",
        "divergence": "reverse_kl",
        "horizon": "later_tokens",
    },
    "opsd": {
        "label": "OPSD",
        "note": "On-policy self-distillation, arXiv 2601.18734: the initial policy, shown the "
        "solution, forward KL. Lost: style and thinking modes; its clip is scaled to large "
        "vocabularies and is left out.",
        "base": "fixed",
        "guidance": "reference_solution",
        "divergence": "forward_kl",
    },
    "sdft": {
        "label": "SDFT",
        "note": "Self-distillation fine-tuning, arXiv 2601.19897: demonstrations, an averaged "
        "teacher, forward KL on the student's rollouts. Lost: how a demonstration generalises.",
        **_EMA,
        "guidance": "demonstration",
        "divergence": "forward_kl",
    },
    "reinforce_judged": {
        "label": "Judged REINFORCE",
        "note": "Equation 4 uphill on what the judge says; Dr. GRPO at one prompt and a fixed "
        "length. Lost: several prompts.",
        "signal": "judged",
        "advantage": "batch_mean",
        "credit": _SCORE,
    },
    "rloo": {
        "label": "RLOO",
        "note": "REINFORCE leave-one-out: each rollout against the mean of the others. Lost: "
        "several prompts.",
        "signal": "judged",
        "advantage": "leave_one_out",
        "credit": _SCORE,
    },
    "grpo": {
        "label": "GRPO",
        "note": "Group-relative policy optimisation with one step a batch: advantages over their "
        "SD. Lost: several prompts, lengths.",
        **_GRPO,
    },
    "ppo": {
        "label": "PPO",
        "note": "PPO-clip, four epochs a batch, GRPO's advantages in the place of a critic's. "
        "Lost: a value network.",
        **_GRPO,
        "credit": "clipped_ratio",
    },
    "dapo": {
        "label": "DAPO",
        "note": "Clip-higher: as `ppo`, ratios of up to 1.28. Lost: filtered prompts, lengths.",
        **_GRPO,
        "credit": {"clipped_ratio": {"clip_high": 0.28}},
    },
    "dpo": {
        "label": "Online DPO",
        "note": "Online direct preference optimisation on pairs of the batch, beta 0.1. Lost: "
        "several prompts.",
        "signal": "judged",
        "advantage": "batch_mean",
        "credit": "pairs",
    },
    "ipo": {
        "label": "Online IPO",
        "note": "As `dpo`, with the squared loss. Lost: as there.",
        "signal": "judged",
        "advantage": "batch_mean",
        "credit": {"pairs": {"loss": "ipo"}},
    },
    "scar": {
        "label": "SCAR",
        "note": "Shapley credit, arXiv 2505.20417: exact over all coalitions of tokens, absent "
        "ones drawn from the policy. Lost: the error of a reward model on texts with blanks.",
        "advantage": "batch_mean",
        "credit": "shapley",
    },
    "abc": {
        "label": "ABC",
        "note": "Attention-based credit, arXiv 2402.00782: a share of the reward by token. Lost: "
        "attention; its place takes a uniform weight.",
        "signal": "judged",
        "advantage": "batch_mean",
        "credit": "attention_share",
    },
    "token_reward": {
        "label": "Token reward model",
        "note": "A ridge regression of the batch's rewards on its tokens. Lost: a model that "
        "remembers other batches.",
        "signal": "judged",
        "advantage": "batch_mean",
        "credit": "regression",
    },
    "prefix_value": {
        "label": "Prefix values",
        "note": "What a perfect process reward model would say: V_t - V_{t-1}, exact. Lost: its "
        "errors.",
        "advantage": "batch_mean",
        "credit": "prefix_value",
    },
    "policy_gradient": {
        "label": "Exact gradient",
        "note": "The exact policy gradient by enumeration, which no system has: what sampling "
        "costs.",
        "advantage": "batch_mean",
        "credit": "exact_gradient",
    },
    "srpo": {
        "label": "SRPO",
        "note": "Distil failures, reinforce successes, arXiv 2604.02288, its tokens weighted by "
        "the teacher's entropy. Lost: as of `sdpo_peer`.",
        **_EMA,
        **_GRPO,
        "guidance": {"peer": {"average": "all"}},
        "divergence": {"top_k": {"divergence": "jsd"}},
        "routing": "failures",
        "blend": "total",
    },
    "rlsd": {
        "label": "RLSD",
        "note": "Direction from the reward, size from the teacher, arXiv 2604.03128; lambda falls "
        "to 0 in 50 steps. Lost: the teacher's own mistakes.",
        **_RATIO,
        "guidance": "reference_solution",
        "credit": {"teacher_ratio": {"decay": 50}},
    },
    "rlrt": {
        "label": "RLRT",
        "note": "The inverse ratio on successes, arXiv 2605.10781: reward what the teacher would "
        "not have done. Lost: as of `sdpo_peer`.",
        **_RATIO,
        "guidance": "peer",
        "credit": {"teacher_ratio": {"form": "successes"}},
    },
    "rlcsd": {
        "label": "RLCSD",
        "note": "Correct minus wrong peers, arXiv 2606.11709, times GRPO's advantages. Lost: as "
        "of `sdpo_peer`.",
        **_RATIO,
        "guidance": "contrast",
        "credit": "teacher_ratio",
    },
    "sdpg": {
        "label": "SDPG",
        "note": "GRPO and a little reverse KL to a teacher with the solution, arXiv 2606.04036. "
        "Lost: several prompts; its pull to the initial policy.",
        **_GRPO,
        "base": "live",
        "guidance": "reference_solution",
        "divergence": "reverse_kl",
        "blend": {"convex": {"weight": 0.001}},
    },
}
"""By name, in the order of tables."""
