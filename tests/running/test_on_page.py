"""What a reader can choose on the page: the page then shows what a run with those values shows."""

import re
import shutil

import pytest
from bs4 import BeautifulSoup
from conftest import write_project
from toys import OWN, call, digests, write_notebook

from helpers.running import pipeline, sweep
from helpers.running.plan import Order

SHOWN = '''from helpers.page.page import open_page
import pandas as pd
import seaborn as sns

page = open_page(study, run, 1, audience, threshold)
# What only looks like a drawing is text.
frame = pd.DataFrame({"item": ["a", "data:image/svg+xml;base64,b"], "n": [value, value * times]})


def draw(rows):
    return sns.barplot(rows, x="n", y="item")


def say(rows):
    return f"It is {rows['n'].iloc[1]}."'''


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """A notebook whose figure, table and sentences follow two parameters, after a sweep and a run.

    One of its questions has no answer from 4 on.
    """
    with pytest.MonkeyPatch.context() as patch:
        project = write_project(tmp_path_factory.mktemp("swept"), patch)
        write_notebook(project, "01_show", OWN + "value: int = 2  # a number\ntimes: int = 3  # a factor", [
            SHOWN, "## How much?", 'page.say(say, frame, key="much")', "page.table(frame, 'much', 'How much')",
            'page.figure(draw, frame, key="bars", title=say, alt="Two bars, the numbers of a and b.")',
            "## Is it less than four?", "page.table(frame.head(2 if value < 4 else 0), 'less', 'What is less')",
            "## Always", "page.table(frame[['item']], 'always', 'Items')", "page.close()",
        ], needs=["survey"], bounds={"value": [0, 99]})  # fmt: skip
        (project / "data" / "tiny" / "sweep.yml").write_text("on_page: {value: [2, 5], times: [3, 4]}\n")
        said = sweep.make_sweep("tiny")[1]["state"].tolist(), sweep.make_pages("tiny")
        pipeline.make_run(Order("tiny"))
    return project, said


@pytest.fixture
def toys(swept, tmp_path, monkeypatch):
    """A copy of it."""
    shutil.copytree(swept[0], tmp_path / "toys")
    monkeypatch.chdir(tmp_path / "toys")
    return tmp_path / "toys"


def appendix(project, run="default"):
    return project / "outputs" / "tiny" / run / "appendix.html"


def read(node):
    """What a section shows: its words with those of tables, and its pictures."""
    return node.evaluate(
        """node => [...node.querySelectorAll("h2, h3, p, td, th, figcaption, caption, img, source")].map(part =>
        part.src || part.srcset || part.textContent.replace(/\\s+/g, " ").trim())"""
    )


def test_the_page_shows_what_a_run_with_the_chosen_values_shows(swept, toys, browser):
    assert swept[1] == (["done"], (4, 4, []))
    pages = {}
    for value, times in ((2, 4), (5, 4)):
        label = f"other-{value}-{times}"
        pipeline.make_run(Order("tiny", run=label, parameters={"value": value, "times": times}))
        pages[value, times] = appendix(toys, label)
    context = browser.new_context()
    page, failed = context.new_page(), []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.on("console", lambda message: failed.append(message.text) if message.type == "error" else None)
    page.goto(appendix(toys).as_uri())
    section, status = page.locator("main > section[data-of='01']"), page.locator("form.choose [role=status]")
    before, contents = read(section), page.locator("nav ol").inner_text()
    assert page.locator("select[name=value] option").all_inner_texts() == ["2 (reported)", "5"]
    for (value, times), path in pages.items():
        other = context.new_page()
        other.goto(path.as_uri())
        page.select_option("select[name=value]", label=str(value) if value == 5 else "2 (reported)")
        page.select_option("select[name=times]", label=str(times) if times == 4 else "3 (reported)")
        page.wait_for_function(
            "words => document.querySelector('main > section').textContent.includes(words)", arg=f"It is {value * times}."
        )
        assert read(section) == read(other.locator("main > section").first)
        assert page.locator("nav ol").inner_text() == other.locator("nav ol").inner_text()
        assert page.locator("[aria-label=Parameters] tr", has_text="value").locator("td").text_content().startswith(str(value))
    assert "Not what is reported" in status.inner_text() and page.locator(".other").count() > 3
    # What is new on the page has the same help as the rest of it.
    assert page.locator(".other .tools button", has_text="Download").count() == page.locator(".other table").count() > 0
    page.click("form.choose button")
    page.locator("form.choose:not(.changed)").wait_for()
    assert (read(section), page.locator("nav ol").inner_text(), status.inner_text()) == (before, contents, "")
    assert failed == []
    context.close()


