"""The notebooks' code in this process, without kernels: quick, and with whatever a test has taken out of the rooms."""

from __future__ import annotations

import ast
import json
from pathlib import Path

from conftest import ROOT

from helpers.running import steps
from helpers.study import runs


def run_notebooks(name: str, only: str = "", **parameters: object) -> Path:
    """Run the notebooks that the study has something for, or those of the numbers in `only`; return the run's folder."""
    run = runs.open_run(name)
    for step in steps.plan_steps(run.study):
        if only and step.number not in only.split():
            continue
        notebook = json.loads((ROOT / "notebooks" / f"{step.notebook}.ipynb").read_text(encoding="utf-8"))
        space: dict[str, object] = {}
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                exec(compile(ast.parse("".join(cell["source"])), step.notebook, "exec"), space)
                if "parameters" in cell["metadata"].get("tags", []):
                    space |= {"study": name} | {key: value for key, value in parameters.items() if key in space}
    return run.folder
