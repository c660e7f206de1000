"""Which reader a coded file needs.

A file is recognised by what it holds, not by its ending alone: the tidy CSV or XLSX sheet, Taguette (CSV, XLSX, SQLite),
QualCoder (database, report CSV), REFI-QDA projects (.qdpx) and codebooks (.qdc).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from helpers.interviews.coded import QUALCODER_COLUMNS, TAGUETTE_COLUMNS, TIDY_COLUMNS, Coded, read_tidy
from helpers.interviews.qualcoder import read_qualcoder_database, read_qualcoder_report
from helpers.interviews.refi import read_project
from helpers.interviews.taguette import read_taguette, read_taguette_database
from helpers.study.errors import WorkbookError
from helpers.study.files import is_database, is_xml, is_zip, query, read_bytes
from helpers.study.sheets import Sheet, is_sheet, read_sheets


def read_coded(path: Path) -> Coded:
    """Read a file of coded interviews by what it holds."""
    content = read_bytes(path)
    if is_zip(content) and not is_sheet(content):
        return read_project(path, content)
    if is_database(content):
        return _read_database(path)
    if is_xml(content):
        raise WorkbookError(
            path, "", "an XML file (a codebook?)", "coded segments", "name the project (.qdpx) or a table of segments"
        )
    sheets = read_sheets(path, content)
    readers: list[tuple[list[str], Callable[[list[Sheet]], Coded]]] = [
        (TIDY_COLUMNS, read_tidy),
        (TAGUETTE_COLUMNS, read_taguette),
        (QUALCODER_COLUMNS, read_qualcoder_report),
    ]
    for columns, reader in readers:
        matching = [sheet for sheet in sheets if set(columns) <= set(sheet.header)]
        if matching:
            return reader(matching)
    raise WorkbookError(
        path, "header", ", ".join(sheets[0].header)[:200] or "nothing" if sheets else "nothing",
        "; or ".join(", ".join(columns) for columns, _ in readers),
        "export the coding again, or name the columns so",
    )  # fmt: skip


# --- databases --------------------------------------------------------------------------------------------------------
def _read_database(path: Path) -> Coded:
    """A SQLite project of Taguette or QualCoder, opened so that nothing beside it is ever written."""
    if path.with_name(path.name + "-wal").is_file() and path.with_name(path.name + "-wal").stat().st_size:
        raise WorkbookError(
            path, "", "changes that the tool has not written yet", "a closed project", "close it in the coding tool"
        )
    readers = {
        ("highlights", "documents", "tags", "highlight_tags"): read_taguette_database,
        ("code_text", "code_name", "code_cat", "source", "cases", "case_text"): read_qualcoder_database,
    }
    connection = sqlite3.connect(path.resolve().as_uri() + "?mode=ro&immutable=1", uri=True)
    try:
        # The file comes from outside: its own views and functions are not to run.
        query(connection, path, "PRAGMA trusted_schema = OFF")
        tables = set(query(connection, path, "SELECT name FROM sqlite_master WHERE type = 'table'")["name"])
        for needed, reader in readers.items():
            if set(needed) <= tables:
                return reader(connection, path)
    finally:
        connection.close()
    raise WorkbookError(
        path, "", "tables " + (", ".join(sorted(tables))[:200] or "(none)"), "a project of Taguette or QualCoder",
        "export the project from the coding tool",
    )  # fmt: skip
