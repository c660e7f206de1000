"""What notebook 4 draws and says: an edge of the data must not make a sentence false or a drawing fail."""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from helpers.disclosure.told import tell
from helpers.page import style
from helpers.page import themes as shown
from helpers.page.page import Page
from helpers.study import reading, runs
from helpers.study.notebooks import describe_notebook

STUDY = """
title: A made-up study
practice: a made-up practice
about: Made up for a test.
interviews:
  participants: survey.csv
  segments: survey.csv
"""


def count(of, **people):
    """As `themes.count_themes` gives it."""
    return pd.DataFrame({"theme": list(people), "numerator": list(people.values()), "denominator": of})


@pytest.fixture
def make_study(project):
    def make(lines=""):
        (project / "data" / "tiny" / "study.yml").write_text(STUDY + lines)
        return reading.read_study("tiny")

    return make


TEN = "the 10 people interviewed"


# --- what people spoke of ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("by_theme", "said"),
    [
        (count(10, Work=2, Room=9), f"Nearly all of {TEN} spoke of “Room”. That is 9 of 10."),
        (count(10, Work=5, Room=5), f"Half of {TEN} spoke of “Work”, and as many of “Room”. That is 5 of 10 each."),
        (count(10, A=7, B=7, C=7, D=7),
         f"Most of {TEN} spoke of “A”, and as many of “B”, “C” and 1 more. That is 7 of 10 each."),
        (count(4, Work=4, Room=4, Time=1), "All 4 people interviewed spoke of “Work” and “Room”."),
        (count(1, Work=1), "The one person interviewed spoke of “Work”."),
        (count(2, Work=1, Room=1), "No theme was raised by more than one of the 2 people interviewed."),
        (count(20, Work=2), "Some of the 20 people interviewed spoke of “Work”. That is 2 of 20."),
        (count(10.0, Work=7.0, Room=np.nan), f"Most of {TEN} spoke of “Work”. That is 7 of 10. Some spoke of “Room”."),
        (count(6.0, Work=6.0, Room=np.nan), "All 6 people interviewed spoke of “Work”. Some spoke of “Room”."),
        (count(8.0, A=np.nan, B=np.nan), "Some of the 8 people interviewed spoke of each of these: “A” and “B”."),
        (count(np.nan, A=np.nan), "Some people spoke of each of these: “A”."),
        (count(5)[:0], ""),
    ],
)  # fmt: skip
def test_what_people_spoke_of_is_said_as_a_claim_with_a_number(make_study, by_theme, said):
    assert shown.say_themes(by_theme, make_study()) == said


@pytest.mark.parametrize(
    ("by_theme", "said"),
    [
        (count(10, A=5, B=5), f"Texts of half of {TEN} are coded under “A”, and as many under “B”. That is 5 of 10 each."),
        (count(4, A=4, B=1), "Texts of all 4 people interviewed are coded under “A”."),
        (count(1, A=1), "Texts of the one person interviewed are coded under “A”."),
        (count(2, A=1, B=1), "No theme has texts from more than one of the 2 people interviewed."),
        (count(6.0, A=6.0, B=np.nan),
         "Texts of all 6 people interviewed are coded under “A”. Texts of some are coded under “B”."),
        (count(8.0, A=np.nan), "Texts of some of the 8 people interviewed are coded under each of these: “A”."),
        (count(5)[:0], ""),
    ],
)  # fmt: skip
def test_of_gists_it_is_not_said_that_anybody_spoke(make_study, by_theme, said):
    assert shown.say_themes(by_theme, make_study("  text_is: gist\n")) == said


@pytest.mark.parametrize(
    ("people", "word"),
    [(9, "Nearly all"), (8, "Most"), (7, "Most"), (6, "About half"), (5, "Half"), (4, "About half"), (3, "Some"), (2, "Some")],
)
def test_the_words_for_shares_are_those_of_the_rule(people, word):
    """By hand from the rule: nine in ten, two thirds (6.67 of 10), four in ten."""
    assert shown.say_share(people, 10) == f"{word} of the 10 people interviewed"
    assert "nine in ten" in shown.RULE and "two thirds" in shown.RULE and "four in ten" in shown.RULE


def test_shares_at_the_edge_of_a_word_belong_to_it_whatever_the_number_of_people():
    for tens in range(1, 60):
        assert shown.say_share(9 * tens, 10 * tens).startswith("Nearly all")
        assert shown.say_share(4 * tens, 10 * tens).startswith("About half")
        assert shown.say_share(4 * tens, 6 * tens).startswith("Most")


def test_the_rule_of_the_words_stands_where_a_number_is_withheld_alone():
    assert shown.say_rule(count(9, A=5)) == "" and shown.say_rule(count(9, A=5, B=np.nan)) == shown.RULE


