"""The words by which we recognise an item, answer or column: our own stems in eight languages (`keywords.csv`)."""

import csv
import re
import unicodedata
from functools import cache
from pathlib import Path


@cache
def fold(text: str) -> str:
    """Text in lower case, without accents and punctuation, with one space between words."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[\W_]+", " ", plain).split())


def compile_stems(cell: str) -> re.Pattern | None:
    """A stem begins a word, is a whole word (`$`), is anywhere (`*` before it), or is the whole text (`=`); `_` is a space."""
    patterns = []
    for stem in cell.split():
        start = {"=": "^", "*": ""}.get(stem[0], r"\b")
        end = "$" if stem[0] == "=" else r"\b" if stem[-1] == "$" else ""
        patterns.append(start + stem.strip("=*$").replace("_", " ") + end)
    return re.compile("|".join(patterns)) if patterns else None


TABLE = Path(__file__).with_name("keywords.csv")
with TABLE.open(encoding="utf-8", newline="") as table:
    # (meaning, language) → patterns: the first says most, the others confirm it.
    WORDS = {(row[0], row[1]): [compile_stems(cell) for cell in row[2:]] for row in list(csv.reader(table))[1:]}
LANGUAGES = [language for what, language in WORDS if what == "A1"]


@cache
def find(text: str, what: str, language: str = "") -> str:
    """The first word in a text with this meaning, in one language or in any; empty if there is none."""
    patterns = [WORDS[what, each][0] for each in ([language] if language else LANGUAGES) if (what, each) in WORDS]
    return next((match.group() for pattern in patterns if (match := pattern.search(fold(text)))), "")
