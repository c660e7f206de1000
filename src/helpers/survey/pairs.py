"""Which groups differ, and by how much? Each pair of groups: Cliff's delta with its interval, Dunn's test."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pandas as pd

from helpers.survey.distributions import CONFIDENCE, Estimate
from helpers.survey.family import adjust_holm
from helpers.survey.permutation import kruskal_statistic, tabulate_scores
from helpers.survey.pooling import join_groups

# Below this size a group's bootstrap repeats one or two people, so no interval is shown (this project's rule).
FEWEST_FOR_INTERVAL = 3


def compare_pairs(
    scores: pd.DataFrame,
    respondents: pd.DataFrame,
    grouping: str,
    min_group_size: int = 3,
    permutations: int = 10_000,
    seed: int = 1,
) -> pd.DataFrame:
    """Which groups differ, and by how much? Dunn's test and Cliff's delta for each pair of groups.

    Returns
    -------
    DataFrame
        `construct, group_a, group_b, n_a, n_b, p, p_holm, smallest_p, delta, low, high, note`, one row per construct
        and pair.
        `p` is Dunn's, two-sided and with the tie correction (a normal approximation); `p_holm` Holm's over the
        pairs of one construct; `smallest_p` the smallest p of a permutation test of these two groups with their ties,
        and `note` says when Dunn's lies below it. `delta` runs from -1 to 1 and is positive when `group_a` scores
        higher; its 95% bootstrap interval, of as many resamples as `permutations`, is withheld when a group has fewer
        than three scores or the groups do not overlap. A construct with scores in one group only has no rows.

    References
    ----------
    Dunn 1964, Technometrics 6:241–252. Cliff 1993, Psychol Bull 114:494–509.
    """
    joined = join_groups(scores, respondents, grouping, min_group_size).dropna(subset=["score", "group"])
    parts = []
    for construct in scores["construct"].drop_duplicates():
        part = joined[joined["construct"].eq(construct)]
        present = part["group"].cat.remove_unused_categories()
        table = tabulate_scores(part["score"], present)
        if len(table) > 1:
            pairs = _compare_each_pair(table, present.cat.categories.to_list(), permutations, seed)
            parts.append(pairs.assign(construct=construct))
    columns = ["construct", "group_a", "group_b", "n_a", "n_b", "p", "p_holm"]
    columns += ["smallest_p", "delta", "low", "high", "note"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _compare_each_pair(table: np.ndarray, names: list[str], permutations: int, seed: int) -> pd.DataFrame:
    """The pairs of one construct."""
    dunn = run_dunn(table)
    random = np.random.default_rng(seed)
    # One set of resamples a group serves all its pairs: drawing is what takes time with many respondents.
    resampled = [random.multinomial(group.sum(), group / group.sum(), size=permutations) for group in table]
    rows = []
    for a, b in combinations(range(len(names)), 2):
        p, smallest = dunn[a, b], smallest_pair_p(table[[a, b]])
        delta = estimate_delta(table[a], table[b], resampled[a], resampled[b])
        notes = [
            "" if np.isfinite(p) else "[p not defined: all scores are identical]",
            "" if np.isfinite(smallest) else "[smallest p not defined: both groups have one and the same score]",
            "p below the smallest an exact test could give" if p < smallest else "",
            delta.note,
        ]
        sizes = int(table[a].sum()), int(table[b].sum())
        note = "; ".join(filter(None, notes))
        rows.append((names[a], names[b], *sizes, p, smallest, delta.value, delta.low, delta.high, note))
    columns = ["group_a", "group_b", "n_a", "n_b", "p", "smallest_p", "delta", "low", "high", "note"]
    pairs = pd.DataFrame(rows, columns=columns)
    return pairs.assign(p_holm=adjust_holm(pairs["p"]))


def smallest_pair_p(table: np.ndarray) -> float:
    """The smallest p that a permutation test of two groups could give; NaN when both have one and the same score.

    The most extreme divisions give one group all the lowest, or all the highest, scores; only a score that is split
    between the groups can be shared out in several ways, so their probability is known without drawing any.
    """
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2:
        return math.nan
    totals, size = table.sum(axis=0), int(table[0].sum())
    extremes, shares = [], []
    for order in (slice(None), slice(None, None, -1)):
        room = np.clip(size - (totals[order].cumsum() - totals[order]), 0, totals[order])[order]
        extremes.append([room, totals - room])
        ways = sum(log_ways(int(total), int(taken)) for total, taken in zip(totals, room, strict=True))
        shares.append(math.exp(ways - log_ways(int(totals.sum()), size)))
    statistic = kruskal_statistic(np.array(extremes))
    return min(1.0, float(np.sum(np.array(shares)[np.isclose(statistic, statistic.max())])))


def log_ways(total: int, taken: int) -> float:
    """Logarithm of the number of ways to take so many of a total."""
    return math.lgamma(total + 1) - math.lgamma(taken + 1) - math.lgamma(total - taken + 1)


def run_dunn(table: np.ndarray) -> np.ndarray:
    """Two-sided p of Dunn's test for each pair of rows; NaN throughout when all scores are identical."""
    from scikit_posthocs import posthoc_dunn

    groups, values = table.shape
    if values < 2:
        return np.full((groups, groups), np.nan)
    group, value = np.repeat(np.indices(table.shape).reshape(2, -1), table.ravel(), axis=1)
    return posthoc_dunn(pd.DataFrame({"group": group, "value": value}), "value", "group").to_numpy()


def estimate_delta(a: np.ndarray, b: np.ndarray, resampled_a: np.ndarray, resampled_b: np.ndarray) -> Estimate:
    """Cliff's delta of two groups with a stratified bootstrap interval.

    Each group is resampled on its own. The interval is the expanded percentile interval: plain percentiles of so small
    groups cover 86 to 95% in the place of 95% (see tests/benchmarks), so they are taken further out, as Student's t of
    the smaller group stands to the normal distribution.

    Parameters
    ----------
    a, b : ndarray
        How many members of each group have each distinct score, the scores rising.
    resampled_a, resampled_b : ndarray
        Bootstrap resamples of them, a row each.

    References
    ----------
    Hesterberg 2015, Am Stat 69:371–386, section on bootstrap percentile intervals for small samples.
    """
    from scipy.stats import norm, t

    delta = float(cliff_delta(a[None], b[None])[0])
    smaller = int(min(a.sum(), b.sum()))
    if smaller < FEWEST_FOR_INTERVAL:
        return Estimate(delta, note=f"[interval not defined: a group of {smaller}, {FEWEST_FOR_INTERVAL} needed]")
    if abs(delta) == 1 or np.count_nonzero(a + b) == 1:
        reason = "the groups do not overlap" if abs(delta) == 1 else "both groups have one and the same score"
        return Estimate(delta, note=f"[interval not defined: {reason}]")
    tail = norm.cdf(math.sqrt(smaller / (smaller - 1)) * t.ppf((1 - CONFIDENCE) / 2, smaller - 1))
    low, high = np.quantile(cliff_delta(resampled_a, resampled_b), [tail, 1 - tail])
    return Estimate(delta, float(low), float(high))


def cliff_delta(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Cliff's delta of each pair of rows of counts: the share of pairs in which a is higher, less that where b is."""
    below = b.cumsum(axis=1) - b
    above = b.sum(axis=1, keepdims=True) - b.cumsum(axis=1)
    return (a * (below - above)).sum(axis=1) / (a.sum(axis=1) * b.sum(axis=1))
