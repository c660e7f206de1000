"""The rules of disclosure in words, for a reader."""

from helpers.disclosure.interviews import ANYBODY
from helpers.disclosure.releases import NEWCOMERS
from helpers.study.terms import WITHHELD


def describe_rules(threshold: int, rounding: int = 0) -> list[str]:
    """The rules of this room for a reader, a paragraph each; counts are rounded to multiples of `rounding` unless it is 0."""
    rounded = (
        f"Counts of people are rounded to neighbouring multiples of {rounding}, not always the nearest, so that the answers "
        "to a question add up. Percentages, intervals and drawings are made from the rounded counts. No answer or theme is "
        "said to be nobody's."
    )
    return [
        *([rounded] if rounding > 1 else []),
        f"Counts of 1 to {threshold - 1} people are withheld and shown as {WITHHELD}, for confidential. So are the percentage, "
        "the interval and the bar that rest on them. A count of none is shown unless it would give another away.",
        "Further counts are withheld where a small one could be worked out from totals or from another table. The sums and "
        f"means that are printed leave at least {threshold} possible values for each count withheld among answers and groups, "
        f"and every value from 1 to {threshold - 1} for each small count of participants by theme.",
        f"Where all but fewer than {threshold} people chose one answer, that answer is given as a range, such as “36 to 40” of "
        "40, and the others are withheld. The range is the same whether everybody chose the answer or nearly everybody.",
        f"Groups of fewer than {threshold} people are merged with others before anything is counted. Where merging leaves a "
        "single group, the grouping is not shown.",
        f"How many people answered a question, or took part, is shown wherever there are at least {threshold}, so that a "
        "percentage can be judged. That somebody left a question out says nothing of what they think.",
        f"No figure shows a single person, and no mean rests on fewer than {threshold} people. Intervals of means stand only "
        "where no answer to their questions is withheld. Of tests the verdict is told, which is the team's own over its finer "
        "groups, and no effect or p-value but what follows from printed counts.",
        f"Quotations are those that the team has approved. They name a field only where at least {threshold} participants "
        f"belong to it, else they are from “{ANYBODY}”. Where several together could tell who somebody is, only one of them "
        "is shown. Under a theme whose number of people is withheld one text stands at most.",
        "Tables with a row for each person, transcripts, single answers, comparisons of pairs, reliability, plans for the next "
        "survey and the code of the analysis stay with the team.",
        f"Packages of one study are protected together. Once {NEWCOMERS * threshold} more people have taken part than in an "
        "earlier package, each question, construct, theme and grouping counts everybody if the difference could be shown as a "
        "table of its own. Otherwise its earlier figures are repeated, and a note says so.",
        "These rules cannot help against somebody who already knows some of the answers, or who has a report of the "
        "same survey of which this workbook has no record. A reader who also reasons about how the rules choose what to "
        "withhold can sometimes narrow a withheld count further. With few respondents, much is withheld.",
    ]
