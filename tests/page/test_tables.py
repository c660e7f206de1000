"""The list of columns, and tidy frames laid out as tables to read."""

import pandas as pd
import pytest

from helpers.page.tables import KINDS, lay_out, read_columns, trim_rows, write_cell
from helpers.study import reading

NONE = float("nan")


@pytest.fixture
def study(project):
    return reading.read_study("tiny")


def cells_of(frame, study, **options):
    return lay_out(pd.DataFrame(frame), study, **options).to_dict("list")


# --- the list of columns


def test_every_column_of_the_list_has_a_name_of_its_own_and_a_known_kind():
    columns = read_columns()
    assert columns.index.is_unique
    assert columns.index.str.fullmatch(r"[a-z][a-z0-9_]*").all()
    assert set(columns["kind"]) <= set(KINDS)


def test_every_column_of_the_list_has_a_label_and_a_meaning():
    columns = read_columns()
    assert columns["label"].str.strip().ne("").all() and columns["meaning"].str.strip().ne("").all()
    # A meaning is a phrase, which the data dictionary sets in a row of its own.
    assert not columns["meaning"].str.endswith(".").any()


def test_every_interval_of_the_list_is_two_columns_of_the_list():
    columns = read_columns()
    for name, ends in columns["interval"][columns["interval"] != ""].str.split().items():
        assert len(ends) == 2 and set(ends) <= set(columns.index), name
        assert columns["kind"][name].startswith(("number", "percent")), name


# --- one cell


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        ("North", "text", "North"), ("", "text", "–"), (None, "text", "[none]"), (2030, "text", "2030"), (2.5, "text", "2.5"),
        ("sense", "construct", "Sense"), ("A1", "item", "A1 Sees the point"), ("Z9", "item", "Z9"),
        (True, "yes_no", "yes"), (False, "yes_no", "no"), (pd.NA, "yes_no", "[none]"),
        (31, "count", "31"), (31.0, "count", "31"), (1234567, "count", "1,234,567"), (-3, "count", "−3"),
        (NONE, "count", "[none]"), (77.5, "percent", "78%"), (0.0, "percent", "0%"), (NONE, "percent", "[none]"),
        (1.64, "percent1", "1.6%"), (-0.314, "number", "−0.31"), (NONE, "number", "[not defined]"), (3.26, "number1", "3.3"),
        (0.0004, "p", "< .001"), (0.05, "p", ".050"), (NONE, "p", "[not defined]"),
    ],
)  # fmt: skip
def test_a_cell_is_written_by_the_kind_of_its_column(study, value, kind, text):
    assert write_cell(value, kind, study) == text


def test_every_kind_is_written(study):
    values = {"text": "x", "construct": "sense", "item": "A1"}
    assert all(write_cell(values.get(kind, 1), kind, study) for kind in KINDS)


# --- cells that belong together

COUNTS = {"numerator": [31, 0, 0], "denominator": [40, 40, 0]}
SHARES = {"share": [77.5, 0.0, NONE], "low": [62.497, 0.0, NONE], "high": [87.68, 8.762, NONE]}


def test_a_count_stands_with_its_denominator_share_and_interval(study):
    assert cells_of(COUNTS | SHARES, study) == {
        "People (%; 95% CI)": ["31 of 40 (78%; 62 to 88)", "0 of 40 (0%; 0 to 9)", "[none]"]
    }
    assert cells_of(COUNTS | {"share": SHARES["share"]}, study) == {"People (%)": ["31 of 40 (78%)", "0 of 40 (0%)", "[none]"]}
    assert cells_of(COUNTS, study) == {"People": ["31 of 40", "0 of 40", "[none]"]}


def test_a_count_of_an_unknown_number_stands_alone(study):
    assert cells_of({"numerator": [3000], "denominator": [NONE]}, study) == {"People": ["3,000"]}
    missing = pd.DataFrame({"numerator": [3], "denominator": pd.array([pd.NA], dtype="Int64")})
    assert cells_of(missing, study) == {"People": ["3"]}


def test_a_range_stands_for_a_count_that_is_withheld_and_a_mark_where_nothing_may_be_told(study):
    frame = pd.DataFrame({
        "numerator": [NONE, NONE, 12.0], "denominator": [40, 39, 40], "share": [NONE, NONE, 30.0],
        "least": [36.0, 35.0, 12.0], "most": [40.0, 39.0, 12.0],
    })  # fmt: skip
    frame.loc[3] = [NONE, 40, NONE, NONE, NONE]
    texts = cells_of(frame, study, withheld=frame.isna())
    # 35 of 39 is 89.7%, which is not "90% or more".
    assert texts == {"People (%)": ["36 to 40 (90% or more)", "35 to 39 (89% or more)", "12 of 40 (30%)", "[c]"]}


def test_counts_of_answers_stand_as_parts_of_those_to_whom_an_item_is_relevant_where_it_is_told_how_many(study):
    frame = pd.DataFrame({
        "item": ["A1", "A1", "A2", "A2"], "band": ["Agree", "Aside"] * 2, "relevant": [True, False] * 2,
        "numerator": [21, 10, 19, 1], "denominator": 40, "denominator_relevant": [30, 30, NONE, NONE],
        "share": [52.5, 25, 47.5, 2.5], "share_relevant": [70, NONE, NONE, NONE],
    })  # fmt: skip
    texts = cells_of(frame, study, across="band", columns=["item", "denominator_relevant", "numerator"])
    assert texts["Agree"] == ["21 of 30 (70%)", "19 of 40 (48%)"] and texts["Aside"] == ["10 of 40 (25%)", "1 of 40 (3%)"]
    assert list(texts) == ["Item", "Agree", "Aside"]


