"""Printed figures as they stand, and verdicts on them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

import pandas as pd

from helpers.study.errors import WorkbookError

# Words for a figure that is not given, and names of columns (in lower case) that hold no category of a table.
NOT_GIVEN = {"n/a", "na", "nr", "nd", "suppressed", "withheld"}
TOTALS = {"n", "total", "base", "all"}


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
    """The readable percentages of a row, each respondent being in one category, so that counts add up to n at most.

    `complete`: none is left out, so they add up to n. `unread`: another cell is filled but cannot be read.
    """

    figures: list[Figure]
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


def read_row(texts: Iterable[object]) -> PercentageRow:
    """Read one row of percentages.

    A blank is a category that was not printed: the row is complete when the rest reaches 100 within rounding. Any other
    unreadable figure leaves the row incomplete.
    """
    parsed = [parse_figure(text) for text in texts]
    row = PercentageRow([figure for figure in parsed if figure.value is not None], True)
    skipped = [figure for figure in parsed if figure.value is None]
    unread = any(figure.text for figure in skipped)
    return PercentageRow(row.figures, not (unread or (skipped and row.off < 0)), unread)


def check_text(table: pd.DataFrame, columns: Iterable[str], where: str) -> None:
    """Raise a `WorkbookError` for a column that is missing or holds numbers, which have lost their trailing zeros."""
    for column in columns:
        if column not in table:
            raise WorkbookError(where, "header", ", ".join(table.columns), f"a column {column!r}", "correct its name")
        if pd.api.types.is_float_dtype(table[column]) and table[column].notna().any():
            raise WorkbookError(where, f"column {column}", "numbers", "text as printed", "read it with study.sheets.read_table")


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


def frame_verdicts(verdicts: list[Verdict]) -> pd.DataFrame:
    """Verdicts as a frame of text: `id, where, severity, finding, printed, computed`."""
    columns = ["id", "where", "severity", "finding", "printed", "computed"]
    return pd.DataFrame(map(vars, verdicts), columns=columns, dtype="str")
