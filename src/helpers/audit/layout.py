"""Printed tables as rows of figures: what a column holds is told by the words of its heading and the form of its cells."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from helpers.audit.figures import Figure, check_text, name_rows, parse_figure, tidy
from helpers.audit.search import AVERAGES, MISSING, NOT_RELEVANT, Printed, Row
from helpers.study.errors import WorkbookError

# The first and last point of a scale, or of a category on it.
Scale = tuple[int, int]
BLOCKS = ["scale", "section"]
TOTALS = {"total", "base", "all", "responses", "respondents", "sample size", "valid"}
LAYOUTS = (
    "a first column that names the rows and columns of figures, such as n, Median (IQR), Mean (SD), or n (%) or % of a"
    " category; or the columns `panel`, `category` and, last, counts"
)
# Words of a heading, in the order in which they are tried; nothing here reads what is `other`.
WORDS = {
    "other": r"p|p.values?|(95|99) ?% ?ci|ci|confidence intervals?|s\.?e\.?m?\.?|standard error|(cronbach\S* )?(alpha|α)"
    r"|rank|page|year|change|difference|skew\w*|kurtosis",
    "sd": r"s\.? ?d\.?|std\.?( dev(iation)?\.?)?|standard deviations?|±",
    "q1": r"q1|lq|p25|25th( percentile)?|(lower|first) quartile",
    "q3": r"q3|uq|p75|75th( percentile)?|(upper|third) quartile",
    "iqr": r"iqr|inter.?quartile( range)?|quartiles",
    "min": r"min(imum)?",
    "max": r"max(imum)?",
    "range": r"range",
    "mean": r"mean|average|^m",
    "median": r"median|mdn|md",
    "items": r"^items$",
    "missing": r"missing|no (answer|response)|not answered|non.?response",
    "percent": r"%|per ?cent(age)?s?",
    "n": r"n|no\.|number|counts?|freq(uency|\.)?",
}
HEADING = re.compile("|".join(rf"(?P<{kind}>(?<!\w)(?:{words})(?!\w))" for kind, words in WORDS.items()), re.IGNORECASE)
RANGES = {"iqr": ["q1", "q3"], "range": ["min", "max"]}
OFF_SCALE = r"(not|ir) ?relevant|not applicable|n/a|don.?t know|do not know"
MARKS = {"iqr": "iqr", "sd": "sd", "range": "range", "±": "sd"}
STRONG, JOINED = r"strongly|completely|totally|fully", r"/|&|\bor\b|\band\b"
UNCLEAR = "cannot be read with certainty as one number"
# Where most rows fall short of 100 by more points than this, not all categories are printed.
MOST_SHORT = 5
PARSED = dict.fromkeys(("n", "count", "items", "missing"), "count") | {"percent": "percentage"}


@dataclass
class Column:
    """A column of figures: the kinds that its heading names, what remains of it, and whether its people are off the scale;
    its cells as texts of figures; for a category of answers, the kinds of the figures of a cell that holds one or two."""

    heading: str
    words: list[str]
    name: str
    outside: str
    cells: list[list[str]]
    kinds: dict[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def averages(self) -> set[str]:
        return {*AVERAGES, "range"} & set(self.words)

    @property
    def is_n(self) -> bool:
        return self.words[:1] == ["n"] and not self.name and "percent" not in self.words or self.name.casefold() in TOTALS

    @property
    def is_sum(self) -> bool:
        """Whether it holds what percentages add up to: 100."""
        return self.name.casefold() in TOTALS and all(re.fullmatch(r"(100(\.0*)?%?)?", cell[0]) for cell in self.cells)

    @property
    def category(self) -> str:
        return self.name or "this row" if self.kinds else ""

    def read(self, place: int) -> list[Printed]:
        """The figures of a cell, those that nothing here reads as of the kind "other"."""
        texts = [text for text in self.cells[place] if text not in MARKS]
        kinds = [*self.kinds.get(len(texts), ["unclear"])] if self.kinds else self.words or ["n"]
        if self.averages:
            kinds = kinds + [MARKS[text] for text in self.cells[place] if text in MARKS] * (len(kinds) == 1)
            kinds = kinds[:-1] + RANGES[kinds[-1]] if kinds[-1] in RANGES and len(texts) == len(kinds) + 1 else kinds
        figures = []
        for text, kind in zip(texts, kinds + ["other"] * len(texts)):
            category = MISSING if kind == "missing" else self.category
            kind = {"missing": "count", "range": "other"}.get(kind, kind)
            figures.append(Printed(kind, parse_figure(text, PARSED.get(kind, "number")), category))
        if kinds == ["unclear"]:
            figures = [Printed("count", Figure(" ".join(texts), None, UNCLEAR), self.category)]
        return figures


def split_cell(text: object, commas: bool = False) -> list[str]:
    """The texts of the figures of a cell: one, or two or three of "76 (67.9%)", "3.5 ± 0.72", "4 [3, 4]", "4 (IQR 1)"; a word
    in its brackets, or ±, stands before its figure. `commas`: they are decimal commas."""
    plain = tidy(text)
    parts = re.fullmatch(r"([^(\[±]+?)\s*(?:[(\[](.+)[)\]]|((?:±|\+/-).+))", plain)
    outer, inner = ([parts[1]], parts[2] or parts[3]) if parts else ([], plain)
    word = re.match(r"\s*(IQR|SD|range|±|\+/-)[:=,]?\s*", inner, re.IGNORECASE)
    between = r"\s*(?:(?<=[\d%])\s*-(?=\s*[\d.])|\bto\b|;|,(?=\s)" + ("" if commas else r"|(?<=^\d),(?=\d$)") + r")\s*"
    inside = re.split(between, inner[word.end() :] if word else inner)
    found = outer + ([word[1].casefold().replace("+/-", "±")] if word else []) + inside
    return found if len(found) > 1 else [str(text).strip()]


def read_heading(heading: str) -> tuple[list[str], str, str]:
    """The kinds of figures that a heading names, in their order, what remains of it, and whether its people are off the scale."""
    plain = tidy(re.sub(r"\(?\bn ?= ?\d+\)?|\.\d+$", "", re.sub("(%)|_", r" \1 ", tidy(heading)), flags=re.IGNORECASE))
    # "n (missing)" is an n and a number of people beside it; otherwise the missing are a category.
    if re.fullmatch(r"(valid )?(n|number)\s*[(\[]\s*missing\s*[)\]]", plain, re.IGNORECASE):
        return ["n", "missing"], "", ""
    outside = NOT_RELEVANT if re.search(OFF_SCALE, plain, re.IGNORECASE) else ""
    found = [match.lastgroup for match in HEADING.finditer(re.sub(OFF_SCALE, " ", plain, flags=re.IGNORECASE))]
    if "missing" in found:
        found, outside = [kind for kind in found if kind != "missing"], MISSING
    name = " ".join(re.findall(r"[^\W_]+(?:[-/+&'’][^\W_]+)*", HEADING.sub(" ", plain)))
    return found, name or outside, outside


# --- columns ----------------------------------------------------------------------------------------------------------
def read_columns(table: pd.DataFrame) -> list[Column]:
    """The columns of figures and what their cells hold; one that nothing here reads is left out."""
    texts = " ".join(re.sub(r"[(\[]\d,\d[)\]]", "", tidy(cell)) for cell in table.to_numpy().ravel())
    commas = bool(re.search(r"\d,\d{1,2}(?!\d)", texts))
    headings = [name for name in table.columns[1:] if name.casefold() not in BLOCKS]
    columns = [Column(name, *read_heading(name), [split_cell(cell, commas) for cell in table[name]]) for name in headings]
    columns = [column for column in columns if column.words[:1] != ["other"] and holds_figures(column) and not column.is_sum]
    groups = {column.name.casefold() for column in columns if column.averages}
    categories = [
        column for column in columns
        if not (column.averages or column.is_n or column.words == ["items"] or ("n" in column.words and column.name.casefold() in groups))
    ]  # fmt: skip
    general = read_heading(str(table.columns[0]))[0]
    for column in categories:
        column.kinds = decide_kinds(column, [word for word in column.words if word in ("n", "percent")] or general)
    # Whole numbers without a mark are counts where they add up to n, percentages otherwise.
    bare = [
        column
        for column in categories
        if not column.words and all(re.fullmatch(r"\d*", "|".join(cell)) for cell in column.cells)
    ]
    stated = [column.cells[place][0] for column in columns if column.is_n for place in range(len(table))]
    sums = [str(sum(int(column.cells[place][0] or 0) for column in bare)) for place in range(len(table))]
    agree = [total == n for total, n in zip(sums, stated, strict=False)]
    for column in bare if 2 * sum(agree) > len(agree) and set(sums) != {"100"} else ():
        column.kinds = {1: ("count",)}
    if [column.name for column in categories] == [""] and categories[0].words == ["percent"]:
        # "n" beside "%": the row is itself a category, and n its count.
        for column in columns:
            column.kinds = {1: ("count",)} if column.is_n and column.words == ["n"] else column.kinds
    return [column for column in columns if column not in categories or column.kinds]


def decide_kinds(column: Column, words: list[str]) -> dict[int, tuple[str, ...]]:
    """Whether the figures of a category's cells are counts or percentages; nothing where two of one cell cannot be either."""
    alone, first, second = (
        [cell[at] for cell in column.cells if len(cell) == size] for size, at in ((1, 0), (2, 0), (2, 1))
    )  # fmt: skip
    signed = ["%" in "".join(texts) for texts in (alone, first, second)]
    decimals = [any(re.search(r"\d[.,]\d{1,2}(?!\d)", text) for text in texts) for texts in (alone, first, second)]
    if decimals[1] and decimals[2] and not words and not any(signed):
        return {}
    percent_first = words[:1] == ["percent"] if decimals[1] == decimals[2] else decimals[1]
    percent_first = percent_first if signed[1] == signed[2] else signed[1]
    counted = words[:1] == ["n"] or (not words and column.outside == MISSING)
    single = "count" if counted and not decimals[0] and not signed[0] else "percent"
    return {1: (single,), 2: ("percent", "count") if percent_first else ("count", "percent")}


