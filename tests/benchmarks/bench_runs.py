"""How fast a run is: python tests/benchmarks/bench_runs.py [TIMES]

Makes the first study's appendix in a copy of the workbook, each way several times in turn, and prints medians beside those of
the plain way and what was asked for.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from section import open_section, print_table, read_argument

ROOT = Path(__file__).parents[2]
WORKBOOK = [sys.executable, "-m", "helpers.cli"]
LIMIT, WORDS = "the limit: one warm process", "run, words of one notebook changed"
WARM = """
import sys, time
sys.path.insert(0, sys.argv[1])
import matplotlib
matplotlib.use("agg")
from helpers.running import warm
warm.import_ahead()
from in_process import run_notebooks
begun, used = time.perf_counter(), time.process_time()
run_notebooks("lvrn_2024", pictures=True)
print(time.perf_counter() - begun, time.process_time() - used)
"""


def copy_workbook(root: Path) -> None:
    for name in ("notebooks", "data"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("releases", ".ipynb_checkpoints"))


def time_commands(root: Path, *commands: list[str]) -> tuple[float, float]:
    """Wall and CPU seconds of commands, one after the other, with all processes that they began."""
    begun, used = time.monotonic(), os.times()
    for command in commands:
        done = subprocess.run(
            command, cwd=root, env=os.environ | {"PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    now = os.times()
    return time.monotonic() - begun, now.children_user + now.children_system - used.children_user - used.children_system


def plain_way(root: Path) -> list[list[str]]:
    made = root / "plain"
    made.mkdir(exist_ok=True)
    # Notebook 07 reads a sweep, so a run without one leaves it out too.
    notebooks = sorted(root.glob("notebooks/0[0-6]*.ipynb"), key=lambda path: (path.name[:2] == "00", path.name))
    commands = []
    for path in notebooks:
        executed = str(made / path.name)
        commands.append(
            [sys.executable, "-m", "papermill", str(path), executed, "-p", "study", "lvrn_2024", "-p", "run", "plain"]
        )
        commands.append([sys.executable, "-m", "nbconvert", "--to", "html", "--template", "basic", executed])
    return commands


def change_words(root: Path) -> None:
    path = root / "notebooks" / "04_count_themes.ipynb"
    content = json.loads(path.read_text(encoding="utf-8"))
    words = next(cell for cell in content["cells"] if cell["cell_type"] == "markdown")
    words["source"] = [*words["source"], "."]
    path.write_text(json.dumps(content), encoding="utf-8")


def measure(times: int) -> dict[str, list[tuple[float, float]]]:
    found: dict[str, list[tuple[float, float]]] = {}

    def note(name: str, seconds: tuple[float, float]) -> None:
        found.setdefault(name, []).append(seconds)

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        copy_workbook(root)
        for turn in range(times):
            note("the plain way", time_commands(root, *plain_way(root)))
            note("run --force", time_commands(root, [*WORKBOOK, "run", "--force"]))
            note("run --force --kernels plain", time_commands(root, [*WORKBOOK, "run", "--force", "--kernels", "plain"]))
            known = os.environ | {"PYTHONPATH": str(ROOT / "src"), "WORKBOOK_OUTPUTS": str(root / "limit")}
            said = subprocess.check_output([sys.executable, "-c", WARM, str(ROOT / "tests")], cwd=root, env=known, text=True)
            note(LIMIT, tuple(map(float, said.split())))
            # The rows below follow a run with the same command and parameters.
            time_commands(root, [*WORKBOOK, "run"])
            note("run, nothing changed", time_commands(root, [*WORKBOOK, "run"]))
            note("--help", time_commands(root, [*WORKBOOK, "--help"]))
            change_words(root)
            note(WORDS, time_commands(root, [*WORKBOOK, "run"]))
            note("run, min_group_size changed", time_commands(root, [*WORKBOOK, "run", "-p", "min_group_size", str(4 + turn)]))
    return found


def judge(medians: dict[str, list[float]]) -> dict[str, dict[str, bool]]:
    """What was asked for, by row, and whether it is met."""
    (plain_wall, plain_cpu), (limit, _), (wall, used) = (medians[name] for name in ("the plain way", LIMIT, "run --force"))
    asked = {
        "run --force": {
            "0.25 of the plain wall time": wall <= 0.25 * plain_wall, "0.35 of its CPU time": used <= 0.35 * plain_cpu,
            "1.2 times the limit": wall <= 1.2 * limit,
        },
        LIMIT: {"7 s": limit < 7},
    }  # fmt: skip
    for name, most in {"run, nothing changed": 0.3, "--help": 0.15, WORDS: 2.5, "run, min_group_size changed": 5}.items():
        asked[name] = {f"{most} s": medians[name][0] < most}
    return asked


if __name__ == "__main__":
    found = measure(int(read_argument(5)))
    medians = {name: [statistics.median(each) for each in zip(*seconds, strict=True)] for name, seconds in found.items()}
    plain, asked = medians["the plain way"], judge(medians)
    open_section(
        "How long a run takes",
        "The first study's appendix, made in several ways. The plain way is papermill for each notebook and then nbconvert "
        "for each; the limit is the code of all notebooks in one process that has imported everything, without kernels. The "
        "ratios are to the plain way, CPU time is that of all processes, and what was asked for is wall time unless it says "
        "otherwise.",
    )
    print_table(
        ("work", "wall", "CPU", "wall beside the plain way", "CPU beside it", "asked for, at most", "met"),
        (
            (
                name, f"{wall:.2f} s", f"{used:.2f} s", f"{wall / plain[0]:.3f}", f"{used / plain[1]:.3f}",
                "; ".join(asked.get(name, {})), "; ".join("yes" if met else "no" for met in asked.get(name, {}).values()),
            )
            for name, (wall, used) in medians.items()
        ),
    )  # fmt: skip
