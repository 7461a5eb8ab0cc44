# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # SDPO and REINFORCE by hand, with three tokens
#
# The paper's simulation is small enough to be done by hand once. Take three tokens and a single
# position, work out the teacher (equation 2), its gradient (equation 3) and REINFORCE's (equation
# 4) with plain arithmetic, and let the project's own program do the same beside it. In the end we
# see why REINFORCE's credit correlation has to be positive, and what a negative one, such as the
# paper's, means.
#
# This notebook is made from `docs/walkthrough.py` by `make notebook`; a test runs its code and
# compares what it prints.

# %%
from math import exp

import matplotlib.pyplot as plt
import numpy as np

import sdposim

# %% [markdown]
# ## 1. The toy
#
# A "sequence" is one token: good, fair or bad. Its quality q is 1, 0 or -2. Equation 1 makes a
# reward of it: the mean quality of the sequence's tokens, squeezed into (0, 1) by the logistic
# function. The paper's bigram bonus and target pattern are left out here, so a token's reward is
# just `1 / (1 + exp(-q))`.

# %%
TOKENS = ["good", "fair", "bad"]
q = np.array([1.0, 0.0, -2.0])
R = 1 / (1 + np.exp(-q))
for token, quality, reward in zip(TOKENS, q, R, strict=True):
    print(f"{token:5} q = {quality:+.0f}   R = {reward:.4f}")

# %% [markdown]
# The same toy for the program: a landscape with these qualities, no bigrams, no pattern, and a
# policy that starts uniform. One step with two rollouts is all that we look at for now. The log has
# the mean reward of the two: by it we know which two tokens were drawn.

# %%
landscape = sdposim.landscape(q[None, :], np.zeros((3, 3)), target=[0], pattern_weight=0.0)
one_step = {"policy": {"initial_logit_sd": 0.0}, "training": {"rollouts": 2, "steps": 1}}


def drawn(log):
    """Which two tokens have this mean reward."""
    mean = log["reward"].iloc[0]
    pairs = [(a, b) for a in range(3) for b in range(a, 3) if abs((R[a] + R[b]) / 2 - mean) < 1e-12]
    return pairs[0]


for seed in (0, 1, 3):
    first_step = sdposim.simulate(seeds=[seed], setting=one_step, landscape=landscape)
    a, b = drawn(first_step)
    mean = first_step["reward"].iloc[0]
    print(f"seed {seed}: mean reward {mean:.4f}, so the rollouts were {TOKENS[a]} and {TOKENS[b]}")

# %% [markdown]
# ## 2. Equation 2: the teacher
#
# The student's policy is `pi = softmax(l)`, here 1/3 each. SDPO's teacher is the student, shifted
# towards the qualities in proportion to the feedback f on the rollout:
#
#     teacher = softmax(l + beta f q),   the same as   pi exp(beta f q), divided by its sum Z
#
# With beta = 2, and a rollout that was the fair token (continuous feedback is the reward, so f =
# 0.5), beta f is 1:

# %%
beta, f = 2.0, 0.5
weights = [exp(beta * f * 1) / 3, exp(beta * f * 0) / 3, exp(beta * f * -2) / 3]
Z = sum(weights)
by_hand = np.array(weights) / Z
print("pi exp(beta f q):", " ".join(f"{weight:.4f}" for weight in weights))
print(f"Z = {Z:.4f}")
print("teacher:         ", " ".join(f"{share:.4f}" for share in by_hand))


# %% [markdown]
# Look at what the feedback does, and what it does not do. It is one number, so it can only make the
# tilt steeper or flatter. **Which** token is the good one does not come from the feedback: the
# teacher has been given q. Even for a rollout that was the bad token, the teacher points to the
# good one.


# %%
def teacher(pi, f):
    """Equation 2 for a policy and one rollout's feedback."""
    weights = pi * np.exp(beta * f * q)
    return weights / weights.sum()


uniform = np.full(3, 1 / 3)
figure, axes = plt.subplots(1, 3, figsize=(7, 2.2), sharey=True)
for axis, token, reward in zip(axes, TOKENS, R, strict=True):
    axis.bar(TOKENS, teacher(uniform, reward), color="#004488")
    axis.axhline(1 / 3, color="black", linewidth=1, linestyle="dotted")
    axis.set_title(f"rollout: {token}, f = {reward:.2f}", fontsize=9)
