"""The notebooks' code in this process, without kernels: quick, and with whatever a test has taken out of the rooms."""

from __future__ import annotations

import ast
import json
import shutil
from pathlib import Path

from conftest import ROOT

from helpers.page.render import Shown
from helpers.running import plan
from helpers.study import folders, runs


def run_notebooks(
    name: str, only: str = "", left: dict[str, dict] | None = None, shown: list[str] | None = None, **parameters: object
) -> Path:
    """Run the notebooks that the study has something for, or those of the numbers in `only`; return the run's folder.

    `left` takes in what each notebook leaves, by its number: names and their values. `shown` takes in what cells show.
    """
    run = runs.open_run(name)
    if folders.project_root() != ROOT:
        shutil.copytree(ROOT / "notebooks", folders.project_root() / "notebooks", dirs_exist_ok=True)
    for notebook in plan.choose_notebooks(run.study):
        if only and notebook.number not in only.split():
            continue
        space: dict[str, object] = {}
        for cell in json.loads(notebook.path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                code = ast.parse("".join(cell["source"]))
                last = code.body.pop() if code.body and isinstance(code.body[-1], ast.Expr) else None
                exec(compile(code, notebook.name, "exec"), space)
                value = eval(compile(ast.Expression(last.value), notebook.name, "eval"), space) if last else None
                if shown is not None and isinstance(value, Shown):
                    shown.append(value.data)
                if "parameters" in cell["metadata"].get("tags", []):
                    space |= {"study": name} | {key: value for key, value in parameters.items() if key in space}
        if left is not None:
            left[notebook.number] = space
    return run.folder
