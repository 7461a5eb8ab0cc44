"""Why a published number is not reached: what admissible settings reach, alone and together."""

import pandas as pd

from sdposim.simulation.dependence import SEES_FEEDBACK

NUMBER = ["statistic", "method", "feedback"]


def reached(
    predictions: pd.DataFrame, accepted: pd.DataFrame, preset_table: pd.DataFrame
) -> pd.DataFrame:
    """Return which admissible draws have which of the 36 means within tolerance.

    Returns:
      bool, a row per rank and a column per (statistic, method, feedback) of the preset's table.
    """
    ranks = accepted.loc[accepted["admissible"], "rank"]
    tables = predictions[(predictions["source"] == "tables") & predictions["rank"].isin(ranks)]
    # The numbers of one draw must be of the table that the preset is judged by, published value
    # and tolerance alike.
    joined = tables.drop(columns="published").merge(
        preset_table[[*NUMBER, "published", "tolerance"]], on=NUMBER, validate="many_to_one"
    )
    joined["within"] = (joined["mean"] - joined["published"]).abs() <= joined["tolerance"]
    wide = joined.pivot(index="rank", columns=NUMBER, values="within")
    return wide.reindex(columns=pd.MultiIndex.from_frame(preset_table[NUMBER]))


def evidence(within: pd.DataFrame) -> pd.DataFrame:
    """Return for each number how many admissible draws reach it, and how much else they reach.

    Args:
      within: from `reached`.

    Returns:
      `NUMBER`, `draws` (how many reach it) and `together` (the most of all numbers that one of
      these has within tolerance; 0 if there is none).
    """
    totals = within.sum(axis=1)
    rows = [
        (*number, int(hits.sum()), int(totals[hits].max()) if hits.any() else 0)
        for number, hits in ((name, within[name].astype(bool)) for name in within.columns)
    ]
    return pd.DataFrame(rows, columns=[*NUMBER, "draws", "together"])


def spans(preset_table: pd.DataFrame) -> pd.DataFrame:
    """Return how far apart the published columns of each feedback-blind method are.

    Such a method is one algorithm shown several times, so it has one mean, which can be within
    tolerance of all columns only if these span at most twice the tolerance.

    Returns:
      `statistic, method, columns, span, tolerance, reachable`.
    """
    blind = preset_table[~preset_table["method"].isin(SEES_FEEDBACK)]
    groups = blind.groupby(["statistic", "method"], sort=False)
    frame = groups.agg(
        columns=("feedback", "size"),
        span=("published", lambda values: values.max() - values.min()),
        tolerance=("tolerance", "first"),
    ).reset_index()
    frame["span"] = frame["span"].round(9)
    frame["reachable"] = frame["span"] <= 2 * frame["tolerance"]
    return frame
