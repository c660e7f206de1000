"""The first study's package, as `workbook share` makes it: what it holds, that it is read, and that it is the same again."""

import shutil
import zipfile

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from helpers.package import confidential, dictionary, scan
from helpers.package import package as packages
from helpers.page.tables import read_columns
from helpers.running import plan
from helpers.study import reading


def test_it_holds_the_page_the_tables_the_figures_and_what_explains_them(package, browser):
    held = {path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()}
    assert {
        "README.txt", "appendix.html", "appendix.pdf", "contents.csv", "data_dictionary.csv", "run.json",
        "summary_and_tables.docx", "tables.xlsx",
        "tables/02_answers_agreement_data.csv", "figures/00_areas.svg", "figures/00_areas.png",
    } <= held  # fmt: skip
    assert {path.split("/")[0] for path in held if "/" in path} == {"tables", "figures"}
    with zipfile.ZipFile(package.with_suffix(".zip")) as archive:
        packed = {name.removeprefix(f"{package.name}/"): archive.read(name) for name in archive.namelist()}
    assert packed == {name: (package / name).read_bytes() for name in held}


def test_its_pdf_is_tagged_with_bookmarks_and_page_numbers(package, browser):
    from pypdf import PdfReader

    printed = PdfReader(package / "appendix.pdf")
    assert printed.trailer["/Root"]["/MarkInfo"]["/Marked"] and len(printed.outline) > 1
    pages = [page.extract_text() for page in printed.pages]
    assert 5 < len(pages) <= 12  # what a funder reads on paper, the annex included
    assert all(f"{number} / {len(pages)}" in text for number, text in enumerate(pages, 1))


def read_edition(folder):
    """Every saved table as text, by its name."""
    return {
        path.name: pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig") for path in folder.glob("*.csv")
    }


@pytest.fixture(params=["team", "funder"])
def tables(request, finished, package):
    """The folder of all tables that a finished run has saved for the team, and for a funder."""
    return (package if request.param == "funder" else finished / "outputs/lvrn_2024/default") / "tables"


def test_every_column_of_every_table_is_in_the_list_of_columns(tables):
    read = read_edition(tables)
    assert len(read) == (12 if (tables.parent / "data_dictionary.csv").exists() else 51)  # a funder's, or the team's
    unknown = {(name, column) for name, rows in read.items() for column in rows if column not in read_columns().index}
    assert unknown == set()


def test_no_cell_of_a_figure_is_a_number_glued_to_words(tables):
    kinds = read_columns()["kind"]
    glued = {
        (name, column)
        for name, rows in read_edition(tables).items()
        for column in rows
        if kinds.get(column, "text") != "text" and rows[column].str.contains(r"\d+ \(|\d+ of \d+|\d%|\d to \d").any()
    }
    assert glued == set()


def test_pandas_reads_numbers_in_every_column_of_figures(tables):
    figures = read_columns()["kind"].isin(["count", "percent", "percent1", "number", "number1", "p"])
    marks = ["[c]"] if (tables.parent / "data_dictionary.csv").exists() else []  # only a funder's have any
    words = {
        (path.name, column)
        for path in tables.glob("*.csv")
        for column, cells in pd.read_csv(path, na_values=marks, encoding="utf-8-sig").items()
        if figures.get(column, False) and not pd.api.types.is_numeric_dtype(cells)
    }
    assert words == set()


def test_the_package_explains_every_column_of_its_tables(package):
    explained = pd.read_csv(package / "data_dictionary.csv")
    assert len(explained) > 50
    assert explained[explained["meaning"] == dictionary.UNKNOWN["meaning"]].empty


def test_no_page_of_it_shows_a_bare_object_and_the_rules_stand_in_it(package):
    page = BeautifulSoup((package / "appendix.html").read_text(encoding="utf-8"), "html.parser")
    text = page.get_text(" ")
    assert " nan " not in text and "<NA>" not in text
    assert "Counts of 1 to 4 people are withheld" in text
    assert not page.select("details.code, pre")


def test_the_scan_finds_nothing_in_its_zip_file(package, finished, tmp_path, monkeypatch):
    """The folder, which holds the same, was searched when it was made."""
    monkeypatch.chdir(finished)
    shutil.copy(package.with_suffix(".zip"), tmp_path)
    assert scan.scan_folder(tmp_path, confidential.gather_secrets(reading.read_study("lvrn_2024"))) == []


def test_it_is_the_same_when_it_is_made_again(package, finished, monkeypatch):
    monkeypatch.chdir(finished)
    monkeypatch.setattr(scan, "scan_folder", lambda folder, secrets: [])  # searched when it was made
    before = package.with_suffix(".zip").read_bytes()
    # As if the first had never been made: the ledger would have the second say which of its figures are earlier ones.
    shutil.rmtree(finished / "data" / "lvrn_2024" / "releases")
    package.with_suffix(".zip").unlink()
    again = packages.make_package(plan.Order("lvrn_2024"))
    assert again.outcome.executed == []
    assert again.archive.read_bytes() == before
