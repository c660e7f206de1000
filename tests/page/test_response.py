"""What notebook 1 shows of who answered, for the team and where figures are withheld."""

import shutil

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from helpers.disclosure import response as disclosed
from helpers.page import response as shown
from helpers.page import style
from helpers.study import reading
from helpers.survey import response


def read_study(project, more=""):
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text() + more)
    return reading.read_study("tiny")


def describe(study, received, answered):
    return response.describe_response(study, pd.DataFrame({"items_answered": [3] * answered + [0] * (received - answered)}))


def count(*rows):
    table = pd.DataFrame(rows, columns=["grouping", "group", "numerator", "denominator"])
    return table.assign(share=100 * table["numerator"] / table["denominator"].where(table["denominator"] > 0))


def complete(*rows):
    return pd.DataFrame(rows, columns=["section", "started", "numerator", "denominator"])


# --- how many


@pytest.mark.parametrize(
    ("received", "answered", "said"),
    [
        (8, 7, "8 responses were received. 7 answered at least one of the 3 items."),
        (1, 1, "1 response was received. 1 answered at least one of the 3 items."),
        (0, 0, "0 responses were received. 0 answered at least one of the 3 items."),
    ],
)
def test_responses_are_counted_with_those_who_answered_an_item(project, received, answered, said):
    study = read_study(project)
    assert shown.say_responses(describe(study, received, answered), study) == said


@pytest.mark.parametrize(
    ("approximate", "said"),
    [
        ("false", "Of 30 people invited, 3 responded (10.0%), and 2 answered at least one question (6.7%)."),
        ("true", "Of about 30 people invited, 3 responded (about 10.0%), and 2 answered at least one question (about 6.7%)."),
    ],
)
def test_the_response_rate_stands_without_an_interval(project, approximate, said):
    study = read_study(project, f"  invited: {{number: 30, approximate: {approximate}}}\n")
    assert shown.say_response_rate(describe(study, 3, 2), study) == said


def test_without_a_number_invited_the_reason_is_said(project):
    study = read_study(project)
    assert shown.say_response_rate(describe(study, 3, 3), study) == (
        "The study does not say how many people were invited, so there is no response rate."
    )
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text().replace('{"2030": survey.csv}', '{"2030": survey.csv, "2031": later.csv}'))
    shutil.copy(path.parent / "survey.csv", path.parent / "later.csv")
    study = read_study(project, "  invited: {number: 30}\n")
    assert shown.say_response_rate(describe(study, 3, 3), study) == (
        "The survey has several waves and one number of people invited, so there is no response rate."
    )


def test_few_who_answered_are_told_of_without_a_number(project):
    study = read_study(project, "  invited: {number: 30}\n")
    told = disclosed.tell_received(describe(study, 9, 4), 5).frame
    assert shown.say_responses(told, study) == "Too few people answered an item for anything to be told of them."
    assert shown.say_response_rate(told, study) == "Too few people answered for a response rate to be told."


# --- who


def test_the_largest_groups_are_named_and_groups_under_five_counted():
    groups = count(("Team", "North", 6, 12), ("Team", "South", 2, 12), ("Team", "East", 4, 12), ("Years", "Under 1", 5, 10))
    groups = pd.concat([groups, count(("Years", "Over 1", 5, 10), ("Post", "Any", 0, 0))])
    assert shown.say_groups(groups) == (
        "Team is known for 12; the largest group is North, 6 of 12 (50%). 2 groups have one to four people. "
        "Years is known for 10; the largest groups are Under 1 and Over 1, 5 of 10 (50%) each. "
        "Post is known for nobody."
    )
    assert shown.say_groups(groups[:0]) == ""


