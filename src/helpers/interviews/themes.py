"""Who spoke of what: participants and segments by theme and code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.interviews.quotations import Speech, collect_speeches, find_piece, split_quotation

ALL_PARTICIPANTS = "All participants"
NOT_STATED = "Not stated"


# --- counts -----------------------------------------------------------------------------------------------------------
def count_themes(segments: pd.DataFrame, participants: pd.DataFrame, by: str | Sequence[str] = "theme") -> pd.DataFrame:
    """Count participants first and segments second, each row with its denominator.

    Parameters
    ----------
    segments : DataFrame
        One row a segment and code: `segment, participant` and the columns of `by`.
    participants : DataFrame
        One row a participant: `participant` and attributes. People without any segment count in the denominators.
    by : str or sequence of str
        A column of `segments` (theme, code, construct …), attributes of `participants`, or both. Segments where it is
        missing are left out of that count; participants whose attribute is missing stand as "Not stated".

    Returns
    -------
    DataFrame
        The columns of `by`, then `numerator` (how many people have such a segment), `denominator` (how many people there
        are, within the attributes' levels) and `segments`. Every combination is there, zeros included; themes and
        codes in order of first appearance, attributes in their declared order.
    """
    by = [by] if isinstance(by, str) else list(by)
    attributes = [column for column in by if column in participants]
    coded = [column for column in by if column not in attributes]
    levels = {name: fill_not_stated(participants[name]).cat.remove_unused_categories() for name in attributes}
    people = participants[["participant"]].assign(**levels)
    rows = segments[[*coded, "segment", "participant"]].dropna(subset=coded)
    rows = rows.merge(people, on="participant", validate="many_to_one")
    ordered = rows.assign(**{name: pd.Categorical(rows[name], categories=rows[name].unique()) for name in coded})
    counts = ordered.groupby(by, observed=False)[["participant", "segment"]].nunique()
    counts = counts.set_axis(["numerator", "segments"], axis=1).reset_index().astype(rows[coded].dtypes)
    counts = rows[coded].drop_duplicates().merge(counts)
    of = people.groupby(attributes, observed=False).size().rename("denominator").reset_index() if attributes else None
    counts = counts.assign(denominator=len(people)) if of is None else counts.merge(of, on=attributes)
    return counts[[*by, "numerator", "denominator", "segments"]]


def cross_themes(
    segments: pd.DataFrame,
    participants: pd.DataFrame,
    attribute: str,
    by: str = "theme",
    groups: Mapping[str, Sequence[str]] | None = None,
) -> pd.DataFrame:
    """Count themes (or codes) within each level of an attribute, and over all participants.

    Parameters
    ----------
    attribute : str
        A categorical column of `participants`.
    groups : mapping of str to sequence of str, optional
        Merged groups and the levels they take in, for when single levels hold too few people.

    Returns
    -------
    DataFrame
        As `count_themes(…, by=(by, attribute))`, with the further level "All participants" as the last of each theme.
    """
    people = participants.assign(**{attribute: merge_levels(fill_not_stated(participants[attribute]), groups or {})})
    within = count_themes(segments, people, by=(by, attribute))
    total = count_themes(segments, people, by=by).assign(**{attribute: ALL_PARTICIPANTS})
    levels = [*people[attribute].cat.categories, ALL_PARTICIPANTS]
    order = {value: place for place, value in enumerate(total[by])}
    crossed = pd.concat([within.astype({attribute: "str"}), total[within.columns]])
    crossed = crossed.assign(**{attribute: pd.Categorical(crossed[attribute], categories=levels)})
    return crossed.sort_values(by, key=lambda values: values.map(order), kind="stable", ignore_index=True)


def merge_levels(values: pd.Series, groups: Mapping[str, Sequence[str]]) -> pd.Series:
    """Replace levels by the merged groups that take them in; a merged group stands where its first level stood.

    Parameters
    ----------
    values : Series
        Categorical.
    groups : mapping of str to sequence of str
        A group's name and its levels; levels named in no group stay as they are.
    """
    home = {level: group for group, levels in groups.items() for level in levels}
    levels = list(dict.fromkeys(home.get(level, level) for level in values.cat.categories))
    merged = [home.get(value, value) for value in values]
    return pd.Series(pd.Categorical(merged, categories=levels), index=values.index, name=values.name)


def band_counts(counts: pd.Series) -> pd.Series:
    """Replace counts by the bands "none", "1 to 4", "5 to 9", "10 or more" (ordered categorical), where cells are too small."""
    return pd.cut(counts, [0, 1, 5, 10, np.inf], right=False, labels=["none", "1 to 4", "5 to 9", "10 or more"])


def measure_coverage(
    segments: pd.DataFrame, participants: pd.DataFrame, transcripts: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Measure how much of the coding frame, and of what was said, each participant's coded segments cover.

    Parameters
    ----------
    transcripts : DataFrame, optional
        One row a turn: `source, participant, text`. Without it the words spoken are unknown.

    Returns
    -------
    DataFrame
        One row a participant in the order of `participants`: `participant, segments, codes, of_codes, themes,
        of_themes, words_coded, words_spoken, note`. `words_spoken` are all words of the participant's own turns;
        `words_coded` are those of them that at least one segment covers, each once however many segments and codes
        lie over it, so they never exceed the words spoken. A segment that does not stand word for word in the
        participant's own turns (apart from marked omissions) covers nothing: `note` says how many such segments there
        are. A text that was said more than once covers the first place. Both are missing without transcripts, or for
        people whom no transcript holds, and `note` says so.
    """
    distinct = segments.groupby("participant")[["segment", "code", "theme"]].nunique()
    distinct = distinct.rename(columns={"segment": "segments", "code": "codes", "theme": "themes"})
    coverage = participants[["participant"]].join(distinct, on="participant")
    coverage = coverage.fillna({name: 0 for name in distinct}).astype({name: int for name in distinct})
    coverage = coverage.assign(of_codes=segments["code"].nunique(), of_themes=segments["theme"].nunique())
    by_speaker: dict[str, list[Speech]] = {}
    for speech in {} if transcripts is None else collect_speeches(transcripts).values():
        by_speaker.setdefault(speech.speaker, []).append(speech)
    texts = segments.dropna(subset=["text"]).drop_duplicates("segment").groupby("participant")["text"].agg(list)
    words = [_cover_words(texts.get(name, []), by_speaker.get(name, [])) for name in coverage["participant"]]
    words = pd.DataFrame(words, columns=["words_coded", "words_spoken", "note"], index=coverage.index)
    coverage = coverage.join(words.astype({"words_coded": "Int64", "words_spoken": "Int64", "note": "str"}))
    order = ["participant", "segments", "codes", "of_codes", "themes", "of_themes", "words_coded", "words_spoken", "note"]
    return coverage[order]


def cross_codes(segments: pd.DataFrame, participants: pd.DataFrame) -> pd.DataFrame:
    """Count segments for each participant and code, as a matrix.

    Returns
    -------
    DataFrame
        Rows: every participant, in the order of `participants` (index `participant`). Columns: codes in order of first
        appearance. Cells: distinct segments, zeros included.
    """
    return _count_within(segments, "code", "participant").reindex(participants["participant"], fill_value=0)


def find_unused_codes(codes: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Codes of the codebook (`code, label, …`) that no segment carries; absence is not disagreement."""
    return codes[~codes["code"].isin(segments["code"])].reset_index(drop=True)


def fill_not_stated(values: pd.Series) -> pd.Series:
    """A categorical in which a missing value is a level of its own, last, so that denominators add up."""
    values = values.astype("category")
    if not values.isna().any():
        return values
    return values.cat.add_categories([NOT_STATED]).fillna(NOT_STATED)


def _cover_words(texts: list[str], own: list[Speech]) -> dict[str, object]:
    """How many of a participant's words the texts cover, how many there are, and a note on texts not found."""
    if not own:
        return {"note": "[not defined: no transcript holds this participant]"}
    covered = [np.zeros(len(speech.words), dtype=bool) for speech in own]
    missing = 0
    for text in texts:
        pieces = split_quotation(text).pieces
        found = ([find_piece(piece, speech) for piece in pieces] for speech in own)
        home, places = next(((home, at) for home, at in enumerate(found) if all(at)), (0, None))
        missing += places is None
        for piece, place in zip(pieces, places or [], strict=places is not None):
            covered[home][place[0] : place[0] + len(piece)] = True
    note = f"{missing} of {len(texts)} segments not counted: not word for word in this participant's own turns"
    return {
        "words_coded": sum(int(words.sum()) for words in covered),
        "words_spoken": sum(len(speech.words) for speech in own),
        "note": note if missing else "",
    }


# --- codes that stand together ----------------------------------------------------------------------------------------
def count_cooccurrence(segments: pd.DataFrame, by: str = "code", unit: str = "segment") -> pd.DataFrame:
    """Count how often two codes (or themes) stand together in one unit.

    Parameters
    ----------
    unit : {"segment", "participant", "source"}
        Together in the same segment, or anywhere in what one participant said, or in one source. State it to readers:
        the figures differ.

    Returns
    -------
    DataFrame
        One row a pair that stands together at least once, most frequent first: `first, second, unit, both, first_units,
        second_units, jaccard`, where jaccard = both / (first_units + second_units − both), from 0 to 1.

    References
    ----------
    Jaccard, P. (1912). The distribution of the flora in the alpine zone. New Phytologist, 11(2), 37–50.
    """
    counts = _count_within(segments, by, unit)
    present = counts.gt(0).to_numpy(dtype=np.float32)
    together = (present.T @ present).astype(int)
    alone, names = together.diagonal(), counts.columns.to_numpy()
    first, second = np.nonzero(np.triu(together, k=1))
    both = together[first, second]
    pairs = pd.DataFrame({"first": names[first], "second": names[second], "unit": unit, "both": both})
    pairs = pairs.assign(first_units=alone[first], second_units=alone[second])
    pairs = pairs.assign(jaccard=both / (alone[first] + alone[second] - both))
    return pairs.sort_values(["both", "jaccard"], ascending=False, kind="stable", ignore_index=True)


# --- new codes and saturation -----------------------------------------------------------------------------------------
def count_new_codes(segments: pd.DataFrame, participants: pd.DataFrame, unit: str = "participant") -> pd.DataFrame:
    """Count the codes that each interview adds to those before it, in the order in which the interviews stand.

    Parameters
    ----------
    unit : {"participant", "source"}
        What one interview is: a participant, in the order of `participants`; or a source, in order of appearance in
        `segments` (a focus group is one source).

    Returns
    -------
    DataFrame
        One row an interview: `interview, codes, new_codes, codes_so_far`.
    """
    present = _find_codes_present(segments, participants, unit)
    new = (present & ~present.cummax().shift(fill_value=False)).sum(axis=1)
    table = pd.DataFrame({"codes": present.sum(axis=1), "new_codes": new, "codes_so_far": new.cumsum()})
    return table.rename_axis("interview").reset_index()


def permute_saturation(
    segments: pd.DataFrame, participants: pd.DataFrame, unit: str = "participant", orders: int = 1000, seed: int = 1
) -> pd.DataFrame:
    """Count the codes found after 1, 2, … interviews, over random orders of the interviews.

    For inductive coding only: where the codes were fixed beforehand the curve says nothing about saturation.

    Parameters
    ----------
    unit : {"participant", "source"}
        See `count_new_codes`.
    orders : int
        How many random orders to draw.
    seed : int
        The same seed draws the same orders.

    Returns
    -------
    DataFrame
        One row a number of interviews: `interviews, codes_mean, codes_low, codes_high, of_codes`: the mean number of
        different codes found, the 2.5th and 97.5th percentile over orders, and the number of codes in all.
    """
    present = _find_codes_present(segments, participants, unit).to_numpy()
    interviews, codes = present.shape
    places = np.argsort(np.random.default_rng(seed).random((orders, interviews)), axis=1)
    found = np.maximum.accumulate(present[places.argsort(axis=1)], axis=1).sum(axis=2)
    low, high = np.percentile(found, [2.5, 97.5], axis=0)
    return pd.DataFrame(
        {
            "interviews": np.arange(1, interviews + 1),
            "codes_mean": found.mean(axis=0),
            "codes_low": low,
            "codes_high": high,
            "of_codes": codes,
        }
    )


def _find_codes_present(segments: pd.DataFrame, participants: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Interviews × codes, True where an interview holds a code."""
    present = _count_within(segments, "code", unit) > 0
    if unit == "participant":
        present = present.reindex(participants["participant"], fill_value=False)
    return present.loc[:, present.any()]


def _count_within(segments: pd.DataFrame, by: str, unit: str) -> pd.DataFrame:
    """Units × codes: how many distinct segments of a unit carry a code; both in order of first appearance."""
    rows = segments.dropna(subset=[by, unit]).drop_duplicates(list(dict.fromkeys(["segment", unit, by])))
    return pd.crosstab(rows[unit], rows[by]).reindex(index=rows[unit].unique(), columns=rows[by].unique())
