"""What published figures can be true: percentages of an unknown n, panels, means, and figures that cannot be read."""

import itertools
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import cli
from helpers.audit import figures, layout, rows, tables
from helpers.audit.cells import audit_panels
from helpers.audit.search import Printed, Reading, Row
from helpers.study import errors, sheets

PUBLISHED = Path(__file__).parents[2] / "data" / "lvrn_2024" / "published"
BANDS = ["low_or_disagree", "neutral", "high_or_agree", "not_relevant"]


def table_of(*texts: list[str]) -> pd.DataFrame:
    return pd.DataFrame(texts, columns=["item", *[f"band {place}" for place in range(1, len(texts[0]))]], dtype="str")


def row_of(*texts: str) -> Row:
    others = [[name, "100", *["0"] * (len(texts) - 1)] for name in "RS"]
    return layout.read_rows(table_of(["Q", *texts], *others), "a table", (1, 5))[0][0]


def feasible(*texts: str, n_max: int = 48) -> list[int]:
    return rows.find_feasible_n(row_of(*texts), range(1, n_max + 1))


def verdicts_of(texts: list[list[str]], n_max: int = 48) -> pd.DataFrame:
    return tables.audit_table(table_of(*texts), "a table", n_max)


@pytest.fixture(scope="module")
def published_items() -> pd.DataFrame:
    return tables.audit_table(sheets.read_table(PUBLISHED / "table5_items.csv"), "Table 5", 48).set_index("id")


# --- reading figures


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("26", "percentage", "26"),
        ("26.", "percentage", "26"),
        ("2 %", "percentage", "2"),
        ("12,5", "percentage", "12.5"),
        ("2.50", "percentage", "2.50"),
        (" 7\N{NO-BREAK SPACE}%", "percentage", "7"),
        ("100.0", "percentage", "100.0"),
        ("3,000", "count", "3000"),
        ("\N{MINUS SIGN}1.5", "number", "-1.5"),
        (26, "percentage", "26"),
    ],
)
def test_a_figure_whose_meaning_is_certain_is_read_with_its_decimals(text, kind, value):
    assert str(figures.parse_figure(text, kind).value) == value


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("", "percentage", "blank"),
        (None, "percentage", "blank"),
        ("\N{EN DASH}", "percentage", "a dash can mean zero"),
        ("<1", "percentage", "a bound"),
        ("~25", "percentage", "a bound"),
        ("-3", "percentage", "cannot be negative"),
        ("\N{MINUS SIGN}3%", "percentage", "cannot be negative"),
        ("101", "percentage", "101% cannot be a share of respondents, because it is more than 100%"),
        ("N/A", "percentage", "not given"),
        ("12,345", "percentage", "cannot be read with certainty"),
        ("26*", "percentage", "cannot be read with certainty"),
        ("5 (12%)", "percentage", "cannot be read with certainty"),
        ("2.5", "count", "a whole number"),
        ("-3", "count", "a count cannot be negative"),
        ("1e2", "number", "cannot be read with certainty"),
    ],
)
def test_a_figure_whose_meaning_is_not_certain_is_skipped_with_its_reason(text, kind, reason):
    figure = figures.parse_figure(text, kind)
    assert figure.value is None and reason in figure.reason


def test_numbers_that_have_lost_their_trailing_zeros_are_refused():
    table = pd.DataFrame({"item": ["A"], "yes": [50.0], "no": [50.0]})
    with pytest.raises(errors.WorkbookError, match="column yes: found numbers; expected text as printed"):
        tables.audit_table(table, "a table", 48)


def test_a_column_that_a_table_lacks_is_told_with_those_it_has():
    with pytest.raises(errors.WorkbookError, match="header: found item, yes; expected a column 'no'"):
        figures.check_text(pd.DataFrame({"item": ["A"], "yes": ["50"]}), ["item", "yes", "no"], "a table")


def test_numbers_are_described_in_runs():
    assert figures.describe_numbers([48, 39, 42, 40, 41, 50, 51]) == "39 to 42, 48, 50, 51"
    assert figures.describe_numbers([]) == "none"


