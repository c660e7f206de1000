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

from helpers.running import kernels, parameters, publish
from helpers.running.plan import CONTENTS, RECORDS, UNFINISHED, WHOLE, Order, Outcome, Plan, files_of, forget_others, plan_run
from helpers.running.record import describe_run, versions
from helpers.running.stale import TEMPLATES, helper_files, room_files
from helpers.running.steps import Step, needed_for
from helpers.study import reading
from helpers.study.errors import WorkbookError


def make_run(order: Order) -> Outcome:
    """Execute what is stale, stitch the appendix, and put the finished run in place of the last one.

    Raises
    ------
    WorkbookError
        For a bad order or study, before anything is executed; for a full disk; for a funder's edition that holds what
        must not leave the team. The last good results then stand as they were.
    """
    plan = plan_run(order)
    with holding(plan):
        return carry_out(plan)


def carry_out(plan: Plan) -> Outcome:
    """Make a planned run, which the caller holds, and publish it unless a notebook failed."""
    publish.restore(plan.final)
    with working_in(plan):
        forget_others(plan.workshop, plan.steps)
        outcome = execute(plan)
    if not outcome.failures:
        publish_run(plan)
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
    tasks = [*(notebook_task(plan, step, outcome) for step in plan.steps), appendix_task(plan, outcome)]

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

    chosen = [step.notebook for step in plan.steps if step.number == plan.order.only] or ["appendix"]
    # Actions in threads swap the standard streams and can put them back in the wrong order.
    with redirect_stdout(sys.stdout), redirect_stderr(sys.stderr):
        status = Run(task_loader=Loader(), cmds={}).parse_execute(chosen)
    if outcome.errors:
        raise outcome.errors[0]
    if reporter.errors or (status and not outcome.failures):
        raise RuntimeError("the run could not be made: " + "\n".join(reporter.errors or [f"doit's status {status}"]))
    outcome.not_run = blocked_by(plan.steps, {failure.notebook for failure in outcome.failures})
    return outcome


def attempt(outcome: Outcome, action: Callable, *arguments: object) -> object:
    """Do a task's action; what the disk or the user's files are at fault for is kept to be told without a traceback."""
    try:
        return action(*arguments)
    except (OSError, WorkbookError) as error:
        outcome.errors.append(error)
        return TaskFailed(str(error))


def blocked_by(steps: list[Step], failed: set[str]) -> list[str]:
    """Notebooks that could not run because one that they depend on failed."""
    lost = {table for step in steps if step.notebook in failed for table in step.writes}
    blocked: list[str] = []
    for step in steps:
        if lost & set(step.reads) and step.notebook not in failed:
            blocked.append(step.notebook)
            lost |= set(step.writes)
    return blocked


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


def notebook_task(plan: Plan, step: Step, outcome: Outcome) -> dict:
    from doit.tools import config_changed

    study, workshop = plan.study, plan.workshop
    inputs = [study.folder / "study.yml", parameters.notebook_path(step.notebook), *helper_files(step.notebook)]
    inputs += [path for part in step.needs + step.uses for path in reading.named_files(study, part)]
    inputs += [workshop / "data" / f"{table}.parquet" for table in step.reads]
    targets = [workshop / "notebooks" / f"{step.notebook}.ipynb"]
    targets += [workshop / "data" / f"{table}.parquet" for table in step.writes]
    settings = {name: value for name, value in plan.values[step.notebook].items() if name not in ("study", "run")}
    return {
        "name": step.notebook,
        "actions": [(attempt, [outcome, kernels.execute_notebook, plan, step, outcome])],
        "file_dep": [str(path) for path in inputs],
        "targets": [str(path) for path in targets],
        "uptodate": [config_changed(json.dumps([settings, versions()], sort_keys=True))],
    }


def appendix_task(plan: Plan, outcome: Outcome) -> dict:
    from doit.tools import config_changed

    workshop = plan.workshop
    notebooks = sorted(workshop / "notebooks" / f"{step.notebook}.ipynb" for step in plan.steps)
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

    paths = sorted(plan.workshop / "data" / f"contents_{step.number}.parquet" for step in plan.steps)
    listed = [pd.read_parquet(path) for path in paths if path.is_file()]
    contents = pd.concat([pd.DataFrame(columns=page.CONTENTS), *listed])[page.CONTENTS]
    render.save_csv(plan.workshop / CONTENTS, contents)


def publish_run(plan: Plan) -> None:
    """Put a finished run (or one notebook and what it needs) in place of the last one, whole.

    Raises
    ------
    WorkbookError
        For a funder's edition in which the scan finds what must not leave the team.
    """
    with publish.replacing(plan.final) as new:
        for path in files_for_funder(plan.workshop) if plan.for_funder else files_for_team(plan):
            copy = new / path.relative_to(plan.workshop)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, copy)
        if plan.for_funder:
            from helpers.package import confidential, scan

            # The refused copy is thrown away: the message names the files in the workshop, where they can be looked at.
            scan.refuse(scan.scan_folder(new, confidential.gather_secrets(plan.study)), plan.workshop)


def files_for_team(plan: Plan) -> list[Path]:
    """All that a run (or one notebook and what it needs) has made."""
    only, workshop = plan.order.only, plan.workshop
    steps = needed_for(only, plan.steps) if only else plan.steps
    files = [path for step in steps for path in files_of(workshop, step)] + list((workshop / "data").glob("*.txt"))
    return files + [workshop / name for name in WHOLE if not only]


def files_for_funder(workshop: Path) -> list[Path]:
    """The page, the record, and the figures and tables that the list of contents names: nothing else leaves the team."""
    import pandas as pd

    listed = pd.read_csv(workshop / CONTENTS, encoding="utf-8-sig")["file"]
    files = [workshop / name for name in listed]
    files += [path.with_suffix(".png") for path in files if path.suffix == ".svg"]
    return [workshop / name for name in WHOLE] + files
