"""Opens files: the bytes of any file of a package → the stretches of text in it, each with its place.

HTML, SVG and XML, CSV, JSON, plain text, PNG, Excel and Word, PDF, zip archives, and files within files. What a picture
shows cannot be read here.
"""

import base64
import csv
import html
import io
import json
import re
import struct
import unicodedata
import urllib.parse
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import PurePosixPath
from typing import Literal

# Far above any package; what unpacks to more is not opened.
MOST_BYTES = 500_000_000
AUTHOR, ABOUT_IMAGE = "an author's name", "data about an image"


@dataclass(frozen=True)
class Piece:
    """A stretch of text and its place.

    In a `loose` text (a page of a PDF, a part of a workbook) words of neighbouring cells run together and cell references
    look like labels of participants; `code` holds slashes that are not paths. `what` marks a place that should be empty.
    """

    place: str
    text: str
    kind: Literal["text", "cell", "loose", "code"] = "text"
    what: str = ""


@dataclass(frozen=True)
class Enclosed:
    """A file within a file."""

    place: str
    suffix: str
    content: bytes


# --- text in one plain form -------------------------------------------------------------------------------------------
# Letters of other alphabets that look like Latin ones, and Latin ones that do not split into a letter and an accent.
ALIKE = str.maketrans(
    "АВЕЅІЈКМНОРСТУХԌаеѕіјкморсугхԁһԛԝүѵӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧαεικνορτυχγωøØłŁđĐıħŧ",
    "ABESIJKMHOPCTYXGaesijkmopcyrxdhqwyvlABEZHIKMNOPTYXaeiknoptuxywoOlLdDiht",
) | str.maketrans({"æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ß": "ss"})
# Embeddings, overrides and isolates of the direction of writing, but not the marks that Hebrew and Arabic prose needs.
TURNING_SIGNS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """Text with one encoding throughout: entities, percent signs, accents, width, alphabet, invisible signs, apostrophes."""
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if re.search(r"%[0-9A-Fa-f]{2}", text):
        text = urllib.parse.unquote(text)
    text = re.sub(r"\\u([0-9A-Fa-f]{4})", lambda found: chr(int(found[1], 16)), text)
    if not text.isascii():
        parts = unicodedata.normalize("NFKD", text)
        text = "".join(part for part in parts if unicodedata.category(part) not in ("Cf", "Mn")).translate(ALIKE)
        text = re.sub(r"[^\D0-9]", lambda found: str(unicodedata.decimal(found[0])), text)
    return re.sub(r"(?<=\w)['’‘ʼ`´](?=\w)", "", text)


def split_words(text: str) -> tuple[str, ...]:
    """The words and numbers of a text in plain form, as written."""
    return tuple(re.findall(r"[^\W_]+", plain(text)))


@lru_cache(20_000)  # the workbook's own texts, which are long, are asked for several times
def fold(text: str) -> tuple[str, ...]:
    """The words and numbers of a text in plain form, ignoring case."""
    return tuple(word.casefold() for word in split_words(text))


def mask(text: str) -> str:
    """The first letter and the length, never the secret."""
    text = text.strip()
    return f"{text[:1]}…, {len(text)} characters" if len(text) > 1 else "…"


# --- readers: a file's bytes → its pieces -----------------------------------------------------------------------------
INLINE = {
    "a", "abbr", "b", "bdi", "cite", "code", "em", "font", "i", "kbd", "mark", "q", "s", "samp", "small", "span", "strong",
    "sub", "sup", "time", "tspan", "u", "var", "wbr",
}  # fmt: skip
# Attributes that only draw a picture; `typeface` lists the fonts of every language in a spreadsheet's theme.
DRAWING = {"d", "points", "transform", "viewbox", "typeface"}
DRAWN = re.compile(r"[\d\s.,eE+MLHVCSQTAZmlhvcsqtaz-]*|(?:(?:translate|scale|rotate|matrix|skew[XY])\([\d\s.,e+-]*\)\s*)*")
AUTHORS = {"author", "creator", "lastmodifiedby", "manager", "company", "contributor", "publisher", "rights"}
SOFTWARE = re.compile(r"(?i:Matplotlib|openpyxl|XlsxWriter|Microsoft Excel|Skia|Chromium|gptables)\b[^<>]*")
# An attribute holds one address and nothing else; in a style sheet one ends with its quotation mark or bracket.
DATA = re.compile(
    r"(?:\A\s*data:|(?P<inside>data:))(?P<type>[\w.+-]*/?[\w.+-]*)(?P<how>(?:;[\w.=+-]+)*),"
    r"(?(inside)(?P<part>(?<=base64,)[\w\s+/=%-]*|[^\"')]*)|(?P<whole>.*))",
    re.DOTALL,
)
SUFFIXES = {
    "image/svg+xml": ".svg", "image/png": ".png", "text/html": ".html", "text/plain": ".txt", "text/csv": ".csv",
    "text/css": ".txt", "application/json": ".json", "application/pdf": ".pdf", "application/zip": ".zip", "": ".txt",
}  # fmt: skip


