"""Recognise the layout of any table of published figures, and check its figures."""

import pandas as pd

from helpers.audit.cells import audit_panels
from helpers.audit.layout import read_rows
from helpers.audit.rows import audit_rows, list_counts


def audit_table(table: pd.DataFrame, where: str, n_max: int, scale: tuple[int, int] = (1, 5)) -> pd.DataFrame:
    """Check any table of published figures (read as text), using the words of its headings and the form of its cells.

    With columns `panel` and `category`, the last column holds counts. Otherwise each row is one item: n, counts, percentages,
    mean, SD, median, quartiles, range of answers on a scale of whole numbers. Returns verdicts; a note names what was not read.
    """
    lower = table.rename(columns=str.casefold)
    if {"panel", "category"} <= set(lower.columns):
        return audit_panels(lower if lower.columns.is_unique else table, where, {"people who responded": n_max})
    rows, unread = read_rows(table, where, scale, most=n_max)
    return audit_rows(rows, n_max, where, unread)


def list_table_counts(table: pd.DataFrame, where: str, n_max: int, scale: tuple[int, int] = (1, 5)) -> pd.DataFrame:
    """The counts that are possible for each row of a table; see `rows.list_counts`. No rows for panels, which are counts."""
    panels = {"panel", "category"} <= {name.casefold() for name in table.columns}
    return list_counts([] if panels else read_rows(table, where, scale, most=n_max)[0], n_max)
