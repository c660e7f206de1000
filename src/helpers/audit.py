"""Do published percentages, counts and means hold together? Every finding is a question to the authors.

Figures stay text as printed, since trailing zeros tell how a figure was rounded. Arithmetic is exact (whole numbers and
fractions), and a half may have been rounded either way in any cell. Checks return verdicts: frames with the columns of
`Verdict`. Severities: contradiction (the printed figures cannot all be true as they stand), question (they can, but
only under a circumstance that is not stated), note, not checked (the finding says why), agrees.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import groupby, product

import numpy as np
import pandas as pd

from helpers.study import WorkbookError

# A slip of rounding is nearer to a solution than this, in units of the last digit; more has too many explanations.
MOST_UNITS = 3


@dataclass(frozen=True)
class Verdict:
    """One finding: how serious, in words with its arithmetic, figures computed and printed, about what and where."""

    severity: str
    finding: str
    computed: str = ""
    printed: str = ""
    id: str = ""
    where: str = ""


@dataclass(frozen=True)
class Figure:
    """A printed figure: its text, and its value with the decimals as printed, or (None) why it was skipped."""

    text: str
    value: Decimal | None
    reason: str = ""

    @property
    def unit(self) -> Decimal:
        """One in the last printed digit; rounding can have moved the figure by half of it."""
        return Decimal(1).scaleb(self.value.as_tuple().exponent)

    def allows(self, value: Fraction) -> bool:
        """Whether the value may have been rounded to this figure, a half either way."""
        return abs(value - Fraction(self.value)) <= Fraction(self.unit) / 2


@dataclass(frozen=True)
class PercentageRow:
    """The readable percentages of a row.

    `exclusive`: each respondent is in one category, so counts add up to n at most. `complete`: none is left out, to n.
    """

    figures: list[Figure]
    exclusive: bool
    complete: bool

    @property
    def off(self) -> Decimal:
        """By how many points the row misses 100 beyond what rounding explains: 0, below 0 (short) or above."""
        beyond = sum((figure.value for figure in self.figures), Decimal(-100))
        slack = sum((figure.unit for figure in self.figures), Decimal(0)) / 2
        return max(beyond - slack, Decimal(0)) + min(beyond + slack, Decimal(0))

    @property
    def text(self) -> str:
        total = sum(figure.value for figure in self.figures)
        return " + ".join(f"{figure.value}%" for figure in self.figures) + f" = {total}%" * bool(self.figures)


# --- reading figures --------------------------------------------------------------------------------------------------


def parse_figure(text: object, kind: str = "percentage") -> Figure:
    """Read a printed figure ("26.", "2 %", "12,5", a count "3,000") where its meaning is certain; else say why not.

    `kind`: a percentage lies between 0 and 100, a count is a whole number from 0, a number may be negative.
    """
    printed = "" if pd.isna(text) else str(text).strip()
    plain = printed.replace("\N{MINUS SIGN}", "-").removesuffix("" if kind == "count" else "%").rstrip()
    if kind == "count" and re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+", plain):
        plain = plain.replace(",", "")
    if not printed:
        return Figure(printed, None, "blank")
    if plain in {"-", "\N{EN DASH}", "\N{EM DASH}"}:
        return Figure(printed, None, "a dash can mean zero, not asked, or withheld")
    if plain.startswith(tuple("<>≤≥~≈")):
        return Figure(printed, None, "a bound or an approximation, not a figure")
    if not re.fullmatch(r"-?([0-9]+[.,]?[0-9]*|[.,][0-9]+)", plain) or re.search(r",[0-9]{3,}$", plain):
        return Figure(printed, None, "cannot be read with certainty as one number")
    value = Decimal(plain.replace(",", ".").rstrip("."))
    if value < 0 and kind != "number":
        return Figure(printed, None, f"a {kind} cannot be negative")
    if kind == "percentage" and value > 100:
        return Figure(printed, None, "more than 100 percent")
    if kind == "count" and value != value.to_integral_value():
        return Figure(printed, None, "a count is a whole number")
    return Figure(printed, value)


def read_row(texts: Iterable[object], exclusive: bool = True) -> PercentageRow:
    """Read one row of percentages.

    A blank is a category that was not printed: the row is complete when the rest reaches 100 within rounding. Any other
    unreadable figure leaves the row incomplete.
    """
    parsed = [parse_figure(text) for text in texts]
    row = PercentageRow([figure for figure in parsed if figure.value is not None], exclusive, exclusive)
    skipped = [figure for figure in parsed if figure.value is None]
    left_out = any(figure.text for figure in skipped) or (skipped and row.off < 0)
    return PercentageRow(row.figures, exclusive, exclusive and not left_out)


def check_text(table: pd.DataFrame, columns: Iterable[str], where: str) -> None:
    """Raise a `WorkbookError` for a column that is missing or holds numbers, which have lost their trailing zeros."""
    for column in columns:
        if column not in table:
            raise WorkbookError(where, "header", ", ".join(table.columns), f"a column {column!r}", "correct its name")
        if pd.api.types.is_float_dtype(table[column]) and table[column].notna().any():
            raise WorkbookError(where, f"column {column}", "numbers", "text as printed", "read it with study.read_csv")


def describe_numbers(numbers: Iterable[int]) -> str:
    """Whole numbers in a few words: "39, 40, 42 to 48"; "none" when there is none."""
    parts = []
    for _, pairs in groupby(enumerate(sorted(numbers)), key=lambda pair: pair[1] - pair[0]):
        run = [number for _, number in pairs]
        parts.append(f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(map(str, run)))
    return ", ".join(parts) or "none"


# --- percentages of an unknown number of respondents ------------------------------------------------------------------


def bound_counts(row: PercentageRow, n: np.ndarray, change: Iterable[int] = ()) -> tuple[np.ndarray, np.ndarray]:
    """The least and greatest count behind each figure at each n (arrays figures x n); least > greatest: no count.
    `change` shifts the figures by so many units of their last digits."""
    scaled = np.array([[int(figure.value / figure.unit)] for figure in row.figures])
    whole = np.array([[int(100 / figure.unit)] for figure in row.figures])
    scaled = scaled + np.array(list(change) or [0])[:, None]
    least, greatest = -(-((2 * scaled - 1) * n) // (2 * whole)), (2 * scaled + 1) * n // (2 * whole)
    return np.maximum(least, 0), np.minimum(greatest, n)


def find_feasible_n(row: PercentageRow, n: Iterable[int], change: Iterable[int] = ()) -> list[int]:
    """Those n for which whole counts give every figure of the row; multiples of one that fits always fit too.

    The counts behind one figure are consecutive, so a solution exists when every figure has a count and n lies between
    the sum of the least and the sum of the greatest counts. The question is that of Stata's `find_denom` (Cox 2023).
    """
    n = np.asarray(list(n), dtype=np.int64)
    if not row.figures:
        return n.tolist()
    least, greatest = bound_counts(row, n, change)
    fits = (least <= greatest).all(axis=0)
    fits &= (least.sum(axis=0) <= n) | (not row.exclusive)
    fits &= (greatest.sum(axis=0) >= n) | (not row.complete)
    return n[fits].tolist()


def list_counts(row: PercentageRow, n: int, change: Iterable[int] = ()) -> Iterator[list[int]]:
    """Every set of whole counts that gives the row's figures at this n."""
    least, greatest = bound_counts(row, np.array([n]), change)
    for counts in product(*(range(low, high + 1) for low, high in zip(least[:, 0], greatest[:, 0], strict=True))):
        if not row.exclusive or sum(counts) == n or (not row.complete and sum(counts) < n):
            yield list(counts)


