"""Runs a notebook's code in this process, cell by cell, without a kernel: for tests, and for many runs at once."""

import ast

from helpers.page.render import Shown
from helpers.study.errors import shown_path
from helpers.study.notebooks import Notebook, read_notebook


def run_cells(notebook: Notebook, parameters: dict[str, object], shown: list[str] | None = None) -> dict[str, object]:
    """Run a notebook's code cells; return the names that it leaves, with their values.

    It takes those of the `parameters` that its own cell declares. `shown` collects what cells show. A note on an error says
    in which cell it arose.
    """
    space: dict[str, object] = {}
    for number, cell in enumerate(read_notebook(notebook.path)["cells"], 1):
        if cell["cell_type"] != "code":
            continue
        code = ast.parse(cell["source"])
        last = code.body.pop() if code.body and isinstance(code.body[-1], ast.Expr) else None
        try:
            exec(compile(code, notebook.name, "exec"), space)
            value = eval(compile(ast.Expression(last.value), notebook.name, "eval"), space) if last else None
        except Exception as error:
            error.add_note(f"{shown_path(notebook.path)}, cell {number}")
            raise
        if shown is not None and isinstance(value, Shown):
            shown.append(value.data)
        if "parameters" in cell["metadata"].get("tags", []):
            space |= {name: value for name, value in parameters.items() if name in space}
    return space
