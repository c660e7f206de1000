"""What depends on what, staleness, failure, two editions, and the command's messages."""

import errno
import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT
from in_process import run_notebooks
from papermill.exceptions import PapermillExecutionError
from toys import OPEN, OWN, call, digests, execute_here, hand_on_a_number, names_in, show_a_table, write_notebook

from helpers.running import kernels, pipeline, stale
from helpers.running.pipeline import UNFINISHED
from helpers.running.plan import Order, Outcome, choose_notebooks, plan_run
from helpers.running.record import named_inputs
from helpers.study import reading
from helpers.study.errors import WorkbookError

# --- what depends on what


def rooms_behind(notebook):
    files = stale.helper_files(ROOT / "notebooks" / f"{notebook}.ipynb")
    return {"/".join(path.with_suffix("").parts[-2:]) for path in files if path.suffix == ".py"}


def test_a_notebook_depends_on_the_rooms_it_uses_and_on_no_others():
    assert {"survey/comparisons", "page/groups", "study/definition"} <= rooms_behind("03_compare_groups")
    assert not {"interviews/coding", "page/themes", "audit/claims"} & rooms_behind("03_compare_groups")
    assert not {"survey/cleaning", "page/groups", "audit/claims"} & rooms_behind("04_count_themes")


@pytest.mark.parametrize(
    ("code", "rooms"),
    [
        ("from helpers.survey import pairs, waves", {"helpers.survey.pairs", "helpers.survey.waves"}),
        ("from helpers.page.page import open_page", {"helpers.page.page"}),
        ("from helpers import joint", {"helpers.joint"}),
        ("import helpers.survey.pairs as pairs", {"helpers.survey.pairs"}),
        ("from helpers.page import (\n  words,  # in prose\n  style as look)", {"helpers.page.words", "helpers.page.style"}),
        ("def later():\n    from helpers.audit import cells", {"helpers.audit.cells"}),
        ("import pandas\nfrom seaborn import stripplot\nfrom . import sibling", set()),
    ],
)
def test_the_rooms_that_code_imports(code, rooms):
    assert stale.imported_rooms(code) == rooms


def test_a_command_of_jupyters_hides_no_room(project):
    path = write_notebook(project, "07_own", OWN, ["%matplotlib inline\nfrom helpers.study import runs"])
    assert stale.HELPERS / "study" / "runs.py" in stale.helper_files(path)


def test_a_study_gets_the_notebooks_that_it_has_something_for(project):
    shutil.copytree(ROOT / "notebooks", project / "notebooks", dirs_exist_ok=True)
    chosen = choose_notebooks(reading.read_study("tiny"))
    assert [notebook.number for notebook in chosen] == ["01", "02", "03", "00"]
    assert chosen[-1].reads == ["respondents", "responses", "findings_01", "findings_02", "findings_03"]


# --- toy notebooks, so that a run takes seconds


@pytest.fixture
def toys(project):
    """A project whose two notebooks hand on one number; the second multiplies it by a parameter."""
    hand_on_a_number(project)
    return project


@pytest.fixture
def shows(project):
    """A project whose one notebook lists a table and a figure, and keeps a table that it does not list."""
    show_a_table(project)
    return project


@pytest.fixture
def quick(monkeypatch):
    """Toy notebooks executed without a kernel, where the kernel is not what is tested."""
    monkeypatch.setattr(kernels, "execute_notebook", execute_here)


def let_pass(folder, plan):
    """An inspection that finds nothing: what the scan finds is tested with it."""


def product(project):
    return pd.read_parquet(project / "outputs" / "tiny" / "default" / "data" / "product.parquet")["value"].item()


