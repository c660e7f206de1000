"""Where the project and its runs lie."""

from __future__ import annotations

import os
from pathlib import Path

from helpers.study.errors import WorkbookError


def project_root() -> Path:
    """The folder that holds `data/` and `notebooks/`: the working folder or one above it, else this checkout."""
    here = Path.cwd()
    for folder in [here, *here.parents, Path(__file__).resolve().parents[3]]:
        if (folder / "data").is_dir() and (folder / "notebooks").is_dir():
            return folder
    raise WorkbookError(
        here, "", "no folder `data/` beside a folder `notebooks/`", "a copy of the workbook",
        "change to the workbook's folder and try again",
    )  # fmt: skip


def outputs_root() -> Path:
    """Where runs are kept: `outputs/`, unless the pipeline has set a workshop of its own."""
    return Path(os.environ.get("WORKBOOK_OUTPUTS") or project_root() / "outputs")
