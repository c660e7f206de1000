"""The words by which we know an item, an answer or a column: stems of ours in eight languages (`keywords.csv`)."""

import csv
import re
import unicodedata
from functools import cache
from pathlib import Path


@cache
def fold(text: str) -> str:
    """A text in small letters without accents and marks, words parted by one blank."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[\W_]+", " ", plain).split())


def compile_stems(cell: str) -> re.Pattern | None:
    """Stems begin a word, or end it too (`$`), or stand anywhere (`*` before), or are the whole text (`=`); `_` is a blank."""
    patterns = []
    for stem in cell.split():
        start = {"=": "^", "*": ""}.get(stem[0], r"\b")
        end = "$" if stem[0] == "=" else r"\b" if stem[-1] == "$" else ""
        patterns.append(start + stem.strip("=*$").replace("_", " ") + end)
    return re.compile("|".join(patterns)) if patterns else None


TABLE = Path(__file__).with_name("keywords.csv")
with TABLE.open(encoding="utf-8", newline="") as table:
    # What words tell and in which language → patterns: the first tells most, the others confirm it.
    WORDS = {(row[0], row[1]): [compile_stems(cell) for cell in row[2:]] for row in list(csv.reader(table))[1:]}
LANGUAGES = [language for what, language in WORDS if what == "A1"]


@cache
def find(text: str, what: str, language: str = "") -> str:
    """The first word of a text that tells something, in one language or in any; empty when none does."""
    patterns = [WORDS[what, each][0] for each in ([language] if language else LANGUAGES) if (what, each) in WORDS]
    return next((match.group() for pattern in patterns if (match := pattern.search(fold(text)))), "")