@pytest.mark.parametrize(
    ("by_theme", "title"),
    [
        (count(10, A=5, B=3), "Each theme has texts from 3 to 5 of the 10 people"),
        (count(10, A=5, B=5), "Each theme has texts from 5 of the 10 people"),
        (count(10, A=4), "The one theme has texts from 4 of the 10 people"),
        (count(1, A=1, B=1), "Each theme has texts from the one person"),
        (count(10, A=5, B=np.nan, C=6), "At least 2 of 3 themes have texts from 5 or more of the 10 people"),
        (count(10, A=5, B=np.nan), "At least 1 of 2 themes has texts from 5 or more of the 10 people"),
    ],
)
def test_the_title_says_how_far_themes_differ(by_theme, title):
    assert shown.title_themes(by_theme) == title


@pytest.mark.parametrize("narrow", [False, True])
def test_a_bar_of_a_withheld_theme_has_no_length_and_says_some(narrow):
    style.use_style(narrow)
    axes = shown.draw_themes(count(4, Few=np.nan, Many=3))
    tracks, bars = axes.containers
    assert [bar.get_width() for bar in tracks] == [4, 4] and [bar.get_width() for bar in bars] == [3, 0]
    assert [text.get_text() for text in axes.texts if not narrow or text.get_va() == "center"] == ["3 of 4", "some"]
    above = [text.get_text() for text in axes.texts if text.get_va() == "bottom"]
    assert (above or [label.get_text() for label in axes.get_yticklabels()]) == ["Many", "Few"]
    plt.close("all")


LONG = "A label of many words that goes on and on " * 5
RIGHT_TO_LEFT = "\u05e9\u05dc\u05d5\u05dd \u05dc\u05db\u05d5\u05dc\u05dd"


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize(
    "by_theme", [count(1, A=1), count(50, **{f"T{k}": k + 1 for k in range(40)}), count(3, **{LONG: 3, RIGHT_TO_LEFT: 1})]
)
def test_names_and_bars_of_any_number_and_length_do_not_cover_one_another(narrow, by_theme):
    style.use_style(narrow)
    axes = shown.draw_themes(by_theme)
    axes.figure.draw_without_rendering()
    texts = [text for text in axes.texts if text.get_va() == "bottom"] if narrow else axes.get_yticklabels()
    boxes = [text.get_window_extent() for text in texts]
    assert all(above.y0 >= below.y1 - 1 for above, below in pairwise(boxes)) and len(boxes) == len(by_theme)
    assert axes.figure.get_tightbbox().width <= style.width() + 0.05
    assert RIGHT_TO_LEFT not in set(by_theme["theme"]) or texts[1].get_text() == RIGHT_TO_LEFT
    plt.close("all")


def test_a_figure_of_which_no_number_is_told_is_not_drawn():
    nothing = count(9.0, A=np.nan, B=np.nan)
    assert shown.keep_if_told(nothing).empty and len(shown.keep_if_told(count(9.0, A=np.nan, B=6.0))) == 2


def test_the_figure_in_words_names_each_theme_or_the_first_twelve():
    assert shown.describe_themes(count(4, Few=np.nan, Many=3)).endswith("people. Many: 3 of 4; Few: some.")
    many = shown.describe_themes(count(50, **{f"T{k}": 50 - k for k in range(40)}))
    assert "T11: 39 of 50; and 28 more" in many and "T12" not in many


# --- what they said ---------------------------------------------------------------------------------------------------
BANK = pd.DataFrame({
    "theme": ["few"] * 2 + ["many"] * 5, "text": ["f1", "f2", "m1", "m1", "m2", "m3", "m4"],
    "attribution": ["North", "South", "North", "North", "South", "North", "North"],
})  # fmt: skip


def test_the_first_three_texts_of_each_theme_stand_open_most_people_first_and_none_twice():
    opened = shown.open_texts(BANK, count(9, few=2, many=4))
    assert opened["text"].tolist() == ["m1", "m2", "m3", "f1", "f2"]
    assert opened["attribution"].tolist() == ["North", "South", "North", "North", "South"]


def test_of_many_themes_those_of_most_people_alone_stand_open():
    many = pd.DataFrame({"theme": [f"T{k}" for k in range(40)], "text": "x", "attribution": list("ab") * 20})
    opened = shown.open_texts(many, count(50, **{f"T{k}": k + 1 for k in range(40)}))
    assert opened["theme"].tolist() == [f"T{k}" for k in range(39, 31, -1)]


