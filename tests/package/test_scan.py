"""The scan of a finished package: every kind of secret in every kind of place, and a clean package without a hit.

Addresses and numbers are those set aside for documentation: RFC 5737, RFC 3849, RFC 2606; Ofcom's numbers for drama.
"""

import base64
import csv
import getpass
import io
import json
import platform
import re
import struct
import zipfile
import zlib
from html import escape
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from pypdf import PdfWriter
from pypdf.annotations import Link
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, RectangleObject

from helpers.package import confidential, opened, scan
from helpers.study import errors, folders, reading
from helpers.study.definition import Study

STUDY = """
title: A made-up study of the Harbour Trust
practice: a made-up practice
about: Made up for a test. Questions to office@example.org, please.
scales:
  agree:
    responses:
      - {label: Disagree, value: 1, band: Disagree}
      - {label: Agree, value: 2, band: Agree}
constructs:
  sense: {label: Sense}
survey:
  files: {"2030": survey.csv}
  groupings:
    team: {label: Team, column: team, levels: [North, South]}
  link_column: link
interviews:
  participants: people.csv
  segments: segments.csv
  transcripts: talks
  attributes:
    field: {label: Field, levels: [School, Clinic]}
sharing:
  quotations: approved.csv
  allowed: [Marsh]
"""
CODEBOOK = "item,column,section,construct,scale,reversed,label\nA1,A1,A,sense,agree,no,Sees the point of it all at once\n"
EXPORT = [
    ["Anfang", "IPAdr", "Antwort", "Nach", "Vor", "Post", "Ref", "Breite", "Laenge", "Sprache", "team", "A1", "Q9", "link"],
    ["Anfangsdatum", "IP", "ID", "Nachname", "Vorname", "E-Mail", "Referenz", "Breite", "Länge", "Sprache", *"abcd"],
    [
        "startDate", "ipAddress", "_recordId", "recipientLastName", "recipientFirstName", "recipientEmail",
        "externalDataReference", "locationLatitude", "locationLongitude", "userLanguage", "QID1", "QID2", "QID3_TEXT", "link",
    ],
]  # fmt: skip
EXPORT[2] = [json.dumps({"ImportId": name}) for name in EXPORT[2]]
LONG_ANSWER = "The bell tower rota never reaches the night staff"
ROWS = [
    ["198.51.100.20", "R_2fakeFAKEfake01", "Testperson", "quillon", "quillon@example.org", "ref-0042x", "53.7632", "-2.7031"],
    ["198.51.100.21", "R_2fakeFAKEfake02", "Marsh", "Harbour", "", "17", "0.0", "0.0"],
    ["198.51.100.22", "R_2fakeFAKEfake03", "", "", "", "", "", ""],
    ["198.51.100.23", "R_2fakeFAKEfake04", "", "", "", "", "", ""],
    ["198.51.100.24", "R_2fakeFAKEfake05", "", "", "", "", "", ""],
]
ANSWERS = [LONG_ANSWER, "Purple umbrellas only", "Umbrellas", "not sure", "Not sure."]
LINKS = ["wolf1987", "Wolfheart", "", "", ""]
PEOPLE = """participant,speaker,field,nickname,source
Tutor 7,Ottoline Madeup,School,Ziggyword,morning_with_ottoline
Clinic,Speaker Two,Clinic,,first_talk
Asker,Interviewer One,,,
"""
PEOPLE = PEOPLE.replace("participant,", "participant,takes_part_as,", 1)
PEOPLE = PEOPLE.replace("Tutor 7,", "Tutor 7,,").replace("Clinic,Sp", "Clinic,,Sp").replace("Asker,", "Asker,interviewer,")
SPOKEN = "we carried the lanterns across the frozen yard at dawn because nobody else would"
APPROVED = "the kettle is where the real meetings happen every single day"
TALK = f"""WEBVTT

00:00:01.000 --> 00:00:05.000
<v Ottoline Madeup>Well, {SPOKEN}. And {APPROVED} for us.</v>

00:00:05.000 --> 00:00:06.000
<v Speaker Two (Clinic)>Yes, I see.</v>
"""
SEGMENTS = f"""segment,participant,code,text
S1,Tutor 7,yard,{SPOKEN}
S2,Tutor 7,kettle,{APPROVED}
S3,Clinic,yard,brass buttons everywhere
S4,Clinic,yard,copper kettles sing
"""


def write_study(root: Path, definition: str = STUDY) -> Study:
    folder = root / "data" / "planted"
    (folder / "talks").mkdir(parents=True)
    (root / "notebooks").mkdir()
    rows = zip(ROWS, ANSWERS, LINKS, strict=True)
    lines = [["2030-01-01", *row, "EN-GB", "North", "Agree", answer, link] for row, answer, link in rows]
    for name, text in {
        "study.yml": definition, "codebook.csv": CODEBOOK, "people.csv": PEOPLE, "segments.csv": SEGMENTS,
        "approved.csv": "segment\nS2\nS4\n", "talks/talk_of_ottoline.vtt": TALK,
    }.items():  # fmt: skip
        (folder / name).write_text(text, encoding="utf-8")
    with open(folder / "survey.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([*EXPORT, *lines])
    return reading.read_study("planted")


@pytest.fixture
def planted(tmp_path, monkeypatch) -> Study:
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    return write_study(tmp_path / "project")


@pytest.fixture(scope="module")
def secrets(tmp_path_factory) -> confidential.Secrets:
    with pytest.MonkeyPatch.context() as patch:
        root = tmp_path_factory.mktemp("secrets")
        patch.chdir(root)
        patch.setattr(getpass, "getuser", lambda: "xanderaccount")
        patch.setattr(platform, "node", lambda: "yonder-box.example.net")
        patch.setattr(Path, "home", lambda: Path("/spools/xan"))
        return confidential.gather_secrets(write_study(root))


# --- places: each writes a text into one kind of place, as a program would -------------------------------------------


def make_png(*chunks: tuple[bytes, bytes], after: bytes = b"") -> bytes:
    """A picture of one grey point, with further chunks."""
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
        *chunks,
        (b"IDAT", zlib.compress(b"\0\x80")),
        (b"IEND", b""),
    ]
    packed = [struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts]
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed) + after


