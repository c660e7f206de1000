"""A run's tables, which notebooks pass on to one another."""

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from helpers.study import folders, reading
from helpers.study.definition import Study
from helpers.study.errors import WorkbookError, shown_path
from helpers.study.notebooks import find_notebooks

# Columns of a run's list of contents, and of its sentences for the summary.
CONTENTS = ["kind", "label", "section", "title", "file", "notes", "rests_on", "alt"]
FINDINGS = ["notebook", "key", "sentence", "basis", "note", "anchor", "audience", "threshold"]


@dataclass(frozen=True)
class Run:
    """One set of parameter values for a study, and the folder that keeps the results."""

    study: Study
    label: str
    folder: Path

    def path(self, name: str) -> Path:
        """The path of a table that one notebook passes on to others."""
        return self.folder / "data" / f"{name}.parquet"

    def read(self, name: str) -> pd.DataFrame:
        """Read a table that another notebook saved; a `WorkbookError` if that notebook has not run yet."""
        if self.path(name).is_file():
            return read_parquet(self.path(name).read_bytes())
        writers = {table: shown_path(notebook.path) for notebook in find_notebooks(self.study) for table in notebook.writes}
        if name in writers:
            expected = f"the table that {writers[name]} writes"
            remedy = f"run {writers[name]} first, or all of them with `workbook run {self.study.name}`"
        else:
            known = ", ".join(table for table in writers if not table.startswith(("findings_", "contents_", "told_")))
            expected = f"a table that a notebook writes ({known})"
            remedy = "correct the name, or add the table to `writes` in the metadata of the notebook that saves it"
        raise WorkbookError(f"outputs/{self.study.name}/{self.label}", f"table `{name}`", "no such table yet", expected, remedy)

    def save(self, name: str, table: pd.DataFrame) -> None:
        """Save a table for the notebooks that follow."""
        folders.save(self.path(name), table.to_parquet(index=False))


def read_parquet(content: bytes) -> pd.DataFrame:
    """A frame from the content of a Parquet file.

    pandas gives pyarrow a file of Python's, which its threads can still hold when Python ends, and that aborts the process.
    """
    return pd.read_parquet(pa.BufferReader(content))


def open_run(study: str, run: str = "default") -> Run:
    """Read a study (a folder under `data/`) and open or begin one of its runs; its label must be usable as a folder name."""
    check_label(run)
    found = reading.read_study(study)
    return Run(found, run, folders.outputs_root() / found.name / run)


def check_label(run: str) -> None:
    """Check a run's label: it becomes the name of a folder, so it must not lead anywhere else."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", run):
        expected = "letters, digits, - _ . beginning with a letter or digit"
        raise WorkbookError("run", "label", repr(run), expected, "choose another label")
