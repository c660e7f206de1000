"""The first study's package, as `workbook share` makes it: what it holds, that it is read, and that it is the same again."""

import zipfile

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from helpers.package import confidential, dictionary, scan, share
from helpers.running import plan
from helpers.study import reading

pytestmark = pytest.mark.xdist_group("finished")


def test_it_holds_the_page_the_tables_the_figures_and_what_explains_them(package, browser):
    held = {path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()}
    assert {
        "README.txt", "appendix.html", "appendix.pdf", "contents.csv", "data_dictionary.csv", "run.json", "tables.xlsx",
        "tables/02_bands_agreement.csv", "figures/05_joint.svg", "figures/05_joint.png",
    } <= held  # fmt: skip
    assert {path.split("/")[0] for path in held if "/" in path} == {"tables", "figures"}
    with zipfile.ZipFile(package.with_suffix(".zip")) as archive:
        assert {name.removeprefix(f"{package.name}/") for name in archive.namelist()} == held


def test_its_pdf_is_tagged_with_bookmarks_and_page_numbers(package, browser):
    from pypdf import PdfReader

    printed = PdfReader(package / "appendix.pdf")
    assert printed.trailer["/Root"]["/MarkInfo"]["/Marked"] and len(printed.outline) > 1
    pages = [page.extract_text() for page in printed.pages]
    assert len(pages) > 10
    assert all(f"{number} / {len(pages)}" in text for number, text in enumerate(pages, 1))


def test_every_column_of_its_tables_is_explained(package):
    explained = pd.read_csv(package / "data_dictionary.csv")
    assert len(explained) > 50
    assert explained[explained["holds"].str.startswith(dictionary.UNKNOWN)].empty


def test_no_page_of_it_shows_a_bare_object_and_the_rules_stand_in_it(package):
    page = BeautifulSoup((package / "appendix.html").read_text(encoding="utf-8"), "html.parser")
    text = page.get_text(" ")
    assert " nan " not in text and "<NA>" not in text
    assert "Counts of 1 to 4 people are withheld" in text
    assert not page.select("details.code, pre")


def test_the_scan_finds_nothing_in_it_or_in_its_zip_file(package, finished, monkeypatch):
    monkeypatch.chdir(finished)
    assert scan.scan_folder(package.parent, confidential.gather_secrets(reading.read_study("lvrn_2024"))) == []


def test_it_is_the_same_when_it_is_made_again(package, finished, monkeypatch):
    monkeypatch.chdir(finished)
    before = package.with_suffix(".zip").read_bytes()
    again = share.make_package(plan.Order("lvrn_2024"))
    assert again.outcome.executed == []
    assert again.archive.read_bytes() == before
