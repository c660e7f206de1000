"""Exports → tidy tables: what is dropped and counted, and what stops the reading."""

import io

import pandas as pd
import pytest
from conftest import HEAD

from helpers.study import reading
from helpers.study.errors import WorkbookError
from helpers.survey import cleaning, response


def write_export(project, text):
    (project / "data" / "tiny" / "survey.csv").write_text(text, encoding="utf-8")


def clean(project=None):
    return cleaning.clean_survey(reading.read_study("tiny"))


def as_german_qualtrics(rows: str) -> str:
    """The same columns as a German account exports them: other names and texts, the same identifiers."""
    identifiers = ["_recordId", "status", "QID1", "QID2", "QID3", "QID4"]
    head = pd.DataFrame(
        [["Antwort-ID", "Antworttyp", "Team", "x", "y", "z"], [f'{{"ImportId":"{name}"}}' for name in identifiers]],
        columns=["Antwort-ID", "Status", "team", "A1", "A2", "B1"],
    )
    body = pd.read_csv(io.StringIO(rows), dtype=str, keep_default_na=False).set_axis(head.columns, axis=1)
    return pd.concat([head, body]).to_csv(index=False)


def test_tables_are_tidy_one_row_a_respondent_and_item(project):
    found = clean()
    assert len(found.respondents) == 3
    assert len(found.responses) == 9
    answers = found.responses.merge(found.respondents[["respondent", "team"]])
    south = answers[answers["team"] == "South"].set_index("item")
    assert south["response"].astype(object).where(south["response"].notna(), None).to_dict() == {
        "A1": "Agree", "A2": "Agree", "B1": None,
    }  # fmt: skip
    assert south["value"].to_dict()["A1"] == 3
    assert south["status"].to_dict() == {"A1": "answered", "A2": "answered", "B1": "not relevant to role"}


def test_missing_and_not_relevant_are_never_the_same(project):
    status = clean().responses["status"].value_counts()
    assert status["missing"] == 1
    assert status["not relevant to role"] == 1


def test_a_reversed_items_value_keeps_its_raw_direction(project):
    answers = clean().responses
    assert answers.loc[answers["item"] == "B1", "value"].dropna().sort_values().tolist() == [1, 3]


def test_previews_and_second_copies_are_dropped_and_counted(project):
    write_export(project, HEAD + "R_1,Survey Preview,North,Agree,,\nR_2,0,South,Agree,,\nR_2,0,South,Agree,,\nR_3,1,North,,,\n")
    flow = clean().flow
    assert flow["excluded"].tolist() == [0, 2, 1]
    assert flow["remaining"].tolist() == [4, 2, 1]


def test_a_respondent_who_answered_nothing_stays_in_the_count(project):
    write_export(project, HEAD + "R_1,0,North,,,\nR_2,0,South,Agree,,\n")
    assert sorted(clean().respondents["items_answered"]) == [0, 1]


def test_respondents_without_consent_are_dropped_and_counted(project):
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text() + '  consent: {column: ok, response: "I agree"}\n')
    write_export(project, "ResponseId,Status,team,ok,A1,A2,B1\nR_1,0,North,i agree,Agree,,\nR_2,0,North,,Agree,,\n")
    assert clean().flow.iloc[-1].tolist() == ["No consent", 1, 1]


def test_technical_columns_are_known_by_identifier_in_any_language(project):
    rows = HEAD + "R_1,Survey Preview,North,Agree,,\nR_2,IP Address,South,Agree,,\n"
    write_export(project, as_german_qualtrics(rows))
    assert clean().flow["remaining"].tolist() == [2, 1, 1]


def test_labels_are_matched_whatever_their_case_and_spaces(project):
    write_export(project, HEAD + "R_1,0,north,AGREE,not  relevant to my role,\n")
    assert clean().responses["status"].tolist() == ["answered", "not relevant to role", "missing"]


