"""Numbers without labels: which are points of a scale, which way they run, and what speaks for it."""

import re
from collections.abc import Collection

import pandas as pd

from helpers.setup.ask import Asker
from helpers.setup.questions import Question
from helpers.setup.scales import KINDS, NUMBER, Scale, split_bands
from helpers.study.errors import WorkbookError

AGREEMENT = ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"]
# Numbers by which tools and people mark answers that are no point of a scale, and what they often mean.
ASIDE = dict.fromkeys([0, 9, 66, 77, 88, 97, 98, 99, 999, -1, -8, -9, -66, -77, -88, -99], "missing")
ASIDE |= {6: "role", 7: "stage", 8: "intervention"}
MOST = 10


def to_numbers(question: Question) -> pd.Series:
    return pd.to_numeric(question.answers.str.extract(rf"^{NUMBER}$")[0])


def read_numbers(name: str, scale: Scale, general: list[Question], reversed_: Collection[str], ask: Asker) -> None:
    """Fill in a scale of numbers from the lowest score to the highest; a `WorkbookError` for a number that no scale has.

    `general` are NoMAD's general items, which rise from 0 to 10; `reversed_` are the columns of items worded negatively.
    """
    columns = pd.DataFrame({question.column: to_numbers(question) for question in scale.questions})
    for question in scale.questions:
        wrong = ~columns.loc[question.answers.index, question.column].isin([*range(MOST + 1), *ASIDE])
        if wrong.any():
            place, expected = f"{wrong.idxmax()}, column {question.column}", f"a whole number from 0 to {MOST}"
            remedy = (
                "correct the cell; if numbers stand for other answers, export labels, or give what tells them as --definition"
            )
            raise WorkbookError("survey export", place, repr(question.answers[wrong.idxmax()]), expected, remedy)
    times = columns.stack().astype(int).value_counts().sort_index()
    about, wide = f"study.yml, scales.{name}", name.startswith("familiarity")
    points = [*range(MOST + 1)] if wide else choose_points(about, scale, times, ask)
    for number in [number for number in times.index if number not in points]:
        asked = f"{times[number]} answers are {number}. What does it mean?"
        kind = scale.decide(ask.choose(about, asked, KINDS, ASIDE.get(number, "missing")))
        scale.aside.append((str(number), f"{KINDS[kind].capitalize()} ({number})", kind))
    written = dict.fromkeys(answer for question in scale.questions for answer in question.answers.unique())
    labels = {int(re.fullmatch(NUMBER, label)[1]): label for label in written if not re.fullmatch(r"-?\d+(\.0+)?", label)}
    scale.bands = split_bands(points)
    if not wide:
        labels = {points[0]: AGREEMENT[0], points[-1]: AGREEMENT[-1]} | labels
        if len(points) == len(AGREEMENT):
            labels, scale.bands = dict(zip(points, AGREEMENT, strict=True)), ["Disagree"] * 2 + ["Neutral"] + ["Agree"] * 2
        evidence, likely = weigh_directions(columns[columns.isin(points)], general, reversed_)
        choices = {"high": f"{points[-1]} is the strongest agreement", "low": f"{points[0]} is the strongest agreement"}
        if scale.decide(ask.choose(about, f"Which way do the numbers run? {evidence}", choices, likely)) == "low":
            labels = {number: labels.get(points[-1 - k]) for k, number in enumerate(points)}
            points.reverse()
    scale.points = [(str(n), labels.get(n) or str(n), n if wide else k + 1) for k, n in enumerate(points)]


def choose_points(about: str, scale: Scale, times: pd.Series, ask: Asker) -> list[int]:
    """The points of a scale of agreement: five from 0 or 1, unless the numbers seen leave that open."""
    seen = [number for number in times.index if 0 <= number <= MOST]
    start = 0 if 0 in seen and not {5, 6} & {*seen} else 1
    top, usual = max(seen), start + len(AGREEMENT) - 1
    if top == usual:
        return [*range(start, usual + 1)]
    least = f"{start} to {usual}" + (
        ", and what is above means something else" if top > usual else f", and nobody chose {usual}"
    )
    choices = {str(usual): least, str(top): f"{start} to {top}"}
    return [
        *range(
            start, int(scale.decide(ask.choose(about, f"The numbers go from {min(seen)} to {top}.", choices, str(usual)))) + 1
        )
    ]


def weigh_directions(columns: pd.DataFrame, general: list[Question], reversed_: Collection[str]) -> tuple[str, str]:
    """What speaks for high or for low numbers as agreement, in words, and which is likelier.

    Correlations among the items are the same either way. Two things differ: people seldom say of a practice that it does harm
    while they agree with the rest, and who is familiar with it agrees more often.
    """
    from scipy import stats

    straight = columns.drop(columns=[name for name in columns if name in reversed_])
    told, votes = ["Item–rest correlations are the same either way."], 0.0
    for name in [name for name in columns if name in reversed_]:
        mean, others = columns[name].mean(), straight.stack().mean()
        told.append(
            f"The negatively worded {name} has the mean {mean:.1f} and the others {others:.1f}, which speaks for {'high' if mean < others else 'low'}."
        )
        votes += 1 if mean < others else -1
    if general:
        pair = pd.concat([pd.DataFrame(map(to_numbers, general)).mean(), straight.mean(axis=1)], axis=1).dropna()
        if len(pair) > 3 and pair.nunique().min() > 1:
            test = stats.pearsonr(pair[0], pair[1])
            low, high = test.confidence_interval()
            told.append(
                f"With the general items from 0 to 10 they correlate by {test.statistic:.2f} (95% interval {low:.2f} to {high:.2f}; {len(pair)} people), which speaks for {'high' if test.statistic > 0 else 'low'}"
                + (", but not clearly" if low <= 0 <= high else "")
                + "."
            )
            votes += 2 * ((low > 0) - (high < 0))
    return " ".join(told), "low" if votes < 0 else "high"
