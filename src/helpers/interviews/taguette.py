"""Taguette: highlights exported as a sheet, and its database."""

from __future__ import annotations

import html
import re
import sqlite3
from pathlib import Path

import pandas as pd

from helpers.interviews.coded import ROW_COLUMNS, Coded, name_codes, no_cases
from helpers.interviews.files import query
from helpers.interviews.sheets import Sheet, frame_sheet, refuse_blank


def read_taguette(sheets: list[Sheet]) -> Coded:
    """Taguette's highlights: one row a highlight and tag; a `.` in a tag makes a hierarchy."""
    tables = [frame_sheet(sheet) for sheet in sheets]
    for table in tables:
        refuse_blank(table, ["id", "document", "tag"], sheets[0].file)
    highlights = pd.concat(tables, ignore_index=True)
    return _code_highlights(highlights, list(highlights["tag"].unique()), "Taguette highlights")


def _code_highlights(highlights: pd.DataFrame, tags: list[str], origin: str) -> Coded:
    """Highlights (`id, document, tag, content, place`) and every tag of the project."""
    codes = name_codes([split_tag(tag) for tag in tags])
    names, topics = dict(zip(tags, codes["code"], strict=True)), dict(zip(tags, codes["theme"], strict=True))
    rows = pd.DataFrame(
        {
            "segment": highlights["id"],
            "source": highlights["document"],
            "code": highlights["tag"].map(names),
            "theme": highlights["tag"].map(topics),
            "text": highlights["content"],
            "place": highlights["place"],
        }
    )
    rows = rows.reindex(columns=ROW_COLUMNS).astype("str")
    return Coded(origin, rows.where(rows != ""), codes, no_cases())


def split_tag(tag: str) -> tuple[str, ...]:
    """The steps of a tag such as `time.travel`; a full stop before a space ("1. Time") is no step."""
    return tuple(filter(None, re.split(r"(?<=\S)\.(?=\S)", tag))) or (tag,)


def read_taguette_database(connection: sqlite3.Connection, path: Path) -> Coded:
    """Taguette's own project file (SQLite); the text of a highlight is kept as HTML there."""
    highlights = query(
        connection, path,
        "SELECT h.id, d.name AS document, t.path AS tag, h.snippet AS content FROM highlights h "
        "JOIN documents d ON d.id = h.document_id JOIN highlight_tags x ON x.highlight_id = h.id "
        "JOIN tags t ON t.id = x.tag_id ORDER BY h.document_id, h.start_offset, h.id, t.path",
    )  # fmt: skip
    tags = list(query(connection, path, "SELECT DISTINCT path FROM tags ORDER BY id")["path"])
    highlights = highlights.assign(
        content=[_flatten_html(snippet) for snippet in highlights["content"]],
        place=["highlight " + number for number in highlights["id"]],
    )
    return _code_highlights(highlights, tags, "Taguette project")


def _flatten_html(snippet: str) -> str:
    text = re.sub(r"</(p|div|li|h\d)>|<br ?/?>", " ", snippet)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", text)).split())
