"""Readers of coded interviews: what each tool writes becomes the same tidy table, or one clear message."""

import io
import sqlite3
import zipfile
from pathlib import Path
from xml.sax.saxutils import quoteattr

import docx
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.interviews import coded, coding, transcripts
from helpers.study import errors, files, reading
from helpers.study.definition import Definition, Study

SAMPLES = Path(__file__).parents[1] / "samples"
EXAMPLE = "example_interviews"

PARTICIPANTS = """participant,takes_part_as,source,speaker,sector
P1,,I01_health,,Health
P2,,I02_education,José P2,Education
P3,,,Participant Three,Social care
P4,,,Participant Four,
Interviewer,interviewer,,"Researcher, Ann; Researcher Ann",
Not known,other,,Unknown,
"""
BY_SOURCE = "participant,source\nP1,I01_health\nP2,I02_education.txt\nGroup,FG01_social_care\n"
SEGMENTS = "segment,participant,code,text\nS1,P1,time,No time\nS1,P1,support,No time\nS2,P2,time,An hour\n"
SECTOR = {"sector": {"label": "Sector", "levels": ["Education", "Health", "Social care"]}}


def make_study(folder: Path, files: dict[str, str | bytes] | None = None, **interviews) -> Study:
    """A study in a folder of its own; files by name, `segments.csv` and `participants.csv` unless said otherwise."""
    files = {"participants.csv": PARTICIPANTS, **(files or {})}
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    definition = Definition(
        title="A study",
        practice="a practice",
        about="It is made up.",
        constructs={"coherence": {"label": "Coherence"}, "action": {"label": "Collective action"}},
        interviews={"participants": "participants.csv", "segments": "segments.csv", **interviews},
    )
    return Study("made_up", folder, definition, reading.no_codebook())


