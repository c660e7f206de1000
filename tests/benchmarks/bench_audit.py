"""How often the audit keeps the true n, how often it finds a changed count or figure, and how long it takes.

Run: `python tests/benchmarks/bench_audit.py` (about three minutes). Rows of percentages alone have three categories, their
counts drawn evenly from all sets of counts that add up to n; the other layouts are those of `tests/printed_tables.py`.
"""

import itertools
import random
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.audit.figures import parse_figure
from helpers.audit.rows import find_feasible_n
from helpers.audit.search import Printed, Row
from helpers.audit.tables import audit_table

sys.path.insert(0, str(Path(__file__).parents[1]))
from printed_tables import LAYOUTS, draw_row, is_possible, names_of, plant, print_table

TABLES, ROWS, LEAST_N, MOST_N = 100, 4, 12, 200


def draw_counts(n: int, chance: random.Random) -> list[int]:
    """Three counts that add up to n, every set equally likely."""
    first, second = sorted(chance.sample(range(n + 2), 2))
    return [first, second - first - 1, n + 1 - second]


def print_percentages(counts: list[int], n: int, chance: random.Random) -> list[str]:
    """Whole percentages, each half rounded up or down by chance."""
    halves = [(200 * count // n, 200 * count % n == 0) for count in counts]
    return [str(double // 2 + (double % 2 and (not exact or chance.random() < 0.5))) for double, exact in halves]


def row_of(percentages: list[str]) -> Row:
    return Row("Q", tuple(Printed("percent", parse_figure(text), name) for name, text in zip("abc", percentages, strict=True)))


def change_one_count(counts: list[int], n: int, chance: random.Random) -> list[int]:
    """One count changed by one, up or down; each possible change is equally likely."""
    changes = [(place, step) for place in range(len(counts)) for step in (-1, 1) if 0 <= counts[place] + step <= n]
    place, step = chance.choice(changes)
    return [count + step * (place == position) for position, count in enumerate(counts)]


def fits_by_search(percentages: list[str], n: int) -> bool:
    """Whether some counts that add up to n print as these percentages; tries every count, unlike the audit."""
    choices = [[k for k in range(n + 1) if abs(200 * k - 2 * int(text) * n) <= n] for text in percentages]
    return any(sum(counts) == n for counts in itertools.product(*choices))


def compute_catch_rate(n: int) -> float:
    """The exact chance that a changed count is caught at a known n, over all counts, changes and ways to round halves.

    A changed row goes unnoticed when some counts that add up to n print as the same percentages. All that can be
    printed at n are enumerated as one set of triples; every change of every set of counts is looked up in it.
    """
    first, second = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
    inside = first + second <= n
    counts = np.stack([first[inside], second[inside], n - first[inside] - second[inside]])
    up, down = (200 * np.arange(-1, n + 2) + n) // (2 * n), -((n - 200 * np.arange(-1, n + 2)) // (2 * n))

    def code(counts: np.ndarray, ways: tuple) -> np.ndarray:
        printed = [np.where(way, up[count + 1], down[count + 1]) for count, way in zip(counts, ways, strict=True)]
        return printed[0] * 10201 + printed[1] * 101 + printed[2]

    all_ways = list(itertools.product([True, False], repeat=3))
    possible = np.unique(np.concatenate([code(counts, ways) for ways in all_ways]))
    changes = (counts < n).sum(axis=0) + (counts > 0).sum(axis=0)
    caught = np.zeros(counts.shape[1])
    for place, step in itertools.product(range(3), (-1, 1)):
        changed = counts.copy()
        changed[place] += step
        allowed = (changed[place] >= 0) & (changed[place] <= n)
        for ways in all_ways:
            caught += np.where(allowed, ~np.isin(code(changed, ways), possible), False) / len(all_ways)
    return float((caught / changes).mean())


def simulate(seed: int) -> None:
    chance = random.Random(seed)
    kept = known = unknown = agree = checks = 0
    expected, seconds = [], 0.0
    for _ in range(TABLES):
        n = chance.randint(LEAST_N, MOST_N)
        counts = [draw_counts(n, chance) for _ in range(ROWS)]
        sound = [print_percentages(row, n, chance) for row in counts]
        place = chance.randrange(ROWS)
        changed = [*sound]
        changed[place] = print_percentages(change_one_count(counts[place], n, chance), n, chance)
        started = time.perf_counter()
        rows = [find_feasible_n(row_of(row), range(1, MOST_N + 1)) for row in [*sound, changed[place]]]
        seconds += time.perf_counter() - started
        fits = rows[:ROWS]
        kept += all(n in row for row in fits)
        fits[place] = rows[ROWS]
        known += n not in fits[place]
        unknown += not set.intersection(*map(set, fits))
        for number in (n, chance.randint(1, MOST_N)):
            checks += 1
            agree += (number in rows[ROWS]) == fits_by_search(changed[place], number)
        expected.append(compute_catch_rate(n))
    deviation = sum(rate * (1 - rate) for rate in expected) ** 0.5
    print(f"seed {seed}: true n in the feasible set: {kept} of {TABLES}")
    print(f"  changed count caught, n known: {known}; by theory {sum(expected):.1f} (standard deviation {deviation:.1f})")
    print(f"  changed count caught, n unknown up to {MOST_N}: {unknown}")
    print(f"  one n of a changed row by search, same answer: {agree} of {checks}; audit of all rows: {seconds:.2f} s")


def time_large_table() -> None:
    """A row that is off by a little is the slow case: the audit has to search for the least change that would correct it."""
    for added in (0, 10, 40, 150):
        chance, rows, n = random.Random(0), [], 4321
        for item in range(30):
            counts = draw_counts(n - added, chance)
            counts[0] += 2 * added
            rows.append([f"Q{item}", *(f"{100 * count / n:.1f}" for count in counts)])
        table = pd.DataFrame(rows, columns=["item", "low", "middle", "high"], dtype="str")
        started = time.perf_counter()
        verdicts = audit_table(table, "simulated", 5000)
        seconds, found = time.perf_counter() - started, verdicts["severity"].value_counts().to_dict()
        print(f"30 rows, counts {added} over n = {n}, one decimal, n up to 5,000: {seconds:.2f} s {found}")


def find_planted(tables: int) -> None:
    """Every layout, ten rows of 2 to 13 answers, one figure of two rows shifted; what is possible is enumerated."""
    impossible = found = accused = 0
    for layout, seed in itertools.product(LAYOUTS, range(tables)):
        chance, names = random.Random(f"{layout} {seed}"), names_of(layout)
        rows = [draw_row(chance, chance.randint(2, 13)) for _ in range(10)]
        rows = rows[:8] + [plant(chance, row, names) for row in rows[8:]]
        truth = {f"Q{place}" for place, row in enumerate(rows, 1) if not is_possible(row, names, 14)}
        verdicts = audit_table(print_table(rows, layout, seed % 2 == 1), "simulated", 14)
        told = set(verdicts.loc[verdicts["severity"] == "contradiction", "id"])
        impossible, found, accused = impossible + len(truth), found + len(truth & told), accused + len(told - truth)
    print(f"planted, {tables} tables of each of {len(LAYOUTS)} layouts: {found} of {impossible} impossible rows found,"
          f" {accused} possible ones accused")  # fmt: skip


def accuse_nobody(tables: int) -> None:
    """Consistent tables of every layout, four rows of 2 to 500 answers."""
    accused, seconds = 0, []
    for seed, layout in zip(range(tables), itertools.cycle(LAYOUTS)):
        chance = random.Random(seed)
        n = chance.randint(2, 500)
        table = print_table([draw_row(chance, n) for _ in range(4)], layout, chance.random() < 0.5)
        started = time.perf_counter()
        accused += not set(audit_table(table, "simulated", n)["severity"]) <= {"agrees", "note"}
        seconds.append(time.perf_counter() - started)
    print(f"consistent, {tables} tables: {accused} accused; {sum(seconds):.0f} s in all, {max(seconds):.2f} s at most")


def time_layouts() -> None:
    """Twenty rows of 500 answers in every layout, and the same with one figure of ten rows shifted."""
    for layout in LAYOUTS:
        chance, names, seconds = random.Random(5), names_of(layout), []
        rows = [draw_row(chance, 500) for _ in range(20)]
        for planted in (rows, [plant(chance, row, names) for row in rows[:10]] + rows[10:]):
            started = time.perf_counter()
            audit_table(print_table(planted, layout), "simulated", 500)
            seconds.append(time.perf_counter() - started)
        print(f"20 rows of n = 500, {layout}: {seconds[0]:.2f} s; ten of them planted: {seconds[1]:.2f} s")


if __name__ == "__main__":
    print("catch rate by theory at known n:", {n: round(compute_catch_rate(n), 3) for n in (12, 50, 99, 100, 150, 200)})
    for seed in (1, 2, 3):
        simulate(seed)
    time_large_table()
    find_planted(30)
    accuse_nobody(1000)
    time_layouts()
