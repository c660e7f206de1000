"""A run made: notebooks → one folder of results with its appendix.

A run is made in a workshop (`outputs/.work/`), so that a run that fails or is stopped leaves the last good results as
they were; finished, it replaces them. doit decides what is stale, papermill executes. A run has two editions: the team's
holds everything, the funder's what may leave the team.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

from doit.exceptions import TaskFailed, UnmetDependency

from helpers.running import kernels, publish
from helpers.running.plan import CONTENTS, WHOLE, Order, Outcome, Plan, files_of, forget_others, needed_for, plan_run, wrong
from helpers.running.record import describe_run, versions
from helpers.running.stale import TEMPLATES, helper_files, room_files
from helpers.study import reading, runs
from helpers.study.errors import WorkbookError
from helpers.study.notebooks import Notebook

# Marks and records of a workshop.
UNFINISHED, RECORDS = ".unfinished", ".doit.json"
Inspect = Callable[[Path, Plan], None]


def make_run(order: Order, inspect: Inspect | None = None) -> Outcome:
    """Execute what is stale, stitch the appendix, and put the finished run in place of the last one.

    Parameters
    ----------
    order : Order
    inspect : function of a folder and the plan
        Needed for the funder's edition. It sees the finished copy before that is put in place, and raises to refuse it.

    Raises
    ------
    WorkbookError
        For a bad order or study, before anything is executed; for a full disk; what `inspect` raises. The last good
        results then stand as they were.
    ValueError
        For a funder's edition that nothing inspects.
    """
    plan = plan_run(order)
    with holding(plan):
        return carry_out(plan, inspect)


def carry_out(plan: Plan, inspect: Inspect | None) -> Outcome:
    """Make a planned run, which the caller holds, and publish it unless a notebook failed."""
    if plan.for_funder and inspect is None:
        raise ValueError("a funder's edition needs a function that inspects it")
    publish.restore(plan.final)
    with working_in(plan):
        forget_others(plan.workshop, plan.notebooks)
        outcome = execute(plan)
    if not outcome.failures:
        publish_run(plan, inspect)
    return outcome


@contextmanager
def holding(plan: Plan) -> Iterator[None]:
    """Keep other processes from the run, and tell of a full or unwritable disk in one message."""
    from filelock import FileLock, Timeout

    with publish.telling_disk_errors(plan.outputs):
        plan.workshop.parent.mkdir(parents=True, exist_ok=True)
        # The system lets go of the lock when this process ends, however it ends.
        lock = FileLock(plan.workshop.with_name(f".{plan.workshop.name}.lock"), timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise WorkbookError(
                "workbook", f"run {plan.workshop.name!r} of {plan.study.name}", "another `workbook` making it now",
                "one at a time for each run", "wait for the other, or choose another label with --run",
            ) from None  # fmt: skip
        try:
            yield
        finally:
            lock.release()


@contextmanager
def working_in(plan: Plan) -> Iterator[None]:
    """Mark the workshop as unfinished until the block has ended well, and point notebooks at it."""
    begin_workshop(plan)
    before = os.environ.get("WORKBOOK_OUTPUTS")
    os.environ["WORKBOOK_OUTPUTS"] = str(plan.workshop.parents[1])
    try:
        yield
        publish.flush(plan.workshop)
        (plan.workshop / UNFINISHED).unlink()
    finally:
        shutil.rmtree(plan.sockets, ignore_errors=True)
        os.environ.pop("WORKBOOK_OUTPUTS")
        if before is not None:
            os.environ["WORKBOOK_OUTPUTS"] = before


def begin_workshop(plan: Plan) -> None:
    """Clear what a run that was stopped has left, and mark the workshop as unfinished."""
    workshop, mark = plan.workshop, plan.workshop / UNFINISHED
    if mark.exists():
        clear_sockets(mark)
    if mark.exists() or (plan.order.force and workshop.exists()):
        # A run that was stopped leaves notebooks half-made, and doit keeps its records only at the end: begin anew. The
        # records go first, so that nothing is believed of what is left when the clearing itself is stopped.
        (workshop / RECORDS).unlink(missing_ok=True)
        shutil.rmtree(workshop)
    workshop.mkdir(exist_ok=True)
    mark.write_text(plan.sockets.name, encoding="utf-8")
    plan.sockets.mkdir(mode=0o700)


def clear_sockets(mark: Path) -> None:
    """Remove the folder of sockets that the mark of an unfinished run names; it names none if it was stopped before that."""
    named = re.fullmatch(r"nomad-[0-9a-f]{8}", mark.read_text(encoding="utf-8"))
    if named:
        shutil.rmtree(Path(tempfile.gettempdir()) / named[0], ignore_errors=True)


def execute(plan: Plan) -> Outcome:
    """Let doit run what is stale, several notebooks at a time."""
    from doit.cmd_base import TaskLoader2
    from doit.cmd_run import Run
    from doit.task import dict_to_task

    outcome, reporter = Outcome(plan.final), Reporter()
    tasks = [*(notebook_task(plan, notebook, outcome) for notebook in plan.notebooks), appendix_task(plan, outcome)]

    class Loader(TaskLoader2):
        def setup(self, opt_values):
            pass

        def load_doit_config(self):
            return {
                "backend": "json", "dep_file": str(plan.workshop / RECORDS), "reporter": reporter, "verbosity": 0,
                "par_type": "thread", "num_process": plan.order.jobs if plan.order.jobs > 1 else 0, "continue": True,
            }  # fmt: skip

        def load_tasks(self, cmd, pos_args):
            return [dict_to_task(task) for task in tasks]

    # Actions in threads swap the standard streams and can put them back in the wrong order.
    with redirect_stdout(sys.stdout), redirect_stderr(sys.stderr):
        status = Run(task_loader=Loader(), cmds={}).parse_execute([plan.order.only or "appendix"])
    if outcome.errors:
        raise outcome.errors[0]
    if reporter.errors or (status and not outcome.failures):
        raise RuntimeError("the run could not be made: " + "\n".join(reporter.errors or [f"doit's status {status}"]))
    failed = {failure.notebook for failure in outcome.failures}
    outcome.not_run = [each.name for each in plan.notebooks if failed & {*needed_for(each, plan.notebooks)}]
    return outcome


def attempt(outcome: Outcome, action: Callable, *arguments: object) -> object:
    """Do a task's action; what the disk or the user's files are at fault for is kept to be told without a traceback."""
    try:
        return action(*arguments)
    except (OSError, WorkbookError) as error:
        outcome.errors.append(error)
        return TaskFailed(str(error))


class Reporter:
    """Keeps doit quiet: progress and failed notebooks are told by the actions; what else goes wrong is kept here."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    def add_failure(self, task, failure) -> None:
        if not isinstance(failure, TaskFailed | UnmetDependency):
            self.errors.append(f"{task.name}: {failure.get_msg()}")

    def cleanup_error(self, exception) -> None:
        self.errors.append(exception.get_msg())

    def runtime_error(self, message) -> None:
        self.errors.append(message)

    def __getattr__(self, name):
        return lambda *arguments, **options: None


