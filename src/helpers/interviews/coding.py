"""Read a study's interviews: participants, codes and coded segments."""

from pathlib import Path

import pandas as pd

from helpers.interviews.coded import OWN, PARTICIPANT, SEGMENT_COLUMNS, SOURCE_ENDING, Coded
from helpers.interviews.people import fold, place_participants, read_people
from helpers.interviews.read import read_coded
from helpers.interviews.refi import read_qdc
from helpers.study.definition import Study
from helpers.study.errors import WorkbookError
from helpers.study.files import find_kind, read_bytes, refuse_rows
from helpers.study.sheets import read_table, refuse_blank, refuse_header, refuse_others, refuse_repeats, shorten


def read_participants(study: Study) -> pd.DataFrame:
    """Read the participants of a study's interviews; each row is one participant.

    The columns are `participant` (label) and a categorical for each attribute that `study.yml` declares, with levels in the
    declared order; blank is missing. People whose `takes_part_as` is not "participant" are left out. The names of speakers and
    sources never leave `helpers.interviews`.

    Raises a `WorkbookError` for an unreadable file, a blank or repeated label, a missing column or an unknown level.
    """
    path = study.file(study.interviews.participants)
    people = read_people(path)
    people = people[people["takes_part_as"] == PARTICIPANT]
    if people.empty:
        raise WorkbookError(path, "", "no participants", "a row for each person interviewed", "add the participants")
    table = people[["participant"]]
    for name, attribute in study.interviews.attributes.items():
        header, why = people.columns.drop("takes_part_as"), ", because study.yml declares that attribute"
        refuse_header(path, header, [name], why, "add it, or remove it from study.yml")
        people = people.assign(**{name: people[name].replace(attribute.codes)})
        refuse_others(people, name, attribute.levels, path, "correct the value, or declare the level in study.yml")
        table = table.assign(**{name: pd.Categorical(people[name].replace("", None), categories=attribute.levels)})
    return table.reset_index(drop=True)


def read_codes(study: Study) -> pd.DataFrame:
    """Read the codebook of a study's interviews: `codes:` in `study.yml`, or else the codes in the coded file.

    Each row is one code: `code, label, theme, construct`. `construct` is a key of the study's constructs or missing; `theme` is
    missing if neither the codebook nor a hierarchy of codes names one.

    Raises a `WorkbookError` for an unreadable file, a blank or repeated code, or an unknown construct.
    """
    if study.interviews.codes is None:
        return _take_codes(read_coded(study.file(study.interviews.segments)))
    path = study.file(study.interviews.codes)
    content = read_bytes(path)
    codes = read_qdc(path, content) if find_kind(content) == "xml" else read_table(path, ["code"], content)
    codes = codes.reindex(columns=["code", "label", "theme", "construct"]).astype("str")
    codes = codes.where(codes != "")
    refuse_blank(codes, ["code"], path)
    refuse_repeats(codes, "code", path)
    refuse_others(codes, "construct", study.constructs, path, "correct it, or define the construct in study.yml")
    return codes.assign(label=codes["label"].fillna(codes["code"])).reset_index(drop=True)


def read_segments(study: Study) -> pd.DataFrame:
    """Read the coded segments of a study's interviews, from any coding tool; each row is one segment and code.

    The columns are `segment, participant, source, coder, code, theme, text`, and `construct` if the codebook gives constructs.
    Ids repeat when a segment has several codes or several coders, so count distinct ids. `source`, `coder` and `text` may be
    missing; a code without a theme is its own theme.

    Raises a `WorkbookError` for a file that is damaged, unsafe, too large or of an unknown kind; if there are no segments; for
    a segment that does not belong to exactly one participant in the participants' table; an id with two meanings; a code that
    is not in the codebook; positions in the text that fit no known way of counting.
    """
    path = study.file(study.interviews.segments)
    coded = read_coded(path)
    asked = study.definition.survey.free_text if study.definition.survey else {}
    said = coded.rows[find_questions(coded.rows, asked).isna()]
    if said.empty:
        found = f"no coded segments in this {coded.origin}"
        raise WorkbookError(path, "", found, "at least one", "code the interviews, or export again")
    people = read_people(study.file(study.interviews.participants))
    rows = place_participants(said, people, path)
    _check_attributes(rows, people, study)
    rows = name_themes(rows, coded, study, path)
    check_ids(rows, path)
    # Sources are named without the file's ending, to match the names of transcripts.
    rows = rows.assign(source=rows["source"].str.replace(SOURCE_ENDING, "", regex=True))
    columns = [*SEGMENT_COLUMNS, *(["construct"] if rows["construct"].notna().any() else [])]
    return rows[columns].reset_index(drop=True)