def test_a_run_executes_what_is_stale_and_no_more(toys, quick):
    first = pipeline.make_run(Order("tiny"))
    assert first.executed == ["01_first", "02_second", "appendix"]
    assert product(toys) == 6
    assert pipeline.make_run(Order("tiny")).executed == []

    again = pipeline.make_run(Order("tiny", parameters={"times": "5"}))
    assert again.executed == ["02_second", "appendix"]
    assert product(toys) == 10

    with (toys / "data" / "tiny" / "survey.csv").open("a", encoding="utf-8") as file:
        file.write("R_4,0,North,Agree,,\n")
    # What it leaves is the same as before, so nothing else is stale.
    assert pipeline.make_run(Order("tiny", parameters={"times": "5"})).executed == ["01_first"]
    assert pipeline.make_run(Order("tiny", force=True)).executed == ["01_first", "02_second", "appendix"]


def test_a_hand_edited_result_is_put_right_by_the_next_run(toys, quick):
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


def test_what_depends_on_a_failed_notebook_is_not_run_and_is_named(project):
    """04 needs what 02 writes, by way of 03; 05 needs nothing."""
    for number, reads in (("02", []), ("03", ["table_02"]), ("04", ["table_03"]), ("05", [])):
        cells = [OPEN, f"assert {number != '02'}", f'this_run.save("table_{number}", pd.DataFrame())']
        write_notebook(project, f"{number}_x", OWN, cells, reads=reads, writes=[f"table_{number}"])
    outcome = pipeline.make_run(Order("tiny"))
    assert [failure.notebook.number for failure in outcome.failures] == ["02"]
    assert (outcome.executed, outcome.not_run) == (["05_x"], ["03_x", "04_x"])


@pytest.mark.parametrize("force", [False, True])
def test_only_runs_one_notebook_into_a_folder_of_its_own_and_leaves_the_run(toys, quick, force):
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
from toys import execute_here
from helpers.running import kernels, pipeline
from helpers.running.plan import Order

def execute_or_die(plan, notebook, outcome):
    return os._exit(9) if notebook.name == "02_second" else execute_here(plan, notebook, outcome)

kernels.execute_notebook = execute_or_die
pipeline.make_run(Order("tiny", parameters={"value": "7"}, jobs=1))
"""


def start(code, folder, *arguments):
    """Another process that stands in a folder and knows the tests' modules."""
    known = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env=known,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_a_run_that_was_killed_leaves_nothing_that_the_next_one_believes(toys, quick):
    """Killed between two notebooks: the first has results of another parameter, and doit has not noted it."""
    pipeline.make_run(Order("tiny"))
    killed = start(KILLED, toys)
    assert killed.wait() == 9, killed.stderr.read()
    assert product(toys) == 6
    pipeline.make_run(Order("tiny"))
    number = toys / "outputs" / "tiny" / "default" / "data" / "number.parquet"
    assert pd.read_parquet(number)["value"].item() == 2
    assert product(toys) == 6


def test_results_of_a_notebook_that_a_study_has_nothing_for_any_more_are_forgotten(toys, quick):
    pipeline.make_run(Order("tiny"))
    write_notebook(toys, "02_second", OWN, [], needs=["interviews"])
    pipeline.make_run(Order("tiny"))
    left = {path.name for path in (toys / "outputs" / "tiny" / "default").rglob("*.*")}
    assert "number.parquet" in left
    assert not left & {"product.parquet", "02_second.ipynb"}


RUN = """
import sys
from helpers import cli

sys.argv = ["workbook", "run", "tiny", *sys.argv[1:]]
cli.main()
"""


def test_a_second_run_of_one_label_is_refused_while_the_first_goes_on(toys, quick, monkeypatch):
    def execute_while_another_tries(plan, notebook, outcome):
        with monkeypatch.context() as patch:
            patch.delenv("WORKBOOK_OUTPUTS")
            second = start(RUN, toys)
        assert second.wait() == 2
        said = second.stderr.read()
        assert "another `workbook` making it now" in said and len(said.strip().splitlines()) == 1
        return execute_here(plan, notebook, outcome)

    (toys / "notebooks" / "02_second.ipynb").unlink()
    monkeypatch.setattr(kernels, "execute_notebook", execute_while_another_tries)
    assert pipeline.make_run(Order("tiny")).executed == ["01_first", "appendix"]


