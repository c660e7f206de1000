"""Numbers without labels: which are points of a scale, which way they run, and the evidence for it."""

import re
from collections.abc import Collection

import pandas as pd

from helpers.setup.ask import Asker
from helpers.setup.questions import Question
from helpers.setup.scales import KINDS, NUMBER, Scale, read_label, split_bands
from helpers.study.errors import WorkbookError

AGREEMENT = ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"]
BANDS = ["Disagree"] * 2 + ["Neutral"] + ["Agree"] * 2
# Numbers with which tools and people mark answers that are not points of a scale, and what they often mean.
ASIDE = {6: "role", 7: "stage", 8: "intervention"} | dict.fromkeys(
    (0, 9, 66, 77, 88, 97, 98, 99, 999, -1, -8, -9, -66, -77, -88, -99), "missing"
)
MOST = 10


def to_numbers(question: Question) -> pd.Series:
    return pd.to_numeric(question.answers.str.extract(rf"^{NUMBER}$")[0])


def read_numbers(scale: Scale, general: list[Question], reversed_: Collection[str], ask: Asker) -> None:
    """Fill in a scale of numbers from the lowest score to the highest; a `WorkbookError` for a number that no scale has.

    `general` are NoMAD's general items, which rise from 0 to 10; `reversed_` are the columns of items worded negatively.
    """
    columns = pd.DataFrame({question.column: to_numbers(question) for question in scale.questions})
    for question in scale.questions:
        wrong = ~columns.loc[question.answers.index, question.column].isin([*range(MOST + 1), *ASIDE])
        if wrong.any():
            place, expected = f"{wrong.idxmax()}, column {question.column}", f"a whole number from 0 to {MOST}"
            remedy = "correct the cell; or export labels, or give --definition, if numbers stand for other answers"
            raise WorkbookError("survey export", place, repr(question.answers[wrong.idxmax()]), expected, remedy)
    times = columns.stack().dropna().astype(int).value_counts().sort_index()
    wide = scale.name.startswith("familiarity")
    written = [answer for question in scale.questions for answer in question.answers.unique()]
    said = {int(re.match(r"-?\d+", text)[0]): text for text in written if not re.fullmatch(r"-?\d+(\.0+)?", text)}
    # "0 - Not applicable" is not a point, whatever its number.
    aside = {number: kind for number, text in said.items() if (kind := read_label(text, "")[0]) in KINDS}
    points = [*range(MOST + 1)] if wide else choose_points(scale, times.drop(aside), ask)
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
    seen = [number for number in times.index if 0 <= number <= MOST]
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
        both = pd.concat([wide[wide.isin(range(MOST + 1))].mean(axis=1), straight.mean(axis=1)], axis=1).dropna()
        if len(both) > 3 and both.nunique().min() > 1:
            test = stats.pearsonr(both[0], both[1])
            low, high = test.confidence_interval()
            votes += 2 * (int(low > 0) - int(high < 0))
            speaks = "high" if low > 0 else "low" if high < 0 else "neither for certain"
            interval = f"95% interval {low:.2f} to {high:.2f}, {len(both)} people"
            told.append(f"They correlate by {test.statistic:.2f} with the items from 0 to 10 ({interval}): {speaks}.")
    return " ".join(told), "low" if votes < 0 else "high"
