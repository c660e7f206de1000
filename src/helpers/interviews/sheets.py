"""Sheets of CSV and XLSX files, found by their columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from helpers.interviews.coded import Coded, frame_rows, list_codes
from helpers.interviews.files import MOST_CELLS, check_document, decode_text, find_kind, refuse_damaged, refuse_rows
from helpers.study.errors import WorkbookError


@dataclass(frozen=True)
class Sheet:
    """A table of text cells: a CSV file, or one sheet of a workbook; rows by their place in it, blank ones left out."""

    file: Path
    place: str
    header: list[str]
    rows: dict[str, list[str]]


def refuse_blank(table: pd.DataFrame, columns: list[str], path: Path) -> None:
    for name in columns:
        refuse_rows(table[table[name].isna() | (table[name] == "")], path, "an empty cell", "a value", "fill it in", name)


def refuse_repeats(table: pd.DataFrame, name: str, path: Path) -> None:
    remedy = "take one of the two out, or name them differently"
    refuse_rows(table[table[name].duplicated()], path, "{value!r} a second time", "each once", remedy, name)


def refuse_others(table: pd.DataFrame, name: str, known: Iterable[str], path: Path, remedy: str) -> None:
    """Refuse a value that is not known; an empty cell is none."""
    others = table[table[name].notna() & (table[name] != "") & ~table[name].isin(known)]
    refuse_rows(others, path, "{value!r}", "one of " + ", ".join(known), remedy, name)


def read_sheets(path: Path, content: bytes) -> list[Sheet]:
    """The file's tables as text: one for a CSV, one a sheet for an XLSX."""
    if find_kind(content) == "workbook":
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
            lines: list[Sequence[object]] = []
            for line in sheet.values:
                cells += len(line)
                if cells > MOST_CELLS:
                    expected, remedy = "a table of segments", "delete what stands far from the table, and save again"
                    raise WorkbookError(path, f"sheet {sheet.title}", f"more than {MOST_CELLS:,} cells", expected, remedy)
                # A row ends here with its last cell; in a table it is as long as the header.
                lines.append([*line, *[None] * (len(lines[0]) - len(line))] if line and lines else line)
            sheets.append(_make_sheet(path, f"sheet {sheet.title}, ", lines))
    except WorkbookError:
        raise
    except Exception as error:  # openpyxl raises almost anything on a damaged file
        refuse_damaged(path, error, "a workbook (XLSX)")
    return sheets or [_make_sheet(path, "", [])]


def _make_sheet(path: Path, place: str, lines: Iterable[Sequence[object]]) -> Sheet:
    header, *others = [["" if cell is None else str(cell).strip() for cell in line] for line in lines] or [[]]
    while header and not header[-1]:
        header.pop()
    return Sheet(path, place, header, {f"{place}row {number}": row for number, row in enumerate(others, start=2) if any(row)})


def read_table(path: Path, content: bytes, needed: str) -> pd.DataFrame:
    """The first sheet with a certain column, as `frame_sheet` makes it."""
    sheets = read_sheets(path, content)
    for sheet in sheets:
        if needed in sheet.header:
            return frame_sheet(sheet)
    found = ", ".join(sheets[0].header)[:200] or "nothing"
    raise WorkbookError(path, "header", found, f"a column {needed!r}", "add the column or correct its name")


def frame_sheet(sheet: Sheet) -> pd.DataFrame:
    """A sheet as a table of text with a column `place`; every row must be as long as the header."""
    width = len(sheet.header)
    if twice := [name for name in sheet.header if sheet.header.count(name) > 1]:
        raise WorkbookError(sheet.file, f"{sheet.place}header", f"the column {twice[0]!r} twice", "each once", "rename one")
    for place, row in sheet.rows.items():
        if len(row) < width or any(row[width:]):
            remedy = "save it again as CSV (UTF-8), texts with commas in quotation marks"
            raise WorkbookError(sheet.file, place, f"{len(row)} cells", f"{width}, as in the header", remedy)
    table = pd.DataFrame([row[:width] for row in sheet.rows.values()], columns=sheet.header, dtype="str")
    return table.assign(place=pd.Series(list(sheet.rows), dtype="str"))


def frame_sheets(sheets: list[Sheet], filled: list[str]) -> pd.DataFrame:
    """Sheets of one layout as one table, as `frame_sheet` makes them; no cell of the columns `filled` may be empty."""
    table = pd.concat([frame_sheet(sheet) for sheet in sheets], ignore_index=True)
    refuse_blank(table, filled, sheets[0].file)
    return table


def read_tidy(sheets: list[Sheet]) -> Coded:
    """The tidy table: `segment, participant, code, text`, and if known `source, coder, theme`."""
    rows = frame_rows(frame_sheets(sheets, ["segment", "participant", "code"]))
    return Coded("table of segments", rows, list_codes(rows))