axes[0].set_ylabel("teacher's probability")
figure.tight_layout()
plt.show()

# %% [markdown]
# Dotted: the student, 1/3 each. The distance between the two is the KL divergence that the program
# logs as `teacher_kl`. By hand it is the sum of `teacher * log(teacher / pi)`; over a batch, the
# mean.

# %%
for seed in (0, 1, 3):
    first_step = sdposim.simulate(seeds=[seed], setting=one_step, landscape=landscape)
    teachers = [teacher(uniform, R[token]) for token in drawn(first_step)]
    divergence = np.mean([(p * np.log(p / uniform)).sum() for p in teachers])
    print(f"seed {seed}: by hand {divergence:.6f}, logged {first_step['teacher_kl'].iloc[0]:.6f}")

# %% [markdown]
# ## 3. Equation 3: the step of SDPO
#
# The student's logits go down the gradient of `KL(teacher || pi)`, with the teacher held fixed.
# Only the cross-entropy `-sum teacher log pi` depends on the logits, and the derivative of `log
# pi_w` by `l_v` is `1 - pi_v` for `w = v` and `-pi_v` otherwise. The sum over w leaves
#
#     - d KL / d l_v  =  teacher_v - pi_v
#
# No need to believe it: nudge each logit a little and look.


# %%
def softmax(logits):
    shares = np.exp(logits)
    return shares / shares.sum()


def kl_to(target, logits):
    return (target * np.log(target / softmax(logits))).sum()


logits, target, nudge = np.zeros(3), teacher(uniform, 0.5), 1e-5
print("token  nudged    teacher - pi")
for v, token in enumerate(TOKENS):
    up, down = logits.copy(), logits.copy()
    up[v] += nudge
    down[v] -= nudge
    slope = (kl_to(target, up) - kl_to(target, down)) / (2 * nudge)
    print(f"{token:5}  {-slope:+.5f}  {(target - uniform)[v]:+.5f}")

# %% [markdown]
# A batch takes the mean over rollouts. The program's step is what its logits gain, divided by the
# learning rate 0.02. (The pull to the initial policy, lambda, is 0 in the first step.)


# %%
def step_of(method, seed):
    """The direction of the program's first step: what the logits gain, by the learning rate."""
    rows = sdposim.policies(
        [0, 1], method, "continuous", seeds=[seed], setting=one_step, landscape=landscape
    )
    before, after = (rows.query("step == @step")["logit"].to_numpy() for step in (0, 1))
    return (after - before) / 0.02


pair = (0, 2)  # good and bad, what seed 1 drew
hand = np.mean([teacher(uniform, R[token]) - uniform for token in pair], axis=0)
print("token  by hand   program")
for token, mine, its in zip(TOKENS, hand, step_of("sdpo", 1), strict=True):
    print(f"{token:5}  {mine:+.5f}  {its:+.5f}")

# %% [markdown]
# ## 4. Equation 4: the step of REINFORCE
#
# REINFORCE is not given q. It has the rewards of its rollouts, takes their mean as a baseline, and
# pushes each drawn token in proportion to how much better than the mean it did:
#
#     direction  =  mean over rollouts of  (R_i - mean R) (e_i - pi)
#
# where `e_i` is 1 at the drawn token and 0 elsewhere. The deviations sum to 0, so the part with
# `pi` drops out. For good and bad, the deviations are the same size with opposite signs: the good
# token goes up, the bad one down, and the fair one, which nobody tried, stays.

# %%
UPHILL = {"advantage": "batch_mean", "credit": {"sequence": {"direction": "printed"}}}
DOWNHILL = {"advantage": "batch_mean", "credit": {"sequence": {"direction": "reversed"}}}
rewards = R[list(pair)]
hand = np.zeros(3)
for token, reward in zip(pair, rewards, strict=True):
    hand += (reward - rewards.mean()) * (np.eye(3)[token] - uniform) / 2
print("token  by hand   as printed  reversed")
for token, mine, up, down in zip(
    TOKENS, hand, step_of(UPHILL, 1), step_of(DOWNHILL, 1), strict=True
):
    print(f"{token:5}  {mine:+.5f}  {up + 0:+.5f}    {down + 0:+.5f}")

