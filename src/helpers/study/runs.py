"""A run's tables: what one notebook hands on to another."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from helpers.study.definition import Study
from helpers.study.errors import WorkbookError, shown_path
from helpers.study.folders import outputs_root
from helpers.study.notebooks import find_notebooks
from helpers.study.reading import read_study


@dataclass(frozen=True)
class Run:
    """One set of parameter values over a study, and the folder that keeps what came out of it."""

    study: Study
    label: str
    folder: Path

    def read(self, name: str) -> pd.DataFrame:
        """A table that another notebook handed on; a clear message when that notebook has not run yet."""
        path = self.folder / "data" / f"{name}.parquet"
        if not path.is_file():
            writers = {table: shown_path(notebook.path) for notebook in find_notebooks(self.study) for table in notebook.writes}
            known = ", ".join(table for table in writers if not table.startswith(("findings_", "contents_")))
            raise WorkbookError(
                f"outputs/{self.study.name}/{self.label}", f"table `{name}`", "nothing yet",
                f"what {writers[name]} writes" if name in writers else f"a table that a notebook says it writes ({known})",
                f"run {writers[name]} first, or all of them with `workbook run {self.study.name}`" if name in writers
                else "correct the name, or add the table to `writes` in the metadata of the notebook that saves it",
            )  # fmt: skip
        return pd.read_parquet(path)

    def has(self, name: str) -> bool:
        """Whether another notebook has handed this table on."""
        return (self.folder / "data" / f"{name}.parquet").is_file()

    def save(self, name: str, table: pd.DataFrame) -> None:
        """Hand a table on to the notebooks that follow."""
        path = self.folder / "data" / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.partial")
        table.to_parquet(partial, index=False)
        os.replace(partial, path)


def open_run(study: str, run: str = "default") -> Run:
    """Read a study and open (or begin) one of its runs.

    Parameters
    ----------
    study : str
        The name of a folder under `data/`.
    run : str
        The run's label: letters, digits, `-`, `_` and `.`, beginning with a letter or digit.
    """
    check_label(run)
    return Run(read_study(study), run, outputs_root() / study / run)


def check_label(run: str) -> None:
    """A run's label becomes a folder's name, so it must not lead anywhere else."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", run):
        raise WorkbookError(
            "run", "label", repr(run), "letters, digits, - _ . beginning with a letter or digit", "choose another label"
        )
