"""Open files safely: bytes, text, archives, XML and databases, in memory and with limits; nothing is ever written."""

import io
import re
import sqlite3
import zipfile
from pathlib import Path
from typing import NoReturn
from xml.etree.ElementTree import Element

import pandas as pd

from helpers.study.errors import WorkbookError, raise_all, suggest

# Far more than interviews need (50 transcripts of 10,000 words are about 3 MB), far less than what a laptop can handle.
MOST_BYTES = 200_000_000
MOST_ENTRIES = 20_000
MOST_CELLS = 20_000_000
# We report this many mistakes of one kind in a column.
MOST_TOLD = 20
# Text and XML shrink by 3 to 40 times in a zip; a bomb shrinks by a thousand.
MOST_SHRINKING = 200
SMALL_ENTRY = 1_000_000
# A run makes thousands of small frames, which are made faster with strings as Python's own objects than as pyarrow's.
pd.set_option("mode.string_storage", "python")
UNSAFE = "do not use this file; export it again from the tool"


def read_bytes(path: Path) -> bytes:
    """Read a file, if it is not too large."""
    found, remedy = "no such file", "correct the path, or put the file there"
    try:
        if (size := path.stat().st_size) > MOST_BYTES:
            remedy = "export it without audio, video and pictures"
            raise WorkbookError(path, "", f"{size:,} bytes", f"at most {MOST_BYTES:,}", remedy)
        return path.read_bytes()
    except OSError as error:
        if path.is_dir():
            found = "a folder"
        elif isinstance(error, PermissionError):
            found, remedy = "a locked file", "close it in other programs, and check that you have permission to read it"
    raise WorkbookError(path, "", found, "a file", remedy)


def find_kind(content: bytes) -> str:
    """The kind of a file, by its content: workbook, another archive, database, XML, old or encrypted Office file, or text."""
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "workbook" if b"xl/workbook.xml" in content else "archive"
    if content.startswith(b"SQLite format 3\0"):
        return "database"
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        return "old"
    start = content.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0")
    return "xml" if start.startswith((b"<?xml", b"<\0?\0x", b"<CodeBook", b"<Project")) else "text"


def refuse_rows(wrong: pd.DataFrame, path: Path, found: str, expected: str, remedy: str, column: str = "", known=()) -> None:
    """Refuse a file if it has wrong rows. The message names the first row for each thing that was found, up to `MOST_TOLD`.

    `found` is a template with the names of the row's cells, and `value` for the cell in `column`. A row's place is its index if
    `column` is given, or else its column `place`. The remedy first suggests the `known` word that `value` may be meant for.
    """
    told: dict[str, WorkbookError] = {}
    for index, row in zip(wrong.index, wrong.to_dict("records"), strict=True) if len(wrong) else ():
        place, value = f"{index}, column {column}" if column else row["place"], row.get(column, row.get("value"))
        what = found.format_map({**row, "value": value})
        if what not in told and len(told) < MOST_TOLD:
            told[what] = WorkbookError(path, place, what, expected, suggest(value, known, remedy))
    raise_all(told.values())


def refuse_damaged(path: Path, error: object, expected: str, place: str = "") -> NoReturn:
    found = (str(error).splitlines() or ["damage"])[0][:200]
    raise WorkbookError(path, place, found, expected, "export the file again and copy it whole") from None


def decode_text(path: Path, content: bytes, place: str = "") -> str:
    """Decode text in UTF-8, or in UTF-16 with a byte-order mark; we refuse anything else rather than guess."""
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"the byte 0x{content[error.start]:02X}, which is not {encoding.removesuffix('-sig').upper()}"
        where = f"{place}, line {line}" if place else f"line {line}"
        raise WorkbookError(path, where, found, "text in one encoding, UTF-8", "save it again as UTF-8") from None
    if "\0" in text:
        found = "UTF-16 without its byte-order mark, or not text"
        raise WorkbookError(path, place, found, "text in UTF-8", "save it again as UTF-8")
    return text


