"""Coded interviews from the tools that people code in, read into one tidy table of segments; transcripts.

A file is recognised by what it holds, not by its ending alone: the tidy CSV or XLSX sheet, Taguette (CSV, XLSX, SQLite),
QualCoder (database, report CSV), REFI-QDA projects (.qdpx) and codebooks (.qdc). Everything is read in memory, with caps;
nothing is ever written.
"""

from __future__ import annotations

import csv
import html
import io
import re
import sqlite3
import unicodedata
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from xml.etree.ElementTree import Element

import numpy as np
import pandas as pd

from helpers.study import Study, WorkbookError, read_csv

SEGMENT_COLUMNS = ["segment", "participant", "source", "coder", "code", "theme", "text"]
TIDY_COLUMNS = ["segment", "participant", "code", "text"]
TAGUETTE_COLUMNS = ["id", "document", "tag", "content"]
QUALCODER_COLUMNS = ["Coder", "Coded", "Id", "Codename", "Coded_Memo"]

# One row a segment and code, as a file gives it; `participant` may still be missing, `place` is for messages.
ROW_COLUMNS = ["segment", "participant", "source", "coder", "code", "theme", "text", "place"]

# What people may take part as (column `takes_part_as` of participants.csv, blank = the first): only participants are
# counted, the others just speak in transcripts.
PARTICIPANT = "participant"
ROLES = [PARTICIPANT, "interviewer", "other"]

SOURCE_ENDING = r"(?i)\.(txt|docx?|odt|rtf|pdf|vtt|md|html?)$"

# Far above what interviews need (50 transcripts of 10,000 words are about 3 MB), far below what hurts a laptop.
MOST_BYTES = 200_000_000
MOST_ENTRIES = 20_000
MOST_CELLS = 20_000_000
# Text and XML shrink by 3 to 40 times in a zip; a bomb shrinks by a thousand.
MOST_SHRINKING = 200
SMALL_ENTRY = 1_000_000


@dataclass(frozen=True)
class Coded:
    """What one file of coded interviews holds, before participants are looked up.

    Attributes
    ----------
    origin : str
        What wrote the file, in words for a reader.
    rows : DataFrame
        `ROW_COLUMNS`, one row a segment and code.
    codes : DataFrame
        `code, label, theme`: the codebook, codes on no segment included.
    cases : DataFrame
        `participant` and a column per variable; empty when the file knows no cases.
    """

    origin: str
    rows: pd.DataFrame
    codes: pd.DataFrame
    cases: pd.DataFrame


@dataclass(frozen=True)
class Sheet:
    """A table of text cells: a CSV file, or one sheet of a workbook."""

    file: Path
    place: str
    header: list[str]
    rows: list[list[str]]

    def row_place(self, number: int) -> str:
        """Where a row stands, as a spreadsheet numbers it."""
        return f"{self.place}row {number + 2}"


# --- what a study's interviews say ------------------------------------------------------------------------------------


def read_participants(study: Study) -> pd.DataFrame:
    """Read the participants of a study's interviews.

    Returns
    -------
    DataFrame
        One row a participant: `participant` (label) and one categorical column per attribute that `study.yml` declares,
        levels in declared order, blank = missing. People whose `takes_part_as` is not "participant" are left out; names of
        speakers and of sources never leave this room.

    Raises
    ------
    WorkbookError
        For an unreadable file, a label that is blank or stands twice, a missing column, a value that is no level.
    """
    path = study.file(study.interviews.participants)
    people = read_people(path)
    people = people[people["takes_part_as"] == PARTICIPANT].reset_index(drop=True)
    if people.empty:
        raise WorkbookError(path, "", "no participants", "a row for each person interviewed", "add the participants")
    table = people[["participant"]]
    for name, attribute in study.interviews.attributes.items():
        if name not in people:
            known = ", ".join(column for column in people if column not in {"takes_part_as", "place"})
            raise WorkbookError(
                path, "header", known, f"a column {name!r}, since study.yml declares that attribute",
                "add the column, or take the attribute out of study.yml",
            )  # fmt: skip
        values = people[name].where(people[name] != "")
        for row, value in values[values.notna() & ~values.isin(attribute.levels)].items():
            raise WorkbookError(
                path, f"{people['place'][row]}, column {name}", repr(value), "one of " + ", ".join(attribute.levels),
                "correct the value, or declare the level in study.yml",
            )  # fmt: skip
        table = table.assign(**{name: pd.Categorical(values, categories=attribute.levels)})
    return table


def read_codes(study: Study) -> pd.DataFrame:
    """Read the codebook of a study's interviews: `codes:` of `study.yml`, else what the coded file itself says.

    Returns
    -------
    DataFrame
        One row a code: `code, label, theme, construct`; `construct` is a key of the study's constructs or missing;
        `theme` is missing where neither the codebook nor a hierarchy of codes names one.

    Raises
    ------
    WorkbookError
        For an unreadable file, a code that is blank or stands twice, an unknown construct.
    """
    if study.interviews.codes is None:
        return _drop_constructs(_read_coded(study.file(study.interviews.segments)).codes)
    path = study.file(study.interviews.codes)
    codes = _read_codebook(path)
    for row, value in codes["construct"].dropna().items():
        if value not in study.constructs:
            raise WorkbookError(
                path, f"{codes['place'][row]}, column construct", repr(value), "one of " + ", ".join(study.constructs),
                "correct it, or define the construct in study.yml",
            )  # fmt: skip
    return codes[["code", "label", "theme", "construct"]]


def read_segments(study: Study) -> pd.DataFrame:
    """Read the coded segments of a study's interviews, whatever tool wrote them.

    Returns
    -------
    DataFrame
        One row a segment and code: `segment, participant, source, coder, code, theme, text`, and `construct` when the
        codebook gives constructs. Ids repeat when a segment carries several codes or has several coders: count
        distinct ids. `source`, `coder` and `text` may be missing; a code without a theme is its own theme.

    Raises
    ------
    WorkbookError
        For a file that is damaged, unsafe, too large or of no known kind; no segments; a segment that is not
        assigned to exactly one participant of the participants' table; an id that means two different things; a code
        that the codebook does not name; positions in a text that fit no known way of counting.
    """
    path = study.file(study.interviews.segments)
    coded = _read_coded(path)
    if coded.rows.empty:
        raise WorkbookError(
            path, "", f"no coded segments in this {coded.origin}", "at least one", "code the interviews, or export again"
        )
    rows = _place_participants(coded.rows, read_people(study.file(study.interviews.participants)), path)
    codes = read_codes(study) if study.interviews.codes else _drop_constructs(coded.codes)
    rows = _attach_codes(rows, codes, path, study)
    _check_ids(rows, path)
    # Sources are named without a file's ending, so that they meet the transcripts'.
    rows = rows.assign(source=rows["source"].str.replace(SOURCE_ENDING, "", regex=True))
    columns = [*SEGMENT_COLUMNS, *(["construct"] if rows["construct"].notna().any() else [])]
    return rows[columns].reset_index(drop=True)


def read_approved(study: Study) -> list[str]:
    """The segments whose text the team has approved for a funder, from the file that `sharing.quotations` names.

    Raises
    ------
    WorkbookError
        For an id that no segment has, or a file without the column `segment`.
    """
    if not study.definition.sharing.quotations:
        return []
    path = study.file(study.definition.sharing.quotations)
    approved, known = read_csv(path, ["segment"])["segment"], set(read_segments(study)["segment"])
    for row, segment in approved[~approved.isin(known)].items():
        raise WorkbookError(
            path, f"row {row + 2}, column segment", repr(segment), "the id of a segment of the interviews",
            "correct the id, or take the row out",
        )  # fmt: skip
    return approved.to_list()


