"""What may be told about interviews: counts of participants, crossings, quotations."""

from collections.abc import Collection, Sequence
from functools import partial

import numpy as np
import pandas as pd

from helpers.disclosure import people, releases, rounding, suppression
from helpers.disclosure.ledger import Part, join_cells
from helpers.disclosure.told import Told, tell
from helpers.interviews import coding, texts, themes
from helpers.interviews.themes import ALL_PARTICIPANTS
from helpers.study.definition import Study

ANYBODY = "a participant"
OTHER_THEMES = "Further texts of the themes without a number"
# Branches within which the solver must find people and codes that agree with what is printed; otherwise it is impossible.
MOST_BRANCHES = 500


def protect_linked(segments: pd.DataFrame, of: int, threshold: int) -> pd.DataFrame:
    """Withhold small counts of participants in several tables over the same people, such as by theme and by construct.

    A code belongs to a theme and to a construct, so a person counted for a theme is also counted for one of its codes'
    constructs, and the other way round. We assume that a reader knows which codes go together, all printed counts, and that a
    small count is from 1 to `threshold` − 1. Every small count must keep all of these values as possible; if it does not, the
    smallest printed count that shares a code with it is withheld too.

    `segments` has `participant, theme` and, where codes belong to constructs, `construct`, missing for none; `of` is the number
    of all participants. In the result each row is one theme or construct, in order of appearance: `by` ("theme" or
    "construct"), `name`, `numerator` (float, missing where withheld).
    """
    by = [name for name in ("theme", "construct") if name in segments]
    rows = segments[["participant", *by]].drop_duplicates()
    sets = pd.DataFrame([(column, name) for column in by for name in rows[column].dropna().unique()], columns=["by", "name"])
    counts = np.array([rows.loc[rows[column] == name, "participant"].nunique() for column, name in sets.to_numpy()])
    kinds = rows[by].drop_duplicates()
    belongs = np.array([(kinds[column] == name).to_numpy() for column, name in sets.itertuples(index=False)])
    small = counts < threshold
    withheld = small
    while small.any() and not withheld.all():
        pinned = find_pinned(counts, withheld, belongs, of, threshold)
        if pinned is None:
            break
        beside = ~withheld & belongs[:, belongs[pinned]].any(axis=1)
        beside = beside if beside.any() else ~withheld
        withheld = withheld | (np.arange(len(sets)) == np.where(beside, counts, np.inf).argmin())
    return sets.assign(numerator=np.where(withheld, np.nan, counts))


def find_pinned(counts: np.ndarray, withheld: np.ndarray, belongs: np.ndarray, of: int, threshold: int) -> int | None:
    """The first small count that cannot have every value from 1 to `threshold` − 1; None if all can."""
    small = counts < threshold
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
    """Each set's count when people are given kinds of code (`belongs`: sets × kinds) so that all are from `low` to `high`, or
    None.
    """
    from scipy.optimize import LinearConstraint, milp
    from scipy.sparse import block_array, eye_array, kron

    sets, kinds = belongs.shape
    people = eye_array(of)
    at_set, at_kind = np.nonzero(belongs)
    # A person with a code is in each of its sets, and a person in a set has one of its codes.
    inside = block_array([
        [kron(people, np.eye(sets)[at_set]), kron(people, -np.eye(kinds)[at_kind])],
        [kron(people, -np.eye(sets)), kron(people, belongs.astype(float))],
    ])  # fmt: skip
    totals = np.hstack([np.tile(np.eye(sets), of), np.zeros((sets, of * kinds))])
    found = milp(
        np.zeros(of * (sets + kinds)), integrality=1, bounds=(0, 1), options={"node_limit": MOST_BRANCHES},
        constraints=[LinearConstraint(inside.tocsr(), 0, np.inf), LinearConstraint(totals, low, high)],
    )  # fmt: skip
    return None if found.x is None else (totals @ found.x).round().astype(int)


def protect_crossing(counts: pd.DataFrame, threshold: int, withheld: Collection[str] = ()) -> pd.DataFrame:
    """Withhold counts of people by theme and group (`themes.cross_themes`), row by row: a row's groups add up to its total.

    We withhold counts from 1 to `threshold` − 1, groups in which everybody has the theme, groups of fewer than `threshold`
    people, and the other counts of the row from which these could be worked out. A row whose total is withheld, here or in
    another table (`withheld`, themes), tells nothing. Readers know the sizes of groups (`denominator`), except those of fewer
    than `threshold` people. Withheld values are missing.
    """
    few, hidden = counts["denominator"] < threshold, pd.Series(False, index=counts.index)
    for theme, row in counts.groupby("theme", sort=False, observed=True):
        total = row.index[row["group"] == ALL_PARTICIPANTS][0]
        within = row.index.drop(total)
        everybody = within[row.loc[within, "numerator"] == row.loc[within, "denominator"]]
        if theme in withheld or few[total] or 1 <= row.loc[total, "numerator"] < threshold:
            hidden[row.index] = True
        else:
            hidden[row.index] = suppression.withhold(
                row["numerator"], total, threshold, whole=False, most=row["denominator"],
                also=[*everybody, *within[few[within]]],
            )  # fmt: skip
    shown = counts["numerator"].astype(float).mask(hidden)
    return counts.assign(numerator=shown, denominator=counts["denominator"].astype(float).mask(few))


