"""Read tables from the files that tools write: CSV (with commas or tabs, in UTF-8 or UTF-16), XLSX and SPSS.

We read what is certain and refuse the rest, naming its place. We guess nothing, and name what we leave out.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

import pandas as pd

from helpers.study import files
from helpers.study.errors import WorkbookError, find_nearest, raise_all

SAVE_AGAIN = 'save it as XLSX, or again as CSV in UTF-8 with commas, any text that holds a comma in quotation marks ("12,5")'
UNQUOTED = 'put each text that holds a comma in quotation marks ("12,5")'

# A cell may be as long as the whole file.
csv.field_size_limit(files.MOST_BYTES)
# Marks a formula without a value until the table is used. Its end is no zero character, which numpy would drop.
NEVER_CALCULATED = "\0 formula"
# Letters at the beginning of a CSV in which we look for the mark that separates its columns.
MOST_SEEN = 1_000_000


@dataclass(frozen=True)
class Sheet:
    """A table of text cells: a CSV or SPSS file, or one visible sheet of a workbook.

    `place` is the text before "row 2" in a message; empty except in a workbook. `cells` are text, with blanks as empty strings,
    in numbered columns (more than in the header if rows are longer); the index is the row's number in the file. Empty rows and
    lines above the header are left out. `hidden` lists the hidden sheets, which are left out. `refused` is the reason why it
    cannot be a table: a row shorter than the header, or merged cells.
    """

    file: Path
    place: str
    header: list[str]
    cells: pd.DataFrame
    hidden: tuple[str, ...] = ()
    refused: WorkbookError | None = None


def read_sheets(path: Path, content: bytes | None = None) -> list[Sheet]:
    """The file's tables (in an XLSX, each visible sheet); a `WorkbookError` if we cannot read it with certainty."""
    content = files.read_bytes(path) if content is None else content
    if not content.strip():
        raise WorkbookError(path, "", "an empty file", "a table (CSV, XLSX or SPSS)", "export it again, or copy it whole")
    kind = files.find_kind(content)
    if kind == "old":
        raise WorkbookError(path, "", "an old Office file, or one with a password", "an XLSX or CSV", "save it again as XLSX")
    if kind in {"workbook", "archive"}:
        return _read_workbook(path, content)
    if content.startswith((b"$FL2", b"$FL3")):
        return [_read_spss(path)]
    lines = _read_text(path, files.decode_text(path, content))
    sheet = _make_sheet(path, "", _frame_lines(lines))
    width = len(sheet.header)
    # We cannot know whether a cell is lost in the middle, or blank cells at the end.
    short = next((number for number in sheet.cells.index if len(lines[number]) < width), None)
    if short is None:
        return [sheet]
    remedy = "add what is missing, or save the table as XLSX, in which every cell has its place"
    found = f"{len(lines[short])} cell{'s' * (len(lines[short]) > 1)}"
    return [replace(sheet, refused=WorkbookError(path, f"row {short}", found, f"{width}, as in the header", remedy))]


def _read_text(path: Path, text: str) -> dict[int, list[str]]:
    """A CSV's cells by row. We read strictly: a lone quotation mark may mean a damaged cell, which pandas silently repairs."""
    declared = re.match(r"sep=(.)\r?\n", text)
    start = text[declared.end() :] if declared else text
    mark = declared[1] if declared else _find_separator(path, start)
    reader = csv.reader(io.StringIO(start, newline=""), delimiter=mark, strict=True)
    lines, begun = [], 0
    try:
        for line in reader:
            lines.append(line)
            begun = reader.line_num
    except csv.Error as error:
        place, found = f"line {begun + 1 + bool(declared)}", "a quotation mark that is not closed, or that is inside text"
        remedy = 'close it, or write it twice inside text: "the ""old"" one"'
        raise WorkbookError(path, place, f"{found} ({error})", "marks in pairs around text", remedy) from None
    return dict(enumerate(lines, start=2 if declared else 1))


def _frame_lines(lines: dict[int, list[str]]) -> pd.DataFrame:
    width = max(map(len, lines.values()), default=0)
    cells = [[*map(str.strip, line), *[""] * (width - len(line))] for line in lines.values()]
    return pd.DataFrame(cells, index=[*lines], dtype="str")


def _find_separator(path: Path, text: str) -> str:
    """The mark that splits most of the first lines; semicolons are refused, because decimal commas often go with them."""
    parted = {}
    for mark in (",", "\t", ";"):
        first = islice(csv.reader(io.StringIO(text[:MOST_SEEN], newline=""), delimiter=mark), 20)
        parted[mark] = [len(line) for line in first if len(line) > 1]
    most = max(parted, key=lambda mark: (len(parted[mark]), sum(parted[mark])))
    if most == ";":
        raise WorkbookError(path, "header", "columns separated by semicolons", "columns separated by commas", SAVE_AGAIN)
    return most


