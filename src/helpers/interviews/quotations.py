"""Is every quotation what was said? Each is looked for in its own participant's words."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

VERBATIM = "verbatim"
IN_PIECES = "verbatim, with words left out or replaced where marked"
RUNS_OVER = "runs over another speaker"
OUT_OF_ORDER = "pieces in another order"
DIFFERS = "differs"
SAID_BY_ANOTHER = "said by somebody else"
NOT_FOUND = "not found"
NO_TRANSCRIPT = "no transcript"
# Below this likeness (rapidfuzz partial ratio, 0 to 100) two texts share little but common words, so that a difference
# in words would say nothing. A likeness above it never passes as verbatim: a dropped "never" still scores 94.
LEAST_LIKENESS = 60
WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
# What an editor puts in: [brackets], and … or ... with or without parentheses.
MARK = re.compile(r"\[[^\]]*\]|\(\s*(?:…|\.(?:\s?\.){2,})\s*\)|…|\.(?:\s?\.){2,}")
NEGATIONS = {
    *("no", "not", "never", "none", "nobody", "nothing", "nowhere", "neither", "nor", "without", "cannot"),
    *("hardly", "barely", "scarcely"),
}
NUMBER_WORDS = {
    **{"zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7"},
    **{"eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14"},
    **{"fifteen": "15", "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19", "twenty": "20"},
    **{"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90"},
    **{"hundred": "100", "thousand": "1000", "million": "1000000", "dozen": "12", "half": "1/2"},
    **{"once": "1", "twice": "2"},
}
# An omission this short that takes a negation with it may turn a sentence round; a longer one nearly always holds one.
SHORT_OMISSION = 12
# What a listener says without taking the turn (a back-channel: Yngve 1970, On getting a word in edgewise). The list is
# ours; "mm-hmm" and "uh-huh" are compared as their halves. "No" is not on it, since it may answer.
BACK_CHANNELS = {
    *("mm", "mmm", "mhm", "mmhm", "mmhmm", "hm", "hmm", "uh", "huh", "uhhuh", "aha", "ah", "oh"),
    *("yeah", "yes", "yep", "right", "ok", "okay", "sure"),
}
LONGEST_BACK_CHANNEL = 2


@dataclass(frozen=True)
class Interruption:
    """What others say between two turns of a speaker: the speaker's first word after it, the two turns, who speaks."""

    word: int
    before: int
    after: int
    speakers: list[str]


@dataclass(frozen=True, eq=False)
class Speech:
    """What somebody said in a source: the text, its words as compared, where each stands, and where others spoke."""

    speaker: str
    text: str
    words: list[str]
    joined: str
    word_at: np.ndarray
    spans: list[tuple[int, int]]
    interruptions: list[Interruption]


@dataclass(frozen=True)
class Match:
    """Where a piece of a quotation stands in a speech (word numbers, end exclusive), and how the words differ."""

    start: int
    end: int
    likeness: float
    changes: list[str]


def check_quotations(segments: pd.DataFrame, transcripts: pd.DataFrame) -> pd.DataFrame:
    """Check that every quotation is verbatim what its own participant said, or show how it differs.

    Words are compared; case, punctuation, the kind of quotation marks and dashes, and spacing are not. A quotation is
    split at … and [brackets], and its pieces must follow one another in the participant's own turns. A piece may run
    from one turn into the next unless somebody else speaks between them; what others say there must be marked as left
    out, except for a back-channel of at most two words such as "mm-hmm" or "yeah, right" (`BACK_CHANNELS`).

    Parameters
    ----------
    segments : DataFrame
        `segment, participant, source, text`; each segment is checked once, segments without text not at all.
    transcripts : DataFrame
        One row a turn: `source, participant, text`, in order, the turns of interviewers included.

    Returns
    -------
    DataFrame
        One row a segment: `segment, participant, source, text`, `verdict` (verbatim; verbatim with marked omissions;
        runs over another speaker; pieces in another order; differs; said by somebody else; not found; no transcript),
        `difference` (in words, from the transcript to the quotation; whose words it runs over, and between which turns
        of the source, numbered from 1), `in_transcript` (the transcript's own text, where the verdict is
        "differs"), `likeness` (0 to 100, missing unless it differs), `negation_changed`, `number_changed` (bool: a
        negation or number was dropped, added, changed, put in brackets, or left out of a short omission; read these
        first) and `spoken_by` (whose words they are, where somebody else's).
    """
    speeches = collect_speeches(transcripts)
    by_source: dict[str, list[Speech]] = {}
    by_speaker: dict[str, list[Speech]] = {}
    for (source, speaker), speech in speeches.items():
        by_source.setdefault(source, []).append(speech)
        by_speaker.setdefault(speaker, []).append(speech)
    rows = segments.dropna(subset=["text"]).drop_duplicates("segment")
    rows = rows[["segment", "participant", "source", "text"]]
    checks = []
    for row in rows.itertuples():
        if (row.source, row.participant) in speeches:
            own = [speeches[row.source, row.participant]]
        else:
            # Whoever speaks elsewhere is held to those words; only a group that never speaks under its own label (its
            # speakers were not separated in coding) is checked against the whole source.
            own = by_speaker.get(row.participant) or by_source.get(row.source) or []
        checks.append(_check_quotation(row.text, own, speeches.values()))
    columns = ["verdict", "difference", "in_transcript", "likeness", "negation_changed", "number_changed", "spoken_by"]
    checked = pd.DataFrame(checks, columns=columns, index=rows.index)
    text_columns = {name: "str" for name in ("verdict", "difference", "in_transcript", "spoken_by")}
    checked = checked.astype({**text_columns, "likeness": float, "negation_changed": bool, "number_changed": bool})
    return pd.concat([rows, checked], axis=1).reset_index(drop=True)


