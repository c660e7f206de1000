"""Many runs of a study's survey, side by side, on this machine or a Dask cluster, with a table of their results.

A finished cell is one file, so a sweep that was stopped continues where it was. Nothing is drawn.
"""

import json
import logging
import os
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from contextlib import ExitStack, chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path

import joblib
import pandas as pd

from helpers import joint
from helpers.page import render
from helpers.running import grid, in_process, on_page, pipeline, publish, warm
from helpers.running.grid import Cell
from helpers.running.plan import Order, plan_run
from helpers.study import folders, reading, runs
from helpers.study.definition import Study
from helpers.study.errors import WorkbookError
from helpers.study.notebooks import Notebook
from helpers.survey import cleaning

# A worker may have several threads, and a run has the process's folder and environment.
ALONE = threading.Lock()
DONE, FAILED, WAITING = "done", "failed", "not run"
COMPARED = ["construct", "grouping", "n", "groups", "effect_name", "effect", "p", "p_holm", "note"]
SCORED = ["construct", "n", "median", "mean", "low", "high", "note"]
FOUND = ["notebook", "key", "sentence"]
# How many seconds we wait for a Dask scheduler and its first worker.
PATIENCE = 10


@dataclass(frozen=True)
class Work:
    """What workers need to know besides cells: finished ones go to `kept`, and runs are made in `room`."""

    project: Path
    study: str
    notebooks: list[Notebook]
    kept: Path
    room: Path

    def path(self, cell: Cell) -> Path:
        return self.kept / f"{cell.digest}.json"


def make_sweep(name: str, file: Path | None = None, jobs: int = 2, dask: str = "") -> tuple[Path, pd.DataFrame, int]:
    """Run a grid's unfinished cells; return the folder of its tables, `cells.csv`, and how many were already finished.

    The grid is that of the file, or the study's own `sweep.yml`. A cell that fails stops nothing. Raises a `WorkbookError`
    before anything runs for a grid that is wrong, a scheduler that does not answer, or another sweep of the same grid.
    """
    study = reading.read_study(name)
    study.part("survey")
    file = file or study.folder / "sweep.yml"
    notebooks = grid.survey_notebooks(study)
    cells = grid.lay_out_cells(study, file, notebooks)
    runs.check_label(file.stem)
    if grid.read_grid(file).on_page:
        on_page.read_turned(plan_run(Order(name)))
    folder, room = folders.sweep_folder(name, file.stem), folders.outputs_root() / ".work" / name / f".sweep-{file.stem}"
    work = Work(folders.project_root(), name, notebooks, folder / "cells", room)
    what = f"{file.stem} of {name}"
    with ExitStack() as stack:
        room.mkdir(parents=True, exist_ok=True)
        stack.enter_context(publish.locking(Path(f"{room}.lock"), f"sweep {what}", "wait for the other, or copy the grid"))
        # This also removes what a killed worker has left here.
        stack.callback(shutil.rmtree, room, ignore_errors=True)
        work.kept.mkdir(parents=True, exist_ok=True)
        waiting = [cell for cell in cells if not work.path(cell).is_file()]
        failures: dict[int, str] = {}
        # Results are current once all cells have had their turn, and nothing has changed since the first one.
        made_from, mark = grid.name_inputs(study, file), folder / "made_from.txt"
        mark.unlink(missing_ok=True)
        try:
            for failed in run_side_by_side(work, waiting, jobs, dask):
                failures |= failed
        except BrokenExecutor:
            found, expected = "a worker that ended by itself, as it does when memory runs out", "one that runs to its end"
            remedy = "run the same again, with fewer cells at a time (-n 1): those that are finished are kept"
            raise WorkbookError("workbook sweep", what, found, expected, remedy) from None
        finally:
            table = write_tables(study, work, cells, failures, folder)
        mark.write_text(made_from, encoding="utf-8")
    return folder, table, len(cells) - len(waiting)


