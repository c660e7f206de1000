"""What may be told of interviews: counts of participants, crossings, quotations."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.disclosure import suppression
from helpers.interviews.texts import find_pointing_quotations
from helpers.interviews.themes import ALL_PARTICIPANTS

ANYBODY = "a participant"
# Branches within which the solver must find people and codes that agree with what is printed; else it counts as impossible.
MOST_BRANCHES = 500


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
        total = row.index[row[attribute] == ALL_PARTICIPANTS][0]
        within = row.index.drop(total)
        everybody = within[row.loc[within, "participants"] == row.loc[within, "of"]]
        if theme in withheld or few[total] or 1 <= row.loc[total, "participants"] < threshold:
            hidden[row.index] = True
        else:
            hidden[row.index] = suppression.withhold(
                row["participants"], total, threshold, whole=False, most=row["of"],
                also=[*everybody, *within[few[within]]],
            )  # fmt: skip
    shown = counts["participants"].astype(float).mask(hidden)
    return counts.assign(participants=shown, of=counts["of"].astype(float).mask(few), segments=np.nan)


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
        pointing = find_pointing_quotations(texts, participants, shown)
        together = pointing.loc[pointing["reason"].str.contains("can be put together"), "participant"]
        speaker = chosen["segment"].map(texts.drop_duplicates("segment").set_index("segment")["participant"])
        first = chosen["segment"].groupby(speaker).transform("first")
        chosen = chosen[~speaker.isin(together) | (chosen["segment"] == first)]
    rows = chosen.drop(columns=["segment", "held_by"]).reset_index(drop=True)
    return Quotations(rows, number - chosen["segment"].nunique())