def query(connection: sqlite3.Connection, path: Path, question: str) -> pd.DataFrame:
    """The result of a query as text; missing values become empty text."""
    try:
        cursor = connection.execute(question)
        columns = [column[0] for column in cursor.description or []]
        answer = cursor.fetchall()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        refuse_damaged(path, error, "a SQLite project of Taguette or QualCoder")
    if any(isinstance(cell, bytes) or "\0" in str(cell) for row in answer for cell in row):
        raise WorkbookError(path, "", "binary data instead of text", "text", "export the project again")
    cells = [["" if cell is None else str(cell).strip() for cell in row] for row in answer]
    return pd.DataFrame(cells, columns=columns, dtype="str")


def read_whole(number: str | None, path: Path, place: str) -> int:
    """Read a position in a text: a whole number, not negative."""
    if number is None or not re.fullmatch(r"[0-9]{1,12}", number.strip()):
        raise WorkbookError(path, place, f"the position {number!r}", "a whole number from 0", "export it again")
    return int(number)


# --- archives and XML -------------------------------------------------------------------------------------------------
def open_archive(path: Path, content: bytes) -> zipfile.ZipFile:
    """Open a zip in memory, after checking its list of entries."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        refuse_damaged(path, error, "a whole zip archive")
    if len(entries) > MOST_ENTRIES:
        raise WorkbookError(path, "", f"{len(entries):,} entries", f"at most {MOST_ENTRIES:,}", "export it again")
    for entry in entries:
        steps = re.split(r"[/\\]", entry.filename)
        if ".." in steps or steps[0] == "" or ":" in steps[0]:
            found, remedy = "a name that leads out of the archive", "do not use this file; ask where it comes from"
            raise WorkbookError(path, f"entry {entry.filename!r}", found, "a name inside it", remedy)
    return archive


def read_entry(path: Path, archive: zipfile.ZipFile, name: str) -> bytes:
    """Read one entry of a zip, if it is not suspiciously large."""
    entry = archive.getinfo(name)
    shrinking = entry.file_size / max(entry.compress_size, 1)
    if entry.file_size > MOST_BYTES or (entry.file_size > SMALL_ENTRY and shrinking > MOST_SHRINKING):
        found = f"{entry.file_size:,} bytes packed into {entry.compress_size:,}"
        expected = f"at most {MOST_BYTES:,} bytes, shrunk at most {MOST_SHRINKING} times"
        raise WorkbookError(path, f"entry {name!r}", found, expected, UNSAFE)
    try:
        return archive.read(name)
    except Exception as error:  # zipfile raises its own errors and those of each compression method
        refuse_damaged(path, error, "a whole zip archive", f"entry {name!r}")


def check_document(path: Path, content: bytes) -> None:
    """Check an Office file, which is a zip of XML: the same limits, and no DTD anywhere."""
    with open_archive(path, content) as archive:
        names = [name for name in archive.namelist() if name.endswith((".xml", ".rels"))]
        if sum(archive.getinfo(name).file_size for name in names) > MOST_BYTES:
            raise WorkbookError(path, "", "too much text", f"at most {MOST_BYTES:,} bytes", "split the file")
        for name in names:
            if b"<!DOCTYPE" in read_entry(path, archive, name)[:4000].replace(b"\0", b""):
                _refuse_dtd(path, name)


def _refuse_dtd(path: Path, name: str) -> NoReturn:
    found, expected = "an XML document type definition (DTD)", "XML without one, as tools write it"
    raise WorkbookError(path, name, found, expected, UNSAFE) from None


def parse_xml(path: Path, content: bytes, name: str) -> Element:
    import defusedxml
    import defusedxml.ElementTree

    try:
        return defusedxml.ElementTree.fromstring(content, forbid_dtd=True)
    except defusedxml.DefusedXmlException:
        _refuse_dtd(path, name)
    except (SyntaxError, ValueError, LookupError) as error:
        refuse_damaged(path, error, "well-formed XML", name)
