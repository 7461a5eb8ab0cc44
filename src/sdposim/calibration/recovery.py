"""Do calibrations of synthetic papers find the settings that the papers were made with?"""

import pandas as pd

from sdposim.calibration import plan
from sdposim.calibration.distance import READINGS
from sdposim.calibration.files import read_json
from sdposim.calibration.prior import PARAMETERS


def recovered(papers: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare the posteriors of synthetic papers with the truth.

    Args:
        papers: their names.

    Returns:
        intervals: one row per paper and continuous setting: whether the true landscape is in the
            `pool`, truth, the 90% interval (also as quantiles of the prior, `u_...`), whether the
            truth is inside, and the effective size.
        readings: one row per paper and discrete reading: the truth and its posterior probability;
            and likewise the landscape, if it is in the pool.
    """
    intervals, readings = [], []
    for paper in papers:
        number, said = plan.paper_number(paper), read_json(plan.posterior(paper))
        truth = said["truth"]
        pool = truth["landscape"] < said["landscapes"]["size"]
        for p in PARAMETERS:
            low, _, high = said["parameters"][p.key]["posterior"]
            values = {"truth": truth[p.key], "low": low, "high": high}
            intervals.append(
                {"paper": number, "pool": pool, "parameter": p.key}
                | values
                | {f"u_{name}": float(p.quantile(value)) for name, value in values.items()}
                | {"inside": low <= truth[p.key] <= high, "ess": said["ess"]}
            )
        for name in READINGS:
            value = str(truth[name])
            readings.append(
                {
                    "paper": number,
                    "reading": name,
                    "truth": value,
                    "probability": said["readings"][name][value],
                }
            )
        if pool:
            readings.append(
                {
                    "paper": number,
                    "reading": "landscape",
                    "truth": str(truth["landscape"]),
                    "probability": said["landscapes"]["truth"],
                }
            )
    return pd.DataFrame(intervals), pd.DataFrame(readings)