def test_an_attribution_that_all_have_is_no_column_and_other_texts_come_last():
    told = BANK.assign(attribution="a participant", theme=["elsewhere"] * 2 + ["many"] * 5)
    laid = shown.lay_texts(told, count(9, many=6.0))
    assert list(laid) == ["theme", "text"] and laid["theme"].tolist() == ["many"] * 5 + ["elsewhere"] * 2
    assert "attribution" in shown.lay_texts(BANK, count(9, few=2, many=4))


def test_texts_are_quotations_or_gists(make_study):
    words, gists = make_study(), make_study("  text_is: gist\n")
    assert (shown.title_texts(words), shown.name_text(words)) == ("What people said", "quotation")
    assert (shown.title_texts(gists), shown.name_text(gists)) == ("What people said, in our words", "gist")


# --- who took part ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("group", "groups", "alone", "unknown", "said"),
    [
        (8, 2, 2, 0, "10 people took part: 8 in 2 groups, 2 alone."),
        (2, 1, 3, 0, "5 people took part: 2 in 1 group, 3 alone."),
        (6, 1, 0, 0, "6 people took part, in 1 group."),
        (0, 0, 3, 0, "3 people took part, each alone."),
        (0, 0, 1, 0, "One person took part."),
        (0, 0, 0, 4, "4 people took part."),
        (0, 0, 3, 1, "4 people took part: 3 alone, 1 in a way that we do not know."),
    ],
)
def test_how_people_took_part_is_said_as_it_was(make_study, group, groups, alone, unknown, said):
    rows = [("group", group, groups), ("alone", alone, alone), ("not known", unknown, 0)]
    sessions = pd.DataFrame([*rows, ("all", group + alone + unknown, 9)], columns=["kind", "n", "sources"])
    assert shown.say_sessions(sessions, make_study()) == said


def test_where_ways_are_withheld_only_how_many_took_part_is_said_and_the_study_s_own_words_go_first(make_study):
    everybody = pd.DataFrame({"kind": ["all"], "n": [10.0]})
    assert shown.say_sessions(everybody, make_study()) == "10 people took part."
    assert shown.say_sessions(everybody.assign(n=np.nan), make_study()) == ""
    study = make_study("  sessions: 8 in 2 groups, 2 alone\n")
    assert shown.say_sessions(everybody, study) == "10 people took part: 8 in 2 groups, 2 alone."


# --- for those who look closer ----------------------------------------------------------------------------------------
def test_a_matrix_shows_labels_and_numbers_and_leaves_empty_cells_blank():
    matrix = pd.DataFrame({
        "code": ["b", "b", "a", "a"], "label": ["Same", "Same", "Same", "Same"], "participant": ["P2", "P1"] * 2,
        "segments": [2, 0, 0, 1],
    })  # fmt: skip
    axes = shown.draw_matrix(matrix)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Same", "Same"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["P2", "P1"]
    assert [text.get_text() for text in axes.texts] == ["2", "1"]
    plt.close("all")


def test_a_matrix_of_more_than_can_be_read_is_cut():
    rows = [(f"c{k}", f"C{k}", f"P{j}", 1) for k in range(50) for j in range(45)]
    axes = shown.draw_matrix(pd.DataFrame(rows, columns=["code", "label", "participant", "segments"]))
    assert (len(axes.get_yticks()), len(axes.get_xticks())) == (40, 40)
    plt.close("all")


def test_the_matrix_s_title_says_how_many_codes_people_have():
    matrix = pd.DataFrame({"code": list("aabb"), "participant": ["P1", "P2"] * 2, "segments": [1, 0, 2, 0]})
    assert shown.title_matrix(matrix) == "What each person said carries 0 to 2 of 2 codes"
    assert shown.title_matrix(matrix.assign(segments=1)) == "What each person said carries 2 of 2 codes"


def test_codes_in_use_are_counted_and_those_that_are_not_are_named():
    by_code = pd.DataFrame({"label": ["Time"], "numerator": [2], "denominator": [9]})
    unused = pd.DataFrame({"label": ["Room", "Rest"]})
    assert shown.say_codes(by_code, unused) == (
        "1 code is in use; none has more people than “Time”: 2 of 9. Not used in the interviews: “Room” and “Rest”."
    )
    assert shown.say_codes(pd.concat([by_code] * 2), unused[:0]).startswith("2 codes are in use; none has more people")


@pytest.mark.parametrize(
    ("both", "unit", "said"),
    [
        ([], "source", ""),
        ([1], "participant", "1 pair of codes was used for the same person; no pair for more than 1 person."),
        ([4, 1], "participant", "2 pairs of codes were used for the same person; no pair for more than 4 people."),
        ([2, 1], "segment", "2 pairs of codes were used in the same text; no pair in more than 2 texts."),
        ([2, 1], "source", "2 pairs of codes were used in the same interview; no pair in more than 2 interviews."),
    ],
)
def test_pairs_of_codes_are_counted(both, unit, said):
    assert shown.say_pairs(pd.DataFrame({"both": both}), unit) == said


