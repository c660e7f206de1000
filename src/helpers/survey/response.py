"""Who responded, how far they got, and how carefully."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.study.definition import Study
from helpers.study.errors import WorkbookError
from helpers.study.terms import ANSWERED, MISSING
from helpers.survey.distributions import list_groups, wilson_interval

UNITS = ["responses", "responses with an answer to an item"]
NOT_GIVEN = "[not defined: the study gives no number invited]"
TOO_MANY = "[not defined: more responded than the margin of those invited]"


def describe_response(study: Study, respondents: pd.DataFrame) -> pd.DataFrame:
    """How many responded, how many of them answered an item, and what share of those invited that is.

    Returns
    -------
    DataFrame
        `unit, responded, invited, response_rate, low, high`, a row for each of `UNITS`; rates with 95% Wilson bounds in per
        cent. `invited` and the rates are missing where the study gives no number invited, and where it has several waves:
        one number of people invited does not say how many were in each.

    Raises
    ------
    WorkbookError
        When more people responded than were invited.
    """
    counts = [len(respondents), int((respondents["items_answered"] > 0).sum())]
    number = study.survey.invited.number if study.survey.invited and len(study.survey.files) == 1 else np.nan
    if counts[0] > number:
        raise WorkbookError(
            "study.yml", "survey.invited.number", f"{number}, fewer than the {counts[0]} who responded",
            "at least as many people invited as responded", "correct the number invited",
        )  # fmt: skip
    table = pd.DataFrame({"unit": UNITS, "responded": counts, "invited": float(number)})
    table["response_rate"] = 100 * table["responded"] / table["invited"]
    return table.join(wilson_interval(table["responded"], table["invited"]))


def count_groups(study: Study, respondents: pd.DataFrame) -> pd.DataFrame:
    """Respondents in each group of every grouping.

    Returns
    -------
    DataFrame
        `grouping, group, numerator, denominator, share`, in the order of the grouping's categories, empty ones included.
        `grouping` is what a reader calls it; the denominator is the respondents whose group is known.
    """
    rows = [
        (grouping.label, group, int((respondents[name] == group).sum()), int(respondents[name].notna().sum()))
        for name, grouping in study.survey.groupings.items()
        for group in respondents[name].cat.categories
    ]
    table = pd.DataFrame(rows, columns=["grouping", "group", "numerator", "denominator"])
    return table.assign(share=100 * table["numerator"] / table["denominator"].where(table["denominator"] > 0))


def compare_every_margin(study: Study, respondents: pd.DataFrame) -> pd.DataFrame:
    """Respondents beside the people invited, for each grouping whose margins the study gives.

    Returns
    -------
    DataFrame
        `grouping` (what a reader calls it) and the columns of `compare_with_invited`; empty where the study gives none.
    """
    margins = study.survey.invited.margins if study.survey.invited else {}
    none = compare_with_invited(pd.Series(dtype=object), {})
    parts = [
        compare_with_invited(respondents[name], invited).assign(grouping=study.survey.groupings[name].label)
        for name, invited in margins.items()
    ]
    return pd.concat(parts or [none.assign(grouping="")], ignore_index=True)[["grouping", *none]]


def compare_with_invited(group: pd.Series, invited: Mapping[str, int]) -> pd.DataFrame:
    """Respondents beside the people invited, group by group.

    Parameters
    ----------
    group : Series
        The group of each respondent.
    invited : Mapping of group to number
        The study's margins for this grouping, `survey.invited.margins`.

    Returns
    -------
    DataFrame
        `group, responded, invited, response_rate, low, high, share_of_invited, share_of_respondents, note`; rates with 95%
        Wilson bounds, and the group's shares of all invited and of all respondents, in per cent. Both shares are over the
        groups that have a margin.
    """
    groups = list(dict.fromkeys([*invited, *list_groups(group)]))
    table = pd.DataFrame({"group": pd.Series(groups, dtype=object)})
    table["responded"] = table["group"].map(group.value_counts().to_dict()).fillna(0).astype(int)
    margin = table["group"].map(dict(invited)).astype(float)
    table["invited"] = margin.where(margin > 0)
    table["note"] = np.select([table["invited"].isna(), table["responded"] > margin], [NOT_GIVEN, TOO_MANY], "")
    usable = table["invited"].where(table["note"] == "")
    table["response_rate"] = 100 * table["responded"] / usable
    table = table.join(wilson_interval(table["responded"], usable))
    counted = table["responded"].where(table["invited"].notna())
    table["share_of_invited"] = 100 * table["invited"] / max(table["invited"].sum(), 1)
    table["share_of_respondents"] = 100 * counted / max(counted.sum(), 1)
    rates = ["response_rate", "low", "high", "share_of_invited", "share_of_respondents"]
    return table[["group", "responded", "invited", *rates, "note"]]


def describe_completion(responses: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    """How far respondents got, section by section; an answer of not relevant counts as an answer.

    Returns
    -------
    DataFrame
        `section, items, started, numerator, denominator, share, low, high, note`, in questionnaire order. `started` answered
        an item of the section, the numerator all of them; the denominator is all respondents. Shares with 95% Wilson bounds,
        in per cent.
    """
    sections = codebook.groupby("section", sort=False).size().rename("items").reset_index()
    section = responses["item"].map(codebook.set_index("item")["section"])
    given = responses["status"].ne(MISSING).groupby([section, responses["respondent"]], observed=True)
    counts = pd.DataFrame({"started": given.any(), "numerator": given.all()}).groupby(level=0).sum()
    table = sections.join(counts, on="section").fillna(0).astype(dict.fromkeys(counts, int))
    n = responses["respondent"].nunique()
    table = table.assign(denominator=n, share=100 * table["numerator"] / (n or np.nan))
    note = "" if n else "[not defined: no respondents]"
    return table.join(wilson_interval(table["numerator"], table["denominator"])).assign(note=note)


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
        `respondent`, and `duration_seconds` where it is known. Leave out who answered nothing: they would lower the median.
    speed_share : float
        A speeder took less than this share of the median duration. One half is the relative speed index of 2 of
        Leiner 2019, Surv Res Methods 13:229–248.
    straight_line_items : int
        A straight-liner chose the same point for every item answered on a scale, at least this many of them, in the
        items' raw direction (this project's rule). Not-relevant answers are left aside.

    Returns
    -------
    DataFrame
        `respondent, duration_seconds, speeder, straight_liner, note`, one row per respondent; `speeder` is missing where no
        duration was recorded.
    """
    duration = respondents.get("duration_seconds", pd.Series(np.nan, respondents.index)).astype(float)
    speeder = duration.lt(speed_share * duration.median()).astype("boolean").mask(duration.isna())
    points = responses[responses["status"].eq(ANSWERED)]
    scale = points["item"].map(codebook.set_index("item")["scale"])
    spread = points.groupby([points["respondent"], scale], observed=True)["value"].agg(["nunique", "size"])
    straight = spread["nunique"].eq(1) & spread["size"].ge(straight_line_items)
    return pd.DataFrame({
        "respondent": respondents["respondent"],
        "duration_seconds": duration,
        "speeder": speeder,
        "straight_liner": respondents["respondent"].isin(straight[straight].index.get_level_values(0)),
        "note": np.where(duration.isna(), "[not defined: no duration recorded]", ""),
    })  # fmt: skip


def keep_flagged(flags: pd.DataFrame) -> pd.DataFrame:
    """The rows of `flag_response_quality` with a flag."""
    return flags[flags["speeder"].fillna(False).astype(bool) | flags["straight_liner"]]