def make_svg(text: str = "", comment: str = "", attribute: str = "", metadata: str = "") -> str:
    return (
        '<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 53.76320,2.70310"><metadata>{escape(metadata)}</metadata>'
        f'<!-- {comment.replace("--", "")} --><g style="stroke-dasharray: 3.125,1.062" aria-label="{escape(attribute)}">'
        f'<path d="M 53.76320,2.70310 L 1.50000,9.10000 z" transform="translate(53.76320,2.70310)"/>'
        f"<text>{escape(text)}</text></g></svg>"
    )


def make_html(body: str = "", head: str = "") -> str:
    head = f'<!DOCTYPE html>\n<html lang="en-GB"><head><meta charset="utf-8">{head}</head>'
    return f"{head}\n<body><p>Hello.</p>\n{body}</body></html>"


def make_csv(*rows: list[str]) -> str:
    held = io.StringIO()
    csv.writer(held).writerows(rows)
    return "\ufeff" + held.getvalue()


def make_workbook(change) -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"] = "Item"
    change(book)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def make_pdf(text: str = "", change=lambda writer: None) -> bytes:
    writer = PdfWriter()
    page = writer.add_blank_page(600, 200)
    content = DecodedStreamObject()
    typed = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    content.set_data(f"BT /F1 9 Tf 20 90 Td ({typed}) Tj ET".encode("latin-1"))
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica", "/Encoding": "/WinAnsiEncoding"}
    font = DictionaryObject({NameObject(key): NameObject(value) for key, value in font.items()})
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject("/F1"): writer._add_object(font)})}
    )
    page[NameObject("/Contents")] = writer._add_object(content)
    change(writer)
    held = io.BytesIO()
    writer.write(held)
    return held.getvalue()


