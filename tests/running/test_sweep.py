"""Many runs at once: the grid, what cells share, what they keep, and what becomes of a sweep that is stopped."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import in_process
import pandas as pd
import pytest
from conftest import ROOT
from filelock import FileLock
from toys import OWN, call, write_notebook

from helpers.running import fresh, grid, pipeline, plan, sweep
from helpers.study import reading
from helpers.study.errors import WorkbookError

COMMAND = [sys.executable, "-m", "helpers.cli", "sweep", "tiny", "grid.yml"]


@pytest.fixture
def toys(project):
    """Two notebooks: the second multiplies the first one's number; each notes in a file that it ran."""
    note = "import os\nwith open('ran.txt', 'a') as ran: ran.write(f'{page.notebook} {os.getpid()}\\n')"
    opened = "from helpers.page.page import open_page\nimport pandas as pd\nimport time"
    write_notebook(project, "41_first", OWN + "value: int = 2  # a number\npause: float = 0.0  # seconds", [
        opened, "page = open_page(study, run, 41, audience, threshold)", note, "time.sleep(pause)",
        'page.save("number", pd.DataFrame({"value": [value]}))', "page.close()",
    ], needs=["survey"], writes=["number"], bounds={"value": [0, 99]})  # fmt: skip
    write_notebook(project, "42_second", OWN + "times: int = 3  # a factor", [
        opened, "page = open_page(study, run, 42, audience, threshold)", note,
        'assert times != 13, "an unlucky factor"',
        'page.say(f"It is {page.read(\'number\').iloc[0, 0] * times}.", key="product")', "page.close()",
    ], needs=["survey"], reads=["number"])  # fmt: skip
    return project


def write_grid(project: Path, text: str) -> Path:
    (project / "grid.yml").write_text(text)
    return project / "grid.yml"


