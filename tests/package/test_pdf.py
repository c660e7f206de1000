"""The PDF of an appendix."""

from __future__ import annotations

import io
import os
import stat
import sys
import time

import pypdf
import pytest

from helpers.package import pdf

PAGE = """<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>A page &amp; its title</title></head><body>
<h1>A page &amp; its title</h1><p><a href="#end">To the end</a> <a href="#nowhere">Nowhere</a></p><h2 id="end">The end</h2>
<table><caption>Table</caption><tr><th scope="col">Item</th></tr><tr><td>A1</td></tr></table></body></html>"""

posix = pytest.mark.skipif(sys.platform == "win32", reason="the made-up browser is a shell script")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("pdf") / "a secret folder" / "appendix.html"
    path.parent.mkdir()
    path.write_text(PAGE, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def printed(page):
    """The page printed by a real browser."""
    if pdf.find_browser() is None:
        if os.environ.get("BROWSER_TESTS") == "required":
            pytest.fail("no browser of the Chromium family is installed")
        pytest.skip("no browser of the Chromium family is installed")
    target = page.with_name("printed.pdf")
    assert pdf.print_page(page, target) == ""
    return target


def made_up_browser(folder, script):
    """A program that prints by this shell script; `$pdf` is the file that it is asked for."""
    program = folder / "browser"
    find = 'for word in "$@"; do case "$word" in --print-to-pdf=*) pdf="${word#--print-to-pdf=}";; esac; done\n'
    program.write_text("#!/bin/sh\n" + find + script + "\n", encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(program)


def test_a_printed_page_is_tagged_and_has_bookmarks_title_and_language(printed):
    reader = pypdf.PdfReader(printed)
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712  (a PDF's own kind of true)
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == "en-GB"
    assert reader.metadata.title == "A page & its title"
    first, below = reader.outline
    assert (first.title, below[0].title) == ("A page & its title", "The end")


def test_a_printed_page_tells_no_path_of_the_machine(printed):
    reader = pypdf.PdfReader(printed)
    content = printed.read_bytes() + b"".join(stream(reader)) + "".join(page.extract_text() for page in reader.pages).encode()
    assert b"secret" not in content
    assert b"file:" not in content


def stream(reader):
    """What a PDF's streams hold, unpacked."""
    for page in reader.pages:
        yield page.get_contents().get_data()


def test_printing_twice_gives_the_same_bytes(page, printed):
    again = page.with_name("again.pdf")
    time.sleep(1.1)  # a PDF tells the second in which it was made
    assert pdf.print_page(page, again) == ""
    assert again.read_bytes() == printed.read_bytes()


def test_dates_and_counts_of_tags_are_made_the_same_without_moving_anything():
    one = b"<</CreationDate (D:20300102030405+00'00')>> /ID (node00000565) /Headers [(node00000567)]"
    other = b"<</CreationDate (D:20310203040506+00'00')>> /ID (node00000005) /Headers [(node00000007)]"
    assert pdf.steady(one) == pdf.steady(other)
    assert len(pdf.steady(one)) == len(one)
    assert b"(node00000002)" in pdf.steady(one)


def test_without_a_browser_there_is_no_pdf_and_a_reason(page, monkeypatch):
    monkeypatch.setattr(pdf, "find_browser", lambda: None)
    target = page.with_name("appendix.pdf")
    assert "no browser of the Chromium family" in pdf.print_page(page, target)
    assert not target.exists()


def test_a_browser_is_found_on_the_path_and_none_where_there_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pdf, "APPLICATIONS", [])
    assert pdf.find_browser() is None
    program = tmp_path / ("brave-browser.exe" if sys.platform == "win32" else "brave-browser")
    program.touch(0o755)
    assert pdf.find_browser() == str(program)


def test_a_browser_is_found_where_windows_keeps_programs(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PROGRAMFILES(X86)", str(tmp_path))
    monkeypatch.setattr(pdf, "APPLICATIONS", [])
    program = tmp_path / "Microsoft" / "Edge" / "Application" / "msedge.exe"
    program.parent.mkdir(parents=True)
    program.touch(0o755)
    assert pdf.find_browser() == str(program)


@posix
@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("exit 3", "it ended with status 3"),
        ("exit 0", "it made no file"),
        ('echo "no PDF at all" > "$pdf"', "made no PDF that can be read"),
        ("sleep 30", "it had not finished after 0.5 seconds"),
    ],
)
def test_a_browser_that_fails_leaves_no_pdf_and_a_reason(page, monkeypatch, script, reason):
    monkeypatch.setattr(pdf, "find_browser", lambda: made_up_browser(page.parent, script))
    monkeypatch.setattr(pdf, "PRINT_SECONDS", 0.5)
    target = page.with_name("appendix.pdf")
    assert reason in pdf.print_page(page, target)
    assert not target.exists()


def test_a_browser_that_cannot_be_started_leaves_a_reason(page, monkeypatch):
    monkeypatch.setattr(pdf, "find_browser", lambda: str(page))
    assert "could not print it" in pdf.print_page(page, page.with_name("appendix.pdf"))


@posix
def test_what_a_browser_started_is_stopped_with_it(tmp_path):
    late = tmp_path / "late"
    problem = pdf.run_for(["sh", "-c", f"(sleep 1; touch '{late}') & wait"], 0.3)
    assert "had not finished" in problem
    time.sleep(1.2)
    assert not late.exists()


@pytest.mark.parametrize(
    ("title", "outlined", "tagged", "problem"),
    [
        ("A page & its title", True, True, ""),
        ("This site can’t be reached", True, True, "printed something else"),
        ("A page & its title", False, True, "too old"),
        ("A page & its title", True, False, "too old"),
    ],
)
def test_a_pdf_of_something_else_or_without_tags_or_bookmarks_is_refused(page, title, outlined, tagged, problem):
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.add_metadata({"/Title": title})
    if outlined:
        writer.add_outline_item(title="The end", page_number=0)
    if tagged:
        writer.root_object[pypdf.generic.NameObject("/StructTreeRoot")] = pypdf.generic.DictionaryObject()
    stream = io.BytesIO()
    writer.write(stream)
    found = pdf.check_print(stream.getvalue(), page)
    assert found == "" if not problem else problem in found


@posix
def test_what_a_browser_prints_lies_beside_the_page_so_that_a_kill_leaves_nothing_elsewhere(page, tmp_path, monkeypatch):
    monkeypatch.setattr(pdf, "find_browser", lambda: made_up_browser(tmp_path, f'echo "$pdf" > "{tmp_path}/asked"'))
    pdf.print_page(page, page.with_name("appendix.pdf"))
    assert (tmp_path / "asked").read_text().startswith(f"{page.parent}/.print-")
    assert not list(page.parent.glob(".print-*"))
