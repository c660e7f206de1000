"""A notebook of the user's own is part of the workbook with no other file touched; a bad one is one clear message."""

import json
import re
import shutil

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from conftest import ROOT, write_project
from toys import OPEN, OWN, call, digests, execute_here, hand_on_a_number, names_in, write_notebook

from helpers.running import kernels, pipeline
from helpers.running.plan import Order, choose_notebooks
from helpers.study import reading, runs
from helpers.study.errors import WorkbookError
from helpers.study.notebooks import find_notebooks

PAGE = """from helpers.page.page import Page
page = Page(this_run, 7, audience, threshold)"""
SAY = """page.say("Nine of ten would come again.", key="again", basis="published", shared=True)"""
SUMMARY = """from helpers.page import summary
from helpers.page.page import Page
page = Page(this_run, 0, audience, threshold)
page.show_findings(summary.choose_findings(summary.gather_findings(page)))"""


@pytest.fixture
def toys(project):
    """A project whose two notebooks hand on a number, with a summary of all findings."""
    return hand_on_and_sum_up(project)


def hand_on_and_sum_up(project):
    hand_on_a_number(project)
    write_notebook(project, "00_summary", OWN, [OPEN, "## What was found?", SUMMARY], reads=["findings"])
    return project


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """The same with a finished run, to be copied: a copy is stale, since records name their files with the whole path."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "execute_notebook", execute_here)
        project = hand_on_and_sum_up(write_project(tmp_path_factory.mktemp("ran"), patch))
        pipeline.make_run(Order("tiny"))
    return project


def add_own(project, *cells, name="07_own", **said):
    """A notebook in the study's own folder."""
    cells = cells or (OPEN, PAGE, "## Would people come again?", SAY, "page.close()")
    return write_notebook(project / "data" / "tiny", name, OWN, list(cells), **said)


def appendix_of(project, label="default"):
    page = (project / "outputs" / "tiny" / label / "appendix.html").read_text(encoding="utf-8")
    return BeautifulSoup(page, "html.parser")


def texts(tags):
    return [" ".join(tag.get_text(" ").split()) for tag in tags]


# --- a notebook of one's own


