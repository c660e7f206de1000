"""How headings and cells of printed tables are read, compared with how a person reads them."""

import pandas as pd
import pytest
from click.testing import CliRunner

from helpers import cli
from helpers.audit import layout, rows, tables
from helpers.study import errors

BANDS = "10 in Disagree, 8.9% in Disagree, 26 in Neutral, 23.2% in Neutral, 76 in Agree, 67.9% in Agree"


def read(headings: str, cells: str, scale: tuple[int, int] = (1, 5)) -> tuple[list, list[str]]:
    """The rows of a table of one row; headings and cells parted by |."""
    table = pd.DataFrame([["Q", *cells.split(" | ")]], columns=["item", *headings.split(" | ")], dtype="str")
    return layout.read_rows(table, "T", scale)


@pytest.mark.parametrize(
    ("headings", "cells", "figures"),
    [
        ("Disagree n (%) | Neutral n (%) | Agree n (%)", "10 (8.9) | 26 (23.2) | 76 (67.9)", BANDS),
        ("Disagree | Neutral | Agree", "10 (8.9%) | 26 (23.2 %) | 76 [67.9]", BANDS),
        ("Disagree | Agree", "8.9 (10) | 91.1 (102)", "8.9% in Disagree, 10 in Disagree, 91.1% in Agree, 102 in Agree"),
        ("n | Disagree | Neutral | Agree", "112 | 10 | 26 | 76", "n of 112, 10 in Disagree, 26 in Neutral, 76 in Agree"),
        ("Disagree | Neutral | Agree", "9 | 23 | 68", "9% + 23% + 68% = 100%"),
        ("n Agree | % Agree", "76 | 67.9", "76 in Agree, 67.9% in Agree"),
        ("N (missing)", "112 (3)", "n of 112, 3 in missing"),
        ("Mean (SD)", "3.50 (0.72)", "the mean of 3.50, the SD of 0.72"),
        ("M ± SD", "3,50 ± 0,72", "the mean of 3,50, the SD of 0,72"),
        ("Mean", "3\N{MIDDLE DOT}5 ± 0\N{MIDDLE DOT}7", "the mean of 3.5, the SD of 0.7"),
        ("Mdn (IQR)", "4 (3\N{EN DASH}4)", "the median of 4, the lower quartile of 3, the upper quartile of 4"),
        ("Median [Q1, Q3]", "4 [3, 4]", "the median of 4, the lower quartile of 3, the upper quartile of 4"),
        ("Median (IQR)", "4 [3,4]", "the median of 4, the lower quartile of 3, the upper quartile of 4"),
        ("Median (IQR)", "3.5\N{NO-BREAK SPACE}(2.5 to 4.25)",
         "the median of 3.5, the lower quartile of 2.5, the upper quartile of 4.25"),
        ("Median", "4 (IQR 1)", "the median of 4, the interquartile range of 1"),
        ("Median (IQR)", "4 (1.0)", "the median of 4, the interquartile range of 1.0"),
        ("Median (range)", "4 (1\N{NON-BREAKING HYPHEN}5)", "the median of 4, the minimum of 1, the maximum of 5"),
        ("n | Median (IQR)", "1\N{THIN SPACE}024 | 4 (3; 5)",
         "n of 1\N{THIN SPACE}024, the median of 4, the lower quartile of 3, the upper quartile of 5"),
    ],
)  # fmt: skip
def test_the_common_layouts_are_read(headings, cells, figures):
    (row,), unread = read(headings, cells)
    assert rows.describe_row(row) == figures and not unread and not row.skipped


@pytest.mark.parametrize(
    ("names", "points"),
    [
        ("Disagree | Neutral | Agree", [(1, 2), (3, 3), (4, 5)]),
        ("Strongly agree | Agree | Neither agree nor disagree | Disagree | Strongly disagree",
         [(5, 5), (4, 4), (3, 3), (2, 2), (1, 1)]),
        ("Agree or strongly agree", [(4, 5)]),
        ("1 | 2 | 3 | 4 | 5", [(point, point) for point in range(1, 6)]),
        ("1-2 | 3 | 4/5", [(1, 2), (3, 3), (4, 5)]),
        ("Not at all or a little | Somewhat | Mostly or fully", [(1, 2), (3, 3), (4, 5)]),
        ("Never | Seldom | Now and then | Often | Always", [(point, point) for point in range(1, 6)]),
        ("Rarely | Often", []),
    ],
)  # fmt: skip
def test_categories_hold_points_of_the_scale_where_their_words_or_number_tell(names, points):
    assert list(layout.place_categories(names.split(" | "), (1, 5)).values()) == points


