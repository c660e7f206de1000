"""Exports → tidy tables: what is dropped and counted, and what stops the reading."""

import io
import re

import pandas as pd
import pytest
from conftest import HEAD
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
    assert flow["step"].tolist() == ["Rows in the export", "Survey previews", "Second copies of one response"]
    assert flow["excluded"].tolist() == [0, 2, 1]
    assert flow["remaining"].tolist() == [4, 2, 1]


def test_a_respondent_who_answered_nothing_stays_in_the_count(project):
    write_export(project, HEAD + "R_1,0,North,,,\nR_2,0,South,Agree,,\n")
    assert sorted(clean().respondents["items_answered"]) == [0, 1]


def test_respondents_without_consent_are_dropped_and_counted(project):
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text() + '  consent: {column: ok, response: "I agree"}\n')
    write_export(project, "ResponseId,Status,team,ok,A1,A2,B1\nR_1,0,North,i agree,Agree,,\nR_2,0,North,,Agree,,\n")
    assert clean().flow.iloc[-1].tolist() == ["No consent", 1, 0, 1]


def test_technical_columns_are_known_by_identifier_in_any_language(project):
    rows = HEAD + "R_1,Survey Preview,North,Agree,,\nR_2,IP Address,South,Agree,,\n"
    write_export(project, as_german_qualtrics(rows))
    assert clean().flow["remaining"].tolist() == [2, 1]


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


@pytest.fixture
def coded(project):
    """The scale of the study `tiny` with codes 1 to 3 for its points and 9 for the option that is not relevant."""
    path = project / "data" / "tiny" / "study.yml"
    codes = {"Disagree": 1, "Neutral": 2, "Agree": 3, "Not relevant to my role": 9}
    told = path.read_text()
    for label, code in codes.items():
        told = told.replace(f"label: {label},", f"label: {label}, code: {code},")
    path.write_text(told)
    return project


@pytest.mark.parametrize(("answer", "read"), [
    ("3 = Agree", "Agree"), ("3 (agree)", "Agree"), ("1 - Disagree", "Disagree"), ("9: Not relevant to my role", None),
])  # fmt: skip
def test_a_number_with_the_words_of_its_own_option_is_that_option(coded, answer, read):
    write_export(coded, HEAD + f"R_1,0,North,{answer},2,1\n")
    row = clean().responses.set_index("item").loc["A1"]
    assert row["status"] == ("answered" if read else "not relevant to role") and (row["response"] == read or read is None)


@pytest.mark.parametrize("answer", [
    "3 - Not relevant to my role", "3 = Disagree", "2 - n/a", "2:Don't know", "3 - Completely", "9 = Agree",
])  # fmt: skip
def test_a_number_with_other_words_than_its_options_is_refused(coded, answer):
    write_export(coded, HEAD + f"R_1,0,North,{answer},2,1\n")
    with pytest.raises(WorkbookError, match=re.escape(repr(answer))):
        clean()


@pytest.mark.parametrize(("answer", "number"), [
    ("10 - Completely", "10"), ("0 (not at all)", "0"), ("5 = in between", "5"), ("0 - Not applicable", ""), ("7 - n/a", ""),
    ("5:Don't know", ""), ("10 – May", ""), ("3 - Sep", ""), ("0 - nicht zutreffend", ""), ("4-6", ""), ("10 Completely", ""),
])  # fmt: skip
def test_words_beside_a_number_may_name_an_end_and_no_other_answer_or_date(answer, number):
    """By hand: what a person would read as that point of a scale from 0 to 10."""
    assert cleaning.take_number(answer) == (number or answer)
    assert cleaning.read_worded(answer, {str(k): str(k) for k in range(11)}) == (number or answer)


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
    with pytest.raises(WorkbookError, match=r"give each option of scales\.agree its `code:`"):
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


# --- files as they come -----------------------------------------------------------------------------------------------

TEXTS = ["Response ID", "Response Type", "Which team?", "One", "Two", "Three"]
IDENTIFIERS = ["_recordId", "status", "QID1", "QID2", "QID3", "QID4"]
ROWS = [["R_1", "0", "North", "Agree", "", ""], ["R_2", "0", "South", "Agree", "", ""]]


