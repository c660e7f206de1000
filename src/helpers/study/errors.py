"""Messages about mistakes that a user can correct, shown together, with paths that are safe to show."""

import difflib
import re
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path


class WorkbookError(Exception):
    """A mistake that a user can correct, shown as one message without a traceback.

    `file` is the file (or command) with the mistake, `place` a key, row, column or cell in it. `found` is what we found there,
    `expected` what we expected, and `remedy` says what to do. `errors` lists each mistake separately.
    """

    def __init__(self, file: str | Path, place: str, found: str, expected: str, remedy: str):
        self.file, self.place, self.found, self.expected, self.remedy = shown_path(file), place, found, expected, remedy
        where = f"{self.file}, {place}" if place else self.file
        super().__init__(f"{where}: found {found}; expected {expected}. To fix it: {remedy}.")
        self.errors = [self]

    def _render_traceback_(self) -> list[str]:
        """Jupyter calls this instead of printing a traceback."""
        return [str(self)]


class WorkbookErrors(WorkbookError):
    """Several mistakes reported at once, one below another."""

    def __init__(self, errors: Iterable[WorkbookError]):
        self.errors = list(errors)
        Exception.__init__(self, "\n".join(map(str, self.errors)))


def raise_all(errors: Iterable[WorkbookError]) -> None:
    """Raise one error that reports all of these; do nothing if there are none."""
    if found := list(errors):
        raise WorkbookErrors(found) if len(found) > 1 else found[0]


class Mistakes(AbstractContextManager):
    """Collects mistakes to report them all at once: `with mistakes: ...` around each step, and `raise_all()` at the end."""

    def __init__(self) -> None:
        self.errors: dict[str, WorkbookError] = {}

    def __exit__(self, _kind: object, error: object, _trace: object) -> bool:
        found = error.errors if isinstance(error, WorkbookError) else []
        # Two steps may read the same file and find the same mistake.
        self.errors |= {str(each): each for each in found}
        return bool(found)

    def raise_all(self) -> None:
        raise_all(self.errors.values())


def find_nearest(found: object, known: Iterable[object]) -> str:
    """The known word most similar to a mistyped one; empty if none is. Numbers are skipped: a similar one is just as wrong."""
    words = {str(word).casefold(): str(word) for word in known if re.search(r"[^\W\d_]", str(found))}
    near = difflib.get_close_matches(str(found).casefold(), words, n=1, cutoff=0.7)
    return words[near[0]] if near else ""


def suggest(found: object, known: Iterable[object], remedy: str) -> str:
    """A remedy, which first suggests the known word that the user may have meant."""
    near = find_nearest(found, known)
    return f"did you mean {near!r}? If not, {remedy}" if near else remedy


def find_project() -> Path | None:
    """The folder that holds `data/` and `notebooks/`: the working folder or one above it."""
    folders = [Path.cwd(), *Path.cwd().parents]
    return next((path for path in folders if (path / "data").is_dir() and (path / "notebooks").is_dir()), None)


def shown_path(path: str | Path) -> str:
    """A path that is safe to show: relative to the project, without the folders of this computer."""
    path, project = Path(path), find_project()
    if project and path.is_relative_to(project):
        return path.relative_to(project).as_posix()
    return "…/" + "/".join(path.parts[-3:]) if path.is_absolute() and len(path.parts) > 4 else path.as_posix()
