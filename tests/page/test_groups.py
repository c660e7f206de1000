"""What notebook 3 draws and says: an edge of the data must not make a sentence false or a drawing fail."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from helpers.page import groups as shown
from helpers.page.style import use_style
from helpers.study import reading


@pytest.fixture
def study(project):
    return reading.read_study("tiny")


def compared(**columns):
    frame = {"grouping": "Team", "test": "Kruskal–Wallis", "construct": ["sense", "work"]} | columns
    return pd.DataFrame(frame)


def test_comparisons_are_counted_by_grouping_and_test_with_the_smallest_p():
    said = shown.say_comparisons(compared(p_holm=[0.01, 0.5]))
    assert "Team (Kruskal–Wallis): 1 of 2 constructs with a corrected p under .05; the smallest is .010." in said
    assert "no evidence that groups are alike" in said


def test_a_comparison_that_is_not_defined_is_not_counted_for_the_team():
    assert "0 of 1 construct with" in shown.say_comparisons(compared(p_holm=[np.nan, 0.5]))


def test_where_nothing_can_be_compared_that_is_said_without_a_caution():
    assert shown.say_comparisons(compared(p_holm=[np.nan, np.nan])) == "Team: no construct could be compared."
    assert shown.say_comparisons(compared(p_holm=[0.1, 0.1])[:0]) == "There are no groups that can be compared."


def test_a_funder_reads_verdicts_and_no_p():
    said = shown.say_comparisons(compared(under_05=[True, False]))
    assert "1 of 2 constructs with a corrected p under .05." in said and "smallest" not in said


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
