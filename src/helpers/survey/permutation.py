"""Permutation tests on tables of group by distinct score.

Many scores are tied (they are means of a few five-point items) and groups have one to a dozen members, so every test is a
permutation test that keeps the ties, unless all groups have hundreds. These tests need only the table of group by distinct
score. Drawing random tables with the observed margins (`scipy.stats.random_table`) is the same as shuffling respondents, and
takes no longer when there are more of them.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from helpers.study.errors import WorkbookError

# Statistics that are equal in exact arithmetic may differ in the last binary digits.
TOLERANCE = 1e-9
# If every group has at least this many members, the statistics' limiting distributions (chi-squared, normal) are nearer to
# those over all divisions than ten thousand random divisions are. The smallest p that is possible is then near 0.
LARGE_GROUPS = 500


@dataclass(frozen=True)
class Permuted:
    """A statistic compared with all, or many random, ways to divide the same scores among groups of the same sizes.

    `p` is the share of divisions at least as extreme as the observed one. Random divisions include the observed one (Phipson &
    Smyth 2010, Stat Appl Genet Mol Biol 9:39). `smallest_p` is the share at the most extreme value: the smallest p that these
    data could have given.
    """

    statistic: float
    p: float
    smallest_p: float


def tabulate_scores(score: pd.Series, group: pd.Series) -> np.ndarray:
    """Counts: each row is one group (in the groups' order, without empty groups), each column one distinct score, rising."""
    # Means that are equal in exact arithmetic must tie, in whatever order their items were added.
    return pd.crosstab(group, score.round(9)).to_numpy()


def permute_tables(table: np.ndarray, permutations: int, seed: int) -> np.ndarray:
    """All tables with the observed margins, one for each division of respondents; shape (divisions, groups, scores).

    If there are more than `permutations`, we return the observed table and that number of random ones.
    """
    from scipy.stats import random_table

    if permutations < 1:
        raise WorkbookError(
            "parameters", "permutations", str(permutations), "1 or more", "set the parameter to 10000, for example"
        )
    sizes, columns = table.sum(axis=1), table.sum(axis=0)
    if sizes.sum() <= permutations and count_divisions(sizes) <= permutations:
        members = tuple(np.repeat(np.arange(len(columns)), columns).tolist())
        divisions = [
            [np.bincount(part, minlength=len(columns)) for part in parts] for parts in _divide(members, sizes.tolist())
        ]
        return np.array(divisions)
    drawn = random_table(sizes, columns, seed=np.random.default_rng(seed)).rvs(permutations)
    return np.concatenate([table[None], drawn]).astype(int)


def count_divisions(sizes: np.ndarray) -> int:
    """Ways to divide respondents among groups of these sizes: n! / (n1! n2! …)."""
    return math.factorial(int(sizes.sum())) // math.prod(map(math.factorial, sizes.tolist()))


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


def compare_extremes(statistic: float, values: np.ndarray, centre: float = 0) -> Permuted:
    """p and the smallest p from the reference distribution `values`; values farther from the centre are more extreme."""
    observed, distances = abs(statistic - centre), np.abs(values - centre)
    slack = TOLERANCE * max(1.0, observed)
    shares = [float(np.mean(distances >= least - slack)) for least in (observed, distances.max())]
    return Permuted(float(statistic), *shares)


def kruskal_statistic(tables: np.ndarray) -> np.ndarray:
    """Kruskal–Wallis H, corrected for ties, of each table (Kruskal & Wallis 1952, J Am Stat Assoc 47:583–621)."""
    columns, sizes = tables[0].sum(axis=0), tables[0].sum(axis=1)
    n = columns.sum()
    midranks = columns.cumsum() - (columns - 1) / 2
    rank_sums = tables @ midranks
    ties = 1 - (columns.astype(float) ** 3 - columns).sum() / (float(n) ** 3 - n)
    return (12 / (n * (n + 1)) * (rank_sums**2 / sizes).sum(axis=1) - 3 * (n + 1)) / ties


def jonckheere_statistic(tables: np.ndarray) -> np.ndarray:
    """Jonckheere–Terpstra J of each table: the number of pairs in which the later group scores higher; ties count one half.

    Jonckheere 1954, Biometrika 41:133–145. Terpstra 1952, Indag Math 14:327–333.
    """
    earlier = tables.cumsum(axis=1) - tables
    lower = earlier.cumsum(axis=2) - earlier
    return (tables * (lower + earlier / 2)).sum(axis=(1, 2))


def permute_kruskal(table: np.ndarray, permutations: int, seed: int) -> Permuted:
    """Permutation Kruskal–Wallis test; the order of the groups does not matter."""
    from scipy.stats import chi2

    statistic = kruskal_statistic(table[None])[0]
    if table.sum(axis=1).min() >= LARGE_GROUPS:
        return Permuted(float(statistic), float(chi2.sf(statistic, len(table) - 1)), 0.0)
    # We sort the groups so that the random tables, and so p, do not depend on how groups are named or listed.
    ordered = table[np.lexsort(table.T)]
    return compare_extremes(kruskal_statistic(ordered[None])[0], kruskal_statistic(permute_tables(ordered, permutations, seed)))


def permute_jonckheere(table: np.ndarray, permutations: int, seed: int) -> Permuted:
    """Two-sided permutation Jonckheere–Terpstra test: extreme means far from the expected J in either direction."""
    from scipy.stats import kendalltau

    statistic, sizes = jonckheere_statistic(table[None])[0], table.sum(axis=1)
    if sizes.min() >= LARGE_GROUPS:
        # J and Kendall's tau between group and score are the same test.
        people = np.repeat(np.indices(table.shape).reshape(2, -1), table.ravel(), axis=1)
        return Permuted(float(statistic), float(kendalltau(*people, method="asymptotic").pvalue), 0.0)
    expected = (sizes.sum() ** 2 - (sizes**2).sum()) / 4
    return compare_extremes(statistic, jonckheere_statistic(permute_tables(table, permutations, seed)), expected)
