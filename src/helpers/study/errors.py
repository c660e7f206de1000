"""What a user can put right, as one message; paths as a reader may see them."""

from __future__ import annotations

from pathlib import Path


class WorkbookError(Exception):
    """Something a user can put right; shown as one message, without a traceback.

    Parameters
    ----------
    file : str or Path
        The file (or command) at fault.
    place : str
        Where in it: a key, a row, a column, a cell.
    found, expected, remedy : str
        What stands there, what could stand there, and what to do.
    """

    def __init__(self, file: str | Path, place: str, found: str, expected: str, remedy: str):
        self.file, self.place, self.found, self.expected, self.remedy = shown_path(file), place, found, expected, remedy
        where = f"{self.file}, {place}" if place else self.file
        super().__init__(f"{where}: found {found}; expected {expected}. To mend it: {remedy}.")

    def _render_traceback_(self) -> list[str]:
        """Jupyter calls this in place of printing a traceback."""
        return [str(self)]


def shown_path(path: str | Path) -> str:
    """A path as a reader may see it: relative to the project, never with this machine's folders."""
    path = Path(path)
    for folder in (Path.cwd(), *Path.cwd().parents):
        is_project = (folder / "data").is_dir() and (folder / "notebooks").is_dir()
        if is_project and path.is_absolute() and path.is_relative_to(folder):
            return path.relative_to(folder).as_posix()
    return path.as_posix() if not path.is_absolute() else "/".join(path.parts[-3:])