def decode(content: bytes) -> str:
    text = content.decode("utf-8-sig")
    if "\0" in text:
        raise ValueError("a text holds no zero bytes")
    return text


def is_author(tag: str, text: str) -> bool:
    """Whether a field about the document's author holds something other than the name of a program."""
    return tag.rsplit(":", 1)[-1].casefold() in AUTHORS and bool(text.strip()) and not SOFTWARE.fullmatch(text.strip())


class Markup(HTMLParser):
    """Reads HTML, SVG and XML: texts by block, attributes, comments, declarations; files in `data:` addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Piece | Enclosed] = []
        self.block, self.line, self.tag, self.author, self.pictures, self.json = "", 1, "", "", 0, False

    def add(self, place: str, text: str, kind: str = "text", what: str = "") -> None:
        for match in DATA.finditer(text):
            packed = urllib.parse.unquote_to_bytes(match["whole"] or match["part"])
            content = base64.b64decode(packed) if "base64" in match["how"] else packed
            self.found.append(Enclosed(place, SUFFIXES.get(match["type"], match["type"]), content))
        self.found.append(Piece(place, DATA.sub(" ", text), kind, what))

    def end_block(self) -> None:
        text, self.block = self.block, ""
        if not text.strip():
            return
        kind = "cell" if self.tag in ("td", "th") else "code" if self.tag in ("style", "script") else "text"
        self.add(f"line {self.line}", text, kind, AUTHOR if is_author(self.author, text) else "")
        if self.json:
            self.found.append(Enclosed(f"line {self.line}", ".json", text.encode()))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value for name, value in attrs if value}
        if tag not in INLINE:
            self.end_block()
            self.tag, self.json = tag, tag == "script" and "json" in values.get("type", "")
        self.author = tag if is_author(tag, "x") else self.author
        self.pictures += tag == "img"
        for name, value in values.items():
            if name in DRAWING and (name == "typeface" or DRAWN.fullmatch(value)):
                continue
            place = f"line {self.getpos()[0]}, attribute {name}"
            if (tag, name) == ("img", "alt"):
                place = f"picture {self.pictures} > alternative text"
            what = AUTHOR if name == "content" and is_author(values.get("name", ""), value) else ""
            # The lengths of dashes, "3.125,1.062", would read as a position on the map.
            self.add(place, re.sub(r"stroke-dasharray:[\d\s.,]*", "", value), what=what)

    def handle_endtag(self, tag: str) -> None:
        if tag not in INLINE:
            self.end_block()
            self.tag, self.json = "", False
        self.author = "" if tag == self.author else self.author

    def handle_data(self, data: str) -> None:
        if not self.block.strip():
            self.line = self.getpos()[0]
        self.block += data

    def unknown_decl(self, data: str) -> None:
        self.handle_data(data.removeprefix("CDATA["))

    def handle_comment(self, data: str) -> None:
        self.add(f"line {self.getpos()[0]}, comment", data)

    handle_decl = handle_pi = handle_comment


def read_html(content: bytes) -> list[Piece | Enclosed]:
    reader = Markup()
    reader.feed(decode(content))
    reader.close()
    reader.end_block()
    return reader.found


def read_xml(content: bytes) -> list[Piece | Enclosed]:
    """Well-formed markup that defines no entities, since these could hide a text."""
    import defusedxml.ElementTree

    defusedxml.ElementTree.fromstring(content)
    return read_html(content)


def read_table(content: bytes) -> Iterator[Piece]:
    lines = csv.reader(io.StringIO(decode(content), newline=""), strict=True)
    for row in lines:
        for number, cell in enumerate(row, 1):
            yield Piece(f"line {lines.line_num}, column {number}", cell, "cell")


def read_text(content: bytes) -> Iterator[Piece]:
    text = decode(content).replace("\r\n", "\n")
    for found in re.finditer(r"\S.*?(?=\n\s*\n|\s*\Z)", text, re.DOTALL):
        yield Piece(f"line {text.count(chr(10), 0, found.start()) + 1}", found.group())


def read_json(content: bytes) -> Iterator[Piece]:
    waiting = [("", json.loads(decode(content)))]
    for place, value in waiting:  # grows during the loop
        if not isinstance(value, dict | list):
            yield Piece(place, str(value))
        for key, part in value.items() if isinstance(value, dict) else enumerate(value, 1) if isinstance(value, list) else ():
            below = f"{place} > {key}" if place else f"key {key}"
            # A brace after the key of an object: `papermill: {` is data about a notebook, `papermill: 2.7` a version.
            yield Piece(below, f"{key}: {{" if isinstance(part, dict) else f"{key} :")
            waiting.append((below, part))


# Chunks that draw the picture; every other one is about its maker, place or time.
PICTURE_CHUNKS = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"sBIT", b"bKGD"}


def read_png(content: bytes) -> Iterator[Piece]:
    if not content.startswith(b"\x89PNG\r\n\x1a\n"):
        raise ValueError("not a PNG file")
    start, kind = 8, b""
    while kind != b"IEND":
        length, kind = struct.unpack(">I4s", content[start : start + 8])
        data = content[start + 8 : start + 8 + length]
        start += 12 + length
        if kind in (b"tEXt", b"zTXt", b"iTXt"):
            keyword, _, packed = data.partition(b"\0")
            text = unpack_text(kind, packed)
            what = "" if keyword == b"Software" and SOFTWARE.fullmatch(text) else ABOUT_IMAGE
            yield Piece(f"PNG text chunk {keyword.decode('latin-1')}", text, what=what)
        elif kind not in PICTURE_CHUNKS:
            yield Piece(f"PNG chunk {kind.decode('latin-1')}", data.decode("latin-1"), what=ABOUT_IMAGE)
    if content[start:]:
        yield Piece("after the end of the picture", content[start:].decode("latin-1"), what=ABOUT_IMAGE)


def unpack_text(kind: bytes, text: bytes) -> str:
    """The text of a PNG chunk: plain, compressed (`zTXt`), or with a language (`iTXt`)."""
    packed = kind == b"zTXt"
    if kind == b"iTXt":
        packed, text = text[:1] == b"\1", text[2:].split(b"\0", 2)[2]
    else:
        text = text[1:] if packed else text
    text = zlib.decompressobj().decompress(text, MOST_BYTES) if packed else text
    return text.decode("utf-8" if kind == b"iTXt" else "latin-1")


def find_suffix(name: str) -> str:
    """The ending of a file's name, even if there is nothing else, as in `_rels/.rels`."""
    return "." + name.rpartition(".")[2] if "." in PurePosixPath(name).name else ""


