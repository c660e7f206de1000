"""What reads what, what is stale, and how a run is made: notebooks → one folder of results with its appendix.

A run is made in a workshop (`outputs/.work/`), so that a run that fails or is stopped leaves the last good results as
they were; finished, it replaces them. doit decides what is stale, papermill executes. A run has two editions: the team's
holds everything, the funder's what may leave the team.
"""

from __future__ import annotations

import ast
import errno
import hashlib
import importlib.metadata
import json
import os
import platform
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from doit.exceptions import TaskFailed, UnmetDependency

from helpers import parameters, publish
from helpers import study as studies
from helpers.study import Study, WorkbookError


@dataclass(frozen=True)
class Step:
    """A notebook: the parts of a study it needs, the tables it reads and writes, and parts it uses where there are any."""

    notebook: str
    needs: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()

    @property
    def number(self) -> str:
        return self.notebook[:2]


STEPS = (
    Step("01_clean_survey", ("survey",), (), ("respondents", "responses", "findings_01")),
    Step("02_score_nomad", ("survey",), ("respondents", "responses"), ("scores", "findings_02")),
    Step("03_compare_groups", ("survey",), ("respondents", "responses", "scores"), ("findings_03",)),
    Step("04_count_themes", ("interviews",), (), ("participants", "segments", "findings_04"), uses=("sharing",)),
    Step(
        "05_join_findings",
        ("survey", "interviews"),
        ("respondents", "responses", "scores", "participants", "segments"),
        ("findings_05",),
        uses=("joint", "published"),
    ),
    Step(
        "06_audit_published",
        ("published",),
        ("respondents", "responses", "scores", "participants", "segments"),
        ("findings_06",),
    ),
    Step("00_summary", (), tuple(f"findings_{name[:2]}" for name in studies.NOTEBOOKS[1:])),
)

# What a run has besides what its notebooks leave; marks and records of a workshop.
CONTENTS = "contents.csv"
WHOLE = ("appendix.html", "run.json", CONTENTS)
UNFINISHED, RECORDS = ".unfinished", ".doit.json"

# A run made with other versions of these is another run.
VERSIONS_THAT_MATTER = [
    "pandas", "numpy", "scipy", "statsmodels", "scikit-posthocs", "semopy", "rapidfuzz", "matplotlib", "seaborn", "papermill",
    "nbconvert",
]  # fmt: skip


def plan_steps(study: Study) -> list[Step]:
    """The notebooks that this study has something for; each reads only what the others in the plan write."""
    steps = [step for step in STEPS if all(getattr(study.definition, part) for part in step.needs)]
    written = {table for step in steps for table in step.writes}
    return [replace(step, reads=tuple(table for table in step.reads if table in written)) for step in steps]


# --- what a notebook depends on ---------------------------------------------------------------------------------------


def imported_rooms(tree: ast.AST) -> set[str]:
    """Rooms of `helpers` that a piece of code imports, wherever in it the import stands."""
    rooms = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "helpers":
            rooms |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("helpers."):
            rooms.add(node.module.split(".")[1])
    return rooms


def helper_files(notebook: str) -> list[Path]:
    """The modules of `helpers` that a notebook uses, directly or through others, and the templates of what it shows."""
    code = "\n".join(parameters.source_of(c) for c in parameters.read_notebook(notebook)["cells"] if c["cell_type"] == "code")
    templates = Path(__file__).parent / "template"
    return [*room_files(imported_rooms(ast.parse(code))), *sorted(templates.glob("*.j2"))]


def room_files(rooms: set[str]) -> list[Path]:
    """The modules of these rooms and of those that they use, directly or through others."""
    folder, waiting, seen = Path(__file__).parent, set(rooms), set()
    while waiting:
        room = waiting.pop()
        seen.add(room)
        waiting |= imported_rooms(ast.parse((folder / f"{room}.py").read_text(encoding="utf-8"))) - seen
    return [folder / f"{room}.py" for room in sorted(seen)]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def versions() -> dict[str, str]:
    return {"python": platform.python_version()} | {n: importlib.metadata.version(n) for n in VERSIONS_THAT_MATTER}


