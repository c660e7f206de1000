"""Scales of answers: agreement in words, numbers, not relevant; which way numbers run, and what speaks for it."""

import re
from collections import Counter
from dataclasses import dataclass, field

import pandas as pd

from helpers.setup.ask import Asker
from helpers.setup.questions import Question
from helpers.setup.words import LANGUAGES, find, fold

KINDS = {
    "role": "not relevant to the person's role", "stage": "not relevant at this stage",
    "intervention": "not relevant to the practice", "missing": "no answer",
}  # fmt: skip
OPPOSITE = {
    "en": ("agree", "disagree"), "de": ("zu", "nicht zu"), "nl": ("eens", "oneens"), "sv": ("instämmer", "instämmer inte"),
    "fr": ("d'accord", "pas d'accord"), "es": ("de acuerdo", "en desacuerdo"), "it": ("d'accordo", "in disaccordo"),
    "pt": ("concordo", "discordo"),
}  # fmt: skip
# "4", "4.0" as R and pandas write it, "0 - not at all".
NUMBER = r"(-?\d+)(?:\.0+)?(?:\s*[-–=:(.]?\s*[^\d]*)"


def read_label(label: str, language: str) -> tuple[str, int]:
    """What an answer is: a `point` of agreement with its strength from -3 to 3, one of `KINDS`, or unknown (empty)."""
    text = fold(label)
    if find(text, "missing", language):
        return "missing", 0
    if find(text, "not_relevant", language):
        return "role" if find(text, "role", language) else "stage" if find(text, "stage", language) else "intervention", 0
    strength = 3 if find(text, "strongly", language) else 1 if find(text, "weakly", language) else 2
    signs = {"neutral": 0, "disagree": -1, "agree": 1}
    return next((("point", sign * strength) for word, sign in signs.items() if find(text, word, language)), ("", 0))


def find_kind(question: Question, language: str) -> str:
    """How a question is answered: `agreement` in words, `numbers`, other `options` that the tool declares, or neither."""
    read = [read_label(label, language) for label in question.labels]
    points = {strength for kind, strength in read if kind == "point"}
    if read and all(kind for kind, _ in read) and len(points) > 1:
        return "agreement"
    if pd.Series(question.labels, dtype="str").str.fullmatch(NUMBER).mean() > 0.6 and len(question.labels) < 20:
        return "numbers"
    return "options" if question.declared and len(question.labels) > 2 else ""


def find_language(questions: list[Question], language: str) -> str:
    """The language of answers: that of the questions, unless more of them are read in another."""
    read = {other: sum(find_kind(question, other) == "agreement" for question in questions) for other in LANGUAGES}
    return max(LANGUAGES, key=lambda other: (read[other], other == language))


@dataclass
class Scale:
    """A scale on its way into `study.yml`: questions answered alike, options (code, label, value or kind), what is in doubt."""

    kind: str
    questions: list[Question]
    points: list[tuple[str | None, str, int]] = field(default_factory=list)
    aside: list[tuple[str | None, str, str]] = field(default_factory=list)
    bands: list[str] = field(default_factory=list)
    review: list[str] = field(default_factory=list)

    def decide(self, answered: tuple[str, str]) -> str:
        """Take an answer, and note what it leaves to review."""
        answer, review = answered
        self.review += [review] if review else []
        return answer

    def describe(self) -> dict:
        """As `study.yml` has it."""

        def option(code: str | None, **said) -> dict:
            return said if code is None else said | {"code": code}

        points = zip(self.points, self.bands, strict=True)
        responses = [option(code, label=label, value=value, band=band) for (code, label, value), band in points]
        aside = [option(code, label=label, kind=kind) for code, label, kind in self.aside]
        return {"responses": responses} | ({"not_relevant": aside} if aside else {})


def group_scales(kinds: dict[str, str], questions: list[Question], general: list[str]) -> dict[str, Scale]:
    """Questions answered alike share a scale. `general` are the columns of NoMAD's general items, which go from 0 to 10."""
    groups: dict[tuple, Scale] = {}
    for question in questions:
        kind = kinds[question.column]
        key: tuple = (kind, tuple(map(fold, question.labels)) if question.declared else (), question.coded)
        if kind == "numbers" and not question.declared:
            high = question.column in general and pd.to_numeric(question.answers, errors="coerce").max() > 5
            key = (kind, "0 to 10" if high else "")
        groups.setdefault(key, Scale(kind, [])).questions.append(question)
    names: Counter[str] = Counter()
    named = {}
    for key, scale in groups.items():
        wide = scale.kind == "numbers" and (key[1] == "0 to 10" or len(key[1]) > 7)
        name = "familiarity" if wide else {"options": "answers"}.get(scale.kind, "agreement")
        names[name] += 1
        named[name if names[name] == 1 else f"{name}_{names[name]}"] = scale
    return named