def test_an_own_notebook_is_in_the_appendix_its_contents_and_the_summary_with_nothing_else_edited(toys, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(kernels, "execute_notebook", execute_here)
        pipeline.make_run(Order("tiny"))
    add_own(toys, title="Coming again", topic="What people would do again")
    before = digests(toys / "data")
    outcome = pipeline.make_run(Order("tiny"))
    assert outcome.executed == ["07_own", "00_summary", "appendix"]
    page = appendix_of(toys)
    assert texts(page.select("nav ol > li > a"))[:4] == [
        "The title of 00_summary", "1. The title of 01_first", "2. The title of 02_second", "7. Coming again",
    ]  # fmt: skip
    assert "Would people come again?" in texts(page.select("nav li li a"))
    section = page.find(id="s07-07-own").find_parent("section")
    assert "Nine of ten would come again." in section.text
    findings = page.select_one("section .findings")
    assert texts(findings.select("li")) == ["Nine of ten would come again. What people would do again, section 7"]
    assert page.find(id=findings.find("a")["href"][1:]).find_parent("section") == section
    record = json.loads((toys / "outputs" / "tiny" / "default" / "run.json").read_text())
    assert "07_own" in record["seconds"] and "data/tiny/notebooks/07_own.ipynb" in record["inputs"]
    assert digests(toys / "data") == before
    assert pipeline.make_run(Order("tiny")).executed == []


def test_without_a_topic_its_findings_stand_under_its_title_and_a_new_title_reaches_the_summary(toys, monkeypatch):
    monkeypatch.setattr(kernels, "execute_notebook", execute_here)
    add_own(toys, title="Coming again")
    pipeline.make_run(Order("tiny"))
    add_own(toys, title="Once more")
    outcome = pipeline.make_run(Order("tiny"))
    assert outcome.executed == ["07_own", "00_summary", "appendix"]


def test_a_finding_gets_the_topic_of_its_notebook_or_else_the_title(toys):
    from helpers.page import summary
    from helpers.page.page import Page

    add_own(toys, title="Coming again")
    write_notebook(toys, "08_other", OWN, [], title="Other", topic="The topic")
    run = runs.open_run("tiny")
    for number in (7, 8):
        page = Page(run, number)
        page.say(f"Sentence {number}.", key="only", basis="published")
        page.close()
    gathered = summary.gather_findings(Page(run, 0))
    assert gathered[["sentence", "topic"]].to_numpy().tolist() == [
        ["Sentence 7.", "Coming again"], ["Sentence 8.", "The topic"],
    ]  # fmt: skip


def test_a_summary_of_no_other_notebook_is_empty_and_one_before_any_run_says_what_to_run(toys):
    from helpers.page import summary
    from helpers.page.page import Page

    page = Page(runs.open_run("tiny"), 0)
    with pytest.raises(WorkbookError, match=r"run notebooks/01_first\.ipynb first"):
        summary.gather_findings(page)
    for name in ("01_first", "02_second"):
        (toys / "notebooks" / f"{name}.ipynb").unlink()
    assert summary.gather_findings(page).empty


def test_an_own_notebook_may_leave_no_findings_and_have_no_heading(toys):
    path = add_own(toys, "1 + 1", title="A try")
    notebook = json.loads(path.read_text())
    del notebook["cells"][0], notebook["metadata"]["kernelspec"]
    path.write_text(json.dumps(notebook))
    for name in ("01_first", "02_second"):
        (toys / "notebooks" / f"{name}.ipynb").unlink()
    assert pipeline.make_run(Order("tiny")).failures == []
    folder = toys / "outputs" / "tiny" / "default"
    assert {"data/findings_07.parquet", "data/contents_07.parquet"} <= names_in(folder)
    assert pd.read_parquet(folder / "data" / "findings_07.parquet").empty
    assert texts(appendix_of(toys).select("section h2"))[1] == "A try"
    assert not appendix_of(toys).select(".findings")


def test_only_runs_an_own_notebook_with_what_it_needs(toys, monkeypatch):
    monkeypatch.setattr(kernels, "execute_notebook", execute_here)
    add_own(toys, OPEN, 'number = this_run.read("product")', reads=["product"])
    outcome = pipeline.make_run(Order("tiny", only="7"))
    assert outcome.executed == ["01_first", "02_second", "07_own"]
    assert {"notebooks/07_own.ipynb", "data/product.parquet"} <= names_in(toys / "outputs" / "tiny" / "default-only-07")


def test_what_an_own_notebook_left_goes_with_it(toys, monkeypatch):
    monkeypatch.setattr(kernels, "execute_notebook", execute_here)
    path = add_own(toys, OPEN, 'this_run.save("mine", pd.DataFrame())', writes=["mine"])
    pipeline.make_run(Order("tiny"))
    path.unlink()
    assert pipeline.make_run(Order("tiny")).executed == ["00_summary", "appendix"]
    assert not [name for name in names_in(toys / "outputs") if "07" in name or "mine" in name]


def test_a_failing_own_notebook_is_named_with_its_place(toys, capsys, monkeypatch):
    add_own(toys, "1 / 0")
    status, said = call("run", "tiny", capsys=capsys, monkeypatch=monkeypatch)
    assert status == 1
    assert "data/tiny/notebooks/07_own.ipynb, cell 3: ZeroDivisionError" in said
    assert "Not run, since they depend on it: 00_summary" in said


def test_for_a_funder_an_own_notebook_needs_an_audience_and_a_threshold(toys):
    write_notebook(toys / "data" / "tiny", "07_own", 'study: str = "tiny"\nrun: str = "default"', [])
    with pytest.raises(WorkbookError, match=r"data/tiny/notebooks/07_own\.ipynb.*no `audience` and `threshold`"):
        pipeline.make_run(Order("tiny", audience="funder"), lambda folder, plan: None)


# --- what is found


def test_notebooks_run_in_the_order_of_their_numbers_and_the_summary_last(toys):
    add_own(toys, reads=["findings"])
    add_own(toys, name="03_own")
    for name in ("draft.ipynb", "7_own.ipynb", "077_own.ipynb", "08-own.ipynb"):
        (toys / "notebooks" / name).write_text("no notebook")
    checkpoints = toys / "notebooks" / ".ipynb_checkpoints"
    checkpoints.mkdir()
    (checkpoints / "01_first-checkpoint.ipynb").write_text("no notebook")
    found = find_notebooks(reading.read_study("tiny"))
    assert [notebook.name for notebook in found] == ["01_first", "02_second", "03_own", "07_own", "00_summary"]
    assert found[3].reads == ["findings_01", "findings_02", "findings_03"]
    assert found[4].reads == ["findings_01", "findings_02", "findings_03", "findings_07"]
    assert found[0].writes == ["number", "findings_01", "contents_01", "told_01"]


def test_a_missing_table_names_the_notebook_that_writes_it(toys):
    add_own(toys, writes=["mine"])
    run = runs.open_run("tiny")
    with pytest.raises(WorkbookError, match=r"expected the table that data/tiny/notebooks/07_own\.ipynb writes.*run data/tiny"):
        run.read("mine")
    with pytest.raises(WorkbookError, match=r"`mien`.*a table that a notebook writes \(number, product, mine\)"):
        run.read("mien")


def test_a_study_opened_from_its_own_notebooks_is_named_from_the_project(toys, monkeypatch):
    """JupyterLab's working folder is the notebook's."""
    path = add_own(toys, writes=["mine"])
    monkeypatch.chdir(path.parent)
    with pytest.raises(WorkbookError, match=r"run data/tiny/notebooks/07_own\.ipynb first"):
        runs.open_run("tiny").read("mine")


def test_the_workbooks_own_notebooks_fit_together(monkeypatch):
    monkeypatch.chdir(ROOT)
    names = [notebook.number for notebook in choose_notebooks(reading.read_study("lvrn_2024"))]
    assert names == ["01", "02", "03", "04", "05", "06", "00"]


# --- bad input: one message, nothing run, the last good appendix kept


def change_metadata(path, **said):
    notebook = json.loads(path.read_text())
    notebook["metadata"]["workbook"] = said
    path.write_text(json.dumps(notebook))


def drop_metadata(path):
    notebook = json.loads(path.read_text())
    del notebook["metadata"]["workbook"]
    path.write_text(json.dumps(notebook))


def drop_parameters(path):
    path.write_text(path.read_text().replace('"parameters"\n', '"other"\n'))


BAD = {
    "no metadata": (drop_metadata, r'its metadata, workbook.title: found nothing; .*"workbook": \{"title": "My own question"'),
    "no title": (lambda path: change_metadata(path, reads=[]), "workbook.title: found nothing; expected a value"),
    "a title that is none": (lambda path: change_metadata(path, title=7), "workbook.title: found 7; expected text"),
    "an unknown key": (
        lambda path: change_metadata(path, title="A", raeds=[]),
        "workbook: found the unknown key 'raeds'; .* title, topic, needs",
    ),
    "a text for a list": (
        lambda path: change_metadata(path, title="A", reads="scores"),
        "workbook.reads: found 'scores'; expected a list: ",
    ),
    "a path for a table": (
        lambda path: change_metadata(path, title="A", writes=["../x"]),
        "workbook.writes.0: found '../x'; expected one word",
    ),
    "an unknown part": (
        lambda path: change_metadata(path, title="A", needs=["surveys"]),
        "needs.0: found 'surveys'; expected 'survey', 'interviews'",
    ),
    "no object": (lambda path: path.write_text(json.dumps(["a"])), "found a file that is not a notebook"),
    "deep nesting": (lambda path: path.write_text('{"cells": ' + "[" * 99_999), "found a file that is not a notebook"),
    "an empty file": (lambda path: path.write_text(""), "found a file that is not a notebook"),
    "no cells": (lambda path: path.write_text('{"metadata": {}, "worksheets": []}'), "found a file that is not a notebook"),
    "not UTF-8": (lambda path: path.write_bytes(b"\xff\xfe{}"), "found a file that is not a notebook"),
    "no parameters cell": (drop_parameters, "the parameters cell: found no such cell; .*Cell Tags"),
    "a number twice": (
        lambda path: path.rename(path.with_name("02_own.ipynb")),
        r"notebooks/02_own\.ipynb, its name: found the number 02, which notebooks/02_second\.ipynb also has",
    ),
    "what nobody writes": (lambda path: change_metadata(path, title="A", reads=["no"]), "`no`, which no notebook writes"),
    "a table twice": (
        lambda path: change_metadata(path, title="A", writes=["product"]),
        r"`product`, which notebooks/02_second\.ipynb writes too",
    ),
    "itself": (lambda path: change_metadata(path, title="A", reads=["x"], writes=["x"]), "a circle of data/tiny/notebooks/07"),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "message"), BAD.values(), ids=BAD)
