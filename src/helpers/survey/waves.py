"""Did scores change between two waves? One test that uses people found in both waves and people found in only one."""

import math

import numpy as np
import pandas as pd

from helpers.study.terms import Estimate
from helpers.survey.cleaning import look_up
from helpers.survey.distributions import CONFIDENCE
from helpers.survey.permutation import TOLERANCE, jonckheere_statistic, permute_tables, tabulate_scores

# Up to this many people whose score changed, we count every choice of signs; beyond it we draw choices at random.
MOST_EXACT = 200
THIRDS = ["lower third", "middle third", "upper third"]


def match_waves(
    scores: pd.DataFrame, respondents: pd.DataFrame, earlier: str, later: str, by: str = "construct"
) -> dict[str, pd.DataFrame]:
    """Everybody who has a score in at least one of two waves, for each construct (or item).

    Parameters
    ----------
    scores : DataFrame
        `respondent`, the column `by`, `score`.
    respondents : DataFrame
        `respondent, wave`, and `link` if there are keys. A key that appears twice in a wave links nobody.

    Returns
    -------
    dict of str to DataFrame
        For each value of `by`, in order of appearance, a frame in which each row is one person: `before, after` (scores,
        missing where there is none), `repeated` (whether the key appears twice in a wave).
    """
    people = respondents[["respondent", "wave"]].astype({"wave": str}).assign(link=respondents.get("link"))
    people = people[people["wave"].isin([earlier, later])]
    repeated = people["link"].notna() & people.duplicated(["wave", "link"], keep=False)
    alone = people["link"].isna() | repeated
    people = people.assign(repeated=repeated, person=("link " + people["link"].astype(str)).mask(alone, people["respondent"]))
    columns = {name: look_up(scores, people, name) for name in ("wave", "repeated", "person")}
    known = scores.assign(**columns).dropna(subset=["score", "wave"]).astype({"repeated": bool})
    wide = known.pivot(index=[by, "person", "repeated"], columns="wave", values="score").reindex(columns=[earlier, later])
    wide = wide.set_axis(["before", "after"], axis=1).reset_index()
    return {key: wide[wide[by] == key] for key in scores[by].drop_duplicates()}


def compare_waves(
    scores: pd.DataFrame, respondents: pd.DataFrame, earlier: str, later: str, permutations: int = 10_000, seed: int = 1,
    by: str = "construct",
) -> pd.DataFrame:  # fmt: skip
    """Did scores change from one wave to another? One test of everybody; parameters as in `match_waves`.

    Returns
    -------
    DataFrame
        `construct` (or `by`); for everybody with a score, `n_earlier, n_later, mean_earlier, mean_later, change, low, high`
        (see `estimate_change`) and `statistic, p` (see `permute_waves`); for people found in both waves, `pairs, rose, fell,
        same, effect`, where `effect` is (rose - fell) / pairs; `note`.
    """
    rows = []
    for key, people in match_waves(scores, respondents, earlier, later, by).items():
        before, after = people["before"], people["after"]
        change = (after - before).dropna().round(9)
        rose, fell = int(change.gt(0).sum()), int(change.lt(0).sum())
        estimate, (statistic, p) = estimate_change(before, after), permute_waves(before, after, permutations, seed)
        notes = [estimate.note]
        if math.isnan(p):
            known = {earlier: before.count(), later: after.count()}
            empty = [f"nobody has a score in {wave}" for wave, number in known.items() if not number]
            alike = "nobody found in both waves changed" if len(change) else "everybody has the same score"
            notes = [f"[not defined: {[*empty, alike][0]}]"]
        if repeated := int(people["repeated"].sum()):
            notes.append(f"{repeated} whose key appears twice in a wave counted as different people")
        rows.append({
            by: key, "n_earlier": before.count(), "n_later": after.count(), "mean_earlier": before.mean(),
            "mean_later": after.mean(), "change": estimate.value, "low": estimate.low, "high": estimate.high,
            "pairs": len(change), "rose": rose, "fell": fell, "same": len(change) - rose - fell,
            "effect": (rose - fell) / len(change) if len(change) else math.nan, "statistic": statistic, "p": p,
            "note": "; ".join(filter(None, notes)),
        })  # fmt: skip
    return pd.DataFrame(rows)


def permute_waves(before: pd.Series, after: pd.Series, permutations: int, seed: int) -> tuple[float, float]:
    """Statistic and two-sided p of a change, over people found in both waves or in only one; missing without variation.

    The statistic is the sum of the positive signed ranks of people found in both waves (Wilcoxon's, with Pratt's zeros: ranked
    among the changes, then left out) and the Mann–Whitney count of the others (pairs in which the later score is higher; ties
    count one half). If nothing changed, a person's two scores could just as well be in the other order, and the others' scores
    from the other wave. So we flip signs and divide the others again, in all ways or in `permutations` random ones. If
    everybody is found in both waves, this is Pratt's test; if nobody is, it is the Mann–Whitney test.

    `before` and `after` are scores with the same index, one row for each person, missing where there is no score.

    Dubnicka, Blair & Hettmansperger 2002, J Mod Appl Stat Methods 1:32–41 (the sum). Pratt 1959, J Am Stat Assoc 54:655–667.
    Einsporn & Habtzghi 2013, J Data Sci 11:767–779 (permuting both parts).
    """
    change = (after - before).dropna().round(9)
    ranks = change.abs().rank()[change != 0]
    unpaired = pd.concat([before[after.isna()].dropna(), after[before.isna()].dropna()])
    table = tabulate_scores(unpaired, unpaired.index.isin(after[before.isna()].index))
    if min(table.shape) < 2:
        if ranks.empty:
            return math.nan, math.nan
        table = np.zeros((2, 1), int)  # the others, if any, show nothing about a change
    signs, up_to = spread_signs(ranks, permutations, seed)
    # A different stream of random numbers from that of the signs, so that signs and divisions are independent.
    higher, weight = spread_divisions(table, permutations, seed + 1)
    observed = ranks[change > 0].sum() + jonckheere_statistic(table[None])[0]
    expected = (ranks.sum() + table.sum(axis=1).prod()) / 2
    # How often chance moves the sum this far from its expected value, in either direction.
    distance = abs(observed - expected) - TOLERANCE
    below = np.searchsorted(signs, expected - distance - higher, side="right")
    above = np.searchsorted(signs, expected + distance - higher, side="left")
    return float(observed), min(1.0, float(weight @ (up_to[below] + 1 - up_to[above])))


