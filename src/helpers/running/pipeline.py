"""Makes a run: notebooks → one folder of results with its appendix.

A run is made in a workshop, and when finished it replaces the last good one. doit decides what is stale, and papermill
executes it. A run has two editions: the team's holds everything, the funder's only what may leave the team.
"""

import io
import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import partial
from hashlib import sha256
from pathlib import Path

import pandas as pd
from doit.cmd_base import ModuleTaskLoader
from doit.cmd_run import Run
from doit.task import Task

from helpers.disclosure import ledger
from helpers.page import render
from helpers.running import fresh, kernels, on_page, publish
from helpers.running.plan import CONTENTS, WHOLE, Order, Outcome, Plan, files_of, forget_others, needed_for, plan_run, wrong
from helpers.running.record import describe_run
from helpers.running.stale import forget_broken, helper_files, page_files, seal, versions
from helpers.study import folders, reading, runs
from helpers.study.errors import WorkbookError
from helpers.study.notebooks import Notebook, read_notebook
from helpers.study.terms import TURNING

# A grammar of web addresses that jsonschema would take a second to build on import, for a check that notebooks do not need.
sys.modules.setdefault("rfc3987_syntax", None)
# Marks and records of a workshop.
UNFINISHED, RECORDS = ".unfinished", ".doit.json"
Inspect = Callable[[Path, Plan], None]


def make_run(order: Order, inspect: Inspect | None = None) -> Outcome:
    """Execute what is stale, stitch the appendix, and replace the last run with the finished one.

    `inspect` is needed for the funder's edition: a function of a folder and the plan, which sees the finished copy before it
    is put in place, and raises an error to refuse it.

    Raises a `WorkbookError` for a bad order or study, before anything is executed; for a full disk; what `inspect` raises. The
    last good results then stay as they were.
    """
    begun = fresh.digest_files(fresh.inputs_of(order.study))
    plan = plan_run(order)
    with holding(plan):
        outcome = carry_out(plan, inspect)
        # What was saved in the meantime may have come too late.
        still = begun == fresh.digest_files(fresh.inputs_of(order.study))
        if order.command and not order.only and not outcome.failures and still:
            fresh.remember(plan.study.name, plan.workshop.name, order.command, plan.notes)
    return outcome


def carry_out(plan: Plan, inspect: Inspect | None) -> Outcome:
    """Make a planned run, which the caller holds, and publish it unless a notebook failed."""
    publish.restore(plan.final)
    with working_in(plan):
        outcome = execute(plan)
    if not outcome.failures:
        publish_run(plan, inspect)
    return outcome


@contextmanager
def holding(plan: Plan) -> Iterator[None]:
    """Keep other processes from the run, and report a full or unwritable disk in one message."""
    with publish.telling_disk_errors(plan.final.parents[1]):
        plan.workshop.parent.mkdir(parents=True, exist_ok=True)
        place = f"run {plan.workshop.name!r} of {plan.study.name}"
        remedy = "wait for the other, or choose another label with --run"
        with publish.locking(plan.workshop.with_name(f".{plan.workshop.name}.lock"), place, remedy):
            yield


@contextmanager
def working_in(plan: Plan) -> Iterator[None]:
    """Mark the workshop as unfinished until the block has ended well, and point notebooks at it."""
    workshop, mark = plan.workshop, plan.workshop / UNFINISHED
    if mark.exists() or (plan.order.force and workshop.exists()):
        # A run that was stopped leaves notebooks half-made, and doit keeps its records only at the end: start again. The
        # records go first, so that nothing left over is trusted if the clearing itself is stopped.
        folders.remove(workshop / RECORDS)
        shutil.rmtree(workshop)
    workshop.mkdir(exist_ok=True)
    mark.touch()
    # Matrices are small, and kernels run side by side: more threads in each would only wait.
    with folders.environment(WORKBOOK_OUTPUTS=str(workshop.parents[1]), OMP_NUM_THREADS="1"):
        yield
    publish.flush(workshop, *workshop.rglob("*"))
    mark.unlink()


def execute(plan: Plan) -> Outcome:
    """Run what is stale, and once more if something else changed finished files in the meantime."""
    outcome = run_steps(plan, [])
    if not is_as_made(plan, outcome):
        outcome = run_steps(plan, outcome.executed)
        if not is_as_made(plan, outcome):
            found, expected = "finished files that change while others are made", "them left alone"
            remedy = "stop what writes there (another program, a second run in a notebook server) and run again"
            raise WorkbookError(plan.workshop, "", found, expected, remedy)
    if outcome.errors:
        raise outcome.errors[0]
    return outcome


def is_as_made(plan: Plan, outcome: Outcome) -> bool:
    return all(digest_step(plan, step) == made for step, made in outcome.made.items())