def read(folder: Path, segments: str | bytes, **interviews) -> pd.DataFrame:
    return coding.read_segments(make_study(folder, {"segments.csv": segments}, **interviews))


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def make_zip(entries: dict[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return stream.getvalue()


def make_project(
    text: str, selections: list[tuple[int, int]], cases: str = "", codes: str = "", more: str = "", stored: bytes = b""
) -> bytes:
    """A REFI-QDA project with one source; every selection carries the code "Work / time"."""
    marked = "".join(
        f'<PlainTextSelection guid="s{number}" startPosition="{start}" endPosition="{end}" name="not the quotation">'
        f'<Coding guid="k{number}" creatingUser="u1"><CodeRef targetGUID="c1"/></Coding></PlainTextSelection>'
        for number, (start, end) in enumerate(selections)
    )
    qde = (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<Project xmlns="urn:QDA-XML:project:1.0" name="made up" origin="a made-up tool">'
        '<Users><User guid="u1" name="coder A"/></Users><CodeBook><Codes>'
        '<Code guid="c0" name="Work" isCodable="false"><Code guid="c1" name="time" isCodable="true"/></Code>'
        f"{codes}</Codes></CodeBook>{cases}"
        '<Sources><TextSource guid="t1" name="I01_health.docx" plainTextPath="internal://t1.txt">'
        f"{marked}{more}</TextSource></Sources></Project>"
    )
    return make_zip({"made up.qde": qde, "sources/t1.txt": stored or text.encode()})


# --- the tidy table and the participants ------------------------------------------------------------------------------


def test_participants_get_one_ordered_categorical_per_declared_attribute(tmp_path):
    table = coding.read_participants(make_study(tmp_path, attributes=SECTOR))
    assert list(table.columns) == ["participant", "sector"]
    assert list(table["sector"].cat.categories) == ["Education", "Health", "Social care"]
    assert list(table["participant"]) == ["P1", "P2", "P3", "P4"]
    assert table["sector"].isna().tolist() == [False, False, False, True]


def test_tidy_segments_keep_repeated_ids_and_fill_what_is_not_there(tmp_path):
    segments = read(tmp_path, SEGMENTS)
    assert list(segments.columns) == coded.SEGMENT_COLUMNS
    assert segments["segment"].tolist() == ["S1", "S1", "S2"]
    assert segments["theme"].tolist() == ["time", "support", "time"]
    assert segments["coder"].isna().all()


def test_codebook_gives_theme_construct_and_label(tmp_path):
    codes = "code,label,theme,construct\ntime,Time for it,Work,action\nsupport,Support,Work,\n"
    made = make_study(tmp_path, {"segments.csv": SEGMENTS, "codes.csv": codes}, codes="codes.csv")
    segments = coding.read_segments(made)
    assert segments["theme"].unique().tolist() == ["Work"]
    assert segments["construct"].tolist()[0] == "action" and pd.isna(segments["construct"].tolist()[1])
    assert coding.read_codes(made)["label"].tolist() == ["Time for it", "Support"]


def test_xlsx_sheets_of_one_layout_are_read_together(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["notes to ourselves"])
    for number in (1, 2):
        sheet = book.create_sheet(f"Theme {number}")
        sheet.append(["segment", "participant", "code", "text"])
        sheet.append([f"S{number}", "P1", "time", "No time"])
    stream = io.BytesIO()
    book.save(stream)
    assert read(tmp_path, stream.getvalue())["segment"].tolist() == ["S1", "S2"]


def test_a_sheet_may_have_blank_cells_and_a_stray_one_far_away(tmp_path):
    book, stream = openpyxl.Workbook(), io.BytesIO()
    for line in (["segment", "participant", "code", "text", "coder"], ["S1", "P1", "time", "No time"]):
        book.active.append(line)
    book.active["A100000"] = " "
    book.save(stream)
    assert read(tmp_path, stream.getvalue())["text"].tolist() == ["No time"]


@pytest.mark.parametrize(
    "segments, message",
    [
        (SEGMENTS + "S3,P9,time,Words\n", "row 5: found the participant 'P9'; expected one of P1, P2, P3, P4"),
        (SEGMENTS + "S3,Interviewer,time,Words\n", "row 5: found the participant 'Interviewer'"),
        (SEGMENTS + "S1,P1,other,Other words\n", "row 5: found the segment 'S1' a second time with another text"),
        (SEGMENTS + "S2,P1,other,An hour\n", "row 5: found the segment 'S2' a second time with another participant"),
        (SEGMENTS + "S2,P2,time,An hour\n", "row 5: found the segment 'S2' with the code 'time' a second time"),
        (SEGMENTS + ",P2,time,An hour\n", "row 5, column segment: found an empty cell"),
        (SEGMENTS + "S3,P2,,An hour\n", "row 5, column code: found an empty cell"),
        (SEGMENTS + "S3,P2,time,An hour, or two\n", "row 5: found 5 cells; expected 4"),
        ("segment,participant,code,text\n", "found no coded segments in this table of segments"),
        ("", "found an empty file"),
        ("segment,who,code,text\n", "header: found segment, who, code, text"),
        (
            SEGMENTS.encode() + "S3,P1,time,don’t\n".encode("cp1252"),
            "segments.csv, line 5: found the byte 0x92, which is not UTF-8",
        ),
        ("segment,participant,code,text,code\nS1,P1,a,b,c\n", "header: found the column 'code' twice"),
        (
            SEGMENTS + 'S3,P2,time,"An ho"ur\n',
            "line 5: found a quotation mark that is not closed, or that is inside text",
        ),
    ],
)
def test_a_table_of_segments_at_odds_with_itself_is_refused_with_its_place(tmp_path, segments, message):
    with pytest.raises(errors.WorkbookError) as error:
        read(tmp_path, segments)
    assert message in str(error.value) and "segments.csv" in str(error.value)


@pytest.mark.parametrize(
    "participants, message",
    [
        (PARTICIPANTS + "P1,,,,Health\n", "row 8, column participant: found 'P1' a second time"),
        (PARTICIPANTS + "P5,,,,Healht\n", "row 8, column sector: found 'Healht'"),
        (PARTICIPANTS + "P5,guest,,,Health\n", "row 8, column takes_part_as: found 'guest'"),
        ("participant\nP1\n", "header: found participant; expected a column 'sector'"),
        ("participant,sector\n", "found no participants"),
        ("person,sector\nP1,Health\n", "header: found person, sector; expected a column 'participant'"),
    ],
)
def test_a_participants_file_at_odds_with_study_yml_is_refused_with_its_place(tmp_path, participants, message):
    made = make_study(tmp_path, {"participants.csv": participants}, attributes=SECTOR)
    with pytest.raises(errors.WorkbookError) as error:
        coding.read_participants(made)
    assert message in str(error.value) and "participants.csv" in str(error.value)


@pytest.mark.parametrize(
    "codes, message",
    [
        ("code\ntime\n", "found the code 'support'"),
        ("code\ntime\ntime\n", "row 3, column code: found 'time' a second time"),
        ("code,construct\ntime,wishing\n", "row 2, column construct: found 'wishing'; expected one of coherence, action"),
        ("code,label\n,Time\n", "row 2, column code: found an empty cell"),
        ("<Project/>", "found an XML file of 'Project'; expected a codebook"),
        ("<CodeBook><Codes/></CodeBook>", "found no codes"),
    ],
)
def test_a_codebook_that_does_not_fit_is_refused(tmp_path, codes, message):
    with pytest.raises(errors.WorkbookError, match="found") as error:
        coding.read_segments(make_study(tmp_path, {"segments.csv": SEGMENTS, "codes.csv": codes}, codes="codes.csv"))
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("module", "limit", "content", "message"),
    [
        (files, "MOST_BYTES", SEGMENTS, "found 90 bytes; expected at most 3"),
        (files, "MOST_ENTRIES", make_zip({name: "" for name in "abcd"}), "found 4 entries; expected at most 3"),
        (files, "MOST_CELLS", sample("taguette_highlights.xlsx"), "found more than 3 cells"),
    ],
    ids=["bytes", "entries", "cells"],
)
def test_a_file_far_larger_than_interviews_need_is_refused(tmp_path, monkeypatch, module, limit, content, message):
    monkeypatch.setattr(module, limit, 3)
    with pytest.raises(errors.WorkbookError, match=message):
        read(tmp_path, content)


def test_a_file_as_large_as_may_be_and_a_long_text_that_packs_as_texts_do_are_read(tmp_path, monkeypatch):
    long = " ".join(map(str, range(200_000)))
    assert read(tmp_path, make_project(long, [(0, 1)]))["text"].tolist() == ["0"]
    monkeypatch.setattr(files, "MOST_BYTES", len(PARTICIPANTS.encode()))
    assert len(read(tmp_path, SEGMENTS)) == 3


def test_a_document_of_too_much_text_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MOST_BYTES", 3000)
    book = make_zip({f"xl/{name}.xml": "<x/>" * 500 for name in ("workbook", "sheet")})
    with pytest.raises(errors.WorkbookError, match="found too much text"):
        read(tmp_path, book)


# --- Taguette and QualCoder -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["taguette_highlights.csv", "taguette_highlights.xlsx"])
def test_taguette_highlights_become_segments_with_themes_from_the_dots(tmp_path, name):
    made = make_study(tmp_path, {"participants.csv": BY_SOURCE, "segments.csv": sample(name)})
    segments = coding.read_segments(made)
    assert len(segments) == 12 and segments["segment"].nunique() == 10
    row = segments[segments["segment"] == "3"].iloc[0]
    assert (row["participant"], row["code"], row["theme"]) == ("P1", "time", "collective action")


def test_a_code_name_that_stands_under_two_themes_keeps_its_whole_path(tmp_path):
    highlights = "id,document,tag,content\n1,I01_health,work.time,x\n2,I01_health,home.time,y\n3,I01_health,1. Start,z\n"
    segments = read(tmp_path, highlights)
    assert segments["code"].tolist() == ["work / time", "home / time", "1. Start"]


@pytest.mark.parametrize("name", ["1.2 Time", "e.g. time", "U.S. time", "v2.0", "No.3", "12.Time", "time.", ".time", "a. b"])
def test_a_full_stop_that_parts_no_words_belongs_to_a_tag_s_name(tmp_path, name):
    segments = read(tmp_path, f"id,document,tag,content\n1,I01_health,{name},x\n")
    assert segments[["code", "theme"]].to_numpy().tolist() == [[name, name]]


def test_a_highlight_without_a_tag_is_left_out_and_told(tmp_path):
    made = make_study(tmp_path, {"segments.csv": "id,document,tag,content\n1,I01_health,time,x\n2,I01_health,,y\n"})
    assert coding.read_segments(made)["segment"].tolist() == ["1"]
    assert coding.describe_reading(made) == "Taguette highlights; highlights without a tag, left out: 1"


SITES = "participant,source\nP1,Site A/talk\nP2,{}\n"


@pytest.mark.parametrize(
    ("declared", "sources", "owners"),
    [
        ("Site B/talk", ["Site A/talk", "Site B/talk"], ["P1", "P2"]),
        ("Site B\\talk", ["Site A\\talk.docx", "Site B/talk"], ["P1", "P2"]),
        ("chat", ["Site A/talk", "Site C/chat.txt"], ["P1", "P2"]),
        ("chat", ["talk", "chat"], ["P1", "P2"]),
        ("chat", ["Site A/talk", "Site B/talk"], "row 3: found the source 'Site B/talk' and no case"),
        ("talk", ["Site A/talk", "Site B/talk"], "row 3: found the source 'Site B/talk' and no case"),
    ],
)
def test_a_source_is_known_by_its_whole_name_or_by_a_bare_one_that_tells_it(tmp_path, declared, sources, owners):
    highlights = "id,document,tag,content\n" + "".join(f"{n},{name},time,x\n" for n, name in enumerate(sources))
    made = make_study(tmp_path, {"segments.csv": highlights, "participants.csv": SITES.format(declared)})
    if isinstance(owners, str):
        with pytest.raises(errors.WorkbookError, match=owners):
            coding.read_segments(made)
    else:
        assert coding.read_segments(made)["participant"].tolist() == owners


def test_a_theme_in_two_places_is_one_or_both_are_named(tmp_path):
    tidy = "segment,participant,code,theme,text\nS1,P1,light,{},x\nS2,P1,light,,y\n"
    codes = "code,theme\nlight,Seeing\n"
    made = make_study(tmp_path, {"segments.csv": tidy.format("Seeing"), "codes.csv": codes}, codes="codes.csv")
    assert coding.read_segments(made)["theme"].tolist() == ["Seeing", "Seeing"]
    with pytest.raises(errors.WorkbookError, match="row 2: found the theme 'Home' of the code 'light', and 'Seeing'"):
        coding.read_segments(make_study(tmp_path, {"segments.csv": tidy.format("Home"), "codes.csv": codes}, codes="codes.csv"))
    assert set(read(tmp_path, tidy.format("Home"))["theme"]) == {"Home"}


def test_flat_tags_take_the_theme_of_the_codebook(tmp_path):
    files = {"segments.csv": "id,document,tag,content\n1,I01_health,light,x\n", "codes.csv": "code,theme\nlight,Seeing\n"}
    assert coding.read_segments(make_study(tmp_path, files, codes="codes.csv"))["theme"].tolist() == ["Seeing"]


@pytest.mark.parametrize("heading", ["takes_part_as", "Takes_part_as", "TAKES_PART_AS"])
def test_a_role_counts_however_its_heading_is_capitalised(tmp_path, heading):
    people = f"Participant,{heading}\nP1,\nAnn,Interviewer\n"
    assert coding.read_participants(make_study(tmp_path, {"participants.csv": people}))["participant"].tolist() == ["P1"]


def test_participants_that_differ_in_case_alone_are_refused(tmp_path):
    with pytest.raises(errors.WorkbookError, match="row 3, column participant: found 'p1' a second time"):
        coding.read_participants(make_study(tmp_path, {"participants.csv": "participant\nP1\np1\n"}))


def test_a_source_without_a_participant_is_refused_and_so_is_one_of_several(tmp_path):
    highlights = "id,document,tag,content\n1,FG01,time,x\n"
    with pytest.raises(errors.WorkbookError, match="row 2: found the source 'FG01' and no case"):
        read(tmp_path, highlights)
    shared = "participant,source\nP1,FG01\nP2,FG01\n"
    with pytest.raises(errors.WorkbookError, match="which belongs to P1, P2"):
        coding.read_segments(make_study(tmp_path, {"participants.csv": shared, "segments.csv": highlights}))


def make_taguette_database(path: Path) -> None:
    """Tables and columns as in Taguette 1.5 (taguette/database/models.py), those that are read."""
    with sqlite3.connect(path) as connection:
        connection.executescript(
            """CREATE TABLE documents (id INTEGER PRIMARY KEY, name TEXT);
            CREATE TABLE tags (id INTEGER PRIMARY KEY, project_id INTEGER, path TEXT);
            CREATE TABLE highlights (id INTEGER PRIMARY KEY, document_id INTEGER, start_offset INTEGER,
                                     end_offset INTEGER, snippet TEXT);
            CREATE TABLE highlight_tags (highlight_id INTEGER, tag_id INTEGER);
            INSERT INTO documents VALUES (1, 'I01_health'), (2, 'I02_education');
            INSERT INTO tags VALUES (1, 1, 'work.time'), (2, 1, 'work.support'), (3, 1, 'unused');
            INSERT INTO highlights VALUES (1, 1, 0, 9, '<p>No time <b>&amp;</b></p><p>no help</p>'), (2, 2, 0, 9, 'Yes');
            INSERT INTO highlight_tags VALUES (1, 1), (1, 2), (2, 1);"""
        )
    connection.close()


def test_taguette_project_gives_the_same_segments_and_codes_on_no_segment(tmp_path):
    make_taguette_database(tmp_path / "project.sqlite3")
    made = make_study(tmp_path, segments="project.sqlite3")
    segments = coding.read_segments(made)
    assert segments["text"].tolist() == ["No time & no help", "No time & no help", "Yes"]
    assert segments["code"].tolist() == ["support", "time", "time"]
    assert coding.read_codes(made)["code"].tolist() == ["time", "support", "unused"]


def make_qualcoder_database(path: Path) -> None:
    """Tables and columns as in QualCoder 3 (src/qualcoder/__main__.py), those that are read."""
    with sqlite3.connect(path) as connection:
        connection.executescript(
            """CREATE TABLE source (id integer primary key, name text, fulltext text);
            CREATE TABLE code_cat (catid integer primary key, name text, supercatid integer);
            CREATE TABLE code_name (cid integer primary key, name text, catid integer, supercid integer);
            CREATE TABLE code_text (ctid integer primary key, cid integer, fid integer, seltext text, pos0 integer,
                                    pos1 integer, owner text);
            CREATE TABLE code_image (imid integer primary key, id integer, cid integer, owner text);
            CREATE TABLE code_av (avid integer primary key, id integer, pos0 integer, pos1 integer, cid integer,
                                  owner text);
            CREATE TABLE cases (caseid integer primary key, name text);
            CREATE TABLE case_text (id integer primary key, caseid integer, fid integer, pos0 integer, pos1 integer);
            CREATE TABLE attribute (attrid integer primary key, name text, attr_type text, value text, id integer);
            INSERT INTO source VALUES (1, 'FG01.txt', 'One two. Three four.'), (2, 'photo.png', NULL);
            INSERT INTO code_cat VALUES (1, 'Work', NULL), (2, 'Hours', 1);
            INSERT INTO code_name VALUES (1, 'time', 2, NULL), (2, 'lunch', NULL, 1), (3, 'alone', NULL, NULL);
            INSERT INTO code_text VALUES (1, 1, 1, 'One two.', 0, 8, 'A'), (2, 2, 1, 'Three four.', 9, 20, 'A'),
                                         (3, 3, 1, 'One two.', 0, 8, 'B');
            INSERT INTO code_image VALUES (1, 2, 3, 'A');
            INSERT INTO cases VALUES (1, 'P3'), (2, 'P4');
            INSERT INTO case_text VALUES (1, 1, 1, 0, 8), (2, 2, 1, 9, 20), (3, 2, 2, 0, 0);
            INSERT INTO attribute VALUES (1, 'sector', 'case', 'Health', 1), (2, 'sector', 'case', '', 2);"""
        )
    connection.close()


def test_qualcoder_project_places_segments_by_case_and_traces_nested_codes(tmp_path):
    make_qualcoder_database(tmp_path / "data.qda")
    segments = coding.read_segments(make_study(tmp_path, segments="data.qda"))
    assert segments["participant"].tolist() == ["P3", "P3", "P4", "P4"]
    assert segments["theme"].tolist() == ["Work", "alone", "Work", "alone"]
    assert segments["coder"].tolist() == ["A", "B", "A", "A"]
    assert segments["segment"].tolist()[:2] == ["FG01.txt:0-8"] * 2
    assert segments["text"].isna().tolist() == [False, False, False, True]


def test_cases_of_a_project_can_be_the_participants_table(tmp_path):
    make_qualcoder_database(tmp_path / "data.qda")
    made = make_study(tmp_path, segments="data.qda", participants="data.qda", attributes=SECTOR)
    assert coding.read_participants(made)["sector"].tolist()[0] == "Health"
    assert coding.read_segments(made)["participant"].tolist() == ["P3", "P3", "P4", "P4"]
    unlike = {"sector": {"label": "Sector", "levels": ["Education"]}}
    with pytest.raises(errors.WorkbookError, match="case 1, column sector: found 'Health'; expected one of Education"):
        coding.read_participants(make_study(tmp_path, segments="data.qda", participants="data.qda", attributes=unlike))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("UPDATE code_text SET cid = 7", "coding 1 (source FG01.txt): found a code that the project's codebook lacks"),
        ("UPDATE code_cat SET name = '' WHERE catid = 1", "code 1: found a code or category without a name"),
        ("UPDATE code_text SET pos0 = NULL", "coding 1 (source FG01.txt): found the position ''"),
        ("UPDATE code_text SET seltext = x'00'", "found binary data instead of text"),
        ("UPDATE code_text SET seltext = 'light' || char(0)", "found binary data instead of text"),
        ("DELETE FROM cases", "found a project without cases"),
    ],
)
def test_a_qualcoder_project_at_odds_with_itself_is_refused(tmp_path, change, message):
    make_qualcoder_database(tmp_path / "data.qda")
    with sqlite3.connect(tmp_path / "data.qda") as connection:
        connection.execute(change)
    connection.close()
    with pytest.raises(errors.WorkbookError) as error:
        coding.read_segments(make_study(tmp_path, segments="data.qda", participants="data.qda"))
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("column", "themes"), [("supercid", ["Work", "alone", "lunch", "alone"]), ("catid", ["time", "alone", "time", "alone"])]
)
def test_codes_are_traced_as_far_as_a_project_of_another_version_says(tmp_path, column, themes):
    make_qualcoder_database(tmp_path / "data.qda")
    with sqlite3.connect(tmp_path / "data.qda") as connection:
        connection.execute(f"ALTER TABLE code_name RENAME COLUMN {column} TO other")
    connection.close()
    assert coding.read_segments(make_study(tmp_path, segments="data.qda"))["theme"].tolist() == themes


