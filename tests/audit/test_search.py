"""Rows of printed tables: every contradiction that is planted is found, and no consistent table is accused."""

import itertools
import random

import pytest
from printed_tables import LAYOUTS, draw_row, is_possible, names_of, plant, print_table

from helpers.audit import layout as printed
from helpers.audit import rows as judged
from helpers.audit import tables
from helpers.audit.search import Reading

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


@pytest.mark.parametrize("layout", ["all in one", "brackets", "points", "percentages and averages"])
def test_no_fewer_figures_at_this_n_conflict_than_those_that_are_named(layout):
    chance, names = random.Random(layout), [name for name in names_of(layout) if name != "n"]
    for _ in range(4):
        figures = draw_row(chance, chance.randint(6, 10))
        while is_possible(figures, ["n", *names], MOST):
            figures = plant(chance, figures, names)
        (row,), _ = printed.read_rows(print_table([figures], layout), "T", (1, 5))
        conflict, _ = judged.find_conflict(row, MOST, Reading())
        named = [f"{each.kind} {each.category}".strip() for each in conflict if each.kind != "n"]
        assert not is_possible(figures, ["n", *named], MOST)
        for fewer in itertools.combinations(names, len(named) - 1):
            # An SD is held against a mean alone.
            assert is_possible(figures, ["n", *fewer], MOST) or ("sd" in fewer and "mean" not in fewer)