# --- making a run -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Failure:
    """Where a notebook stopped."""

    notebook: str
    cell: int
    error: str
    message: str

    @property
    def mendable(self) -> bool:
        """Whether the user's input is at fault, and the message says how to mend it."""
        return self.error == "WorkbookError"

    @property
    def place(self) -> str:
        return f"notebooks/{self.notebook}.ipynb, cell {self.cell}"

    def __str__(self) -> str:
        return f"{self.place}: {self.error}: {self.message}"


@dataclass
class Outcome:
    """What a call of `make_run` did."""

    folder: Path
    executed: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    not_run: list[str] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)


@dataclass(frozen=True)
class Order:
    """What a user asked for."""

    study: str
    run: str = "default"
    parameters: dict[str, object] = field(default_factory=dict)
    audience: str = "team"
    jobs: int = 2
    only: str = ""
    force: bool = False


@dataclass(frozen=True)
class Plan:
    """An order worked out: which notebooks with which values, the workshop they run in, and where the results go."""

    order: Order
    study: Study
    steps: list[Step]
    values: dict[str, dict[str, object]]
    workshop: Path
    final: Path
    sockets: Path

    @property
    def for_funder(self) -> bool:
        return self.order.audience == "funder"

    @property
    def outputs(self) -> Path:
        return self.final.parents[1]


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


def plan_run(order: Order) -> Plan:
    """Work an order out, and refuse a bad one."""
    check_run_label(order.run)
    study = studies.read_study(order.study)
    steps = plan_steps(study)
    values = parameters.choose_parameters([step.notebook for step in steps], order.parameters, order.audience)
    order = replace(order, only=order.only.zfill(2) if order.only else "")
    if order.only:
        check_only(order, steps)
    name = order.run if order.audience == "team" else f"{order.run}-{order.audience}"
    outputs = studies.outputs_root()
    # One notebook is no whole run: it gets a folder of its own, and the run's is left as it was.
    final = outputs / study.name / (f"{name}-only-{order.only}" if order.only else name)
    # A path to a socket must be short, so they lie in the system's folder for temporary files.
    sockets = Path(tempfile.gettempdir()) / f"nomad-{secrets.token_hex(4)}"
    return Plan(order, study, steps, values, outputs / ".work" / study.name / name, final, sockets)


def check_run_label(label: str) -> None:
    """A label that a user gives must not be one under which the workbook keeps something else of a run."""
    studies.check_label(label)
    if re.search(r"-(funder|share|only-\d+)$", label, re.IGNORECASE):
        raise WorkbookError(
            "workbook", "--run", repr(label), "a label that does not end in -funder, -share or -only-NN",
            "choose another label: these endings are given by the workbook",
        )  # fmt: skip


def check_only(order: Order, steps: list[Step]) -> None:
    if order.audience != "team":
        raise WorkbookError(
            "workbook run", "--only", f"it with --audience {order.audience}", "a whole run, since one notebook is not scanned",
            f"leave out --only, or --audience {order.audience}",
        )  # fmt: skip
    if order.only not in {step.number for step in steps}:
        raise WorkbookError(
            "workbook run", "--only", repr(order.only), "one of " + ", ".join(sorted(s.number for s in steps)),
            "give the number of a notebook that this study has something for",
        )  # fmt: skip


def carry_out(plan: Plan) -> Outcome:
    """Make a planned run, which the caller holds, and publish it unless a notebook failed."""
    publish.restore(plan.final)
    with working_in(plan):
        forget_others(plan.workshop, plan.steps)
        outcome = execute(plan)
    if not outcome.failures:
        publish_run(plan)
    return outcome


