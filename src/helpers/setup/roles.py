"""What each column that is not an item is for: who people are, consent, wave, groupings, free text, or nothing we need."""

import re
from collections.abc import Collection
from dataclasses import replace

import pandas as pd

from helpers.setup.ask import Asker
from helpers.setup.check import LONG_LEVEL
from helpers.setup.questions import Question, name_once
from helpers.setup.scales import NUMBER
from helpers.study.words import find, fold
from helpers.survey.exports import Export

# With more levels than this, or fewer people in each on average, there are no groups to compare.
MOST_LEVELS, FEWEST_EACH = 15, 2
# Levels with this many words on average are sentences.
LONG = 8
PERSONAL = {
    *("ipAddress", "recipientLastName", "recipientFirstName", "recipientEmail", "externalDataReference"),
    *("locationLatitude", "locationLongitude"),
}
CONTACT = r"[^@\s]+@[^@\s]+\.[^@\s]+|\b\d{1,3}(?:\.\d{1,3}){3}\b|(?:\+|\b0)\d[\d ()/-]{7,}\d"
# Levels that are moments of a study; those before it come first.
FIRST = r"baseline|pre|before|t ?0"
MOMENT = rf"({FIRST})( ?test)?|(t|time|wave|round) ?\d|(post|after)( ?test)?|follow ?up ?\d*|\d+ (months?|weeks?)( later)?"
# Levels that open downwards ("< 1 year") come before one that begins with their number, those that open upwards after it.
DOWN = r"<|less|under|up to|unter|weniger|moins|menos|meno|minder|mindre"
UP = r">|more|over|über|mehr|plus|más|mais|più|meer|mer\b"


def is_technical(question: Question, export: Export) -> bool:
    """Whether the tool records the column by itself: when, how long, in which language."""
    known = export.identifiers.get(question.column, "QID")
    return not known.startswith("QID") or len(question.column.split()) < 5 and bool(find(question.column, "technical"))


def is_consent(question: Question) -> bool:
    return question.answers.nunique() <= 3 and bool(find(f"{question.column} {question.wording}", "consent"))


def find_personal(question: Question, export: Export) -> str:
    """Why a column identifies people; empty if it does not. Answers that many give, such as yes and no, identify nobody."""
    seen = question.answers
    if question.personal or export.identifiers.get(question.column) in PERSONAL:
        return "the survey tool says so"
    if len(seen) and seen.str.fullmatch(CONTACT).mean() > 0.3:
        return "it holds addresses"
    shared = len(seen) > 4 and seen.nunique() < len(seen) / 2
    word = next(filter(None, (find(text, "identifying") for text in (question.column, question.wording))), "")
    return f"it is called “{word}”" if word and not shared and len(question.wording.split()) < 15 else ""


def sort_columns(
    questions: list[Question], exports: list[Export], items: Collection[str],
    review: list[str], found: list[tuple[str, str]], ask: Asker,
) -> dict:  # fmt: skip
    """Find what each column that is not an item is for: the key `survey` of `study.yml`, without the exports' files."""
    survey: dict = {"groupings": {}, "free_text": {}}
    left = []
    if empty := [question.column for question in questions if question.answers.empty]:
        found.append(("nobody answered", ", ".join(empty)))
    if link := find_link(exports, items):
        keep = {"yes": "the same answer is the same person", "no": "it is not"}
        link = link if ask.choose(review, f"Does {link} tell who is the same in several waves?", "yes", keep) == "yes" else ""
        survey["link_column"] = link
        found.append(("key between waves", f"{link}, of which only a number is kept"))
    for question in (question for question in questions if question.column not in items and len(question.answers)):
        seen, column, levels = question.answers, question.column, question.answers.nunique()
        few = 1 < levels <= min(MOST_LEVELS, len(seen) / FEWEST_EACH) and not seen.str.contains(";").any()
        if (reason := find_personal(question, exports[0])) and column != link:
            found.append(("not read, because it identifies people", f"{column} ({reason})"))
        elif "consent" not in survey and is_consent(question):
            survey["consent"] = {"column": column, "response": choose_consent(question, review, ask)}
            found.append(("consent", f"{question.wording}: {survey['consent']['response']}"))
        elif is_technical(question, exports[0]) or column == link:
            left.append(column)
        elif is_free_text(question) or (few and is_written(question, review, ask)):
            survey["free_text"][column] = question.wording
            warned = " (Careful: it holds addresses or telephone numbers)" * bool(seen.str.contains(CONTACT).any())
            found.append(("free text", question.wording + warned))
        elif few:
            said = describe_grouping(question)
            name = fold(column if len(column) < 20 else question.wording).replace(" ", "_")[:30].strip("_")
            name = f"by_{name}" if f"by_{name}" not in survey["groupings"] else f"by_{name}_{len(survey['groupings'])}"
            survey["groupings"][name] = said
            order = " (in this order)" if "ordered" in said else ""
            labels = [level["label"] if isinstance(level, dict) else level for level in said["levels"]]
            found.append(("grouping", f"{question.wording}: {', '.join(labels)}{order}"))
            if sum(bool(re.fullmatch(NUMBER, label)) for label in labels) > len(labels) / 2:
                asked = f"“{question.wording}” is answered with numbers. Give levels as {{label: Nurse, code: 1}}"
                review.append(f"survey.groupings: {asked}; or if it is a scale, give it a row in codebook.csv.")
        else:
            left.append(column)
    found += [("not used", ", ".join(left))] if left else []
    return {key: part for key, part in survey.items() if part}


