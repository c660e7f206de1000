"""A new study from what survey tools and coding tools write: what is found, what is asked, what is refused."""

import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import click
import pandas as pd
import pytest
import yaml
from questionnaires import LANGUAGES, TOOLS, make_questionnaire, write_lss
from toys import call

from helpers.interviews import coding, transcripts
from helpers.interviews.read import read_coded
from helpers.setup import conversations, matching, roles, scales
from helpers.setup.ask import Asker
from helpers.setup.new import make_study
from helpers.setup.questions import Question
from helpers.study import reading, words
from helpers.study.definition import Grouping
from helpers.study.errors import WorkbookError
from helpers.survey import cleaning, exports, free_text

QUIET = Asker(terminal=False)


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A project without studies; the test stands in it."""
    for name in ("data", "notebooks"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def decide(name: str) -> None:
    """Agree with all that was left to review, as a researcher does who looks through it."""
    folder = Path("data") / name
    said = yaml.safe_load((folder / "study.yml").read_text(encoding="utf-8"))
    said.pop("review", None)
    (folder / "study.yml").write_text(yaml.safe_dump(said, sort_keys=False, allow_unicode=True), encoding="utf-8")
    codebook = pd.read_csv(folder / "codebook.csv", dtype=str, keep_default_na=False)
    codebook.assign(review="").to_csv(folder / "codebook.csv", index=False)


def new(*surveys: Path, definition: Path | None = None, interviews=(), ask: Asker = QUIET, name: str = "mine"):
    return make_study(name, surveys, definition, interviews, ask)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


# --- twenty questionnaires ---------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def twenty(tmp_path_factory):
    """Twenty questionnaires, what was proposed for each, and each read once all of it was agreed to."""
    root, read = tmp_path_factory.mktemp("twenty"), []
    for name in ("data", "notebooks"):
        (root / name).mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        for number in range(20):
            made = make_questionnaire(number, root / f"files_{number}")
            proposed = new(made.export, definition=made.definition, name=f"study_{number}")
            decide(f"study_{number}")
            read.append((made, proposed, cleaning.clean_survey(reading.read_study(f"study_{number}"))))
    return read


def list_items(twenty) -> pd.DataFrame:
    """Each question that is an item, and each of a survey's own: what it is, what was proposed, what was left in doubt."""
    rows = []
    for made, proposed, _ in twenty:
        codebook = proposed.codebook.set_index("label")
        for wording, item in made.items.items():
            found = codebook.loc[wording] if wording in codebook.index else {"item": "", "reversed": "", "review": ""}
            rows.append((item, found["item"], wording in made.reversed, found["reversed"] == "yes", found["review"] != ""))
    return pd.DataFrame(rows, columns=["item", "found", "turned", "found_turned", "review"])


def test_the_twenty_are_of_all_tools_and_languages(twenty):
    assert {made.tool for made, *_ in twenty} == {*TOOLS}
    assert {made.language for made, *_ in twenty} == {*LANGUAGES}


def test_at_least_95_of_100_items_are_right_and_no_wrong_one_is_without_review(twenty):
    rows = list_items(twenty)
    items, own = rows[rows["item"] != ""], rows[rows["item"] == ""]
    assert len(items) > 350 and len(own) > 20
    assert (items["found"] == items["item"]).mean() >= 0.95
    assert items[items["found"] != items["item"]]["review"].all()
    assert own["review"].all()
    # Most are certain: nobody is asked about each.
    assert (~items["review"]).mean() > 0.8


def test_items_worded_negatively_are_all_found_and_no_other_is_without_review(twenty):
    rows = list_items(twenty)
    assert rows.loc[rows["turned"], "found_turned"].all()
    assert rows.loc[rows["found_turned"] & ~rows["turned"], "review"].all()


def test_answers_have_the_values_that_were_given_whichever_way_numbers_run(twenty):
    for made, proposed, read in twenty:
        items = proposed.codebook.set_index("label")["item"]
        for wording, values in made.values.items():
            found = read.responses.loc[read.responses["item"] == items[wording], "value"].dropna()
            assert sorted(found) == sorted(values.dropna()), (made.tool, made.language, wording)


def test_not_relevant_is_told_from_missing_in_every_language(twenty):
    for made, _, read in twenty:
        kinds = read.responses["status"].value_counts()
        assert (kinds[["not relevant to role", "not relevant at this stage", "not relevant to the intervention"]] > 0).all(), (
            made
        )


def test_what_identifies_people_reaches_no_frame(twenty):
    for made, proposed, read in twenty:
        told = " ".join(detail for what, detail in proposed.found if what.endswith("identifies people"))
        assert len(told) > 0, made.tool
        for frame in (read.respondents, read.responses, read.files, read.flow):
            assert not frame.astype("str").apply(lambda column: column.str.contains("@|192\\.0|Person")).to_numpy().any()
        assert "@" not in str(proposed.said)


def test_consent_groupings_and_free_text_are_found(twenty):
    for made, proposed, read in twenty:
        survey = proposed.said["survey"]
        assert "consent" in survey and len(survey["free_text"]) == 1, (made.tool, made.language)
        years = [grouping for grouping in survey["groupings"].values() if grouping.get("ordered")]
        assert [grouping["levels"] for grouping in years] == [["< 1", "1-5", "6-10", "> 10"]]
        assert len(survey["groupings"]) == 2 and len(read.respondents) == 32