def read_csv(project: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(project / "outputs" / "tiny" / "sweeps" / "grid" / f"{name}.csv", encoding="utf-8-sig")


def count_ran(project: Path) -> dict[str, int]:
    ran = project / "ran.txt"
    return (
        pd.Series([line.split()[0] for line in ran.read_text().splitlines()]).value_counts().to_dict() if ran.exists() else {}
    )


def test_cells_are_all_combinations_and_those_that_share_a_notebooks_values_run_it_once(toys):
    file = write_grid(toys, "parameters: {value: [2, 5], times: [3, 4]}\nvariants: {quick: {pause: 0}, slow: {pause: 0.01}}")
    _, _, before = sweep.make_sweep("tiny", file, jobs=1)
    cells, said = read_csv(toys, "cells"), read_csv(toys, "findings").set_index("cell")["sentence"]
    assert cells["state"].eq("done").all() and len(cells) == 8 and before == 0
    worked = cells["value"] * cells["times"]
    assert [said[cell] for cell in cells["cell"]] == [f"It is {product}." for product in worked]
    assert cells.loc[cells["reported"], ["variant", "value", "times"]].to_numpy().tolist() == [["quick", 2, 3]]
    assert count_ran(toys)["42"] == 8


def test_neighbours_in_a_task_share_what_ran_before_the_value_in_which_they_differ(toys):
    file = write_grid(toys, "parameters: {times: [3, 4, 5, 6], value: [2, 5]}")
    notebooks = grid.survey_notebooks(reading.read_study("tiny"))
    cells = grid.lay_out_cells(reading.read_study("tiny"), file, notebooks)
    work = sweep.Work(toys, "tiny", notebooks, toys / "kept", toys / "room")
    work.room.mkdir()
    assert sweep.run_cells(work, sorted(cells, key=lambda cell: cell.settings["value"])) == {}
    assert count_ran(toys) == {"41": 2, "42": 8} and len(list(work.kept.iterdir())) == 8


def test_a_cell_that_fails_stops_nothing_is_told_with_its_place_and_alone_runs_again(toys, capsys, monkeypatch):
    write_grid(toys, "parameters: {times: [3, 13, 4]}")
    status, said = call("sweep", "tiny", "grid.yml", "-n", "1", capsys=capsys, monkeypatch=monkeypatch)
    assert status == 1 and "3 cells: 2 done, 1 failed" in said
    assert "Failed: cell 2: AssertionError: an unlucky factor (notebooks/42_second.ipynb, cell 6)" in said
    assert read_csv(toys, "cells")["state"].tolist() == ["done", "failed", "done"]
    before = count_ran(toys)["42"]
    status, said = call("sweep", "tiny", "grid.yml", "-n", "1", capsys=capsys, monkeypatch=monkeypatch)
    assert status == 1 and "(2 of them before)" in said and count_ran(toys)["42"] == before + 1


def test_a_sweep_leaves_the_folder_of_outputs_that_the_user_chose(toys, monkeypatch):
    monkeypatch.setenv("WORKBOOK_OUTPUTS", str(toys / "elsewhere"))
    sweep.make_sweep("tiny", write_grid(toys, "parameters: {times: [3]}"), jobs=1)
    assert os.environ["WORKBOOK_OUTPUTS"] == str(toys / "elsewhere")


def test_a_sweep_rests_on_the_survey_and_not_on_interviews(project):
    shutil.copytree(ROOT / "data" / "lvrn_2024", project / "data" / "lvrn_2024")
    shutil.copytree(ROOT / "notebooks", project / "notebooks", dirs_exist_ok=True)
    study = reading.read_study("lvrn_2024")
    digests = [grid.digest_cells(study, grid.survey_notebooks(study))]
    for file in (study.interviews.participants, study.survey.files["2024"]):
        with study.file(file).open("a") as more:
            more.write("\n")
        digests.append(grid.digest_cells(study, grid.survey_notebooks(study)))
    assert digests[0] == digests[1] != digests[2]


def test_a_cell_is_finished_until_data_code_or_settings_change(toys):
    file = write_grid(toys, "parameters: {times: [3]}")
    assert sweep.make_sweep("tiny", file, jobs=1)[2] == 0
    write_grid(toys, "parameters: {times: [3, 4]}")
    assert sweep.make_sweep("tiny", file, jobs=1)[2] == 1
    with (toys / "data" / "tiny" / "survey.csv").open("a") as survey:
        survey.write("R_4,IP Address,South,Agree,Agree,Agree\n")
    assert sweep.make_sweep("tiny", file, jobs=1)[2] == 0
    for path in (toys / "notebooks").glob("42*"):
        path.write_text(path.read_text().replace("unlucky", "ill"))
    assert sweep.make_sweep("tiny", file, jobs=1)[2] == 0


# --- bad input


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("parameters: {tims: [3]}", r"grid\.yml, parameters\.tims: found 'tims', no parameter.*did you mean 'times'"),
        ("parameters: {times: []}", r"parameters\.times: found an empty list; expected one value or more"),
        ("parameters: {value: [2, 100]}", r"parameters\.value: found 100; expected a value.*at least 0, at most 99"),
        ("parameters: {times: [three]}", r"parameters\.times: found 'three'; expected a value of type int"),
        ("variants: {a: {value: 100}}", r"variants\.a\.value: found 100"),
        ("parameters: {value: [1]}\nvariants: {a: {value: 2}}", r"variants\.a: found 'value', which `parameters` varies too"),
        ("subsets: {n: {teem: North}}", r"subsets\.n\.teem: found 'teem', no grouping.*did you mean 'team'"),
        ("subsets: {n: {team: [North, Suoth]}}", r"subsets\.n\.team: found 'Suoth', no level.*did you mean 'South'"),
        ("subsets: {n: {wave: '2031'}}", r"subsets\.n\.wave: found '2031', no level; expected one of 2030"),
        ("subsets: {n: {team: []}}", r"subsets\.n\.team.*found an empty list"),
        ("parametres: {}", r"found the unknown key 'parametres'.*did you mean 'parameters'"),
        ("parameters: {audience: [funder]}", r"found 'audience', no parameter of the survey's notebooks"),
        ("- 1", r"grid\.yml: found a list of 1; expected YAML"),
    ],
)  # fmt: skip
def test_a_grid_that_is_wrong_is_told_with_its_place_before_anything_runs(toys, text, message):
    with pytest.raises(WorkbookError, match=message):
        sweep.make_sweep("tiny", write_grid(toys, text), jobs=1)
    assert count_ran(toys) == {} and not (toys / "outputs").exists()


