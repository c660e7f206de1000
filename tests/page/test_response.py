"""What notebook 1 shows of who answered, for the team and where figures are withheld."""

import shutil

import in_process
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from conftest import HEAD

from helpers.disclosure import response as disclosed
from helpers.page import response as shown
from helpers.page import style
from helpers.study import reading
from helpers.survey import response
from helpers.survey.pooling import POOLED

LONG = "Early Help " * 19


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


# --- who answered


@pytest.mark.parametrize(
    ("invited", "received", "answered", "said"),
    [
        ("3000, approximate: true", 48, 42, "Few of those invited answered. 48 of about 3,000 people responded (1.6%), and 42"),
        ("100", 49, 10, "Fewer than half of those invited answered. 49 of 100 people responded (49.0%), and 10"),
        ("4", 2, 2, "At least half of those invited answered. 2 of 4 people responded (50.0%), and 2"),
        ("1", 1, 1, "Everybody invited answered. 1 of 1 person responded (100.0%), and 1"),
        ("4", 4, 0, "Nobody answered a question. 4 of 4 people responded (100.0%), and none"),
    ],
)
def test_the_answer_says_how_large_a_share_answered_and_then_how_many(project, invited, received, answered, said):
    study = read_study(project, f"  invited: {{number: {invited}}}\n")
    assert shown.say_responses(describe(study, received, answered), study) == said + " answered at least one question."


def test_without_a_number_invited_or_with_one_for_several_waves_the_share_is_not_known(project):
    study = read_study(project)
    assert shown.say_responses(describe(study, 3, 1), study) == (
        "We cannot say what share of those invited answered, since the study does not say how many people were invited. "
        "3 people responded, and 1 answered at least one question."
    )
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text().replace('{"2030": survey.csv}', '{"2030": survey.csv, "2031": later.csv}'))
    shutil.copy(path.parent / "survey.csv", path.parent / "later.csv")
    study = read_study(project, "  invited: {number: 30}\n")
    assert shown.say_responses(describe(study, 1, 1), study, wave="2030") == (
        "We cannot say what share of those invited answered, since the study gives one number invited for several waves. "
        "In wave 2030, 1 person responded, and 1 answered at least one question."
    )
    assert " In wave 2031, 1 person " in shown.say_responses(describe(study, 1, 1), study)


def test_few_who_answered_are_not_told_of(project):
    study = read_study(project, "  invited: {number: 30}\n")
    assert shown.say_responses(disclosed.tell_received(describe(study, 9, 4), 5).frame, study) == ""


def test_wordings_of_a_page_where_one_person_answered_keep_to_the_singular(project):
    (project / "data" / "tiny" / "survey.csv").write_text(HEAD + "R_1,0,North,Agree,Neutral,\n")
    seen: list[str] = []
    in_process.run_notebooks("tiny", "01", shown=seen)
    text = " ".join(seen)
    assert "1 person responded, and 1 answered" in text and "1 people" not in text and "nan" not in text


# --- who they are


def many(groups=40):
    """Groups of 1, 2, 3, … people, the smallest first."""
    total = groups * (groups + 1) // 2
    return count(*[("Team", f"Group {k}", k, total) for k in range(1, groups + 1)])


def test_the_title_names_the_few_groups_that_hold_more_than_half(project):
    study = read_study(project)
    teams = count(("Team", "North", 3, 12), ("Team", "South", 5, 12), ("Team", "East", 4, 12))
    assert shown.name_largest(teams, study) == "Team: more than half are in “South” and “East”"
    half = count(("Team", "North", 6, 12), ("Team", "South", 6, 12))
    assert shown.name_largest(half, study) == "Team: more than half are in “North” and “South”"
    assert shown.name_largest(many(), study) == "Team: no three groups hold more than half"
    pooled = count(("Team", POOLED, 7, 13), ("Team", "North", 6, 13))
    assert shown.name_largest(pooled, study) == "Team: no three groups hold more than half"
    nobody = count(("Post", "Any", 0, 0))
    assert shown.name_largest(nobody, study) == "Nobody's group is known"
    assert shown.name_largest(pd.concat([nobody, count(("Team", LONG, 1, 1))]), study).endswith(f"in “{LONG}”")