def test_the_practices_name_is_found_and_tells_no_item():
    wordings = {
        "Q1": "Staff are given enough training to use the shared training record",
        "Q2": "There are enough resources for the shared training record",
        "Q3": "The shared training record is normal in my work now",
        "Q4": "I will continue to support the shared training record",
    }
    found, language, practice = matching.match_items(wordings)
    assert {column: match.item for column, match in found.items()} == {"Q1": "D5", "Q2": "D6", "Q3": "A2", "Q4": "C4"}
    assert (language, practice) == ("en", "the shared training record")


def test_a_question_of_ones_own_with_some_words_of_an_item_that_was_dropped_is_in_doubt():
    """It differs in a way of speaking, and names no practice: B1 was not asked."""
    asked = [
        "The note disrupts working relationships",
        "I will continue to support the note",
        "Enough training on the note is provided",
    ]
    wordings = {**dict(zip("abc", asked, strict=True)), "d": "I speak with families in a way that differs from usual"}
    assert "does not name the practice" in matching.match_items(wordings)[0]["d"].doubt
    alone = {"d": "Parlo in modo diverso con le famiglie", "e": "Mi fido dei colleghi e della loro capacità di lavorare"}
    assert "only some of its words" in matching.match_items(alone)[0]["d"].doubt


# --- answers ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("label", "kind", "strength"), [
    ("Strongly disagree", "point", -3), ("Somewhat agree", "point", 1), ("Neither agree nor disagree", "point", 0),
    ("Not relevant at this stage", "stage", 0), ("Not relevant to my role", "role", 0), ("Not applicable", "intervention", 0),
    ("Don't know", "missing", 0), ("Nurse", "", 0),
])  # fmt: skip
def test_an_answer_is_a_point_of_agreement_or_another_kind_or_nothing_known(label, kind, strength):
    assert scales.read_label(label, "en") == (kind, strength)


MATRIX = {
    "q1": "I see how the note differs from our usual work", "q2": "Staff share an understanding of the purpose of the note",
    "q3": "The note disrupts working relationships", "q4": "I will continue to support the note",
    "q5": "Enough training on the note is provided",
}  # fmt: skip


def write_matrix(path: Path, rows: list[list[str]], more: str = "") -> Path:
    names = [f"How far do you agree? [{wording}]" for wording in MATRIX.values()]
    pd.DataFrame(rows, columns=names).to_csv(path, index=False)
    return path


def test_a_point_that_nobody_chose_is_added_and_its_wording_asked(home):
    rows = [["Agree", "Strongly agree", "Disagree", "Agree", "Neutral"], ["Neutral", "Agree", "Disagree", "Agree", "Agree"]]
    proposed = new(write_matrix(home / "export.csv", rows))
    responses = proposed.said["scales"]["agreement"]["responses"]
    assert [(point["label"], point["value"]) for point in responses][0] == ("Strongly disagree", 1)
    assert [line for line in proposed.review if "Strongly agree" in line and "nobody chose its opposite" in line]


def test_answers_that_differ_in_capitals_are_one(home):
    table = pd.DataFrame(
        [["Agree", "Disagree"], ["agree", "Neutral"], ["Disagree", "agree"]] * 2, columns=[*MATRIX.values()][1:3]
    )
    table.insert(0, "Team", ["North", "north", "South"] * 2)
    table.to_csv(home / "export.csv", index=False)
    survey = new(home / "export.csv").said["survey"]
    assert survey["groupings"]["by_team"]["levels"] == ["North", "South"]
    decide("mine")
    answers = cleaning.clean_survey(reading.read_study("mine")).responses["response"]
    assert answers.value_counts().to_dict() == {"Agree": 6, "Disagree": 4, "Neutral": 2}


def test_an_item_that_all_answered_alike_is_an_item(home):
    rows = [["Agree", "Disagree", "Disagree", "Agree", "Neutral"], ["Neutral", "Agree", "Disagree", "Agree", "Agree"]]
    assert new(write_matrix(home / "export.csv", rows)).codebook["item"].tolist() == ["B1", "B2", "D2", "C4", "D5"]


def test_an_answer_that_says_neither_role_nor_stage_is_asked_about(home):
    rows = [["Agree", "Disagree", "Disagree", "Agree", "Neutral"], ["Not applicable", "Agree", "Disagree", "Neutral", "Agree"]]
    proposed = new(write_matrix(home / "export.csv", rows))
    assert proposed.said["scales"]["agreement"]["not_relevant"] == [{"label": "Not applicable", "kind": "intervention"}]
    assert [line for line in proposed.review if "Not applicable" in line]


def test_an_item_that_runs_against_its_construct_is_in_doubt_with_its_interval(home):
    """B2 is answered in the opposite way to B1 by everybody but two of 24."""
    points = ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"]
    rows = [[points[k % 5], points[4 - k % 5] if k > 1 else points[k % 5], "Disagree", "Agree", "Agree"] for k in range(24)]
    codebook = new(write_matrix(home / "export.csv", rows)).codebook.set_index("item")
    assert re.search(
        r"runs against .* \(r = -0\.\d\d, 95% interval -0\.\d\d to -0\.\d\d, 24 people\)", codebook.loc["B2", "review"]
    )
    assert codebook.loc["D2", "reversed"] == "yes" and codebook.loc["C4", "review"] == ""


