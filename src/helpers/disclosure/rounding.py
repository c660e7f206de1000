"""Counts of people rounded to a base, with everything computed from them.

A rounded count is a neighbouring multiple of the base, not always the nearest one: parts are rounded so that they add up to
their rounded total. Every count in a sum can then differ from the true one by anything less than the base. If parts and
totals were rounded one by one, they could give each other away. A base is 2 or more.

References
----------
Cox & Ernst 1982, INFOR 20:423–432: controlled rounding.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from helpers.disclosure.told import Told
from helpers.interviews.themes import ALL_PARTICIPANTS
from helpers.survey.distributions import wilson_interval

# Columns that count people, including the ends of a range.
COUNTS = ["numerator", "denominator", "started", "responded", "n"]


def round_parts(counts: pd.Series, base: int) -> pd.Series:
    """Parts rounded to neighbouring multiples that add up to the multiple nearest to their sum."""
    floors = counts // base * base
    short = int((counts.sum() + base / 2) // base * base - floors.sum()) // base
    up = (counts - floors).sort_values(ascending=False, kind="stable").index[:short]
    return floors + base * counts.index.isin(up)


def round_nearest(values: pd.Series, base: int) -> pd.Series:
    return (values + base / 2) // base * base


def round_counts(told: Told, base: int) -> Told:
    """Counts that are not parts of a total, each to the nearest multiple; shares and intervals follow from them."""
    names = told.frame.columns.intersection(COUNTS)
    return finish(told, {name: round_nearest(told.frame[name].astype(float), base) for name in names})


def round_groups(told: Told, base: int, column: str) -> Told:
    """Groups that add up within each grouping."""
    parts = told.frame.groupby("grouping", observed=True)[column].transform(lambda counts: round_parts(counts.fillna(0), base))
    parts = parts.where(told.frame[column].notna())
    sums = parts.groupby(told.frame["grouping"], observed=True).transform("sum")
    figures = {column: parts, "denominator": sums, "share_of_respondents": 100 * parts / sums.where(sums > 0)}
    return finish(told, {name: rounded for name, rounded in figures.items() if name in told.frame}, none=True)


def round_crossings(told: Told, base: int, exact: pd.DataFrame) -> Told:
    """Themes by group, where each theme's groups add up to its total; `exact` as they were before anything was withheld.

    A theme is left out of a grouping if more people of a group would have it than the group has.
    """
    keys, names = ["theme", "grouping", "group"], ["numerator", "denominator"]
    exact = exact.astype(dict.fromkeys(keys, "str")).set_index(keys)[names]
    rows = told.frame[keys].astype("str")
    counts = exact.reindex(pd.MultiIndex.from_frame(rows)).set_axis(rows.index)
    whole, of = rows["group"] == ALL_PARTICIPANTS, [rows["theme"], rows["grouping"]]
    rounded = {
        name: counts[name][~whole].groupby(of).transform(round_parts, base=base).reindex(rows.index)
        .fillna(round_nearest(counts[name], base)).where(told.frame[name].notna()) for name in names
    }  # fmt: skip
    wrong = rounded["numerator"].gt(rounded["denominator"]).groupby(of).transform("any")
    return finish(told, rounded).keep(lambda frame: ~wrong)


def round_bands(told: Told, base: int, exact: pd.DataFrame) -> Told:
    """Bands of answers, which add up to those who answered; `exact` are their counts before anything was withheld."""
    frame = told.frame
    parts = exact.groupby("item", sort=False)["numerator"].transform(lambda counts: round_parts(counts, base))[frame.index]
    of = parts.groupby(frame["item"]).transform("sum").where(frame["denominator"].notna())
    ranged = frame["least"].lt(frame["most"])
    aside = parts.mask(frame["relevant"], 0).groupby(frame["item"]).transform("sum")
    figures = {
        "numerator": parts.where(frame["numerator"].notna()), "denominator": of,
        "denominator_relevant": (of - aside).where(frame["denominator_relevant"].notna()),
        "least": parts.where(frame["least"].notna()).mask(ranged, frame["least"] // base * base),
        "most": parts.where(frame["most"].notna()).mask(ranged, of),
    }  # fmt: skip
    return finish(told, figures)


def finish(told: Told, figures: dict[str, pd.Series], none: bool = False) -> Told:
    """Put rounded counts into a frame, and recompute what follows from them where it was told.

    Small counts were withheld before, so a 0 would be known to mean nobody: it is withheld too, unless `none` may be told.
    """
    frame = told.frame.assign(**figures)
    zero = frame["numerator"].eq(0) & (not none) if "numerator" in frame else pd.Series(False, frame.index)
    for kind in ("", "_relevant"):
        if {f"share{kind}", f"denominator{kind}"} <= set(frame):
            n, known = frame[f"denominator{kind}"], told.frame[f"share{kind}"].notna()
            frame[f"share{kind}"] = (100 * frame["numerator"] / n.where(n > 0)).where(known)
            if f"low{kind}" in frame:
                ends = wilson_interval(frame["numerator"], n).set_axis([f"low{kind}", f"high{kind}"], axis=1)
                frame = frame.assign(**ends.where(known))
    if "response_rate" in frame:
        frame["response_rate"] = 100 * frame["responded"] / frame["invited"].replace(0, np.nan)
    shares = [f"{name}{kind}" for name in ("share", "low", "high") for kind in ("", "_relevant")]
    names = frame.columns.intersection(["numerator", "least", "most", *shares])
    frame[names] = frame[names].mask(zero)
    # A group rounded to none has no share: what was told is then not defined, and so not withheld either.
    withheld = told.withheld & frame.isna()
    withheld[names] |= frame[names].isna().mul(zero, axis=0)
    return replace(told, frame=frame, withheld=withheld)