def test_groups_are_drawn_by_size_unless_they_have_an_order_and_of_forty_the_smaller_share_a_bar(project):
    study = read_study(project)
    drawn = shown.arrange_groups(many(), study)
    # The largest twelve hold 29 to 40 people; 1 to 28 people are together 28 x 29 / 2 = 406.
    assert drawn["group"].tolist() == [f"Group {k}" for k in range(40, 28, -1)] + ["28 more groups"]
    assert drawn["numerator"].iloc[-1] == 406 and drawn["share"].sum() == pytest.approx(100)
    assert len(shown.arrange_groups(many(13), study)) == 13
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text().replace("levels: [North, South]", "levels: [North, South], ordered: true"))
    ordered = shown.arrange_groups(many(), reading.read_study("tiny"))
    assert ordered["group"].tolist() == [f"Group {k}" for k in range(29, 41)] + ["28 more groups"]


@pytest.mark.parametrize("narrow", [False, True])
def test_each_grouping_has_a_panel_with_a_bar_and_a_number_a_group(project, narrow):
    style.use_style(narrow)
    groups = count(("Team", "North", 3, 12), ("Team", LONG, 9, 12), ("Years", "Any", 1, 1), ("Post", "Any", 0, 0))
    axes = shown.draw_groups(groups, read_study(project))
    assert [panel.get_title(loc="left") for panel in axes.flat] == [
        "Team, known for 12 people", "Years, known for 1 person", "Post, known for 0 people",
    ]  # fmt: skip
    texts = [[text.get_text().replace("\n", " ") for text in panel.texts] for panel in axes.flat]
    assert texts == [["9 (75%)", "3 (25%)", LONG.strip(), "North"], ["1 (100%)", "Any"], ["0", "Any"]]
    assert [bar.get_width() for bar in axes[0, 0].patches] == [9, 3]
    plt.close("all")


def test_the_alternative_text_has_every_bar(project):
    groups = count(("Team", "North", 3, 12), ("Team", "South", 9, 12), ("Years", "Any", 1, 1))
    assert (
        shown.list_groups(groups, read_study(project))
        == "Team, of 12 people: South (9) and North (3). Years, of 1 person: Any (1)."
    )


def test_groups_of_one_to_four_people_are_counted():
    groups = count(("Team", "North", 6, 12), ("Team", "South", 2, 12), ("Team", "East", 4, 12), ("Team", "West", 0, 12))
    few = "one to four people, too few to say what such a group thinks. The smallest, "
    assert shown.say_small(groups) == f"2 of 3 groups have {few}“South”, has 2 people."
    assert shown.say_small(groups[1:2]) == f"1 of 1 group has {few}“South”, has 2 people."
    alone = count(("Team", "North", 1, 2), ("Years", "Any", 1, 1))
    assert shown.say_small(alone) == f"2 of 2 groups have {few}“North” and “Any”, have one person each."
    assert shown.say_small(disclosed.tell_groups(groups, 5).frame) == ""
    assert shown.say_small(groups[:1]) == shown.say_small(groups[:0]) == ""


# --- how far, and how carefully


@pytest.mark.parametrize(
    ("last", "claim"),
    [(10, "People went on to the end."), (9, "Nearly everybody who began went on to the end."),
     (6, "Most people who began went on to the end."), (5, "Half or more of those who began broke off.")],
)  # fmt: skip
def test_the_first_and_the_last_section_say_how_far_people_got(project, last, claim):
    assert shown.say_completion(complete(("A", 10, 9, 12), ("B", 7, 6, 12), ("X", last, 5, 12)), read_study(project)) == (
        f"{claim} 10 of 12 people answered in the first section, “Sense”, and {last} in the last, “X”."
    )


