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
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.study import WorkbookError, read_csv

# A slip of rounding is nearer to a solution than this, in units of the last digit; more has too many explanations.
MOST_UNITS = 3
# Words for a figure that is not given, and names of columns (in lower case) that hold no category of a table.
NOT_GIVEN = {"n/a", "na", "nr", "nd", "suppressed", "withheld"}
TOTALS = {"n", "total", "base", "all"}
BLOCKS = ["scale", "section"]
LAYOUTS = (
    "percentages (the first column names the row, each other one is a category, from 0 to 100), or counts (columns"
    " `panel`, `category` and, last, the counts), or means (the first column names the row; columns `mean`, `n` and,"
    " where printed, `sd`)"
)


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
    `unread`: another cell is filled but cannot be read.
    """

    figures: list[Figure]
    exclusive: bool
    complete: bool
    unread: bool = False

    @property
    def total(self) -> Decimal:
        return sum((figure.value for figure in self.figures), Decimal(0))

    @property
    def off(self) -> Decimal:
        """By how many points the row misses 100 beyond what rounding explains: 0, below 0 (short) or above."""
        beyond = self.total - 100
        slack = sum((figure.unit for figure in self.figures), Decimal(0)) / 2
        return max(beyond - slack, Decimal(0)) + min(beyond + slack, Decimal(0))

    @property
    def text(self) -> str:
        return " + ".join(f"{figure.value}%" for figure in self.figures) + f" = {self.total}%" * (len(self.figures) > 1)


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
    if plain.casefold() in NOT_GIVEN:
        return Figure(printed, None, "not given")
    if plain.startswith(tuple("<>≤≥~≈")):
        return Figure(printed, None, "a bound or an approximation, not a figure")
    if not re.fullmatch(r"-?([0-9]+[.,]?[0-9]*|[.,][0-9]+)", plain) or re.search(r",[0-9]{3,}$", plain):
        return Figure(printed, None, "cannot be read with certainty as one number")
    value = Decimal(plain.replace(",", ".").rstrip("."))
    if kind == "percentage" and not 0 <= value <= 100:
        why = "it cannot be negative" if value < 0 else "it is more than 100%"
        return Figure(printed, None, f"{value}% cannot be a share of respondents, since {why}")
    if kind == "count" and value < 0:
        return Figure(printed, None, "a count cannot be negative")
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
    unread = any(figure.text for figure in skipped)
    left_out = unread or (skipped and row.off < 0)
    return PercentageRow(row.figures, exclusive, exclusive and not left_out, unread)


def check_text(table: pd.DataFrame, columns: Iterable[str], where: str) -> None:
    """Raise a `WorkbookError` for a column that is missing or holds numbers, which have lost their trailing zeros."""
    for column in columns:
        if column not in table:
            raise WorkbookError(where, "header", ", ".join(table.columns), f"a column {column!r}", "correct its name")
        if pd.api.types.is_float_dtype(table[column]) and table[column].notna().any():
            raise WorkbookError(where, f"column {column}", "numbers", "text as printed", "read it with study.read_csv")


def name_rows(table: pd.DataFrame, key: str) -> pd.DataFrame:
    """Name a row whose name is blank by its number, the header being row 1, as a spreadsheet shows it."""
    names = [f"row {place}" if pd.isna(name) or not str(name).strip() else name for place, name in enumerate(table[key], 2)]
    return table.assign(**{key: names})


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
        Verdicts: skipped figures, repeated rows, rows, blocks, the whole table; `computed` holds the n that fit. A
        block whose rows share no n is said to be so; one of which fewer than two rows fit any n gets no verdict.

    Raises
    ------
    WorkbookError
        For a missing column, numbers that are not text, or proportions in place of percentages.
    """
    check_text(table, [key, *columns], where)
    table = name_rows(table, key)
    if exclusive:
        check_percentages(table[columns], where)
    verdicts = _judge_reading(table, key, columns, where, exclusive)
    distinct = table.drop_duplicates([key, *columns]).drop_duplicates(key, keep=False)
    rows = {row[key]: read_row(map(row.get, columns), exclusive) for row in distinct.to_dict("records")}
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


