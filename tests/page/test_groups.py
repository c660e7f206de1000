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


def test_one_wave_is_said_to_show_no_change_and_several_are_not(project, study):
    assert "cannot show a change" in shown.say_once(study)
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text().replace('{"2030": survey.csv}', '{"2030": survey.csv, "2031": survey.csv}'))
    assert shown.say_once(reading.read_study("tiny")) == ""


def test_waves_are_said_by_medians_and_by_who_rose_and_fell(project):
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text().replace('{"2030": survey.csv}', '{"2030": survey.csv, "2031": survey.csv}'))
    study = reading.read_study("tiny")
    linked = pd.DataFrame({"grouping": ["2030 and 2031"], "construct": "sense", "pairs": [5], "rose": [4], "fell": [1]})
    by_wave = pd.DataFrame({"construct": "sense", "wave": ["2030", "2031"], "median": [2.0, 2.5]})
    assert shown.say_waves(linked, by_wave, study) == (
        "From 2030 to 2031: Sense, median 2.00 and then 2.50; of 5 people found in both waves 4 rose and 1 fell."
    )


def test_the_width_at_forty_is_said():
    widths = pd.DataFrame({"share": [50.0, 50.0], "n": [20, 40], "width": [40.1, 29.6]})
    assert shown.say_widths(widths).startswith("At 40 respondents and 50% the interval is 30 points wide")


def test_power_that_no_size_reaches_is_said(study):
    power = pd.DataFrame({"construct": "sense", "n_per_group": [5, 10], "power": [20.0, 85.0], "shift": 0.5})
    assert shown.say_power(power, study) == "Power of 80% for a shift of 0.5 is reached at 10 a group for Sense."
    assert "no size shown" in shown.say_power(power[:1], study)
    assert shown.draw_power(power, study).get_ylabel() == "Power (%)"
    plt.close("all")


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