# --- numbers ------------------------------------------------------------------------------------------------------------
def test_numbers_without_labels_are_never_read_without_an_answer(home):
    rows = [["4", "5", "1", "4", "3"], ["2", "1", "4", "2", "2"], ["5", "4", "2", "3", "4"], ["3", "3", "3", "5", "1"]]
    proposed = new(write_matrix(home / "export.csv", rows))
    line = next(line for line in proposed.review if "Which way do the numbers run?" in line)
    # By hand: the negatively worded item's mean is (1 + 4 + 2 + 3) / 4, the others' (4 + 5 + 4 + 3 + 2 + ... + 1) / 16.
    assert "mean of 2.5, the others 3.2: high is likelier" in line and "same either way" in line
    with pytest.raises(WorkbookError, match="(?s)still to decide.*Which way do the numbers run"):
        reading.read_study("mine")


def test_what_the_export_says_of_a_number_is_kept(home):
    """0 is no point, since its words say so; and the ends say which way numbers run, whatever we would have guessed."""
    low, high = "1 - Strongly agree", "5 - Strongly disagree"
    rows = [["4", high, low, "4", "0 - Not applicable"], ["2", low, "4", "2", "2"], [high, "4", "2", "3", "4"]]
    scale = new(write_matrix(home / "export.csv", rows)).said["scales"]["agreement"]
    labels = {point["code"]: point["label"] for point in scale["responses"]}
    assert (labels["1"], labels["5"], [*labels]) == (low, high, [*"54321"])
    assert scale["not_relevant"] == [{"label": "0 - Not applicable", "kind": "intervention", "code": "0"}]


def test_one_answer_in_the_terminal_turns_numbers_round(home, monkeypatch):
    asked = []
    monkeypatch.setattr(click, "prompt", lambda text, default, **_: asked.append(default) or "low")
    rows = [["4", "5", "1", "4", "3"], ["2", "1", "4", "2", "2"], ["5", "4", "2", "3", "4"], ["3", "3", "3", "5", "1"]]
    new(write_matrix(home / "export.csv", rows), ask=Asker(terminal=True))
    read = cleaning.clean_survey(reading.read_study("mine"))
    values = read.responses.loc[read.responses["item"] == "B1", "value"]
    assert len(asked) == 1 and sorted(values) == [1, 2, 3, 4]  # 5, 4, 3 and 2 in the export
    assert read.responses.loc[read.responses["response"] == "Strongly agree", "value"].eq(5).all()


@pytest.mark.parametrize(("cell", "found"), [("12", "'12'"), ("2.5", "'2.5'")])
def test_a_number_that_no_scale_has_is_refused_with_its_place(home, cell, found):
    rows = [["4", "5", "1", "4", "3"], ["2", "1", cell, "2", "2"], ["5", "4", "2", "3", "4"], ["3", "3", "3", "5", "1"]]
    with pytest.raises(WorkbookError, match=r"export\.csv, row 3, column .*disrupts.*found " + re.escape(found)):
        new(write_matrix(home / "export.csv", rows))
    assert list((home / "data").iterdir()) == []


def test_codes_beyond_the_scale_are_asked_one_by_one(home):
    rows = [["4", "5", "1", "4", "3"], ["2", "1", "4", "6", "2"], ["5", "4", "2", "3", "99"], ["3", "3", "3", "5", "1"]]
    proposed = new(write_matrix(home / "export.csv", rows))
    scale = proposed.said["scales"]["agreement"]
    assert [(option["code"], option["kind"]) for option in scale["not_relevant"]] == [("6", "role"), ("99", "missing")]
    assert [point["code"] for point in scale["responses"]] == ["1", "2", "3", "4", "5"]
    decide("mine")
    status = cleaning.clean_survey(reading.read_study("mine")).responses["status"].value_counts()
    assert (status["not relevant to role"], status["missing"], status["answered"]) == (1, 1, 18)


def test_blanks_are_no_numbers_and_99_speaks_for_no_direction(home):
    """Who is familiar (9, 8) answers 1, who is not (1, 2) answers 5; 99 stands where somebody answered 5."""
    rows = [[9, 1, 1, 5, 1, 1], [8, 1, 2, 5, 2, 1], [9, 2, 1, 4, 1, ""], [1, 5, 5, 1, 5, 4], [2, 4, 5, 2, 4, 5],
            [1, 5, 4, "", 5, 5], [99, 5, 5, 1, 5, 5]]  # fmt: skip
    table = pd.DataFrame(rows, columns=["How familiar does the note feel to you?", *MATRIX.values()])
    table.to_csv(home / "export.csv", index=False)
    proposed = new(home / "export.csv")
    asked = next(line for line in proposed.review if "Which way" in line)
    assert "6 people): low. Taken for now: 1 is the strongest agreement" in asked
    assert [point["code"] for point in proposed.said["scales"]["agreement"]["responses"]] == ["5", "4", "3", "2", "1"]


def test_an_item_that_fits_about_as_well_can_be_chosen(home):
    offered: dict[str, list] = {}

    class Listening(Asker):
        def choose(self, review, question, proposed, choices=None):
            offered[question] = list(choices or ())
            return proposed

    new(stranger(home / "export.csv"), ask=Listening())
    doubted = {question: choices for question, choices in offered.items() if "about as well" in question}
    assert doubted and all({*re.findall(r"fits (E5|A1)", question)} <= {*choices} for question, choices in doubted.items())


