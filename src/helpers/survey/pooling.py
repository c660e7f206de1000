"""Groups of respondents, with small ones pooled."""

import pandas as pd

POOLED = "All other groups"
# More groups than this cannot be read in one figure.
MOST_DRAWN = 12


def pool_small_groups(group: pd.Series, smallest: int) -> pd.Series:
    """Pool groups that have fewer members than `smallest`.

    Small unordered groups go into "All other groups", which takes in the next smallest group until it is large enough.
    Ordered groups are joined to their neighbours ("1-2 years + 3-5 years"), so that the order is kept and as few people as
    possible are mixed with others.

    Returns a categorical, ordered if `group` was, without empty groups; a single group if nothing else is large enough.
    Missing values stay missing.
    """
    levels = group.astype("category").cat.remove_unused_categories()
    counts = levels.value_counts(sort=False)
    names = _join_neighbours(counts, smallest) if levels.cat.ordered else _pool_smallest(counts, smallest)
    categories = list(dict.fromkeys(names.values()))
    if POOLED in categories:
        categories = [name for name in categories if name != POOLED] + [POOLED]
    return levels.astype(object).map(names).astype(pd.CategoricalDtype(categories, ordered=levels.cat.ordered))


def _pool_smallest(counts: pd.Series, smallest: int) -> dict[str, str]:
    """The new name of each unordered level."""
    pooled: list[str] = []
    for level, count in counts.sort_values(kind="stable").items():
        pool_is_short = bool(pooled) and counts[pooled].sum() < smallest
        if count < smallest or pool_is_short:
            pooled.append(level)
    return {level: POOLED if level in pooled else level for level in counts.index}


def _join_neighbours(counts: pd.Series, smallest: int) -> dict[str, str]:
    """The new name of each ordered level."""
    sizes, best = counts.to_numpy(), {0: (0, [])}
    # There are several ways to cut the order into runs that are large enough. We take the one that puts the fewest pairs of
    # people from different levels together: the one with the smallest sum of squared sizes.
    for end in range(1, len(sizes) + 1):
        last = {start: int(sizes[start:end].sum()) for start in best}
        ways = [(best[start][0] + size**2, [*best[start][1], (start, end)]) for start, size in last.items() if size >= smallest]
        best |= {end: min(ways)} if ways else {}
    runs = [counts.index[start:end] for start, end in best.get(len(sizes), (0, [(0, len(sizes))]))[1]]
    return {level: " + ".join(map(str, run)) if len(run) > 1 else level for run in runs for level in run}


def join_groups(scores: pd.DataFrame, respondents: pd.DataFrame, grouping: str, smallest: int) -> pd.DataFrame:
    """Add `group` to the scores of these respondents: the (pooled) group, missing where it is not known.

    Scores of other people (such as those of another wave) are left out. Pooling counts respondents with or without a score, so
    that every construct is compared over the same groups.
    """
    group = pool_small_groups(respondents[grouping], smallest).set_axis(respondents["respondent"])
    scores = scores[scores["respondent"].isin(group.index)].reset_index(drop=True)
    return scores.assign(group=group.reindex(scores["respondent"]).array)


def join_rest(by_group: pd.DataFrame, most: int = MOST_DRAWN) -> pd.DataFrame:
    """Limit each grouping to the groups that fit in a figure: beyond `most`, the smallest are joined and put last.

    `by_group` has the columns `grouping, group, respondent` among others.
    """
    sizes = by_group.groupby(["grouping", "group"], sort=False)["respondent"].nunique()
    sizes = sizes.sort_values(ascending=False, kind="stable")
    place, groups = sizes.groupby("grouping").cumcount(), sizes.groupby("grouping").transform("size")
    rest = pd.MultiIndex.from_frame(by_group[["grouping", "group"]]).isin(sizes.index[(place >= most - 1) & (groups > most)])
    return pd.concat([by_group[~rest], by_group[rest].assign(group=POOLED)], ignore_index=True)
