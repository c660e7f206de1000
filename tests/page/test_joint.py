"""What notebook 5 draws, lays out and says: an edge of the data must not make a sentence false or a drawing fail."""

import numpy as np
import pandas as pd
import pytest

from helpers.disclosure.told import tell
from helpers.joint import NO_ITEMS, NOT_JUDGED
from helpers.page import joint as shown
from helpers.page.page import Page
from helpers.study import reading, runs


@pytest.fixture
def study(project):
    with (project / "data" / "tiny" / "study.yml").open("a") as file:
        file.write("interviews: {participants: people.csv, segments: said.csv, text_is: gist}\njoint: {note: Our reading.}\n")
    for name in ("people.csv", "said.csv"):
        (project / "data" / "tiny" / name).touch()
    return reading.read_study("tiny")


def favour(**columns):
    """A1 stands out below 60%, A2 above it, B1 neither. Intervals are Wilson's, from R's prop.test."""
    frame = {
        "item": ["A1", "A2", "B1"], "construct": ["sense", "sense", "work"], "numerator": [5, 19, 12], "denominator": 20,
        "least": [5, 19, 12], "most": [5, 19, 12], "share": [25.0, 95.0, 60.0], "low": [11.2, 76.4, 38.7],
        "high": [46.9, 99.1, 78.1], "stands_out": ["below", "above", ""], "typical": 60.0, "typical_most": 60.0,
        "middle": [60.0, 60.0, 60.0], "middle_most": [60.0, 60.0, 60.0],
    }  # fmt: skip
    return pd.DataFrame(frame | columns)


def told():
    """As a funder has it: A2 is given as 16 to 20, and nothing is told of B1."""
    hidden = {
        "numerator": [5, np.nan, np.nan],
        "least": [5, 16, np.nan],
        "most": [5, 20, np.nan],
        "share": [25, np.nan, np.nan],
    }
    ends = {"low": [11.2, np.nan, np.nan], "high": [46.9, np.nan, np.nan], "typical": 35.0, "typical_most": 75.0}
    return favour(**hidden, **ends, stands_out=["below", "", ""])


def joined(**columns):
    frame = {
        "construct": ["sense", "work"], "scored": True, "middle": [60.0, 60.0], "middle_most": [60.0, 60.0], "note": "",
        "numerator": [4, 0], "denominator": 10, "judgement": ["agrees", "silent"], "reason": ["Both say so.", ""],
    }  # fmt: skip
    return pd.DataFrame(frame | columns)


# --- constructs


def test_the_joint_display_says_what_is_favourable_and_gives_the_reason_of_a_judgement(study):
    laid = shown.lay_joint(joined(), favour(), study)
    assert laid["Favourable answers"].tolist() == [
        "60%, from “Sees the point” (25%) to “Knows the plan” (95%)", "60%, “Gets in the way” (60%)",
    ]  # fmt: skip
    assert laid["judgement"].tolist() == ["Agrees. Both say so.", "Silent"]
    assert shown.lay_joint(joined(judgement=NOT_JUDGED, reason=""), favour(), study)["judgement"].tolist() == ["", ""]


def test_of_what_is_withheld_the_joint_display_says_what_is_known(study):
    laid = shown.lay_joint(joined(middle=[50.0, 0.0], middle_most=[60.0, 100.0]), told(), study)
    assert laid["Favourable answers"].tolist() == [
        "50% to 60%, from “Sees the point” (25%) to “Knows the plan” (80% or more)", "0% to 100%",
    ]  # fmt: skip
    only_coded = joined(scored=[True, False], middle=[60.0, np.nan], note=["", NO_ITEMS])
    assert shown.lay_joint(only_coded, favour().head(2), study)["Favourable answers"].iloc[1] == NO_ITEMS


def test_nobody_is_said_to_have_spoken_of_nothing_where_no_code_belongs_to_a_construct(study):
    assert shown.drop_uncoded(joined(numerator=0))["denominator"].tolist() == [0, 0]
    for rows in (joined(), joined(numerator=[0, np.nan])):
        assert shown.drop_uncoded(rows)["denominator"].tolist() == [10, 10]


@pytest.mark.parametrize(
    ("judgements", "said"),
    [
        (
            ["agrees", "silent"],
            "The interviews agree with the survey on Sense. They say nothing about Work and do not contradict the survey "
            "anywhere. This is the analyst's judgement.",
        ),
        (
            ["complements", "contradicts"],
            "The interviews contradict the survey on Work. They add to it on Sense. This is the analyst's judgement.",
        ),
        (
            ["contradicts", "contradicts"],
            "The interviews contradict the survey on Sense and Work. This is the analyst's judgement.",
        ),
        (
            [NOT_JUDGED, "silent"],
            "The interviews say nothing about Work. They do not contradict the survey anywhere. This is the analyst's "
            "judgement. The analyst gives no judgement on 1 of 2 constructs.",
        ),
        ([NOT_JUDGED, NOT_JUDGED], ""),
    ],
)
def test_judgements_are_said_with_their_constructs_contradictions_first(study, judgements, said):
    assert shown.say_joint(joined(judgement=judgements), study) == said


