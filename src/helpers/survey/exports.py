"""A survey export as its tool wrote it: layouts recognised, rows that no respondent gave set aside and counted."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from helpers.study import errors, reading
from helpers.study.definition import Study
from helpers.study.errors import WorkbookError

# Qualtrics marks rows that no respondent gave; a label holds one of these words, a number is one of these codes.
NOT_REAL_LABELS = r"\b(?:preview|test|spam)\b"
NOT_REAL_CODES = {"1", "2", "8", "9", "12", "17"}
# Technical columns are recognised by Qualtrics' own identifier: their names change with the account's language.
TECHNICAL = {
    "_recordId": "record_id", "status": "status", "duration": "duration_seconds", "distributionChannel": "channel",
}  # fmt: skip


def read_export(path: Path) -> pd.DataFrame:
    """Read a survey export as text.

    Qualtrics' layout has two further header rows below the field names (question texts and import identifiers), a
    legacy one has the texts alone, a plain table neither. Technical columns take the names of `TECHNICAL`; a column can
    be asked for by its field name. An extra column `row` holds the spreadsheet row, for messages.
    """
    table = reading.read_csv(path, [])
    imports = [import_identifier(cell) for cell in table.iloc[1]] if len(table) > 1 else []
    if imports and all(imports):
        headers = 2
        names = {name: TECHNICAL[key] for name, key in zip(table.columns, imports, strict=True) if key in TECHNICAL}
    else:
        legacy = {"V1": "record_id", "ResponseID": "record_id", "ResponseId": "record_id", "Status": "status"}
        names = {name: new for name, new in legacy.items() if name in table}
        headers = int(bool(names) and table.iloc[:1].isin(["ResponseID", "ResponseId", "Response ID"]).any(axis=None))
    table = table.iloc[headers:].rename(columns=names)
    table["row"] = table.index + 2
    for name in TECHNICAL.values():
        if name not in table:
            table[name] = ""
    # Without an id a response is told by its row, so that two are never taken for copies of one.
    table["record_id"] = table["record_id"].where(table["record_id"] != "", "row " + table["row"].astype(str))
    return table


def import_identifier(cell: str) -> str:
    """The ImportId in a cell of Qualtrics' third header row, or an empty string."""
    try:
        content = json.loads(cell)
    except ValueError:
        return ""
    return str(content.get("ImportId", "")) if isinstance(content, dict) else ""


def exclude_rows(table: pd.DataFrame, path: Path, study: Study) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Drop previews and tests, second copies of a response, and respondents without consent; count each step.

    Respondents who answered no item stay: they are counted, and no table of answers includes them.
    """
    steps = [("Rows in the export", 0, len(table))]

    def keep(table: pd.DataFrame, step: str, kept: pd.Series) -> pd.DataFrame:
        steps.append((step, int((~kept).sum()), int(kept.sum())))
        return table[kept]

    named = {"survey.link_column": study.survey.link_column} if study.survey.link_column else {}
    if consent := study.survey.consent:
        named["survey.consent.column"] = consent.column
    named |= {f"survey.groupings.{name}.column": grouping.column for name, grouping in study.survey.groupings.items()}
    named |= {f"codebook.csv, item {row.item}": row.column for row in study.codebook.itertuples()}
    for asked_by, column in named.items():
        if column not in table:
            raise WorkbookError(
                path, "header", f"no column {column!r}, which {asked_by} names",
                "one of " + ", ".join(name for name in table.columns if name not in {"row", *TECHNICAL.values()}),
                "correct the column's name in the study, or export the survey again with that question",
            )  # fmt: skip
    status = table["status"].str.casefold()
    # The label of the status is in the user's language; the channel "preview" is not.
    not_real = status.isin(NOT_REAL_CODES) | status.str.contains(NOT_REAL_LABELS) | table["channel"].eq("preview")
    table = keep(table, "Survey previews, tests and spam", ~not_real)
    table = keep(table, "Second copies of one response", ~table["record_id"].duplicated())
    if consent:
        table = keep(table, "No consent", table[consent.column].str.casefold() == consent.response.casefold())
    if table.empty:
        raise WorkbookError(
            path, "", "no response left after previews, second copies and missing consent", "at least one response",
            "export the survey again, or leave this wave out of survey.files",
        )  # fmt: skip
    return table.assign(file=errors.shown_path(path)), pd.DataFrame(steps, columns=["step", "excluded", "remaining"])
