"""Printed figures exactly as printed, and verdicts on them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

import pandas as pd

from helpers.study.errors import WorkbookError

# What tables print if a figure is not given.
NOT_GIVEN = {"n/a", "na", "nr", "nd", "suppressed", "withheld"}
UNCLEAR, NOT_WHOLE = "cannot be read with certainty as one number", "a count is a whole number"


@dataclass(frozen=True)
class Verdict:
    """One finding: how serious it is, its words with arithmetic, the computed and printed figures, its id, place and topic."""

    severity: str
    finding: str
    computed: str = ""
    printed: str = ""
    id: str = ""
    where: str = ""
    about: str = ""


@dataclass(frozen=True)
class Figure:
    """A printed figure: its text, its value with the printed decimals, or (if the value is None) why it was skipped."""

    text: str
    value: Decimal | None
    reason: str = ""

    @property
    def unit(self) -> Decimal:
        """One unit of the last printed digit; rounding changes a figure by at most half of it."""
        return Decimal(1).scaleb(self.value.as_tuple().exponent)

    def allows(self, value: Fraction) -> bool:
        """Whether the value may have been rounded to this figure; a half may be rounded either way."""
        return abs(value - Fraction(self.value)) <= Fraction(self.unit) / 2


def tidy(text: object) -> str:
    """A cell or heading with plain spaces, dashes and decimal points."""
    text = re.sub(r"[\u2010-\u2015\u2212]", "-", "" if pd.isna(text) else str(text)).replace("·", ".")
    return re.sub(r"\s+", " ", re.sub(r"(?<=\d)[\u00a0\u2009\u202f](?=\d{3}(?!\d))", "", text)).strip()


def parse_figure(text: object, kind: str = "percentage") -> Figure:
    """Read a printed figure ("26.", "2 %", "12,5", a count "3,000") if its meaning is certain; otherwise say why not.

    `kind`: a percentage is between 0 and 100, a count is a whole number from 0, a number may be negative.
    """
    printed = "" if pd.isna(text) else str(text).strip()
    plain = tidy(printed).removesuffix("" if kind == "count" else "%").rstrip()
    if kind == "count" and re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+", plain):
        plain = plain.replace(",", "")
    if not printed:
        return Figure(printed, None, "blank")
    if plain == "-":
        return Figure(printed, None, "a dash can mean zero, not asked, or withheld")
    if plain.casefold() in NOT_GIVEN:
        return Figure(printed, None, "not given")
    if plain.startswith(tuple("<>≤≥~≈")):
        return Figure(printed, None, "a bound or an approximation, not a figure")
    if not re.fullmatch(r"-?([0-9]+[.,]?[0-9]*|[.,][0-9]+)", plain) or re.search(r",[0-9]{3,}$", plain):
        return Figure(printed, None, UNCLEAR)
    value = Decimal(plain.replace(",", ".").rstrip("."))
    if kind == "percentage" and not 0 <= value <= 100:
        why = "it cannot be negative" if value < 0 else "it is more than 100%"
        return Figure(printed, None, f"{value}% cannot be a share of respondents, because {why}")
    if kind == "count" and value < 0:
        return Figure(printed, None, "a count cannot be negative")
    if kind == "count" and value != value.to_integral_value():
        return Figure(printed, None, NOT_WHOLE)
    return Figure(printed, value)


def check_text(table: pd.DataFrame, columns: Iterable[str], where: str) -> None:
    """Raise a `WorkbookError` if a column is missing, or holds numbers instead of text (numbers lose trailing zeros)."""
    for column in columns:
        if column not in table:
            raise WorkbookError(where, "header", ", ".join(table.columns), f"a column {column!r}", "correct its name")
        if pd.api.types.is_float_dtype(table[column]) and table[column].notna().any():
            raise WorkbookError(where, f"column {column}", "numbers", "text as printed", "read it with study.sheets.read_table")


def name_rows(table: pd.DataFrame, key: str) -> pd.DataFrame:
    """Give rows without a name their number in a spreadsheet, where the header is row 1."""
    names = [f"row {place}" if pd.isna(name) or not str(name).strip() else name for place, name in enumerate(table[key], 2)]
    return table.assign(**{key: names})


def describe_numbers(numbers: Iterable[int], last: str = ", ") -> str:
    """Whole numbers in a few words: "39, 40, 42 to 48", with `last` before the last one; "none" if there are none."""
    parts = []
    for _, pairs in groupby(enumerate(sorted(numbers)), key=lambda pair: pair[1] - pair[0]):
        run = [number for _, number in pairs]
        parts += [f"{run[0]} to {run[-1]}"] if len(run) > 2 else map(str, run)
    return join_words(parts, last) or "none"


def join_words(parts: Sequence[str], last: str = " and ") -> str:
    """A list in words: "a, b and c"."""
    return last.join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def frame_verdicts(verdicts: list[Verdict]) -> pd.DataFrame:
    """Verdicts as a frame of text: `id, about, where, severity, finding, printed, computed`; by default, `about` is the id."""
    columns = ["id", "about", "where", "severity", "finding", "printed", "computed"]
    found = pd.DataFrame(map(vars, verdicts), columns=columns, dtype="str")
    return found.assign(about=found["about"].mask(found["about"] == "", found["id"]))