def test_two_editions_made_at_once_do_not_mix(toys):
    (toys / "notebooks" / "02_second.ipynb").unlink()
    team, funder = start(RUN, toys, "-p", "value", "7"), start(FUNDER_RUN, toys)
    for process, label, value in ((team, "default", 7), (funder, "default-funder", 2)):
        assert process.wait() == 0, process.stderr.read()
        kept = toys / "outputs" / ".work" / "tiny" / label / "data" / "number.parquet"
        assert pd.read_parquet(kept)["value"].item() == value


FUNDER_RUN = (
    RUN.replace("cli.main()", "from helpers.package import scan")
    + """
scan.scan_folder = lambda folder, secrets: []
sys.argv += ["--audience", "funder"]
cli.main()
"""
)


# --- stopped while it clears up


def test_what_a_stopped_clearing_leaves_is_not_believed(toys, quick, monkeypatch):
    """Results of another parameter stand in the workshop, and the clearing is stopped after it took the mark away."""
    pipeline.make_run(Order("tiny"))
    workshop = toys / "outputs" / ".work" / "tiny" / "default"
    pd.DataFrame({"value": [7]}).to_parquet(workshop / "data" / "number.parquet")
    mark = workshop / UNFINISHED
    mark.touch()

    def stop_early(folder, **options):
        mark.unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(shutil, "rmtree", stop_early)
        pipeline.make_run(Order("tiny"))
    assert not mark.exists()
    pipeline.make_run(Order("tiny"))
    number = toys / "outputs" / "tiny" / "default" / "data" / "number.parquet"
    assert pd.read_parquet(number)["value"].item() == 2


# --- a full or read-only disk


def fill_up(*arguments, **options):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "somewhere")


def refuse_writing(*arguments, **options):
    raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(Path.cwd() / "outputs" / ".work"))


@pytest.mark.parametrize(
    "place", ["doit.dependency.JsonDB.dump", "helpers.running.appendix.stitch", "shutil.copy2", "os.fsync"]
)
def test_a_full_disk_is_one_message_and_the_last_results_stay(toys, quick, capsys, monkeypatch, place):
    pipeline.make_run(Order("tiny"))
    before = digests(toys / "outputs" / "tiny")
    with monkeypatch.context() as patch:
        patch.setattr(place, fill_up)
        status, said = call("run", "tiny", "-p", "times", "5", capsys=capsys, monkeypatch=patch)
    assert status == 2
    assert said.count("no space left on the disk") == 1 and "Traceback" not in said
    assert digests(toys / "outputs" / "tiny") == before
    pipeline.make_run(Order("tiny", parameters={"times": "5"}))
    assert product(toys) == 10


def test_a_disk_that_fills_up_under_papermill_is_one_message(shows, capsys, monkeypatch):
    monkeypatch.setattr("papermill.iorw.LocalHandler.write", fill_up)
    status, said = call("run", "tiny", capsys=capsys, monkeypatch=monkeypatch)
    assert (status, said.count("no space left on the disk")) == (2, 1)
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "text",
    [
        "[Errno 28] No space left on device: 'number.parquet'",
        "[Errno 28] Error writing bytes to file. Detail: [errno 28] No space left on device",
        f"[Errno {errno.EDQUOT}] Disk quota exceeded",
        f"[Errno {errno.EFBIG}] File too large",
    ],
)
def test_a_disk_that_fills_up_in_a_notebook_is_told_as_such(text):
    with pytest.raises(OSError, match="No space left|quota|too large"):
        kernels.raise_if_disk_is_full(PapermillExecutionError(3, 3, "", "OSError", text, []))


@pytest.mark.parametrize("text", ["[Errno 2] No such file", "[Errno 280] ?", "28 of 40 had no space left"])
def test_another_error_of_a_notebook_is_not_taken_for_a_full_disk(text):
    kernels.raise_if_disk_is_full(PapermillExecutionError(3, 3, "", "OSError", text, []))


def test_a_disk_that_fills_up_in_a_kernel_ends_with_status_2(shows, capsys, monkeypatch):
    write_notebook(shows, "01_show", OWN, ['raise OSError(28, "No space left on device")'])
    status, said = call("run", "tiny", capsys=capsys, monkeypatch=monkeypatch)
    assert (status, said.count("no space left on the disk")) == (2, 1)
    assert "Traceback" not in said
    assert not (shows / "outputs" / "tiny").exists()


