"""What reads what, what is stale, and how a run is made: notebooks → one folder of results with its appendix.

A run is made in a workshop (`outputs/.work/`), so that a run that fails or is stopped leaves the last good results as
they were; finished, it replaces them. doit decides what is stale, papermill executes.
"""

from __future__ import annotations

import ast
import difflib
import hashlib
import importlib.metadata
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pydantic
from doit.exceptions import TaskFailed, UnmetDependency

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
    Step("04_count_themes", ("interviews",), (), ("participants", "segments", "findings_04")),
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


# --- parameters -------------------------------------------------------------------------------------------------------

TYPES = {"int": int, "float": float, "str": str, "bool": bool}


@dataclass(frozen=True)
class Parameter:
    """A line of a notebook's parameters cell."""

    name: str
    kind: type
    default: object
    about: str


def notebook_path(notebook: str) -> Path:
    return studies.project_root() / "notebooks" / f"{notebook}.ipynb"


def read_notebook(notebook: str) -> dict:
    return json.loads(notebook_path(notebook).read_text(encoding="utf-8"))


def source_of(cell: dict) -> str:
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])


def read_parameters(notebook: str) -> dict[str, Parameter]:
    """The parameters that a notebook declares: `name: type = default  # what it does`."""
    cells = read_notebook(notebook)["cells"]
    text = next(source_of(cell) for cell in cells if "parameters" in cell["metadata"].get("tags", []))
    lines = text.splitlines()
    found = {}
    for line in ast.parse(text).body:
        name, kind = line.target.id, TYPES[ast.unparse(line.annotation)]
        about = lines[line.lineno - 1].partition("  # ")[2]
        found[name] = Parameter(name, kind, ast.literal_eval(line.value), about)
    return found


def choose_parameters(steps: list[Step], given: dict[str, object]) -> dict[str, dict[str, object]]:
    """What each notebook is run with: its defaults, with the given values where it has that parameter.

    Raises
    ------
    WorkbookError
        For a name that no notebook has, or a value that is not of the parameter's type.
    """
    declared = {step.notebook: read_parameters(step.notebook) for step in steps}
    known = {name: p for parameters in declared.values() for name, p in parameters.items()}
    for name, instead in (("study", "give the study's name after `workbook run`"), ("run", "use `--run LABEL`")):
        if name in given:
            raise WorkbookError("workbook run", f"parameter {name!r}", "it given with -p or -y", "it elsewhere", instead)
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise WorkbookError(
                "workbook run", f"parameter {name!r}", "a name that no notebook of this study has",
                "one of " + ", ".join(sorted(set(known) - {"study", "run"})),
                f"did you mean {near[0]!r}?" if near else "correct the name",
            )  # fmt: skip
    values = {name: check_type(known[name], value) for name, value in given.items()}
    return {
        notebook: {name: values.get(name, parameter.default) for name, parameter in parameters.items()}
        for notebook, parameters in declared.items()
    }


def check_type(parameter: Parameter, value: object) -> object:
    try:
        if isinstance(value, bool) and parameter.kind is not bool:
            raise ValueError
        return pydantic.TypeAdapter(parameter.kind).validate_python(value)
    except ValueError:
        raise WorkbookError(
            "workbook run", f"parameter {parameter.name!r}", repr(value), f"a value of type {parameter.kind.__name__}",
            f"give one such as {parameter.default!r}",
        ) from None  # fmt: skip


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
    folder = Path(__file__).parent
    code = "\n".join(source_of(c) for c in read_notebook(notebook)["cells"] if c["cell_type"] == "code")
    waiting, seen = imported_rooms(ast.parse(code)), set()
    while waiting:
        room = waiting.pop()
        seen.add(room)
        waiting |= imported_rooms(ast.parse((folder / f"{room}.py").read_text(encoding="utf-8"))) - seen
    return [*(folder / f"{room}.py" for room in sorted(seen)), *sorted((folder / "template").glob("*.j2"))]


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


