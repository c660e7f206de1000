"""The rules of disclosure in words, for a reader."""

from helpers.disclosure import ledger
from helpers.disclosure.interviews import ANYBODY
from helpers.disclosure.releases import NEWCOMERS
from helpers.study.definition import Study
from helpers.study.terms import WITHHELD


def describe_rounding(study: Study) -> str:
    """What counts are multiples of, such as "5, or of 7 where an earlier package was rounded to that"; empty if nothing.

    A struck package is named if a later one still stands, which can repeat its figures.
    """
    today, entries = study.definition.sharing.rounding, ledger.read_ledger(study)
    last = max((release.number for release in entries if not release.struck), default=0)
    coarser = {release.rounding for release in entries[:last]} - {*range(max(1, today) + 1)}
    earlier = " or ".join(map(str, sorted(coarser))) + " where an earlier package was rounded to that"
    return ", or of ".join([f"{today}"] * (today > 1) + [earlier] * bool(coarser))


def describe_rules(threshold: int, rounding: str = "") -> list[str]:
    """The rules of this room for a reader, one in each paragraph; `rounding` as `describe_rounding` says it."""
    rounded = (
        f"Counts of people are rounded to neighbouring multiples of {rounding}, not always the nearest, so that the answers "
        "to a question add up. Percentages, intervals and drawings are made from the rounded counts. We never say that nobody "
        "gave an answer or spoke of a theme."
    )
    return [
        *([rounded] if rounding else []),
        f"Counts of 1 to {threshold - 1} people are withheld and shown as {WITHHELD}, for confidential. So are the percentage, "
        "the interval and the bar that show them. A count of 0 is shown unless it would give another count away.",
        "Further counts are withheld where a small one could be worked out from totals or from another table. The sums and "
        f"means that are printed leave at least {threshold} possible values for each count withheld among answers and groups, "
        f"and every value from 1 to {threshold - 1} for each small count of participants by theme.",
        f"Where all but fewer than {threshold} people chose one answer, that answer is given as a range, such as “36 to 40” of "
        "40, and the others are withheld. The range is the same whether everybody or nearly everybody chose the answer.",
        f"Groups of fewer than {threshold} people are merged with others before anything is counted. Where merging leaves a "
        "single group, the grouping is not shown.",
        f"How many people answered a question, or took part, is shown if there are at least {threshold}, so that a "
        "percentage can be judged. Leaving a question out says nothing about what somebody thinks.",
        f"No figure shows a single person, and no mean rests on fewer than {threshold} people. Intervals of means are shown "
        "only if no answer to their questions is withheld. Tests show only their verdict, which the team found with its finer "
        "groups, and no effect or p-value except those that follow from printed counts.",
        f"Quotations are those that the team has approved. They name a field only where at least {threshold} participants "
        f"belong to it; otherwise they are from “{ANYBODY}”. If several together could identify somebody, only one of them "
        "is shown. A theme whose number of people is withheld has one text at most.",
        "Tables with a row for each person, transcripts, single answers, comparisons of pairs, reliability, plans for the next "
        "survey and the code of the analysis stay with the team.",
        f"Packages of one study are protected together. Once {NEWCOMERS * threshold} more people have taken part than in an "
        "earlier package, each question, construct, theme and grouping counts everybody if the difference could be shown as a "
        "separate table. Otherwise its earlier figures are repeated, and a note says so.",
        "These rules cannot protect against somebody who already knows some of the answers, or who has a report of the "
        "same survey that this workbook has no record of. A reader who also reasons about how the rules choose what to "
        "withhold can sometimes narrow a withheld count further. With few respondents, much is withheld.",
    ]
