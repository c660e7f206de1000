"""The appendix as a reader meets it: in a real browser, offline, on a phone, and in its own file."""

import re
import time

import matplotlib.pyplot as plt
import nbformat
import pandas as pd
import pytest
import yaml
from bs4 import BeautifulSoup
from conftest import write_project
from playwright.sync_api import expect
from pypdf import PdfReader

from helpers.disclosure.rules import describe_rules
from helpers.page import render
from helpers.page.page import Page
from helpers.running import appendix
from helpers.study import errors, reading, runs


@pytest.fixture(scope="module")
def path(shared_run):
    return shared_run / "outputs" / "lvrn_2024" / "default" / "appendix.html"


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
    sections = page.locator("nav ol > li > a")
    target = sections.nth(3).get_attribute("href")
    sections.nth(3).click()
    expect(page.locator(target)).to_be_in_viewport()
    page.close()


def test_every_image_is_drawn_and_has_a_real_alternative_text(path, browser):
    page = browser.new_page()
    page.goto(path.as_uri())
    images = page.evaluate("[...document.images].map(i => [i.alt, i.complete && i.naturalWidth > 0])")
    assert len(images) >= 10
    for alt, drawn in images:
        assert drawn
        assert len(alt) > 40 and "No description" not in alt, alt
    assert len({alt for alt, _ in images}) == len(images)
    page.close()


