"""Parameters, what depends on what, staleness, failure, and the command's messages."""

import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager

import nbformat
import pandas as pd
import pytest
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from helpers import cli, pipeline, study
from helpers.pipeline import Order, Step
from helpers.study import WorkbookError

LVRN_STEPS = list(pipeline.STEPS)


def call(*arguments, capsys, monkeypatch):
    """Run the command as a user does: its exit status and what it printed."""
    monkeypatch.setattr("sys.argv", ["workbook", *arguments])
    status = 0
    try:
        cli.main()
    except SystemExit as stopped:
        status = stopped.code or 0
    captured = capsys.readouterr()
    return status, captured.out + captured.err


# --- parameters


def test_every_notebook_gets_its_defaults_and_the_values_given_for_it():
    chosen = pipeline.choose_parameters(LVRN_STEPS, {"min_group_size": "5"})
    assert chosen["03_compare_groups"]["min_group_size"] == 5
    assert chosen["02_score_nomad"]["minimum_items"] == 0.75
    assert "min_group_size" not in chosen["02_score_nomad"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"min_group_sise": "5"}, "'min_group_sise'.*did you mean 'min_group_size'"),
        ({"min_group_size": "five"}, "'five'; expected a value of type int"),
        ({"min_group_size": True}, "True; expected a value of type int"),
        ({"minimum_items": "half"}, "expected a value of type float"),
        ({"study": "other"}, "give the study's name after"),
        ({"run": 1}, "use `--run LABEL`"),
    ],
)
def test_an_unknown_or_ill_typed_parameter_is_told_before_anything_runs(given, message):
    with pytest.raises(WorkbookError, match=message):
        pipeline.choose_parameters(LVRN_STEPS, given)


def test_a_parameter_of_the_same_name_is_the_same_in_every_notebook():
    seen = {}
    for step in LVRN_STEPS:
        for name, parameter in pipeline.read_parameters(step.notebook).items():
            assert parameter.about, f"{name} of {step.notebook} says nothing of itself"
            assert seen.setdefault(name, parameter) == parameter, name


# --- what depends on what


def rooms_behind(notebook):
    return {path.stem for path in pipeline.helper_files(notebook) if path.suffix == ".py"}


def test_a_notebook_depends_on_the_rooms_it_uses_and_on_no_others():
    assert {"groups", "show_groups", "study"} <= rooms_behind("03_compare_groups")
    assert not {"coding", "themes", "audit"} & rooms_behind("03_compare_groups")
    assert not {"groups", "nomad", "survey"} & rooms_behind("04_count_themes")


def test_a_study_gets_the_notebooks_that_it_has_something_for(project):
    steps = pipeline.plan_steps(study.read_study("tiny"))
    assert [step.number for step in steps] == ["01", "02", "03", "00"]
    assert steps[-1].reads == ("findings_01", "findings_02", "findings_03")


def test_every_table_that_a_step_reads_is_written_by_the_notebook_that_the_message_names():
    writers = {table: step.notebook for step in LVRN_STEPS for table in step.writes}
    assert writers == study.WRITTEN_BY


# --- toy notebooks, so that a run takes seconds


@pytest.fixture
def toys(project, monkeypatch):
    """A project whose two notebooks hand on one number; the second multiplies it by a parameter."""
    steps = (Step("01_first", ("survey",), (), ("number",)), Step("02_second", (), ("number",), ("product",)))
    monkeypatch.setattr(pipeline, "STEPS", steps)
    own = 'study: str = "tiny"  # the study\nrun: str = "default"  # the run\n'
    save = "from helpers import study as studies\nthis_run = studies.open_run(study, run)\n"
    write_notebook(project, "01_first", own + "value: int = 2  # a number", [
        save + 'import pandas as pd\nthis_run.save("number", pd.DataFrame({"value": [value]}))',
    ])  # fmt: skip
    write_notebook(project, "02_second", own + "times: int = 3  # a factor", [
        save + 'number = __import__("pandas").read_parquet(this_run.folder / "data" / "number.parquet")',
        'assert times != 13, "an unlucky factor"',
        'this_run.save("product", number * times)',
    ])  # fmt: skip
    return project


