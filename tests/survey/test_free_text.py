"""What respondents wrote, coded through a table of segments: whose each comment is; no interviewee is counted with them."""

import in_process
import pandas as pd
import pytest
from conftest import HEAD

from helpers.interviews import coding, themes
from helpers.running import plan
from helpers.study import reading
from helpers.study.errors import WorkbookError
from helpers.survey import free_text

EXPORT = HEAD.replace("\n", ",Q9,Q10\n") + (
    "R_1,IP Address,North,Agree,Neutral,Disagree,No time for it. The room is cold.,Nothing\n"
    "R_2,IP Address,South,Agree,Agree,Not relevant to my role,No time,Nothing\n"
    "R_3,IP Address,North,Disagree,,Agree,,More rooms\n"
)
CODED = """participant,source,code,theme,text
R_1,Q9,time,Resources,No time for it
R_1,Q9,room,Resources,the room is COLD
R_2,Anything else,time,Resources,
5,Q10,room,Resources,More rooms
"""
CODED_TEXTS = ["No time for it", "the room is COLD", "", "More rooms"]
INTERVIEWED = CODED + "P1,Interview 1,time,Resources,An hour is missing\n"


@pytest.fixture
def study(project):
    """The study `tiny` with two questions in words; give it the rest of its key `survey`, other parts, and files."""
    folder = project / "data" / "tiny"
    text = (folder / "study.yml").read_text()

    def write(said="", more="", **files):
        for name, content in ({"survey": EXPORT} | files).items():
            (folder / f"{name}.csv").write_text(content)
        (folder / "study.yml").write_text(f"{text}  free_text: {{Q9: Anything else, Q10: What would help}}\n{said}{more}")
        return reading.read_study("tiny")

    return write


SURVEY = "  segments: coded.csv\n"
INTERVIEWS = "interviews: {participants: people.csv, segments: segments.csv}\n"


def test_a_survey_alone_codes_its_comments_in_a_table_of_its_own(study):
    comments = free_text.read_comments(study(SURVEY, coded=CODED))
    written = free_text.join_codes(reading.read_study("tiny"), comments)
    coded = written.set_index("text")["coded_as"].fillna("").to_dict()
    # 5 is no id, so the words tell whose they are; "Nothing" was not coded.
    assert coded == {
        "No time for it. The room is cold.": "time; room", "No time": "time", "Nothing": "", "More rooms": "room",
    }  # fmt: skip
    counts = free_text.count_comments(comments, written, written[["respondent"]])
    assert counts.to_dict("records") == [{"theme": "Resources", "numerator": 3, "denominator": 3, "segments": 3}]


def test_only_those_who_were_asked_what_was_coded_are_counted(study):
    """Q10 alone is coded, which R_1, R_2 and R_3 answered; of Q9, which R_1 and R_2 answered, one comment has two passages."""
    found = study(SURVEY, coded=CODED)
    comments = free_text.read_comments(found)
    written = free_text.join_codes(found, comments)
    for question, numerator, denominator, segments in (("What would help", 1, 3, 1), ("Anything else", 2, 2, 2)):
        counts = free_text.count_comments(comments[comments["question"] == question], written, written[["respondent"]])
        assert counts.iloc[0, 1:].tolist() == [numerator, denominator, segments]


def test_comments_among_the_segments_of_interviews_are_counted_apart(study):
    found = study(more=INTERVIEWS, people="participant,source\nP1,Interview 1\nP2,Interview 2\n", segments=INTERVIEWED)
    segments, participants = coding.read_segments(found), coding.read_participants(found)
    assert segments["text"].tolist() == ["An hour is missing"]
    counts = themes.count_themes(segments, participants)
    assert counts[["numerator", "denominator"]].to_numpy().tolist() == [[1, 2]]
    assert len(free_text.read_comments(found)) == 4
    left: dict[str, dict] = {}
    folder = in_process.run_notebooks("tiny", "01 02 04", left=left)
    told = pd.read_csv(folder / "tables" / "01_comments.csv")
    assert told[["numerator", "denominator", "segments"]].to_numpy().tolist() == [[3, 3, 3]]
    assert left["04"]["segments"]["text"].tolist() == ["An hour is missing"]
    assert not [path for path in folder.glob("tables/0[24]_*.csv") if "More rooms" in path.read_text()]


def test_comments_of_both_tables_are_read(study):
    people = "participant,source\nP1,Interview 1\n"
    found = study(
        SURVEY, INTERVIEWS, coded="participant,source,code,text\nR_2,Q10,calm,\n", people=people, segments=INTERVIEWED
    )
    assert free_text.read_comments(found)["text"].tolist() == [*CODED_TEXTS, ""]


