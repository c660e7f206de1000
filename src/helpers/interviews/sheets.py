"""Sheets of CSV and XLSX files, found by their columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from helpers.interviews.coded import Coded, frame_rows, list_codes
from helpers.interviews.files import MOST_CELLS, check_document, decode_text, is_database, is_xml, is_zip, refuse_damaged
from helpers.study.errors import WorkbookError


@dataclass(frozen=True)
class Sheet:
    """A table of text cells: a CSV file, or one sheet of a workbook; rows by their number in it, blank ones left out."""

    file: Path
    place: str
    header: list[str]
    rows: dict[int, list[str]]

    def row_place(self, number: int) -> str:
        return f"{self.place}row {number}"


def is_sheet(content: bytes) -> bool:
    """A CSV file or a spreadsheet, and not a project or a database."""
    if is_zip(content):
        return b"xl/workbook.xml" in content
    return not is_database(content) and not is_xml(content)


def refuse_blank(table: pd.DataFrame, columns: list[str], path: Path) -> None:
    for name in columns:
        blank = table[name].isna() | (table[name] == "")
        if blank.any():
            raise WorkbookError(
                path, f"{table.loc[blank, 'place'].iloc[0]}, column {name}", "an empty cell", "a value", "fill it in"
            )


def refuse_repeats(table: pd.DataFrame, name: str, path: Path) -> None:
    twice = table[table[name].duplicated()]
    if len(twice):
        raise WorkbookError(
            path, f"{twice['place'].iloc[0]}, column {name}", f"{twice[name].iloc[0]!r} a second time", "each once",
            "take one of the two out, or name them differently",
        )  # fmt: skip


def refuse_others(table: pd.DataFrame, name: str, known: Iterable[str], path: Path, remedy: str) -> None:
    """Refuse a value that is not known; an empty cell is none."""
    for row, value in table.loc[table[name].notna() & (table[name] != "") & ~table[name].isin(known), name].items():
        raise WorkbookError(
            path, f"{table['place'][row]}, column {name}", repr(value), "one of " + ", ".join(known), remedy
        )  # fmt: skip


def read_sheets(path: Path, content: bytes) -> list[Sheet]:
    """The file's tables as text: one for a CSV, one a sheet for an XLSX."""
    if is_zip(content):
        return _read_workbook(path, content)
    try:
        lines = list(csv.reader(io.StringIO(decode_text(path, content), newline=""), strict=True))
    except csv.Error as error:
        refuse_damaged(path, error, "a CSV file")
    return [_make_sheet(path, "", lines)]


def _read_workbook(path: Path, content: bytes) -> list[Sheet]:
    import openpyxl

    check_document(path, content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheets, cells = [], 0
        for sheet in book.worksheets:
            # What a sheet says of its own size may be wrong, by a mistake or on purpose.
            sheet.reset_dimensions()
            lines = []
            for line in sheet.values:
                cells += len(line)
                if cells > MOST_CELLS:
                    raise WorkbookError(
                        path, f"sheet {sheet.title}", f"more than {MOST_CELLS:,} cells", "a table of segments",
                        "delete what stands far from the table, and save again",
                    )  # fmt: skip
                lines.append(["" if cell is None else str(cell) for cell in line])
            width = len(lines[0]) if lines else 0
            lines = [line + [""] * (width - len(line)) if line else line for line in lines]
            sheets.append(_make_sheet(path, f"sheet {sheet.title}, ", lines))
    except WorkbookError:
        raise
    except Exception as error:  # openpyxl raises almost anything on a damaged file
        refuse_damaged(path, error, "a workbook (XLSX)")
    return sheets


def _make_sheet(path: Path, place: str, lines: list[list[str]]) -> Sheet:
    lines = [[cell.strip() for cell in line] for line in lines] or [[]]
    while lines[0] and not lines[0][-1]:
        lines[0].pop()
    return Sheet(path, place, lines[0], {number: line for number, line in enumerate(lines[1:], start=2) if any(line)})


def read_table(path: Path, content: bytes, needed: str) -> pd.DataFrame:
    """The first sheet with a certain column, as `frame_sheet` makes it."""
    sheets = read_sheets(path, content)
    for sheet in sheets:
        if needed in sheet.header:
            return frame_sheet(sheet)
    found = ", ".join(sheets[0].header)[:200] if sheets else ""
    raise WorkbookError(
        path, "header", found or "nothing", f"a column {needed!r}", "add the column or correct its name"
    )  # fmt: skip


def frame_sheet(sheet: Sheet) -> pd.DataFrame:
    """A sheet as a table of text with a column `place`; every row must be as long as the header."""
    width = len(sheet.header)
    if len(set(sheet.header)) < width:
        twice = next(name for name in sheet.header if sheet.header.count(name) > 1)
        raise WorkbookError(sheet.file, f"{sheet.place}header", f"the column {twice!r} twice", "each column once", "rename one")
    for number, row in sheet.rows.items():
        if len(row) < width or any(row[width:]):
            raise WorkbookError(
                sheet.file, sheet.row_place(number), f"{len(row)} cells", f"{width}, as in the header",
                "save it again as CSV (UTF-8), texts with commas in quotation marks",
            )  # fmt: skip
    table = pd.DataFrame([row[:width] for row in sheet.rows.values()], columns=sheet.header, dtype="str")
    return table.assign(place=pd.Series(list(map(sheet.row_place, sheet.rows)), dtype="str"))


def frame_sheets(sheets: list[Sheet], filled: list[str]) -> pd.DataFrame:
    """Sheets of one layout as one table, as `frame_sheet` makes them; no cell of the columns `filled` may be empty."""
    table = pd.concat([frame_sheet(sheet) for sheet in sheets], ignore_index=True)
    refuse_blank(table, filled, sheets[0].file)
    return table


def read_tidy(sheets: list[Sheet]) -> Coded:
    """The tidy table: `segment, participant, code, text`, and if known `source, coder, theme`."""
    rows = frame_rows(frame_sheets(sheets, ["segment", "participant", "code"]))
    return Coded("table of segments", rows, list_codes(rows))