def describe_reading(study: Study) -> str:
    """Say in a sentence what was read: "REFI-QDA project written by NVivo; positions count UTF-16 units, …"."""
    return _read_coded(study.file(study.interviews.segments)).origin


# --- participants -----------------------------------------------------------------------------------------------------


def read_people(path: Path) -> pd.DataFrame:
    """Everybody in the participants' file, as text: `participant, takes_part_as, place` and the file's other columns."""
    content = _read_bytes(path)
    if _is_sheet(content):
        sheet = _find_sheet(_read_sheets(path, content), ["participant"])
        people = _frame_sheet(sheet)
    else:
        cases = _read_coded(path).cases
        if cases.empty:
            raise WorkbookError(
                path, "", "a project without cases", "a case for each participant",
                "export it with cases, or list the participants in a CSV file",
            )  # fmt: skip
        people = cases.assign(place=[f"case {number + 1}" for number in range(len(cases))])
    if "takes_part_as" not in people:
        people = people.assign(takes_part_as=PARTICIPANT)
    people = people.assign(takes_part_as=people["takes_part_as"].str.casefold().replace("", PARTICIPANT))
    for row, role in people.loc[~people["takes_part_as"].isin(ROLES), "takes_part_as"].items():
        raise WorkbookError(
            path, f"{people['place'][row]}, column takes_part_as", repr(role), "one of " + ", ".join(ROLES), "correct it"
        )
    _refuse_blank(people, ["participant"], path)
    _refuse_repeats(people, "participant", path)
    return people