def run_side_by_side(work: Work, waiting: list[Cell], jobs: int, dask: str) -> list[dict[int, str]]:
    """Run cells as tasks of a few that share results; return the messages of those that failed, by number."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(file=sys.__stderr__)
    with ExitStack() as stack:
        ours = {"inner_max_num_threads": 1, "initializer": end_with, "initargs": (os.getpid(),)}
        settings = {"backend": "loky", "n_jobs": jobs} | ours if jobs > 1 else {"n_jobs": 1}
        if dask:
            client = stack.enter_context(connect(dask))
            settings, jobs = {"backend": "dask", "client": client}, sum(client.ncores().values())
        progress = stack.enter_context(Progress(console=console, transient=True, disable=not console.is_terminal))
        bar = progress.add_task("Cells", total=len(waiting))

        class Parallel(joblib.Parallel):
            def print_progress(self) -> None:
                """Called by joblib whenever a task has ended."""
                progress.update(bar, completed=sum(work.path(cell).is_file() for cell in waiting))

        stack.enter_context(joblib.parallel_config(**settings))
        # When a sweep is stopped, a thread of joblib's complains at length that its tasks are gone.
        stack.callback(setattr, threading, "excepthook", threading.excepthook)
        threading.excepthook = lambda _failed: None
        # Neighbours differ in what runs last, so that they share what runs first.
        waiting = sorted(waiting, key=lambda cell: json.dumps([cell.levels, *cell.values.values()]))
        size = -(-len(waiting) // (8 * jobs)) or 1
        tasks = [waiting[start : start + size] for start in range(0, len(waiting), size)]
        return Parallel(batch_size=1, pre_dispatch="all")(joblib.delayed(run_cells)(work, task) for task in tasks)


@contextmanager
def connect(address: str) -> Iterator[object]:
    """A client of a Dask cluster that has a worker."""
    try:
        from distributed import Client, KilledWorker
    except ImportError:
        raise WorkbookError("--dask", "", "no Dask here", "it installed", "pip install nomad-workbook[dask]") from None
    # It tells of each lost connection at length.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
        client.wait_for_workers(1, timeout=PATIENCE)
    except (OSError, ValueError):
        found, remedy = "no scheduler with workers that answers", "start them, or correct the address"
        raise WorkbookError("--dask", address, found, "tcp://HOST:PORT of one", remedy) from None
    try:
        with client:
            yield client
    except KilledWorker:
        raise BrokenExecutor from None


# --- pages ------------------------------------------------------------------------------------------------------------
def make_pages(name: str, jobs: int = 2) -> tuple[int, int, list[str]]:
    """Make the pages of a study's `on_page` that are missing, one after another.

    Returns how many there are now, how many there should be, and messages of those that failed.
    """
    if not grid.read_grid(reading.read_study(name).folder / "sweep.yml").on_page:
        shutil.rmtree(folders.sweep_folder(name) / "pages", ignore_errors=True)
        return 0, 0, []
    plan, failed = plan_run(Order(name)), []
    wanted = list(on_page.list_pages(plan))
    # One place for all, so that only what depends on a changed value runs again.
    room = folders.outputs_root() / ".work" / name / ".on_page"
    lock = publish.locking(Path(f"{room}.lock"), f"pages of {name}", "wait for the other")
    with lock, warm.warm_kernels(bool(wanted)), folders.environment(WORKBOOK_OUTPUTS=str(room)):
        for path in {*(folders.sweep_folder(name) / "pages").glob("*.json")} - {path for _, path in wanted}:
            path.unlink()
        shutil.rmtree(room, ignore_errors=True)
        try:
            for settings, path in wanted:
                if path.is_file():
                    continue
                outcome = pipeline.make_run(Order(name, parameters=settings, jobs=jobs))
                failed += [f"{json.dumps(settings)}: {failure}" for failure in outcome.failures]
                # Something that the page rests on may have been saved in the meantime.
                if not outcome.failures and (settings, path) in on_page.list_pages(plan):
                    on_page.keep_page(plan, room / ".work" / name / "default", path)
        finally:
            shutil.rmtree(room, ignore_errors=True)
    return sum(path.is_file() for _, path in wanted), len(wanted), failed


# --- what a worker does -----------------------------------------------------------------------------------------------
def end_with(parent: int) -> None:
    """Make a worker on this machine end if the process that began it is killed; otherwise it would wait for more work."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def run_cells(work: Work, cells: list[Cell]) -> dict[int, str]:
    """Run cells one after another, each into a separate file; return messages of those that failed, by number."""
    if not work.room.is_dir():
        return {cell.number: f"A worker on {socket.gethostname()} does not see {work.project}." for cell in cells}
    failures, done, left = {}, {}, {}
    apart = tempfile.TemporaryDirectory(dir=work.room, ignore_cleanup_errors=True)
    with ALONE, chdir(work.project), apart as made, folders.environment(WORKBOOK_OUTPUTS=made, WORKBOOK_SILENT="1"):
        run = runs.Run(reading.read_study(work.study), "cell", Path(made) / work.study / "cell")
        for cell in cells:
            begun = time.perf_counter()
            try:
                run_notebooks(work, run, cell, done, left)
                kept = take_results(work, run, cell, left) | {"seconds": round(time.perf_counter() - begun, 2)}
                folders.save(work.path(cell), json.dumps(kept).encode())
            except WorkbookError as error:
                failures[cell.number] = str(error)
            except Exception as error:
                failures[cell.number] = f"{type(error).__name__}: {error} ({', '.join(getattr(error, '__notes__', []))})"
    return failures