def _read_workbook(path: Path, content: bytes) -> list[Sheet]:
    import openpyxl

    files.check_document(path, content)
    try:
        with files.open_archive(path, content) as archive:
            names = [name for name in archive.namelist() if "/worksheets/" in name]
            parts = {name: files.read_entry(path, archive, name) for name in names}
        formulas = any(b"<f" in part for part in parts.values())
        seen = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        written = openpyxl.load_workbook(io.BytesIO(content), read_only=True) if formulas else None
        shown = [sheet.title for sheet in seen.worksheets if sheet.sheet_state == "visible"]
        hidden = tuple(sheet.title for sheet in seen.worksheets if sheet.title not in shown)
        sheets, cells = [], 0
        for title in shown:
            lines: dict[int, list[str]] = {}
            # The size that a sheet declares may be wrong, by mistake or on purpose.
            for book in filter(None, (seen, written)):
                book[title].reset_dimensions()
            for number, line in enumerate(seen[title].values, start=1):
                cells += len(line)
                if cells > files.MOST_CELLS:
                    found = f"more than {files.MOST_CELLS:,} cells"
                    remedy = "delete everything far from the table, and save it again"
                    raise WorkbookError(path, f"sheet {title}", found, "a table", remedy)
                if any(value is not None for value in line):
                    lines[number] = [_show_cell(value) for value in line]
            if written:
                _mark_lost(lines, seen[title].iter_rows(), written[title].values)
            merged = re.findall(rb"<mergeCell [^>]*?ref=\"(\w+:\w+)\"", parts.get(seen[title]._worksheet_path.lstrip("/"), b""))
            table = _frame_lines(dict(sorted(lines.items())))
            sheets.append(_make_sheet(path, f"sheet {title}, ", table, hidden, [area.decode() for area in merged]))
    except WorkbookError:
        raise
    except Exception as error:  # openpyxl raises almost anything on a damaged file
        files.refuse_damaged(path, error, "a workbook (XLSX)")
    return sheets


def _mark_lost(lines: dict[int, list[str]], shown: Iterable, written: Iterable) -> None:
    """Mark cells that have a formula but no value; a formula that gave empty text has a value, of the type "str"."""
    for number, row in enumerate(zip(shown, written, strict=True), start=1):
        cells = list(zip(*row, strict=True))
        lost = [cell.value is None and formula is not None and cell.data_type != "str" for cell, formula in cells]
        if any(lost):
            known = lines.get(number, [""] * len(lost))
            lines[number] = [NEVER_CALCULATED if never else cell for cell, never in zip(known, lost, strict=True)]


def _show_cell(value: object) -> str:
    """A cell as a reader sees it: a date without a time of day, a whole number without decimals."""
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _read_spss(path: Path) -> Sheet:
    """Read an SPSS file, with value labels if there are any, including those of user-missing values (often "not relevant")."""
    import pyreadstat

    try:
        table, known = pyreadstat.read_sav(path, apply_value_formats=True, user_missing=True, formats_as_category=False)
    except pyreadstat.ReadstatError as error:
        files.refuse_damaged(path, error, "an SPSS file")
    for name, labels in known.variable_value_labels.items():
        if len({str(label).strip().casefold() for label in labels.values()}) < len(labels):
            found = "one label for two values, which could not be told apart"
            raise WorkbookError(path, f"column {name}", found, "a different label for each value", "rename one in SPSS")
    lines = [table.columns, *table.astype(object).to_numpy()]
    cells = [["" if pd.isna(value) else _show_cell(value) for value in line] for line in lines]
    return _make_sheet(path, "", _frame_lines(dict(enumerate(cells, start=1))))


def _make_sheet(path: Path, place: str, cells: pd.DataFrame, hidden: tuple[str, ...] = (), merged: Iterable[str] = ()) -> Sheet:
    """The header is the first row with more than one filled cell, or the first filled row of a table of one column."""
    filled = (cells != "").sum(axis=1)
    cells = cells[filled > 0]
    if cells.empty:
        return Sheet(path, place, [], cells, hidden)
    top = filled[filled > 0].gt(1).idxmax()
    header = cells.loc[top].to_list()
    while header and not header[-1]:
        header.pop()
    sheet = Sheet(path, place, header, cells[cells.index > top], hidden)
    for area in [area for area in merged if int(re.search(r"\d+$", area)[0]) >= top][:1]:
        found, remedy = "merged cells, of which all but the first are empty", "unmerge them, and write the value into each cell"
        refused = WorkbookError(path, f"{place}cells {area}", found, "a value in each cell", remedy)
        sheet = replace(sheet, refused=refused)
    return sheet