def test_codes_of_a_role_have_no_order(home):
    said = roles.describe_grouping(Question("Q3", "Your role", pd.Series(["1", "2", "3", "2"])))
    assert said["levels"] == ["1", "2", "3"] and "ordered" not in said


def test_the_largest_sheet_of_a_workbook_is_the_export(home):
    with pd.ExcelWriter(home / "export.xlsx") as book:
        pd.DataFrame({"Note": ["exported in March"], "By": ["us"]}).to_excel(book, sheet_name="Notes", index=False)
        pd.read_csv(stranger(home / "export.csv")).to_excel(book, sheet_name="Data", index=False)
    assert len(new(home / "export.xlsx").codebook) == 4


def test_points_of_a_definition_whose_ends_have_words_are_numbers(home):
    """0 to 10 in Qualtrics, recoded as 0 to 10: each of the two questions has words of its own at its ends."""
    asked = {"Q1": ("How familiar does the note feel to you?", "New", "Familiar"),
             "Q2": ("Is the note a normal part of your work now?", "Not at all", "Completely")}  # fmt: skip
    elements = [
        {"Element": "SQ", "Payload": {
            "QuestionID": name, "DataExportTag": name, "QuestionType": "MC", "QuestionText": text,
            "RecodeValues": {str(k + 1): str(k) for k in range(11)}, "ChoiceOrder": [*range(1, 12)],
            "Choices": {str(k + 1): {"Display": {0: f"0 - {low}", 10: f"10 - {high}"}.get(k, str(k))} for k in range(11)},
        }}
        for name, (text, low, high) in asked.items()
    ]  # fmt: skip
    write(home / "survey.qsf", json.dumps({"SurveyElements": elements}))
    export = write(home / "export.csv", f"Q1,Q2,{ITEMS[0]}\n0,10,Agree\n7,0,Disagree\n10,3,Agree\n")
    scales = new(export, definition=home / "survey.qsf").said["scales"]
    assert [*scales] == ["familiarity", "agreement"]
    assert [point["label"] for point in scales["familiarity"]["responses"]] == [*map(str, range(11))]


# --- tools --------------------------------------------------------------------------------------------------------------
def test_surveymonkeys_second_header_row_is_no_respondent(home):
    text = (
        "Respondent ID,Collector ID,Start Date,How familiar is the note?,Do you agree?,,Anything else?\n"
        ",,,Response,The note disrupts relations,I will support the note,Open-Ended Response\n"
        "11,1,2030,4,Agree,Disagree,no\n12,1,2030,7,Disagree,,\n"
    )
    export = exports.read_export(write(home / "monkey.csv", text))
    assert export.layout == "SurveyMonkey, 2 header rows"
    assert [*export.answers][3:] == ["How familiar is the note?", "The note disrupts relations", "I will support the note",
                                     "Anything else?"]  # fmt: skip
    assert export.technical["record_id"].tolist() == ["11", "12"]


def test_a_table_whose_first_row_is_nearly_blank_is_not_surveymonkeys(home):
    export = exports.read_export(write(home / "plain.csv", "id,team,A1,A2\n,,,Agree\n7,North,Agree,Agree\n"))
    assert export.layout == "a plain table" and len(export.answers) == 2


def test_a_zip_with_two_tables_is_refused(home):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("one.csv", "a,b\n1,2\n")
        archive.writestr("two.csv", "a,b\n1,2\n")
    (home / "export.zip").write_bytes(content.getvalue())
    with pytest.raises(WorkbookError, match=r"export.zip: found one.csv, two.csv; expected one export"):
        new(home / "export.zip")


@pytest.mark.parametrize(("name", "content", "message"), [
    ("broken.qsf", '{"SurveyElements": [{"Element": "SQ"}]}', "broken.qsf: found something else"),
    ("deep.qsf", '{"SurveyElements": ' + "[" * 99_999, "deep.qsf: found something else"),
    ("empty.lss", "<?xml version='1.0'?><document/>", "empty.lss: found something else (ValueError: no questions)"),
    ("half.lss", "<?xml version='1.0'?><document><questions><rows><row/></rows></questions></document>", "half.lss: found"),
    ("torn.lss", "<?xml version='1.0'?><document>", "torn.lss: found no element found"),
    ("bomb.lss", "<?xml version='1.0'?><!DOCTYPE d [<!ENTITY a 'a'>]><document>&a;</document>", "type definition (DTD)"),
    ("deep.lss", "<?xml version='1.0'?>" + "<a>" * 99_999 + "</a>" * 99_999, "deep.lss: found something else"),
    ("other.csv", "a,b\n1,2\n", "other.csv, header: found a, b; expected a survey's definition"),
    ("none.csv", None, "none.csv: found no such file"),
])  # fmt: skip
def test_a_definition_of_something_else_is_refused(home, name, content, message):
    export = write_matrix(home / "export.csv", [["1", "2", "3", "4", "5"], ["5", "4", "3", "2", "1"]])
    if content:
        write(home / name, content)
    with pytest.raises(WorkbookError, match=re.escape(message)):
        new(export, definition=home / name)