def test_codes_are_read_where_the_scale_declares_them_whichever_way_they_run(project):
    path = project / "data" / "tiny" / "study.yml"
    text = path.read_text()
    for label, code in (
        ("Disagree, value", 3),
        ("Neutral, value", 2),
        ("Agree, value", 1),
        ("Not relevant to my role, kind", 6),
    ):
        text = text.replace(f"label: {label}", f'label: {label.split(",")[0]}, code: "{code}", {label.split(", ")[1]}')
    path.write_text(text)
    write_export(project, HEAD + "R_1,0,North,1,3,6\n")
    assert clean().responses["response"].astype(object).tolist()[:2] == ["Agree", "Disagree"]
    assert clean().responses["status"].tolist()[2] == "not relevant to role"


def test_a_response_that_is_not_on_the_scale_names_row_column_and_what_is(project):
    write_export(project, HEAD + "R_1,0,North,Agree,,\nR_2,0,South,Agreed,,\n")
    with pytest.raises(WorkbookError, match="row 3, column A1: found 'Agreed'; expected one of Disagree, Neutral, Agree"):
        clean()


def test_a_level_that_the_grouping_lacks_is_told(project):
    write_export(project, HEAD + "R_1,0,East,Agree,,\n")
    with pytest.raises(WorkbookError, match=r"'East'.*North, South.*survey\.groupings\.team\.levels"):
        clean()


def test_a_column_that_the_codebook_names_and_the_export_lacks_is_told(project):
    write_export(project, "ResponseId,Status,team,A1,A2\nR_1,0,North,Agree,\n")
    with pytest.raises(WorkbookError, match=r"no column 'B1', which codebook\.csv, item B1 names"):
        clean()


def test_a_column_that_links_waves_and_is_not_in_the_export_is_told(project):
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text() + "  link_column: staff number\n")
    with pytest.raises(WorkbookError, match=r"no column 'staff number', which survey\.link_column names"):
        clean()


def test_labels_of_respondents_do_not_follow_the_order_of_the_export(project):
    rows = "".join(f"R_{k},0,North,Agree,,\n" for k in range(30))
    write_export(project, HEAD + rows)
    labels = cleaning.label_respondents(pd.Series([f"2030:R_{k}" for k in range(30)])).tolist()
    assert labels != sorted(labels)
    assert sorted(labels) == [f"R{k:02d}" for k in range(1, 31)]


def test_a_link_key_becomes_a_number_that_is_the_same_for_the_same_person():
    keys = cleaning.pseudonymise(pd.Series(["Ab12", " ab12", "", "cd34"]))
    assert keys[0] == keys[1] != keys[3]
    assert pd.isna(keys[2])
    assert set(keys.dropna()) == {"L001", "L002"}


def test_responses_without_an_id_are_not_taken_for_copies_of_one(project):
    write_export(project, HEAD + ",0,North,Agree,,\n,0,South,Agree,,\n")
    assert len(clean().respondents) == 2


def test_an_export_without_responses_is_told(project):
    write_export(project, HEAD)
    with pytest.raises(WorkbookError, match=r"survey\.csv: found no response left"):
        clean()


def test_numbers_where_no_codes_are_declared_are_told_with_how_to_declare_them(project):
    write_export(project, HEAD + "R_1,0,North,1,,\n")
    with pytest.raises(WorkbookError, match=r"give each option of scales\.agree a `code:`"):
        clean()


def test_one_wave_is_kept_and_the_latest_unless_another_is_named(project):
    folder = project / "data" / "tiny"
    (folder / "later.csv").write_text(HEAD + "R_1,0,North,Agree,,\n")
    path = folder / "study.yml"
    path.write_text(path.read_text().replace('{"2030": survey.csv}', '{"2030": survey.csv, "2031": later.csv}'))
    found = reading.read_study("tiny")
    respondents = clean().respondents
    assert len(cleaning.keep_wave(found, respondents, "")) == 1
    assert len(cleaning.keep_wave(found, respondents, "2030")) == 3
    with pytest.raises(WorkbookError, match="one of 2030, 2031"):
        cleaning.keep_wave(found, respondents, "2032")


def test_groups_are_counted_over_those_whose_group_is_known(project):
    write_export(project, HEAD + "R_1,0,North,Agree,,\nR_2,0,,Agree,,\n")
    counts = response.count_groups(reading.read_study("tiny"), clean().respondents)
    assert counts.to_dict("list") == {
        "grouping": ["Team"] * 2, "group": ["North", "South"], "numerator": [1, 0], "denominator": [1, 1], "share": [100, 0],
    }  # fmt: skip
