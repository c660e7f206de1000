"""Which groups differ, and by how much? For each pair of groups, the difference in points and an exact test."""

import math

import numpy as np
import pandas as pd

from helpers.study.definition import Study
from helpers.study.errors import WorkbookError
from helpers.survey.distributions import CONFIDENCE
from helpers.survey.family import FAMILY_ERROR, count_questions
from helpers.survey.permutation import TOLERANCE, tabulate_scores

LARGER, SMALLER, UNCLEAR, CANNOT_TELL = VERDICTS = "larger", "smaller than matters", "no clear difference", "cannot tell"
PAIR = ["grouping", "construct", "group_a", "group_b", "n_a", "n_b", "difference", "low", "high", "verdict"]
PAIR += ["p", "p_holm", "note"]
CONTRAST = ["grouping", "construct", "group", "n", "difference", "low", "high", "reach", "p_holm", "note"]
# The most sums that an exact test of two groups may compute. This takes a second; beyond it, both groups are large.
MOST_SUMS = 2e8


def compare_pairs(study: Study, by_group: pd.DataFrame, comparisons: pd.DataFrame, matters: float = 0.5) -> pd.DataFrame:
    """For each pair of groups, how far their means are apart, and whether chance explains it.

    Parameters
    ----------
    by_group, comparisons : DataFrame
        From `comparisons.join_every_grouping` and `compare_every_grouping`. We test pairs only if the test of all groups found
        a difference.
    matters : float
        The smallest difference that matters, in points of the scale.

    Returns
    -------
    DataFrame
        `PAIR`. `difference` is the first mean minus the second. Its 95% interval holds for all rows at once (Bonferroni). It is
        Student's t with the spread within all groups of the construct, because three people alone do not show their spread.
        `verdict` comes from `judge_intervals` ("larger" only if the test agrees), `p` from `permute_pair`, `p_holm` from
        `correct_pairs`; both p are missing if pairs were not tested. There are no rows if only one group has scores.
    """
    lowest, highest = study.score_limits
    if not 0 < matters < highest - lowest:
        expected = f"points of the scale, above 0 and under {highest - lowest:g}"
        raise WorkbookError("parameters", "matters", f"{matters:g}", expected, "correct the parameter `matters`")
    opened, tests = comparisons[comparisons["p_holm"] < FAMILY_ERROR], comparisons["p"].count() * count_questions(study)
    gates, parts = opened.set_index(["grouping", "construct"])["p"].to_dict(), [pd.DataFrame(columns=[*PAIR, "free", "error"])]
    for family, part in by_group.groupby(["grouping", "construct"], sort=False):
        each, sides = describe_groups(part), np.triu_indices(part["group"].nunique(), 1)
        a, b = (each.iloc[side].reset_index(drop=True) for side in sides)
        found = pd.DataFrame({"group_a": a["group"], "group_b": b["group"], "n_a": a["n"], "n_b": b["n"]})
        found = found.assign(difference=a["mean"] - b["mean"], p=math.nan, p_holm=math.nan, free=a["free"])
        found = found.assign(grouping=family[0], construct=family[1], error=a["spread"] * np.sqrt(1 / a["n"] + 1 / b["n"]))
        if family in gates:
            table = tabulate_scores(part["score"], pd.Categorical(part["group"], part["group"].unique()))
            found["p"] = [permute_pair(table[list(pair)]) for pair in zip(*sides, strict=True)]
            found["p_holm"] = correct_pairs(found, len(each), gates[family], tests)
        parts.append(found)
    pairs = bound_differences(pd.concat([part for part in parts if len(part)] or parts, ignore_index=True), study)
    # A small group may spread differently from the others, so the interval alone is not enough to say "larger".
    verdict = pd.Series(judge_intervals(pairs["low"], pairs["high"], matters), pairs.index)
    verdict = verdict.mask(verdict.eq(LARGER) & ~pairs["p_holm"].lt(FAMILY_ERROR), UNCLEAR)
    return pairs.assign(verdict=verdict)[PAIR]


