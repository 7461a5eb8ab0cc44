"""What each kind of table and figure shows, and how to read it: one place for reports and pages."""

from typing import NamedTuple


class Caption(NamedTuple):
    """A title, and a text in markdown that says how to read what is below it."""

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

FIGURES = {
    "learning_curves": Caption(
        "Learning curves by feedback",
        "A panel for each feedback: true mean reward (moving average) over training steps. "
        "Lines are means over seeds, bands one SD over seeds on either side. Marks beside the "
        "last step are the published final rewards; a line that ends in its mark agrees with "
        "the paper.",
    ),
    "credit_bars": Caption(
        "Credit-assignment correlation",
        "Bars: the correlation of the negative gradient with the true advantages of tokens, "
        "mean over seeds; error bars: one SD over seeds. Marks are the published values, each "
        "at the bar of its method. Bars below zero are methods that push away from the reward.",
    ),
    "entropy": Caption(
        "Policy entropy",
        "Left: policy entropy over training for one feedback; right: at its end for each. Means "
        "over seeds; bands and error bars are one SD. The dotted line is a uniform policy, the "
        "highest entropy there is. Marks are the published values.",
    ),
    "noise_robustness": Caption(
        "Robustness to feedback noise",
        "Final reward and credit-assignment correlation against the SD of the feedback's noise. "
        "Means over seeds, error bars one SD; methods stand side by side around each noise "
        "level. A flat line is a method that noise does not hurt. Marks are the published "
        "values.",
    ),
    "hybrid": Caption(
        "The adaptive hybrid",
        "Reward over training (moving average) for each method, and the weight that the hybrid "
        "gives to SDPO. Means over seeds, bands one SD. Published values and the published "
        "range of the weight are marked.",
    ),
    "landscapes": Caption(
        "Rewards over landscapes",
        "Final reward by method over several reward landscapes: mean over seeds, error bars one "
        "SD, a dot for each landscape; lines join the same one. Where all lines slope the same "
        "way, a method is better on every landscape. Marks with bars are the published mean and "
        "SD.",
    ),
}
"""Of each kind of figure."""
