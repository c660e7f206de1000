"""What notebook 4 tells a funder: twelve people of three sectors, of whom some said things under three themes."""

from pathlib import Path

import pandas as pd
import pytest

from helpers.disclosure import interviews as disclosed
from helpers.interviews import themes
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
    assert told.frame["n"].tolist() == [6, 6, 12] and set(told.frame["grouping"]) == {"Sector", ""}
    few = disclosed.tell_participants(PEOPLE[:4], study, 5)
    assert few.frame["group"].tolist() == ["All participants"]
    assert few.withheld["n"].all() and few.frame["n"].isna().all()


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


def test_texts_are_the_approved_ones_under_themes_that_are_told(study):
    approve("common0", "common6", "rare0")
    told = disclosed.tell_texts(SEGMENTS, PEOPLE, tell_themes(5), study, 5)
    rows = told.frame.to_numpy().tolist()
    assert [row[:2] for row in rows] == [["common", "common said by 0"], ["common", "common said by 6"]]
    assert rows[0][2] == "Health" and list(told.frame) == ["theme", "text", "attribution"]
    assert told.note.endswith("tell a withheld count: 1.")
    approve()
    assert disclosed.tell_texts(SEGMENTS, PEOPLE, tell_themes(5), study, 5).frame.empty


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
