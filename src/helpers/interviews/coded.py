"""What every reader of coded interviews makes: a tidy segment a row, with its participant, source and code.

Readers of sheets: the tidy table, Taguette's highlights, QualCoder's report.
"""

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

import pandas as pd

from helpers.study.errors import WorkbookError
from helpers.study.files import decode_text, read_bytes, refuse_rows
from helpers.study.sheets import Sheet, frame_sheet, refuse_blank

SEGMENT_COLUMNS = ["segment", "participant", "source", "coder", "code", "theme", "text"]
TIDY_COLUMNS = ["participant", "code", "text"]
# Other headings of a table that was typed by hand.
HEADINGS = {"quotation": "text", "quote": "text", "excerpt": "text", "interviewee": "participant", "transcript": "source"}
TAGUETTE_COLUMNS = ["id", "document", "tag", "content"]
QUALCODER_COLUMNS = ["Coder", "Coded", "Id", "Codename", "Coded_Memo"]
# What people may take part as (column `takes_part_as` of participants.csv, blank = the first): only participants are
# counted, the others just speak in transcripts.
PARTICIPANT = "participant"
ROLES = [PARTICIPANT, "interviewer", "other"]
# Before the name of a column of the file, so that it never is taken for one of ours.
OWN = "own "
SOURCE_ENDING = r"(?i)\.(txt|docx?|odt|rtf|pdf|vtt|md|html?)$"


@dataclass(frozen=True)
class Coded:
    """What one file of coded interviews holds, before participants are looked up.

    `origin`: what wrote the file, in words for a reader. `rows`: one per segment and code, see `frame_rows`. `codes`: the
    codebook, `code, label, theme`, codes on no segment included. `cases`: `participant` and a column per variable; empty
    when the file knows no cases.
    """

    origin: str
    rows: pd.DataFrame
    codes: pd.DataFrame
    cases: pd.DataFrame = field(default_factory=pd.DataFrame)


def frame_rows(rows: list[dict[str, str | None]] | pd.DataFrame) -> pd.DataFrame:
    """Rows as text, blanks missing: `SEGMENT_COLUMNS` (some participants may be missing) and `place`, for messages."""
    table = pd.DataFrame(rows).reindex(columns=[*SEGMENT_COLUMNS, "place"]).astype("str")
    return table.where(table != "")


def name_apart(names: Iterable[str]) -> list[str]:
    """Names that a reader can tell apart: "Interview", and "Interview (2)" for the next of that name, whatever its case."""
    given: list[str] = []
    for name in names:
        numbered = (name if number == 1 else f"{name} ({number})" for number in count(1))
        given.append(next(other for other in numbered if other.casefold() not in map(str.casefold, given)))
    return given


def name_codes(paths: Mapping[Hashable, tuple[str, ...]]) -> pd.DataFrame:
    """Name nested codes, each under its key: by the last step of the path, or by all where that would name two of them.

    The theme is the first of several steps, else missing. Two codes of one path are two.
    """
    shared = Counter(path[-1] for path in paths.values())
    names = name_apart(" / ".join(path) if shared[path[-1]] > 1 else path[-1] for path in paths.values())
    themes = [path[0] if len(path) > 1 else None for path in paths.values()]
    return pd.DataFrame(
        {"code": names, "label": names, "theme": themes}, index=pd.Index(paths, tupleize_cols=False), dtype="str"
    )


