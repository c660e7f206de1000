"""Who responded, how far they got, and how carefully."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from helpers.study.definition import Study
from helpers.study.errors import WorkbookError
from helpers.study.terms import ANSWERED, MISSING
from helpers.survey.distributions import list_groups, wilson_interval


def count_groups(study: Study, respondents: pd.DataFrame) -> pd.DataFrame:
    """Respondents in each level of every grouping.

    Returns
    -------
    DataFrame
        Columns `grouping, label, level, respondents, known` (respondents whose level is known), in the order of the
        grouping's categories, empty ones included.
    """
    rows = [
        (name, grouping.label, level, int((respondents[name] == level).sum()), int(respondents[name].notna().sum()))
        for name, grouping in study.survey.groupings.items()
        for level in respondents[name].cat.categories
    ]
    return pd.DataFrame(rows, columns=["grouping", "label", "level", "respondents", "known"])


def describe_response_rate(responded: int, invited: int) -> pd.DataFrame:
    """Response rate with a 95% Wilson interval: one row `low, high, percent`.

    Raises
    ------
    WorkbookError
        When more people responded than were invited.
    """
    if responded > invited:
        raise WorkbookError(
            "study.yml", "survey.invited.number", f"{invited}, fewer than the {responded} who responded",
            "at least as many people invited as responded", "correct the number invited",
        )  # fmt: skip
    return wilson_interval(responded, invited).assign(percent=100 * responded / invited)


def compare_with_invited(respondents: pd.DataFrame, grouping: str, invited: Mapping[str, int]) -> pd.DataFrame:
    """Respondents against the people invited, group by group.

    Parameters
    ----------
    invited : Mapping of group to number
        The study's margins for this grouping, `survey.invited.margins`.

    Returns
    -------
    DataFrame
        `group, responded, invited, response_rate, low, high, percent_of_respondents, percent_of_invited`; rates with 95%
        Wilson bounds in per cent, missing where the study gives no margin or more responded than it says. The shares, of
        respondents as of those invited, are over the groups that have a margin.
    """
    groups = dict.fromkeys([*invited, *list_groups(respondents[grouping])])
    responded = respondents[grouping].astype(object).value_counts().reindex(list(groups), fill_value=0)
    margin = pd.Series(invited, dtype=float).reindex(responded.index)
    margin = margin.where(margin > 0)
    usable, counted = margin.where(margin >= responded), responded.where(margin.notna())
    table = pd.DataFrame({
        "responded": responded, "invited": margin.astype("Int64"), "response_rate": 100 * responded / usable,
        "percent_of_respondents": 100 * counted / max(counted.sum(), 1),
        "percent_of_invited": 100 * margin / max(margin.sum(), 1),
    })  # fmt: skip
    return table.join(wilson_interval(responded, usable)).rename_axis("group").reset_index()


def describe_completion(responses: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    """How far respondents got, section by section; an answer of not relevant counts as an answer.

    Returns
    -------
    DataFrame
        `section, items, n_respondents, complete, partial, untouched, low, high`, in questionnaire order; the 95% Wilson bounds
        are of the percentage of all respondents who completed the section.
    """
    items = codebook.groupby("section", sort=False).size()
    section = responses["item"].map(codebook.set_index("item")["section"])
    given = responses["status"].ne(MISSING).groupby([responses["respondent"], section]).sum().unstack()[items.index]
    complete, started = given.eq(items).sum(), given.gt(0).sum()
    table = pd.DataFrame({
        "items": items, "n_respondents": len(given), "complete": complete, "partial": started - complete,
        "untouched": len(given) - started,
    })  # fmt: skip
    return table.join(wilson_interval(complete, table["n_respondents"])).rename_axis("section").reset_index()


def flag_response_quality(
    respondents: pd.DataFrame,
    responses: pd.DataFrame,
    codebook: pd.DataFrame,
    speed_share: float,
    straight_line_items: int = 6,
) -> pd.DataFrame:
    """Flag speeders and straight-liners. Nobody is dropped: what to do about a flag is the analyst's decision.

    Parameters
    ----------
    speed_share : float
        A speeder took less than this share of the median duration. One half is the relative speed index of 2 of
        Leiner 2019, Surv Res Methods 13:229–248.
    straight_line_items : int
        A straight-liner chose the same point for every item answered on a scale, at least this many of them, in the
        items' raw direction (this project's rule). Not-relevant answers are left aside.

    Returns
    -------
    DataFrame
        `respondent, duration_seconds, speeder, straight_liner`, one row a respondent; `speeder` is missing where no duration
        was recorded.
    """
    duration = respondents["duration_seconds"].astype(float)
    speeder = duration.lt(speed_share * duration.median()).astype("boolean").mask(duration.isna())
    points = responses[responses["status"].eq(ANSWERED)]
    scale = points["item"].map(codebook.set_index("item")["scale"])
    spread = points.groupby([points["respondent"], scale], observed=True)["value"].agg(["nunique", "size"])
    straight = spread.index[spread["nunique"].eq(1) & spread["size"].ge(straight_line_items)].get_level_values(0)
    table = respondents[["respondent"]].assign(duration_seconds=duration, speeder=speeder)
    return table.assign(straight_liner=table["respondent"].isin(straight))
