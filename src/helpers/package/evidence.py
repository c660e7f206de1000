"""One page for a data-protection officer: what was checked before a package left the team, by which rule, with which figures.

The terms are those of output checking in the UK (Griffiths et al. 2024, Handbook on Statistical Disclosure Control for
Outputs).
"""

import re
import textwrap
from collections import Counter
from pathlib import Path

import pandas as pd

from helpers.disclosure import ledger
from helpers.package.confidential import ANSWER, IDENTIFIER, MACHINE, NAME, SPOKEN, Secrets
from helpers.package.identifiers import PATTERNS
from helpers.study.definition import Study
from helpers.study.terms import WITHHELD

WIDTH = 78


def write_evidence(
    folder: Path, tables: dict[str, pd.DataFrame], study: Study, record: dict, secrets: Secrets, told: pd.DataFrame
) -> str:  # fmt: skip
    """The page, of a package's folder in which all else stands, of its tables by file, and of what it tells (`ledger.TOLD`).

    It stands in the package only if the search found nothing, since a package in which it did is not made.
    """
    title, threshold = "What was checked before this package left the team", record["threshold"]
    withheld = {file: int(rows.eq(WITHHELD).to_numpy().sum()) for file, rows in tables.items()}
    cells = (
        f"{sum(withheld.values()):,} cells withheld ({WITHHELD}) in {sum(map(bool, withheld.values()))} of {len(tables)} tables"
    )
    parts = [
        f"{title}\n{'=' * len(title)}",
        f"Study      {study.definition.title}\nRun        {record['run']}\nThreshold  {threshold} people",
        "This page is for whoever answers for data protection. It uses the terms of output checking in the UK. Tables, "
        "figures and sentences built from numbers are all made of what the rules let through; the team's own words (titles, "
        "labels, notes) are searched and stand as they were written. No rule replaces reading the package.",
        "1. Statistical disclosure control\n---------------------------------",
        *(f"{rule}: {said}" for rule, said in list_rules(threshold, cells, study, told)),
        "2. Search for what identifies a person or a machine\n---------------------------------------------------",
        f"{sum(path.is_file() for path in folder.rglob('*')) + 1} files were opened, with the files within them, and every "
        "text in them searched, with the names of files and their hidden parts. Nothing was found: a package in which "
        "something is found is not made.",
        "Sought by their form: " + ", ".join(sorted({re.sub("^an? ", "", pattern.what) for pattern in PATTERNS})) + ".",
        "Sought because the raw data hold them, in so many forms: " + "; ".join(count_sought(secrets, threshold)) + ".",
        "The search cannot find what a picture shows, what somebody put into other words, or names that no column of the raw "
        "data holds.",
        "3. What the team approved\n-------------------------",
        *list_approved(study),
    ]
    return "\n\n".join(map(wrap, parts)) + "\n"


def list_rules(threshold: int, cells: str, study: Study, told: pd.DataFrame) -> list[tuple[str, str]]:
    """Each rule of output checking, and what was done."""
    return [
        ("Threshold rule (frequency)",
         f"counts of 1 to {threshold - 1} people are withheld, and so is what rests on them. {cells}, those of the next rule "
         "among them."),
        ("Secondary suppression",
         "further cells are withheld so that sums, means and other tables of this package leave at least "
         f"{threshold} possible values for each count withheld."),
        ("Class disclosure",
         f"where all but fewer than {threshold} people gave one answer to a question, that is a range and the others are "
         "withheld; the range is the same whether all or nearly all gave it."),
        ("Group disclosure", f"groups of fewer than {threshold} people are merged before anything is counted, or not shown."),
        ("Dominance and p% rules", "not applicable: every person counts once, and no amounts are added up."),
        ("Means, medians and intervals",
         f"none rests on fewer than {threshold} people. No minimum, maximum or single value of a person is shown or drawn."),
        ("Tests and models",
         "the verdict is told; effects, coefficients, residuals and p-values stay with the team, but for those p-values that "
         "follow from printed counts."),
        *([("Rounding",
            f"every count of people is a multiple of {base}, and what rests on counts is made of those. Parts are rounded so "
            "that they add up to their rounded total.")] if (base := study.definition.sharing.rounding) > 1 else []),
        ("Differencing", compare_packages(study, told)),
        ("Quotations", "only those approved, from a field to which enough participants belong."),
    ]  # fmt: skip


def compare_packages(study: Study, told: pd.DataFrame) -> str:
    """What was done about earlier packages, and how many figures of this one it changed."""
    earlier, figures = len(ledger.read_standing(study)), told.drop_duplicates(["body", "name"])[["repeated", "held_back"]].sum()
    compared = (
        f"earlier packages that the ledger of releases holds: {earlier}. Figures here that are repeated from one of them, "
        f"since the difference would tell of too few people: {figures['repeated']:,}. Figures withheld because of them: "
        f"{figures['held_back']:,}."
        if earlier
        else "the ledger of releases holds no earlier package of this study."
    )
    return f"{compared} Compare it yourself with reports and tables of the same people that were not made by `workbook share`."


def count_sought(secrets: Secrets, threshold: int) -> list[str]:
    """How many of each class were looked for, to one digit, since the raw data hold more people than a package may count."""
    kinds = Counter(secrets.phrases.values())
    numbers = {
        IDENTIFIER: kinds[IDENTIFIER],
        NAME: kinds[NAME] + len(secrets.names),
        "a participant's label": len(secrets.labels),
        ANSWER: kinds[ANSWER] + len(secrets.answers) + sum(what == ANSWER for what in secrets.runs.values()),
        SPOKEN: kinds[SPOKEN] + sum(what == SPOKEN for what in secrets.runs.values()),
    }
    told = {
        what: "none" if not n else "fewer than 10" if n < max(10, threshold) else f"about {float(f'{n:.0e}'):,.0f}"
        for what, n in numbers.items()
    }
    return [*(f"{what}: {number}" for what, number in told.items()), MACHINE]


def list_approved(study: Study) -> list[str]:
    allowed = study.definition.sharing.allowed
    if not allowed:
        return ["No word was approved beyond the study's own wording (title, description, citation, labels, notes)."]
    return [f"- {entry.word}: {entry.reason.strip() or 'no reason was given'}" for entry in allowed]


def wrap(part: str) -> str:
    return "\n".join(textwrap.fill(line, WIDTH, subsequent_indent="  " * line.startswith("- ")) for line in part.split("\n"))
