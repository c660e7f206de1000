"""Quotations by theme, text that recurs for several people, and quotations that together may identify one person."""

import re
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from helpers.interviews.quotations import APOSTROPHES, NUMBER_WORDS, split_words
from helpers.interviews.themes import fill_not_stated
from helpers.study.definition import Study

LEAST_LIKENESS = 85
# Shorter text recurs by chance.
LEAST_WORDS = 5


def build_quotation_bank(segments: pd.DataFrame, participants: pd.DataFrame, shown: Sequence[str]) -> pd.DataFrame:
    """List quotations by theme, attributed only by the attributes `shown`, never by a participant's label.

    Each row is one theme and segment with text. Themes are in order of first appearance; each begins with one quotation from
    each person. `theme, text, attribution` (the attributes' values joined by commas), `held_by` (how many participants the
    attribution fits; if only one, it points to that person) and `segment`.
    """
    attributions = describe_participants(participants, shown)
    rows = segments.dropna(subset=["text", "theme"]).drop_duplicates(["segment", "theme"])
    bank = rows[["theme", "text", "participant", "segment"]].merge(attributions, on="participant", validate="many_to_one")
    place, turn = bank.groupby("theme", sort=False).ngroup(), bank.groupby(["theme", "participant"]).cumcount()
    return bank.iloc[np.lexsort((turn, place))].reset_index(drop=True)[["theme", "text", "attribution", "held_by", "segment"]]


def describe_participants(participants: pd.DataFrame, shown: Sequence[str]) -> pd.DataFrame:
    """Describe each participant by the attributes shown: `participant, attribution, held_by` (how many people it fits)."""
    columns = [fill_not_stated(participants[name]).astype("str") for name in shown]
    attributions = [", ".join(values) for values in zip(*columns, strict=True)] or "Participant"
    named = participants[["participant"]].assign(attribution=attributions)
    return named.assign(held_by=named.groupby("attribution")["attribution"].transform("size"))


# --- quotations compared with one another -----------------------------------------------------------------------------
def keep_words(segments: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The segments if their text is verbatim, none if it is our gist: similar gists say nothing about people."""
    return segments[:0] if study.interviews.text_is == "gist" else segments


def find_recurring_texts(segments: pd.DataFrame) -> pd.DataFrame:
    """Find nearly the same text attributed to different participants; each row is one pair, most similar first.

    Each segment (`segment, participant, text`) counts once; segments with fewer than `LEAST_WORDS` words are left out.

    The columns are `kind` ("the same words", "one within the other", "nearly the same words"), `likeness` (rapidfuzz ratio of
    the words, 0 to 100: twice the shared characters divided by the characters of both; at least `LEAST_LIKENESS` unless one is
    within the other), and `segment, participant, text` with the prefixes `first_` and `second_`.
    """
    from rapidfuzz import fuzz

    rows = segments.dropna(subset=["text"]).drop_duplicates("segment")[["segment", "participant", "text"]]
    words = [(row, " ".join(split_words(row.text))) for row in rows.itertuples(index=False)]
    words = [(row, said) for row, said in words if said.count(" ") >= LEAST_WORDS - 1]
    found = []
    for (one, first), (other, second) in combinations(words, 2):
        if one.participant == other.participant:
            continue
        within = f" {first} " in f" {second} " or f" {second} " in f" {first} "
        if likeness := fuzz.ratio(first, second, score_cutoff=0 if within else LEAST_LIKENESS):
            kind = "one within the other" if within else "nearly the same words"
            kind = "the same words" if first == second else kind
            found.append((kind, round(likeness, 1), *one, *other))
    pair = [f"{which}_{name}" for which in ("first", "second") for name in ("segment", "participant", "text")]
    table = pd.DataFrame(found, columns=["kind", "likeness", *pair])
    return table.sort_values("likeness", ascending=False, kind="stable", ignore_index=True)


# Details that are harmless alone but together may identify somebody: durations and sizes, what people call themselves, names.
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
    """Find participants who may be identified by several quotations together, or by the attribution alone. For the team only.

    This is a prompt to read, not a verdict. We find details by their form (years of service, "as the …", "the only …",
    proper names inside a sentence), so some are harmless and others are missed.

    Each row is one participant with at least two quotations and an attribution (see `build_quotation_bank`) that fits nobody
    else, or with details in at least two quotations: `participant, attribution, held_by, quotations` (distinct segments),
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
            reasons.append(f"{len(own)} quotations with an attribution that fits only one participant")
        if len(details) > 1:
            reasons.append(f"details in {len(details)} quotations that can be put together")
        if reasons:
            phrases = "; ".join(f"“{phrase}” ({segment})" for segment, told in details.items() for phrase in told)
            found.append((participant, *person[["attribution", "held_by"]], len(own), phrases, "; ".join(reasons)))
    return pd.DataFrame(found, columns=["participant", "attribution", "held_by", "quotations", "details", "reason"])


def _find_details(text: str) -> list[str]:
    """Phrases that say something about the speaker; if two overlap, the one from the earlier pattern."""
    found: list[re.Match] = []
    for match in (match for form in DETAILS for match in form.finditer(text.translate(APOSTROPHES))):
        if not any(match.start() < other.end() and other.start() < match.end() for other in found):
            found.append(match)
    return [match.group().strip() for match in sorted(found, key=re.Match.start)]