def make_run(order: Order) -> Outcome:
    """Execute what is stale, stitch the appendix, and put the finished run in place of the last one.

    Raises
    ------
    WorkbookError
        For a bad order or study, before anything is executed.
    """
    studies.check_label(order.run)
    study = studies.read_study(order.study)
    steps = plan_steps(study)
    parameters = choose_parameters(steps, order.parameters)
    order = replace(order, only=order.only.zfill(2) if order.only else "")
    if order.only and order.only not in {step.number for step in steps}:
        raise WorkbookError(
            "workbook run", "--only", repr(order.only), "one of " + ", ".join(sorted(s.number for s in steps)),
            "give the number of a notebook that this study has something for",
        )  # fmt: skip
    outputs = studies.outputs_root()
    final, workshop = outputs / study.name / order.run, outputs / ".work" / study.name / order.run
    if order.only:
        # One notebook is no whole run: it gets a folder of its own, and the run's is left as it was.
        final = final.with_name(f"{order.run}-only-{order.only}")
    with workshop_of(outputs / ".work", workshop, order):
        restore(final)
        forget_others(workshop, steps)
        outcome = execute(study, steps, parameters, order, workshop)
        outcome.folder = final
        if not outcome.failures:
            publish(workshop, final, needed_for(order.only, steps) if order.only else steps, whole=not order.only)
    return outcome


def needed_for(number: str, steps: list[Step]) -> list[Step]:
    """A step and those whose tables it needs, directly or through others."""
    needed = [step for step in steps if step.number == number]
    for step in needed:  # grows while it is walked
        needed += [other for other in steps if set(other.writes) & set(step.reads) and other not in needed]
    return needed


def files_of(folder: Path, step: Step) -> list[Path]:
    """What a step has left in a workshop."""
    found = [folder / "notebooks" / f"{step.notebook}.ipynb", *(folder / "data" / f"{t}.parquet" for t in step.writes)]
    found += [path for part in ("figures", "tables") for path in (folder / part).glob(f"{step.number}_*")]
    return [path for path in found if path.is_file()]


def forget_others(workshop: Path, steps: list[Step]) -> None:
    """Remove what notebooks left that this study has nothing for any more."""
    for step in STEPS:
        if step.notebook not in {kept.notebook for kept in steps}:
            for path in files_of(workshop, step):
                path.unlink()


