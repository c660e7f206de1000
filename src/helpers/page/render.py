"""Templates, and files written whole or not at all."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable
from pathlib import Path

import jinja2
import pandas as pd
from IPython.display import HTML

TEMPLATES = Path(__file__).parent / "template"
# A spreadsheet takes text that begins with one of these for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
# What a page shows of a result that stays with the team.
NOTHING = HTML("")


def environment() -> jinja2.Environment:
    """Templates with every value escaped: free text of a study is text, whatever it holds."""
    return jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)


def render(template: str, **values: object) -> HTML:
    return HTML(environment().get_template(f"{template}.html.j2").render(**values))


def together(parts: Iterable[HTML]) -> HTML:
    """Several figures or tables as one output of a cell."""
    return HTML("\n".join(part.data for part in parts))


def save(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.write_bytes(content)
    os.replace(partial, path)


def save_csv(path: Path, rows: pd.DataFrame) -> None:
    """Write a table as CSV (UTF-8 with its mark, for spreadsheets), in which no text can become a formula."""
    # Everything quoted: a bare carriage return would else end a row, and a semicolon a cell.
    text = escape_formulas(rows).to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_ALL)
    save(path, text.encode("utf-8-sig"))


def anchor(label: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")


def file_name(name: str) -> str:
    """A name that is safe in every file system, whatever a study calls its waves and scales."""
    return anchor(name).replace("-", "_")


def escape_formulas(rows: pd.DataFrame) -> pd.DataFrame:
    """Text that a spreadsheet would take for a formula, with an apostrophe before it; plain numbers stay as they are."""

    def escape(value: object) -> object:
        risky = isinstance(value, str) and value[:1] in FORMULA_STARTS
        return f"'{value}" if risky and not re.fullmatch(r"[+-]?\d+(\.\d+)?", value) else value

    return rows.map(escape).rename(columns=escape)


def cell_text(value: object) -> str:
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return "[none]"
    if isinstance(value, float):
        return f"{value:g}".replace("-", "−")
    return str(value)


def table_of(rows: pd.DataFrame | None) -> dict | None:
    """A frame as its template wants it: column names, rows of texts, which columns hold numbers or long texts."""
    if rows is None:
        return None
    texts = [[cell_text(value) for value in row] for row in rows.itertuples(index=False)]
    numeric = [
        all(is_number(row[k]) for row in texts) and any(row[k][:1] not in "–[" for row in texts) for k in range(rows.shape[1])
    ]
    long = [any(len(row[k]) > 60 for row in texts) for k in range(rows.shape[1])]
    return {"columns": [str(name) for name in rows.columns], "rows": texts, "numeric": numeric, "long": long}


def is_number(text: str) -> bool:
    """Whether a cell reads as a figure: "12", "−0.31", "< .001", "1 of 2", "4.0 to 5.0", "31 (78%; 62 to 88)", "[c]"."""
    return re.fullmatch(r"[−<]? ?\.?\d[\d.,]*%?( (of|to|and) −?[\d.,]+)?( \([^()]*\))?|–|\[.*\]", text) is not None
