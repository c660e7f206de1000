"""What notebook 5 draws, lays out and says: an edge of the data must not make a sentence false or a drawing fail."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from helpers.disclosure.told import tell
from helpers.joint import NOT_JUDGED
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
        "construct": ["sense", "work"], "mean": [2.1, 3.4], "low": [1.9, 3.2], "high": [2.3, 3.6],
        "numerator": [4, 0], "denominator": 10, "judgement": ["agrees", "silent"], "reason": ["Both say so.", ""],
    }  # fmt: skip
    return pd.DataFrame(frame | columns)


# --- constructs


def test_every_item_is_drawn_once_and_those_that_stand_out_are_named(study):
    items, people = shown.draw_joint(favour(), joined(), study)
    plt.gcf().canvas.draw()
    assert sorted(place for dots in items.collections for place in dots.get_offsets()[:, 0]) == [25, 60, 95]
    assert [text.get_text() for text in items.texts] == ["A1", "A2"]
    assert [text.get_text() for text in people.texts] == ["4 of 10\nagrees", "0 of 10\nsilent"]
    plt.close("all")


def test_what_is_withheld_has_no_point_no_bar_and_no_name(study):
    rows = joined(numerator=[np.nan, 6], denominator=[10, 10])
    items, people = shown.draw_joint(told(), rows, study)
    plt.gcf().canvas.draw()
    # The range is drawn at its least, 16 of 20.
    assert sorted(place for dots in items.collections for place in dots.get_offsets()[:, 0]) == [25, 80]
    assert [text.get_text() for text in items.texts] == ["A1"]
    assert people.texts[0].get_text().startswith("[c] of 10")
    assert [line.get_xdata()[0] for line in items.lines] == [35, 75]
    nothing = {name: np.nan for name in ("numerator", "least", "most", "share", "low", "high")}
    shown.draw_joint(favour(**nothing, stands_out=""), joined(numerator=np.nan, denominator=np.nan), study)
    plt.gcf().canvas.draw()
    plt.close("all")


def test_items_of_one_share_are_drawn_apart(study):
    items, _ = shown.draw_joint(favour(least=[19, 19, 12]), joined(), study)
    plt.gcf().canvas.draw()
    heights = [height for dots in items.collections for height in dots.get_offsets()[:, 1]]
    assert len(set(heights)) == 3
    plt.close("all")


def test_names_of_items_that_lie_close_together_stand_in_one_label():
    items = pd.DataFrame({"item": ["D5", "C1", "D6"], "place": [55.0, 20.0, 54.0]})
    assert shown.gather_labels(items) == [(20.0, "C1"), (54.5, "D6, D5")]
    assert shown.gather_labels(items.head(0)) == []


def test_the_joint_display_names_items_by_side_and_gives_the_reason_of_a_judgement(study):
    rows = shown.lay_joint(joined(), favour(), study)
    assert rows["stands_out"].tolist() == ["Above: A2 Knows the plan. Below: A1 Sees the point", ""]
    assert rows["judgement"].tolist() == ["Agrees. Both say so.", "Silent"]


def test_judgements_are_said_with_their_constructs_and_nothing_of_those_that_are_not_judged(study):
    said = shown.say_joint(joined(), study)
    assert said == (
        "In the analyst's judgement the interviews agree with the survey on sense; they are silent on work."
    )  # fmt: skip
    assert "agree with the survey on sense and work." in shown.say_joint(joined(judgement="agrees"), study)
    assert "work" not in shown.say_joint(joined(judgement=["agrees", NOT_JUDGED]), study)
    assert shown.say_joint(joined(judgement=NOT_JUDGED), study).startswith("The study holds no judgement")


def test_the_note_says_that_texts_are_gists_where_they_are(study, project):
    assert shown.note_joint(study) == "Our reading. Texts are gists in our own words."
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text().replace("text_is: gist", "text_is: words").replace("joint: {note: Our reading.}\n", ""))
    assert shown.note_joint(reading.read_study("tiny")) == ""


# --- items that stand out


def test_an_item_is_said_to_stand_out_only_on_its_own_side(study):
    assert shown.say_standouts(favour(), study) == (
        "Over all items together, 60% of the answers are favourable. Items that stand out below that: “Sees the point”, 5 of "
        "20 (25%, 95% CI 11 to 47). Items that stand out above it: “Knows the plan”."
    )


def test_items_that_stand_out_below_are_said_lowest_first(study):
    said = shown.say_standouts(favour(share=[25.0, 20.0, 60.0], numerator=[5, 4, 12], stands_out=["below", "below", ""]), study)
    assert said.index("“Knows the plan”, 4 of 20") < said.index("“Sees the point”, 5 of 20")


def test_that_no_item_stands_out_is_said_only_as_far_as_it_is_told(study):
    said = shown.say_standouts(favour(stands_out=""), study)
    assert "below that: none. Items that stand out above it: none." in said
    said = shown.say_standouts(told(), study)
    assert said.startswith("Over all items together, 35% to 75% of the answers are favourable.")
    assert said.endswith("Items that stand out above it, as far as it may be told: none.")


def test_of_whom_an_item_is_relevant_to_is_not_told_the_share_is_not_said(study):
    hidden = favour(share=[np.nan, 95, 60], low=[np.nan, 76.4, 38.7], high=[np.nan, 99.1, 78.1])
    assert "“Sees the point”, 5 of the 20 who answered. Items" in shown.say_standouts(hidden, study)
    laid = shown.lay_evidence(evidence(NAMED[:1]), hidden).iloc[0]
    assert laid["item"] == "A1 Sees the point (25% or more favourable)"


# --- recommendations


def evidence(rows):
    columns = ["recommendation", "gist", "kind", "id", "text", "printed"]
    return pd.DataFrame(rows, columns=columns)


NAMED = [
    ("R1", "Explain it", "item", "A1", "Sees the point", ""),
    ("R1", "Explain it", "item", "A2", "Knows the plan", ""),
    ("R1", "Explain it", "segment", "S1", "One", ""),
    ("R1", "Explain it", "figure", "N1", "A2, percent agree", "50"),
    ("R2", "Plan it", "none", "", "", ""),
]


def test_a_recommendation_has_one_row_with_its_evidence_by_kind():
    assert shown.lay_evidence(evidence(NAMED), favour()).to_numpy().tolist() == [
        [
            "R1", "Explain it", "A1 Sees the point (25% favourable); A2 Knows the plan (95% favourable)", "S1: One",
            "N1: A2, percent agree: 50",
        ],
        ["R2", "Plan it", "–", "–", "–"],
    ]  # fmt: skip


def test_of_texts_and_figures_that_are_not_told_the_number_stands():
    rows = evidence([row[:3] + (None, None, None) if row[2] in ("segment", "figure") else row for row in NAMED])
    laid = shown.lay_evidence(rows, told()).iloc[0]
    assert laid[["segment", "figure"]].tolist() == ["1", "1"]
    assert laid["item"] == "A1 Sees the point (25% favourable); A2 Knows the plan (80% or more favourable)"
    assert "B1 Gets in the way (share withheld)" in shown.lay_evidence(
        evidence([("R1", "x", "item", "B1", "Gets in the way", "")]), told()
    ).to_string()  # fmt: skip


def ends(rows):
    columns = ["kind", "id", "stands_out", "numerator", "denominator", "least", "share"]
    return pd.DataFrame(rows, columns=columns)


THEMES = pd.DataFrame({"theme": ["t"], "numerator": [6.0], "denominator": [10.0]})


def test_loose_ends_are_said_by_side_with_their_figures(study):
    rows = [
        ("recommendation", "R2", "", np.nan, np.nan, np.nan, np.nan), ("item", "A1", "below", 5, 20, 5, 25.0),
        ("item", "A2", "above", 19, 20, 19, 95.0), ("theme", "t", "", 6, 10, 6, 60.0),
    ]  # fmt: skip
    assert shown.say_loose_ends(ends(rows), evidence(NAMED), favour(), THEMES, study) == (
        "No evidence is named for R2. Strong findings that no recommendation names: of the items that stand out "
        "below the others, “Sees the point” (25% favourable); of those above, “Knows the plan” (95% favourable); of the themes "
        "of at least half of the participants, t (6 of 10 participants)."
    )


def test_no_loose_ends_are_said_to_be_none_only_as_far_as_it_is_told(study):
    said = shown.say_loose_ends(ends([]), evidence(NAMED[:4]), favour(), THEMES, study)
    assert said.startswith("Evidence is named for every recommendation.")
    assert said.count("none") == 3 and "none that can be told" not in said
    hidden = THEMES.assign(numerator=np.nan)
    said = shown.say_loose_ends(ends([]), evidence(NAMED[:4]), told(), hidden, study)
    assert said.count("none that can be told") == 3


def test_where_no_evidence_is_named_that_alone_is_said(study):
    for rows, said in (([], "no recommendations to trace"), (NAMED[-1:], "names no evidence")):
        assert said in shown.say_untraced(evidence(rows))
        assert shown.say_loose_ends(ends([]), evidence(rows), favour(), THEMES, study) == ""
    assert shown.say_untraced(evidence(NAMED)) == ""


# --- on the page and in the file


def test_the_page_lists_what_stands_out_and_the_file_has_one_value_a_cell(study):
    page = Page(runs.open_run("tiny"), 5)
    rows = joined()
    data = page.table(rows, "joint", "Joint", labels=shown.JOINT_LABELS, on_page=shown.lay_joint(rows, favour(), study)).data
    assert "Above: A2 Knows the plan. Below: A1 Sees the point" in data and "4 of 10" in data
    # A table whose means have intervals has none for its participants.
    assert "Participants coded<" in data
    saved = pd.read_csv(page.run.folder / "tables" / "05_joint.csv")
    assert list(saved) == list(rows)


def test_a_table_whose_look_is_not_told_stays_with_the_team(study):
    page = Page(runs.open_run("tiny"), 5, "funder", 5)
    rows = tell(joined(), 5)
    assert "stays with the team" in page.table(rows, "joint", "Joint", on_page=shown.lay_joint(joined(), favour(), study)).data
    told_look = rows.then(shown.lay_joint, tell(favour(), 5), study)
    assert "Below: A1" in page.table(rows, "joint", "Joint", on_page=told_look).data


def test_a_figure_beside_a_withheld_one_is_saved_with_as_many_digits_as_any(study):
    page = Page(runs.open_run("tiny"), 5, "funder", 5)
    page.table(tell(told().assign(low=[100 / 3, np.nan, np.nan]), 5), "favour", "Favour")
    saved = pd.read_csv(page.run.folder / "tables" / "05_favour.csv", dtype=str)
    assert saved["low"].tolist() == ["33.33333333", "[c]", "[c]"]
    assert saved["numerator"].tolist() == ["5", "[c]", "[c]"]
