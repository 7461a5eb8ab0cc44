"""The published numbers that an identification reads; light, as the workflow reads it."""

from sdposim.storage.errors import UserError

FEEDBACKS = ("binary", "ordinal", "continuous", "critique")
TABLES = {
    "reward": "table1_final_reward",
    "entropy": "table3_final_entropy",
    "correlation": "table2_credit_correlation",
}


def needed(published: dict) -> dict:
    """The published numbers that an identification reads, and no others: nothing else reruns it.

    Raises:
        UserError: names an entry that is missing.
    """

    def entry(name, *keys):
        value = published
        for key in (name, *keys):
            if key not in value:
                raise UserError(
                    f"config/published.yaml lacks {'.'.join((name, *keys))}, which an "
                    "identification reads"
                )
            value = value[key]
        return value

    tables = {
        name: {
            method: {feedback: entry(name, method, feedback) for feedback in FEEDBACKS}
            for method in ("sdpo", "reinforce")
        }
        for name in TABLES.values()
    }
    figure6 = {
        method: {key: entry("figure6_multi_seed", method, key) for key in ("mean", "sd")}
        for method in ("sdpo", "reinforce", "adv_weighted")
    }
    return {"tables": tables, "figure6": figure6}