def digest_step(plan: Plan, step: str) -> dict[str, str]:
    """Digests of what a step (a notebook, by its number, or the appendix) has left, by file."""
    left = [path for notebook in plan.notebooks if notebook.number == step for path in files_of(plan.workshop, notebook)]
    return digest_contents([plan.workshop / name for name in WHOLE] if step == "appendix" else left)


def digest_contents(paths: Iterable[Path]) -> dict[str, str]:
    return {str(path): sha256(path.read_bytes()).hexdigest() for path in paths if path.is_file()}


def run_steps(plan: Plan, executed: list[str]) -> Outcome:
    """Let doit run what is stale, several notebooks at a time."""
    outcome, log = Outcome(plan.final, executed, notes=plan.notes), io.StringIO()
    forget_others(plan.workshop, plan.notebooks)
    forget_broken(plan.workshop / RECORDS)
    settings = {
        "backend": "json", "dep_file": str(plan.workshop / RECORDS), "reporter": "error-only", "outfile": log, "verbosity": 0,
        "par_type": "thread", "num_process": plan.order.jobs, "continue": True,
    }  # fmt: skip
    # Sections of the page are made while other notebooks run, and do not hold up what comes next. Actions in threads swap the
    # standard streams and can put them back in the wrong order.
    with ThreadPoolExecutor(1) as making, redirect_stdout(sys.stdout), redirect_stderr(sys.stderr):
        tasks = [notebook_task(plan, notebook, outcome, making) for notebook in plan.notebooks]
        tasks.append(appendix_task(plan, outcome, making))
        loader = ModuleTaskLoader({"DOIT_CONFIG": settings, "task_all": lambda: (task for task in tasks)})
        status = Run(task_loader=loader, cmds={}).parse_execute([plan.order.only or "appendix"])
    if (plan.workshop / RECORDS).is_file():
        seal(plan.workshop / RECORDS)
    if status and not outcome.failures and not outcome.errors:
        raise RuntimeError(f"the run could not be made: {log.getvalue()}")
    failed = [failure.notebook for failure in outcome.failures]
    outcome.not_run = [each.name for each in plan.notebooks if any(one in failed for one in needed_for(each, plan.notebooks))]
    return outcome


def make_task(
    plan: Plan, outcome: Outcome, step: str, actions: list[Callable], inputs: list[Path], targets: list[Path], settings: list,
    code: str = "",
) -> dict:  # fmt: skip
    """A step for doit: it is up to date if its inputs and settings, and the content of what it left, are unchanged.

    doit itself notes inputs only when a step has ended, so it would trust what was saved while the step ran. If a notebook's
    code is unchanged too, only its words can have changed.
    """
    settings = json.loads(json.dumps(settings, sort_keys=True))

    def is_unchanged(task: Task, values: dict) -> bool:
        read = digest_contents(inputs)

        def note() -> dict:
            outcome.made[step] = digest_step(plan, step)
            return {"made": outcome.made[step], "read": read, "settings": settings, "code": code}

        task.value_savers.append(note)
        now = digest_step(plan, step)
        same = now == values.get("made") and settings == values.get("settings")
        outcome.made |= {step: now} if same else {}
        before = values.get("read", {})
        changed = {path for path in {*read, *before} if read.get(path) != before.get(path)}
        reworded = same and code == values.get("code") and changed == {str(path) for path in inputs if path.suffix == ".ipynb"}
        outcome.reworded |= {step} if reworded else set()
        return same and not changed

    def attempt(action: Callable) -> bool:
        """Do an action; doit keeps only the text of an error, but we want to raise the error itself."""
        outcome.made.pop(step, None)
        try:
            return action() is not False
        except Exception as error:
            outcome.errors.append(error)
            return False

    return {
        "basename": step,
        "actions": [(attempt, [action]) for action in actions],
        "file_dep": [str(path) for path in inputs],
        "targets": [str(path) for path in targets],
        "uptodate": [is_unchanged],
    }


def notebook_task(plan: Plan, notebook: Notebook, outcome: Outcome, making: Executor) -> dict:
    study, data = plan.study, plan.workshop / "data"
    inputs = [study.folder / "study.yml", notebook.path, *helper_files(notebook.path)]
    inputs += [path for part in notebook.needs + notebook.uses for path in reading.named_files(study, part)]
    inputs += [data / f"{table}.parquet" for table in notebook.reads]
    targets = [plan.workshop / "notebooks" / notebook.path.name, *(data / f"{table}.parquet" for table in notebook.writes)]
    settings = {name: value for name, value in plan.values[notebook.name].items() if name not in ("study", "run")}
    # A funder's edition also depends on what earlier packages told.
    released = [f"{release.number} {release.salt}" for release in ledger.read_standing(study)] if plan.for_funder else []
    # A notebook that reads the findings of others also shows their topics.
    topics = [[other.topic, other.title] for other in plan.notebooks if f"findings_{other.number}" in notebook.reads]
    rests_on = [settings, topics, released, versions()]

    def make() -> bool:
        """Execute the notebook; if only its words have changed, just copy these."""
        step = kernels.reword_notebook if notebook.number in outcome.reworded else kernels.execute_notebook
        return step(plan, notebook, outcome)

    actions = [make, partial(complete, plan, notebook, making)]
    return make_task(plan, outcome, notebook.number, actions, inputs, targets, rests_on, digest_code(notebook))


