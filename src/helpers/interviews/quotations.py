"""Is every quotation what was said? We look for each one in its participant's words."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, product

import pandas as pd

VERBATIM = "verbatim"
IN_PIECES = "verbatim, with words left out or replaced where marked"
RUNS_OVER = "runs over another speaker"
OUT_OF_ORDER = "pieces in another order"
DIFFERS = "differs"
SAID_BY_ANOTHER = "said by somebody else"
NOT_FOUND = "not found"
NO_TRANSCRIPT = "no transcript"
# Below this likeness (rapidfuzz partial ratio, 0 to 100) two texts share only common words, so a comparison of words would
# be meaningless. Above it, a text is still not called verbatim: a dropped "never" scores 94.
LEAST_LIKENESS = 60
WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
# What an editor adds: [brackets], and … or ... with or without parentheses.
MARK = re.compile(r"\[[^\]]*\]|\(\s*(?:…|\.(?:\s?\.){2,})\s*\)|…|\.(?:\s?\.){2,}")
NEGATIONS = {
    *("no", "not", "never", "none", "nobody", "nothing", "nowhere", "neither", "nor", "without"),
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
# A short omission that contains a negation may reverse a sentence; longer omissions nearly always contain a negation.
SHORT_OMISSION = 12
# What a listener says without taking the turn (a back-channel: Yngve 1970, On getting a word in edgewise). The list is
# ours; "mm-hmm" and "uh-huh" are compared as their halves. "No" is not on it because it may be an answer.
BACK_CHANNELS = {
    *("mm", "mmm", "mhm", "mmhm", "mmhmm", "hm", "hmm", "uh", "huh", "uhhuh", "aha", "ah", "oh"),
    *("yeah", "yes", "yep", "right", "ok", "okay", "sure"),
}
LONGEST_BACK_CHANNEL = 2
# Use one kind of apostrophe, so that "don’t" and "don't" are the same word.
APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u0060\u00b4\uff07", "'"))


@dataclass(frozen=True, eq=False)
class Speech:
    """What somebody said in a source: the text, its words in the form in which we compare them, and their places in the text.

    `joined`: the words with spaces around each, as one string, which is much faster to search. `turns`: in which of the
    speaker's turns each word is, from 0. `interruptions`: by number, the words before which others say more than a
    back-channel, and who speaks there.
    """

    speaker: str
    text: str
    words: list[str]
    joined: str
    spans: list[tuple[int, int]]
    turns: list[int]
    interruptions: dict[int, str]


def check_quotations(segments: pd.DataFrame, transcripts: pd.DataFrame) -> pd.DataFrame:
    """Check that every quotation is verbatim what its own participant said, or show how it differs.

    We compare words, not case, punctuation, spacing or kinds of quotation marks and dashes. A quotation is split at … and
    [brackets], and its pieces must follow one another in the participant's own turns. A piece may continue from one turn to
    the next unless somebody else speaks in between; other people's words must be marked as left out, except for a
    back-channel of at most two words such as "mm-hmm" or "yeah, right" (`BACK_CHANNELS`).

    Parameters
    ----------
    segments : DataFrame
        `segment, participant, source, text`; each segment is checked once, and segments without text are not checked.
    transcripts : DataFrame
        Each row is one turn, in order, including interviewers' turns: `source, participant, text`. May have no rows.

    Returns
    -------
    DataFrame
        Each row is one segment: `segment, participant, source, text`, `verdict` (one of the constants above), `discrepancy`
        (in words: what changed from the transcript to the quotation, or who speaks in between and at which turns, from 1),
        `in_transcript` (the transcript's own text) and `likeness` (0 to 100) where the verdict is "differs",
        `negation_changed`, `number_changed` (bool: a negation or number was dropped, added, changed, put in brackets, or lost
        in a short omission; read these first) and `spoken_by` (the speaker, if it is somebody else).
    """
    speeches = collect_speeches(transcripts)
    rows = segments.dropna(subset=["text"]).drop_duplicates("segment")[["segment", "participant", "source", "text"]]
    rows = rows[: None if len(transcripts) else 0].reset_index(drop=True)
    checks = []
    for row in rows.itertuples():
        # A participant who speaks somewhere is checked against those words. Only a group that never speaks under its own
        # label (its speakers were not separated in coding) is checked against the whole source.
        own = (
            [speech for key, speech in speeches.items() if key == (row.source, row.participant)]
            or [speech for (_, speaker), speech in speeches.items() if speaker == row.participant]
            or [speech for (source, _), speech in speeches.items() if source == row.source]
        )
        checks.append(_check_quotation(row.text, own, speeches.values()))
    columns = {
        "verdict": "str", "discrepancy": "str", "in_transcript": "str", "likeness": float, "negation_changed": bool,
        "number_changed": bool, "spoken_by": "str",
    }  # fmt: skip
    return pd.concat([rows, pd.DataFrame(checks, columns=list(columns)).astype(columns)], axis=1)


def is_verbatim(checks: pd.DataFrame) -> pd.Series:
    return checks["verdict"].isin([VERBATIM, IN_PIECES])


def list_misquoted(checks: pd.DataFrame) -> pd.DataFrame:
    """Quotations that are not verbatim, or that change a negation or number (these come first)."""
    wrong = checks[~is_verbatim(checks) | checks["negation_changed"] | checks["number_changed"]]
    return wrong.sort_values(["negation_changed", "number_changed"], ascending=False, kind="stable", ignore_index=True)


def collect_speeches(transcripts: pd.DataFrame) -> dict[tuple[str, str], Speech]:
    """Everything that one person said in one source, without other people's turns or text before the first speaker."""
    transcripts = transcripts.fillna({"participant": "nobody"})
    return {
        (source, speaker): _make_speech(speaker, list(zip(rows["participant"], rows["text"], strict=True)))
        for source, rows in transcripts.groupby("source", sort=False)
        for speaker in rows["participant"].unique()
    }


def _make_speech(speaker: str, turns: list[tuple[str, str]]) -> Speech:
    """One speaker's turns, from all turns of a source (speaker and text)."""
    text, spans, own_turns, interruptions = "", [], [], {}
    before, between = 0, []
    for number, (who, said) in enumerate(turns, start=1):
        if who != speaker:
            between.append((who, said))
            continue
        said = unicodedata.normalize("NFKC", said)
        found = [(len(text) + word.start(), len(text) + word.end()) for word in WORD.finditer(said.translate(APOSTROPHES))]
        if found:
            others = " ".join(words for _, words in between)
            if len(others.split()) > LONGEST_BACK_CHANNEL or not BACK_CHANNELS.issuperset(split_words(others)):
                speakers = " and ".join(dict.fromkeys(other for other, _ in between))
                interruptions[len(spans)] = f"runs over {speakers} between turns {before} and {number}"
            before, between = number, []
        # A speech has a line for each turn.
        own_turns += [text.count("\n")] * len(found)
        text, spans = text + said + "\n", spans + found
    compared = text.translate(APOSTROPHES)
    words = [compared[start:end].casefold() for start, end in spans]
    return Speech(speaker, text, words, f" {' '.join(words)} ", spans, own_turns, interruptions)


def split_words(text: str) -> list[str]:
    """The words of a text in the form in which we compare them, without case, punctuation or kinds of apostrophe."""
    return [word.casefold() for word in WORD.findall(unicodedata.normalize("NFKC", text).translate(APOSTROPHES))]


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
    # Find the marks before NFKC, which turns … into three full stops.
    for words, mark in zip(map(split_words, MARK.split(text)), [*marks, ""], strict=True):
        if words:
            gaps += [waiting] if pieces else []
            pieces.append(words)
            waiting = []
        waiting = waiting + split_words(mark)
    return Quotation(pieces, gaps, [word for mark in marks for word in split_words(mark)], bool(marks))


def _check_quotation(text: str, own: list[Speech], everybody: Iterable[Speech]) -> dict[str, object]:
    quotation = split_quotation(text)
    check: dict[str, object] = {"verdict": NOT_FOUND, **_flag_changes([], quotation.inserted)}
    if not own:
        return check | {"verdict": NO_TRANSCRIPT}
    if not quotation.pieces:
        return check
    # The same words may also appear elsewhere without anybody speaking in between.
    for interrupted, speech in product([False, True], own):
        places = _find_in_order(quotation.pieces, speech, interrupted)
        if places is not None:
            verdict = RUNS_OVER if interrupted else IN_PIECES if quotation.marked else VERBATIM
            omitted = _describe_omissions(quotation, places, speech)
            wordings = [*_describe_interruptions(quotation.pieces, places, speech), omitted["discrepancy"]]
            return check | omitted | {"verdict": verdict, "discrepancy": "; ".join(filter(None, wordings)) or None}
    if any(all(find_piece(piece, speech) for piece in quotation.pieces) for speech in own):
        return check | {"verdict": OUT_OF_ORDER}
    for speech in everybody:
        if speech not in own and _find_in_order(quotation.pieces, speech) is not None:
            return check | {"verdict": SAID_BY_ANOTHER, "spoken_by": speech.speaker}
    return check | _compare_pieces(quotation.pieces, own, check)


def _describe_interruptions(pieces: list[list[str]], places: list[int], speech: Speech) -> list[str]:
    """Who speaks in the middle of a piece, and between which turns of the source."""
    within = {word for place, piece in zip(places, pieces, strict=True) for word in range(place + 1, place + len(piece))}
    return [said for word, said in speech.interruptions.items() if word in within]


def _describe_omissions(quotation: Quotation, places: list[int], speech: Speech) -> dict[str, object]:
    """What short omissions leave out or replace, and whether they change a negation or number."""
    ends = [place + len(piece) for place, piece in zip(places, quotation.pieces, strict=True)]
    omitted = [speech.words[end:place] for end, place in zip(ends, places[1:], strict=False)]
    short = [(gone, new) for gone, new in zip(omitted, quotation.gaps, strict=True) if len(gone) <= SHORT_OMISSION]
    gone = [word for words, _ in short for word in words]
    wordings = [_describe_change(" ".join(gone), f"[{' '.join(new)}]" if new else "") for gone, new in short if gone]
    return {"discrepancy": "; ".join(wordings), **_flag_changes(gone, quotation.inserted)}


def _compare_pieces(pieces: list[list[str]], own: list[Speech], check: Mapping[str, object]) -> dict[str, object]:
    """The most similar parts of what the participant said, and how the quotation differs from them."""
    speech, matches = max(
        ((speech, [match_piece(piece, speech) for piece in pieces]) for speech in own),
        key=lambda pair: min(likeness for likeness, _ in pair[1]),
    )
    likeness = min(likeness for likeness, _ in matches)
    if not likeness:
        return {"verdict": NOT_FOUND}
    said = [speech.words[stretch.start : stretch.stop] for _, stretch in matches]
    changes = [change for words, piece in zip(said, pieces, strict=True) for change in _describe_changes(words, piece)]
    across = _describe_interruptions(said, [stretch.start for _, stretch in matches], speech)
    texts = [speech.text[speech.spans[stretch[0]][0] : speech.spans[stretch[-1]][1]] for _, stretch in matches]
    gone, new = (list(chain.from_iterable(words)) for words in (said, pieces))
    return {
        "verdict": DIFFERS,
        "discrepancy": "; ".join(changes + across),
        "in_transcript": " … ".join(" ".join(text.split()) for text in texts),
        "likeness": round(likeness, 1),
        **{name: changed or check[name] for name, changed in _flag_changes(gone, new).items()},
    }


def _flag_changes(gone: Iterable[str], new: Iterable[str]) -> dict[str, bool]:
    """Whether negations ("n't" and "cannot" count as "not") or numbers (in digits or words) have changed."""
    plain = [[NUMBER_WORDS.get(word, re.sub(r".*n't$|^cannot$", "not", word)) for word in words] for words in (gone, new)]
    negations = [Counter(word for word in words if word in NEGATIONS) for words in plain]
    numbers = [Counter(word for word in words if word[0].isdigit()) for words in plain]
    return {"negation_changed": negations[0] != negations[1], "number_changed": numbers[0] != numbers[1]}


def find_piece(piece: list[str], speech: Speech, interrupted: bool = True) -> list[int]:
    """The numbers of the words at which the piece begins; without `interrupted`, only where nobody else speaks within it."""
    places, wanted, here = [], f" {' '.join(piece)} ", -1
    while (here := speech.joined.find(wanted, here + 1)) >= 0:
        places.append(speech.joined.count(" ", 0, here))
    return [place for place in places if interrupted or not _describe_interruptions([piece], [place], speech)]


def _find_in_order(pieces: list[list[str]], speech: Speech, interrupted: bool = True) -> list[int] | None:
    """Where the pieces appear one after another, as close together as possible; None if they do not."""
    found = [find_piece(piece, speech, interrupted) for piece in pieces]
    end = 0
    for piece, places in zip(pieces, found, strict=True):
        first = next((place for place in places if place >= end), None)
        if first is None:
            return None
        end = first + len(piece)
    chosen = [first]
    for piece, places in zip(pieces[-2::-1], found[-2::-1], strict=True):
        chosen.insert(0, max(place for place in places if place + len(piece) <= chosen[0]))
    return chosen


def match_piece(piece: list[str], speech: Speech) -> tuple[float, range]:
    """How similar (0 to 100) the piece is to the best matching words of a speech, and which these are; 0 if none match."""
    exact = find_piece(piece, speech)
    if exact:
        return 100, range(exact[0], exact[0] + len(piece))
    from rapidfuzz import fuzz
    from rapidfuzz.distance import Levenshtein

    quoted, joined = " ".join(piece), speech.joined
    found = fuzz.partial_ratio_alignment(quoted, joined, score_cutoff=LEAST_LIKENESS)
    if found is None or not speech.words:
        return 0, range(0)
    # The alignment counts characters and is as long as the piece; move its ends to the best matching words.
    start = max(joined.count(" ", 0, found.dest_start) - 1, 0)
    end = joined.count(" ", 0, found.dest_end - 1)
    starts = range(max(start - 3, 0), min(start + 4, len(speech.words)))
    ends = range(max(end - 3, 1), min(end + 4, len(speech.words) + 1))

    def differ(window: range) -> tuple[float, float]:
        """Compare words first; among equally good windows, take the one with the most similar letters."""
        words = speech.words[window.start : window.stop]
        return Levenshtein.distance(piece, words), -fuzz.ratio(quoted, " ".join(words))

    window = min((range(first, last) for first in starts for last in ends if first < last), key=differ)
    return -differ(window)[1], window


def _describe_changes(said: list[str], quoted: list[str]) -> list[str]:
    from rapidfuzz.distance import Levenshtein

    changes, before, reached = [], 0, 0
    for same in Levenshtein.editops(said, quoted).as_matching_blocks():
        if (before, reached) != (same.a, same.b):
            changes.append(_describe_change(" ".join(said[before : same.a]), " ".join(quoted[reached : same.b])))
        before, reached = same.a + same.size, same.b + same.size
    return changes


def _describe_change(gone: str, new: str) -> str:
    if gone and new:
        return f"“{gone}” became “{new}”"
    return f"left out “{gone}”" if gone else f"added “{new}”"
