"""How many respondents can a row of rounded percentages rest on?"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd

from helpers.audit.figures import (
    PercentageRow,
    Verdict,
    check_text,
    describe_numbers,
    frame_verdicts,
    name_rows,
    parse_figure,
    read_row,
)
from helpers.study.errors import WorkbookError

# A slip of rounding is nearer to a solution than this, in units of the last digit; more has too many explanations.
MOST_UNITS = 3


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
    least, greatest = bound_counts(row, n, change)
    fits = (least <= greatest).all(axis=0) & (least.sum(axis=0) <= n)
    fits &= (greatest.sum(axis=0) >= n) | (not row.complete)
    return n[fits].tolist()


def list_counts(row: PercentageRow, n: int, change: Iterable[int] = ()) -> Iterator[list[int]]:
    """Every set of whole counts that gives the row's figures at this n."""
    least, greatest = bound_counts(row, np.array([n]), change)
    for counts in product(*(range(low, high + 1) for low, high in zip(least[:, 0], greatest[:, 0], strict=True))):
        if sum(counts) == n or (not row.complete and sum(counts) < n):
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
    table: pd.DataFrame, key: str, columns: list[str], n_max: int, where: str, block: str = ""
) -> pd.DataFrame:
    """Which numbers of respondents can a table of percentages rest on, row by row, block by block and as a whole?

    Parameters
    ----------
    table : DataFrame
        Text as printed: `key` names each row, `columns` hold its percentages, `block` (optional) tells which rows the
        same respondents should have answered.
    n_max : int
        The number of people who responded.

    Returns
    -------
    DataFrame
        Verdicts: skipped figures, repeated rows, rows, blocks, the whole table; `computed` holds the n that fit. A
        block whose rows share no n is said to be so; one of which fewer than two rows fit any n gets no verdict.

    Raises
    ------
    WorkbookError
        For a missing column, numbers that are not text, or proportions in place of percentages.
    """
    check_text(table, [key, *columns], where)
    table = name_rows(table, key)
    check_percentages(table[columns], where)
    verdicts = _judge_reading(table, key, columns, where)
    distinct = table.drop_duplicates([key, *columns]).drop_duplicates(key, keep=False)
    rows = {row[key]: read_row(map(row.get, columns)) for row in distinct.to_dict("records")}
    fits = {name: find_feasible_n(row, range(1, n_max + 1)) for name, row in rows.items() if row.figures}
    blocks = distinct.groupby(block, sort=False)[key].agg(list).to_dict() if block else {"all rows": list(rows)}
    shared = {}
    for name, members in blocks.items():
        members = [member for member in members if rows[member].figures]
        shared[name], verdict = _judge_block([fits[member] for member in members], n_max)
        for member in members:
            found = _judge_row(rows[member], fits[member], shared[name], n_max)
            verdicts.append(replace(found, printed=rows[member].text, id=member, where=where))
        verdicts += [replace(verdict, id=name, where=where)] if verdict else []
    shared = {name: numbers for name, numbers in shared.items() if numbers}
    if len(shared) > 1:
        common = describe_numbers(set.intersection(*map(set, shared.values())))
        words = "; ".join(f"{name}: {describe_numbers(numbers)}" for name, numbers in shared.items())
        words += f". Common to all blocks: {common}." + " Did fewer people answer some?" * (common == "none")
        severity = "question" if common == "none" else "note"
        verdicts.append(Verdict(severity, words, common, id="whole table", where=where))
    return frame_verdicts(verdicts)


