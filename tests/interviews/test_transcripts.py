"""No word of a transcript vanishes, and none goes to somebody else: in whatever way a tool, or a typist, has written it."""

import io
import re
import zipfile

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.interviews import people, transcripts
from helpers.study.errors import WorkbookError

PEOPLE = "participant,takes_part_as,speaker\nP1,,Speaker A\nP2,,Speaker B (Ward 2)\nInterviewer,interviewer,Speaker Q\n"
DOCUMENT = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><w:body>{}</w:body></w:document>'
)


@pytest.fixture
def names(tmp_path):
    (tmp_path / "participants.csv").write_text(PEOPLE)
    return people.name_people(people.read_people(tmp_path / "participants.csv"), tmp_path)


def read(tmp_path, names, name, content):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    find = transcripts._read_lines if name.endswith(("docx", "txt")) else transcripts._read_cues
    spoken = transcripts._label_speakers(path, list(find(path, names)), names)
    return [(label, text) for _, _, label, text in transcripts._join_turns("x", spoken)]


def make_docx(body, **parts):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", DOCUMENT.format(body))
        for name, content in parts.items():
            archive.writestr(f"word/{name}.xml", DOCUMENT.format(content))
    return stream.getvalue()


def run(text):
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*inner):
    return f"<w:p>{''.join(inner)}</w:p>"


SAID = [("P1", "I switch it on."), ("P2", "I never do.")]
CUES = ["00:00:00.000 --> 00:00:01.000", "00:00:02.000 --> 00:00:03.000"]


@pytest.mark.parametrize(
    "text",
    [
        "WEBVTT\n\n{0}\n<v Speaker A>I switch it on.</v>\n\n{1}\n<v Speaker B (Ward 2)>I never do.</v>\n",
        "WEBVTT\n\nid/1-0\n{0}\n<v Speaker A>I switch\n\nit on.</v>\n\nid/2-0\n{1}\n<v Speaker B (Ward 2)>I never do.</v>\n",
        "WEBVTT - a title\n\nNOTE made up\nand long\n\n{0}\n<v.loud Speaker A>I <i>switch</i> it on.\n"
        "<v Speaker B (Ward 2)>I never do.",
        "WEBVTT\n\n{0}\nSpeaker A: I switch it on.\n\n{1}\nSpeaker B (Ward 2): I never do.\n",
        "1\n00:00:00,000 --> 00:00:01,000\nSpeaker A: I switch it on.\n\n2\n0:0:2,000 --> 0:0:3,000\n"
        "Speaker B (Ward 2): I never do.\n",
    ],
    ids=["Teams", "blank lines and ids", "notes and classes", "Zoom", "SubRip"],
)
def test_cues_are_read_as_tools_write_them(tmp_path, names, text):
    assert read(tmp_path, names, "x.vtt", text.format(*CUES)) == SAID


def test_a_sign_that_is_no_tag_was_said(tmp_path, names):
    text = f"WEBVTT\n\n{CUES[0]}\n<v Speaker A>under <5 mg &amp; over a<b>c</b></v>\n"
    assert read(tmp_path, names, "x.vtt", text) == [("P1", "under <5 mg & over ac")]
    text = f"WEBVTT\n\n{CUES[0]}\n<v Speaker A>a<b and c>d</v>\n"
    assert read(tmp_path, names, "x.vtt", text) == [("P1", "a<b and c>d")]


@pytest.mark.parametrize(
    ("cue", "place"),
    [
        ("each morning.", "cue 1: found words without a speaker"),
        ("so <v Speaker A>each morning.</v>", "cue 1: found words without a speaker"),
        ("<v Speaker A>each</v> morning.", "cue 1: found words without a speaker"),
        ("Somebody: each morning.", "cue 1: found words without a speaker"),
        ("<v Somebody>each morning.</v>", "speakers: found Somebody"),
        ("<v Speaker A (Ward 1)>Yes.</v>\n<v Speaker A (Ward 2)>No.</v>", "found Speaker A (Ward 1) and Speaker A (Ward 2)"),
    ],
)
def test_words_that_are_nobodys_are_refused_with_their_cue(tmp_path, names, cue, place):
    with pytest.raises(WorkbookError) as error:
        read(tmp_path, names, "x.vtt", f"WEBVTT\n\n{CUES[0]}\n{cue}\n")
    assert place in str(error.value)