def test_every_unit_in_which_codes_can_stand_together_has_words():
    bounds = describe_notebook(ROOT / "notebooks" / "04_count_themes.ipynb").bounds
    assert list(shown.TOGETHER) == bounds["together"]


def test_what_coders_were_compared_on_is_said_and_marked_segments_alone_are_cautioned_against():
    said = {
        unit: shown.say_agreement(pd.DataFrame({"unit": [unit], "units": [2]}), True) for unit in ("turn", "segment", "source")
    }
    assert said["turn"] == "Coders were compared on 2 turns, whether or not anybody marked them."
    assert said["source"] == "Coders were compared on 2 sources."
    assert said["segment"].startswith("Coders were compared on 2 segments that at least one of them marked.")
    assert "these figures are too low" in said["segment"]


def test_of_what_nobody_asked_for_nothing_is_said():
    nothing = pd.DataFrame({"code": []})
    assert shown.say_agreement(nothing, False) == ""
    assert "name no coders" in shown.say_agreement(nothing, True)


def test_saturation_says_when_half_of_the_codes_are_found_and_is_drawn():
    saturation = pd.DataFrame({
        "interviews": [1, 2, 3], "codes_mean": [2.0, 4.0, 6.0], "codes_low": [1, 3, 6], "codes_high": [3, 5, 6], "of_codes": 6,
    })  # fmt: skip
    assert shown.say_saturation(saturation) == "Half of all codes had come up after 2 of 3 people"
    assert shown.draw_saturation(saturation).lines[0].get_ydata().tolist() == [2, 4, 6]
    plt.close("all")


# --- texts, checked ---------------------------------------------------------------------------------------------------
def test_words_that_recur_and_people_at_whom_texts_point_are_counted_and_where_there_are_none_nothing_is_said():
    one = pd.DataFrame({"kind": ["the same words"]})
    assert shown.say_recurring(one) == (
        "1 pair of quotations of different people has nearly the same words. Check that each is attributed to the right person."
    )
    assert shown.say_recurring(pd.concat([one, one])).startswith("2 pairs of quotations of different people have")
    assert shown.say_recurring(one[:0]) == shown.say_pointing(one[:0]) == ""
    assert shown.say_pointing(one).startswith("1 person could perhaps be recognised from their texts together.")
    assert shown.say_pointing(pd.concat([one, one])).startswith("2 people could")


def test_quotations_that_differ_are_counted_and_changed_negations_too():
    checks = pd.DataFrame({
        "verdict": ["verbatim", "differs", "not found"], "negation_changed": [False, True, False], "number_changed": False,
    })  # fmt: skip
    assert shown.say_quotations(checks) == (
        "Quotations need correcting before anybody uses them. Of 3 quotations 2 differ from their speaker's own words; in 1 a "
        "negation or a number is changed."
    )
    unturned = shown.say_quotations(checks.assign(negation_changed=False))
    assert unturned.endswith("Of 3 quotations 2 differ from their speaker's own words.")
    assert "The one quotation matches what their speaker said, word for word" in shown.say_quotations(checks[:1])
    assert "All 2 match what their speaker said, word for word" in shown.say_quotations(pd.concat([checks[:1]] * 2))
    assert shown.say_quotations(checks[:0]) == ""


def test_crossings_stand_with_the_size_of_each_group_and_keep_their_numbers_where_nothing_is_told(make_study):
    make_study()
    crossings = pd.DataFrame({
        "theme": ["t", "t"], "grouping": pd.Categorical(["Place"] * 2, ["Sector", "Place"]), "group": ["Town", "Farm"],
        "numerator": [5.0, np.nan], "denominator": [9.0, 8.0],
    })  # fmt: skip
    page = Page(runs.open_run("tiny"), 4, "funder", 5)
    options = {"by": "grouping", "key": "k", "title": "Themes", "columns": ["theme", "group", "numerator"], "across": "group"}
    html = page.tables(tell(crossings, 5), **options).data
    assert "Table 4.1</strong> (Themes: Sector) has nothing that may be shown here" in html and 'data-why="nothing"' in html
    assert 'id="table-4-2"' in html
    assert "5 of 9</td>" in html and "[c]</td>" in html
    saved = pd.read_csv(page.run.folder / "tables" / "04_k_place.csv", dtype=str)
    assert saved["numerator"].iloc[1] == "[c]" and float(saved["numerator"].iloc[0]) == 5