def write_notebook(project, name, parameters, cells):
    notebook = new_notebook(
        cells=[
            new_markdown_cell(f"# {name}"),
            new_code_cell(parameters, metadata={"tags": ["parameters"]}),
            *map(new_code_cell, cells),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    nbformat.write(notebook, project / "notebooks" / f"{name}.ipynb")


def product(project):
    return pd.read_parquet(project / "outputs" / "tiny" / "default" / "data" / "product.parquet")["value"].item()


def test_a_run_executes_what_is_stale_and_no_more(toys):
    first = pipeline.make_run(Order("tiny"))
    assert first.executed == ["01_first", "02_second", "appendix"]
    assert product(toys) == 6
    assert pipeline.make_run(Order("tiny")).executed == []

    again = pipeline.make_run(Order("tiny", parameters={"times": "5"}))
    assert again.executed == ["02_second", "appendix"]
    assert product(toys) == 10

    with (toys / "data" / "tiny" / "survey.csv").open("a", encoding="utf-8") as file:
        file.write("R_4,0,North,Agree,,\n")
    assert pipeline.make_run(Order("tiny", parameters={"times": "5"})).executed == ["01_first", "appendix"]
    assert pipeline.make_run(Order("tiny", force=True)).executed == ["01_first", "02_second", "appendix"]


def test_a_hand_edited_result_is_put_right_by_the_next_run(toys):
    pipeline.make_run(Order("tiny"))
    target = toys / "outputs" / "tiny" / "default" / "data" / "product.parquet"
    target.write_text("spoilt")
    pipeline.make_run(Order("tiny"))
    assert product(toys) == 6


def test_run_json_says_what_a_run_was_made_from(toys):
    pipeline.make_run(Order("tiny", parameters={"times": "5"}))
    record = json.loads((toys / "outputs" / "tiny" / "default" / "run.json").read_text())
    assert record["parameters"] == {"value": 2, "times": 5}
    assert set(record["inputs"]) == {f"data/tiny/{name}" for name in ("study.yml", "codebook.csv", "survey.csv")}
    assert record["versions"]["pandas"] == pd.__version__
    assert set(record["seconds"]) == {"01_first", "02_second"}


def test_a_failed_notebook_is_named_with_its_cell_and_the_last_good_run_stays(toys, capsys, monkeypatch):
    pipeline.make_run(Order("tiny"))
    before = (toys / "outputs" / "tiny" / "default" / "appendix.html").read_bytes()
    status, said = call("run", "tiny", "-p", "times", "13", capsys=capsys, monkeypatch=monkeypatch)
    assert status == 1
    assert "notebooks/02_second.ipynb, cell 5: AssertionError: an unlucky factor" in said
    assert (toys / "outputs" / "tiny" / "default" / "appendix.html").read_bytes() == before
    assert product(toys) == 6


def test_what_depends_on_a_failed_notebook_is_not_run_and_is_named():
    steps = [Step("01_a", (), (), ("a",)), Step("02_b", (), ("a",), ("b",)), Step("03_c"), Step("00_d", (), ("b",))]
    assert pipeline.blocked_by(steps, {"01_a"}) == ["02_b", "00_d"]


@pytest.mark.parametrize("force", [False, True])
def test_only_runs_one_notebook_into_a_folder_of_its_own_and_leaves_the_run(toys, force):
    pipeline.make_run(Order("tiny"))
    run = toys / "outputs" / "tiny" / "default"
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    outcome = pipeline.make_run(Order("tiny", parameters={"value": "7"}, only="1", force=force))
    assert outcome.executed == ["01_first"]
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before
    own = toys / "outputs" / "tiny" / "default-only-01"
    assert pd.read_parquet(own / "data" / "number.parquet")["value"].item() == 7
    assert not (own / "appendix.html").exists()
    pipeline.make_run(Order("tiny"))
    assert product(toys) == 6


KILLED = """
import os
from helpers import pipeline
from helpers.pipeline import Order, Step

def execute_or_die(study, step, *rest, execute=pipeline.execute_notebook):
    return os._exit(9) if step.notebook == "02_second" else execute(study, step, *rest)

pipeline.STEPS = (Step("01_first", ("survey",), (), ("number",)), Step("02_second", (), ("number",), ("product",)))
pipeline.execute_notebook = execute_or_die
pipeline.make_run(Order("tiny", parameters={"value": "7"}, jobs=1))
"""


def test_a_run_that_was_killed_leaves_nothing_that_the_next_one_believes(toys):
    """Killed between two notebooks: the first has results of another parameter, and doit has not noted it."""
    pipeline.make_run(Order("tiny"))
    assert subprocess.run([sys.executable, "-c", KILLED], cwd=toys, capture_output=True).returncode == 9
    assert product(toys) == 6
    pipeline.make_run(Order("tiny"))
    number = toys / "outputs" / "tiny" / "default" / "data" / "number.parquet"
    assert pd.read_parquet(number)["value"].item() == 2
    assert product(toys) == 6


def test_results_of_a_notebook_that_a_study_has_nothing_for_any_more_are_forgotten(toys, monkeypatch):
    pipeline.make_run(Order("tiny"))
    first, second = pipeline.STEPS
    monkeypatch.setattr(pipeline, "STEPS", (first, pipeline.replace(second, needs=("interviews",))))
    pipeline.make_run(Order("tiny"))
    left = {path.name for path in (toys / "outputs" / "tiny" / "default").rglob("*.*")}
    assert "number.parquet" in left
    assert not left & {"product.parquet", "02_second.ipynb"}


def test_two_runs_of_one_label_at_once_are_refused(toys):
    from filelock import FileLock

    lock = toys / "outputs" / ".work" / "tiny" / ".default.lock"
    lock.parent.mkdir(parents=True)
    with FileLock(lock), pytest.raises(WorkbookError, match="another `workbook run`"):
        pipeline.make_run(Order("tiny"))


def test_a_run_stopped_between_its_two_renames_is_put_back(tmp_path):
    final = tmp_path / "default"
    pipeline.beside(final, "old").mkdir()
    pipeline.restore(final)
    assert final.is_dir()


# --- the command's messages


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "absent"], "study 'absent'"),
        (["run", "tiny", "-p", "nonsense", "1"], "parameter 'nonsense'"),
        (["run", "tiny", "--run", "../x"], "label"),
        (["run", "tiny", "--only", "09"], "--only"),
        (["run", "tiny", "-y", "absent.yml"], "absent.yml"),
    ],
)
def test_bad_input_is_one_line_and_status_2_and_writes_nothing(toys, capsys, monkeypatch, arguments, message):
    status, said = call(*arguments, capsys=capsys, monkeypatch=monkeypatch)
    assert status == 2
    assert message in said
    assert "Traceback" not in said
    assert len(said.strip().splitlines()) == 1
    assert not (toys / "outputs").exists()


