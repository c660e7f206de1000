"""Write README.md beside this file from what the benchmarks print: python tests/benchmarks/write.py [NAME ...]

Timings run first, one after another, and then simulations, two at a time. With names, such as `groups runs`, only these
scripts run and the other sections stay as they are. The file is written anew after each.
"""

from __future__ import annotations

import datetime
import importlib.metadata
import platform
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

HERE = Path(__file__).parent
README = HERE / "README.md"
MEDIANS_OF = 5
TIMINGS = dict.fromkeys(["runs", "sweep", "growth", "survey", "themes", "audit", "disclosure"], [str(MEDIANS_OF)])
TIMINGS["sweep"] = []  # A sweep makes each of its cells once.
HEAD = """# Benchmarks

`make bench` writes this file from what the scripts beside it print. The figures are for reading: nothing passes or fails by a
time. `make bench ONLY="groups runs"` replaces two sections and keeps the others.

"""


def describe_machine() -> str:
    """The machine and the versions, without names of hosts or folders."""
    try:
        model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())[1]
        system = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, TypeError):
        model, system = platform.processor(), platform.system()
    packages = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("numpy", "pandas", "scipy", "matplotlib"))
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{psutil.cpu_count()} processors ({model}), {memory:.0f} GB of memory, {system}, "
        f"Python {platform.python_version()}, {packages}."
    )


def name_of(script: Path) -> str:
    return script.stem.removeprefix("bench_")


def read_sections() -> dict[str, str]:
    """The text above the sections under "", and each section under its script's name."""
    head, *sections = re.split(r"^(?=## )", README.read_text(encoding="utf-8"), flags=re.M)
    return {"": head} | {name_of(Path(re.search(r"`(\w+\.py)`", each)[1])): f"{each.rstrip()}\n\n" for each in sections}


def run_script(script: Path) -> str:
    """What a script prints, under a heading that names it, and a last line that says how it was measured."""
    begun = time.monotonic()
    command = [sys.executable, str(script), *TIMINGS.get(name_of(script), [])]
    said = subprocess.run(command, cwd=HERE.parents[1], stdout=subprocess.PIPE, encoding="utf-8", check=True).stdout.strip()
    if not said.startswith("## "):
        said = f"## `{script.name}`\n\n{said}"
    medians = f"Medians of {MEDIANS_OF}. " if TIMINGS.get(name_of(script)) else ""
    return f"{said}\n\n*{medians}Took {time.monotonic() - begun:.0f} s on {datetime.date.today():%d %B %Y}.*\n\n"


def write_readme(scripts: dict[str, Path], names: list[str]) -> None:
    machine = describe_machine()
    sections = read_sections() if names else {"": f"{HEAD}Measured on {machine}\n\n"}
    elsewhere = "" if machine in sections[""] else f"*Measured on {machine}*\n\n"
    chosen = names or [*scripts]

    def put(name: str, said: str) -> None:
        sections[name] = said + elsewhere
        text = "".join(sections[each] for each in ["", *scripts] if each in sections)
        README.write_text(text.rstrip() + "\n", encoding="utf-8")

    for name in chosen:
        if name in TIMINGS:
            put(name, run_script(scripts[name]))
    simulated = [name for name in chosen if name not in TIMINGS]
    with ThreadPoolExecutor(2) as two:
        for name, said in zip(simulated, two.map(lambda name: run_script(scripts[name]), simulated), strict=True):
            put(name, said)


if __name__ == "__main__":
    found = {name_of(script): script for script in [*sorted(HERE.glob("bench_*.py")), HERE / "kill_runs.py"]}
    found = {name: found[name] for name in [*TIMINGS, *(name for name in found if name not in TIMINGS)] if name in found}
    if unknown := {*sys.argv[1:]} - {*found}:
        sys.exit(f"There is no benchmark {', '.join(sorted(unknown))}, only {', '.join(found)}.")
    write_readme(found, sys.argv[1:])