def needed_for(number: str, steps: list[Step]) -> list[Step]:
    """A step and those whose tables it needs, directly or through others."""
    needed = [step for step in steps if step.number == number]
    for step in needed:  # grows while it is walked
        needed += [other for other in steps if set(other.writes) & set(step.reads) and other not in needed]
    return needed


def files_of(folder: Path, step: Step) -> list[Path]:
    """What a step has left in a workshop."""
    tables = (*step.writes, f"contents_{step.number}")
    found = [folder / "notebooks" / f"{step.notebook}.ipynb", *(folder / "data" / f"{table}.parquet" for table in tables)]
    found += [path for part in ("figures", "tables") for path in (folder / part).glob(f"{step.number}_*")]
    return [path for path in found if path.is_file()]


def forget_others(workshop: Path, steps: list[Step]) -> None:
    """Remove what notebooks left that this study has nothing for any more."""
    for step in STEPS:
        if step.notebook not in {kept.notebook for kept in steps}:
            for path in files_of(workshop, step):
                path.unlink()


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
    inputs += [path for part in step.needs + step.uses for path in studies.named_files(study, part)]
    inputs += [workshop / "data" / f"{table}.parquet" for table in step.reads]
    targets = [workshop / "notebooks" / f"{step.notebook}.ipynb"]
    targets += [workshop / "data" / f"{table}.parquet" for table in step.writes]
    settings = {name: value for name, value in plan.values[step.notebook].items() if name not in ("study", "run")}
    return {
        "name": step.notebook,
        "actions": [(attempt, [outcome, execute_notebook, plan, step, outcome])],
        "file_dep": [str(path) for path in inputs],
        "targets": [str(path) for path in targets],
        "uptodate": [config_changed(json.dumps([settings, versions()], sort_keys=True))],
    }


def execute_notebook(plan: Plan, step: Step, outcome: Outcome) -> object:
    """Execute one notebook into the workshop; on failure say where, and let doit stop what depends on it."""
    import papermill
    from papermill.exceptions import PapermillExecutionError
    from tqdm import tqdm
    from traitlets.config import Config

    for old in files_of(plan.workshop, step):
        old.unlink()
    target = plan.workshop / "notebooks" / f"{step.notebook}.ipynb"
    target.parent.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    try:
        papermill.execute_notebook(
            str(parameters.notebook_path(step.notebook)), str(target),
            parameters=plan.values[step.notebook] | {"study": plan.study.name, "run": plan.workshop.name},
            progress_bar={"desc": step.notebook, "leave": False, "disable": None, "unit": "cell", "file": sys.__stderr__},
            config=Config(KernelManager=kernel_transport(plan.sockets / step.number)),
            kernel_name="python3", shutdown_kernel="immediate",
        )  # fmt: skip
    except PapermillExecutionError as error:
        raise_if_disk_is_full(error)
        failure = Failure(step.notebook, error.cell_index + 1, error.ename, error.evalue)
        outcome.failures.append(failure)
        tqdm.write(f"{step.notebook}: stopped at cell {failure.cell}", file=sys.__stderr__)
        return TaskFailed(str(failure))
    leave_out_paths(target)
    outcome.executed.append(step.notebook)
    tqdm.write(f"{step.notebook}: done in {time.monotonic() - begun:.1f} s", file=sys.__stderr__)
    return True


def raise_if_disk_is_full(error: Exception) -> None:
    """A full disk reaches us as the text of an error in a notebook's kernel: Python's own, or that of parquet's writer."""
    codes = "|".join(str(code) for code in publish.FULL)
    if re.search(rf"errno ({codes})\b", f"{error.ename}: {error.evalue}", re.IGNORECASE):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from None


