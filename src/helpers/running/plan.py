"""A plan: which notebooks with which values, the workshop they run in, and where the results go."""

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from helpers.running import fresh, grid
from helpers.setup.check import check_parts
from helpers.study import folders, reading, runs
from helpers.study.definition import Study
from helpers.study.errors import Mistakes, WorkbookError, WorkbookErrors, shown_path
from helpers.study.notebooks import Notebook, find_notebooks
from helpers.study.parameters import choose_parameters

# What a run holds besides what its notebooks leave.
CONTENTS = "contents.csv"
WHOLE = ("appendix.html", "run.json", CONTENTS)


@dataclass(frozen=True)
class Failure:
    """Where a notebook stopped."""

    notebook: Notebook
    cell: int
    error: str
    message: str

    @property
    def mendable(self) -> bool:
        """Whether the user's input is at fault, so that the message says how to fix it."""
        return self.error in (WorkbookError.__name__, WorkbookErrors.__name__)

    @property
    def place(self) -> str:
        return f"{shown_path(self.notebook.path)}, cell {self.cell}"

    def __str__(self) -> str:
        return f"{self.place}: {self.error}: {self.message}"


@dataclass
class Outcome:
    """What `make_run` did.

    `made` has the digests of what each step that is up to date has left, by file; `reworded` the notebooks in which only the
    words have changed.
    """

    folder: Path
    executed: list[str] = field(default_factory=list)
    made: dict[str, dict[str, str]] = field(default_factory=dict)
    reworded: set[str] = field(default_factory=set)
    failures: list[Failure] = field(default_factory=list)
    not_run: list[str] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Order:
    """What a user asked for; `command` is the same as typed, to see later whether anything has changed."""

    study: str
    run: str = "default"
    parameters: dict[str, object] = field(default_factory=dict)
    audience: str = "team"
    jobs: int = 2
    only: str = ""
    force: bool = False
    command: str = ""


@dataclass(frozen=True)
class Plan:
    """A plan: which notebooks with which values, the workshop they run in, and where the results go."""

    order: Order
    study: Study
    notebooks: list[Notebook]
    values: dict[str, dict[str, object]]
    workshop: Path
    final: Path
    notes: list[str] = field(default_factory=list)

    @property
    def for_funder(self) -> bool:
        return self.order.audience == "funder"

    @property
    def settings(self) -> dict[str, object]:
        """The values of all notebooks' parameters."""
        return {name: value for own in self.values.values() for name, value in own.items()}


def plan_run(order: Order) -> Plan:
    """Turn an order into a plan, and refuse a bad one; all mistakes in what it would read are reported at once."""
    runs.check_label(order.run)
    if re.search(r"-(funder|share|only-\d+)$|^sweeps$", order.run, re.IGNORECASE):
        expected = "a label other than sweeps that does not end in -funder, -share or -only-NN: the workbook gives these itself"
        raise WorkbookError("workbook", "--run", repr(order.run), expected, "choose another label")
    mistakes, notebooks, values = Mistakes(), [], {}
    study = reading.read_study(order.study, mistakes)
    order = replace(order, only=order.only.zfill(2) if order.only else "")
    with mistakes:
        notebooks = choose_notebooks(study)
        if order.only:
            check_only(order, notebooks)
        values = choose_parameters(notebooks, order.parameters, order.audience)
    first = [notebook for notebook in notebooks if order.only in ("", notebook.number)]
    read = [*first, *(other for notebook in first for other in needed_for(notebook, notebooks))]
    parts = {part for notebook in read for part in notebook.needs + notebook.uses} if read else ("survey", *reading.FILES)
    notes = check_parts(study, {*parts} - {"sweep"}, mistakes)
    mistakes.raise_all()
    if (folders.sweep_folder(study.name) / reading.SWEPT[0]).is_file() and not any("sweep" in each.needs for each in notebooks):
        note = f"Its sweep was made from other data, choices or code, and is left out: `workbook sweep {study.name}` makes it."
        notes.append(note)
    name = fresh.name_run(order.run, order.audience)
    outputs = folders.outputs_root()
    # One notebook is not a whole run: it gets a separate folder, and the run's is left as it was.
    final = outputs / study.name / (f"{name}-only-{order.only}" if order.only else name)
    return Plan(order, study, notebooks, values, fresh.workshop_of(study.name, name), final, notes)


