"""A run's tables: what one notebook hands on to another."""

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from helpers.study.definition import Study
from helpers.study.errors import WorkbookError, shown_path
from helpers.study.folders import outputs_root, save
from helpers.study.notebooks import find_notebooks
from helpers.study.reading import read_study


@dataclass(frozen=True)
class Run:
    """One set of parameter values over a study, and the folder that keeps what came out of it."""

    study: Study
    label: str
    folder: Path

    def path(self, name: str) -> Path:
        """Where a table lies that one notebook hands on to others."""
        return self.folder / "data" / f"{name}.parquet"

    def read(self, name: str) -> pd.DataFrame:
        """A table that another notebook handed on; a clear message when that notebook has not run yet."""
        if self.path(name).is_file():
            return pd.read_parquet(self.path(name))
        writers = {table: shown_path(notebook.path) for notebook in find_notebooks(self.study) for table in notebook.writes}
        if name in writers:
            expected = f"what {writers[name]} writes"
            remedy = f"run {writers[name]} first, or all of them with `workbook run {self.study.name}`"
        else:
            known = ", ".join(table for table in writers if not table.startswith(("findings_", "contents_", "told_")))
            expected = f"a table that a notebook says it writes ({known})"
            remedy = "correct the name, or add the table to `writes` in the metadata of the notebook that saves it"
        raise WorkbookError(f"outputs/{self.study.name}/{self.label}", f"table `{name}`", "nothing yet", expected, remedy)

    def save(self, name: str, table: pd.DataFrame) -> None:
        """Hand a table on to the notebooks that follow."""
        save(self.path(name), table.to_parquet(index=False))


def open_run(study: str, run: str = "default") -> Run:
    """Read a study (a folder under `data/`) and open or begin one of its runs, under a label that can name a folder."""
    check_label(run)
    found = read_study(study)
    return Run(found, run, outputs_root() / found.name / run)


def check_label(run: str) -> None:
    """A run's label becomes a folder's name, so it must not lead anywhere else."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", run):
        expected = "letters, digits, - _ . beginning with a letter or digit"
        raise WorkbookError("run", "label", repr(run), expected, "choose another label")
