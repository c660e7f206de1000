"""What a text says against its tables, the respondents' rows, and the values of a run."""

from pathlib import Path

import pandas as pd
import pytest

from helpers.audit import claims, figures, layout, published, tables
from helpers.audit.cells import Cell, compare_items, list_count_cells, list_item_cells
from helpers.audit.claims import Band, check_band_mean, check_band_quantile, parse_band
from helpers.study import reading, sheets

PUBLISHED = Path(__file__).parents[2] / "data" / "lvrn_2024" / "published"
THREE = ["Disagree", "Neutral", "Agree"]


def make_claims(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["claim", "where", "about", "statistic", "value"], dtype="str")


def make_relations(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["claim", "left", "relation", "right"], dtype="str")


def count_cells(panel: str, categories: dict[str, str], where: str = "Table 1") -> list[Cell]:
    counts = pd.DataFrame({"panel": panel, "category": list(categories), "people": list(categories.values())})
    return list_count_cells(counts, where)


def item_cells(*texts: list[str]) -> list[Cell]:
    return list_item_cells(layout.read_rows(pd.DataFrame(texts[1:], columns=texts[0], dtype="str"), "T", (1, 5))[0], "T")


def bands(*rows: tuple) -> list[Band]:
    return [Band(*row) for row in rows]


def number(text: str) -> figures.Figure:
    return figures.parse_figure(text, "number")


@pytest.fixture(scope="module")
def lvrn() -> dict:
    items = sheets.read_table(PUBLISHED / "table5_items.csv", ["item"])
    cells = published.list_percentages(reading.read_study("lvrn_2024"))
    for table, where in [("table4_respondents", "Table 4"), ("table3_participants", "Table 3")]:
        cells += list_count_cells(sheets.read_table(PUBLISHED / f"{table}.csv", ["panel"]), where)
    said = sheets.read_table(PUBLISHED / "narrative_claims.csv", ["claim"])
    verdicts = tables.audit_table(items, "Table 5", 48)
    audited = claims.audit_claims(said, cells, {"responses received": 48}).set_index("id")
    return {"said": said, "cells": cells, "audited": audited, "values": claims.name_values(said, cells, verdicts)}


# --- the first study's text against its tables


def test_lvrn_text_contradicts_its_tables_in_these_places_and_no_others(lvrn):
    found = lvrn["audited"]
    contradictions = found[found["severity"] == "contradiction"]
    assert contradictions["finding"].to_dict() == {
        "N08": "The text says 18%, but 8 is 16.7% of 48 (responses received), 19.5% of 41 (the sum of its panel) and"
        " 19.0% of 42 (Table 4: Length of employment). It would be 18% of 44 or 45. Out of how many people?",
        **dict.fromkeys(["N15", "N17", "N18"], "The text says 95% for “Agree”, but Table 5 prints 98%. Which is correct?"),
        "N29": "The text says 7% for “Neutral”, but Table 5 prints 2%. Which is correct?",
        "N27, N28, N29, N30": "The percentages in the text add up to 105% (93% agree, 0% disagree, 7% neutral and"
        " 5% not relevant); rounding explains at most 102%. Which is wrong?",
    }
    assert contradictions["about"].tolist() == ["Table 4: Social Care", "E3", "B3", "B2", "F1", "F1"]


def test_lvrn_text_raises_these_questions(lvrn):
    found = lvrn["audited"]
    assert found.index[found["severity"] == "question"].tolist() == ["N06", "N07", "N09"]
    assert found.loc["N06", "finding"] == (
        "The text says 25%, and 12 is 25.0% of 48 (responses received), but 29.3% of 41 (the sum of its panel) and"
        " 28.6% of 42 (Table 4: Length of employment). Out of how many people?"
    )
    assert "9 / 48 (responses received) = 18.8%" in found.loc["N07", "computed"]


def test_lvrn_mean_time_in_role_is_what_the_lower_ends_of_the_bands_give(lvrn):
    # By hand: 9 x 0 + 11 x 1 + 5 x 3 + 6 x 6 + 3 x 11 = 95 years over 34 people.
    assert lvrn["audited"].loc["N09", "computed"] == (
        "lower ends 95 / 34 = 2.79, midpoints 128 / 34 = 3.76, upper ends 161 / 34 = 4.74"
    )
    assert "So it is the smallest mean that the bands allow." in lvrn["audited"].loc["N09", "finding"]