def make_zip(name: str, content: str | bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(name, content)
    return held.getvalue()


def as_data(mime: str, content: str | bytes) -> str:
    content = content.encode() if isinstance(content, str) else content
    return f"data:{mime};base64,{base64.b64encode(content).decode()}"


def set_cell(text: str):
    return lambda book: book.active.__setitem__("B4", text)


def set_comment(text: str):
    return lambda book: setattr(book.active["A1"], "comment", Comment(text, ""))


def add_defined_name(text: str):
    return lambda book: book.defined_names.add(DefinedName("said", attr_text='"' + text.replace('"', '""') + '"'))


PLACES = {
    "page.html: text": lambda text: make_html(f"<p>{escape(text)}</p>"),
    "page.html: over inline marks": lambda text: make_html(f"<p>{escape(text[0])}<b>{escape(text[1:])}</b></p>"),
    "page.html: alternative text": lambda text: make_html(f'<img src="x.png" alt="{escape(text)}">'),
    "page.html: comment": lambda text: make_html(f"<!-- {text} -->"),
    "page.html: title": lambda text: make_html(head=f"<title>{escape(text)}</title>"),
    "page.html: description": lambda text: make_html(head=f'<meta name="description" content="{escape(text)}">'),
    "page.html: link": lambda text: make_html(f'<a href="{escape(text)}">x</a>'),
    "page.html: style": lambda text: make_html(head=f"<style>p::after {{ content: '{text}' }}</style>"),
    "page.html: script": lambda text: make_html(f"<script>const said = '{text}';</script>"),
    "page.html: data in a script": lambda text: make_html(
        f'<script type="application/json">{json.dumps([text]).replace("e", chr(92) + "u0065")}</script>'
    ),
    "page.html: picture in the page": lambda text: make_html(f'<img src="{as_data("image/svg+xml", make_svg(text))}">'),
    "page.html: picture not in base64": lambda text: make_html(f'<img src="data:image/svg+xml,{escape(make_svg(text))}">'),
    "page.html: download": lambda text: make_html(f'<a href="{as_data("text/csv", make_csv(["a", text]))}">x</a>'),
    "page.html: picture of dots": lambda text: make_html(
        f'<img src="{as_data("image/png", make_png((b"tEXt", b"Software" + bytes(1) + text.encode("latin-1"))))}">'
    ),
    "table.csv: cell": lambda text: make_csv(["Item", "Said"], ["A1", text]),
    "table.csv: header": lambda text: make_csv(["Item", text], ["A1", "x"]),
    "run.json: value": lambda text: json.dumps({"a": {"b": [1, text]}}),
    "run.json: key": lambda text: json.dumps({"a": {text: 1}}),
    "README.txt: text": lambda text: f"A title\n\nA line\nand {text} there.\n",
    "README.md: text": lambda text: f"# A title\n\n- {text}\n",
    "figure.svg: text": lambda text: make_svg(text=text),
    "figure.svg: comment": lambda text: make_svg(comment=text),
    "figure.svg: attribute": lambda text: make_svg(attribute=text),
    "figure.svg: metadata": lambda text: make_svg(metadata=text),
    "figure.png: plain text": lambda text: make_png((b"tEXt", b"Software\0" + text.encode("latin-1"))),
    "figure.png: packed text": lambda text: make_png((b"zTXt", b"Software\0\0" + zlib.compress(text.encode("latin-1")))),
    "figure.png: international text": lambda text: make_png((b"iTXt", b"Software\0\0\0en\0\0" + text.encode())),
    "figure.png: packed international text": lambda text: make_png(
        (b"iTXt", b"Software\0\1\0en\0\0" + zlib.compress(text.encode()))
    ),
    "figure.png: camera": lambda text: make_png((b"eXIf", b"MM\0*" + text.encode("latin-1"))),
    "tables.xlsx: cell": lambda text: make_workbook(set_cell(text)),
    "tables.xlsx: comment": lambda text: make_workbook(set_comment(text)),
    "tables.xlsx: header": lambda text: make_workbook(lambda book: setattr(book.active.oddHeader.center, "text", text)),
    "tables.xlsx: description": lambda text: make_workbook(lambda book: setattr(book.properties, "description", text)),
    "tables.xlsx: defined name": lambda text: make_workbook(add_defined_name(text)),
    "appendix.pdf: page": lambda text: make_pdf(text),
    "appendix.pdf: title": lambda text: make_pdf(change=lambda writer: writer.add_metadata({"/Title": text})),
    "appendix.pdf: bookmark": lambda text: make_pdf(change=lambda writer: writer.add_outline_item(title=text, page_number=0)),
    "appendix.pdf: link": lambda text: make_pdf(
        change=lambda writer: writer.add_annotation(0, Link(rect=RectangleObject((0, 0, 9, 9)), url=text))
    ),
    "appendix.pdf: attachment": lambda text: make_pdf(change=lambda writer: writer.add_attachment("a.txt", text.encode())),
    "more.zip: file": lambda text: make_zip("inner/notes.txt", text),
    "more.zip: file in a file": lambda text: make_zip("again.zip", make_zip("t.csv", make_csv(["a", text]))),
}
# Where words of neighbouring cells run together or slashes are no paths, some kinds are not looked for.
LOOSE = {
    name
    for name in PLACES
    if name.startswith(("tables.xlsx", "appendix.pdf")) and not name.endswith((": cell", ": attachment"))
}
CODE = {"page.html: style", "page.html: script"}
CELLS = {"table.csv: cell", "table.csv: header", "tables.xlsx: cell", "page.html: download", "more.zip: file in a file"}


def plant(folder: Path, place: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    content = PLACES[place](text)
    path = folder / place.partition(":")[0]
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def scan_place(folder: Path, place: str, text: str, secrets: confidential.Secrets) -> list[scan.Hit]:
    path = plant(folder, place, text)
    hits = scan.scan_folder(folder, secrets)
    path.unlink()
    return hits


PERSON, OWN_PATH = "a participant's label", "a path of a machine"
KINDS = [
    ("an e-mail address", "someone@example.com"),
    ("an IP address", "192.0.2.77"),
    ("an IP address", "2001:db8::77"),
    ("a telephone number", "+44 1632 960123"),
    ("a telephone number", "0044 (0)1632 960-123"),
    ("a telephone number", "07700 900123"),
    ("a telephone number", "(01632) 960 123"),
    ("a position on the map", "51.4769, -0.0005"),
    ("a position on the map", "51.4769° N, 0.0005° W"),
    ("a Qualtrics id", "SV_9exampleEXAMPLE"),
    (OWN_PATH, "/home/someone"),
    (OWN_PATH, "/data/evaluation/export.csv"),
    (OWN_PATH, r"C:\Users\someone"),
    (OWN_PATH, r"\\server\share"),
    (OWN_PATH, "file:///evaluation"),
    (OWN_PATH, "see /spools/xan for it"),
    ("this machine's user or name", "by XanderAccount"),
    ("this machine's user or name", "on yonder-box"),
    ("data about a notebook", '"kernelspec": {'),
    ("data about a notebook", '"papermill": {'),
    ("a name from the raw data", "as Testperson said"),
    ("a name from the raw data", "as Quillon said"),
    ("a name from the raw data", "testperson, quillon"),
    ("a name from the raw data", "as Ottoline said"),
    ("a name from the raw data", "talk_of_ottoline"),
    ("an identifier from the raw data", "ref-0042x"),
    ("an identifier from the raw data", "53.7632"),
    ("an identifier from the raw data", "wolf1987"),
    ("words of a respondent", "the bell tower rota never reaches us"),
    ("words of a respondent", "or purple umbrellas, only them"),
    ("words of an interview", "across the frozen yard at dawn because"),
    ("words of an interview", "brass buttons, everywhere!"),
    (PERSON, "Tutor 7"),
]


@pytest.mark.parametrize(("what", "text"), KINDS, ids=[f"{what}: {text}" for what, text in KINDS])
def test_a_secret_is_found_wherever_it_stands(tmp_path, secrets, what, text):
    left_out = LOOSE | CODE if what == PERSON else CODE if text.startswith(("/data", "see")) else set()
    typed = {place: text.replace("\\", "\\\\") if place == "page.html: script" else text for place in PLACES}
    missed = []
    for place in PLACES.keys() - left_out:
        hits = scan_place(tmp_path / "package", place, typed[place], secrets)
        missed += [place] if what not in {hit.what for hit in hits} else []
        assert not [hit for hit in hits if text.strip("/").casefold() in str(hit).casefold()], "the secret is told"
    assert missed == []


@pytest.mark.parametrize("place", PLACES)
def test_a_harmless_text_is_no_hit_wherever_it_stands(tmp_path, secrets, place):
    allowed = {opened.ABOUT_IMAGE} if place.startswith(("figure.png", "page.html: picture of dots")) else set()
    assert {hit.what for hit in scan_place(tmp_path / "package", place, "agree and disagree", secrets)} <= allowed


def test_an_answer_of_one_word_counts_only_as_a_whole_cell(tmp_path, secrets):
    found = {place for place in PLACES if scan_place(tmp_path / "p", place, "umbrellas", secrets) and "figure.png" not in place}
    assert found == CELLS | {"page.html: picture of dots"}
    assert [hit.what for hit in scan_place(tmp_path / "p", "table.csv: cell", "Umbrellas", secrets)] == [
        "words of a respondent"
    ]
    assert scan_place(tmp_path / "p", "table.csv: cell", "Umbrellas and coats", secrets) == []


def test_a_cell_of_a_page_is_a_cell(tmp_path, secrets):
    (tmp_path / "page.html").write_text(make_html("<table><tr><td>Umbrellas</td></tr></table>"), encoding="utf-8")
    assert [(hit.place, hit.what) for hit in scan.scan_folder(tmp_path, secrets)] == [("line 4", "words of a respondent")]


# --- texts made unlike themselves


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("&#115;omeone&#64;example.com", "an e-mail address"),
        ("someone&amp;#64;example.com", "an e-mail address"),
        ("some\N{ZERO WIDTH SPACE}one@exam\N{SOFT HYPHEN}ple.com", "an e-mail address"),
        ("ｓｏｍｅｏｎｅ＠ｅｘａｍｐｌｅ．ｃｏｍ", "an e-mail address"),
        ("someone (at) example.com", "an e-mail address"),
        ("mailto:someone%40example.com", "an e-mail address"),
        ("07700\N{NO-BREAK SPACE}900\N{NON-BREAKING HYPHEN}123", "a telephone number"),
        ("Te\N{COMBINING ACUTE ACCENT}stperson", "a name from the raw data"),
        ("TESTPERSON", "a name from the raw data"),
        ("the bell-tower rota “never” REACHES the night", "words of a respondent"),
        ("the bell <b>tower</b> rota&nbsp;never reaches the night", "words of a respondent"),
        ("%2Fhome%2Fsomeone", "a path of a machine"),
    ],
)
def test_other_ways_of_writing_hide_nothing(tmp_path, secrets, text, what):
    (tmp_path / "page.html").write_text(make_html(f"<p>{text}</p>"), encoding="utf-8")
    assert {hit.what for hit in scan.scan_folder(tmp_path, secrets)} == {what}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("table.csv", "said\nsomeone&amp;#64;example.com\n"),
        ("page.html", make_html(r"<script>const said = 'someone\u0040example.com'</script>")),
        ("figure.svg", make_svg().replace("<path d=", '<path d="someone@example.com"/><path d=')),
        ("figure.svg", make_svg().replace("<text>", "<desc><![CDATA[someone@example.com]]></desc><text>")),
        ("figure.svg", make_svg().replace("<text>", "<?note someone@example.com?><text>")),
        ("figure.svg", make_svg().replace("//DTD SVG 1.1//EN", "someone@example.com")),
    ],
)
def test_odd_corners_of_a_file_hide_nothing(tmp_path, secrets, name, content):
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert {hit.what for hit in scan.scan_folder(tmp_path, secrets)} == {"an e-mail address"}