def read_scale(name: str, scale: Scale, language: str, ask: Asker) -> None:
    """Fill in the points of a scale whose labels are known, from the lowest score to the highest, and what is no point."""
    options = list(dict.fromkeys(option for question in scale.questions for option in question.options))
    if not options:
        options = [(None, label) for label in dict.fromkeys(label for question in scale.questions for label in question.labels)]
    coded = scale.questions[0].coded
    read = [(code if coded else None, label, *read_label(label, language)) for code, label in options]
    points = [(code, label, strength) for code, label, kind, strength in read if kind not in KINDS]
    strengths = [strength for *_, strength in points]
    if scale.kind == "numbers":
        points.sort(key=lambda point: int(re.fullmatch(NUMBER, point[1])[1]) if re.fullmatch(NUMBER, point[1]) else 0)
        scale.bands = split_bands(points)
    elif scale.kind == "options":
        ends = {"last": f"{points[-1][1]} (lowest: {points[0][1]})", "first": f"{points[0][1]} (lowest: {points[-1][1]})"}
        order = scale.decide(ask.choose(f"study.yml, scales.{name}", "Which answer scores highest?", ends, "last"))
        points = points if order == "last" else points[::-1]
        scale.bands = split_bands(points)
    else:
        if not scale.questions[0].declared:
            points = complete_points(name, scale, sorted(points, key=lambda point: point[2]), language, ask)
        elif strengths[0] > strengths[-1]:
            points.reverse()
        if len({strength for *_, strength in points}) < len(points) and not scale.questions[0].declared:
            scale.review.append("Are the points in order, from the lowest to the highest? Two of them read alike.")
        scale.bands = [("Disagree", "Neutral", "Agree")[(strength > 0) - (strength < 0) + 1] for *_, strength in points]
    numbered = scale.kind == "numbers"
    scale.points = [
        (code, label, int(re.fullmatch(NUMBER, label)[1]) if numbered else k + 1) for k, (code, label, _) in enumerate(points)
    ]
    set_aside(name, scale, [(code, label, kind) for code, label, kind, _ in read if kind in KINDS], ask)


def split_bands(points: list) -> list[str]:
    """The lower and the upper half of an unnamed scale; of 0 to 10 as NoMAD's general items are reported."""
    if len(points) == 11:
        return ["0 to 5"] * 6 + ["6 to 10"] * 5
    half, odd = divmod(len(points), 2)
    return ["Lower"] * half + ["Middle"] * odd + ["Upper"] * half


def complete_points(name: str, scale: Scale, points: list, language: str, ask: Asker) -> list:
    """Points that nobody chose, as the opposite of those that somebody chose: an export without a definition lacks them."""
    strengths = {strength: label for _, label, strength in points}
    unused = (code for code in map(str, range(1, 12)) if code not in {code for code, *_ in points})
    for strength in sorted(-strength for strength in strengths if -strength not in strengths):
        positive, negative = OPPOSITE[language]
        there, here = (positive, negative) if strength < 0 else (negative, positive)
        known = strengths[-strength].replace("’", "'")
        found = f"“{known}” was chosen, but its opposite was not. How does that answer read?"
        guess = re.sub(re.escape(there), here, known, count=1, flags=re.IGNORECASE)
        label = scale.decide(ask.name(f"study.yml, scales.{name}", found, guess[:1].upper() + guess[1:]))
        points.append((next(unused) if points[0][0] is not None else None, label, strength))
    return sorted(points, key=lambda point: point[2])


def set_aside(name: str, scale: Scale, options: list[tuple[str | None, str, str]], ask: Asker) -> None:
    """Answers that are no point. One that names a role or a stage is clear, and beside those the one that names neither."""
    kinds = [kind for *_, kind in options]
    for code, label, kind in options:
        clear = kind in ("role", "stage") or (kind == "intervention" and {"role", "stage"} & {*kinds})
        if not clear or kinds.count(kind) > 1:
            kind = scale.decide(ask.choose(f"study.yml, scales.{name}", f"What does the answer “{label}” mean?", KINDS, kind))
        scale.aside.append((code, label, kind))
