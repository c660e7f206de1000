"""What notebook 6 shows: sentences about verdicts, the grid of numbers that fit, tables that a study may not have."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from helpers.disclosure.verdicts import tell_verdicts
from helpers.page import audit, style
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
        ((0, 0, 4, 1, 9), "The published figures hold together. Of 13 checks, none raises a question for the authors."),
        ((0, 0, 0, 0, 1), "The published figures hold together. Of 1 check, none raises a question for the authors."),
        ((0, 1, 0, 0, 1), "No published figures contradict each other. Of 2 checks, 1 raises a question for the authors."),
        ((0, 2, 0, 0, 1), "No published figures contradict each other. Of 3 checks, 2 raise a question for the authors."),
        ((1, 0, 0, 0, 1), "Some published figures cannot be right as printed. Of 2 checks, 1 found a contradiction."),
        ((2, 1, 0, 5, 1), "Some published figures cannot be right as printed. Of 4 checks, 2 found a contradiction,"
         " and 1 more raises a question for the authors."),
        ((0, 0, 0, 3, 0), "No published figure could be checked."),
        ((0, 0, 0, 0, 0), ""),
    ],
)  # fmt: skip
def test_the_answer_says_whether_the_figures_can_be_right_and_then_how_many_questions_there_are(numbers, sentence):
    assert audit.say_questions(counted(*numbers)) == sentence


def test_every_kind_of_verdict_has_a_heading_in_words():
    headed = audit.head_verdicts(pd.DataFrame({"severity": ["contradiction", "not checked"]}))
    assert headed["severity"].tolist() == ["Lead to a contradiction", "Could not be checked"]


def test_what_came_of_checks_is_said_in_the_singular_and_the_plural():
    assert audit.say_verdicts(counted(1, 2, 0, 1, 1), "check", "the text") == (
        "Of 5 checks of the text, 1 holds, 1 leads to a contradiction, 2 raise a question and 1 could not be checked."
    )
    assert (
        audit.say_verdicts(counted(0, 0, 0, 0, 1), "breakdown", "people by group")
        == "Of 1 breakdown of people by group, 1 holds."
    )
    assert audit.say_verdicts(counted(0, 0, 0, 0, 0), "panel", "counts") == ""


def recomputed(where, *agrees):
    return pd.DataFrame({"where": where, "agrees": pd.array(agrees, dtype="boolean")})


def test_agreement_with_the_rows_is_said_table_by_table(project):
    items, people = recomputed("Table 1", True, False, None), recomputed("Table 2", True)
    assert audit.say_recomputed(items, people, people[:0], reading.read_study("tiny")) == (
        "Table 1: 1 of 2 figures agrees within rounding, 1 differs, 1 cannot be computed. "
        "Table 2: 1 of 1 figure agrees within rounding."
    )
    assert audit.say_recomputed(items[:0], people[:0], people[:0], reading.read_study("tiny")) == ""


def test_agreement_of_answers_that_were_made_from_the_figures_is_no_finding():
    items = recomputed("Table 1", True, False)
    assert audit.say_recomputed(items, items[:0], items[:0], reading.read_study("lvrn_2024")) == (
        "The answers shown here were made from the published figures, so they agree with them by construction."
    )


def test_live_claims_are_counted():
    assert audit.say_live_claims(pd.DataFrame({"holds": [True, False]})) == "1 of 2 claims holds in this run."
    assert audit.say_live_claims(pd.DataFrame({"holds": []})) == ""


def fit(**numbers):
    rows = [(item, n) for item, fitting in numbers.items() for n in fitting]
    return pd.DataFrame(rows, columns=["item", "n"]).astype({"n": "Int64"})


@pytest.fixture
def published(project):
    with (project / "data" / "tiny" / "study.yml").open("a", encoding="utf-8") as file:
        file.write("published: {source: x, responded: 6}\n")
    return reading.read_study("tiny")


@pytest.mark.parametrize(
    ("feasible", "title"),
    [
        (fit(A1=[3, 6], A2=[6], B1=[None]), "2 of 3 rows can rest on 6 people; 1 fits no number"),
        (fit(A1=[3, 6], A2=[3, 6]), "2 of 2 rows can rest on 3 or 6 people"),
        (fit(A1=[2, 3, 4, 5], A2=[2, 3, 4, 5]), "2 of 2 rows can rest on each of 4 numbers of people"),
        (fit(A1=[1]), "The only row can rest on 1 person"),
        (fit(A1=[3], A2=[4]), "No number of people fits more than half of the rows"),
        (fit(A1=[None], A2=[None]), "No number of people fits more than half of the rows; 2 fit no number"),
    ],
)
def test_the_title_says_on_how_many_people_most_rows_can_rest(published, feasible, title):
    assert audit.name_fit(feasible, published) == title


@pytest.mark.parametrize("narrow", [False, True])
def test_rows_stand_under_their_construct_with_a_dot_for_each_number_that_fits(published, narrow):
    style.use_style(narrow)
    feasible = fit(A1=[3, 6], B1=[6], A2=[None])
    axes = audit.draw_feasible(feasible, published)
    words = [text.get_text() for text in axes.texts]
    assert words == ["Sense", "Sees the point", "Knows the plan", "Work", "Gets in the way", "no number fits"]
    bold = [text.get_text() for text in axes.texts if text.get_fontweight() == "bold"]
    assert bold == ["Sense", "Work"]
    dots = axes.collections[0]
    assert dots.get_offsets()[:3, 0].tolist() == [3, 6, 6]
    # 6 fits two rows of three, and so its dots are dark.
    colours = [to_hex(colour) for colour in dots.get_facecolors()[:3]]
    assert colours == [style.HIGH_COLOURS[0], style.HIGH_COLOURS[1], style.HIGH_COLOURS[1]]
    assert audit.say_feasible(feasible, published) == (
        "A dot for each number of people, up to 6, that fits a published row. 2 of 3 rows can rest on 6 people; "
        "1 fits no number: “Knows the plan”."
    )
    assert len(audit.draw_feasible(feasible[3:], published).texts) == 3
    plt.close("all")


def test_tables_that_a_study_has_nothing_for_are_empty_and_can_be_counted(project):
    page = Page(runs.open_run("tiny"), notebook=6)
    page.save("respondents", pd.DataFrame({"respondent": ["R1"]}))
    respondents, scores = audit.read_what_there_is(page, "respondents", "scores")
    assert respondents["respondent"].tolist() == ["R1"]
    assert scores.empty and list(scores.columns) == ["respondent", "construct", "score"]
