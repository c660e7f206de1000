"""Choose the reader for a coded file.

We recognise a file by its content, not only by its ending: the tidy CSV or XLSX sheet, Taguette (CSV, XLSX, SQLite),
QualCoder (database, report CSV), REFI-QDA projects (.qdpx) and codebooks (.qdc).
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from helpers.interviews.coded import QUALCODER_COLUMNS, TAGUETTE_COLUMNS, TIDY_COLUMNS, Coded, name_columns, read_tidy
from helpers.interviews.qualcoder import read_qualcoder_database, read_qualcoder_report
from helpers.interviews.refi import read_project
from helpers.interviews.taguette import read_taguette, read_taguette_database
from helpers.study.errors import WorkbookError
from helpers.study.files import find_kind, query, read_bytes
from helpers.study.sheets import read_sheets, shorten

SHEETS = [
    (TIDY_COLUMNS, read_tidy), (TAGUETTE_COLUMNS, read_taguette), (QUALCODER_COLUMNS, read_qualcoder_report),
]  # fmt: skip
DATABASES = [
    (("highlights", "documents", "tags", "highlight_tags"), read_taguette_database),
    (("code_text", "code_name", "code_cat", "source", "cases", "case_text"), read_qualcoder_database),
]


def read_coded(path: Path) -> Coded:
    """Read a file of coded interviews, recognised by its content."""
    content = read_bytes(path)
    kind = find_kind(content)
    if kind == "archive":
        return read_project(path, content)
    if kind == "database":
        return _read_database(path)
    if kind == "xml":
        remedy = "name the project (.qdpx) or a table of segments"
        raise WorkbookError(path, "", "an XML file (a codebook?)", "coded segments", remedy)
    sheets = read_sheets(path, content)
    for columns, reader in SHEETS:
        named = [name_columns(sheet) for sheet in sheets] if reader is read_tidy else sheets
        if matching := [sheet for sheet in named if set(columns) <= set(sheet.header)]:
            return reader(matching)
    found, expected = shorten(sheets[0].header), "participant, code, text; or an export of Taguette or QualCoder"
    raise WorkbookError(path, "header", found, expected, "rename the columns, or export the coding again")


def _read_database(path: Path) -> Coded:
    """Read a SQLite project of Taguette or QualCoder, opened so that no file is ever written next to it."""
    unwritten = path.with_name(path.name + "-wal")
    if unwritten.is_file() and unwritten.stat().st_size:
        found = "changes that the tool has not written yet"
        raise WorkbookError(path, "", found, "a closed project", "close it in the coding tool")
    with closing(sqlite3.connect(path.resolve().as_uri() + "?mode=ro&immutable=1", uri=True)) as connection:
        # The file comes from outside, so its views and functions must not run.
        query(connection, path, "PRAGMA trusted_schema = OFF")
        tables = set(query(connection, path, "SELECT name FROM sqlite_master WHERE type = 'table'")["name"])
        for needed, reader in DATABASES:
            if tables.issuperset(needed):
                return reader(connection, path)
    found, remedy = shorten(sorted(tables)), "export the project from the coding tool"
    raise WorkbookError(path, "", f"tables {found}", "a project of Taguette or QualCoder", remedy)
