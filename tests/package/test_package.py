"""The files that a funder gets beside the page."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest

from helpers.disclosure import ledger
from helpers.package import confidential, dictionary, package, pdf, workbook
from helpers.page import render
from helpers.study import folders, reading, runs
from helpers.study.definition import Sharing

# Texts that a spreadsheet, XlsxWriter or gptables would take for something other than text.
HOSTILE = [
    "=1+1", "+44 7700 900000", "-2+3", "@SUM(A1:A9)", "\t=1+1", "{=1+1}", "[a link](http://made-up.example)",
    "[one](a) and [two](b)", "http://made-up.example", "mailto:someone@made-up.example", "internal:'Cover'!A1",
    "external:book.xlsx", "$$a note$$", "<script>alert(1)</script>", "two\nlines", "Обучение", "&<>\"'", "'quoted'",
]  # fmt: skip
BANDS = pd.DataFrame({
    "item": ["A1", "A2"], "label": ["Sees the point", "Knows the plan"], "band": ["Agree"] * 2, "relevant": ["True", "False"],
    "numerator": ["[c]", "34"], "denominator": ["40", "40"], "share": ["[c]", "85"], "low": ["[c]", "70.92953811"],
    "least": ["36", "34"], "note": ["", "[not defined: nobody answered]"], "rests_on": ["Made up"] * 2,
})  # fmt: skip
FIGURES = pd.DataFrame({
    "construct": ["sense", "work", "both"], "mean": ["4.1", "-0.5", "[c]"], "p": ["0.605", "1e-05", ""],
    "n": ["40", "[c]", "0"], "printed": ["40", "< 5", "7"],
})  # fmt: skip
CONTENTS = [
    ("Table", "Table 1.1", "1", "Answers by band", "tables/01_bands_agree.csv", "First note. Second note.", "Made up", ""),
    ("Table", "Table 1.2", "1", "Figures", "tables/01_figures.csv", "", "", ""),
    ("Figure", "Figure 1.1", "1", "A picture", "figures/01_picture.svg", "", "", "A bar that is longer than another."),
    ("Figure data", "Figure 1.1", "1", "Numbers behind Figure 1.1: A picture", "tables/01_picture_data.csv", "", "", ""),
]
# What notebooks told: two frames, of which figures repeat those of an earlier package or are withheld because of one.
TOLD = pd.DataFrame({"body": "survey 2030", "name": ["bands", "scores"], "repeated": [12, 0], "held_back": [3, 4]})
SECRETS = confidential.Secrets(names=frozenset(["tamsin", "tamsins", "ottoline", "ottolines", "jo", "jos"]))
RECORD = {"study": "tiny", "run": "default", "threshold": 7, "commit": "0123456789ab"}


def write_csv(rows, path):
    """As `present` saves a table."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = render.escape_formulas(rows).to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_ALL)
    path.write_bytes(content.encode("utf-8-sig"))


def write_source(folder, tables, contents=CONTENTS, record=RECORD):
    """A funder's edition, as published."""
    (folder / "figures").mkdir(parents=True)
    (folder / "appendix.html").write_text("<html><title>Page</title></html>", encoding="utf-8")
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    (folder / "figures" / "01_picture.svg").write_text("<svg/>", encoding="utf-8")
    (folder / "figures" / "01_picture.png").write_bytes(b"\x89PNG")
    for entry, rows in zip([entry for entry in contents if entry[4].endswith(".csv")], tables, strict=True):
        write_csv(rows, folder / entry[4])
    write_csv(pd.DataFrame(contents, columns=runs.CONTENTS), folder / "contents.csv")
    return folder


@pytest.fixture
def study(project):
    return reading.read_study("tiny")


@pytest.fixture
def source(tmp_path):
    return write_source(tmp_path / "source", [BANDS, FIGURES, FIGURES[["construct", "mean"]]])


@pytest.fixture
def without_browser(monkeypatch):
    monkeypatch.setattr(pdf, "find_browser", lambda: None)


