"""Counts of people rounded to a base, with everything that rests on them.

A rounded count is a neighbouring multiple of the base, not always the nearest: parts are rounded so that they add up to
their rounded total. Every count in a sum can then differ from the true one by anything less than the base. If parts and
totals were rounded one by one, they could give each other away.

References
----------
Cox & Ernst 1982, INFOR 20:423–432: controlled rounding.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from helpers.disclosure.told import Told
from helpers.survey.distributions import wilson_interval

# Columns that count people; of a range, its ends do.
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
    """Counts that are no parts of a total, each to the nearest multiple; shares and intervals follow from them."""
    names = told.frame.columns.intersection(COUNTS)
    return finish(told, {name: round_nearest(told.frame[name].astype(float), base) for name in names}) if base > 1 else told


def round_groups(told: Told, base: int, column: str) -> Told:
    """Groups that add up within each grouping."""
    if base <= 1 or told.frame.empty:
        return told
    parts = told.frame.groupby("grouping", observed=True)[column].transform(lambda counts: round_parts(counts.fillna(0), base))
    known = told.frame[column].notna()
    sums = parts.where(known).groupby(told.frame["grouping"], observed=True).transform("sum")
    rounded = finish(told, {column: parts.where(known)} | ({"denominator": sums} if "denominator" in told.frame else {}))
    if "share_of_respondents" not in told.frame:
        return rounded
    return replace(rounded, frame=rounded.frame.assign(share_of_respondents=100 * parts / sums.where(sums > 0)))


def round_bands(told: Told, base: int, exact: pd.DataFrame) -> Told:
    """Bands of answers, which add up to those who answered; `exact` are their counts before anything was withheld."""
    if base <= 1:
        return told
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


def finish(told: Told, figures: dict[str, pd.Series], kinds: Sequence[str] = ("", "_relevant")) -> Told:
    """Put rounded counts into a frame, and work out anew what rests on them where it was told."""
    frame = told.frame.assign(**figures)
    for kind in kinds:
        if {f"share{kind}", f"denominator{kind}"} <= set(frame):
            n, known = frame[f"denominator{kind}"], told.frame[f"share{kind}"].notna()
            frame[f"share{kind}"] = (100 * frame["numerator"] / n.where(n > 0)).where(known)
            if f"low{kind}" in frame:
                ends = wilson_interval(frame["numerator"], n).set_axis([f"low{kind}", f"high{kind}"], axis=1)
                frame = frame.assign(**ends.where(known))
    if "response_rate" in frame:
        frame["response_rate"] = 100 * frame["responded"] / frame["invited"].replace(0, np.nan)
    # Rounded to none, a group has no share: what was told is then not defined, and so not withheld either.
    return replace(told, frame=frame, withheld=told.withheld & frame.isna())
