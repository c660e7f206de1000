"""Read printed tables as rows of figures. The words of a heading and the form of its cells show what a column contains."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

import pandas as pd

from helpers.audit.figures import NOT_WHOLE, UNCLEAR, Figure, check_text, name_rows, parse_figure, tidy
from helpers.audit.search import AVERAGES, MISSING, NOT_RELEVANT, Printed, Row
from helpers.study.errors import WorkbookError

# The first and last point of a scale, or of a category on it.
Scale = tuple[int, int]
# The scale of a row (None: not one of whole numbers), and the points of the scale in each category (None: as its words say).
Known = tuple[Scale | None, dict[str, Scale] | None]
BLOCKS = ["scale", "section"]
VALID = r"(valid|answered|responded|completed?)"
TOTALS = {"total", "base", "all", "responses", "respondents", "sample size", "valid", "answered", "responded"}
LAYOUTS = (
    "a first column that names the rows and columns of figures, such as n, Median (IQR), Mean (SD), or n (%) or % of a"
    " category; or the columns `panel`, `category` and, last, counts"
)
# Words in a heading, in the order in which we try them; we do not read columns of the kind `other`.
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
    "missing": r"missing|skipped|no (answer|response)|not answered|non.?response",
    "percent": r"%|per ?cent(age)?s?",
    "n": r"n|no\.|number|counts?|freq(uency|\.)?",
}
HEADING = re.compile("|".join(rf"(?P<{kind}>(?<!\w)(?:{words})(?!\w))" for kind, words in WORDS.items()), re.IGNORECASE)
RANGES = {"iqr": ["q1", "q3"], "range": ["min", "max"]}
OFF_SCALE = r"(not|ir) ?relevant|not applicable|n/a|don.?t know|do not know"
MARKS = {"iqr": "iqr", "sd": "sd", "range": "range", "±": "sd"}
STRONG, JOINED = r"strongly|completely|totally|fully", r"/|&|\bor\b|\band\b"
NO_SCALE = "its item's scale is not one of whole numbers"
SCORE = r"\b(sub-?)?(scale|score|total)\b"
GROUP = r"\(?\bn ?= ?(\d[\d,]*)\)?"
ONE_GROUP = "put each group of people in a separate table"
# If most rows add up to less than 100 by more points than this, not all categories are printed.
MOST_SHORT = 5
PARSED = dict.fromkeys(("n", "count", "items", "missing"), "count") | {"percent": "percentage"}


@dataclass
class Column:
    """A column of figures: the kinds that its heading names, the rest of the heading, and whether its people are off the scale;
    its cells as text of figures; for a category of answers, the kinds of figures in cells with one or two of them."""

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
        valid = re.fullmatch(rf"(who )?{VALID}( responses| answers| cases| listwise)?", self.name, re.IGNORECASE)
        counted = self.words[:1] == ["n"] and "percent" not in self.words
        return counted and bool(valid or not self.name) or self.name.casefold() in TOTALS

    @property
    def is_sum(self) -> bool:
        """Whether it holds the total of percentages, 100."""
        return self.name.casefold() in TOTALS and all(re.fullmatch(r"(100(\.0*)?%?)?", cell[0]) for cell in self.cells)

    @property
    def category(self) -> str:
        return self.name or "this row" if self.kinds else ""

    def read(self, place: int) -> list[Printed]:
        """The figures of a cell; those that we do not read have the kind "other"."""
        texts = [text for text in self.cells[place] if text not in MARKS]
        kinds = [*self.kinds.get(len(texts), ["unclear"])] if self.kinds else self.words or ["n"]
        # "45.2 (10.1)" among cells such as "20 (66.7)" is not a count with its percentage.
        parts = [parse_figure(text, "count") for text, kind in zip(texts, kinds, strict=False) if kind == "count"]
        kinds = ["unclear"] if len(texts) == 2 and any(part.reason == NOT_WHOLE for part in parts) else kinds
        if self.averages:
            kinds = kinds + [MARKS[text] for text in self.cells[place] if text in MARKS] * (len(kinds) == 1)
            kinds = kinds[:-1] + RANGES[kinds[-1]] if kinds[-1] in RANGES and len(texts) == len(kinds) + 1 else kinds
        figures = []
        for text, kind in zip(texts, [*kinds, *["other"] * len(texts)][: len(texts)], strict=True):
            category = MISSING if kind == "missing" else self.category
            kind = {"missing": "count", "range": "other"}.get(kind, kind)
            figures.append(Printed(kind, parse_figure(text, PARSED.get(kind, "number")), category))
        if kinds == ["unclear"]:
            figures = [Printed("count", Figure(" ".join(texts), None, UNCLEAR), self.category)]
        return figures


def split_cell(text: object, commas: bool = False) -> list[str]:
    """The text of each figure in a cell: one, or two or three in "76 (67.9%)", "3.5 ± 0.72", "4 [3, 4]", "4 (IQR 1)". A word in
    brackets, or ±, is put before its figure. `commas`: commas are decimal commas."""
    plain = tidy(text)
    parts = re.fullmatch(r"([^(\[±]+?)\s*(?:[(\[](.+)[)\]]|((?:±|\+/-).+))", plain)
    outer, inner = ([parts[1]], parts[2] or parts[3]) if parts else ([], plain)
    word = re.match(r"\s*(IQR|SD|range|±|\+/-)[:=,]?\s*", inner, re.IGNORECASE)
    between = r"\s*(?:(?<=[\d%])\s*-(?=\s*[\d.])|\bto\b|;|,(?=\s)" + ("" if commas else r"|(?<=^\d),(?=\d$)") + r")\s*"
    inside = re.split(between, inner[word.end() :] if word else inner)
    found = outer + ([word[1].casefold().replace("+/-", "±")] if word else []) + inside
    return found if len(found) > 1 else [str(text).strip()]


def read_heading(heading: str) -> tuple[list[str], str, str]:
    """The kinds of figures that a heading names, in order; the rest of the heading; and who is off the scale."""
    plain = tidy(re.sub(rf"{GROUP}|\.\d+$", "", re.sub("(%)|_", r" \1 ", tidy(heading)), flags=re.IGNORECASE))
    # "n (missing)" is an n and the number of missing people; elsewhere "missing" is a category.
    if re.fullmatch(r"(valid )?(n|number)\s*[(\[]\s*missing\s*[)\]]", plain, re.IGNORECASE):
        return ["n", "missing"], "", ""
    outside = NOT_RELEVANT if re.search(OFF_SCALE, plain, re.IGNORECASE) else ""
    found = [match.lastgroup for match in HEADING.finditer(re.sub(OFF_SCALE, " ", plain, flags=re.IGNORECASE))]
    if "missing" in found:
        found, outside = [kind for kind in found if kind != "missing"], MISSING
    name = " ".join(re.findall(r"[^\W_]+(?:[-/+&'’][^\W_]+)*", HEADING.sub(" ", plain)))
    return found, name or outside, outside


def split_groups(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """A table for each group of people, with its n, if several headings have different "(n = 30)"; otherwise none."""
    groups: dict[tuple[str, str], list[str]] = {}
    for heading in table.columns[1:]:
        if found := re.search(f".*?{GROUP}", tidy(heading), re.IGNORECASE):
            groups.setdefault((found[0], found[1]), []).append(heading)
    first = [name for name in table.columns if name == table.columns[0] or name.casefold() in BLOCKS]
    return {name: table[[*first, *names]].assign(n=n) for (name, n), names in groups.items() if len(groups) > 1}


# --- columns ----------------------------------------------------------------------------------------------------------
def read_columns(table: pd.DataFrame, scale: Scale | None, most: int | None) -> list[Column]:
    """The columns of figures and what their cells contain, without columns that we cannot read."""
    texts = " ".join(re.sub(r"[(\[]\d,\d[)\]]", "", tidy(cell)) for cell in table.to_numpy().ravel())
    commas = bool(re.search(r"\d,\d{1,2}(?!\d)", texts))
    headings = [name for name in table.columns[1:] if name.casefold() not in BLOCKS]
    columns = [Column(name, *read_heading(name), [split_cell(cell, commas) for cell in table[name]]) for name in headings]
    columns = [column for column in columns if column.words[:1] != ["other"] and holds_figures(column) and not column.is_sum]
    categories = [column for column in columns if not (column.averages or column.is_n or column.words == ["items"])]
    general = read_heading(str(table.columns[0]))[0]
    for column in categories:
        column.kinds = decide_kinds(column, [word for word in column.words if word in ("n", "percent")] or general)
    bare = [column for column in categories if not column.words and {len(cell) for cell in column.cells} == {1}]
    signed = any(len(cell) == 1 and "%" in cell[0] for column in categories for cell in column.cells)
    asked = [column for column in bare if column.outside != MISSING]
    kind = decide_bare(bare, [each for each in columns if each.is_n], scale, most) if asked and not signed else "percent"
    for column in asked if kind != "percent" else ():
        column.kinds = {1: (kind,)}
    if [column.name for column in categories] == [""] and categories[0].words == ["percent"]:
        # "n" next to "%": the row is itself a category, and n is its count.
        for column in columns:
            column.kinds = {1: ("count",)} if column.is_n and column.words == ["n"] else column.kinds
    return [column for column in columns if column not in categories or column.kinds]


def decide_kinds(column: Column, words: list[str]) -> dict[int, tuple[str, ...]]:
    """Whether the figures in a category's cells are counts or percentages; nothing if two in one cell can be neither."""
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


