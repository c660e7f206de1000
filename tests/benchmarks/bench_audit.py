"""How often the audit keeps the true n, how often it catches a changed count, and how long it takes.

Run: `python tests/benchmarks/bench_audit.py`. Simulated rows have three categories, their counts drawn evenly from all
sets of counts that add up to n.
"""

import itertools
import random
import time

import numpy as np
import pandas as pd

from helpers.audit import figures
from helpers.audit.percentages import audit_percentages, find_feasible_n

TABLES, ROWS, LEAST_N, MOST_N = 100, 4, 12, 200


def draw_counts(n: int, chance: random.Random) -> list[int]:
    """Three counts that add up to n, every set equally likely."""
    first, second = sorted(chance.sample(range(n + 2), 2))
    return [first, second - first - 1, n + 1 - second]


def print_percentages(counts: list[int], n: int, chance: random.Random) -> list[str]:
    """Whole percentages, each half rounded up or down by chance."""
    halves = [(200 * count // n, 200 * count % n == 0) for count in counts]
    return [str(double // 2 + (double % 2 and (not exact or chance.random() < 0.5))) for double, exact in halves]


def change_one_count(counts: list[int], n: int, chance: random.Random) -> list[int]:
    """One count changed by one, up or down, each possible change equally likely."""
    changes = [(place, step) for place in range(len(counts)) for step in (-1, 1) if 0 <= counts[place] + step <= n]
    place, step = chance.choice(changes)
    return [count + step * (place == position) for position, count in enumerate(counts)]


def fits_by_search(percentages: list[str], n: int) -> bool:
    """Whether some counts that add up to n print as these percentages: by trying every count, unlike the audit."""
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
        rows = [find_feasible_n(figures.read_row(row), range(1, MOST_N + 1)) for row in [*sound, changed[place]]]
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
    """A row off by a little is the slow case: the least change that would mend it has to be searched for."""
    for added in (0, 10, 40, 150):
        chance, rows, n = random.Random(0), [], 4321
        for item in range(30):
            counts = draw_counts(n - added, chance)
            counts[0] += 2 * added
            rows.append([f"Q{item}", *(f"{100 * count / n:.1f}" for count in counts)])
        table = pd.DataFrame(rows, columns=["item", "low", "middle", "high"], dtype="str")
        started = time.perf_counter()
        verdicts = audit_percentages(table, "item", ["low", "middle", "high"], 5000, "simulated")
        seconds, found = time.perf_counter() - started, verdicts["severity"].value_counts().to_dict()
        print(f"30 rows, counts {added} over n = {n}, one decimal, n up to 5,000: {seconds:.2f} s {found}")


if __name__ == "__main__":
    print("catch rate by theory at known n:", {n: round(compute_catch_rate(n), 3) for n in (12, 50, 99, 100, 150, 200)})
    for seed in (1, 2, 3):
        simulate(seed)
    time_large_table()