def _judge_reading(table: pd.DataFrame, key: str, columns: list[str], where: str, exclusive: bool) -> list[Verdict]:
    """Figures that cannot be read or cannot be true, blanks where a row falls short, rows printed more than once."""
    verdicts = []
    for row in table.to_dict("records"):
        read = read_row(map(row.get, columns))
        if not read.figures:
            verdicts.append(Verdict("not checked", "No figure that can be read.", id=row[key], where=where))
        blanks_matter = read.figures and exclusive and read.off < 0
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


def frame_verdicts(verdicts: list[Verdict]) -> pd.DataFrame:
    """Verdicts as a frame of text: `id, where, severity, finding, printed, computed`."""
    columns = ["id", "where", "severity", "finding", "printed", "computed"]
    return pd.DataFrame(map(vars, verdicts), columns=columns, dtype="str")


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
        if row.exclusive and (row.off > 0 or (row.off < 0 and row.complete)):
            words += f" That is {points} further from 100% than rounding explains."
        words += describe_least_change(row, shared[:1]) or describe_least_change(row, range(1, n_max + 1))
        return Verdict("contradiction", words + " Is a figure misprinted?", computed)
    words = f"{row.text} fits {computed} respondents."
    if row.exclusive and row.off < 0:
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


# --- counts and means -------------------------------------------------------------------------------------------------


def audit_panels(counts: pd.DataFrame, where: str, totals: Mapping[str, int]) -> pd.DataFrame:
    """Do the panels of a table of counts add up to one number, and to the numbers that the text gives?

    `counts` has `panel, category` and, last, the printed counts; `totals` names the numbers of the text. Returns
    verdicts: more than a total is a contradiction, fewer a question, since some may not have answered.
    """
    check_text(counts, ["panel", "category"], where)
    verdicts, sums, sources = [], {}, {}
    for panel, rows in name_rows(counts, "panel").groupby("panel", sort=False):
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


def audit_means(table: pd.DataFrame, where: str, n_max: int | None = None) -> pd.DataFrame:
    """Check means (GRIM) and SDs (GRIMMER) of whole-number answers; returns verdicts, one a row.

    The first column names the row; `mean`, `n` and optionally `sd` and `items` (averaged; GRIM alone) are as printed.
    `n_max` is the number of people who responded, where it is known: a greater n is a contradiction.
    """
    check_text(table, ["mean", "n"], where)
    verdicts = []
    names = name_rows(table, table.columns[0]).iloc[:, 0]
    for name, row in zip(names, table.fillna("").to_dict("records"), strict=True):
        mean, sd = parse_figure(row["mean"], "number"), parse_figure(row.get("sd", ""), "number")
        n, items = parse_figure(row["n"], "count"), parse_figure(row.get("items", "1"), "count")
        cells = {"mean": mean, "n": n, "items": items}
        skipped = [f"{name}: {figure.reason}" for name, figure in cells.items() if figure.value is None]
        skipped += [f"{name}: 0, so there is no mean" for name in ("n", "items") if cells[name].value == 0]
        if skipped:
            verdict = Verdict("not checked", "; ".join(skipped) + ".")
        else:
            verdict = _judge_mean(mean, sd, int(n.value), int(items.value))
        if n_max is not None and n.value is not None and n.value > n_max:
            words = f"n is {n.value}, more than the {n_max} people who responded. {verdict.finding}"
            verdict = replace(verdict, severity="contradiction", finding=words)
        printed = f"mean {mean.text or 'none'}, SD {sd.text or 'none'}, n {n.text or 'none'}"
        verdicts.append(replace(verdict, printed=printed, id=name, where=where))
    return frame_verdicts(verdicts)


