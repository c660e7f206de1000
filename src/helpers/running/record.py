"""What a run was made from: the content of `run.json`."""

import json
import subprocess
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from helpers.running.plan import Plan
from helpers.running.stale import versions
from helpers.study import folders, reading
from helpers.study.errors import shown_path


def describe_run(plan: Plan) -> dict:
    """What this run was made from: the content of `run.json`.

    A funder's record names no file of respondents or interviews, since names and digests of small files can give away who
    they are from, and no times, so that the same inputs give the same bytes.
    """
    settings = plan.settings
    # The threshold does nothing for the team.
    left_out = {"study", "run", "audience"} | (set() if plan.for_funder else {"threshold"})
    record = {
        "study": plan.study.name,
        "run": plan.order.run,
        "audience": plan.order.audience,
        "threshold": settings["threshold"] if plan.for_funder else None,
        "made": None if plan.for_funder else datetime.now(UTC).isoformat(timespec="seconds"),
        "parameters": {name: value for name, value in settings.items() if name not in left_out},
        "inputs": {shown_path(path): sha256(path.read_bytes()).hexdigest() for path in sorted(named_inputs(plan))},
        "versions": versions(),
        "commit": commit(),
        "seconds": None if plan.for_funder else {each.name: seconds_taken(plan.workshop, each.name) for each in plan.notebooks},
        "simulated": plan.study.banner or None,
    }
    return {name: value for name, value in record.items() if value is not None}


def named_inputs(plan: Plan) -> set[Path]:
    """The study's files that `run.json` names: for a funder only those that hold nothing about respondents or participants."""
    parts = {part for notebook in plan.notebooks for part in notebook.needs + notebook.uses}
    paths = {plan.study.folder / "study.yml", *(path for part in parts for path in reading.named_files(plan.study, part))}
    if not plan.for_funder:
        return paths | {notebook.path for notebook in plan.notebooks if notebook.path.is_relative_to(plan.study.folder)}
    open_to_all = {plan.study.folder / name for name in ("study.yml", "codebook.csv")}
    open_to_all |= {path for part in ("joint", "published") for path in reading.named_files(plan.study, part)}
    return paths & open_to_all


def seconds_taken(workshop: Path, name: str) -> float:
    executed = json.loads((workshop / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    return round(executed["metadata"]["papermill"]["duration"], 1)


def commit() -> str:
    """The workbook's own commit, with a mark if files have changed since; empty outside a checkout."""
    describe = ["git", "-C", str(folders.project_root()), "describe", "--always", "--abbrev=12", "--exclude=*"]
    try:
        return subprocess.check_output([*describe, "--dirty= (with changes)"], text=True, stderr=subprocess.DEVNULL).strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