def compare_with_others(study: Study, by_group: pd.DataFrame, comparisons: pd.DataFrame) -> pd.DataFrame:
    """How far each group's mean is from that of everybody else in its grouping. Frames as in `compare_pairs`.

    Returns
    -------
    DataFrame
        `CONTRAST`: `n` people in the group; `difference`, its mean minus that of the others, with an interval as in
        `compare_pairs`, for all rows at once; `reach`, half the interval's width before it is cut at the ends of the scale: the
        smallest difference that would show; `p_holm` of the test of all groups. There are no rows if only one group has
        scores.
    """
    parts = [pd.DataFrame(columns=[*CONTRAST, "free", "error"])]
    for (grouping, construct), part in by_group.groupby(["grouping", "construct"], sort=False):
        each = describe_groups(part)
        if len(each) > 1:
            rest = len(part) - each["n"]
            others = (part["score"].sum() - each["n"] * each["mean"]) / rest
            error = each["spread"] * np.sqrt(1 / each["n"] + 1 / rest)
            parts.append(each.assign(grouping=grouping, construct=construct, difference=each["mean"] - others, error=error))
    found = bound_differences(pd.concat(parts[1:] or parts, ignore_index=True), study).drop(columns="p_holm", errors="ignore")
    return found.merge(comparisons[["grouping", "construct", "p_holm"]], how="left")[CONTRAST]


def add_reach(comparisons: pd.DataFrame, contrasts: pd.DataFrame) -> pd.DataFrame:
    """Add to each test of `compare_every_grouping` how large a difference it could have shown.

    New columns: `n_smallest, n_largest`, people in the smallest and the largest group; `reach` of a typical group (the median
    over the groups in `compare_with_others`).
    """
    parts = contrasts.groupby(["grouping", "construct"], sort=False)
    found = parts.agg(n_smallest=("n", "min"), n_largest=("n", "max"), reach=("reach", "median"))
    return comparisons.merge(found.reset_index(), how="left", on=["grouping", "construct"])


def describe_groups(part: pd.DataFrame) -> pd.DataFrame:
    """`group, n, mean` of a construct's groups, the pooled `spread` within groups and its degrees of freedom, `free`."""
    each = part.groupby("group", sort=False)["score"].agg(["size", "mean", "var"]).reset_index()
    free = len(part) - len(each)
    variance = ((each["size"] - 1) * each["var"]).sum() / max(free, 1)
    return each.rename(columns={"size": "n"}).assign(spread=math.sqrt(variance), free=free)


