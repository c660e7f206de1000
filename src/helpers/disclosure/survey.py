"""What may be told about answers to items; withheld values are missing.

`threshold` is a number of people; 0 and 1 withhold nothing, so that one path serves both editions. We assume that a reader
knows everything that is printed; `suppression` finds which further counts must therefore be withheld.
"""

from functools import partial

import numpy as np
import pandas as pd

from helpers.disclosure import releases, rounding, suppression
from helpers.disclosure.ledger import Part
from helpers.disclosure.told import Told, tell
from helpers.study.definition import Study
from helpers.study.errors import WorkbookError
from helpers.survey import cleaning

NOTE_ON_BANDS = (
    "A count of fewer than {} people is withheld, and so is one from which fewer could be worked out. A range means "
    "nearly all who answered."
)


def tell_bands(bands: pd.DataFrame, threshold: int) -> Told:
    """Counts of answers by band as far as they may be told: the frame itself, or that of `protect_bands`.

    A share that is not defined, such as that of "not relevant" among those to whom an item is relevant, is not withheld. It
    counts as withheld if its denominator is: an item without one would show that nobody answered it.
    """
    if threshold <= 1 or bands.empty:
        return tell(bands, threshold)
    shown = protect_bands(bands, threshold)
    withheld, undefined = shown.isna(), ~shown["relevant"] | shown["denominator_relevant"].eq(0)
    shares = ["share_relevant", "low_relevant", "high_relevant"]
    withheld[shares] = withheld[shares].mask(undefined, False)
    told = Told(shown, withheld, NOTE_ON_BANDS.format(int(threshold)), threshold)
    told = releases.hide(told, hide_rows(shown, bands["item"].isin(releases.find_still(threshold, SURVEY))))
    settled = releases.settle(
        told, threshold, "bands", SURVEY, by="item", narrow=partial(narrow_bands, bands, threshold),
        round_to=partial(rounding.round_bands, exact=bands),
    )  # fmt: skip
    then, now = (frame.groupby("item")["band"].agg(frozenset) for frame in (settled.frame, bands))
    if then.ne(now.reindex(then.index)).any():
        # The page would describe repeated figures by bands that they do not have.
        found, expected = "answers counted in other bands than in an earlier package", "the bands of that package"
        remedy = "keep `agree_from` and the scale as then, or strike the package from the ledger if it was never sent"
        raise WorkbookError("parameters", "agree_from", found, expected, remedy)
    return settled


def hide_rows(bands: pd.DataFrame, rows: pd.Series) -> pd.DataFrame:
    """What to withhold of bands if the counts of some `rows` are withheld."""
    few = (rows & ~bands["relevant"]).groupby(bands["item"]).transform("any")
    names = ["numerator", "share", "low", "high", "least", "most", *[name for name in bands if name.endswith("_relevant")]]
    return pd.DataFrame({name: rows | few if name.endswith("_relevant") else rows for name in names})


def narrow_bands(bands: pd.DataFrame, threshold: int, told: Told, before: Told, people: releases.Earlier) -> Told | None:
    """An item's bands, unless the answers of those who have joined since could not be shown as a separate table.

    A reader knows how many of them chose a band that is told both then and now, and how many answered. The bands that were
    withheld then are one cell. If some people are gone, the steps are the new people's answers less theirs: if none falls,
    those who are gone may have given any answer.
    """
    told = releases.hide(told, hide_rows(told.frame, told.frame[["least", "most"]].isna().any(axis=1)))
    if people.same:
        return told
    steps, n = (releases.find_steps(told, before, name) for name in ("numerator", "denominator"))
    n, ranged = n.iloc[0], told.frame["least"].lt(told.frame["most"])
    known, exact = steps.dropna(), told.frame["least"].eq(told.frame["most"])
    if not n >= threshold or known.lt(0).any() or known.sum() > n or (exact & steps.isna()).any():
        return None
    if ranged.any():
        return told if n >= 2 * threshold else None
    counts = pd.concat([known, pd.Series(({} if len(known) == len(steps) else {"rest": n - known.sum()}) | {"n": n})])
    return None if suppression.withhold(counts.astype(int), "n", threshold).any() else told


def protect_bands(bands: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Withhold small counts of answers to items (`distributions.count_bands`), and anything that would give them away.

    Each item is treated alone: its bands add up to those who answered, a number that is always printed, since leaving an
    item out says nothing about what somebody thinks. If all but fewer than `threshold` chose one band (and at least twice as
    many answered), that band is given as the same range whatever it is, and all others are withheld, so that 36 and 40 of 40
    look alike. Nothing is told about an item that fewer than `threshold` answered.

    The rows and columns stay, with `least` and `most` (float): both are the count if it is told, the ends of the range if one
    is given, missing if the count is withheld. Counts, percentages and bounds are missing unless the count is told;
    `denominator_relevant` and all that rests on it also if the number who found the item not relevant is not told;
    `denominator` where fewer than `threshold` answered.
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
    return bands.assign(**figures, **ends)


def protect_item(bands: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """What may be told about one item's bands: `least, most`, on the bands' index; see `protect_bands`."""
    counts, n = bands["numerator"], int(bands["denominator"].iloc[0])
    least, most = (pd.Series(np.nan, index=bands.index) for _ in range(2))
    largest = counts.index == counts.idxmax()
    if n >= 2 * threshold and n - counts.max() < threshold:
        least, most = least.mask(largest, n - threshold + 1), most.mask(largest, n)
    elif n >= threshold:
        withheld = suppression.withhold(pd.concat([counts, pd.Series({"n": n})]), "n", threshold)
        least = most = counts.astype(float).mask(withheld[counts.index])
    return pd.DataFrame({"least": least, "most": most})


def read_survey(study: Study) -> dict[str, pd.DataFrame]:
    """Each wave, in which each row is one respondent: groupings, `link` if there are keys, answers to items as strings."""
    cleaned = cleaning.clean_survey(study)
    cells = cleaned.responses["response"].astype(object).fillna(cleaned.responses["status"])
    wide = cleaned.responses.assign(cell=cells).pivot(index="respondent", columns="item", values="cell")
    people = cleaned.respondents.set_index("respondent").join(wide)
    return {f"survey {wave}": rows for wave, rows in people.groupby("wave", observed=True)}


# Everybody's answers to the survey, as the ledger of releases compares them.
SURVEY = Part("survey", read_survey)
