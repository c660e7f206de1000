"""What notebook 4 tells a funder: twelve people of three sectors, of whom some said things under three themes."""

from pathlib import Path

import pandas as pd
import pytest

from helpers.disclosure import interviews as disclosed
from helpers.interviews import themes
from helpers.page import themes as shown
from helpers.study import reading

STUDY = """
title: A made-up study
practice: a made-up practice
about: Made up for a test.
interviews:
  participants: participants.csv
  segments: segments.csv
  attributes:
    sector: {label: Sector, levels: [Health, Police, School]}
    place: {label: Place, levels: [Town, Farm]}
sharing: {quotations: approved.csv}
"""
NAMES = [f"P{k:02d}" for k in range(12)]
PEOPLE = pd.DataFrame({
    "participant": NAMES,
    "sector": pd.Categorical(["Health"] * 6 + ["Police"] * 4 + ["School"] * 2, ["Health", "Police", "School"]),
    "place": pd.Categorical(["Town"] * 10 + ["Farm"] * 2, ["Town", "Farm"]),
})  # fmt: skip


def say(theme, *places):
    return [(f"{theme}{k}", NAMES[k], theme, theme, f"{theme} said by {k}") for k in places]


# Common: all of Health but one and all but one of the others. Rare: three people. Odd: two.
SEGMENTS = pd.DataFrame(
    say("common", *range(5), *range(6, 11)) + say("rare", 0, 1, 7) + say("odd", 0, 8),
    columns=["segment", "participant", "theme", "code", "text"],
)


@pytest.fixture
def study(project):
    folder = project / "data" / "tiny"
    (folder / "study.yml").write_text(STUDY)
    SEGMENTS.to_csv(folder / "segments.csv", index=False)
    PEOPLE.to_csv(folder / "participants.csv", index=False)
    approve()
    return reading.read_study("tiny")


def approve(*segments):
    Path("data/tiny/approved.csv").write_text("\n".join(["segment", *segments]) + "\n")


def tell_themes(threshold):
    return disclosed.tell_sets(themes.count_themes(SEGMENTS, PEOPLE), "theme", SEGMENTS, threshold)


def test_small_groups_of_participants_are_merged_and_small_numbers_withheld(study):
    told = disclosed.tell_participants(PEOPLE, study, 5)
    # Police and School together are six; of Place a single group would be left, so it is not told at all.
    assert told.frame["n"].tolist() == [6, 6] and set(told.frame["grouping"]) == {"Sector"}
    assert disclosed.tell_participants(PEOPLE[:4], study, 5).frame.empty


@pytest.mark.parametrize(
    ("group", "alone", "told"),
    [(8, 6, [8, 6, 0, 14]), (9, 0, [9, 0, 0, 9]), (8, 2, [10]), (4, 7, [11]), (4, 0, [None]), (0, 0, [0, 0, 0, 0])],
)
def test_how_people_took_part_is_told_where_no_way_is_that_of_a_few(group, alone, told):
    counts = {"kind": ["group", "alone", "not known", "all"], "n": [group, alone, 0, group + alone], "sources": 2}
    found = disclosed.tell_sessions(pd.DataFrame(counts), 5)
    assert found.frame["n"].astype(object).where(found.frame["n"].notna(), None).tolist() == told
    assert found.withheld["n"].any() == (told == [None])
    assert disclosed.tell_sessions(pd.DataFrame(counts), 0).frame["n"].tolist() == counts["n"]


def test_small_themes_are_withheld_and_no_number_of_segments_is_told():
    told = tell_themes(5)
    assert list(told.frame) == ["theme", "numerator", "denominator"]
    assert told.withheld["numerator"].tolist() == [False, True, True]
    assert told.frame["numerator"].iloc[0] == 10


def test_a_crossing_tells_themes_whose_total_is_told_in_merged_groups_and_keeps_its_attributes(study):
    told = disclosed.tell_crossings(SEGMENTS, PEOPLE, tell_themes(5), study, 5)
    assert set(told.frame["theme"]) == {"common"}
    assert told.frame[["numerator", "denominator"]].to_numpy().tolist() == [[5, 6], [5, 6], [10, 12]]
    assert list(told.frame["grouping"].cat.categories) == ["Sector", "Place"] and set(told.frame["grouping"]) == {"Sector"}