def _judge_reading(table: pd.DataFrame, key: str, columns: list[str], where: str) -> list[Verdict]:
    """Figures that cannot be read or cannot be true, blanks where a row falls short, rows printed more than once."""
    verdicts = []
    for row in table.to_dict("records"):
        read = read_row(map(row.get, columns))
        if not read.figures:
            verdicts.append(Verdict("not checked", "No figure that can be read.", id=row[key], where=where))
        blanks_matter = read.figures and read.off < 0
        for column in columns:
            figure = parse_figure(row[column])
            if figure.value is None and (figure.text or blanks_matter):
                impossible = parse_figure(row[column], "number").value is not None
                severity = "contradiction" if impossible else "not checked"
                verdicts.append(Verdict(severity, f"{column}: {figure.reason}.", "", figure.text, row[key], where))
    for name, rows in table[table[key].duplicated(keep=False)].groupby(key, sort=False):
        words, severity = "Printed more than once, the same each time; checked once.", "note"
        if len(rows.drop_duplicates(columns)) > 1:
            words, severity = "Printed more than once with different figures. Which row is meant?", "contradiction"
        verdicts.append(Verdict(severity, words, id=name, where=where))
    return verdicts


def check_percentages(cells: pd.DataFrame, where: str) -> None:
    """Raise a `WorkbookError` for proportions: figures from 0 to 1 with decimals, most rows adding up to about 1."""
    rows = [row for texts in cells.to_numpy() if (row := read_row(texts)).figures]
    figures = [figure for row in rows for figure in row.figures]
    if any(figure.value > 1 for figure in figures) or all(figure.unit == 1 for figure in figures):
        return
    # About 1: rounding moves a sum by half of this at most, and the other half allows for a slip.
    near = [row for row in rows if abs(row.total - 1) <= sum(figure.unit for figure in row.figures)]
    if 2 * len(near) > len(rows):
        raise WorkbookError(
            where, "", f"figures that look like proportions ({near[0].text.replace('%', '')})", "percentages from 0 to 100",
            "multiply each figure by 100 and keep its digits, so that 0.40 becomes 40",
        )  # fmt: skip


def _judge_block(fits: list[list[int]], n_max: int) -> tuple[list[int], Verdict | None]:
    """The n that most rows of a block share, given those that fit each row, and a verdict where there is one to give."""
    tally = Counter(n for numbers in fits for n in numbers)
    most, fitting = max(tally.values(), default=0), sum(map(bool, fits))
    if fitting < 2:
        return [], None
    if 2 * most <= fitting:
        words = f"No number of respondents up to {n_max} fits more than {most} of {len(fits)} rows."
        return [], Verdict("question", words + " Did different numbers answer them?", "none")
    shared = sorted(n for n, count in tally.items() if count == most)
    common, severity = describe_numbers(shared), "note" if most == len(fits) else "question"
    return shared, Verdict(severity, f"{most} of {len(fits)} rows fit {common} respondents.", common)


def _judge_row(row: PercentageRow, fits: list[int], shared: list[int], n_max: int) -> Verdict:
    """One row, given the n that fit it and the n that most rows of its block share (none: they share no n)."""
    computed, points = describe_numbers(fits), f"{abs(row.off)} point{'s' * (abs(row.off) != 1)}"
    if not fits:
        words = f"{row.text}; no whole number of respondents up to {n_max} gives these."
        if row.off > 0 or (row.off < 0 and row.complete):
            words += f" That is {points} further from 100% than rounding explains."
        words += describe_least_change(row, shared[:1]) or describe_least_change(row, range(1, n_max + 1))
        return Verdict("contradiction", words + " Is a figure misprinted?", computed)
    words = f"{row.text} fits {computed} respondents."
    if row.off < 0:
        words += f" It is {points} further below 100% than rounding explains."
        if row.unread:
            return Verdict("note", words + " What was skipped may make up for that: it is open.", computed)
        return Verdict("question", words + " Is a category left out?", computed)
    if not shared or set(fits) & set(shared):
        return Verdict("agrees", words, computed)
    words += f" More rows of its block fit {describe_numbers(shared)} than any other number."
    if fewer := [n for n in fits if n < shared[0]]:
        words += f" With {fewer[-1]}, {shared[0] - fewer[-1]} of {shared[0]} would have left it out."
    words += describe_least_change(row, shared[:1]) + " Which is the case?"
    return Verdict("question", words, computed)
