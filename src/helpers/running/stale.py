"""What a notebook depends on: software, the rooms that it imports, directly or through others, and the page's templates."""

import importlib.metadata
import json
import platform
import re
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path

from helpers.running.fresh import HELPERS
from helpers.study import folders, reading
from helpers.study.definition import Study
from helpers.study.notebooks import Notebook, read_notebook

# A run made with other versions of these is a different run.
VERSIONS_THAT_MATTER = [
    "pandas", "numpy", "scipy", "statsmodels", "semopy", "rapidfuzz", "matplotlib", "seaborn", "papermill",
    "nbconvert",
]  # fmt: skip
TEMPLATES = HELPERS / "page" / "template"
IMPORT = re.compile(r"^\s*(?:from|import) (helpers[\w.]*)(?: import (?:\(([^)]*)\)|(.*)))?", re.MULTILINE)


@cache
def imported_rooms(code: str) -> set[str]:
    """Rooms of `helpers` that a piece of code imports anywhere; read once in a process."""
    rooms = set()
    for room, several, names in IMPORT.findall(code):
        rooms |= {room, *(f"{room}.{name}" for name in re.findall(r"\w+", several or names))}
    return {room for room in rooms if room_file(room).is_file()}


@cache
def versions() -> dict[str, str]:
    return {"python": platform.python_version()} | {n: importlib.metadata.version(n) for n in VERSIONS_THAT_MATTER}


def room_file(room: str) -> Path:
    """`helpers.survey.waves` → its file."""
    return HELPERS.joinpath(*room.split(".")[1:]).with_suffix(".py")


def helper_files(notebook: Path) -> list[Path]:
    """What a notebook uses of `helpers`, directly or through others, and the templates of what it shows."""
    return [*room_files(imported_rooms(read_code(notebook))), *sorted(TEMPLATES.glob("*.j2"))]


def digest_inputs(study: Study, parts: Iterable[str], notebooks: list[Notebook], more: Iterable[Path]) -> str:
    """A digest of the software, the files of some parts of a study, the helpers that notebooks use, and more files."""
    files = {study.folder / "study.yml", *more, *(path for part in parts for path in reading.named_files(study, part))}
    files |= {path for notebook in notebooks for path in helper_files(notebook.path)}
    digests = [sha256(path.read_bytes()).hexdigest() for path in sorted(files)]
    return sha256(json.dumps([versions(), digests]).encode()).hexdigest()


def read_code(notebook: Path) -> str:
    return "\n".join(cell["source"] for cell in read_notebook(notebook)["cells"] if cell["cell_type"] == "code")


@cache
def page_files() -> list[Path]:
    """The files that the appendix is made with."""
    return [*room_files({"helpers.running.appendix"}), *sorted(path for path in TEMPLATES.rglob("*") if path.is_file())]


def room_files(rooms: set[str]) -> list[Path]:
    """The modules of these rooms and of those that they use, directly or through others, and the lists beside them."""
    waiting, seen = set(rooms), set()
    while waiting:
        room = waiting.pop()
        seen.add(room)
        waiting |= imported_rooms(room_file(room).read_text(encoding="utf-8")) - seen
    files = [room_file(room) for room in sorted(seen)]
    return [*files, *sorted(path for folder in {file.parent for file in files} for path in folder.glob("*.csv"))]


def seal(records: Path) -> None:
    """Note the state in which doit leaves its record of what it has done."""
    records.with_suffix(".seal").write_text(sha256(records.read_bytes()).hexdigest())


def forget_broken(records: Path) -> None:
    """Remove doit's record unless it is as doit left it; then every step is stale."""
    try:
        whole = sha256(records.read_bytes()).hexdigest() == records.with_suffix(".seal").read_text()
    except (OSError, ValueError):
        whole = False
    if not whole:
        folders.remove(records)