def run_notebooks(work: Work, run: runs.Run, cell: Cell, done: dict[str, tuple], left: dict[str, dict]) -> None:
    """Run the survey's notebooks, except the leading ones whose last run had the same values."""
    key: tuple = (json.dumps(cell.levels),)
    for notebook in work.notebooks:
        key = (*key, json.dumps(cell.values[notebook.name]))
        if done.get(notebook.number) == key:
            continue
        done.pop(notebook.number, None)
        given = cell.values[notebook.name] | {"study": work.study, "run": run.label, "audience": "team"}
        left[notebook.number] = in_process.run_cells(notebook, given)
        if "respondents" in notebook.writes and cell.levels:
            restrict_respondents(run, cell)
        done[notebook.number] = key


def restrict_respondents(run: runs.Run, cell: Cell) -> None:
    """Keep only a subset's respondents in the tables that the first notebook saved, from which all others compute."""
    respondents, responses = run.read("respondents"), run.read("responses")
    for name, levels in cell.levels.items():
        respondents = respondents[respondents[name].isin(levels)]
    if respondents.empty:
        raise WorkbookError("subset", cell.subset, "nobody", "respondents of these levels", "join levels, or take it out")
    run.save("respondents", respondents)
    run.save("responses", cleaning.keep_people(responses, respondents))


def take_results(work: Work, run: runs.Run, cell: Cell, left: dict[str, dict]) -> dict[str, object]:
    """What a cell keeps: sentences with a key, scores of constructs, comparisons of groups.

    For a subset we leave out who answered, since we do not know how many of it were invited.
    """
    asked = [notebook for notebook in work.notebooks if not (cell.levels and "respondents" in notebook.writes)]
    findings = pd.concat([run.read(f"findings_{notebook.number}") for notebook in asked])[FOUND]
    tables = []
    if "02" in left:
        favour = joint.measure_favour(left["02"]["bands"], left["02"]["page"].study).drop_duplicates("construct")
        scores = left["02"]["described"].frame[SCORED]
        tables.append(scores.assign(grouping="", share=scores["construct"].map(favour.set_index("construct")["middle"])))
    if "03" in left:
        tables.append(left["03"]["comparisons"][COMPARED])
    frames = {"findings": findings, "results": pd.concat([pd.DataFrame(), *tables])}
    return {name: json.loads(each.to_json(orient="records", double_precision=15)) for name, each in frames.items()}


# --- the tables -------------------------------------------------------------------------------------------------------
def write_tables(study: Study, work: Work, cells: list[Cell], failures: dict[int, str], folder: Path) -> pd.DataFrame:
    """Write `cells.csv`, `results.csv` and `findings.csv` of all finished cells; return the first."""
    columns = {"results": list(dict.fromkeys(["cell", *COMPARED, *SCORED, "share"])), "findings": ["cell", *FOUND]}
    rows, held = [], {name: [] for name in columns}
    for cell in cells:
        path = work.path(cell)
        kept = json.loads(path.read_bytes()) if path.is_file() else {}
        state = DONE if kept else FAILED if cell.number in failures else WAITING
        row = {"cell": cell.number, "variant": cell.variant, "subset": cell.subset} | cell.settings
        told = {"seconds": kept.get("seconds"), "message": failures.get(cell.number, "")}
        rows.append(row | {"reported": cell.reported, "state": state} | told)
        for name in columns:
            held[name] += [{"cell": cell.number} | each for each in kept.get(name, [])]
    render.save_csv(folder / "cells.csv", table := pd.DataFrame(rows))
    for name, found in held.items():
        frame = pd.DataFrame(found, columns=columns[name])
        render.save_csv(folder / f"{name}.csv", frame.assign(simulated=study.banner) if study.banner else frame)
    return table