def holds_figures(column: Column) -> bool:
    """Whether a column is one of figures and not of text: it has a figure, or its cells are no words."""
    filled = [parse_figure(text, "number") for cell in column.cells for text in cell if text]
    words = [figure for figure in filled if re.search(r"[^\W\d_]", figure.text) and figure.reason != "not given"]
    return any(figure.value is not None for figure in filled) or (bool(filled) and not words)


def place_categories(names: Sequence[str], scale: Scale) -> dict[str, Scale]:
    """The first and last point of the scale that each category holds, by its words or else by its place among as many
    categories as there are points, or three (low, middle, high); empty where that is not certain."""
    low, high = scale
    size, middle = high - low + 1, (low + high) / 2
    sides = {"low": (low, math.ceil(middle) - 1), "high": (math.floor(middle) + 1, high)}
    strong = [name for name in names if re.search(STRONG, name, re.IGNORECASE) and not re.search(JOINED, name, re.IGNORECASE)]
    found = {}
    for name in names:
        plain = tidy(name).casefold()
        points = re.match(r"(?:score |point )?(\d+)(?: ?(?:-|to|or|/|\+|and|&) ?(\d+))?(?!\d)", plain)
        side = (
            "low" if re.search(r"disagree|\blow\b|not agree", plain) else "high" if re.search(r"agree|\bhigh\b", plain) else ""
        )
        if points and low <= int(points[1]) <= int(points[2] or points[1]) <= high:
            found[name] = int(points[1]), int(points[2] or points[1])
        elif re.search(r"neither|neutral|undecided|\bmid", plain) and middle.is_integer():
            found[name] = int(middle), int(middle)
        elif side and name in strong:
            found[name] = (low, low) if side == "low" else (high, high)
        elif side:
            ends = sides[side]
            inner = [other for other in strong if ("disagree" in other.casefold()) == (side == "low")]
            inner = inner and not re.search(JOINED, name, re.IGNORECASE)
            found[name] = ends if not inner else (ends[0] + 1, ends[1]) if side == "low" else (ends[0], ends[1] - 1)
    held = [point for first, last in found.values() for point in range(first, last + 1)]
    if len(found) == len(names) and len(held) == len(set(held)):
        return found
    if len(names) == size:
        return {name: (low + place, low + place) for place, name in enumerate(names)}
    if len(names) == 3 and middle.is_integer():
        return dict(zip(names, [sides["low"], (int(middle), int(middle)), sides["high"]], strict=True))
    return {}


