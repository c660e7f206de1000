"""Who responded, how far they got, and how carefully."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
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
    """Response rate with a 95% Wilson interval: one row `responded, invited, percent, low, high`.

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
    row = pd.DataFrame({"responded": [responded], "invited": [invited], "percent": [100 * responded / invited]})
    return row.join(wilson_interval(responded, invited))


def compare_with_invited(respondents: pd.DataFrame, grouping: str, invited: Mapping[str, int]) -> pd.DataFrame:
    """Respondents against the people invited, group by group.

    Parameters
    ----------
    invited : Mapping of group to number
        The study's margins for this grouping, `survey.invited.margins`.

    Returns
    -------
    DataFrame
        `group, responded, invited, response_rate, low, high, percent_of_respondents, percent_of_invited, difference,
        note`; rates with 95% Wilson bounds in per cent, `difference` in percentage points (respondents less invited).
        The shares, of respondents as of those invited, are over the groups that have a margin.
    """
    counts = respondents[grouping].value_counts()
    groups = list(dict.fromkeys([*invited, *list_groups(respondents[grouping])]))
    table = pd.DataFrame({"group": groups, "responded": [int(counts.get(group, 0)) for group in groups]})
    margin = pd.Series([invited.get(group, 0) for group in groups], dtype=float)
    note = pd.Series("", index=table.index)
    note = note.mask(margin.lt(table["responded"]), "[not defined: more responded than the margin of those invited]")
    note = note.mask(margin.eq(0), "[not defined: the study gives no number invited]")
    usable = margin.where(note.eq(""))
    table["invited"] = margin.where(margin.gt(0)).astype("Int64")
    table["response_rate"] = 100 * table["responded"] / usable
    table = table.join(wilson_interval(table["responded"], usable.fillna(0)))
    counted = table["responded"].where(margin.gt(0))
    table["percent_of_respondents"] = 100 * counted / max(counted.sum(), 1)
    table["percent_of_invited"] = 100 * margin.where(margin.gt(0)) / max(margin.sum(), 1)
    return table.assign(difference=table["percent_of_respondents"] - table["percent_of_invited"], note=note)


def describe_completion(responses: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    """How far respondents got, section by section; an answer of not relevant counts as an answer.

    Returns
    -------
    DataFrame
        `section, items, n_respondents, complete, partial, untouched, percent_complete, low, high, note`, in
        questionnaire order; percentages of all respondents with 95% Wilson bounds.
    """
    answered = responses.assign(
        section=responses["item"].map(codebook.set_index("item")["section"]), given=responses["status"].ne(MISSING)
    )
    given = answered.groupby(["section", "respondent"], sort=False, observed=True)["given"].sum()
    n = responses["respondent"].nunique()
    table = codebook.groupby("section", sort=False).size().rename("items").reset_index().assign(n_respondents=n)
    per_section = given.rename("given").reset_index().merge(table)
    complete = per_section["given"].eq(per_section["items"]).groupby(per_section["section"]).sum()
    started = per_section["given"].gt(0).groupby(per_section["section"]).sum()
    table["complete"] = table["section"].map(complete).fillna(0).astype(int)
    started = table["section"].map(started).fillna(0).astype(int)
    table["partial"] = started - table["complete"]
    table["untouched"] = n - started
    table["percent_complete"] = 100 * table["complete"] / max(n, 1)
    note = "" if n else "[not defined: no respondents]"
    return table.join(wilson_interval(table["complete"], table["n_respondents"])).assign(note=note)


def flag_response_quality(
    respondents: pd.DataFrame,
    responses: pd.DataFrame,
    codebook: pd.DataFrame,
    speed_share: float = 0.5,
    straight_line_items: int = 6,
) -> pd.DataFrame:
    """Flag speeders and straight-liners. Nobody is dropped: what to do about a flag is the analyst's decision.

    Parameters
    ----------
    respondents : DataFrame
        May have `duration_seconds`.
    speed_share : float
        A speeder took less than this share of the median duration. One half is the relative speed index of 2 of
        Leiner 2019, Surv Res Methods 13:229–248.
    straight_line_items : int
        A straight-liner chose the same point for every item answered on a scale, at least this many of them, in the
        items' raw direction (this project's rule). Not-relevant answers are left aside.

    Returns
    -------
    DataFrame
        `respondent, duration_seconds, speeder, items_answered, straight_liner, note`, one row a respondent; `speeder`
        is missing where no duration was recorded.
    """
    if "duration_seconds" in respondents:
        duration = respondents["duration_seconds"].astype(float)
    else:
        duration = pd.Series(np.nan, index=respondents.index)
    speeder = duration.lt(speed_share * duration.median()).astype("boolean").mask(duration.isna())
    points = responses[responses["status"].eq(ANSWERED)]
    scale = points["item"].map(codebook.set_index("item")["scale"])
    spread = points.groupby([points["respondent"], scale], observed=True)["value"].agg(["nunique", "size"])
    straight = spread["nunique"].eq(1) & spread["size"].ge(straight_line_items)
    straight_liners = straight[straight].index.get_level_values(0)
    answered = points.groupby("respondent", observed=True).size()
    return pd.DataFrame(
        {
            "respondent": respondents["respondent"],
            "duration_seconds": duration,
            "speeder": speeder,
            "items_answered": respondents["respondent"].map(answered).fillna(0).astype(int),
            "straight_liner": respondents["respondent"].isin(straight_liners),
            "note": np.where(duration.isna(), "[not defined: no duration recorded]", ""),
        }
    )