def _judge_mean(mean: Figure, sd: Figure, n: int, items: int) -> Verdict:
    answers, sums = n * items, list_sums(mean, n, items)
    if not sums:
        near = math.floor(Fraction(mean.value) * answers)
        pair = " or ".join(f"{total} / {answers} = {total / answers:.4f}" for total in (near, near + 1))
        return Verdict("contradiction", f"Whole-number answers give {pair}, not {mean.text}. Which is meant?", pair)
    words = f"A sum of {describe_numbers(sums)} gives the mean"
    if sd.text and sd.value is None:
        return Verdict("agrees", words + f"; the SD is not checked: {sd.reason}.")
    if sd.value is None or items > 1 or n == 1:
        return Verdict("agrees", words + "; the SD is not checked.")
    if list_sums_of_squares(mean, sd, n):
        return Verdict("agrees", words + ", and whole-number answers can give the SD.")
    return Verdict("contradiction", words + f"; no whole-number answers give SD {sd.text} with it. Which is meant?")


# --- any table --------------------------------------------------------------------------------------------------------


def read_table(path: Path) -> pd.DataFrame:
    """Read a CSV file whose path was typed at the command line, as text; its `WorkbookError` fits such a path."""
    if not path.is_file():
        raise WorkbookError(path, "", "a folder" if path.is_dir() else "no such file", "a CSV file", "correct the path")
    try:
        header = path.read_text(encoding="utf-8-sig").lstrip().partition("\n")[0]
    except (OSError, UnicodeDecodeError):
        remedy = "export the table as CSV in UTF-8 and give the path of that file"
        raise WorkbookError(path, "", "a file that is no text in UTF-8", "a CSV file in UTF-8", remedy) from None
    remedy = 'save it with commas, putting any figure with a decimal comma in quotation marks ("12,5")'
    for mark, name in ((";", "semicolons"), ("\t", "tabs")):
        if header.count(mark) > header.count(","):
            raise WorkbookError(path, "header", f"columns separated by {name}", "columns separated by commas", remedy)
    table = read_csv(path, [])
    if not isinstance(table.index, pd.RangeIndex):
        # pandas takes what is too much for the header as names of the rows, and says nothing.
        raise WorkbookError(path, "", "rows longer than the header", "every row as long as the header", remedy)
    return table


def audit_table(table: pd.DataFrame, where: str, n_max: int) -> pd.DataFrame:
    """Audit any table of published figures, read as text, by its columns; returns verdicts.

    `panel` and `category`: counts in the last column; `mean` and `n`: means (upper or lower case). Otherwise the first
    column names the rows and the others hold percentages, but for a total (`TOTALS`), text in which no cell can be read,
    and `scale` or else `section`, which tells the blocks. A note names the columns left out.
    """
    lower = table.rename(columns=str.casefold)
    named = lower if lower.columns.is_unique else table
    if {"panel", "category"} <= set(named.columns):
        return audit_panels(named, where, {"people who responded": n_max})
    if {"mean", "n"} <= set(named.columns):
        return audit_means(named, where, n_max)
    check_text(table, table.columns, where)
    columns = [name for name in table.columns[1:] if name.casefold() not in {*TOTALS, *BLOCKS} and holds_figures(table[name])]
    if not columns or table.empty:
        found = "no rows" if table.empty else f"the columns {', '.join(table.columns)}"
        raise WorkbookError(where, "", found, LAYOUTS, "lay the table out in one of these ways")
    blocks = [name for known in BLOCKS for name in table.columns[1:] if name.casefold() == known and table[name].ne("").any()]
    block = blocks[0] if blocks else ""
    if block:
        table = table.assign(**{block: block + " " + table[block].replace("", "[blank]")})
    verdicts = audit_percentages(table, table.columns[0], columns, n_max, where, block)
    left_out = [name for name in table.columns[1:] if name not in {*columns, block}]
    note = Verdict("note", f"Not taken as percentages: {', '.join(left_out)}.", id="columns", where=where)
    return pd.concat([verdicts, frame_verdicts([note])], ignore_index=True) if left_out else verdicts


def holds_figures(column: pd.Series) -> bool:
    """Whether a column is one of percentages and not of text: it has a figure, or its cells are no words."""
    filled = [figure for figure in map(parse_figure, column) if figure.text]
    words = [figure for figure in filled if re.search(r"[^\W\d_]", figure.text) and figure.reason != "not given"]
    return any(figure.value is not None for figure in filled) or (bool(filled) and not words)