def collect_speeches(transcripts: pd.DataFrame) -> dict[tuple[str, str], Speech]:
    """All that one person said in one source, the turns of others left out."""
    speeches = {}
    for source, rows in transcripts.groupby("source", sort=False):
        turns = list(zip(rows["participant"], rows["text"], strict=True))
        for speaker in rows["participant"].unique():
            speeches[source, speaker] = _make_speech(speaker, turns)
    return speeches


def _make_speech(speaker: str, turns: list[tuple[str, str]]) -> Speech:
    """A speaker's turns out of all turns of a source, each a speaker and a text."""
    own = [unicodedata.normalize("NFKC", text) for who, text in turns if who == speaker]
    text = "\n".join(own)
    found = list(WORD.finditer(flatten_marks(text)))
    words = [match.group().casefold() for match in found]
    starts = np.cumsum([1, *(len(word) + 1 for word in words)])
    spans = [match.span() for match in found]
    turn_starts = np.cumsum([0, *(len(turn) + 1 for turn in own)])
    first_words = np.searchsorted([start for start, _ in spans], turn_starts).tolist()
    interruptions = _find_interruptions(speaker, turns, first_words)
    return Speech(speaker, text, words, f" {' '.join(words)} ", starts, spans, interruptions)


def _find_interruptions(speaker: str, turns: list[tuple[str, str]], first_words: list[int]) -> list[Interruption]:
    """Where others say more than a back-channel; `first_words`: the first word of each of the speaker's turns, and the end."""
    found: list[Interruption] = []
    between: list[tuple[str, str]] = []
    before, own = 0, 0
    for number, (who, text) in enumerate(turns, start=1):
        if who != speaker:
            between.append((who, text))
            continue
        first, end = first_words[own : own + 2]
        own += 1
        if first == end:
            continue
        if before and not _is_back_channel(" ".join(said for _, said in between)):
            found.append(Interruption(first, before, number, list(dict.fromkeys(other for other, _ in between))))
        before, between = number, []
    return found


def _is_back_channel(text: str) -> bool:
    """Whether a listener says nothing but "mm-hmm", "yeah" and the like; true of silence."""
    return len(text.split()) <= LONGEST_BACK_CHANNEL and BACK_CHANNELS.issuperset(split_words(text))


def flatten_marks(text: str) -> str:
    """Apostrophes of one kind, so that "don’t" and "don't" are one word; as long as before."""
    return re.sub("[\u2018\u2019\u02bc\u0060\u00b4\uff07]", "'", text)


def split_words(text: str) -> list[str]:
    """The words of a text as they are compared: case, punctuation and kinds of apostrophe do not matter."""
    return [word.casefold() for word in WORD.findall(flatten_marks(unicodedata.normalize("NFKC", text)))]


@dataclass(frozen=True)
class Quotation:
    """A quotation's words between its marks, and the words that an editor put in (`gaps`: between two pieces)."""

    pieces: list[list[str]]
    gaps: list[list[str]]
    inserted: list[str]
    marked: bool


def split_quotation(text: str) -> Quotation:
    pieces, gaps, marks = [], [], MARK.findall(text)
    waiting: list[str] = []
    # Marks are found before NFKC, which writes … as three full stops.
    for words, mark in zip(map(split_words, MARK.split(text)), [*marks, ""], strict=True):
        if words:
            gaps += [waiting] if pieces else []
            pieces.append(words)
            waiting = []
        waiting = waiting + split_words(mark)
    return Quotation(pieces, gaps, [word for mark in marks for word in split_words(mark)], bool(marks))