@contextmanager
def workshop_of(root: Path, workshop: Path, order: Order) -> Iterator[None]:
    """Hold the run's workshop for this process alone, and point notebooks at it."""
    from filelock import FileLock, Timeout

    workshop.mkdir(parents=True, exist_ok=True)
    lock = FileLock(workshop.with_name(f".{workshop.name}.lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise WorkbookError(
            "workbook run", f"run {order.run!r} of {order.study}", "another `workbook run` making it now",
            "one at a time for each run", "wait for the other, or choose another label with --run",
        ) from None  # fmt: skip
    before = os.environ.get("WORKBOOK_OUTPUTS")
    try:
        # A run that was stopped leaves notebooks half-made, and doit keeps its records only at the end: begin anew.
        unfinished = workshop / ".unfinished"
        if order.force or unfinished.exists():
            shutil.rmtree(workshop)
            workshop.mkdir()
        unfinished.touch()
        os.environ["WORKBOOK_OUTPUTS"] = str(root)
        yield
        unfinished.unlink()
    finally:
        os.environ.pop("WORKBOOK_OUTPUTS")
        if before is not None:
            os.environ["WORKBOOK_OUTPUTS"] = before
        lock.release()


def execute(study: Study, steps: list[Step], parameters: dict, order: Order, workshop: Path) -> Outcome:
    """Let doit run what is stale, several notebooks at a time."""
    from doit.cmd_base import TaskLoader2
    from doit.doit_cmd import DoitMain
    from doit.task import dict_to_task

    outcome = Outcome(workshop)
    tasks = [notebook_task(study, step, parameters[step.notebook], workshop, outcome) for step in steps]
    tasks.append(appendix_task(study, steps, parameters, order, workshop, outcome))

    reporter = Reporter()

    class Loader(TaskLoader2):
        def setup(self, opt_values):
            pass

        def load_doit_config(self):
            return {
                "backend": "json", "dep_file": str(workshop / ".doit.json"), "reporter": reporter, "verbosity": 0,
                "par_type": "thread", "num_process": order.jobs if order.jobs > 1 else 0, "continue": True,
            }  # fmt: skip

        def load_tasks(self, cmd, pos_args):
            return [dict_to_task(task) for task in tasks]

    chosen = [step.notebook for step in steps if step.number == order.only] or ["appendix"]
    # Actions in threads swap the standard streams and can put them back in the wrong order.
    with redirect_stdout(sys.stdout), redirect_stderr(sys.stderr):
        status = DoitMain(Loader()).run(["run", *chosen])
    if reporter.errors or (status and not outcome.failures):
        raise RuntimeError("the run could not be made: " + "\n".join(reporter.errors or [f"doit's status {status}"]))
    failed = {failure.notebook for failure in outcome.failures}
    outcome.not_run = blocked_by(steps, failed)
    return outcome


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


def notebook_task(study: Study, step: Step, parameters: dict, workshop: Path, outcome: Outcome) -> dict:
    from doit.tools import config_changed

    inputs = [study.folder / "study.yml", notebook_path(step.notebook), *helper_files(step.notebook)]
    inputs += [path for part in step.needs + step.uses for path in studies.named_files(study, part)]
    inputs += [workshop / "data" / f"{table}.parquet" for table in step.reads]
    targets = [workshop / "notebooks" / f"{step.notebook}.ipynb"]
    targets += [workshop / "data" / f"{table}.parquet" for table in step.writes]
    settings = {name: value for name, value in parameters.items() if name not in ("study", "run")}
    return {
        "name": step.notebook,
        "actions": [(execute_notebook, [study, step, parameters, workshop, outcome])],
        "file_dep": [str(path) for path in inputs],
        "targets": [str(path) for path in targets],
        "uptodate": [config_changed(json.dumps([settings, versions()], sort_keys=True))],
    }


def execute_notebook(study: Study, step: Step, parameters: dict, workshop: Path, outcome: Outcome) -> object:
    """Execute one notebook into the workshop; on failure say where, and let doit stop what depends on it."""
    import papermill
    from papermill.exceptions import PapermillExecutionError
    from tqdm import tqdm
    from traitlets.config import Config

    for old in files_of(workshop, step):
        old.unlink()
    target = workshop / "notebooks" / f"{step.notebook}.ipynb"
    target.parent.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    sockets = tempfile.mkdtemp(prefix="nomad-")
    try:
        papermill.execute_notebook(
            str(notebook_path(step.notebook)), str(target),
            parameters=parameters | {"study": study.name, "run": workshop.name}, kernel_name="python3",
            progress_bar={"desc": step.notebook, "leave": False, "disable": None, "unit": "cell", "file": sys.__stderr__},
            config=Config(KernelManager=kernel_transport(sockets)), shutdown_kernel="immediate",
        )  # fmt: skip
    except PapermillExecutionError as error:
        failure = Failure(step.notebook, error.cell_index + 1, error.ename, error.evalue)
        outcome.failures.append(failure)
        tqdm.write(f"{step.notebook}: stopped at cell {failure.cell}", file=sys.__stderr__)
        return TaskFailed(str(failure))
    finally:
        shutil.rmtree(sockets, ignore_errors=True)
    leave_out_paths(target)
    outcome.executed.append(step.notebook)
    tqdm.write(f"{step.notebook}: done in {time.monotonic() - begun:.1f} s", file=sys.__stderr__)
    return True


def leave_out_paths(notebook: Path) -> None:
    """Take this machine's folders out of an executed notebook, where papermill notes them."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    for name in ("input_path", "output_path"):
        content["metadata"]["papermill"].pop(name, None)
    notebook.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def kernel_transport(folder: str) -> dict[str, str]:
    """Unix sockets in a folder of the kernel's own where there are any: kernels that start together race for TCP ports."""
    if not hasattr(socket, "AF_UNIX") or sys.platform == "win32":
        return {}
    return {"transport": "ipc", "connection_file": f"{folder}/kernel.json"}


def appendix_task(study: Study, steps: list[Step], parameters: dict, order: Order, workshop: Path, outcome) -> dict:
    from doit.tools import config_changed

    folder = Path(__file__).parent
    notebooks = sorted(workshop / "notebooks" / f"{step.notebook}.ipynb" for step in steps)
    own = [folder / "appendix.py", folder / "pipeline.py", *sorted((folder / "template").rglob("*.*"))]

    def stitch() -> None:
        from helpers import appendix

        record = describe_run(study, steps, parameters, order, workshop)
        (workshop / "run.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
        appendix.stitch(study, notebooks, record, order.audience, workshop / "appendix.html")
        outcome.executed.append("appendix")

    return {
        "name": "appendix",
        "actions": [stitch],
        "file_dep": [str(path) for path in [*notebooks, *own, study.folder / "study.yml"]],
        "targets": [str(workshop / "appendix.html"), str(workshop / "run.json")],
        "uptodate": [config_changed(json.dumps([order.audience, study.name, order.run]))],
    }


def describe_run(study: Study, steps: list[Step], parameters: dict, order: Order, workshop: Path) -> dict:
    """What this run was made from: the content of `run.json`."""
    simulated = study.definition.survey.simulated if study.definition.survey else None
    inputs = {study.folder / "study.yml"}
    inputs |= {path for step in steps for part in step.needs + step.uses for path in studies.named_files(study, part)}
    settings: dict[str, object] = {}
    for values in parameters.values():
        settings |= {name: value for name, value in values.items() if name not in ("study", "run")}
    times = {}
    for step in steps:
        executed = json.loads((workshop / "notebooks" / f"{step.notebook}.ipynb").read_text(encoding="utf-8"))
        times[step.notebook] = round(executed["metadata"]["papermill"]["duration"], 1)
    return {
        "study": study.name,
        "run": order.run,
        "audience": order.audience,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "parameters": settings,
        "inputs": {studies.shown(path): digest(path) for path in sorted(inputs)},
        "versions": versions(),
        "commit": commit(),
        "seconds": times,
    } | ({"simulated": simulated.banner.strip()} if simulated else {})


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


def publish(workshop: Path, final: Path, steps: list[Step], whole: bool) -> None:
    """Put a finished run (or one notebook and what it needs) in place of the last one, whole."""
    new, old = beside(final, "new"), beside(final, "old")
    shutil.rmtree(new, ignore_errors=True)
    kept = [path for step in steps for path in files_of(workshop, step)] + list((workshop / "data").glob("*.txt"))
    kept += [workshop / name for name in ("appendix.html", "run.json") if whole]
    for path in kept:
        copy = new / path.relative_to(workshop)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    try:
        if final.exists():
            shutil.rmtree(old, ignore_errors=True)
            os.rename(final, old)
        os.rename(new, final)
    except PermissionError:
        restore(final)
        raise WorkbookError(
            final, "", "a file of the last run that another program holds open", "a folder that can be replaced",
            "close the program that shows it (a spreadsheet, perhaps) and run again",
        ) from None  # fmt: skip
    shutil.rmtree(old, ignore_errors=True)


def restore(final: Path) -> None:
    """If a run was stopped between the two renames of `publish`, put the last good results back."""
    old = beside(final, "old")
    if old.exists() and not final.exists():
        os.rename(old, final)


def beside(final: Path, state: str) -> Path:
    return final.with_name(f".{final.name}.{state}")