def decide_bare(columns: Sequence[Column], stated: Sequence[Column], scale: Scale | None, most: int | None) -> str:
    """Whether figures without a mark are counts, percentages or uncertain, given that `most` people responded."""
    table = [[parse_figure(each.cells[place][0], "number") for each in columns] for place in range(len(columns[0].cells))]
    numbers = [parse_figure(cell[0], "count").value for cell in stated[0].cells] if stated else [most] * len(table)
    # Rows in which we can read every figure show most; then rows in which the others are blank or a dash.
    blank = [{figure.text for figure in row if figure.value is None} for row in table]
    read = [place for place, texts in enumerate(blank) if not texts]
    told = read or [place for place, texts in enumerate(blank) if texts <= {"", "-", "–", "—"}]
    values = [figure.value for place in told for figure in table[place] if figure.value is not None]
    sums = [sum(figure.value or 0 for figure in table[place]) for place in told]

    def mostly(agree: Sequence[bool]) -> bool:
        return 2 * sum(agree) > len(agree)

    def near(points: float) -> bool:
        return mostly([abs(total - 100 * max(round(total / 100), 1)) <= points for total in sums])

    whole = all(value >= 0 and value == int(value) for value in values)
    if whole and mostly([total == numbers[place] for place, total in zip(told, sums, strict=True)]) and {*sums} != {100}:
        return "count"
    if most is None or not values or any(not 0 <= value <= max(most, 100) for value in values):
        return "percent"
    counts = whole and max(values) <= most
    proportions = not whole and mostly([abs(total - 1) < Decimal("0.1") for total in sums])
    if proportions or near(len(columns) / 2 if counts and read else MOST_SHORT):
        return "percent"
    points = place_categories(list(dict.fromkeys(each.name for each in columns if not each.outside)), scale)
    fewer = counts and not stated and not near(MOST_SHORT) and max(sums) <= most
    return "count" if fewer and covers(points, scale) else "unsure"