def find_questions(rows: pd.DataFrame, asked: dict[str, str]) -> pd.Series:
    """The survey question (`survey.free_text`) that is a row's source, recognised by column name or text; else missing.

    Such a row codes what a respondent wrote and does not belong to the interviews.
    """
    columns = {fold(name): column for column, question in asked.items() for name in (question, column)}
    return rows["source"].map(lambda source: columns.get(fold(source)), na_action="ignore").astype("str")


def name_themes(rows: pd.DataFrame, coded: Coded, study: Study, path: Path) -> pd.DataFrame:
    """Add theme and construct to coded rows; a `WorkbookError` if they contradict the study's codebook."""
    codebook = study.interviews.codes if study.definition.interviews else None
    codes = _take_codes(coded) if codebook is None else read_codes(study)
    unknown = rows[~rows["code"].isin(codes["code"])].assign(value=lambda rows: rows["code"])
    expected, remedy = f"one of {shorten(codes['code'])}", f"add the code to {codebook}, or correct it"
    refuse_rows(unknown, path, "the code {code!r}", expected, remedy, known=codes["code"])
    rows = rows.merge(codes[["code", "theme", "construct"]], on="code", how="left", suffixes=("", "_of_code"))
    if codebook:
        other = rows[rows["theme"].ne(rows["theme_of_code"]) & rows["theme"].notna() & rows["theme_of_code"].notna()]
        found, expected = "the theme {theme!r} of the code {code!r}, and {theme_of_code!r} in the codebook", "one theme in both"
        refuse_rows(other, path, found, expected, f"remove it here or in {codebook}")
    return rows.assign(theme=rows["theme"].fillna(rows["theme_of_code"]).fillna(rows["code"]))


def read_approved(study: Study, segments: pd.DataFrame | None = None) -> list[str]:
    """The segments whose text the team has approved for a funder (`sharing.quotations`); a `WorkbookError` if unknown.

    `segments` are the study's segments, if they have been read already.
    """
    if not study.definition.sharing.quotations:
        return []
    path = study.file(study.definition.sharing.quotations)
    approved, known = read_table(path, ["segment"]), (read_segments(study) if segments is None else segments)["segment"]
    strangers = approved[~approved["segment"].isin(known)]
    expected, remedy = "the id of a segment of the interviews", "correct the id, or remove the row"
    refuse_rows(strangers, path, "{value!r}", expected, remedy, "segment")
    return approved["segment"].to_list()


def describe_reading(study: Study) -> str:
    """Describe in one sentence what was read: "REFI-QDA project written by NVivo; positions count UTF-16 units, …"."""
    return read_coded(study.file(study.interviews.segments)).origin


def _take_codes(coded: Coded) -> pd.DataFrame:
    """The codes of a coded file as a codebook without constructs."""
    return coded.codes.reset_index(drop=True).assign(construct=pd.Series(dtype="str"))


def _check_attributes(rows: pd.DataFrame, people: pd.DataFrame, study: Study) -> None:
    """Refuse attributes in the coded file that contradict the participants' file."""
    columns = {name: OWN + name for name in study.interviews.attributes if OWN + name in rows and name in people}
    for name, own in columns.items():
        known = rows["participant"].map(people.set_index("participant")[name])
        other = rows[rows[own].fillna("").ne("") & known.ne("") & rows[own].ne(known)].assign(known=known)
        found = f"the {name} {{{own}!r}} for {{participant!r}}, and {{known!r}} in the participants' file"
        remedy = "correct one of the two, or remove the column here"
        refuse_rows(other, study.file(study.interviews.segments), found, "the same in both", remedy)


def check_ids(rows: pd.DataFrame, path: Path) -> None:
    """An id may repeat for other codes and coders, but must always mean the same segment."""
    for name in ("participant", "source", "text"):
        meanings = rows.drop_duplicates(["segment", name])
        twice = meanings[meanings["segment"].duplicated()]
        found = "the segment {segment!r} a second time with another " + name
        refuse_rows(twice, path, found, f"one {name} for each segment", "give the segments different ids")
    twice = rows[rows.duplicated(["segment", "coder", "code", "theme"])]
    found = "the segment {segment!r} with the code {code!r} a second time"
    refuse_rows(twice, path, found, "each code once for a segment and coder", "remove one of the two rows")
