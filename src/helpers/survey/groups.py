"""Do groups differ? Tests of all groups together, construct by construct.

What cannot be computed is missing in its column, and `note` says why in words: "[not defined: …]".
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from helpers.study.errors import WorkbookError
from helpers.survey.permutation import Permuted, permute_jonckheere, permute_kruskal, tabulate_scores
from helpers.survey.pooling import join_groups

CONFIDENCE = 0.95


# --- comparisons of groups --------------------------------------------------------------------------------------------
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
        `construct, n, groups, statistic, p, p_holm, smallest_p, method, effect, note`, one row a construct.
        `statistic` is H corrected for ties; `effect` is rank epsilon squared, H / (n - 1), from 0 (none) to 1;
        `p_holm` is Holm's correction across the constructs; `smallest_p` the smallest p that groups of these sizes
        with these ties could give, in this many permutations; `method` "exact" or "permutation".

    References
    ----------
    Epsilon squared: Tomczak & Tomczak 2014, Trends Sport Sci 21:19–25.
    """
    joined = join_groups(scores, respondents, grouping, min_group_size)
    rows = []
    for construct, part in joined.groupby("construct", sort=False):
        usable = part.dropna(subset=["score", "group"])
        table = tabulate_scores(usable["score"], usable["group"])
        reason = _explain_incomparable(table)
        tested = None if reason else permute_kruskal(table, permutations, seed)
        effect = tested.statistic / (len(usable) - 1) if tested else math.nan
        rows.append(_describe_test(construct, part, table, tested, effect, reason))
    return _adjust_constructs(rows)


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
    rows = []
    for construct, part in joined.groupby("construct", sort=False):
        usable = part.dropna(subset=["score", "group"])
        table = tabulate_scores(usable["score"], usable["group"])
        reason = _explain_incomparable(table)
        tested = None if reason else permute_jonckheere(table, permutations, seed)
        effect = math.nan if reason else kendalltau(usable["group"].cat.codes, usable["score"].round(9)).statistic
        rows.append(_describe_test(construct, part, table, tested, float(effect), reason))
    return _adjust_constructs(rows)


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


def _describe_test(
    construct: str, part: pd.DataFrame, table: np.ndarray, tested: Permuted | None, effect: float, reason: str
) -> dict[str, object]:
    """One row of a comparison."""
    ungrouped = int((part["group"].isna() & part["score"].notna()).sum())
    notes = [f"[not defined: {reason}]" if reason else ""]
    notes.append(f"{ungrouped} without a group left out" if ungrouped else "")
    return {
        "construct": construct,
        "n": int(table.sum()),
        "groups": len(table),
        "statistic": tested.statistic if tested else math.nan,
        "p": tested.p if tested else math.nan,
        "smallest_p": tested.smallest_p if tested else math.nan,
        "method": tested.method if tested else "",
        "effect": effect,
        "note": "; ".join(filter(None, notes)),
    }


COMPARISON = ["construct", "n", "groups", "statistic", "p", "p_holm", "smallest_p", "method", "effect", "note"]


def _adjust_constructs(rows: list[dict[str, object]]) -> pd.DataFrame:
    """A comparison's rows with Holm's correction across constructs."""
    table = pd.DataFrame(rows, columns=[name for name in COMPARISON if name != "p_holm"])
    return table.assign(p_holm=adjust_holm(table["p"]))[COMPARISON]


def adjust_holm(p: pd.Series) -> pd.Series:
    """Holm's step-down correction over the p-values that are defined (Holm 1979, Scand J Stat 6:65–70)."""
    from statsmodels.stats.multitest import multipletests

    adjusted = p.astype(float).copy()
    defined = adjusted.notna()
    if defined.any():
        adjusted[defined] = multipletests(adjusted[defined], method="holm")[1]
    return adjusted