def test_a_variant_has_the_notebooks_own_values_of_what_only_another_sets(toys):
    study = reading.read_study("tiny")
    file = write_grid(toys, "variants: {usual: {}, more: {times: 5}, other: {value: 9}}")
    cells = grid.lay_out_cells(study, file, grid.survey_notebooks(study))
    assert [cell.settings for cell in cells] == [{"times": 3, "value": 2}, {"times": 5, "value": 2}, {"times": 3, "value": 9}]
    assert [cell.reported for cell in cells] == [True, False, False]


def test_all_that_is_wrong_with_a_grid_is_told_at_once(toys):
    with pytest.raises(WorkbookError) as told:
        sweep.make_sweep("tiny", write_grid(toys, "parameters: {tims: [3], value: [x, 100]}\nsubsets: {n: {team: East}}"))
    assert len(told.value.errors) == 4


def test_a_missing_grid_a_dead_scheduler_and_a_second_sweep_are_told_in_one_message(toys, capsys, monkeypatch):
    def command(*arguments):
        return call("sweep", "tiny", *arguments, capsys=capsys, monkeypatch=monkeypatch)

    status, said = command()
    assert status == 2 and said.startswith("Error: data/tiny/sweep.yml: found no such file; expected a grid")
    write_grid(toys, "parameters: {times: [3]}")
    with FileLock(toys / "outputs" / ".work" / "tiny" / ".sweep-grid.lock"):
        status, said = command("grid.yml")
    assert status == 2 and "found another `workbook` making it now" in said and said.count("\n") == 1
    monkeypatch.setattr(sweep, "PATIENCE", 1)
    for address in (f"tcp://127.0.0.1:{free_port()}", "nonsense://here"):
        status, said = command("grid.yml", "--dask", address)
        assert status == 2 and f"--dask, {address}: found no scheduler with workers that answers" in said
    assert count_ran(toys) == {}


def test_the_label_of_a_run_cannot_be_that_of_the_folder_of_sweeps(toys):
    with pytest.raises(WorkbookError, match="a label other than sweeps"):
        plan.plan_run(plan.Order("tiny", "sweeps"))


# --- processes