def as_qualtrics(rows, texts=True, quote='"', added=None, **identifiers):
    """An export with import identifiers, written in one of the ways that have been seen; a column may be added by hand."""
    heads = [HEAD.strip().split(","), *([TEXTS] if texts else [])]
    heads.append([f"{{{quote}ImportId{quote}:{quote}{name}{quote}}}" for name in IDENTIFIERS])
    lines = [*heads, *rows]
    if added is not None:
        filler = ["Note", *[""] * (len(heads) - 1), *["seen"] * len(rows)]
        lines = [line[:added] + [cell] + line[added:] for line, cell in zip(lines, filler, strict=True)]
    return pd.DataFrame(lines).to_csv(index=False, header=False)


@pytest.mark.parametrize("texts", [True, False])
@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize("added", [None, 0, 3, 6])
def test_header_rows_are_never_respondents(project, texts, quote, added):
    write_export(project, as_qualtrics(ROWS, texts, quote, added))
    found = clean()
    assert found.flow["remaining"].tolist() == [2] and found.flow["excluded"].tolist() == [0]
    assert found.respondents["team"].value_counts().to_dict() == {"North": 1, "South": 1}


# Value labels of Qualtrics' status as SPSS files from it carry them.
STATUSES = {
    "0": "", "1": "Survey previews", "2": "Survey tests", "4": "", "8": "Spam", "9": "Survey previews", "12": "Spam", "16": "",
    "17": "Survey previews", "32": "", "40": "Spam", "48": "", "132": "", "256": "Synthetic responses",
    "IP Address": "", "Survey Preview": "Survey previews", "Survey Test": "Survey tests", "Imported": "", "Spam": "Spam",
    "Survey Preview Spam": "Survey previews", "Offline": "", "Synthetic": "Synthetic responses",
    "Umfragevorschau": "Survey previews",
}  # fmt: skip


@pytest.mark.parametrize(("status", "kind"), STATUSES.items())
def test_rows_that_no_respondent_gave_are_set_aside_by_kind(project, status, kind):
    write_export(project, as_qualtrics([*ROWS, ["R_3", status, "North", "Agree", "", ""]]))
    flow = clean().flow.set_index("step")
    assert flow["excluded"].drop("Rows in the export").to_dict() == ({kind: 1} if kind else {})
    assert flow["noted"].sum() == 0


def test_a_status_that_is_not_known_is_told_and_its_row_kept(project):
    write_export(project, as_qualtrics([*ROWS, ["R_3", "Esikatselu", "North", "Agree", "", ""]]))
    assert clean().flow.iloc[-1].tolist() == ["Kept, with the unknown status “Esikatselu”", 0, 1, 3]


def test_an_older_export_names_its_technical_columns_in_its_second_row(project):
    head = "V1,V7,team,A1,A2,B1\nResponseID,Status,Team?,One,Two,Three\n"
    write_export(project, head + "R_1,0,North,Agree,,\nR_2,8,South,Agree,,\nR_3,1,South,Agree,,\n")
    assert clean().flow.set_index("step")["excluded"].to_dict() == {"Rows in the export": 0, "Survey previews": 1, "Spam": 1}


@pytest.mark.parametrize(
    "name", ["row", "file", "channel", "status", "Status", "wave", "place", "record_id", "value", "response"]
)
def test_a_column_of_the_users_keeps_its_values_whatever_its_name(project, name):
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text().replace("column: team", f"column: {name}").replace("[North, South]", '["1", preview]'))
    write_export(project, f"ResponseId,{name},A1,A2,B1\nR_1,1,Agree,,\nR_2,preview,Agree,,\nR_3,preview,Agree,,\n")
    assert clean().respondents["team"].value_counts().to_dict() == {"preview": 2, "1": 1}


@pytest.mark.parametrize("name", ["respondent", "wave", "item", "construct", "link", "items_answered", "duration_seconds"])
def test_a_grouping_named_like_a_column_of_ours_is_refused_where_it_is_declared(project, name):
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text().replace("    team:", f"    {name}:"))
    with pytest.raises(WorkbookError, match=f"survey.groupings.{name}: found '{name}'; expected one word, and none of"):
        clean()