def _check_quotation(text: str, own: list[Speech], everybody: Iterable[Speech]) -> dict[str, object]:
    quotation = split_quotation(text)
    check: dict[str, object] = {
        "verdict": NOT_FOUND,
        **dict.fromkeys(["difference", "in_transcript", "likeness", "spoken_by"]),
        "negation_changed": bool(_pick_negations(quotation.inserted)),
        "number_changed": bool(_pick_numbers(quotation.inserted)),
    }
    if not own:
        return check | {"verdict": NO_TRANSCRIPT}
    if not quotation.pieces:
        return check
    over: dict[str, object] | None = None
    for speech in own:
        places = _find_in_order(quotation.pieces, speech)
        if places is not None and (across := _describe_interruptions(quotation.pieces, places, speech)):
            omitted = _describe_omissions(quotation, places, speech)
            wording = "; ".join(filter(None, [*across, omitted["difference"]]))
            over = over or {"verdict": RUNS_OVER} | omitted | {"difference": wording}
            # The same words may stand elsewhere without anybody between them.
            places = _find_in_order(quotation.pieces, _fence_speech(speech))
        if places is not None:
            verdict = IN_PIECES if quotation.marked else VERBATIM
            return check | {"verdict": verdict} | _describe_omissions(quotation, places, speech)
    if over:
        return check | over
    if any(all(find_piece(piece, speech) is not None for piece in quotation.pieces) for speech in own):
        return check | {"verdict": OUT_OF_ORDER}
    for speech in everybody:
        if speech not in own and _find_in_order(quotation.pieces, speech) is not None:
            return check | {"verdict": SAID_BY_ANOTHER, "spoken_by": speech.speaker}
    return check | _compare_pieces(quotation.pieces, own, check)


def _describe_interruptions(pieces: list[list[str]], places: list[int], speech: Speech) -> list[str]:
    """Who speaks in the midst of a piece, and between which turns of the source."""
    stretches = [range(place + 1, place + len(piece)) for place, piece in zip(places, pieces, strict=True)]
    return [
        f"runs over {' and '.join(one.speakers)} between turns {one.before} and {one.after}"
        for one in speech.interruptions
        if any(one.word in stretch for stretch in stretches)
    ]


def _fence_speech(speech: Speech) -> Speech:
    """The same speech with a line end wherever somebody else speaks, over which no piece can be found."""
    edges = [0, *(one.word for one in speech.interruptions), len(speech.words)]
    stretches = [" ".join(speech.words[first:end]) for first, end in zip(edges, edges[1:], strict=False)]
    # A fence is two characters longer than the space that it takes the place of.
    shift = 2 * np.searchsorted(edges[1:-1], np.arange(len(speech.word_at)), side="right")
    return replace(speech, joined=" " + " \n ".join(stretches) + " ", word_at=speech.word_at + shift)


def _describe_omissions(quotation: Quotation, places: list[int], speech: Speech) -> dict[str, object]:
    """What short omissions leave out or replace, and whether negations and numbers survive them."""
    ends = [place + len(piece) for place, piece in zip(places, quotation.pieces, strict=True)]
    omitted = [speech.words[end:place] for end, place in zip(ends, places[1:], strict=False)]
    short = [(gone, new) for gone, new in zip(omitted, quotation.gaps, strict=True) if len(gone) <= SHORT_OMISSION]
    gone = [word for words, _ in short for word in words]
    wordings = [_describe_change(" ".join(gone), f"[{' '.join(new)}]" if new else "") for gone, new in short if gone]
    return {
        "difference": "; ".join(wordings) or None,
        "negation_changed": _pick_negations(gone) != _pick_negations(quotation.inserted),
        "number_changed": _pick_numbers(gone) != _pick_numbers(quotation.inserted),
    }


def _compare_pieces(pieces: list[list[str]], own: list[Speech], check: Mapping[str, object]) -> dict[str, object]:
    """The most alike stretches of what the participant said, and how the words differ from them."""
    speech, matches = max(
        ((speech, [_match_piece(piece, speech) for piece in pieces]) for speech in own),
        key=lambda pair: min(match.likeness if match else 0 for match in pair[1]),
    )
    if any(match is None for match in matches):
        return {"verdict": NOT_FOUND}
    said = [word for match in matches for word in speech.words[match.start : match.end]]
    quoted = [word for piece in pieces for word in piece]
    across = _describe_interruptions([speech.words[m.start : m.end] for m in matches], [m.start for m in matches], speech)
    stretches = [speech.text[speech.spans[match.start][0] : speech.spans[match.end - 1][1]] for match in matches]
    return {
        "verdict": DIFFERS,
        "difference": "; ".join([change for match in matches for change in match.changes] + across),
        "in_transcript": " … ".join(" ".join(stretch.split()) for stretch in stretches),
        "likeness": round(min(match.likeness for match in matches), 1),
        "negation_changed": check["negation_changed"] or _pick_negations(said) != _pick_negations(quoted),
        "number_changed": check["number_changed"] or _pick_numbers(said) != _pick_numbers(quoted),
    }


