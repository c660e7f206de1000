"""Read transcripts as turns: who said what, in order. If some words fit no turn, the file is refused and the place named."""

import html
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from xml.etree.ElementTree import Element

import pandas as pd

from helpers.interviews.people import fold, name_people, read_people
from helpers.study import reading
from helpers.study.definition import Study
from helpers.study.errors import WorkbookError
from helpers.study.files import check_document, decode_text, open_archive, parse_xml, read_bytes, read_entry, refuse_damaged
from helpers.study.parts import describe
from helpers.study.sheets import shorten

TIME = r"[\[(]?\d{1,2}(?::\d{1,2}){1,2}(?:[.,]\d{1,3})?[\])]?"
CUE_TIMES = re.compile(r"\s*[\d:.,]+\s*-->\s*[\d:.,]+.*")
VOICE = re.compile(r"(?i)<v(?:\.[^\s>]*)?\s+([^>]*)>")
# What WebVTT calls a tag; any other `<` is part of what was said.
TAG = re.compile(r"(?i)</?(?:(?:v|lang)(?:[.\s][^<>]*)?|(?:c|i|b|u|ruby|rt)(?:\.[^\s<>]*)?)>|<[\d:.]+>")
# Older documents have a line with two times, then a line with the speaker; newer ones have the speaker, a gap and a time.
OLDER_TURN = re.compile(rf"{TIME}\s*-->\s*{TIME}")
NEWER_TURN = re.compile(rf"(?P<speaker>\S.*?)(?:\s{{2,}}|\t|\u00a0){TIME}")
# Typed by hand: a speaker, perhaps with a time before or after, and a colon or tab before the words.
NAMED = re.compile(r"(?:[A-ZÀ-Þ][\w'’.-]*\s?){1,3}")
TYPED_TURN = re.compile(rf"(?:{TIME}\s*)?(?P<speaker>[^:\t]+?)\s*(?:{TIME}\s*)?[:\t](?P<words>.*)", re.DOTALL)
NOTICE = re.compile(r"(?P<speaker>.+) (?:started|stopped) transcription")
DEPARTMENT = re.compile(r"\s*\([^()]*\)$")
TYPED = {".docx", ".txt"}
TEXTS = {".vtt", ".srt", *TYPED}
# Files that may hold an interview but that we cannot read.
UNREAD = {".doc", ".odt", ".rtf", ".pdf", ".md", ".htm", ".html"}
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
ADD_NAMES = "add each name to the column `speaker` of its person; an interviewer has a row too (`takes_part_as`)"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def read_transcripts(study: Study) -> pd.DataFrame:
    """Read the transcripts of a study (`transcripts:`: a folder of `.vtt`, `.srt`, `.docx` and `.txt` files, or one of them).

    The columns `speaker`, `speaker_2` … of the participants' file turn speakers' names into labels, and the names go no
    further. A department in brackets after a name does not matter. Names within what was said are kept.

    Each row is one turn, in order: `source` (the file's name without its ending), `turn` (from 1 within the source),
    `participant` (label of the participant or interviewer; missing before the first speaker) and `text`.

    Raises a `WorkbookError` for a folder without transcripts, two files with the same name, a damaged file or one without
    turns, words without a speaker, and speakers who are not in the participants' file (the message lists their names).
    """
    columns = {"source": "str", "turn": int, "participant": "str", "text": "str"}
    if study.interviews.transcripts is None:
        return pd.DataFrame(columns=list(columns)).astype(columns)
    path = study.file(study.interviews.participants)
    names = name_people(read_people(path), path)
    turns = []
    for transcript in _list_transcripts(study):
        read = _read_lines if transcript.suffix.casefold() in TYPED else _read_cues
        spoken = list(read(transcript, names))
        if not any(speaker for speaker, _ in spoken):
            typed = [match["speaker"] for _, text in spoken if (match := TYPED_TURN.fullmatch(text))]
            found = f"no turns of speakers in the participants' file, but lines of {shorten(dict.fromkeys(typed))}"
            expected = "a transcript as Teams or Zoom writes it, or typed as `Name: what was said`"
            raise WorkbookError(transcript, "", found, expected, ADD_NAMES)
        turns += _join_turns(transcript.stem, _label_speakers(transcript, spoken, names))
    return pd.DataFrame(turns, columns=list(columns)).astype(columns)


def list_speakers(path: Path) -> list[str]:
    """Who speaks in a transcript, in order of appearance; names typed before a colon or tab count if they appear twice."""
    document = path.suffix.casefold() in TYPED
    lines = _list_lines(path) if document else [line for cue in _list_cues(path) for line in cue.splitlines()]
    typed = [match["speaker"] for line in lines if (match := TYPED_TURN.fullmatch(line)) and NAMED.fullmatch(match["speaker"])]
    names = {fold(name): name for name in typed if typed.count(name) > 1}
    spoken = (_read_lines if document else _read_cues)(path, names)
    return list(dict.fromkeys(speaker for speaker, _ in spoken if speaker))


