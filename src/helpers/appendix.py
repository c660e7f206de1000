"""Executed notebooks → one HTML file that reads on its own, offline, on a phone and on paper."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup
from markupsafe import Markup
from nbconvert import HTMLExporter
from pygments.formatters import HtmlFormatter

from helpers import present, study

# Three of Pygments' default colours are too pale to read on a tinted ground; this style keeps WCAG AA contrast.
CODE_STYLE = "xcode"


@dataclass(frozen=True)
class Heading:
    """A place that the contents lead to."""

    title: str
    anchor: str


@dataclass(frozen=True)
class Section:
    """One notebook as a section of the appendix."""

    title: str
    anchor: str
    questions: list[Heading]
    body: Markup


def stitch(definition: study.Study, notebooks: list[Path], record: dict, audience: str, target: Path) -> None:
    """Write the appendix.

    Parameters
    ----------
    definition : Study
    notebooks : list of Path
        Executed notebooks in reading order; none may have failed.
    record : dict
        What `run.json` holds.
    audience : {"team", "funder"}
        `funder` leaves code out.
    target : Path
        The file to write; it is replaced whole.
    """
    exporter = HTMLExporter(
        template_name="notebook", extra_template_basedirs=[str(present.TEMPLATES)], exclude_anchor_links=True,
        exclude_input=audience == "funder", exclude_input_prompt=True, exclude_output_prompt=True,
    )  # fmt: skip
    sections = [read_section(path, exporter) for path in notebooks]
    simulated = definition.definition.survey.simulated if definition.definition.survey else None
    environment = present.environment()
    banner = environment.get_template("banner.html.j2").render(banner=simulated.banner.strip() if simulated else "")
    style = (present.TEMPLATES / "style.css").read_text(encoding="utf-8")
    style += HtmlFormatter(style=CODE_STYLE).get_style_defs(".highlight")
    page = environment.get_template("page.html.j2").render(
        study=definition, sections=sections, record=record, banner=Markup(banner), style=Markup(style),
        tables=record_tables(record),
    )  # fmt: skip
    partial = target.with_suffix(".partial")
    partial.write_text(page, encoding="utf-8")
    os.replace(partial, target)


def read_section(path: Path, exporter: HTMLExporter) -> Section:
    """One executed notebook: headings one level down (the study's title is the page's), each with an id of its own."""
    notebook = nbformat.read(path, as_version=4)
    if notebook.metadata.get("papermill", {}).get("exception"):
        raise study.WorkbookError(path, "", "a notebook that failed", "one that ran to its end", "run it again")
    body, _ = exporter.from_notebook_node(notebook)
    soup = BeautifulSoup(body, "html.parser")
    prefix = f"s{path.name[:2]}"
    headings, taken = [], set()
    for tag in soup.find_all(["h1", "h2", "h3"]):
        level = int(tag.name[1])
        title = tag.get_text(" ", strip=True)
        tag["id"] = unused(f"{prefix}-{slug(title)}", taken)
        headings.append((level, Heading(title, tag["id"])))
        tag.name = f"h{level + 1}"
    top = next(heading for level, heading in headings if level == 1)
    return Section(top.title, top.anchor, [h for level, h in headings if level == 2], Markup(str(soup)))


def slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "section"


def unused(anchor: str, taken: set[str]) -> str:
    candidate, number = anchor, 2
    while candidate in taken:
        candidate, number = f"{anchor}-{number}", number + 1
    taken.add(candidate)
    return candidate


def record_tables(record: dict) -> list[tuple[str, list[tuple[str, object]]]]:
    """`run.json` as tables to read."""
    return [
        ("Parameters", [("Parameter", "Value"), *record["parameters"].items()]),
        ("Inputs and their SHA-256 digests", [("File", "Digest"), *record["inputs"].items()]),
        ("Software", [("Software", "Version"), *record["versions"].items()]),
        ("Time taken", [("Notebook", "Seconds"), *record["seconds"].items()]),
    ]
