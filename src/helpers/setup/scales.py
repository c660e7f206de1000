"""Scales of answers: in words (agreement, not relevant, and whatever else a tool declares the order of), or in numbers.

For numbers without labels: which are points of a scale, which way they run, and the evidence for it.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

import pandas as pd

from helpers.setup.ask import Asker
from helpers.setup.questions import Question, name_once
from helpers.study.errors import WorkbookError
from helpers.study.words import LANGUAGES, find, fold
from helpers.survey.cleaning import take_number

KINDS = {
    "role": "not relevant to the person's role", "stage": "not relevant at this stage",
    "intervention": "not relevant to the practice", "missing": "no answer",
}  # fmt: skip
# The words for agreement and its opposite, in the order of `LANGUAGES`.
AGREE = ["agree", "zu", "eens", "instämmer", "d'accord", "de acuerdo", "d'accordo", "concordo"]
DISAGREE = ["disagree", "nicht zu", "oneens", "instämmer inte", "pas d'accord", "en desacuerdo", "in disaccordo", "discordo"]
# At least this share of a question's answers must be of the kind that we take it for.
MOST = 0.7
# "4", "4.0" as R and pandas write it, "0 - not at all".
NUMBER = r"(-?\d+)(?:\.0+)?(?:\s*[-–=:(.]?\s*[^\d]*)"
AGREEMENT = ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"]
BANDS = ["Disagree"] * 2 + ["Neutral"] + ["Agree"] * 2
# Numbers with which tools and people mark answers that are not points of a scale, and what they often mean.
ASIDE = {6: "role", 7: "stage", 8: "intervention"} | dict.fromkeys(
    (0, 9, 66, 77, 88, 97, 98, 99, 999, -1, -8, -9, -66, -77, -88, -99), "missing"
)
# The highest point that a scale of numbers may have.
HIGHEST = 10


@dataclass
class Scale:
    """A scale for `study.yml`: points (code, label, value), other answers (code, label, kind), what is in doubt."""

    name: str
    kind: str
    questions: list[Question]
    points: list[tuple[str | None, str, int]] = field(default_factory=list)
    bands: list[str] = field(default_factory=list)
    aside: list[tuple[str | None, str, str]] = field(default_factory=list)
    review: list[str] = field(default_factory=list)

    def describe(self) -> dict:
        """The scale in the form of `study.yml`."""
        rows = zip(self.points, self.bands, strict=True)
        responses = [{"label": label, "value": value, "band": band, "code": code} for (code, label, value), band in rows]
        aside = [{"label": label, "kind": kind, "code": code} for code, label, kind in self.aside]
        told = {"responses": responses, "not_relevant": aside}
        return {key: [{k: v for k, v in row.items() if v is not None} for row in rows] for key, rows in told.items() if rows}


def read_label(label: str, language: str) -> tuple[str, int]:
    """What an answer is: a `point` of agreement with its strength from -3 to 3, one of `KINDS`, or unknown (empty)."""
    if find(label, "missing", language):
        return "missing", 0
    if find(label, "not_relevant", language):
        return next((kind for kind in ("role", "stage") if find(label, kind, language)), "intervention"), 0
    strength = 3 if find(label, "strongly", language) else 1 if find(label, "weakly", language) else 2
    signs = {"neutral": 0, "disagree": -1, "agree": 1}
    return next((("point", sign * strength) for word, sign in signs.items() if find(label, word, language)), ("", 0))


def is_agreement(labels: list[str], language: str) -> bool:
    """Whether answers are points of agreement. A typing error does not change that: it is refused later, with its place."""
    told = [read_label(label, language) for label in labels]
    known = {answer for answer in told if answer[0]}
    return len(known) > 1 and any(strength for _, strength in known) and sum(bool(kind) for kind, _ in told) > MOST * len(told)


def find_kind(question: Question, language: str) -> str:
    """How a question is answered: `agreement`, `numbers`, an `amount` (many numbers), a few other `options`, or in words."""
    labels = question.labels
    if is_agreement(labels, language):
        return "agreement"
    if sum(bool(re.fullmatch(NUMBER, label)) for label in labels) > MOST * len(labels):
        return "numbers" if len(labels) < 20 else "amount"
    return "options" if 2 < len(labels) < 12 else ""


def find_kinds(questions: list[Question], language: str) -> dict[str, str]:
    """How questions are answered, by column; if everybody gave the same answer, by the answers to others."""
    kinds = {question.column: find_kind(question, language) for question in questions}
    known = {label for question in questions if kinds[question.column] == "agreement" for label in question.labels}
    alike = [question.column for question in questions if known.issuperset(question.labels)]
    return {column: kind for column, kind in (kinds | dict.fromkeys(alike, "agreement")).items() if kind}


def find_language(questions: list[Question]) -> str:
    """The language in which most answers are read as agreement."""
    labels = [question.labels for question in questions]

    def count(language: str) -> int:
        agreed = {label for each in labels if is_agreement(each, language) for label in each}
        return sum(bool(read_label(label, language)[0]) for label in agreed)

    return max(LANGUAGES, key=count)


def group_scales(kinds: dict[str, str], questions: list[Question], general: Collection[str]) -> list[Scale]:
    """Questions answered alike share a scale; `general` are the columns of NoMAD's general items, which go from 0 to 10."""
    scales: dict[tuple, Scale] = {}
    for question in questions:
        kind = kinds[question.column]
        # On a scale of numbers only the ends have words, which may differ from question to question.
        told = [take_number(label) if kind == "numbers" else fold(label) for label in question.labels]
        declared = tuple(told) if question.declared else ()
        highest = pd.to_numeric(question.answers.map(take_number), errors="coerce").max()
        wide = kind == "numbers" and (len(declared) > 7 or highest == 10 or (highest > 5 and question.column in general))
        name = "familiarity" if wide else "answers" if kind == "options" else "agreement"
        scale = scales.setdefault((name, kind, question.coded, declared), Scale(name, kind, []))
        scale.questions.append(question)
    for number, scale in enumerate(scales.values(), start=1):
        if scale.name in [other.name for other in list(scales.values())[: number - 1]]:
            scale.name += f"_{number}"
    return list(scales.values())


