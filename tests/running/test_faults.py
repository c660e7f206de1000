"""Faults put into a workshop, between runs and at every step of one: the results are those of a run without them."""

import json
import re
import shutil
from itertools import product

import pytest
from conftest import write_project
from toys import OWN, call, execute_here, names_in, show_a_table, write_notebook

from helpers.package import package
from helpers.running import kernels, pipeline
from helpers.running.pipeline import RECORDS
from helpers.running.plan import Order
from helpers.running.record import describe_run
from helpers.study.errors import WorkbookError

FAULTS = {
    "changed": lambda path: path.write_bytes(path.read_bytes()[::-1]),
    "emptied": lambda path: path.write_bytes(b""),
    "deleted": lambda path: path.unlink(),
    "a folder": lambda path: (path.unlink(), (path / "within").mkdir(parents=True)),
}


@pytest.fixture
def shows(project, monkeypatch):
    """A project whose one notebook shows a table and a figure, and whose second reads what the first hands on; no kernel."""
    return hand_on(project, monkeypatch)


def hand_on(project, patch):
    patch.setattr(kernels, "execute_notebook", execute_here)
    show_a_table(project)
    cells = ['this_run.save("number", pd.DataFrame({"value": [2]}))', 'assert this_run.read("number")["value"].item() == 2']
    opening = "from helpers.study import runs\nimport pandas as pd\nthis_run = runs.open_run(study, run)"
    write_notebook(project, "02_hands_on", OWN, [opening, cells[0]], writes=["number"])
    write_notebook(project, "03_reads", OWN, [opening, cells[1]], reads=["number"])
    return project


def read_results(folder):
    """Every finished file without what differs from one run to the next; parquet files and notebooks by their names."""
    kept = {name: (folder / name).read_bytes() for name in names_in(folder) if not name.endswith((".parquet", ".ipynb"))}
    return names_in(folder), {
        name: re.sub(rb"\d{4}-\d\d-\d\dT[\d:+]+|\d+ \w+ \d{4}, \d\d:\d\d UTC|\b\d+\.\d\b", b"", text)
        for name, text in kept.items()
    }


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The outputs of a run without a fault."""
    with pytest.MonkeyPatch.context() as patch:
        project = hand_on(write_project(tmp_path_factory.mktemp("finished"), patch), patch)
        pipeline.make_run(Order("tiny"))
    return project / "outputs"


@pytest.fixture
def expected(finished):
    return read_results(finished / "tiny" / "default")


def test_finished_files_that_were_spoilt_are_made_anew_by_the_next_run(shows, expected):
    """All files of a kind at once: what notebooks hand on, the notebooks, what they show, the page and its record, doit's."""
    pipeline.make_run(Order("tiny"))
    folder, workshop = shows / "outputs" / "tiny" / "default", shows / "outputs" / ".work" / "tiny" / "default"
    for kind, fault in product(("data/*.parquet", "notebooks/*", "*/01_told.*", "[a-z]*.*", RECORDS), FAULTS):
        spoilt = [path for path in workshop.glob(kind) if path.is_file()]
        for path in spoilt:
            FAULTS[fault](path)
        assert spoilt and pipeline.make_run(Order("tiny")).executed != [], (kind, fault)
        assert read_results(folder) == expected, (kind, fault)
    assert pipeline.make_run(Order("tiny")).executed == []


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    ("step", "file"),
    [
        ("03_reads", "data/contents_02.parquet"),
        ("03_reads", "data/number.parquet"),
        ("03_reads", "notebooks/02_hands_on.ipynb"),
        ("appendix", "data/contents_02.parquet"),
        ("appendix", "tables/01_told.csv"),
    ],
)
def test_a_file_that_is_spoilt_while_a_run_is_made_is_mended_within_it(
    shows, finished, expected, monkeypatch, fault, step, file
):
    """A file that an earlier step has finished, spoilt as a later one begins, whether that reads it or not."""
    shutil.copytree(finished, shows / "outputs")
    done = []
    workshop = shows / "outputs" / ".work" / "tiny" / "default"

    def spoil_at(name):
        if name == step and not done:
            done.append(FAULTS[fault](workshop / file))

    def execute(plan, notebook, outcome):
        spoil_at(notebook.name)
        return execute_here(plan, notebook, outcome)

    def describe(plan):
        spoil_at("appendix")
        return describe_run(plan)

    monkeypatch.setattr(kernels, "execute_notebook", execute)
    monkeypatch.setattr(pipeline, "describe_run", describe)
    outcome = pipeline.make_run(Order("tiny", force=True, jobs=1))
    assert done and (outcome.failures, outcome.errors) == ([], [])
    assert read_results(shows / "outputs" / "tiny" / "default") == expected