def count_words(turns: pd.DataFrame) -> pd.DataFrame:
    """What was read from each transcript: `source, turns, words, words_of_nobody` (before the first speaker)."""
    words = turns["text"].str.split().str.len()
    counts = turns.assign(turns=1, words=words, words_of_nobody=words.where(turns["participant"].isna(), 0))
    return counts.groupby("source", sort=False)[["turns", "words", "words_of_nobody"]].sum().reset_index()


def _list_transcripts(study: Study) -> list[Path]:
    # Hidden files (.DS_Store, ._interview.vtt) and the lock files of an open document (~$) are not transcripts.
    files = [study.file(name) for name in reading.list_transcripts(study) if not Path(name).name.startswith(("~$", "."))]
    texts = [file for file in files if file.suffix.casefold() in TEXTS]
    unread = [file for file in files if file.suffix.casefold() in UNREAD]
    definition = study.folder / "study.yml"
    if not texts or unread:
        found = unread[0].name if unread else "no transcripts"
        remedy = "save the transcripts in one of these formats, and keep only them in the folder"
        raise WorkbookError(definition, "interviews.transcripts", found, "files that end in .vtt, .srt, .docx or .txt", remedy)
    for name, alike in groupby(sorted(texts, key=lambda file: fold(file.stem)), key=lambda file: fold(file.stem)):
        first, *more = (file.name for file in alike)
        if more:
            found, remedy = f"{first} and {more[0]}, both called {name!r}", "keep one of the two, or rename it"
            raise WorkbookError(definition, "interviews.transcripts", found, "one file for each interview", remedy)
    return texts


def _find_speaker(speaker: str, names: dict[str, str]) -> str | None:
    """The label of a speaker, whose name may have a department in brackets."""
    return names.get(fold(speaker)) or names.get(fold(DEPARTMENT.sub("", speaker)))


def _label_speakers(path: Path, spoken: list[tuple[str | None, str]], names: dict[str, str]) -> list[tuple[str | None, str]]:
    """Replace speakers' names by labels; text without a speaker gets none."""
    labels = {speaker: _find_speaker(speaker, names) for speaker, _ in spoken if speaker is not None}
    unknown = sorted(speaker or "(no name)" for speaker, label in labels.items() if label is None)
    if unknown:
        raise WorkbookError(path, "speakers", ", ".join(unknown), "speakers who are in the participants' file", ADD_NAMES)
    bare = {fold(speaker): speaker for speaker in labels if fold(speaker) not in names}
    for _, alike in groupby(sorted(bare.values()), key=lambda speaker: fold(DEPARTMENT.sub("", speaker))):
        first, *more = alike
        if more:
            remedy = "write each name with its brackets into the column `speaker` of its person"
            raise WorkbookError(path, "speakers", f"{first} and {more[0]}", "one person for each name", remedy)
    return [(labels.get(speaker), text) for speaker, text in spoken]


def _join_turns(source: str, spoken: list[tuple[str | None, str]]) -> list[tuple[str, int, str | None, str]]:
    """Join consecutive utterances of one speaker into one turn, because Teams splits them over several cues."""
    return [
        (source, number, speaker, " ".join(" ".join(text for _, text in parts).split()))
        for number, (speaker, parts) in enumerate(groupby(spoken, key=lambda part: part[0]), start=1)
    ]