def test_a_crossing_of_which_no_group_may_be_told_has_no_rows(study):
    everybody = pd.DataFrame(say("common", *range(12)), columns=list(SEGMENTS))
    by_theme = disclosed.tell_sets(themes.count_themes(everybody, PEOPLE), "theme", everybody, 5)
    told = disclosed.tell_crossings(everybody, PEOPLE, by_theme, study, 5)
    assert told.frame.empty and list(told.frame) == ["theme", "grouping", "group", "numerator", "denominator"]


def test_texts_are_the_approved_ones_in_the_order_of_their_list_and_of_withheld_themes_one_each(study):
    approve("common6", "rare1", "rare0", "common0")
    told = disclosed.tell_texts(SEGMENTS, PEOPLE, tell_themes(5), study, 5)
    # Of Health there are six people; Police and School are merged.
    assert told.frame.drop(columns="attribution").to_numpy().tolist() == [
        ["common", "common said by 6"], ["common", "common said by 0"], ["rare", "rare said by 1"],
    ]  # fmt: skip
    assert told.frame["attribution"].tolist()[1:] == ["Health", "a participant"] and told.note == ""
    approve()
    assert disclosed.tell_texts(SEGMENTS, PEOPLE, tell_themes(5), study, 5).frame.empty


def tell_all(rare, study):
    """What a funder sees of themes and texts where `rare` people spoke of a rare theme, and all texts are approved."""
    said = pd.DataFrame(say("common", *range(7)) + say("rare", *rare), columns=list(SEGMENTS))
    said.to_csv(study.folder / "segments.csv", index=False)
    approve(*said["segment"])
    by_theme = disclosed.tell_sets(themes.count_themes(said, PEOPLE), "theme", said, 5)
    bank = disclosed.tell_texts(said, PEOPLE, by_theme, study, 5)
    words = [shown.title_themes, shown.describe_themes, shown.say_rule]
    told = [shown.say_themes(by_theme.frame, study), *(word(by_theme.frame) for word in words)]
    return [by_theme.frame.to_csv(), bank.frame.to_csv(), bank.note, *told]


def test_whether_one_person_or_four_spoke_of_a_theme_nothing_that_is_told_differs(study):
    """Not the count, no word for it, no title, no text, no note: every number from 1 to 4 looks the same."""
    told = [tell_all(range(number), study) for number in (1, 2, 3, 4)]
    assert told[0] == told[1] == told[2] == told[3] and "rare said by 0" in told[0][1]
    assert tell_all(range(5), study) != told[0]


def test_the_order_of_texts_does_not_tell_which_are_of_different_people(study):
    """The team's bank takes people in turn; with all texts approved that would tell how many of a field there are."""
    twice = [(f"again{k}", NAMES[0], "common", "common", f"again {k}") for k in range(2)]
    said = pd.DataFrame(twice + say("common", *range(7)), columns=list(SEGMENTS))
    said.to_csv(study.folder / "segments.csv", index=False)
    approve(*said["segment"])
    by_theme = disclosed.tell_sets(themes.count_themes(said, PEOPLE), "theme", said, 5)
    assert disclosed.tell_texts(said, PEOPLE, by_theme, study, 5).frame["text"].tolist() == said["text"].tolist()
    assert disclosed.tell_texts(said, PEOPLE, by_theme, study, 0).frame["text"].tolist() != said["text"].tolist()


def test_for_the_team_all_is_as_it_is(study):
    frames = [
        (disclosed.tell_participants(PEOPLE, study, 0), themes.count_participants(PEOPLE, study)),
        (tell_themes(0), themes.count_themes(SEGMENTS, PEOPLE)),
        (disclosed.tell_crossings(SEGMENTS, PEOPLE, tell_themes(0), study, 0),
         themes.cross_every_attribute(SEGMENTS, PEOPLE, study)),
    ]  # fmt: skip
    for told, frame in frames:
        pd.testing.assert_frame_equal(told.frame, frame)
        assert not told.withheld.any(axis=None)
    assert len(disclosed.tell_texts(SEGMENTS, PEOPLE, tell_themes(0), study, 0).frame) == len(SEGMENTS)
