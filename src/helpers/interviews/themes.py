"""Who took part and who spoke about what: participants and segments by theme and code. Each frame answers one question."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.interviews import agreement
from helpers.interviews.quotations import Speech, collect_speeches, find_piece, split_quotation
from helpers.study.definition import Study

ALL_PARTICIPANTS = "All participants"
NOT_STATED = "Not stated"


# --- who took part ----------------------------------------------------------------------------------------------------
def count_sessions(segments: pd.DataFrame, participants: pd.DataFrame, transcripts: pd.DataFrame) -> pd.DataFrame:
    """How many people took part in a group, alone, in an unknown way, and in all: `kind, n, sources`, one row for each.

    People who share a source (of `segments` or `transcripts`) were a group. Somebody who did both counts under group.
    """
    placed = pd.concat([rows.reindex(columns=["source", "participant"]) for rows in (segments, transcripts)])
    placed = placed[placed["participant"].isin(participants["participant"])].dropna().drop_duplicates()
    shared = placed[placed.groupby("source")["participant"].transform("size") > 1]
    alone = placed[~placed["participant"].isin(shared["participant"])]
    counts = [(rows["participant"].nunique(), rows["source"].nunique()) for rows in (shared, alone)]
    rest = len(participants) - counts[0][0] - counts[1][0]
    rows = [*counts, (rest, 0), (len(participants), placed["source"].nunique())]
    return pd.DataFrame(rows, columns=["n", "sources"]).assign(kind=["group", "alone", "not known", "all"])


def count_participants(participants: pd.DataFrame, study: Study, not_stated: bool = True) -> pd.DataFrame:
    """Participants at each level of every attribute, including levels that nobody has: `grouping, group, n`.

    `grouping` is the attribute's label. With `not_stated`, those without a level are counted as "Not stated".
    """
    rows = []
    for name, attribute in study.interviews.attributes.items():
        values = fill_not_stated(participants[name]) if not_stated else participants[name]
        rows += [(attribute.label, group, n) for group, n in values.value_counts(sort=False).items()]
    return pd.DataFrame(rows, columns=["grouping", "group", "n"])


def choose_fields(study: Study) -> list[str]:
    """The attribute shown beside a quotation: the first one, or none if the study has none."""
    return list(study.interviews.attributes)[:1]


def fill_not_stated(values: pd.Series) -> pd.Series:
    """A categorical in which missing values become the last level, so that denominators add up."""
    values = values.astype("category")
    return values.cat.add_categories([NOT_STATED]).fillna(NOT_STATED) if values.isna().any() else values


def merge_levels(values: pd.Series, groups: Mapping[str, Sequence[str]]) -> pd.Series:
    """Replace levels by the study's merged groups.

    A merged group takes the place of its first level; levels that are in no group stay as they are, and ordered ones ordered.
    """
    home = {level: group for group, levels in groups.items() for level in levels}
    levels = list(dict.fromkeys(home.get(level, level) for level in values.cat.categories))
    merged = [home.get(value, value) for value in values]
    return pd.Series(pd.Categorical(merged, levels, ordered=values.cat.ordered), index=values.index, name=values.name)


# --- who spoke of what ------------------------------------------------------------------------------------------------
def count_themes(segments: pd.DataFrame, participants: pd.DataFrame, by: str | Sequence[str] = "theme") -> pd.DataFrame:
    """Count participants first and segments second, with a denominator in each row.

    Each row of `segments` is one segment and code (`segment, participant`, columns of `by`); each row of `participants` is one
    person (`participant`, attributes). `by` is a column of `segments` (theme, code, construct …), attributes of `participants`,
    or both. Segments without a value in `by` are left out; people without an attribute are counted under "Not stated".

    Returns the columns of `by`, `numerator` (people with such a segment), `denominator` (all people with these attributes,
    including those without any segment) and `segments`. Every combination is there, including zeros. Themes and codes are in
    order of first appearance, attributes in their declared order.
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


