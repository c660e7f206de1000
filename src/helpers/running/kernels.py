"""One notebook executed into the workshop."""

from __future__ import annotations

import errno
import json
import os
import re
import socket
import sys
import time
from pathlib import Path

from doit.exceptions import TaskFailed

from helpers.running import publish
from helpers.running.plan import Failure, Outcome, Plan, files_of
from helpers.study.notebooks import Notebook


def execute_notebook(plan: Plan, notebook: Notebook, outcome: Outcome) -> object:
    """Execute one notebook into the workshop; on failure say where, and let doit stop what depends on it."""
    import papermill
    from papermill.exceptions import PapermillExecutionError
    from tqdm import tqdm
    from traitlets.config import Config

    for old in files_of(plan.workshop, notebook):
        old.unlink()
    target = plan.workshop / "notebooks" / notebook.path.name
    target.parent.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    try:
        papermill.execute_notebook(
            str(notebook.path), str(target),
            parameters=plan.values[notebook.name] | {"study": plan.study.name, "run": plan.workshop.name},
            progress_bar={"desc": notebook.name, "leave": False, "disable": None, "unit": "cell", "file": sys.__stderr__},
            config=Config(KernelManager=kernel_transport(plan.sockets / notebook.number)),
            kernel_name="python3", language="python", shutdown_kernel="immediate",
        )  # fmt: skip
    except PapermillExecutionError as error:
        raise_if_disk_is_full(error)
        failure = Failure(notebook, error.cell_index + 1, error.ename, error.evalue)
        outcome.failures.append(failure)
        tqdm.write(f"{notebook.name}: stopped at cell {failure.cell}", file=sys.__stderr__)
        return TaskFailed(str(failure))
    leave_out_paths(target)
    outcome.executed.append(notebook.name)
    tqdm.write(f"{notebook.name}: done in {time.monotonic() - begun:.1f} s", file=sys.__stderr__)
    return True


def raise_if_disk_is_full(error: Exception) -> None:
    """A full disk reaches us as the text of an error in a notebook's kernel: Python's own, or that of parquet's writer."""
    codes = "|".join(str(code) for code in publish.FULL)
    if re.search(rf"errno ({codes})\b", f"{error.ename}: {error.evalue}", re.IGNORECASE):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from None


def leave_out_paths(notebook: Path) -> None:
    """Take this machine's folders out of an executed notebook, where papermill notes them."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    for name in ("input_path", "output_path"):
        content["metadata"]["papermill"].pop(name, None)
    notebook.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def kernel_transport(folder: Path) -> dict[str, str]:
    """Unix sockets in a folder of the kernel's own where there are any: kernels that start together race for TCP ports."""
    if not hasattr(socket, "AF_UNIX") or sys.platform == "win32":
        return {}
    folder.mkdir(exist_ok=True)
    return {"transport": "ipc", "connection_file": f"{folder}/kernel.json"}
