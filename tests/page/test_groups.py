"""What notebook 3 draws and says: an edge of the data must not make a sentence false or a drawing fail."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from helpers.disclosure.scores import tell_comparisons
from helpers.disclosure.told import tell
from helpers.page import groups as shown
from helpers.page.style import use_style
from helpers.study import reading


@pytest.fixture
def study(project):
    return reading.read_study("tiny")


def compared(**columns):
    frame = {"grouping": ["Team", "Team", "Years"], "construct": ["sense", "work", "sense"]} | columns
    return pd.DataFrame(frame)


CAUTION = "That does not show that groups are alike: where few people answered, only large differences can show."


def test_comparisons_name_where_groups_differ_and_where_no_clear_difference_was_found(study):
    assert shown.say_comparisons(compared(p_holm=[0.01, 0.04, 0.05]), study) == (
        "Groups differ clearly in Sense and Work (Team). "
        f"We found no clear differences between groups in any construct (Years). {CAUTION}"
    )
    assert shown.say_comparisons(compared(p_holm=[0.05, 0.5, 1]), study) == (
        f"We found no clear differences between groups in any construct (Team, Years). {CAUTION}"
    )
    assert CAUTION not in shown.say_comparisons(compared(p_holm=[0.01, 0.01, 0.01]), study)


def test_where_nothing_can_be_compared_that_is_said_without_a_caution(study):
    assert shown.say_comparisons(compared(p_holm=np.nan), study) == "No construct could be compared (Team, Years)."
    assert shown.say_comparisons(compared(p_holm=0.1)[:0], study) == "There are no groups that can be compared."
    some = shown.say_comparisons(compared(p_holm=[np.nan, np.nan, 0.01]), study)
    assert some == "Groups differ clearly in Sense (Years). No construct could be compared (Team)."


def test_a_funder_reads_the_same_verdicts_from_what_is_told(study):
    told = shown.say_comparisons(compared(under_05=[True, False, False]), study)
    assert told == shown.say_comparisons(compared(p_holm=[0.01, 0.5, 0.5]), study)


def test_a_note_explains_the_columns_that_a_reader_has():
    frame = compared(p_holm=0.5, p=0.1, effect=0.1, smallest_p=0.001, test="Kruskal–Wallis")
    means = tell(pd.DataFrame({"construct": ["sense", "work"], "mean": 2.0}), 5)
    team, funder = (shown.note_on_tests(tell_comparisons(frame, means, threshold)) for threshold in (0, 5))
    assert "Epsilon squared" in team and "smallest possible p" in team
    assert "psilon" not in funder and "tau" not in funder and "smallest" not in funder


def pair(**changes):
    row = {"grouping": "Team", "construct": "sense", "group_a": "North", "group_b": "South", "difference": 0.8}
    return row | {"low": -0.2, "high": 1.8, "verdict": "no clear difference", "p_holm": np.nan} | changes


def test_pairs_are_said_by_who_scores_higher_and_counted_by_verdict(study):
    lower = pair(difference=-1.3, low=-2.0, high=-0.6, verdict="larger", group_b="East", p_holm=0.01)
    assert shown.say_pairs(pd.DataFrame([lower, pair(grouping="Years")]), study, matters=0.5) == (
        "Some groups score clearly higher than others (Team): East above North in Sense, by 1.30 points. "
        "No group scores clearly higher than another in any construct (Years). "
        "With groups this small, only differences of about 0.8 points or more would show. "
        "The smallest difference that matters is set to 0.5 points. Of 2 pairs of groups 1 differ by more and 1 show no clear "
        "difference."
    )


def test_without_a_difference_among_all_groups_pairs_are_said_to_be_untested(study):
    said = shown.say_pairs(pd.DataFrame([pair(), pair(low=np.nan, high=np.nan, verdict="cannot tell")]), study, matters=0.5)
    assert said.startswith("No group scores clearly higher than another in any construct (Team). With groups")
    assert said.endswith("Pairs were not tested, since no test of all groups found a difference.")
    assert "nan" not in shown.say_pairs(pd.DataFrame([pair(low=np.nan, high=np.nan)]), study, matters=0.5)
    assert shown.say_pairs(pd.DataFrame([pair()])[:0], study, matters=0.5) == ""


def test_of_many_pairs_that_differ_three_are_named(study):
    many = pd.DataFrame([pair(verdict="larger", group_b=f"G{k}", p_holm=0.01) for k in range(5)])
    assert "North above G2 in Sense, by 0.80 points; 2 more in the table." in shown.say_pairs(many, study, matters=0.5)


def test_a_figure_of_groups_has_a_panel_a_grouping_and_construct_and_gives_back_its_axes(study):
    by_group = pd.DataFrame({
        "grouping": ["Team"] * 4 + ["Years"] * 2, "group": ["North", "North", "South", "South", "1", "2"],
        "construct": ["sense", "work", "sense", "work", "sense", "work"], "score": [1.0, 2.0, 3.0, 2.5, 1.0, 2.0],
    })  # fmt: skip
    use_style()
    axes = shown.draw_groups(by_group, study)
    assert axes.shape == (2, 2)
    assert axes[0, 0].get_title("left") == "Sense" and axes[1, 0].get_ylabel() == "Years"
    assert [label.get_text() for label in axes[0, 0].get_yticklabels()] == ["North", "South"]
    plt.close("all")


def test_the_alternative_text_names_the_lowest_and_the_highest_median(study):
    by_group = pd.DataFrame({
        "grouping": "Team", "group": ["North", "North", "South"], "construct": "sense", "score": [1.0, 2.0, 3.0],
    })  # fmt: skip
    assert shown.say_medians(by_group, study) == "Medians run from 1.50 (North, Sense) to 3.00 (South, Sense)."


def expected(**columns):
    frame = {
        "grouping": "Team", "group": ["North", "South"], "construct": "sense", "n": [8, 1], "raw": [2.5, 1.5],
        "expected": [2.4, 2.2], "low": [2.0, 1.6], "high": [2.7, 2.6], "note": "",
    }  # fmt: skip
    return pd.DataFrame(frame | columns)


def test_what_is_expected_is_drawn_beside_the_mean_of_those_who_answered_and_their_number(study):
    use_style()
    axes = shown.draw_expected(expected(), study)[0, 0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["North (n\u00a0=\u00a08)", "South (n\u00a0=\u00a01)"]
    lines, dots, circles = axes.collections
    assert [segment[:, 0].tolist() for segment in lines.get_segments()] == [[2.0, 2.7], [1.6, 2.6]]
    assert dots.get_offsets().tolist() == [[2.4, 0], [2.2, 1]] and circles.get_offsets().tolist() == [[2.5, 0], [1.5, 1]]
    nothing = dict.fromkeys(("expected", "low", "high"), np.nan)
    shown.draw_expected(expected(**nothing), study)
    plt.close("all")


def test_what_is_expected_is_said_beside_the_means_as_they_are_or_why_it_is_not_known(study):
    assert shown.say_expected(expected(), study) == (
        "The means of those who answered run from 1.50 (South, Sense) to 2.50 (North, Sense). Allowing for how few answered, "
        "we would expect from 2.20 (South, Sense) to 2.40 (North, Sense)."
    )
    alike = expected(note="[not defined: all answers are the same]")
    assert shown.say_expected(alike, study) == "We cannot say what to expect in a group: all answers are the same."
    assert shown.say_expected(expected()[:0], study) == ""
