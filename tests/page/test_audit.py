"""What notebook 6 shows: sentences about verdicts, the grid of numbers that fit, tables that a study may not have."""

import pandas as pd
import pytest

from helpers.disclosure.verdicts import tell_verdicts
from helpers.page import audit
from helpers.page.page import Page
from helpers.study import reading, runs

SEVERITIES = ["contradiction", "question", "note", "not checked", "agrees"]


def counted(*numbers):
    return pd.DataFrame({"severity": SEVERITIES, "n": numbers})


def test_only_how_many_verdicts_there_are_of_each_kind_is_told():
    told = tell_verdicts(pd.DataFrame({"severity": ["agrees", "question", "agrees"], "finding": ["a", "b", "c"]}))
    assert told.frame.to_dict("list") == {"severity": SEVERITIES, "n": [0, 1, 0, 0, 2]}
    assert told.threshold == float("inf")


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ((0, 0, 4, 1, 9), "There are no questions for the authors."),
        ((0, 1, 0, 0, 0), "There is 1 question for the authors; no printed figures contradict each other."),
        ((1, 0, 0, 0, 0), "There is 1 question for the authors, of which 1 is about figures that cannot all be right."),
        ((2, 3, 0, 0, 0), "There are 5 questions for the authors, of which 2 are about figures that cannot all be right."),
    ],
)
def test_the_number_of_questions_is_said(numbers, sentence):
    assert audit.say_questions(counted(*numbers)) == sentence


def test_what_came_of_checks_is_said_in_the_singular_and_the_plural():
    assert audit.say_verdicts(counted(1, 2, 0, 1, 1), "check", "the text") == (
        "Of 5 checks of the text, 1 holds, 1 leads to a contradiction, 2 raise a question and 1 could not be checked."
    )
    assert audit.say_verdicts(counted(0, 0, 0, 0, 1), "panel", "counts") == "Of 1 panel of counts, 1 holds."
    assert audit.say_verdicts(counted(0, 0, 0, 0, 0), "panel", "counts") == ""


def test_agreement_with_the_rows_is_said_table_by_table():
    recomputed = pd.DataFrame({
        "where": ["Table 1"] * 3 + ["Table 2"], "agrees": pd.array([True, False, None, True], dtype="boolean"),
    })  # fmt: skip
    assert audit.say_recomputed(recomputed) == (
        "Table 1: 1 of 2 figures agrees within rounding, 1 differs, 1 cannot be computed. "
        "Table 2: 1 of 1 figure agrees within rounding."
    )
    assert audit.say_recomputed(recomputed[:0]) == ""


def test_live_claims_are_counted():
    assert audit.say_live_claims(pd.DataFrame({"holds": [True, False]})) == "1 of 2 claims holds in this run."
    assert audit.say_live_claims(pd.DataFrame({"holds": []})) == ""


def test_each_number_that_fits_is_a_square_and_a_row_without_any_says_so(project):
    with (project / "data" / "tiny" / "study.yml").open("a", encoding="utf-8") as file:
        file.write("published: {source: x, responded: 6}\n")
    feasible = pd.DataFrame({"item": ["A2", "A2", "A1"], "n": pd.array([3, 6, None], dtype="Int64")})
    study = reading.read_study("tiny")
    axes = audit.draw_feasible(feasible, study)
    assert axes.collections[0].get_array().reshape(2, 6).tolist() == [[0, 0, 1, 0, 0, 1], [0] * 6]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["A2 Knows the plan", "A1 Sees the point"]
    assert [(text.get_text(), text.get_position()[1]) for text in axes.texts] == [("no number fits", 1.5)]
    assert audit.say_feasible(feasible, study).endswith("Rows that no number fits: A1.")
    assert len(audit.draw_feasible(feasible[2:], study).texts) == 1


def test_tables_that_a_study_has_nothing_for_are_empty_and_can_be_counted(project):
    page = Page(runs.open_run("tiny"), notebook=6)
    page.save("respondents", pd.DataFrame({"respondent": ["R1"]}))
    respondents, scores = audit.read_what_there_is(page, "respondents", "scores")
    assert respondents["respondent"].tolist() == ["R1"]
    assert scores.empty and list(scores.columns) == ["respondent", "construct", "score"]
