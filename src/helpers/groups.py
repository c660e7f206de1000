"""Comparisons of groups and waves at small numbers: permutation tests, effect sizes, intervals, power.

Scores tie heavily (means of a few five-point items) and groups have one to a dozen members, so every test here is a
permutation test that keeps the ties, and beside each p stands the smallest p that these groups and ties could give at
all. Permutation tests of ranks depend on the data only through the table of group by distinct score. Drawing random
tables with the observed margins (`scipy.stats.random_table`) is therefore the same as shuffling respondents, at a cost
that does not grow with their number.

What cannot be computed is missing in its column, and `note` says why in words: "[not defined: …]".
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import pandas as pd

from helpers.study import WorkbookError

CONFIDENCE = 0.95
POOLED = "Other (pooled)"

# Below this size a group's bootstrap repeats one or two people, so no interval is shown (this project's rule).
FEWEST_FOR_INTERVAL = 3

# Statistics that are equal in exact arithmetic may differ in the last binary digits.
TOLERANCE = 1e-9


# --- groups -----------------------------------------------------------------------------------------------------------


def pool_small_groups(group: pd.Series, smallest: int) -> pd.Series:
    """Pool groups that have fewer members than `smallest`.

    Unordered groups go into "Other (pooled)", which takes in the next smallest group until it is large enough itself.
    Ordered groups are joined to their smaller neighbour ("1-2 years + 3-5 years"), so that the order survives.

    Parameters
    ----------
    group : Series
        One group a respondent; missing values stay missing.

    Returns
    -------
    Series
        Categorical, ordered as `group` was, without empty groups; a single group when nothing else is large enough.
    """
    levels = group.astype("category").cat.remove_unused_categories()
    counts = levels.value_counts(sort=False)
    names = _join_neighbours(counts, smallest) if levels.cat.ordered else _pool_smallest(counts, smallest)
    categories = list(dict.fromkeys(names.values()))
    if POOLED in categories:
        categories = [name for name in categories if name != POOLED] + [POOLED]
    return levels.astype(object).map(names).astype(pd.CategoricalDtype(categories, ordered=levels.cat.ordered))


def _pool_smallest(counts: pd.Series, smallest: int) -> dict[str, str]:
    """The name each unordered level takes."""
    pooled: list[str] = []
    for level, count in counts.sort_values(kind="stable").items():
        pool_is_short = bool(pooled) and counts[pooled].sum() < smallest
        if count < smallest or pool_is_short:
            pooled.append(level)
    return {level: POOLED if level in pooled else level for level in counts.index}


def _join_neighbours(counts: pd.Series, smallest: int) -> dict[str, str]:
    """The name each ordered level takes."""
    bins = [[level] for level in counts.index]
    sizes = [int(count) for count in counts]
    while len(bins) > 1 and min(sizes) < smallest:
        here = sizes.index(min(sizes))
        beside = [place for place in (here - 1, here + 1) if 0 <= place < len(bins)]
        left, right = sorted([here, min(beside, key=lambda place: sizes[place])])
        bins[left : right + 1] = [bins[left] + bins[right]]
        sizes[left : right + 1] = [sizes[left] + sizes[right]]
    return {level: " + ".join(map(str, joined)) if len(joined) > 1 else level for joined in bins for level in joined}


def join_groups(scores: pd.DataFrame, respondents: pd.DataFrame, grouping: str, min_group_size: int = 1) -> pd.DataFrame:
    """Add `group` to scores: the respondent's (pooled) group, missing when it is not known.

    Pooling counts respondents, with a score or without, so that every construct is compared over the same groups.

    Raises
    ------
    WorkbookError
        When respondents have no such column.
    """
    if grouping not in respondents:
        known = [name for name in respondents.columns if isinstance(respondents[name].dtype, pd.CategoricalDtype)]
        raise WorkbookError(
            "respondents", "columns", f"no grouping {grouping!r}", "one of " + ", ".join([*known, "wave"]),
            "correct the name, or declare the grouping in study.yml",
        )  # fmt: skip
    group = pool_small_groups(respondents[grouping], min_group_size)
    return scores.merge(respondents[["respondent"]].assign(group=group), how="left", on="respondent")


# --- permutation of tables --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Permuted:
    """A statistic over all, or many random, ways of dividing the same scores among groups of the same sizes.

    Attributes
    ----------
    statistic : float
        As observed.
    p : float
        Share of divisions at least as extreme as the observed one; random divisions include the observed one
        (Phipson & Smyth 2010, Stat Appl Genet Mol Biol 9:39).
    smallest_p : float
        Share of divisions at the most extreme value reached: the smallest p that could have come out.
    method : str
        "exact" when every division was enumerated, else "permutation".
    """

    statistic: float
    p: float
    smallest_p: float
    method: str


def tabulate_scores(score: pd.Series, group: pd.Series) -> np.ndarray:
    """Counts with a row a group, in the groups' order and without empty ones, and a column a distinct score, rising."""
    # Means that are equal in exact arithmetic must tie, whatever order their items were added in.
    return pd.crosstab(group, score.round(9)).to_numpy()