# --- percentages of an unknown n


def test_each_half_may_have_been_rounded_either_way():
    # 1 of 8 is 12.5% and 7 of 8 is 87.5%.
    for pair in itertools.product(["12", "13"], ["87", "88"]):
        assert 8 in feasible(*pair)
    assert 8 not in feasible("12", "89")


def test_trailing_zeros_narrow_the_feasible_set():
    assert feasible("33", "67", n_max=20) == [3, 6, 9, 12, 15, 18]
    assert feasible("33.33", "66.67", n_max=20) == [3, 6, 9, 12, 15, 18]
    assert feasible("33.0", "67.0", n_max=102) == [88, 91, 94, 97, 100]


@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(0, 1)), min_size=2, max_size=3),
    st.integers(1, 30),
)
@settings(max_examples=150, deadline=None)
def test_the_feasible_set_is_what_trying_every_count_finds(cells, n):
    values = [Fraction(value if decimals == 0 else min(value * 10 + 3, 1000), 10**decimals) for value, decimals in cells]
    units = [Fraction(1, 10**decimals) for _, decimals in cells]
    texts = [f"{float(value):.{decimals}f}" for value, (_, decimals) in zip(values, cells, strict=True)]
    fitting = [
        [count for count in range(n + 1) if abs(Fraction(100 * count, n) - value) <= unit / 2]
        for value, unit in zip(values, units, strict=True)
    ]
    by_trial = any(sum(counts) == n for counts in itertools.product(*fitting))
    assert (n in feasible(*texts, n_max=30)) == by_trial


@given(st.lists(st.integers(0, 60), min_size=2, max_size=5).filter(any), st.integers(0, 2), st.integers(0, 31))
@settings(deadline=None)
def test_the_true_n_and_its_double_always_fit(counts, decimals, ups):
    n, scale = sum(counts), 10**decimals
    texts = []
    for place, count in enumerate(counts):
        double, rest = divmod(200 * count * scale, n)
        up = double % 2 and (rest > 0 or ups >> place & 1)
        texts.append(f"{(double // 2 + bool(up)) / scale:.{decimals}f}")
    assert {n, 2 * n} <= set(feasible(*texts, n_max=2 * n))


@given(st.permutations(["24", "28", "48", "2"]))
def test_the_order_of_the_categories_does_not_matter(texts):
    assert feasible(*texts, n_max=200) == feasible("24", "28", "48", "2", n_max=200)


def test_a_blank_category_leaves_a_row_complete_only_when_the_rest_reaches_100():
    assert feasible("17", "", "83") == feasible("17", "83")
    found = verdicts_of([["Q", "30", "", "40"], ["R", "30", "30", "40"]]).set_index("id")
    assert found.loc["Q", "severity"].tolist() == ["not checked", "question"]
    assert found.loc["Q", "finding"].iloc[0] == "band 2: blank."
    assert (
        "30% + 40% = 70% fits" in found.loc["Q", "finding"].iloc[1]
        and "It is 29 points further below 100%" in found.loc["Q", "finding"].iloc[1]
    )


def test_a_row_with_one_figure_is_printed_without_a_sum():
    assert [rows.describe_row(row_of(*texts)) for texts in (["40", "<5"], ["40", "60"])] == ["40%", "40% + 60% = 100%"]


def test_a_dash_leaves_room_for_respondents_and_a_blank_does_not():
    # 49 and 50 of 100 leave one respondent.
    assert 100 in feasible("49", "50", "\N{EN DASH}", n_max=100)
    assert 100 not in feasible("49", "50", "", n_max=100)


def test_a_figure_that_cannot_be_read_is_named_and_the_rest_still_checked():
    found = verdicts_of([["Q", "<1", "50", "50"], ["R", "110", "60", "60"], ["S", "", "", ""]])
    skipped = found[found["severity"] == "not checked"]
    assert skipped[["id", "printed"]].values.tolist() == [["Q", "<1"], ["S", ""]]
    assert found["finding"].str.startswith("No number of people up to 48 gives 60% + 60% = 120%.").sum() == 1