def test_a_section_without_answers_or_others_is_said_to_be_so(project):
    study = read_study(project)
    assert shown.say_completion(complete(("A", 1, 1, 1)), study) == "1 of 1 person answered in the only section, “Sense”."
    assert shown.say_completion(complete(("A", 0, 0, 2), ("B", 0, 0, 2)), study).startswith(
        "Nobody answered in the first section"
    )


def test_where_few_went_on_or_nobody_came_nothing_is_said(project):
    study = read_study(project)
    for rows in (("B", np.nan, 0, 10), ("B", 0, 0, np.nan), ("B", 0, 0, 0)):
        assert shown.say_completion(complete(("A", 9, 9, rows[-1]), rows), study) == ""


def flag(speeders, straight=0):
    liners = [k < straight for k in range(len(speeders))]
    return pd.DataFrame({"speeder": pd.array(speeders, dtype="boolean"), "straight_liner": liners})


def test_fast_and_unvarying_answers_are_counted_and_nobody_is_dropped():
    assert shown.say_quality(flag([True, False, None], 1), 0.5) == (
        "1 of 2 people took less than 50% of the median time of those who got as far. "
        "1 person chose the same point for every item of a scale. We dropped nobody because of it."
    )


def test_without_fast_people_nobody_is_named():
    assert shown.say_quality(flag([False, False]), 0.5).startswith(
        "Nobody among 2 people took less than 50% of the median time"
    )


def test_without_others_to_compare_with_nobody_is_called_fast():
    assert shown.say_quality(flag([None, None]), 0.5) == (
        "Nobody's time could be compared with that of others who got as far. "
        "Nobody chose the same point for every item of a scale."
    )


# --- those who did not answer


def silence(**columns):
    frame = {"headline": ["Sense", "Work"], "n": [40, 39], "silent": 2960, "share": [90.6, 73.6], "tipping": [49.45, 49.68]}
    return pd.DataFrame(frame | columns)


@pytest.mark.parametrize(
    ("columns", "could", "said"),
    [
        ({}, "could change the picture", "If fewer than 49% of their answers were favourable, most answers of everybody invited"
         " would not be."),
        ({"tipping": [0.4, 20]}, "could change the picture", "If none of their answers were favourable, most answers of"
         " everybody invited would not be."),
        ({"share": [90.0, 30.0], "tipping": [49.4, 50.3]}, "could change the picture",
         "“Sense”: if fewer than 49% of their answers were favourable, most answers of everybody invited would not be. "
         "“Work”: if more than 51% of their answers were favourable, most answers of everybody invited would be."),
        ({"share": [30.0, 20.0], "tipping": [99.5, 90]}, "could change the picture",
         "If all of their answers were favourable, most answers of everybody invited would be."),
        ({"tipping": [49.45, np.nan]}, "could change part of the picture",
         "“Sense”: if fewer than 49% of their answers were favourable, most answers of everybody invited would not be. "
         "“Work”: most answers of everybody invited are favourable, whatever they would say."),
        ({"tipping": np.nan}, "could not change the picture", "Most answers of everybody invited are favourable, whatever they"
         " would say."),
        ({"share": [30.0, 20.0], "tipping": np.nan}, "could not change the picture",
         "Most answers of everybody invited are not favourable, whatever they would say."),
    ],
)  # fmt: skip
def test_the_turning_point_among_the_silent_is_said_so_that_it_holds_as_printed(project, columns, could, said):
    study = read_study(project, "  invited: {number: 3000}\n")
    assert shown.say_silence(silence(**columns), study) == f"Those who did not answer {could}. {said}"


def test_where_nobody_is_silent_or_nothing_is_known_nothing_is_said(project):
    study = read_study(project, "  invited: {number: 3000}\n")
    assert shown.say_silence(silence()[:0], study) == shown.say_silence(silence(silent=0), study) == ""
