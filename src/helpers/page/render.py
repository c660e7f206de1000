"""Templates, what a cell shows, and tables as files."""

import csv
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import jinja2
import pandas as pd

from helpers.study.folders import save

TEMPLATES = Path(__file__).parent / "template"
# A spreadsheet takes text that begins with one of these for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class Shown:
    """What a cell shows: HTML, and whether a funder may see it; the executed notebook keeps that with the output."""

    data: str
    told: bool = False

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> tuple[dict, dict]:
        """Jupyter calls this to show the object."""
        return {"text/html": self.data, "text/plain": ""}, {"workbook": {"told": self.told}}


@cache
def environment() -> jinja2.Environment:
    """Templates with every value escaped: free text of a study is text, whatever it holds."""
    loader = jinja2.FileSystemLoader(TEMPLATES)
    made = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    made.filters["moment"] = name_moment
    return made


def name_moment(stamp: str) -> str:
    """A time in UTC as people read it: "26 November 2030, 20:28 UTC"."""
    moment = datetime.fromisoformat(stamp)
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"


def render(template: str, told: bool, **values: object) -> Shown:
    return Shown(environment().get_template(f"{template}.html.j2").render(**values), told)


def save_csv(path: Path, rows: pd.DataFrame) -> None:
    """Write a table as CSV (UTF-8 with its mark, for spreadsheets), in which no text can become a formula."""
    # All cells are quoted: otherwise a bare carriage return would end a row, and a semicolon a cell. Ten digits are more than
    # any figure here has, and hide differences in a sum's last bits; a column with a mark in it is not numeric.
    short = escape_formulas(rows).map(lambda value: f"{value:.10g}" if isinstance(value, float) else value, na_action="ignore")
    text = short.to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_ALL)
    save(path, text.encode("utf-8-sig"))


def anchor(label: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")


def file_name(name: str) -> str:
    """A name that is safe in every file system, whatever a study calls its waves and scales."""
    return anchor(name).replace("-", "_")


def escape_formulas(rows: pd.DataFrame) -> pd.DataFrame:
    """Put an apostrophe before text that a spreadsheet would take for a formula; plain numbers stay as they are."""

    def escape(value: object) -> object:
        risky = isinstance(value, str) and value[:1] in FORMULA_STARTS
        return f"'{value}" if risky and not re.fullmatch(r"[+-]?\d+(\.\d+)?", value) else value

    texts = rows.select_dtypes(exclude="number").columns
    return rows.assign(**{name: rows[name].astype(object).map(escape) for name in texts}).rename(columns=escape)
