"""Coded interviews, counted and checked: themes, co-occurrence, saturation, agreement between coders, quotations.

Counts describe the coding, not importance or prevalence. Participants come first, segments second, and a denominator
always stands beside. A segment that carries several codes stands in several rows, so distinct ids are counted.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

ALL_PARTICIPANTS = "All participants"
NOT_STATED = "Not stated"


# --- counts -----------------------------------------------------------------------------------------------------------


def count_themes(segments: pd.DataFrame, participants: pd.DataFrame, by: str | Sequence[str] = ("theme",)) -> pd.DataFrame:
    """Count participants first and segments second, each row with its denominator.

    Parameters
    ----------
    segments : DataFrame
        One row a segment and code: `segment, participant` and the columns of `by`.
    participants : DataFrame
        One row a participant: `participant` and attributes. People without any segment count in the denominators.
    by : str or sequence of str
        Columns of `segments` (theme, code, construct …), attributes of `participants`, or both. Segments where one of
        them is missing are left out of that count; participants whose attribute is missing stand as "Not stated".

    Returns
    -------
    DataFrame
        The columns of `by`, then `participants` (how many people have such a segment), `of` (how many people there
        are, within the attributes' levels) and `segments`. Every combination is there, zeros included; themes and
        codes in order of first appearance, attributes in their declared order.
    """
    by = [by] if isinstance(by, str) else list(by)
    attributes = [column for column in by if column in participants and column != "participant"]
    coded = [column for column in by if column not in attributes]
    people = participants[["participant"]].assign(**{name: _fill_not_stated(participants[name]) for name in attributes})
    rows = segments[list(dict.fromkeys([*coded, "segment", "participant"]))].dropna(subset=coded)
    rows = rows.merge(people, on="participant", how="inner", validate="many_to_one")

    grid = rows[coded].drop_duplicates()
    for name in attributes:
        levels = people[name].cat.remove_unused_categories().cat.categories
        level = pd.Series(pd.Categorical(levels, categories=people[name].cat.categories), name=name)
        grid = grid.merge(level, how="cross")
    counts = grid.reset_index(drop=True)
    tallies = {
        "participants": rows.drop_duplicates(list(dict.fromkeys([*by, "participant"]))).groupby(by, observed=True).size(),
        "of": people.groupby(attributes, observed=True).size() if attributes else len(people),
        "segments": rows.drop_duplicates([*by, "segment"]).groupby(by, observed=True).size(),
    }
    for name, tally in tallies.items():
        if isinstance(tally, pd.Series):
            tally = counts[by if name != "of" else attributes].merge(tally.rename("tally").reset_index(), how="left")
            tally = tally["tally"].fillna(0).astype(int)
        counts[name] = tally
    return counts[[*by, "participants", "of", "segments"]]


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
    people = participants.assign(**{attribute: merge_levels(_fill_not_stated(participants[attribute]), groups or {})})
    within = count_themes(segments, people, by=(by, attribute))
    total = count_themes(segments, people, by=by).assign(**{attribute: ALL_PARTICIPANTS})
    levels = [*people[attribute].cat.categories, ALL_PARTICIPANTS]
    order = {value: place for place, value in enumerate(total[by])}
    crossed = pd.concat([within.astype({attribute: "str"}), total[within.columns]], ignore_index=True)
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


def band_counts(counts: pd.Series, edges: Sequence[int] = (1, 5, 10)) -> pd.Series:
    """Replace counts by bands such as "none", "1 to 4", "5 to 9", "10 or more", for cells too small to print.

    Parameters
    ----------
    counts : Series of int
    edges : sequence of int
        The first count of each band above none, rising, beginning with 1.

    Returns
    -------
    Series
        Ordered categorical.
    """
    labels = ["none"]
    for low, following in zip(edges, [*edges[1:], None], strict=True):
        if following is None:
            labels.append(f"{low} or more")
        else:
            labels.append(str(low) if following == low + 1 else f"{low} to {following - 1}")
    places = np.searchsorted(np.asarray(edges), counts.to_numpy(), side="right")
    bands = pd.Categorical.from_codes(places, categories=labels, ordered=True)
    return pd.Series(bands, index=counts.index, name=counts.name)


def describe_count(participants: int, of: int, segments: int, unit: str = "segment") -> str:
    """Say a count as readers of a thematic analysis expect it: "9 of 14 participants, 31 segments".

    Parameters
    ----------
    unit : str
        What one segment is called, in the singular: "quotation" where a study has only what was printed.
    """
    people = "participant" if of == 1 else "participants"
    return f"{participants} of {of} {people}, {segments} {unit}{'' if segments == 1 else 's'}"


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
    for speech in {} if transcripts is None else _collect_speeches(transcripts).values():
        by_speaker.setdefault(speech.speaker, []).append(speech)
    texts = segments.dropna(subset=["text"]).drop_duplicates("segment").groupby("participant")["text"].agg(list)
    words = [_cover_words(texts.get(name, []), by_speaker.get(name, [])) for name in coverage["participant"]]
    words = pd.DataFrame(words, columns=["words_coded", "words_spoken", "note"], index=coverage.index)
    coverage = coverage.join(words.astype({"words_coded": "Int64", "words_spoken": "Int64", "note": "str"}))
    order = ["participant", "segments", "codes", "of_codes", "themes", "of_themes", "words_coded", "words_spoken", "note"]
    return coverage[order]


def cross_codes(segments: pd.DataFrame, participants: pd.DataFrame, by: str = "code") -> pd.DataFrame:
    """Count segments for each participant and code, as a matrix.

    Returns
    -------
    DataFrame
        Rows: every participant, in the order of `participants` (index `participant`). Columns: codes in order of first
        appearance. Cells: distinct segments, zeros included.
    """
    rows = segments.dropna(subset=[by]).drop_duplicates(["segment", "participant", by])
    counts = rows.groupby(["participant", by], observed=True).size().unstack(fill_value=0)
    return counts.reindex(index=list(participants["participant"]), columns=list(rows[by].unique()), fill_value=0)


def find_unused_codes(codes: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Codes of the codebook (`code, label, …`) that no segment carries; absence is not disagreement."""
    return codes[~codes["code"].isin(segments["code"])].reset_index(drop=True)


def _fill_not_stated(values: pd.Series) -> pd.Series:
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
        pieces = _split_quotation(text).pieces
        found = ([_find_piece(piece, speech) for piece in pieces] for speech in own)
        home, places = next(((home, at) for home, at in enumerate(found) if None not in at), (0, None))
        missing += places is None
        for piece, place in zip(pieces, places or [], strict=places is not None):
            covered[home][place : place + len(piece)] = True
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
    rows = segments.dropna(subset=[by, unit])
    unit_places, _ = pd.factorize(rows[unit])
    code_places, names = pd.factorize(rows[by])
    present = np.zeros((unit_places.max(initial=-1) + 1, len(names)), dtype=np.float32)
    present[unit_places, code_places] = 1
    together = (present.T @ present).astype(int)
    alone = together.diagonal()
    first, second = np.nonzero(np.triu(together, k=1))
    both = together[first, second]
    names = np.asarray(names, dtype=object)
    pairs = pd.DataFrame(
        {
            "first": pd.Series(names[first], dtype="str"),
            "second": pd.Series(names[second], dtype="str"),
            "unit": pd.Series([unit] * len(both), dtype="str"),
            "both": both,
            "first_units": alone[first],
            "second_units": alone[second],
            "jaccard": both / (alone[first] + alone[second] - both),
        }
    )
    return pairs.sort_values(["both", "jaccard"], ascending=False, kind="stable", ignore_index=True)


# --- new codes and saturation -----------------------------------------------------------------------------------------


def count_new_codes(
    segments: pd.DataFrame, participants: pd.DataFrame, by: str = "code", unit: str = "participant"
) -> pd.DataFrame:
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
    present = _find_codes_present(segments, participants, by, unit)
    earlier = present.cummax().shift(fill_value=False)
    new = (present & ~earlier).sum(axis=1)
    return pd.DataFrame(
        {
            "interview": present.index,
            "codes": present.sum(axis=1).to_numpy(),
            "new_codes": new.to_numpy(),
            "codes_so_far": new.cumsum().to_numpy(),
        }
    )


def permute_saturation(
    segments: pd.DataFrame,
    participants: pd.DataFrame,
    by: str = "code",
    unit: str = "participant",
    orders: int = 1000,
    seed: int = 1,
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
        One row a number of interviews: `interviews, mean, low, high, of`: the mean number of different codes found,
        the 2.5th and 97.5th percentile over orders, and the number of codes in all.
    """
    present = _find_codes_present(segments, participants, by, unit).to_numpy()
    interviews, codes = present.shape
    places = np.argsort(np.random.default_rng(seed).random((orders, interviews)), axis=1)
    found = np.zeros((orders, interviews), dtype=int)
    for code in range(codes):
        first = places[:, present[:, code]].min(axis=1)
        found[np.arange(orders), first] += 1
    found = found.cumsum(axis=1)
    low, high = np.percentile(found, [2.5, 97.5], axis=0) if interviews else (np.zeros(0), np.zeros(0))
    return pd.DataFrame(
        {"interviews": np.arange(1, interviews + 1), "mean": found.mean(axis=0), "low": low, "high": high, "of": codes}
    )


def _find_codes_present(segments: pd.DataFrame, participants: pd.DataFrame, by: str, unit: str) -> pd.DataFrame:
    """Interviews × codes, True where an interview holds a code."""
    rows = segments.dropna(subset=[by, unit])
    interviews = list(participants["participant"]) if unit == "participant" else list(rows[unit].unique())
    counts = rows.groupby([unit, by], observed=True).size().unstack(fill_value=0)
    present = counts.reindex(index=interviews, columns=list(rows[by].unique()), fill_value=0) > 0
    return present.loc[:, present.any()].rename_axis(index="interview")


# --- the quotation bank -----------------------------------------------------------------------------------------------


def build_quotation_bank(
    segments: pd.DataFrame, participants: pd.DataFrame, shown: Sequence[str], by: str = "theme"
) -> pd.DataFrame:
    """List quotations by theme, attributed by field only: never by a participant's label.

    Parameters
    ----------
    shown : sequence of str
        Attributes of `participants` that make up the attribution, such as ("sector",).

    Returns
    -------
    DataFrame
        One row a theme and segment with text: the column of `by`, `text`, `attribution` (the attributes' values joined
        by commas), `held_by` (how many participants could be meant by that attribution) and `segment`. Themes in order
        of first appearance. An attribution held by one participant points at that person.
    """
    attributions = describe_participants(participants, shown)
    rows = segments.dropna(subset=["text", by]).drop_duplicates(["segment", by])
    bank = rows[[by, "text", "participant", "segment"]].merge(attributions, on="participant", validate="many_to_one")
    order = {value: place for place, value in enumerate(rows[by].unique())}
    bank = bank.sort_values(by, key=lambda values: values.map(order), kind="stable", ignore_index=True)
    return bank[[by, "text", "attribution", "held_by", "segment"]]


def describe_participants(participants: pd.DataFrame, shown: Sequence[str]) -> pd.DataFrame:
    """Attribute each participant by the values of the attributes shown.

    Returns
    -------
    DataFrame
        `participant, attribution, held_by`; `held_by` is the number of participants whom the attribution fits.
    """
    columns = [_fill_not_stated(participants[name]).astype("str") for name in shown]
    attribution = pd.Series("Participant", index=participants.index, dtype="str")
    if columns:
        attribution = columns[0].str.cat(columns[1:], sep=", ")
    held_by = attribution.map(attribution.value_counts())
    return participants[["participant"]].assign(attribution=attribution, held_by=held_by.astype(int))


# --- agreement between coders -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Agreement:
    """A coefficient of agreement, its 95% percentile bootstrap interval over units, and why it is missing if it is."""

    value: float | None
    low: float | None
    high: float | None
    note: str = ""


def measure_agreement(
    segments: pd.DataFrame, by: str = "code", unit: str = "segment", draws: int = 1000, seed: int = 1
) -> pd.DataFrame:
    """Measure for each code (or theme) how far coders agree on whether it applies to a unit.

    Offered, never required: under reflexive thematic analysis coders are not expected to agree.

    Parameters
    ----------
    segments : DataFrame
        With `segment, participant, source, coder` and the column of `by`; rows without a coder are left out.
    unit : {"segment", "source"}
        What is rated: each segment that at least one coder marked (stretches that nobody marked do not exist here, so
        joint absence counts for less than in running text), or each source. A coder rates the units of the sources in
        which that coder marked anything; elsewhere the rating is missing, not "no".
    draws, seed : int
        Resamples of units for the intervals, and where the random numbers start.

    Returns
    -------
    DataFrame
        One row a code: the column of `by`, `unit, coders, units` (rated by two coders or more), `agreed` (units on
        which all who rated it agree), `kappa, kappa_low, kappa_high` (Cohen's, for exactly two coders), `alpha,
        alpha_low, alpha_high` (Krippendorff's, nominal), and `note`: "[not defined: …]" where a figure is missing.
    """
    rows = segments.dropna(subset=["coder", by])
    rows = rows.assign(place=rows["source"].fillna(rows["participant"]))
    rows = rows.assign(unit=rows["segment"] if unit == "segment" else rows["place"])
    place_of = rows.drop_duplicates("unit").set_index("unit")["place"]
    worked = rows.drop_duplicates(["place", "coder"]).assign(worked=True).set_index(["place", "coder"])["worked"]
    rated = worked.unstack(fill_value=False).reindex(place_of).set_axis(place_of.index).astype(bool)
    results = []
    for name, marked in rows.groupby(by, sort=False, observed=True):
        applied = marked.groupby(["unit", "coder"], observed=True).size().unstack(fill_value=0).gt(0)
        applied = applied.reindex(index=rated.index, columns=rated.columns, fill_value=False)
        ratings = applied.astype(float).where(rated)
        compared = ratings[rated.sum(axis=1) >= 2]
        kappa, alpha = compute_kappa(ratings, draws, seed), compute_alpha(ratings, draws, seed)
        results.append(
            {
                by: name,
                "unit": unit,
                "coders": rated.shape[1],
                "units": len(compared),
                "agreed": int((compared.max(axis=1) == compared.min(axis=1)).sum()),
                **{"kappa": kappa.value, "kappa_low": kappa.low, "kappa_high": kappa.high},
                **{"alpha": alpha.value, "alpha_low": alpha.low, "alpha_high": alpha.high},
                "note": " ".join(dict.fromkeys(filter(None, [kappa.note, alpha.note]))),
            }
        )
    figures = ["kappa", "kappa_low", "kappa_high", "alpha", "alpha_low", "alpha_high"]
    columns = [by, "unit", "coders", "units", "agreed", *figures, "note"]
    return pd.DataFrame(results, columns=columns).astype({figure: float for figure in figures})


def compute_kappa(ratings: pd.DataFrame, draws: int = 1000, seed: int = 1) -> Agreement:
    """Cohen's kappa of two coders, unweighted.

    Parameters
    ----------
    ratings : DataFrame
        Units × two coders, nominal labels; units with a missing rating are left out.

    References
    ----------
    Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological Measurement, 20(1),
    37–46.
    """
    if ratings.shape[1] != 2:
        return Agreement(None, None, None, f"[kappa not defined: it compares two coders, here are {ratings.shape[1]}]")
    patterns, counts, categories = _tally_patterns(ratings.dropna())
    if not len(counts):
        return Agreement(None, None, None, "[not defined: no unit was rated by two coders]")
    first, second = (np.equal.outer(patterns[:, coder], np.arange(categories)).astype(float) for coder in (0, 1))
    same = (patterns[:, 0] == patterns[:, 1]).astype(float)

    def kappa(weights: np.ndarray) -> np.ndarray:
        units = weights.sum(axis=1)
        observed = weights @ same / units
        expected = ((weights @ first) * (weights @ second)).sum(axis=1) / units**2
        return _divide(observed - expected, 1 - expected)

    return _bootstrap_agreement(kappa, counts, draws, seed)


def compute_alpha(ratings: pd.DataFrame, draws: int = 1000, seed: int = 1) -> Agreement:
    """Krippendorff's alpha for nominal ratings by any number of coders, with missing ratings.

    Parameters
    ----------
    ratings : DataFrame
        Units × coders, nominal labels, missing where a coder did not rate a unit; units with fewer than two ratings
        are left out.

    References
    ----------
    Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability. University of Pennsylvania. The interval
    resamples units; it is not the resampling of pairs described there.
    """
    ratings = ratings[ratings.notna().sum(axis=1) >= 2]
    patterns, counts, categories = _tally_patterns(ratings)
    if not len(counts):
        return Agreement(None, None, None, "[not defined: no unit was rated by two coders]")
    given = np.stack([(patterns == category).sum(axis=1) for category in range(categories)], axis=1).astype(float)
    raters = given.sum(axis=1)
    disagreement = (raters**2 - (given**2).sum(axis=1)) / (raters - 1)

    def alpha(weights: np.ndarray) -> np.ndarray:
        total = weights @ raters
        expected = total**2 - ((weights @ given) ** 2).sum(axis=1)
        return 1 - _divide((weights @ disagreement) * (total - 1), expected)

    return _bootstrap_agreement(alpha, counts, draws, seed)


def _tally_patterns(ratings: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, int]:
    """Distinct rows of ratings as category numbers (missing = −1), how many units show each, and the categories."""
    numbers, names = pd.factorize(ratings.to_numpy().ravel())
    table = pd.DataFrame(numbers.reshape(ratings.shape))
    patterns = table.groupby(list(table.columns)).size()
    return np.array(patterns.index.to_list(), dtype=int).reshape(-1, table.shape[1]), patterns.to_numpy(), len(names)


def _divide(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """A quotient that is missing where there is nothing to divide by."""
    return np.divide(above, below, out=np.full(len(above), np.nan), where=np.abs(below) > 1e-12)


def _bootstrap_agreement(coefficient, counts: np.ndarray, draws: int, seed: int) -> Agreement:
    """A coefficient of weighted patterns and its percentile interval; units with equal ratings are exchangeable."""
    value = coefficient(counts[None, :].astype(float))[0]
    if np.isnan(value):
        return Agreement(None, None, None, "[not defined: every rating is the same]")
    units = counts.sum()
    weights = np.random.default_rng(seed).multinomial(units, counts / units, size=draws).astype(float)
    drawn = coefficient(weights)
    drawn = drawn[~np.isnan(drawn)]
    # Leaving out more than a few resamples would make the interval one of something else.
    if len(drawn) < 0.95 * draws:
        return Agreement(float(value), None, None, "[interval not defined: ratings hardly vary between units]")
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Agreement(float(value), float(low), float(high))


# --- quotations against transcripts -----------------------------------------------------------------------------------

VERBATIM = "verbatim"
IN_PIECES = "verbatim, with words left out or replaced where marked"
RUNS_OVER = "runs over another speaker"
OUT_OF_ORDER = "pieces in another order"
DIFFERS = "differs"
SAID_BY_ANOTHER = "said by somebody else"
NOT_FOUND = "not found"
NO_TRANSCRIPT = "no transcript"

# Below this likeness (rapidfuzz partial ratio, 0 to 100) two texts share little but common words, so that a difference
# in words would say nothing. A likeness above it never passes as verbatim: a dropped "never" still scores 94.
LEAST_LIKENESS = 60

WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
# What an editor puts in: [brackets], and … or ... with or without parentheses.
MARK = re.compile(r"\[[^\]]*\]|\(\s*(?:…|\.(?:\s?\.){2,})\s*\)|…|\.(?:\s?\.){2,}")
NEGATIONS = {
    *("no", "not", "never", "none", "nobody", "nothing", "nowhere", "neither", "nor", "without", "cannot"),
    *("hardly", "barely", "scarcely"),
}
NUMBER_WORDS = {
    **{"zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7"},
    **{"eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14"},
    **{"fifteen": "15", "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19", "twenty": "20"},
    **{"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90"},
    **{"hundred": "100", "thousand": "1000", "million": "1000000", "dozen": "12", "half": "1/2"},
    **{"once": "1", "twice": "2"},
}
# An omission this short that takes a negation with it may turn a sentence round; a longer one nearly always holds one.
SHORT_OMISSION = 12
# What a listener says without taking the turn (a back-channel: Yngve 1970, On getting a word in edgewise). The list is
# ours; "mm-hmm" and "uh-huh" are compared as their halves. "No" is not on it, since it may answer.
BACK_CHANNELS = {
    *("mm", "mmm", "mhm", "mmhm", "mmhmm", "hm", "hmm", "uh", "huh", "uhhuh", "aha", "ah", "oh"),
    *("yeah", "yes", "yep", "right", "ok", "okay", "sure"),
}
LONGEST_BACK_CHANNEL = 2


@dataclass(frozen=True)
class Interruption:
    """What others say between two turns of a speaker: the speaker's first word after it, the two turns, who speaks."""

    word: int
    before: int
    after: int
    speakers: list[str]


@dataclass(frozen=True, eq=False)
class Speech:
    """What somebody said in a source: the text, its words as compared, where each stands, and where others spoke."""

    speaker: str
    text: str
    words: list[str]
    joined: str
    word_at: np.ndarray
    spans: list[tuple[int, int]]
    interruptions: list[Interruption]


@dataclass(frozen=True)
class Match:
    """Where a piece of a quotation stands in a speech (word numbers, end exclusive), and how the words differ."""

    start: int
    end: int
    likeness: float
    changes: list[str]


def check_quotations(segments: pd.DataFrame, transcripts: pd.DataFrame) -> pd.DataFrame:
    """Check that every quotation is verbatim what its own participant said, or show how it differs.

    Words are compared; case, punctuation, the kind of quotation marks and dashes, and spacing are not. A quotation is
    split at … and [brackets], and its pieces must follow one another in the participant's own turns. A piece may run
    from one turn into the next unless somebody else speaks between them; what others say there must be marked as left
    out, except for a back-channel of at most two words such as "mm-hmm" or "yeah, right" (`BACK_CHANNELS`).

    Parameters
    ----------
    segments : DataFrame
        `segment, participant, source, text`; each segment is checked once, segments without text not at all.
    transcripts : DataFrame
        One row a turn: `source, participant, text`, in order, the turns of interviewers included.

    Returns
    -------
    DataFrame
        One row a segment: `segment, participant, source, text`, `verdict` (verbatim; verbatim with marked omissions;
        runs over another speaker; pieces in another order; differs; said by somebody else; not found; no transcript),
        `difference` (in words, from the transcript to the quotation; whose words it runs over, and between which turns
        of the source, numbered from 1), `in_transcript` (the transcript's own text, where the verdict is
        "differs"), `likeness` (0 to 100, missing unless it differs), `negation_changed`, `number_changed` (bool: a
        negation or number was dropped, added, changed, put in brackets, or left out of a short omission; read these
        first) and `spoken_by` (whose words they are, where somebody else's).
    """
    speeches = _collect_speeches(transcripts)
    by_source: dict[str, list[Speech]] = {}
    by_speaker: dict[str, list[Speech]] = {}
    for (source, speaker), speech in speeches.items():
        by_source.setdefault(source, []).append(speech)
        by_speaker.setdefault(speaker, []).append(speech)
    rows = segments.dropna(subset=["text"]).drop_duplicates("segment")
    rows = rows[["segment", "participant", "source", "text"]]
    checks = []
    for row in rows.itertuples():
        if (row.source, row.participant) in speeches:
            own = [speeches[row.source, row.participant]]
        else:
            # Whoever speaks elsewhere is held to those words; only a group that never speaks under its own label (its
            # speakers were not separated in coding) is checked against the whole source.
            own = by_speaker.get(row.participant) or by_source.get(row.source) or []
        checks.append(_check_quotation(row.text, own, speeches.values()))
    columns = ["verdict", "difference", "in_transcript", "likeness", "negation_changed", "number_changed", "spoken_by"]
    checked = pd.DataFrame(checks, columns=columns, index=rows.index)
    text_columns = {name: "str" for name in ("verdict", "difference", "in_transcript", "spoken_by")}
    checked = checked.astype({**text_columns, "likeness": float, "negation_changed": bool, "number_changed": bool})
    return pd.concat([rows, checked], axis=1).reset_index(drop=True)


def _collect_speeches(transcripts: pd.DataFrame) -> dict[tuple[str, str], Speech]:
    """All that one person said in one source, the turns of others left out."""
    speeches = {}
    for source, rows in transcripts.groupby("source", sort=False):
        turns = list(zip(rows["participant"], rows["text"], strict=True))
        for speaker in rows["participant"].unique():
            speeches[source, speaker] = _make_speech(speaker, turns)
    return speeches


def _make_speech(speaker: str, turns: list[tuple[str, str]]) -> Speech:
    """A speaker's turns out of all turns of a source, each a speaker and a text."""
    own = [unicodedata.normalize("NFKC", text) for who, text in turns if who == speaker]
    text = "\n".join(own)
    found = list(WORD.finditer(_flatten_marks(text)))
    words = [match.group().casefold() for match in found]
    starts = np.cumsum([1, *(len(word) + 1 for word in words)])
    spans = [match.span() for match in found]
    turn_starts = np.cumsum([0, *(len(turn) + 1 for turn in own)])
    first_words = np.searchsorted([start for start, _ in spans], turn_starts).tolist()
    interruptions = _find_interruptions(speaker, turns, first_words)
    return Speech(speaker, text, words, f" {' '.join(words)} ", starts, spans, interruptions)


def _find_interruptions(speaker: str, turns: list[tuple[str, str]], first_words: list[int]) -> list[Interruption]:
    """Where others say more than a back-channel; `first_words`: the first word of each of the speaker's turns, and the end."""
    found: list[Interruption] = []
    between: list[tuple[str, str]] = []
    before, own = 0, 0
    for number, (who, text) in enumerate(turns, start=1):
        if who != speaker:
            between.append((who, text))
            continue
        first, end = first_words[own : own + 2]
        own += 1
        if first == end:
            continue
        if before and not _is_back_channel(" ".join(said for _, said in between)):
            found.append(Interruption(first, before, number, list(dict.fromkeys(other for other, _ in between))))
        before, between = number, []
    return found


def _is_back_channel(text: str) -> bool:
    """Whether a listener says nothing but "mm-hmm", "yeah" and the like; true of silence."""
    return len(text.split()) <= LONGEST_BACK_CHANNEL and BACK_CHANNELS.issuperset(split_words(text))


def _flatten_marks(text: str) -> str:
    """Apostrophes of one kind, so that "don’t" and "don't" are one word; as long as before."""
    return re.sub("[\u2018\u2019\u02bc\u0060\u00b4\uff07]", "'", text)


def split_words(text: str) -> list[str]:
    """The words of a text as they are compared: case, punctuation and kinds of apostrophe do not matter."""
    return [word.casefold() for word in WORD.findall(_flatten_marks(unicodedata.normalize("NFKC", text)))]


@dataclass(frozen=True)
class Quotation:
    """A quotation's words between its marks, and the words that an editor put in (`gaps`: between two pieces)."""

    pieces: list[list[str]]
    gaps: list[list[str]]
    inserted: list[str]
    marked: bool


def _split_quotation(text: str) -> Quotation:
    pieces, gaps, marks = [], [], MARK.findall(text)
    waiting: list[str] = []
    # Marks are found before NFKC, which writes … as three full stops.
    for words, mark in zip(map(split_words, MARK.split(text)), [*marks, ""], strict=True):
        if words:
            gaps += [waiting] if pieces else []
            pieces.append(words)
            waiting = []
        waiting = waiting + split_words(mark)
    return Quotation(pieces, gaps, [word for mark in marks for word in split_words(mark)], bool(marks))


def _check_quotation(text: str, own: list[Speech], everybody: Iterable[Speech]) -> dict[str, object]:
    quotation = _split_quotation(text)
    check: dict[str, object] = {
        "verdict": NOT_FOUND,
        **dict.fromkeys(["difference", "in_transcript", "likeness", "spoken_by"]),
        "negation_changed": bool(_pick_negations(quotation.inserted)),
        "number_changed": bool(_pick_numbers(quotation.inserted)),
    }
    if not own:
        return check | {"verdict": NO_TRANSCRIPT}
    if not quotation.pieces:
        return check
    over: dict[str, object] | None = None
    for speech in own:
        places = _find_in_order(quotation.pieces, speech)
        if places is not None and (across := _describe_interruptions(quotation.pieces, places, speech)):
            omitted = _describe_omissions(quotation, places, speech)
            wording = "; ".join(filter(None, [*across, omitted["difference"]]))
            over = over or {"verdict": RUNS_OVER} | omitted | {"difference": wording}
            # The same words may stand elsewhere without anybody between them.
            places = _find_in_order(quotation.pieces, _fence_speech(speech))
        if places is not None:
            verdict = IN_PIECES if quotation.marked else VERBATIM
            return check | {"verdict": verdict} | _describe_omissions(quotation, places, speech)
    if over:
        return check | over
    if any(all(_find_piece(piece, speech) is not None for piece in quotation.pieces) for speech in own):
        return check | {"verdict": OUT_OF_ORDER}
    for speech in everybody:
        if speech not in own and _find_in_order(quotation.pieces, speech) is not None:
            return check | {"verdict": SAID_BY_ANOTHER, "spoken_by": speech.speaker}
    return check | _compare_pieces(quotation.pieces, own, check)


def _describe_interruptions(pieces: list[list[str]], places: list[int], speech: Speech) -> list[str]:
    """Who speaks in the midst of a piece, and between which turns of the source."""
    stretches = [range(place + 1, place + len(piece)) for place, piece in zip(places, pieces, strict=True)]
    return [
        f"runs over {' and '.join(one.speakers)} between turns {one.before} and {one.after}"
        for one in speech.interruptions
        if any(one.word in stretch for stretch in stretches)
    ]


def _fence_speech(speech: Speech) -> Speech:
    """The same speech with a line end wherever somebody else speaks, over which no piece can be found."""
    edges = [0, *(one.word for one in speech.interruptions), len(speech.words)]
    stretches = [" ".join(speech.words[first:end]) for first, end in zip(edges, edges[1:], strict=False)]
    # A fence is two characters longer than the space that it takes the place of.
    shift = 2 * np.searchsorted(edges[1:-1], np.arange(len(speech.word_at)), side="right")
    return replace(speech, joined=" " + " \n ".join(stretches) + " ", word_at=speech.word_at + shift)


def _describe_omissions(quotation: Quotation, places: list[int], speech: Speech) -> dict[str, object]:
    """What short omissions leave out or replace, and whether negations and numbers survive them."""
    ends = [place + len(piece) for place, piece in zip(places, quotation.pieces, strict=True)]
    omitted = [speech.words[end:place] for end, place in zip(ends, places[1:], strict=False)]
    short = [(gone, new) for gone, new in zip(omitted, quotation.gaps, strict=True) if len(gone) <= SHORT_OMISSION]
    gone = [word for words, _ in short for word in words]
    wordings = [_describe_change(" ".join(gone), f"[{' '.join(new)}]" if new else "") for gone, new in short if gone]
    return {
        "difference": "; ".join(wordings) or None,
        "negation_changed": _pick_negations(gone) != _pick_negations(quotation.inserted),
        "number_changed": _pick_numbers(gone) != _pick_numbers(quotation.inserted),
    }


def _compare_pieces(pieces: list[list[str]], own: list[Speech], check: Mapping[str, object]) -> dict[str, object]:
    """The most alike stretches of what the participant said, and how the words differ from them."""
    speech, matches = max(
        ((speech, [_match_piece(piece, speech) for piece in pieces]) for speech in own),
        key=lambda pair: min(match.likeness if match else 0 for match in pair[1]),
    )
    if any(match is None for match in matches):
        return {"verdict": NOT_FOUND}
    said = [word for match in matches for word in speech.words[match.start : match.end]]
    quoted = [word for piece in pieces for word in piece]
    across = _describe_interruptions([speech.words[m.start : m.end] for m in matches], [m.start for m in matches], speech)
    stretches = [speech.text[speech.spans[match.start][0] : speech.spans[match.end - 1][1]] for match in matches]
    return {
        "verdict": DIFFERS,
        "difference": "; ".join([change for match in matches for change in match.changes] + across),
        "in_transcript": " … ".join(" ".join(stretch.split()) for stretch in stretches),
        "likeness": round(min(match.likeness for match in matches), 1),
        "negation_changed": check["negation_changed"] or _pick_negations(said) != _pick_negations(quoted),
        "number_changed": check["number_changed"] or _pick_numbers(said) != _pick_numbers(quoted),
    }


def _pick_negations(words: Iterable[str]) -> Counter:
    """Negations, with "n't" and "cannot" counting as "not"."""
    found = (word for word in words if word in NEGATIONS or word.endswith("n't"))
    return Counter("not" if word.endswith("n't") or word == "cannot" else word for word in found)


def _pick_numbers(words: Iterable[str]) -> Counter:
    """Numbers, in figures or words."""
    return Counter(NUMBER_WORDS.get(word, word) for word in words if word in NUMBER_WORDS or word[0].isdigit())


def _find_piece(piece: list[str], speech: Speech, after: int = 0) -> int | None:
    """The number of the first word at or after `after` at which the piece stands."""
    place = speech.joined.find(f" {' '.join(piece)} ", max(int(speech.word_at[after]) - 1, 0))
    return None if place < 0 else int(np.searchsorted(speech.word_at, place + 1))


def _find_in_order(pieces: list[list[str]], speech: Speech) -> list[int] | None:
    """Where the pieces stand one after another, as close together as they do; None if they do not."""
    places, after = [], 0
    for piece in pieces:
        place = _find_piece(piece, speech, after)
        if place is None:
            return None
        places.append(place)
        after = place + len(piece)
    for number in range(len(pieces) - 2, -1, -1):
        end = int(speech.word_at[places[number + 1]])
        place = speech.joined.rfind(f" {' '.join(pieces[number])} ", 0, end)
        places[number] = int(np.searchsorted(speech.word_at, place + 1))
    return places


def _match_piece(piece: list[str], speech: Speech) -> Match | None:
    """Where a piece stands, word for word or nearly; None where nothing is alike."""
    exact = _find_piece(piece, speech)
    if exact is not None:
        return Match(exact, exact + len(piece), 100, [])
    from rapidfuzz import fuzz
    from rapidfuzz.distance import Levenshtein

    quoted = " ".join(piece)
    found = fuzz.partial_ratio_alignment(quoted, speech.joined, score_cutoff=LEAST_LIKENESS)
    if found is None or not speech.words:
        return None
    # The alignment is of characters and as long as the piece; move its ends to the words that fit best.
    start = max(int(np.searchsorted(speech.word_at, found.dest_start, side="right")) - 1, 0)
    end = int(np.searchsorted(speech.word_at[:-1], found.dest_end, side="left"))
    starts = range(max(start - 3, 0), min(start + 4, len(speech.words)))
    ends = range(max(end - 3, 1), min(end + 4, len(speech.words) + 1))
    windows = [(first, last) for first in starts for last in ends if first < last]

    def differ(window: tuple[int, int]) -> tuple[float, float]:
        """Words first; of windows as good, the one whose letters are most alike."""
        words = speech.words[slice(*window)]
        return Levenshtein.distance(piece, words), -fuzz.ratio(quoted, " ".join(words))

    first, last = min(windows, key=differ)
    said = speech.words[first:last]
    return Match(first, last, fuzz.ratio(quoted, " ".join(said)), _describe_changes(said, piece))


def _describe_changes(said: list[str], quoted: list[str]) -> list[str]:
    """What was done to the words said to get the words quoted."""
    from rapidfuzz.distance import Levenshtein

    changes: list[tuple[list[str], list[str]]] = []
    reached = (-1, -1)
    for step in Levenshtein.opcodes(said, quoted):
        if step.tag == "equal":
            continue
        gone, new = said[step.src_start : step.src_end], quoted[step.dest_start : step.dest_end]
        if reached == (step.src_start, step.dest_start):
            changes[-1] = (changes[-1][0] + gone, changes[-1][1] + new)
        else:
            changes.append((gone, new))
        reached = (step.src_end, step.dest_end)
    return [_describe_change(" ".join(gone), " ".join(new)) for gone, new in changes]


def _describe_change(gone: str, new: str) -> str:
    if gone and new:
        return f"“{gone}” became “{new}”"
    return f"left out “{gone}”" if gone else f"added “{new}”"


# --- quotations against one another -----------------------------------------------------------------------------------


def find_recurring_texts(segments: pd.DataFrame, least_likeness: int = 85, least_words: int = 5) -> pd.DataFrame:
    """Find nearly the same text attributed to different participants.

    Where a study has gists in place of words, gists are compared: say so, since two people can share a gist.

    Parameters
    ----------
    segments : DataFrame
        `segment, participant, text`; each segment once, those without text left out.
    least_likeness : int
        Likeness of normalised texts from 0 to 100 (rapidfuzz ratio: twice the characters in common, divided by the
        characters of both).
    least_words : int
        Shorter texts recur by chance and are left out.

    Returns
    -------
    DataFrame
        One row a pair, most alike first: `kind` ("the same words", "one within the other", "nearly the same words"),
        `likeness`, `first_segment, first_participant, first_text, second_segment, second_participant, second_text`.
    """
    from rapidfuzz import fuzz, process

    rows = segments.dropna(subset=["text"]).drop_duplicates("segment")[["segment", "participant", "text"]]
    words = [" ".join(split_words(text)) for text in rows["text"]]
    rows = rows.assign(words=pd.Series(words, index=rows.index, dtype="str"))
    rows = rows[rows["words"].str.count(" ") >= least_words - 1].reset_index(drop=True)
    texts, people = list(rows["words"]), list(rows["participant"])
    found = _find_texts_within_others(texts)
    for start in range(0, len(texts), 1000):
        likeness = process.cdist(texts[start : start + 1000], texts, scorer=fuzz.ratio, score_cutoff=least_likeness)
        ones, others = np.nonzero(likeness)
        found |= {(start + one, other) for one, other in zip(ones.tolist(), others.tolist(), strict=True)}
    pairs = sorted({(min(pair), max(pair)) for pair in found if people[pair[0]] != people[pair[1]]})
    first, second = (rows.iloc[[pair[side] for pair in pairs]].reset_index(drop=True) for side in (0, 1))
    likeness = [round(fuzz.ratio(texts[one], texts[other]), 1) for one, other in pairs]
    table = pd.DataFrame(
        {
            "kind": pd.Series([_name_likeness(texts[one], texts[other]) for one, other in pairs], dtype="str"),
            "likeness": pd.Series(likeness, dtype=float),
        }
    )
    columns = ["segment", "participant", "text"]
    table = pd.concat([table, first[columns].add_prefix("first_"), second[columns].add_prefix("second_")], axis=1)
    return table.sort_values("likeness", ascending=False, kind="stable", ignore_index=True)


def _find_texts_within_others(texts: list[str]) -> set[tuple[int, int]]:
    """Pairs of different places of which the first one's text stands, word for word, within the second one's."""
    lines = [f" {text} \n" for text in texts]
    starts = np.cumsum([0, *map(len, lines)])
    everything = "".join(lines)
    found = set()
    for one, text in enumerate(texts):
        place = everything.find(f" {text} ")
        while place >= 0:
            other = int(np.searchsorted(starts, place, side="right")) - 1
            if other != one:
                found.add((one, other))
            place = everything.find(f" {text} ", int(starts[other + 1]))
    return found


def _name_likeness(one: str, other: str) -> str:
    if one == other:
        return "the same words"
    within = f" {one} " in f" {other} " or f" {other} " in f" {one} "
    return "one within the other" if within else "nearly the same words"


# Words that tell who somebody is, each alone harmless: lengths of time and sizes, what one says one is, proper names.
ONE_OR_TWO_WORDS = r"[^\W\d_]+(?: [^\W\d_]+)?"
CALENDAR = "Mon|Tues|Wednes|Thurs|Fri|Satur|Sun|Jan|Feb|March|April|May|June|July|Aug|Sept|Octo|Nov|Dec"
PERIODS_AND_SIZES = "years?|months?|staff|children|pupils|patients|people"
DETAILS = [
    re.compile(rf"\b(?:the|their) only {ONE_OR_TWO_WORDS}", re.IGNORECASE),
    re.compile(rf"\b(?:as|I am|I'm|I was) (?:a|an|the) (?!team|group|result|whole|rule|bit|lot){ONE_OR_TWO_WORDS}", re.I),
    re.compile(rf"\b(?:\d+|{'|'.join(NUMBER_WORDS)}) (?:{PERIODS_AND_SIZES})\b", re.IGNORECASE),
    re.compile(rf"(?<=[^\W\d_] )(?!I\b|{CALENDAR})[A-Z][^\W\d_]+(?: [A-Z][^\W\d_]+)*"),
]


def find_pointing_quotations(segments: pd.DataFrame, participants: pd.DataFrame, shown: Sequence[str]) -> pd.DataFrame:
    """Find participants at whom several quotations, or the attribution alone, together point.

    A prompt to read, not a verdict: details are found by their form (years of service, "as the …", "the only …",
    proper names inside a sentence), so some are harmless and others are missed.

    Parameters
    ----------
    shown : sequence of str
        The attributes printed beside a quotation; see `build_quotation_bank`.

    Returns
    -------
    DataFrame
        One row a participant with at least two quotations whose attribution fits nobody else, or with details in at
        least two different quotations: `participant, attribution, held_by, quotations` (number of distinct segments),
        `details` (the phrases, each with its segment; empty if none), `reason`. For the team only.
    """
    attributed = describe_participants(participants, shown).set_index("participant")
    rows = segments.dropna(subset=["text"]).drop_duplicates("segment")
    found = []
    for participant, own in rows.groupby("participant", sort=False):
        details = {
            segment: phrases
            for segment, text in zip(own["segment"], own["text"], strict=True)
            if (phrases := _find_details(text))
        }
        person = attributed.loc[participant]
        reasons = []
        if len(own) > 1 and person["held_by"] == 1:
            reasons.append(f"{len(own)} quotations under an attribution that fits one participant")
        if len(details) > 1:
            reasons.append(f"details in {len(details)} quotations that can be put together")
        if reasons:
            phrases = "; ".join(f"“{phrase}” ({segment})" for segment in details for phrase in details[segment])
            reason = "; ".join(reasons)
            found.append((participant, person["attribution"], person["held_by"], len(own), phrases, reason))
    columns = ["participant", "attribution", "held_by", "quotations", "details", "reason"]
    return pd.DataFrame(found, columns=columns)


def _find_details(text: str) -> list[str]:
    """Phrases that tell something about who speaks; where two overlap, the one of the earlier pattern."""
    found: list[re.Match] = []
    for match in (match for form in DETAILS for match in form.finditer(_flatten_marks(text))):
        if not any(match.start() < other.end() and other.start() < match.end() for other in found):
            found.append(match)
    return [match.group().strip() for match in sorted(found, key=re.Match.start)]