def test_an_outputs_folder_that_cannot_be_written_to_is_told(toys, quick, capsys, monkeypatch):
    monkeypatch.setattr("filelock.FileLock.acquire", refuse_writing)
    status, said = call("run", "tiny", capsys=capsys, monkeypatch=monkeypatch)
    assert status == 2
    assert "outputs: found a folder that cannot be written to" in said and "Traceback" not in said


def test_a_problem_of_the_stitching_that_a_user_can_mend_is_one_message(toys, quick, capsys, monkeypatch):
    def refuse(*arguments):
        raise WorkbookError("page", "", "this", "that", "do so")

    monkeypatch.setattr("helpers.running.appendix.stitch", refuse)
    status, said = call("run", "tiny", capsys=capsys, monkeypatch=monkeypatch)
    assert (status, said.count("found this; expected that")) == (2, 1)
    assert "Traceback" not in said


# --- two editions


def test_a_funders_edition_holds_what_is_listed_and_nothing_else(shows, quick):
    outcome = pipeline.make_run(Order("tiny", audience="funder", parameters={"threshold": "10"}), let_pass)
    folder = shows / "outputs" / "tiny" / "default-funder"
    assert (outcome.failures, outcome.folder) == ([], folder)
    listed = {"tables/01_told.csv", "figures/01_told.svg", "figures/01_told.png"}
    assert names_in(folder) == {"appendix.html", "run.json", "contents.csv", *listed}
    assert (folder / "tables" / "01_told.csv").read_text() == "For,Threshold,Value\nfunder,10,2\n"


def test_the_teams_edition_holds_everything_and_a_list_of_contents(shows, quick):
    pipeline.make_run(Order("tiny"))
    folder = shows / "outputs" / "tiny" / "default"
    assert {"tables/01_untold.csv", "notebooks/01_show.ipynb", "data/contents_01.parquet"} <= names_in(folder)
    assert (folder / "tables" / "01_told.csv").read_text() == "For,Threshold,Value\nteam,5,2\n"
    assert (folder / "contents.csv").read_bytes().startswith(b'\xef\xbb\xbf"kind","label","section","title"')
    assert pd.read_csv(folder / "contents.csv")["label"].to_list() == ["Table 1.1", "Figure 1.1"]


def test_a_run_without_figures_and_tables_has_an_empty_list_of_contents(toys, quick):
    pipeline.make_run(Order("tiny", audience="funder"), let_pass)
    folder = toys / "outputs" / "tiny" / "default-funder"
    assert names_in(folder) == {"appendix.html", "run.json", "contents.csv"}
    listed = pd.read_csv(folder / "contents.csv", encoding="utf-8-sig")
    assert listed.empty and list(listed) == ["kind", "label", "section", "title", "file", "notes", "rests_on", "alt"]


def test_what_a_notebook_listed_is_forgotten_with_it(shows, quick):
    pipeline.make_run(Order("tiny"))
    (shows / "notebooks" / "01_show.ipynb").unlink()
    write_notebook(shows, "02_second", OWN, ["pass"])
    pipeline.make_run(Order("tiny"))
    assert not (shows / "outputs" / ".work" / "tiny" / "default" / "data" / "contents_01.parquet").exists()
    assert names_in(shows / "outputs" / "tiny" / "default") == {
        "appendix.html", "run.json", "contents.csv", "notebooks/02_second.ipynb", "data/findings_02.parquet",
        "data/contents_02.parquet", "data/told_02.parquet",
    }  # fmt: skip


def test_a_funders_record_names_no_file_of_respondents_and_no_times(shows, quick):
    pipeline.make_run(Order("tiny", audience="funder"), let_pass)
    record = json.loads((shows / "outputs" / "tiny" / "default-funder" / "run.json").read_text())
    assert set(record) == {"study", "run", "audience", "threshold", "parameters", "inputs", "versions", "commit"}
    assert set(record["inputs"]) == {"data/tiny/study.yml", "data/tiny/codebook.csv"}
    assert (record["run"], record["audience"], record["threshold"]) == ("default", "funder", 5)
    assert record["parameters"] == {"value": 2, "threshold": 5}


