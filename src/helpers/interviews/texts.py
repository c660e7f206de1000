"""Texts by theme, texts that recur under several people, texts that together may point at one person."""

import re
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from helpers.interviews.quotations import APOSTROPHES, NUMBER_WORDS, split_words
from helpers.interviews.themes import fill_not_stated
from helpers.study.definition import Study

LEAST_LIKENESS = 85
# Shorter texts recur by chance.
LEAST_WORDS = 5


def build_quotation_bank(segments: pd.DataFrame, participants: pd.DataFrame, shown: Sequence[str]) -> pd.DataFrame:
    """List quotations by theme, attributed by field only (the attributes `shown`): never by a participant's label.

    One row a theme and segment with text, themes in order of first appearance, and in a theme first one text of each person:
    `theme, text, attribution` (the attributes' values joined by commas), `held_by` (how many participants the attribution fits;
    where one, it points at that person) and `segment`.
    """
    attributions = describe_participants(participants, shown)
    rows = segments.dropna(subset=["text", "theme"]).drop_duplicates(["segment", "theme"])
    bank = rows[["theme", "text", "participant", "segment"]].merge(attributions, on="participant", validate="many_to_one")
    place, turn = bank.groupby("theme", sort=False).ngroup(), bank.groupby(["theme", "participant"]).cumcount()
    return bank.iloc[np.lexsort((turn, place))].reset_index(drop=True)[["theme", "text", "attribution", "held_by", "segment"]]


def describe_participants(participants: pd.DataFrame, shown: Sequence[str]) -> pd.DataFrame:
    """Each participant by the values of the attributes shown: `participant, attribution, held_by` (how many it fits)."""
    columns = [fill_not_stated(participants[name]).astype("str") for name in shown]
    attributions = [", ".join(values) for values in zip(*columns, strict=True)] or "Participant"
    named = participants[["participant"]].assign(attribution=attributions)
    return named.assign(held_by=named.groupby("attribution")["attribution"].transform("size"))


# --- quotations against one another -----------------------------------------------------------------------------------
def keep_words(segments: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The segments where their texts are words, and none where they are gists: that ours are alike says nothing of people."""
    return segments[:0] if study.interviews.text_is == "gist" else segments


def find_recurring_texts(segments: pd.DataFrame) -> pd.DataFrame:
    """Find nearly the same text attributed to different participants: a row a pair, most alike first.

    Each segment (`segment, participant, text`) counts once; those without text or with fewer than `LEAST_WORDS` are left out.

    The columns are `kind` ("the same words", "one within the other", "nearly the same words"), `likeness` (rapidfuzz ratio of
    the words, 0 to 100: twice the characters in common, divided by the characters of both; at least `LEAST_LIKENESS` unless one
    is within the other), and `segment, participant, text` of the `first_` and the `second_`.
    """
    from rapidfuzz import fuzz, process

    rows = segments.dropna(subset=["text"]).drop_duplicates("segment")[["segment", "participant", "text"]]
    words = {row: " ".join(split_words(row.text)) for row in rows.itertuples(index=False)}
    rows = [row for row in words if words[row].count(" ") >= LEAST_WORDS - 1]
    texts = [words[row] for row in rows]
    alike = process.cdist(texts, texts, scorer=fuzz.ratio, score_cutoff=LEAST_LIKENESS, dtype=np.uint8) > 0
    found = []
    for one, other in combinations(range(len(rows)), 2):
        if rows[one].participant == rows[other].participant:
            continue
        within = f" {texts[one]} " in f" {texts[other]} " or f" {texts[other]} " in f" {texts[one]} "
        if within or alike[one, other]:
            kind = "one within the other" if within else "nearly the same words"
            kind = "the same words" if texts[one] == texts[other] else kind
            found.append((kind, round(fuzz.ratio(texts[one], texts[other]), 1), *rows[one], *rows[other]))
    pair = [f"{which}_{name}" for which in ("first", "second") for name in ("segment", "participant", "text")]
    table = pd.DataFrame(found, columns=["kind", "likeness", *pair])
    return table.sort_values("likeness", ascending=False, kind="stable", ignore_index=True)


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
    """Find participants at whom several quotations, or the attribution alone, together point. For the team only.

    A prompt to read, not a verdict: details are found by their form (years of service, "as the …", "the only …",
    proper names inside a sentence), so some are harmless and others are missed.

    One row a participant with at least two quotations whose attribution (see `build_quotation_bank`) fits nobody else, or with
    details in at least two different quotations: `participant, attribution, held_by, quotations` (number of distinct segments),
    `details` (the phrases, each with its segment; empty if none), `reason`.
    """
    attributed = describe_participants(participants, shown).set_index("participant")
    rows = segments.dropna(subset=["text"]).drop_duplicates("segment")
    found = []
    for participant, own in rows.groupby("participant", sort=False):
        details = own.set_index("segment")["text"].map(_find_details)
        details = details[details.map(len) > 0]
        person = attributed.loc[participant]
        reasons = []
        if len(own) > 1 and person["held_by"] == 1:
            reasons.append(f"{len(own)} quotations under an attribution that fits one participant")
        if len(details) > 1:
            reasons.append(f"details in {len(details)} quotations that can be put together")
        if reasons:
            phrases = "; ".join(f"“{phrase}” ({segment})" for segment, told in details.items() for phrase in told)
            reason = "; ".join(reasons)
            found.append((participant, person["attribution"], person["held_by"], len(own), phrases, reason))
    columns = ["participant", "attribution", "held_by", "quotations", "details", "reason"]
    return pd.DataFrame(found, columns=columns)


def _find_details(text: str) -> list[str]:
    """Phrases that tell something about who speaks; where two overlap, the one of the earlier pattern."""
    found: list[re.Match] = []
    for match in (match for form in DETAILS for match in form.finditer(text.translate(APOSTROPHES))):
        if not any(match.start() < other.end() and other.start() < match.end() for other in found):
            found.append(match)
    return [match.group().strip() for match in sorted(found, key=re.Match.start)]
