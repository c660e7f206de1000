"""What each column and sign of a package means."""

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from helpers.page.tables import read_columns
from helpers.study.terms import WITHHELD

# The date that files carry instead of the date they were made; the earliest that a zip can hold.
NO_DATE = datetime(1980, 1, 1)
# Types of the cells of a CSV file, by the kinds of `columns.csv`; every other kind is text.
TYPES = {
    "count": "whole number", "percent": "number (per cent)", "percent1": "number (per cent)", "number": "number",
    "number1": "number", "p": "number from 0 to 1", "yes_no": "True or False",
}  # fmt: skip
# For a column that a study's own notebook saved.
UNKNOWN = {"kind": "text", "meaning": "a column of this study's own: see the title of the table"}


@dataclass(frozen=True)
class Content:
    """A line of the edition's list of contents: a figure, the numbers behind a figure, or a table."""

    kind: str
    label: str
    section: str
    title: str
    file: str
    notes: str
    rests_on: str
    alt: str

    @property
    def heading(self) -> str:
        return self.title if self.kind == "Figure data" else f"{self.label}: {self.title}"


def find_column(name: str) -> dict[str, str]:
    """What the list of columns says about one: `label, kind, meaning`."""
    known = read_columns()
    return known.loc[name].to_dict() if name in known.index else {"label": name, **UNKNOWN}


def describe_columns(contents: list[Content], tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The data dictionary: one row per column of each CSV file, with columns `file, table, column, label, type, meaning`."""
    rows = []
    for content in contents:
        for name, cells in tables.get(content.file, pd.DataFrame()).items():
            column = find_column(name)
            hidden = f", some withheld: {WITHHELD}" * bool(cells.eq(WITHHELD).any())
            kind = TYPES.get(column["kind"], "text") + hidden
            rows.append((content.file, content.heading, name, column["label"], kind, column["meaning"]))
    return pd.DataFrame(rows, columns=["file", "table", "column", "label", "type", "meaning"])


def explain_signs(threshold: int) -> list[str]:
    """What the signs in tables mean."""
    return [
        "[c] marks a figure that is withheld (confidential) to protect people: it would count fewer than "
        f"{threshold} people, or a group in which nearly all gave one answer, or such a figure could be worked out from it.",
        "Least and Most are the ends of a range that is given instead of an exact count for the same reason; the page writes "
        "“36 to 40 (90% or more)”.",
        "Low and High are the ends of the 95% confidence interval: how precise a figure is for people like those who took "
        "part. It does not correct for those who did not.",
        "[none] means that there is nothing to show; in the CSV files that cell is empty.",
        "[not defined] means that a figure cannot be computed; a reason may follow.",
    ]