def test_codes_nested_in_a_circle_are_traced_once_round(tmp_path):
    make_qualcoder_database(tmp_path / "data.qda")
    with sqlite3.connect(tmp_path / "data.qda") as connection:
        connection.execute("UPDATE code_cat SET supercatid = 2 WHERE catid = 1")
    connection.close()
    codes = coding.read_codes(make_study(tmp_path, segments="data.qda")).set_index("code")
    assert codes.loc["time", "theme"] == "Work"


def test_nothing_is_written_beside_a_database(tmp_path):
    make_qualcoder_database(tmp_path / "data.qda")
    # In this mode SQLite puts files beside a database while it reads, unless told not to.
    with sqlite3.connect(tmp_path / "data.qda") as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    made = make_study(tmp_path, segments="data.qda")
    before = tmp_path.stat().st_mtime_ns
    coding.read_segments(made)
    assert tmp_path.stat().st_mtime_ns == before


def test_ragged_rows_of_the_qualcoder_report_are_counted_from_both_ends(tmp_path):
    segments = read(tmp_path, sample("qualcoder_coding_report_by_case.csv"))
    assert segments.loc[6, ["participant", "code", "theme"]].tolist() == ["P3", "buying in", "buying in"]
    assert segments.loc[0, ["participant", "code", "theme"]].tolist() == ["P1", "sense of purpose", "Coherence"]
    assert segments["text"].notna().all()
    # The two coders marked the same words: one segment.
    assert segments.loc[0, "segment"] == segments.loc[2, "segment"]