def test_repeated_rows_are_checked_once_and_differing_ones_not_at_all():
    found = verdicts_of([["Q", "50", "50"], ["Q", "50", "50"], ["R", "40", "60"], ["R", "60", "40"]])
    assert found[["id", "severity"]].values.tolist() == [
        ["Q", "note"],
        ["R", "contradiction"],
        ["Q", "agrees"],
    ]


def test_a_total_beyond_rounding_is_said_to_be_so():
    finding = verdicts_of([["Q", "50", "48"]]).iloc[0]
    assert finding["severity"] == "contradiction"
    assert finding["finding"].startswith("No number of people up to 48 gives 50% + 48% = 98%.")
    assert " 1 point further from 100% than rounding explains. If " in finding["finding"]


@pytest.mark.parametrize("text", ["120", "120%", "-5"])
def test_a_percentage_outside_0_to_100_is_a_contradiction_in_itself(text):
    found = verdicts_of([["Q", text, "30"]])
    assert found["severity"].tolist() == ["contradiction", "note"]
    assert found["finding"][0].startswith(f"band 1: {text.removesuffix('%')}% cannot be a share of respondents")


def test_a_row_with_a_skipped_cell_is_open_and_not_contradictory_when_it_falls_short():
    found = verdicts_of([["Q", "40", "<5", "n/a"]])
    assert found["severity"].tolist() == ["not checked", "not checked", "note"]
    assert found["finding"].str.startswith(("band 2: a bound", "band 3: not given")).sum() == 2
    assert found["finding"][2].endswith("59.5 points further below 100% than rounding explains. The figures that we"
                                        " could not read may explain this.")  # fmt: skip


def test_a_row_without_a_name_is_named_by_its_number():
    found = verdicts_of([["Q", "50", "50"], ["", "50", "48"], [None, "40", "60"]])
    assert found["id"].tolist() == ["Q", "row 3", "row 4", "all rows"]
    means = pd.DataFrame({"scale": ["", "P"], "mean": ["2.5", "2.5"], "n": ["2", "2"]})
    assert tables.audit_table(means, "T", 48)["id"].tolist() == ["row 2", "P"]
    counts = pd.DataFrame({"panel": ["P", "P", ""], "category": ["a", "b", "c"], "people": ["1", "2", "3"]})
    assert audit_panels(counts, "T", {})["id"].tolist() == ["row 4", "P"]


def test_a_block_in_which_no_row_fits_any_number_gets_no_verdict():
    assert verdicts_of([["Q", "50", "60"], ["R", "50", "70"]])["id"].tolist() == ["Q", "R"]


def test_rows_that_share_no_number_are_said_to_be_so_and_none_of_them_is_blamed():
    # By hand, up to 10: Q fits 3, 6, 9; R 4, 8; S 5, 10; T 7.
    found = verdicts_of([["Q", "33", "67"], ["R", "25", "75"], ["S", "20", "80"], ["T", "14", "86"]], 10)
    assert found["severity"].tolist() == ["agrees"] * 4 + ["question"]
    assert found["finding"][4] == (
        "No number of people up to 10 fits more than 1 of 4 rows. Did different numbers of people answer them?"
    )


def test_blocks_without_a_shared_number_are_left_out_of_the_verdict_on_the_whole_table():
    texts = [["Q", "33", "67", "A"], ["R", "33", "67", "A"], ["S", "50", "60", "B"], ["T", "50", "50", "B"]]
    table = pd.DataFrame(texts, columns=["item", "yes", "no", "section"], dtype="str")
    assert tables.audit_table(table, "T", 12)["id"].tolist() == ["Q", "R", "section A", "S", "T"]


def test_proportions_are_told_from_percentages():
    with pytest.raises(errors.WorkbookError, match=r"look like proportions \(0.40 \+ 0.60 = 1.00\)"):
        verdicts_of([["Q", "0.40", "0.60"], ["R", "0.33", "0.68"], ["S", "1", "0"]])
    verdicts_of([["Q", "0.4", "99.6"], ["R", "0.4", "0.6"]])
    verdicts_of([["Q", "1", "0"]])


