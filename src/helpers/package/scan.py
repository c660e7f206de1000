"""A finished package, searched for what must not leave the team: identifiers, names, unapproved words, traces of a machine.

Every file is opened, and files within files; what cannot be read is itself a finding. Two things no search of texts can
see: what a picture shows, and what somebody has put into other words.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from helpers.package.confidential import ANSWER, NAME, RUN, Secrets, hash_runs
from helpers.package.opened import READERS, Enclosed, Piece, fold, mask, plain, split_words
from helpers.study.errors import WorkbookError

MOST_HITS = 10
DEEPEST = 4
UNKNOWN, UNREADABLE = "a kind of file that the scan cannot read", "a file that cannot be read"
PATH = "a path of a machine"


@dataclass(frozen=True)
class Hit:
    """Something that must not leave: the file (relative), the place in it, what it is, and a masked glimpse of it."""

    file: str
    place: str
    what: str
    glimpse: str

    def __str__(self) -> str:
        return f"{self.file}, {self.place}: {self.what} ({self.glimpse})"


# --- what looks like an identifier, whatever the study ----------------------------------------------------------------
@dataclass(frozen=True)
class Pattern:
    """A kind of identifier: its form, and what must hold beyond it. A contact may stand in the study's title or citation."""

    what: str
    form: str
    holds: Callable[[str], bool] = bool
    in_code: bool = True
    of_contact: bool = False


def is_ipv6(text: str) -> bool:
    groups = [group for group in text.split(":") if group]
    try:
        return len(groups) > 1 and any(map(str.isdigit, text)) and bool(ipaddress.IPv6Address(text))
    except ValueError:
        return False


def is_telephone(text: str) -> bool:
    """With the code of a country: 8 digits or more after a plus sign, and the shorter ones are not taken after 00."""
    return (8 if text.startswith("+") else 11) <= sum(map(str.isdigit, text)) <= 17


def is_position(text: str) -> bool:
    """Latitude and longitude; two numbers below 1 are an interval of proportions."""
    latitude, longitude = (float(number) for number in re.findall(r"\d+\.\d+", text))
    return 1 < latitude <= 90 and longitude <= 180


OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
GAP = r"[ ()\u2010-\u2015-]{0,3}"
DEGREES = r"[-−]?\d{1,3}\.\d{3,}"
TELEPHONE = "a telephone number"
PATTERNS = [
    Pattern("an e-mail address", r"(?<![\w.%+-])[\w.%+-]+@(?:[\w-]+\.)+[A-Za-z]{2,}", of_contact=True),
    Pattern("an IP address", rf"(?<![\w.])(?<!\w/)(?<!version )(?:{OCTET}\.){{3}}{OCTET}(?!\w|\.\d)"),
    Pattern("an IP address", r"(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])", is_ipv6),
    Pattern(
        TELEPHONE, rf"(?<![\w.,+/-])(?:\+|00)[1-9]\d{{0,2}}{GAP}(?:0\){GAP})?\d{{1,5}}(?:{GAP}\d{{2,5}}){{1,4}}(?!\w|[.,]\d)",
        is_telephone, of_contact=True,
    ),
    Pattern(
        TELEPHONE, rf"(?<![\w.,+/-])\(?0[1-9]\d{{1,4}}{GAP}\d{{3,4}}{GAP}\d{{3,4}}(?!\w|[.,]\d)",
        lambda text: 10 <= sum(map(str.isdigit, text)) <= 11, of_contact=True,
    ),
    Pattern("a position on the map", rf"(?<![\w.]){DEGREES}°? ?[NS]?(?:\s?[,;]\s?|&\w+=){DEGREES}(?!\w)", is_position),
    Pattern("a Qualtrics id", r"\b(?:R|SV|UR|CID|CGC|EMD|MLRP|ML|FS|F|IM|MS|UG|BL|DIV|PL)_[A-Za-z0-9]{11,}\b"),
    Pattern(PATH, r"(?<![\w/.<])/(?:home|Users|root|tmp|mnt|media|private|var|opt|srv|Volumes|workspaces)/\w"),
    # Absolute paths of any folder; the parts of a spreadsheet's own archive are none.
    Pattern(PATH, r"(?<![\w/.<\])])/(?!(?:xl|docProps|_rels|customXml)/)[A-Za-z_.][\w.@~+-]*(?:/[\w.@~+-]+)+", in_code=False),
    Pattern(PATH, r"(?<!\w)[A-Za-z]:(?:\\{1,2}|/)[\w$][^\s\"'<>|]*"),
    Pattern(PATH, r"(?<![\w\\])\\{2,4}[\w.-]{2,}\\{1,2}[\w$.-]{2,}"),
    Pattern(PATH, r"\bfile:/{1,3}"),
    Pattern(
        "data about a notebook",
        r"\b(?:kernelspec|language_info|execution_count|nbformat|ipynb_checkpoints)(?![a-z])"
        r"|\bpapermill(?:-error|[\"']{0,2}\s*[:=]\s*\{)",
    ),
]  # fmt: skip