def notebook_task(plan: Plan, notebook: Notebook, outcome: Outcome) -> dict:
    from doit.tools import config_changed

    study, data = plan.study, plan.workshop / "data"
    inputs = [study.folder / "study.yml", notebook.path, *helper_files(notebook.path)]
    inputs += [path for part in notebook.needs + notebook.uses for path in reading.named_files(study, part)]
    inputs += [data / f"{table}.parquet" for table in notebook.reads]
    targets = [plan.workshop / "notebooks" / notebook.path.name, *(data / f"{table}.parquet" for table in notebook.writes)]
    settings = {name: value for name, value in plan.values[notebook.name].items() if name not in ("study", "run")}
    # Whoever reads the findings of others also shows what these call their topics.
    topics = [[other.topic, other.title] for other in plan.notebooks if f"findings_{other.number}" in notebook.reads]
    return {
        "name": notebook.number,
        "actions": [
            (attempt, [outcome, kernels.execute_notebook, plan, notebook, outcome]),
            (attempt, [outcome, complete, plan, notebook]),
        ],
        "file_dep": [str(path) for path in inputs],
        "targets": [str(path) for path in targets],
        "uptodate": [config_changed(json.dumps([settings, topics, versions()], sort_keys=True))],
    }


def complete(plan: Plan, notebook: Notebook) -> None:
    """Leave empty lists for a notebook that kept no findings and listed no contents; every other table must be there."""
    import pandas as pd

    from helpers.page import page, summary

    run = runs.Run(plan.study, plan.workshop.name, plan.workshop)
    lists = {f"findings_{notebook.number}": summary.FINDINGS, f"contents_{notebook.number}": page.CONTENTS}
    for table in notebook.writes:
        if table in lists and not run.has(table):
            run.save(table, pd.DataFrame(columns=lists[table]))
        elif not run.has(table):
            expected, remedy = "the tables that it saves", "save the table, or take its name out of the metadata"
            raise wrong(notebook, "writes", f"`{table}`, which it did not save", expected, remedy)


