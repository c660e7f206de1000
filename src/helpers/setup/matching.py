"""Which question is which item of NoMAD, by words that tell them apart; the practice's name, which stands in most, left out."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.setup.words import LANGUAGES, find, fold, read_words

# NoMAD's items with labels of ours; no sentence of the instrument.
NOMAD = pd.read_csv(Path(__file__).with_name("nomad.csv"), dtype=str).set_index("item")
# Words of the first kind tell most. A match rests on one of those and on another, or is for the researcher to decide.
WEIGHTS = np.array([3, 2, 1])
LEAST_SCORE, LEAST_MARGIN = 0.5, 0.15
# A phrase that stands in so many questions is the practice's name, or says no more than it does.
LEAST_SHARE, LONGEST_PHRASE, LETTERS = 0.5, 6, 6


@dataclass(frozen=True)
class Match:
    """The item that a question is taken for, the share of the item's words in it, why, and what is in doubt (or nothing)."""

    item: str
    score: float
    reversed: bool
    reason: str
    doubt: str


@dataclass(frozen=True)
class Matches:
    items: dict[str, Match]
    language: str
    practice: str


def match_items(wordings: dict[str, str]) -> Matches:
    """Match questions (column → wording) to items, in the language in which they fit best.

    Each item has one question; a further one that holds the same words may be a part of the item, and is in doubt. So is a
    match that another item or question, not better served elsewhere, would fit about as well, and one worded negatively.
    """
    from scipy.optimize import linear_sum_assignment

    columns, (texts, practice) = list(wordings), remove_practice(list(wordings.values()))
    tried = {language: score_texts(texts, language) for language in LANGUAGES}
    pairs = {language: linear_sum_assignment(scores, maximize=True) for language, (scores, _) in tried.items()}
    language = max(LANGUAGES, key=lambda language: tried[language][0][pairs[language]].sum())
    scores, firm = tried[language]
    taken = {row: item for row, item in zip(*pairs[language], strict=True) if scores[row, item] >= LEAST_SCORE}
    held, filled = np.zeros(len(texts)), np.zeros(len(NOMAD))
    for row, item in taken.items():
        held[row] = filled[item] = scores[row, item]
    found = {}
    for row, text in enumerate(texts):
        item = taken.get(row, int(scores[row].argmax()))
        score, key = scores[row, item], NOMAD.index[item]
        if row not in taken and not (firm[row, item] and score >= LEAST_SCORE):
            continue
        near = (scores[row] > score - LEAST_MARGIN) & (scores[row] >= filled)
        alike = (scores[:, item] > score - LEAST_MARGIN) & (scores[:, item] >= held)
        near[item] = alike[row] = False
        negated = find(text, "negation", language)
        doubts = [
            *(["only some of its words are there"] if not firm[row, item] else []),
            *([f"fits {', '.join(NOMAD.index[near])} about as well"] if near.any() else []),
            *([f"{', '.join(np.array(columns)[alike])} fits about as well"] if alike.any() else []),
            *(["another question has the same words: is this a second part?"] if row not in taken else []),
            *([f"“{negated}” turns its sense"] if negated else []),
        ]
        words = [match.group() for pattern in read_words().loc[(key, language)] if pattern and (match := pattern.search(text))]
        reversed_ = (NOMAD["reversed"].iloc[item] == "yes") != bool(negated)
        found[columns[row]] = Match(key, round(float(score), 2), reversed_, f"holds {', '.join(words)}", "; ".join(doubts))
    return Matches(found, language, practice)


def score_texts(texts: list[str], language: str) -> tuple[np.ndarray, np.ndarray]:
    """How much of each item's words each text holds, from 0 to 1, and whether enough kinds of them to be sure."""
    scores, firm = np.zeros((len(texts), len(NOMAD))), np.zeros((len(texts), len(NOMAD)), dtype=bool)
    for column, item in enumerate(NOMAD.index):
        patterns = read_words().loc[(item, language)]
        there = patterns.notna().to_numpy()
        for row, text in enumerate(texts):
            held = np.array([bool(pattern and pattern.search(text)) for pattern in patterns])
            scores[row, column] = (held * WEIGHTS).sum() / (there * WEIGHTS).sum()
            firm[row, column] = held[0] and held.sum() > 1
    return scores, firm


def remove_practice(wordings: list[str]) -> tuple[list[str], str]:
    """Folded texts without the phrases that stand in most of them, and the longest of those phrases as it is written.

    Endings do not count, since some languages change them.
    """
    words = [list(re.finditer(r"[^\W_]+", wording)) for wording in wordings]
    keys = [[fold(word.group())[:LETTERS] for word in line] for line in words]
    kept, practice = [[True] * len(line) for line in keys], ""
    for length in range(LONGEST_PHRASE, 0, -1):
        phrases = [{tuple(line[k : k + length]) for k in range(len(line) - length + 1)} for line in keys]
        times = Counter(phrase for line in phrases for phrase in line)
        often = {phrase for phrase, count in times.items() if count >= max(3, LEAST_SHARE * len(words))}
        for wording, line, parts, keep in zip(wordings, keys, words, kept, strict=True):
            for k in range(len(line) - length + 1):
                if tuple(line[k : k + length]) in often and all(keep[k : k + length]):
                    keep[k : k + length] = [False] * length
                    practice = max(practice, wording[parts[k].start() : parts[k + length - 1].end()], key=len)
    texts = [
        " ".join(fold(word.group()) for word, keep_it in zip(parts, keep, strict=True) if keep_it)
        for parts, keep in zip(words, kept, strict=True)
    ]
    return texts, practice