def test_files_that_something_else_keeps_changing_are_told_and_the_last_results_stay(shows, monkeypatch):
    pipeline.make_run(Order("tiny"))
    before = read_results(shows / "outputs" / "tiny" / "default")

    def change_again(plan, notebook, outcome):
        number = plan.workshop / "data" / "number.parquet"
        made = execute_here(plan, notebook, outcome)
        return made and (notebook.name != "03_reads" or number.write_bytes(b"spoilt") > 0)

    monkeypatch.setattr(kernels, "execute_notebook", change_again)
    with pytest.raises(WorkbookError, match="change while others are made"):
        pipeline.make_run(Order("tiny", force=True, jobs=1))
    assert read_results(shows / "outputs" / "tiny" / "default") == before


def test_a_broken_record_of_what_was_done_makes_everything_anew(shows):
    pipeline.make_run(Order("tiny"))
    assert pipeline.make_run(Order("tiny")).executed == []
    broken = ["{", "[]", '{"01": 5}', '{"01": {"_values_:": {"read": 3}}}', '{"01": {"deps:": 7}}', "\0\udcff", "[" * 200_000]
    for record in broken:
        (shows / "outputs" / ".work" / "tiny" / "default" / RECORDS).write_bytes(record.encode(errors="surrogateescape"))
        assert "01_show" in pipeline.make_run(Order("tiny")).executed, record[:40]


def test_a_package_of_which_a_table_was_spoilt_mends_itself(shows, monkeypatch):
    monkeypatch.setattr("helpers.package.pdf.find_browser", lambda: None)
    archive = package.make_package(Order("tiny")).archive
    first = archive.read_bytes()
    for name, fault in zip(
        ("tables/01_told.csv", "contents.csv", "figures/01_told.png", "run.json"), FAULTS.values(), strict=True
    ):
        fault(shows / "outputs" / ".work" / "tiny" / "default-funder" / name)
        # As if no package had been made, since each says how many there were before.
        shutil.rmtree(shows / "data" / "tiny" / "releases")
        archive.unlink()
        package.make_package(Order("tiny"))
        assert archive.read_bytes() == first, name


def test_a_table_that_is_listed_and_was_never_saved_is_told(shows, capsys, monkeypatch):
    path = shows / "notebooks" / "01_show.ipynb"
    path.write_text(path.read_text().replace('keep(f\\"tables', 'if name == \\"untold\\": keep(f\\"tables'))
    status, said = call("share", "tiny", capsys=capsys, monkeypatch=monkeypatch)
    assert (status, "tables/01_told.csv" in said, "though it is listed" in said) == (2, True, True), said
    assert "Traceback" not in said and names_in(shows / "outputs" / "tiny") == set()


def test_a_kernel_that_dies_is_told_with_its_cell(project, capsys, monkeypatch):
    write_notebook(project, "01_dies", OWN, ["1 + 1", "import os\nos._exit(9)", "2 + 2"])
    status, said = call("run", "tiny", capsys=capsys, monkeypatch=monkeypatch)
    assert status == 1 and "Traceback" not in said
    assert "notebooks/01_dies.ipynb, cell 4: Python ended: by itself, as it does when memory runs out" in said


def test_signs_that_turn_the_direction_of_writing_reach_no_finished_file(shows):
    path = shows / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text().replace("A made-up study", '"A made-up \\u202Eyduts\\u202C"'))
    show_a_table(shows, " \u202eabc\u2066")
    pipeline.make_run(Order("tiny"))
    folder = shows / "outputs" / "tiny" / "default"
    texts = {
        path.name: path.read_text(encoding="utf-8") for path in folder.rglob("*.*") if path.suffix not in (".png", ".parquet")
    }
    assert "A made-up yduts" in texts["appendix.html"] and "2 abc" in texts["01_told.csv"]
    assert not [name for name, text in texts.items() if re.search("[\u202a-\u202e\u2066-\u2069]", text)]


def test_a_notebook_that_was_saved_with_the_values_of_an_earlier_run_is_told_by_the_same_numbers(project, capsys, monkeypatch):
    path = write_notebook(project, "01_stops", OWN, ["study = 'tiny'", "1 / 0"])
    notebook = json.loads(path.read_text())
    notebook["cells"][2]["metadata"]["tags"] = ["injected-parameters"]
    path.write_text(json.dumps(notebook))
    status, said = call("run", "tiny", capsys=capsys, monkeypatch=monkeypatch)
    assert status == 1 and "notebooks/01_stops.ipynb, cell 4: ZeroDivisionError" in said, said