def permute_tables(table: np.ndarray, permutations: int, seed: int) -> tuple[np.ndarray, str]:
    """All tables with the observed margins, one a division of respondents, or as many random ones.

    Every division is enumerated when there are no more than `permutations`; else the observed table and `permutations`
    random ones are returned.

    Returns
    -------
    tables : ndarray of shape (divisions, groups, scores)
    method : str
        "exact" or "permutation".
    """
    from scipy.stats import random_table

    if permutations < 1:
        raise WorkbookError(
            "parameters", "permutations", str(permutations), "1 or more", "set the parameter to 10000, for example"
        )
    sizes, columns = table.sum(axis=1), table.sum(axis=0)
    if count_divisions(sizes) <= permutations:
        members = tuple(np.repeat(np.arange(len(columns)), columns).tolist())
        divisions = [
            [np.bincount(part, minlength=len(columns)) for part in parts] for parts in _divide(members, sizes.tolist())
        ]
        return np.array(divisions), "exact"
    drawn = random_table(sizes, columns, seed=np.random.default_rng(seed)).rvs(permutations)
    return np.concatenate([table[None], drawn]).astype(int), "permutation"


def count_divisions(sizes: np.ndarray) -> int:
    """Ways to divide respondents among groups of these sizes: n! / (n1! n2! …)."""
    ways, left = 1, int(sizes.sum())
    for size in sizes.tolist():
        ways *= math.comb(left, size)
        left -= size
    return ways


def _divide(members: tuple[int, ...], sizes: list[int]) -> Iterator[list[tuple[int, ...]]]:
    """Every way to divide the members among groups of the given sizes."""
    if len(sizes) == 1:
        yield [members]
        return
    for chosen in combinations(range(len(members)), sizes[0]):
        taken = set(chosen)
        rest = tuple(member for place, member in enumerate(members) if place not in taken)
        for others in _divide(rest, sizes[1:]):
            yield [tuple(members[place] for place in chosen), *others]


def _compare_extremes(observed: float, extremes: np.ndarray, statistic: float, method: str) -> Permuted:
    """p and the smallest p from the reference distribution `extremes`, larger being more extreme."""
    slack = TOLERANCE * max(1.0, abs(observed))
    p = np.mean(extremes >= observed - slack)
    smallest = np.mean(extremes >= extremes.max() - slack)
    return Permuted(float(statistic), float(p), float(smallest), method)


def kruskal_statistic(tables: np.ndarray) -> np.ndarray:
    """Kruskal–Wallis H, corrected for ties, of each table (divisions, groups, scores).

    References
    ----------
    Kruskal & Wallis 1952, J Am Stat Assoc 47:583–621.
    """
    columns, sizes = tables[0].sum(axis=0), tables[0].sum(axis=1)
    n = columns.sum()
    midranks = columns.cumsum() - (columns - 1) / 2
    rank_sums = tables @ midranks
    ties = 1 - (columns.astype(float) ** 3 - columns).sum() / (float(n) ** 3 - n)
    return (12 / (n * (n + 1)) * (rank_sums**2 / sizes).sum(axis=1) - 3 * (n + 1)) / ties