def test_a_key_that_opens_data_about_a_notebook_is_no_version(tmp_path, secrets):
    (tmp_path / "run.json").write_text(json.dumps({"metadata": {"papermill": {"duration": 1}}}), encoding="utf-8")
    assert [hit.place for hit in scan.scan_folder(tmp_path, secrets)] == ["key metadata > papermill"]
    assert scan_place(tmp_path / "p", "README.txt: text", "papermill: 2.7.0", secrets) == []


def test_the_names_and_the_comment_of_an_archive_are_read(tmp_path, secrets):
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.writestr("Testperson.txt", "agree")
        archive.comment = b"someone@example.com"
    assert [hit.what for hit in scan.scan_folder(tmp_path, secrets)] == ["an e-mail address", "a name from the raw data"]


def test_a_reference_to_a_cell_is_no_participant_s_label(tmp_path):
    secrets = confidential.Secrets(labels=frozenset([("B4",)]))
    (tmp_path / "tables.xlsx").write_bytes(make_workbook(lambda book: book.active.merge_cells("A1:B4")))
    assert scan.scan_folder(tmp_path, secrets) == []


def test_an_apostrophe_makes_no_difference():
    assert opened.fold("Don't") == opened.fold("don’t") == opened.fold("dont") == ("dont",)


WORDS = opened.fold(TALK.partition("<v Ottoline Madeup>")[2].partition(". And")[0])


@settings(max_examples=60)
@given(st.data())
def test_six_words_in_a_row_are_a_quotation_and_five_are_not(secrets, data):
    length = data.draw(st.integers(2, len(WORDS)))
    start = data.draw(st.integers(0, len(WORDS) - length))
    gaps = data.draw(st.lists(st.sampled_from([" ", ", ", "\n", " – ", "… ", "\u00a0"]), min_size=length, max_size=length))
    turned = [word.upper() if data.draw(st.booleans()) else word for word in WORDS[start : start + length]]
    text = "Zebra " + "".join(word + gap for word, gap in zip(turned, gaps, strict=True)) + "zebra."
    expected = (("words of an interview", " ".join(WORDS[start : start + length])),) if length >= 6 else ()
    assert scan.search(text, secrets) == expected


# --- what is no secret


def test_approved_words_pass_and_the_words_around_them_do_not(tmp_path, secrets):
    place = "page.html: text"
    assert scan_place(tmp_path / "p", place, f"“{APPROVED}” (School)", secrets) == []
    hits = scan_place(tmp_path / "p", place, f"“{APPROVED} for us”", secrets)
    assert [hit.what for hit in hits] == ["words of an interview"]


def test_words_of_the_study_s_own_definition_pass(tmp_path, secrets):
    own = "A study of the Harbour Trust and Marsh: write to office@example.org. Sees the point of it all at once; North, Agree."
    assert scan_place(tmp_path / "p", "README.txt: text", own, secrets) == []
    # An address of the definition is a contact; anything else of the same form is none.
    assert scan_place(tmp_path / "p", "README.txt: text", "other.office@example.org", secrets) != []


def test_a_path_is_a_hit_although_its_words_stand_in_the_definition(tmp_path, secrets):
    definition = confidential.Secrets(public="| the files of title csv |")
    assert scan_place(tmp_path / "p", "README.txt: text", "at /files/of/title.csv", definition) != []


def test_an_answer_that_many_gave_is_a_commonplace_and_one_that_few_gave_is_not(planted):
    folder = planted.folder
    assert ("not", "sure") in confidential.gather_secrets(planted).phrases
    text = (folder / "survey.csv").read_text(encoding="utf-8").replace("Purple umbrellas only", "not sure!")
    (folder / "survey.csv").write_text(text, encoding="utf-8")
    assert ("not", "sure") not in confidential.gather_secrets(planted).phrases


def test_a_long_answer_that_many_gave_is_a_commonplace_too(planted):
    text = (planted.folder / "survey.csv").read_text(encoding="utf-8")
    for short in ("Purple umbrellas only", "Umbrellas"):
        assert "words of a respondent" in confidential.gather_secrets(planted).runs.values()
        text = text.replace(short, LONG_ANSWER, 1)
        (planted.folder / "survey.csv").write_text(text, encoding="utf-8")
    assert "words of a respondent" not in confidential.gather_secrets(planted).runs.values()


def test_an_identifier_that_the_definition_uses_is_no_secret(planted):
    text = (planted.folder / "survey.csv").read_text(encoding="utf-8").replace("ref-0042x", "Harbour Trust")
    (planted.folder / "survey.csv").write_text(text, encoding="utf-8")
    assert ("harbour", "trust") not in confidential.gather_secrets(planted).phrases


def test_what_a_formula_was_reckoned_to_be_is_read(tmp_path, secrets):
    with xlsxwriter.Workbook(tmp_path / "tables.xlsx") as book:
        book.add_worksheet().write_formula("A1", '="x"', None, "someone@example.com")
    assert [hit.what for hit in scan.scan_folder(tmp_path, secrets)] == ["an e-mail address"]


def test_a_name_of_several_words_stays_a_secret_though_one_of_its_words_is_allowed(tmp_path, secrets):
    assert scan_place(tmp_path / "p", "README.txt: text", "on the Marsh", secrets) == []
    assert scan_place(tmp_path / "p", "README.txt: text", "said Harbour Marsh", secrets) != []


def test_texts_that_are_our_own_gists_are_no_secret_but_transcripts_stay_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    gathered = confidential.gather_secrets(write_study(tmp_path, STUDY.replace("  transcripts: talks", "  text_is: gist")))
    assert "words of an interview" not in {*gathered.runs.values(), *gathered.phrases.values()}
    second = tmp_path / "second"
    second.mkdir()
    monkeypatch.chdir(second)
    gathered = confidential.gather_secrets(write_study(second, STUDY.replace("talks", "talks\n  text_is: gist")))
    assert "words of an interview" in gathered.runs.values()


