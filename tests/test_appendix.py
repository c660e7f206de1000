"""The appendix as a reader meets it: in a real browser, offline, on a phone, and in its own file."""

import re

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import expect

from helpers import appendix

pytestmark = pytest.mark.xdist_group("finished")


@pytest.fixture(scope="module")
def path(finished):
    return finished / "outputs" / "lvrn_2024" / "default" / "appendix.html"


@pytest.fixture(scope="module")
def soup(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def test_it_opens_offline_without_a_request_an_error_or_a_message(path, browser):
    page = browser.new_page(offline=True)
    heard = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda request: heard.append(request.url) if not request.url.startswith(("file:", "data:")) else None)
    page.goto(path.as_uri())
    page.wait_for_load_state("load")
    assert heard == []
    assert page.title() == "Trauma-informed training in Lancashire: analysis appendix"
    page.close()


def test_every_contents_link_lands(path, browser):
    page = browser.new_page()
    page.goto(path.as_uri())
    links = page.locator("nav a")
    assert links.count() > 30
    missing = page.evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href').slice(1))"
        ".filter(id => !document.getElementById(id))"
    )
    assert missing == []
    target = links.nth(20).get_attribute("href")
    links.nth(20).click()
    expect(page.locator(target)).to_be_in_viewport()
    page.close()


def test_every_image_is_drawn_and_has_a_real_alternative_text(path, browser):
    page = browser.new_page()
    page.goto(path.as_uri())
    images = page.evaluate("[...document.images].map(i => [i.alt, i.complete && i.naturalWidth > 0])")
    assert len(images) >= 12
    for alt, drawn in images:
        assert drawn
        assert len(alt) > 40 and "No description" not in alt, alt
    assert len({alt for alt, _ in images}) == len(images)
    page.close()


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_nothing_but_wide_tables_and_figures_scrolls_sideways(path, browser, width):
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_ids_are_unique_and_headings_in_order(soup):
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    levels = [int(tag.name[1]) for tag in soup.find_all(re.compile("^h[1-6]$"))]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))


def test_figures_and_tables_are_numbered_and_captioned(soup):
    captions = [tag.get_text(" ", strip=True) for tag in soup.select("figcaption, .table caption")]
    numbers = [re.match(r"(Figure|Table) \d\.\d+ ?\.", text) for text in captions]
    assert all(numbers)
    assert len({match.group(0) for match in numbers}) == len(captions)


def test_code_is_folded_away(soup):
    assert soup.select("details.code pre")
    assert not soup.select("details.code[open]")


def test_a_banner_stands_first_and_every_result_of_the_survey_bears_its_mark(soup):
    """It must be impossible to read a simulated comparison as a finding about Lancashire."""
    assert "not findings about Lancashire" in " ".join(soup.select_one("header .banner").get_text(" ").split())
    marked = {"basis-joint": "Not a finding about Lancashire", "basis-margins": "Rebuilt from published"}
    for basis, words in marked.items():
        shown = soup.select(f".{basis}")
        assert shown
        for part in shown:
            assert words in part.get_text(" "), part
    # Of the notebooks on the survey, nothing but figures as published and sentences about the study goes unmarked.
    for section in ("s02", "s03"):
        part = soup.find(id=re.compile(f"^{section}-")).find_parent("section")
        for result in part.select("figure, .table, .finding"):
            assert result.select(".mark") or "basis-published" in result["class"], result


def test_it_ends_with_what_it_was_made_from(soup):
    made = soup.find(id="how-this-was-made").find_parent("section").get_text(" ")
    for words in ("min_group_size", "data/lvrn_2024/study.yml", "pandas", "Seconds"):
        assert words in made


def test_a_failed_notebook_is_never_stitched(tmp_path):
    import nbformat

    from helpers.study import WorkbookError

    notebook = nbformat.v4.new_notebook(metadata={"papermill": {"exception": True}})
    nbformat.write(notebook, tmp_path / "01_x.ipynb")
    with pytest.raises(WorkbookError, match="a notebook that failed"):
        appendix.read_section(tmp_path / "01_x.ipynb", None)


@pytest.mark.parametrize(("title", "anchor"), [("A & B <br> c?", "a-b-br-c"), ("???", "section")])
def test_every_heading_gets_an_anchor(title, anchor):
    assert appendix.slug(title) == anchor


def test_the_same_anchor_twice_is_told_apart():
    taken = set()
    assert [appendix.unused("x", taken) for _ in range(3)] == ["x", "x-2", "x-3"]