def test_segments_of_interviews_without_a_comment_hold_none(study, monkeypatch):
    segments = "participant,source,code,theme,text\nP1,Interview 1,time,Resources,An hour is missing\n"
    found = study(more=INTERVIEWS, people="participant,source\nP1,Interview 1\n", segments=segments)
    # Nothing is looked for in the answers, which may be many.
    monkeypatch.setattr(free_text, "read_answers", None)
    comments = free_text.read_comments(found)
    assert comments.empty and list(comments) == ["segment", "respondent", "question", "code", "theme", "text"]


def test_an_id_that_means_two_comments_is_refused(study):
    found = study(SURVEY, coded="segment,participant,source,code,text\n1,R_1,Q10,calm,\n1,R_2,Q10,calm,\n")
    with pytest.raises(WorkbookError, match=r"coded\.csv, row 3: found the segment '1' a second time with another participant"):
        free_text.read_comments(found)


def test_a_study_that_codes_no_comments_shows_none(study):
    found = study()
    comments = free_text.read_comments(found)
    written = free_text.join_codes(found, comments)
    assert comments.empty and "coded_as" not in written and len(written) == 5
    assert free_text.count_comments(comments, written, written[["respondent"]]).empty


def test_a_funder_is_told_of_no_comment(study):
    study(SURVEY, coded=CODED)
    folder = in_process.run_notebooks("tiny", "01", audience="funder")
    assert not [path for path in folder.rglob("*.csv") if "comments" in path.name or "No time" in path.read_text()]


@pytest.mark.parametrize(("row", "message"), [
    ("R_1,Q9,time,,Too little time", "row 2: found 'Too little time' as an answer to 'Q9'; expected words of one answer"),
    ("R_2,Q9,time,,The room is cold", "found 'The room is cold' as an answer"),
    ("R_3,Q9,time,,", "found '' as an answer to 'Q9'"),
    ("9,Q10,time,,Nothing", "found 'Nothing', in several answers to 'Q10'.*give as the participant the id of a response, or"),
    ("9,Q10,time,,room", "found 'room' as an answer to 'Q10'"),
    ("R_9,Q9,time,,No time for it", "found the participant 'R_9', who wrote no answer; expected the id of a"),
    ("row 400,Q10,time,,More rooms", r"found the participant 'row 400'.*its row in the export \(row 4\)"),
    ("R_1,Q7,time,,No time", "found the source 'Q7'; expected a question of survey.free_text"),
])  # fmt: skip
def test_words_of_nobody_or_of_several_are_refused_before_a_run(study, row, message):
    study(SURVEY, coded=f"participant,source,code,theme,text\n{row}\n")
    with pytest.raises(WorkbookError, match=r"data/tiny/coded\.csv, row 2: .*" + message.removeprefix("row 2: ")):
        plan.plan_run(plan.Order("tiny"))


def test_a_code_that_the_codebook_lacks_is_refused_in_comments_too(study):
    files = {
        "people": "participant\nP1\n",
        "codes": "code,theme\nroom,Resources\n",
        "segments": "participant,code,text\nP1,room,x\n",
    }
    found = study(SURVEY, INTERVIEWS.replace("}", ", codes: codes.csv}"), coded=CODED, **files)
    with pytest.raises(WorkbookError, match=r"coded\.csv, row 2: found the code 'time'; expected one of room"):
        free_text.read_comments(found)


def test_an_export_without_ids_is_coded_by_its_rows(study):
    plain = "\n".join(",".join(line.split(",")[2:]) for line in EXPORT.splitlines()) + "\n"
    found = study(SURVEY, survey=plain, coded="participant,source,code,text\nrow 3,Q10,calm,Nothing\n")
    [comment] = free_text.read_comments(found).to_dict("records")
    wrote = free_text.read_answers(found).query("text == 'No time'")["respondent"]
    assert comment["respondent"] == wrote.item()


def test_a_row_that_two_waves_have_is_told_with_its_wave(study):
    plain = "\n".join(",".join(line.split(",")[2:]) for line in EXPORT.splitlines()) + "\n"
    study(SURVEY, survey=plain, later=plain, coded="participant,source,code,text\nrow 3,Q10,calm,Nothing\n")
    path = reading.read_study("tiny").folder
    text = (path / "study.yml").read_text().replace('{"2030": survey.csv}', '{"2030": survey.csv, "2031": later.csv}')
    (path / "study.yml").write_text(text)
    with pytest.raises(WorkbookError, match=r"in several answers.*its row in the export \(2031: row 4\)"):
        free_text.read_comments(reading.read_study("tiny"))
    (path / "coded.csv").write_text("participant,source,code,text\n2031: row 3,Q10,calm,Nothing\n")
    [comment] = free_text.read_comments(reading.read_study("tiny")).to_dict("records")
    wrote = free_text.read_answers(reading.read_study("tiny")).query("text == 'No time' and wave == '2031'")["respondent"]
    assert comment["respondent"] == wrote.item()
