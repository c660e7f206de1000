"""What notebook 3 says and draws of waves and of the next survey."""

import in_process
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from toys import SAME_PEOPLE, hold_waves

from helpers.page import style
from helpers.page import waves as shown
from helpers.study import reading


@pytest.fixture
def study(project):
    return reading.read_study("tiny")


def change(**columns):
    frame = {
        "earlier": "2030", "later": "2031", "construct": ["sense", "work"], "change": [0.5, -0.1], "low": [0.2, -0.4],
        "high": [0.8, 0.2], "p_holm": [0.01, 1.0], "note": "",
    }  # fmt: skip
    return pd.DataFrame(frame | columns)


def test_a_change_is_said_with_its_size_and_for_the_rest_that_we_could_not_tell(study):
    assert shown.say_changes(change(), study) == (
        "Scores changed between the waves. Sense rose by 0.50 points from 2030 to 2031. "
        "In 1 other comparison we could not tell."
    )
    both = shown.say_changes(change(p_holm=0.01), study)
    assert both.endswith("2031 and Work fell by 0.10 points from 2030 to 2031.")


def test_of_many_changes_three_are_named(study):
    many = pd.concat([change(p_holm=0.01, later=str(wave)) for wave in (2031, 2032, 2033)], ignore_index=True)
    assert shown.say_changes(many, study).endswith("from 2030 to 2032 and 3 more changes can be seen in the table.")


def test_without_a_clear_change_the_changes_that_would_fit_are_said(study):
    assert shown.say_changes(change(p_holm=[0.06, 1.0]), study) == (
        "We found no clear change between the waves. Changes anywhere from −0.40 to 0.80 points would still fit these answers."
    )
    unknown = shown.say_changes(change(p_holm=1.0, low=np.nan), study)
    assert unknown.endswith("Where few people answered, only large changes can be seen.")


def test_waves_that_cannot_be_compared_are_said_and_of_one_wave_nothing(study):
    reason = "[not defined: nobody has a score in 2031]"
    said = shown.say_changes(change(p_holm=np.nan, note=reason), study)
    assert said == "We could not compare the waves. The reason: nobody has a score in 2031."
    assert shown.say_changes(change()[:0], study) == ""


def test_a_funder_reads_that_a_construct_changed_and_not_which_way(study):
    told = change()[["earlier", "later", "construct"]].assign(under_05=[True, False])
    assert shown.say_changes(told, study) == (
        "Scores changed between the waves. Sense changed from 2030 to 2031. In 1 other comparison we could not tell."
    )
    assert shown.say_changes(told.assign(under_05=False), study).endswith("only large changes can be seen.")


def by_wave(**columns):
    frame = {"construct": ["sense"] * 3, "wave": ["2030", "2031", "2032"], "mean": [2.0, 2.5, np.nan]}
    return pd.DataFrame(frame | columns)


@pytest.mark.parametrize("narrow", [False, True])
def test_means_are_drawn_wave_by_wave_for_the_team_and_for_a_funder(study, narrow):
    style.use_style(narrow)
    for rows in (by_wave(), by_wave(n=[20, 21, 5], low=1.5, high=2.9)):
        axes = shown.draw_waves(rows, change(), study)
        assert axes[0, 0].lines[0].get_xdata()[:2].tolist() == [2.0, 2.5]
    plt.close("all")


def test_words_about_the_drawing_of_waves_follow_what_was_found(study):
    assert shown.title_waves(by_wave(), change(), study) == "“Sense” changed between the waves"
    assert shown.title_waves(by_wave(), change(p_holm=1), study) == "Scores did not clearly change between the waves"
    assert shown.title_waves(by_wave(), change()[:0], study) == "Mean scores in each wave"
    assert shown.say_means(by_wave(), change(), study) == "Mean scores by wave: Sense 2.00 (2030), 2.50 (2031)."
    assert shown.say_means(by_wave(mean=np.nan), change(), study) == "No mean may be shown."


def test_a_survey_held_once_shows_nothing_of_waves_and_people_of_other_waves_are_not_without_a_group(project):
    once: list[str] = []
    in_process.run_notebooks("tiny", "01 02 03", shown=once, permutations=20)
    assert "wave" not in "".join(part for part in once if 'class="withheld"' not in part)
    third = {"2032": ["m0,Agree,Neutral,Disagree", "m1,Disagree,Neutral,Disagree"]}
    hold_waves(project, SAME_PEOPLE | third)
    several: list[str] = []
    in_process.run_notebooks("tiny", "01 02 03", shown=several, permutations=20)
    page = "".join(several)
    assert "between the waves" in page and "without a group" not in page


# --- the next survey


def test_how_closely_a_percentage_is_known_is_said_of_two_sizes():
    widths = pd.DataFrame({"share": [50.0, 50.0, 80.0], "n": [40, 150, 40], "width": [29.6, 15.8, 20.0]})
    assert shown.say_widths(widths) == (
        "A percentage from 40 people is known to within about 15 points either way; from 150, to within 8."
    )


def need(low, high, shift=0.5):
    frame = {"construct": ["sense", "work"], "shift": shift, "needed": [60, 1300], "needed_low": low, "needed_high": high}
    return pd.DataFrame(frame)


def test_the_people_needed_are_said_for_the_construct_that_needs_most_and_least(study):
    assert shown.say_sizes(need([45, 1201], [107, 1500]), study) == (
        "To see a difference of half a point between two groups 8 times in 10, the next survey needs about 1,300 to 1,500 "
        "people in each of them. That is for Work, which needs most; Sense needs 45 to 110. These are ranges because few "
        "people show only roughly how widely scores spread."
    )
    one = shown.say_sizes(need([45, np.nan], [110, np.nan], shift=1.0), study)
    assert one.startswith("To see a difference of one point") and "in each of them. That is for Sense. These" in one
    assert shown.say_sizes(need([np.nan] * 2, [np.nan] * 2), study).startswith("We cannot tell how many")


def power(**columns):
    frame = {
        "construct": "sense", "n_per_group": [5, 10], "shift": 0.5, "power": [20.0, 85.0], "power_low": [10.0, 60.0],
        "power_high": [40, 95],
    }  # fmt: skip
    return pd.DataFrame(frame | columns)


@pytest.mark.parametrize("narrow", [False, True])
def test_power_is_drawn_with_its_range(study, narrow):
    style.use_style(narrow)
    axes = shown.draw_power(power(), study)
    assert len(axes.collections) == 1 and axes.figure.get_size_inches()[0] <= style.width()
    plt.close("all")


def test_words_about_power_name_the_size_that_is_enough_or_that_none_is(study):
    assert shown.title_power(power(), study) == "With 10 people in each group half a point would most likely show"
    few = shown.title_power(power(power=[20.0, 79.0]), study)
    assert few == "Even 10 people in each group may be too few to see half a point"
    assert shown.say_power(power(), study) == (
        "With 5 people in each group the chance of seeing the difference is 20%; with 10 it is 85%."
    )
    two = pd.concat([power(), power(construct="work", n_per_group=[1, 10], power=[4.0, 90.0])])
    assert shown.say_power(two[two["n_per_group"] != 5], study) == (
        "With 1 person in each group the chance of seeing the difference is 4%; with 10 it is 85% to 90%, depending on the "
        "construct."
    )
