"""The words by which we know an item, an answer or a column: stems of ours in eight languages (`keywords.csv`)."""

import re
import unicodedata
from functools import cache
from pathlib import Path

import pandas as pd

TABLE = Path(__file__).with_name("keywords.csv")


def fold(text: str) -> str:
    """A text in small letters without accents and marks, words parted by one blank."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.sub(r"[\W_]+", " ", "".join(letter for letter in plain if not unicodedata.combining(letter))).split())


@cache
def read_words() -> pd.DataFrame:
    """Patterns by what they tell and language: `first` tells most, `second` and `third` confirm it; None where blank."""
    table = pd.read_csv(TABLE, dtype=str, keep_default_na=False).set_index(["what", "language"])
    return table.map(lambda cell: compile_stems(cell) if cell else None)


def compile_stems(cell: str) -> re.Pattern:
    """Stems begin a word, or end it too (`$`), or stand anywhere (`*` before), or are the whole text (`=`); `_` is a blank."""
    patterns = []
    for stem in cell.split():
        inner = stem.strip("=*$").replace("_", " ")
        start = "^" if stem.startswith("=") else "" if stem.startswith("*") else r"\b"
        patterns.append(start + inner + ("$" if stem.startswith("=") else r"\b" if stem.endswith("$") else ""))
    return re.compile("|".join(patterns))


def find(text: str, what: str, language: str = "") -> str:
    """The first word of a folded text that tells something, in one language or any; empty when none does."""
    patterns = read_words().loc[what, "first"]
    for pattern in patterns if not language else [patterns[language]]:
        if match := pattern.search(text):
            return match.group()
    return ""


LANGUAGES = list(read_words().loc["A1"].index)