def jonckheere_statistic(tables: np.ndarray) -> np.ndarray:
    """Jonckheere–Terpstra J of each table: pairs in which the later group scores higher, a tie counting one half.

    References
    ----------
    Jonckheere 1954, Biometrika 41:133–145. Terpstra 1952, Indag Math 14:327–333.
    """
    earlier = tables.cumsum(axis=1) - tables
    lower = earlier.cumsum(axis=2) - earlier
    return (tables * (lower + earlier / 2)).sum(axis=(1, 2))


def permute_kruskal(table: np.ndarray, permutations: int, seed: int) -> Permuted:
    """Permutation Kruskal–Wallis test; groups' order plays no part."""
    # In a fixed order of the groups the random tables, and so p, do not depend on how groups are named or listed.
    ordered = table[np.lexsort(table.T)]
    tables, method = permute_tables(ordered, permutations, seed)
    h = kruskal_statistic(tables)
    observed = kruskal_statistic(ordered[None])[0]
    return _compare_extremes(observed, h, observed, method)


def permute_jonckheere(table: np.ndarray, permutations: int, seed: int) -> Permuted:
    """Two-sided permutation Jonckheere–Terpstra test: extreme means far from J's expectation in either direction."""
    tables, method = permute_tables(table, permutations, seed)
    sizes = table.sum(axis=1)
    expected = (sizes.sum() ** 2 - (sizes**2).sum()) / 4
    observed = jonckheere_statistic(table[None])[0]
    return _compare_extremes(abs(observed - expected), np.abs(jonckheere_statistic(tables) - expected), observed, method)


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
        `construct, n, groups, statistic, p, p_adjusted, smallest_p, method, effect, note`, one row a construct.
        `statistic` is H corrected for ties; `effect` is rank epsilon squared, H / (n - 1), from 0 (none) to 1;
        `p_adjusted` is Holm's correction across the constructs; `smallest_p` the smallest p that groups of these sizes
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


COMPARISON = ["construct", "n", "groups", "statistic", "p", "p_adjusted", "smallest_p", "method", "effect", "note"]


def _adjust_constructs(rows: list[dict[str, object]]) -> pd.DataFrame:
    """A comparison's rows with Holm's correction across constructs."""
    table = pd.DataFrame(rows, columns=[name for name in COMPARISON if name != "p_adjusted"])
    return table.assign(p_adjusted=adjust_holm(table["p"]))[COMPARISON]


