"""Do groups differ? Tests of all groups together, construct by construct.

What cannot be computed is missing in its column, and `note` says why in words: "[not defined: …]".
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.survey.permutation import permute_jonckheere, permute_kruskal, tabulate_scores
from helpers.survey.pooling import join_groups

COMPARISON = ["construct", "test", "n", "groups", "effect_name", "effect", "statistic", "p", "smallest_p", "note"]


def compare_groups(
    scores: pd.DataFrame,
    respondents: pd.DataFrame,
    grouping: str,
    min_group_size: int = 3,
    permutations: int = 10_000,
    seed: int = 1,
) -> pd.DataFrame:
    """Do groups differ? One permutation test for each construct, over the groups of a column of `respondents`.

    Where the groups have an order, the two-sided Jonckheere–Terpstra test asks whether scores rise or fall along it; where
    they have none, the Kruskal–Wallis test asks whether any group scores higher than another.

    Parameters
    ----------
    scores : DataFrame
        `respondent, construct, score`; respondents without a score or a group are left out and counted in `note`.
    min_group_size : int
        Groups with fewer respondents are pooled first; see `pool_small_groups`.

    Returns
    -------
    DataFrame
        `construct, test, n, groups, effect_name, effect, statistic, p, smallest_p, note`, one row per construct. `effect` is
        Kendall's tau-b between group and score, from -1 (scores fall from each group to the next) to 1 (they rise), or rank
        epsilon squared, H / (n - 1), from 0 (none) to 1 (Tomczak & Tomczak 2014, Trends Sport Sci 21:19–25); `statistic` J, or
        H corrected for ties; `smallest_p` the smallest p that groups of these sizes with these ties could give.
    """
    from scipy.stats import kendalltau

    joined = join_groups(scores, respondents, grouping, min_group_size)
    ordered = joined["group"].cat.ordered
    permute = permute_jonckheere if ordered else permute_kruskal
    names = ("Jonckheere–Terpstra", "tau-b") if ordered else ("Kruskal–Wallis", "epsilon squared")
    rows = []
    for construct, part in joined.groupby("construct", sort=False):
        scored = part.dropna(subset="score")
        usable = scored.dropna(subset="group")
        table = tabulate_scores(usable["score"], usable["group"])
        row = {"construct": construct, "test": names[0], "n": len(usable), "groups": len(table), "effect_name": names[1]}
        reason = explain_incomparable(table)
        if not reason:
            row |= vars(permute(table, permutations, seed))
            row["effect"] = row["statistic"] / (len(usable) - 1)
            if ordered:
                row["effect"] = kendalltau(usable["group"].cat.codes, usable["score"].round(9)).statistic
        left_out = len(scored) - len(usable)
        notes = [f"[not defined: {reason}]" * bool(reason), f"{left_out} without a group left out" * bool(left_out)]
        rows.append(row | {"note": "; ".join(filter(None, notes))})
    return pd.DataFrame(rows, columns=COMPARISON)


def explain_incomparable(table: np.ndarray) -> str:
    """Why the groups of this table cannot be compared; empty when they can."""
    groups, values = table.shape
    if groups < 2:
        return "there is only one group" if groups else "nobody has both a score and a group"
    return f"all {table.sum()} scores are identical" if values < 2 else ""
