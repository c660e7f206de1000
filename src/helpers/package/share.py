"""A run's package for a funder: its edition with the files beside it, searched, as a folder and as a zip file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from helpers.running import pipeline, publish
from helpers.running.plan import Order, Outcome, Plan, plan_run


@dataclass(frozen=True)
class Package:
    """What a call of `make_package` did: the run, the zip file (made unless a notebook failed), and what the package lacks."""

    outcome: Outcome
    archive: Path
    notes: list[str] = field(default_factory=list)


def refuse_unsafe(folder: Path, plan: Plan) -> None:
    """Refuse a funder's edition in which the scan finds what must not leave the team.

    The copy is then thrown away, so the message names the files in the workshop, where they can be looked at.
    """
    from helpers.package import confidential, scan

    scan.refuse(scan.scan_folder(folder, confidential.gather_secrets(plan.study)), plan.workshop)


def make_package(order: Order) -> Package:
    """Make the funder's edition of a run and its package: `outputs/<study>/<run>-share/`.

    The folder holds `<study>_<run>/` and the same as `<study>_<run>.zip`. It is replaced whole or not at all.

    Raises
    ------
    WorkbookError
        As `pipeline.make_run`; for a package in which the scan finds what must not leave the team.
    """
    from helpers.package import confidential, package, scan

    plan = plan_run(replace(order, audience="funder"))
    name = f"{plan.study.name}_{order.run}"
    final = plan.final.with_name(f"{order.run}-share")
    archive = final / f"{name}.zip"
    with pipeline.holding(plan):
        publish.restore(final)
        outcome = pipeline.carry_out(plan, refuse_unsafe)
        if outcome.failures:
            return Package(outcome, archive)
        with publish.replacing(final) as new:
            folder = new / name
            folder.mkdir()
            notes = package.assemble(plan.final, folder, plan.study)
            scan.refuse(scan.scan_folder(folder, confidential.gather_secrets(plan.study)), folder)
            package.zip_folder(folder, new / archive.name)
    return Package(outcome, archive, notes)
