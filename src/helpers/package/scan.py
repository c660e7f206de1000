"""Searches a finished package for what must not leave the team: identifiers, names, unapproved words, traces of a machine.

Every file is opened, and files within files; what cannot be read is itself a finding. A search of texts cannot see two
things: what a picture shows, and what somebody has put into other words.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from helpers.package.confidential import ANSWER, NAME, RUN, Secrets, hash_runs
from helpers.package.identifiers import FORMS, PATH
from helpers.package.opened import READERS, TURNING_SIGNS, Enclosed, fold, mask, plain, split_words
from helpers.study.errors import WorkbookError

MOST_HITS = 10
DEEPEST = 4
UNKNOWN, UNREADABLE = "a kind of file that the scan cannot read", "a file that cannot be read"
TURNED = "a sign that turns the direction of writing"


@dataclass(frozen=True)
class Hit:
    """Something that must not leave: the file (relative), the place in it, what it is, and a masked glimpse of it."""

    file: str
    place: str
    what: str
    glimpse: str

    def __str__(self) -> str:
        return f"{self.file}, {self.place}: {self.what} ({self.glimpse})"


# --- the search -------------------------------------------------------------------------------------------------------
def scan_folder(folder: Path, secrets: Secrets) -> list[Hit]:
    """Search every file of a package, and its name; hits in the order of files and places, each secret once in a place."""
    hits: dict[Hit, None] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        shown = hide(name, secrets)
        hits |= dict.fromkeys(Hit(shown, "its name", what, mask(match)) for what, match in search(name, secrets))
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            hits[Hit(shown, "the file", UNKNOWN, "a link or a device")] = None
        elif path.is_file():
            hits |= dict.fromkeys(scan_content(shown, "", path.suffix, path.read_bytes(), secrets))
    return list(hits)


def scan_content(file: str, within: str, suffix: str, content: bytes, secrets: Secrets) -> Iterator[Hit]:
    """Search one file, or a file within it (`within` says where)."""
    reader = READERS.get(suffix.casefold())
    if reader is None or within.count(" > ") > DEEPEST:
        yield Hit(file, within or "the file", UNKNOWN, suffix or "no ending")
        return
    try:
        pieces = list(reader(content))
    except Exception:  # readers of so many kinds of file can raise any error; what they cannot read is refused
        yield Hit(file, within or "the file", UNREADABLE, suffix)
        return
    for piece in pieces:
        if isinstance(piece, Enclosed):
            below = " > ".join(filter(None, [within, hide(piece.place, secrets)]))
            yield from scan_content(file, below, piece.suffix, piece.content, secrets)
            continue
        found = [(piece.what, piece.text)] if piece.what else []
        for what, match in [*found, *search(piece.text, secrets, piece.kind)]:
            place = " > ".join(filter(None, [within, hide(piece.place, secrets)]))
            yield Hit(file, place, what, mask(match))


def hide(place: str, secrets: Secrets) -> str:
    """A place as it may be shown, since the name of a file or a key can be a secret too."""
    return mask(place) if search(place, secrets) else place


@lru_cache(maxsize=100_000)  # one table is a part of many files
def search(text: str, secrets: Secrets, kind: str = "text") -> tuple[tuple[str, str], ...]:
    """What a piece of text holds: kind and match, beginning with the kinds that need no raw data."""
    found = [(TURNED, "")] if TURNING_SIGNS.search(html.unescape(text)) else []
    text = plain(text)
    for form in FORMS:
        if form.sign.search(text) and (kind != "code" or form.in_code):
            found += [(form.what, match) for match in form.find(text) if not is_open(match, secrets)]
    found += [(PATH, folder) for folder in secrets.folders if re.search(rf"(?<!\w){re.escape(folder)}(?!\w)", text)]
    stretches = list(re.finditer(r"[^\W_]+", text))
    written = tuple(stretch.group() for stretch in stretches)
    words = tuple(map(str.casefold, written))
    if kind == "cell" and len(words) == 1 and words[0] in secrets.answers:
        found.append((ANSWER, words[0]))
    for at, word in enumerate(words):
        if not written[at][0].islower() and (end := find_name(stretches[at : at + 3], secrets)):
            found += [(NAME, "".join(written[at : at + end]))] * (not secrets.is_approved(words, at, at + end, name=True))
        for phrase in secrets.by_first_word.get(word, ()):
            end, what = at + len(phrase), secrets.phrases.get(phrase)
            if words[at:end] == phrase and what and not secrets.is_approved(words, at, end, name=what == NAME):
                found.append((what, " ".join(phrase)))
        for label in secrets.by_first_word.get(written[at], ()) if kind in ("text", "cell") else ():
            if written[at : at + len(label)] == label and label in secrets.labels:
                found.append(("a participant's label", " ".join(label)))
    for spelt in re.finditer(r"(?<!\w)[^\W\d_](?:[ .·_-]{1,2}[^\W\d_](?!\w)){3,}", text):
        letters = "".join(split_words(spelt.group())).casefold()
        found += [(NAME, letters)] * any(len(name) > 3 and name in letters for name in secrets.names)
    return (*found, *search_runs(words, secrets))


def is_open(match: str, secrets: Secrets) -> bool:
    """Whether an identifier is the team's own contact, or approved."""
    words = fold(match)
    return f" {' '.join(words)} " in secrets.contacts or secrets.is_approved(words, 0, len(words))


def find_name(stretches: list[re.Match], secrets: Secrets) -> int:
    """How many of some words, the first with a capital, are a name; two or three are one if it was written in parts."""
    first, joined = stretches[0].group(), ""
    if first.casefold() in secrets.names and (len(first) > 2 or not first[1].isupper()):
        return 1
    for count, stretch in enumerate(stretches, 1):
        between = stretch.string[stretches[count - 2].end() : stretch.start()] if count > 1 else ""
        if not re.fullmatch(r"[-\u2010-\u2014]?\s?|[.·_]", between):
            break
        joined += stretch.group().casefold()
        if len(joined) > 4 and joined in secrets.names:
            return count
    return 0


def search_runs(words: tuple[str, ...], secrets: Secrets) -> Iterator[tuple[str, str]]:
    """Stretches of `RUN` words or more that the raw texts hold too, each as a whole."""
    start, end, what = 0, -1, ""
    for at, run in enumerate([*hash_runs(words), 0]):
        if run in secrets.runs:
            start, end, what = (start if at < end else at), at + RUN, secrets.runs[run]
        elif end == at + RUN - 1:
            yield what, " ".join(words[start:end])


def refuse(hits: list[Hit], folder: Path) -> None:
    """Stop a package that has hits: the first one's file and place, `MOST_HITS` others, how many more, secrets masked."""
    if hits:
        first, *others = hits
        found = f"{first.what} ({first.glimpse})"
        found += f"; {len(others)} further: {'; '.join(map(str, others[:MOST_HITS]))}" if others else ""
        found += f"; and {len(others) - MOST_HITS} more" if len(others) > MOST_HITS else ""
        raise WorkbookError(
            folder / first.file, first.place, found, "nothing that identifies a person or a machine",
            "take it out where it comes from: a label of study.yml or of the codebook, an approved quotation, what a "
            "notebook shows. Put harmless words into `sharing.allowed` of study.yml with a reason, which the package shows "
            "(`- {word: Marsh, reason: the name of a place}`), a quotation that may be shown into the file that "
            "`sharing.quotations` names",
        )  # fmt: skip
