"""What a study's interviews hold, as frames: five people, of whom one says nothing that was coded."""

import pandas as pd
import pytest

from helpers.interviews import quotations, themes
from helpers.interviews.transcripts import read_transcripts
from helpers.study import reading

STUDY = """
title: A made-up study
practice: a made-up practice
about: Made up for a test.
constructs: {sense: {label: Sense}}
interviews:
  participants: survey.csv
  segments: survey.csv
  attributes:
    sector: {label: Sector, levels: [Health, Police, School], groups: {Public: [Police, School]}}
    training: {label: Training, levels: [Before, After], simulated: true}
"""
PEOPLE = pd.DataFrame({
    "participant": ["P1", "P2", "P3", "P4", "P5"],
    "sector": pd.Categorical(["Health", "Health", "School", "Police", None], ["Health", "Police", "School"]),
    "training": pd.Categorical(["Before", "Before", "After", "After", "After"], ["Before", "After"]),
})  # fmt: skip
SEGMENTS = pd.DataFrame(
    [("S1", "P1", "Work", "time"), ("S1", "P1", "Work", "room"), ("S2", "P1", "Work", "time"), ("S3", "P2", "Work", "room"),
     ("S4", "P3", "Work", "room"), ("S5", "P4", "Sense", "aim")],
    columns=["segment", "participant", "theme", "code"],
).assign(source=None, coder=None, text="Words")  # fmt: skip
CODES = pd.DataFrame({"code": ["time", "room", "none"], "label": ["Time for it", "Room for it", "None"], "construct": None})


@pytest.fixture
def study(project):
    (project / "data" / "tiny" / "study.yml").write_text(STUDY)
    return reading.read_study("tiny")


NO_TURNS = pd.DataFrame(columns=["source", "participant", "text"])


def test_participants_are_counted_by_attribute_with_those_of_whom_it_is_not_stated(study):
    assert themes.count_participants(PEOPLE, study).to_numpy().tolist() == [
        ["Sector", "Health", 2], ["Sector", "Police", 1], ["Sector", "School", 1], ["Sector", "Not stated", 1],
        ["Training", "Before", 2], ["Training", "After", 3],
    ]  # fmt: skip
    assert "Not stated" not in set(themes.count_participants(PEOPLE, study, not_stated=False)["group"])


def test_people_who_share_a_source_were_a_group_and_the_others_were_alone():
    placed = pd.DataFrame(
        [("P1", "one"), ("P2", "two"), ("P2", "three"), ("P3", "three"), ("P4", None), ("Nobody", "one")],
        columns=["participant", "source"],
    )
    # P2 spoke alone too, and counts for the group; of P4 and P5 no source is known, and Nobody took no part.
    sessions = themes.count_sessions(placed, PEOPLE, NO_TURNS).set_index("kind")
    assert sessions["n"].to_dict() == {"group": 2, "alone": 1, "not known": 2, "all": 5}
    assert sessions["sources"].to_dict() == {"group": 1, "alone": 1, "not known": 0, "all": 3}
    turns = pd.DataFrame({"source": ["four", "four"], "participant": ["P4", "P5"], "text": "x"})
    heard = themes.count_sessions(placed, PEOPLE, turns).set_index("kind")
    assert heard["n"].to_dict() == {"group": 4, "alone": 1, "not known": 0, "all": 5} and heard.loc["group", "sources"] == 2


def test_where_no_source_is_known_nobody_is_in_a_group():
    sessions = themes.count_sessions(SEGMENTS, PEOPLE, NO_TURNS)
    assert sessions["n"].tolist() == [0, 0, 5, 5]


def test_codes_stand_with_their_labels_most_participants_first_and_a_code_without_a_label_under_its_key():
    counts = themes.count_codes(SEGMENTS, PEOPLE, CODES)
    assert counts.to_numpy().tolist() == [
        ["room", "Room for it", 3, 5, 3], ["time", "Time for it", 1, 5, 2], ["aim", "aim", 1, 5, 1],
    ]  # fmt: skip
    constructs = themes.count_codes(SEGMENTS, PEOPLE, CODES.assign(construct=["sense", None, None]))["construct"]
    assert constructs.dropna().to_dict() == {1: "sense"}


def test_themes_are_crossed_by_observed_attributes_alone_in_the_study_s_merged_groups(study):
    crossings = themes.cross_every_attribute(SEGMENTS, PEOPLE, study)
    work = crossings[crossings["theme"] == "Work"]
    assert work[["grouping", "group", "numerator", "denominator"]].to_numpy().tolist() == [
        ["Sector", "Health", 2, 2], ["Sector", "Public", 1, 2], ["Sector", "Not stated", 0, 1],
        ["Sector", "All participants", 3, 5],
    ]  # fmt: skip
    assert list(crossings["grouping"].cat.categories) == ["Sector"]