def test_lvrn_claims_without_a_table_are_named_as_not_checked(lvrn):
    found = lvrn["audited"]
    unchecked = found.index[found["severity"] == "not checked"].tolist()
    assert unchecked == ["N01", "N02", "N03", "N04", "N05", "N35", "N36", "N37", "N38", "N39"]
    assert found.loc["N05", "finding"] == "No published table gives “people invited (approximately)”."
    assert (found["severity"] == "agrees").sum() == 21


def test_lvrn_numbers_of_respondents_contradict_each_other(lvrn):
    relations = make_relations(
        ("responses less those with gaps", "N01 - N02", "=", "N04"),
        ("complete ones answered B to F", "N04", "<=", "n of scale agree-5"),
        ("complete ones and two more answered A", "N03 + N04", "<=", "n of scale 0-10"),
        ("both kinds of participants", "N37 + N38", "=", "N39"),
        ("participants by sector", "N39", "=", "Table 3: Participant role sector: participants in all"),
    )
    found = claims.check_claims(relations, lvrn["values"])
    assert found["holds"].tolist() == [True, False, False, True, True]
    assert found["finding"][1] == "N04 <= n of scale agree-5: 42 is more than 40. Which is correct?"
    assert found["finding"][2] == "N03 + N04 <= n of scale 0-10: 44 is more than 42. Which is correct?"
    assert found["finding"][3] == "N37 + N38 = N39: 10 is 10."


# --- claims against tables


def test_a_panel_has_a_sum_only_when_it_has_several_readable_counts():
    assert [cell.statistic for cell in count_cells("P", {"a": "3", "b": "7"})] == ["people", "people", "people in all"]
    assert len(count_cells("P", {"a": "3"})) == 1
    assert len(count_cells("P", {"a": "3", "b": "<5"})) == 2


def test_a_figure_agrees_when_the_coarser_of_the_two_is_the_finer_one_rounded():
    cells = [Cell("Q", "percent agree", "82.5", "Table 2", "Q")]
    said = [("1", "text", "Q", "percent agree", value) for value in ["82", "83", "84", "82.5", "82.4", "82.50"]]
    found = claims.audit_claims(make_claims(*said), cells, {})
    assert (found["severity"] == "agrees").tolist() == [True, True, False, True, False, True]


def test_more_than_and_less_than_are_compared_as_such():
    cells = [Cell("Q", "percent agree", "48", "Table 2", "Q")]
    said = [
        ("1", "text", "Q", f"percent agree {bound} than", value)
        for bound, value in [("less", "50"), ("less", "48"), ("more", "47"), ("more", "50")]
    ]
    found = claims.audit_claims(make_claims(*said), cells, {})
    assert found["severity"].tolist() == ["agrees", "contradiction", "agrees", "contradiction"]


def test_a_claim_or_a_cell_that_cannot_be_read_is_not_checked():
    cells = [Cell("Q", "percent agree", "<1", "Table 2", "Q"), *count_cells("P", {"a": "<5", "b": "7"})]
    said = make_claims(
        ("1", "text", "Q", "percent agree", "about half"),
        ("2", "text", "Q", "percent agree", "1"),
        ("3", "text", "Table 1: a", "percent of people", "10"),
        ("4", "text", "Table 1: c", "people", "10"),
    )
    found = claims.audit_claims(said, cells, {"text": 48})
    assert found["severity"].tolist() == ["not checked"] * 4
    assert "cannot be read" in found["finding"][0] and "a bound" in found["finding"][1]


def test_a_percentage_of_a_count_agrees_when_it_is_of_the_panels_own_sum():
    said = make_claims(("1", "text", "Table 1: a", "percent of people", "30"))
    found = claims.audit_claims(said, count_cells("P", {"a": "3", "b": "7"}), {"invited": 48})
    assert found["severity"].tolist() == ["agrees"]
    assert found["finding"][0] == "The text says 30%, and 3 is 30.0% of 10 (the sum of its panel)."