def test_what_is_not_read_is_named():
    (row,), unread = read("n | p | Mean (95% CI) | Cronbach's alpha | note", "40 | .03 | 3.5 (3.2-3.8) | .85 | see text")
    assert rows.describe_row(row) == "n of 40, the mean of 3.5"
    assert unread == ["p", "Cronbach's alpha", "note", "other figures under Mean (95% CI)"]
    table = pd.DataFrame({"item": ["Q"], "n": ["40"], "Mean": ["3.5 (0.7)"]}, dtype="str")
    found = tables.audit_table(table, "T", 40).set_index("id")
    assert found.loc["columns", "finding"] == "Not read: other figures under Mean."


def test_groups_side_by_side_are_refused():
    with pytest.raises(errors.WorkbookError, match=r"header: found Before mean \(SD\) and After mean \(SD\)"):
        read("Before n | Before mean (SD) | After n | After mean (SD)", "40 | 3.5 (0.7) | 38 | 3.9 (0.6)")
    with pytest.raises(errors.WorkbookError, match="row Q1: found percentages that add up to 200%"):
        verdict("Before yes | Before no | After yes | After no", "40 | 60 | 50 | 50")


def verdict(headings: str, *texts: str, most: int = 60, scale: tuple[int, int] = (1, 5)) -> pd.DataFrame:
    table = [[f"Q{place}", *cells.split(" | ")] for place, cells in enumerate(texts, 1)]
    return tables.audit_table(pd.DataFrame(table, columns=["item", *headings.split(" | ")], dtype="str"), "T", most, scale)


@pytest.mark.parametrize(
    ("headings", "cells", "words"),
    [
        # 56% or more of the answers are 1 or 2, so at most 44% lie above; the median is 1 or 2.
        ("n | Disagree % | Neutral % | Agree % | Median", "50 | 56 | 20 | 24 | 4",
         "The median of 4 and 56% in Disagree cannot be true together. Without the median of 4 the rest is possible."),
        ("n | Agree n (%)", "56 | 9 (12.1)",
         "12.1% in Agree and n of 56 cannot be true together: 6 of 56 is 10.71%, 7 of 56 is 12.50%."),
        ("n | Agree n (%)", "56 | 10 (16.1)",
         "16.1% in Agree, 10 in Agree and n of 56 cannot be true together: 10 of 56 is 17.9%."),
        ("n | Disagree n | Neutral n | Agree n", "20 | 5 | 5 | 11",
         "5 in Disagree, 5 in Neutral, 11 in Agree and n of 20 cannot be true together: the counts add up to 21."),
        ("n | Mean | Median", "20 | 5.30 | 4",
         "No answers on a scale of 1 to 5 give the mean of 5.30. Without the mean of 5.30 the rest is possible."),
        # The sum of 20 answers with a quartile of 4 or more at 16 of them is 16 x 4 + 4 at least.
        ("n | Mean | Q1 | Q3", "20 | 2.50 | 4 | 5", "The mean of 2.50 and the lower quartile of 4 cannot be true together."),
    ],
)  # fmt: skip
def test_the_fewest_figures_that_cannot_stand_together_are_named(headings, cells, words):
    found = verdict(headings, cells)
    assert found["severity"].tolist() == ["contradiction"] and found["finding"][0].startswith(words)


def test_what_a_table_leaves_open_is_settled_by_most_of_its_rows():
    # 20 answered and 5 did not: 25%, 25% and 50% of 20 are 20%, 20% and 40% of 25.
    rows_of_25 = ["20 (5) | 20.0 | 20.0 | 40.0", "15 (5) | 25.0 | 25.0 | 25.0"]
    found = verdict("n (missing) | Disagree % | Neutral % | Agree %", *rows_of_25).set_index("id")
    assert found["severity"].to_dict() == {"reading": "note", "Q1": "agrees", "Q2": "agrees"}
    assert "percentages are of people with them" in found.loc["reading", "finding"]
    # Nobody disagrees, and the means lie between 1 and 2: here 1 is to agree.
    reversed_rows = ["10 | 0 | 5 | 5 | 2.50", "10 | 0 | 2 | 8 | 1.80", "10 | 0 | 1 | 9 | 1.20", "10 | 0 | 4 | 6 | 2.00"]
    found = verdict("n | Disagree n | Neutral n | Agree n | Mean", *reversed_rows).set_index("id")
    assert "the averages use the scale in the other direction" in found.loc["reading", "finding"]
    assert set(found.drop("reading")["severity"]) == {"agrees"}


