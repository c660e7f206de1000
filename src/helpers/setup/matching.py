"""Which question is which item of NoMAD, by words that tell items apart; the practice's name, which most have, is left out."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from helpers.study.words import LANGUAGES, WORDS, fold

# NoMAD's items with our labels; no sentence of the instrument.
NOMAD = pd.read_csv(Path(__file__).with_name("nomad.csv"), dtype=str).set_index("item")
# Words of the first kind tell most. A match rests on those of the first two, or the researcher decides; the researcher also
# decides about a question that does not name the practice if this share of the others does.
WEIGHTS = np.array([3, 2, 1])
LEAST_SCORE, LEAST_MARGIN, MOST_NAMED = 0.5, 0.15, 0.7
# A phrase that is in this share of the questions is the practice's name, or says no more than that.
LEAST_SHARE, LONGEST_PHRASE, LETTERS = 0.5, 6, 6


@dataclass(frozen=True)
class Match:
    """The item that we take a question for, the share of its words that were found, those words, and what is in doubt."""

    item: str
    score: float
    words: str
    doubt: str


def match_items(wordings: dict[str, str]) -> tuple[dict[str, Match], str, str]:
    """Match questions (column → wording) to items; also returns the language that fits best, and the practice's name.

    Each item has one question; another one with the same words may be a part of the item, and is in doubt. So is a match
    that another item or question, with no better match elsewhere, would fit about as well.
    """
    columns, (texts, practice) = np.array(list(wordings)), remove_practice(list(wordings.values()))
    stems = {stem for stem in stem_words(practice) if len(stem) > 3}
    named = [bool(stems & {*stem_words(wording)}) for wording in wordings.values()]
    all_named = bool(named) and np.mean(named) >= MOST_NAMED
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
        score = scores[row, item]
        if row not in taken and not (firm[row, item] and score >= LEAST_SCORE):
            continue
        near = (scores[row] > score - LEAST_MARGIN) & (scores[row] >= filled)
        alike = (scores[:, item] > score - LEAST_MARGIN) & (scores[:, item] >= held)
        near[item] = alike[row] = False
        doubts = {
            "only some of its words are there": not firm[row, item],
            f"it fits {', '.join(NOMAD.index[near])} about as well": near.any(),
            f"{', '.join(columns[alike])} fits about as well": alike.any(),
            "another question has its words too": row not in taken,
            "it does not name the practice": all_named and not named[row],
        }
        patterns = WORDS[NOMAD.index[item], language]
        words = [match.group() for pattern in patterns if pattern and (match := pattern.search(text))]
        doubt = "; ".join(doubt for doubt, holds in doubts.items() if holds)
        found[str(columns[row])] = Match(NOMAD.index[item], round(float(score), 2), ", ".join(words), doubt)
    return found, language, practice


def score_texts(texts: list[str], language: str) -> tuple[np.ndarray, np.ndarray]:
    """The share of each item's words in each text, from 0 to 1, and whether enough kinds of them to be sure."""
    patterns = [WORDS[item, language] for item in NOMAD.index]
    there = np.array([[pattern is not None for pattern in kinds] for kinds in patterns])
    found = [[[bool(pattern and pattern.search(text)) for pattern in kinds] for kinds in patterns] for text in texts]
    held = np.array(found, dtype=bool).reshape(len(texts), len(NOMAD), len(WEIGHTS))
    return held @ WEIGHTS / (there @ WEIGHTS), held[:, :, 0] & (held[:, :, 1] | ~there[:, 1])


def remove_practice(wordings: list[str]) -> tuple[list[str], str]:
    """Folded texts without the phrases that most of them have, and the longest of those phrases as it is written.

    Endings do not count, since some languages change them.
    """
    words = [list(re.finditer(r"[^\W_]+", wording)) for wording in wordings]
    keys = [[fold(word.group())[:LETTERS] for word in line] for line in words]
    kept, written = [[True] * len(line) for line in keys], Counter()
    for length in range(LONGEST_PHRASE, 0, -1):
        phrases = [
            [tuple(line[k : k + length]) if all(keep[k : k + length]) else () for k in range(len(line) - length + 1)]
            for line, keep in zip(keys, kept, strict=True)
        ]
        times = Counter(phrase for line in phrases for phrase in {*line} if phrase)
        for wording, line, parts, keep in zip(wordings, phrases, words, kept, strict=True):
            for k, phrase in enumerate(line):
                if times[phrase] >= max(3, LEAST_SHARE * len(words)) and all(keep[k : k + length]):
                    keep[k : k + length] = [False] * length
                    written[wording[parts[k].start() : parts[k + length - 1].end()]] += 1
    lines = zip(words, kept, strict=True)
    practice = max(written, key=lambda phrase: (len(phrase), written[phrase]), default="")
    return [" ".join(fold(w.group()) for w, stays in zip(*line, strict=True) if stays) for line in lines], practice


def stem_words(text: str) -> list[str]:
    return [word[:LETTERS] for word in fold(text).split()]
