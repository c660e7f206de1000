"""Tables as tools write them: encodings, separators, shapes, sheets; what is not certain is refused with its place."""

import datetime
import io
import zipfile

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.study.errors import WorkbookError
from helpers.study.sheets import read_sheets, read_table

CELLS = [["name", "said"], ["P1", "It’s on, always"], ["P2", 'the "old" one']]
TABLE = pd.DataFrame(CELLS[1:], columns=CELLS[0])


def write(tmp_path, content, name="x.csv"):
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return tmp_path / name


def write_book(tmp_path, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, lines in sheets.items():
        sheet = book.create_sheet(title.removesuffix("_hidden"))
        sheet.sheet_state = "hidden" if title.endswith("_hidden") else "visible"
        for line in lines:
            sheet.append(line)
    book.save(tmp_path / "x.xlsx")
    return tmp_path / "x.xlsx"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("first", ["", "sep={}", "A title", "\n"])
def test_a_table_is_the_same_in_every_encoding_separator_and_line_ending(tmp_path, encoding, mark, newline, first):
    text = TABLE.to_csv(index=False, sep=mark, lineterminator=newline)
    above = first.format(mark) + newline if first else ""
    table = read_table(write(tmp_path, (above + text).encode(encoding)))
    assert table.reset_index(drop=True).equals(TABLE.astype("str"))
    assert table.index[0] == f"row {2 + bool(first) + (first == chr(10))}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "found an empty file; expected a table"),
        ("name;said, often\nP1;a\n", "header: found columns separated by semicolons"),
        ("name,said\nP1,a\nP2,b,c\n", "row 3: found 3 cells; expected 2, as in the header"),
        ("name,said\nP1,a\nP2\n", "row 3: found 1 cell; expected 2, as in the header"),
        ("name,said\nP1,a\nP2,b,,,c\n", "row 3: found 5 cells; expected 2"),
        ("name,said,name \nP1,a,P1\n", "header: found the column 'name' twice"),
        ("name,said\nP1,It’s\n".encode("cp1252"), "line 2: found the byte 0x92, which is not UTF-8"),
        ("name,said\nP1,a\n".encode("utf-16-le"), "UTF-16 without its byte-order mark"),
        ('name,said\nP1,"a\n', "line 2: found a quotation mark that is not closed"),
        (b"PK\x03\x04xl/workbook.xml", "a whole zip archive"),
        (b"$FL2@(#) damaged", "an SPSS file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "found an old Office file, or one with a password"),
    ],
)
def test_what_is_not_certain_is_refused_with_its_place(tmp_path, content, message):
    with pytest.raises(WorkbookError) as error:
        read_table(write(tmp_path, content), ["name"])
    assert message in str(error.value)
    assert "codec" not in str(error.value) and "tokenizing" not in str(error.value)


def test_cells_beyond_the_header_are_nothing_while_they_are_blank(tmp_path):
    assert read_table(write(tmp_path, "name,said\nP1,a,\nP2,b,,,\n")).shape == (2, 2)


def test_hidden_sheets_are_left_out_and_named(tmp_path):
    path = write_book(tmp_path, now=CELLS, old_hidden=[["name", "said"], ["P9", "a draft"]])
    sheets = read_sheets(path)
    assert [sheet.place for sheet in sheets] == ["sheet now, "] and sheets[0].hidden == ("old",)


def test_the_sheet_that_has_the_columns_is_read(tmp_path):
    table = read_table(write_book(tmp_path, notes=[["made up", "x"]], now=[["A title"], *CELLS]), ["said"])
    assert table.index.to_list() == ["sheet now, row 3", "sheet now, row 4"]


def test_cells_read_as_they_are_seen(tmp_path):
    day, moment = datetime.datetime(2030, 1, 5), datetime.datetime(2030, 1, 5, 10, 4)
    table = read_table(write_book(tmp_path, now=[["a", "b", "c", "d"], [day, 3.0, 0.5, moment]]))
    assert table.iloc[0].to_list() == ["2030-01-05", "3", "0.5", "2030-01-05 10:04:00"]


def test_a_formula_that_was_never_calculated_is_refused_with_its_cell(tmp_path):
    with pytest.raises(WorkbookError, match="sheet now, row 2, column b: found a formula whose value was never calculated"):
        read_table(write_book(tmp_path, now=[["a", "b"], ["x", '="y"&"z"']]))


def test_a_formula_that_gave_an_empty_text_has_a_value(tmp_path):
    path = write_book(tmp_path, now=[["a", "b"], ["x", '=IF(1,"","")']])
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    with zipfile.ZipFile(path, "w") as book:
        for name, part in parts.items():
            book.writestr(name, part.replace(b'<c r="B2">', b'<c r="B2" t="str">'))
    assert read_table(path).iloc[0].to_list() == ["x", ""]


def test_spss_values_come_with_their_labels_and_user_missing_ones_too(tmp_path):
    import pyreadstat

    values = pd.DataFrame({"id": ["R_1", "R_2", "R_3"], "A1": [5.0, 7.0, None], "n": [1.0, 2.5, 3.0]})
    labels = {"A1": {5: "Agree", 7: "Not relevant"}}
    pyreadstat.write_sav(values, tmp_path / "x.sav", variable_value_labels=labels, missing_ranges={"A1": [{"lo": 7, "hi": 7}]})
    table = read_table(tmp_path / "x.sav")
    assert table["A1"].to_list() == ["Agree", "Not relevant", ""] and table["n"].to_list() == ["1", "2.5", "3"]


def test_one_spss_label_for_two_values_is_refused(tmp_path):
    import pyreadstat

    values = pd.DataFrame({"A1": [1.0, 2.0]})
    pyreadstat.write_sav(values, tmp_path / "x.sav", variable_value_labels={"A1": {1: "Agree", 2: "agree "}})
    with pytest.raises(WorkbookError, match="column A1: found one label for two values"):
        read_table(tmp_path / "x.sav")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.sampled_from(["a", "b", "", '"q"', "x,y", "1.0", "é"]), max_size=5), min_size=1, max_size=6))
def test_any_shape_is_a_whole_table_or_one_message(tmp_path, lines):
    text = io.StringIO()
    for line in lines:
        text.write(",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in line) + "\n")
    try:
        table = read_table(write(tmp_path, text.getvalue()))
    except WorkbookError as error:
        assert str(error)
        return
    held = sorted(cell.strip() for line in lines for cell in line if cell)
    shown = sorted(cell for row in table.to_numpy() for cell in row if cell) + [name for name in table]
    # Every filled cell is in the table, in its header, or above it; none is made up.
    assert not [cell for cell in shown if shown.count(cell) > held.count(cell)]
