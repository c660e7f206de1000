"""What may be told of answers to items and of scores; what is withheld is missing.

`threshold` is a number of people; 0 and 1 withhold nothing, so that one path serves both editions. A reader is taken to
know everything that is printed; `suppression` finds which further counts must be withheld for it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.disclosure import suppression
from helpers.study.definition import Scale
from helpers.study.terms import WITHHELD
from helpers.survey import distributions

NOTE_WITHHELD = WITHHELD + ": fewer than {} people, or a count from which fewer could be worked out"


def protect_bands(bands: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Withhold small counts of answers to items, and what else would give them away.

    Each item stands for itself: its bands add up to those who answered, a number that is always printed, since that somebody
    left an item out says nothing of what they think. Where all but fewer than `threshold` chose one band (and at least twice
    as many answered), that band is given as the same range whatever it is, and all others are withheld, so that 36 and 40 of
    40 look alike. Of an item that fewer than `threshold` answered nothing is told.

    Parameters
    ----------
    bands : DataFrame
        From `distributions.count_bands`.

    Returns
    -------
    DataFrame
        The same rows and columns, with `least` and `most` (float): both the count where it is told, the ends of the range
        where that is given, both missing where the count is withheld. Counts, percentages and bounds are missing
        unless the count is told; `denominator_relevant` and all that rests on it also where the number who found the item
        not relevant is not told; `denominator` where fewer than `threshold` answered.
    """
    exact = bands["numerator"].astype(float)
    if threshold <= 1:
        return bands.assign(least=exact, most=exact)
    ends = pd.concat([protect_item(rows, threshold) for _, rows in bands.groupby("item", sort=False)]).reindex(bands.index)
    told, answered = ends["least"].eq(ends["most"]), bands["denominator"] >= threshold
    hidden = (~told & ~bands["relevant"]).groupby(bands["item"]).transform("any")
    names = ["numerator", "denominator", "share", "low", "high", *[name for name in bands if name.endswith("_relevant")]]
    known = {name: told & ~hidden if name.endswith("_relevant") else told for name in names}
    known |= {"denominator": answered, "denominator_relevant": answered & ~hidden}
    figures = {name: bands[name].astype(float).where(known[name]) for name in names}
    return bands.assign(**figures, least=ends["least"], most=ends["most"])


def protect_item(bands: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """What is told of one item's bands: `least, most`, on their index; see `protect_bands`."""
    counts, n = bands["numerator"], int(bands["denominator"].iloc[0])
    least, most = (pd.Series(np.nan, index=bands.index) for _ in range(2))
    largest = counts.index == counts.idxmax()
    if n >= 2 * threshold and n - counts.max() < threshold:
        least, most = least.mask(largest, n - threshold + 1), most.mask(largest, n)
    elif n >= threshold:
        counted = pd.concat([counts, pd.Series({"n": n})])
        withheld = suppression.withhold(counted, "n", threshold)
        least = most = counts.astype(float).mask(withheld[counts.index])
    return pd.DataFrame({"least": least, "most": most})


def protect_means(
    described: pd.DataFrame,
    counts: pd.DataFrame,
    protected: pd.DataFrame,
    codebook: pd.DataFrame,
    scales: Mapping[str, Scale],
    threshold: int,
) -> pd.DataFrame:
    """Withhold the mean score of a construct where it would help to work out what is withheld of its items.

    A mean is a sum over the answers to all items of the construct. It is told only if every withheld count of theirs keeps
    `threshold` possible values for a reader who knows that sum exactly. Nor is it told of a construct of one item, where fewer
    than `threshold` people have a score, or where all people together are less than `threshold` points from an end of the
    scale. An interval tells how much scores differ, which can be possible in one way alone: it is told only where every
    count of the items is. Medians and quartiles are the scores of one or two people, and are never told.

    Parameters
    ----------
    described : DataFrame
        From `scoring.describe_scores`.
    counts, protected : DataFrame
        From `distributions.count_responses`, and from `protect_bands`.

    Returns
    -------
    DataFrame
        `described` with `n, mean, low, high` (float) missing where withheld, `median, q1, q3` missing, and `note` saying so.
    """
    if threshold <= 1:
        return described
    safe = []
    for row in described.itertuples():
        items = codebook[codebook["construct"] == row.construct]
        telling = is_extreme(row, scales[items["scale"].iloc[0]], threshold)
        safe.append(not telling and keeps_secret(items, counts, protected, scales, threshold))
    # The mean of a single item tells how its bands divide into single answers.
    single = described["construct"].map(codebook["construct"].value_counts()) == 1
    safe, few = pd.Series(safe, index=described.index) & ~single, described["n"] < threshold
    whole = protected["numerator"].notna().groupby(protected["item"]).all()
    open_items = codebook["item"].map(whole).fillna(False).groupby(codebook["construct"]).all()
    wide = safe & described["construct"].map(open_items).fillna(False)
    told = {"mean": safe, "low": wide, "high": wide}
    shown = {name: described[name].where(where) for name, where in told.items()}
    shown |= {"n": described["n"].astype(float).mask(few)} | dict.fromkeys(("median", "q1", "q3"), np.nan)
    return described.assign(**shown, note=described["note"].mask(~safe, NOTE_WITHHELD.format(threshold)))


def is_extreme(row, scale: Scale, threshold: int) -> bool:
    """Whether a mean (`n, mean`) rests on too few people, or tells what nearly everybody in it answered."""
    room = min(row.mean - scale.lowest, scale.highest - row.mean) if row.n else 0
    return row.n < threshold or row.n * room < threshold


def keeps_secret(
    items: pd.DataFrame, counts: pd.DataFrame, protected: pd.DataFrame, scales: Mapping[str, Scale], threshold: int
) -> bool:
    """Whether the sum of all answers to these items leaves every withheld count of them `threshold` possible values."""
    answers = distributions.list_options(items, scales).merge(counts[["item", "response", "numerator"]])
    cells, sums, hidden = [], [], []
    for item in items.itertuples():
        points = turn_points(scales[item.scale], item.reversed)
        bands, parts = protected[protected["item"] == item.item], []
        for band in bands.itertuples():
            # Each band, followed by its single answers, which are never told.
            inside = answers[(answers["item"] == item.item) & (answers["band"] == band.band)]
            parts.append(len(cells))
            cells.append((inside["numerator"].sum(), band.least, band.most, 0))
            sums.append((parts[-1], list(range(len(cells), len(cells) + len(inside)))))
            single = zip(inside["numerator"], inside["response"], strict=True)
            cells += [(count, np.nan, np.nan, points.get(response, 0)) for count, response in single]
            hidden += [] if band.least == band.most else [parts[-1]]
        told = bands["denominator"].iloc[0]
        sums.append((len(cells), parts))
        cells.append((sum(cells[part][0] for part in parts), told, told if pd.notna(told) else threshold - 1, 0))
    frame = pd.DataFrame(cells, columns=["numerator", "least", "most", "points"])
    links = np.zeros((len(sums) + 1, len(cells)))
    for link, (total, parts) in zip(links, sums, strict=False):
        link[parts], link[total] = 1, -1
    links[-1] = frame["points"]
    low, high = frame["least"].fillna(0) - frame["numerator"], frame["most"].fillna(suppression.NO_LIMIT) - frame["numerator"]
    return suppression.keep_values(links, low.to_numpy(), high.to_numpy(), hidden, threshold)


def turn_points(scale: Scale, turned: bool) -> dict[str, float]:
    """What each point of the scale adds to a score."""
    return {point.label: scale.lowest + scale.highest - point.value if turned else point.value for point in scale.responses}
