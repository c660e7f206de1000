"""What notebook 3 draws and says: an edge of the data must not make a sentence false or a drawing fail."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from helpers.disclosure.scores import tell_comparisons
from helpers.disclosure.told import tell
from helpers.page import groups as shown
from helpers.page import style
from helpers.study import reading


@pytest.fixture
def study(project):
    return reading.read_study("tiny")


@pytest.fixture(params=[False, True], ids=["desk", "phone"])
def narrow(request):
    style.use_style(request.param)
    yield request.param
    plt.close("all")


def compared(**columns):
    frame = {
        "grouping": ["Team", "Team", "Years"], "construct": ["sense", "work", "sense"], "p_holm": 0.5, "note": "",
        "n_smallest": [8, 7, 1], "n_largest": [19, 12, 20], "reach": [0.91, 0.6, 1.2],
    }  # fmt: skip
    return pd.DataFrame(frame | columns)


def test_groups_that_cannot_be_told_apart_are_not_said_to_be_alike(study):
    assert shown.say_comparisons(compared(), study) == (
        "We could not tell groups apart. With 1 to 20 people in each, a difference is known only to within about 0.9 "
        "points either way (compared by “Team” and “Years”)."
    )
    every = shown.say_comparisons(compared(n_smallest=1, n_largest=1, reach=0.5)[:1], study)
    assert "With 1 person in each, a difference is known only to within about half a point either way" in every
    # The scale of this study runs from 1 to 3.
    none = shown.say_comparisons(compared(reach=2.0), study)
    assert none.endswith("people in each, no difference could have stood out (compared by “Team” and “Years”).")
    unknown = shown.say_comparisons(compared(reach=np.nan), study)
    assert unknown.endswith("Where few people answered, only large differences stand out (compared by “Team” and “Years”).")


def test_where_groups_differ_is_said_by_construct_and_grouping(study):
    assert shown.say_comparisons(compared(p_holm=[0.01, 0.04, 0.05]), study) == (
        "Some groups score higher than others. We found a clear difference in 2 of 3 comparisons (“Sense” and “Work” by “Team”)"
        ", and could not tell in the others."
    )
    assert shown.say_comparisons(compared(p_holm=0.01), study).endswith(
        "in 3 of 3 comparisons (“Sense” and “Work” by “Team” and “Sense” by “Years”)."
    )


def test_of_forty_groupings_three_are_named(study):
    many = pd.DataFrame({"grouping": [f"By {k}" for k in range(40)], "construct": "sense", "p_holm": 0.01, "note": ""})
    said = shown.say_comparisons(many, study)
    assert "“Sense” by “By 2” and 37 more groupings)." in said and "By 3" not in said
    assert "(compared by “By 0”, “By 1”, “By 2” and 37 more)" in shown.say_comparisons(many.assign(p_holm=1), study)


def test_where_nothing_can_be_compared_the_reason_is_said_and_where_there_are_no_groups_nothing(study):
    notes = ["[not defined: there is only one group]; 2 without a group left out", "", "[not defined: there is only one group]"]
    said = shown.say_comparisons(compared(p_holm=np.nan, note=notes), study)
    assert said == "We could not compare groups. The reason: there is only one group."
    assert shown.say_comparisons(compared()[:0], study) == ""


def test_a_funder_reads_the_same_verdicts_from_what_is_told(study):
    verdicts = compared().drop(columns=["p_holm", "note", "n_smallest", "n_largest", "reach"])
    told = shown.say_comparisons(verdicts.assign(under_05=[True, False, False]), study)
    assert told == shown.say_comparisons(compared(p_holm=[0.01, 0.5, 0.5]), study)
    assert shown.say_comparisons(verdicts.assign(under_05=False), study).startswith("We could not tell groups apart.")


def test_verdicts_that_found_nothing_are_a_sentence_and_no_table(study):
    assert not shown.are_worth_a_table(pd.DataFrame({"under_05": [False, False]})).any()
    assert shown.are_worth_a_table(pd.DataFrame({"under_05": [True, False]})).all()
    assert shown.are_worth_a_table(compared()).all()


def test_a_note_explains_the_columns_that_a_reader_has():
    frame = compared(p=0.1, effect=0.1, smallest_p=0.001, test="Kruskal–Wallis")
    means = tell(pd.DataFrame({"construct": ["sense", "work"], "mean": 2.0}), 5)
    team, funder = (shown.note_on_tests(tell_comparisons(frame, means, threshold)) for threshold in (0, 5))
    assert "epsilon squared" in team and "smallest possible p" in team
    assert "psilon" not in funder and "tau" not in funder and "smallest" not in funder


# --- groups beside everybody else


def contrast(**columns):
    frame = {
        "grouping": "Team", "construct": ["sense", "sense", "work", "work"], "group": ["North", "South"] * 2, "n": [8, 1, 7, 1],
        "difference": [-0.2, 0.2, -0.9, 0.9], "low": [-0.8, -0.4, -1.5, 0.3], "high": [0.4, 0.8, -0.3, 1.5], "p_holm": 0.5,
    }  # fmt: skip
    return pd.DataFrame(frame | columns)


def test_differences_are_drawn_with_their_intervals_and_the_number_of_people(study, narrow):
    axes = shown.draw_contrasts(contrast(), study, 0.5)
    assert axes.shape == (1, 2) and axes[0, 1].get_title("left") == "Work"
    drawn = [text.get_text() for text in axes[0, 0].texts] if narrow else axes[0, 0].get_yticklabels()
    labels = [label if narrow else label.get_text() for label in drawn]
    assert [label for label in labels if "n" in label] == ["North (n\u00a0=\u00a08)", "South (n\u00a0=\u00a01)"]
    lines, dots = axes[0, 0].collections
    assert [segment[:, 0].tolist() for segment in lines.get_segments()] == [[-0.8, 0.4], [-0.4, 0.8]]
    assert dots.get_offsets().tolist() == [[-0.2, 0], [0.2, 1]]
    shown.draw_contrasts(contrast(low=np.nan, high=np.nan), study, 0.5)


def test_long_labels_and_many_constructs_are_drawn_whole(study, narrow):
    long = contrast(group=["A label of two hundred characters " * 6, "South"] * 2)
    axes = shown.draw_contrasts(pd.concat([long.assign(construct=name) for name in "abcdefg"]), study, 0.5)
    assert axes.shape == ((4, 2) if narrow else (2, 5))
    # Seven constructs: the last panels of the last row are not there.
    assert len(axes[0, 0].figure.axes) == 7
    axes[0, 0].figure.canvas.draw()


def test_the_title_says_what_the_tests_found_and_the_subtitle_of_how_many(study):
    assert shown.title_contrasts(contrast(low=-1.0, high=1.0), study, 0.5) == "No group clearly differs from everyone else"
    assert shown.title_contrasts(contrast(p_holm=[0.01, 0.01, 0.5, 0.5]), study, 0.5) == "Groups differ in “Sense”"
    apart = shown.title_contrasts(contrast(), study, 0.5)
    assert apart == "Some groups differ from everyone else, but the tests of all groups cannot confirm it"
    assert shown.describe_contrasts(contrast(), study, 0.8) == (
        "Points by which a group's mean lies above or below that of everyone else. Only the 9 people with a score count. "
        "Lines: 95% intervals, which hold for all rows at once. Shaded: less than 0.8 points."
    )


def test_the_alternative_text_names_the_group_that_lies_farthest_out(study):
    assert shown.say_contrasts(contrast(), study, 0.5) == (
        "A dot and a line for each group and construct. Farthest out is “North”, 0.90 points below everyone else in Work. "
        "Zero, where groups score alike, lies within 2 of 4 lines."
    )
    assert shown.say_contrasts(contrast(low=np.nan, high=np.nan), study, 0.5).endswith("below everyone else in Work.")


# --- pairs


def pair(**changes):
    row = {"grouping": "Team", "construct": "sense", "group_a": "North", "group_b": "South", "difference": 0.8}
    return row | {"low": -0.2, "high": 1.8, "verdict": "no clear difference", "p_holm": np.nan} | changes


def test_pairs_are_said_by_who_scores_higher(study):
    lower = pair(difference=-1.3, low=-2.0, high=-0.6, verdict="larger", group_b="East", p_holm=0.01)
    said = shown.say_differing(pd.DataFrame([pair(p_holm=0.02), lower, pair(p_holm=0.06)]), study)
    assert (
        said
        == "In Sense “East” scored 1.30 points higher than “North”; in Sense “North” scored 0.80 points higher than “South”."
    )


def test_of_many_pairs_that_differ_three_are_named(study):
    many = pd.DataFrame([pair(verdict="larger", group_b=f"G{k}", p_holm=0.01) for k in range(5)])
    said = shown.say_differing(many, study)
    assert said.endswith("than “G2”. The table has 2 more pairs.") and "G3" not in said
    assert shown.say_differing(many[:4], study).endswith("The table has 1 more pair.")


def test_pairs_are_said_only_where_the_test_of_all_groups_found_a_difference(study):
    assert shown.say_differing(pd.DataFrame([pair()]), study) == shown.say_differing(pd.DataFrame([pair()])[:0], study) == ""
    unclear = shown.say_differing(pd.DataFrame([pair(p_holm=0.2)]), study)
    assert unclear == "These answers cannot tell which groups differ."


def test_pairs_are_counted_by_what_their_intervals_say():
    rows = [pair(), *[pair(verdict="cannot tell")] * 2, pair(verdict="larger"), pair(verdict="smaller than matters")]
    assert shown.say_pairs(pd.DataFrame(rows), matters=0.5) == (
        "Of 5 pairs of groups, 1 differs by more than half a point, 1 differs by less than half a point, 1 shows no clear "
        "difference and for 2 we cannot tell."
    )
    assert shown.say_pairs(pd.DataFrame(rows[:1]), matters=1) == "Of 1 pair of groups, 1 shows no clear difference."
    assert shown.say_pairs(pd.DataFrame(rows)[:0], matters=1) == ""


# --- every respondent, what is expected, not relevant


def spread(**columns):
    frame = {
        "grouping": ["Team"] * 4 + ["Years"] * 2, "group": ["North", "North", "South", "South", "1", "2"],
        "construct": ["sense", "work", "sense", "work", "sense", "work"], "score": [1.0, 2.0, 3.0, 2.5, 1.0, 2.0],
    }  # fmt: skip
    return pd.DataFrame(frame | columns)


def test_a_figure_of_groups_has_a_panel_a_grouping_and_construct_and_gives_back_its_axes(study, narrow):
    axes = shown.draw_groups(spread(), study)
    assert axes.shape == (2, 2)
    assert axes[0, 0].get_title("left") == "Sense"
    assert [text.get_text() for text in axes[1, 0].texts][-1] == "Years"


def test_medians_are_said_with_the_group_and_construct_that_they_are_of(study):
    assert shown.say_medians(spread(), study) == "Medians run from 1.00 (North, Sense) to 3.00 (South, Sense)."
    assert shown.title_groups(spread(), study) == "Groups' medians run from 1.00 to 3.00"
    assert shown.title_groups(spread(score=2.0), study) == "All groups have the same median, 2.00"


def expected(**columns):
    frame = {
        "grouping": "Team", "group": ["North", "South"], "construct": "sense", "n": [8, 1], "raw": [2.5, 1.5],
        "expected": [2.4, 2.2], "low": [2.0, 1.6], "high": [2.7, 2.6], "note": "",
    }  # fmt: skip
    return pd.DataFrame(frame | columns)


def test_what_is_expected_is_said_beside_the_means_as_they_are_or_why_it_is_not_known(study):
    assert shown.say_expected(expected(), study) == (
        "Allowing for how few answered, we would expect means from 2.20 (South, Sense) to 2.40 (North, Sense). Those who "
        "answered have means from 1.50 (South, Sense) to 2.50 (North, Sense)."
    )
    alike = expected(note="[not defined: all answers are the same]")
    assert shown.say_expected(alike, study) == "We cannot say what to expect in a group: all answers are the same."
    assert shown.say_expected(expected()[:0], study) == ""
    assert shown.say_expected(expected(raw=2.0), study) == "All groups have the same mean, 2.00."


def totals(*rows):
    names = ["grouping", "group", "status", "numerator"]
    return pd.DataFrame([("Team", *row) for row in rows], columns=names).assign(denominator=20)


def test_not_relevant_is_said_of_all_answers_and_of_the_group_that_said_it_most():
    north = [("North", "answered", 10), ("North", "not relevant to role", 1), ("North", "missing", 9)]
    south = [("South", "answered", 6), ("South", "not relevant to role", 2), ("South", "missing", 0)]
    assert shown.say_not_relevant(totals(*north, *south)) == (
        "Of 19 answers 3 said “not relevant”, most often in “South”: 2 of 8 (25%)."
    )
    assert shown.say_not_relevant(totals(*north)) == "Of 11 answers 1 said “not relevant”."
    assert shown.say_not_relevant(totals(north[0])) == "Nobody called anything not relevant."
    assert shown.say_not_relevant(totals(north[2])) == shown.say_not_relevant(totals()) == ""


def test_many_scores_are_drawn_to_the_nearest_sixteenth_of_the_scale_and_the_subtitle_says_so(study):
    rows = pd.DataFrame({"construct": "sense", "score": np.linspace(1, 5, 6000)})
    assert style.place_scores(rows, (1, 5))["drawn"].unique().tolist() == np.linspace(1, 5, 17).tolist()
    assert style.say_dots(rows, (1, 5)) == "Each dot is a score to the nearest 0.25"
    seven = style.place_scores(rows.assign(score=np.linspace(1, 7, 6000)), (1, 7))["drawn"]
    assert seven.unique().tolist() == np.linspace(1, 7, 17).tolist()
    few = pd.concat([rows[:2000]] * 2, ignore_index=True)
    assert style.place_scores(few, (1, 5))["drawn"].equals(few["score"].rename("drawn"))
    assert style.say_dots(few, (1, 5)) == "Each dot is a score"
