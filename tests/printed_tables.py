"""Made-up printed tables in the layouts of papers, consistent or with one wrong figure, and the truth by trying every count.

Nothing here uses the audit: figures come from answers, and whether any answers give a row's figures is found by enumeration.
"""

from __future__ import annotations

import itertools
import random
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pandas as pd

POINTS = np.arange(1, 6)
BANDS = {"Disagree": (1, 2), "Neutral": (3, 3), "Agree": (4, 5)}
QUARTERS = (Fraction(1, 4), Fraction(3, 4))
NAMES = ["Disagree", "Neutral", "Agree"]


def cells(pattern: str) -> dict[str, str]:
    """Three columns of bands: "{} n (%)" with cells "count (percent)"."""
    heading, cell = pattern.split(" | ")
    return {
        heading.format(name): cell.replace("count", f"count {name}").replace("percent", f"percent {name}") for name in NAMES
    }


# Headings and the cells under them, with the names of figures in their places.
LAYOUTS = {
    "n (%)": {"n": "n", **cells("{} n (%) | count (percent)")},
    "% (n)": {"N": "n", **cells("{} % (n) | percent (count)")},
    "% in the cell": {"n": "n", **cells("{} | count (percent%)")},
    "all in one": {
        "n": "n", **cells("{}, n (%) | count (percent)"), "Median (IQR)": "median (q1–q3)", "Mean (SD)": "mean (sd)",
    },
    "separate columns": {
        "n": "n", **cells("n {} | count"), **cells("% {} | percent"),
        "Mdn": "median", "Q1": "q1", "Q3": "q3", "M": "mean", "SD": "sd",
    },
    "percentages and averages": {"N": "n", **cells("{} (%) | percent"), "Median": "median", "Mean": "mean"},
    "percentages of an unknown n": {**cells("{} | percent"), "Mean (SD)": "mean (sd)"},
    "counts and a range": {"n": "n", **cells("n {} | count"), "Median (range)": "median (min–max)"},
    "points": {
        "N": "n", **{f"{point} n (%)": f"count {point} (percent {point})" for point in POINTS}, "Mean (SD)": "mean (sd)",
    },
    "missing": {"n (missing)": "n (missing)", **cells("{} n (%) | count (percent)"), "Mean ± SD": "mean ± sd"},
    "brackets": {"n": "n", "Median [Q1, Q3]": "median [q1, q3]", "Mean (SD)": "mean (sd)"},
    "width of the middle half": {"n": "n", **cells("{} % | percent%"), "Median (IQR)": "median (IQR iqr)"},
    "averages": {"n": "n", "mean": "mean", "sd": "sd"},
    "one band": {"n": "n", "Agree n (%)": "count Agree (percent Agree)", "Mean": "mean", "Median": "median"},
}  # fmt: skip