def digest_code(notebook: Notebook) -> str:
    """A digest of everything in a notebook except its words."""
    content = read_notebook(notebook.path)
    code = [(cell["source"], cell["metadata"].get("tags")) for cell in content["cells"] if cell["cell_type"] == "code"]
    return sha256(json.dumps([code, content["metadata"]["workbook"]]).encode()).hexdigest()


def complete(plan: Plan, notebook: Notebook, making: Executor) -> None:
    """Write empty lists for a notebook that kept no findings and listed no contents; every other table must be there.

    Its section of the page is made next.
    """
    from helpers.running import appendix

    run = runs.Run(plan.study, plan.workshop.name, plan.workshop)
    lists = {f"findings_{notebook.number}": runs.FINDINGS, f"contents_{notebook.number}": runs.CONTENTS}
    lists |= {f"told_{notebook.number}": ledger.TOLD}
    for table in [table for table in notebook.writes if not run.path(table).is_file()]:
        if table not in lists:
            expected, remedy = "the tables that it saves", "save the table, or take its name out of the metadata"
            raise wrong(notebook, "writes", f"`{table}`, which it did not save", expected, remedy)
        run.save(table, pd.DataFrame(columns=lists[table]))
    making.submit(appendix.read_section, plan.workshop / "notebooks" / notebook.path.name, plan.order.audience)


def appendix_task(plan: Plan, outcome: Outcome, making: Executor) -> dict:
    """Stitch the page, with the record of the run and the notebooks' lists of figures and tables put together."""
    workshop = plan.workshop
    notebooks = sorted(workshop / "notebooks" / notebook.path.name for notebook in plan.notebooks)
    pages = on_page.find_pages(plan)
    inputs = [*notebooks, *page_files(), Path(__file__), plan.study.folder / "study.yml", *(path for _, path in pages)]

    def stitch() -> None:
        from helpers.running import appendix

        making.shutdown()
        record = describe_run(plan)
        (workshop / "run.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
        listed = sorted(workshop / "data" / f"contents_{notebook.number}.parquet" for notebook in plan.notebooks)
        contents = pd.concat([runs.read_parquet(path.read_bytes()) for path in listed])[runs.CONTENTS]
        render.save_csv(workshop / CONTENTS, contents)
        lay_in = partial(on_page.lay_in, plan, pages) if pages else None
        appendix.stitch(plan.study, notebooks, record, plan.order.audience, workshop / "appendix.html", lay_in)
        outcome.executed.append("appendix")

    rests_on = [plan.order.audience, plan.study.name, plan.order.run]
    return make_task(plan, outcome, "appendix", [stitch], inputs, [workshop / name for name in WHOLE], rests_on)


def publish_run(plan: Plan, inspect: Inspect | None) -> None:
    """Replace the last run with a finished one (or one notebook and what it needs), whole, unless it is refused."""
    with publish.replacing(plan.final) as new:
        for path in finished_files(plan):
            copy = new / path.relative_to(plan.workshop)
            copy.parent.mkdir(parents=True, exist_ok=True)
            if not path.is_file():
                expected, remedy = "a file that its notebook saved", f"save it there, or take it out of {CONTENTS}"
                raise WorkbookError(path, "", "no such file, though it is listed", expected, remedy)
            shutil.copy2(path, copy)
            if path.suffix not in (".png", ".parquet") and TURNING.search(content := path.read_bytes()):
                copy.write_bytes(TURNING.sub(b"", content))
        if plan.for_funder:
            inspect(new, plan)


def finished_files(plan: Plan) -> list[Path]:
    """Everything that a run (or one notebook and what it needs) has made.

    For a funder the page, the record, and the figures and tables that the list of contents names: nothing else leaves the team.
    """
    only, workshop, notebooks = plan.order.only, plan.workshop, plan.notebooks
    whole = [workshop / name for name in WHOLE if not only]
    if plan.for_funder:
        listed = [workshop / name for name in pd.read_csv(workshop / CONTENTS, encoding="utf-8-sig")["file"]]
        return [*whole, *listed, *(path.with_suffix(".png") for path in listed if path.suffix == ".svg")]
    if only:
        notebooks = [each for one in notebooks if one.number == only for each in (one, *needed_for(one, notebooks))]
    return [*whole, *(path for notebook in notebooks for path in files_of(workshop, notebook)), *workshop.glob("data/*.txt")]