def test_a_percentage_of_a_count_beside_which_nothing_stands_is_not_checked():
    found = claims.audit_claims(
        make_claims(("1", "t", "Table 1: a", "percent of people", "30")), count_cells("P", {"a": "3"}), {}
    )
    assert found["severity"].tolist() == ["not checked"]
    assert found["finding"][0] == "We know no number of people of which 3 could be 30%."


def test_a_percentage_that_no_number_of_people_gives_is_said_to_be_so():
    # 1 of 1 is 100%, 1 of 2 is 50%: no number of people gives 70%.
    said = make_claims(("1", "text", "Table 1: a", "percent of people", "70"))
    found = claims.audit_claims(said, count_cells("P", {"a": "1", "b": "3"}), {})
    assert found["finding"][0] == (
        "The text says 70%, but 1 is 25.0% of 4 (the sum of its panel). It is not 70% of any number. Out of how many people?"
    )


def test_claimed_percentages_of_one_item_may_reach_100_by_rounding():
    cells = item_cells(["item", *THREE], ["Q", "33", "33", "35"])
    said = [("1", "t", "Q", "percent disagree", "33"), ("2", "t", "Q", "percent neutral", "33")]
    assert len(claims.audit_claims(make_claims(*said, ("3", "t", "Q", "percent agree", "35")), cells, {})) == 3
    assert len(claims.audit_claims(make_claims(*said, ("3", "t", "Q", "percent agree", "36")), cells, {})) == 4


# --- grouped answers


@pytest.mark.parametrize(
    ("label", "band"),
    [
        ("< 1 year", (0, 1)),
        ("1-2 years", (1, 2)),
        ("3\N{EN DASH}5 years", (3, 5)),
        ("18 to 25", (18, 25)),
        ("> 15 years", (15, None)),
        ("65+", (65, None)),
        ("40 or more", (40, None)),
        ("7", (7, 7)),
    ],
)
def test_bands_are_read_from_their_labels(label, band):
    assert parse_band(label) == Band(*band)


@pytest.mark.parametrize("label", ["Education (4-18 years)", "Police", "", "Tier 2"])
def test_other_labels_are_not_taken_for_bands(label):
    assert parse_band(label) is None


def test_the_convention_behind_a_mean_of_bands_is_named():
    # Sums by hand over 4 people: 0 + 3 x 10 = 30, 5 + 3 x 15 = 50, 10 + 3 x 20 = 70.
    two = bands((0, 10, 1), (10, 20, 3))
    severities = {text: check_band_mean(number(text), two).severity for text in ["7.5", "12.5", "17.5"]}
    assert severities == {"7.5": "question", "12.5": "agrees", "17.5": "question"}
    assert check_band_mean(number("17.5"), two).finding.endswith(
        "So it is the largest mean that the bands allow. Is that intended?"
    )
    assert check_band_mean(number("9.0"), two).severity == "question"
    assert check_band_mean(number("18.0"), two).severity == "contradiction"
    assert check_band_mean(number("7.0"), two).severity == "contradiction"


def test_a_mean_of_an_open_band_can_only_be_too_small():
    open_band = bands((0, 10, 1), (10, None, 3))
    assert check_band_mean(number("900"), open_band).severity == "question"
    assert check_band_mean(number("7.0"), open_band).severity == "contradiction"
    assert check_band_mean(number("7.0"), bands((0, 10, 0))).finding.startswith("[not defined:")


def test_a_median_must_lie_in_the_band_of_the_middle_answer():
    # Answers 1 to 3 in 0-1, 4 to 7 in 2-5, 8 and 9 in 6-10: the middle one, the fifth, lies in 2-5, which ends before 6.
    three = bands((0, 1, 3), (2, 5, 4), (6, 10, 2))
    half = claims.QUANTILES["median"]
    severities = [check_band_quantile(number(text), three, half).severity for text in ["1.9", "2", "6", "6.1"]]
    assert severities == ["contradiction", "agrees", "agrees", "contradiction"]
    assert check_band_quantile(number("9"), bands((0, 1, 1), (2, None, 4)), half).severity == "agrees"
    assert check_band_quantile(number("1"), bands((0, 1, 0)), half).severity == "not checked"


