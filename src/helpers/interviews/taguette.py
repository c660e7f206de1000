"""Taguette: highlights exported as a sheet, and its database."""

from __future__ import annotations

import html
import re
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from helpers.interviews.coded import Coded, attach_names, frame_rows, name_codes
from helpers.interviews.files import query
from helpers.interviews.sheets import Sheet, frame_sheets


def read_taguette(sheets: list[Sheet]) -> Coded:
    """Taguette's highlights: one row per highlight and tag; a `.` in a tag makes a hierarchy."""
    highlights = frame_sheets(sheets, ["id", "document", "tag"])
    return _code_highlights(highlights, highlights["tag"], "Taguette highlights", sheets[0].file)


def read_taguette_database(connection: sqlite3.Connection, path: Path) -> Coded:
    """Taguette's own project file (SQLite); the text of a highlight is kept as HTML there."""
    highlights = query(
        connection, path,
        "SELECT h.id, d.name AS document, t.path AS tag, h.snippet AS content, 'highlight ' || h.id AS place FROM highlights h "
        "JOIN documents d ON d.id = h.document_id JOIN highlight_tags x ON x.highlight_id = h.id "
        "JOIN tags t ON t.id = x.tag_id ORDER BY h.document_id, h.start_offset, h.id, t.path",
    )  # fmt: skip
    tags = query(connection, path, "SELECT DISTINCT path FROM tags ORDER BY id")["path"]
    texts = highlights["content"].str.replace(r"</(p|div|li|h\d)>|<br ?/?>", " ", regex=True)
    texts = texts.str.replace(r"<[^>]*>", "", regex=True).map(html.unescape).str.split().str.join(" ")
    return _code_highlights(highlights.assign(content=texts), tags, "Taguette project", path)


def _code_highlights(highlights: pd.DataFrame, tags: Iterable[str], origin: str, path: Path) -> Coded:
    """Highlights (`id, document, tag, content, place`) and every tag of the project."""
    codes = name_codes({tag: split_tag(tag) for tag in tags})
    names = {"id": "segment", "document": "source", "tag": "code", "content": "text"}
    rows = frame_rows(highlights[[*names, "place"]].rename(columns=names))
    return Coded(origin, attach_names(rows, codes, path), codes)


def split_tag(tag: str) -> tuple[str, ...]:
    """The steps of a tag such as `time.travel`; a full stop before a space ("1. Time") is no step."""
    return tuple(filter(None, re.split(r"(?<=\S)\.(?=\S)", tag))) or (tag,)
