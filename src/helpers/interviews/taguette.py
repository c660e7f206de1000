"""Taguette: highlights exported as a sheet, and its database."""

from __future__ import annotations

import html
import re
import sqlite3
from pathlib import Path

import pandas as pd

from helpers.interviews.coded import Coded, attach_names, frame_rows, frame_sheets, name_codes
from helpers.study.files import query
from helpers.study.sheets import Sheet


def read_taguette(sheets: list[Sheet]) -> Coded:
    """Taguette's highlights: one row per highlight and tag; a `.` in a tag makes a hierarchy."""
    highlights = frame_sheets(sheets, ["id", "document", "tag"])
    return _code_highlights(highlights, list(highlights["tag"].unique()), "Taguette highlights", sheets[0].file)


def _code_highlights(highlights: pd.DataFrame, tags: list[str], origin: str, path: Path) -> Coded:
    """Highlights (`id, document, tag, content, place`) and every tag of the project."""
    codes = name_codes({tag: split_tag(tag) for tag in tags})
    names = {"id": "segment", "document": "source", "tag": "code", "content": "text"}
    rows = frame_rows(highlights[[*names, "place"]].rename(columns=names))
    return Coded(origin, attach_names(rows, codes, path), codes)


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
    return _code_highlights(highlights, tags, "Taguette project", path)


def _flatten_html(snippet: str) -> str:
    text = re.sub(r"</(p|div|li|h\d)>|<br ?/?>", " ", snippet)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", text)).split())