def test_a_picture_in_the_qualcoder_report_is_a_segment_without_text_and_rows_too_long_or_short_are_refused(tmp_path):
    report = "Case,Coder,Coded,Id,Codename,Coded_Memo,Category,FileVar_a\nP1,A,Words,ctid:1,time,,Work,x\n"
    segments = read(tmp_path, report + "P1,A,photo.png,imid:2,time,,x\n\n")
    assert segments["text"].isna().tolist() == [False, True] and segments["theme"].tolist() == ["Work", "time"]
    assert segments["segment"].tolist() == ["1", "2"]
    for cells in (6, 9):
        with pytest.raises(errors.WorkbookError, match=f"row 3: found {cells} cells; expected 7 to 8"):
            read(tmp_path, report + ",".join(["P1"] * cells) + "\n")


def test_a_database_of_another_kind_or_with_open_changes_is_refused(tmp_path):
    sqlite3.connect(tmp_path / "other.db").execute("CREATE TABLE a (b)").connection.close()
    with pytest.raises(errors.WorkbookError, match="found tables a; expected a project of Taguette or QualCoder"):
        coding.read_segments(make_study(tmp_path, segments="other.db"))
    (tmp_path / "other.db-wal").write_bytes(b"changes")
    with pytest.raises(errors.WorkbookError, match="close it in the coding tool"):
        coding.read_segments(make_study(tmp_path, segments="other.db"))