def read_words(scale: Scale, language: str, ask: Asker) -> None:
    """Fill in the points of a scale whose labels are known, from the lowest score to the highest, and the other answers."""
    first = scale.questions[0]
    name = take_number if scale.kind == "numbers" else str
    options = dict.fromkeys((code, name(label)) for question in scale.questions for code, label in question.options)
    seen = name_once(name(label) for question in scale.questions for label in question.labels)
    known = options or [(None, label) for label in seen]
    read = [(code if first.coded else None, label, *read_label(label, language)) for code, label in known]
    points = [
        (code, label, strength)
        for code, label, kind, strength in read
        if kind not in KINDS and (kind or first.declared or scale.kind == "options")
    ]
    strengths = [strength for *_, strength in points]
    scale.bands = split_bands(points)
    if scale.kind == "numbers":
        points.sort(key=lambda point: int(re.match(r"-?\d+", point[1])[0]))
    elif scale.kind == "options":
        ends = {"last": f"{points[-1][1]} (and {points[0][1]} lowest)", "first": f"{points[0][1]} (and {points[-1][1]} lowest)"}
        if not first.declared:
            scale.review.append("Are the answers in order, lowest first, and are all of them here?")
        elif ask.choose(scale.review, "Which answer scores highest?", "last", ends) == "first":
            points.reverse()
    else:
        if len({*strengths}) == len(points):
            points.sort(key=lambda point: point[2])
        else:
            scale.review.append("Are the points in order, lowest first? Some of them read alike.")
            points = points[::-1] if strengths[0] > strengths[-1] else points
        points = points if first.declared else complete_points(scale, points, language, ask)
        scale.bands = ["Disagree" if strength < 0 else "Agree" if strength else "Neutral" for *_, strength in points]
    start = int(len(points) != 11)
    scale.points = [(code, label, value) for value, (code, label, _) in enumerate(points, start)]
    aside = [(code, label, kind) for code, label, kind, _ in read if kind in KINDS]
    kinds = [kind for *_, kind in aside]
    for code, label, kind in aside:
        # An answer that names a role or a stage is clear, and so is one that names neither if it is beside such an answer.
        clear = kind in ("role", "stage") or (kind == "intervention" and {"role", "stage"} & {*kinds})
        if not clear or kinds.count(kind) > 1:
            kind = ask.choose(scale.review, f"What does the answer “{label}” mean?", kind, KINDS)
        scale.aside.append((code, label, kind))


