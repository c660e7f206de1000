"""Taguette: highlights exported as a sheet."""

import re

from helpers.interviews.coded import Coded, attach_names, frame_sheets, name_codes
from helpers.study.sheets import Sheet


def read_taguette(sheets: list[Sheet]) -> Coded:
    """Taguette's highlights: one row per highlight and tag; a `.` in a tag makes a hierarchy."""
    highlights, origin, path = frame_sheets(sheets, ["id", "document"]), "Taguette highlights", sheets[0].file
    untagged = highlights["tag"] == ""
    if untagged.any():
        origin += f"; highlights without a tag, left out: {untagged.sum()}"
    highlights = highlights[~untagged]
    codes = name_codes({tag: split_tag(tag) for tag in highlights["tag"]})
    names = {"id": "segment", "document": "source", "tag": "code", "content": "text"}
    return Coded(origin, attach_names(highlights[[*names, "place"]].rename(columns=names), codes, path), codes)


def split_tag(tag: str) -> tuple[str, ...]:
    """The steps of a tag such as `time.travel`, each a word at least; "1.2 Time", "e.g. time" and "v2.0" are names."""
    steps = tuple(tag.split("."))
    return steps if all(re.match(r"[^\W\d_]{2}", step) and step == step.strip() for step in steps) else (tag,)