def _pick_negations(words: Iterable[str]) -> Counter:
    """Negations, with "n't" and "cannot" counting as "not"."""
    found = (word for word in words if word in NEGATIONS or word.endswith("n't"))
    return Counter("not" if word.endswith("n't") or word == "cannot" else word for word in found)


def _pick_numbers(words: Iterable[str]) -> Counter:
    """Numbers, in figures or words."""
    return Counter(NUMBER_WORDS.get(word, word) for word in words if word in NUMBER_WORDS or word[0].isdigit())


def find_piece(piece: list[str], speech: Speech, after: int = 0) -> int | None:
    """The number of the first word at or after `after` at which the piece stands."""
    place = speech.joined.find(f" {' '.join(piece)} ", max(int(speech.word_at[after]) - 1, 0))
    return None if place < 0 else int(np.searchsorted(speech.word_at, place + 1))


def _find_in_order(pieces: list[list[str]], speech: Speech) -> list[int] | None:
    """Where the pieces stand one after another, as close together as they do; None if they do not."""
    places, after = [], 0
    for piece in pieces:
        place = find_piece(piece, speech, after)
        if place is None:
            return None
        places.append(place)
        after = place + len(piece)
    for number in range(len(pieces) - 2, -1, -1):
        end = int(speech.word_at[places[number + 1]])
        place = speech.joined.rfind(f" {' '.join(pieces[number])} ", 0, end)
        places[number] = int(np.searchsorted(speech.word_at, place + 1))
    return places


def _match_piece(piece: list[str], speech: Speech) -> Match | None:
    """Where a piece stands, word for word or nearly; None where nothing is alike."""
    exact = find_piece(piece, speech)
    if exact is not None:
        return Match(exact, exact + len(piece), 100, [])
    from rapidfuzz import fuzz
    from rapidfuzz.distance import Levenshtein

    quoted = " ".join(piece)
    found = fuzz.partial_ratio_alignment(quoted, speech.joined, score_cutoff=LEAST_LIKENESS)
    if found is None or not speech.words:
        return None
    # The alignment is of characters and as long as the piece; move its ends to the words that fit best.
    start = max(int(np.searchsorted(speech.word_at, found.dest_start, side="right")) - 1, 0)
    end = int(np.searchsorted(speech.word_at[:-1], found.dest_end, side="left"))
    starts = range(max(start - 3, 0), min(start + 4, len(speech.words)))
    ends = range(max(end - 3, 1), min(end + 4, len(speech.words) + 1))
    windows = [(first, last) for first in starts for last in ends if first < last]

    def differ(window: tuple[int, int]) -> tuple[float, float]:
        """Words first; of windows as good, the one whose letters are most alike."""
        words = speech.words[slice(*window)]
        return Levenshtein.distance(piece, words), -fuzz.ratio(quoted, " ".join(words))

    first, last = min(windows, key=differ)
    said = speech.words[first:last]
    return Match(first, last, fuzz.ratio(quoted, " ".join(said)), _describe_changes(said, piece))


def _describe_changes(said: list[str], quoted: list[str]) -> list[str]:
    """What was done to the words said to get the words quoted."""
    from rapidfuzz.distance import Levenshtein

    changes: list[tuple[list[str], list[str]]] = []
    reached = (-1, -1)
    for step in Levenshtein.opcodes(said, quoted):
        if step.tag == "equal":
            continue
        gone, new = said[step.src_start : step.src_end], quoted[step.dest_start : step.dest_end]
        if reached == (step.src_start, step.dest_start):
            changes[-1] = (changes[-1][0] + gone, changes[-1][1] + new)
        else:
            changes.append((gone, new))
        reached = (step.src_end, step.dest_end)
    return [_describe_change(" ".join(gone), " ".join(new)) for gone, new in changes]


def _describe_change(gone: str, new: str) -> str:
    if gone and new:
        return f"“{gone}” became “{new}”"
    return f"left out “{gone}”" if gone else f"added “{new}”"
