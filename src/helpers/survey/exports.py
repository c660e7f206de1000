"""Read a survey export: recognise its layout, set aside rows that are not real responses, and count them by kind."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from helpers.study.definition import Study
from helpers.study.errors import WorkbookError, raise_all, suggest
from helpers.study.sheets import Sheet, frame_sheet, read_sheets, shorten

# Technical columns are known by Qualtrics' own identifier: their names change with the account's language.
TECHNICAL = {
    "_recordId": "record_id", "status": "status", "duration": "duration_seconds", "distributionChannel": "channel",
}  # fmt: skip
# The names used by older exports (two header rows; text under V1 … V10) and by plain tables (the columns' own names).
OLDER = {
    **dict.fromkeys(["ResponseID", "ResponseId", "Response ID", "Respondent ID"], "record_id"), "Status": "status",
}  # fmt: skip
# Rows that are not real responses: Qualtrics' status code, or words from its label in the languages seen so far.
NOT_REAL = {
    "Survey previews": ({"1", "9", "17"}, r"preview|vorschau|aperçu|vista previa|anteprima|voorbeeld|förhandsgranskning"),
    "Survey tests": ({"2"}, r"\btest"),
    "Spam": ({"8", "12", "40"}, r"spam"),
    "Synthetic responses": ({"256"}, r"synthet|synthét|sintétic"),
}
REAL = {"", "0", "4", "16", "32", "48", "132", "ip address", "imported", "offline", "offline response", "ex", "ex offline"}
TOTAL = r"(?i)(grand )?totals?|sum|gesamt|summe|somme|totaal|totale|suma|mean|average|mittelwert|moyenne|media|count|n ?= ?\d+"


@dataclass(frozen=True)
class Export:
    """One export: its `layout` in plain words, Qualtrics' column identifiers where there are any, and hidden sheets left out.

    `answers`: text under the file's own headings; each row is one response, and the index says where it is ("row 4").
    `technical`: `record_id, status, duration_seconds, channel` of the same rows, empty where the file has none. A response
    without an id gets its place as id, so that two responses are never mistaken for copies.
    `headers`: the header rows below the column names, including Qualtrics' question texts and identifiers.
    """

    path: Path
    layout: str
    headers: pd.DataFrame
    answers: pd.DataFrame
    technical: pd.DataFrame
    identifiers: dict[str, str]
    hidden: tuple[str, ...]


def read_export(path: Path, named: Collection[str] = ()) -> Export:
    """Read a survey export as text.

    Below the field names, Qualtrics has two more header rows (question texts, which may have been deleted, and import
    identifiers). Its older layout has only the texts, and a plain table has neither. SurveyMonkey's second row, which splits a
    question into columns, is added to the column names. In a plain table, any column that the study names (`named`) holds
    answers, even one called Status. In a workbook we read the sheet with those columns, or else the largest sheet.
    """
    raw = read_sheets(path)
    sheets = [join_headers(sheet) for sheet in raw]
    largest = max(sheets, key=lambda sheet: sheet.cells.size, default=None)
    sheet = next((sheet for sheet in sheets if named and {*named} <= {*sheet.header}), largest)
    if sheet is None or not sheet.header:
        raise WorkbookError(path, "", "no table", "an export of the survey", "export it again")
    table = frame_sheet(sheet)
    found = [find_identifiers(table, row) for row in range(min(2, len(table)))]
    if any(found):
        headers = 1 if found[0] else 2
        identifiers = found[headers - 1]
        layout = f"Qualtrics, {headers + 1} header rows"
        technical = {TECHNICAL[key]: name for name, key in identifiers.items() if key in TECHNICAL}
    else:
        texts = table.iloc[0].to_dict() if len(table) else {}
        headers = int(bool({*texts.values()} & (OLDER.keys() - {"Status"})))
        plain = "a plain table" if any(sheet is other for other in raw) else "SurveyMonkey, 2 header rows"
        layout = "Qualtrics, 2 header rows" if headers else plain
        identifiers, technical = {}, {}
        for name in table:
            role = OLDER.get(texts[name] if headers and re.fullmatch(r"V\d+", name) else name)
            if role and (headers or name not in named):
                technical.setdefault(role, name)
    answers = table.iloc[headers:]
    columns = {role: answers[technical[role]] if role in technical else "" for role in TECHNICAL.values()}
    own = pd.DataFrame(columns, index=answers.index, dtype="str")
    own["record_id"] = own["record_id"].where(own["record_id"] != "", answers.index.to_series())
    return Export(path, layout, table.iloc[:headers], answers, own, identifiers, sheet.hidden)


def join_headers(sheet: Sheet) -> Sheet:
    """Join SurveyMonkey's two header rows: the question is above the first of its columns, its parts are below.

    We recognise the second row by its blanks under ids and dates, and by a part below a column without a name.
    """
    below = [] if sheet.cells.empty else sheet.cells.iloc[0].to_list()
    header = [*sheet.header, *[""] * (len(below) - len(sheet.header))]
    pairs = list(zip(header, below, strict=True)) if below else []
    parted = any(part and not name for name, part in pairs) or {"Response", "Open-Ended Response"} & {*below}
    if any(below[:3]) or not parted or not re.search(r"(?i)\bid\b", header[0]):
        return sheet
    questions = pd.Series(header).replace("", None).ffill()
    parts = pd.Series(below).where(questions.duplicated(keep=False), "")
    names = parts.where(parts != "", questions)
    names = names.mask(names.duplicated(keep=False) & (parts != ""), questions + ": " + parts)
    names = names.where((pd.Series(header) != "") | (pd.Series(below) != ""), "")
    return replace(sheet, header=names.to_list(), cells=sheet.cells.iloc[1:])


def find_identifiers(table: pd.DataFrame, row: int) -> dict[str, str]:
    """The import identifiers in a row, by column; empty for any other row. A column added by hand has no identifier."""
    cells = table.iloc[row]
    cells = cells[cells != ""]
    found = cells.str.extract(r"""^\{\s*["']?ImportId["']?\s*:\s*["']([^"']*)["'].*\}$""")[0]
    return found.to_dict() if len(found) and found.notna().all() else {}


def exclude_rows(export: Export, study: Study) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, tuple[int, int]]]:
    """Set aside previews, tests, spam, totals, second copies of a response and people who gave no consent; count each kind.

    Returns the answers and technical columns of the rows that are kept (including people who answered no item), and for each
    kind how many rows were set aside and how many were kept with a note. Raises a `WorkbookError` if the file holds
    several REDCap events, or if no response is left.
    """
    answers, technical, path = export.answers, export.technical, export.path
    counts = {"Rows in the export": (0, 0)}

    def exclude(kind: str, wrong: pd.Series) -> None:
        nonlocal answers, technical
        if wrong.any():
            counts[kind] = (int(wrong.sum()), 0)
            answers, technical = answers[~wrong], technical[~wrong]

    def note(kind: str, rows: pd.Series) -> None:
        if rows.any():
            counts[kind] = (0, int(rows.sum()))

    for kind, (codes, words) in NOT_REAL.items():
        status = technical["status"].str.casefold()
        channel = technical["channel"].eq("preview") & (kind == "Survey previews")
        exclude(kind, status.isin(codes) | status.str.contains(words) | channel)
    first = answers.iloc[:, 0]
    for _, column in answers.iloc[:, 1:3].items():
        first = first.where(first != "", column)
    exclude("Rows of totals", first.str.fullmatch(TOTAL))
    unknown = technical["status"][~technical["status"].str.casefold().isin(REAL)]
    for status in unknown.unique():
        note(f"Kept, with the unknown status “{status}”", unknown.eq(status))
    twice = technical["record_id"].duplicated(keep=False)
    same = answers[twice].assign(id=technical["record_id"]).duplicated()
    exclude("Second copies of one response", same.reindex(answers.index, fill_value=False))
    note("Kept, different answers under one id", technical["record_id"].duplicated())
    if consent := study.survey.consent:
        given = answers[consent.column].map(fold)
        refused = answers[consent.column][given != fold(consent.response)]
        exclude("No consent", given != fold(consent.response))
        for answer in refused[refused != ""].unique():
            note(f"Among those without consent, with the answer “{answer}”", refused.eq(answer))
        if answers.empty and len(refused):
            found = f"only {shorten(repr(answer) for answer in refused.unique())}"
            remedy = "write survey.consent.response in study.yml as the export has it"
            raise WorkbookError(path, f"column {consent.column}", found, f"the consent {consent.response!r}", remedy)
    if answers.empty:
        raise WorkbookError(
            path, "", "no response left after previews and second copies", "at least one response",
            "export the survey again, or leave this wave out of survey.files",
        )  # fmt: skip
    return answers, technical, counts


def list_named(study: Study) -> dict[str, str]:
    """Every export column that the study names; the key says where it is named."""
    named = {"survey.link_column": study.survey.link_column} if study.survey.link_column else {}
    if study.survey.consent:
        named["survey.consent.column"] = study.survey.consent.column
    named |= {f"survey.free_text.{column}": column for column in study.survey.free_text}
    named |= {f"survey.groupings.{name}.column": grouping.column for name, grouping in study.survey.groupings.items()}
    return named | {f"codebook.csv, item {row.item}": row.column for row in study.codebook.itertuples()}


def check_columns(export: Export, study: Study) -> None:
    """Check that every column that the study names is there, and that the file holds one event."""
    named, header = list_named(study), export.answers.columns
    remedy = "correct the column's name in the study, or export the survey again with that question"
    missing = [
        WorkbookError(
            export.path, "header", f"no column {column!r}, which {asked_by} names", "one of " + shorten(header, 40),
            suggest(column, header, remedy),
        )
        for asked_by, column in named.items()
        if column not in header
    ]  # fmt: skip
    raise_all(missing)
    events = export.answers.get("redcap_event_name", pd.Series(dtype="str")).unique()
    if len(events) > 1 and "redcap_event_name" not in named.values():
        raise WorkbookError(
            export.path, "column redcap_event_name", f"the events {', '.join(events)}", "one event",
            "export each event to a separate file, and name each in survey.files as a wave",
        )  # fmt: skip


def fold(text: str) -> str:
    """An answer without differences in case and spacing."""
    return " ".join(text.casefold().split())
