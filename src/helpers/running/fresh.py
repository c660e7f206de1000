"""Whether all is as the last run left it, told without reading a file or importing much: a run of nothing takes no time."""

import json
import os
import sys
import sysconfig
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from helpers.study import folders

HELPERS = Path(__file__).parents[1]


def look(study: str, name: str, asked: object) -> str:
    """A digest of what a run rests on and of what it has left: each file's size and times, and what was asked for.

    No program can set the time at which a file was last changed in any way (its ctime), so that a file that was put back, or
    given another time, is known for another.
    """
    root, outputs = folders.project_root(), folders.outputs_root()
    watched = [root / "notebooks", root / "data" / study, HELPERS, workshop_of(study, name), outputs / study / name]
    watched.append(folders.sweep_folder(study))
    seen = [sys.version, os.stat(sysconfig.get_path("purelib")).st_mtime_ns, repr(asked)]
    for path in sorted(path for folder in watched for path in list_files(folder)):
        found = os.stat(path)
        seen += [path, found.st_size, found.st_mtime_ns, found.st_ctime_ns]
    return sha256(json.dumps(seen).encode()).hexdigest()


def list_files(folder: Path) -> Iterator[str]:
    for place, inside, names in os.walk(folder, followlinks=True):
        inside[:] = [name for name in inside if name not in ("__pycache__", ".ipynb_checkpoints")]
        yield from (os.path.join(place, name) for name in names)


def workshop_of(study: str, name: str) -> Path:
    """Where a run is made."""
    return folders.outputs_root() / ".work" / study / name


def record_of(study: str, name: str) -> Path:
    return workshop_of(study, name).with_name(f".{name}.left.json")


def read_notes(study: str, name: str, asked: object) -> list[str] | None:
    """The notes of the last run, where it was asked for the same and nothing has changed since; None otherwise."""
    try:
        left = json.loads(record_of(study, name).read_bytes())
        return left["notes"] if left["seen"] == look(study, name, asked) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(study: str, name: str, asked: object, notes: list[str]) -> None:
    """Keep how a run has left everything."""
    folders.save(record_of(study, name), json.dumps({"seen": look(study, name, asked), "notes": notes}).encode())
