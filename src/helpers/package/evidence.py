"""One page for a data-protection officer: what was checked before a package left the team, by which rule and figures.

The terms are those of output checking in the UK (Griffiths et al. 2024, Handbook on Statistical Disclosure Control for
Outputs).
"""

import re
import textwrap
from collections import Counter
from pathlib import Path

import pandas as pd

from helpers.disclosure import ledger
from helpers.disclosure.rules import describe_rounding
from helpers.package.confidential import ANSWER, IDENTIFIER, NAME, SPOKEN, Secrets
from helpers.package.identifiers import FORMS
from helpers.study.definition import Study
from helpers.study.terms import WITHHELD

WIDTH = 78


def write_evidence(
    folder: Path, tables: dict[str, pd.DataFrame], study: Study, record: dict, secrets: Secrets, told: pd.DataFrame
) -> str:  # fmt: skip
    """The page, from a package's otherwise finished folder, its tables by file, and what it tells (`ledger.TOLD`).

    It is in the package only if the search found nothing, since otherwise the package is not made.
    """
    title, threshold = "What was checked before this package left the team", record["threshold"]
    withheld = [int(rows.eq(WITHHELD).to_numpy().sum()) for rows in tables.values()]
    cells = f"{sum(withheld):,} cells withheld ({WITHHELD}) in {sum(map(bool, withheld))} of {len(tables)} tables"
    parts = [
        f"{title}\n{'=' * len(title)}",
        f"Study      {study.definition.title}\nRun        {record['run']}\nThreshold  {threshold} people",
        "This page is for the person responsible for data protection, in the terms of output checking in the UK. Tables, "
        "figures and sentences built from numbers use only what the rules let through. The team's own words (titles, labels, "
        "notes) are searched, and shown as they were written. No rule replaces reading the package.",
        "1. Statistical disclosure control\n---------------------------------\n"
        + "\n".join(f"- {rule}: {said}" for rule, said in list_rules(threshold, cells, study, told)),
        "2. Search for what identifies a person or a machine\n---------------------------------------------------\n"
        f"All {sum(path.is_file() for path in folder.rglob('*')) + 1} files were opened, with the files within them. Their "
        "texts, names and hidden parts were searched. Nothing was found; otherwise the package would not have been made.",
        "Searched for by their form: " + ", ".join(sorted({re.sub("^an? ", "", form.what) for form in FORMS})) + ".",
        "Searched for because the raw data hold them (written forms of each): "
        + "; ".join(count_sought(secrets, threshold))
        + ". Also the name and the user of the computer.",
        "The search misses what a picture shows, what somebody put into other words, names that are in no column of the raw "
        "data, names within three words of the study's own wording, numbers of other kinds (such as IBAN or passport) and "
        "those of fewer than six digits.",
        "3. What the team approved\n-------------------------\n" + "\n".join(list_approved(study)),
    ]
    return "\n\n".join(map(wrap, parts)) + "\n"


def list_rules(threshold: int, cells: str, study: Study, told: pd.DataFrame) -> list[tuple[str, str]]:
    """Each rule of output checking, and what was done."""
    return [
        ("Threshold rule (frequency)",
         f"counts of 1 to {threshold - 1} people are withheld, and so is what rests on them: {cells}, those of the next rule "
         f"among them. How many took part or answered is shown from {threshold} on, so that the few who left something out can "
         "be counted."),
        ("Secondary suppression",
         "further cells are withheld so that sums, means and other tables of this package leave at least "
         f"{threshold} possible values for each count withheld, and for themes every value from 1 to {threshold - 1}."),
        ("Class disclosure",
         f"where all but fewer than {threshold} people gave one answer to a question, that is shown as a range and the "
         "others are withheld. That nearly everybody spoke of a theme, or reached a section, is shown."),
        ("Group disclosure", f"groups of fewer than {threshold} people are merged before anything is counted, or not shown."),
        ("Dominance and p% rules", "not applicable: every person counts once, and no amounts are added up."),
        ("Means, medians and intervals",
         f"none rests on fewer than {threshold} people. No minimum, maximum or single value of a person is shown or drawn."),
        ("Tests and models",
         "the verdict is shown. Effects, coefficients, residuals and p-values stay with the team, except p-values that follow "
         "from printed counts."),
        *([("Rounding",
            f"every count of people is a multiple of {base}, and what rests on counts is made of those. Parts are rounded so "
            "that they add up to their rounded total.")] if (base := describe_rounding(study)) else []),
        ("Differencing", compare_packages(study, told)),
        ("Quotations",
         f"only those that the team approved. A speaker's field is named if at least {threshold} participants belong to it."),
    ]  # fmt: skip


def compare_packages(study: Study, told: pd.DataFrame) -> str:
    """What was done about earlier packages, and how many figures of this one it changed."""
    earlier = sum(len(release.packages) for release in ledger.read_standing(study))
    figures = told.drop_duplicates(["body", "name"])[["repeated", "held_back"]].sum()
    compared = (
        f"the record of releases holds {earlier} earlier {'package' if earlier == 1 else 'packages'} of this study. So that no "
        f"difference between them counts a few people, {figures['repeated']:,} figures are repeated from there, and "
        f"{figures['held_back']:,} are withheld."
        if earlier
        else "the record of releases holds no earlier package of this study."
    )
    return f"{compared} Reports and tables of these people from elsewhere were not compared."


def count_sought(secrets: Secrets, threshold: int) -> list[str]:
    """How many of each class were searched for, to one digit, since the raw data hold more people than a package may count."""
    kinds = Counter(secrets.phrases.values())
    numbers = {
        "identifiers": kinds[IDENTIFIER],
        "names": kinds[NAME] + len(secrets.names),
        "labels of participants": len(secrets.labels),
        "words of respondents": kinds[ANSWER] + len(secrets.answers) + sum(what == ANSWER for what in secrets.runs.values()),
        "words of interviews": kinds[SPOKEN] + sum(what == SPOKEN for what in secrets.runs.values()),
    }
    least = max(10, threshold)
    told = {
        what: "none" if not n else f"fewer than {least}" if n < least else f"about {float(f'{n:.0e}'):,.0f}"
        for what, n in numbers.items()
    }
    return [f"{what}: {number}" for what, number in told.items()]


def list_approved(study: Study) -> list[str]:
    allowed = study.definition.sharing.allowed
    if not allowed:
        return ["No word was approved beyond the study's own wording."]
    return [f"- {entry.word}: {entry.reason.strip() or 'no reason was given'}" for entry in allowed]


def wrap(part: str) -> str:
    return "\n".join(textwrap.fill(line, WIDTH, subsequent_indent="  " * line.startswith("- ")) for line in part.split("\n"))
