"""Which groups differ, and by how much? Each pair of groups: the difference in points, and an exact test behind a gate."""

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
# Sums that an exact test of two groups may form; it takes a second, and beyond it both groups are large.
MOST_SUMS = 2e8


def compare_pairs(study: Study, by_group: pd.DataFrame, comparisons: pd.DataFrame, matters: float = 0.5) -> pd.DataFrame:
    """Each pair of groups: how far their means are apart, and whether chance explains it.

    `by_group, comparisons`: from `comparisons.join_every_grouping` and `compare_every_grouping`. Pairs are tested only where
    groups were found to differ at all.
    `matters`: the smallest difference that matters, in points of the scale.

    Gives `PAIR`. `difference` is the first mean less the second. Its 95% interval holds for all rows at once (Bonferroni):
    Student's t with the spread within all groups of the construct, since three people alone do not show theirs. `verdict` is
    that of `judge_intervals`, larger only where the test agrees, `p` that of `permute_pair`, `p_holm` that of `correct_pairs`;
    both p are missing where pairs were not tested. What has scores in one group only has no rows.
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
    # The spread within a small group may be unlike the others', so that the interval alone does not carry so strong a word.
    verdict = pd.Series(judge_intervals(pairs["low"], pairs["high"], matters), pairs.index)
    verdict = verdict.mask(verdict.eq(LARGER) & ~pairs["p_holm"].lt(FAMILY_ERROR), UNCLEAR)
    return pairs.assign(verdict=verdict)[PAIR]


def compare_with_others(study: Study, by_group: pd.DataFrame, comparisons: pd.DataFrame) -> pd.DataFrame:
    """Each group beside everybody else of its grouping: how far its mean lies from theirs. Frames as for `compare_pairs`.

    Gives `CONTRAST`: `n` people in the group, `difference` its mean less that of the others, with an interval as in
    `compare_pairs`, for all rows at once; `reach`, half its width where the scale would not end it, is how far a group must lie
    from the others for that to show; `p_holm` that of the test of all groups. What has scores in one group only has no rows.
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
    """Beside each test of `compare_every_grouping` what it could show.

    Columns more: `n_smallest, n_largest`, people in the smallest and the largest group; `reach`, that of a typical group (the
    median of those of `compare_with_others`).
    """
    parts = contrasts.groupby(["grouping", "construct"], sort=False)
    found = parts.agg(n_smallest=("n", "min"), n_largest=("n", "max"), reach=("reach", "median"))
    return comparisons.merge(found.reset_index(), how="left", on=["grouping", "construct"])


def describe_groups(part: pd.DataFrame) -> pd.DataFrame:
    """`group, n, mean` of a construct's groups, the `spread` within all of them and its degrees of freedom, `free`."""
    each = part.groupby(pd.Categorical(part["group"], part["group"].unique()), observed=True)["score"]
    each = each.agg(["size", "mean", "var"]).rename_axis("group").reset_index().astype({"group": str})
    free = len(part) - len(each)
    variance = ((each["size"] - 1) * each["var"]).sum() / max(free, 1)
    return each.rename(columns={"size": "n"}).assign(spread=math.sqrt(variance), free=free)


def bound_differences(found: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Student's intervals of differences with their standard `error`, for all rows at once (Bonferroni): `low, high, reach`.

    They end where differences on the scale do; `note` says why one is missing.
    """
    from scipy.stats import t

    alone, alike = found["free"].eq(0), found["error"].lt(TOLERANCE)
    reach = (found["error"] * t.ppf(1 - (1 - CONFIDENCE) / 2 / max(len(found), 1), found["free"])).mask(alone | alike)
    least, most = study.score_limits
    low, high = (found["difference"] - reach).clip(least - most), (found["difference"] + reach).clip(upper=most - least)
    reason = np.select([alone, alike], ["every group has one score", "within groups all scores are alike"], "")
    note = [f"[interval not defined: {why}]" if why else "" for why in reason]
    return found.assign(low=low, high=high, reach=reach, note=note)


def keep_differing(pairs: pd.DataFrame) -> pd.DataFrame:
    """Pairs that may be said to differ: those whose test found it."""
    return pairs[pairs["p_holm"].lt(FAMILY_ERROR)].reset_index(drop=True)


def judge_intervals(low: pd.Series, high: pd.Series, matters: float) -> np.ndarray:
    """What intervals of a difference say of its size, from how many of the two margins, −`matters` and `matters`, they hold.

    "larger": none, as the interval lies wholly beyond one; "smaller than matters": none, as it lies wholly between them; "no
    clear difference": one, so that a difference that matters is ruled out one way alone; "cannot tell": both, or no interval.
    """
    held = sum((low.le(margin) & high.ge(margin)).astype(int) for margin in (-matters, matters))
    missing, beyond = low.isna(), low.gt(abs(matters)) | high.lt(-abs(matters))
    return np.select([missing | held.eq(2), held.eq(1), beyond], [CANNOT_TELL, UNCLEAR, LARGER], SMALLER)


def permute_pair(table: np.ndarray) -> float:
    """Exact two-sided p of two groups' rank sum (Wilcoxon 1945, Biometrics Bull 1:80–83), with ties.

    All divisions of the same scores between groups of the same sizes are counted, score by score: of the people with one
    score a group takes none, one, …. Where that is too much work the normal approximation with the correction for ties stands
    in; both groups have dozens of members then. `table` is that of `tabulate_scores`, of shape (2, scores).
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
    """p of the pairs of one construct, corrected so that no pair of the whole page is claimed wrongly in more than 5%.

    Each test of all groups has its equal share of the 5%, which its pairs inherit once it has found a difference (Meinshausen
    2008, Biometrika 95:265–278), so no p falls below that of the gate. Within a construct Holm's correction counts fewer pairs
    than there are: once some groups differ, at least one differs from all that are alike (Shaffer 1986, J Am Stat Assoc
    81:826–831); and groups too small to reach so small a p cannot be claimed by chance (Tarone 1990, Biometrics 46:515–522).
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
    """Cliff's delta of each pair of rows of counts: the share of pairs in which a is higher, less that where b is.

    Cliff 1993, Psychol Bull 114:494–509.
    """
    below = b.cumsum(axis=1) - b
    above = b.sum(axis=1, keepdims=True) - b.cumsum(axis=1)
    return (a * (below - above)).sum(axis=1) / (a.sum(axis=1) * b.sum(axis=1))