def appendix_task(plan: Plan, outcome: Outcome) -> dict:
    from doit.tools import config_changed

    workshop = plan.workshop
    notebooks = sorted(workshop / "notebooks" / notebook.path.name for notebook in plan.notebooks)
    own = [*room_files({"helpers.running.appendix"}), Path(__file__), *sorted(TEMPLATES.rglob("*.*"))]

    def stitch() -> None:
        from helpers.running import appendix

        record = describe_run(plan)
        (workshop / "run.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
        write_contents(plan)
        appendix.stitch(plan.study, notebooks, record, plan.order.audience, workshop / "appendix.html")
        outcome.executed.append("appendix")

    return {
        "name": "appendix",
        "actions": [(attempt, [outcome, stitch])],
        "file_dep": [str(path) for path in [*notebooks, *own, plan.study.folder / "study.yml"]],
        "targets": [str(workshop / name) for name in WHOLE],
        "uptodate": [config_changed(json.dumps([plan.order.audience, plan.study.name, plan.order.run]))],
    }


def write_contents(plan: Plan) -> None:
    """Put the notebooks' lists of figures and tables together: `contents.csv`, in reading order."""
    import pandas as pd

    from helpers.page import page, render

    paths = sorted(plan.workshop / "data" / f"contents_{notebook.number}.parquet" for notebook in plan.notebooks)
    render.save_csv(plan.workshop / CONTENTS, pd.concat(map(pd.read_parquet, paths))[page.CONTENTS])


def publish_run(plan: Plan, inspect: Inspect | None) -> None:
    """Put a finished run (or one notebook and what it needs) in place of the last one, whole, unless it is refused."""
    with publish.replacing(plan.final) as new:
        for path in files_for_funder(plan.workshop) if plan.for_funder else files_for_team(plan):
            copy = new / path.relative_to(plan.workshop)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, copy)
        if plan.for_funder:
            inspect(new, plan)


def files_for_team(plan: Plan) -> list[Path]:
    """All that a run (or one notebook and what it needs) has made."""
    only, workshop, notebooks = plan.order.only, plan.workshop, plan.notebooks
    if only:
        notebooks = [each for one in notebooks if one.number == only for each in (one, *needed_for(one, notebooks))]
    files = [path for notebook in notebooks for path in files_of(workshop, notebook)] + list(workshop.glob("data/*.txt"))
    return files + [workshop / name for name in WHOLE if not only]


def files_for_funder(workshop: Path) -> list[Path]:
    """The page, the record, and the figures and tables that the list of contents names: nothing else leaves the team."""
    import pandas as pd

    listed = pd.read_csv(workshop / CONTENTS, encoding="utf-8-sig")["file"]
    files = [workshop / name for name in listed]
    files += [path.with_suffix(".png") for path in files if path.suffix == ".svg"]
    return [workshop / name for name in WHOLE] + files
