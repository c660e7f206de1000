"""Read Taguette's exported highlights and its database."""

import html
import re
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from helpers.interviews.coded import Coded, attach_names, frame_sheets, name_apart, name_codes
from helpers.study.files import query
from helpers.study.sheets import Sheet


def read_taguette(sheets: list[Sheet]) -> Coded:
    """Taguette's highlights: each row is one highlight and tag; a `.` in a tag makes a hierarchy."""
    highlights = frame_sheets(sheets, ["id", "document"])
    return _code_highlights(highlights, highlights["tag"], "Taguette highlights", sheets[0].file)


def read_taguette_database(connection: sqlite3.Connection, path: Path) -> Coded:
    """Taguette's project file (SQLite), which stores the text of a highlight as HTML."""
    highlights = query(
        connection, path,
        "SELECT h.id, h.document_id AS document, t.path AS tag, h.snippet AS content, 'highlight ' || h.id AS place "
        "FROM highlights h LEFT JOIN highlight_tags x ON x.highlight_id = h.id "
        "LEFT JOIN tags t ON t.id = x.tag_id ORDER BY h.document_id, h.start_offset, h.id, t.path",
    )  # fmt: skip
    documents = query(connection, path, "SELECT id, name FROM documents ORDER BY id")
    names = dict(zip(documents["id"], name_apart(documents["name"]), strict=True))
    highlights["document"] = highlights["document"].map(names)
    tags = query(connection, path, "SELECT DISTINCT path FROM tags ORDER BY id")["path"]
    texts = highlights["content"].str.replace(r"</(p|div|li|h\d)>|<br ?/?>", " ", regex=True)
    texts = texts.str.replace(r"<[^>]*>", "", regex=True).map(html.unescape).str.split().str.join(" ")
    return _code_highlights(highlights.assign(content=texts), tags, "Taguette project", path)


def _code_highlights(highlights: pd.DataFrame, tags: Iterable[str], origin: str, path: Path) -> Coded:
    """Coded rows from highlights (`id, document, tag, content, place`) and all tags of the project."""
    codes = name_codes({tag: split_tag(tag) for tag in tags if tag})
    untagged = highlights["tag"] == ""
    if untagged.any():
        origin += f"; highlights without a tag, left out: {untagged.sum()}"
    highlights = highlights[~untagged]
    names = {"id": "segment", "document": "source", "tag": "code", "content": "text"}
    rows = highlights[[*names, "place"]].rename(columns=names)
    return Coded(origin, attach_names(rows, codes, path), codes)


def split_tag(tag: str) -> tuple[str, ...]:
    """The steps of a tag such as `time.travel`, if each is at least a word; "1.2 Time", "e.g. time" and "v2.0" are names."""
    steps = tuple(tag.split("."))
    return steps if all(re.match(r"[^\W\d_]{2}", step) and step == step.strip() for step in steps) else (tag,)