def test_a_change_of_one_figure_comes_before_the_same_change_of_two():
    # 52% and 47% are 21 and 19 of 40, each half rounded down; 51% and 48% would need 103 and 97 of 200.
    assert rows.describe_least_change(row_of("50", "47"), range(1, 201)) in {
        " If 50% were 52%, 40 or 200 people would fit (21 + 19 of 40).",
        " If 47% were 49%, 200 people would fit (101 + 99 of 200).",
    }


def test_a_row_too_far_from_any_solution_gets_no_proposal():
    assert rows.describe_least_change(row_of("50", "60"), range(1, 49)) == ""


# --- the first study's Table 5


def test_lvrn_section_a_rests_on_42_answers_and_the_other_sections_on_40(published_items):
    assert published_items.loc["scale 0-10", "finding"] == "3 of 3 rows fit 42 people."
    assert published_items.loc["scale agree-5", "finding"] == "22 of 24 rows fit 40 people. Why not the others?"
    assert published_items.loc["whole table", ["severity", "finding"]].tolist() == [
        "question",
        "Scale 0-10: 42 people; scale agree-5: 40 people. No number fits all of them. Did fewer people answer some?",
    ]


def test_lvrn_c1_has_no_solution_and_is_one_point_from_40(published_items):
    assert published_items.loc["C1", ["severity", "finding"]].tolist() == [
        "contradiction",
        "No number of people up to 48 gives 24% + 28% + 48% + 2% = 102%."
        " If 24% were 23%, 40 people would fit (9 + 11 + 19 + 1 of 40). Is a figure misprinted?",
    ]


def test_lvrn_d6_fits_39_but_not_the_40_of_its_block(published_items):
    assert published_items.loc["D6", ["severity", "computed"]].tolist() == ["question", "13, 26, 35, 39, 48"]
    assert published_items.loc["D6", "finding"] == (
        "23% + 23% + 54% = 100% fits 13, 26, 35, 39 or 48 people. Most other rows fit 40. With 39, 1 of 40 would have"
        " skipped it. If 54% were 55%, 40 people would fit (9 + 9 + 22 of 40). Which is true?"
    )


def test_lvrn_has_no_other_row_at_odds_with_its_block(published_items):
    at_odds = published_items.index[published_items["severity"].isin(["contradiction", "question"])]
    assert sorted(at_odds) == ["C1", "D6", "scale agree-5", "whole table"]


# --- panels


def test_panels_that_differ_from_each_other_and_from_the_text_are_questions():
    counts = sheets.read_table(PUBLISHED / "table4_respondents.csv", ["panel"])
    found = audit_panels(counts, "Table 4", {"responses received": 48})
    assert found["severity"].tolist() == ["question", "question"]
    assert found["finding"].tolist() == [
        "The categories add up to 41: 1 fewer than “Length of employment” (42) and 7 fewer than “responses received” (48)."
        " Who is left out, or counted twice?",
        "The categories add up to 42: 6 fewer than “responses received” (48). Who is left out, or counted twice?",
    ]
    assert found["printed"][0] == "1 + 2 + 1 + 12 + 2 + 2 + 2 + 8 + 2 + 9"


def test_a_panel_that_adds_up_to_more_than_the_text_is_a_contradiction():
    counts = pd.DataFrame({"panel": ["P", "P"], "category": ["a", "b"], "people": ["30", "20"]})
    found = audit_panels(counts, "T", {"text": 48, "more": 60})
    assert found["severity"].tolist() == ["contradiction"]
    assert found["finding"][0].startswith("The categories add up to 50: 2 more than “text” (48) and 10 fewer than “more” (60).")
    assert audit_panels(counts, "T", {"text": 50})["severity"].tolist() == ["agrees"]


def test_a_panel_with_an_unreadable_count_is_not_checked():
    counts = pd.DataFrame({"panel": ["P", "P", "L"], "category": ["a", "b", "c"], "people": ["30", "<5", "3"]})
    found = audit_panels(counts, "T", {"text": 48})
    assert found["severity"].tolist() == ["not checked", "not checked"]
    assert "'<5': a bound" in found["finding"][0] and "no total" in found["finding"][1]