# --- REFI-QDA ---------------------------------------------------------------------------------------------------------


def test_refi_project_of_qualcoder_gives_coders_themes_and_variables(tmp_path):
    files = {"participants.csv": BY_SOURCE, "segments.csv": sample("qualcoder_mini.qdpx")}
    segments = coding.read_segments(make_study(tmp_path, files))
    assert segments["text"].tolist()[1].startswith("But I still don’t have the time on a Monday")
    assert segments["coder"].value_counts().to_dict() == {"coderA": 7, "coderB": 2}
    assert segments.loc[0, "segment"] == segments.loc[2, "segment"] == "I01_health:244-336"
    made = make_study(tmp_path, {"p.qdpx": sample("qualcoder_mini.qdpx")}, participants="p.qdpx", attributes=SECTOR)
    assert coding.read_participants(made)["sector"].tolist() == ["Health", "Education", "Social care", "Social care"]


TEXT = "Thank you 🙂.\r\nWe never have time.\r\nNobody asked us 🙂 before, did they?"
QUOTED = ["We never have time", "Nobody asked us", "before, did they?"]


def count_positions(text: str, unit: str) -> list[tuple[int, int]]:
    """Where the quotations stand, counted the way of a dialect."""
    size = (lambda part: len(part.encode("utf-16-le")) // 2) if unit == "UTF-16 units" else len
    return [(size(text[: text.index(q)]), size(text[: text.index(q)]) + size(q)) for q in QUOTED]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("one_newline", [False, True])
@pytest.mark.parametrize("unit", ["code points", "UTF-16 units"])
def test_text_is_cut_out_rightly_however_positions_were_counted(tmp_path, unit, one_newline, mark):
    counted = count_positions(TEXT.replace("\r\n", "\n") if one_newline else TEXT, unit)
    made = make_study(tmp_path, {"segments.csv": make_project(TEXT, counted, stored=mark + TEXT.encode())})
    assert coding.read_segments(made)["text"].tolist() == QUOTED
    sentence = coding.describe_reading(made)
    assert unit in sentence and "3 of 3 selections" in sentence
    assert ("a line end counting as one" in sentence) == one_newline


def test_positions_that_fit_no_way_of_counting_are_refused(tmp_path):
    with pytest.raises(errors.WorkbookError, match="1 that begin and end between words, at best") as error:
        read(tmp_path, make_project("\r\nabcdef ghijkl mnopqr stuvwx", [(2, 8), (4, 11), (6, 17)]))
    assert "at least 80%" in str(error.value)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("会議ではランプをつけますが時間がない", ["ランプをつけます", "時間がない"]),
        ("เปิดโคมไฟทุกเช้าแต่ไม่มีเวลา", ["เปิดโคมไฟ", "ไม่มีเวลา"]),
        ("Unlit or lighted", ["lit", "light"]),
    ],
    ids=["Japanese", "Thai", "parts of words"],
)
def test_where_every_way_of_counting_reads_the_same_words_there_is_nothing_to_choose(tmp_path, text, quoted):
    placed = [(text.index(words), text.index(words) + len(words)) for words in quoted]
    assert read(tmp_path, make_project(text, placed))["text"].tolist() == quoted


@pytest.mark.parametrize(
    "link", ["internal://t1.txt", "Internal://t1.txt", "internal://sources/t1.txt", "sources/t1.txt", "t1.txt"]
)
@pytest.mark.parametrize("folder", ["sources", "Sources"])
def test_a_text_is_found_by_every_path_that_tools_write(tmp_path, link, folder):
    project = make_project("It is too bright", [(6, 16)])
    with zipfile.ZipFile(io.BytesIO(project)) as archive:
        qde = archive.read("made up.qde").decode().replace("internal://t1.txt", link)
    made = make_zip({"made up.qde": qde, f"{folder}/t1.txt": "It is too bright"})
    assert read(tmp_path, made)["text"].tolist() == ["too bright"]


def test_a_text_in_utf_16_without_its_mark_is_refused_with_its_entry(tmp_path):
    with pytest.raises(errors.WorkbookError, match=r"entry sources/t1\.txt: found UTF-16 without its byte-order mark"):
        read(tmp_path, make_project("", [(0, 2)], stored="My lamp".encode("utf-16-le")))


def test_a_case_that_names_a_theme_s_code_takes_no_coding_away(tmp_path):
    case = '<Cases><Case guid="x1" name="P1"><CodeRef targetGUID="c1"/><SourceRef targetGUID="t1"/></Case></Cases>'
    segments = read(tmp_path, make_project("It is too bright", [(6, 16)], cases=case))
    assert segments[["participant", "code"]].to_numpy().tolist() == [["P1", "time"]]


def test_two_codes_of_one_name_are_two(tmp_path):
    second = '<Code guid="c2" name="lamp"/><Code guid="c3" name="lamp"/>'
    made = make_study(tmp_path, {"segments.csv": make_project("It is too bright", [(6, 16)], codes=second)})
    assert coding.read_codes(made)["code"].tolist() == ["time", "lamp", "lamp (2)"]


def test_two_sources_of_one_name_are_two(tmp_path):
    project = make_project("It is too bright", [(6, 16)])
    with zipfile.ZipFile(io.BytesIO(project)) as archive:
        qde = archive.read("made up.qde").decode()
    source = qde[qde.index("<TextSource") : qde.index("</Sources>")]
    again = source.replace('guid="t1"', 'guid="t2"').replace('guid="s0"', 'guid="s9"').replace("_health.docx", "_HEALTH.pdf")
    case = '<Cases><Case guid="x1" name="P1"><SourceRef targetGUID="t1"/><SourceRef targetGUID="t2"/></Case></Cases>'
    both = qde.replace("</Sources>", again + "</Sources>").replace("<Sources>", case + "<Sources>")
    segments = read(tmp_path, make_zip({"made up.qde": both, "sources/t1.txt": "It is too bright"}))
    assert segments["source"].tolist() == ["I01_health", "I01_HEALTH (2)"]
    assert segments["segment"].nunique() == 2


