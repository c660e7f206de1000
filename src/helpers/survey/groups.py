"""Do groups differ? Tests of all groups together, construct by construct.

What cannot be computed is missing in its column, and `note` says why in words: "[not defined: …]".
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.survey.family import adjust_holm
from helpers.survey.permutation import NOT_TESTED, permute_jonckheere, permute_kruskal, tabulate_scores
from helpers.survey.pooling import join_groups

COMPARISON = ["construct", "test", "n", "groups", "effect_name", "effect", "statistic", "p", "p_holm"]
COMPARISON += ["smallest_p", "method", "note"]


def compare_groups(
    scores: pd.DataFrame,
    respondents: pd.DataFrame,
    grouping: str,
    min_group_size: int = 3,
    permutations: int = 10_000,
    seed: int = 1,
) -> pd.DataFrame:
    """Do groups differ? One permutation test for each construct.

    Where the groups have an order, the two-sided Jonckheere–Terpstra test asks whether scores rise or fall along it; where
    they have none, the Kruskal–Wallis test asks whether any group scores higher than another.

    Parameters
    ----------
    scores : DataFrame
        `respondent, construct, score`; respondents without a score or a group are left out and counted in `note`.
    grouping : str
        A column of `respondents`; `wave` gives the comparison of independent waves.
    min_group_size : int
        Groups with fewer respondents are pooled first; see `pool_small_groups`.

    Returns
    -------
    DataFrame
        `construct, test, n, groups, effect_name, effect, statistic, p, p_holm, smallest_p, method, note`, one row per
        construct. `effect` is Kendall's tau-b between group and score, from -1 (scores fall from each group to the next) to 1
        (they rise), or rank epsilon squared, H / (n - 1), from 0 (none) to 1; `statistic` J, or H corrected for ties; `p_holm`
        Holm's correction across the constructs; `smallest_p` the smallest p that groups of these sizes with these ties could
        give, in this many permutations; `method` "exact" or "permutation".

    References
    ----------
    Epsilon squared: Tomczak & Tomczak 2014, Trends Sport Sci 21:19–25.
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
        row = dict(zip(["test", "effect_name"], names, strict=True)) | NOT_TESTED
        row |= {"construct": construct, "n": len(usable), "groups": len(table)}
        reason = _explain_incomparable(table)
        if not reason:
            row |= vars(permute(table, permutations, seed))
            row["effect"] = row["statistic"] / (len(usable) - 1)
            if ordered:
                row["effect"] = kendalltau(usable["group"].cat.codes, usable["score"].round(9)).statistic
        left_out = len(scored) - len(usable)
        notes = [f"[not defined: {reason}]" * bool(reason), f"{left_out} without a group left out" * bool(left_out)]
        rows.append(row | {"note": "; ".join(filter(None, notes))})
    table = pd.DataFrame(rows, columns=COMPARISON)
    return table.assign(p_holm=adjust_holm(table["p"]))


def _explain_incomparable(table: np.ndarray) -> str:
    """Why the groups of this table cannot be compared; empty when they can."""
    groups, values = table.shape
    if table.sum() == 0:
        return "nobody has both a score and a group"
    if groups < 2:
        return "there is only one group"
    if values < 2:
        return f"all {table.sum()} scores are identical"
    return ""