def test_answers_that_differ_under_one_id_are_kept_and_told(project):
    write_export(project, HEAD + "R_1,0,North,Agree,,\nR_1,0,North,Disagree,,\nR_1,0,North,Agree,,\n")
    flow = clean().flow.set_index("step")
    assert flow.loc["Second copies of one response", "excluded"] == 1
    assert flow.loc["Kept, different answers under one id", ["noted", "remaining"]].tolist() == [1, 2]


def test_events_of_redcap_ask_for_a_file_each(project):
    write_export(project, "record_id,redcap_event_name,team,A1,A2,B1\n1,before,North,Agree,,\n1,after,North,Agree,,\n")
    with pytest.raises(WorkbookError, match=r"column redcap_event_name: found the events before, after.*as a wave"):
        clean()


def test_a_row_of_totals_and_rows_of_bare_commas_are_nobody(project):
    write_export(project, HEAD + "R_1,0,North,Agree,,\nTotal,,,,,\nMean,,,Agree,,\nN = 1,,,,,\n,,,,,\n")
    assert clean().flow.set_index("step")["excluded"].to_dict() == {"Rows in the export": 0, "Rows of totals": 3}


@pytest.mark.parametrize("space", ["\N{NO-BREAK SPACE}", "  ", "\N{NARROW NO-BREAK SPACE}", "\t"])
def test_consent_is_compared_as_answers_are_and_other_wordings_are_told(project, space):
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text() + '  consent: {column: ok, response: "I agree"}\n')
    rows = f"R_1,0,North,I{space}AGREE,Agree,,\nR_2,0,North,Ja,Agree,,\nR_3,0,North,,Agree,,\n"
    write_export(project, "ResponseId,Status,team,ok,A1,A2,B1\n" + rows)
    flow = clean().flow.set_index("step")
    assert flow.loc["No consent", ["excluded", "remaining"]].tolist() == [2, 1]
    assert flow.loc["Among those without consent, with the answer “Ja”", "noted"] == 1


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["R_1", "R_2", "R_3", "", "Total"]), st.sampled_from([*STATUSES, "Other"]),
            st.sampled_from(["North", "South", ""]), st.sampled_from(["Agree", "Disagree", "", "Not relevant to my role"]),
        ),
        max_size=8,
    ),
    layout=st.sampled_from([(True, '"'), (False, '"'), (True, "'")]),
)  # fmt: skip
def test_every_row_is_a_respondent_or_set_aside_under_a_kind(project, rows, layout):
    lines = [[*row, "", ""] for row in rows]
    write_export(project, as_qualtrics(lines, *layout))
    try:
        found = clean()
    except WorkbookError as error:
        assert "no response left" in str(error) or "without an answer to any item" in str(error)
        return
    filled = sum(any(line) for line in lines)
    assert len(found.respondents) + found.flow["excluded"].sum() == filled
    assert found.respondents["respondent"].is_unique


# --- partial responses
def test_without_partial_responses_only_those_who_answered_in_the_last_section_count(project):
    """By hand: of four, R_1 and R_2 answered in section B ("not relevant" is an answer), R_3 stopped, R_4 began nothing."""
    rows = "R_1,,North,Agree,Agree,Agree\nR_2,,South,,,Not relevant to my role\nR_3,,North,Agree,Agree,\nR_4,,North,,,\n"
    (project / "data" / "tiny" / "survey.csv").write_text(HEAD + rows)
    study = reading.read_study("tiny")
    cleaned = cleaning.clean_survey(study)
    kept = cleaning.keep_complete(study, cleaned, partial_responses=False)
    assert kept["respondent"].nunique() == 2 and kept["status"].ne("missing").groupby(kept["respondent"]).sum().tolist() in (
        [3, 1],
        [1, 3],
    )
    assert cleaning.keep_complete(study, cleaned, partial_responses=True) is cleaned.responses
    # Everybody still counts as having responded.
    assert response.describe_response(study, cleaned.respondents)["responded"].tolist() == [4, 3]


def test_a_wave_in_which_nobody_reached_the_last_section_is_refused_without_partial_responses(project):
    (project / "data" / "tiny" / "survey.csv").write_text(HEAD + "R_1,,North,Agree,Agree,\n")
    study = reading.read_study("tiny")
    with pytest.raises(WorkbookError, match="nobody in wave 2030 who answered in the last section"):
        cleaning.keep_complete(study, cleaning.clean_survey(study), partial_responses=False)