# %% [markdown]
# ## 5. Why the sign must be positive
#
# The credit correlation of section 2.6 asks whether a step raises the tokens that are truly better:
# it is Pearson's correlation between the step and `A* = q - (mean of q under pi)`. Its sign is that
# of their covariance. Averaged over what might be drawn, REINFORCE's step is the gradient of the
# expected reward, up to the factor 1 - 1/n of the baseline:
#
#     d E[R] / d l_v  =  pi_v (R_v - E[R])
#
# Token by token this has the sign of `R_v - E[R]`. Where a better token has a better reward, as
# here, the step rises with q, and so the correlation is positive. On average over batches this is
# no matter of luck: the noise of a batch makes the correlation smaller, it does not turn it round.
# A correlation of about -0.63, as the paper prints for REINFORCE, belongs to a program that takes
# the gradient's steps **backwards**.

# %%
expected = R.mean()
gradient = uniform * (R - expected)
advantage = q - q.mean()
print("token  d E[R] / d l   nudged     A*")
for v, token in enumerate(TOKENS):
    up, down = logits.copy(), logits.copy()
    up[v] += nudge
    down[v] -= nudge
    slope = ((softmax(up) - softmax(down)) * R).sum() / (2 * nudge)
    print(f"{token:5}  {gradient[v]:+.5f}       {slope:+.5f}   {advantage[v]:+.0f}")
correlation = np.corrcoef(gradient, advantage)[0, 1]
print(f"correlation: {correlation:+.3f} as printed, {-correlation:+.3f} with the sign reversed")

# %% [markdown]
# What the program logs for one batch of two rollouts, averaged over 2,000 seeds, has the same
# signs. A batch of two says little, so the size is smaller:

# %%
for name, method in (("as printed", UPHILL), ("reversed", DOWNHILL)):
    many = sdposim.simulate(method, seeds=2000, setting=one_step, landscape=landscape)
    print(f"{name:10}  credit correlation {many['credit_correlation'].mean():+.2f}")

# %% [markdown]
# ## 6. What becomes of it
#
# The same toy trained for 300 steps of 32 rollouts, each curve a mean over 20 seeds. The learning
# rate is 0.2 here, ten times the paper's, so that the curves move.

# %%
training = {"policy": {"initial_logit_sd": 0.0}, "training": {"learning_rate": 0.2}}
curves = {}
for name, method in (("SDPO", "sdpo"), ("uphill", UPHILL), ("downhill", DOWNHILL)):
    runs = sdposim.simulate(method, seeds=20, setting=training, landscape=landscape)
    curves[name] = runs.groupby("step")["reward"].mean()
    print(f"{name:8}  reward after 300 steps {curves[name].tail(20).mean():.3f}")
print(f"best possible {R[0]:.3f}, worst possible {R[2]:.3f}, uniform {R.mean():.3f}")

# %%
figure, axis = plt.subplots(figsize=(7, 2.8))
styles = {"SDPO": ("#004488", "-"), "uphill": ("#BB4455", "--"), "downhill": ("#BB4455", ":")}
for name, curve in curves.items():
    colour, dashes = styles[name]
    label = name if name == "SDPO" else f"REINFORCE, {name}"
    axis.plot(curve.index, curve, dashes, color=colour, label=label)
axis.legend(loc="center right", bbox_to_anchor=(1, 0.34), frameon=False)
axis.axhline(R.mean(), color="black", linewidth=1, linestyle="dotted")
axis.set(xlabel="step", ylabel="mean reward", xlim=(0, 300))
figure.tight_layout()
plt.show()

# %% [markdown]
# Trained uphill, REINFORCE learns; trained downhill, it unlearns, and ends below where it started.
# In the paper's own setting the steps are so short that neither goes far, which is why the
# published rewards, about 0.51, do not look wrong at first sight. What gives the sign away is the
# correlation.
#
# SDPO is ahead here because its teacher holds the answer: it points to the good token at every
# step, whatever was drawn.
#
# Where to go on: [what the equations imply](equations.md) goes through this for any size, [the
# findings](findings.md) say what it means for the paper, and [from Python](python.md) shows what
# else `sdposim` can do in a notebook.
