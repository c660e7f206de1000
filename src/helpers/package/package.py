"""A run's package for a funder: the funder's edition and further files, searched, as a folder and as a zip file.

Beside the page are its summary and tables in Word, one workbook of all tables, a data dictionary, a PDF, a README and a page
on what was checked. All of it is made from the funder's edition, so it holds nothing that the edition does not.
"""

import importlib.metadata
import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from helpers.disclosure import ledger, sharing
from helpers.package import confidential, pdf, scan
from helpers.package.dictionary import NO_DATE, Content, describe_columns, explain_signs
from helpers.package.evidence import write_evidence
from helpers.package.word import build_document
from helpers.package.workbook import build_workbook
from helpers.page import render
from helpers.running import fresh, pipeline, publish
from helpers.running.plan import Order, Outcome, Plan, plan_run
from helpers.study import reading
from helpers.study.definition import Study
from helpers.study.errors import WorkbookError
from helpers.study.folders import save
from helpers.study.runs import Run


@dataclass(frozen=True)
class Package:
    """What `make_package` did: the run, the zip file (made unless a notebook failed), why there is no PDF, the entry, and
    what to do about packages made before the study was corrected.
    """

    outcome: Outcome
    archive: Path
    missing: str = ""
    release: ledger.Release | None = None
    redefined: str = ""


def refuse_unsafe(folder: Path, plan: Plan) -> None:
    """Refuse a funder's edition if the scan finds something that must not leave the team.

    The copy is then thrown away, so the message names the files in the workshop, where they can be looked at.
    """
    scan.refuse(scan.scan_folder(folder, confidential.gather_secrets(plan.study)), plan.workshop)


def make_package(order: Order, to: str = "") -> Package:
    """Make the funder's edition of a run and its package: `outputs/<study>/<run>-share/`.

    The folder holds `<study>_<run>/` and the same as `<study>_<run>.zip`. It is replaced whole or not at all. What it tells,
    and `to` whom, is in the study's ledger before it is put in place.

    Raises a `WorkbookError` as `pipeline.make_run` does, and for a package that holds what must not leave the team.
    """
    plan = plan_run(replace(order, audience="funder"))
    name = f"{plan.study.name}_{order.run}"
    final = plan.final.with_name(f"{order.run}-share")
    read = [path for part in ("survey", "interviews") for path in reading.named_files(plan.study, part)]
    read.append(plan.study.folder / "study.yml")
    begun = fresh.digest_files(read)
    with pipeline.holding(plan), holding_ledger(plan.study):
        publish.restore(final)
        sharing.mend(plan.study, sorted(final.parent.glob("*-share/*.zip")))
        package = Package(pipeline.carry_out(plan, refuse_unsafe), final / f"{name}.zip")
        if package.outcome.failures:
            return package
        with publish.replacing(final) as new:
            secrets = confidential.gather_secrets(plan.study)
            run = Run(plan.study, plan.order.run, plan.workshop)
            told = pd.concat([run.read(f"told_{each.number}") for each in plan.notebooks])
            missing = assemble(plan.final, new / name, plan.study, secrets, told)
            scan.refuse(scan.scan_folder(new / name, secrets), new / name)
            zip_folder(new / name, new / f"{name}.zip")
            settings = json.loads((plan.final / "run.json").read_text(encoding="utf-8"))
            release = sharing.record(plan.study, to, settings, told, (new / f"{name}.zip").read_bytes())
            # The entry counts people as the files have them now, the figures as the files had them then.
            if fresh.digest_files(read) != begun:
                found, expected = "files that changed while the package was made", "files that stay as they are"
                raise WorkbookError(plan.study.folder, "", found, expected, "run it again")
        release = sharing.confirm(plan.study, release)
    return replace(package, missing=missing, release=release, redefined=sharing.explain_redefined(plan.study))


@contextmanager
def holding_ledger(study: Study) -> Iterator[None]:
    """Keep other packages of the study from being made, since each is protected together with all that count."""
    ledger.read_ledger(study)
    folder = ledger.folder_of(study)
    try:
        folder.mkdir(exist_ok=True)
        with publish.locking(folder / ".lock", f"a package of {study.name}", "wait for the other"):
            for leftover in folder.glob(".*.partial"):
                leftover.unlink()
            yield
    except OSError as error:
        if error.errno not in publish.READ_ONLY or not Path(str(error.filename)).is_relative_to(folder):
            raise
        expected, remedy = "one that can be written to", "make it writable: a package that is not noted protects nobody"
        raise WorkbookError(folder, "", "a ledger that cannot be written to", expected, remedy) from None


def read_csv(path: Path) -> pd.DataFrame:
    """A table that a page saved, every cell as the text that was typed: without the apostrophe before a formula."""
    rows = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")

    def unescape(text: str) -> str:
        return text[1:] if text[:1] == "'" and text[1:2] in render.FORMULA_STARTS else text

    return rows.map(unescape).rename(columns=unescape)


def assemble(source: Path, target: Path, study: Study, secrets: confidential.Secrets, told: pd.DataFrame) -> str:
    """Make the package in a new folder from the edition's list of contents; returns why it has no PDF, or nothing."""
    listed = read_csv(source / "contents.csv")
    contents = [Content(**row) for row in listed.to_dict("records")]
    record = json.loads((source / "run.json").read_text(encoding="utf-8"))
    figures = [content for content in contents if content.kind == "Figure"]
    pictures = {render.anchor(content.label): Path(content.file).with_suffix(".png") for content in figures}
    for file in ["appendix.html", "run.json", *listed["file"], *pictures.values()]:
        save(target / file, (source / file).read_bytes())
    render.save_csv(target / "contents.csv", listed)
    tables = {file: read_csv(source / file) for file in listed["file"] if file.endswith(".csv")}
    render.save_csv(target / "data_dictionary.csv", describe_columns(contents, tables))
    if tables:
        save(target / "tables.xlsx", build_workbook(study, record, contents, tables))
    title, page = f"{study.definition.title}: summary and tables", (target / "appendix.html").read_text(encoding="utf-8")
    drawn = {name: (target / file).read_bytes() for name, file in pictures.items()}
    save(target / "summary_and_tables.docx", build_document(page, title, drawn))
    missing = pdf.print_page(target / "appendix.html", target / "appendix.pdf")
    plain = render.environment().overlay(autoescape=False, keep_trailing_newline=True)
    readme = plain.get_template("readme.txt.j2").render(
        study=study, record=record, missing=missing, signs=explain_signs(record["threshold"]),
        version=importlib.metadata.version("nomad-workbook"), kinds={content.kind for content in contents},
    )  # fmt: skip
    save(target / "README.txt", readme.encode())
    save(target / "EVIDENCE.txt", write_evidence(target, tables, study, record, secrets, told).encode())
    return missing


def zip_folder(folder: Path, target: Path) -> None:
    """Pack a folder under its own name; the same files always give the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, path in sorted((path.relative_to(folder.parent).as_posix(), path) for path in folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(name, NO_DATE.timetuple()[:6])
                entry.create_system, entry.external_attr = 3, 0o100644 << 16
                archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, compresslevel=6)
    save(target, stream.getvalue())
