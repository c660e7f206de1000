"""Groups of people as they may be told: small ones merged before anything is counted."""

from collections.abc import Mapping, Sequence

import pandas as pd

from helpers.interviews.themes import NOT_STATED, merge_levels
from helpers.study.definition import Levelled
from helpers.survey import pooling


def pool_people(people: pd.DataFrame, columns: Mapping[str, Levelled], threshold: int) -> pd.DataFrame:
    """Merge small groups of people, before anything about them is counted.

    Each row of `people` is one respondent or participant; each of `columns` is categorical there, and described by a grouping
    or attribute of the study, with its merged groups (`groups:` in study.yml; may be empty). Levels are merged as they say, and
    then groups still under `threshold` by `pooling.pool_small_groups`. If groups have no order, fewer than `threshold` people
    whose group is not known are pooled with the others. A column is missing throughout, without categories, if a single
    group of several would be left, or fewer than `threshold` people.
    """
    if threshold <= 1:
        return people
    return people.assign(**{name: pool_column(people[name], known.groups, threshold) for name, known in columns.items()})


def pool_column(values: pd.Series, merged: Mapping[str, Sequence[str]], threshold: int) -> pd.Series:
    before = values.astype("category").cat.remove_unused_categories()
    levels = merge_levels(before, merged)
    if 1 <= levels.isna().sum() < threshold and not before.cat.ordered:
        levels = levels.cat.set_categories(dict.fromkeys([*levels.cat.categories, NOT_STATED])).fillna(NOT_STATED)
    after = pooling.pool_small_groups(levels, threshold)
    single = len(after.cat.categories) == 1 and len(before.cat.categories) > 1
    return after.cat.set_categories([]) if single or after.notna().sum() < threshold else after