def test_a_structure_of_limesurvey_3_tells_codes_and_yes_and_other(home):
    """Before version 4 texts stood in the tables of questions and answers themselves, a row for each language."""
    asked = {"parent_qid": "0", "language": "xx", "other": "N"}
    answers = [("1", "A1", "Agree"), ("1", "A2", "Neutral"), ("1", "A3", "Disagree"), ("3", "A1", "Nurse"), ("3", "A2", "Cook")]
    write_lss(home / "old.lss", {
        "questions": [
            asked | {"qid": "1", "type": "F", "title": "agree", "question": "How far do you agree?"},
            asked | {"qid": "1", "type": "F", "title": "agree", "question": "Wie sehr?", "language": "de"},
            asked | {"qid": "2", "type": "Y", "title": "ok", "question": "Do you consent?"},
            asked | {"qid": "3", "type": "L", "title": "role", "question": "Your role", "other": "Y"},
        ],
        "subquestions": [{"qid": str(k), "parent_qid": "1", "title": f"SQ{k}", "question": text, "language": "xx"}
                         for k, text in enumerate(ITEMS, start=11)],
        "answers": [
            {"qid": qid, "code": code, "answer": label, "sortorder": str(k), "language": "xx", "scale_id": "0"}
            for k, (qid, code, label) in reversed([*enumerate(answers)])
        ],
    })  # fmt: skip
    rows = "1,Y,A1,A1,A3\n2,Y,-oth-,A3,A1\n3,N,A2,A2,A2\n4,Y,A1,A1,A3\n5,Y,-oth-,A2,A2\n6,Y,A2,A1,A2\n7,Y,A1,A3,A3\n"
    export = write(home / "export.csv", "id,ok,role,agree_SQ11,agree[SQ12]. Text\n" + rows)
    said = new(export, definition=home / "old.lss").said
    points = {point["code"]: point["label"] for point in said["scales"]["agreement"]["responses"]}
    assert points == {"A1": "Agree", "A2": "Neutral", "A3": "Disagree"} and [*points] == ["A3", "A2", "A1"]
    assert said["survey"]["consent"] == {"column": "ok", "response": "Y"}
    levels = said["survey"]["groupings"]["by_role"]["levels"]
    # In the order of `sortorder`, whatever that of the rows.
    assert [(level["code"], level["label"]) for level in levels] == [("A1", "Nurse"), ("A2", "Cook"), ("-oth-", "Other")]


# --- waves, keys, free text --------------------------------------------------------------------------------------------
ITEMS = ["I see how the note differs from usual work", "The note disrupts working relationships"]


def wave(path: Path, keys: str) -> Path:
    """Each of the keys agrees, and one more does not; `ID` counts the rows, as Microsoft Forms does."""
    rows = [f"{key},Agree,Disagree,{'I would like to have more time for it' if key == 'k2' else ''}" for key in keys.split()]
    rows = [f"{number},{row}" for number, row in enumerate([*rows, "k9,Disagree,Agree,"], start=1)]
    return write(path, "\n".join([f"ID,Your code word,{ITEMS[0]},{ITEMS[1]},Comments", *rows]) + "\n")


@pytest.mark.parametrize(("column", "dates", "wave"), [
    ("Start time", ["5/1/2030 10:15", "5/2/2030 9:00"], "2030"), ("StartDate", ["2030-12-30 10:00", "2031-01-02"], "2030-2031"),
    ("Date of the training", ["1.5.2029", "2.5.2029"], "all"), ("Start time", ["10:15", "9:00"], "all"),
])  # fmt: skip
def test_a_single_export_is_named_after_the_years_of_its_answers(home, column, dates, wave):
    write(home / "export (3).csv", f"{column},{ITEMS[0]},{ITEMS[1]}\n{dates[0]},Agree,Disagree\n{dates[1]},Disagree,Agree\n")
    assert new(home / "export (3).csv").said["survey"]["files"] == {wave: "survey/export (3).csv"}


def test_two_exports_are_two_waves_and_their_keys_are_hashed_with_a_salt(home):
    new(wave(home / "march.csv", "k1 k2 k3 k4"), wave(home / "june.csv", "K1 k2 k3 k5"))
    salt = (home / "data" / "mine" / ".salt").read_text()
    decide("mine")
    study = reading.read_study("mine")
    assert study.survey.files == {"march": "survey/march.csv", "june": "survey/june.csv"}
    people = cleaning.clean_survey(study).respondents
    assert people.groupby("link").size().value_counts().to_dict() == {2: 4, 1: 2}
    assert len(salt) == 32 and "k1" not in people.astype("str").to_csv()
    # Another salt gives other numbers, so that a list of keys tells nothing.
    keys = pd.Series([f"k{number}" for number in range(30)])
    assert cleaning.pseudonymise(keys, salt).tolist() != cleaning.pseudonymise(keys).tolist()


def test_a_column_of_waves_becomes_a_file_for_each_wave(home):
    table = pd.DataFrame({"Time point": ["Post", "Pre", "Pre", "Post"], ITEMS[0]: ["Agree", "Neutral", "Agree", "Agree"],
                          ITEMS[1]: ["Disagree", "Agree", "Neutral", "Disagree"]})  # fmt: skip
    table.to_csv(home / "export.csv", index=False)
    new(home / "export.csv")
    decide("mine")
    waves = cleaning.clean_survey(reading.read_study("mine")).respondents["wave"]
    assert waves.value_counts(sort=False).to_dict() == {"Pre": 2, "Post": 2}