def covers(points: Mapping[str, Scale], scale: Scale) -> bool:
    return sum(last - first + 1 for first, last in points.values()) == scale[1] - scale[0] + 1


def holds_figures(column: Column) -> bool:
    """Whether a column holds figures and not text: it has a figure, or its cells contain no words."""
    filled = [parse_figure(text, "number") for cell in column.cells for text in cell if text]
    words = [figure for figure in filled if re.search(r"[^\W\d_]", figure.text) and figure.reason != "not given"]
    return any(figure.value is not None for figure in filled) or (bool(filled) and not words)


def place_categories(names: Sequence[str], scale: Scale) -> dict[str, Scale]:
    """The first and last point of the scale in each category: from its words, or else from its place if there are as many
    categories as points, or three (low, middle, high); empty if this is not certain."""
    low, high = scale
    size, middle = high - low + 1, (low + high) / 2
    thirds = [(low, math.ceil(middle) - 1), (int(middle), int(middle)), (math.floor(middle) + 1, high)]
    # If "strongly" has a separate category, it is an end of the scale, and "agree" is the rest of that side.
    ends = {
        find_side(name): name
        for name in names
        if re.search(STRONG, name, re.IGNORECASE) and not re.search(JOINED, name, re.IGNORECASE)
    }
    found = {}
    for name in names:
        points = re.match(r"(?:score |point )?(\d+)(?: ?(?:-|to|or|/|\+|and|&) ?(\d+))?(?!\d)", name.casefold())
        side = find_side(name)
        if points and low <= int(points[1]) <= int(points[2] or points[1]) <= high:
            found[name] = int(points[1]), int(points[2] or points[1])
        elif side is not None and (side != 1 or middle.is_integer()):
            first, last = thirds[side]
            if name == ends.get(side):
                first, last = (first, first) if side == 0 else (last, last)
            elif side in ends and not re.search(JOINED, name, re.IGNORECASE):
                first, last = first + (side == 0), last - (side == 2)
            found[name] = first, last
    held = [point for first, last in found.values() for point in range(first, last + 1)]
    if len(found) == len(names) and len(held) == len(set(held)):
        return found
    if len(names) == size:
        return {name: (low + place, low + place) for place, name in enumerate(names)}
    return dict(zip(names, thirds, strict=True)) if len(names) == 3 and middle.is_integer() else {}