def test_an_estimate_stands_with_its_interval_where_it_has_one(study):
    frame = {"delta": [0.314, -0.2, NONE], "low": [0.1, NONE, NONE], "high": [0.52, NONE, NONE]}
    assert cells_of(frame, study) == {"Cliff's delta (95% CI)": ["0.31 (0.10 to 0.52)", "−0.20", "[not defined]"]}
    assert cells_of({"response_rate": [1.64]}, study) == {"Response rate": ["1.6%"]}
    assert cells_of({"share": [77.5], "low": [62.4], "high": [87.7]}, study) == {"Share (95% CI)": ["78% (62 to 88)"]}
    assert cells_of({"delta": [0.314]}, study) == {"Cliff's delta": ["0.31"]}


def test_quartiles_stand_in_one_cell(study):
    assert cells_of({"q1": [3.0, NONE], "q3": [4.25, NONE]}, study) == {"Quartiles": ["3.00 to 4.25", "[none]"]}


def test_a_withheld_cell_is_marked_and_one_that_is_not_defined_is_not(study):
    frame = pd.DataFrame({"group": ["North", "South"], "n": [NONE, NONE], "mean": [NONE, NONE]})
    withheld = frame.isna()
    withheld.loc[1, "mean"] = False
    texts = cells_of(frame, study, withheld=withheld)
    assert texts == {"Group": ["North", "South"], "People": ["[c]", "[c]"], "Mean": ["[c]", "[not defined]"]}


# --- columns


def test_columns_are_chosen_ordered_and_labelled_and_those_a_frame_lacks_are_left_out(study):
    frame = {"group": ["North"], "n": [3], "note": ["a note"], "made_up": [0.5]}
    assert list(cells_of(frame, study)) == ["Group", "People", "Note", "made_up"]
    chosen = cells_of(frame, study, columns=["n", "median", "group"], labels={"n": "Staff"})
    assert chosen == {"Staff": ["3"], "Group": ["North"]}
    assert cells_of(COUNTS, study, columns=["denominator", "numerator"])["Of"] == ["40", "40", "0"]


def test_the_label_of_an_item_stands_within_it(study):
    assert cells_of({"item": ["A1"], "label": ["Sees the point"]}, study) == {"Item": ["A1 Sees the point"]}


@pytest.mark.parametrize(("notes", "shown"), [(["", ""], False), ([None, ""], False), (["", "a note"], True)])
def test_a_column_of_empty_notes_is_left_out(study, notes, shown):
    assert ("Note" in cells_of({"n": [1, 2], "note": notes}, study)) is shown


def test_two_columns_of_one_label_are_refused_and_none_is_lost(study):
    frame = {"group": ["North"], "level": ["Senior"]}
    with pytest.raises(ValueError, match=r"same label: \['Group', 'Group'\]; give one of them another"):
        cells_of(frame, study)
    assert cells_of(frame, study, labels={"level": "Level"}) == {"Group": ["North"], "Level": ["Senior"]}


# --- one column's values as columns


def test_values_of_a_column_become_columns_filled_by_the_count(study):
    frame = pd.DataFrame({
        "group": ["North", "North", "South"], "status": ["answered", "missing", "answered"],
        "numerator": [9, 1, 4], "denominator": [10, 10, 4], "share": [90.0, 10.0, 100.0],
    })  # fmt: skip
    assert cells_of(frame, study, across="status") == {
        "Group": ["North", "South"], "Of": ["10", "4"],
        "answered": ["9 (90%)", "4 (100%)"], "missing": ["1 (10%)", "[none]"],
    }  # fmt: skip
    # Without a column of its own the denominator stands in each cell.
    assert cells_of(frame, study, across="status", columns=["group", "numerator"])["answered"] == [
        "9 of 10 (90%)",
        "4 of 4 (100%)",
    ]


def test_without_a_count_the_last_column_fills_and_names_are_written_by_their_kind(study):
    frame = {"group": ["South", "North"], "construct": ["work", "sense"], "mean": [2.5, 3.0]}
    assert cells_of(frame, study, across="construct") == {
        "Group": ["South", "North"], "Work": ["2.50", "[none]"], "Sense": ["[none]", "3.00"],
    }  # fmt: skip
    assert cells_of(frame, study, across="wave") == cells_of(frame, study)


def test_a_withheld_count_is_marked_under_its_column(study):
    frame = pd.DataFrame({"group": ["North", "North"], "band": ["Agree", "Other"], "numerator": [9.0, NONE], "denominator": 10})
    texts = cells_of(frame, study, across="band", withheld=frame.isna())
    assert texts == {"Group": ["North"], "Of": ["10"], "Agree": ["9"], "Other": ["[c]"]}


def test_a_page_holds_a_thousand_rows_from_every_group_equally_and_says_where_the_others_are():
    rows = pd.DataFrame({"Text": range(5000)}, pd.Index(["a"] * 4600 + ["b"] * 400, name="Theme"))
    shown, note = trim_rows(rows, "tables/04_bank.csv")
    assert shown.index.value_counts().to_dict() == {"a": 500, "b": 400}
    assert note == "The page shows 900 of 5,000 rows; tables/04_bank.csv has all of them."
    assert len(trim_rows(rows.reset_index(), "x")[0]) == 1000
    same, nothing = trim_rows(rows[:1000], "x")
    assert len(same) == 1000 and nothing == ""