def test_an_attribute_of_which_nothing_is_known_has_no_rows_and_keeps_its_place(study):
    unknown = PEOPLE.assign(sector=pd.Categorical([None] * 5, categories=[]))
    crossings = themes.cross_every_attribute(SEGMENTS, unknown, study)
    assert crossings.empty and list(crossings["grouping"].cat.categories) == ["Sector"]


def test_banded_crossings_hold_no_counts_and_a_withheld_count_has_no_band():
    counts = [0, 1, 4, 5, 9, 10, 31, None]
    crossings = pd.DataFrame({"theme": "t", "group": list("abcdefgh"), "numerator": counts, "denominator": 40})
    banded = themes.band_crossings(crossings, True)
    assert list(banded) == ["theme", "group", "band"]
    assert banded["band"].tolist()[:3] == ["none", "1 to 4", "1 to 4"] and pd.isna(banded["band"].iloc[7])
    assert banded["band"].tolist()[3:7] == ["5 to 9", "5 to 9", "10 or more", "10 or more"]
    assert themes.band_crossings(crossings, False) is crossings


def test_segments_by_code_and_participant_are_tidy_with_zeros_and_most_used_codes_first():
    matrix = themes.count_segments(SEGMENTS, PEOPLE, CODES)
    assert list(matrix) == ["code", "label", "participant", "segments"] and len(matrix) == 3 * 5
    assert matrix["code"].unique().tolist() == ["room", "time", "aim"]
    cells = matrix.set_index(["code", "participant"])["segments"]
    assert (cells["time", "P1"], cells["room", "P1"], cells["room", "P5"]) == (2, 1, 0)


def test_codes_that_stand_together_have_both_labels():
    pairs = themes.pair_codes(SEGMENTS, CODES, "segment")
    assert pairs[["first", "first_label", "second", "second_label", "both"]].to_numpy().tolist() == [
        ["time", "Time for it", "room", "Room for it", 1]
    ]


def test_new_codes_saturation_and_agreement_are_empty_unless_they_are_asked_for():
    off = [
        themes.count_new_codes(SEGMENTS, PEOPLE, False), themes.trace_saturation(SEGMENTS, PEOPLE, False, 10, 1),
        themes.compare_coders(SEGMENTS.assign(coder="A"), CODES, NO_TURNS, "segment", 1, False),
    ]  # fmt: skip
    assert [len(frame) for frame in off] == [0, 0, 0]
    assert themes.count_new_codes(SEGMENTS, PEOPLE, True)["codes_so_far"].tolist() == [2, 2, 2, 3, 3]
    assert themes.trace_saturation(SEGMENTS, PEOPLE, True, 10, 1)["codes_mean"].iloc[-1] == 3
    on = themes.compare_coders(SEGMENTS.assign(coder="A"), CODES, NO_TURNS, "turn", 1, True)
    assert on["label"].tolist() == ["Time for it", "Room for it", "aim"]
    assert on["unit"].eq("segment").all()  # there are no turns


def test_turns_are_those_of_participants_and_all_of_a_group_that_is_not_told_apart():
    people = pd.DataFrame({"participant": ["P1", "Group"]})
    spoken = pd.DataFrame({"source": ["I1", "I1", "I2", "I2"], "participant": ["P1", "Asker", "Voice A", "Voice B"]})
    assert themes.keep_turns(spoken, people)["participant"].tolist() == ["P1", "Voice A", "Voice B"]
    assert themes.keep_turns(spoken[:0], people).empty


def test_without_transcripts_no_words_are_counted_and_no_quotation_is_checked(study):
    spoken = read_transcripts(study)
    assert "words_coded" not in themes.measure_coverage(SEGMENTS, PEOPLE, spoken)
    assert quotations.check_quotations(SEGMENTS, spoken).empty


def test_misquoted_texts_are_those_not_verbatim_or_with_a_changed_meaning_which_come_first():
    checks = pd.DataFrame({
        "segment": ["S1", "S2", "S3", "S4"],
        "verdict": ["verbatim", "not found", "differs", "verbatim, with words left out or replaced where marked"],
        "negation_changed": [False, False, False, True], "number_changed": [False, False, True, False],
    })  # fmt: skip
    assert quotations.list_misquoted(checks)["segment"].tolist() == ["S4", "S3", "S2"]
    turns = pd.DataFrame([("I", "P1", "I would never go back to it")], columns=["source", "participant", "text"])
    quoted = pd.DataFrame([("S1", "P1", "I", "I would go back to it")], columns=["segment", "participant", "source", "text"])
    checked = quotations.check_quotations(quoted, turns).iloc[0]
    assert checked["discrepancy"] == "left out “never”" and checked["negation_changed"]