def test_a_funders_record_names_published_files_and_the_analysts_reading_but_no_interviews(monkeypatch):
    monkeypatch.chdir(ROOT)
    plan = plan_run(Order("lvrn_2024", audience="funder"))
    folders = {path.relative_to(plan.study.folder).parts[0] for path in named_inputs(plan)}
    assert folders == {"study.yml", "codebook.csv", "joint", "published"}


def test_the_same_inputs_give_the_same_bytes_for_a_funder(shows):
    folder = shows / "outputs" / "tiny" / "default-funder"
    pipeline.make_run(Order("tiny", audience="funder"), let_pass)
    first = {name: (folder / name).read_bytes() for name in names_in(folder)}
    pipeline.make_run(Order("tiny", audience="funder", force=True), let_pass)
    assert {name: (folder / name).read_bytes() for name in names_in(folder)} == first


def test_a_funders_edition_in_which_the_scan_finds_something_is_not_published(shows, quick, capsys, monkeypatch):
    pipeline.make_run(Order("tiny", audience="funder"), let_pass)
    folder = shows / "outputs" / "tiny" / "default-funder"
    before = digests(folder)
    # A telephone number of the range that is set aside for stories.
    (shows / "notebooks" / "01_show.ipynb").unlink()
    show_a_table(shows, " 07700 900123")
    arguments = ["run", "tiny", "--audience", "funder"]
    status, said = call(*arguments, capsys=capsys, monkeypatch=monkeypatch)
    assert status == 2
    assert "tables/01_told.csv" in said and "phone number" in said and "900123" not in said
    assert digests(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


SHOWN = """class Shown:
    def __init__(self, html, told):
        self.html, self.told = html, told

    def _repr_mimebundle_(self, **asked):
        return {"text/html": self.html}, {"workbook": {"told": self.told}}"""


def test_a_funder_reads_what_is_told_and_the_team_everything(project):
    """Marks as a kernel writes them; a plain frame and a printed line have none."""
    write_notebook(project, "01_told", OWN, [
        SHOWN, "## Asked?", 'Shown("<p>what is told</p>", True)', 'Shown("<p>what is not</p>", False)',
        'import pandas as pd\npd.DataFrame({"a plain frame": [1]})', 'print("a log of a person")',
        "## Withheld?", """Shown('<p class="withheld" data-why="team">Table 1.2 stays with the team.</p>', True)""",
        "## Empty?", 'Shown("<p>nothing of it</p>", False)',
    ])  # fmt: skip
    shown = {}
    for label, audience in (("default", "team"), ("default-funder", "funder")):
        assert pipeline.make_run(Order("tiny", audience=audience), let_pass).failures == []
        shown[audience] = (project / "outputs" / "tiny" / label / "appendix.html").read_text(encoding="utf-8")
    for words in ("what is told", "Asked?", "Table 1.2"):
        assert words in shown["funder"] and words in shown["team"]
    for words in ("what is not", "a plain frame", "Empty?", "nothing of it"):
        assert words not in shown["funder"] and words in shown["team"]
    assert "a log of a person" not in shown["funder"]


@pytest.mark.parametrize("label", ["x-funder", "x-share", "x-only-03", "x-Funder"])
def test_labels_that_the_workbook_gives_itself_are_refused(project, label):
    with pytest.raises(WorkbookError, match="does not end in"):
        pipeline.make_run(Order("tiny", label))


def test_one_notebook_alone_is_not_made_for_a_funder(shows):
    with pytest.raises(WorkbookError, match="--only"):
        pipeline.make_run(Order("tiny", audience="funder", only="01"), let_pass)


def test_a_funders_edition_that_nothing_inspects_is_not_published(shows, quick):
    with pytest.raises(TypeError):
        pipeline.make_run(Order("tiny", audience="funder"))
    assert not (shows / "outputs" / "tiny" / "default-funder").exists()


def test_what_is_inspected_is_the_finished_copy_before_it_is_in_place(shows, quick):
    seen = []

    def note(folder, plan):
        seen.append((names_in(folder), plan.final.exists()))

    pipeline.make_run(Order("tiny", audience="funder"), note)
    assert seen == [(names_in(shows / "outputs" / "tiny" / "default-funder"), False)]


# --- the command's messages


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "absent"], "study 'absent'"),
        (["run", "tiny", "-p", "nonsense", "1"], "parameter 'nonsense'"),
        (["run", "tiny", "--run", "../x"], "label"),
        (["run", "tiny", "--only", "09"], "--only"),
        (["run", "tiny", "-y", "absent.yml"], "absent.yml"),
        (["run", "tiny", "--run", "x-share"], "does not end in -funder"),
        (["run", "tiny", "--audience", "funder", "-p", "threshold", "2"], "3 or more for a funder"),
        (["share", "tiny", "-p", "audience", "team"], "workbook share"),
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


