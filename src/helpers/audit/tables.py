"""Any table of published figures: its layout recognised, its figures checked."""

from __future__ import annotations

import re

import pandas as pd

from helpers.audit.figures import TOTALS, Verdict, check_text, frame_verdicts, parse_figure
from helpers.audit.means import audit_means, audit_panels
from helpers.audit.percentages import audit_percentages
from helpers.study.errors import WorkbookError

BLOCKS = ["scale", "section"]
LAYOUTS = (
    "percentages (the first column names the row, each other one is a category, from 0 to 100), or counts (columns"
    " `panel`, `category` and, last, the counts), or means (the first column names the row; columns `mean`, `n` and,"
    " where printed, `sd`)"
)


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
