"""What may be told outside the team: counts, means, themes, groups and quotations, with what is withheld missing.

`threshold` is a number of people; 0 and 1 withhold nothing, so that one path serves both editions. A withheld figure is
missing in its frame, and `study.WITHHELD` is what a reader sees in its place. A reader is taken to know everything that is
printed; `suppression` finds which further counts must be withheld for it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers import groups, nomad, themes
from helpers.study import WITHHELD, Scale
from helpers.suppression import Table, arrange_table, count_values, withhold

ANYBODY = "a participant"

# Branches within which the solver must find people and codes that agree with what is printed; else it counts as impossible.
MOST_BRANCHES = 500


# --- the survey -------------------------------------------------------------------------------------------------------

NOTE_WITHHELD = WITHHELD + ": fewer than {} people, or a count from which fewer could be worked out"
NOTE_RANGE = "Given as a range: nearly all who answered"


def protect_bands(bands: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Withhold small counts of answers to items, and what else would give them away.

    Each item stands for itself: its bands add up to those who answered, a number that is always printed, since that somebody
    left an item out says nothing of what they think. Where all but fewer than `threshold` chose one band (and at least twice
    as many answered), that band is given as the same range whatever it is, and all others are withheld, so that 36 and 40 of
    40 look alike. Of an item that fewer than `threshold` answered nothing is told.

    Parameters
    ----------
    bands : DataFrame
        From `nomad.count_bands`, without groups.

    Returns
    -------
    DataFrame
        The same rows and columns, with `least` and `most` (float) before `note`: both the count where it is told, the ends of
        the range where that is given, both missing where the count is withheld. Counts, percentages and bounds are missing
        unless the count is told; `n_relevant` and all that rests on it also where the number who found the item not relevant
        is not told; `n_answered` where fewer than `threshold` answered.
    """
    exact = bands["count"].astype(float)
    if threshold <= 1:
        return bands.drop(columns="note").assign(least=exact, most=exact, note=bands["note"])
    ends = pd.concat([protect_item(rows, threshold) for _, rows in bands.groupby("item", sort=False)]).reindex(bands.index)
    told, answered = ends["least"].eq(ends["most"]), bands["n_answered"] >= threshold
    hidden = (~told & ~bands["relevant"]).groupby(bands["item"]).transform("any")
    names = ["count", *[name for name in bands if name.endswith(("_answered", "_relevant"))]]
    known = {name: told & ~hidden if name.endswith("_relevant") else told for name in names}
    known |= {"n_answered": answered, "n_relevant": answered & ~hidden}
    figures = {name: bands[name].astype(float).where(known[name]) for name in names}
    note = bands["note"].mask(~told | hidden & bands["relevant"], NOTE_WITHHELD.format(threshold))
    note = note.mask(~told & ends["least"].notna(), NOTE_RANGE)
    return bands.drop(columns="note").assign(**figures, least=ends["least"], most=ends["most"], note=note)