@pytest.mark.parametrize(("start", "end"), [(3, 99), (3, 3), (8, 6)])
def test_a_selection_beyond_its_text_or_without_any_is_refused_even_when_the_others_fit(tmp_path, start, end):
    fitting = [(0, 2), (3, 5), (6, 8), (9, 11)]
    with pytest.raises(errors.WorkbookError, match=f"selection s4: found the positions {start} to {end}"):
        read(tmp_path, make_project("aa bb cc dd ee", [*fitting, (start, end)]))


CASES = {
    "whole source": '<Case guid="x" name="P3"><SourceRef targetGUID="T1"/></Case>',
    "selection": '<Case guid="x" name="P3"><SelectionRef targetGUID="s0"/></Case>',
    "a code of the case": '<Case guid="C9" name="P3"/>',
    "a reference to a code": '<Case guid="x" name="P3"><CodeRef targetGUID="c9"/></Case>',
}


@pytest.mark.parametrize("way", CASES)
def test_participants_come_from_cases_wherever_a_vendor_puts_them(tmp_path, way):
    code = '<Code guid="c9" name="P3" isCodable="true"/>' if "code" in way else ""
    marked = '<PlainTextSelection guid="m" startPosition="0" endPosition="20"><Coding><CodeRef targetGUID="c9"/></Coding>'
    more = marked + "</PlainTextSelection>" if "code" in way else ""
    project = make_project("No time for it at all.", [(3, 7)], f"<Cases>{CASES[way]}</Cases>", code, more)
    segments = read(tmp_path, project)
    assert segments["participant"].tolist() == ["P3"]
    assert segments["code"].tolist() == ["time"], "the case's own code is not a code"


def test_the_narrowest_case_is_taken_and_unclear_ones_fall_back_on_the_source(tmp_path):
    turn = '<PlainTextSelection guid="turn" startPosition="0" endPosition="9"/>'
    whole = '<Case guid="x" name="P3"><SourceRef targetGUID="t1"/></Case>'
    narrow = '<Case guid="y" name="P4"><SelectionRef targetGUID="turn"/></Case>'
    stretches = [(0, 8), (9, 17)]
    segments = read(tmp_path, make_project("No time. Not now.", stretches, f"<Cases>{whole}{narrow}</Cases>", more=turn))
    assert segments["participant"].tolist() == ["P4", "P3"]
    unclear = whole.replace("P3", "P2").replace('"x"', '"z"')
    segments = read(tmp_path, make_project("No time. Not now.", stretches, f"<Cases>{whole}{unclear}</Cases>"))
    assert segments["participant"].tolist() == ["P1", "P1"], "the source I01_health is P1's"


def test_codings_without_text_count_as_segments_without_text(tmp_path):
    whole = '<Coding guid="w" creatingUser="u1"><CodeRef targetGUID="c1"/></Coding>'
    segments = read(tmp_path, make_project("No time.", [(0, 8)], more=whole))
    assert segments["text"].isna().tolist() == [True, False]
    assert segments["segment"].nunique() == 2
    alone = make_study(tmp_path, {"segments.csv": make_project("No time.", [], more=whole)})
    assert coding.read_segments(alone)["text"].isna().tolist() == [True]
    assert coding.describe_reading(alone) == "REFI-QDA project written by a made-up tool"


