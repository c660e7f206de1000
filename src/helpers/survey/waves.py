"""Did the same people change between waves?"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from helpers.survey.family import adjust_holm
from helpers.survey.permutation import NOT_TESTED, Permuted, compare_extremes


def compare_linked_waves(
    scores: pd.DataFrame,
    respondents: pd.DataFrame,
    earlier: str,
    later: str,
    permutations: int = 10_000,
    seed: int = 1,
) -> pd.DataFrame:
    """Did the same people change? Wilcoxon's signed ranks by sign-flipping, over respondents linked across two waves.

    For waves of different people use `compare_groups(…, "wave")`.

    Parameters
    ----------
    respondents : DataFrame
        `respondent, wave, link`; `link` is the pseudonymous key. A key that stands twice in a wave links nobody.

    Returns
    -------
    DataFrame
        `construct, pairs, rose, fell, same, statistic, p, p_holm, smallest_p, method, effect, note`. `statistic` is the
        sum of the positive ranks, unchanged pairs left out; `effect` the matched rank-biserial correlation, from -1 (every
        pair fell) to 1 (every pair rose); p two-sided.

    References
    ----------
    Wilcoxon 1945, Biometrics Bull 1:80–83. Kerby 2014, Compr Psychol 3:11.IT.3.1.
    """
    keyed = respondents if "link" in respondents else respondents.assign(link=None)
    keyed = keyed[["respondent", "wave", "link"]].astype({"wave": str})
    repeated = keyed["link"].notna() & keyed.duplicated(["wave", "link"], keep=False)
    usable = scores.merge(keyed.assign(repeated=repeated), on="respondent").dropna(subset="score")
    rows = []
    for construct in scores["construct"].drop_duplicates():
        part = usable[usable["construct"].eq(construct)]
        linked = part[part["link"].notna() & ~part["repeated"]]
        before, after = (linked[linked["wave"].eq(wave)].set_index("link")["score"] for wave in (earlier, later))
        change = (after - before).dropna().round(9)
        row = {"construct": construct} | _describe_changes(change, permutations, seed)
        if repeated := int(part["repeated"].sum()):
            left_out = f"{repeated} with a key that stands twice in a wave left out"
            row["note"] = "; ".join(filter(None, [row["note"], left_out]))
        rows.append(row)
    table = pd.DataFrame(rows)
    return table.assign(p_holm=adjust_holm(table["p"]))


def _describe_changes(change: pd.Series, permutations: int, seed: int) -> dict[str, object]:
    """The test of one construct's changes, one a linked pair."""
    rose, fell = int(change.gt(0).sum()), int(change.lt(0).sum())
    row = {"pairs": len(change), "rose": rose, "fell": fell, "same": len(change) - rose - fell}
    moved = change[change.ne(0)]
    if moved.empty:
        reason = "no respondent is linked across the two waves" if change.empty else "no linked respondent changed"
        return row | NOT_TESTED | {"note": f"[not defined: {reason}]"}
    tested = permute_signs(moved, permutations, seed)
    total = len(moved) * (len(moved) + 1) / 2
    return row | vars(tested) | {"effect": (2 * tested.statistic - total) / total, "note": ""}


def permute_signs(change: pd.Series, permutations: int, seed: int) -> Permuted:
    """Two-sided Wilcoxon signed-rank test of changes without zeros, every sign as likely as its opposite."""
    ranks = change.abs().rank()
    observed = ranks[change > 0].sum()
    sizes, counts = np.unique(ranks, return_counts=True)
    if 2 ** len(change) <= permutations:
        sums = np.array(list(product([0, 1], repeat=len(change)))) @ np.sort(ranks.to_numpy())
        method = "exact"
    else:
        # Among equal ranks the number that are positive is binomial.
        drawn = np.random.default_rng(seed).binomial(counts, 0.5, size=(permutations, len(counts)))
        sums = np.append(drawn @ sizes, observed)
        method = "permutation"
    expected = ranks.sum() / 2
    return compare_extremes(abs(observed - expected), np.abs(sums - expected), observed, method)