def test_free_text_is_listed_for_the_team_and_is_in_no_frame_of_respondents(home):
    new(wave(home / "export.csv", "k1 k2 k3"))
    decide("mine")
    study = reading.read_study("mine")
    listed = free_text.join_codes(study, free_text.read_comments(study))
    assert listed[["question", "text"]].to_numpy().tolist() == [["Comments", "I would like to have more time for it"]]
    read = cleaning.clean_survey(study)
    assert listed["respondent"].isin(read.respondents["respondent"]).all()
    assert "more time" not in read.respondents.to_csv() + read.responses.to_csv()


# --- as a new user met it ----------------------------------------------------------------------------------------------
PEOPLE = [
    ("Agree", "Nurse", "", "9"), ("Disagree", "Doctor", "", "3"), ("Agree", "Nurse", "", "10 - Fully familiar"),
    ("Agree", "Other", "Cook at the ward", "7"), ("Neutral", "Doctor", "", "1"), ("Disagree", "Nurse", "", "4"),
]  # fmt: skip
SAID = "Ask Maria Made, she runs it best"


def stranger(path: Path, familiar: str = "How familiar does the note feel to you?") -> Path:
    """Statements that hold words of two items or look like a negation; a choice with an answer of one's own; repeated words."""
    head = ["Role - Selected Choice", "Role - Other - Text", familiar, "Is the note a normal part of your work now?",
            "I can tell how the note differs from what we used to hand over", ITEMS[1], "Is there anything else?"]  # fmt: skip
    normal, said = ["0 - Not at all", "10 - Completely", "4"] * 2, [SAID] * 4 + ["Nothing"] * 2
    rows = [[role, own, ten, normal[k], agreed, "Disagree", said[k]] for k, (agreed, role, own, ten) in enumerate(PEOPLE)]
    pd.DataFrame(rows, columns=head).to_csv(path, index=False)
    return path


def test_can_tell_is_no_negation_and_used_to_no_familiarity(home):
    codebook = new(stranger(home / "export.csv")).codebook.set_index("label")
    row = codebook.loc["I can tell how the note differs from what we used to hand over"]
    assert (row["item"], row["reversed"]) == ("B1", "no") and "negatively" not in row["review"]
    assert words.find("I can't tell", "negation", "en") == "can t"


def test_the_short_last_word_of_a_phrase_is_whole():
    """Else "can't" would stand in "can tell"."""
    table = pd.read_csv(words.TABLE, dtype=str, keep_default_na=False)
    stems = {stem for cell in table[["first", "second", "third"]].to_numpy().ravel() for stem in cell.split()}
    short = [stem for stem in stems if "_" in stem and len(stem.rpartition("_")[2]) < 4 and stem[0] != "="]
    assert [stem for stem in short if not stem.endswith("$")] == []


def test_a_scale_of_numbers_whose_ends_have_words_of_their_own_is_one_scale(home):
    proposed = new(stranger(home / "export.csv"))
    assert proposed.codebook["item"].tolist()[:2] == ["A1", "A2"]
    assert [point["label"] for point in proposed.said["scales"]["familiarity"]["responses"]] == [*map(str, range(11))]
    decide("mine")
    answers = cleaning.clean_survey(reading.read_study("mine")).responses.set_index("item")["value"]
    assert sorted(answers["A1"]) == [1, 3, 4, 7, 9, 10] and {*answers["A2"]} == {0, 4, 10}


@pytest.mark.parametrize("words_asked", ["How familiar are you with daily routine work?", "How often do you meet?"])
def test_a_question_answered_with_numbers_is_never_silently_a_grouping(home, words_asked):
    proposed = new(stranger(home / "export.csv", words_asked))
    grouped = [each for each in proposed.said["survey"]["groupings"].values() if each["label"] == words_asked]
    asked = " ".join([*proposed.review, *proposed.codebook["review"]])
    assert words_asked in asked or not grouped and words_asked not in proposed.codebook["label"].tolist()


@pytest.mark.parametrize(("answer", "groups"), [("chosen", ["Nurse", SAID]), ("written", [])])
def test_an_answer_that_is_a_sentence_is_asked_about_before_it_makes_a_group(home, monkeypatch, answer, groups):
    asked = []
    monkeypatch.setattr(click, "prompt", lambda text, default, type, **_: asked.append(type) or answer)
    rows = [f"{role},Agree,Disagree\n{role},Disagree,Agree" for role in (f'"{SAID}"', "Nurse")]
    export = write(home / "export.csv", "\n".join([f"Who runs it?,{ITEMS[0]},{ITEMS[1]}", *rows]) + "\n")
    for name, ask in (("mine", Asker(terminal=True)), ("quiet", QUIET)):
        proposed = new(export, ask=ask, name=name)
        found = [group["levels"] for group in proposed.said["survey"].get("groupings", {}).values()]
        # Without a terminal the safe answer is taken, and stays to be reviewed.
        assert sum(found, []) == (sorted(groups) if name == "mine" else [])
    assert len(asked) == 1 and any("Was it written or chosen? Taken for now" in line for line in proposed.review)