def frame_sheet(sheet: Sheet) -> pd.DataFrame:
    """A sheet as a table under its own headings; the index is the row's place in the file, "row 2" or "sheet A, row 2".

    Columns with a blank heading are left out. Raises a `WorkbookError` for a repeated heading, a filled cell beyond the header,
    merged cells, or a formula without a value.
    """
    if sheet.refused:
        raise sheet.refused
    width = len(sheet.header)
    beyond = sheet.cells.loc[(sheet.cells.iloc[:, width:] != "").any(axis=1)] if width < sheet.cells.shape[1] else []
    if len(beyond):
        last = int((beyond.iloc[0] != "").to_numpy().nonzero()[0][-1]) + 1
        place = f"{sheet.place}row {beyond.index[0]}"
        raise WorkbookError(sheet.file, place, f"{last} cells", f"{width}, as in the header", UNQUOTED)
    table = sheet.cells.iloc[:, :width].set_axis(sheet.header, axis=1)
    table.index = [f"{sheet.place}row {number}" for number in table.index]
    if twice := [name for name in sheet.header if name and sheet.header.count(name) > 1]:
        found, remedy = f"the column {twice[0]!r} twice", "rename or remove one of the two"
        raise WorkbookError(sheet.file, f"{sheet.place}header", found, "each column once", remedy)
    table = table.loc[:, table.columns != ""]
    for place, row in table[table.eq(NEVER_CALCULATED).any(axis=1)].iterrows() if sheet.place else []:
        raise WorkbookError(
            sheet.file, f"{place}, column {row.eq(NEVER_CALCULATED).idxmax()}", "a formula whose value was never calculated",
            "a value", "open the file in a spreadsheet program and save it, or replace formulas with their values",
        )  # fmt: skip
    return table


def read_table(path: Path, columns: Iterable[str] = (), content: bytes | None = None) -> pd.DataFrame:
    """The first sheet of a file that has these columns, as a table (see `frame_sheet`); a `WorkbookError` if none has."""
    sheets = read_sheets(path, content)
    chosen = next((sheet for sheet in sheets if set(columns) <= set(sheet.header)), sheets[0] if sheets else None)
    if chosen is None:
        raise WorkbookError(path, "", "a workbook without a visible sheet", "a table", "show the sheet that holds it")
    table = frame_sheet(chosen)
    refuse_header(path, table.columns, columns)
    return table


def refuse_header(path: Path, header: Iterable[str], columns: Iterable[str], why: str = "", remedy: str = "add it") -> None:
    """Refuse a table without the columns that it must have."""
    near = {column: find_nearest(column, header) for column in columns if column not in header}
    mend = {column: f"rename {name!r}, or {remedy}" if name else remedy for column, name in near.items()}
    raise_all(WorkbookError(path, "header", shorten(header), f"a column {name!r}{why}", each) for name, each in mend.items())


def shorten(names: Iterable[str], most: int = 20) -> str:
    """List names in a message; if there are too many, leave some out, but cut none."""
    first = list(islice(names, most + 1))
    return ", ".join([*first[:most], "…"] if len(first) > most else first) or "nothing"


# --- cells ------------------------------------------------------------------------------------------------------------
def refuse_blank(table: pd.DataFrame, columns: list[str], path: Path) -> None:
    """Refuse an empty cell in these columns; the index gives a row's place."""
    for name in columns:
        blank = table[name].isna() | (table[name] == "")
        files.refuse_rows(table[blank], path, "an empty cell", "a value", "fill it in", name)


def refuse_repeats(table: pd.DataFrame, name: str, path: Path, fold: Callable[[str], str] = str) -> None:
    """Refuse a repeated value; values are compared after `fold`."""
    remedy = "remove one of the two, or name them differently"
    twice = table[table[name].map(fold).duplicated()]
    files.refuse_rows(twice, path, "{value!r} a second time", "each once", remedy, name)


def refuse_others(table: pd.DataFrame, name: str, known: Iterable[str], path: Path, remedy: str) -> None:
    """Refuse an unknown value; empty cells are allowed."""
    others = table[table[name].notna() & (table[name] != "") & ~table[name].isin(known)]
    files.refuse_rows(others, path, "{value!r}", "one of " + shorten(known), remedy, name, known)
