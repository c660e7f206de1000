"""Executes one notebook into the workshop."""

import json
import os
import re
import socket
import sys
import tempfile
import time
from pathlib import Path

from helpers.running import publish
from helpers.running.plan import Failure, Outcome, Plan, files_of
from helpers.study.notebooks import Notebook, read_notebook


def execute_notebook(plan: Plan, notebook: Notebook, outcome: Outcome) -> bool:
    """Execute one notebook into the workshop; on failure say where, and let doit stop what depends on it."""
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError
    from tqdm import tqdm
    from traitlets.config import Config

    papermill.engines.papermill_engines.register("workbook", make_engine())
    for old in files_of(plan.workshop, notebook):
        old.unlink()
    target = plan.workshop / "notebooks" / notebook.path.name
    target.parent.mkdir(parents=True, exist_ok=True)
    begun, transport = time.monotonic(), {}
    # The path to a socket must be short, so it is in the system's folder for temporary files.
    with tempfile.TemporaryDirectory(prefix="nomad-", ignore_cleanup_errors=True) as folder:
        # Kernels that start at the same time compete for TCP ports.
        if hasattr(socket, "AF_UNIX") and sys.platform != "win32":
            transport = {"transport": "ipc", "connection_file": f"{folder}/kernel.json"}
        try:
            papermill.execute_notebook(
                str(notebook.path), str(target),
                parameters=plan.values[notebook.name] | {"study": plan.study.name, "run": plan.workshop.name},
                progress_bar={"desc": notebook.name, "leave": False, "disable": None, "unit": "cell", "file": sys.__stderr__},
                config=Config(KernelManager=transport), kernel_name="python3", language="python", shutdown_kernel="immediate",
                # Left to itself, papermill would write the whole notebook before and after each cell.
                engine_name="workbook", request_save_on_cell_execute=False,
            )  # fmt: skip
        except (PapermillExecutionError, DeadKernelError) as error:
            raise_if_disk_is_full(error)
            failure = Failure(notebook, number_cell(notebook, error.cell_index), error.ename, error.evalue)
            outcome.failures.append(failure)
            tqdm.write(f"{notebook.name}: stopped at cell {failure.cell}", file=sys.__stderr__)
            return False
    # Where papermill notes this machine's folders.
    executed = json.loads(target.read_text(encoding="utf-8"))
    for name in ("input_path", "output_path"):
        executed["metadata"]["papermill"].pop(name, None)
    write_notebook(target, executed)
    outcome.executed.append(notebook.name)
    tqdm.write(f"{notebook.name}: done in {time.monotonic() - begun:.1f} s", file=sys.__stderr__)
    return True


def number_cell(notebook: Notebook, index: int) -> int:
    """The number of a cell in the notebook, from its index in the copy that ran.

    After the parameters papermill has put a cell with the values that it was given, or replaced the one of an earlier run.
    """
    tags = [cell["metadata"].get("tags", []) for cell in read_notebook(notebook.path)["cells"]]
    added = next(place for place, own in enumerate(tags, 1) if "parameters" in own)
    replaced = any("injected-parameters" in own for own in tags)
    return index if index >= added and not replaced else index + 1


def reword_notebook(plan: Plan, notebook: Notebook, outcome: Outcome) -> bool:
    """Copy a notebook's words into its executed copy, which keeps its results; the code must not have changed."""
    target = plan.workshop / "notebooks" / notebook.path.name
    executed = json.loads(target.read_text(encoding="utf-8"))
    ran = iter(cell for cell in executed["cells"] if cell["cell_type"] == "code")
    cells = []
    for cell in json.loads(notebook.path.read_text(encoding="utf-8"))["cells"]:
        cells.append(next(ran) if cell["cell_type"] == "code" else cell)
        # papermill has put the values that it was given into a separate cell.
        if "parameters" in cells[-1]["metadata"].get("tags", []):
            cells.append(next(ran))
    write_notebook(target, executed | {"cells": cells})
    outcome.executed.append(notebook.name)
    return True


def write_notebook(path: Path, content: dict) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def make_engine() -> type:
    """papermill's engine; it also says in which cell a kernel ended by itself, as papermill's own errors do."""
    from nbclient.exceptions import DeadKernelError
    from papermill.engines import NBClientEngine

    class Engine(NBClientEngine):
        @classmethod
        def execute_managed_notebook(cls, managed: object, kernel_name: str, **options: object) -> None:
            try:
                super().execute_managed_notebook(managed, kernel_name, **options)
            except DeadKernelError as error:
                states = [cell.metadata.papermill["status"] for cell in managed.nb.cells]
                error.cell_index = max(states.index(managed.PENDING) if managed.PENDING in states else len(states), 1) - 1
                error.ename, error.evalue = "Python ended", "by itself, as it does when memory runs out"
                raise

    return Engine


def raise_if_disk_is_full(error: Exception) -> None:
    """A full disk reaches us as the text of an error in a notebook's kernel: Python's own, or that of parquet's writer."""
    codes = "|".join(map(str, publish.FULL))
    if found := re.search(rf"errno ({codes})\b", f"{error.ename}: {error.evalue}", re.IGNORECASE):
        raise OSError(int(found[1]), os.strerror(int(found[1]))) from None
