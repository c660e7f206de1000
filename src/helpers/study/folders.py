"""Where the project and its runs are, and how to write a file there."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpers.study.errors import WorkbookError, find_project

# The study that we use if none is named.
FIRST_STUDY = "lvrn_2024"


def project_root() -> Path:
    """The folder that holds `data/` and `notebooks/`: the working folder or one above it, or else this checkout."""
    checkout = Path(__file__).resolve().parents[3]
    if found := find_project() or (checkout if (checkout / "notebooks").is_dir() else None):
        return found
    remedy = "change to the workbook's folder and try again"
    raise WorkbookError(Path.cwd(), "", "no folder `data/` beside a folder `notebooks/`", "a copy of the workbook", remedy)


def outputs_root() -> Path:
    """Where runs are kept: `outputs/`, unless the pipeline has set another folder to work in."""
    return Path(os.environ.get("WORKBOOK_OUTPUTS") or project_root() / "outputs")


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """Variables of the environment as they are set in the block; kernels and other processes inherit them."""
    before = {name: os.environ[name] for name in values if name in os.environ}
    os.environ.update(values)
    try:
        yield
    finally:
        for name in values:
            os.environ.pop(name, None)
        os.environ.update(before)


def sweep_folder(study: str, grid: str = "sweep") -> Path:
    """Where `workbook sweep` keeps the results of a grid; the study's own grid is its `sweep.yml`.

    A run looks for it here too, so it does not depend on where that run keeps its own results.
    """
    return project_root() / "outputs" / study / "sweeps" / grid


def save(path: Path, content: bytes) -> None:
    """Write a complete file or nothing; if the disk is full, the error names the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(content)
        os.replace(partial, path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        error.filename = error.filename or str(path)
        raise


def remove(path: Path) -> None:
    """Remove a file, or a folder with its name, if it exists."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