def test_a_choice_that_is_taken_back_at_once_leaves_the_page_as_reported(toys, browser):
    page = browser.new_page()
    page.goto(appendix(toys).as_uri())
    page.evaluate(
        """async () => {
            const form = document.querySelector("form.choose"), select = form.querySelector("select[name=value]");
            const chosen = [1, 0].map(place => { select.selectedIndex = place; return form.onchange(); });
            await Promise.all(chosen);
        }"""
    )
    assert page.locator("form.choose").get_attribute("class") == "choose"
    assert page.locator("form.choose [role=status]").inner_text() == "" and page.locator(".other").count() == 0
    page.close()


def test_whatever_a_study_s_own_notebook_shows_its_parts_stay_in_place(toys, browser, capsys, monkeypatch):
    """Bare text and a block in a paragraph, which a browser takes apart; a table without a box; the same words twice."""
    odd = 'HTML("bare <b>text</b> <p>one<div>two</div></p>")'
    write_notebook(toys, "01_show", OWN + "value: int = 2  # a number\ntimes: int = 3  # a factor", [
        SHOWN + "\nfrom IPython.display import HTML", "## How much?\n\n| a | b |\n|---|---|\n| 1 | 2 |", odd, "frame",
        'page.say("The same.")', 'page.say("The same.")', "page.say(say, frame)", "## Always", 'page.say("The same.")',
        "page.table(frame[['item']], 'always', 'Items')", "page.close()",
    ], needs=["survey"], bounds={"value": [0, 99]})  # fmt: skip
    call("sweep", "tiny", capsys=capsys, monkeypatch=monkeypatch)
    pipeline.make_run(Order("tiny"))
    pipeline.make_run(Order("tiny", run="other", parameters={"value": 5}))
    page, other = browser.new_page(), browser.new_page()
    page.goto(appendix(toys).as_uri())
    other.goto(appendix(toys, "other").as_uri())
    section = page.locator("main > section").first
    before = section.inner_text()
    page.select_option("select[name=value]", label="5")
    page.locator("form.changed").wait_for()
    assert section.inner_text() == other.locator("main > section").first.inner_text() != before
    assert before.count("The same.") == 3
    page.focus("form.choose button")
    page.keyboard.press("Enter")
    page.locator("form.choose:not(.changed)").wait_for()
    assert section.inner_text() == before
    # The keyboard's place is not lost with the button, and what is announced has a place before it is said.
    assert page.evaluate("document.activeElement.name") == "value"
    assert page.locator("form.choose [role=status]").evaluate("node => getComputedStyle(node).display") != "none"
    page.close(), other.close()


def test_without_its_script_and_for_a_funder_there_is_nothing_to_choose(toys, browser):
    page = browser.new_page(java_script_enabled=False)
    page.goto(appendix(toys).as_uri())
    assert page.locator("form.choose").is_hidden()
    page.close()
    pipeline.make_run(Order("tiny", audience="funder"), lambda folder, plan: None)
    soup = BeautifulSoup(appendix(toys, "default-funder").read_text(encoding="utf-8"), "html.parser")
    assert soup.find("form") is None and len(soup.find_all("script")) == 1