def adjust_holm(p: pd.Series) -> pd.Series:
    """Holm's step-down correction over the p-values that are defined (Holm 1979, Scand J Stat 6:65–70)."""
    from statsmodels.stats.multitest import multipletests

    adjusted = p.astype(float).copy()
    defined = adjusted.notna()
    if defined.any():
        adjusted[defined] = multipletests(adjusted[defined], method="holm")[1]
    return adjusted


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
        `construct, group_a, group_b, n_a, n_b, p, p_adjusted, smallest_p, delta, low, high, note`, one row a construct
        and pair.
        `p` is Dunn's, two-sided and with the tie correction (a normal approximation); `p_adjusted` Holm's over the
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
    columns = ["construct", "group_a", "group_b", "n_a", "n_b", "p", "p_adjusted"]
    columns += ["smallest_p", "delta", "low", "high", "note"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _compare_each_pair(table: np.ndarray, names: list[str], permutations: int, seed: int) -> pd.DataFrame:
    """The pairs of one construct."""
    dunn = run_dunn(table)
    random = np.random.default_rng(seed)
    # One set of resamples a group serves all its pairs: drawing is what takes time with many respondents.
    resampled = [resample_group(group, permutations, random) for group in table]
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
        rows.append(
            {
                "group_a": names[a],
                "group_b": names[b],
                "n_a": int(table[a].sum()),
                "n_b": int(table[b].sum()),
                "p": p,
                "smallest_p": smallest,
                "delta": delta.value,
                "low": delta.low,
                "high": delta.high,
                "note": "; ".join(filter(None, notes)),
            }
        )
    pairs = pd.DataFrame(rows)
    return pairs.assign(p_adjusted=adjust_holm(pairs["p"]))


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


@dataclass(frozen=True)
class Effect:
    """An effect size with its 95% interval; `note` says why there is no interval."""

    value: float
    low: float = math.nan
    high: float = math.nan
    note: str = ""


def resample_group(group: np.ndarray, resamples: int, random: np.random.Generator) -> np.ndarray:
    """Bootstrap resamples of a group, a row each: how many members have each distinct score."""
    return random.multinomial(group.sum(), group / group.sum(), size=resamples)


def estimate_delta(a: np.ndarray, b: np.ndarray, resampled_a: np.ndarray, resampled_b: np.ndarray) -> Effect:
    """Cliff's delta of two groups with a stratified bootstrap interval.

    Each group is resampled on its own. The interval is the expanded percentile interval: plain percentiles of so small
    groups cover 86 to 95% in the place of 95% (see tests/benchmarks), so they are taken further out, as Student's t of
    the smaller group stands to the normal distribution.

    Parameters
    ----------
    a, b : ndarray
        How many members of each group have each distinct score, the scores rising.
    resampled_a, resampled_b : ndarray
        From `resample_group`.

    References
    ----------
    Hesterberg 2015, Am Stat 69:371–386, section on bootstrap percentile intervals for small samples.
    """
    from scipy.stats import norm, t

    delta = float(cliff_delta(a[None], b[None])[0])
    smaller = int(min(a.sum(), b.sum()))
    if smaller < FEWEST_FOR_INTERVAL:
        return Effect(delta, note=f"[interval not defined: a group of {smaller}, {FEWEST_FOR_INTERVAL} needed]")
    if abs(delta) == 1 or np.count_nonzero(a + b) == 1:
        reason = "the groups do not overlap" if abs(delta) == 1 else "both groups have one and the same score"
        return Effect(delta, note=f"[interval not defined: {reason}]")
    tail = norm.cdf(math.sqrt(smaller / (smaller - 1)) * t.ppf((1 - CONFIDENCE) / 2, smaller - 1))
    low, high = np.quantile(cliff_delta(resampled_a, resampled_b), [tail, 1 - tail])
    return Effect(delta, float(low), float(high))


def cliff_delta(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Cliff's delta of each pair of rows of counts: the share of pairs in which a is higher, less that where b is."""
    below = b.cumsum(axis=1) - b
    above = b.sum(axis=1, keepdims=True) - b.cumsum(axis=1)
    return (a * (below - above)).sum(axis=1) / (a.sum(axis=1) * b.sum(axis=1))


# --- waves ------------------------------------------------------------------------------------------------------------


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
        `construct, n_earlier, n_later, pairs, rose, fell, same, statistic, p, p_adjusted, smallest_p, method, effect,
        note`. `statistic` is the sum of the positive ranks, unchanged pairs left out; `effect` the matched
        rank-biserial correlation, from -1 (every pair fell) to 1 (every pair rose); p two-sided.

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
        row = {"construct": construct}
        row |= {"n_earlier": int(part["wave"].eq(earlier).sum()), "n_later": int(part["wave"].eq(later).sum())}
        rows.append(row | _describe_changes(change, permutations, seed) | {"repeated": int(part["repeated"].sum())})
    table = pd.DataFrame(rows)
    repeated = table["repeated"].map(lambda n: f"; {n} with a key that stands twice in a wave left out" if n else "")
    table = table.assign(note=(table["note"] + repeated).str.removeprefix("; "), p_adjusted=adjust_holm(table["p"]))
    columns = ["construct", "n_earlier", "n_later", "pairs", "rose", "fell", "same", "statistic", "p", "p_adjusted"]
    return table[[*columns, "smallest_p", "method", "effect", "note"]]


def _describe_changes(change: pd.Series, permutations: int, seed: int) -> dict[str, object]:
    """The test of one construct's changes, one a linked pair."""
    row = {"pairs": len(change), "rose": int(change.gt(0).sum()), "fell": int(change.lt(0).sum())}
    row["same"] = row["pairs"] - row["rose"] - row["fell"]
    moved = change[change.ne(0)]
    if moved.empty:
        reason = "no respondent is linked across the two waves" if change.empty else "no linked respondent changed"
        return row | {name: math.nan for name in ("statistic", "p", "smallest_p", "effect")} | {
            "method": "", "note": f"[not defined: {reason}]",
        }  # fmt: skip
    tested = permute_signs(moved, permutations, seed)
    total = len(moved) * (len(moved) + 1) / 2
    effect = (2 * tested.statistic - total) / total
    return row | {
        "statistic": tested.statistic, "p": tested.p, "smallest_p": tested.smallest_p, "method": tested.method,
        "effect": effect, "note": "",
    }  # fmt: skip


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
    return _compare_extremes(abs(observed - expected), np.abs(sums - expected), observed, method)


# --- the next survey --------------------------------------------------------------------------------------------------


def simulate_power(
    scores: pd.Series,
    sizes: Iterable[int],
    shift: float,
    lowest: float,
    highest: float,
    simulations: int = 2_000,
    seed: int = 1,
) -> pd.DataFrame:
    """How likely would two groups (or waves) of the next survey be told apart, by their size?

    Both groups are drawn with replacement from the scores of this survey, and the second is moved by `shift` points and
    cut off at the ends of the scale. Power is the share of simulations with p < .05 in a two-sided Mann–Whitney test
    with the tie correction (its normal approximation: for groups under about eight the curve is rough).

    Parameters
    ----------
    scores : Series
        One construct's scores; missing ones are left out.
    shift : float
        Points of the scale.
    lowest, highest : float
        Ends of the scale.

    Returns
    -------
    DataFrame
        `n_per_group, shift, delta, power, low, high, note`; `delta` is the Cliff's delta that the shift amounts to,
        `low` and `high` bound the simulation's own error (95% Wilson); power and bounds in per cent.
    """
    from scipy.stats import mannwhitneyu
    from statsmodels.stats.proportion import proportion_confint

    sizes = list(sizes)
    known = scores.dropna().to_numpy(float)
    moved = np.clip(known + shift, lowest, highest).round(9)
    table = pd.DataFrame({"n_per_group": sizes, "shift": float(shift)})
    if len(known) == 0 or len(np.unique(np.concatenate([known.round(9), moved]))) == 1:
        reason = "there are no scores to draw from" if len(known) == 0 else "all scores are identical"
        empty = dict.fromkeys(["delta", "power", "low", "high"], np.nan)
        return table.assign(**empty, note=f"[not defined: {reason}]")
    random = np.random.default_rng(seed)
    found = []
    for size in sizes:
        first = random.choice(known, (simulations, size)).round(9)
        second = random.choice(moved, (simulations, size))
        p = mannwhitneyu(first, second, axis=1, method="asymptotic").pvalue
        found.append(int((p < 0.05).sum()))
    low, high = proportion_confint(np.array(found), simulations, method="wilson")
    pair = pd.DataFrame({"score": np.append(moved, known.round(9)), "group": np.repeat([0, 1], len(known))})
    counts = tabulate_scores(pair["score"], pair["group"])
    return table.assign(
        delta=cliff_delta(counts[:1], counts[1:])[0],
        power=100 * np.array(found) / simulations,
        low=100 * low,
        high=100 * high,
        note="",
    )