def test_each_grouping_has_a_panel_with_a_bar_and_a_number_a_group():
    style.use_style()
    axes = shown.draw_groups(
        count(("Team", "North", 9, 12), ("Team", "South", 3, 12), ("Years", "Any", 1, 1), ("Post", "Any", 0, 0))
    )
    assert [panel.get_title(loc="left") for panel in axes.flat] == [
        "Team, known of 12 people", "Years, known of 1 person", "Post, known of 0 people",
    ]  # fmt: skip
    assert [[text.get_text() for text in panel.texts] for panel in axes.flat] == [["9 (75%)", "3 (25%)"], ["1 (100%)"], ["0"]]
    assert [[label.get_text() for label in panel.get_yticklabels()] for panel in axes.flat][0] == ["North", "South"]
    assert [bar.get_width() for bar in axes[0, 0].patches] == [9, 3]
    plt.close("all")


# --- how far, and how carefully


def test_the_first_and_the_last_section_say_where_people_stopped():
    sections = complete(("A", 9, 9, 10), ("B", 8, 8, 10), ("C", 7, 6, 10))
    assert shown.say_completion(sections) == "9 of 10 people began the first section, and 7 the last."
    assert shown.say_completion(sections[:1]) == "9 of 10 people began the first section."
    assert shown.say_completion(complete(("A", 1, 1, 1))) == "1 of 1 person began the first section."


def test_where_few_went_on_is_not_told():
    assert shown.say_completion(complete(("A", 9, 9, 10), ("B", np.nan, 0, 10))) == (
        "Where people stopped is not told: too few went on."
    )
    assert "not told" in shown.say_completion(complete(("A", 0, 0, np.nan)))


def flag(speeders, straight=0):
    liners = [k < straight for k in range(len(speeders))]
    return pd.DataFrame({"speeder": pd.array(speeders, dtype="boolean"), "straight_liner": liners})


def test_fast_and_unvarying_answers_are_counted_and_nobody_is_dropped():
    assert shown.say_quality(flag([True, False, None], 1), 0.5) == (
        "1 of the 2 people who can be compared took less than 50% of the median time of those who came as far. "
        "1 person chose the same point for every item of a scale. We dropped nobody for it."
    )


def test_without_others_to_compare_with_nobody_is_called_fast():
    assert shown.say_quality(flag([None, None]), 0.5).startswith(
        "Nobody could be compared in time with others who came as far. Nobody chose the same point"
    )


# --- those who did not answer


def silence(**columns):
    frame = {"headline": ["Sense", "Work"], "n": [40, 39], "silent": 2960, "share": [90.6, 73.6], "tipping": [49.45, 49.68]}
    return pd.DataFrame(frame | columns)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({}, "If fewer than 49% of the answers of the silent were favourable, most answers of all invited would not be."),
        (
            {"share": [90.0, 30.0], "tipping": [49.4, 50.3]},
            "Sense: if fewer than 49% of the answers of the silent were favourable, most answers of all invited would not be. "
            "Work: if more than 51% of the answers of the silent were favourable, most answers of all invited would be.",
        ),
        ({"tipping": np.nan}, "Most answers of all invited are favourable, whatever the silent would say."),
        (
            {"share": [30.0, 20.0], "tipping": np.nan},
            "Most answers of all invited are not favourable, whatever the silent would say.",
        ),
    ],
)
def test_the_turning_point_among_the_silent_is_said_so_that_it_holds_as_printed(project, columns, said):
    study = read_study(project, "  invited: {number: 3000, approximate: true}\n")
    text = shown.say_silence(silence(**columns), study)
    assert text.startswith("40 of about 3,000 people invited answered these questions. ") and text.endswith(f". {said}")


def test_the_constructs_with_the_most_and_the_fewest_favourable_answers_are_named(project):
    study = read_study(project, "  invited: {number: 3000}\n")
    both = shown.say_silence(silence(), study)
    assert "91% of the answers on Sense were favourable, the most, and 74% of those on Work, the fewest." in both
    assert "91% of the answers on Sense were favourable. If" in shown.say_silence(silence()[:1], study)
    assert shown.say_silence(silence()[:0], study) == "" == shown.say_silence(silence(silent=0), study)