# --- GRIM and GRIMMER


def possible(n: int, ends: tuple[int, int], **printed: str) -> bool:
    """Whether whole-number answers give these figures, on a scale with ends too far away to matter."""
    figures_of = [Printed(kind, figures.parse_figure(text, "number")) for kind, text in {"n": str(n), **printed}.items()]
    return rows.exists(Row("Q", tuple(figures_of), scale=ends), figures_of, n, Reading())


def grim(mean: str, n: int, items: int = 1) -> bool:
    return possible(n, (0, 8), mean=mean, items=str(items))


def grimmer(mean: str, sd: str, n: int) -> bool:
    return possible(n, (-6, 21), mean=mean, sd=sd)


def test_grim_agrees_with_its_paper():
    # Brown & Heathers 2017: with n = 28 the mean can be 5.18 (145 / 28) or 5.21 (146 / 28), not 5.19.
    assert [grim(mean, 28) for mean in ["5.18", "5.19", "5.21"]] == [True, False, True]


def test_grim_agrees_with_the_r_package_scrutiny():
    # R package scrutiny, data set pigs1 and the consistency that its tests/testthat/test-grim-map.R expects.
    means = ["7.22", "4.74", "5.23", "2.57", "6.77", "2.68", "7.01", "7.38", "3.14", "6.89", "5.00", "0.24"]
    sizes = [32, 25, 29, 24, 27, 28, 29, 26, 27, 31, 25, 28]
    expected = [bool(int(digit)) for digit in "100001010010"]
    assert [grim(mean, n) for mean, n in zip(means, sizes, strict=True)] == expected
    # The same file, n = 40 and 80, halves up or down.
    assert [grim(mean, 40) for mean in means] == [bool(int(digit)) for digit in "101111010010"]
    assert all(grim(mean, 80) for mean in means)
    # The same file, two items averaged: six of the means are consistent.
    assert sum(grim(mean, n, 2) for mean, n in zip(means, sizes, strict=True)) == 6


def test_grimmer_agrees_with_the_r_packages_scrutiny_and_rsprite2():
    # R package scrutiny, data set pigs5 and what its tests/testthat/test-grimmer-map.R expects.
    means = ["7.22", "4.74", "5.23", "2.57", "6.77", "2.68", "7.01", "7.38", "3.14", "6.89", "5.00", "0.24"]
    sds = ["5.30", "6.55", "2.55", "2.57", "2.18", "2.59", "6.68", "3.65", "5.32", "4.18", "2.18", "6.43"]
    sizes = [38, 31, 35, 30, 33, 34, 35, 32, 33, 37, 31, 34]
    expected = [bool(int(digit)) for digit in "010101010111"]
    assert [grimmer(*case) for case in zip(means, sds, sizes, strict=True)] == expected
    # R package rsprite2, the examples of its tests; and R 4.2.2 with the function aGrimmer of Allard 2018:
    # aGrimmer(28, 5.21, 1.60); aGrimmer(18, 3.44, 2.47) (test 3); aGrimmer(40, 1.03, 0.41) (test 2).
    assert grimmer("5.21", "1.60", 28)
    assert not grimmer("3.44", "2.47", 18)
    assert not grimmer("1.03", "0.41", 40)


@given(st.lists(st.integers(0, 7), min_size=2, max_size=40))
@settings(deadline=None)
def test_the_mean_and_sd_of_whole_numbers_always_pass(answers):
    series = pd.Series(answers)
    table = pd.DataFrame({"item": ["Q"], "mean": [f"{series.mean():.2f}"], "sd": [f"{series.std():.2f}"]})
    assert tables.audit_table(table.assign(n=str(len(answers))), "T", 48, (0, 7))["severity"].tolist() == ["agrees"]


