"""Tidy frames as tables to read: `columns.csv` says what each column holds, and cells that belong together are joined."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.page import words
from helpers.study.definition import Study
from helpers.study.terms import WITHHELD

# How values are written, by the kind of their column: a percentage is from 0 to 100, and the figure 1 means one decimal.
KINDS = {
    "text": lambda value, study: (f"{value:g}" if isinstance(value, float) else str(value)) or "–",
    "section": lambda value, study: study.section_name(value),
    "construct": lambda value, study: study.construct_name(value),
    "item": lambda value, study: study.item_names.get(value, str(value)),
    "yes_no": lambda value, study: "yes" if value else "no",
    "count": lambda value, study: f"{value:,.0f}".replace("-", "−"),
    "percent": lambda value, study: words.percent(value),
    "percent1": lambda value, study: f"{words.decimals(value, 1)}%",
    "number": lambda value, study: words.decimals(value),
    "number1": lambda value, study: words.decimals(value, 1),
    "p": lambda value, study: words.p_value(value),
}
# Columns that a row of counts joins into one cell: "31 of 40 (78%; 62 to 88)".
RATIO = ["numerator", "denominator", "share", "low", "high", "least", "most"]

# A reader who wants more rows than this opens the saved table.
MOST_SHOWN = 1_000


def trim_rows(rows: pd.DataFrame, file: str) -> tuple[pd.DataFrame, str]:
    """As many rows of `lay_out` as a page should hold, from every group equally, and a note on the others (empty if none)."""
    if len(rows) <= MOST_SHOWN:
        return rows, ""
    each = max(1, MOST_SHOWN // rows.index.nunique()) if rows.index.name else MOST_SHOWN
    shown = (rows.groupby(level=0, sort=False).head(each) if rows.index.name else rows)[:MOST_SHOWN]
    return shown, f"The page shows {len(shown):,} of {len(rows):,} rows; {file} has all of them."


@cache
def read_columns() -> pd.DataFrame:
    """Every column of a saved table, by `name`: `label`, `kind` (of `KINDS`), `interval` (two columns or none), `meaning`."""
    return pd.read_csv(Path(__file__).with_name("columns.csv"), keep_default_na=False).set_index("name")


def lay_out(
    frame: pd.DataFrame, study: Study, columns: Sequence[str] = (), across: str = "",
    labels: Mapping[str, str] | None = None, withheld: pd.DataFrame | None = None, groups: str = "",
) -> pd.DataFrame:  # fmt: skip
    """A tidy frame (names of `columns.csv`) as a reader sees it: labels as column names, and strings in all cells.

    `columns` are those to show, in this order, as far as the frame has them; by default all of them. Columns that are joined to
    another (a denominator, a share, the ends of an interval) come with it and need not be named. `across` is a column whose
    values become columns, if the frame has it: the count, or else the last column shown, fills them; the others name the rows.
    `labels` replace those of `columns.csv`; no two columns shown may have the same. `withheld` is as in `disclosure.told.Told`.
    `groups` is a column whose values head the rows below them: the index of the result. With `denominator_relevant` among the
    columns of a table `across`, counts are out of those to whom an item is relevant, if that number is told.
    """
    hidden = pd.DataFrame(False, frame.index, frame.columns) if withheld is None else withheld
    across = across if across in frame else ""
    if across and "denominator_relevant" in columns:
        known = frame["relevant"] & frame["denominator_relevant"].notna()
        parts = [name for name in ("denominator", "share", "low", "high") if name in frame]
        frame = frame.assign(**{name: frame[name].mask(known, frame[f"{name}_relevant"]) for name in parts})
        columns = [name for name in columns if name != "denominator_relevant"]
    joined = join_columns(frame, bool(across))
    names = [name for name in columns or frame if name in frame and (columns or name not in joined) and name != across]
    alone = bool(across) and (not columns or "denominator" in columns)
    cells = {name: write_column(frame, name, study, hidden, alone) for name in names}
    if "note" in cells and set(cells["note"]) <= {"–", "[none]"}:
        del cells["note"]
    titles = read_columns()["label"].to_dict() | dict(labels or {})
    titled = {name: titles.get(name, str(name)) + explain_cells(frame, name) for name in cells}
    if len(set(titled.values())) < len(titled):
        raise ValueError(f"two columns have the same label: {list(titled.values())}; give one of them another in `labels`")
    texts = pd.DataFrame(cells, frame.index, dtype=object).rename(columns=titled)
    if across:
        filling = titled.get("numerator", list(titled.values())[-1])
        texts = spread(texts, filling, write_column(frame, across, study, hidden))
    return texts.set_index(titled[groups]) if groups in titled else texts


def join_columns(frame: pd.DataFrame, wide: bool) -> set[str]:
    """Columns that are shown within another column's cells."""
    joined = {end for name in frame for end in ends_of(frame, name)}
    if {"numerator", "denominator"} <= set(frame):
        joined |= set(RATIO) - {"numerator"} - ({"denominator"} if wide else set())
    if {"q1", "q3"} <= set(frame):
        joined.add("q3")
    return joined | ({"label"} if "item" in frame else set())