def bound_differences(found: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Student's intervals of differences from their standard `error`, for all rows at once (Bonferroni): `low, high, reach`.

    They are cut at the largest possible differences on the scale; `note` says why an interval is missing.
    """
    from scipy.stats import t

    alone, alike = found["free"].eq(0), found["error"].lt(TOLERANCE)
    reach = (found["error"] * t.ppf(1 - (1 - CONFIDENCE) / 2 / max(len(found), 1), found["free"])).mask(alone | alike)
    least, most = study.score_limits
    low, high = (found["difference"] - reach).clip(least - most), (found["difference"] + reach).clip(upper=most - least)
    reason = np.select([alone, alike], ["every group has one score", "all scores within a group are the same"], "")
    note = [f"[interval not defined: {why}]" if why else "" for why in reason]
    return found.assign(low=low, high=high, reach=reach, note=note)


def keep_differing(pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs for which the test found a difference."""
    return pairs[pairs["p_holm"].lt(FAMILY_ERROR)].reset_index(drop=True)


def judge_intervals(low: pd.Series, high: pd.Series, matters: float) -> np.ndarray:
    """What each interval shows about the size of a difference, compared with the two margins −`matters` and `matters`.

    "larger": it is entirely beyond one margin. "smaller than matters": it is entirely between them. "no clear difference": it
    contains one margin, so it rules out a relevant difference in one direction. "cannot tell": it contains both, or is missing.
    """
    held = sum((low.le(margin) & high.ge(margin)).astype(int) for margin in (-matters, matters))
    missing, beyond = low.isna(), low.gt(abs(matters)) | high.lt(-abs(matters))
    return np.select([missing | held.eq(2), held.eq(1), beyond], [CANNOT_TELL, UNCLEAR, LARGER], SMALLER)


def permute_pair(table: np.ndarray) -> float:
    """Exact two-sided p of two groups' rank sum (Wilcoxon 1945, Biometrics Bull 1:80–83), with ties.

    We count all divisions of the same scores between groups of the same sizes, score by score: a group gets none, one, … of the
    people with that score. If that takes too long, we use the normal approximation with the correction for ties; both groups
    then have dozens of members. `table` comes from `tabulate_scores`, with shape (2, scores).
    """
    from scipy.stats import norm

    totals, fewer = table.sum(axis=0), table[table.sum(axis=1).argmin()]
    n, size = int(totals.sum()), int(fewer.sum())
    ranks = 2 * totals.cumsum() - totals + 1  # twice the midranks, which are whole numbers
    observed = abs(int(fewer @ ranks) - size * (n + 1))
    if observed == 0:
        return 1.0
    most = np.minimum(totals, size)
    if (size + 1) * 2 * size * n * (most + 1).sum() > MOST_SUMS:
        variance = size * (n - size) / 3 * (n + 1 - (totals.astype(float) ** 3 - totals).sum() / (n * (n - 1)))
        return float(2 * norm.sf(observed / math.sqrt(variance)))
    ways = np.zeros((size + 1, 2 * size * n + 1))  # by number of people taken and their rank sum
    ways[0, 0] = 1
    for total, rank, top in zip(totals.tolist(), ranks.tolist(), most.tolist(), strict=True):
        before, ways = ways, ways.copy()
        for taken in range(1, top + 1):
            ways[taken:, taken * rank :] += math.comb(total, taken) * before[:-taken, : -taken * rank]
    extreme = np.abs(np.arange(ways.shape[1]) - size * (n + 1)) >= observed
    return float(ways[size, extreme].sum() / ways[size].sum())


def correct_pairs(pairs: pd.DataFrame, groups: int, gate: float, tests: int) -> np.ndarray:
    """p of the pairs of one construct, corrected so that the whole page claims any wrong pair at most 5% of the time.

    Each test of all groups (the gate) has an equal share of the 5%. Its pairs inherit this share once it finds a difference
    (Meinshausen 2008, Biometrika 95:265–278), so no p is below that of the gate. Holm's correction counts fewer pairs than a
    construct has: if some groups differ, at least one differs from all those that are equal (Shaffer 1986, J Am Stat Assoc
    81:826–831), and groups too small for so small a p cannot be claimed by chance (Tarone 1990, Biometrics 46:515–522).
    """
    from scipy.special import comb

    p, order = pairs["p"].to_numpy(), pairs["p"].argsort().to_numpy()
    smallest = 1 / comb(pairs["n_a"] + pairs["n_b"], pairs["n_a"])
    steps = [
        p[pair] * max(1, min(math.comb(groups - 1, 2), (smallest[order[place:]] <= p[pair] + TOLERANCE).sum()))
        for place, pair in enumerate(order)
    ]
    corrected = np.empty(len(p))
    corrected[order] = np.maximum.accumulate(steps)
    return (tests * np.maximum(corrected, gate)).clip(max=1)


def cliff_delta(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Cliff's delta of each pair of rows of counts: the share of pairs in which a is higher minus the share where b is.

    Cliff 1993, Psychol Bull 114:494–509.
    """
    below = b.cumsum(axis=1) - b
    above = b.sum(axis=1, keepdims=True) - b.cumsum(axis=1)
    return (a * (below - above)).sum(axis=1) / (a.sum(axis=1) * b.sum(axis=1))
