"""An appendix as a Word document: what the page says, with its figures and tables, including folded ones."""

import io
import re
import zipfile

from bs4 import BeautifulSoup, Tag

from helpers.package.dictionary import NO_DATE
from helpers.page.words import split_claim

TAKEN = "h2, h3, h4, p, li, dt, dd, figure, table"
PAGE_WIDTH = 17.0  # centimetres between the margins of A4


def build_document(page: str, title: str, pictures: dict[str, bytes]) -> bytes:
    """A page as a Word document, with real headings, captions, table headers and alternative texts.

    `pictures` are the PNG files of figures by their ids on the page. The same page gives the same bytes.
    """
    import docx
    from docx.shared import Cm

    document = docx.Document()
    for name, link in list(document.part.package.rels.items()):
        if link.reltype.endswith("/thumbnail"):  # a picture of another document
            del document.part.package.rels[name]
    properties = document.core_properties
    # In a document's properties Word takes at most 255 characters of a title.
    properties.title, properties.author, properties.comments, properties.language = title[:255], "", "", "en-GB"
    properties.created = properties.modified = NO_DATE
    sheet = document.sections[0]
    sheet.page_width, sheet.page_height = Cm(21.0), Cm(29.7)
    sheet.left_margin = sheet.right_margin = sheet.top_margin = sheet.bottom_margin = Cm(2.0)
    document.add_heading(title, level=0)
    soup = BeautifulSoup(page, "html.parser")
    for part in soup.select(".machine, .left-out"):
        part.decompose()
    for link in soup.select("li a:not(.term)"):  # in print a link leads nowhere
        link.string = f"(see {link.get_text()})"
    for part in soup.select(f"main > section :is({TAKEN})"):
        add_part(document, part, pictures)
    stream = io.BytesIO()
    document.save(stream)
    return pack_again(stream.getvalue())


def read(part: Tag) -> str:
    return re.sub(r" (?=[.,;:)])", "", " ".join(part.get_text(" ").split()))


def add_part(document, part: Tag, pictures: dict[str, bytes]) -> None:
    """Add a heading, a paragraph, a line of a list, a figure with its caption and alternative text, or a table."""
    from docx.shared import Cm

    if part.name == "table":
        return add_table(document, part)
    if part.name == "figure":
        document.add_paragraph(read(part.figcaption), style="Caption")
        if part["id"] in pictures:
            document.add_picture(io.BytesIO(pictures[part["id"]]), width=Cm(PAGE_WIDTH))
            document.inline_shapes[-1]._inline.docPr.set("descr", part.img["alt"])
    elif part.name in ("h2", "h3", "h4"):
        document.add_heading(read(part), level=int(part.name[1]) - 1)
    elif not (part.name == "p" and part.find_parent("li")):
        style = "Normal" if part.name != "li" else "List Number" if part.parent.name == "ol" else "List Bullet"
        line, bold = document.add_paragraph(style=style), part.find("strong")
        claim, rest = split_claim(read(part)) if bold else ("", read(part))
        line.add_run(f"{claim} " if claim else "").bold = True
        line.add_run(rest)


def add_table(document, table: Tag) -> None:
    """Add a table below its caption; its header is repeated on each page."""
    from docx.oxml import OxmlElement

    rows = table.find_all("tr")
    widest = len(rows[0].find_all(["th", "td"]))
    caption = document.add_paragraph(read(table.caption), style="Caption")
    caption.paragraph_format.keep_with_next = True
    made = document.add_table(rows=len(rows), cols=widest, style="Light List Accent 1")
    made.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    # One look at the cells of a row: each is found by counting from the first.
    for row, target in zip(rows, made.rows, strict=True):
        cells = target.cells
        for cell, text in zip(cells, map(read, row.find_all(["th", "td"])), strict=False):
            cell.text = text
        if "heading" in row.get("class", []):
            cells[0].merge(cells[-1])
    document.add_paragraph()


def pack_again(document: bytes) -> bytes:
    """The same document without the time when it was written."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as source, zipfile.ZipFile(stream, "w") as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name, NO_DATE.timetuple()[:6]), source.read(name), zipfile.ZIP_DEFLATED)
    return stream.getvalue()