def _read_cues(path: Path, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Speaker and text of each voice in WebVTT or SubRip: `<v Name (Department)>text</v>`, or Zoom's `Name: text`.

    We read line by line because webvtt-py drops text after a blank line within a cue or after an unusual time format.
    """
    for number, cue in enumerate(_list_cues(path), start=1):
        before, *voices = VOICE.split(cue)
        for line in before.strip().splitlines() if not voices else []:
            typed = TYPED_TURN.fullmatch(line)
            if typed and _find_speaker(typed["speaker"], names):
                before, voices = "", [*voices, typed["speaker"], typed["words"]]
            elif voices:
                voices[-1] += f" {line}"
        closed = [words.casefold().partition("</v>")[2].strip() for words in voices[1::2]]
        if before.strip() or any(closed):
            expected = "<v Name>words</v>, or a known name and a colon"
            remedy = "download the transcript with speakers' names, or add the name in the file"
            raise WorkbookError(path, f"cue {number}", "words without a speaker", expected, remedy)
        for speaker, words in zip(voices[::2], voices[1::2], strict=True):
            yield html.unescape(speaker).strip(), html.unescape(TAG.sub("", words))


def _list_cues(path: Path) -> list[str]:
    """The words of each cue, without blank lines, comments, styles and cue ids."""
    lines = [line.strip() for line in decode_text(path, read_bytes(path)).splitlines()]
    cues: list[list[str]] = []
    aside = True
    for before, line, after in zip(["", *lines], lines, [*lines[1:], ""], strict=False):
        if CUE_TIMES.fullmatch(line):
            cues.append([])
            aside = False
        elif not before and line.partition(" ")[0] in {"NOTE", "STYLE", "REGION", "WEBVTT"}:
            aside = True
        elif not line:
            aside = aside and not cues
        elif not aside and not (CUE_TIMES.fullmatch(after) and (line.isdigit() or not before)):
            cues[-1].append(line)
        elif aside and not cues and not CUE_TIMES.fullmatch(after) and not before:
            expected = "a WebVTT transcript, with a line of times above each cue"
            raise WorkbookError(path, "before the first cue", describe(line), expected, "download it again")
    return ["\n".join(cue) for cue in cues if cue]


def _read_lines(path: Path, names: dict[str, str]) -> Iterator[tuple[str | None, str]]:
    """Speaker and text of each turn, in both layouts that Teams has used, or typed by hand.

    Notices about who started the transcription are left out; text before the first speaker has no speaker.
    """
    speaker, awaiting_speaker, by_hand, strangers = None, False, False, []
    for line in _list_lines(path):
        typed, newer, notice = TYPED_TURN.fullmatch(line), NEWER_TURN.fullmatch(line), NOTICE.fullmatch(line)
        if OLDER_TURN.fullmatch(line):
            awaiting_speaker = True
        elif awaiting_speaker or newer or _find_speaker(line, names) not in {None, _find_speaker(speaker or "", names)}:
            speaker, awaiting_speaker = newer["speaker"] if newer and not awaiting_speaker else line, False
            yield speaker, ""
        elif typed and _find_speaker(typed["speaker"], names):
            speaker, by_hand = typed["speaker"], True
            yield speaker, typed["words"]
        elif not (notice and (fold(notice["speaker"]) == "you" or _find_speaker(notice["speaker"], names))):
            # Somebody correcting the transcript by ear may have split a turn into paragraphs.
            strangers += [typed["speaker"]] if typed and NAMED.fullmatch(typed["speaker"]) else []
            yield speaker, line
    if by_hand and strangers:
        # If known speakers are written before a colon, unknown ones may be too: their words are not the last speaker's.
        expected, remedy = "speakers who are in the participants' file", "add the name to its person, or remove the colon"
        raise WorkbookError(path, "lines that seem to name a speaker", ", ".join(dict.fromkeys(strangers)), expected, remedy)


def _list_lines(path: Path) -> list[str]:
    """The lines of a text file or document in reading order, including tables, text boxes and insertions."""
    content = read_bytes(path)
    if path.suffix.casefold() == ".txt":
        return [line.strip() for line in decode_text(path, content).splitlines() if line.strip()]
    check_document(path, content)
    with open_archive(path, content) as archive:
        if "word/document.xml" not in archive.namelist():
            refuse_damaged(path, "another kind of archive", "a Word document")
        for name in {"word/footnotes.xml", "word/endnotes.xml"} & {*archive.namelist()}:
            notes = parse_xml(path, read_entry(path, archive, name), name)
            if words := " ".join("".join(element.itertext()) for element in notes.iter(f"{WORD}t")).strip():
                expected, remedy = "words that somebody says, in the text itself", "move the note into the text, or remove it"
                raise WorkbookError(path, "a footnote or endnote", describe(words), expected, remedy)
        body = parse_xml(path, read_entry(path, archive, "word/document.xml"), "word/document.xml")
    if body.tag != f"{WORD}document" or next(body.iter(f"{WORD}altChunk"), None) is not None:
        refuse_damaged(path, "not a document, or one that contains another file", "a Word document saved by Word")
    return [line.strip() for text in _list_paragraphs(body) for line in text.splitlines() if line.strip()]


def _list_paragraphs(body: Element) -> list[str]:
    """The text of each paragraph, without deleted or moved text and without a text box's second copy."""
    paragraphs: list[list[str]] = []
    breaks = {f"{WORD}tab": "\t", f"{WORD}ptab": "\t", f"{WORD}br": "\n", f"{WORD}cr": "\n", f"{WORD}noBreakHyphen": "-"}
    waiting: list[tuple[Element, list[str]]] = [(body, [])]
    while waiting:
        element, here = waiting.pop()
        if element.tag == f"{WORD}p":
            here = []
            paragraphs.append(here)
        if element.tag == f"{WORD}t":
            here.append(element.text or "")
        elif element.tag in breaks:
            here.append(breaks[element.tag])
        elif element.tag not in {f"{WORD}del", f"{WORD}moveFrom", f"{WORD}pPr", FALLBACK}:
            waiting += [(child, here) for child in reversed(element)]
    return ["".join(parts) for parts in paragraphs]
