"""What a study's interviews say: its participants, codes and coded segments."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from helpers.interviews.coded import PARTICIPANT, SEGMENT_COLUMNS, SOURCE_ENDING
from helpers.interviews.people import place_participants, read_people
from helpers.interviews.read import read_coded
from helpers.interviews.refi import read_qdc
from helpers.study.definition import Study
from helpers.study.errors import WorkbookError
from helpers.study.files import is_xml, read_bytes
from helpers.study.sheets import read_table, refuse_blank, refuse_others, refuse_repeats


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
    people = people[people["takes_part_as"] == PARTICIPANT]
    if people.empty:
        raise WorkbookError(path, "", "no participants", "a row for each person interviewed", "add the participants")
    table = people[["participant"]]
    for name, attribute in study.interviews.attributes.items():
        if name not in people:
            known = ", ".join(column for column in people if column != "takes_part_as")
            raise WorkbookError(
                path, "header", known, f"a column {name!r}, since study.yml declares that attribute",
                "add the column, or take the attribute out of study.yml",
            )  # fmt: skip
        refuse_others(people, name, attribute.levels, path, "correct the value, or declare the level in study.yml")
        table = table.assign(**{name: pd.Categorical(people[name].replace("", None), categories=attribute.levels)})
    return table.reset_index(drop=True)


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
        codes = read_coded(study.file(study.interviews.segments)).codes.reset_index(drop=True)
        return codes.assign(construct=pd.Series(dtype="str"))
    path = study.file(study.interviews.codes)
    codes = _read_codebook(path)
    refuse_others(codes, "construct", study.constructs, path, "correct it, or define the construct in study.yml")
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
    coded = read_coded(path)
    if coded.rows.empty:
        raise WorkbookError(
            path, "", f"no coded segments in this {coded.origin}", "at least one", "code the interviews, or export again"
        )
    rows = place_participants(coded.rows, read_people(study.file(study.interviews.participants)), path)
    rows = _attach_codes(rows, read_codes(study), path, study)
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
    approved, known = read_table(path, ["segment"]), set(read_segments(study)["segment"])
    for place, segment in approved.loc[~approved["segment"].isin(known), "segment"].items():
        raise WorkbookError(
            path, f"{place}, column segment", repr(segment), "the id of a segment of the interviews",
            "correct the id, or take the row out",
        )  # fmt: skip
    return approved["segment"].to_list()


def describe_reading(study: Study) -> str:
    """Say in a sentence what was read: "REFI-QDA project written by NVivo; positions count UTF-16 units, …"."""
    return read_coded(study.file(study.interviews.segments)).origin


# --- codes ------------------------------------------------------------------------------------------------------------
def _read_codebook(path: Path) -> pd.DataFrame:
    """`code, label, theme, construct`, by place, from a CSV or XLSX sheet with a column `code`, or from a `.qdc`."""
    content = read_bytes(path)
    if is_xml(content):
        codes = read_qdc(path, content)
        codes = codes.set_axis([f"code {number + 1}" for number in range(len(codes))])
    else:
        codes = read_table(path, ["code"], content)
    codes = codes.reindex(columns=["code", "label", "theme", "construct"]).astype("str")
    codes = codes.where(codes != "")
    refuse_blank(codes, ["code"], path)
    refuse_repeats(codes, "code", path)
    return codes.assign(label=codes["label"].fillna(codes["code"]))


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