# --- the search -------------------------------------------------------------------------------------------------------
def scan_folder(folder: Path, secrets: Secrets) -> list[Hit]:
    """Search every file of a package, and its name; hits in the order of files and of places, each secret once a place."""
    hits: dict[Hit, None] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        shown = hide(name, secrets)
        hits |= dict.fromkeys(Hit(shown, "its name", what, mask(match)) for what, match in search(Piece("", name), secrets))
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
    except Exception:  # readers of so many kinds of file raise anything; what they cannot read is not let through
        yield Hit(file, within or "the file", UNREADABLE, suffix)
        return
    for piece in pieces:
        if isinstance(piece, Enclosed):
            below = " > ".join(filter(None, [within, hide(piece.place, secrets)]))
            yield from scan_content(file, below, piece.suffix, piece.content, secrets)
            continue
        found = [(piece.what, piece.text)] if piece.what else []
        for what, match in [*found, *search(piece, secrets)]:
            place = " > ".join(filter(None, [within, hide(piece.place, secrets)]))
            yield Hit(file, place, what, mask(match))


def hide(place: str, secrets: Secrets) -> str:
    """A place as it may be shown: the name of a file or a key can be a secret too."""
    return mask(place) if any(search(Piece("", place), secrets)) else place


def search(piece: Piece, secrets: Secrets) -> Iterator[tuple[str, str]]:
    """What a piece of text holds: kind and match, the kinds that need no raw data first."""
    text = plain(piece.text)
    for pattern in PATTERNS:
        if piece.kind == "code" and not pattern.in_code:
            continue
        for found in re.finditer(pattern.form, text):
            said_openly = pattern.of_contact and f" {' '.join(fold(found.group()))} " in secrets.contacts
            if pattern.holds(found.group()) and not said_openly:
                yield pattern.what, found.group()
    for folder in secrets.folders:
        if re.search(rf"(?<!\w){re.escape(folder)}(?!\w)", text):
            yield PATH, folder
    written = split_words(text)
    words = tuple(word.casefold() for word in written)
    if piece.kind == "cell" and len(words) == 1 and words[0] in secrets.answers:
        yield ANSWER, words[0]
    yield from ((NAME, word) for word in written if word in secrets.names)
    for at, word in enumerate(words):
        for phrase in secrets.by_first_word.get(word, ()):
            if words[at : at + len(phrase)] == phrase and phrase in secrets.phrases:
                yield secrets.phrases[phrase], " ".join(phrase)
        for label in secrets.by_first_word.get(written[at], ()) if piece.kind in ("text", "cell") else ():
            if written[at : at + len(label)] == label and label in secrets.labels:
                yield "a participant's label", " ".join(label)
    yield from search_runs(words, secrets)


def search_runs(words: tuple[str, ...], secrets: Secrets) -> Iterator[tuple[str, str]]:
    """Stretches of `RUN` and more words that the raw texts hold too, each as a whole."""
    start, end, what = 0, -1, ""
    for at, run in enumerate([*hash_runs(words), 0]):
        if run in secrets.runs:
            start, end, what = (start if at < end else at), at + RUN, secrets.runs[run]
        elif end == at + RUN - 1:
            yield what, " ".join(words[start:end])


def refuse(hits: list[Hit], folder: Path) -> None:
    """Stop a package that has hits: file and place of the first, `MOST_HITS` others, how many more, secrets masked."""
    if hits:
        first, *others = hits
        found = f"{first.what} ({first.glimpse})"
        found += f"; {len(others)} further: {'; '.join(map(str, others[:MOST_HITS]))}" if others else ""
        found += f"; and {len(others) - MOST_HITS} more" if len(others) > MOST_HITS else ""
        raise WorkbookError(
            folder / first.file, first.place, found, "nothing that identifies a person or a machine",
            "take it out of where it comes from: a label of study.yml or of the codebook, an approved quotation, what a "
            "notebook shows. A word that is harmless goes into `sharing.allowed` of study.yml, a quotation that may be shown "
            "into the file that `sharing.quotations` names",
        )  # fmt: skip