def test_a_yaml_file_gives_parameters_and_the_command_line_wins(toys, capsys, monkeypatch):
    (toys / "values.yml").write_text("times: 5\nvalue: 4\n")
    status, said = call("run", "tiny", "-y", "values.yml", "-p", "times", "7", capsys=capsys, monkeypatch=monkeypatch)
    assert (status, product(toys)) == (0, 28), said


# --- the notebooks themselves


def run_notebooks(project):
    """The workbook's own notebooks on the small study: the text of the appendix."""
    shutil.copytree(ROOT / "notebooks", project / "notebooks", dirs_exist_ok=True)
    outcome = pipeline.make_run(Order("tiny", parameters={"permutations": 200}))
    assert outcome.failures == []
    return (project / "outputs" / "tiny" / "default" / "appendix.html").read_text(encoding="utf-8")


def test_a_small_study_of_another_kind_runs_without_code(project):
    shown = run_notebooks(project)
    assert "A made-up study" in shown
    assert "Lancashire" not in shown and "simulated" not in shown.lower()
    assert not re.search(r"\bnan\b", shown)


def test_a_study_without_groupings_where_everybody_finds_all_not_relevant_runs(project):
    path = project / "data" / "tiny" / "study.yml"
    text = path.read_text()
    path.write_text(text[: text.index("  groupings:")])
    rows = "".join(f"R_{k},0,North,{','.join(['Not relevant to my role'] * 3)}\n" for k in range(5))
    (project / "data" / "tiny" / "survey.csv").write_text("ResponseId,Status,team,A1,A2,B1\n" + rows)
    shown = run_notebooks(project)
    assert "no groupings to compare" in shown
    assert not re.search(r"\bnan\b", shown)


@contextmanager
def changed(path, change):
    """A file with other content for a while."""
    before = path.read_text(encoding="utf-8")
    path.write_text(change(before), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(before, encoding="utf-8")


@pytest.mark.xdist_group("finished")
def test_a_wrong_response_label_ends_with_status_2_and_leaves_the_last_run(finished, capsys, monkeypatch):
    monkeypatch.chdir(finished)
    appendix = finished / "outputs" / "lvrn_2024" / "default" / "appendix.html"
    before = appendix.stat().st_mtime_ns
    export = finished / "data" / "lvrn_2024" / "survey" / "reconstructed_export.csv"
    with changed(export, lambda text: "Agreed,".join(text.rsplit("Agree,", 1))):
        status, said = call("run", "lvrn_2024", capsys=capsys, monkeypatch=monkeypatch)
    assert status == 2
    assert re.search(
        r"reconstructed_export\.csv, row \d+, column \w\d: found 'Agreed'; expected one of Strongly disagree", said
    )
    assert "Traceback" not in said
    assert appendix.stat().st_mtime_ns == before


@pytest.mark.xdist_group("finished")
def test_changed_interviews_rerun_what_reads_them_and_nothing_of_the_survey(finished, monkeypatch):
    monkeypatch.chdir(finished)
    pipeline.make_run(Order("lvrn_2024"))
    segments = finished / "data" / "lvrn_2024" / "interviews" / "segments.csv"
    with changed(segments, lambda text: text[: text.rindex("Q20")]):
        executed = pipeline.make_run(Order("lvrn_2024")).executed
    pipeline.make_run(Order("lvrn_2024"))
    assert executed[0] == "04_count_themes"
    assert set(executed) == {"04_count_themes", "05_join_findings", "06_audit_published", "00_summary", "appendix"}


def test_nothing_is_written_into_the_study_folder(toys):
    folder = toys / "data" / "tiny"
    for path in folder.iterdir():
        os.chmod(path, 0o444)
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    pipeline.make_run(Order("tiny"))
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before