def test_a_recording_is_cut_by_the_marks_of_its_transcript(tmp_path):
    recording = (
        '<AudioSource guid="a1" name="I02_education.m4a"><Transcript guid="tr"><PlainTextContent>We had no time.'
        '</PlainTextContent><SyncPoint guid="p1" position="7"/><SyncPoint guid="p2" position="14"/>'
        '<TranscriptSelection guid="x1" fromSyncPoint="p1" toSyncPoint="p2">'
        '<Coding><CodeRef targetGUID="c1"/></Coding></TranscriptSelection></Transcript></AudioSource>'
    )
    case = '<Case guid="x" name="P2"><SourceRef targetGUID="a1"/></Case>'
    project = make_project("No time.", [(0, 8)], f"<Cases>{case}</Cases>")
    with zipfile.ZipFile(io.BytesIO(project)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    entries["made up.qde"] = entries["made up.qde"].replace(b"</Sources>", recording.encode() + b"</Sources>")
    segments = read(tmp_path, make_zip(entries))
    assert segments[["participant", "text"]].to_numpy().tolist() == [["P1", "No time."], ["P2", "no time"]]
    assert segments["segment"].tolist() == ["I01_health:0-8", "I02_education.m4a:7-14"]


def test_a_case_without_a_name_is_called_after_its_source_and_has_its_variables(tmp_path):
    cases = (
        '<Variables><Variable guid="v1" name="sector"/></Variables><Cases><Case guid="x"><VariableValue>'
        '<VariableRef targetGUID="v1"/><TextValue>Health</TextValue></VariableValue><SourceRef targetGUID="t1"/></Case></Cases>'
    )
    made = make_study(tmp_path, {"p.qdpx": make_project("No time.", [(0, 8)], cases)}, participants="p.qdpx", attributes=SECTOR)
    assert coding.read_participants(made).to_numpy().tolist() == [["I01_health", "Health"]]


@pytest.mark.parametrize(
    "entries, message",
    [
        ({"project.txt": "x"}, "found 0 entries that end in .qde"),
        ({"../outside.qde": "<Project/>"}, "a name that leads out of the archive"),
        ({"/root.qde": "<Project/>"}, "a name that leads out of the archive"),
        ({"C:\\root.qde": "<Project/>"}, "a name that leads out of the archive"),
        ({"p.qde": "<!DOCTYPE x [<!ENTITY a 'b'>]><Project>&a;</Project>"}, "a document type definition"),
        ({"p.qde": "<!DOCTYPE x><Project/>"}, "a document type definition"),
        ({"p.qde": "<Project>"}, "expected well-formed XML"),
        ({"p.qde": "<Project/>"}, "found no coded segments in this REFI-QDA project"),
        ({"p.qde": b"0" * 3_000_000}, "bytes packed into"),
    ],
)
def test_an_unsafe_or_empty_project_is_refused(tmp_path, entries, message):
    with pytest.raises(errors.WorkbookError) as error:
        read(tmp_path, make_zip(entries))
    assert message.replace("a document type", "an XML document type") in str(error.value)


def test_hidden_doubles_in_a_project_do_not_matter(tmp_path):
    with zipfile.ZipFile(io.BytesIO(make_project("No time.", [(0, 8)]))) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    doubles = {"__MACOSX/._made up.qde": b"\0\5\x16\7", ".qde": b"\0", ".DS_Store": b"\0\0\0\1Bud1"}
    assert read(tmp_path, make_zip({**doubles, **entries}))["text"].tolist() == ["No time."]


def test_a_truncated_project_is_refused(tmp_path):
    project = sample("qualcoder_mini.qdpx")
    for length in (30, len(project) // 2, len(project) - 10):
        with pytest.raises(errors.WorkbookError, match="expected a whole zip archive"):
            read(tmp_path, project[:length])


@pytest.mark.parametrize(
    "change, message",
    [
        ((b'startPosition="0"', b'startPosition="-3"'), "selection s0: found the position '-3'"),
        ((b'startPosition="0"', b'startPosition="three"'), "found the position 'three'"),
        ((b'targetGUID="c1"', b'targetGUID="c7"'), "a code that the project's codebook lacks"),
        ((b"internal://t1.txt", b"internal://t7.txt"), "no plain text in the archive"),
        ((b"internal://t1.txt", b"absolute:///etc/passwd"), "no plain text in the archive"),
        ((b'guid="c1" name="time"', b'guid="c0" name="time"'), "an id that another code has"),
    ],
)
def test_a_project_at_odds_with_itself_is_refused_with_its_place(tmp_path, change, message):
    with zipfile.ZipFile(io.BytesIO(make_project("No time.", [(0, 8)]))) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    entries["made up.qde"] = entries["made up.qde"].replace(*change)
    with pytest.raises(errors.WorkbookError) as error:
        read(tmp_path, make_zip(entries))
    assert message in str(error.value)


def test_a_source_in_another_encoding_is_refused(tmp_path):
    with pytest.raises(errors.WorkbookError, match="entry sources/t1.txt, line 1: found the byte 0x92"):
        read(tmp_path, make_project("", [(0, 5)], stored="don’t".encode("cp1252")))


@pytest.mark.parametrize("namespace", ["urn:QDA-XML:codebook:1.0", "urn:QDA-XML:codebook:0:4"])
def test_codebooks_of_either_namespace_are_read_with_unused_codes(tmp_path, namespace):
    book = sample("taguette_codebook.qdc").replace(b"urn:QDA-XML:codebook:1.0", namespace.encode())
    files = {"participants.csv": BY_SOURCE, "segments.csv": sample("taguette_highlights.csv"), "codes.qdc": book}
    made = make_study(tmp_path, files, codes="codes.qdc")
    codes = coding.read_codes(made)
    assert codes["code"].tolist()[-1] == "unused code"
    assert codes.set_index("code").loc["time", "theme"] == "collective action"
    assert len(coding.read_segments(made)) == 12


# --- transcripts ------------------------------------------------------------------------------------------------------


def read_turns(folder: Path, files: dict[str, str | bytes]) -> pd.DataFrame:
    files = {f"transcripts/{name}": content for name, content in files.items()}
    return transcripts.read_transcripts(make_study(folder, files, transcripts="transcripts"))


def test_vtt_speakers_become_labels_and_cues_become_turns(tmp_path):
    turns = read_turns(tmp_path, {"group.vtt": sample("made_up_teams.vtt")})
    assert turns["participant"].tolist() == ["Interviewer", "P2", "Not known"]
    assert turns["turn"].tolist() == [1, 2, 3]
    assert turns["text"].tolist()[0] == "Thanks all, shall we start with the tool? Right & who first?"


def test_newer_document_keeps_a_time_that_was_said(tmp_path):
    turns = read_turns(tmp_path, {"group.docx": sample("made_up_teams_modern.docx")})
    assert turns["participant"].fillna("nobody").tolist() == ["nobody", "Interviewer", "P3", "P4"]
    assert turns["text"].tolist()[3] == "I didn't. I thought it was more paperwork at 9:30"


def make_document(paragraphs: list[str]) -> bytes:
    document, stream = docx.Document(), io.BytesIO()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.save(stream)
    return stream.getvalue()


def test_older_document_has_the_speaker_below_the_times(tmp_path):
    older = ["0:0:0.0 --> 0:0:2.640\nResearcher Ann\nWho first?", "0:0:3.0 --> 0:0:9.1\nParticipant Four\nMe."]
    turns = read_turns(tmp_path, {"group.docx": make_document(older)})
    assert turns[["participant", "text"]].to_numpy().tolist() == [["Interviewer", "Who first?"], ["P4", "Me."]]


def test_an_unknown_speaker_is_an_error_that_lists_the_names(tmp_path):
    spoken = "WEBVTT\n\n0:0:1.000 --> 0:0:2.000\n<v Made-up Name>Yes.</v>\n\n0:0:2.000 --> 0:0:3.000\n<v Another>No.</v>\n"
    with pytest.raises(errors.WorkbookError, match="old.vtt, speakers: found Another, Made-up Name"):
        read_turns(tmp_path, {"old.vtt": spoken})


@pytest.mark.parametrize(
    "name, content, message",
    [
        ("a.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nYes.\n", "cue 1: found words without a speaker"),
        ("a.vtt", "WEBVTT\n", "found no turns"),
        ("a.vtt", "Not a transcript", "expected a WebVTT transcript"),
        ("a.docx", make_document(["A letter"]), "found no turns"),
        ("a.docx", make_document(["A letter"])[:2000], "expected a whole zip archive"),
        ("a.docx", make_zip({"word/document.xml": "<!DOCTYPE x><x/>"}), "document type definition"),
        ("a.docx", make_zip({"word/document.xml": "<x/>"}), "expected a Word document"),
        ("a.docx", make_zip({"other.xml": "<x/>"}), "expected a Word document"),
        ("a.rtf", "Not read", "found a.rtf; expected files that end in .vtt, .srt, .docx or .txt"),
    ],
)
def test_a_transcript_that_is_none_is_refused(tmp_path, name, content, message):
    with pytest.raises(errors.WorkbookError) as error:
        read_turns(tmp_path, {name: content})
    assert message in str(error.value)


def test_hidden_files_and_other_files_of_a_transcripts_folder_do_not_matter(tmp_path):
    strays = {name: b"\0\0\0\1Bud1" for name in (".DS_Store", "._group.vtt", "~$group.docx", "desktop.ini", "old.vtt/x.txt")}
    turns = read_turns(tmp_path, {"group.vtt": sample("made_up_teams.vtt"), **strays})
    assert turns["source"].unique().tolist() == ["group"] and len(turns) == 3


def test_one_speaker_name_in_two_rows_is_refused(tmp_path):
    people = "participant,speaker,speaker_2\nP1,Ann,\nP2,Bo,ann\n"
    made = make_study(tmp_path, {"participants.csv": people, "t/a.vtt": "WEBVTT\n"}, transcripts="t")
    with pytest.raises(errors.WorkbookError, match="row 3, column speaker_2: found a name that another row has"):
        transcripts.read_transcripts(made)


# --- readers never fail in any other way ------------------------------------------------------------------------------

KINDS = [path for path in sorted(SAMPLES.iterdir()) if path.suffix in {".csv", ".xlsx", ".qdpx", ".qdc"}]


def read_or_refuse(made: Study) -> None:
    """The readers' contract: a valid table or their own error."""
    try:
        segments = coding.read_segments(made)
    except errors.WorkbookError:
        return
    assert not segments.empty
    assert segments[["segment", "participant", "code", "theme"]].notna().all().all()
    assert not segments.duplicated(["segment", "coder", "code", "theme"]).any()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(tmp_path, data):
    content = bytearray(data.draw(st.sampled_from(KINDS)).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    read_or_refuse(make_study(tmp_path, {"participants.csv": BY_SOURCE + "P3,\n", "segments.csv": bytes(content)}))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.lists(st.lists(st.text(max_size=6) | st.sampled_from(["P1", "P2", "S1"]), max_size=8), max_size=5),
    header=st.sampled_from([coded.TIDY_COLUMNS, coded.TAGUETTE_COLUMNS, ["File", *coded.QUALCODER_COLUMNS, "FileVar_a"]]),
)
def test_any_table_under_a_known_header_is_read_or_refused(tmp_path, header, cells):
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in [header, *cells]]
    read_or_refuse(make_study(tmp_path, {"segments.csv": "\n".join(lines).encode("utf-8", "replace")}))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_changed_project_is_read_or_refused(tmp_path, data):
    with zipfile.ZipFile(SAMPLES / "qualcoder_mini.qdpx") as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    lines = entries["project.qde"].splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 3))):
        one, other = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
        lines[one], lines[other] = lines[other], lines[one]
    number = data.draw(st.integers(-5, 10**13))
    entries["project.qde"] = b"".join(lines).replace(b'"244"', quoteattr(str(number)).encode(), 1)
    read_or_refuse(make_study(tmp_path, {"participants.csv": BY_SOURCE, "segments.csv": make_zip(entries)}))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), name=st.sampled_from(["made_up_teams.vtt", "made_up_teams_modern.docx"]))
