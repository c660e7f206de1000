"""What every reader of coded interviews makes: a tidy segment a row, with its participant, source and code."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from helpers.study.errors import WorkbookError
from helpers.study.sheets import Sheet, frame_sheet, refuse_blank

SEGMENT_COLUMNS = ["segment", "participant", "source", "coder", "code", "theme", "text"]
TIDY_COLUMNS = ["segment", "participant", "code", "text"]
TAGUETTE_COLUMNS = ["id", "document", "tag", "content"]
QUALCODER_COLUMNS = ["Coder", "Coded", "Id", "Codename", "Coded_Memo"]
# One row per segment and code, as a file gives it; `participant` may still be missing, `place` is for messages.
ROW_COLUMNS = ["segment", "participant", "source", "coder", "code", "theme", "text", "place"]
# What people may take part as (column `takes_part_as` of participants.csv, blank = the first): only participants are
# counted, the others just speak in transcripts.
PARTICIPANT = "participant"
ROLES = [PARTICIPANT, "interviewer", "other"]
SOURCE_ENDING = r"(?i)\.(txt|docx?|odt|rtf|pdf|vtt|md|html?)$"


@dataclass(frozen=True)
class Coded:
    """What one file of coded interviews holds, before participants are looked up."""

    # What wrote the file, in words for a reader.
    origin: str
    # `ROW_COLUMNS`, one row per segment and code.
    rows: pd.DataFrame
    # `code, label, theme`: the codebook, codes on no segment included.
    codes: pd.DataFrame
    # `participant` and a column per variable; empty when the file knows no cases.
    cases: pd.DataFrame = field(default_factory=pd.DataFrame)


def name_codes(paths: Mapping[str, tuple[str, ...]]) -> pd.DataFrame:
    """Name nested codes, each under its key: by the last step of the path, or by all where that would name two of them.

    The theme is the first step; a code that stands alone is its own theme.
    """
    shared = Counter(path[-1] for path in paths.values())
    names = [" / ".join(path) if shared[path[-1]] > 1 else path[-1] for path in paths.values()]
    themes = [path[0] for path in paths.values()]
    return pd.DataFrame({"code": names, "label": names, "theme": themes}, index=list(paths), dtype="str")


def frame_rows(rows: list[dict[str, str | None]] | pd.DataFrame) -> pd.DataFrame:
    """Rows of `ROW_COLUMNS` as text, blanks missing."""
    table = pd.DataFrame(rows).reindex(columns=ROW_COLUMNS).astype("str")
    return table.where(table != "")


def attach_names(rows: pd.DataFrame, codes: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Rows with the name and theme of a code in place of its key (see `name_codes`)."""
    for place in rows.loc[~rows["code"].isin(codes.index), "place"]:
        raise WorkbookError(
            path, place, "a code that the project's codebook lacks", "a code of the project",
            "repair the project in the coding tool, or export it again",
        )  # fmt: skip
    return rows.assign(code=rows["code"].map(codes["code"]), theme=rows["code"].map(codes["theme"]))


def list_codes(rows: pd.DataFrame) -> pd.DataFrame:
    """A codebook made of the codes in use."""
    codes = rows.drop_duplicates("code")[["code", "theme"]]
    return codes.assign(label=codes["code"])[["code", "label", "theme"]]


def frame_sheets(sheets: list[Sheet], filled: list[str]) -> pd.DataFrame:
    """Sheets of one layout as one table with a column `place`; no cell of the columns `filled` may be empty."""
    tables = [frame_sheet(sheet) for sheet in sheets]
    for table in tables:
        refuse_blank(table, filled, sheets[0].file)
    return pd.concat([table.assign(place=table.index) for table in tables], ignore_index=True)


def read_tidy(sheets: list[Sheet]) -> Coded:
    """The tidy table: `segment, participant, code, text`, and if known `source, coder, theme`."""
    rows = frame_rows(frame_sheets(sheets, ["segment", "participant", "code"]))
    return Coded("table of segments", rows, list_codes(rows))


# --- cases ------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Span:
    """A stretch of a source, or all of it, that belongs to a case; the end is exclusive."""

    case: str
    start: int = 0
    end: float = math.inf


def choose_case(spans: Iterable[Span], start: int, end: int) -> str | None:
    """The case a segment belongs to: the narrowest span around it, else the one that it overlaps; None if unclear."""
    around = [span for span in spans if span.start <= start and end <= span.end]
    if around:
        width = min(span.end - span.start for span in around)
        found = {span.case for span in around if span.end - span.start == width}
    else:
        found = {span.case for span in spans if span.start < end and start < span.end}
    return found.pop() if len(found) == 1 else None


def pivot_cases(values: pd.DataFrame) -> pd.DataFrame:
    """Cases with a column per variable, from rows of `participant, variable, value`."""
    cases = {name: {"participant": name} for name in values["participant"]}
    for row in values.itertuples():
        if row.variable and row.variable not in {"participant", "place"}:
            cases[row.participant][row.variable] = row.value
    return pd.DataFrame(list(cases.values()), dtype="str").fillna("")
