"""The Word document of a package."""

import base64
import io
import zipfile

import docx
import pytest

from helpers.package import opened
from helpers.package.word import build_document

# A picture of one white point.
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4//8/AAX+Av4N70a4AAAAAElFTkSuQmCC")
PAGE = """<main>
<section><h2>Summary</h2><p class="verdict"><strong>Mostly yes.</strong> 3 of 4 agree.</p>
<ol><li><strong>They see it.</strong> 4 of 4.</li></ol>
<figure id="figure-0-1"><figcaption><strong>Figure 0.1.</strong> All agree.</figcaption>
<img src="data:," alt="Four dots at the right."></figure></section>
<section><h2>1. Who answered?</h2><p class="answer"><strong>Four.</strong> Of 5.</p>
<div class="prose"><p>How we counted.</p></div>
<div class="table"><details><summary>Table 1.1. Groups.</summary><table><caption>Table 1.1. Groups.</caption>
<thead><tr><th>Group</th><th>People</th></tr></thead>
<tbody><tr class="heading"><th colspan="2">All</th></tr><tr><th>North &amp; South</th><td>4</td></tr></tbody>
</table></details></div></section></main>"""


@pytest.fixture(scope="module")
def made():
    return build_document(PAGE, "A study", {"figure-0-1": PNG})


@pytest.fixture(scope="module")
def document(made):
    return docx.Document(io.BytesIO(made))


def test_headings_paragraphs_and_captions_have_word_styles(document):
    assert [(line.style.name, line.text) for line in document.paragraphs if line.text] == [
        ("Title", "A study"), ("Heading 1", "Summary"), ("Normal", "Mostly yes. 3 of 4 agree."),
        ("List Number", "They see it. 4 of 4."), ("Caption", "Figure 0.1. All agree."), ("Heading 1", "1. Who answered?"),
        ("Normal", "Four. Of 5."), ("Normal", "How we counted."), ("Caption", "Table 1.1. Groups."),
    ]  # fmt: skip
    verdict = document.paragraphs[2]
    assert [(run.text, bool(run.bold)) for run in verdict.runs] == [("Mostly yes. ", True), ("3 of 4 agree.", False)]


def test_a_picture_has_its_alternative_text(document):
    assert [shape._inline.docPr.get("descr") for shape in document.inline_shapes] == ["Four dots at the right."]


def test_the_head_of_a_table_is_repeated_on_each_page_and_a_heading_spans_its_row(document):
    table = document.tables[0]
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["Group", "People"], ["All", "All"], ["North & South", "4"],
    ]  # fmt: skip
    assert ["tblHeader" in row._tr.xml for row in table.rows] == [True, False, False]


def test_the_same_page_gives_the_same_bytes_without_a_date_an_author_or_another_documents_picture(made, document):
    assert made == build_document(PAGE, "A study", {"figure-0-1": PNG})
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not [name for name in archive.namelist() if "thumbnail" in name]
    assert (document.core_properties.author, document.core_properties.title) == ("", "A study")


def test_a_name_is_found_that_word_has_written_in_two_runs():
    stream, document = io.BytesIO(), docx.Document()
    line = document.add_paragraph("Told by Tam")
    line.add_run("sin").bold = True
    document.save(stream)
    pieces = [piece for piece in opened.read_document(stream.getvalue()) if isinstance(piece, opened.Piece)]
    assert "Told by Tamsin" in [piece.text for piece in pieces]