def check_only(order: Order, notebooks: list[Notebook]) -> None:
    numbers = sorted(notebook.number for notebook in notebooks)
    if order.audience != "team":
        found, expected = f"it with --audience {order.audience}", "a whole run, since one notebook is not scanned"
        raise WorkbookError("workbook run", "--only", found, expected, "leave out one of the two")
    if order.only not in numbers:
        remedy = "give the number of a notebook that this study has something for"
        raise WorkbookError("workbook run", "--only", repr(order.only), f"one of {', '.join(numbers)}", remedy)


def choose_notebooks(study: Study) -> list[Notebook]:
    """The notebooks that this study has something for; each reads only what the others in the plan write.

    Raises a `WorkbookError` for a table that two notebooks write, or that one reads and none writes, and for notebooks that
    need each other.
    """
    found = find_notebooks(study)
    writers: dict[str, Notebook] = {}
    for notebook in found:
        for table in notebook.writes:
            if (other := writers.setdefault(table, notebook)) != notebook:
                what, remedy = f"`{table}`, which {shown_path(other.path)} writes too", "save it under another name"
                raise wrong(notebook, "writes", what, "each table from one notebook", remedy)
    for notebook in found:
        if unknown := [table for table in notebook.reads if table not in writers]:
            ours = ("findings_", "contents_", "told_")
            known = ", ".join(["findings", *(table for table in writers if not table.startswith(ours))])
            remedy = "correct the name, or add it to `writes` of the notebook that saves it"
            raise wrong(notebook, "reads", f"`{unknown[0]}`, which no notebook writes", known, remedy)
    if circle := [notebook for notebook in found if notebook in needed_for(notebook, found)]:
        what = "a circle of " + ", ".join(shown_path(notebook.path) for notebook in circle)
        expected, remedy = "notebooks that can run one after the other", "take a table out of `reads` of one of them"
        raise wrong(circle[0], "reads", what, expected, remedy)
    has = {part for part, said in study.definition if said}
    # A sweep counts only if it was made from the present files.
    has |= {"sweep"} if "survey" in has and grid.is_current(study) else set()
    kept = [notebook for notebook in found if has.issuperset(notebook.needs)]
    written = {table for notebook in kept for table in notebook.writes}
    reads = {notebook.name: [table for table in notebook.reads if table in written] for notebook in kept}
    return [notebook.model_copy(update={"reads": reads[notebook.name]}) for notebook in kept]


def wrong(notebook: Notebook, key: str, found: str, expected: str, remedy: str) -> WorkbookError:
    return WorkbookError(notebook.path, f"its metadata, workbook.{key}", found, expected, remedy)


def needed_for(notebook: Notebook, notebooks: list[Notebook]) -> list[Notebook]:
    """The notebooks whose tables a notebook needs, directly or through others."""
    needed = [other for other in notebooks if set(other.writes) & set(notebook.reads)]
    for reader in needed:  # grows during the loop
        needed += [other for other in notebooks if set(other.writes) & set(reader.reads) and other not in needed]
    return needed


def files_of(folder: Path, notebook: Notebook) -> list[Path]:
    """What a notebook has left in a workshop."""
    found = [folder / "notebooks" / notebook.path.name, *(folder / "data" / f"{table}.parquet" for table in notebook.writes)]
    found += [path for part in ("figures", "tables") for path in (folder / part).glob(f"{notebook.number}_*")]
    return [path for path in found if path.is_file()]


def forget_others(workshop: Path, notebooks: list[Notebook]) -> None:
    """Remove what notebooks left that are gone or no longer have anything to do, and folders where files should be."""
    kept = {path for notebook in notebooks for path in files_of(workshop, notebook)}
    kept |= {workshop / "sections" / f"{notebook.path.stem}.json" for notebook in notebooks}
    kept |= {workshop / name for name in WHOLE}
    for pattern in ("notebooks/*", "data/*.parquet", "figures/*", "tables/*", "sections/*", *WHOLE):
        for path in workshop.glob(pattern):
            if path not in kept or path.is_dir():
                folders.remove(path)
