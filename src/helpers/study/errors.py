"""What a user can put right, as one message; paths as a reader may see them."""

from pathlib import Path


class WorkbookError(Exception):
    """Something a user can put right; shown as one message, without a traceback.

    `file` (or the command) is at fault, `place` is a key, row, column or cell in it; `found` stands there, `expected` could,
    and `remedy` says what to do.
    """

    def __init__(self, file: str | Path, place: str, found: str, expected: str, remedy: str):
        self.file, self.place, self.found, self.expected, self.remedy = shown_path(file), place, found, expected, remedy
        where = f"{self.file}, {place}" if place else self.file
        super().__init__(f"{where}: found {found}; expected {expected}. To mend it: {remedy}.")

    def _render_traceback_(self) -> list[str]:
        """Jupyter calls this in place of printing a traceback."""
        return [str(self)]


def find_project() -> Path | None:
    """The folder that holds `data/` and `notebooks/`: the working folder or one above it."""
    folders = [Path.cwd(), *Path.cwd().parents]
    return next((path for path in folders if (path / "data").is_dir() and (path / "notebooks").is_dir()), None)


def shown_path(path: str | Path) -> str:
    """A path as a reader may see it: relative to the project, never with this machine's folders."""
    path, project = Path(path), find_project()
    if project and path.is_relative_to(project):
        return path.relative_to(project).as_posix()
    return "/".join(path.parts[-3:]) if path.is_absolute() else path.as_posix()