def test_pages_that_are_there_are_not_made_again_and_old_ones_are_left_out_with_a_note(toys, capsys, monkeypatch):
    kept = toys / "outputs" / "tiny" / "sweeps" / "sweep" / "pages"
    before = {path.name: path.stat().st_mtime_ns for path in kept.iterdir()}
    next(kept.iterdir()).unlink()
    status, said = call("sweep", "tiny", capsys=capsys, monkeypatch=monkeypatch)
    assert status == 0 and "4 of 4 pages for readers to choose from: `workbook run tiny` puts them into its page." in said, said
    after = {path.name: path.stat().st_mtime_ns for path in kept.iterdir()}
    assert before.keys() == after.keys() and len(before.items() & after.items()) == 3
    assert '<form class="choose"' in appendix(toys).read_text(encoding="utf-8")
    survey = toys / "data" / "tiny" / "survey.csv"
    survey.write_text(survey.read_text() + "\n")
    made = pipeline.make_run(Order("tiny"))
    assert "What readers can choose on the page is missing or out of date: `workbook sweep tiny` makes it." in made.notes
    assert '<form class="choose"' not in (made.folder / "appendix.html").read_text(encoding="utf-8")


def test_a_run_with_a_value_that_is_not_offered_has_nothing_to_choose_and_says_why(toys, capsys, monkeypatch):
    (toys / "data" / "tiny" / "sweep.yml").write_text("on_page: {value: [2, 5]}\n")
    call("sweep", "tiny", capsys=capsys, monkeypatch=monkeypatch)
    for given in ({"value": 7}, {"value": 5, "times": 4}):
        made = pipeline.make_run(Order("tiny", parameters=given))
        assert "Readers cannot choose on this page: its own values are none of those under" in " ".join(made.notes)
        assert '<form class="choose"' not in (made.folder / "appendix.html").read_text(encoding="utf-8")
    made = pipeline.make_run(Order("tiny", parameters={"value": 5}))
    assert '<option value="1" selected>5 (reported)' in (made.folder / "appendix.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("on_page: {valu: [2]}", r"sweep\.yml, on_page\.valu: found a name that no notebook has"),
        ("on_page: {value: [200]}", r"sweep\.yml, on_page\.value: found 200"),
        ("on_page: {value: []}", r"sweep\.yml, on_page\.value: found an empty list"),
    ],
)
def test_a_wrong_value_is_told_before_anything_runs(toys, capsys, monkeypatch, text, message):
    (toys / "data" / "tiny" / "sweep.yml").write_text(text)
    before = digests(toys / "outputs" / "tiny")
    status, said = call("sweep", "tiny", capsys=capsys, monkeypatch=monkeypatch)
    assert status == 2 and re.search(message, said) and "Traceback" not in said, said
    assert digests(toys / "outputs" / "tiny") == before


def test_a_page_that_cannot_be_made_is_told_and_the_others_are_kept(toys, capsys, monkeypatch):
    path = toys / "notebooks" / "01_show.ipynb"
    path.write_text(path.read_text().replace('"n\\": [value', '"n\\": [12 // (value - 5) or value'))
    status, said = call("sweep", "tiny", capsys=capsys, monkeypatch=monkeypatch)
    assert status == 1 and '"value": 5' in said and "ZeroDivisionError" in said and "2 of 4 pages" in said, said
    assert len([*(toys / "outputs" / "tiny" / "sweeps" / "sweep" / "pages").iterdir()]) == 2


def test_without_choices_on_the_page_a_sweep_needs_only_the_survey(toys, capsys, monkeypatch):
    folder = toys / "data" / "tiny"
    (folder / "sweep.yml").write_text("parameters: {value: [2, 5]}\n")
    write_notebook(toys, "02_talk", OWN, ["study"], needs=["interviews"])
    interviews = "interviews: {participants: talk.csv, segments: talk.csv, codes: talk.csv}\n"
    (folder / "talk.csv").write_text("wrong\n1\n")
    (folder / "study.yml").write_text((folder / "study.yml").read_text() + interviews)
    status, said = call("sweep", "tiny", capsys=capsys, monkeypatch=monkeypatch)
    assert status == 0 and "2 cells: 2 done" in said, said