TABLE = "<w:tbl><w:tr><w:tc>{}</w:tc><w:tc>{}</w:tc></w:tr></w:tbl>"
BOX = "<mc:AlternateContent><mc:Choice>{0}</mc:Choice><mc:Fallback>{0}</mc:Fallback></mc:AlternateContent>"


def lines(*texts):
    """A paragraph a line."""
    return "".join(paragraph(run(text)) for text in texts)


BROKEN = '</w:t></w:r><w:r><w:br/></w:r><w:r><w:t xml:space="preserve">'
TRACKED = [
    paragraph(run("Speaker A: I "), f"<w:ins>{run('switch ')}{run('it ')}</w:ins><w:del>{run('off ')}</w:del>", run("on.")),
    paragraph(run("Speaker B (Ward 2): I "), f"<w:moveTo>{run('never ')}</w:moveTo><w:hyperlink>{run('do.')}</w:hyperlink>"),
]
DOCUMENTS = {
    "Teams": lines(f"Speaker A   0:03{BROKEN}I switch it on.", "Speaker B (Ward 2)   0:09", "I never do."),
    "colons and times": lines("Speaker A: I switch it on.", "[0:00:09] Speaker B (Ward 2): I never do."),
    "times in brackets": lines("Speaker A (0:03): I switch it on.", "Speaker B (Ward 2)\tI never do."),
    "names alone": lines("Speaker A", "I switch it on.", "Speaker B (Ward 2)", "I never do."),
    "tables": TABLE.format(lines("Speaker A"), lines("I switch it on."))
    + TABLE.format(lines("Speaker B (Ward 2)"), lines("I never do.")),
    "tracked changes": "".join(TRACKED),
    "content control": f"<w:sdt><w:sdtContent>{lines('Speaker A: I switch it on.')}</w:sdtContent></w:sdt>"
    + lines("Speaker B (Ward 2): I never do."),
    "text box": lines("You started transcription", "Speaker A:") + paragraph(BOX.format(lines("I switch it on.")))
    + lines("Speaker B (Ward 2): I never do."),
}  # fmt: skip


@pytest.mark.parametrize("body", DOCUMENTS.values(), ids=DOCUMENTS)
def test_documents_are_read_however_they_hold_the_words(tmp_path, names, body):
    assert read(tmp_path, names, "x.docx", make_docx(body)) == SAID


def test_what_stands_before_the_first_speaker_is_nobodys_and_kept(tmp_path, names):
    found = read(tmp_path, names, "x.docx", make_docx(lines("A title", "Speaker A: Yes.")))
    assert found == [(None, "A title"), ("P1", "Yes.")]


def test_it_is_told_how_many_words_were_read_and_how_many_are_nobodys():
    turns = pd.DataFrame({
        "source": ["a", "a", "b"], "turn": [1, 2, 1], "participant": [None, "P1", "P2"], "text": ["A title", "Yes, I do.", ""],
    })  # fmt: skip
    assert transcripts.count_words(turns).to_numpy().tolist() == [["a", 2, 5, 2], ["b", 1, 0, 0]]
    assert transcripts.count_words(turns[:0]).empty


def test_a_cue_may_hold_two_people_and_lines_without_a_name(tmp_path, names):
    text = f"WEBVTT\n\n{CUES[0]}\nSpeaker A: I switch\nit on.\nSpeaker B (Ward 2): I never do.\n"
    assert read(tmp_path, names, "x.vtt", text) == SAID
    packed = "1\n{}\nSpeaker A: I switch it on.\n2\n{}\nSpeaker B (Ward 2): I never do.".format(*CUES)
    assert read(tmp_path, names, "x.srt", packed) == SAID


def test_somebody_unknown_before_a_colon_is_not_the_last_speaker(tmp_path, names):
    body = lines("Speaker A: Yes.", "Carol: I disagree.", "Speaker Q: Note that.")
    with pytest.raises(WorkbookError, match="lines that seem to name a speaker: found Carol"):
        read(tmp_path, names, "x.docx", make_docx(body))
    said = lines("Speaker A: Yes.", "One thing: no.", "Speaker A")
    assert read(tmp_path, names, "y.docx", make_docx(said)) == [("P1", "Yes. One thing: no. Speaker A")]


def test_text_in_thousands_of_controls_is_read(tmp_path, names):
    deep = "<w:sdt>" * 5000 + paragraph(run("Speaker A: Yes.")) + "</w:sdt>" * 5000
    assert read(tmp_path, names, "x.docx", make_docx(deep + lines("No."))) == [("P1", "Yes. No.")]


