"""How often the audit keeps the true n, how often it finds a changed count or figure, and how long it takes.

Run with `python tests/benchmarks/bench_audit.py [TIMES] [PART]`; the whole takes some minutes.
"""

import itertools
import random
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from section import open_section, print_table, read_argument, say, time_calls

from helpers.audit.figures import parse_figure
from helpers.audit.rows import find_feasible_n
from helpers.audit.search import Printed, Row
from helpers.audit.tables import audit_table

sys.path.insert(0, str(Path(__file__).parents[1]))
import printed_tables
from printed_tables import LAYOUTS, draw_row, is_possible, names_of, plant

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


def simulate(seed: int, tables: int) -> dict[str, str]:
    chance = random.Random(seed)
    kept = known = unknown = agree = checks = 0
    expected = []
    for _ in range(tables):
        n = chance.randint(LEAST_N, MOST_N)
        counts = [draw_counts(n, chance) for _ in range(ROWS)]
        sound = [print_percentages(row, n, chance) for row in counts]
        place = chance.randrange(ROWS)
        changed = [*sound]
        changed[place] = print_percentages(change_one_count(counts[place], n, chance), n, chance)
        rows = [find_feasible_n(row_of(row), range(1, MOST_N + 1)) for row in [*sound, changed[place]]]
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
    return {
        "the true n is in the feasible set": f"{kept} of {tables}",
        "changed count caught, n known": f"{known}",
        "what theory allows (standard deviation)": f"{sum(expected):.1f} ({deviation:.1f})",
        f"changed count caught, n unknown up to {MOST_N}": f"{unknown}",
        "a changed row at two n: same answer as trying every count": f"{agree} of {checks}",
    }


def make_large_table(added: int) -> pd.DataFrame:
    """A row that is off by a little is the slow case: the audit has to search for the least change that would correct it."""
    chance, rows, n = random.Random(0), [], 4321
    for item in range(30):
        counts = draw_counts(n - added, chance)
        counts[0] += 2 * added
        rows.append([f"Q{item}", *(f"{100 * count / n:.1f}" for count in counts)])
    return pd.DataFrame(rows, columns=["item", "low", "middle", "high"], dtype="str")


def time_large_tables(times: int) -> None:
    calls = {added: partial(audit_table, make_large_table(added), "simulated", 5000) for added in (0, 10, 40, 150)}
    taken = time_calls(calls, times)
    say("A table of 30 rows of three percentages with one decimal, n 4,321, n up to 5,000 (asked for: under 5 s):")
    print_table(
        ("the counts add up to", "time", "beside the first"),
        ((f"n + {added}" if added else "n", f"{each:.2f} s", f"{each / taken[0]:.1f}") for added, each in taken.items()),
    )


def find_planted(tables: int) -> str:
    """Every layout, ten rows of 2 to 13 answers, one figure of two rows shifted; what is possible is enumerated."""
    impossible = found = accused = 0
    for layout, seed in itertools.product(LAYOUTS, range(tables)):
        chance, names = random.Random(f"{layout} {seed}"), names_of(layout)
        rows = [draw_row(chance, chance.randint(2, 13)) for _ in range(10)]
        rows = rows[:8] + [plant(chance, row, names) for row in rows[8:]]
        truth = {f"Q{place}" for place, row in enumerate(rows, 1) if not is_possible(row, names, 14)}
        verdicts = audit_table(printed_tables.print_table(rows, layout, seed % 2 == 1), "simulated", 14)
        told = set(verdicts.loc[verdicts["severity"] == "contradiction", "id"])
        impossible, found, accused = impossible + len(truth), found + len(truth & told), accused + len(told - truth)
    possible = 10 * tables * len(LAYOUTS) - impossible
    return f"{found:,} of {impossible:,} impossible rows were found, and {accused} of {possible:,} possible ones accused"


def accuse_nobody(tables: int) -> int:
    """How many consistent tables are accused: every layout, four rows of 2 to 500 answers."""
    accused = 0
    for seed, layout in zip(range(tables), itertools.cycle(LAYOUTS)):
        chance = random.Random(seed)
        n = chance.randint(2, 500)
        table = printed_tables.print_table([draw_row(chance, n) for _ in range(4)], layout, chance.random() < 0.5)
        accused += not set(audit_table(table, "simulated", n)["severity"]) <= {"agrees", "note"}
    return accused


def time_layouts(times: int) -> None:
    """Twenty rows of 500 answers in every layout, and the same with one figure of ten rows shifted."""
    calls = {}
    for layout in LAYOUTS:
        chance, names = random.Random(5), names_of(layout)
        rows = [draw_row(chance, 500) for _ in range(20)]
        for kind, planted in (("sound", rows), ("planted", [plant(chance, row, names) for row in rows[:10]] + rows[10:])):
            calls[layout, kind] = partial(audit_table, printed_tables.print_table(planted, layout), "simulated", 500)
    taken = time_calls(calls, times)
    say("**Time.** A table of 20 rows of 500 answers, and the same with ten rows that cannot be (asked for: under 10 s):")
    rows = ((layout, taken[layout, "sound"], taken[layout, "planted"]) for layout in LAYOUTS)
    print_table(
        ("layout", "sound", "ten rows wrong", "times as long"),
        ((layout, f"{sound:.2f} s", f"{wrong:.2f} s", f"{wrong / sound:.1f}") for layout, sound, wrong in rows),
    )


if __name__ == "__main__":
    times, part = int(read_argument(5)), float(sys.argv[2]) if len(sys.argv) > 2 else 1
    open_section(
        "The audit",
        "Simulated tables of published figures, in which the truth is known: how often the audit keeps the true n, how often "
        "it finds a changed count, and how long it takes.",
    )
    many = max(2, round(TABLES * part))
    say(
        f"**One changed count.** Three seeds, each {many} tables of {ROWS} rows with three categories, n drawn from {LEAST_N} "
        f"to {MOST_N}, figures printed as whole percentages, each half rounded up or down by chance. In one row of each table "
        "one count is then changed by one, and only that figure is printed anew."
    )
    seeds = {f"seed {seed}": simulate(seed, many) for seed in (1, 2, 3)}
    print_table(("", *seeds), ((name, *(seeds[seed][name] for seed in seeds)) for name in seeds["seed 1"]))
    rates = ", ".join(f"{compute_catch_rate(n):.3f} at n = {n}" for n in (12, 50, 99, 100, 150, 200))
    say(
        "**The rate that theory allows.** At a known n a changed row goes unnoticed exactly when some counts that do add up "
        "to n print as the same percentages. All that can be printed at n are enumerated, and every change of every set of "
        f"counts is looked up: {rates}. Up to 100 a whole percentage stands for at most one count, at 200 most stand for two "
        "or three. When n is not known, other numbers of respondents can explain the changed row too, so fewer are caught."
    )
    tables, sound = max(1, round(30 * part)), max(14, round(1000 * part))
    say(
        f"**Rows of several figures.** {tables} tables in each of {len(LAYOUTS)} layouts of papers "
        "(`tests/printed_tables.py`), ten rows of 2 to 13 made-up answers of 1 to 5, one figure of two rows shifted by one "
        f"to three units of its last digit, and the truth found by trying every set of counts: {find_planted(tables)}. Of "
        f"{sound:,} consistent tables of four rows, n 2 to 500, {accuse_nobody(sound)} were accused."
    )
    time_layouts(times)
    time_large_tables(times)
