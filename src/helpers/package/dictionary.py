"""What each column and sign of a package means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd

from helpers.page import render
from helpers.study.definition import Study
from helpers.study.terms import WITHHELD

# The day that files carry in place of the day they were made; the earliest that a zip can hold.
NO_DATE = datetime(1980, 1, 1)
# --- what columns hold ------------------------------------------------------------------------------------------------
SHARE = "count (percentage of all who answered; 95% CI)"
# Columns of a funder's tables, by the start of a table's name; the last part holds for every table.
GLOSSARY = {
    "bands_": {"Not relevant": f"respondents who called the item not relevant: {SHARE}"},
    "participants": {"Participants": "participants of the group"},
    "precision": {"Low": "lower end of the 95% CI (%)", "High": "upper end of the 95% CI (%)"},
    "recommendations": {
        "Gist": "the recommendation in a few words", "Items": "survey items named as evidence, with their favourable share",
    },
    "": {
        "Rests on": "what the row rests on, where it is simulated or rebuilt",
        "Section": "section of the questionnaire", "Items": "number of items", "Responses": "responses received",
        "Started": "respondents who answered some of it", "Group": "group of people", "Grouping": "what the groups differ in",
        "Completed (%; 95% CI)": "respondents who answered all of the section: count (percentage; 95% CI)",
        "Respondents": "respondents", "Of those known": "percentage of the respondents whose group is known",
        "Invited": "people invited", "Responded": "people who responded",
        "Response rate (95% CI)": "people who responded, of 100 invited (95% CI)",
        "Of all invited": "percentage of all invited", "Of all respondents": "percentage of all respondents",
        "Item": "survey item, by number and label", "Answered": "respondents who answered the item, “not relevant” included",
        "Band": "band of answers, the top one of the item's scale",
        "All who answered": "respondents who answered the item, “not relevant” included",
        "Of them (%; 95% CI)": f"respondents in the band: {SHARE}",
        "Relevant to": "respondents who answered the item on its scale",
        "Of those (%; 95% CI)": "respondents in the band: count (percentage of those who answered on the scale; 95% CI)",
        "Construct": "construct of Normalisation Process Theory, or a section of the study's own",
        "What it is about": "the construct in a few words",
        "Mean (95% CI)": "mean score (95% CI)", "Mean": "mean score", "Wave": "wave of the survey",
        "Test": "statistical test",
        "Corrected p under .05": "whether the p-value, after Holm's correction over the constructs, is under .05",
        "Percentage": "share of respondents that the interval is for", "Width": "width of the 95% CI (percentage points)",
        "What is known of them": "what the groups differ in", "Theme": "theme", "Of": "participants in all",
        "Participants": "participants with a piece of text on the theme",
        "Quotation": "what a participant said", "Gist": "what a participant said, in the analysts' words",
        "Attributed to": "how the participant is named",
        "Favourable (%; 95% CI)": f"respondents with a favourable answer: {SHARE}",
        "Stands out": "whether the 95% CI lies wholly above or below the mean favourable share",
        "Survey: mean score (95% CI)": "mean score of the construct (95% CI)",
        "Survey: mean score": "mean score of the construct",
        "Items that stand out": "items whose favourable share lies wholly above or below the mean of all items",
        "Participants coded": "participants with a piece of text on the construct, of all",
        "Judgement": "the analyst's judgement of how interviews and survey relate, and why",
        "Recommendation": "recommendation, by number",
        "Texts of interviews": "pieces of text named as evidence", "Published figures": "published figures named as evidence",
    },
}  # fmt: skip
# The other columns of some tables are named after the study's own bands and groups.
NAMED_BY_THE_STUDY = {
    "bands_": "respondents whose answer lies in the band “{column}”{points}: " + SHARE,
    "themes_by_": "participants of the group “{column}” with a piece of text on the theme, of all in the group",
}
FIXED = ("Item", "Answered", "Theme", "Rests on")
# How the explanation of a column begins that neither the glossary nor the study explains.
UNKNOWN = "see the title"
# What can stand in place of a figure, and the shapes of cells, the narrowest first.
MARK = r"\[.*\]|–|"
NUMBER = r"[−-]?(0|[1-9]\d{0,14}|(?=\.))(\.\d{1,14})?"
TYPES = {
    "whole number": r"[−-]?\d+",
    "number": NUMBER,
    "percentage": r"\d+(\.\d+)?%",
    "count (percentage; 95% CI)": r"\d+ \(\d+%; \d+ to \d+\)|\d+ to \d+ \(\d+% or more\)",
    "number (95% CI)": r"−?[\d.]+%? \(−?[\d.]+ to −?[\d.]+\)",
    "count of a total": r"(\d+|\[c\]) of \d+",
}


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


def explain_column(study: Study, content: Content, column: str) -> str:
    """What a column of a table holds; the table's title where nothing is known of the column."""
    name = Path(content.file).stem[3:]
    for start, columns in GLOSSARY.items():
        if start and name.startswith(start) and column in columns:
            return columns[column]
    for start, words in NAMED_BY_THE_STUDY.items():
        if name.startswith(start) and column not in FIXED:
            return words.format(column=column, points=list_points(study, name, column))
    return GLOSSARY[""].get(column, f"{UNKNOWN}: {content.title}")


def list_points(study: Study, name: str, band: str) -> str:
    """The points of the scale that a band is made of, where it has several: " (Agree, Strongly agree)"."""
    scales = [scale for key, scale in study.scales.items() if name.removesuffix("_data") == render.file_name(f"bands_{key}")]
    points = [response.label for scale in scales for response in scale.responses if response.band == band]
    return f" ({', '.join(points)})" if len(points) > 1 else ""


def holds_only(cells: pd.Series, shape: str) -> bool:
    """Whether every cell that is no mark has this shape, and there is one."""
    figures = cells[~cells.str.fullmatch(MARK)]
    return len(figures) > 0 and bool(figures.str.fullmatch(shape).all())


def describe_columns(study: Study, contents: list[Content], tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The data dictionary: one row a column of each CSV file, with columns `file, table, column, type, holds`."""
    rows = []
    for content in contents:
        for column, cells in tables.get(content.file, pd.DataFrame()).items():
            kind = next((kind for kind, shape in TYPES.items() if holds_only(cells, shape)), "text")
            if cells.str.contains(WITHHELD, regex=False).any():
                kind += f", some withheld: {WITHHELD}"
            rows.append((content.file, content.heading, column, kind, explain_column(study, content, column)))
    return pd.DataFrame(rows, columns=["file", "table", "column", "type", "holds"])


def explain_signs(threshold: int) -> dict[str, str]:
    """What each sign in a table means, by the pattern that finds it."""
    return {
        r"\[c\]": f"[c] stands for a figure that is withheld (confidential) to protect people: it would tell of fewer than "
        f"{threshold} people, or of a group nearly all of whom gave one answer, or such a figure could be worked out from it.",
        r"% or more\)": "A range such as “36 to 40 (90% or more)” stands in place of an exact count for the same reason.",
        r"95% CI": "95% CI is the 95% confidence interval: how precise a figure is for people like those who took part. It "
        "does not correct for those who did not.",
        r"\[none\]|^–$": "[none] stands where there is nothing to show; in the page and the CSV files so does –.",
        r"\[not defined": "[not defined] stands where a figure cannot be computed; a reason may follow.",
    }
