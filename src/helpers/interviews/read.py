"""Which reader a coded file needs.

A file is recognised by what it holds, not by its ending alone: the tidy CSV or XLSX sheet, highlights of Taguette and the
report of QualCoder, REFI-QDA projects (.qdpx).
"""

from pathlib import Path

from helpers.interviews import coded
from helpers.interviews.coded import Coded
from helpers.interviews.refi import read_project
from helpers.study.errors import WorkbookError
from helpers.study.files import find_kind, read_bytes
from helpers.study.sheets import read_sheets, shorten

SHEETS = {coded.read_tidy: coded.TIDY_COLUMNS, coded.read_taguette: coded.TAGUETTE_COLUMNS}
SHEETS |= {coded.read_qualcoder_report: coded.QUALCODER_COLUMNS}


def read_coded(path: Path) -> Coded:
    """Read a file of coded interviews by what it holds."""
    content = read_bytes(path)
    kind = find_kind(content)
    if kind == "archive":
        return read_project(path, content)
    if kind in {"xml", "database"}:
        found = "an XML file (a codebook?)" if kind == "xml" else "a coding tool's own database"
        remedy = "export the project (.qdpx) or a table of segments from the coding tool"
        raise WorkbookError(path, "", found, "coded segments", remedy)
    sheets = read_sheets(path, content)
    for reader, columns in SHEETS.items():
        named = [coded.name_columns(sheet) for sheet in sheets] if reader is coded.read_tidy else sheets
        if matching := [sheet for sheet in named if set(columns) <= set(sheet.header)]:
            return reader(matching)
    found, expected = shorten(sheets[0].header), "; or ".join(", ".join(columns) for columns in SHEETS.values())
    raise WorkbookError(path, "header", found, expected, "export the coding again, or name the columns so")