def is_free_text(question: Question) -> bool:
    """Whether people answered in their own words. Some may have used the same words, so the question counts too."""
    levels, words = question.answers.nunique(), question.answers.str.split().str.len().mean()
    asked = (levels > 2 or words >= 2) and not question.options and bool(find(question.wording, "comment"))
    return bool(asked or words >= (3 if levels > len(question.answers) / FEWEST_EACH else LONG))


def is_written(question: Question, review: list[str], ask: Asker) -> bool:
    """Whether an answer that is a sentence was written, not chosen from options that the tool does not list."""
    longest = max(question.answers, key=lambda answer: len(answer.split()))
    if question.options or len(longest.split()) < LONG_LEVEL:
        return False
    choices = {"written": "in people's own words, only for the team", "chosen": "from a list: it makes groups"}
    asked = f"survey.groupings: “{question.wording}” has the answer “{longest}”. Was it written or chosen?"
    return ask.choose(review, asked, "written", choices) == "written"


def choose_consent(question: Question, review: list[str], ask: Asker) -> str:
    labels = dict(question.options) if question.coded else {}
    answers = {answer: labels.get(answer, answer) for answer in question.answers.value_counts().index}
    if given := next((answer for answer, label in answers.items() if find(label, "yes")), ""):
        return given
    asked = f"Which answer to “{question.wording}” gives consent? People with others are excluded."
    return ask.choose(review, asked, next(iter(answers)), answers)


def describe_grouping(question: Question) -> dict:
    """A grouping for `study.yml`: the levels that were chosen, in declared order, or else by the numbers in them or by name."""
    chosen = dict.fromkeys(sorted(question.answers.str.replace(r"\.0$", "", regex=True)))
    codes = {code: label for code, label in question.options if code in chosen} if question.coded else {}
    levels = list(codes.values()) or [label for _, label in question.options if label in chosen]
    levels = name_once([*levels, *([] if codes else chosen)])
    places = {}
    for level in [level for level in levels if re.search(r"\d", level)]:
        opens = bool(re.search(UP, level.casefold())) - bool(re.search(DOWN, level.casefold()))
        places[level] = int(re.search(r"\d+", level)[0]) + opens / 2
    ordered = len({*places.values()}) == len(levels) and not all(level.isdigit() for level in levels)
    levels = sorted(levels, key=places.get) if ordered else levels
    coded = {label: code for code, label in codes.items()}
    levels = [{"label": level, "code": coded[level]} if level in coded else level for level in levels]
    said = {"label": question.wording, "column": question.column, "levels": levels}
    return said | ({"ordered": True} if ordered else {})


def split_waves(export: Export) -> tuple[str, dict[str, Export]]:
    """The column that says in which wave somebody answered, and an export of each wave, earliest first; empty without one."""
    for name, answers in export.answers.items():
        levels = sorted({*answers} - {""}, key=lambda level: (not re.match(FIRST, fold(level)), fold(level)))
        called = len(name.split()) < 6 and find(name, "wave")
        if 1 < len(levels) < 7 and (called or all(re.fullmatch(MOMENT, fold(level)) for level in levels)):
            there = {level: answers == level for level in levels}
            return name, {
                level: replace(export, answers=export.answers[rows].drop(columns=name), technical=export.technical[rows])
                for level, rows in there.items()
            }
    return "", {}


def find_link(exports: list[Export], items: Collection[str]) -> str:
    """The column that identifies people across waves: no answer occurs twice in a wave, and many occur in two waves."""
    named = [name for name in exports[0].answers if name not in items and not find(name, "technical")]
    for name in named if len(exports) > 1 else []:
        waves = [export.answers.get(name, pd.Series(dtype="str")).str.casefold() for export in exports]
        waves = [wave[wave != ""] for wave in waves]
        if all(wave.is_unique for wave in waves) and pd.concat(waves).duplicated().sum() >= max(3, 0.2 * min(map(len, waves))):
            return name
    return ""