def complete_points(scale: Scale, points: list, language: str, ask: Asker) -> list:
    """The points, and those that nobody chose, which an export without a definition lacks."""
    strengths = {strength: label for _, label, strength in points}
    if {*strengths} <= {-2, 0, 2}:
        scale.review.append("Were there stronger answers, which nobody chose? Then add them.")
    unused = iter(code for code in map(str, range(1, 12)) if code not in {code for code, *_ in points})
    ways = [ways[LANGUAGES.index(language)] for ways in (AGREE, DISAGREE)]
    for strength in [-strength for strength in strengths if -strength not in strengths]:
        known = strengths[-strength].replace("’", "'")
        there, here = ways if strength < 0 else ways[::-1]
        guess = re.sub(re.escape(there), here, known, count=1, flags=re.IGNORECASE)
        question = f"“{known}” was chosen, but nobody chose its opposite. How is that answer worded?"
        label = ask.choose(scale.review, question, guess[:1].upper() + guess[1:])
        points = [*points, (next(unused) if points[0][0] else None, label, strength)]
    return sorted(points, key=lambda point: point[2])


def split_bands(points: Collection) -> list[str]:
    """The lower and upper half of a scale without words; NoMAD's general items are reported as 0 to 5 and 6 to 10."""
    if len(points) == 11:
        return ["0 to 5"] * 6 + ["6 to 10"] * 5
    half, odd = divmod(len(points), 2)
    return ["Lower"] * half + ["Middle"] * odd + ["Upper"] * half


# --- numbers ----------------------------------------------------------------------------------------------------------
def to_numbers(question: Question) -> pd.Series:
    return pd.to_numeric(question.answers.str.extract(rf"^{NUMBER}$")[0])


