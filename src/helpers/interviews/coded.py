"""What every reader of coded interviews returns: tidy rows, each one segment with its participant, source and code."""

import hashlib
import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

import pandas as pd

from helpers.study.files import refuse_rows
from helpers.study.sheets import Sheet, frame_sheet, refuse_blank

SEGMENT_COLUMNS = ["segment", "participant", "source", "coder", "code", "theme", "text"]
TIDY_COLUMNS = ["participant", "code", "text"]
# Other headings that people use in a table typed by hand.
HEADINGS = {"quotation": "text", "quote": "text", "excerpt": "text", "interviewee": "participant", "transcript": "source"}
TAGUETTE_COLUMNS = ["id", "document", "tag", "content"]
QUALCODER_COLUMNS = ["Coder", "Coded", "Id", "Codename", "Coded_Memo"]
# The roles that people may have (column `takes_part_as` of participants.csv, blank = the first). Only participants are
# counted; the others only speak in transcripts.
PARTICIPANT = "participant"
ROLES = [PARTICIPANT, "interviewer", "other"]
# Put before the name of a column in the file, so that it is never mistaken for one of ours.
OWN = "own "
SOURCE_ENDING = r"(?i)\.(txt|docx?|odt|rtf|pdf|vtt|md|html?)$"


@dataclass(frozen=True)
class Coded:
    """What one file of coded interviews contains, before participants are looked up.

    `origin`: in plain words, what wrote the file. `rows`: each row is one segment and code, see `frame_rows`. `codes`: the
    codebook, `code, label, theme`, including unused codes. `cases`: `participant` and a column for each variable; empty if the
    file has no cases.
    """

    origin: str
    rows: pd.DataFrame
    codes: pd.DataFrame
    cases: pd.DataFrame = field(default_factory=pd.DataFrame)


def frame_rows(rows: list[dict[str, str | None]] | pd.DataFrame) -> pd.DataFrame:
    """Rows as text, with blanks as missing: `SEGMENT_COLUMNS` (participants may be missing) and `place`, for messages."""
    table = pd.DataFrame(rows).reindex(columns=[*SEGMENT_COLUMNS, "place"]).astype("str")
    return table.where(table != "")


def name_apart(names: Iterable[str]) -> list[str]:
    """Make names different: "Interview", then "Interview (2)" for the next one with that name, ignoring case."""
    given: list[str] = []
    for name in names:
        numbered = (name if number == 1 else f"{name} ({number})" for number in count(1))
        given.append(next(other for other in numbered if other.casefold() not in map(str.casefold, given)))
    return given


def name_codes(paths: Mapping[Hashable, tuple[str, ...]]) -> pd.DataFrame:
    """Name nested codes, by key: the last step of the path, or the whole path if two codes have the same last step.

    The theme is the first of several steps, else missing. Two codes with the same path stay two codes.
    """
    shared = Counter(path[-1] for path in paths.values())
    names = name_apart(" / ".join(path) if shared[path[-1]] > 1 else path[-1] for path in paths.values())
    themes = [path[0] if len(path) > 1 else None for path in paths.values()]
    return pd.DataFrame(
        {"code": names, "label": names, "theme": themes}, index=pd.Index(paths, tupleize_cols=False), dtype="str"
    )


def attach_names(rows: list[dict] | pd.DataFrame, codes: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Rows as in `frame_rows`, with the name and theme of each code instead of its key (see `name_codes`)."""
    rows = pd.DataFrame(rows).reindex(columns=[*SEGMENT_COLUMNS, "place"])
    found, remedy = "a code that the project's codebook lacks", "repair the project in the coding tool, or export it again"
    refuse_rows(rows[~rows["code"].isin(codes.index)], path, found, "a code of the project", remedy)
    return frame_rows(rows.assign(code=rows["code"].map(codes["code"]), theme=rows["code"].map(codes["theme"])))


def frame_sheets(sheets: list[Sheet], filled: list[str]) -> pd.DataFrame:
    """Join sheets with the same layout, and add a column `place`; no cell in the columns `filled` may be empty."""
    tables = [frame_sheet(sheet) for sheet in sheets]
    for table in tables:
        refuse_blank(table, filled, sheets[0].file)
    return pd.concat([table.assign(place=table.index) for table in tables], ignore_index=True)


def name_columns(sheet: Sheet) -> Sheet:
    """Rename a sheet's columns to the headings that we know, ignoring capital letters."""
    known = {name: name for name in SEGMENT_COLUMNS}
    names = [(known | HEADINGS).get(name.casefold(), name) for name in sheet.header]
    return replace(
        sheet, header=[name if names.count(name) == 1 else old for name, old in zip(names, sheet.header, strict=True)]
    )


def read_tidy(sheets: list[Sheet]) -> Coded:
    """The tidy table: `participant, code, text`, and if known `segment, source, coder, theme` (the first one given for a code).

    Segments without ids are named after who said what, so that ids keep their meaning when a row is inserted. All columns of
    the file are also kept, with a prefix that no other name has.
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


@dataclass(frozen=True)
class Span:
    """A part of a source, or all of it, that belongs to a case; the end is exclusive."""

    case: str
    start: int = 0
    end: float = math.inf


def choose_case(spans: Iterable[Span], start: int, end: int) -> str | None:
    """The case that a segment belongs to: the narrowest span around it, or else the one it overlaps; None if unclear."""
    around = [span for span in spans if span.start <= start and end <= span.end]
    if around:
        width = min(span.end - span.start for span in around)
        found = {span.case for span in around if span.end - span.start == width}
    else:
        found = {span.case for span in spans if span.start < end and start < span.end}
    return found.pop() if len(found) == 1 else None


def pivot_cases(values: pd.DataFrame) -> pd.DataFrame:
    """Cases with a column for each variable, from rows of `participant, variable, value`."""
    cases = {name: {"participant": name} for name in values["participant"]}
    for row in values.itertuples():
        if row.variable and row.variable not in {"participant", "place"}:
            cases[row.participant][row.variable] = row.value
    return pd.DataFrame(list(cases.values()), dtype="str").fillna("")