def read_archive(content: bytes) -> Iterator[Piece | Enclosed]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        yield Piece("comment", archive.comment.decode("latin-1"))
        if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
            raise ValueError("too large")
        for entry in archive.infolist():
            yield Piece(f"name of {entry.filename}", entry.filename)
            if not entry.is_dir():
                yield Enclosed(entry.filename, find_suffix(entry.filename), archive.read(entry))


WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
HEADER_CODE = re.compile(rb"&amp;(?:&quot;.*?&quot;|K[0-9A-F]{6}|\d{1,3}|[A-Z])")


def read_workbook(content: bytes) -> Iterator[Piece | Enclosed]:
    """The cells of a workbook, then all other text in its parts: comments, headers, properties, unused strings."""
    import openpyxl

    seen = set()
    for number, sheet in enumerate(openpyxl.load_workbook(io.BytesIO(content), read_only=True).worksheets, 1):
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    seen.add(str(cell.value).strip())
                    yield Piece(f"sheet {number}, cell {cell.coordinate}", str(cell.value), "cell")
    for part in read_archive(content):
        if isinstance(part, Piece) or part.suffix not in (".xml", ".rels", ".vml"):
            yield part
            continue
        # References of cells say nothing, and there are many.
        content = re.sub(rb"<(c|row)\b[^>]*?(/?)>", rb"<\1\2>", part.content)
        # A header writes its settings into its text: "&CDraft" is "Draft", centred.
        content = re.sub(rb"(?s)<\w+(?:Header|Footer)>.*?</", lambda found: HEADER_CODE.sub(b" ", found[0]), content)
        for piece in read_xml(content):
            place = f"{part.place}, {piece.place}"
            if isinstance(piece, Enclosed):
                yield Enclosed(place, piece.suffix, piece.content)
            elif piece.text.strip() not in seen:
                yield Piece(place, piece.text, "loose", piece.what)