def count_codes(segments: pd.DataFrame, participants: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    """Participants and segments by code, most participants first: `code, label, construct` (if any), see `count_themes`."""
    counts = name_codes(count_themes(segments, participants, by="code"), codes)
    if codes["construct"].notna().any():
        counts.insert(2, "construct", counts["code"].map(codes.set_index("code")["construct"]))
    return counts.sort_values(["numerator", "segments"], ascending=False, kind="stable", ignore_index=True)


def cross_themes(
    segments: pd.DataFrame, participants: pd.DataFrame, attribute: str, groups: Mapping[str, Sequence[str]]
) -> pd.DataFrame:
    """Count themes within each level of an attribute (or merged `groups` of levels) and over all participants.

    Columns as in `count_themes`: `theme, group, numerator, denominator, segments`; a theme's last group is "All participants".
    """
    people = participants[["participant"]].assign(group=merge_levels(fill_not_stated(participants[attribute]), groups))
    total = count_themes(segments, people).assign(group=ALL_PARTICIPANTS)
    crossed = pd.concat([count_themes(segments, people, by=("theme", "group")).astype({"group": "str"}), total])
    order = total["theme"].to_list()
    return crossed.sort_values("theme", key=lambda themes: themes.map(order.index), kind="stable", ignore_index=True)


def cross_every_attribute(segments: pd.DataFrame, participants: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Themes by every observed attribute: how many people in each group have a segment in the theme.

    Columns `theme, grouping, group, numerator, denominator`; levels are merged as the study says, and the last group of a
    theme is "All participants". `grouping` is categorical with all observed attributes, including those nobody has a value in.
    """
    # An attribute that is simulated was assigned from published totals, not observed.
    observed = {name: attribute for name, attribute in study.interviews.attributes.items() if not attribute.simulated}
    columns = ["theme", "grouping", "group", "numerator", "denominator"]
    parts = [
        cross_themes(segments, participants, name, attribute.groups).assign(grouping=attribute.label)
        for name, attribute in observed.items()
        if len(participants[name].cat.categories)
    ]
    table = pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
    labels = [attribute.label for attribute in observed.values()]
    return table.assign(grouping=pd.Categorical(table["grouping"], categories=labels))


def band_crossings(crossings: pd.DataFrame, banded: bool) -> pd.DataFrame:
    """The crossings unchanged, or if `banded` with `band` ("1 to 4" …) instead of counts, for cells too small to print."""
    if not banded:
        return crossings
    labels = ["none", "1 to 4", "5 to 9", "10 or more"]
    bands = pd.cut(crossings["numerator"], [0, 1, 5, 10, np.inf], right=False, labels=labels).astype(object)
    return crossings.drop(columns=["numerator", "denominator"]).assign(band=bands)


def count_segments(segments: pd.DataFrame, participants: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    """Segments of every participant with every code in use, including zeros: `code, label, participant, segments`.

    Codes with the most participants come first; participants are in the order of their file.
    """
    counts = _count_within(segments, "participant").reindex(participants["participant"], fill_value=0)
    order = counts.gt(0).sum().sort_values(ascending=False, kind="stable").index
    counts = counts[order].rename_axis(index="participant", columns="code").unstack()
    return name_codes(counts.rename("segments").reset_index(), codes)


def find_unused_codes(codes: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Codes of the codebook (`code, label, …`) that no segment has. This does not mean that people disagreed."""
    return codes[~codes["code"].isin(segments["code"])].reset_index(drop=True)


def name_codes(frame: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    """Add the codebook's labels after the codes: `label` after `code`, `first_label` after `first` …"""
    labels = codes.set_index("code")["label"]
    named = frame.copy()
    for name, label in {"code": "label", "first": "first_label", "second": "second_label"}.items():
        if name in named:
            named.insert(named.columns.get_loc(name) + 1, label, named[name].map(labels).fillna(named[name]))
    return named


def _count_within(segments: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Units × codes: how many distinct segments of a unit have a code; both in order of first appearance."""
    rows = segments.dropna(subset=["code", unit]).drop_duplicates(list(dict.fromkeys(["segment", unit, "code"])))
    return pd.crosstab(rows[unit], rows["code"]).reindex(index=rows[unit].unique(), columns=rows["code"].unique())


# --- how much of what was said is coded -------------------------------------------------------------------------------
def measure_coverage(segments: pd.DataFrame, participants: pd.DataFrame, transcripts: pd.DataFrame) -> pd.DataFrame:
    """Measure how much of the coding frame, and of what was said, each participant's coded segments cover.

    Each row is one participant: `participant, segments, codes, of_codes, themes, of_themes`. With `transcripts` (`source,
    participant, text`, each row one turn) there are also `words_spoken` (all words in the participant's own turns),
    `words_coded` (those covered by a segment, counted once) and `note`. A segment that is not word for word in the
    participant's own turns (apart from marked omissions) covers nothing; `note` counts such segments. Text that was said more
    than once covers the first place. For people in no transcript, both numbers are missing and `note` says so.
    """
    distinct = segments.groupby("participant")[["segment", "code", "theme"]].nunique()
    distinct = distinct.set_axis(["segments", "codes", "themes"], axis=1).reindex(participants["participant"], fill_value=0)
    distinct.insert(2, "of_codes", segments["code"].nunique())
    coverage = distinct.assign(of_themes=segments["theme"].nunique()).rename_axis("participant").reset_index()
    if transcripts.empty:
        return coverage
    speeches = collect_speeches(transcripts).values()
    texts = segments.dropna(subset=["text"]).drop_duplicates("segment").groupby("participant")["text"].agg(list)
    words = [_cover_words(name, texts.get(name, []), speeches) for name in coverage["participant"]]
    types = {"words_coded": "Int64", "words_spoken": "Int64", "note": "str"}
    return coverage.join(pd.DataFrame(words, columns=list(types)).astype(types))


def _cover_words(name: str, texts: list[str], speeches: Iterable[Speech]) -> tuple[int | None, int | None, str]:
    """How many of a participant's words the texts cover, how many words there are, and a note on texts not found."""
    own = [speech for speech in speeches if speech.speaker == name]
    if not own:
        return None, None, "[not defined: this participant is in no transcript]"
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
    return sum(int(words.sum()) for words in covered), sum(len(speech.words) for speech in own), note if missing else ""


# --- codes that occur together, new codes, agreement ------------------------------------------------------------------
def pair_codes(segments: pd.DataFrame, codes: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Count how often two codes occur together in one `unit`: a segment, a participant or a source.

    Each row is one pair that occurs together at least once, most frequent first: `first, first_label, second, second_label,
    unit, both, first_units, second_units, jaccard`, where jaccard = both / (first_units + second_units − both), 0 to 1 (Jaccard
    1912, The distribution of the flora in the alpine zone, New Phytologist 11(2), 37–50).
    """
    counts = _count_within(segments, unit)
    present = counts.gt(0).to_numpy(dtype=np.float32)
    together = (present.T @ present).astype(int)
    alone, names = together.diagonal(), counts.columns.to_numpy()
    first, second = np.nonzero(np.triu(together, k=1))
    both, one, other = together[first, second], alone[first], alone[second]
    pairs = pd.DataFrame({
        "first": names[first], "second": names[second], "unit": unit, "both": both, "first_units": one, "second_units": other,
        "jaccard": both / (one + other - both),
    })  # fmt: skip
    return name_codes(pairs.sort_values(["both", "jaccard"], ascending=False, kind="stable", ignore_index=True), codes)


def count_new_codes(segments: pd.DataFrame, participants: pd.DataFrame, inductive: bool) -> pd.DataFrame:
    """New codes from each participant, in order: `interview, codes, new_codes, codes_so_far`; only if `inductive`."""
    present = _find_codes_present(segments, participants, inductive)
    new = (present & ~present.cummax().shift(fill_value=False)).sum(axis=1)
    table = pd.DataFrame({"codes": present.sum(axis=1), "new_codes": new, "codes_so_far": new.cumsum()})
    return table.rename_axis("interview").reset_index()


def trace_saturation(
    segments: pd.DataFrame, participants: pd.DataFrame, inductive: bool, orders: int, seed: int
) -> pd.DataFrame:
    """Count the codes found after 1, 2, … participants, over `orders` random orders of them.

    Empty unless coding was `inductive`: if codes were chosen beforehand, the curve would say nothing about saturation.
    Each row is one number of participants (`interviews`): `codes_mean, codes_low, codes_high`, the mean number of different
    codes found and its 2.5th and 97.5th percentiles over orders, and `of_codes`, the total number of codes.
    """
    present = _find_codes_present(segments, participants, inductive).to_numpy()
    places = np.argsort(np.random.default_rng(seed).random((orders, len(present))), axis=1)
    found = np.maximum.accumulate(present[places.argsort(axis=1)], axis=1).sum(axis=2)
    low, high = np.percentile(found, [2.5, 97.5], axis=0)
    return pd.DataFrame({
        "interviews": np.arange(1, len(present) + 1), "codes_mean": found.mean(axis=0), "codes_low": low, "codes_high": high,
        "of_codes": present.shape[1],
    })  # fmt: skip


def _find_codes_present(segments: pd.DataFrame, participants: pd.DataFrame, inductive: bool) -> pd.DataFrame:
    """Participants × codes, True where a participant has a code; no rows unless coding was inductive."""
    present = (_count_within(segments, "participant") > 0).reindex(participants["participant"], fill_value=False)
    return present.loc[:, present.any()][: None if inductive else 0]


def keep_turns(transcripts: pd.DataFrame, participants: pd.DataFrame) -> pd.DataFrame:
    """The turns of participants; all turns of a source in which no speaker is a participant (a group without names)."""
    own = transcripts["participant"].isin(participants["participant"])
    return transcripts[own | ~own.groupby(transcripts["source"]).transform("any")]


def compare_coders(
    segments: pd.DataFrame, codes: pd.DataFrame, turns: pd.DataFrame, unit: str, seed: int, asked: bool
) -> pd.DataFrame:
    """How far coders agree on each code (see `agreement.measure_agreement`); empty unless it is asked for.

    Without transcripts there are no turns, so segments are compared. Krippendorff's alpha is in `alpha_nominal`.
    """
    unit = "segment" if unit == "turn" and turns.empty else unit
    found = agreement.measure_agreement(segments if asked else segments[:0], unit=unit, turns=turns, seed=seed)
    return name_codes(found.rename(columns={"alpha": "alpha_nominal"}), codes)