def ends_of(frame: pd.DataFrame, name: str) -> list[str]:
    """The two columns with the ends of a column's interval; none where the frame lacks them."""
    ends = read_columns()["interval"].get(name, "").split()
    return ends if set(ends) <= set(frame) else []


def explain_cells(frame: pd.DataFrame, name: str) -> str:
    """What a label says about cells that hold more than one figure."""
    if name == "numerator" and "denominator" in frame:
        return " (%; 95% CI)" if {"share", "low"} <= set(frame) else " (%)" if "share" in frame else ""
    return " (95% CI)" if ends_of(frame, name) else ""


def write_column(frame: pd.DataFrame, name: str, study: Study, hidden: pd.DataFrame, alone: bool = False) -> list[str]:
    """One column as strings, with its interval if it has one; a withheld cell as its mark."""
    kind, covered = read_columns()["kind"].get(name, "text"), hidden[name]
    if name == "numerator" and "denominator" in frame:
        cells = [write_ratio(row, alone) for row in frame.to_dict("records")]
        covered = covered & frame["least"].isna() if "least" in frame else covered
    elif name == "q1" and "q3" in frame:
        cells = [write_range(ends, kind, study) or "[none]" for ends in zip(frame["q1"], frame["q3"], strict=True)]
    else:
        cells = [write_cell(value, kind, study) for value in frame[name]]
    if ends := ends_of(frame, name):
        ranges = [write_range(pair, kind, study) for pair in frame[ends].itertuples(index=False)]
        cells = [f"{cell} ({text})" if text else cell for cell, text in zip(cells, ranges, strict=True)]
    return [WITHHELD if hide else cell for hide, cell in zip(covered, cells, strict=True)]


def write_ratio(row: Mapping[str, object], alone: bool) -> str:
    """ "31 of 40 (78%; 62 to 88)", or without its denominator if that has its own column."""
    count, n, least = (row.get(name, float("nan")) for name in ("numerator", "denominator", "least"))
    if n == 0 or pd.isna(count) and pd.isna(least):
        return "[none]"
    if pd.isna(count):
        # Rounded down: 89.7 is not 90 or more.
        return f"{least:,.0f} to {n:,.0f} ({int(100 * least / n)}% or more)"
    text = f"{count:,.0f}" if alone or pd.isna(n) else f"{count:,.0f} of {n:,.0f}"
    if pd.isna(row.get("share", float("nan"))):
        return text
    ends = [words.percent(row[end])[:-1] for end in ("low", "high") if pd.notna(row.get(end, float("nan")))]
    return f"{text} ({'; '.join(filter(None, [words.percent(row['share']), ' to '.join(ends)]))})"


def write_range(ends: Sequence[float], kind: str, study: Study) -> str:
    """The ends of an interval, "0.44 to 0.80"; empty where one is missing."""
    if any(map(pd.isna, ends)):
        return ""
    return " to ".join(write_cell(end, kind, study).removesuffix("%") for end in ends)


def write_cell(value: object, kind: str, study: Study) -> str:
    """One value as a string, by the kind of its column."""
    if pd.isna(value):
        return "[not defined]" if kind in ("p", "number", "number1") else "[none]"
    return KINDS[kind](value, study)


def spread(texts: pd.DataFrame, filling: str, across: Sequence[str]) -> pd.DataFrame:
    """One column's cells under the values of `across`, one row for each combination of the other columns."""
    rows = [label for label in texts if label != filling]
    wide = texts.assign(across=across).pivot(index=rows, columns="across", values=filling)
    order = pd.MultiIndex.from_frame(texts[rows].drop_duplicates()) if len(rows) > 1 else texts[rows[0]].unique()
    wide = wide.reindex(index=order, columns=list(dict.fromkeys(across))).fillna("[none]")
    return wide.rename_axis(columns=None).rename_axis(index=rows).reset_index()


def rows_of(texts: pd.DataFrame) -> dict:
    """A frame of strings as its template needs it: column names, rows by heading, which columns are numeric or long."""
    columns = texts.to_numpy().T.tolist()
    numeric = [all(map(is_number, cells)) and any(cell[:1] not in "–[" for cell in cells) for cells in columns]
    long = [any(len(cell) > 60 for cell in cells) for cells in columns]
    headings = texts.index if texts.index.name else np.full(len(texts), "")
    groups = {heading: rows.to_numpy().tolist() for heading, rows in texts.groupby(headings, sort=False)}
    names, rows = list(map(str, texts)), texts.to_numpy().tolist()
    return {"columns": names, "rows": rows, "groups": groups, "numeric": numeric, "long": long}


def is_number(text: str) -> bool:
    """Whether a cell reads as a figure: "12", "−0.31", "< .001", "1 of 2", "4.0 to 5.0", "31 (78%; 62 to 88)", "[c]"."""
    return re.fullmatch(r"[−<]? ?\.?\d[\d.,]*%?( (of|to|and) −?[\d.,]+)?( \([^()]*\))?|–|\[.*\]", text) is not None