def protect_item(bands: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """What is told of one item's bands: `least, most`, on their index; see `protect_bands`."""
    counts, n = bands["count"], int(bands["n_answered"].iloc[0])
    least, most = (pd.Series(np.nan, index=bands.index) for _ in range(2))
    largest = counts.index == counts.idxmax()
    if n >= 2 * threshold and n - counts.max() < threshold:
        least, most = least.mask(largest, n - threshold + 1), most.mask(largest, n)
    elif n >= threshold:
        withheld = withhold(pd.concat([counts, pd.Series({"n": n})]), [("n", list(counts.index))], threshold, keep=["n"])
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
        From `nomad.describe_scores`, over everybody.
    counts, protected : DataFrame
        From `nomad.count_responses` without groups, and from `protect_bands`.

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
    whole = protected["count"].notna().groupby(protected["item"]).all()
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
    answers = nomad.list_options(items, scales).merge(counts[["item", "response", "count"]])
    cells, sums, hidden = [], [], []
    for item in items.itertuples():
        points = turn_points(scales[item.scale], item.reversed)
        bands, parts = protected[protected["item"] == item.item], []
        for band in bands.itertuples():
            # Each band, followed by its single answers, which are never told.
            inside = answers[(answers["item"] == item.item) & (answers["band"] == band.band)]
            parts.append(len(cells))
            cells.append((inside["count"].sum(), band.least, band.most, 0))
            sums.append((parts[-1], list(range(len(cells), len(cells) + len(inside)))))
            single = zip(inside["count"], inside["response"], strict=True)
            cells += [(count, np.nan, np.nan, points.get(response, 0)) for count, response in single]
            hidden += [] if band.least == band.most else [parts[-1]]
        told = bands["n_answered"].iloc[0]
        sums.append((len(cells), parts))
        cells.append((sum(cells[part][0] for part in parts), told, told if pd.notna(told) else threshold - 1, 0))
    frame = pd.DataFrame(cells, columns=["count", "least", "most", "points"])
    table = arrange_table(frame["count"], sums, frame["most"])
    table = Table(table.counts - frame["least"].fillna(0).to_numpy(), table.room, np.vstack([table.links, frame["points"]]))
    free = (table.counts > 0) | (table.room > 0)
    return bool((count_values(table, free, hidden, np.full(len(hidden), threshold)) >= threshold).all())


def turn_points(scale: Scale, turned: bool) -> dict[str, float]:
    """What each point of the scale adds to a score."""
    return {point.label: scale.lowest + scale.highest - point.value if turned else point.value for point in scale.responses}


# --- the interviews ---------------------------------------------------------------------------------------------------


def protect_counts(counts: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Withhold counts of participants from 1 to `threshold` − 1, and all counts of segments.

    Parameters
    ----------
    counts : DataFrame
        From `themes.count_themes`, each row over all participants.

    Returns
    -------
    DataFrame
        The same; `participants` and `of` as float, missing where withheld: everywhere where fewer than `threshold` people took
        part. `segments` is missing in every row, since one row's follows from the others' and bounds the people.
    """
    if threshold <= 1:
        return counts
    few, people = counts["of"] < threshold, counts["participants"]
    shown = people.astype(float).mask(people.between(1, threshold - 1) | few)
    return counts.assign(participants=shown, of=counts["of"].astype(float).mask(few), segments=np.nan)


def protect_linked(segments: pd.DataFrame, of: int, threshold: int) -> pd.DataFrame:
    """Withhold small counts of participants in several tables over the same people, such as by theme and by construct.

    A code belongs to a theme and to a construct, so whoever is counted for a theme is counted for one of its codes'
    constructs, and the other way round. A reader is taken to know which codes go together, all printed counts, and that a
    small count is from 1 to `threshold` − 1. Every small count must keep all of these values; where it does not, the smallest
    printed count that shares a code with it is withheld too.

    Parameters
    ----------
    segments : DataFrame
        `participant, theme` and, where codes belong to constructs, `construct`, a row a segment and code; a missing value
        belongs to no set.
    of : int
        Participants in all.

    Returns
    -------
    DataFrame
        `by` ("theme" or "construct"), `name`, `participants` (float, missing where withheld), one row a theme or construct,
        in order of appearance.
    """
    by = [name for name in ("theme", "construct") if name in segments]
    rows = segments[["participant", *by]].drop_duplicates()
    sets = pd.DataFrame([(column, name) for column in by for name in rows[column].dropna().unique()], columns=["by", "name"])
    members = [rows.loc[rows[column] == name, "participant"] for column, name in sets.itertuples(index=False)]
    counts = np.array([people.nunique() for people in members])
    kinds = rows[by].drop_duplicates()
    belongs = np.array([(kinds[column] == name).to_numpy() for column, name in sets.itertuples(index=False)])
    small = (counts < threshold) & (threshold > 1)
    withheld = small
    while small.any() and not withheld.all():
        pinned = find_pinned(counts, withheld, small, belongs, of, threshold)
        if pinned is None:
            break
        beside = ~withheld & belongs[:, belongs[pinned]].any(axis=1)
        beside = beside if beside.any() else ~withheld
        withheld = withheld | (np.arange(len(sets)) == np.where(beside, counts, np.inf).argmin())
    return sets.assign(participants=np.where(withheld, np.nan, counts))


def find_pinned(
    counts: np.ndarray, withheld: np.ndarray, small: np.ndarray, belongs: np.ndarray, of: int, threshold: int
) -> int | None:
    """The first small count that cannot have every value from 1 to `threshold` − 1; None where all can."""
    low = np.where(withheld, np.where(small, 1, threshold), counts)
    high = np.where(withheld, np.where(small, threshold - 1, of), counts)
    seen = {(place, counts[place]) for place in np.flatnonzero(small)}
    for place in np.flatnonzero(small):
        here = np.arange(len(counts)) == place
        for value in range(1, threshold):
            if (place, value) in seen:
                continue
            found = assign_codes(np.where(here, value, low), np.where(here, value, high), belongs, of)
            if found is None:
                return place
            seen |= {(other, found[other]) for other in np.flatnonzero(small)}
    return None


def assign_codes(low: np.ndarray, high: np.ndarray, belongs: np.ndarray, of: int) -> np.ndarray | None:
    """Each set's count under some way to give people codes that keeps all between `low` and `high`; None if none is found.

    Parameters
    ----------
    belongs : ndarray of bool
        Sets by kinds of code.
    """
    from scipy.optimize import LinearConstraint, milp
    from scipy.sparse import block_array, eye_array, kron

    sets, kinds = belongs.shape
    people = eye_array(of)
    at_set, at_kind = np.nonzero(belongs)
    # Whoever has a code is in each of its sets, and whoever is in a set has one of its codes.
    inside = block_array(
        [
            [kron(people, np.eye(sets)[at_set]), kron(people, -np.eye(kinds)[at_kind])],
            [kron(people, -np.eye(sets)), kron(people, belongs.astype(float))],
        ]
    )
    totals = np.hstack([np.tile(np.eye(sets), of), np.zeros((sets, of * kinds))])
    found = milp(
        np.zeros(of * (sets + kinds)), integrality=1, bounds=(0, 1), options={"node_limit": MOST_BRANCHES},
        constraints=[LinearConstraint(inside.tocsr(), 0, np.inf), LinearConstraint(totals, low, high)],
    )  # fmt: skip
    return None if found.x is None else (totals @ found.x).round().astype(int)


def protect_sets(counts: pd.DataFrame, by: str, segments: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Withhold small counts of participants by theme, or by construct, so that the other table does not give them away.

    Parameters
    ----------
    counts : DataFrame
        A row a theme (or construct): the column `by`, `participants`, `of` and `segments`.
    by : {"theme", "construct"}
    segments : DataFrame
        `participant, theme` and, where codes belong to constructs, `construct`: what both tables are counted from.

    Returns
    -------
    DataFrame
        As from `protect_counts`, with the further counts of `protect_linked` withheld.
    """
    if threshold <= 1:
        return counts
    shown = protect_counts(counts, threshold)
    linked = protect_linked(segments, int(counts["of"].max()), threshold)
    told = linked.loc[(linked["by"] == by) & linked["participants"].notna(), "name"]
    # A set that nobody is in stands in no segment; that it is empty may be told.
    return shown.assign(participants=shown["participants"].where(counts[by].isin(told) | counts["participants"].eq(0)))


def protect_crossing(counts: pd.DataFrame, attribute: str, threshold: int, withheld: Collection[str] = ()) -> pd.DataFrame:
    """Withhold counts of people by theme and group, row by row: a row's groups add up to its total.

    Withheld are counts from 1 to `threshold` − 1, groups of which everybody has the theme, groups of fewer than `threshold`
    people, and the further ones of the row by which these could be worked out. A row whose total is withheld tells nothing.

    Parameters
    ----------
    counts : DataFrame
        From `themes.cross_themes`: themes (or codes), `attribute`, `participants, of, segments`. The sizes of groups (`of`)
        are known to readers.
    withheld : collection of str
        Themes whose total another table withholds.

    Returns
    -------
    DataFrame
        The same, `participants` float and missing where withheld, `of` too in groups of fewer than `threshold`, `segments`
        missing throughout.
    """
    if threshold <= 1:
        return counts
    few, hidden = counts["of"] < threshold, pd.Series(False, index=counts.index)
    for theme, row in counts.groupby(counts.columns[0], sort=False, observed=True):
        total = row.index[row[attribute] == themes.ALL_PARTICIPANTS][0]
        within = row.index.drop(total)
        everybody = within[row.loc[within, "participants"] == row.loc[within, "of"]]
        if theme in withheld or few[total] or 1 <= row.loc[total, "participants"] < threshold:
            hidden[row.index] = True
        else:
            hidden[row.index] = withhold(
                row["participants"], [(total, list(within))], threshold, keep=[total], whole=False, most=row["of"],
                also=[*everybody, *within[few[within]]],
            )  # fmt: skip
    shown = counts["participants"].astype(float).mask(hidden)
    return counts.assign(participants=shown, of=counts["of"].astype(float).mask(few), segments=np.nan)


def pool_people(people: pd.DataFrame, columns: Mapping[str, Mapping[str, Sequence[str]]], threshold: int) -> pd.DataFrame:
    """Merge small groups of people, before anything about them is counted.

    Parameters
    ----------
    people : DataFrame
        A row a respondent or participant; each of `columns` categorical.
    columns : mapping
        For each column the study's merged groups (`groups:` in study.yml; may be empty) and the levels that each takes in.

    Returns
    -------
    DataFrame
        The same people. Levels are merged as the study says, then what is still under `threshold` by
        `groups.pool_small_groups`. Where groups have no order, fewer than `threshold` people whose group is not known are
        pooled with the others. A column is missing throughout, without categories, where a single group of several would be
        left, or fewer than `threshold` people.
    """
    if threshold <= 1:
        return people
    return people.assign(**{name: pool_column(people[name], merged, threshold) for name, merged in columns.items()})


def pool_column(values: pd.Series, merged: Mapping[str, Sequence[str]], threshold: int) -> pd.Series:
    """One column of `pool_people`."""
    before = values.astype("category").cat.remove_unused_categories()
    levels = themes.merge_levels(before, merged)
    levels = levels.astype(pd.CategoricalDtype(levels.cat.categories, ordered=before.cat.ordered))
    if 1 <= levels.isna().sum() < threshold and not before.cat.ordered:
        levels = levels.cat.set_categories(dict.fromkeys([*levels.cat.categories, themes.NOT_STATED]))
        levels = levels.fillna(themes.NOT_STATED)
    after = groups.pool_small_groups(levels, threshold)
    single = len(after.cat.categories) == 1 and len(before.cat.categories) > 1
    if single or after.notna().sum() < threshold:
        nobody = pd.Categorical([None] * len(values), categories=[], ordered=before.cat.ordered)
        return pd.Series(nobody, index=values.index, name=values.name)
    return after


@dataclass(frozen=True)
class Quotations:
    """Quotations that may leave the team.

    Attributes
    ----------
    rows : DataFrame
        `theme, text, attribution`.
    left_out : int
        Approved texts that are not among them, since together they would point at one person.
    """

    rows: pd.DataFrame
    left_out: int


def choose_quotations(
    bank: pd.DataFrame,
    segments: pd.DataFrame,
    participants: pd.DataFrame,
    shown: Sequence[str],
    approved: Collection[str],
    threshold: int,
) -> Quotations:
    """Choose the texts that the team has approved, attributed to no fewer than `threshold` people.

    An attribution held by fewer becomes "a participant". Of a participant whose texts hold details that could be put together
    (`themes.find_pointing_quotations`) the first alone is kept.

    Parameters
    ----------
    bank : DataFrame
        From `themes.build_quotation_bank`, over `participants` as they are shown (see `pool_people`).
    approved : collection of str
        Segments.
    """
    chosen = bank[bank["segment"].isin(list(approved))]
    number = chosen["segment"].nunique()
    if threshold > 1:
        known = chosen["held_by"].ge(threshold) & bool(len(shown))
        chosen = chosen.assign(attribution=chosen["attribution"].where(known, ANYBODY))
        texts = segments[segments["segment"].isin(chosen["segment"])]
        pointing = themes.find_pointing_quotations(texts, participants, shown)
        together = pointing.loc[pointing["reason"].str.contains("can be put together"), "participant"]
        speaker = chosen["segment"].map(texts.drop_duplicates("segment").set_index("segment")["participant"])
        first = chosen["segment"].groupby(speaker).transform("first")
        chosen = chosen[~speaker.isin(together) | (chosen["segment"] == first)]
    rows = chosen.drop(columns=["segment", "held_by"]).reset_index(drop=True)
    return Quotations(rows, number - chosen["segment"].nunique())


# --- in words ---------------------------------------------------------------------------------------------------------


def describe_rules(threshold: int) -> list[str]:
    """The rules of this room for a reader, a paragraph each."""
    return [
        f"Counts of 1 to {threshold - 1} people are withheld and shown as {WITHHELD}, for confidential. So are the percentage, "
        "the interval and the bar that rest on them. A count of none is shown unless it would give another away.",
        "Further counts are withheld where a small one could be worked out from totals or from another table. The sums and "
        f"means that are printed leave at least {threshold} possible values for each count withheld among answers and groups, "
        f"and every value from 1 to {threshold - 1} for each small count of participants by theme.",
        f"Where all but fewer than {threshold} people chose one answer, that answer is given as a range, such as “36 to 40” of "
        "40, and the others are withheld. The range is the same whether everybody chose the answer or nearly everybody.",
        f"Groups of fewer than {threshold} people are merged with others before anything is counted. Where merging leaves a "
        "single group, the grouping is not shown.",
        f"How many people answered a question, or took part, is shown wherever there are at least {threshold}, so that a "
        "percentage can be judged. That somebody left a question out says nothing of what they think.",
        f"No figure shows a single person, and no mean rests on fewer than {threshold} people. Intervals of means stand only "
        "where no answer to their questions is withheld. Of tests the verdict is told, which is the team's own over its finer "
        "groups, and no effect or p-value.",
        f"Quotations are those that the team has approved. They name a field only where at least {threshold} participants "
        f"belong to it, else they are from “{ANYBODY}”. Where several together could tell who somebody is, only one of them "
        "is shown.",
        "Tables with a row for each person, transcripts, single answers, comparisons of pairs, reliability, plans for the next "
        "survey and the code of the analysis stay with the team.",
        "These rules cannot help against somebody who already knows some of the answers, or who has another report of the same "
        "survey with figures that are withheld here. A reader who also reasons about how the rules choose what to withhold can "
        "sometimes narrow a withheld count further. With few respondents, much is withheld.",
    ]
