"""Do groups differ? Tests of all groups together, construct by construct.

What cannot be computed is missing in its column, and `note` says why in words: "[not defined: …]".
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from helpers.study.errors import WorkbookError
from helpers.survey.family import adjust_holm
from helpers.survey.permutation import NOT_TESTED, Permuted, permute_jonckheere, permute_kruskal, tabulate_scores
from helpers.survey.pooling import join_groups

COMPARISON = ["construct", "n", "groups", "statistic", "p", "p_holm", "smallest_p", "method", "effect", "note"]


def compare_groups(
    scores: pd.DataFrame,
    respondents: pd.DataFrame,
    grouping: str,
    min_group_size: int = 3,
    permutations: int = 10_000,
    seed: int = 1,
) -> pd.DataFrame:
    """Do groups differ? Permutation Kruskal–Wallis for each construct.

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
        `construct, n, groups, statistic, p, p_holm, smallest_p, method, effect, note`, one row per construct.
        `statistic` is H corrected for ties; `effect` is rank epsilon squared, H / (n - 1), from 0 (none) to 1;
        `p_holm` is Holm's correction across the constructs; `smallest_p` the smallest p that groups of these sizes
        with these ties could give, in this many permutations; `method` "exact" or "permutation".

    References
    ----------
    Epsilon squared: Tomczak & Tomczak 2014, Trends Sport Sci 21:19–25.
    """
    joined = join_groups(scores, respondents, grouping, min_group_size)

    def measure(tested: Permuted, usable: pd.DataFrame) -> float:
        return tested.statistic / (len(usable) - 1)

    return _compare_constructs(joined, lambda table: permute_kruskal(table, permutations, seed), measure)


def compare_ordered_groups(
    scores: pd.DataFrame,
    respondents: pd.DataFrame,
    grouping: str,
    min_group_size: int = 3,
    permutations: int = 10_000,
    seed: int = 1,
) -> pd.DataFrame:
    """Do scores rise or fall along ordered groups? Two-sided permutation Jonckheere–Terpstra for each construct.

    Returns
    -------
    DataFrame
        The columns of `compare_groups`; `statistic` is J, `effect` Kendall's tau-b between group and score, from -1
        (scores fall from each group to the next) to 1 (they rise).

    Raises
    ------
    WorkbookError
        When the study does not declare the grouping as ordered.
    """
    from scipy.stats import kendalltau

    joined = join_groups(scores, respondents, grouping, min_group_size)
    if not joined["group"].cat.ordered:
        raise WorkbookError(
            "study.yml", f"survey.groupings.{grouping}", "groups without an order", "`ordered: true`",
            "declare the order, or compare the groups without one",
        )  # fmt: skip

    def measure(tested: Permuted, usable: pd.DataFrame) -> float:
        return float(kendalltau(usable["group"].cat.codes, usable["score"].round(9)).statistic)

    return _compare_constructs(joined, lambda table: permute_jonckheere(table, permutations, seed), measure)


def _compare_constructs(
    joined: pd.DataFrame, permute: Callable[[np.ndarray], Permuted], measure: Callable[[Permuted, pd.DataFrame], float]
) -> pd.DataFrame:
    """One row per construct, with Holm's correction across them."""
    rows = []
    for construct, part in joined.groupby("construct", sort=False):
        scored = part.dropna(subset="score")
        usable = scored.dropna(subset="group")
        table = tabulate_scores(usable["score"], usable["group"])
        row = {"construct": construct, "n": len(usable), "groups": len(table), **NOT_TESTED}
        reason = _explain_incomparable(table)
        if not reason:
            tested = permute(table)
            row |= vars(tested) | {"effect": measure(tested, usable)}
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
