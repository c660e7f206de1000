"""The files that a funder gets beside the page: one workbook of all tables, a data dictionary, a PDF, a README, a zip.

Everything is made from the funder's edition of a run, so nothing stands here that the edition does not hold.
"""

from __future__ import annotations

import importlib.metadata
import io
import json
import shutil
import zipfile
from pathlib import Path

import jinja2
import pandas as pd

from helpers.package import pdf
from helpers.package.dictionary import NO_DATE, Content, describe_columns, explain_signs
from helpers.package.workbook import build_workbook
from helpers.page import render
from helpers.study.definition import Study


def read_csv(path: Path) -> pd.DataFrame:
    """A table that a page saved, every cell as text and as it was typed: without the apostrophe before a formula."""
    rows = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")

    def unescape(text: str) -> str:
        return text[1:] if text[:1] == "'" and text[1:2] in render.FORMULA_STARTS else text

    return rows.map(unescape).rename(columns=unescape)


def assemble(source: Path, target: Path, study: Study) -> list[str]:
    """Make the package in an empty folder, from the funder's edition of a run.

    Parameters
    ----------
    source : Path
        The edition: `appendix.html`, `run.json`, `contents.csv`, `tables/`, `figures/`. Only tables and figures that the
        list of contents names are taken.
    target : Path
        The empty folder.
    study : Study

    Returns
    -------
    list of str
        What the package goes without, and why: a sentence each, none when it is whole.
    """
    listed = read_csv(source / "contents.csv")
    contents = [Content(**row) for row in listed.to_dict("records")]
    record = json.loads((source / "run.json").read_text(encoding="utf-8"))
    pictures = [str(Path(content.file).with_suffix(".png")) for content in contents if content.kind == "Figure"]
    for file in ["appendix.html", "run.json", *listed["file"], *pictures]:
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / file, target / file)
    render.save_csv(target / "contents.csv", listed)
    tables = {file: read_csv(source / file) for file in listed["file"] if file.endswith(".csv")}
    render.save_csv(target / "data_dictionary.csv", describe_columns(contents, tables))
    if tables:
        render.save(target / "tables.xlsx", build_workbook(study, record, contents, tables))
    missing = pdf.print_page(target / "appendix.html", target / "appendix.pdf")
    render.save(target / "README.txt", write_readme(study, record, contents, missing).encode())
    return [f"The package has no PDF: {missing}."] if missing else []


def write_readme(study: Study, record: dict, contents: list[Content], missing: str) -> str:
    """What each file is, how the tables read and where they come from; `missing` says why there is no PDF."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(render.TEMPLATES), trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    threshold = record["threshold"]
    return environment.get_template("readme.txt.j2").render(
        study=study, record=record, missing=missing, threshold=threshold, signs=list(explain_signs(threshold).values()),
        version=importlib.metadata.version("nomad-workbook"), kinds={content.kind for content in contents},
    )  # fmt: skip


def zip_folder(folder: Path, target: Path) -> None:
    """Pack a folder under its own name; the same files give the same bytes, wherever and whenever they are packed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, path in sorted((path.relative_to(folder.parent).as_posix(), path) for path in folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(name, NO_DATE.timetuple()[:6])
                entry.create_system, entry.external_attr = 3, 0o100644 << 16
                archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, compresslevel=6)
    render.save(target, stream.getvalue())