def choose_quotations(
    bank: pd.DataFrame, segments: pd.DataFrame, participants: pd.DataFrame, fields: Sequence[str],
    approved: Collection[str], threshold: int,
) -> pd.DataFrame:  # fmt: skip
    """Choose the texts that the team has approved, attributed to no fewer than `threshold` people: rows of the `bank`.

    The bank is that of `participants` as they are shown (see `pool_people`), attributed by `fields`; `approved` are segments.
    An attribution held by fewer becomes "a participant". If a participant's texts hold details that could be put together
    (`texts.find_pointing_quotations`), only the first text is kept.
    """
    chosen = bank[bank["segment"].isin(list(approved))]
    known = chosen["held_by"].ge(threshold) & bool(len(fields))
    chosen = chosen.assign(attribution=chosen["attribution"].where(known, ANYBODY))
    said = segments[segments["segment"].isin(chosen["segment"])]
    pointing = texts.find_pointing_quotations(said, participants, fields)
    together = pointing.loc[pointing["reason"].str.contains("can be put together"), "participant"]
    speaker = chosen["segment"].map(said.drop_duplicates("segment").set_index("segment")["participant"])
    first = chosen["segment"].groupby(speaker).transform("first")
    return chosen[~speaker.isin(together) | (chosen["segment"] == first)]


def hide_themes(rows: pd.DataFrame, withheld: Collection[str], threshold: int) -> pd.DataFrame:
    """Approved texts, without what would bound the withheld count of a theme: how many texts there are, and their fields.

    Such a theme keeps the first text that appears nowhere else, from "a participant": readers know anyway that somebody spoke
    of it, and one text looks the same whether one person did or four. The others come together at the end, sorted and without
    their theme; those of a single theme, or fewer than `threshold`, are left out.
    """
    few = rows["theme"].isin(list(withheld))
    alone = rows[few & ~rows["text"].duplicated(keep=False)].drop_duplicates("theme").index
    shown = rows[~few | rows.index.isin(alone)]
    shown = shown.assign(attribution=shown["attribution"].mask(few, ANYBODY))
    others = rows[few].drop(index=alone)
    rest = others.assign(theme=OTHER_THEMES, attribution=ANYBODY).drop_duplicates("text").sort_values("text")
    return pd.concat([shown, rest]) if others["theme"].nunique() > 1 and len(rest) >= threshold else shown


def drop_untold(crossed: pd.DataFrame) -> pd.DataFrame:
    """A crossing without the themes for which no group is told, or whose total could not be told beside its groups.

    The total is in another table; with it and the sizes of groups, even a row of marks alone could tell too much.
    """
    total, told = crossed["group"].eq(ALL_PARTICIPANTS), crossed["numerator"].notna()
    themes = set(crossed.loc[~total & told, "theme"]) & set(crossed.loc[total & told, "theme"])
    return crossed[crossed["theme"].isin(themes)]


# --- what notebook 4 tells --------------------------------------------------------------------------------------------
def tell_sessions(sessions: pd.DataFrame, threshold: int) -> Told:
    """How people took part (`themes.count_sessions`); only how many if a number of people is from 1 to `threshold` − 1."""
    if sessions["n"].between(1, threshold - 1).any():
        everybody = sessions.loc[sessions["kind"] == "all", ["kind", "n"]]
        sessions = everybody.assign(n=everybody["n"].astype(float).where(everybody["n"] >= threshold))
    return releases.settle(tell(sessions, threshold), threshold, "sessions", INTERVIEWS)


def tell_participants(participants: pd.DataFrame, study: Study, threshold: int) -> Told:
    """How many took part at each level of every attribute: the columns of `themes.count_participants`.

    If anything is withheld, small groups are merged first, nobody is counted as not stated, and no number from 1 to
    `threshold` − 1 is told.
    """
    if threshold <= 1:
        return tell(themes.count_participants(participants, study), threshold)
    pooled = people.pool_people(participants, study.interviews.attributes, threshold)
    counts = themes.count_participants(pooled, study, not_stated=False)
    told = tell(counts.assign(n=counts["n"].astype(float).mask(counts["n"].between(1, threshold - 1))), threshold)
    return releases.settle(
        told, threshold, "participants", INTERVIEWS,
        by="grouping", narrow=partial(releases.refuse_groups, column="n", threshold=threshold),
        round_to=partial(rounding.round_groups, column="n"),
    )  # fmt: skip