def processes_in(folder: Path) -> list[int]:
    """Processes that work in a folder, as the system lists them; those that have ended and wait to be noted do not count."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (entry / "cwd").resolve() == folder.resolve() and int(entry.name) != os.getpid():
                found.append(int(entry.name))
    return found


def wait_until(true, seconds=120):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.1)


@pytest.mark.skipif(sys.platform != "linux", reason="processes are counted as Linux lists them")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_sweep_that_is_stopped_leaves_no_process_and_goes_on_where_it_was(toys, number):
    write_grid(toys, "parameters: {value: [1, 2, 3, 4, 5, 6]}\nvariants: {slow: {pause: 0.5}}")
    kept = toys / "outputs" / "tiny" / "sweeps" / "grid" / "cells"
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(COMMAND, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as stopped:
        wait_until(lambda: any(kept.glob("*.json")))
        stopped.send_signal(number)
        stopped.wait(60)
        said = stopped.stdout.read() if number == signal.SIGINT else ""
    wait_until(lambda: processes_in(toys) == [], 30)
    if number == signal.SIGINT:
        assert stopped.returncode == 130 and "Stopped" in said and "Traceback" not in said
    there = len(list(kept.glob("*.json")))
    assert 1 <= there < 6
    _, cells, before = sweep.make_sweep("tiny", toys / "grid.yml", jobs=1)
    assert before == there and cells["state"].eq("done").all()
    assert not (toys / "outputs" / ".work" / "tiny" / ".sweep-grid").exists()


def test_a_worker_that_the_system_kills_is_told_in_one_message_and_what_was_finished_is_kept(toys, capsys, monkeypatch):
    path = next((toys / "notebooks").glob("42*"))
    path.write_text(
        path.read_text().replace("assert times != 13", "times == 13 and os.kill(os.getpid(), 9)\\nassert times != 12")
    )
    write_grid(toys, "parameters: {value: [1, 2, 3], times: [3, 13]}")
    status, said = call("sweep", "tiny", "grid.yml", capsys=capsys, monkeypatch=monkeypatch)
    assert status == 2 and "grid of tiny: found a worker that ended by itself" in said and said.count("\n") == 1
    write_grid(toys, "parameters: {value: [1, 2, 3], times: [3]}")
    assert call("sweep", "tiny", "grid.yml", "-n", "1", capsys=capsys, monkeypatch=monkeypatch)[0] == 0


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return opened.getsockname()[1]


@contextlib.contextmanager
def started(*arguments: str):
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="processes are counted as Linux lists them")
def test_on_a_dask_cluster_a_worker_that_is_killed_is_made_good_and_a_stopped_sweep_goes_on(toys):
    pytest.importorskip("distributed")
    file = write_grid(toys, "parameters: {value: [1, 2, 3, 4, 5, 6], times: [3, 13]}\nvariants: {slow: {pause: 0.3}}")
    kept = toys / "outputs" / "tiny" / "sweeps" / "grid" / "cells"
    address = f"tcp://127.0.0.1:{(port := free_port())}"
    worker = ("dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")
    with contextlib.ExitStack() as stack:
        stack.enter_context(started("dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"))
        stack.enter_context(started(*worker))
        second = stack.enter_context(started(*worker))
        environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
        run = subprocess.Popen(
            [*COMMAND, "--dask", address], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        wait_until(lambda: any(kept.glob("*.json")) or run.poll() is not None)
        os.killpg(second.pid, signal.SIGKILL)
        said, _ = run.communicate(timeout=240)
        assert run.returncode == 1 and "12 cells: 6 done, 6 failed" in said, said
        assert "6" in said and said.count("an unlucky factor") == 6
        for path in list(kept.glob("*.json"))[:2]:
            path.unlink()
        _, cells, before = sweep.make_sweep("tiny", file, dask=address)
        assert before == 4 and cells["state"].value_counts().to_dict() == {"done": 6, "failed": 6}


# --- the workbook's own notebooks


SMALL = "parameters: {permutations: [20], min_group_size: [1, 3], minimum_items: [0.75, 1]}\n"


def hold_people(project: Path, number: int = 24) -> None:
    """Answers of `number` people, in turn from South and North; the North is more favourable."""
    said = ["Agree", "Neutral", "Disagree", "Not relevant to my role", ""]
    team = ["South", "North"]
    answers = [(said[k % 4 % (5, 2)[k % 2]], said[k % 3], said[-(k % 5) - 1]) for k in range(number)]
    rows = [f"R_{k},IP Address,{team[k % 2]},{','.join(given)}" for k, given in enumerate(answers)]
    (project / "data" / "tiny" / "survey.csv").write_text("\n".join(["ResponseId,Status,team,A1,A2,B1", *rows, ""]))


@pytest.fixture
def people(project):
    hold_people(project)
    shutil.copytree(ROOT / "notebooks", project / "notebooks", dirs_exist_ok=True)
    return project


def test_a_cell_gives_what_the_notebooks_give_with_its_parameters(people):
    left: dict[str, dict] = {}
    run = in_process.run_notebooks("tiny", "01 02 03", left=left, permutations=20, min_group_size=3, minimum_items=1)
    sweep.make_sweep("tiny", write_grid(people, SMALL), jobs=1)
    cells = read_csv(people, "cells")
    cell = cells.loc[cells["min_group_size"].eq(3) & cells["minimum_items"].eq(1), "cell"].item()
    results, said = (read_csv(people, name).set_index("cell").loc[cell] for name in ("results", "findings"))
    expected = left["03"]["comparisons"]
    compared = results[results["grouping"].notna()].reset_index(drop=True)
    for name in ("construct", "n", "groups", "effect", "p", "p_holm"):
        pd.testing.assert_series_equal(compared[name], expected[name], check_dtype=False)
    described = left["02"]["described"].frame
    assert results.loc[results["grouping"].isna(), "mean"].to_numpy() == pytest.approx(described["mean"].to_numpy())
    kept = pd.concat([pd.read_parquet(run / "data" / f"findings_{number}.parquet") for number in ("01", "02", "03")])
    assert said["sentence"].tolist() == kept["sentence"].tolist()
    # Nothing is drawn, and a run's tables of respondents do not stay.
    assert not list((people / "outputs" / "tiny" / "sweeps").rglob("*.svg"))
    assert not (people / "outputs" / ".work" / "tiny" / ".sweep-grid").exists()


def test_a_subset_gives_what_a_survey_of_these_people_alone_gives(people):
    grid_file = write_grid(people, "parameters: {permutations: [20]}\nsubsets: {north: {team: North}, everyone: {}}")
    sweep.make_sweep("tiny", grid_file, jobs=1)
    results, cells = read_csv(people, "results").query("cell == 1 and grouping != grouping"), read_csv(people, "cells")
    assert cells["subset"].fillna("").tolist() == ["north", ""]
    # Who answered is said of everyone invited, and of no subset.
    assert 1 not in set(read_csv(people, "findings").query("notebook == 1")["cell"])
    survey = people / "data" / "tiny" / "survey.csv"
    survey.write_text("\n".join(line for line in survey.read_text().splitlines() if "South" not in line) + "\n")
    left: dict[str, dict] = {}
    in_process.run_notebooks("tiny", "01 02", left=left)
    alone = left["02"]["described"].frame
    for name in ("n", "mean", "median", "low", "high"):
        assert results[name].to_numpy() == pytest.approx(alone[name].to_numpy()), name


def test_the_studys_own_sweep_is_a_section_of_the_page_until_something_that_it_rests_on_changes(people):
    study_folder = people / "data" / "tiny"
    numbers = lambda: [notebook.number for notebook in plan.choose_notebooks(reading.read_study("tiny"))]  # noqa: E731
    (study_folder / "sweep.yml").write_text(SMALL)
    assert "07" not in numbers() and not plan.plan_run(plan.Order("tiny")).notes
    sweep.make_sweep("tiny", jobs=1)
    assert "07" in numbers()
    left, shown = {}, []
    in_process.run_notebooks("tiny", "07", left=left, shown=shown)
    space = left["07"]
    assert set(space["choices"]["choice"]) == {"min_group_size", "minimum_items"}
    assert space["groups_held"]["denominator"].max() <= 4 and len(space["scores_held"]) == 2
    assert "in all 4 ways of analysing" in "".join(shown) and "nan" not in "".join(shown)
    # For a funder it has nothing.
    funder: list[str] = []
    run = in_process.run_notebooks("tiny", "07", shown=funder, audience="funder")
    assert "way" not in "".join(funder).replace("In how many ways of analysing each", "").replace("Every way of analysing", "")
    assert pd.read_parquet(run / "data" / "findings_07.parquet").empty

    inputs = plan.plan_run(plan.Order("tiny"))
    task = next(pipeline.notebook_task(inputs, each, None, None) for each in inputs.notebooks if each.number == "07")
    assert any(path.endswith("sweeps/sweep/results.csv") for path in task["file_dep"])
    seen = fresh.digest_state("tiny", "default", "")
    results = people / "outputs" / "tiny" / "sweeps" / "sweep" / "results.csv"
    results.write_bytes(results.read_bytes() + b"\n")
    assert fresh.digest_state("tiny", "default", "") != seen
    hold_people(people, 26)
    assert "07" not in numbers()
    assert "Its sweep was made from other data" in plan.plan_run(plan.Order("tiny")).notes[-1]