CLEAN = """Python 3.11.7, a tool 4.12.0, version 4.12.0.1, at 10:15:30 on 2030-01-02T10:15:30+00:00; HeadlessChrome/156.0.0.0.
Alpha .71 (0.440, 0.800), r = -0.35, 1,234,567 and 0.0123456789; 31 of 40 (78%, 95% CI 63 to 88); 36 to 40 (90% or more); [c].
doi 10.1186/s13012-022-01191-x, https://orcid.org/0000-0002-1825-0097, https://example.org/home/page/x.html#part/one
digest 0ca31bc3611ec36504c758f0e448dd1f6a260e99c670cbcc11e38b574596d9c9; data/planted/study.yml, outputs/a/b, and/or, 1/2/3.
0 10 20 30 40 50 60 70 80 90 100; ISBN 978-0-00-000000-2; R_squared, SV_x, F_1; papermill 2.7.0; one team; +0.25.
One of ten, Two; a::b and ::1; will, mark; 17; 53.76 and 2.70; label P-7; the interviewer; Speaker.
"""


def test_a_clean_package_has_no_hit(tmp_path, secrets):
    (tmp_path / "README.txt").write_text(CLEAN, encoding="utf-8")
    head = "<style>li::before, a:hover { content: '\\25B2\\00a0'; font: 1rem/1.5 sans-serif } /* a note */</style>"
    script = "<script>const x = text.replace(/ab/g, '').split(/\\s+/); if (/^[=+@-]/.test(x)) y = a /b/ c;</script>"
    body = "".join(f"<p>{escape(line)}</p>" for line in CLEAN.splitlines())
    picture = f'<img src="{as_data("image/svg+xml", make_svg("Agree"))}" alt="A bar">'
    (tmp_path / "appendix.html").write_text(make_html(body + picture + script, head), encoding="utf-8")
    (tmp_path / "run.json").write_text(json.dumps({"versions": {"papermill": "2.7.0"}, "text": CLEAN}), encoding="utf-8")
    (tmp_path / "table.csv").write_text(make_csv(*([line] for line in CLEAN.splitlines())), encoding="utf-8")
    (tmp_path / "figure.svg").write_text(make_svg("Agree"), encoding="utf-8")
    (tmp_path / "figure.png").write_bytes(make_png((b"tEXt", b"Software\0Matplotlib version3.11.2, https://matplotlib.org/")))
    (tmp_path / "tables.xlsx").write_bytes(make_workbook(lambda book: book.active.append(CLEAN.splitlines())))
    (tmp_path / "appendix.pdf").write_bytes(make_pdf("31 of 40", lambda writer: writer.add_metadata({"/Creator": "A program"})))
    assert scan.scan_folder(tmp_path, secrets) == []


def test_a_label_made_of_a_level_and_a_number_may_stand_in_neighbouring_cells_of_a_pdf(tmp_path, secrets):
    (tmp_path / "appendix.pdf").write_bytes(make_pdf("Tutor 7 12%"))
    assert scan.scan_folder(tmp_path, secrets) == []


# --- about the files themselves


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"\xff\xfe<\0p\0"),
        ("page.html", b"<p>a\0b</p>"),
        ("table.csv", b'a,"b\n'),
        ("table.csv", "naïve".encode("latin-1")),
        ("run.json", b"{"),
        ("README.txt", b"\xff\xfea\0"),
        ("figure.svg", b"<svg><g></svg>"),
        ("figure.svg", b'<!DOCTYPE svg [<!ENTITY e "x">]><svg xmlns="http://www.w3.org/2000/svg"><text>&e;</text></svg>'),
        ("figure.png", b"no picture"),
        ("figure.png", make_png()[:-8]),
        ("tables.xlsx", b"no workbook"),
        ("appendix.pdf", b"no document"),
        ("more.zip", b"no archive"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_hit(tmp_path, secrets, name, content):
    (tmp_path / name).write_bytes(content)
    assert scan.UNREADABLE in {hit.what for hit in scan.scan_folder(tmp_path, secrets)}


def test_an_encrypted_document_is_a_hit(tmp_path, secrets):
    (tmp_path / "a.pdf").write_bytes(make_pdf("x", lambda writer: writer.encrypt("", "b", algorithm="RC4-128")))
    assert [hit.what for hit in scan.scan_folder(tmp_path, secrets)] == [scan.UNREADABLE]


def test_an_archive_that_unpacks_to_too_much_is_a_hit(tmp_path, secrets, monkeypatch):
    monkeypatch.setattr(opened, "MOST_BYTES", 1000)
    (tmp_path / "more.zip").write_bytes(make_zip("a.txt", "a" * 2000))
    assert [hit.what for hit in scan.scan_folder(tmp_path, secrets)] == [scan.UNREADABLE]


def test_a_nest_of_archives_is_a_hit(tmp_path, secrets):
    content = b"x"
    for depth in range(9):
        content = make_zip("a.zip" if depth else "a.txt", content)
    (tmp_path / "more.zip").write_bytes(content)
    assert [hit.what for hit in scan.scan_folder(tmp_path, secrets)] == [scan.UNKNOWN]


@pytest.mark.parametrize("name", ["data.parquet", "notes.odt", "photo.jpg", ".DS_Store", "Makefile"])
def test_a_kind_of_file_that_is_not_known_is_a_hit(tmp_path, secrets, name):
    (tmp_path / name).write_bytes(b"")
    assert [hit.what for hit in scan.scan_folder(tmp_path, secrets)] == [scan.UNKNOWN]


def test_a_kind_of_picture_that_is_not_known_is_a_hit_within_a_page(tmp_path, secrets):
    (tmp_path / "page.html").write_text(make_html(f'<img src="{as_data("image/jpeg", b"x")}">'), encoding="utf-8")
    assert [hit.what for hit in scan.scan_folder(tmp_path, secrets)] == [scan.UNKNOWN]


def test_a_link_that_leads_out_of_the_package_is_a_hit(tmp_path, secrets):
    (tmp_path / "package").mkdir()
    (tmp_path / "outside.txt").write_text("x", encoding="utf-8")
    try:
        (tmp_path / "package" / "README.txt").symlink_to(tmp_path / "outside.txt")
    except OSError:
        pytest.skip("this system makes no links")
    assert [hit.what for hit in scan.scan_folder(tmp_path / "package", secrets)] == [scan.UNKNOWN]


def test_a_notebook_is_known_by_its_keys(tmp_path, secrets):
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": [], "metadata": {}, "nbformat": 4}), encoding="utf-8")
    assert {hit.what for hit in scan.scan_folder(tmp_path, secrets)} == {"data about a notebook"}


@pytest.mark.parametrize(
    ("chunks", "after"),
    [
        ([(b"tEXt", b"Comment\0fine")], b""),
        ([(b"tEXt", b"Software\0Somebody's own")], b""),
        ([(b"tIME", bytes(7))], b""),
        ([(b"eXIf", b"MM\0*")], b""),
        ([(b"iCCP", b"profile\0\0")], b""),
        ([], b"more"),
    ],
)
def test_what_a_picture_says_of_itself_is_a_hit(tmp_path, secrets, chunks, after):
    (tmp_path / "figure.png").write_bytes(make_png(*chunks, after=after))
    assert [hit.what for hit in scan.scan_folder(tmp_path, secrets)] == [opened.ABOUT_IMAGE]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("figure.svg", make_svg().replace("<metadata>", "<metadata xmlns:dc='urn:x'><dc:creator>Anybody</dc:creator>")),
        ("page.html", make_html(head='<meta name="author" content="Anybody">')),
        ("tables.xlsx", make_workbook(lambda book: setattr(book.properties, "creator", "Anybody"))),
        ("tables.xlsx", make_workbook(lambda book: setattr(book.properties, "lastModifiedBy", "Anybody"))),
        ("appendix.pdf", make_pdf(change=lambda writer: writer.add_metadata({"/Author": "Anybody"}))),
    ],
)
def test_an_author_s_name_is_a_hit_whoever_it_is(tmp_path, secrets, name, content):
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    assert [hit.what for hit in scan.scan_folder(tmp_path, secrets)] == [opened.AUTHOR]