def describe_least_change(row: PercentageRow, n: Sequence[int]) -> str:
    """The least change of printed figures, then that of fewest figures, that gives the row a solution at some of n.

    Empty when it takes more than `MOST_UNITS` units of the last digit.
    """
    far = abs(row.off) / max(figure.unit for figure in row.figures) if row.complete else 0
    for units in range(max(1, math.ceil(far)), MOST_UNITS + 1):
        for change in sorted(_list_changes(len(row.figures), units), key=lambda change: -change.count(0)):
            if fits := find_feasible_n(row, n, change):
                pairs = zip(row.figures, change, strict=True)
                steps = [f"{was.value}% were {was.value + step * was.unit}%" for was, step in pairs if step]
                counts = " + ".join(map(str, next(list_counts(row, fits[0], change))))
                words = f" If {' and '.join(steps)}, {describe_numbers(fits)} respondents would fit"
                return f"{words} ({counts} of {fits[0]})."
    return ""


def _list_changes(cells: int, units: int) -> Iterator[tuple[int, ...]]:
    """Whole-number changes of so many cells whose absolute values add up to `units`."""
    if cells == units == 0:
        yield ()
    for first in range(-units, units + 1) if cells else ():
        for rest in _list_changes(cells - 1, units - abs(first)):
            yield (first, *rest)


