"""What notebook 3 says and draws of waves and of the next survey."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from toys import SAME_PEOPLE, hold_waves

from helpers.page import waves as shown
from helpers.study import reading


@pytest.fixture
def study(project):
    return reading.read_study("tiny")


def change(**columns):
    frame = {
        "earlier": "2030", "later": "2031", "construct": ["sense", "work"], "n_earlier": [21, 20], "n_later": [25, 25],
        "mean_earlier": [2.0, 2.5], "mean_later": [2.5, 2.4], "change": [0.5, -0.1], "low": [0.2, -0.4], "high": [0.8, 0.2],
        "pairs": [18, 17], "rose": [12, 3], "fell": [2, 4], "p_holm": [0.01, 1.0],
    }  # fmt: skip
    return pd.DataFrame(frame | columns)


def test_one_wave_is_said_to_show_no_change_and_several_are_not(project, study):
    assert "cannot show a change" in shown.say_once(study)
    hold_waves(project, SAME_PEOPLE)
    assert shown.say_once(reading.read_study("tiny")) == ""


def test_a_change_is_said_of_everybody_and_then_of_those_found_in_both_waves(study):
    assert shown.say_changes(change(), study) == (
        "From 2030 to 2031, among all who answered (21 people and then 25), we found a change in 1 of 2 constructs. "
        "Sense: the mean of all who answered rose from 2.00 to 2.50 (by 0.50, 95% CI of the change 0.20 to 0.80). "
        "Of 18 people found in both waves 12 rose and 2 fell. "
        "In the others, changes anywhere from −0.40 to 0.20 points would still fit these answers."
    )


def test_without_a_clear_change_the_changes_that_would_fit_are_said(study):
    assert shown.say_changes(change(p_holm=[0.06, 1.0]), study) == (
        "From 2030 to 2031, among all who answered (21 people and then 25), we found no clear change in any of 2 constructs. "
        "Changes anywhere from −0.40 to 0.80 points would still fit these answers."
    )


def test_waves_of_different_people_and_waves_that_cannot_be_compared_are_said(study):
    fell = change(pairs=0, change=[-0.5, -0.1], low=[np.nan, -0.4], mean_later=[1.5, 2.4])
    assert "Sense: the mean of all who answered fell from 2.00 to 1.50. In the others" in shown.say_changes(fell, study)
    assert shown.say_changes(change(p_holm=np.nan), study) == "From 2030 to 2031 no construct could be compared."
    assert shown.say_changes(change()[:0], study) == ""


# --- the next survey


def test_the_width_at_forty_is_said():
    widths = pd.DataFrame({"share": [50.0, 50.0], "n": [20, 40], "width": [40.1, 29.6]})
    assert shown.say_widths(widths).startswith("At 40 respondents and 50% the interval is 30 points wide")


def need(low, high):
    return pd.DataFrame({"construct": ["sense", "work"], "shift": 0.5, "needed": 60, "needed_low": low, "needed_high": high})


def test_the_responses_needed_are_said_as_a_range(study):
    assert shown.say_sizes(need([45, 1200], [110, 1500]), study) == (
        "To see a difference of 0.5 points with 80% power, the next survey needs between 45 and 1,500 responses in each of two "
        "groups: 45 to 110 for Sense and 1,200 to 1,500 for Work. Few people tell little of "
        "how widely scores spread: we are 80% confident of each range. It allows for the other comparisons that the page makes."
    )
    assert "two groups: 45 to 110 for Sense. " in shown.say_sizes(need([45, np.nan], [110, np.nan]), study)
    assert "cannot be told" in shown.say_sizes(need([np.nan] * 2, [np.nan] * 2), study)


def test_power_is_drawn_with_its_range(study):
    power = pd.DataFrame({
        "construct": "sense", "n_per_group": [5, 10], "power": [20.0, 85.0], "power_low": [10.0, 60.0], "power_high": [40, 95],
    })  # fmt: skip
    axes = shown.draw_power(power, study)
    assert axes.get_ylabel() == "Power (%)" and len(axes.collections) == 1
    plt.close("all")