def test_quartiles_of_raw_answers_lie_where_their_bands_put_them():
    # base R 4.2.2: x <- c(0,0,1,2,3,4,5,7,9); sapply(5:9, function(t) quantile(x, c(.25,.5,.75), type = t))
    # gives lower quartiles .75 .5 1 .667 .688, medians 3, upper quartiles 5.5 6 5 5.667 5.625.
    three = bands((0, 1, 3), (2, 5, 4), (6, 10, 2))
    for name, texts in {"lower quartile": [".75", "1", ".5"], "upper quartile": ["5", "6", "5.625"]}.items():
        for text in texts:
            assert check_band_quantile(number(text), three, claims.QUANTILES[name]).severity == "agrees"
    assert check_band_quantile(number("1.5"), three, claims.QUANTILES["upper quartile"]).severity != "agrees"


def test_a_lower_quartile_below_all_it_lies_between_is_a_contradiction():
    # Of 7 answers the lower quartile lies between the second and the third by every definition of base R, types 5 to 9.
    found = check_band_quantile(number("0.5"), bands((0, 1, 1), (2, 5, 6)), claims.QUANTILES["lower quartile"])
    assert (found.severity, found.computed) == ("contradiction", "2 to 5")


def test_claims_about_bands_use_the_panel_that_they_name():
    cells = count_cells("Age", {"18-30": "5", "31-60": "5"}) + count_cells("Time in role", {"0-2": "6", "3-8": "4"})
    said = make_claims(
        ("1", "text", "Table 1: time in role", "mean years", "2.8"),
        ("2", "text", "Table 1: time in role", "mean years", "20"),
        ("3", "text", "Table 1: staff", "mean years", "2.8"),
        ("4", "text", "Table 1: time in role", "median years", "2"),
        ("5", "text", "Table 1: time in role", "median years", "20"),
        ("6", "text", "Table 1: staff", "median years", "2"),
    )
    found = claims.audit_claims(said, cells, {})
    assert found["severity"].tolist() == ["agrees", "contradiction", "not checked"] * 2
    # The fifth and sixth of ten answers, the middle two, are of the first band: below the start of the second.
    assert found["computed"][3] == "0 to 3"


# --- published cells against respondents' rows


def test_published_cells_are_compared_with_counts_within_rounding():
    cells = item_cells(["item", "0-5", "6-10"], ["A", "12", "88"], ["B", "13", "5 (87)"])
    cells += item_cells(["item", *THREE], ["C", "10", "\N{EN DASH}", "90"])
    counts = pd.DataFrame(
        [["A", "0 to 5", 1, 8], ["A", "6 to 10", 7, 8], ["B", "0-5", 2, 8], ["C", "disagree", 0, 0], ["C", "neutral", 1, 9]],
        columns=["item", "band", "numerator", "denominator"],
    )  # fmt: skip
    found = compare_items(cells, counts)
    assert found["agrees"].to_list() == [True, True, False, pd.NA, pd.NA, pd.NA, pd.NA]
    assert found["computed_percent"].to_list()[:3] == [12.5, 87.5, 25.0]
    assert found["note"].tolist() == [
        "", "", "", "[not defined: no respondents' rows]", "[not defined: nobody answered]",
        "[not defined: no respondents' rows]", "[not defined: a dash can mean zero, not asked, or withheld]",
    ]  # fmt: skip


# --- live claims


def test_live_claims_hold_when_the_computed_value_rounds_to_the_written_one():
    values = {"mean coherence": 3.94, "n": 40, "alpha": float("nan"), "fits": "39, 40"}
    relations = make_relations(
        ("1", "mean coherence", "=", "3.9"),
        ("2", "mean coherence", "=", "3.93"),
        ("3", "n - 2", ">=", "38"),
        ("4", "n", "<", "40"),
        ("5", "alpha", "=", "0.7"),
        ("6", "omega", "=", "0.7"),
        ("7", "fits", "=", "40"),
    )
    found = claims.check_claims(relations, values)
    assert found["holds"].tolist() == [True, False, True, False, False, False, False]
    assert found["severity"].tolist()[4:] == ["not checked"] * 3
    assert found["finding"][5] == "omega = 0.7: no value named 'omega'."