def audit_percentages(
    table: pd.DataFrame, key: str, columns: list[str], n_max: int, where: str, block: str = "", exclusive: bool = True
) -> pd.DataFrame:
    """Which numbers of respondents can a table of percentages rest on, row by row, block by block and as a whole?

    Parameters
    ----------
    table : DataFrame
        Text as printed: `key` names each row, `columns` hold its percentages, `block` (optional) tells which rows the
        same respondents should have answered.
    n_max : int
        The number of people who responded.
    exclusive : bool
        Whether each respondent is in one category of a row, so that it adds up to 100.

    Returns
    -------
    DataFrame
        Verdicts: skipped figures, repeated rows, rows, blocks, the whole table; `computed` holds the n that fit.
    """
    verdicts = _judge_reading(table, key, columns, where)
    distinct = table.drop_duplicates([key, *columns]).drop_duplicates(key, keep=False)
    rows = {row[key]: read_row(map(row.get, columns), exclusive) for row in distinct.to_dict("records")}
    fits = {name: find_feasible_n(row, range(1, n_max + 1)) for name, row in rows.items() if row.figures}
    blocks = distinct.groupby(block, sort=False)[key].agg(list).to_dict() if block else {"all rows": list(rows)}
    shared = {}
    for name, members in blocks.items():
        tally = Counter(n for member in members for n in fits.get(member, []))
        most = max(tally.values(), default=0)
        shared[name] = sorted(n for n, count in tally.items() if count == most)
        for member in members:
            verdict = _judge_row(rows[member], fits.get(member, []), shared[name], n_max)
            verdicts.append(replace(verdict, printed=rows[member].text, id=member, where=where))
        severity, common = "note" if most == len(members) else "question", describe_numbers(shared[name])
        words = f"{most} of {len(members)} rows fit {common} respondents."
        verdicts.append(Verdict(severity, words, common, id=name, where=where))
    if len(blocks) > 1:
        common = describe_numbers(set.intersection(*map(set, shared.values())))
        words = "; ".join(f"{name}: {describe_numbers(numbers)}" for name, numbers in shared.items())
        words += f". Common to all blocks: {common}." + " Did fewer people answer some?" * (common == "none")
        severity = "question" if common == "none" else "note"
        verdicts.append(Verdict(severity, words, common, id="whole table", where=where))
    return frame_verdicts(verdicts)


def _judge_reading(table: pd.DataFrame, key: str, columns: list[str], where: str) -> list[Verdict]:
    """Figures that cannot be read, and rows printed more than once."""
    check_text(table, [key, *columns], where)
    verdicts = [
        Verdict("not checked", f"{column}: {figure.reason}.", "", figure.text, row[key], where)
        for row in table.to_dict("records")
        for column in columns
        if (figure := parse_figure(row[column])).value is None and figure.text
    ]
    for name, rows in table[table[key].duplicated(keep=False)].groupby(key, sort=False):
        words, severity = "Printed more than once, the same each time; checked once.", "note"
        if len(rows.drop_duplicates(columns)) > 1:
            words, severity = "Printed more than once with different figures. Which row is meant?", "contradiction"
        verdicts.append(Verdict(severity, words, id=name, where=where))
    return verdicts