def attach_names(rows: list[dict] | pd.DataFrame, codes: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Rows as `frame_rows` makes them, with the name and theme of a code in place of its key (see `name_codes`)."""
    rows = pd.DataFrame(rows).reindex(columns=[*SEGMENT_COLUMNS, "place"])
    found, remedy = "a code that the project's codebook lacks", "repair the project in the coding tool, or export it again"
    refuse_rows(rows[~rows["code"].isin(codes.index)], path, found, "a code of the project", remedy)
    return frame_rows(rows.assign(code=rows["code"].map(codes["code"]), theme=rows["code"].map(codes["theme"])))


def frame_sheets(sheets: list[Sheet], filled: list[str]) -> pd.DataFrame:
    """Sheets of one layout as one table with a column `place`; no cell of the columns `filled` may be empty."""
    tables = [frame_sheet(sheet) for sheet in sheets]
    for table in tables:
        refuse_blank(table, filled, sheets[0].file)
    return pd.concat([table.assign(place=table.index) for table in tables], ignore_index=True)


def name_columns(sheet: Sheet) -> Sheet:
    """A sheet under the headings that we know, however they are capitalised."""
    known = HEADINGS | {name: name for name in SEGMENT_COLUMNS}
    names = [known.get(name.casefold(), name) for name in sheet.header]
    names = [name if names.count(name) == 1 else old for name, old in zip(names, sheet.header, strict=True)]
    return replace(sheet, header=names)


def read_tidy(sheets: list[Sheet]) -> Coded:
    """The tidy table: `participant, code, text`, and if known `segment, source, coder, theme`: the first named for a code.

    Where segments have no ids they are named after who said what, so that an id never comes to mean other words when a row is
    put in. All columns of the file stay besides, under names of which no other begins so.
    """
    table = frame_sheets(sheets, [name for name in ("segment", "participant", "code") if name in sheets[0].header])
    if "segment" not in table:
        said = table.reindex(columns=["participant", "source", "text", "code"], fill_value="")
        said["code"] += said.groupby(["participant", "code"]).cumcount().astype("str")
        keys = ["\n".join(row if row[2] == "" else row[:3]) for row in said.to_numpy()]
        table = table.assign(segment=[hashlib.sha256(key.encode()).hexdigest()[:8] for key in keys])
    rows = frame_rows(table).join(table.drop(columns="place").add_prefix(OWN))
    rows = rows.assign(theme=rows["theme"].fillna(rows.groupby("code")["theme"].transform("first")))
    codes = rows.drop_duplicates("code").assign(label=rows["code"])
    return Coded("table of segments", rows, codes[["code", "label", "theme"]])


def read_taguette(sheets: list[Sheet]) -> Coded:
    """Taguette's highlights: one row per highlight and tag; a `.` in a tag makes a hierarchy."""
    highlights, origin, path = frame_sheets(sheets, ["id", "document"]), "Taguette highlights", sheets[0].file
    untagged = highlights["tag"] == ""
    if untagged.any():
        origin += f"; highlights without a tag, left out: {untagged.sum()}"
    highlights = highlights[~untagged]
    codes = name_codes({tag: split_tag(tag) for tag in highlights["tag"]})
    names = {"id": "segment", "document": "source", "tag": "code", "content": "text"}
    return Coded(origin, attach_names(highlights[[*names, "place"]].rename(columns=names), codes, path), codes)


def split_tag(tag: str) -> tuple[str, ...]:
    """The steps of a tag such as `time.travel`, each a word at least; "1.2 Time", "e.g. time" and "v2.0" are names."""
    steps = tuple(tag.split("."))
    return steps if all(re.match(r"[^\W\d_]{2}", step) and step == step.strip() for step in steps) else (tag,)


def read_qualcoder_report(sheets: list[Sheet]) -> Coded:
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
    # How long a row is tells how many categories it has, so rows are read without what a table would fill up.
    text = decode_text(sheet.file, read_bytes(sheet.file))
    for number, line in enumerate(csv.reader(io.StringIO(text, newline="")), start=1):
        if number not in sheet.cells.index:
            continue
        place, cells = f"row {number}", [cell.strip() for cell in line]
        if not fixed + variables <= len(cells) <= len(sheet.header):
            expected = f"{fixed + variables} to {len(sheet.header)}"
            raise WorkbookError(sheet.file, place, f"{len(cells)} cells", expected, "export the report again")
        row = dict(zip(sheet.header[:fixed], cells, strict=False))
        categories = [name for name in cells[fixed : len(cells) - variables] if name]
        source = row["Filename"] if by_case and "Filename" in row else cells[0]
        text = row["Coded"] if row["Id"].startswith("ctid:") else None
        rows.append({
            "segment": str(spans.setdefault((source, text or row["Id"]), len(spans) + 1)),
            "participant": cells[0] if by_case else None, "source": source, "coder": row["Coder"],
            "code": (*reversed(categories), row["Codename"]), "text": text, "place": place,
        })  # fmt: skip
    codes = name_codes({row["code"]: row["code"] for row in rows})
    table = attach_names(rows, codes, sheet.file)
    refuse_blank(table.set_index("place"), ["source", "code"], sheet.file)
    # The same words coded twice with one code at two places cannot be told apart here: they count once.
    table = table.drop_duplicates(["segment", "participant", "coder", "code"], ignore_index=True)
    return Coded("QualCoder coding report", table, codes)