def test_a_text_of_a_workbook_that_no_cell_shows_is_found(tmp_path, secrets):
    with xlsxwriter.Workbook(tmp_path / "tables.xlsx") as book:
        book.add_worksheet().write("A1", "agree")
    assert scan.scan_folder(tmp_path, secrets) == []
    with zipfile.ZipFile(tmp_path / "tables.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/sharedStrings.xml"] = parts["xl/sharedStrings.xml"].replace(b"</sst>", b"<si><t>a@example.com</t></si></sst>")
    with zipfile.ZipFile(tmp_path / "tables.xlsx", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert [hit.what for hit in scan.scan_folder(tmp_path, secrets)] == ["an e-mail address"]


def test_metadata_and_alternative_texts_of_a_document_are_read(tmp_path, secrets):
    def change(writer: PdfWriter) -> None:
        from pypdf.generic import StreamObject, TextStringObject

        metadata = DecodedStreamObject()
        metadata.set_data(b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><x:a>someone@example.com</x:a></x:xmpmeta>")
        metadata[NameObject("/Type")] = NameObject("/Metadata")
        assert isinstance(metadata, StreamObject)
        writer._root_object[NameObject("/Metadata")] = writer._add_object(metadata)
        writer._add_object(DictionaryObject({NameObject("/Alt"): TextStringObject("192.0.2.9")}))

    (tmp_path / "appendix.pdf").write_bytes(make_pdf(change=change))
    assert {hit.what for hit in scan.scan_folder(tmp_path, secrets)} == {"an e-mail address", "an IP address"}


# --- what the raw data hold


LEGACY = """V1,V3,V4,V5,V6,V10,Q1,link,team,A1
ResponseID,Name,ExternalDataReference,EmailAddress,IPAddress,Finished,text,link,Team,A1
R_3fakeFAKEfake09,Quillon Testperson,AB12345,q@example.org,198.51.100.9,1,Bring the old gazebo back,,North,Agree
"""
PLAIN = """First name,Surname,E-mail,Comment,link,team,A1
Quillon,Testperson,q@example.org,Bring the old gazebo back,,North,Agree
"""


@pytest.mark.parametrize("export", [LEGACY, PLAIN])
def test_columns_that_identify_are_known_in_older_exports_and_by_their_usual_names(planted, export):
    (planted.folder / "survey.csv").write_text(export, encoding="utf-8")
    gathered = confidential.gather_secrets(planted)
    assert gathered.phrases[("q", "example", "org")] == "an identifier from the raw data"
    assert gathered.phrases[("testperson", "quillon")[:: 1 if export == PLAIN else -1]] == "a name from the raw data"
    assert gathered.phrases[("bring", "the", "old", "gazebo", "back")] == "words of a respondent"
    assert "testperson" in gathered.names
    assert "1" not in {word for words in gathered.phrases for word in words if len(words) == 1}


def test_columns_are_known_by_their_import_id_whatever_the_language(secrets):
    assert secrets.phrases[("198", "51", "100", "24")] == "an identifier from the raw data"
    assert (
        secrets.phrases[("quillon", "testperson")] == secrets.phrases[("testperson", "quillon")] == "a name from the raw data"
    )
    assert not any(words in secrets.phrases for words in [("en", "gb"), ("2030", "01", "01"), ("17",), ("0", "0")])


def test_names_are_looked_for_as_names_are_written(secrets):
    found = {
        text: bool(scan.search(text, secrets)) for text in ("Quillon", "QUILLON", "Testperson", "Ottoline", "Madeup", "Harbour")
    }
    assert found == dict.fromkeys(found, True)
    assert not {"speaker", "two", "interviewer", "one"} & secrets.names and not scan.search("quillon", secrets)


@pytest.mark.parametrize("key", ["about: Made up for", "label: Team", "label: Sense", "field: {label: Field"])
def test_a_name_that_the_study_uses_itself_is_found_wherever_else_it_stands(planted, key):
    """In the study's own wording it passes, three words in a row or the whole of a text; alone it silences nothing."""
    path = planted.folder / "study.yml"
    path.write_text(path.read_text().replace(key, f"{key} of Testperson now"))
    found = confidential.gather_secrets(reading.read_study(planted.name))
    label = f"{key.rpartition(': ')[2]} of Testperson now"
    assert [scan.search(text, found) for text in (label, f"{label} was asked", "as Testperson said")] == [
        (), (), (("a name from the raw data", "Testperson"),)
    ]  # fmt: skip


def test_a_name_in_a_theme_is_found_there_and_elsewhere(planted):
    path = planted.folder / "segments.csv"
    path.write_text(path.read_text().replace(",yard,", ",the rule of Ottoline now,"))
    found = confidential.gather_secrets(planted)
    assert scan.search("the rule of Ottoline now", found) and scan.search("as Ottoline said", found)


def test_a_code_in_the_words_of_a_comment_says_nothing_openly(planted):
    """The package shows no code of comments, so respondents' own words stay a secret; a code of an interview is shown."""
    path = planted.folder / "study.yml"
    path.write_text(path.read_text().replace("  link_column", "  free_text: {Q9: Anything else}\n  link_column"))
    with (planted.folder / "segments.csv").open("a") as file:
        file.write("S8,R_2fakeFAKEfake02,Purple umbrellas only,Purple umbrellas only\n")
    text = (planted.folder / "segments.csv").read_text().splitlines()
    sourced = [f"{line},{'source' if k == 0 else 'Q9' if line.startswith('S8') else ''}" for k, line in enumerate(text)]
    (planted.folder / "segments.csv").write_text("\n".join(sourced) + "\n")
    found = confidential.gather_secrets(reading.read_study(planted.name))
    assert scan.search("Purple umbrellas only", found)
    spoken = (planted.folder / "segments.csv").read_text() + "S9,Tutor 7,Purple umbrellas only,It rained,\n"
    (planted.folder / "segments.csv").write_text(spoken)
    assert not scan.search("Purple umbrellas only", confidential.gather_secrets(reading.read_study(planted.name)))


def test_an_approved_word_passes_everywhere_and_its_reason_approves_nothing(planted):
    path = planted.folder / "study.yml"
    reason = "{word: Quillon, reason: Testperson says that this is the name of a tool}"
    path.write_text(path.read_text().replace("allowed: [Marsh]", f"allowed: [Marsh, {reason}]"))
    found = confidential.gather_secrets(reading.read_study(planted.name))
    assert scan.search("Quillon and Marsh", found) == ()
    assert scan.search("Testperson", found) and scan.search("Quillon Testperson", found)


def test_labels_are_those_of_participants_that_the_study_s_own_wording_does_not_hold(secrets):
    assert secrets.labels == {("Tutor", "7")}


def test_what_the_participants_file_says_in_other_columns_is_a_secret_a_name_if_the_heading_asks_for_one(planted, secrets):
    assert "ziggyword" in secrets.names and "ziggyword" not in secrets.answers
    (planted.folder / "people.csv").write_text(PEOPLE.replace(",nickname,", ",pastime,"), encoding="utf-8")
    found = confidential.gather_secrets(planted)
    assert "ziggyword" in found.answers and "ziggyword" not in found.names


def test_a_file_is_a_secret_when_it_is_called_after_somebody(secrets):
    assert {("talk", "of", "ottoline"), ("morning", "with", "ottoline")} <= secrets.phrases.keys()
    assert ("first", "talk") not in secrets.phrases


def test_an_identifier_of_letters_alone_is_looked_for_as_a_name_is(secrets):
    assert "wolfheart" in secrets.names and ("wolfheart",) not in secrets.phrases


def test_a_short_text_is_a_secret_until_it_is_approved(secrets):
    assert ("brass", "buttons", "everywhere") in secrets.phrases and ("copper", "kettles", "sing") not in secrets.phrases


def test_a_name_that_the_notebooks_prose_uses_of_a_method_is_no_secret(planted):
    source = ["Its interval is Wilson's, and Sandpiper wrote the test."]
    cell = {"cell_type": "markdown", "metadata": {}, "source": source}
    notebooks = folders.project_root() / "notebooks"
    (notebooks / "01_clean_survey.ipynb").write_text(json.dumps({"metadata": {}, "cells": [cell]}))
    assert "Sandpiper" in " ".join(confidential.list_wording(planted))


@pytest.mark.parametrize("text", ["ask quillon.testperson@example.org", "ask helpdesk@example.org"])
def test_an_address_in_a_label_of_the_study_stops_the_package(planted, tmp_path, text):
    """A respondent's own, and any other: the team's contact stands in the title, the about or the citation."""
    path = planted.folder / "study.yml"
    path.write_text(path.read_text().replace("label: Team", f"label: Team ({text})"))
    found = confidential.gather_secrets(reading.read_study(planted.name))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.txt").write_text(f"Team ({text})")
    assert "an e-mail address" in {hit.what for hit in scan.scan_folder(tmp_path / "out", found)}
    (tmp_path / "out" / "a.txt").write_text("Questions to office@example.org")
    assert scan.scan_folder(tmp_path / "out", found) == []


def test_names_of_files_in_the_definition_are_not_among_its_wording(secrets):
    assert secrets.is_public(("made", "up", "study")) and not secrets.is_public(("survey", "csv"))


def test_answers_to_a_question_that_the_study_uses_are_no_free_text(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    consent = STUDY.replace("  link_column", "  consent: {column: Q9, response: Not sure}\n  link_column")
    assert "words of a respondent" not in confidential.gather_secrets(write_study(tmp_path, consent)).phrases.values()


@pytest.mark.parametrize("answer", ["12 34", "2031", "Harbour", "yes"])
def test_numbers_own_wording_and_very_short_words_are_no_free_text(planted, answer):
    text = (planted.folder / "survey.csv").read_text(encoding="utf-8")
    (planted.folder / "survey.csv").write_text(text.replace("Purple umbrellas only", answer), encoding="utf-8")
    gathered = confidential.gather_secrets(planted)
    assert opened.fold(answer) not in gathered.phrases and answer.casefold() not in gathered.answers


def test_segments_are_secret_without_transcripts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    gathered = confidential.gather_secrets(write_study(tmp_path, STUDY.replace("  transcripts: talks\n", "")))
    assert "words of an interview" in gathered.runs.values()


def test_common_names_of_accounts_and_machines_are_no_secret(planted, monkeypatch):
    monkeypatch.setattr(getpass, "getuser", lambda: "runner")
    monkeypatch.setattr(platform, "node", lambda: "vm")
    assert "this machine's user or name" not in confidential.gather_secrets(planted).phrases.values()


def test_an_account_without_a_name_is_no_error(planted, monkeypatch):
    def fail() -> str:
        raise OSError("no user name")

    monkeypatch.setattr(getpass, "getuser", fail)
    confidential.gather_secrets(planted)


def test_the_project_s_own_folder_is_a_secret(planted):
    assert str(planted.folder.parents[1]) in confidential.gather_secrets(planted).folders


def test_a_home_folder_is_found_though_it_has_a_single_part(tmp_path):
    secrets = confidential.Secrets(folders=("/root",))
    found = {text: scan_place(tmp_path / "p", "README.txt: text", text, secrets) for text in ("in /root.", "/rooted", "a/root")}
    assert [text for text, hits in found.items() if hits] == ["in /root."]


def test_raw_data_that_cannot_be_read_stop_the_scan(planted):
    (planted.folder / "people.csv").write_text(PEOPLE.replace("Ottoline Madeup", ""), encoding="utf-8")
    with pytest.raises(errors.WorkbookError, match="Ottoline"):
        confidential.gather_secrets(planted)


@pytest.mark.parametrize("part", ["survey", "interviews"])
def test_a_study_without_a_survey_or_without_interviews_is_scanned(tmp_path, monkeypatch, part):
    monkeypatch.chdir(tmp_path)
    definition = re.sub(rf"(?ms)^{part}:\n.*?(?=^\w)", "", STUDY)
    definition = definition.replace("  quotations: approved.csv\n", "") if part == "interviews" else definition
    gathered = confidential.gather_secrets(write_study(tmp_path, definition))
    kinds = {*gathered.phrases.values(), *gathered.runs.values()}
    assert ("words of a respondent" in kinds, "words of an interview" in kinds) == (part != "survey", part != "interviews")


# --- the report


def test_places_are_named_as_a_reader_finds_them(tmp_path, secrets):
    mail = "someone@example.com"
    found = {place: scan_place(tmp_path / "p", place, mail, secrets)[0].place for place in PLACES}
    assert found["table.csv: cell"] == "line 2, column 2"
    assert found["page.html: text"] == "line 4"
    assert found["page.html: alternative text"] == "picture 1 > alternative text"
    assert found["page.html: download"] == "line 4, attribute href > line 1, column 2"
    assert found["README.txt: text"] == "line 3"
    assert found["run.json: value"] == "key a > b > 2"
    assert found["figure.png: plain text"] == "PNG text chunk Software"
    assert found["tables.xlsx: cell"] == "sheet 1, cell B4"
    assert found["appendix.pdf: page"] == "page 1"
    assert found["more.zip: file"] == "inner/notes.txt > line 1"


def test_a_secret_in_a_file_s_name_or_in_a_key_is_found_and_masked(tmp_path, secrets):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "Testperson.txt").write_text("x@example.com", encoding="utf-8")
    (tmp_path / "more.zip").write_bytes(make_zip("Testperson.json", json.dumps({"Ottoline": "192.0.2.4"})))
    hits = scan.scan_folder(tmp_path, secrets)
    assert [(hit.place, hit.what) for hit in hits][:1] == [("its name", "a name from the raw data")]
    assert {hit.what for hit in hits} == {"a name from the raw data", "an e-mail address", "an IP address"}
    assert not any("Testperson" in str(hit) or "Ottoline" in str(hit) for hit in hits)


@given(st.text(min_size=2))
def test_a_glimpse_is_one_letter_and_a_length(text):
    assert len(re.sub(r", \d+ characters$", "", opened.mask(text))) <= 2


def test_a_package_without_hits_is_not_refused(tmp_path):
    scan.refuse([], tmp_path)


def test_the_message_names_the_first_place_and_counts_the_rest(tmp_path):
    hits = [scan.Hit("a.csv", f"line {number}", "an e-mail address", "q…, 9 characters") for number in range(1, 24)]
    with pytest.raises(errors.WorkbookError) as caught:
        scan.refuse(hits, tmp_path)
    message = str(caught.value)
    assert "a.csv, line 1: found an e-mail address (q…, 9 characters); 22 further: a.csv, line 2: an e-mail" in message
    assert "line 11" in message and "line 12" not in message and "and 12 more" in message
    assert "sharing.allowed" in message


# --- the first study


def test_the_first_study_s_raw_data_are_gathered():
    gathered = confidential.gather_secrets(reading.read_study("lvrn_2024"))
    export = pd.read_csv(Path(folders.project_root()) / "data/lvrn_2024/survey/reconstructed_export.csv", skiprows=[1, 2])
    assert {opened.fold(mail) for mail in export["RecipientEmail"].dropna()} <= gathered.phrases.keys()
    assert {opened.fold(number) for number in export["IPAddress"]} <= gathered.phrases.keys()
    assert ("Early", "Help", "1") in gathered.labels and ("Community", "Development") not in gathered.labels
    # Its texts are our own gists: none is a secret.
    assert gathered.runs == {} and set(gathered.phrases.values()) <= {"an identifier from the raw data", scan_machine()}


def scan_machine() -> str:
    return confidential.MACHINE


# --- columns and forms of names
@pytest.mark.parametrize(
    "heading",
    ["What is your name?", "Name of respondent", "First name (optional)", "Preferred name", "Nickname", "Maiden_name",
     "Line manager", "Q4_Line_manager", "Nom", "Signature", "Completed by", "Q1 Name",
     "FName", "Last", "Vorname", "Nachname", "Interviewer", "Form completed by"],
)  # fmt: skip
def test_a_column_that_asks_for_a_name_holds_names(heading):
    assert confidential.find_role(heading) == "name"


@pytest.mark.parametrize(
    "heading",
    ["File name", "Team name", "Name of the project", "I can name the benefits", "Please name one thing that helped",
     "Comments", "What matters first to your team?", "The last thing we ask", "What does your line manager think?",
     "Line manager supports it", "Un nom pour le projet", "Signature dish of the canteen", "Training completed by March",
     "Who is the interviewer for?"],
)  # fmt: skip
def test_a_column_that_speaks_of_names_holds_none(heading):
    assert confidential.find_role(heading) == "free"


@pytest.mark.parametrize(
    ("name", "written"),
    [("Müller", "Mueller"), ("Müller", "Muller"), ("Søren", "Soeren"), ("Kjær", "Kjaer"), ("Œuvrard", "Oeuvrard"),
     ("Þóra", "Thora"), ("Guðrún", "Gudrun"),
     ("Ju\u0308rgen", "Juergen"), ("Ju\u0308rgen", "Jürgen"), ("Zoe\u0308", "Zoe"), ("Zoe\u0308", "Zoë"),
     ("李娜", "李娜"), ("محمد", "محمد"), ("Strauß", "Strauss")],
)  # fmt: skip
def test_a_name_is_found_with_and_without_its_accents_and_in_any_script(planted, monkeypatch, name, written):
    monkeypatch.setattr(confidential, "gather_survey", lambda study: iter([("name", name)]))
    secrets = confidential.gather_secrets(planted)
    assert {what for what, _ in scan.search(f"{written} said so", secrets)} == {"a name from the raw data"}
