"""What tables and figures show, in words: captions of the report's pages and the text of each SVG.

The workflow reads this at every start, so it loads neither pandas nor Matplotlib.
"""

from typing import NamedTuple


class Caption(NamedTuple):
    """A title of one line, and how to read what is shown. Plain text."""

    title: str
    text: str


TABLES = {
    "final_reward": Caption(
        "Final mean reward",
        "The true mean reward at the end of training, for each method (rows) and feedback "
        "(columns). The published value stands in brackets, and the difference from it last: "
        "compare that with the run-to-run SD on the page of the comparison.",
    ),
    "credit_correlation": Caption(
        "Credit-assignment correlation",
        "The correlation of a method's negative gradient with the true advantage of each token. "
        "+1: all credit goes where it is due; 0: none does; below 0: training moves away from "
        "the reward.",
    ),
    "final_entropy": Caption(
        "Final policy entropy",
        "The policy's entropy in nats at the end of training, mean over positions. A policy "
        "that learns nothing keeps the highest, so high is not good by itself.",
    ),
}
"""Of each kind of table."""

_OURS = "Filled marks and bars are reproduced, open marks of the same shape are the paper's."

FIGURES = {
    "learning_curves": Caption(
        "Reward over training",
        "Reward over training by feedback: moving average, mean over seeds, band of one SD over "
        "seeds on either side. A method that never sees feedback has the same curve under every "
        "one and is drawn once, in a panel of its own. Open marks in the narrow strips are the "
        "final rewards that the paper publishes; they belong to no step. Where a method is drawn "
        "once, the mark is the middle of the published values under all feedbacks, and the bar "
        "their range.",
    ),
    "credit_bars": Caption(
        "Credit correlation by feedback",
        "Correlation of the negative gradient with the true per-token advantages: mean over seeds, "
        "error bars of one SD, and the mean above or below each bar, in the wide figure with its "
        f"SD. {_OURS}",
    ),
    "entropy": Caption(
        "Policy entropy",
        "Policy entropy over training for one feedback (left) and at its end for each (right): "
        "mean over seeds, band and error bars of one SD. The dotted line is the entropy of a "
        "uniform policy. Open marks are published; those in the strip are final values, and the "
        "open diamond is the published entropy of all methods at the first step.",
    ),
    "noise_robustness": Caption(
        "Reward and credit correlation under feedback noise",
        "Final reward and credit-assignment correlation against feedback noise: mean over seeds, "
        "error bars of one SD. Each noise level has a column of the same width, in which the "
        f"methods stand side by side. {_OURS}",
    ),
    "hybrid": Caption(
        "The hybrid, and its weight of SDPO",
        "Reward over training by feedback (moving average), and the weight that the hybrid gives "
        "to SDPO, by feedback: mean over seeds, band of one SD. Open marks are published: final "
        "rewards in the narrow strips, and the weight at the first step. The bar in the strip of "
        "the weight is the range that the paper gives for it.",
    ),
    "landscapes": Caption(
        "Final reward over landscapes",
        "Final reward by method: mean over landscapes with an error bar of one SD; small circles "
        "are single landscapes, and lines join the same one. The open mark right of each bar, with "
        "an error bar, is the published mean and SD.",
    ),
}
"""By kind of figure; one without a caption is drawn, too."""

OTHERS = {
    "claims": Caption(
        "Verdicts of the claims",
        "A row per claim of the paper and a column per scope. Colour and sign say whether the "
        "claim is supported, partly supported, in conflict, inconclusive, or not testable here.",
    ),
    "hypotheses": Caption(
        "Verdicts of the hypotheses",
        "A row per hypothesis and a column per scope. Colour and sign say whether it is supported, "
        "partly supported, in conflict, inconclusive, or not testable here.",
    ),
    "identification_search": Caption(
        "Evidence of every landscape",
        "Left: log evidence of the seeds of NumPy's default_rng by rank, with the suspected seed. "
        "Right: a row per way to draw a landscape, with its upper half, its best seed, the seeds "
        "that people write, and the suspected one.",
    ),
    "identification_lists": Caption(
        "Figure 6 from lists of five seeds",
        "A panel per method: mean and SD of the reward over five landscapes, of random lists of "
        "seeds, of the suspected list, and as published with two standard errors of its runs.",
    ),
    "joint_fit_numbers": Caption(
        "Every published number against the fit",
        "A row per place, quantity and method, a mark per number: published less reproduced in "
        "SDs of a single run. The darker area is 2 SDs on either side, the lighter one 3. Left "
        "the preset, right equations 4 and 5 as printed. Marks farther off stand at the edge.",
    ),
    "joint_fit_readings": Caption(
        "Evidence of every reading of the paper",
        "A row per reading, by question: log evidence of all published numbers, less that of the "
        "fitted reading. Those below -30 stand at the edge with their value.",
    ),
    "joint_fit_settings": Caption(
        "Intervals of every setting",
        "A panel per setting: median and 90% interval of the prior, of the earlier calibration, "
        "and of the fits to the tables and to all numbers. The dashed line is the preset.",
    ),
    "joint_fit_check": Caption(
        "Ranks of the true settings of synthetic papers",
        "A panel per way to fit, a line per setting: share of synthetic papers whose true setting "
        "ranks below, less the rank itself. A line stays in the grey area with a probability of "
        "95% if its ranks are uniform.",
    ),
}
"""By name of the file."""