def test_the_notes_say_whose_judgement_it_is_and_that_texts_are_gists(study, project):
    assert (shown.note_joint(study), shown.note_texts(study)) == ("Our reading.", "Texts are gists in our own words.")
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text().replace("text_is: gist", "text_is: words").replace("joint: {note: Our reading.}\n", ""))
    other = reading.read_study("tiny")
    assert (shown.note_joint(other), shown.note_texts(other)) == ("", "")


# --- items that stand out


def test_an_item_is_said_to_stand_out_only_on_its_own_side(study):
    assert shown.say_standouts(favour(), study) == (
        "Across all statements, 60% of the answers are favourable. Clearly below that: “Sees the point”, 5 of 20 "
        "(25%, 95% CI 11 to 47). Clearly above that: “Knows the plan”."
    )


def test_items_that_stand_out_below_are_said_lowest_first(study):
    said = shown.say_standouts(favour(share=[25.0, 20.0, 60.0], numerator=[5, 4, 12], stands_out=["below", "below", ""]), study)
    assert said.index("“Knows the plan”, 4 of 20") < said.index("“Sees the point”, 5 of 20")


def test_that_no_item_stands_out_is_said_only_as_far_as_it_is_told(study):
    said = shown.say_standouts(favour(stands_out=""), study)
    assert said.endswith("favourable. No statement is clearly below that. No statement is clearly above that.")
    said = shown.say_standouts(told(), study)
    assert said.startswith("Across all statements, 35% to 75% of the answers are favourable.")
    assert said.endswith("“Sees the point”, 5 of 20 (25%, 95% CI 11 to 47).")
    assert shown.say_standouts(told().assign(stands_out=""), study).endswith("of the answers are favourable.")


def test_of_whom_an_item_is_relevant_to_is_not_told_the_share_is_not_said(study):
    hidden = favour(share=[np.nan, 95, 60], low=[np.nan, 76.4, 38.7], high=[np.nan, 99.1, 78.1])
    assert "“Sees the point”, 5 of the 20 who answered. Clearly above" in shown.say_standouts(hidden, study)
    nothing = told().assign(stands_out=["below", "", "below"])
    assert "“Gets in the way”, share withheld." in shown.say_standouts(nothing, study)
    laid = shown.lay_evidence(evidence(NAMED[:1]), hidden, study).iloc[0]
    assert laid["Evidence"] == "“Sees the point” (25% or more favourable)"
    laid = shown.lay_evidence(evidence(NAMED[:1]), favour(denominator=0, least=0, share=np.nan), study).iloc[0]
    assert laid["Evidence"] == "“Sees the point” (nobody answered)"


# --- recommendations


def evidence(rows):
    columns = ["recommendation", "gist", "kind", "id", "text", "printed", "strong"]
    return pd.DataFrame(rows, columns=columns)


NAMED = [
    ("R1", "Explain it", "item", "A1", "Sees the point", "", True),
    ("R1", "Explain it", "item", "A2", "Knows the plan", "", False),
    ("R1", "Explain it", "segment", "S1", "One", "", False),
    ("R1", "Explain it", "figure", "N1", "A2, percent agree", "50", False),
    ("R2", "Plan it", "none", "", "", "", False),
]


def test_a_recommendation_has_one_row_with_its_evidence_in_words(study):
    assert shown.lay_evidence(evidence(NAMED), favour(), study).to_numpy().tolist() == [
        [
            "Explain it",
            "“Sees the point” (25% favourable); “Knows the plan” (95% favourable); 1 text of the interviews; 1 published "
            "figure",
            "strong",
        ],
        ["Plan it", "none is named", "–"],
    ]
    assert shown.lay_evidence(evidence(NAMED[1:2]), favour(), study)["How strong"].tolist() == ["weaker"]