def tell_sets(counts: pd.DataFrame, by: str, segments: pd.DataFrame, threshold: int) -> Told:
    """Participants by theme, or by construct (`by`), as far as the other table does not give small counts away.

    Each row of `counts` is one theme (or construct): the column `by`, `numerator`, `denominator` (all participants),
    `segments`; both tables are counted from `segments` (see `protect_linked`). If anything is withheld, no segments are told,
    since one row's follow from the others' and bound the people; if fewer than `threshold` people took part, nothing is told.
    """
    if threshold <= 1:
        return tell(counts, threshold)
    linked = protect_linked(segments, counts["denominator"].to_numpy().max(initial=0), threshold)
    told = counts[by].isin(linked.loc[(linked["by"] == by) & linked["numerator"].notna(), "name"])
    # A set that nobody is in has no segment; that it is empty may be told.
    told |= counts["numerator"] == 0
    enough = counts["denominator"] >= threshold
    numerator, denominator = (counts[name].astype(float).where(enough) for name in ("numerator", "denominator"))
    shown = counts.drop(columns="segments").assign(numerator=numerator.where(told), denominator=denominator)

    def refuse_new(kept: Told, before: Told, earlier: releases.Earlier) -> Told | None:
        """A count, unless it could not be told of the newcomers alone."""
        if earlier.same:
            return kept
        few = protect_linked(segments[segments["participant"].isin(earlier.new)], len(earlier.new), threshold)
        few = few.loc[(few["by"] == by) & few["numerator"].isna(), "name"]
        few = kept.frame[by].isin(few) & kept.frame["numerator"].notna()
        return None if earlier.gone or few.any() else kept

    return releases.settle(tell(shown, threshold), threshold, by, INTERVIEWS, by=by, narrow=refuse_new)


def tell_crossings(segments: pd.DataFrame, participants: pd.DataFrame, by_theme: Told, study: Study, threshold: int) -> Told:
    """Themes by every observed attribute: the columns of `themes.cross_every_attribute`.

    If anything is withheld, small groups are merged before they are counted, and only themes are kept whose total and at least
    one group are told. A theme that `by_theme` (from `tell_sets`) withholds tells nothing here.
    """
    if threshold <= 1:
        return tell(themes.cross_every_attribute(segments, participants, study), threshold)
    pooled = people.pool_people(participants, study.interviews.attributes, threshold)
    crossings = themes.cross_every_attribute(segments, pooled, study)
    rows, withheld = crossings.groupby("grouping", observed=True), list_withheld(by_theme)
    parts = [drop_untold(protect_crossing(each, threshold, withheld)) for _, each in rows]
    told = tell(pd.concat([crossings[:0], *parts], ignore_index=True)[list(crossings)], threshold)

    # Groups within themes are too small for a second table of them.
    return releases.settle(
        told, threshold, "crossings", INTERVIEWS, by="grouping", round_to=partial(rounding.round_crossings, exact=crossings),
        narrow=lambda kept, before, earlier: kept if earlier.same else None,
    )  # fmt: skip


def tell_texts(segments: pd.DataFrame, participants: pd.DataFrame, by_theme: Told, study: Study, threshold: int) -> Told:
    """Texts by theme: all of them, or if anything is withheld those that the team has approved, in the order of its list.

    The columns of `texts.build_quotation_bank`, or `theme, text, attribution`. We do not say how many are left out: with the
    number of approved texts that would bound a withheld count.
    """
    fields = themes.choose_fields(study)
    if threshold <= 1:
        return tell(texts.build_quotation_bank(segments, participants, fields), threshold)
    pooled = people.pool_people(participants, study.interviews.attributes, threshold)
    fields = [name for name in fields if len(pooled[name].cat.categories)]
    bank, approved = texts.build_quotation_bank(segments, pooled, fields), coding.read_approved(study)
    chosen = choose_quotations(bank, segments, pooled, fields, approved, threshold)
    # The bank takes people in turn, which would show how many there are.
    chosen = chosen.iloc[chosen["segment"].map(approved.index).argsort(kind="stable")]
    chosen = chosen.sort_values("theme", key=lambda names: names.map(list(bank["theme"]).index), kind="stable")
    shown = hide_themes(chosen, list_withheld(by_theme), threshold)[["theme", "text", "attribution"]]
    told = tell(shown.reset_index(drop=True), threshold)
    return releases.settle(told, threshold, "texts", INTERVIEWS, narrow=releases.accept)


def read_interviews(study: Study) -> dict[str, pd.DataFrame]:
    """Each participant's attributes and all their codes, as the ledger of releases compares them."""
    people, segments = coding.read_participants(study).set_index("participant"), coding.read_segments(study)
    lines = join_cells(segments.reindex(columns=["theme", "code", "construct"]))
    coded = lines.groupby(segments["participant"]).agg(lambda texts: "|".join(sorted(texts))).reindex(people.index)
    return {"interviews": people.assign(coded=coded)}


def list_withheld(by_theme: Told) -> list[str]:
    return by_theme.frame.loc[by_theme.frame["numerator"].isna(), "theme"].to_list()


INTERVIEWS = Part("interviews", read_interviews)