def spread_signs(ranks: pd.Series, permutations: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The sums of positive ranks that chance can give, rising, and the cumulative share of sign choices, starting at 0."""
    if len(ranks) <= MOST_EXACT:
        share = np.ones(1)
        for twice in (2 * ranks).astype(int):
            share = (np.pad(share, (0, twice)) + np.pad(share, (twice, 0))) / 2
        return np.arange(len(share)) / 2, np.append(0, share.cumsum())
    # Among equal ranks, the number of positive ones is binomial.
    steps, counts = np.unique(ranks, return_counts=True)
    drawn = np.random.default_rng(seed).binomial(counts, 0.5, size=(permutations, len(counts))) @ steps
    return np.sort(drawn), np.linspace(0, 1, permutations + 1)


def spread_divisions(table: np.ndarray, permutations: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The Mann–Whitney counts that chance can give, and the share of each.

    With only two different scores, a division depends only on how many of the later people have the higher one.
    """
    if table.shape[1] == 2:
        from scipy.stats import hypergeom

        (_, later), (_, most) = table.sum(axis=1), table.sum(axis=0)
        number = np.arange(max(0, later + most - table.sum()), min(later, most) + 1)
        second = np.column_stack([later - number, number])
        tables = np.stack([table.sum(axis=0) - second, second], axis=1)
        return jonckheere_statistic(tables), hypergeom.pmf(number, table.sum(), most, later)
    tables = permute_tables(table, permutations, seed)
    return jonckheere_statistic(tables), np.full(len(tables), 1 / len(tables))


def estimate_change(before: pd.Series, after: pd.Series) -> Estimate:
    """The change in the mean over everybody, with its 95% interval; parameters as in `permute_waves`."""
    change = after.mean() - before.mean()
    if min(before.count(), after.count()) < 2:
        return Estimate(change, note="[interval not defined: fewer than two people in a wave]")
    error, df = find_error(before, after)
    if error < 1e-9:
        return Estimate(change, note="[interval not defined: all scores, or all changes, are the same]")
    from scipy.stats import t

    half = error * t.ppf((1 + CONFIDENCE) / 2, df)
    return Estimate(change, change - half, change + half)


def find_error(before: pd.Series, after: pd.Series) -> tuple[float, float]:
    """Standard error of the change in the mean, and its degrees of freedom, when some people are in both waves.

    This is the partially overlapping samples t for unequal variances: the paired t if everybody is in both waves, Welch's if
    nobody is (Derrick, Russ, Toher & White 2017, J Mod Appl Stat Methods 16(1):137–157).
    """
    both = before.notna() & after.notna()
    pairs, n = int(both.sum()), np.array([before.count(), after.count()])
    spread = np.array([before.std(), after.std()])
    varied = pairs > 1 and before[both].nunique() > 1 and after[both].nunique() > 1
    together = np.corrcoef(before[both], after[both])[0, 1] if varied else 0.0
    parts = spread**2 / n
    error = math.sqrt(max(0.0, parts.sum() - 2 * together * spread.prod() * pairs / n.prod()))
    welch = parts.sum() ** 2 / (parts**2 / (n - 1)).sum() if parts.any() else 1.0
    single = n.sum() - 2 * pairs
    return error, (pairs - 1) + (welch - pairs + 1) / n.sum() * single


def count_transitions(people: pd.DataFrame, lowest: float, highest: float) -> pd.DataFrame:
    """How many people moved between thirds of the scale, among those whom `match_waves` found in both waves.

    Returns
    -------
    DataFrame
        `before, after, numerator, denominator`: of the people who began in one third of the scale, how many ended in each. A
        score on the border between two thirds counts in the lower one. A third in which nobody began has no rows.
    """
    both = people[["before", "after"]].dropna()
    edges = [-np.inf, *np.linspace(lowest, highest, 4)[1:]]
    placed = both.apply(lambda scores: pd.cut(scores - 1e-9, edges, labels=THIRDS))
    counts = pd.crosstab(placed["before"], placed["after"], dropna=False).reindex(index=THIRDS, columns=THIRDS, fill_value=0)
    counts = counts[counts.sum(axis=1) > 0]
    table = counts.stack().rename("numerator").reset_index()
    return table.assign(denominator=table.groupby("before", sort=False)["numerator"].transform("sum"))