def test_repeated_comments_are_free_text_and_a_choice_is_called_after_its_question(home):
    survey = new(stranger(home / "export.csv")).said["survey"]
    assert "Is there anything else?" in survey["free_text"] and SAID not in str(survey)
    assert [said["label"] for said in survey["groupings"].values()] == ["Role"]


@pytest.mark.parametrize(("wording", "answers", "free"), [
    ("Haben Sie Anmerkungen?", ["nein", "zu wenig Zeit", "nein", "mehr Zeit"], True),
    ("Any comments?", ["yes", "no", "no", "yes"], False),
    ("Your role", ["I work in the ward as a nurse or a doctor", "I work in an office and see no patients"] * 4, True),
    ("Your role", ["Nurse or midwife", "Doctor or dentist"] * 4, False),
])  # fmt: skip
def test_words_are_told_from_levels_by_what_is_asked_and_how_long_they_are(wording, answers, free):
    assert roles.is_free_text(Question("Q9", wording, pd.Series(answers))) is free


def test_what_is_known_of_participants_becomes_an_attribute(home):
    known = {"Ann": "Nurse", "Bo": "Cook", "Cy": "Nurse"}
    table = pd.read_csv(io.StringIO(CODING + "Cy,time,No day,talk_3\n"))
    table = table.assign(Role=table["Interviewee"].map(known), Note=[*"abcde"], Team=table["Interviewee"])
    table.to_csv(home / "coding.csv", index=False)
    new(interviews=[home / "coding.csv"])
    study = reading.read_study("mine")
    assert study.interviews.attributes.keys() == {"Role"} and study.interviews.attributes["Role"].levels == ["Cook", "Nurse"]
    assert coding.read_participants(study).set_index("participant")["Role"].to_dict() == known
    write(home / "people.csv", "participant,speaker,Site,Age\nAnn,A,North,31\nBo,B,South,32\nCy,C,North,33\n")
    new(interviews=[home / "coding.csv", home / "people.csv"], name="other")
    assert reading.read_study("other").interviews.attributes.keys() == {"Site"}


def test_participants_of_whom_nothing_is_known_do_not_make_others_share_a_value():
    """Two roles of two people, each with one of their own, are no groups, however many have none; of three people they are."""
    people = pd.DataFrame({"participant": [*"abcde"], "Role": ["Nurse", "Cook", "", "", ""]})
    assert conversations.propose_attributes(people) == {}
    people.loc[4, "Role"] = "Nurse"
    assert conversations.propose_attributes(people) == {"Role": {"label": "Role", "levels": ["Cook", "Nurse"]}}


COMMENTED = "code,participant,source,text\ntime,k1,Comments,more time for it\n"


def test_who_wrote_comments_is_no_interviewee(home):
    export = wave(home / "export.csv", "k1 k2 k3")
    coded = write(home / "coding.csv", COMMENTED + "day,Ann,talk_1,Twice a day\n")
    proposed = new(export, interviews=[coded])
    assert ("coded comments of the survey", "1 of 2 rows of coding.csv") in proposed.found
    decide("mine")
    study = reading.read_study("mine")
    assert coding.read_participants(study)["participant"].tolist() == ["Ann"]
    assert coding.read_segments(study)["text"].tolist() == ["Twice a day"]
    # The code of a comment stays in the codebook, since it is needed to read the comment.
    assert len(free_text.read_comments(study)) == 1


def test_a_table_of_comments_alone_makes_no_interviews(home):
    new(wave(home / "export.csv", "k1 k2 k3"), interviews=[write(home / "coding.csv", COMMENTED)])
    decide("mine")
    study = reading.read_study("mine")
    assert study.definition.interviews is None and len(free_text.read_comments(study)) == 1


def test_cases_of_a_project_that_wrote_comments_alone_are_no_interviewees(home, monkeypatch):
    project = read_coded(write(home / "coding.csv", COMMENTED + "day,Ann,talk_1,Twice a day\n"))
    project = replace(project, cases=pd.DataFrame({"participant": ["k1", "Ann"], "Role": ["", "Nurse"]}))
    monkeypatch.setattr(conversations, "read_coded", lambda path: project)
    new(wave(home / "export.csv", "k1 k2 k3"), interviews=[home / "coding.csv"])
    assert pd.read_csv("data/mine/interviews/participants.csv")["participant"].tolist() == ["Ann"]


def test_a_transcript_typed_in_a_text_file_is_read(home):
    (home / "talks").mkdir()
    write(home / "talks" / "talk_1.txt", "Dr Ask: Well?\nAnn Lee: We see it.\nTwice a day.\nDr Ask: Yes\nAnn Lee: Yes\n")
    write(home / "talks" / "talk_2.vtt", VTT.format("Dr Ask", "Bo Fry"))
    new(interviews=[write(home / "coding.csv", CODING), home / "talks"])
    spoken = transcripts.read_transcripts(reading.read_study("mine"))
    assert spoken["participant"].tolist()[:2] == ["Interviewer 1", "Ann"]
    assert spoken["text"].tolist()[1] == "We see it. Twice a day."


def test_groups_that_an_export_gives_as_numbers_have_their_codes_beside_their_levels():
    asked = Question(
        "Q3", "Your role", pd.Series(["2", "1", "2.0"]), (("1", "Nurse"), ("2", "Doctor"), ("3", "Cook")), coded=True
    )
    levels = [{"label": "Nurse", "code": "1"}, {"label": "Doctor", "code": "2"}]
    said = roles.describe_grouping(asked)
    assert said["levels"] == levels
    assert Grouping(**said).codes == {"1": "Nurse", "2": "Doctor"}