def test_a_document_within_the_document_is_refused(tmp_path, names):
    with pytest.raises(WorkbookError, match="one that contains another file"):
        read(tmp_path, names, "x.docx", make_docx(lines("Speaker A: Yes.") + "<w:altChunk/>"))


def test_a_notice_is_somebodys_and_anything_else_was_said(tmp_path, names):
    body = lines("Speaker A: Yes.", "Speaker Q stopped transcription", "I got cross and stopped transcription")
    found = read(tmp_path, names, "x.docx", make_docx(body))
    assert found == [("P1", "Yes. I got cross and stopped transcription")]


@pytest.mark.parametrize("part", ["footnotes", "endnotes"])
def test_a_note_with_words_is_refused_with_them_and_an_empty_one_is_not(tmp_path, names, part):
    body = lines("Speaker A: Yes.")
    with pytest.raises(WorkbookError, match="a footnote or endnote: found 'She laughs.'"):
        read(tmp_path, names, "x.docx", make_docx(body, **{part: paragraph(run("She laughs."))}))
    assert read(tmp_path, names, "y.docx", make_docx(body, **{part: paragraph(run(" "))})) == [("P1", "Yes.")]


# --- every word -------------------------------------------------------------------------------------------------------

WORDS = st.lists(st.from_regex(r"w[0-9]{1,3}", fullmatch=True), min_size=1, max_size=4).map(" ".join)
VOICES = st.sampled_from(["Speaker A", "Speaker B (Ward 2)", "speaker  q", "Somebody"])
CUE = st.one_of(
    st.builds("<v {}>{}</v>".format, VOICES, WORDS), st.builds("<v {}>{}".format, VOICES, WORDS),
    st.builds("{}: {}".format, VOICES, WORDS), st.builds("<v {}>{}</v> {}".format, VOICES, WORDS, WORDS), WORDS,
    st.builds("<v {}>{}\n\n{}</v>".format, VOICES, WORDS, WORDS),
    st.builds("<v {0}>{2}</v>\n<v {1}>{3}</v>".format, VOICES, VOICES, WORDS, WORDS),
)  # fmt: skip
TIMES = st.sampled_from([*CUES, "0:0:2.5 --> 0:0:3.000", "00:01,000 --> 00:02,000", "id\n00:01.000 --> 00:02.000"])


def every_word(text):
    return sorted(re.findall(r"\bw\d+\b", text))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(TIMES, CUE), min_size=1, max_size=5))
def test_words_in_a_file_of_cues_are_words_of_somebody_or_it_is_refused(tmp_path, names, cues):
    text = "WEBVTT\n\n" + "\n\n".join(f"{times}\n{cue}" for times, cue in cues)
    try:
        turns = read(tmp_path, names, "x.vtt", text)
    except WorkbookError:
        return
    assert every_word(" ".join(said for _, said in turns)) == every_word(text)
    assert all(label for label, _ in turns)


LINE = st.one_of(
    st.builds("{}   0:03".format, VOICES), VOICES, st.builds("{}: {}".format, VOICES, WORDS), WORDS,
    st.builds("[0:03] {}: {}".format, VOICES, WORDS), st.builds("{}\t{}".format, VOICES, WORDS),
    st.builds("{} at 9:30".format, WORDS), st.just("0:0:0.0 --> 0:0:2.640"),
)  # fmt: skip
HOLD = st.sampled_from([
    "{}", "<w:ins>{}</w:ins>", "<w:moveTo>{}</w:moveTo>", "<w:hyperlink>{}</w:hyperlink>", "<w:smartTag>{}</w:smartTag>",
    "<w:sdt><w:sdtContent>{}</w:sdtContent></w:sdt>",
])  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(LINE, HOLD, st.booleans()), min_size=1, max_size=6))
def test_words_in_a_document_are_words_of_a_turn_or_it_is_refused(tmp_path, names, held):
    body = ""
    for line, hold, in_table in held:
        text = paragraph(hold.format(run(line.replace("\t", "</w:t><w:tab/><w:t>"))))
        body += TABLE.format(text, paragraph()) if in_table else text
    try:
        turns = read(tmp_path, names, "x.docx", make_docx(body))
    except WorkbookError as error:
        assert "speakers" in str(error)
        return
    assert every_word(" ".join(said for _, said in turns)) == every_word(" ".join(line for line, *_ in held))
