"""Which files a notebook rests on: the rooms that it imports, directly or through others, and the page's templates."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from helpers.study.notebooks import read_notebook

HELPERS = Path(__file__).parents[1]
TEMPLATES = HELPERS / "page" / "template"


@cache
def imported_rooms(code: str) -> set[str]:
    """Rooms of `helpers` that a piece of code imports, wherever in it the import stands; parsed once in a process."""
    rooms = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            rooms |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            rooms |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module or ""}
    return {room for room in rooms if room.startswith("helpers.") and room_file(room).is_file()}


def room_file(room: str) -> Path:
    """`helpers.survey.waves` → its file."""
    return HELPERS.joinpath(*room.split(".")[1:]).with_suffix(".py")


def helper_files(notebook: Path) -> list[Path]:
    """The modules of `helpers` that a notebook uses, directly or through others, and the templates of what it shows."""
    rooms = set()
    for cell in read_notebook(notebook)["cells"]:
        if cell["cell_type"] == "code":
            try:
                rooms |= imported_rooms(cell["source"])
            except SyntaxError:  # a command of Jupyter's, which may stand before an import: the notebook rests on all rooms
                return [*sorted(HELPERS.rglob("*.py")), *sorted(TEMPLATES.glob("*.j2"))]
    return [*room_files(rooms), *sorted(TEMPLATES.glob("*.j2"))]


def room_files(rooms: set[str]) -> list[Path]:
    """The modules of these rooms and of those that they use, directly or through others."""
    waiting, seen = set(rooms), set()
    while waiting:
        room = waiting.pop()
        seen.add(room)
        waiting |= imported_rooms(room_file(room).read_text(encoding="utf-8")) - seen
    return [room_file(room) for room in sorted(seen)]