def frame_verdicts(verdicts: list[Verdict]) -> pd.DataFrame:
    """Verdicts as a frame of text: `id, where, severity, finding, printed, computed`."""
    columns = ["id", "where", "severity", "finding", "printed", "computed"]
    return pd.DataFrame(map(vars, verdicts), columns=columns, dtype="str")


def _judge_row(row: PercentageRow, fits: list[int], shared: list[int], n_max: int) -> Verdict:
    """One row, given the n that fit it and the n that fit the most rows of its block."""
    computed = describe_numbers(fits)
    if not row.figures:
        return Verdict("not checked", "No figure that can be read.")
    if not fits:
        words = f"{row.text}; no whole number of respondents up to {n_max} gives these."
        if row.exclusive and row.off:
            words += f" That is {abs(row.off)} points further from 100% than rounding explains."
        words += describe_least_change(row, shared[:1]) or describe_least_change(row, range(1, n_max + 1))
        return Verdict("contradiction", words + " Is a figure misprinted?", computed)
    words = f"{row.text} fits {computed} respondents."
    if row.exclusive and row.off < 0:
        words += f" It is {-row.off} points shorter of 100% than rounding explains. Is a category left out?"
        return Verdict("question", words, computed)
    if set(fits) & set(shared):
        return Verdict("agrees", words, computed)
    words += f" More rows of its block fit {describe_numbers(shared)} than any other number."
    if fewer := [n for n in fits if n < shared[0]]:
        words += f" With {fewer[-1]}, {shared[0] - fewer[-1]} of {shared[0]} would have left it out."
    words += describe_least_change(row, shared[:1]) + " Which is the case?"
    return Verdict("question", words, computed)


# --- counts and means -------------------------------------------------------------------------------------------------


def audit_panels(counts: pd.DataFrame, where: str, totals: Mapping[str, int]) -> pd.DataFrame:
    """Do the panels of a table of counts add up to one number, and to the numbers that the text gives?

    `counts` has `panel, category` and, last, the printed counts; `totals` names the numbers of the text. Returns
    verdicts: more than a total is a contradiction, fewer a question, since some may not have answered.
    """
    check_text(counts, ["panel", "category"], where)
    verdicts, sums, sources = [], {}, {}
    for panel, rows in counts.groupby("panel", sort=False):
        figures = [parse_figure(text, "count") for text in rows.iloc[:, -1]]
        sources[panel] = " + ".join(figure.text or "[blank]" for figure in figures)
        skipped = [f"{figure.text!r}: {figure.reason}" for figure in figures if figure.value is None]
        if skipped or len(figures) == 1:
            words = "; ".join(skipped) or "One category, so there is no total to compare"
            verdicts.append(Verdict("not checked", words + ".", "", sources[panel], panel, where))
        else:
            sums[panel] = int(sum(figure.value for figure in figures))
    for panel, total in sums.items():
        words, severity = f"{sources[panel]} = {total}.", "agrees"
        others = {name: other for name, other in sums.items() if other > total}
        others |= {name: other for name, other in totals.items() if other != total}
        for name, other in others.items():
            words += f" {name}: {other}, {abs(other - total)} {'more' if other > total else 'fewer'}."
            severity = "contradiction" if other < total or severity == "contradiction" else "question"
        words += " Who is left out, or counted twice?" if others else ""
        verdicts.append(Verdict(severity, words, str(total), sources[panel], panel, where))
    return frame_verdicts(verdicts)


def list_sums(mean: Figure, n: int, items: int = 1) -> list[int]:
    """GRIM (Brown & Heathers 2017): the sums of n whole-number answers (times items averaged) that give this mean."""
    low, high = ((Fraction(mean.value) + sign * Fraction(mean.unit) / 2) * n * items for sign in (-1, 1))
    return list(range(math.ceil(low), math.floor(high) + 1))