def test_of_texts_and_figures_that_are_not_told_the_number_stands(study):
    rows = [row[:3] + (None, None, None, False) if row[2] in ("segment", "figure") else row for row in NAMED]
    laid = shown.lay_evidence(evidence([*rows, *rows[2:3]]), told(), study)["Evidence"].iloc[0]
    assert laid == (
        "“Sees the point” (25% favourable); “Knows the plan” (80% or more favourable); 2 texts of the interviews; 1 published "
        "figure"
    )
    unknown = evidence([("R1", "x", "item", "B1", "Gets in the way", "", False)])
    assert "“Gets in the way” (share withheld)" in shown.lay_evidence(unknown, told(), study).to_string()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (NAMED, "Of 2 recommendations, 1 rests on strong evidence. It is “Explain it”. No evidence is named for 1."),
        (NAMED[:4], "The one recommendation rests on strong evidence. It is “Explain it”."),
        (NAMED[1:2], "The one recommendation rests on weaker evidence."),
        (NAMED[4:], "No evidence is named for the one recommendation."),
        ([NAMED[4], ("R3", "Go on", *NAMED[4][2:])], "No evidence is named for any of the 2 recommendations."),
        (NAMED[1:2] + NAMED[4:], "None of the 2 recommendations rests on strong evidence. No evidence is named for 1."),
        (
            [("R9", "Go on. Then rest.", *NAMED[0][2:]), NAMED[0]],
            "All 2 recommendations rest on strong evidence. The first is “Go on”.",
        ),
        (
            [NAMED[1], ("R9", "Go on", *NAMED[0][2:]), ("R8", "Rest", *NAMED[0][2:])],
            "Of 3 recommendations, 2 rest on strong evidence. The first is “Go on”.",
        ),
        ([], ""),
    ],
)
def test_it_is_said_how_many_recommendations_rest_on_strong_evidence_and_the_first_of_them(rows, said):
    assert shown.say_evidence(evidence(rows)) == said


def ends(rows):
    columns = ["kind", "id", "stands_out", "numerator", "denominator", "least", "share"]
    return pd.DataFrame(rows, columns=columns)


THEMES = pd.DataFrame({"theme": ["t"], "numerator": [6.0], "denominator": [10.0]})


def test_loose_ends_are_said_by_side_with_their_figures(study):
    rows = [
        ("recommendation", "Plan it", "", np.nan, np.nan, np.nan, np.nan), ("item", "A1", "below", 5, 20, 5, 25.0),
        ("item", "A2", "above", 19, 20, 19, 95.0), ("theme", "t", "", 6, 10, 6, 60.0),
    ]  # fmt: skip
    assert shown.say_loose_ends(ends(rows), evidence(NAMED), favour(), THEMES, study) == (
        "No evidence is named for “Plan it”. Clearly less favourable, but not named by any recommendation: “Sees the point” "
        "(25% favourable). Clearly more favourable, but not named by any recommendation: “Knows the plan” (95% favourable). "
        "Coded for at least half of the people, but not named by any recommendation: t (6 of 10)."
    )


def test_that_there_are_no_loose_ends_is_said_only_as_far_as_it_is_told(study):
    said = shown.say_loose_ends(ends([]), evidence(NAMED[:4]), favour(), THEMES, study)
    assert said == "Every clear finding is taken up by a recommendation."
    said = shown.say_loose_ends(ends([]), evidence(NAMED[:4]), told(), THEMES, study)
    assert said == "Every clear finding shown here is taken up by a recommendation."


def test_where_no_evidence_is_named_nothing_is_said_of_loose_ends(study):
    for rows in ([], NAMED[-1:]):
        assert shown.say_loose_ends(ends([]), evidence(rows), favour(), THEMES, study) == ""


# --- on the page and in the file


def test_the_page_words_shares_and_the_file_has_one_value_a_cell(study):
    page = Page(runs.open_run("tiny"), 5)
    rows = joined()
    data = page.table(rows, "joint", "Joint", labels=shown.JOINT_LABELS, on_page=shown.lay_joint(rows, favour(), study)).data
    assert "from “Sees the point” (25%) to “Knows the plan” (95%)" in data and "4 of 10" in data
    saved = pd.read_csv(page.run.folder / "tables" / "05_joint.csv")
    assert list(saved) == list(rows)


def test_a_table_whose_look_is_not_told_stays_with_the_team(study):
    page = Page(runs.open_run("tiny"), 5, "funder", 5)
    rows = tell(joined(), 5)
    assert "stays with the team" in page.table(rows, "joint", "Joint", on_page=shown.lay_joint(joined(), favour(), study)).data
    told_look = rows.then(shown.lay_joint, tell(favour(), 5), study)
    assert "“Sees the point” (25%)" in page.table(rows, "joint", "Joint", on_page=told_look).data


def test_a_figure_beside_a_withheld_one_is_saved_with_as_many_digits_as_any(study):
    page = Page(runs.open_run("tiny"), 5, "funder", 5)
    page.table(tell(told().assign(low=[100 / 3, np.nan, np.nan]), 5), "favour", "Favour")
    saved = pd.read_csv(page.run.folder / "tables" / "05_favour.csv", dtype=str)
    assert saved["low"].tolist() == ["33.33333333", "[c]", "[c]"]
    assert saved["numerator"].tolist() == ["5", "[c]", "[c]"]