def test_a_small_study_of_another_kind_runs_without_code(project):
    shutil.copytree(ROOT / "notebooks", project / "notebooks", dirs_exist_ok=True)
    assert pipeline.make_run(Order("tiny", parameters={"permutations": 200})).failures == []
    shown = (project / "outputs" / "tiny" / "default" / "appendix.html").read_text(encoding="utf-8")
    assert "A made-up study" in shown
    assert "Lancashire" not in shown and "simulated" not in shown.lower()
    assert not re.search(r"\bnan\b", shown)


def test_a_study_without_groupings_where_everybody_finds_all_not_relevant_runs(project):
    path = project / "data" / "tiny" / "study.yml"
    text = path.read_text()
    path.write_text(text[: text.index("  groupings:")])
    rows = "".join(f"R_{k},0,North,{','.join(['Not relevant to my role'] * 3)}\n" for k in range(5))
    (project / "data" / "tiny" / "survey.csv").write_text("ResponseId,Status,team,A1,A2,B1\n" + rows)
    shown = []
    run_notebooks("tiny", shown=shown, pictures=True, permutations=200)
    assert "tell groups apart" not in "".join(shown)
    assert not re.search(r"\bnan\b", "".join(shown))


@contextmanager
def changed(path, change):
    """A file with other content for a while."""
    before = path.read_text(encoding="utf-8")
    path.write_text(change(before), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(before, encoding="utf-8")


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


def test_changed_interviews_rerun_what_reads_them_and_nothing_of_the_survey(shared_run, monkeypatch):
    """By the files that each notebook's task rests on; that doit follows them is seen with the toy notebooks."""
    monkeypatch.chdir(shared_run)
    plan = plan_run(Order("lvrn_2024"))
    tasks = [pipeline.notebook_task(plan, notebook, Outcome(plan.final), None) for notebook in plan.notebooks]
    segments = str(shared_run / "data" / "lvrn_2024" / "interviews" / "segments.csv")
    stale, changed = set(), {segments}
    for task in tasks:
        if changed & set(task["file_dep"]):
            stale.add(task["basename"])
            # 01 lists what was coded in comments, and hands on the same survey.
            changed |= set(task["targets"]) if task["basename"] != "01" else set()
    assert stale == {"01", "04", "05", "06", "00"}


@pytest.mark.parametrize("audience", ["team", "funder"])
def test_nothing_is_written_into_a_study_folder_and_it_may_be_read_only(shows, audience, request):
    if audience == "funder":  # one of them with a kernel
        request.getfixturevalue("quick")
    folder = shows / "data" / "tiny"
    before = digests(folder)
    for path in [*folder.iterdir(), folder]:
        os.chmod(path, path.stat().st_mode & ~0o222)
    changed = folder.stat().st_mtime_ns
    assert pipeline.make_run(Order("tiny", audience=audience), let_pass).failures == []
    assert digests(folder) == before
    assert folder.stat().st_mtime_ns == changed
    os.chmod(folder, 0o755)