def list_sums_of_squares(mean: Figure, sd: Figure, n: int) -> list[int]:
    """GRIMMER (Anaya 2016, in the analytic form of Allard 2018): the sums of squares of n whole-number answers that
    give this mean and this sample SD; such a sum is odd exactly when the sum of the answers is odd."""
    half = Fraction(sd.unit) / 2
    low, high = (max(Fraction(sd.value) + sign * half, Fraction(0)) ** 2 * (n - 1) for sign in (-1, 1))
    return [
        squares
        for total in list_sums(mean, n)
        for squares in range(math.ceil(low + Fraction(total**2, n)), math.floor(high + Fraction(total**2, n)) + 1)
        if (squares - total) % 2 == 0
    ]


def audit_means(table: pd.DataFrame, where: str) -> pd.DataFrame:
    """Check means (GRIM) and SDs (GRIMMER) of whole-number answers; returns verdicts, one a row.

    The first column names the row; `mean`, `n` and optionally `sd` and `items` (averaged; GRIM alone) are as printed.
    """
    check_text(table, ["mean", "n"], where)
    verdicts = []
    for row in table.fillna("").to_dict("records"):
        mean, sd = parse_figure(row["mean"], "number"), parse_figure(row.get("sd", ""), "number")
        n, items = parse_figure(row["n"], "count"), parse_figure(row.get("items", "1"), "count")
        if mean.value is not None and n.value and items.value:
            verdict = _judge_mean(mean, sd, int(n.value), int(items.value))
        else:
            verdict = Verdict("not checked", f"{mean.reason or n.reason or items.reason or 'n is 0'}.")
        printed, name = f"mean {mean.text}, SD {sd.text or 'none'}, n {n.text}", str(next(iter(row.values())))
        verdicts.append(replace(verdict, printed=printed, id=name, where=where))
    return frame_verdicts(verdicts)


def _judge_mean(mean: Figure, sd: Figure, n: int, items: int) -> Verdict:
    answers, sums = n * items, list_sums(mean, n, items)
    if not sums:
        near = math.floor(Fraction(mean.value) * answers)
        pair = " or ".join(f"{total} / {answers} = {total / answers:.4f}" for total in (near, near + 1))
        return Verdict("contradiction", f"Whole-number answers give {pair}, not {mean.text}. Which is meant?", pair)
    words = f"A sum of {describe_numbers(sums)} gives the mean"
    if sd.value is None or items > 1 or n == 1:
        return Verdict("agrees", words + "; the SD is not checked.")
    if list_sums_of_squares(mean, sd, n):
        return Verdict("agrees", words + ", and whole-number answers can give the SD.")
    return Verdict("contradiction", words + f"; no whole-number answers give SD {sd.text} with it. Which is meant?")


def audit_table(table: pd.DataFrame, where: str, n_max: int) -> pd.DataFrame:
    """Audit any table of published figures, read as text, by its columns; returns verdicts.

    `panel` and `category`: counts in the last column; `mean` and `n`: means. Otherwise the first column names the rows
    and every other column (but `n`) counts as percentages in which most filled cells can be read so.
    """
    if {"panel", "category"} <= set(table.columns):
        return audit_panels(table, where, {"people who responded": n_max})
    if {"mean", "n"} <= set(table.columns):
        return audit_means(table, where)
    check_text(table, table.columns, where)
    readable = table.iloc[:, 1:].map(lambda text: parse_figure(text).value is not None).sum()
    filled = table.iloc[:, 1:].map(lambda text: bool(parse_figure(text).text)).sum()
    columns = [column for column in readable.index if 2 * readable[column] > filled[column] and column != "n"]
    if not columns:
        expected = "percentages, or columns `panel, category`, or `mean, n`"
        raise WorkbookError(where, "header", ", ".join(table.columns), expected, "see data/README.md")
    return audit_percentages(table, table.columns[0], columns, n_max, where)
