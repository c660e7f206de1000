"""Transcripts as turns: who said what, in order."""

from __future__ import annotations

import html
import io
import re
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import pandas as pd

from helpers.interviews.files import check_document, decode_text, read_bytes, refuse_damaged
from helpers.interviews.people import fold, name_people, read_people
from helpers.study import reading
from helpers.study.definition import Study
from helpers.study.errors import WorkbookError

TIME = r"\d{1,2}(?::\d{1,2}){1,2}(?:[.,]\d{1,3})?"
# Older documents: a line of two times, the speaker on the next; newer ones: the speaker, a gap and a time.
TURN = re.compile(rf"(?m)^(?:{TIME}\s*-->\s*{TIME}\n(?P<older>.+)|(?P<newer>\S.*?)(?:[^\S\n]{{2,}}|\t|\u00a0){TIME})$")
NOTICE = re.compile(r"(?m)^.+ (started|stopped) transcription$")
DEPARTMENT = re.compile(r"\s*\([^()]*\)$")


def read_transcripts(study: Study) -> pd.DataFrame:
    """Read the transcripts of a study (`transcripts:`, a folder of Teams' `.vtt` and `.docx` files, or one of them).

    Speakers become labels here, through the columns `speaker`, `speaker_2` … of the participants' file, and their
    names go no further. A department in brackets after a name does not matter. Names inside what was said stay.

    Returns
    -------
    DataFrame
        One row a turn, in order: `source` (the file's name without its ending), `turn` (from 1 within the source),
        `participant` (label, or that of an interviewer) and `text`. Empty where the study has no transcripts.

    Raises
    ------
    WorkbookError
        For a folder without transcripts, a damaged file, one without turns, and speakers whom the participants' file
        does not know: the message lists their names.
    """
    columns = {"source": "str", "turn": int, "participant": "str", "text": "str"}
    if study.interviews.transcripts is None:
        return pd.DataFrame(columns=list(columns)).astype(columns)
    path = study.file(study.interviews.participants)
    names = name_people(read_people(path), path)
    turns = []
    for transcript in _list_transcripts(study):
        spoken = (_read_docx if transcript.suffix.casefold() == ".docx" else _read_vtt)(transcript)
        if not spoken:
            raise WorkbookError(transcript, "", "no turns", "a transcript as Teams writes it", "download it from Teams again")
        # With the department in brackets or without it.
        labels = {name: names.get(fold(name)) or names.get(fold(DEPARTMENT.sub("", name))) for name, _ in spoken}
        if unknown := sorted(name or "(no name)" for name, label in labels.items() if label is None):
            raise WorkbookError(
                transcript, "speakers", ", ".join(unknown), "speakers whom the participants' file knows",
                "add each name to the column `speaker` of its person; an interviewer has a row too (`takes_part_as`)",
            )  # fmt: skip
        # Teams breaks what is said over several cues: what one person says in a row is one turn.
        said = groupby([(labels[name], text) for name, text in spoken], itemgetter(0))
        for number, (label, cues) in enumerate(said, start=1):
            turns.append((transcript.stem, number, label, " ".join(" ".join(text for _, text in cues).split())))
    return pd.DataFrame(turns, columns=list(columns)).astype(columns)


def _list_transcripts(study: Study) -> list[Path]:
    # Hidden files (.DS_Store, ._interview.vtt) and the lock files of an open document (~$) are no transcripts.
    files = [study.file(name) for name in reading.list_transcripts(study) if not Path(name).name.startswith(("~$", "."))]
    files = [file for file in files if file.suffix.casefold() in {".vtt", ".docx"}]
    if not files:
        place, remedy = "interviews.transcripts", "name such a file or their folder, and put them there"
        raise WorkbookError(study.folder / "study.yml", place, "no transcripts", "files that end in .vtt or .docx", remedy)
    return files


def _read_vtt(path: Path) -> list[tuple[str, str]]:
    """Speaker and text of each cue: `<v Name (Department)>text</v>`, over several lines, entities as written."""
    import webvtt

    text = decode_text(path, read_bytes(path))
    try:
        # From version 0.6 webvtt-py reads the times of older files too, such as 0:0:13.540.
        cues = list(webvtt.from_string(text))
    except Exception as error:  # webvtt-py raises several kinds
        refuse_damaged(path, error, "a transcript in WebVTT")
    spoken = []
    for number, cue in enumerate(cues, start=1):
        voices = re.findall(r"<v(?:\.[^\s>]*)?\s+([^>]*)>(.*?)(?=</v>|<v[\s.]|$)", cue.raw_text, re.DOTALL)
        if not voices:
            remedy = "download the transcript with speakers' names, or add the name in the file"
            raise WorkbookError(path, f"cue {number}", "words without a speaker", "<v Name>words</v>", remedy)
        spoken += [(html.unescape(name).strip(), html.unescape(re.sub(r"<[^>]*>", "", words))) for name, words in voices]
    return spoken


def _read_docx(path: Path) -> list[tuple[str, str]]:
    """Speaker and text of each turn, in both layouts that Teams has written; title and notices are left out."""
    import docx

    content = read_bytes(path)
    check_document(path, content)
    try:
        text = "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(content)).paragraphs)
    except Exception as error:  # python-docx raises almost anything on a damaged file
        refuse_damaged(path, error, "a Word document")
    text = NOTICE.sub("", "\n".join(filter(None, map(str.strip, text.splitlines()))))
    # Somebody who corrected the transcript by ear may have split a turn into paragraphs: all up to the next turn is said.
    turns = list(TURN.finditer(text))
    ends = [*(turn.start() for turn in turns[1:]), len(text)]
    return [(turn["older"] or turn["newer"], text[turn.end() : end]) for turn, end in zip(turns, ends, strict=bool(turns))]