def severities(headings: str, *texts: str, most: int = 56) -> list[tuple[str, str]]:
    found = verdict(headings, *texts, most=most)
    return [(id_, severity) for id_, severity in zip(found["id"], found["severity"], strict=True) if severity != "note"]


def test_a_heading_with_its_own_n_is_a_group_of_people():
    # 20 of 30 is 66.7%, 18 of 26 is 69.2%, 10 of 30 is 33.3% and 5 of 26 is 19.2%; 43.3% of 30 are 13.
    headings = "Control (n=30) n (%) | Intervention (n = 26) n (%) | p"
    rows_of_two = ["20 (66.7) | 18 (69.2) | .8", "10 (33.3) | 5 (19.2) | .2", "10 (43.3) | 5 (19.2) | .2"]
    control, intervention = (
        [f"{group}: Q{place}" for place in (1, 2, 3)] for group in ("Control (n=30)", "Intervention (n = 26)")
    )
    agrees = dict.fromkeys([*control, *intervention], "agrees")
    assert dict(severities(headings, *rows_of_two)) == agrees | {control[2]: "contradiction"}
    # Percentages of rows and not of the n above them: 20 of 33 is 60.6%, 13 of 33 is 39.4%.
    found = severities(headings, "20 (60.6) | 13 (39.4) | .8", "10 (50.0) | 10 (50.0) | .2")
    assert {severity for _, severity in found} == {"not checked"}
    # A mean with its SD among counts: it is no count.
    found = severities(headings, "20 (66.7) | 18 (69.2) | .8", "45.2 (10.1) | 44.3 (9.8) | .9")
    assert {severity for id_, severity in found if id_.endswith("Q2")} == {"not checked"}


@pytest.mark.parametrize("headings", ["Control n (%) | Intervention n (%)", "North n (%) | Centre n (%) | South n (%)"])
def test_groups_without_an_n_are_not_accused(headings):
    texts = ["20 (66.7) | 18 (69.2) | 20 (50.0)", "10 (33.3) | 5 (19.2) | 10 (25.0)"]
    texts = [" | ".join(text.split(" | ")[: headings.count("|") + 1]) for text in texts]
    found = verdict(headings, *texts, most=120)
    assert found["severity"].tolist() == ["not checked"] * 2 and "groups side by side" in found["finding"][0]


def test_rows_that_are_no_items_are_not_held_against_the_scale():
    # 3.61 x 56 x 4 = 808.64, and 809 / 224 = 3.6116; a mean of 3.61 of one item would be 202.16 of 56.
    texts = [["Age (years)", "45.2 (10.1)", "44 (38-52)"], ["Overall scale (4 items)", "3.61 (0.72)", "3.75 (3.25-4.00)"],
             ["Overall scale", "3.62 (0.72)", "3.75 (3.25-4.00)"], ["Q9", "5.30 (0.70)", "4 (3-4)"]]  # fmt: skip
    table = pd.DataFrame(texts, columns=["Item", "Mean (SD)", "Median (IQR)"]).assign(n="56")
    found = tables.audit_table(table, "T", 56).set_index("id")
    assert found["severity"].to_dict() == {
        "Age (years)": "not checked", "Overall scale (4 items)": "agrees", "Overall scale": "not checked",
        "Q9": "contradiction",
    }  # fmt: skip
    assert found.loc["Age (years)", "finding"] == "Outside the scale 1 to 5."
    assert found.loc["Overall scale", "finding"] == "A score of several items; give their number in a column items."


LIKERT = "Strongly agree | Agree | Neutral | Disagree | Strongly disagree | Mean"