# --- rows -------------------------------------------------------------------------------------------------------------
def read_rows(
    table: pd.DataFrame, where: str, scale: Scale, known: Mapping[str, tuple[Scale | None, dict[str, Scale]]] | None = None
) -> tuple[list[Row], list[str]]:
    """The rows of a printed table (text), and what of it is not read.

    The first column names the rows; `scale` or else `section` tells their blocks. Where `known` gives rows a scale (or None: not
    one of whole numbers), it also says which of its points each category holds. Where columns of averages repeat (before,
    after), each set of them is a row.
    """
    check_text(table, table.columns, where)
    table = name_rows(table, table.columns[0])
    columns = read_columns(table)
    if not columns or table.empty:
        found = "no rows" if table.empty else f"the columns {', '.join(table.columns)}"
        raise WorkbookError(where, "", found, LAYOUTS, "lay the table out in this way")
    sets = split_sets(columns)
    used = [column for chosen in sets.values() for column in chosen]
    blocks = [name for known in BLOCKS for name in table.columns[1:] if name.casefold() == known and table[name].ne("").any()]
    unread = [name for name in table.columns[1:] if name not in blocks[:1] and name not in {column.heading for column in used}]
    rows = []
    for place, entry in enumerate(table.to_dict("records")):
        block = f"{blocks[0]} {entry[blocks[0]] or '[blank]'}" if blocks else "all rows"
        for name, chosen in sets.items():
            printed = [(column.heading, figure) for column in chosen for figure in column.read(place)]
            label = entry[table.columns[0]]
            held = known.get(label, (None, {})) if known is not None else (scale, None)
            rows.append(make_row(", ".join(filter(None, [label, name])), printed, block, chosen, *held))
    others = {
        column.heading for column in used for place in range(len(table)) for each in column.read(place) if each.kind == "other"
    }
    return mark_partial(rows), unread + [f"what else stands under {heading}" for heading in table.columns if heading in others]


