"""Is a setting decided by the tables? The thresholds, in one place.

=============  ==========================================  =====================================
verdict        a continuous setting                        a reading, or the landscape
=============  ==========================================  =====================================
decided        its 90% interval covers at most             one value has at least
               `DECIDED_WIDTH` of the prior's              `DECIDED_PROBABILITY`
narrowed       at most `NARROWED_WIDTH`                    one value has at least
                                                           `LIKELY_PROBABILITY`, or one has less
                                                           than `EXCLUDED_PROBABILITY`;
                                                           landscape: at most `NARROWED_WIDTH`
                                                           of the seeds are left
undetermined   otherwise                                   otherwise
=============  ==========================================  =====================================

Widths are in quantiles of the prior, so that 1 is what the prior itself has.
"""

from collections.abc import Mapping
from typing import NamedTuple

from sdposim.presentation.calibration.markdown import digits, percent
from sdposim.presentation.calibration.names import BY_CONSTRUCTION

DECIDED_WIDTH = 0.1
NARROWED_WIDTH = 0.7
DECIDED_PROBABILITY = 0.95
LIKELY_PROBABILITY = 0.8
EXCLUDED_PROBABILITY = 0.05
KINDS = ("decided", "narrowed", "undetermined")


class Verdict(NamedTuple):
    """What the tables say about a setting: one of `KINDS`, and a phrase for a title."""

    kind: str
    phrase: str


NOT_SEEN = Verdict("undetermined", "undetermined (by construction)")


def of_parameter(name: str, summary: Mapping) -> Verdict:
    """Return the verdict on a continuous setting.

    Args:
      name: of the setting.
      summary: its entry of `posterior["parameters"]`.
    """
    if name in BY_CONSTRUCTION:
        return NOT_SEEN
    width = summary["width_ratio"]
    if width <= DECIDED_WIDTH:
        return Verdict("decided", f"decided: {digits(summary['posterior'][1])}")
    if width <= NARROWED_WIDTH:
        return Verdict("narrowed", f"narrowed to {width:.2f} of the prior")
    return Verdict("undetermined", f"undetermined ({width:.2f} of the prior)")


def of_reading(name: str, probabilities: Mapping[str, float]) -> Verdict:
    """Return the verdict on a discrete reading.

    Args:
      name: of the reading.
      probabilities: posterior probability by value.
    """
    if name in BY_CONSTRUCTION:
        return NOT_SEEN
    best = max(probabilities, key=probabilities.get)
    worst = min(probabilities, key=probabilities.get)
    share, least = percent(probabilities[best]), percent(probabilities[worst])
    if probabilities[best] >= DECIDED_PROBABILITY:
        return Verdict("decided", f"decided: {best} ({share})")
    if probabilities[best] >= LIKELY_PROBABILITY:
        return Verdict("narrowed", f"likely: {best} ({share})")
    if probabilities[worst] < EXCLUDED_PROBABILITY:
        return Verdict("narrowed", f"narrowed: not {worst} ({least})")
    return Verdict("undetermined", f"undetermined ({best} {share})")


def of_landscape(summary: Mapping) -> Verdict:
    """Return the verdict on the landscape's seed.

    Args:
      summary: `posterior["landscapes"]`.
    """
    seed, probability = summary["top"][0]
    if probability >= DECIDED_PROBABILITY:
        return Verdict("decided", f"decided: seed {seed} ({percent(probability)})")
    left = f"about {digits(summary['effective'])} of {summary['size']} seeds"
    if summary["effective"] <= NARROWED_WIDTH * summary["size"]:
        return Verdict("narrowed", f"narrowed to {left}")
    return Verdict("undetermined", f"undetermined ({left})")
