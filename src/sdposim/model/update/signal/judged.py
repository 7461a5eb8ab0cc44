"""The judge's feedback: all that a method without the true reward can know."""

from sdposim.model.numerics.jit import inline

SEES = ("feedback",)


@inline
def judged(rewards, said, out):
    """The feedback f, in the place of the reward."""
    for i in range(out.size):
        out[i] = said[i]