def read_document(content: bytes) -> Iterator[Piece | Enclosed]:
    """The paragraphs of a Word document, each whole although it is stored in runs, then all other text in its parts."""
    import defusedxml.ElementTree

    for part in read_archive(content):
        if isinstance(part, Piece) or part.suffix not in (".xml", ".rels"):
            yield part
            continue
        for number, paragraph in enumerate(defusedxml.ElementTree.fromstring(part.content).iter(f"{WORD}p"), 1):
            yield Piece(f"{part.place}, paragraph {number}", "".join(piece.text or "" for piece in paragraph.iter(f"{WORD}t")))
        # Sizes and colours say nothing, and there are many.
        others = re.sub(rb"(<w:t\b[^>]*>)[^<]*|\sw:[\w-]+=\"[\w.+-]*\"", rb"\1", part.content)
        for piece in read_xml(others):
            # The list of a document's own parts holds slashes that are not paths.
            kind = {"kind": "code"} if part.place == "[Content_Types].xml" else {}
            yield replace(piece, place=f"{part.place}, {piece.place}", **kind)


def read_pdf(content: bytes) -> Iterator[Piece | Enclosed]:
    """The pages of a PDF, then every string in it (addresses, comments, alternative texts), its metadata, its attachments."""
    from pypdf import PdfReader
    from pypdf.generic import ArrayObject, ByteStringObject, DictionaryObject, StreamObject, TextStringObject

    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted:
        raise ValueError("encrypted")
    for number, page in enumerate(reader.pages, 1):
        yield Piece(f"page {number}", page.extract_text(), "loose")
    for key, value in (reader.metadata or {}).items():
        # The creator of a PDF is a program.
        yield Piece(f"metadata {key}", str(value), "loose", AUTHOR if key == "/Author" and str(value).strip() else "")
    for name, versions in reader.attachments.items():
        for version in versions:
            yield Enclosed(f"attachment {name}", find_suffix(name), version)

    for number in range(1, int(reader.trailer["/Size"])):
        waiting = [item := reader.get_object(number)]
        for value in waiting:  # grows during the loop
            if isinstance(value, DictionaryObject):
                waiting += value.values()
            elif isinstance(value, ArrayObject):
                waiting += value
            elif isinstance(value, TextStringObject | ByteStringObject):
                yield Piece(f"object {number}", value if isinstance(value, str) else value.decode("latin-1"), "loose")
        if isinstance(item, StreamObject) and item.get("/Type") == "/Metadata":
            yield Enclosed(f"object {number}", ".xml", item.get_data())


READERS: dict[str, Callable[[bytes], Iterable[Piece | Enclosed]]] = {
    ".html": read_html, ".svg": read_xml, ".xml": read_xml, ".csv": read_table, ".json": read_json, ".ipynb": read_json,
    ".txt": read_text, ".md": read_text, ".png": read_png, ".zip": read_archive, ".xlsx": read_workbook,
    ".docx": read_document, ".pdf": read_pdf,
}  # fmt: skip