def find_quartiles(answers: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Lower and upper quartiles of sorted answers (sets x n), times 24: types 1 to 9 as R's `quantile` defines them, and the
    medians of the halves with the middle answer and without."""
    n = answers.shape[1]

    def at(place: int) -> np.ndarray:
        return answers[:, min(max(place, 1), n) - 1]

    def of_type(kind: int, p: Fraction) -> np.ndarray:
        if kind <= 3:
            place = n * p - (Fraction(1, 2) if kind == 3 else 0)
            j, g = int(np.floor(place)), place % 1
            weight = {1: Fraction(int(g > 0)), 2: Fraction(1, 2) if g == 0 else 1, 3: Fraction(int(g > 0 or j % 2))}[kind]
        else:
            a, b = {4: (0, 1), 5: (0.5, 0.5), 6: (0, 0), 7: (1, 1), 8: (Fraction(1, 3),) * 2, 9: (0.375, 0.375)}[kind]
            a, b = Fraction(a), Fraction(b)
            place = n * p + a + p * (1 - a - b)
            j, weight = int(np.floor(place)), place % 1
        return at(j) * int(24 * 12 * (1 - weight)) + at(j + 1) * int(24 * 12 * weight)

    def middle(part: np.ndarray) -> np.ndarray:
        return (part[:, (part.shape[1] - 1) // 2] + part[:, part.shape[1] // 2]) * 144

    pairs = [tuple(of_type(kind, p) for p in QUARTERS) for kind in range(1, 10)]
    halves = [half for half in ((n + 1) // 2, n // 2) if half]
    return pairs + [(middle(answers[:, :half]), middle(answers[:, n - half :])) for half in halves]


def draw_row(chance: random.Random, n: int) -> dict[str, str]:
    """The figures of n answers as texts, each half rounded up or to the even digit."""
    weights = [chance.random() ** 2 for _ in POINTS]
    answers = np.sort(np.array(chance.choices(list(POINTS), weights, k=n)))[None]
    counts = {str(point): int((answers == point).sum()) for point in POINTS}
    counts |= {name: sum(counts[str(point)] for point in range(low, high + 1)) for name, (low, high) in BANDS.items()}
    total, squares = int(answers.sum()), int((answers**2).sum())
    lower, upper = (Fraction(int(ends[0]), 288) for ends in chance.choice(find_quartiles(answers)))
    values = {"mean": Fraction(total, n), "median": Fraction(int(answers[0, (n - 1) // 2] + answers[0, n // 2]), 2)}
    values |= {"q1": lower, "q3": upper, "iqr": upper - lower}
    way, digits = chance.choice([ROUND_HALF_UP, ROUND_HALF_EVEN]), chance.choice([0, 1, 1, 2])

    def rounded(value: Fraction | Decimal, digits: int) -> str:
        exact = Decimal(value.numerator) / value.denominator if isinstance(value, Fraction) else value
        return str(exact.quantize(Decimal(1).scaleb(-digits), way))

    row = {"n": str(n), "missing": str(chance.randint(0, 4)), "min": str(answers.min()), "max": str(answers.max())}
    row |= {name: rounded(value, 2 if name == "mean" else chance.choice([1, 2])) for name, value in values.items()}
    row["sd"] = rounded((Decimal(n * squares - total**2) / (n * (n - 1))).sqrt(), 2)
    row |= {f"count {name}": str(count) for name, count in counts.items()}
    return row | {f"percent {name}": rounded(Fraction(100 * count, n), digits) for name, count in counts.items()}


def plant(chance: random.Random, row: dict[str, str], names: list[str]) -> dict[str, str]:
    """One of these figures shifted by one to three units of its last digit."""
    name = chance.choice(names)
    value = Decimal(row[name])
    unit = Decimal(1).scaleb(value.as_tuple().exponent) * chance.choice([1, 2, 3])
    return row | {name: str(value + (unit if value < unit or chance.random() < 0.5 else -unit))}


def names_of(layout: str) -> list[str]:
    """The figures that a layout prints, except those of the missing."""
    printed = [word for cell in LAYOUTS[layout].values() for word in split_names(cell)]
    return [name for name in dict.fromkeys(printed) if name != "missing"]


def split_names(cell: str) -> list[str]:
    words = cell.replace("IQR ", "").translate(str.maketrans("()[]–±,%", "        ")).split()
    pairs = iter(words)
    return [f"{word} {next(pairs)}" if word in ("count", "percent") else word for word in pairs]


def print_table(rows: list[dict[str, str]], layout: str, commas: bool = False) -> pd.DataFrame:
    """The table as a paper prints it; `commas`: with decimal commas."""

    def fill(cell: str, row: dict[str, str]) -> str:
        for name in sorted(split_names(cell), key=len, reverse=True):
            cell = cell.replace(name, row[name].replace(".", ",") if commas else row[name])
        return cell

    table = {heading: [fill(cell, row) for row in rows] for heading, cell in LAYOUTS[layout].items()}
    return pd.DataFrame({"item": [f"Q{place}" for place in range(1, len(rows) + 1)], **table}, dtype="str")


def is_possible(row: dict[str, str], names: list[str], most: int) -> bool:
    """Whether any answers of at most `most` people give these figures, by trying every set of counts."""
    sizes = [int(row["n"])] if "n" in names else range(1, most + 1)
    return any(_is_possible_at(row, names, n) for n in sizes if 0 < n <= most)


def _is_possible_at(row: dict[str, str], names: list[str], n: int) -> bool:
    ends = np.array(list(itertools.combinations(range(n + 4), 4))).reshape(-1, 4)
    counts = np.diff(ends, axis=1, prepend=-1, append=n + 4) - 1
    answers = np.repeat(np.tile(POINTS, len(counts)), counts.ravel()).reshape(-1, n)
    fits = np.ones(len(counts), dtype=bool)

    def limits(name: str) -> tuple[Fraction, Fraction]:
        value = Decimal(row[name])
        half = Fraction(Decimal(1).scaleb(value.as_tuple().exponent)) / 2
        return Fraction(value) - half, Fraction(value) + half

    def within(values: np.ndarray, name: str, factor: int) -> np.ndarray:
        """Whether there are whole numbers within the limits of a figure times a factor."""
        low, high = (limit * factor for limit in limits(name))
        return (values >= -(-low.numerator // low.denominator)) & (values <= high.numerator // high.denominator)

    total, squares = counts @ POINTS, counts @ POINTS**2
    for name in names:
        kind, _, category = name.partition(" ")
        if category:
            low, high = BANDS.get(category) or (int(category),) * 2
            held = counts[:, low - 1 : high].sum(axis=1)
            fits &= held == int(row[name]) if kind == "count" else within(100 * held, name, n)
    if "mean" in names:
        fits &= within(total, "mean", n)
    if "sd" in names and n > 1:
        low, high = (max(limit, Fraction(0)) ** 2 * n * (n - 1) for limit in limits("sd"))
        spread = n * squares - total**2
        fits &= (spread >= -(-low.numerator // low.denominator)) & (spread <= high.numerator // high.denominator)
    if "median" in names:
        fits &= within(answers[:, (n - 1) // 2] + answers[:, n // 2], "median", 2)
    for name, column in (("min", 0), ("max", -1)):
        if name in names:
            fits &= within(answers[:, column], name, 1)
    if {"q1", "q3", "iqr"} & set(names):
        ways = np.zeros(len(counts), dtype=bool)
        for lower, upper in find_quartiles(answers):
            values = {"q1": lower, "q3": upper, "iqr": upper - lower}
            ways |= np.logical_and.reduce([within(value, name, 288) for name, value in values.items() if name in names])
        fits &= ways
    return bool(fits.any())
