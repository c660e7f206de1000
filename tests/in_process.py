"""Runs the notebooks' code in this process, without kernels: this is quick, and a test can replace parts of the rooms."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import ROOT

from helpers.running import in_process, plan
from helpers.study import folders, runs


def run_notebooks(
    name: str, only: str = "", left: dict[str, dict] | None = None, shown: list[str] | None = None, pictures: bool = False,
    **parameters: object,
) -> Path:  # fmt: skip
    """Run the notebooks that apply to the study, or those with the numbers in `only`; return the run's folder.

    `left` collects what each notebook leaves, by its number: names and their values. `shown` collects what cells show.
    Without `pictures` everything is drawn, but no drawing becomes a file, which takes most of its time.
    """
    run = runs.open_run(name)
    if folders.project_root() != ROOT:
        shutil.copytree(ROOT / "notebooks", folders.project_root() / "notebooks", dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        if not pictures:
            patch.setattr("helpers.page.page.picture", lambda drawn, kind: b"")
        for notebook in plan.choose_notebooks(run.study):
            if not only or notebook.number in only.split():
                space = in_process.run_cells(notebook, {"study": name} | parameters, shown)
                if left is not None:
                    left[notebook.number] = space
    return run.folder
