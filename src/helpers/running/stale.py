"""Which files a notebook rests on: the rooms that it imports, directly or through others, and the page's templates."""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path

from helpers.running import parameters

HELPERS = Path(__file__).parents[1]
TEMPLATES = HELPERS / "page" / "template"


def imported_rooms(tree: ast.AST) -> set[str]:
    """Rooms of `helpers` that a piece of code imports, wherever in it the import stands."""
    rooms = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "helpers":
            rooms |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return {room for room in rooms if room_file(room).is_file()}


def room_file(room: str) -> Path:
    """`helpers.survey.waves` → its file."""
    return HELPERS.joinpath(*room.split(".")[1:]).with_suffix(".py")


@cache
def rooms_used_by(room: str) -> set[str]:
    """Rooms that a room imports; a room is parsed once in a process."""
    return imported_rooms(ast.parse(room_file(room).read_text(encoding="utf-8")))


def helper_files(notebook: str) -> list[Path]:
    """The modules of `helpers` that a notebook uses, directly or through others, and the templates of what it shows."""
    code = "\n".join(parameters.source_of(c) for c in parameters.read_notebook(notebook)["cells"] if c["cell_type"] == "code")
    return [*room_files(imported_rooms(ast.parse(code))), *sorted(TEMPLATES.glob("*.j2"))]


def room_files(rooms: set[str]) -> list[Path]:
    """The modules of these rooms and of those that they use, directly or through others."""
    waiting, seen = set(rooms), set()
    while waiting:
        room = waiting.pop()
        seen.add(room)
        waiting |= rooms_used_by(room) - seen
    return [room_file(room) for room in sorted(seen)]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