def read_numbers(scale: Scale, general: list[Question], reversed_: Collection[str], ask: Asker) -> None:
    """Fill in a scale of numbers from the lowest score to the highest; a `WorkbookError` for a number that no scale has.

    `general` are NoMAD's general items, which rise from 0 to 10; `reversed_` are the columns of items worded negatively.
    """
    columns = pd.DataFrame({question.column: to_numbers(question) for question in scale.questions})
    for question in scale.questions:
        wrong = ~columns.loc[question.answers.index, question.column].isin([*range(HIGHEST + 1), *ASIDE])
        if wrong.any():
            place, expected = f"{wrong.idxmax()}, column {question.column}", f"a whole number from 0 to {HIGHEST}"
            remedy = "correct the cell; or export labels, or give --definition, if numbers stand for other answers"
            raise WorkbookError("survey export", place, repr(question.answers[wrong.idxmax()]), expected, remedy)
    times = columns.stack().dropna().astype(int).value_counts().sort_index()
    wide = scale.name.startswith("familiarity")
    written = [answer for question in scale.questions for answer in question.answers.unique()]
    said = {int(re.match(r"-?\d+", text)[0]): text for text in written if not re.fullmatch(r"-?\d+(\.0+)?", text)}
    # "0 - Not applicable" is not a point, whatever its number.
    aside = {number: kind for number, text in said.items() if (kind := read_label(text, "")[0]) in KINDS}
    points = [*range(HIGHEST + 1)] if wide else choose_points(scale, times.drop(aside), ask)
    points = [number for number in points if number not in aside]
    for number in times.index.difference(points):
        asked = f"{times[number]} answers are {number}. What does that mean?"
        kind = ask.choose(scale.review, asked, aside.get(number) or ASIDE.get(number, "missing"), KINDS)
        scale.aside.append((str(number), said.get(number, f"{KINDS[kind].capitalize()} ({number})"), kind))
    scale.bands = split_bands(points)
    if not wide:
        labels = {points[0]: AGREEMENT[0], points[-1]: AGREEMENT[-1]}
        if len(points) == len(AGREEMENT):
            labels, scale.bands = dict(zip(points, AGREEMENT, strict=True)), BANDS
        evidence, likely = weigh_directions(columns[columns.isin(points)], general, reversed_)
        last, first = (read_label(said.get(points[end], ""), "")[1] for end in (-1, 0))
        likely = likely if last == first else "high" if last > first else "low"
        choices = {"high": f"{points[-1]} is the strongest agreement", "low": f"{points[0]} is the strongest agreement"}
        if ask.choose(scale.review, f"Which way do the numbers run? {evidence}", likely, choices) == "low":
            labels = dict(zip(points, [labels.get(number) for number in reversed(points)], strict=True))
            points.reverse()
        # What the export itself says about a number comes before our guess.
        labels |= said
    scale.points = [(str(n), (not wide and labels.get(n)) or str(n), n if wide else k + 1) for k, n in enumerate(points)]


def choose_points(scale: Scale, times: pd.Series, ask: Asker) -> list[int]:
    """The points of a scale of agreement: five from 0 or 1, unless the numbers seen leave that open."""
    seen = [number for number in times.index if 0 <= number <= HIGHEST]
    start = 0 if 0 in seen and 5 not in seen else 1
    top, usual = max(seen), start + len(AGREEMENT) - 1
    choices = {str(usual): f"{start} to {usual}", str(top): f"{start} to {top}"}
    if len(choices) > 1:
        asked = f"The numbers go from {min(seen)} to {top}. Which of them are points of the scale?"
        usual = int(ask.choose(scale.review, asked, str(usual), choices))
    return [*range(start, usual + 1)]


def weigh_directions(columns: pd.DataFrame, general: list[Question], reversed_: Collection[str]) -> tuple[str, str]:
    """The evidence for high or low numbers as agreement, in words, and which is likelier.

    Two things differ between the readings: people seldom agree both that a practice does harm and with the rest, and people
    familiar with it agree more often. Correlations among the items are the same either way.
    """
    from scipy import stats

    straight, votes = columns.drop(columns=[name for name in columns if name in reversed_]), 0
    told = ["Item–rest correlations are the same either way."]
    for name in [name for name in columns if name in reversed_]:
        mean, others = columns[name].mean(), straight.stack().mean()
        speaks, votes = ("high", votes + 1) if mean < others else ("low", votes - 1)
        told.append(f"The negatively worded {name} has a mean of {mean:.1f}, the others {others:.1f}: {speaks} is likelier.")
    if general:
        wide = pd.concat(map(to_numbers, general), axis=1)
        both = pd.concat([wide[wide.isin(range(HIGHEST + 1))].mean(axis=1), straight.mean(axis=1)], axis=1).dropna()
        if len(both) > 3 and both.nunique().min() > 1:
            test = stats.pearsonr(both[0], both[1])
            low, high = test.confidence_interval()
            votes += 2 * (int(low > 0) - int(high < 0))
            speaks = "high" if low > 0 else "low" if high < 0 else "neither for certain"
            interval = f"95% interval {low:.2f} to {high:.2f}, {len(both)} people"
            told.append(f"They correlate by {test.statistic:.2f} with the items from 0 to 10 ({interval}): {speaks}.")
    return " ".join(told), "low" if votes < 0 else "high"