def split_sets(columns: Sequence[Column]) -> dict[str, list[Column]]:
    """The columns of a row; where a kind of average repeats, those of each set of them by what they are called."""
    kinds = [kind for column in columns for kind in column.averages]
    if len(kinds) == len(set(kinds)):
        return {"": list(columns)}
    rest = [column for column in columns if column.kinds or (column.is_n and not column.name)]
    sets = {column.name: [] for column in columns if column.averages}
    for name, chosen in sets.items():
        own = [column for column in columns if column.name == name and not column.kinds]
        chosen += own + [column for column in rest if column.is_n and not any("n" in each.words for each in own)]
    return ({"": rest} if any(column.kinds for column in rest) else {}) | sets


def make_row(
    name: str, printed: Sequence[tuple[str, Printed]], block: str, columns: Sequence[Column], scale: Scale | None,
    points: dict[str, Scale] | None,
) -> Row:  # fmt: skip
    if scale is None:
        why = Figure("", None, "not held against a scale of whole numbers")
        printed = [
            (head, replace(each, figure=replace(why, text=each.figure.text)) if each.kind in AVERAGES else each)
            for head, each in printed
        ]
    figures = tuple(figure for _, figure in printed if figure.figure.value is not None and figure.kind != "other")
    skipped = tuple(
        (heading, figure.figure) for heading, figure in printed if figure.figure.value is None and figure.kind != "other"
    )
    outside = {column.name: column.outside for column in columns if column.outside} | {MISSING: MISSING}
    names = list(dict.fromkeys(column.category for column in columns if column.kinds))
    on_scale = [each for each in names if each not in outside]
    points = place_categories(on_scale, scale) if points is None and on_scale else points or {}
    row = Row(name, figures, skipped, block, scale, points, outside)
    # A blank is a category that was not printed: the row is complete when the rest reaches 100 within rounding.
    headings = {column.heading for column in columns if column.kinds}
    lost = [figure for heading, figure in skipped if heading in headings]
    covers = not points or sum(last - first + 1 for first, last in points.values()) == scale[1] - scale[0] + 1
    whole = not any(figure.text for figure in lost) and not (lost and (row.off < 0 or not row.of("percent")))
    return replace(row, complete=whole and covers and bool(on_scale), partial=not covers)


def mark_partial(rows: list[Row]) -> list[Row]:
    """Where most rows add up to far less than 100, the table prints some of the categories alone."""
    short = [row.total < 100 - MOST_SHORT for row in rows if row.of("percent")]
    return (
        [replace(row, complete=False, partial=True) for row in rows] if len(short) > 1 and 2 * sum(short) > len(short) else rows
    )
