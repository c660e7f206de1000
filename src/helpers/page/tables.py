"""Tidy frames as tables to read: one list of columns says what each holds, and cells that belong together are joined.

`columns.csv` beside this room has a row for every column that any saved table has: its name in files, its label on the
page, the kind of its values, the two columns that hold its interval, and what it means. The data dictionary of a package
is written from the same list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import pandas as pd

from helpers.page import words
from helpers.study.definition import Study
from helpers.study.terms import WITHHELD

# Columns that a row of counts joins into one cell: "31 of 40 (78%; 62 to 88)".
RATIO = ["numerator", "denominator", "share", "low", "high", "least", "most"]


@cache
def read_columns() -> pd.DataFrame:
    """Every column that a saved table can have, by `name`: `label, kind, interval, meaning`.

    `kind` is one of text, construct, item, yes_no, count, percent, number (two decimals), number1 (one decimal), p.
    """
    return pd.read_csv(Path(__file__).with_name("columns.csv"), keep_default_na=False).set_index("name")


def lay_out(
    frame: pd.DataFrame,
    study: Study,
    columns: Sequence[str] = (),
    across: str = "",
    labels: Mapping[str, str] | None = None,
    withheld: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """A tidy frame as a reader sees it: labels as column names, and every cell a text.

    Parameters
    ----------
    frame : DataFrame
        One value a cell, under names of `columns.csv`.
    columns : sequence of str, optional
        The columns to show, in this order, as far as the frame has them; all of them by default. Columns that are joined to
        another (a denominator, a share, the ends of an interval) come with it and need no name.
    across : str, optional
        A column whose values become columns. The count, or else the last column shown, fills them; the others name the rows.
    labels : mapping, optional
        Other labels than those of `columns.csv`.
    withheld : DataFrame, optional
        Which cells are withheld, as in `disclosure.told.Told`.
    """
    hidden = pd.DataFrame(False, frame.index, frame.columns) if withheld is None else withheld
    known, labels = read_columns(), dict(labels or {})
    joined, shown = join_columns(frame, known, bool(across)), {}
    filling = ""
    for name in [name for name in columns or frame if name in frame and (columns or name not in joined)]:
        label = labels.get(name, known["label"].get(name, str(name)))
        if name == "numerator" and "denominator" in frame:
            alone = bool(across) and (not columns or "denominator" in columns)
            cells = [write_ratio(row, alone) for row in frame.to_dict("records")]
            label += " (%; 95% CI)" if "low" in frame else " (%)" if "share" in frame else ""
            open_cell = hidden["numerator"] & frame.get("least", pd.Series(float("nan"), frame.index)).isna()
            cells = [WITHHELD if hide else cell for hide, cell in zip(open_cell, cells, strict=True)]
        else:
            cells = write_column(frame, name, known, study, hidden)
            label += " (95% CI)" if has_interval(frame, name, known) else ""
        shown[label] = cells
        filling = label if name == "numerator" or "numerator" not in frame else filling
    texts = pd.DataFrame(shown, index=frame.index, dtype=object)
    texts = texts.drop(
        columns=[label for label in [labels.get("note", "Note")] if label in texts and texts[label].eq("–").all()]
    )
    header = labels.get(across, known["label"].get(across, across))
    return spread(texts, header, filling, frame[across]) if across else texts


def join_columns(frame: pd.DataFrame, known: pd.DataFrame, wide: bool) -> set[str]:
    """Columns that stand within another one's cell."""
    joined = set()
    if {"numerator", "denominator"} <= set(frame):
        joined |= set(RATIO) - {"numerator"} - ({"denominator"} if wide else set())
    for name in frame:
        if has_interval(frame, name, known):
            joined |= set(known["interval"][name].split())
    if {"q1", "q3"} <= set(frame):
        joined.add("q3")
    return joined | ({"label"} if "item" in frame else set())


def has_interval(frame: pd.DataFrame, name: str, known: pd.DataFrame) -> bool:
    ends = known["interval"].get(name, "").split()
    return bool(ends) and set(ends) <= set(frame) and not ("numerator" in frame and name == "share")


def write_ratio(row: Mapping[str, object], alone: bool) -> str:
    """ "31 of 40 (78%; 62 to 88)", or without its denominator where that stands in a column of its own."""
    count, n, least = row["numerator"], row["denominator"], row.get("least")
    if pd.isna(count) and (least is None or pd.isna(least)):
        return "[none]"
    if n == 0:
        return "[none]"
    if pd.isna(count):
        return f"{least:g} to {n:g} ({int(100 * least / n)}% or more)"
    of = "" if alone or pd.isna(n) else f" of {n:g}"
    if pd.isna(row.get("share", float("nan"))):
        return f"{count:g}{of}"
    ends = ""
    if pd.notna(row.get("low")):
        ends = f"; {words.percent(row['low'])[:-1]} to {words.percent(row['high'])[:-1]}"
    return f"{count:g}{of} ({words.percent(row['share'])}{ends})"


def write_column(frame: pd.DataFrame, name: str, known: pd.DataFrame, study: Study, hidden: pd.DataFrame) -> list[str]:
    """One column as texts, with its interval where it has one."""
    kind = known["kind"].get(name, "text")
    digits = 1 if kind in ("number1", "percent1") else 2
    ends = known["interval"].get(name, "").split() if has_interval(frame, name, known) else []
    if name == "q1" and "q3" in frame:
        ends, cells = [], [words.between(*pair, digits) for pair in zip(frame["q1"], frame["q3"], strict=True)]
        cells = [cell if known_ else "[none]" for cell, known_ in zip(cells, frame["q1"].notna(), strict=True)]
    else:
        cells = [write_cell(value, kind, study) for value in frame[name]]
    for k, end in enumerate(zip(*(frame[end] for end in ends), strict=True) if ends else []):
        if not any(map(pd.isna, end)):
            cells[k] += (
                f" ({write_cell(end[0], kind, study).removesuffix('%')} to {write_cell(end[1], kind, study).removesuffix('%')})"
            )
    return [WITHHELD if hide else cell for hide, cell in zip(hidden[name], cells, strict=True)]


def write_cell(value: object, kind: str, study: Study) -> str:
    if kind == "p":
        return words.p_value(value)
    if kind in ("number", "number1"):
        return words.decimals(value, 1 if kind == "number1" else 2)
    if value is None or pd.isna(value):
        return "[none]"
    match kind:
        case "construct":
            return study.construct_name(value)
        case "item":
            return study.item_names.get(value, str(value))
        case "yes_no":
            return "yes" if value else "no"
        case "percent":
            return words.percent(value)
        case "percent1":
            return f"{words.decimals(value, 1)}%"
    return f"{value:,g}".replace("-", "−") if isinstance(value, int | float) else str(value) or "–"


def spread(texts: pd.DataFrame, header: str, filling: str, across: pd.Series) -> pd.DataFrame:
    """One column's cells under the values of `across`, one row for each combination of the other columns."""
    rows = [label for label in texts if label not in (header, filling)]
    wide = texts.assign(across=across.astype(str)).pivot(index=rows, columns="across", values=filling)
    order = pd.MultiIndex.from_frame(texts[rows].drop_duplicates()) if len(rows) > 1 else texts[rows[0]].unique()
    wide = wide.reindex(index=order, columns=across.astype(str).unique()).fillna("[none]")
    return wide.rename_axis(columns=None).rename_axis(index=rows).reset_index()
