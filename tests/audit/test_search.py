"""Rows of printed tables: every contradiction that is planted is found, and no consistent table is accused."""

import random

import pytest
from printed_tables import LAYOUTS, draw_row, is_possible, names_of, plant, print_table

from helpers.audit import tables

MOST = 14


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_row_is_a_contradiction_exactly_when_no_answers_give_its_figures(layout):
    chance, names = random.Random(layout), names_of(layout)
    for commas in (False, True):
        rows = [draw_row(chance, chance.randint(5, MOST - 1)) for _ in range(10)]
        rows = rows[:7] + [plant(chance, row, names) for row in rows[7:]]
        impossible = [f"Q{place}" for place, row in enumerate(rows, 1) if not is_possible(row, names, MOST)]
        found = tables.audit_table(print_table(rows, layout, commas), "T", MOST)
        assert found.loc[found["severity"] == "contradiction", "id"].tolist() == impossible
        assert "columns" not in set(found["id"])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_tables_that_are_consistent_are_not_accused(layout):
    chance = random.Random(layout)
    for _ in range(3):
        n = chance.randint(5, 300)
        table = print_table([draw_row(chance, n) for _ in range(4)], layout)
        assert set(tables.audit_table(table, "T", n)["severity"]) <= {"agrees", "note"}