def test_means_are_judged_in_words():
    table = pd.DataFrame(
        [["a", "5.19", "", "28", "1"], ["b", "3.44", "2.47", "18", "1"], ["c", "3.5", "1", "2", "1"],
         ["d", "5.19", "1.0", "7", "4"], ["e", "5.19", "", "many", "1"]],
        columns=["item", "mean", "sd", "n", "items"],
    )  # fmt: skip
    found = tables.audit_table(table, "T", 999, (0, 10)).set_index("id")
    assert found.loc[list("abcd"), "severity"].tolist() == ["contradiction", "contradiction", "agrees", "contradiction"]
    assert found.loc["e", "severity"].tolist() == ["not checked", "not checked"]
    assert found.loc["a", "finding"] == (
        "Whole-number answers give 145 / 28 = 5.1786 or 146 / 28 = 5.2143, not 5.19. Which is correct?"
    )
    assert found.loc["b", "finding"] == (
        "The mean of 3.44, the SD of 2.47 and n of 18 cannot be true together: a sum of 62 gives the mean, and no whole-number"
        " answers give the SD with it. Which is correct?"
    )


def test_a_row_of_more_people_than_responded_is_a_contradiction():
    table = pd.DataFrame({"scale": ["P", "Q"], "mean": ["2.5", ""], "n": ["50", "48"]})
    found = tables.audit_table(table, "T", 48).set_index("id")
    assert found["severity"].to_dict() == {"P": "contradiction", "Q": "not checked"}
    assert found.loc["P", "finding"] == "n is 50, more than the 48 people who responded. Which is correct?"


def test_a_cell_without_which_a_mean_is_not_checked_is_named():
    columns, texts = (
        ["item", "mean", "sd", "n"],
        [["P", "", "", "9"], ["Q", "2", "1", ""], ["R", "2", "1", "0"], ["S", "2", "<1", "9"]],
    )
    found = tables.audit_table(pd.DataFrame(texts, columns=columns), "T", 999)
    assert found[["id", "severity", "finding"]].values.tolist() == [
        ["P", "not checked", "We cannot read any of its figures."],
        ["Q", "not checked", "n: blank."],
        ["S", "not checked", "sd: a bound or an approximation, not a figure."],
        ["Q", "not checked", "No n, so we know only that the scale allows these figures."],
        ["R", "contradiction", "n is 0, but there is the mean of 2. Which is correct?"],
        ["S", "agrees", "9 people can give all of these figures together."],
    ]


# --- any table


def test_a_table_is_audited_by_its_columns():
    items = sheets.read_table(PUBLISHED / "table5_items.csv", ["item"])
    found = tables.audit_table(items, "table5_items.csv", 48)
    assert found.set_index("id").loc["C1", "severity"] == "contradiction"
    panels = sheets.read_table(PUBLISHED / "table3_participants.csv", ["panel"])
    assert tables.audit_table(panels, "table3", 10)["severity"].tolist() == ["not checked", "agrees", "agrees"]
    means = pd.DataFrame({"scale": ["Q"], "mean": ["3.19"], "n": ["28"]})
    assert tables.audit_table(means, "means", 48)["severity"].tolist() == ["contradiction"]


@pytest.mark.parametrize("name", ["n", "N", "total", "Total", "base", "all", "ALL"])
def test_a_column_of_totals_is_not_taken_for_percentages(name):
    table = pd.DataFrame({"item": ["Q"], "yes": ["40"], "no": ["60"], name: ["40"]})
    found = tables.audit_table(table, "items.csv", 50).set_index("id")
    assert found.loc["Q", "finding"] == "40 people can give all of these figures together."


def test_a_column_of_what_percentages_add_up_to_is_no_number_of_people():
    table = pd.DataFrame({"item": ["Q"], "yes": ["40"], "no": ["60"], "total": ["100"]})
    found = tables.audit_table(table, "items.csv", 50).set_index("id")
    assert found.loc["Q", "printed"] == "40% + 60% = 100%" and found.loc["columns", "finding"] == "Not read: total."


def test_a_column_of_text_is_not_taken_for_percentages():
    table = pd.DataFrame({"item": ["Q", "R"], "topic": ["3 words", "b"], "yes": ["40", "50"], "no": ["60", "50"]})
    found = tables.audit_table(table, "items.csv", 50).set_index("id")
    assert found.loc[["Q", "R"], "severity"].tolist() == ["agrees", "agrees"]
    assert found.loc["columns", "finding"] == "Not read: topic."