@pytest.mark.parametrize(
    ("headings", "texts", "severity"),
    [
        # (10 x 1 + 20 x 2 + 10 x 3 + 10 x 4 + 6 x 5) / 56 = 150 / 56 = 2.68, counted in the order of the headings.
        (LIKERT, ["10 | 20 | 10 | 10 | 6 | 2.68"], "agrees"),
        (LIKERT, ["10 | 20 | 10 | 10 | 5 | 2.64", "10 | 20 | 10 | 9 | 5 | 2.61"], "agrees"),
        (LIKERT, ["10 | 20 | 10 | 10 | 6 | 2.98"], "contradiction"),
        # 20% + 20% + 60% of 56 or fewer, with a median of 3; and 103 points in all: neither.
        ("Disagree | Neutral | Agree | Median", ["20 | 20 | 60 | 3"], "contradiction"),
        ("Disagree | Neutral | Agree", ["20 | 30 | 53"], "not checked"),
        ("n | Agree", ["56 | 40"], "not checked"),
        ("Control | Intervention", ["20 | 18", "10 | 5"], "not checked"),
        ("Control | Intervention", ["3.5 | 4.1"], "not checked"),
        ("Control | Intervention", ["67 | 69"], "not checked"),
    ],
)
def test_figures_without_a_sign_are_what_their_sums_say_they_are(headings, texts, severity):
    assert {found for _, found in severities(headings, *texts)} == {severity}


@pytest.mark.parametrize("heading", ["N valid", "n answered", "Answered", "Valid n"])
def test_the_missing_are_not_in_an_n_that_is_headed_as_valid(heading):
    # 190 / 54 = 3.5185; with that sum the SD is 1.94 for no answers of 1 to 5, and a least answer of 0 is none.
    texts = [f"54 | 2 | 3.52 | {sd} | {least} | 5" for sd, least in (("1.04", 1), ("1.94", 1), ("1.04", 0))]
    found = verdict(f"{heading} | N missing | M | SD | Min | Max", *texts, most=56).set_index("id")
    assert found["severity"].to_dict() == {"Q1": "agrees", "Q2": "contradiction", "Q3": "contradiction"}


def test_a_scale_of_many_points_is_searched_too():
    # By hand: nine answers of 10 and one of 0 have mean 9.00 and SD 3.16; with mean 9.00 no SD of whole answers is larger.
    assert verdict("n | Mean (SD)", "10 | 9.00 (3.16)", scale=(0, 10))["severity"].tolist() == ["agrees"]
    assert verdict("n | Mean (SD)", "10 | 9.00 (3.30)", scale=(0, 10))["severity"].tolist() == ["contradiction"]


def test_counts_that_rows_leave_open_are_listed():
    # By hand: two answers with mean 3.0 are 3 and 3, 2 and 4, or 1 and 5; with SD 1.41 (the root of 2) they are 2 and 4.
    table = pd.DataFrame({"item": ["Q", "R"], "n": ["2", "2"], "Mean": ["3.0", "3.0"], "SD": ["", "1.41"]})
    found = tables.list_table_counts(table, "T", 2).set_index(["item", "category"])
    assert found.loc["Q", "least"].tolist() == [0] * 5 and found.loc["Q", "most"].tolist() == [1, 1, 2, 1, 1]
    assert found.loc["R", "least"].tolist() == found.loc["R", "most"].tolist() == [0, 1, 0, 1, 0]


def test_the_command_writes_counts_and_refuses_what_is_no_scale(tmp_path):
    (tmp_path / "t.csv").write_text("item,n,Agree n (%)\nQ,40,10 (25.0)\n", encoding="utf-8")

    def run(*options):
        return CliRunner().invoke(cli.workbook, ["audit", str(tmp_path / "t.csv"), "-n", "40", *options], standalone_mode=False)

    done = run("--counts", str(tmp_path / "c.csv"))
    assert done.output.splitlines()[:2] == [
        "AGREES         Q: 40 people can give all of these figures together.",
        "1 check, 0 with a question for the authors.",
    ]
    assert pd.read_csv(tmp_path / "c.csv").to_dict("list") == {
        "item": ["Q"], "n": [40], "category": ["Agree"], "least": [10], "most": [10],
    }  # fmt: skip
    for scale in ("5", "1-2", "5-1"):
        assert "--scale: found" in str(run("--scale", scale).exception)
    assert "create the folder, or correct the path after --counts" in str(
        run("--counts", str(tmp_path / "no" / "c.csv")).exception
    )
