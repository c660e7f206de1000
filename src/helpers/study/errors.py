"""What a user can put right, as messages told together; paths as a reader may see them."""

import difflib
import re
from collections.abc import Iterable
from pathlib import Path


class WorkbookError(Exception):
    """Something a user can put right; shown as one message, without a traceback.

    `file` (or the command) is at fault, `place` is a key, row, column or cell in it; `found` stands there, `expected` could,
    and `remedy` says what to do. `errors` are the mistakes of which it tells, each on its own.
    """

    def __init__(self, file: str | Path, place: str, found: str, expected: str, remedy: str):
        self.file, self.place, self.found, self.expected, self.remedy = shown_path(file), place, found, expected, remedy
        where = f"{self.file}, {place}" if place else self.file
        super().__init__(f"{where}: found {found}; expected {expected}. To fix it: {remedy}.")
        self.errors = [self]

    def _render_traceback_(self) -> list[str]:
        """Jupyter calls this in place of printing a traceback."""
        return [str(self)]


class WorkbookErrors(WorkbookError):
    """Several mistakes told at once, one under another."""

    def __init__(self, errors: Iterable[WorkbookError]):
        self.errors = list(errors)
        Exception.__init__(self, "\n".join(map(str, self.errors)))


def raise_all(errors: Iterable[WorkbookError]) -> None:
    """Raise one error that tells all of these; nothing where there is none."""
    first, *more = [*errors] or [None]
    if first:
        raise WorkbookErrors([first, *more]) if more else first


class Mistakes:
    """Mistakes gathered, so that all are told at once: `with mistakes: ...` around each step, and at the end `raise_all()`."""

    def __init__(self) -> None:
        self.errors: dict[str, WorkbookError] = {}

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: object, _trace: object) -> bool:
        found = error.errors if isinstance(error, WorkbookError) else []
        # Two steps may read one file, and find the same.
        self.errors |= {str(each): each for each in found}
        return bool(found)

    def raise_all(self) -> None:
        """Raise what was gathered, if anything was."""
        raise_all(self.errors.values())


def find_nearest(found: object, known: Iterable[object]) -> str:
    """The known word that is most like a mistyped one; empty where none is. Among numbers the nearest is as wrong as any."""
    words = {str(word).casefold(): str(word) for word in known if re.search(r"[^\W\d_]", str(found))}
    near = difflib.get_close_matches(str(found).casefold(), words, n=1, cutoff=0.7)
    return words[near[0]] if near else ""


def suggest(found: object, known: Iterable[object], remedy: str) -> str:
    """A remedy, after the known word that may have been meant."""
    near = find_nearest(found, known)
    return f"did you mean {near!r}? If not, {remedy}" if near else remedy


def find_project() -> Path | None:
    """The folder that holds `data/` and `notebooks/`: the working folder or one above it."""
    folders = [Path.cwd(), *Path.cwd().parents]
    return next((path for path in folders if (path / "data").is_dir() and (path / "notebooks").is_dir()), None)


def shown_path(path: str | Path) -> str:
    """A path as a reader may see it: relative to the project, never with this machine's folders."""
    path, project = Path(path), find_project()
    if project and path.is_relative_to(project):
        return path.relative_to(project).as_posix()
    return "…/" + "/".join(path.parts[-3:]) if path.is_absolute() and len(path.parts) > 4 else path.as_posix()