def find_side(name: str) -> int | None:
    """Whether a category holds the low (0), middle (1) or high (2) answers, if its words show this."""
    words = [r"neither|neutral|undecided|\bmid", r"disagree|not agree|\blow\b", r"agree|\bhigh\b"]
    return next((side for side, word in zip((1, 0, 2), words, strict=True) if re.search(word, name, re.IGNORECASE)), None)


# --- rows -------------------------------------------------------------------------------------------------------------
def read_rows(
    table: pd.DataFrame, where: str, scale: Scale, known: Mapping[str, Known] | None = None, most: int | None = None
) -> tuple[list[Row], list[str]]:
    """The rows of a printed table (text), and a list of the parts that we did not read.

    The first column names the rows; `scale` or else `section` gives their blocks. `known` is what we know of rows by name;
    `most` people responded.
    """
    check_text(table, table.columns, where)
    table = name_rows(table, table.columns[0])
    if groups := split_groups(table):
        read = {group: read_rows(part, where, scale, known, most) for group, part in groups.items()}
        left = [name for name in table.columns if not any(name in part for part in groups.values())]
        left += [name for _, unread in read.values() for name in unread]
        return [replace(row, name=f"{group}: {row.name}") for group, (rows, _) in read.items() for row in rows], left
    columns = read_columns(table, scale, most)
    if not columns or table.empty:
        found = "no rows" if table.empty else f"the columns {', '.join(table.columns)}"
        raise WorkbookError(where, "", found, LAYOUTS, "arrange the table in this way")
    averages = Counter(kind for column in columns for kind in column.averages)
    if twice := [column.heading for column in columns if max((averages[kind] for kind in column.averages), default=0) > 1]:
        raise WorkbookError(where, "header", " and ".join(twice), "one mean, SD, median for each row", ONE_GROUP)
    blocks = [name for known in BLOCKS for name in table.columns[1:] if name.casefold() == known and table[name].ne("").any()]
    headings = [*blocks[:1], *(column.heading for column in columns)]
    unread = [name for name in table.columns[1:] if name not in headings]
    rows, others = [], {}
    for place, entry in enumerate(table.to_dict("records")):
        block = f"{blocks[0]} {entry[blocks[0]] or '[blank]'}" if blocks else "all rows"
        name, printed = entry[table.columns[0]], [(column.heading, each) for column in columns for each in column.read(place)]
        others |= {f"other figures under {heading}": None for heading, each in printed if each.kind == "other"}
        printed = [(heading, each) for heading, each in printed if each.kind != "other"]
        on_scale = (scale, None) if known is None else known.get(name, (None, {}))
        rows.append(make_row(name, printed, block, columns, on_scale))
    return mark_partial(rows), [*unread, *others]