def test_a_damaged_transcript_is_read_or_refused(tmp_path, name, data):
    content = bytearray(sample(name))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place : place + 2] = data.draw(st.binary(max_size=4))
    made = make_study(tmp_path, {f"t/{name}": bytes(content)}, transcripts=f"t/{name}")
    try:
        turns = transcripts.read_transcripts(made)
    except errors.WorkbookError:
        return
    assert turns["text"].notna().all() and turns.loc[turns["turn"] > 1, "participant"].notna().all()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_database_is_read_or_refused(tmp_path, data):
    if not (tmp_path / "sound.qda").exists():
        make_qualcoder_database(tmp_path / "sound.qda")
    content = bytearray((tmp_path / "sound.qda").read_bytes())
    place = data.draw(st.integers(16, len(content) - 1))
    content[place : place + 4] = data.draw(st.binary(min_size=4, max_size=4))
    read_or_refuse(make_study(tmp_path, {"data.qda": bytes(content)}, segments="data.qda"))


# --- structure at random ----------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["Talk", "talk.docx", "Talk.pdf", "A/Talk", "A\\Talk", "", "05/01/2030"])
CODES = st.sampled_from(["light", "Light", "home.light", "1.2 light", "e.g. light", ""])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["1", "2", "3", ""]), NAMES, CODES, st.sampled_from(["x", "y", ""])), max_size=5))
def test_every_highlight_is_a_segment_or_told_or_the_file_is_refused(tmp_path, rows):
    people = "participant,source\nP1,Talk;talk.pdf\nP2,A/Talk\nP3,05/01/2030\n"
    text = "id,document,tag,content\n" + "".join(",".join(row) + "\n" for row in rows)
    made = make_study(tmp_path, {"segments.csv": text, "participants.csv": people})
    try:
        segments = coding.read_segments(made)
    except errors.WorkbookError:
        return
    untagged = sum(not code and any((number, name, words)) for number, name, code, words in rows)
    assert len(segments) == sum(bool(code) for _, _, code, _ in rows)
    told = coding.describe_reading(made)
    assert (f"left out: {untagged}" in told) == bool(untagged)
    assert segments["participant"].notna().all()
    # Names that differ only in case are told apart by a number.
    named = {"light", "Light", "light (2)", "Light (2)", "1.2 light", "e.g. light", "home / light"}
    assert set(segments["code"]) <= named


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(NAMES, st.sampled_from(["one two", "three\r\nfour", "五六七"]), st.integers(0, 2)), min_size=1, max_size=4
    )
)
def test_every_selection_of_a_project_is_cut_from_its_own_source(tmp_path, sources):
    parts, texts = "", {}
    for number, (name, text, start) in enumerate(sources):
        named = f' name="{name}"' if name else ""
        parts += (
            f'<TextSource guid="t{number}"{named} plainTextPath="internal://t{number}.txt">'
            f'<PlainTextSelection guid="s{number}" startPosition="{start}" endPosition="3">'
            f'<Coding guid="k{number}"><CodeRef targetGUID="c1"/></Coding></PlainTextSelection></TextSource>'
        )
        texts[f"sources/t{number}.txt"] = text
    owned = "".join(f'<SourceRef targetGUID="t{number}"/>' for number in range(len(sources)))
    qde = (
        '<Project xmlns="urn:QDA-XML:project:1.0"><CodeBook><Codes><Code guid="c1" name="light"/></Codes></CodeBook>'
        f'<Cases><Case guid="x1" name="P1">{owned}</Case></Cases><Sources>{parts}</Sources></Project>'
    )
    try:
        segments = read(tmp_path, make_zip({"made up.qde": qde} | texts))
    except errors.WorkbookError as error:
        assert "between words" in str(error)
        return
    assert segments["text"].tolist() == [text[start:3].strip() for _, text, start in sources]
    assert segments["source"].nunique() == segments["segment"].nunique() == len(sources)