# --- interviews ----------------------------------------------------------------------------------------------------------
CODING = """Interviewee,Code,Quotation,Transcript
Ann,Coherence,We see it,talk_1
Ann,time,We see it,talk_1
Ann,time,Twice a day,talk_1
Bo,time,No hour,talk_2
"""
VTT = "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<v {}>Hello there</v>\n\n00:00:02.000 --> 00:00:03.000\n<v {}>Yes</v>\n"


def test_a_coding_table_typed_in_excel_and_a_folder_of_transcripts_work_as_they_are(home):
    (home / "talks").mkdir()
    write(home / "talks" / "talk_1.vtt", VTT.format("Dr Ask", "Ann Lee"))
    write(home / "talks" / "talk_2.vtt", VTT.format("Dr Ask", "Bo Fry"))
    proposed = new(interviews=[write(home / "coding.csv", CODING), home / "talks"])
    assert proposed.review == []
    study = reading.read_study("mine")
    segments = coding.read_segments(study)
    one, same, twice, other = segments["segment"]
    assert one == same and len({one, twice, other}) == 3
    assert segments["participant"].tolist() == ["Ann", "Ann", "Ann", "Bo"]
    assert segments["construct"].fillna("").tolist() == ["coherence", "", "", ""]
    spoken = transcripts.read_transcripts(study)
    assert spoken["participant"].tolist() == ["Interviewer 1", "Ann", "Interviewer 1", "Bo"]
    assert len(study.constructs) == 12 and not study.constructs["sustainment"].scored


def test_a_code_under_two_themes_is_read(home):
    text = "segment,participant,code,theme,text\nS1,Ann,time,Hurdles,No hour\nS2,Bo,time,Hopes,An hour\n"
    new(interviews=[write(home / "coding.csv", text)])
    assert coding.read_segments(reading.read_study("mine"))["theme"].tolist() == ["Hurdles", "Hopes"]


def test_transcripts_alone_give_participants_and_the_twelve_constructs_to_code_with(home):
    write(home / "talk_1.vtt", VTT.format("Dr Ask", "Ann Lee"))
    write(home / "talk_2.vtt", VTT.format("Dr Ask", "Bo Fry"))
    proposed = new(interviews=[home / "talk_1.vtt", home / "talk_2.vtt"])
    assert len(proposed.review) == 1 and "segments" in proposed.review[0]
    people = pd.read_csv(home / "data" / "mine" / "interviews" / "participants.csv", keep_default_na=False)
    assert people["participant"].tolist() == ["P01", "P02", "Interviewer 1"]
    assert len(pd.read_csv(home / "data" / "mine" / "interviews" / "codes.csv")) == 12


# --- the command ---------------------------------------------------------------------------------------------------------
def test_without_files_a_template_is_made_that_reads_once_its_export_is_there(home):
    new()
    folder = home / "data" / "mine"
    assert [line[:16] for line in (folder / "study.yml").read_text().splitlines() if line.startswith("#")] == [
        "# What readers s", "# Answers from t", "# What items mea", "# An export for "
    ]  # fmt: skip
    codebook = pd.read_csv(folder / "codebook.csv")
    head = ["ResponseId", *codebook["column"]]
    (folder / "survey").mkdir()
    write(folder / "survey" / "export.csv", ",".join(head) + "\nR_1," + ",".join(["5"] * 3 + ["Agree"] * 20) + "\n")
    assert len(cleaning.clean_survey(reading.read_study("mine")).responses) == 23


@pytest.mark.parametrize("name", ["../mine", "a b", ".hidden", "", "a/b"])
def test_a_name_that_is_no_folders_is_refused(home, name):
    with pytest.raises(WorkbookError, match="NAME: found"):
        new(name=name)


def test_a_study_that_is_there_is_left_as_it_was(project):
    before = {path: path.read_bytes() for path in (project / "data").rglob("*") if path.is_file()}
    with pytest.raises(WorkbookError, match="found a folder of that name"):
        new(project / "data" / "tiny" / "survey.csv", name="tiny")
    assert {path: path.read_bytes() for path in (project / "data").rglob("*") if path.is_file()} == before


def test_the_command_says_what_was_found_what_is_to_decide_and_what_comes_next(home, capsys, monkeypatch):
    wave(home / "export.csv", "k1 k2 k3")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    status, said = call("new", "mine", "--survey", "export.csv", capsys=capsys, monkeypatch=monkeypatch)
    assert status == 0
    for text in ("B1: I see how", "D2, reversed: The note", "free text: Comments", "workbook check mine", "workbook run mine"):
        assert text in said, text
    status, said = call("new", "mine", "--survey", "export.csv", capsys=capsys, monkeypatch=monkeypatch)
    assert status == 2 and "a folder of that name" in said


def test_no_word_by_which_items_are_known_is_a_sentence():
    assert words.LANGUAGES == LANGUAGES
    table = pd.read_csv(words.TABLE, dtype=str, keep_default_na=False)
    for cell in table[["first", "second", "third"]].to_numpy().ravel():
        assert all(stem.count("_") <= 4 for stem in cell.split())
