"""What a run need not do again, and what it must not believe."""

import json

import pytest
from toys import call, execute_here, hand_on_a_number

from helpers.page import render
from helpers.running import appendix, fresh, kernels, pipeline
from helpers.running.plan import Order


@pytest.fixture
def toys(project, monkeypatch):
    """A project whose two notebooks hand on one number, executed without a kernel."""
    monkeypatch.setattr(kernels, "execute_notebook", execute_here)
    hand_on_a_number(project)
    return project


def edit(path, change):
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def change_words(content):
    content["cells"][0]["source"] = "# Other words"
    content["cells"].append({"cell_type": "markdown", "id": "more", "metadata": {}, "source": "And more."})


def first_of(toys):
    return toys / "notebooks" / "01_first.ipynb"


def executed_copy(toys):
    return toys / "outputs" / "tiny" / "default" / "notebooks" / "01_first.ipynb"


def test_words_are_taken_over_without_running(project):
    hand_on_a_number(project)
    edit(first_of(project), lambda content: content["cells"][-1].update(source="value"))
    edit(first_of(project), lambda content: content["metadata"]["workbook"].update(writes=[]))
    (project / "notebooks" / "02_second.ipynb").unlink()
    pipeline.make_run(Order("tiny"))
    before = json.loads(executed_copy(project).read_text())
    edit(first_of(project), change_words)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(kernels, "execute_notebook", None)
        assert pipeline.make_run(Order("tiny")).executed == ["01_first", "appendix"]
    after = json.loads(executed_copy(project).read_text())
    assert after["cells"][0]["source"] == "# Other words" and after["cells"][-1]["source"] == "And more."
    code = [[cell for cell in one["cells"] if cell["cell_type"] == "code"] for one in (before, after)]
    assert code[0] == code[1] and code[1][-1]["outputs"][0]["data"]["text/plain"] == ["2"]
    assert "Other words" in (project / "outputs" / "tiny" / "default" / "appendix.html").read_text()


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content["cells"][-1].update(source=["value\n", *content["cells"][-1]["source"]]),
        lambda content: content["cells"][-1]["metadata"].update(tags=["detail"]),
        lambda content: content["metadata"]["workbook"].update(title="Another"),
        lambda content: content["cells"].append(content["cells"][-1] | {"id": "again"}),
    ],
)
def test_what_is_more_than_words_is_executed(toys, monkeypatch, change):
    pipeline.make_run(Order("tiny"))
    edit(first_of(toys), lambda content: (change_words(content), content["cells"].pop(), change(content)))
    taken = []
    monkeypatch.setattr(kernels, "reword_notebook", lambda *given: taken.append(given))
    pipeline.make_run(Order("tiny"))
    assert not taken


def test_what_is_saved_while_a_notebook_runs_is_not_believed(toys, monkeypatch):
    def execute(plan, notebook, outcome):
        done = execute_here(plan, notebook, outcome)
        edit(
            first_of(toys),
            lambda content: content["cells"][-1].update(source="this_run.save('number', pd.DataFrame({'value': [9]}))"),
        )
        return done

    monkeypatch.setattr(kernels, "execute_notebook", execute)
    pipeline.make_run(Order("tiny", command="as typed"))
    monkeypatch.setattr(kernels, "execute_notebook", execute_here)
    assert fresh.read_notes("tiny", "default", "as typed") is None
    assert "01_first" in pipeline.make_run(Order("tiny")).executed


@pytest.fixture
def run(toys, capsys, monkeypatch):
    """The command, and whether it looked at more than times and sizes."""
    calls = []
    make_run = pipeline.make_run
    monkeypatch.setattr(pipeline, "make_run", lambda *given: calls.append(given) or make_run(*given))

    def go(*arguments):
        calls.clear()
        status, said = call("run", "tiny", "--kernels", "plain", *arguments, capsys=capsys, monkeypatch=monkeypatch)
        return status, said, bool(calls)

    return go


def test_a_run_of_nothing_looks_at_times_and_sizes_alone(toys, run):
    assert run()[::2] == (0, True)
    status, said, looked = run()
    assert (status, looked) == (0, False) and "Nothing had changed." in said
    assert run("-p", "times", "4")[2] and not run("-p", "times", "4")[2] and run()[2]


@pytest.mark.parametrize(
    "touch",
    [
        lambda root: (root / "data/tiny/survey.csv").open("a").write("\n"),
        lambda root: (root / "data/tiny/releases").mkdir() or (root / "data/tiny/releases/1.json").write_text("{}"),
        lambda root: (root / "outputs/tiny/default/appendix.html").write_text("spoilt"),
        lambda root: (root / "outputs/.work/tiny/default/data/number.parquet").unlink(),
        lambda root: (root / "elsewhere/talk.vtt").write_text("other"),
        lambda root: (root / "notebooks/02_second.ipynb").touch(),
    ],
)
def test_whatever_a_run_rests_on_or_has_left_is_looked_at(toys, run, touch):
    (toys / "elsewhere").mkdir()
    (toys / "elsewhere" / "talk.vtt").write_text("once")
    (toys / "data" / "tiny" / "linked").symlink_to(toys / "elsewhere")
    (toys / "data" / "tiny" / "round").symlink_to(toys / "data" / "tiny")
    run()
    assert not run()[2]
    touch(toys)
    assert run()[2]


def test_a_parameter_file_counts_by_its_content_and_one_that_is_not_there_is_refused(toys, run):
    (toys / "some.yml").write_text("times: 4\n")
    run("-y", "some.yml")
    assert not run("-y", "some.yml")[2]
    (toys / "some.yml").write_text("times: 5\n")
    assert run("-y", "some.yml")[2]
    run()
    assert run("-y", "none.yml")[0] == 2


def test_a_section_is_kept_until_its_notebook_its_reader_or_the_code_is_another(toys, monkeypatch):
    pipeline.make_run(Order("tiny"))
    path, made = executed_copy(toys), []
    make = appendix.make_section
    monkeypatch.setattr(appendix, "make_section", lambda *given: made.append(given) or make(*given))

    def read(audience="team"):
        made.clear()
        return appendix.read_section(path, audience), bool(made)

    first, _ = read()
    assert read() == (first, False) and read("funder")[1] and read()[1]
    kept = path.parents[1] / "sections" / "01_first.json"
    kept.write_text(kept.read_text().replace("h2", "h3"))
    assert read() == (first, True)
    edit(path, change_words)
    assert read()[1]
    monkeypatch.setattr(appendix, "digest_code", lambda: b"after an upgrade")
    assert read()[1]
    assert (
        any(file.name == "glossary.csv" for file in appendix.page_files())
        and render.TEMPLATES / "style.css" in appendix.page_files()
    )
