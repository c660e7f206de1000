"""What every reader of coded interviews makes: a tidy segment a row, with its participant, source and code."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from helpers.interviews.files import refuse_rows

SEGMENT_COLUMNS = ["segment", "participant", "source", "coder", "code", "theme", "text"]
TIDY_COLUMNS = ["segment", "participant", "code", "text"]
TAGUETTE_COLUMNS = ["id", "document", "tag", "content"]
QUALCODER_COLUMNS = ["Coder", "Coded", "Id", "Codename", "Coded_Memo"]
# What people may take part as (column `takes_part_as` of participants.csv, blank = the first): only participants are
# counted, the others just speak in transcripts.
PARTICIPANT = "participant"
ROLES = [PARTICIPANT, "interviewer", "other"]
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


def name_codes(paths: Mapping[str, tuple[str, ...]]) -> pd.DataFrame:
    """Name nested codes, each under its key: by the last step of the path, or by all where that would name two of them.

    The theme is the first step; a code that stands alone is its own theme.
    """
    shared = Counter(path[-1] for path in paths.values())
    names = [" / ".join(path) if shared[path[-1]] > 1 else path[-1] for path in paths.values()]
    themes = [path[0] for path in paths.values()]
    return pd.DataFrame({"code": names, "label": names, "theme": themes}, index=list(paths), dtype="str")


def attach_names(rows: pd.DataFrame, codes: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Rows with the name and theme of a code in place of its key (see `name_codes`)."""
    remedy = "repair the project in the coding tool, or export it again"
    refuse_rows(
        rows[~rows["code"].isin(codes.index)], path, "a code that the project's codebook lacks", "a code of the project", remedy
    )
    return rows.assign(code=rows["code"].map(codes["code"]), theme=rows["code"].map(codes["theme"]))


def list_codes(rows: pd.DataFrame) -> pd.DataFrame:
    """A codebook made of the codes in use."""
    codes = rows.drop_duplicates("code")[["code", "theme"]]
    return codes.assign(label=codes["code"])[["code", "label", "theme"]]


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
