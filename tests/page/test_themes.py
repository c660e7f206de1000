"""What notebook 4 draws and says: an edge of the data must not make a sentence false or a drawing fail."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from helpers.disclosure.told import tell
from helpers.page import themes as shown
from helpers.page.page import Page
from helpers.study import reading, runs

STUDY = """
title: A made-up study
practice: a made-up practice
about: Made up for a test.
interviews:
  participants: survey.csv
  segments: survey.csv
"""
BY_THEME = pd.DataFrame({"theme": ["Few", "Many"], "numerator": [1, 3], "denominator": 4, "segments": [1, 9]})
TOLD = BY_THEME.drop(columns="segments").assign(numerator=[np.nan, 3.0], denominator=4.0)


@pytest.fixture
def make_study(project):
    def make(lines=""):
        (project / "data" / "tiny" / "study.yml").write_text(STUDY + lines)
        return reading.read_study("tiny")

    return make


def test_themes_are_said_with_most_participants_first_and_for_a_funder_without_segments(make_study):
    assert shown.say_themes(BY_THEME, make_study()) == (
        "Coded for each theme: Many, 3 of 4 participants, 9 segments; Few, 1 of 4 participants, 1 segment."
    )
    assert "9 gists" in shown.say_themes(BY_THEME, make_study("  text_is: gist\n"))
    assert shown.say_themes(TOLD, make_study()) == "Coded for each theme: Many, 3 of 4 participants. Withheld: Few."
    nothing = TOLD.assign(numerator=np.nan, denominator=np.nan)
    assert shown.say_themes(nothing, make_study()) == "Withheld: Few and Many."


def test_a_bar_of_a_withheld_theme_has_no_length_and_says_so():
    axes = shown.draw_themes(TOLD)
    assert [bar.get_width() for bar in axes.patches] == [0, 3]
    assert [text.get_text() for text in axes.texts] == ["[c]", "3"]
    assert axes.get_xlabel() == "Participants, of 4"
    plt.close("all")


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


def test_the_matrix_in_words_says_who_has_no_segment():
    matrix = pd.DataFrame({"code": list("aabb"), "participant": ["P1", "P2"] * 2, "segments": [1, 0, 2, 0]})
    assert shown.say_matrix(matrix) == (
        "A participant's segments carry between 0 and 2 of the 2 codes in use. 1 participant of 2 had no segment."
    )
    assert "had no segment" not in shown.say_matrix(matrix.assign(segments=1))


def test_unused_codes_are_named():
    assert shown.say_unused(pd.DataFrame({"label": ["Time", "Room"]})).startswith(
        "Codes of the codebook that no segment carries: Time and Room."
    )
    assert shown.say_unused(pd.DataFrame({"label": []})) == "Every code of the codebook is in use."


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "No two codes stand together in one source."),
        (1, "1 pair of codes stands together in one source."),
        (3, "3 pairs of codes stand together in one source. The 2 most frequent are shown."),
    ],
)
def test_pairs_of_codes_are_counted(number, said):
    assert shown.say_pairs(pd.DataFrame({"both": range(number)}), "source", 2) == said


def test_what_is_switched_off_is_explained_and_what_is_on_is_not():
    assert "`inductive`" in shown.say_deductive(False) and shown.say_deductive(True) == ""
    nothing = pd.DataFrame({"code": []})
    assert "`agreement`" in shown.say_agreement(nothing, False)
    assert "name no coders" in shown.say_agreement(nothing, True)


def test_what_coders_were_compared_on_is_said_and_marked_segments_alone_are_cautioned_against():
    said = {
        unit: shown.say_agreement(pd.DataFrame({"unit": [unit], "units": [2]}), True) for unit in ("turn", "segment", "source")
    }
    assert said["turn"] == "Coders were compared on 2 turns, whether or not anybody marked them."
    assert said["source"] == "Coders were compared on 2 sources."
    assert said["segment"].startswith("Coders were compared on 2 segments that at least one of them marked.")
    assert "these figures are too low" in said["segment"]


def test_saturation_says_when_half_of_the_codes_are_found_and_is_drawn():
    saturation = pd.DataFrame({
        "interviews": [1, 2, 3], "codes_mean": [2.0, 4.0, 6.0], "codes_low": [1, 3, 6], "codes_high": [3, 5, 6], "of_codes": 6,
    })  # fmt: skip
    assert shown.say_saturation(saturation) == "Half of the 6 codes are found after 2 of 3 participants."
    assert shown.draw_saturation(saturation).lines[0].get_ydata().tolist() == [2, 4, 6]
    plt.close("all")


def test_texts_are_quotations_or_gists(make_study):
    words, gists = make_study(), make_study("  text_is: gist\n")
    assert (shown.title_bank(words), shown.name_text(words)) == ("Quotations by theme", "quotation")
    assert shown.title_bank(gists) == "Gists by theme (our words, not the speakers')"
    one = pd.DataFrame({"kind": ["the same words"]})
    assert shown.say_recurring(one, words) == "1 pair of nearly identical quotations is attributed to different people."
    assert shown.say_recurring(one[:0], gists) == (
        "No text stands under two people. Only gists were compared, since this study has no words."
    )


def test_where_no_text_is_shown_the_reason_is_the_edition_s_own():
    bank = pd.DataFrame({"theme": ["t"], "text": ["x"], "attribution": ["a"], "segment": ["S1"]})
    assert shown.say_no_texts(bank) == ""
    assert "have no text" in shown.say_no_texts(bank[:0])
    assert "the team has approved" in shown.say_no_texts(bank[:0].drop(columns="segment"))


def test_quotations_are_counted_or_it_is_said_why_they_cannot_be(make_study):
    checks = pd.DataFrame({
        "verdict": ["verbatim", "differs", "not found"], "negation_changed": [False, True, False], "number_changed": False,
    })  # fmt: skip
    with_words = make_study("  transcripts: survey.csv\n")
    assert shown.say_quotations(checks, with_words) == (
        "1 of 3 quotations stand verbatim in their participant's own words; 2 do not. A negation or number is changed in 1."
    )
    assert shown.say_quotations(checks[:0], make_study()) == (
        "No quotation of this study can be checked: it names no transcripts."
    )
    assert "gists and no words" in shown.say_quotations(checks[:0], make_study("  text_is: gist\n"))


def test_a_table_with_an_attribute_that_was_shared_out_is_marked_and_one_without_is_not(make_study):
    study = make_study("  attributes: {x: {label: X, levels: [a]}, y: {label: Y, levels: [b], simulated: true}}\n")
    assert shown.name_basis(pd.DataFrame({"grouping": ["X", "Y", ""]}), study) == "assigned"
    assert shown.name_basis(pd.DataFrame({"grouping": ["X", ""]}), study) == "interviews"
    assert shown.say_uncompared(study) == "" and "Nothing is known" in shown.say_uncompared(make_study())


def test_crossings_stand_with_the_size_of_each_group_and_keep_their_numbers_where_nothing_is_told(make_study):
    make_study()
    crossings = pd.DataFrame({
        "theme": ["t", "t"], "grouping": pd.Categorical(["Place"] * 2, ["Sector", "Place"]), "group": ["Town", "Farm"],
        "numerator": [5.0, np.nan], "denominator": [9.0, 8.0],
    })  # fmt: skip
    page = Page(runs.open_run("tiny"), 4, "funder", 5)
    options = {"by": "grouping", "key": "k", "title": "Themes", "columns": ["theme", "group", "numerator"], "across": "group"}
    html = page.tables(tell(crossings, 5), **options).data
    assert "Table 4.1</strong> (Themes: Sector) has nothing that may be shown here" in html and "Table 4.2.</strong>" in html
    assert "5 of 9</td>" in html and "[c]</td>" in html
    saved = pd.read_csv(page.run.folder / "tables" / "04_k_place.csv", dtype=str)
    assert saved["numerator"].iloc[1] == "[c]" and float(saved["numerator"].iloc[0]) == 5
