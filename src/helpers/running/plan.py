"""An order worked out: which notebooks with which values, the workshop they run in, and where the results go."""

from __future__ import annotations

import re
import secrets
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

from helpers.running import steps as known
from helpers.running.parameters import choose_parameters
from helpers.running.steps import Step, plan_steps
from helpers.study import folders, reading, runs
from helpers.study.definition import Study
from helpers.study.errors import WorkbookError

# What a run has besides what its notebooks leave; marks and records of a workshop.
CONTENTS = "contents.csv"
WHOLE = ("appendix.html", "run.json", CONTENTS)
UNFINISHED, RECORDS = ".unfinished", ".doit.json"


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


def plan_run(order: Order) -> Plan:
    """Work an order out, and refuse a bad one."""
    check_run_label(order.run)
    study = reading.read_study(order.study)
    steps = plan_steps(study)
    values = choose_parameters([step.notebook for step in steps], order.parameters, order.audience)
    order = replace(order, only=order.only.zfill(2) if order.only else "")
    if order.only:
        check_only(order, steps)
    name = order.run if order.audience == "team" else f"{order.run}-{order.audience}"
    outputs = folders.outputs_root()
    # One notebook is no whole run: it gets a folder of its own, and the run's is left as it was.
    final = outputs / study.name / (f"{name}-only-{order.only}" if order.only else name)
    # A path to a socket must be short, so they lie in the system's folder for temporary files.
    sockets = Path(tempfile.gettempdir()) / f"nomad-{secrets.token_hex(4)}"
    return Plan(order, study, steps, values, outputs / ".work" / study.name / name, final, sockets)


def check_run_label(label: str) -> None:
    """A label that a user gives must not be one under which the workbook keeps something else of a run."""
    runs.check_label(label)
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


def files_of(folder: Path, step: Step) -> list[Path]:
    """What a step has left in a workshop."""
    tables = (*step.writes, f"contents_{step.number}")
    found = [folder / "notebooks" / f"{step.notebook}.ipynb", *(folder / "data" / f"{table}.parquet" for table in tables)]
    found += [path for part in ("figures", "tables") for path in (folder / part).glob(f"{step.number}_*")]
    return [path for path in found if path.is_file()]


def forget_others(workshop: Path, steps: list[Step]) -> None:
    """Remove what notebooks left that this study has nothing for any more."""
    for step in known.STEPS:
        if step.notebook not in {kept.notebook for kept in steps}:
            for path in files_of(workshop, step):
                path.unlink()
