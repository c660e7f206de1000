"""What a run was made from: the content of `run.json`."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import subprocess
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from helpers.running.plan import Plan
from helpers.study import errors, folders, reading

# A run made with other versions of these is another run.
VERSIONS_THAT_MATTER = [
    "pandas", "numpy", "scipy", "statsmodels", "semopy", "rapidfuzz", "matplotlib", "seaborn", "papermill",
    "nbconvert",
]  # fmt: skip


def versions() -> dict[str, str]:
    return {"python": platform.python_version()} | {n: importlib.metadata.version(n) for n in VERSIONS_THAT_MATTER}


def describe_run(plan: Plan) -> dict:
    """What this run was made from: the content of `run.json`.

    A funder's record names no file of respondents or interviews, since names and digests of small files can tell who they
    are from, and no times, so that the same inputs give the same bytes.
    """
    simulated = plan.study.definition.survey.simulated if plan.study.definition.survey else None
    settings: dict[str, object] = {}
    for values in plan.values.values():
        settings |= values
    # For the team the threshold does nothing.
    left_out = {"study", "run", "audience"} if plan.for_funder else {"study", "run", "audience", "threshold"}
    record = {"study": plan.study.name, "run": plan.order.run, "audience": plan.order.audience}
    if plan.for_funder:
        record |= {"threshold": settings["threshold"]}
    else:
        record |= {"made": datetime.now(UTC).isoformat(timespec="seconds")}
    record |= {
        "parameters": {name: value for name, value in settings.items() if name not in left_out},
        "inputs": {errors.shown_path(path): sha256(path.read_bytes()).hexdigest() for path in sorted(named_inputs(plan))},
        "versions": versions(),
        "commit": commit(),
    }
    if not plan.for_funder:
        record |= {"seconds": {notebook.name: seconds_taken(plan.workshop, notebook.name) for notebook in plan.notebooks}}
    return record | ({"simulated": simulated.banner.strip()} if simulated else {})


def named_inputs(plan: Plan) -> set[Path]:
    """The study's files that `run.json` names: for a funder those alone that hold nothing of respondents or participants."""
    parts = {part for notebook in plan.notebooks for part in notebook.needs + notebook.uses}
    paths = {plan.study.folder / "study.yml"}
    paths |= {path for part in parts for path in reading.named_files(plan.study, part)}
    if not plan.for_funder:
        return paths | {notebook.path for notebook in plan.notebooks if notebook.path.is_relative_to(plan.study.folder)}
    open_to_all = {plan.study.folder / name for name in ("study.yml", "codebook.csv")}
    open_to_all |= {path for part in ("joint", "published") for path in reading.named_files(plan.study, part)}
    return {path for path in paths if path in open_to_all}


def seconds_taken(workshop: Path, name: str) -> float:
    executed = json.loads((workshop / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    return round(executed["metadata"]["papermill"]["duration"], 1)


def commit() -> str:
    """The workbook's own commit, with a mark when files were changed since; empty outside a checkout."""
    root = folders.project_root()
    git = ["git", "-C", str(root)]
    try:
        head = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=True)
        changed = subprocess.run([*git, "status", "--porcelain", "-uno"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return head.stdout.strip() + (" (with changes)" if changed.stdout.strip() else "")
