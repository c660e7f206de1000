"""What each column is for: who people are, consent, wave, items, groupings, free text, or nothing that the workbook needs."""

import re
from dataclasses import dataclass, field

from helpers.setup.matching import Match
from helpers.setup.questions import Question
from helpers.setup.words import find, fold
from helpers.survey.exports import Export

# More levels than these, or fewer people in each on average, make no groups to compare.
MOST_LEVELS, FEWEST_EACH = 15, 2
PERSONAL = {
    "ipAddress", "recipientLastName", "recipientFirstName", "recipientEmail", "externalDataReference", "locationLatitude",
    "locationLongitude",
}  # fmt: skip
CONTACT = r"[^@\s]+@[^@\s]+\.[^@\s]+|\b\d{1,3}(?:\.\d{1,3}){3}\b|(?:\+|\b0)\d[\d ()/-]{7,}\d"
# Levels that are moments of a study.
MOMENT = r"(t|wave|time|year|month|round)? ?\d{1,4}( (months?|weeks?|years?))?|baseline|(pre|post)( .*)?|before|after|follow ?up( \d+)?"


@dataclass
class Roles:
    """Columns by what they are for; `identifying` with the reason, `contacts` the free texts that hold an address or a number."""

    identifying: dict[str, str] = field(default_factory=dict)
    consent: Question | None = None
    wave: Question | None = None
    link: Question | None = None
    groupings: list[Question] = field(default_factory=list)
    free_text: list[Question] = field(default_factory=list)
    contacts: dict[str, int] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)


def find_personal(question: Question, export: Export) -> str:
    """Why a column identifies people; empty when it does not. Answers that many share, as yes and no, tell of nobody."""
    seen = question.answers
    if question.personal or export.identifiers.get(question.column) in PERSONAL:
        return "marked so by the tool"
    if len(seen) and seen.str.fullmatch(CONTACT).mean() > 0.3:
        return "holds addresses or numbers"
    shared = len(seen) > 4 and seen.nunique() < len(seen) / 2
    word = next(filter(None, (find(fold(text), "identifying") for text in (question.column, question.wording))), "")
    return f"called “{word}”" if word and not shared and len(question.wording.split()) < 15 else ""


def sort_columns(questions: list[Question], exports: list[Export], items: dict[str, Match]) -> Roles:
    """Give each column that is no item what it is for."""
    roles, technical = Roles(), {*exports[0].identifiers} - {n for n, key in exports[0].identifiers.items() if key.startswith("QID")}
    for question in questions:
        seen, text = question.answers, fold(f"{question.column} {question.wording}")
        levels, distinct = seen.nunique(), seen.nunique() > 0.5 * len(seen)
        if question.column in items or seen.empty:
            continue
        if reason := find_personal(question, exports[0]):
            roles.identifying[question.column] = reason
        elif roles.consent is None and find(text, "consent") and levels <= 3:
            roles.consent = question
        elif question.column in technical:
            roles.left.append(question.column)
        elif roles.wave is None and 1 < levels < 7 and is_wave(question, text):
            roles.wave = question
        ...
    return roles