def test_a_bad_notebook_is_one_message_before_anything_runs(ran, tmp_path, capsys, monkeypatch, spoil, message):
    shutil.copytree(ran, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    before = digests(tmp_path / "outputs")
    spoil(add_own(tmp_path))
    status, said = call("run", "tiny", capsys=capsys, monkeypatch=monkeypatch)
    assert status == 2
    assert len(said.strip().splitlines()) == 1 and said.startswith("Error: data/tiny/notebooks/0")
    assert re.search(message, said)
    assert digests(tmp_path / "outputs") == before


def test_notebooks_that_need_each_other_are_both_named(toys):
    add_own(toys, name="07_own", reads=["b"], writes=["a"])
    add_own(toys, name="08_own", reads=["a"], writes=["b"])
    add_own(toys, name="09_own", reads=["a"])
    with pytest.raises(WorkbookError, match=r"a circle of data/tiny/notebooks/07_own\.ipynb, data/.*/08_own\.ipynb; expected"):
        pipeline.make_run(Order("tiny"))


def test_a_table_that_a_notebook_promised_and_did_not_save_is_told(toys, capsys, monkeypatch):
    monkeypatch.setattr(kernels, "execute_notebook", execute_here)
    add_own(toys, OPEN, writes=["mine"])
    status, said = call("run", "tiny", capsys=capsys, monkeypatch=monkeypatch)
    assert status == 2
    assert "07_own.ipynb, its metadata, workbook.writes: found `mine`, which it did not save" in said
    assert not (toys / "outputs" / "tiny").exists()