@pytest.mark.parametrize(
    "texts", [["<5", "n/a", "4"], ["few", "about 4", "4"], ["<5", "*", "\N{EN DASH}"], ["n/a", "N/A", "n/a"]]
)
def test_every_cell_that_cannot_be_read_is_named_however_many_there_are(texts):
    table = pd.DataFrame({"item": ["Q", "R", "S"], "yes": ["40", "40", "40"], "no": ["56", "56", "56"], "other": texts})
    found = tables.audit_table(table, "items.csv", 100)
    skipped = found[found["severity"] == "not checked"]
    unreadable = [text for text in texts if text != "4"]
    assert skipped["printed"].tolist() == unreadable and skipped["finding"].str.startswith("other: ").all()
    assert "contradiction" not in set(found["severity"])


def test_a_table_with_scales_is_audited_scale_by_scale_as_in_the_notebook(published_items):
    items = sheets.read_table(PUBLISHED / "table5_items.csv", ["item"])
    found = tables.audit_table(items, "table5_items.csv", 48).set_index("id")
    rows = items["item"]
    pd.testing.assert_frame_equal(found.loc[rows].drop(columns="where"), published_items.loc[rows].drop(columns="where"))
    assert found.loc["scale 0-10", "finding"] == "3 of 3 rows fit 42 people."
    by_section = tables.audit_table(items.drop(columns="scale"), "table5_items.csv", 48)
    assert {"section A", "section F"} <= set(by_section["id"])


def test_columns_of_means_are_known_in_capitals():
    table = pd.DataFrame({"Scale": ["Q"], "Mean": ["3.19"], "SD": ["1"], "N": ["28"]})
    assert tables.audit_table(table, "means.csv", 48)["severity"].tolist() == ["contradiction"]


@pytest.mark.parametrize(("rows", "found"), [([["a", "words"]], "found the columns item, label"), ([], "found no rows")])
def test_a_table_without_figures_is_refused_with_the_layouts_that_are_read(rows, found):
    table = pd.DataFrame(rows, columns=["item", "label"], dtype="str")
    with pytest.raises(errors.WorkbookError, match=found) as refused:
        tables.audit_table(table, "labels.csv", 48)
    for named in ("n (%)", "Mean (SD)", "`panel`"):
        assert named in str(refused.value)
    assert "README" not in str(refused.value)


# --- the command


def run_audit(*arguments: object) -> Result:
    return CliRunner().invoke(cli.workbook, ["audit", *map(str, arguments), "-n", "48"], standalone_mode=False)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            None,
            "found no such file; expected a file. To fix it: correct the path, or put the file there.",
        ),
        (b"\x89PNG\r\n\x1a\n\x00", "line 1: found the byte 0x89, which is not UTF-8"),
        (b"PK\x03\x04\x00\xff", "expected a whole zip archive"),
        (b"item;yes;no\nQ;12,5;87,5\nR;50;50\n", "found columns separated by semicolons"),
        (b"item,yes,no\nQ,12,5,88\n", "row 2: found 4 cells; expected 3, as in the header"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_words_that_fit_a_typed_path(tmp_path, content, message):
    path = tmp_path / "typed.csv"
    if content is not None:
        path.write_bytes(content)
    refused = run_audit(path).exception
    assert isinstance(refused, errors.WorkbookError) and message in str(refused)
    assert "study's folder" not in str(refused)


def test_a_folder_is_refused_as_a_folder(tmp_path):
    assert "found a folder; expected a file. To fix it: correct the path, or put the file there." in str(
        run_audit(tmp_path).exception
    )


def test_findings_that_cannot_be_written_are_one_message(tmp_path):
    refused = run_audit(PUBLISHED / "table5_items.csv", "--csv", tmp_path / "nodir" / "x.csv").exception
    assert isinstance(refused, errors.WorkbookError) and "create the folder" in str(refused)
    written = run_audit(PUBLISHED / "table5_items.csv", "--csv", tmp_path / "x.csv")
    assert written.exception is None and (tmp_path / "x.csv").is_file()
