"""Whether everything is as the last run left it, found without reading a file or importing much: a run of nothing is quick."""

import contextlib
import json
import os
import sys
import sysconfig
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from helpers.study import folders

HELPERS = Path(__file__).parents[1]


def digest_state(study: str, name: str, command: str) -> str:
    """A digest of what a run rests on, what it left, and what was asked for; for files, of their sizes and times.

    On Linux and macOS nothing can set the time of a file's last change (its ctime), so a file that was put back is noticed too.
    """
    installed = os.stat(sysconfig.get_path("purelib")).st_mtime_ns
    left = [workshop_of(study, name), folders.outputs_root() / study / name]
    return digest_files([*inputs_of(study), *left], sys.version, installed, command)


def inputs_of(study: str) -> list[Path]:
    """Folders that hold everything that a run of a study rests on."""
    root = folders.project_root()
    return [root / "notebooks", root / "data" / study, folders.sweep_folder(study), HELPERS]


def digest_files(watched: list[Path], *more: object) -> str:
    """A digest of the sizes and times of files, including those in folders, and of anything else given."""
    seen = [*more]
    for path in sorted(path for each in watched for path in list_files(each)):
        with contextlib.suppress(FileNotFoundError):
            found = os.stat(path)
            seen += [path, found.st_size, found.st_mtime_ns, found.st_ctime_ns]
    return sha256(json.dumps(seen).encode()).hexdigest()


def list_files(path: Path) -> Iterator[str]:
    """The files in a folder and in those that it links to, each folder once; for a file, the file itself."""
    if path.is_file():
        yield str(path)
    walked = set()
    for place, inside, names in os.walk(path, followlinks=True):
        if (real := os.path.realpath(place)) in walked:
            inside.clear()
            continue
        walked.add(real)
        inside[:] = [name for name in inside if name not in ("__pycache__", ".ipynb_checkpoints")]
        yield from (os.path.join(place, name) for name in names)


def name_run(label: str, audience: str) -> str:
    """The folder of a run's edition."""
    return label if audience == "team" else f"{label}-{audience}"


def workshop_of(study: str, name: str) -> Path:
    """The folder in which a run is made."""
    return folders.outputs_root() / ".work" / study / name


def record_of(study: str, name: str) -> Path:
    return workshop_of(study, name).with_name(f".{name}.left.json")


def read_notes(study: str, name: str, command: str) -> list[str] | None:
    """The notes of the last run, if it was asked for the same and nothing has changed since; otherwise None."""
    try:
        left = json.loads(record_of(study, name).read_bytes())
        # Windows keeps the time at which a file was made instead of its last change.
        same = sys.platform != "win32" and left["state"] == digest_state(study, name, command)
        return left["notes"] if same else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(study: str, name: str, command: str, notes: list[str]) -> None:
    """Note the state in which a run has left everything."""
    state = {"state": digest_state(study, name, command), "notes": notes}
    folders.save(record_of(study, name), json.dumps(state).encode())