def test_nothing_but_wide_tables_and_figures_scrolls_sideways(path, browser):
    page = browser.new_page()
    page.goto(path.as_uri())
    for width in (320, 360, 768, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    contents = page.locator("nav")
    assert contents.evaluate("nav => nav.scrollWidth <= nav.clientWidth")
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


def test_a_time_is_told_as_people_read_it(soup):
    assert re.search(r"Made \d+ [A-Z][a-z]+ \d{4}, \d\d:\d\d UTC with", soup.get_text(" "))
    assert render.name_moment("2030-01-02T03:04:05+00:00") == "2 January 2030, 03:04 UTC"


def test_each_section_says_once_what_is_made_up_and_signs_what_published_figures_do_not_fix(soup):
    """It must be impossible to read a simulated comparison as a finding about Lancashire."""
    for number in ("01", "02", "03"):
        section = soup.find(id=re.compile(f"^s{number}-")).find_parent("section")
        assert section.get_text(" ").count("not a finding about Lancashire") == 1
        for part in section.select("figure, .table, .finding, .answer"):
            signed = bool(
                part.select("figcaption .sign, caption .sign") or "basis-" in str(part) and part.select(":scope > .sign")
            )
            assert signed == ("basis-joint" in part["class"]), part
    assert not soup.select(".basis-margins > .sign, .basis-published > .sign")


def test_figures_and_tables_stand_in_the_order_of_their_numbers(soup):
    """But for what is folded into a figure or an annex, which has no number of its own."""
    for section in soup.select("main > section"):
        for kind in ("figure", "table"):
            numbers = [int(part["id"].rsplit("-", 1)[1]) for part in section.find_all(id=re.compile(rf"^{kind}-\d+-\d+$"))
                       if part.name != "span" and "withheld" not in part.get("class", [])]  # fmt: skip
            assert numbers == sorted(numbers)


def test_it_ends_with_what_it_was_made_from(soup):
    made = soup.find(id="how-this-was-made").find_parent("details").get_text(" ")
    for words in ("min_group_size", "data/lvrn_2024/study.yml", "pandas", "Seconds"):
        assert words in made


def test_a_failed_notebook_is_never_stitched(tmp_path):
    notebook = nbformat.v4.new_notebook(metadata={"papermill": {"exception": True}})
    nbformat.write(notebook, tmp_path / "01_x.ipynb")
    with pytest.raises(errors.WorkbookError, match="a notebook that failed"):
        appendix.make_section(tmp_path / "01_x.ipynb", "team")


# --- a page made by hand: one of each thing that an appendix can hold ---------------------------------------------------

RECORD = {
    "study": "tiny", "run": "default", "threshold": 5, "parameters": {"wave": "", "seed": 1}, "versions": {"pandas": "3"},
}  # fmt: skip
AXE = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def prose(source):
    return nbformat.v4.new_markdown_cell(source)


def code(*shown, source="secret = 1", told=True):
    """A cell and what it showed, marked as `page` marks it."""
    kinds = [{"text/html": html, "text/plain": "<a repr>"} for html in shown]
    outputs = [nbformat.v4.new_output("execute_result", kind, metadata={"workbook": {"told": told}}) for kind in kinds]
    return nbformat.v4.new_code_cell(source, outputs=outputs)


def notebook_of(*cells):
    return nbformat.v4.new_notebook(cells=list(cells), metadata={"workbook": {"title": "A notebook"}})


def show_everything(run, text):
    """A figure, a short and a long table, a sentence and lists, each of which holds `text` wherever it can hold any."""
    page = Page(run, notebook=1)

    def draw(frame):
        axes = plt.subplots()[1]
        axes.plot([1, 2])
        return axes

    short = pd.DataFrame({"Group": [text, "South"], text: ["[c]", "5"]})
    wide = pd.DataFrame({f"Educational needs {k} of the table": [1.5, 2.5] for k in range(20)})
    rows = pd.DataFrame({"Row": [f"row {k} begins and goes on {'for a while ' * 45}and ends {k}" for k in range(60)]})
    page.say(text, key=text)
    findings = pd.DataFrame(page.findings.values()).assign(topic=text)
    return [
        page.figure(draw, short.join(wide.iloc[:, :10]), key="one", title=text, alt=text),
        page.table(short, "short", text, notes=text),
        page.table(wide, "wide", "A wide table"),
        page.table(rows.assign(Number=range(60), Text=text, Formula="=1+1"), "long", "A long table"),
        page.table(wide.iloc[:, :9], "nine", "A table of nine columns"),
        page.say(text, key=text),
        page.show_findings(findings),
        page.show_list(lambda study: [text], run.study),
    ]


def make_page(folder, text="A plain text", audience="team", **said):
    definition = yaml.safe_load((folder / "data" / "tiny" / "study.yml").read_text(encoding="utf-8")) | said
    (folder / "data" / "tiny" / "study.yml").write_text(yaml.safe_dump(definition), encoding="utf-8")
    run = runs.open_run("tiny")
    shown = [output.data for output in show_everything(run, text)]
    notebook = notebook_of(
        prose("# 1. A notebook\n\nIt shows."), code(), prose("## What is there?\n\nIt is said how."), *map(code, shown),
        prose("## What limits it?\n\n- Much."),
        code('<p class="saved">Saved with this notebook: all.</p>', source="page.close()", told=False),
    )  # fmt: skip
    nbformat.write(notebook, folder / "01_x.ipynb")
    target = folder / f"{audience}.html"
    appendix.stitch(run.study, [folder / "01_x.ipynb"], RECORD, audience, target)
    return target


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The page made by hand, for tests that read it."""
    with pytest.MonkeyPatch.context() as patch:
        return make_page(write_project(tmp_path_factory.mktemp("made"), patch))


@pytest.fixture
def open_page(browser):
    """Opens a page in a context of its own; what the context is told stands in the test."""
    contexts = []

    def open_it(path, width=1280, **told):
        contexts.append(browser.new_context(viewport={"width": width, "height": 800}, **told))
        page = contexts[-1].new_page()
        page.goto(path.as_uri())
        return page

    yield open_it
    for context in contexts:
        context.close()


def unfold(page):
    page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")


def keep_few(page):
    """The rows of a table are alike, and so are pieces of code of one class; axe takes its time over each."""
    alike = "tbody tr:nth-child(n+3), section > details.code:nth-of-type(n+8)"
    page.evaluate(f"document.querySelectorAll('{alike}').forEach(part => part.remove())")
    page.evaluate(
        "(() => { const seen = {}; document.querySelectorAll('details.code span').forEach(part => {"
        "const kind = part.className; seen[kind] = (seen[kind] || 0) + 1; if (seen[kind] > 3) part.remove(); }); })()"
    )


@pytest.fixture(scope="module")
def unfolded(browser):
    """Opens a page once, with every fold open, for axe; the width and the scheme of colours stand in the test."""
    opened = {}

    def show(path, width=1280, scheme="light"):
        if path not in opened:
            opened[path] = browser.new_context(bypass_csp=True).new_page()
            opened[path].goto(path.as_uri())
            unfold(opened[path])
            keep_few(opened[path])
        opened[path].set_viewport_size({"width": width, "height": 800})
        opened[path].emulate_media(color_scheme=scheme)
        return opened[path]

    yield show
    for page in opened.values():
        page.context.close()


def find_violations(page, **options):
    from axe_playwright_python.sync_playwright import Axe

    options = {"runOnly": {"type": "tag", "values": AXE}, "resultTypes": ["violations"]} | options
    found = Axe().run(page, options=options).response
    assert found["passes"]
    return [(rule["id"], node["html"]) for rule in found["violations"] for node in rule["nodes"]]


# --- WCAG 2.2 AA --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_axe_finds_nothing_with_every_fold_open(path, unfolded, width):
    # Contrast, which does not depend on the width and takes most of the time, has a test of its own.
    assert find_violations(unfolded(path, width), rules={"color-contrast": {"enabled": False}}) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_enough_contrast(path, unfolded, scheme):
    assert find_violations(unfolded(path, scheme=scheme), runOnly={"type": "rule", "values": ["color-contrast"]}) == []


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (768, "light"), (1280, "light")])
def test_axe_finds_nothing_in_a_funders_package(shared_run, unfolded, width, scheme):
    path = shared_run / "outputs/lvrn_2024/default-share/lvrn_2024_default/appendix.html"
    assert find_violations(unfolded(path, width, scheme)) == []


def test_a_keyboard_reaches_everything_and_its_focus_is_seen(made, open_page):
    page = open_page(made, width=400, reduced_motion="reduce")
    # What can be used and is drawn: links, folds, buttons, fields, and tables and figures that scroll.
    page.evaluate(
        "[...document.querySelectorAll('a, summary, button, input, .scroll')].filter(part => part.checkVisibility({"
        "contentVisibilityAuto: true}) && (!part.matches('.scroll') || part.scrollWidth > part.clientWidth))"
        ".forEach((part, k) => part.dataset.stop = k)"
    )
    wanted = page.evaluate("document.querySelectorAll('[data-stop]').length")
    reached = []
    for _ in range(wanted):
        page.keyboard.press("Tab")
        stop, outline, seen = page.evaluate(
            "(() => { const part = document.activeElement, box = part.getBoundingClientRect();"
            "return [part.dataset.stop, getComputedStyle(part).outlineStyle + getComputedStyle(part).outlineWidth,"
            "box.bottom > 0 && box.top < innerHeight && box.right > 0]; })()"
        )
        assert (outline, seen) == ("solid3px", True), stop
        reached.append(int(stop))
    assert reached == list(range(wanted)) and wanted > 15


def test_the_skip_link_leads_past_the_contents(made, open_page):
    page = open_page(made)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "1. A notebook"


# WCAG 1.4.12: what a reader may set without losing anything.
SPACING = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
SPACING += "p { margin-bottom: 2em !important }"


def test_wider_spacing_cuts_no_text_and_does_not_make_the_page_scroll_sideways(path, open_page):
    page = open_page(path, width=320)
    unfold(page)
    page.add_style_tag(content=SPACING)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    cut = page.evaluate(
        "[...document.querySelectorAll('body *:not(.unseen, thead)')].filter(part => "
        "getComputedStyle(part).overflowY === 'hidden' && part.scrollHeight > part.clientHeight + 1)"
        ".map(part => part.outerHTML.slice(0, 80))"
    )
    assert cut == []


@pytest.mark.parametrize(("motion", "behaviour"), [("reduce", "auto"), ("no-preference", "smooth")])
def test_nothing_moves_for_whoever_asks_for_less_motion(made, open_page, motion, behaviour):
    page = open_page(made, reduced_motion=motion)
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == behaviour


def test_a_dark_page_keeps_its_figures_on_white_and_prints_dark_on_light(made, open_page):
    page = open_page(made, color_scheme="dark")
    ground = "part => getComputedStyle(document.querySelector(part)).backgroundColor"
    assert page.evaluate(ground, "body") == "rgb(20, 23, 26)"
    assert page.evaluate(ground, "figure img") == "rgb(255, 255, 255)"
    page.emulate_media(media="print")
    assert page.evaluate(ground, "body") == "rgb(255, 255, 255)"


# --- the script that a reader can do without ----------------------------------------------------------------------------


def test_the_page_reads_the_same_without_its_script(made, open_page):
    texts = []
    for enabled in (True, False):
        page = open_page(made, java_script_enabled=enabled)
        assert page.locator("main .tools").count() == (7 if enabled else 0)
        texts.append(page.evaluate("[...document.querySelectorAll('header, nav ol, section')].map(part => { const copy = "
                                   "part.cloneNode(true); copy.querySelectorAll('.tools').forEach(t => t.remove());"
                                   "return copy.textContent; })"))  # fmt: skip
    assert texts[0] == texts[1]


def test_one_button_opens_every_fold_and_closes_them(made, open_page):
    page = open_page(made)
    folds = "[...document.querySelectorAll('main details')].map(fold => fold.open)"
    assert not any(page.evaluate(folds))
    page.get_by_role("button", name="Open all folds").click()
    assert all(page.evaluate(folds)) and len(page.evaluate(folds)) > 3
    page.get_by_role("button", name="Close all folds").click()
    assert not any(page.evaluate(folds))


def test_a_search_leads_to_a_heading_and_to_a_row_in_a_fold(made, open_page):
    page = open_page(made)
    page.get_by_label("Search headings").fill("what there")
    assert page.locator(".hits a").all_text_contents() == ["What is there?"]
    page.get_by_label("Search headings").fill("ROW 17 begins")
    page.locator(".hits a").click()
    expect(page.locator("#table-1-3 tbody tr").nth(17).locator("th")).to_be_focused()
    expect(page.locator("#table-1-3 tbody tr").nth(17)).to_be_in_viewport()


def test_the_contents_say_where_one_is(made, open_page):
    page = open_page(made, reduced_motion="reduce")
    for place, here in (("1e6", "About this page"), ("0", "1. A notebook")):
        page.evaluate(f"scrollTo(0, {place})")
        expect(page.locator("nav [aria-current]")).to_have_text(here)


def test_on_a_phone_the_contents_are_closed_and_the_narrow_drawing_is_shown(made, open_page):
    for width, is_open in ((1280, True), (380, False)):
        page = open_page(made, width=width)
        assert page.evaluate("document.querySelector('.contents').open") == is_open
        narrow, wide = page.evaluate(
            "[document.querySelector('picture source').srcset, document.querySelector('picture img').src]"
        )
        assert (
            page.evaluate("document.querySelector('picture img').currentSrc") == (wide if is_open else narrow)
            and narrow != wide
        )


def test_a_table_is_downloaded_as_it_is_read(made, open_page):
    page = open_page(made)
    with page.expect_download() as started:
        page.locator("#table-1-1").get_by_role("button", name="Download Table 1.1 as CSV").click()
    assert started.value.suggested_filename == "table_1_1.csv"
    text = started.value.path().read_text(encoding="utf-8-sig")
    assert text.splitlines() == ['"Group","A plain text"', '"A plain text","[c]"', '"South","5"']


def test_a_long_table_is_searched_and_the_number_of_rows_is_announced(made, open_page):
    page = open_page(made)
    page.get_by_role("button", name="Open all folds").click()
    page.get_by_label("Show rows with").fill("ENDS row 17")
    assert page.locator("#table-1-3 tbody tr:visible").count() == 1
    expect(page.locator("#table-1-3 [role=status]")).to_have_text("Showing 1 of 60 rows.")
    page.get_by_label("Show rows with").fill("")
    assert page.locator("#table-1-3 tbody tr:visible").count() == 60
    assert page.locator("main input").count() == 1


@pytest.mark.parametrize("old", [False, True])
def test_a_table_is_copied_with_its_caption_and_no_formula(made, open_page, old):
    """Also where the browser has no clipboard for a page opened from a file."""
    page = open_page(made)
    if old:
        page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.get_by_role("button", name="Open all folds").click()
    page.get_by_label("Show rows with").fill("ends row 17")
    page.get_by_role("button", name="Copy Table 1.3").click()
    expect(page.locator("#table-1-3 [role=status]")).to_have_text("Copied 1 of 60 rows.")
    page.evaluate("document.body.prepend(Object.assign(document.createElement('textarea'), {id: 'paste'}))")
    page.locator("#paste").focus()
    page.keyboard.press("Control+V")
    caption, names, row = page.locator("#paste").input_value().splitlines()
    assert (caption, names) == ("Table 1.3. A long table.", "Row\tNumber\tText\tFormula")
    assert re.fullmatch(r"row 17 begins .* and ends 17\t17\tA plain text\t'=1\+1", row)


def test_no_other_script_runs_and_nothing_is_fetched(made, tmp_path, open_page):
    path, text = tmp_path / "planted.html", made.read_text(encoding="utf-8")
    planted = "<script>document.title = 'ran'</script><img src='/none.png' onerror=\"document.title = 'ran'\">"
    planted += "<base href='https://example.org/'><link rel=stylesheet href='https://example.org/x.css'>"
    planted += "<form action='https://example.org/' id=form></form>"
    path.write_text(text.replace("</main>", planted + "</main>"), encoding="utf-8")
    page = open_page(path)
    page.add_init_script("addEventListener('securitypolicyviolation', e => (window.stopped ||= []).push(e.effectiveDirective))")
    page.reload()
    page.evaluate("document.getElementById('form').submit()")
    # The page's policy forbids a function that waits in it, so this process waits.
    deadline = time.monotonic() + 10
    while "form-action" not in page.evaluate("window.stopped") and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    assert page.title() != "ran"
    wanted = ["base-uri", "form-action", "img-src", "script-src-attr", "script-src-elem", "style-src-elem"]
    assert sorted(set(page.evaluate("window.stopped"))) == wanted
    policy = page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content")
    assert re.fullmatch(
        r"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-[\w+/]{43}='; "
        r"base-uri 'none'; form-action 'none'",
        policy,
    )
    assert text.count("<script") == 1


# --- free text is text --------------------------------------------------------------------------------------------------

HOSTILE = (
    "<script>document.title = 'ran'</script> <img src=x onerror=\"document.title = 'ran'\"> **bold** _it_ `code` $\\LaTeX$ "
    "{{ 7 * 7 }} {% raw %} [x](javascript:alert(1)) <a href='javascript:alert(1)'>y</a> &lt;b&gt; </style></title> --> \"q\""
)


@pytest.mark.parametrize("audience", ["team", "funder"])
def test_whatever_somebody_typed_is_shown_as_typed(project, open_page, audience):
    said = dict.fromkeys(["title", "practice", "about", "citation"], HOSTILE)
    page = open_page(make_page(project, HOSTILE, audience, **said))
    assert page.title() == f"{HOSTILE}: analysis appendix"
    shown = {
        "h1": f"Is {HOSTILE} becoming ordinary work?", "#about-this-page ~ p": HOSTILE, "#about-this-page ~ p + p": HOSTILE,
        "#table-1-1 tbody th": HOSTILE, "#table-1-1 thead th:nth-child(2)": HOSTILE, "#table-1-1 .notes:last-child": HOSTILE,
        "#table-1-1 caption": f"Table 1.1. {HOSTILE}.", "#table-1-3 tbody td:nth-child(3)": HOSTILE,
        "figcaption": f"Figure 1.1. {HOSTILE}.", "figure tbody th": HOSTILE, ".answer": f"{HOSTILE} ",
        ".findings a": f"{HOSTILE}, section 1", ".findings ~ ul li": HOSTILE,
    }  # fmt: skip
    for place, text in shown.items():
        assert page.locator(place).first.text_content() == text, place
    assert page.locator("img").get_attribute("alt") == HOSTILE
    counts = [page.locator(tag).count() for tag in ("img", "script", "a[href^=javascript]", "b:has-text('bold'), style")]
    assert counts == [1, 1, 0, 1]


def test_a_result_is_never_read_as_markdown_nor_as_its_plain_text(project):
    data = [{"text/markdown": "**marked**"}, {"text/plain": "a repr"}, {"image/png": "aGk="}, {"text/latex": "$tex$"}]
    outputs = [nbformat.v4.new_output("execute_result", each) for each in data]
    outputs += [nbformat.v4.new_output("stream", text="a log of a person"), nbformat.v4.new_output("error", evalue="a value")]
    cell = nbformat.v4.new_code_cell("1", outputs=outputs)
    nbformat.write(notebook_of(prose("# One"), prose("## ???"), prose("## Shown"), cell), project / "01_x.ipynb")
    appendix.stitch(reading.read_study("tiny"), [project / "01_x.ipynb"], RECORD, "team", project / "x.html")
    text = (project / "x.html").read_text(encoding="utf-8")
    assert 'id="s01-section"' in text
    assert not [word for word in ("marked", "a repr", "aGk=", "tex$", "a log of", "a value") if word in text]


def test_the_same_heading_twice_has_two_anchors(project):
    nbformat.write(notebook_of(prose("# One"), prose("## Same"), prose("## Same")), project / "01_x.ipynb")
    appendix.stitch(reading.read_study("tiny"), [project / "01_x.ipynb"], RECORD, "team", project / "x.html")
    soup = BeautifulSoup((project / "x.html").read_text(encoding="utf-8"), "html.parser")
    assert [tag["href"] for tag in soup.select("nav li li a")] == ["#s01-same", "#s01-same-2"]
    assert len(soup.select("#s01-same, #s01-same-2")) == 2


# --- on paper -----------------------------------------------------------------------------------------------------------


def test_no_table_is_wider_than_the_paper(path, made, open_page):
    for printed in (path, made):
        page = open_page(printed, width=680)  # A4 less the margins, at 96 pixels an inch
        page.emulate_media(media="print")
        widths = page.evaluate("[...document.querySelectorAll('main table')].map(t => t.offsetWidth).filter(Boolean)")
        assert len(widths) >= 5 and max(widths) <= 680


def test_paper_has_page_numbers_whole_rows_and_headers_on_every_page(made, tmp_path, open_page):
    page = open_page(made)
    page.get_by_label("Show rows with").evaluate("field => { field.value = 'ends 17'; field.oninput(); }")
    page.pdf(path=tmp_path / "x.pdf", prefer_css_page_size=True)
    sheets = PdfReader(tmp_path / "x.pdf").pages
    texts = [" ".join(sheet.extract_text().split()) for sheet in sheets]
    for number, text in enumerate(texts, start=1):
        assert f"{number} / {len(texts)}" in text
    begun = [re.findall(r"row (\d+) begins", text) for text in texts]
    assert [re.findall(r"and ends (\d+)", text) for text in texts] == begun
    # Folded and filtered on screen, whole on paper.
    assert [number for numbers in begun for number in numbers] == [str(k) for k in range(60)]
    with_rows = [text for text, numbers in zip(texts, begun, strict=True) if numbers]
    assert len(with_rows) >= 2 and all("Row Number Text Formula" in text for text in with_rows)
    assert "The numbers behind Figure 1.1." in " ".join(texts)
    # Once, in the annex at the end.
    assert " ".join(texts).count("row 17 begins") == 1 and "Annex" in " ".join(texts)
    assert not [word for word in ("secret", "Copy Table", "Open all", "show all 60 rows", "Saved with") if word in str(texts)]
    # A table of many columns lies sideways.
    assert sum(sheet.mediabox.width > sheet.mediabox.height for sheet in sheets) == 1


# --- a funder's edition -------------------------------------------------------------------------------------------------


def read_by_funder(project, *cells):
    """What a funder reads of a notebook's cells."""
    nbformat.write(notebook_of(prose("# One"), *cells), project / "01_x.ipynb")
    appendix.stitch(reading.read_study("tiny"), [project / "01_x.ipynb"], RECORD, "funder", project / "x.html")
    page = BeautifulSoup((project / "x.html").read_text(encoding="utf-8"), "html.parser")
    section = page.select_one("main > section")
    return section.get_text(" ", strip=True) if section.find(id="s01-one") else ""


def test_a_funder_reads_what_is_marked_as_told_and_nothing_else_that_a_cell_shows(project):
    cell = code("<p>seen</p>")
    cell.outputs += [
        *code("<p>not told</p>", told=False).outputs,
        *code("<p>not quite</p>", told="yes").outputs,
        nbformat.v4.new_output("display_data", {"text/html": "<table><td>of a person</td></table>"}),
        nbformat.v4.new_output("stream", text="a log"),
        nbformat.v4.new_output("error", evalue="a value"),
        nbformat.v4.new_output("display_data", {"text/plain": "a repr"}, metadata={"workbook": {"told": True}}),
    ]
    assert read_by_funder(project, prose("## Asked"), cell) == "One Asked seen"


def test_limitations_stay_without_what_was_saved(project):
    shown, limits = [prose("## Asked"), code("<p>seen</p>")], prose("## Limits\n\n- Much.")
    saved = code("<p>saved</p>", source="page.close()", told=False)
    for cells in ([limits], [limits, saved]):
        assert read_by_funder(project, *shown, *cells) == "One Asked seen Limits Much."


def test_a_notebook_in_which_nothing_is_told_is_left_out(project):
    line = '<p class="opening">Rebuilt</p>'
    assert read_by_funder(project, code(line), prose("## Asked"), code(), prose("## Limits\n\n- Much.")) == ""
    assert read_by_funder(project, code("<p>seen</p>", told=False)) == ""
    assert read_by_funder(project, code("<p>seen</p>")) == "One seen"


# --- the reader's own question


def kept_of(*cells):
    return [cell.source for cell in appendix.leave_out_unasked([prose("# One"), *cells])]


OWN_QUESTION = prose("## Your own question\n\n- `scores`")


@pytest.mark.parametrize("source", ["", "\n  \n", "# import seaborn\n\n  # draw(scores)"])
def test_a_question_that_waits_for_the_readers_own_is_left_out(source):
    assert kept_of(OWN_QUESTION, code(source=source), code(source="# more"), prose("## Limits")) == ["# One", "## Limits"]


def test_the_closing_of_a_notebook_that_ends_with_it_stays():
    assert kept_of(OWN_QUESTION, code(source="# ask"), code(source="page.close()")) == ["# One", "page.close()"]


def test_once_it_has_code_it_is_a_question_like_any_other():
    asked = [code(source="# ask"), code(source="# how\ndraw(scores)  # so")]
    assert kept_of(OWN_QUESTION, *asked) == ["# One", OWN_QUESTION.source, "# ask", "# how\ndraw(scores)  # so"]
    assert kept_of(prose("## Your own questions"), code(source="# ask")) == ["# One", "## Your own questions", "# ask"]


@pytest.mark.parametrize("audience", ["team", "funder"])
def test_neither_edition_shows_a_question_that_waits(project, audience):
    cells = prose("# One"), prose("## Asked"), code("<p>seen</p>"), OWN_QUESTION, code(source="# draw(scores)")
    nbformat.write(notebook_of(*cells), project / "01_x.ipynb")
    appendix.stitch(reading.read_study("tiny"), [project / "01_x.ipynb"], RECORD, audience, project / "x.html")
    page = (project / "x.html").read_text(encoding="utf-8")
    assert "seen" in page and "Your own question" not in page and "draw(scores)" not in page


# --- the page of a funder


def test_a_funders_edition_has_the_rules_and_no_code(project):
    page = BeautifulSoup(make_page(project, audience="funder").read_text(encoding="utf-8"), "html.parser")
    assert "Edition for funders: small counts are withheld." in page.select_one(".kind").text
    later = make_page(project, text="Repeated from an earlier package: B1.", audience="funder").read_text(encoding="utf-8")
    assert "Some figures are repeated from an earlier package" in BeautifulSoup(later, "html.parser").select_one(".kind").text
    rules = page.find(id="how-people-are-protected").find_parent("section").select("li")
    assert [rule.text for rule in rules] == describe_rules(5)
    assert page.select_one('nav a[href="#how-people-are-protected"]')
    assert not page.select("details.code") and "secret" not in page.text and "Saved with" not in page.text


def test_a_teams_copy_says_so_and_has_its_code(made):
    page = BeautifulSoup(made.read_text(encoding="utf-8"), "html.parser")
    assert "The team's own copy" in page.select_one(".kind").text
    assert not page.find(id="how-people-are-protected")
    assert "secret" in page.select_one("details.code").text


def test_a_withheld_cell_is_explained_under_its_table(made):
    page = BeautifulSoup(made.read_text(encoding="utf-8"), "html.parser")
    explained = [note.find_parent(id=True)["id"] for note in page.find_all("p", string="[c]: withheld to protect people.")]
    assert explained == ["figure-1-1", "table-1-1"]


def test_a_record_without_inputs_and_times_has_no_tables_of_them():
    assert [title for title, _ in appendix.record_tables(RECORD)] == ["Parameters", "Software"]