def _place_participants(rows: pd.DataFrame, people: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Give every row its participant: by case or label where the file has one, else by the source."""
    labels = {_fold(label): label for label in people.loc[people["takes_part_as"] == PARTICIPANT, "participant"]}
    names = {**_collect_aliases(people, "speaker", path), **labels}
    homes = _collect_sources(people)
    placed = []
    for case, source, place in zip(rows["participant"], rows["source"], rows["place"], strict=True):
        if pd.notna(case):
            if _fold(case) not in names or names[_fold(case)] not in labels.values():
                raise WorkbookError(
                    path, place, f"the participant {case!r}", "one of " + ", ".join(labels.values()),
                    "add the participant to the participants' file, or correct the name",
                )  # fmt: skip
            placed.append(names[_fold(case)])
        else:
            placed.append(_find_home(source, homes, path, place))
    return rows.assign(participant=pd.Series(placed, index=rows.index, dtype="str"))


def _find_home(source: object, homes: dict[str, list[str]], path: Path, place: str) -> str:
    """The one participant to whom a source belongs."""
    found = [] if pd.isna(source) else homes.get(_fold_source(source), [])
    if len(found) == 1:
        return found[0]
    if found:
        raise WorkbookError(
            path, place, f"the source {source!r}, which belongs to {', '.join(found)}",
            "one participant for the segment, since the file has no cases",
            "make cases in the coding tool, or give a focus group whose speakers are not separated one row of its own "
            "in the participants' file",
        )  # fmt: skip
    raise WorkbookError(
        path, place, f"the source {source!r} and no case", "a source that the participants' file assigns to somebody",
        "add a column `source` to the participants' file that names each participant's source",
    )  # fmt: skip


def _collect_aliases(people: pd.DataFrame, column: str, path: Path) -> dict[str, str]:
    """Names under which people appear (columns `speaker`, `speaker_2` …; several in a cell with `;`), to labels."""
    aliases: dict[str, str] = {}
    for name in [name for name in people if re.fullmatch(rf"{column}([ _]?\d+)?", name, re.IGNORECASE)]:
        for row, cell in people[name].items():
            for alias in filter(None, map(_fold, cell.split(";"))):
                label = people["participant"][row]
                if aliases.setdefault(alias, label) != label:
                    raise WorkbookError(
                        path, f"{people['place'][row]}, column {name}", "a name that another row has too",
                        "each name in one row", "correct the names",
                    )  # fmt: skip
    return aliases


def _collect_sources(people: pd.DataFrame) -> dict[str, list[str]]:
    """Sources (column `source`, several with `;`; else the label itself) and the participants in each."""
    homes: dict[str, list[str]] = {}
    people = people[people["takes_part_as"] == PARTICIPANT]
    for row, label in people["participant"].items():
        named = people["source"][row] if "source" in people else ""
        for source in filter(None, map(_fold_source, named.split(";") if named else [label])):
            homes.setdefault(source, []).append(label)
    return homes


def _fold(name: str) -> str:
    """A name without differences of case, width and spacing."""
    return " ".join(unicodedata.normalize("NFKC", str(name)).split()).casefold()


def _fold_source(name: str) -> str:
    """A source's name without folders and the ending of a text, document or transcript file."""
    stem = _fold(name).replace("\\", "/").rsplit("/", 1)[-1]
    return re.sub(SOURCE_ENDING, "", stem)


# --- codes ------------------------------------------------------------------------------------------------------------


def _read_codebook(path: Path) -> pd.DataFrame:
    """`code, label, theme, construct, place` from a CSV or XLSX sheet with a column `code`, or from a `.qdc`."""
    content = _read_bytes(path)
    if _is_xml(content):
        codes = _read_qdc(path, content)
        codes = codes.assign(place=[f"code {number + 1}" for number in range(len(codes))])
    else:
        codes = _frame_sheet(_find_sheet(_read_sheets(path, content), ["code"]))
    for name in ("label", "theme", "construct"):
        if name not in codes:
            codes = codes.assign(**{name: pd.Series(pd.NA, index=codes.index, dtype="str")})
    codes = codes.assign(**{name: codes[name].where(codes[name] != "") for name in ("label", "theme", "construct")})
    _refuse_blank(codes, ["code"], path)
    _refuse_repeats(codes, "code", path)
    return codes.assign(label=codes["label"].fillna(codes["code"]))


def _name_codes(paths: list[tuple[str, ...]]) -> pd.DataFrame:
    """Name nested codes: by the last step of the path, or by the whole path where that would name two of them.

    The theme is the first step; a code that stands alone is its own theme.
    """
    last = pd.Series([path[-1] for path in paths], dtype="str")
    shared = last.duplicated(keep=False)
    names = [" / ".join(path) if double else path[-1] for path, double in zip(paths, shared, strict=True)]
    return pd.DataFrame({"code": names, "label": names, "theme": [path[0] for path in paths]}, dtype="str")


def _drop_constructs(codes: pd.DataFrame) -> pd.DataFrame:
    """Codes that no codebook assigns to a construct."""
    return codes.assign(construct=pd.Series(pd.NA, index=codes.index, dtype="str"))


def _attach_codes(rows: pd.DataFrame, codes: pd.DataFrame, path: Path, study: Study) -> pd.DataFrame:
    """Add the construct of each code, and the theme where the rows have none."""
    unknown = ~rows["code"].isin(codes["code"])
    if unknown.any():
        first = rows[unknown].iloc[0]
        raise WorkbookError(
            path, first["place"], f"the code {first['code']!r}", f"one of {', '.join(codes['code'])}"[:300],
            f"add the code to {study.interviews.codes}, or correct it",
        )  # fmt: skip
    rows = rows.merge(codes[["code", "theme", "construct"]], on="code", how="left", suffixes=("", "_of_code"))
    return rows.assign(theme=rows["theme"].fillna(rows["theme_of_code"]).fillna(rows["code"]))


def _check_ids(rows: pd.DataFrame, path: Path) -> None:
    """An id may repeat for further codes and coders, but must always mean the same segment."""
    for name in ("participant", "source", "text"):
        meanings = rows.drop_duplicates(["segment", name])
        twice = meanings[meanings["segment"].duplicated()]
        if len(twice):
            raise WorkbookError(
                path, twice["place"].iloc[0],
                f"the segment {twice['segment'].iloc[0]!r} a second time with another {name}",
                f"one {name} for each segment", "give the segments different ids",
            )  # fmt: skip
    twice = rows[rows.duplicated(["segment", "coder", "code", "theme"])]
    if len(twice):
        first = twice.iloc[0]
        raise WorkbookError(
            path, first["place"], f"the segment {first['segment']!r} with the code {first['code']!r} a second time",
            "each code once a segment and coder", "take one of the two rows out",
        )  # fmt: skip


# --- files ------------------------------------------------------------------------------------------------------------


def _read_bytes(path: Path) -> bytes:
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise WorkbookError(
            path, "", f"{size:,} bytes", f"at most {MOST_BYTES:,}", "export it without audio, video and pictures"
        )
    return path.read_bytes()


def _is_zip(content: bytes) -> bool:
    return content.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def _is_database(content: bytes) -> bool:
    return content.startswith(b"SQLite format 3\0")


def _is_xml(content: bytes) -> bool:
    return content.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0").startswith((b"<?xml", b"<\0?\0x", b"<CodeBook", b"<Project"))


def _is_sheet(content: bytes) -> bool:
    """A CSV file or a spreadsheet, and not a project or a database."""
    if _is_zip(content):
        return b"xl/workbook.xml" in content
    return not _is_database(content) and not _is_xml(content)


def _refuse_damaged(path: Path, error: object, expected: str, place: str = "") -> NoReturn:
    found = (str(error).splitlines() or ["damage"])[0][:200]
    raise WorkbookError(path, place, found, expected, "export the file again and copy it whole") from None


def _refuse_blank(table: pd.DataFrame, columns: list[str], path: Path) -> None:
    for name in columns:
        blank = table[name].isna() | (table[name] == "")
        if blank.any():
            raise WorkbookError(
                path, f"{table.loc[blank, 'place'].iloc[0]}, column {name}", "an empty cell", "a value", "fill it in"
            )


def _refuse_repeats(table: pd.DataFrame, name: str, path: Path) -> None:
    twice = table[table[name].duplicated()]
    if len(twice):
        raise WorkbookError(
            path, f"{twice['place'].iloc[0]}, column {name}", f"{twice[name].iloc[0]!r} a second time", "each once",
            "take one of the two out, or name them differently",
        )  # fmt: skip


def _decode_text(path: Path, content: bytes, place: str = "") -> str:
    """Text in UTF-8, or in UTF-16 that says so; anything else is refused rather than guessed."""
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"the byte 0x{content[error.start]:02X}, which is not {encoding.removesuffix('-sig').upper()}"
        where = f"{place}, line {line}" if place else f"line {line}"
        raise WorkbookError(path, where, found, "text in one encoding, UTF-8", "save it again as UTF-8") from None


def _read_sheets(path: Path, content: bytes) -> list[Sheet]:
    """The file's tables as text: one for a CSV, one a sheet for an XLSX; rows without any text are left out."""
    if _is_zip(content):
        return _read_workbook(path, content)
    try:
        lines = list(csv.reader(io.StringIO(_decode_text(path, content), newline=""), strict=True))
    except csv.Error as error:
        _refuse_damaged(path, error, "a CSV file")
    return [_make_sheet(path, "", lines)]


def _read_workbook(path: Path, content: bytes) -> list[Sheet]:
    import openpyxl

    _check_document(path, content)
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
        _refuse_damaged(path, error, "a workbook (XLSX)")
    return sheets


def _make_sheet(path: Path, place: str, lines: list[list[str]]) -> Sheet:
    lines = [[cell.strip() for cell in line] for line in lines]
    header = lines[0] if lines else []
    return Sheet(path, place, header, lines[1:])


def _find_sheet(sheets: list[Sheet], columns: list[str]) -> Sheet:
    """The first sheet with these columns."""
    for sheet in sheets:
        if set(columns) <= set(sheet.header):
            return sheet
    raise WorkbookError(
        sheets[0].file if sheets else "", "header", ", ".join(sheets[0].header)[:200] or "nothing",
        "the columns " + ", ".join(columns), "add the columns or correct their names",
    )  # fmt: skip


def _frame_sheet(sheet: Sheet) -> pd.DataFrame:
    """A sheet as a table of text with a column `place`; every row must be as long as the header."""
    while sheet.header and sheet.header[-1] == "":
        sheet = Sheet(sheet.file, sheet.place, sheet.header[:-1], sheet.rows)
    width = len(sheet.header)
    if len(set(sheet.header)) < width:
        twice = next(name for name in sheet.header if sheet.header.count(name) > 1)
        raise WorkbookError(sheet.file, f"{sheet.place}header", f"the column {twice!r} twice", "each column once", "rename one")
    kept, places = [], []
    for number, row in enumerate(sheet.rows):
        if not any(row):
            continue
        if len(row) < width or any(row[width:]):
            raise WorkbookError(
                sheet.file, sheet.row_place(number), f"{len(row)} cells", f"{width}, as in the header",
                "save it again as CSV (UTF-8), texts with commas in quotation marks",
            )  # fmt: skip
        kept.append(row[:width])
        places.append(sheet.row_place(number))
    table = pd.DataFrame(kept, columns=sheet.header, dtype="str")
    return table.assign(place=pd.Series(places, index=table.index, dtype="str"))


# --- which kind of coded file -----------------------------------------------------------------------------------------


def _read_coded(path: Path) -> Coded:
    """Read a file of coded interviews by what it holds."""
    content = _read_bytes(path)
    if _is_zip(content) and not _is_sheet(content):
        return _read_project(path, content)
    if _is_database(content):
        return _read_database(path)
    if _is_xml(content):
        raise WorkbookError(
            path, "", "an XML file (a codebook?)", "coded segments", "name the project (.qdpx) or a table of segments"
        )
    sheets = _read_sheets(path, content)
    readers: list[tuple[list[str], Callable[[list[Sheet]], Coded]]] = [
        (TIDY_COLUMNS, _read_tidy),
        (TAGUETTE_COLUMNS, _read_taguette),
        (QUALCODER_COLUMNS, _read_qualcoder_report),
    ]
    for columns, reader in readers:
        matching = [sheet for sheet in sheets if set(columns) <= set(sheet.header)]
        if matching:
            return reader(matching)
    raise WorkbookError(
        path, "header", ", ".join(sheets[0].header)[:200] if sheets and any(sheets[0].header) else "nothing",
        "; or ".join(", ".join(columns) for columns, _ in readers),
        "export the coding again, or name the columns so",
    )  # fmt: skip


def _frame_rows(rows: list[dict[str, str | None]]) -> pd.DataFrame:
    """Rows of `ROW_COLUMNS` as text, blanks missing."""
    table = pd.DataFrame(rows, columns=ROW_COLUMNS, dtype="str")
    return table.where(table != "")


def _list_codes(rows: pd.DataFrame) -> pd.DataFrame:
    """A codebook made of the codes in use."""
    codes = rows.drop_duplicates("code")[["code", "theme"]].reset_index(drop=True)
    return codes.assign(label=codes["code"])[["code", "label", "theme"]]


def _no_cases() -> pd.DataFrame:
    return pd.DataFrame({"participant": pd.Series(dtype="str")})


def _read_tidy(sheets: list[Sheet]) -> Coded:
    """The tidy table: `segment, participant, code, text`, and if known `source, coder, theme`."""
    tables = [_frame_sheet(sheet) for sheet in sheets]
    for table in tables:
        _refuse_blank(table, ["segment", "participant", "code"], sheets[0].file)
    rows = pd.concat(tables, ignore_index=True).reindex(columns=ROW_COLUMNS).astype("str")
    rows = rows.where(rows != "")
    return Coded("table of segments", rows, _list_codes(rows), _no_cases())


# --- Taguette ---------------------------------------------------------------------------------------------------------


def _read_taguette(sheets: list[Sheet]) -> Coded:
    """Taguette's highlights: one row a highlight and tag; a `.` in a tag makes a hierarchy."""
    tables = [_frame_sheet(sheet) for sheet in sheets]
    for table in tables:
        _refuse_blank(table, ["id", "document", "tag"], sheets[0].file)
    highlights = pd.concat(tables, ignore_index=True)
    return _code_highlights(highlights, list(highlights["tag"].unique()), "Taguette highlights")


def _code_highlights(highlights: pd.DataFrame, tags: list[str], origin: str) -> Coded:
    """Highlights (`id, document, tag, content, place`) and every tag of the project."""
    codes = _name_codes([_split_tag(tag) for tag in tags])
    names, topics = dict(zip(tags, codes["code"], strict=True)), dict(zip(tags, codes["theme"], strict=True))
    rows = pd.DataFrame(
        {
            "segment": highlights["id"],
            "source": highlights["document"],
            "code": highlights["tag"].map(names),
            "theme": highlights["tag"].map(topics),
            "text": highlights["content"],
            "place": highlights["place"],
        }
    )
    rows = rows.reindex(columns=ROW_COLUMNS).astype("str")
    return Coded(origin, rows.where(rows != ""), codes, _no_cases())


def _split_tag(tag: str) -> tuple[str, ...]:
    """The steps of a tag such as `time.travel`; a full stop before a space ("1. Time") is no step."""
    return tuple(filter(None, re.split(r"(?<=\S)\.(?=\S)", tag))) or (tag,)


def _read_taguette_database(connection: sqlite3.Connection, path: Path) -> Coded:
    """Taguette's own project file (SQLite); the text of a highlight is kept as HTML there."""
    highlights = _query(
        connection, path,
        "SELECT h.id, d.name AS document, t.path AS tag, h.snippet AS content FROM highlights h "
        "JOIN documents d ON d.id = h.document_id JOIN highlight_tags x ON x.highlight_id = h.id "
        "JOIN tags t ON t.id = x.tag_id ORDER BY h.document_id, h.start_offset, h.id, t.path",
    )  # fmt: skip
    tags = list(_query(connection, path, "SELECT DISTINCT path FROM tags ORDER BY id")["path"])
    highlights = highlights.assign(
        content=[_flatten_html(snippet) for snippet in highlights["content"]],
        place=["highlight " + number for number in highlights["id"]],
    )
    return _code_highlights(highlights, tags, "Taguette project")


def _flatten_html(snippet: str) -> str:
    text = re.sub(r"</(p|div|li|h\d)>|<br ?/?>", " ", snippet)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", text)).split())


# --- QualCoder --------------------------------------------------------------------------------------------------------


def _read_qualcoder_report(sheets: list[Sheet]) -> Coded:
    """QualCoder's coding report: as many categories a row as the code has, so rows differ in length.

    Columns are counted from the left up to the memo and, for variables, from the right; what lies between are the
    code's categories from the nearest to the outermost, which is the theme. The report has no positions: equal
    texts of one source are one segment.
    """
    sheet = sheets[0]
    fixed = sheet.header.index("Coded_Memo") + 1
    variables = sum(name.startswith(("FileVar_", "CaseVar_")) for name in sheet.header)
    by_case = sheet.header[0] == "Case"
    rows, spans = [], {}
    for number, cells in enumerate(sheet.rows):
        if not any(cells):
            continue
        if not fixed + variables <= len(cells) <= len(sheet.header):
            raise WorkbookError(
                sheet.file, sheet.row_place(number), f"{len(cells)} cells",
                f"{fixed + variables} to {len(sheet.header)}", "export the report again",
            )  # fmt: skip
        row = dict(zip(sheet.header[:fixed], cells, strict=False))
        categories = [name for name in cells[fixed : len(cells) - variables] if name]
        source = row["Filename"] if by_case and "Filename" in row else cells[0]
        kind = row["Id"].partition(":")[0]
        key = (source, row["Coded"] if kind == "ctid" else row["Id"])
        rows.append(
            {
                "segment": f"{spans.setdefault(key, len(spans) + 1)}",
                "participant": cells[0] if by_case else None,
                "source": source,
                "coder": row["Coder"],
                "code": row["Codename"],
                "theme": categories[-1] if categories else row["Codename"],
                "text": row["Coded"] if kind == "ctid" else None,
                "place": sheet.row_place(number),
            }
        )
    table = _frame_rows(rows)
    _refuse_blank(table, ["source", "code"], sheet.file)
    # The same words coded twice with one code at two places cannot be told apart here: they count once.
    table = table.drop_duplicates(["segment", "participant", "coder", "code"], ignore_index=True)
    return Coded("QualCoder coding report", table, _list_codes(table), _no_cases())


def _read_qualcoder_database(connection: sqlite3.Connection, path: Path) -> Coded:
    """QualCoder's project (`data.qda`): text, picture and sound codings, cases with variables."""
    names = _query(connection, path, "SELECT * FROM code_name ORDER BY cid").set_index("cid")
    groups = _query(connection, path, "SELECT * FROM code_cat").set_index("catid")
    paths = {code: _trace_qualcoder_code(code, names, groups, path) for code in names.index}
    codes = _name_codes(list(paths.values()))
    known, topics = dict(zip(paths, codes["code"], strict=True)), dict(zip(paths, codes["theme"], strict=True))
    spans: dict[str, list[Span]] = {}
    for case in _query(
        connection, path, "SELECT fid, name, pos0, pos1 FROM case_text x JOIN cases c ON c.caseid = x.caseid"
    ).itertuples():
        start, end = (_read_whole(position, path, f"case {case.name}") for position in (case.pos0, case.pos1))
        # QualCoder writes 0 to 0 for a case that is the whole file.
        spans.setdefault(case.fid, []).append(Span(case.name, start, end or WHOLE))
    codings = _query(
        connection, path,
        "SELECT 'text' AS kind, s.name AS source, t.fid, t.cid, t.owner, t.pos0, t.pos1, t.seltext AS text "
        "FROM code_text t JOIN source s ON s.id = t.fid "
        "UNION ALL SELECT 'picture', s.name, i.id, i.cid, i.owner, i.imid, i.imid, NULL "
        "FROM code_image i JOIN source s ON s.id = i.id "
        "UNION ALL SELECT 'recording', s.name, a.id, a.cid, a.owner, a.pos0, a.pos1, NULL "
        "FROM code_av a JOIN source s ON s.id = a.id ORDER BY 3, 6, 7",
    )  # fmt: skip
    rows = []
    for number, row in enumerate(codings.itertuples()):
        place = f"coding {number + 1} (source {row.source})"
        if row.cid not in known:
            raise WorkbookError(path, place, f"the code number {row.cid}", "a code of the project", "repair it in QualCoder")
        start, end = _read_whole(row.pos0, path, place), _read_whole(row.pos1, path, place)
        rows.append(
            {
                "segment": f"{row.source}:{row.kind if row.kind != 'text' else ''}{row.pos0}-{row.pos1}",
                "participant": _choose_case(spans.get(row.fid, []), start, end),
                "source": row.source,
                "coder": row.owner,
                "code": known[row.cid],
                "theme": topics[row.cid],
                "text": row.text,
                "place": place,
            }
        )
    cases = _pivot_cases(
        _query(
            connection,
            path,
            "SELECT c.name AS participant, a.name AS variable, a.value FROM cases c "
            "LEFT JOIN attribute a ON a.id = c.caseid AND a.attr_type = 'case' ORDER BY c.caseid, a.attrid",
        )  # fmt: skip
    )
    return Coded("QualCoder project", _frame_rows(rows), codes, cases)


def _trace_qualcoder_code(code: str, names: pd.DataFrame, groups: pd.DataFrame, path: Path) -> tuple[str, ...]:
    """A code's names from the outermost category to the code itself."""
    steps, here, table, seen = [], code, names, set()
    while here in table.index and (here, table is names) not in seen:
        seen.add((here, table is names))
        row = table.loc[here]
        steps.insert(0, row["name"])
        if table is names and row["catid"]:
            here, table = row["catid"], groups
        else:
            here = row.get("supercid" if table is names else "supercatid", "")
    if not all(steps):
        raise WorkbookError(path, f"code {code}", "a code or category without a name", "a name", "name it")
    return tuple(steps)


# --- databases --------------------------------------------------------------------------------------------------------


def _read_database(path: Path) -> Coded:
    """A SQLite project of Taguette or QualCoder, opened so that nothing beside it is ever written."""
    if path.with_name(path.name + "-wal").is_file() and path.with_name(path.name + "-wal").stat().st_size:
        raise WorkbookError(
            path, "", "changes that the tool has not written yet", "a closed project", "close it in the coding tool"
        )
    readers = {
        ("highlights", "documents", "tags", "highlight_tags"): _read_taguette_database,
        ("code_text", "code_name", "code_cat", "source", "cases", "case_text"): _read_qualcoder_database,
    }
    try:
        connection = sqlite3.connect(path.resolve().as_uri() + "?mode=ro&immutable=1", uri=True)
    except sqlite3.Error as error:
        _refuse_damaged(path, error, "a SQLite project")
    try:
        # The file comes from outside: its own views and functions are not to run.
        _query(connection, path, "PRAGMA trusted_schema = OFF")
        tables = set(_query(connection, path, "SELECT name FROM sqlite_master WHERE type = 'table'")["name"])
        for needed, reader in readers.items():
            if set(needed) <= tables:
                return reader(connection, path)
    finally:
        connection.close()
    raise WorkbookError(
        path, "", "tables " + (", ".join(sorted(tables))[:200] or "(none)"), "a project of Taguette or QualCoder",
        "export the project from the coding tool",
    )  # fmt: skip


def _query(connection: sqlite3.Connection, path: Path, question: str) -> pd.DataFrame:
    """A query's answer as text; nothing becomes an empty text."""
    try:
        cursor = connection.execute(question)
        columns = [column[0] for column in cursor.description or []]
        answer = cursor.fetchall()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        _refuse_damaged(path, error, "a SQLite project of Taguette or QualCoder")
    cells = [["" if cell is None else _clean_cell(cell, path) for cell in row] for row in answer]
    return pd.DataFrame(cells, columns=columns, dtype="str")


def _clean_cell(cell: object, path: Path) -> str:
    if isinstance(cell, bytes):
        raise WorkbookError(path, "", "binary data in place of text", "text", "export the project again")
    return str(cell).strip()


def _read_whole(number: str | None, path: Path, place: str) -> int:
    """A position in a text: a whole number, not negative."""
    if number is None or not re.fullmatch(r"[0-9]{1,12}", number.strip()):
        raise WorkbookError(path, place, f"the position {number!r}", "a whole number from 0", "export it again")
    return int(number)


# --- cases ------------------------------------------------------------------------------------------------------------

WHOLE = 10**12


@dataclass(frozen=True)
class Span:
    """A stretch of a source that belongs to a case; the end is exclusive."""

    case: str
    start: int
    end: int


def _choose_case(spans: Iterable[Span], start: int, end: int) -> str | None:
    """The case a segment belongs to: the narrowest span around it, else the one that it overlaps; None if unclear."""
    around = [span for span in spans if span.start <= start and end <= span.end]
    if around:
        width = min(span.end - span.start for span in around)
        found = {span.case for span in around if span.end - span.start == width}
    else:
        found = {span.case for span in spans if span.start < end and start < span.end}
    return found.pop() if len(found) == 1 else None


def _pivot_cases(values: pd.DataFrame) -> pd.DataFrame:
    """Cases with a column per variable, from rows of `participant, variable, value`."""
    cases = {name: {"participant": name} for name in values["participant"]}
    for row in values.itertuples():
        if row.variable and row.variable not in {"participant", "place"}:
            cases[row.participant][row.variable] = row.value
    return pd.DataFrame(list(cases.values()), dtype="str").fillna("") if cases else _no_cases()


# --- archives and XML -------------------------------------------------------------------------------------------------


def _open_archive(path: Path, content: bytes) -> zipfile.ZipFile:
    """Open a zip in memory, after a look at its list of entries."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        _refuse_damaged(path, error, "a whole zip archive")
    if len(entries) > MOST_ENTRIES:
        raise WorkbookError(path, "", f"{len(entries):,} entries", f"at most {MOST_ENTRIES:,}", "export it again")
    for entry in entries:
        steps = re.split(r"[/\\]", entry.filename)
        if ".." in steps or steps[0] == "" or ":" in steps[0]:
            raise WorkbookError(
                path, f"entry {entry.filename!r}", "a name that climbs out of the archive", "a name inside it",
                "do not use this file; ask where it comes from",
            )  # fmt: skip
    return archive


def _read_entry(path: Path, archive: zipfile.ZipFile, name: str) -> bytes:
    """One entry of a zip, if it is not suspiciously large."""
    entry = archive.getinfo(name)
    shrinking = entry.file_size / max(entry.compress_size, 1)
    if entry.file_size > MOST_BYTES or (entry.file_size > SMALL_ENTRY and shrinking > MOST_SHRINKING):
        raise WorkbookError(
            path, f"entry {name!r}", f"{entry.file_size:,} bytes packed into {entry.compress_size:,}",
            f"at most {MOST_BYTES:,} bytes, shrunk at most {MOST_SHRINKING} times",
            "do not use this file; export it again from the coding tool",
        )  # fmt: skip
    try:
        return archive.read(name)
    except Exception as error:  # zipfile raises its own errors and those of every kind of compression
        _refuse_damaged(path, error, "a whole zip archive", f"entry {name!r}")


def _check_document(path: Path, content: bytes) -> None:
    """An Office file is a zip of XML: the same caps, and no DTD anywhere."""
    with _open_archive(path, content) as archive:
        names = [name for name in archive.namelist() if name.endswith((".xml", ".rels"))]
        if sum(archive.getinfo(name).file_size for name in names) > MOST_BYTES:
            raise WorkbookError(path, "", "too much text", f"at most {MOST_BYTES:,} bytes", "split the file")
        for name in names:
            if b"<!DOCTYPE" in _read_entry(path, archive, name)[:4000].replace(b"\0", b""):
                _refuse_dtd(path, name)


def _refuse_dtd(path: Path, name: str) -> NoReturn:
    raise WorkbookError(
        path, name, "an XML document type definition (DTD)", "XML without one, as coding tools write it",
        "do not use this file; export it again from the coding tool",
    ) from None  # fmt: skip


def _parse_xml(path: Path, content: bytes, name: str) -> Element:
    import defusedxml
    import defusedxml.ElementTree

    try:
        return defusedxml.ElementTree.fromstring(content, forbid_dtd=True)
    except defusedxml.DefusedXmlException:
        _refuse_dtd(path, name)
    except (SyntaxError, ValueError, LookupError) as error:
        _refuse_damaged(path, error, "well-formed XML", name)


def _kind(element: Element) -> str:
    """An element's name without its namespace: vendors' namespaces differ (`codebook:1.0`, `codebook:0:4`)."""
    return element.tag.rsplit("}", 1)[-1]


def _find_all(element: Element, kind: str) -> list[Element]:
    return [found for found in element.iter() if _kind(found) == kind]


def _guid(element: Element, attribute: str = "guid") -> str:
    return element.get(attribute, "").strip("{} ").casefold()


# --- REFI-QDA ---------------------------------------------------------------------------------------------------------
# REFI-QDA Standard 1.5, www.qdasoftware.org. What vendors do beside it is said where it is dealt with.


@dataclass(frozen=True)
class Dialect:
    """A way of counting positions in a text."""

    unit: str
    one_newline: bool
    counts_mark: bool

    @property
    def label(self) -> str:
        newline = ", a line end counting as one" if self.one_newline else ""
        return self.unit + newline + (", the byte-order mark counting as one" if self.counts_mark else "")


# The standard's way first, so that it is taken where several fit alike.
DIALECTS = [
    Dialect(unit, one_newline, counts_mark)
    for counts_mark in (False, True)
    for one_newline in (False, True)
    for unit in ("code points", "UTF-16 units")
]
# The right dialect fits 99 of 100 selections (people do cut a word now and then), a wrong one about 16 of 100.
LEAST_FIT = 0.8

# Where the text of a source stands: in the source itself, in a PDF's Representation, in a recording's Transcript.
TEXT_HOLDERS = {"TextSource", "Representation", "Transcript"}
TEXT_SELECTIONS = {"PlainTextSelection", "TranscriptSelection"}


@dataclass(frozen=True)
class Selection:
    """A stretch of a text that is coded or part of a case.

    A coded source, picture or recording is one without positions and `text`.

    `text` is the key of the text that the positions refer to; `codings` are guids of codes and of who gave them.
    """

    guid: str
    source: str
    source_guid: str
    text: str | None
    start: int
    end: int
    codings: list[tuple[str, str]]
    place: str


@dataclass(frozen=True)
class Ruler:
    """A text and the position at which each of its characters begins, the end of the text included."""

    text: str
    starts: np.ndarray

    def locate(self, selection: Selection) -> tuple[int, int] | None:
        """The selection's first character and the one after its last; None where no character begins there."""
        wanted = [selection.start, selection.end]
        places = np.searchsorted(self.starts, wanted)
        if places.max() >= len(self.starts) or list(self.starts[places]) != wanted or places[0] >= places[1]:
            return None
        return int(places[0]), int(places[1])

    def fits(self, selection: Selection) -> bool:
        """Does the selection begin and end between words?"""
        located = self.locate(selection)
        return located is not None and not any(
            0 < place < len(self.text) and self.text[place - 1].isalnum() and self.text[place].isalnum() for place in located
        )


def _read_project(path: Path, content: bytes) -> Coded:
    """A REFI-QDA project (`.qdpx`): texts are cut out of the sources by position."""
    with _open_archive(path, content) as archive:
        # A Mac that packs a project anew adds hidden doubles such as __MACOSX/._project.qde.
        names = [name for name in archive.namelist() if re.search(r"(?i)(^|/)[^./][^/]*\.qde$", name)]
        if len(names) != 1:
            raise WorkbookError(
                path, "", f"{len(names)} entries that end in .qde", "one project in the archive", "export it again"
            )
        tree = _parse_xml(path, _read_entry(path, archive, names[0]), names[0])
        selections, texts = _list_selections(tree, archive, path)
    cases = [case for group in _find_all(tree, "Cases")[:1] for case in group if _kind(case) == "Case"]
    case_codes = _collect_case_codes(cases)
    paths = {guid: steps for guid, steps in _trace_codes(tree, path).items() if guid not in case_codes}
    codes = _name_codes(list(paths.values()))
    names, topics = dict(zip(paths, codes["code"], strict=True)), dict(zip(paths, codes["theme"], strict=True))
    spans = _collect_spans(cases, case_codes, selections)
    members = {
        _guid(reference, "targetGUID"): case.get("name")
        for case in cases
        for reference in case
        if _kind(reference) == "SelectionRef"
    }
    users = {_guid(user): user.get("name", "") for user in _find_all(tree, "User")}
    origin = f"REFI-QDA project written by {tree.get('origin', 'a tool that it does not name')}"

    coded = [selection for selection in selections if any(code not in case_codes for code, _ in selection.codings)]
    rulers, fit = _choose_dialect([selection for selection in coded if selection.text], texts, path)
    rows = []
    for selection in coded:
        within = _choose_case(spans.get(selection.source_guid, []), selection.start, selection.end)
        where = f"{selection.start}-{selection.end}" if selection.text else selection.guid
        for code, coder in selection.codings:
            if code in case_codes:
                continue
            if code not in paths:
                raise WorkbookError(
                    path, selection.place, "a code that the project's codebook lacks", "a code of the project",
                    "export the project again",
                )  # fmt: skip
            rows.append(
                {
                    "segment": f"{selection.source}:{where}",
                    "participant": members.get(selection.guid) or within,
                    "source": selection.source,
                    "coder": users.get(coder),
                    "code": names[code],
                    "theme": topics[code],
                    "text": _cut_text(selection, rulers[selection.text], path) if selection.text else None,
                    "place": selection.place,
                }
            )
    # Two selections of one stretch may carry the same code by the same coder: one row.
    table = _frame_rows(rows).drop_duplicates(["segment", "coder", "code"], ignore_index=True)
    return Coded(origin + fit, table, codes, _list_cases(cases, tree))


def _read_qdc(path: Path, content: bytes) -> pd.DataFrame:
    """A codebook in REFI-QDA's exchange format."""
    tree = _parse_xml(path, content, "")
    if _kind(tree) != "CodeBook":
        raise WorkbookError(path, "", f"an XML file of {_kind(tree)!r}", "a codebook", "export the codebook (.qdc)")
    codes = _trace_codes(tree, path)
    if not codes:
        raise WorkbookError(path, "", "no codes", "at least one", "export the codebook again")
    return _name_codes(list(codes.values()))


def _trace_codes(tree: Element, path: Path) -> dict[str, tuple[str, ...]]:
    """Codes that can be given to a segment, by guid, each with its names from the outermost down."""
    found: dict[str, tuple[str, ...]] = {}
    seen: set[str] = set()
    flat = tree.get("origin", "").startswith("Taguette")
    waiting = [(code, ()) for codes in _find_all(tree, "Codes")[:1] for code in reversed(codes)]
    while waiting:
        element, above = waiting.pop()
        if _kind(element) != "Code":
            continue
        name, guid = element.get("name", "").strip(), _guid(element)
        if not name or not guid or guid in seen:
            raise WorkbookError(
                path, f"code {name or len(found) + 1}", "no name, no id, or an id that another code has",
                "a name and an id of its own", "export it again",
            )  # fmt: skip
        seen.add(guid)
        steps = (*above, *(_split_tag(name) if flat else (name,)))
        if element.get("isCodable", "true") != "false":
            found[guid] = steps
        waiting += [(child, steps) for child in reversed(element)]
    return found


def _list_selections(tree: Element, archive: zipfile.ZipFile, path: Path) -> tuple[list[Selection], dict[str, str]]:
    """Every selection that is coded or part of a case, and the texts that their positions refer to."""
    stored = {name.casefold(): name for name in archive.namelist()}
    referenced = {_guid(reference, "targetGUID") for reference in _find_all(tree, "SelectionRef")}
    selections: list[Selection] = []
    texts: dict[str, str] = {}
    for source in [source for sources in _find_all(tree, "Sources")[:1] for source in sources]:
        name = re.sub(SOURCE_ENDING, "", source.get("name") or _guid(source))
        holders = [element for element in source.iter() if element is source or _kind(element) in TEXT_HOLDERS]
        for number, holder in enumerate(holders):
            key = f"{_guid(source)}/{number}"
            for element in [holder, *(child for child in holder if _kind(child).endswith("Selection"))]:
                codings = _list_codings(element)
                if not codings and _guid(element) not in referenced:
                    continue
                guid = _guid(element) or f"number {len(selections) + 1}"
                place = f"source {name}, selection {guid}"
                text, start, end = None, 0, 0
                if _kind(element) in TEXT_SELECTIONS:
                    text, (start, end) = key, _read_positions(element, holder, path, place)
                    if key not in texts:
                        texts[key] = _read_source(holder, archive, stored, path, name)
                selections.append(Selection(guid, name, _guid(source), text, start, end, codings, place))
    return selections, texts


def _list_codings(element: Element) -> list[tuple[str, str]]:
    """The codes that a selection carries and who gave them, as guids."""
    codings = []
    for coding in element:
        if _kind(coding) == "Coding":
            coder = _guid(coding, "creatingUser") or _guid(element, "creatingUser")
            codings += [(_guid(code, "targetGUID"), coder) for code in coding if _kind(code) == "CodeRef"]
    return codings


def _read_positions(element: Element, holder: Element, path: Path, place: str) -> tuple[int, int]:
    """Where a selection begins and ends; a transcript's selections point at marks that hold the positions."""
    if _kind(element) == "PlainTextSelection":
        positions = [element.get("startPosition"), element.get("endPosition")]
    else:
        marks = {_guid(mark): mark.get("position") for mark in holder if _kind(mark) == "SyncPoint"}
        positions = [marks.get(_guid(element, side)) for side in ("fromSyncPoint", "toSyncPoint")]
    start, end = (_read_whole(position, path, place) for position in positions)
    return start, end


def _read_source(holder: Element, archive: zipfile.ZipFile, stored: dict[str, str], path: Path, name: str) -> str:
    """The plain text that positions refer to; its byte-order mark is kept, line ends are as stored."""
    for element in holder:
        if _kind(element) == "PlainTextContent":
            return element.text or ""
    link = holder.get("plainTextPath", "")
    # The standard says `sources/`, NVivo 12 writes `Sources/`.
    entry = stored.get("sources/" + link.removeprefix("internal://").casefold())
    if not link.startswith("internal://") or entry is None:
        raise WorkbookError(
            path, f"source {name}", f"no plain text in the archive ({link or 'no path'})",
            "its text inside the archive", "export the project with its sources",
        )  # fmt: skip
    content = _read_entry(path, archive, entry)
    text = _decode_text(path, content, f"entry {entry}")
    return "\ufeff" + text if content.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")) else text


def _choose_dialect(selections: list[Selection], texts: dict[str, str], path: Path) -> tuple[dict[str, Ruler], str]:
    """The way of counting under which most selections begin and end between words; a clause that says how many do.

    The standard counts Unicode code points; NVivo 12 counts UTF-16 units, others take a stored line end of two
    characters for one. Nothing in a file says which.
    """
    if not selections:
        return {}, ""
    newlines = any("\r\n" in text for text in texts.values())
    wide = any(max(text, default="") > "\uffff" for text in texts.values())
    marked = any(text.startswith("\ufeff") for text in texts.values())
    best, most, label = {}, -1, ""
    for dialect in DIALECTS:
        if (dialect.one_newline and not newlines) or (dialect.counts_mark and not marked):
            continue
        if dialect.unit == "UTF-16 units" and not wide:
            continue
        rulers = {key: _lay_ruler(text, dialect) for key, text in texts.items()}
        fitting = sum(rulers[selection.text].fits(selection) for selection in selections)
        if fitting > most:
            best, most, label = rulers, fitting, dialect.label
    if most < LEAST_FIT * len(selections):
        raise WorkbookError(
            path, f"positions of {len(selections)} selections", f"{most} that begin and end between words, at best",
            f"at least {LEAST_FIT:.0%}, since texts would be cut in the wrong places",
            "export the project again, or export the coded segments as a table",
        )  # fmt: skip
    return best, f"; positions count {label}: {most} of {len(selections)} selections begin and end between words"


def _lay_ruler(text: str, dialect: Dialect) -> Ruler:
    marked = text.startswith("\ufeff")
    text = text.removeprefix("\ufeff")
    if dialect.one_newline:
        text = text.replace("\r\n", "\n")
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    widths = 1 + (points > 0xFFFF) if dialect.unit == "UTF-16 units" else np.ones(len(points), dtype=int)
    starts = np.concatenate([[0], np.cumsum(widths)]).astype(int)
    return Ruler(text, starts + 1 if marked and dialect.counts_mark else starts)


def _cut_text(selection: Selection, ruler: Ruler, path: Path) -> str:
    located = ruler.locate(selection)
    if located is None:
        raise WorkbookError(
            path, selection.place, f"the positions {selection.start} to {selection.end}",
            f"a stretch of its text, which ends at {ruler.starts[-1]}", "export the project again",
        )  # fmt: skip
    return ruler.text[slice(*located)].strip()


def _collect_case_codes(cases: list[Element]) -> dict[str, str]:
    """Codes that stand for a case: NVivo codes what a person said with a code that has, or that is named by, a case."""
    codes = {}
    for case in cases:
        if case.get("name"):
            codes[_guid(case)] = case.get("name")
            codes |= {_guid(code, "targetGUID"): case.get("name") for code in case if _kind(code) == "CodeRef"}
    return codes


def _collect_spans(cases: list[Element], case_codes: dict[str, str], selections: list[Selection]) -> dict[str, list[Span]]:
    """For each source, the stretches that belong to a case: whole sources, selections, and what a case's code marks."""
    by_guid = {selection.guid: selection for selection in selections}
    found = [
        (selection.source_guid, case_codes[code], selection)
        for selection in selections
        for code, _ in selection.codings
        if code in case_codes
    ]
    for case in [case for case in cases if case.get("name")]:
        for reference in case:
            target = _guid(reference, "targetGUID")
            if _kind(reference) == "SourceRef":
                found.append((target, case.get("name"), None))
            elif _kind(reference) == "SelectionRef" and target in by_guid and by_guid[target].text:
                found.append((by_guid[target].source_guid, case.get("name"), by_guid[target]))
    spans: dict[str, list[Span]] = {}
    for source, case, selection in found:
        whole = selection is None or not selection.text
        span = Span(case, 0, WHOLE) if whole else Span(case, selection.start, selection.end)
        spans.setdefault(source, []).append(span)
    return spans


def _list_cases(cases: list[Element], tree: Element) -> pd.DataFrame:
    """Cases and their variables; MAXQDA and Quirkos write a case without a name for each source."""
    sources = {_guid(source): source.get("name", "") for group in _find_all(tree, "Sources")[:1] for source in group}
    variables = {_guid(variable): variable.get("name", "") for variable in _find_all(tree, "Variable")}
    values = []
    for case in cases:
        targets = [_guid(element, "targetGUID") for element in case if _kind(element) == "SourceRef"]
        name = case.get("name") or (sources.get(targets[0], "") if len(targets) == 1 else "")
        name = re.sub(SOURCE_ENDING, "", name.strip())
        if not name:
            continue
        values.append((name, "", ""))
        for value in [element for element in case if _kind(element) == "VariableValue"]:
            parts = {_kind(part): part for part in value}
            variable = variables.get(_guid(parts["VariableRef"], "targetGUID"), "") if "VariableRef" in parts else ""
            text = next((part.text for kind, part in parts.items() if kind.endswith("Value")), "")
            values.append((name, variable, (text or "").strip()))
    return _pivot_cases(pd.DataFrame(values, columns=["participant", "variable", "value"], dtype="str"))


# --- transcripts ------------------------------------------------------------------------------------------------------

TIME = r"\d{1,2}(?::\d{1,2}){1,2}(?:[.,]\d{1,3})?"
# Older documents: a line of two times, the speaker on the next; newer ones: the speaker, a gap and a time.
OLDER_TURN = re.compile(rf"{TIME}\s*-->\s*{TIME}")
NEWER_TURN = re.compile(rf"(?P<speaker>\S.*?)(?:\s{{2,}}|\t|\u00a0){TIME}")
NOTICE = re.compile(r".+ (started|stopped) transcription")
DEPARTMENT = re.compile(r"\s*\([^()]*\)$")


def read_transcripts(study: Study) -> pd.DataFrame:
    """Read the transcripts of a study (`transcripts:`, a folder of Teams' `.vtt` and `.docx` files, or one of them).

    Speakers become labels here, through the columns `speaker`, `speaker_2` … of the participants' file, and their
    names go no further. A department in brackets after a name does not matter. Names inside what was said stay.

    Returns
    -------
    DataFrame
        One row a turn, in order: `source` (the file's name without its ending), `turn` (from 1 within the source),
        `participant` (label, or that of an interviewer) and `text`.

    Raises
    ------
    WorkbookError
        For a folder without transcripts, a damaged file, one without turns, and speakers whom the participants' file
        does not know: the message lists their names.
    """
    people = read_people(study.file(study.interviews.participants))
    path = study.file(study.interviews.participants)
    labels = {_fold(label): label for label in people["participant"]}
    names = {**_collect_aliases(people, "speaker", path), **labels}
    turns = []
    for transcript in _list_transcripts(study):
        read = _read_docx if transcript.suffix.casefold() == ".docx" else _read_vtt
        spoken = read(transcript)
        if not spoken:
            raise WorkbookError(transcript, "", "no turns", "a transcript as Teams writes it", "download it from Teams again")
        unknown = {speaker for speaker, _ in spoken if _find_speaker(speaker, names) is None}
        if unknown:
            raise WorkbookError(
                transcript, "speakers", ", ".join(sorted(speaker or "(no name)" for speaker in unknown)),
                "speakers whom the participants' file knows",
                "add each name to the column `speaker` of its person; an interviewer has a row too (`takes_part_as`)",
            )  # fmt: skip
        turns += _join_turns(transcript.stem, [(_find_speaker(speaker, names), text) for speaker, text in spoken])
    return pd.DataFrame(turns, columns=["source", "turn", "participant", "text"]).astype(
        {"source": "str", "turn": int, "participant": "str", "text": "str"}
    )


def _list_transcripts(study: Study) -> list[Path]:
    relative = study.interviews.transcripts
    if relative is None:
        raise WorkbookError(
            study.folder / "study.yml", "interviews", "no key `transcripts`", "a folder of transcripts",
            "add the key, or leave this check out",
        )  # fmt: skip
    folder = (study.folder / relative).resolve()
    if not folder.is_dir() or not folder.is_relative_to(study.folder.resolve()):
        return [study.file(relative)]
    # Hidden files (.DS_Store, ._interview.vtt) and the lock files of an open document (~$) are no transcripts.
    files = [file for file in sorted(folder.iterdir()) if file.is_file() and not file.name.startswith(("~$", "."))]
    files = [file for file in files if file.suffix.casefold() in {".vtt", ".docx"}]
    if not files:
        raise WorkbookError(folder, "", "no transcripts", "files that end in .vtt or .docx", "put them there")
    return files


def _find_speaker(speaker: str, names: dict[str, str]) -> str | None:
    """The label of a speaker, with the department in brackets or without it."""
    return names.get(_fold(speaker)) or names.get(_fold(DEPARTMENT.sub("", speaker)))


def _join_turns(source: str, spoken: list[tuple[str | None, str]]) -> list[tuple[str, int, str | None, str]]:
    """Utterances of one speaker in a row make one turn: Teams breaks what is said over several cues."""
    turns: list[tuple[str, int, str | None, str]] = []
    for speaker, text in spoken:
        text = " ".join(text.split())
        if turns and turns[-1][2] == speaker:
            turns[-1] = (*turns[-1][:3], f"{turns[-1][3]} {text}".strip())
        else:
            turns.append((source, len(turns) + 1, speaker, text))
    return turns


def _read_vtt(path: Path) -> list[tuple[str, str]]:
    """Speaker and text of each cue: `<v Name (Department)>text</v>`, over several lines, entities as written."""
    import webvtt

    text = _decode_text(path, _read_bytes(path))
    # Older files write 0:0:13.540, which is not WebVTT.
    text = re.sub(
        r"(?m)^(\d+):(\d+):(\d+\.\d{3})(?= -->)|(?<=--> )(\d+):(\d+):(\d+\.\d{3})",
        lambda found: ":".join(part.zfill(6 if "." in part else 2) for part in found.groups() if part),
        text,
    )
    try:
        cues = list(webvtt.from_string(text))
    except Exception as error:  # webvtt-py raises several kinds
        _refuse_damaged(path, error, "a transcript in WebVTT")
    spoken = []
    for number, cue in enumerate(cues):
        voices = re.findall(r"<v(?:\.[^\s>]*)?\s+([^>]*)>(.*?)(?=</v>|<v[\s.]|$)", cue.raw_text, re.DOTALL)
        if not voices:
            raise WorkbookError(
                path, f"cue {number + 1}", "words without a speaker", "<v Name>words</v>",
                "download the transcript with speakers' names, or add the name in the file",
            )  # fmt: skip
        for speaker, words in voices:
            spoken.append((html.unescape(speaker).strip(), html.unescape(re.sub(r"<[^>]*>", "", words))))
    return spoken


def _read_docx(path: Path) -> list[tuple[str, str]]:
    """Speaker and text of each turn, in both layouts that Teams has written; title and notices are left out."""
    import docx

    content = _read_bytes(path)
    _check_document(path, content)
    try:
        paragraphs = [paragraph.text.strip() for paragraph in docx.Document(io.BytesIO(content)).paragraphs]
    except Exception as error:  # python-docx raises almost anything on a damaged file
        _refuse_damaged(path, error, "a Word document")
    spoken: list[tuple[str, str]] = []
    lines = [line.strip() for paragraph in paragraphs for line in paragraph.splitlines()]
    awaiting_speaker = False
    for line in filter(None, lines):
        newer = NEWER_TURN.fullmatch(line)
        if OLDER_TURN.fullmatch(line):
            awaiting_speaker = True
        elif awaiting_speaker:
            spoken.append((line, ""))
            awaiting_speaker = False
        elif newer:
            spoken.append((newer["speaker"], ""))
        elif spoken and not NOTICE.fullmatch(line):
            # Somebody who corrected the transcript by ear may have split a turn into paragraphs.
            spoken[-1] = (spoken[-1][0], f"{spoken[-1][1]} {line}".strip())
    return spoken
