"""Kill `workbook run` and `share` at random moments: python tests/benchmarks/kill_runs.py [PART] [run|share|print]

Two toy notebooks run on a made-up study. First the results of two parameter values are made and their files noted. Then the
command is started again and again, each time for the value whose results are not in place, and is killed with its kernels at a
random moment. After each kill the results in place must be, byte for byte, the old ones or the new ones, apart from what
differs from one run to the next (times, and notebooks that hold them); then the command must succeed. The ledger must then
know each package that is in place, and count none that is not. `print` kills `share` while a browser prints.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from section import open_section, print_table, read_argument

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS))

COMMAND = """
import sys
from helpers import cli

sys.argv = ["workbook", *sys.argv[1:]]
cli.main()
"""
FOLDERS = {"run": ["default"], "share": ["default-funder", "default-share"], "print": ["default-funder", "default-share"]}
OUTCOMES = ("old", "new", "some old, some new", "broken", "temporary files left after the next run")
# What a package says about those before it.
LEDGER = re.compile(rb"Differencing:.*?\n\n", re.DOTALL)


def make_project(root: Path) -> None:
    from conftest import CODEBOOK, STUDY, SURVEY
    from toys import hand_on_a_number

    (root / "notebooks").mkdir()
    folder = root / "data" / "tiny"
    folder.mkdir(parents=True)
    for name, text in (("study.yml", STUDY), ("codebook.csv", CODEBOOK), ("survey.csv", SURVEY)):
        (folder / name).write_text(text, encoding="utf-8")
    hand_on_a_number(root)


def start(root: Path, command: str, value: int) -> subprocess.Popen:
    known = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": str(root / "temporary")}
    command = "run" if command == "run" else "share"
    arguments = [sys.executable, "-c", COMMAND, command, "tiny", "-p", "value", str(value)]
    return subprocess.Popen(
        arguments, cwd=root, env=known, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def finish(root: Path, command: str, value: int) -> float:
    """Make a run to its end; returns the seconds it took."""
    begun = time.monotonic()
    process = start(root, command, value)
    _, said = process.communicate()
    assert process.returncode == 0, said
    return time.monotonic() - begun


def kill(process: subprocess.Popen) -> bool:
    """Kill a command, its process group and its kernels, which have groups of their own; False when it had ended already."""
    if process.poll() is not None:
        return False
    running = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    os.killpg(process.pid, signal.SIGKILL)
    for each in running:
        if each.is_running():
            each.kill()
    process.wait()
    psutil.wait_procs(running, timeout=10)
    return True


def note(root: Path, folders: list[str]) -> dict[str, dict[str, str]]:
    """Each folder's files with their digests, without what differs from one run to the next."""
    return {
        folder: {
            path.relative_to(root).as_posix(): hashlib.sha256(steady(path)).hexdigest()
            for path in sorted((root / "outputs" / "tiny" / folder).rglob("*"))
            if path.is_file()
        }
        for folder in folders
    }


def steady(path: Path) -> bytes:
    content = path.read_bytes()
    if path.suffix == ".zip":
        # Its content is also in the folder beside it.
        return b""
    if path.name == "EVIDENCE.txt":
        return LEDGER.sub(b"", content)
    if path.suffix == ".pdf":
        return re.sub(rb"D:\d{14}|<[0-9A-Fa-f]{32}>", b"", content)
    if path.suffix == ".ipynb":
        notebook = json.loads(content)
        return json.dumps([cell["source"] for cell in notebook["cells"]]).encode()
    if path.suffix in (".json", ".html"):
        content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:+]+|\d+ \w+ \d{4}, \d\d:\d\d UTC|\b\d+\.\d\b", b"", content)
    return content


def is_known(root: Path) -> bool:
    """Whether the ledger, which the last command has mended, counts the package in place, and no other as its own."""
    archive = hashlib.sha256((root / "outputs/tiny/default-share/tiny_default.zip").read_bytes()).hexdigest()
    entries = [json.loads(path.read_text()) for path in (root / "data" / "tiny" / "releases").glob("*.json")]
    return [archive in entry["packages"] for entry in entries if not entry["struck"]].count(True) == 1


def wait_to_kill(process: subprocess.Popen, command: str, seconds: float) -> None:
    """Wait until a random moment; if a package is printed, until a moment while a browser runs."""
    if command != "print":
        time.sleep(random.uniform(0, seconds))
        return
    while process.poll() is None:
        running = psutil.Process(process.pid).children(recursive=True)
        if any(re.search("chrom|edge", each.name(), re.IGNORECASE) for each in running if each.is_running()):
            break
        time.sleep(0.05)
    time.sleep(random.uniform(0, 2))


def count_kills(root: Path, command: str, kills: int) -> list[int]:
    folders = FOLDERS[command]
    finish(root, command, 2)
    known = {2: note(root, folders)}
    seconds = finish(root, command, 7)
    known[7] = note(root, folders)
    assert all(known[2][folder] != known[7][folder] for folder in folders)
    before, after = 7, 2
    counts = dict.fromkeys(OUTCOMES, 0)
    done, seen = 0, set()
    while done < kills:
        process = start(root, command, after)
        wait_to_kill(process, command, seconds)
        if kill(process):
            done += 1
            found = note(root, folders)
            whole = all(found[folder] in (known[before][folder], known[after][folder]) for folder in folders)
            name = "old" if found == known[before] else "new" if found == known[after] else "some old, some new"
            counts[name if whole else "broken"] += 1
        seconds = finish(root, command, after)
        assert note(root, folders) == known[after], "the next run did not make the new results"
        assert command == "run" or is_known(root), "the ledger does not know the package"
        left = {
            *(root / "temporary").glob("nomad-*"),
            *(root / "outputs" / "tiny").glob(".*"),
            *(root / "data").rglob("*.partial"),
        }
        counts["temporary files left after the next run"] += bool(left - seen)
        seen |= left
        before, after = after, before
    return [kills, *counts.values()]


if __name__ == "__main__":
    kills, asked = max(1, round(50 * read_argument(1))), sys.argv[2:] or [*FOLDERS]
    rows = []
    for command in asked:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "temporary").mkdir()
            make_project(root)
            rows.append([command, *count_kills(root, command, kills)])
    open_section(
        "Kills",
        "A command is killed at random moments, its kernels with it, and what stands in place is held against the old and "
        "the new results, byte for byte. Then the command must succeed, or the benchmark stops. `print` is `share`, killed "
        "while a browser prints. Where some results are old and some new, each folder is whole: they are put in place one "
        "after the other.",
    )
    print_table(("command", "kills", *OUTCOMES), rows)
