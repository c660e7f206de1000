"""Every grouping and every pair of waves of a study, compared by the methods of `groups` and `waves`.

`grouping` in these frames is what a reader calls it; groups of fewer than `min_group_size` are pooled first.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pandas as pd

from helpers.study.definition import Grouping, Study
from helpers.study.terms import MISSING
from helpers.survey import distributions, planning
from helpers.survey.family import adjust_holm, count_questions
from helpers.survey.groups import COMPARISON, compare_groups
from helpers.survey.pooling import join_groups
from helpers.survey.waves import compare_linked_waves


def join_every_grouping(study: Study, scores: pd.DataFrame, respondents: pd.DataFrame, min_group_size: int = 3) -> pd.DataFrame:
    """Each score once for every grouping, with the respondent's (pooled) group.

    Returns
    -------
    DataFrame
        `grouping, group, respondent, construct, score`, groups in their declared order; without missing scores or groups.
    """
    parts = []
    for name, grouping in groupings_of(study):
        joined = join_groups(scores, respondents, name, min_group_size).dropna(subset=["group", "score"])
        parts.append(joined.sort_values("group", kind="stable").assign(grouping=grouping.label).astype({"group": str}))
    return stack(parts, ["grouping", "group", "respondent", "construct", "score"])


def compare_every_grouping(
    study: Study,
    scores: pd.DataFrame,
    respondents: pd.DataFrame,
    min_group_size: int = 3,
    permutations: int = 10_000,
    seed: int = 1,
) -> pd.DataFrame:
    """Do groups differ? One test for every grouping and construct: `grouping` and the columns of `groups.compare_groups`.

    They are one question, so Holm's correction is over all of them, and then for the page's other questions.
    """
    parts = [
        compare_groups(scores, respondents, name, min_group_size, permutations, seed).assign(grouping=grouping.label)
        for name, grouping in groupings_of(study)
    ]
    found = stack(parts, ["grouping", *COMPARISON])
    return found.assign(p_holm=adjust_holm(found["p"], count_questions(study)))


def count_every_status(study: Study, responses: pd.DataFrame, respondents: pd.DataFrame) -> pd.DataFrame:
    """Answers, answers of not relevant by kind, and gaps, by item and group of every grouping.

    Returns
    -------
    DataFrame
        `grouping, group, item, status, numerator, denominator`; the denominator is all in the group who were asked.
        Respondents without a group are left out.
    """
    parts = []
    for name, grouping in groupings_of(study):
        joined = responses.merge(respondents[["respondent", name]].dropna(), on="respondent")
        counts = distributions.count_statuses(joined, study.codebook, by=name)
        counts = counts.rename(columns={name: "group"}).assign(grouping=grouping.label).astype({"group": str})
        parts.append(counts.assign(denominator=counts.groupby(["group", "item"])["numerator"].transform("sum")))
    return stack(parts, ["grouping", "group", "item", "status", "numerator", "denominator"])


def add_up_statuses(statuses: pd.DataFrame) -> pd.DataFrame:
    """The statuses of `count_every_status` over all items: `numerator` answers of `denominator` possible ones."""
    by = ["grouping", "group", "status"]
    totals = statuses.groupby(by, sort=False)[["numerator", "denominator"]].sum().reset_index()
    return totals.assign(share=100 * totals["numerator"] / totals["denominator"].where(totals["denominator"] > 0))


def list_not_relevant(statuses: pd.DataFrame) -> pd.DataFrame:
    """Answers of not relevant of all answers, by item and group, for items that anybody called so.

    Returns
    -------
    DataFrame
        `grouping, item, group, numerator, denominator`; the denominator is all in the group who answered the item.
    """
    given = statuses[statuses["status"] != MISSING]
    by = ["grouping", "item", "group"]
    asked = given.groupby(by, sort=False)["numerator"].sum()
    aside = given[given["status"] != "answered"].groupby(by, sort=False)["numerator"].sum()
    table = pd.DataFrame({"numerator": aside, "denominator": asked}).reindex(asked.index).reset_index()
    return table[table.groupby("item")["numerator"].transform("sum") > 0].reset_index(drop=True)


# --- waves ------------------------------------------------------------------------------------------------------------


def list_wave_pairs(study: Study) -> list[tuple[str, str]]:
    """Each wave with the one after it."""
    return list(pairwise(study.survey.files))


def compare_every_wave(
    study: Study, scores: pd.DataFrame, respondents: pd.DataFrame, permutations: int = 10_000, seed: int = 1
) -> pd.DataFrame:
    """Each wave against the one before it, as if nobody had answered twice: the columns of `compare_every_grouping`.

    `grouping` names the two waves: "2023 and 2024". Only these two waves' respondents are in a comparison.
    """
    parts = []
    for earlier, later in list_wave_pairs(study):
        both = respondents[respondents["wave"].isin([earlier, later])]
        both = both.assign(wave=both["wave"].cat.remove_unused_categories())
        found = compare_groups(scores.merge(both[["respondent"]]), both, "wave", 1, permutations, seed)
        parts.append(found.assign(grouping=f"{earlier} and {later}"))
    return stack(parts, ["grouping", *COMPARISON])


def compare_every_linked_wave(
    study: Study, scores: pd.DataFrame, respondents: pd.DataFrame, permutations: int = 10_000, seed: int = 1
) -> pd.DataFrame:
    """The same people in each wave and the one before it: `grouping` and the columns of `waves.compare_linked_waves`."""
    parts = [
        compare_linked_waves(scores, respondents, earlier, later, permutations, seed).assign(grouping=f"{earlier} and {later}")
        for earlier, later in list_wave_pairs(study)
    ]
    columns = ["grouping", "construct", "pairs", "rose", "fell", "same", "effect", "statistic", "p", "p_holm"]
    return stack(parts, [*columns, "smallest_p", "method", "note"])


# --- the next survey --------------------------------------------------------------------------------------------------


def plan_widths(sizes: tuple[int, ...] = (20, 40, 60, 80, 100, 150, 200, 300, 400)) -> pd.DataFrame:
    """How wide the interval of a percentage is by number of respondents: `share, n, low, high, width`, in per cent."""
    return pd.concat([planning.plan_interval_width(sizes, percent) for percent in (50, 80, 95)], ignore_index=True)


def plan_power(
    study: Study, scores: pd.DataFrame, shift: float, seed: int = 1, sizes: tuple[int, ...] = (5, 10, 15, 20, 30, 40, 60, 80)
) -> pd.DataFrame:
    """How often two groups would be told apart that differ by `shift`: `construct` and `planning.simulate_power`."""
    low, high = study.score_limits
    parts = [
        planning.simulate_power(rows["score"], sizes, shift, low, high, simulations=1000, seed=seed).assign(construct=key)
        for key, rows in scores.groupby("construct", sort=False)
    ]
    return stack(parts, ["construct", "n_per_group", "shift", "delta", "power", "low", "high", "note"])


# --- shared -----------------------------------------------------------------------------------------------------------


def groupings_of(study: Study) -> Iterator[tuple[str, Grouping]]:
    yield from study.survey.groupings.items()


def stack(parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