@pytest.fixture
def packed(source, study, tmp_path, without_browser):
    """The package made of `source`, without a PDF."""
    return make_package(source, tmp_path / "tiny_default", study)


def make_package(source, target, study):
    package.assemble(source, target, study, SECRETS, TOLD)
    return target


def sheet_rows(folder, sheet):
    book = openpyxl.load_workbook(folder / "tables.xlsx")
    return [list(row) for row in book[sheet].iter_rows(values_only=True)]


def make_workbook(study, rows, title="A title", notes=""):
    """The workbook of one table."""
    content = dictionary.Content("Table", "Table 1.1", "1", title, "tables/01_table.csv", notes, "", "")
    return workbook.build_workbook(study, RECORD, [content], {content.file: rows})


def parts_of(book):
    """The files inside a workbook, as text."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


# --- the whole package ------------------------------------------------------------------------------------------------


def test_a_package_holds_the_page_its_record_tables_figures_and_what_explains_them(packed):
    files = sorted(path.relative_to(packed).as_posix() for path in packed.rglob("*") if path.is_file())
    assert files == [
        "EVIDENCE.txt", "README.txt", "appendix.html", "contents.csv", "data_dictionary.csv", "figures/01_picture.png",
        "figures/01_picture.svg", "run.json", "summary_and_tables.docx", "tables.xlsx", "tables/01_bands_agree.csv",
        "tables/01_figures.csv", "tables/01_picture_data.csv",
    ]  # fmt: skip


def test_pages_tables_and_figures_are_copied_as_they_are(packed, source):
    for name in ("appendix.html", "run.json", "tables/01_bands_agree.csv", "figures/01_picture.svg"):
        assert (packed / name).read_bytes() == (source / name).read_bytes()
    assert package.read_csv(packed / "contents.csv").equals(package.read_csv(source / "contents.csv"))


def test_what_the_list_of_contents_does_not_name_stays_behind(source, study, tmp_path, without_browser):
    write_csv(FIGURES, source / "tables" / "04_respondents.csv")
    (source / "data").mkdir()
    (source / "data" / "respondents.parquet").touch()
    packed = make_package(source, tmp_path / "made", study)
    assert not (packed / "tables" / "04_respondents.csv").exists()
    assert not (packed / "data").exists()


def test_without_a_browser_the_package_says_that_it_has_no_pdf_and_why(source, study, tmp_path, without_browser):
    target = tmp_path / "made"
    assert package.assemble(source, target, study, SECRETS, TOLD).startswith("no browser of the Chromium family")
    assert "(appendix.pdf)       not in this package: no browser" in (target / "README.txt").read_text(encoding="utf-8")
    assert not (target / "appendix.pdf").exists()


def test_with_a_browser_the_package_holds_the_pdf_and_has_nothing_to_say(source, study, tmp_path, monkeypatch):
    monkeypatch.setattr(pdf, "print_page", lambda page, target: folders.save(target, b"%PDF") or "")
    target = tmp_path / "made"
    assert package.assemble(source, target, study, SECRETS, TOLD) == ""
    assert (target / "appendix.pdf").read_bytes() == b"%PDF"
    assert "not in this package" not in (target / "README.txt").read_text(encoding="utf-8")


def test_the_readme_tells_study_run_threshold_commit_and_how_withheld_figures_read(packed):
    text = " ".join((packed / "README.txt").read_text(encoding="utf-8").split())
    assert text.startswith("A made-up study")
    for fact in ("Study tiny", "Run default", "Threshold 7 people", "commit 0123456789ab", "fewer than 7 people", "[c]"):
        assert fact in text
    assert "OBSERVED" not in text


def test_the_readme_says_first_what_is_simulated_and_shows_signs_as_they_are(tmp_path, study, without_browser):
    record = RECORD | {"simulated": "Answers <here> & there were made up."}
    source = write_source(tmp_path / "other", [BANDS, FIGURES, FIGURES], record=record)
    packed = make_package(source, tmp_path / "made", study)
    text = (packed / "README.txt").read_text(encoding="utf-8")
    assert text.index("Answers <here> & there were made up.") < text.index("The files")
    assert ["Answers <here> & there were made up."] in [row[:1] for row in sheet_rows(packed, "Cover")]


def test_an_edition_without_tables_and_figures_is_packed_without_a_workbook(tmp_path, study, without_browser):
    packed = make_package(write_source(tmp_path / "bare", [], []), tmp_path / "made", study)
    files = sorted(path.name for path in packed.rglob("*") if path.is_file())
    assert files == [
        "EVIDENCE.txt",
        "README.txt",
        "appendix.html",
        "contents.csv",
        "data_dictionary.csv",
        "run.json",
        "summary_and_tables.docx",
    ]
    text = (packed / "README.txt").read_text(encoding="utf-8")
    assert "tables.xlsx" not in text and "figures/" not in text


def test_one_page_says_what_was_checked_with_figures_in_the_terms_of_output_checking(packed):
    """Of 3 + 2 + 1 cells with [c] in two tables and the numbers behind a figure; of six forms of names."""
    text = " ".join((packed / "EVIDENCE.txt").read_text(encoding="utf-8").split())
    assert "6 cells withheld ([c]) in 3 of 3 tables" in text
    assert f"{sum(path.is_file() for path in packed.rglob('*'))} files were opened" in text
    # What of the following the code does not do, or names only in part, was once said of it without a limit.
    assert "possible values for each count withheld, and for themes every value from 1 to 6" in text
    assert "field is named if at least 7 participants belong to it" in text
    assert (packed / "EVIDENCE.txt").read_text(encoding="utf-8").count("\n") <= 66, "a page of print"
    for fact in (
        "Threshold 7 people", "counts of 1 to 6 people", "Secondary suppression", "Dominance and p% rules: not applicable",
        "Class disclosure", "Group disclosure", "NHS number", "UK postcode", "names: fewer than 10",
        "labels of participants: none", "No word was approved",
        "the record of releases holds no earlier package of this study",
    ):  # fmt: skip
        assert fact in text, fact


def test_it_says_what_was_done_about_earlier_packages_and_about_rounding(source, study, tmp_path, without_browser, monkeypatch):
    monkeypatch.setattr(
        ledger, "read_standing", lambda study: [SimpleNamespace(packages=["a"]), SimpleNamespace(packages=["b", "c"])]
    )
    study = replace(study, definition=study.definition.model_copy(update={"sharing": Sharing(rounding=5)}))
    text = " ".join((make_package(source, tmp_path / "made", study) / "EVIDENCE.txt").read_text(encoding="utf-8").split())
    assert "every count of people is a multiple of 5" in text
    assert "holds 3 earlier packages of this study." in text
    assert "12 figures are repeated from there, and 7 are withheld." in text


def test_what_the_team_approved_is_told_with_its_reason(source, project, tmp_path, without_browser):
    with (project / "data" / "tiny" / "study.yml").open("a") as file:
        file.write("sharing:\n  allowed:\n    - Marsh\n    - {word: 0123 456, reason: the number of a grant}\n")
    text = (make_package(source, tmp_path / "made", reading.read_study("tiny")) / "EVIDENCE.txt").read_text(encoding="utf-8")
    assert "- Marsh: no reason was given" in text and "- 0123 456: the number of a grant" in text


# --- the same inputs, the same bytes ----------------------------------------------------------------------------------


def test_the_same_edition_gives_the_same_bytes_in_another_place_at_another_time(source, study, tmp_path, without_browser):
    archives = []
    for k, place in enumerate(("here", "there")):
        moved = shutil.copytree(source, tmp_path / place / "source")
        folder = make_package(moved, tmp_path / place / "tiny_default", study)
        for path in folder.rglob("*.*"):
            os.utime(path, (1e9 + 1e7 * k, 1e9 + 1e7 * k))
            path.chmod(0o600 if k else 0o644)
        package.zip_folder(folder, tmp_path / f"{place}.zip")
        archives.append((tmp_path / f"{place}.zip").read_bytes())
    assert archives[0] == archives[1]


def test_a_zip_holds_its_folder_in_order_and_tells_no_day_system_or_user(packed, tmp_path):
    package.zip_folder(packed, tmp_path / "made.zip")
    with zipfile.ZipFile(tmp_path / "made.zip") as archive:
        entries = archive.infolist()
        assert archive.testzip() is None
        assert archive.read("tiny_default/run.json") == (packed / "run.json").read_bytes()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.filename.split("/")[0] for entry in entries} == {"tiny_default"}
    told = {(entry.date_time, entry.create_system, entry.external_attr >> 16) for entry in entries}
    assert told == {((1980, 1, 1, 0, 0, 0), 3, 0o100644)}


def test_a_zip_for_which_the_disk_is_too_small_leaves_the_last_one(packed, tmp_path, monkeypatch):
    target = tmp_path / "made.zip"
    target.write_bytes(b"the last one")

    def write_half(path, content):
        with path.open("wb") as file:
            file.write(content[:100])
        raise OSError(28, "no space left")

    monkeypatch.setattr(Path, "write_bytes", write_half)
    with pytest.raises(OSError, match="no space left"):
        package.zip_folder(packed, target)
    assert target.read_bytes() == b"the last one"


def test_the_workbook_tells_no_author_and_no_day(packed):
    core = parts_of((packed / "tables.xlsx").read_bytes())["docProps/core.xml"]
    assert re.findall(r">([^<]+)</(?:dc|cp|dcterms):", core) == [
        "A made-up study: tables", "1980-01-01T00:00:00Z", "1980-01-01T00:00:00Z",
    ]  # fmt: skip


# --- text stays text --------------------------------------------------------------------------------------------------


def test_text_in_a_csv_reads_as_it_was_typed(tmp_path):
    rows = pd.DataFrame({"=Column": HOSTILE, "Plain": [str(k) for k in range(len(HOSTILE))]})
    write_csv(rows, tmp_path / "table.csv")
    assert "'=1+1" in (tmp_path / "table.csv").read_text(encoding="utf-8-sig")
    assert package.read_csv(tmp_path / "table.csv").equals(rows)


def test_no_text_of_a_table_becomes_a_formula_a_link_or_the_mark_of_a_note(study):
    rows = pd.DataFrame({"Item": HOSTILE, "=1+1": HOSTILE[::-1], "$$a$$": HOSTILE})
    book = make_workbook(study, rows)
    for name, part in parts_of(book).items():
        assert "<f>" not in part and "<f " not in part, name
        assert 'TargetMode="External"' not in part, name
    loaded = openpyxl.load_workbook(io.BytesIO(book))
    table = list(loaded["Table 1.1"].iter_rows(min_row=3))
    assert [cell.value for cell in table[0]] == ["Item", "=1+1", "$ $a$ $"]
    assert [[cell.value for cell in row] for row in table[1:]] == rows.to_numpy().tolist()
    assert {cell.data_type for row in table for cell in row} == {"s"}
    links = [cell.hyperlink for sheet in loaded for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    assert [(link.location, link.target) for link in links] == [("'Table 1.1'!A1", None)]


@pytest.mark.parametrize("text", HOSTILE)
def test_titles_and_notes_stand_as_they_were_typed(study, text):
    rows = make_workbook(study, FIGURES, title=text, notes=text)
    sheet = [row[0].value for row in openpyxl.load_workbook(io.BytesIO(rows))["Table 1.1"].iter_rows(max_row=3)]
    assert sheet[0] == f"Table 1.1: {text}"
    assert sheet[2] == text
    assert "External" not in "".join(parts_of(rows).values())


def test_the_data_dictionary_holds_no_formula(tmp_path, study, without_browser):
    contents = [("Table", "Table 1.1", "1", "=1+1", "tables/01_table.csv", "", "", "")]
    source = write_source(tmp_path / "hostile", [pd.DataFrame({"=A": ["@b"], "+C": ["-d"]})], contents)
    packed = make_package(source, tmp_path / "made", study)
    for name in ("contents.csv", "data_dictionary.csv", "tables/01_table.csv"):
        cells = pd.read_csv(packed / name, dtype=str, keep_default_na=False, header=None, encoding="utf-8-sig")
        assert not cells.map(lambda text: text.startswith(render.FORMULA_STARTS)).any(axis=None), name
    assert '"=' not in (packed / "data_dictionary.csv").read_text(encoding="utf-8-sig")
    assert (packed / "data_dictionary.csv").read_text(encoding="utf-8-sig").startswith('"file","table",')


# --- the workbook -----------------------------------------------------------------------------------------------------


def test_the_workbook_has_a_cover_contents_and_one_table_a_sheet(packed):
    book = openpyxl.load_workbook(packed / "tables.xlsx")
    assert book.sheetnames == ["Cover", "Contents", "Table 1.1", "Table 1.2", "Figure 1.1"]
    assert [list(sheet.tables) for sheet in book][1:] == [
        ["contents_table"], ["table_1_1"], ["table_1_2"], ["figure_1_1"],
    ]  # fmt: skip
    assert sheet_rows(packed, "Contents")[3:] == [
        ["Table 1.1", "Table 1.1: Answers by band"], ["Table 1.2", "Table 1.2: Figures"],
        ["Figure 1.1", "Numbers behind Figure 1.1: A picture"],
    ]  # fmt: skip


def test_what_a_table_rests_on_and_its_notes_stand_above_it_and_signs_are_explained_on_the_cover(packed):
    rows = sheet_rows(packed, "Table 1.1")
    assert [row[0] for row in rows[:6]] == [
        "Table 1.1: Answers by band", "Made up",
        "This worksheet contains one table. Signs in it are explained on the worksheet Cover.",
        "First note.", "Second note.", "Item",
    ]  # fmt: skip
    cover = [str(row[0]) for row in sheet_rows(packed, "Cover")]
    assert [text.split()[0] for text in cover[-5:]] == ["[c]", "Least", "Low", "[none]", "[not"]
    assert "fewer than 7 people" in cover[-5]


def test_columns_stand_under_the_labels_of_the_list_and_rows_under_their_names(packed):
    assert sheet_rows(packed, "Table 1.1")[5:] == [
        ["Item", "Band", "Relevant", "People", "Of", "Share (%)", "Low", "Least", "Note"],
        ["A1 Sees the point", "Agree", "yes", "[c]", 40, "[c]", "[c]", 36, "[none]"],
        ["A2 Knows the plan", "Agree", "no", 34, 40, 85, 70.92953811, 34, "[not defined: nobody answered]"],
    ]  # fmt: skip


def test_cells_are_numbers_where_the_list_of_columns_says_so_and_marks_stay_marks(packed):
    header, *rows = sheet_rows(packed, "Table 1.2")[2:]
    table = dict(zip(header, zip(*rows, strict=True), strict=True))
    assert table["Construct"] == ("Sense", "Work", "Both")
    assert table["People"] == (40, "[c]", 0)
    assert table["Mean"] == (4.1, -0.5, "[c]")
    assert table["p"] == (0.605, 0.00001, "[none]")
    assert table["Printed"] == ("40", "< 5", "7")


def test_numbers_show_the_decimals_of_their_kind(packed):
    book = openpyxl.load_workbook(packed / "tables.xlsx")
    assert [cell.number_format for cell in book["Table 1.2"][4]] == ["General", "0.00", "0.000", "0", "General"]
    assert [cell.number_format for cell in book["Table 1.1"][8]][3:8] == ["0", "0", "0.0", "0.00", "0"]


@pytest.mark.parametrize("texts", [["007", "008"], ["26.", "17"], ["1234567890123456", "1"], ["1e5", "2"], ["1,000", "2"]])
def test_text_that_a_number_would_change_stays_text(study, texts):
    book = make_workbook(study, pd.DataFrame({"id": texts}))
    sheet = openpyxl.load_workbook(io.BytesIO(book))["Table 1.1"]
    assert [cell.value for cell in sheet["A"]][3:] == texts


def test_words_in_a_column_of_numbers_stay_words(study):
    book = make_workbook(study, pd.DataFrame({"n": ["3", "three", "nan", "12345678901234567890"]}))
    sheet = openpyxl.load_workbook(io.BytesIO(book))["Table 1.1"]
    assert [cell.value for cell in sheet["A"]][3:] == [3, "three", "nan", "12345678901234567890"]


def test_empty_cells_and_tables_read_none(study):
    blank = make_workbook(study, pd.DataFrame({"item": ["A1", "", "X"], "note": ["", "  ", ""]}))
    sheet = openpyxl.load_workbook(io.BytesIO(blank))["Table 1.1"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)] == [
        ["A1 Sees the point", "[none]"], ["[none]", "[none]"], ["X", "[none]"],
    ]  # fmt: skip
    empty = make_workbook(study, pd.DataFrame({"item": [], "note": []}, dtype=str))
    assert [cell.value for cell in openpyxl.load_workbook(io.BytesIO(empty))["Table 1.1"][4]] == ["[none]", "[none]"]


def test_columns_that_differ_in_case_alone_are_kept_apart(study):
    book = make_workbook(study, pd.DataFrame({"Item": ["A1"], "ITEM": ["2"], "item": ["3"]}))
    sheet = openpyxl.load_workbook(io.BytesIO(book))["Table 1.1"]
    assert [cell.value for cell in sheet[3]] == ["Item", "ITEM (2)", "Item (3)"]
    assert list(sheet.tables) == ["table_1_1"]


def test_long_text_is_wrapped_in_columns_of_a_width_that_can_be_read(study):
    book = make_workbook(study, pd.DataFrame({"Item": ["word " * 200], "n": ["1"]}))
    sheet = openpyxl.load_workbook(io.BytesIO(book))["Table 1.1"]
    assert 40 < sheet.column_dimensions["A"].width < 60
    assert 10 < sheet.column_dimensions["B"].width < 14
    assert sheet["A4"].alignment.wrap_text


# --- the data dictionary ----------------------------------------------------------------------------------------------


def test_the_data_dictionary_has_a_row_for_every_column_of_every_csv(packed):
    found = package.read_csv(packed / "data_dictionary.csv")
    for file, rows in found.groupby("file"):
        assert rows["column"].to_list() == list(package.read_csv(packed / file).columns)
    assert sorted(found["file"].unique()) == sorted(f"tables/{path.name}" for path in (packed / "tables").iterdir())


def test_the_data_dictionary_tells_label_type_meaning_and_what_is_withheld(packed):
    found = package.read_csv(packed / "data_dictionary.csv")
    assert list(found.columns) == ["file", "table", "column", "label", "type", "meaning"]
    columns = found[found["file"] != "tables/01_picture_data.csv"].set_index("column")
    types = columns["type"]
    assert types["denominator"] == "whole number"
    assert types["numerator"] == "whole number, some withheld: [c]"
    assert types["share"] == "number (per cent), some withheld: [c]"
    assert types["relevant"] == "True or False"
    assert types["item"] == types["printed"] == "text"
    assert columns.loc["denominator", ["label", "meaning"]].tolist() == ["Of", "number of people that the numerator is out of"]


def test_a_column_of_a_researchers_own_is_text_explained_by_the_title_of_its_table():
    assert dictionary.find_column("newness") == {
        "label": "newness", "kind": "text", "meaning": "a column of this study's own: see the title of the table",
    }  # fmt: skip