def make_row(name: str, printed: Sequence[tuple[str, Printed]], block: str, columns: Sequence[Column], known: Known) -> Row:
    scale, points = known
    if (found := re.search(r"\b(\d+)[ -]items?\b", name)) and not any(each.kind == "items" for _, each in printed):
        printed = [*printed, ("items", Printed("items", parse_figure(found[1], "count")))]
    aside = find_aside(name, [each for _, each in printed], scale) if scale else ""
    unscaled = [each for _, each in printed if each.kind in AVERAGES and each.figure.value is not None and (aside or not scale)]
    unsure = [each for _, each in printed if each.kind == "unsure"]
    printed = [(heading, each) for heading, each in printed if each not in unsure]
    figures = tuple(each for _, each in printed if each.figure.value is not None and each not in unscaled)
    skipped = {heading: each for heading, each in printed if each.figure.value is None}
    for each in () if aside else unscaled:
        skipped[each.kind] = replace(each, figure=replace(each.figure, value=None, reason=NO_SCALE))
    aside = "; ".join([aside] * bool(aside) + ["counts or percentages?"] * bool(unsure))
    outside = {column.name: column.outside for column in columns if column.outside} | {MISSING: MISSING}
    on_scale = list(dict.fromkeys(column.category for column in columns if column.kinds and column.category not in outside))
    points = place_categories(on_scale, scale) if points is None and on_scale else points or {}
    valid = any(column.is_n and re.search(rf"\b{VALID}\b", column.heading, re.IGNORECASE) for column in columns)
    row = Row(name, figures, skipped, block, scale, points, outside, aside=aside, valid=valid)
    # A blank is a category that was not printed: the row is complete if the rest adds up to 100 within rounding.
    lost = [each.figure for each in skipped.values() if each.category]
    every = covers(points, scale) if points else len(on_scale) != 1
    whole = not any(figure.text for figure in lost) and not (lost and (row.off < 0 or not row.of("percent")))
    return replace(row, complete=whole and every and bool(on_scale), partial=not every)


def find_aside(name: str, printed: Sequence[Printed], scale: Scale) -> str:
    """Why we cannot compare the averages of a row with the scale of an item; empty if we can."""
    values = [each.figure.value for each in printed if each.kind in AVERAGES and each.kind not in ("sd", "iqr")]
    beyond = [not scale[0] <= value <= scale[1] for value in values if value is not None]
    items = [each.figure.value for each in printed if each.kind == "items" and each.figure.value is not None]
    if beyond and (all(beyond) or (any(beyond) and items > [1])):
        return f"outside the scale {scale[0]} to {scale[1]}"
    score = beyond and not items and re.search(SCORE, name, re.IGNORECASE)
    return "a score of several items; give their number in a column items" if score else ""


def mark_partial(rows: list[Row]) -> list[Row]:
    """Mark rows as partial if most rows add up to far less than 100: the table then prints only some categories."""
    short = [row.total < 100 - MOST_SHORT for row in rows if row.of("percent")]
    partial = len(short) > 1 and 2 * sum(short) > len(short)
    return [replace(row, complete=False, partial=True) for row in rows] if partial else rows