def leave_out_paths(notebook: Path) -> None:
    """Take this machine's folders out of an executed notebook, where papermill notes them."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    for name in ("input_path", "output_path"):
        content["metadata"]["papermill"].pop(name, None)
    notebook.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def kernel_transport(folder: Path) -> dict[str, str]:
    """Unix sockets in a folder of the kernel's own where there are any: kernels that start together race for TCP ports."""
    if not hasattr(socket, "AF_UNIX") or sys.platform == "win32":
        return {}
    folder.mkdir(exist_ok=True)
    return {"transport": "ipc", "connection_file": f"{folder}/kernel.json"}


def appendix_task(plan: Plan, outcome: Outcome) -> dict:
    from doit.tools import config_changed

    workshop = plan.workshop
    notebooks = sorted(workshop / "notebooks" / f"{step.notebook}.ipynb" for step in plan.steps)
    own = [*room_files({"appendix"}), Path(__file__), *sorted((Path(__file__).parent / "template").rglob("*.*"))]

    def stitch() -> None:
        from helpers import appendix

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

    from helpers import present

    paths = sorted(plan.workshop / "data" / f"contents_{step.number}.parquet" for step in plan.steps)
    listed = [pd.read_parquet(path) for path in paths if path.is_file()]
    contents = pd.concat([pd.DataFrame(columns=present.CONTENTS), *listed])[present.CONTENTS]
    present.save_csv(plan.workshop / CONTENTS, contents)


def describe_run(plan: Plan) -> dict:
    """What this run was made from: the content of `run.json`.

    A funder's record names no file of respondents or interviews, since names and digests of small files can tell who they
    are from, and no times, so that the same inputs give the same bytes.
    """
    simulated = plan.study.definition.survey.simulated if plan.study.definition.survey else None
    settings: dict[str, object] = {}
    for values in plan.values.values():
        settings |= values
    # For the team the threshold does nothing.
    left_out = {"study", "run", "audience"} if plan.for_funder else {"study", "run", "audience", "threshold"}
    record = {"study": plan.study.name, "run": plan.order.run, "audience": plan.order.audience}
    if plan.for_funder:
        record |= {"threshold": settings["threshold"]}
    else:
        record |= {"made": datetime.now(UTC).isoformat(timespec="seconds")}
    record |= {
        "parameters": {name: value for name, value in settings.items() if name not in left_out},
        "inputs": {studies.shown(path): digest(path) for path in sorted(named_inputs(plan))},
        "versions": versions(),
        "commit": commit(),
    }
    if not plan.for_funder:
        record |= {"seconds": {step.notebook: seconds_taken(plan.workshop, step) for step in plan.steps}}
    return record | ({"simulated": simulated.banner.strip()} if simulated else {})


def named_inputs(plan: Plan) -> set[Path]:
    """The study's files that `run.json` names: for a funder those alone that hold nothing of respondents or participants."""
    parts = {part for step in plan.steps for part in step.needs + step.uses}
    paths = {plan.study.folder / "study.yml"}
    paths |= {path for part in parts for path in studies.named_files(plan.study, part)}
    if not plan.for_funder:
        return paths
    open_to_all = {plan.study.folder / name for name in ("study.yml", "codebook.csv")}
    open_to_all |= {path for part in ("joint", "published") for path in studies.named_files(plan.study, part)}
    return {path for path in paths if path in open_to_all}


def seconds_taken(workshop: Path, step: Step) -> float:
    executed = json.loads((workshop / "notebooks" / f"{step.notebook}.ipynb").read_text(encoding="utf-8"))
    return round(executed["metadata"]["papermill"]["duration"], 1)


def commit() -> str:
    """The workbook's own commit, with a mark when files were changed since; empty outside a checkout."""
    root = studies.project_root()
    git = ["git", "-C", str(root)]
    try:
        head = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=True)
        changed = subprocess.run([*git, "status", "--porcelain", "-uno"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return head.stdout.strip() + (" (with changes)" if changed.stdout.strip() else "")


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
            from helpers import scan

            # The refused copy is thrown away: the message names the files in the workshop, where they can be looked at.
            scan.refuse(scan.scan_folder(new, scan.gather_secrets(plan.study)), plan.workshop)


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
