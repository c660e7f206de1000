"""Executed notebooks → one HTML file that reads on its own, offline, on a phone and on paper."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup
from markupsafe import Markup
from nbconvert import HTMLExporter
from pygments.formatters import HtmlFormatter

from helpers.disclosure import rules
from helpers.page import render
from helpers.study import errors
from helpers.study.definition import Study

# Most of Pygments' styles hold a colour too pale to read on a tinted ground; these two keep WCAG AA contrast.
CODE_STYLES = {"print, screen and (prefers-color-scheme: light)": "xcode", "screen and (prefers-color-scheme: dark)": "monokai"}
# What the introduction of a notebook tells whoever works with the files, and nobody else.
INNER_WORKINGS = re.compile(r"^- \*\*(?:Reads|Writes|Answers)\*\*.*(?:\n(?!- |\n).*)*(?:\n|$)", re.MULTILINE)


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


def stitch(definition: Study, notebooks: list[Path], record: dict, audience: str, target: Path) -> None:
    """Write the appendix.

    Parameters
    ----------
    definition : Study
    notebooks : list of Path
        Executed notebooks in reading order; none may have failed.
    record : dict
        What `run.json` holds.
    audience : {"team", "funder"}
        `funder` leaves out the code and the questions whose results stay with the team, and says how people are
        protected (for which `record` holds `threshold`).
    target : Path
        The file to write; it is replaced whole.
    """

    exporter = HTMLExporter(
        template_name="notebook", extra_template_basedirs=[str(render.TEMPLATES)], exclude_anchor_links=True,
        exclude_input=audience == "funder", exclude_input_prompt=True, exclude_output_prompt=True,
    )  # fmt: skip
    sections = [section for path in notebooks if (section := read_section(path, exporter, audience))]
    simulated = definition.definition.survey.simulated if definition.definition.survey else None
    environment = render.environment()
    banner = environment.get_template("banner.html.j2").render(banner=simulated.banner.strip() if simulated else "")
    script = (render.TEMPLATES / "page.js").read_text(encoding="utf-8")
    page = environment.get_template("page.html.j2").render(
        study=definition, sections=sections, record=record, audience=audience, banner=Markup(banner),
        style=Markup(gather_style()), script=Markup(script), script_digest=digest_script(script), tables=record_tables(record),
        rules=rules.describe_rules(record["threshold"]) if audience == "funder" else [],
    )  # fmt: skip
    partial = target.with_suffix(".partial")
    partial.write_text(page, encoding="utf-8", newline="\n")
    os.replace(partial, target)


def gather_style() -> str:
    """The page's style sheet, with colours for code on a light and on a dark ground."""
    code = [
        f"@media {medium} {{\n{HtmlFormatter(style=name).get_style_defs('.highlight')}\n}}"
        for medium, name in CODE_STYLES.items()
    ]
    return "\n".join([(render.TEMPLATES / "style.css").read_text(encoding="utf-8"), *code])


def digest_script(script: str) -> str:
    """What a content security policy names the one script by that may run."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def read_section(path: Path, exporter: HTMLExporter, audience: str) -> Section | None:
    """One executed notebook: headings one level down (the study's title is the page's), each with an id of its own.

    None when nothing in the notebook is for this audience.
    """
    notebook = nbformat.read(path, as_version=4)
    if notebook.metadata.get("papermill", {}).get("exception"):
        raise errors.WorkbookError(path, "", "a notebook that failed", "one that ran to its end", "run it again")
    if audience == "funder":
        notebook = leave_out_empty(notebook)
    if not notebook.cells:
        return None
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


# --- what a funder's edition leaves out -------------------------------------------------------------------------------
def leave_out_empty(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """A notebook without its questions (`##`) that show nothing, nor the prose between that leads to nothing.

    Prose without code beneath it (limitations) stays, as does the opening, less what it says of files read and written.
    A notebook none of whose questions shows anything comes back without cells.
    """
    cells = [cell for cell in notebook.cells if not is_closing(cell)]
    opening, *questions = part_before(cells, is_question)
    kept = [cell for question in questions if not is_empty(question) for cell in keep_answers(question)]
    if not any(map(shows_something, kept)):
        return nbformat.from_dict(notebook | {"cells": []})
    opening = [change_prose(cell, INNER_WORKINGS.sub("", cell.source)) if is_prose(cell) else cell for cell in opening]
    return nbformat.from_dict(notebook | {"cells": opening + kept})


def keep_answers(question: list) -> list:
    """The cells of a question whose prose leads to something; of its first prose at least the heading."""
    first, *others = part_before(question, is_prose)
    heading = change_prose(first[0], first[0].source.split("\n")[0])
    return ([heading] if is_empty(first) else first) + [cell for part in others if not is_empty(part) for cell in part]


def part_before(cells: list, opens: Callable) -> list[list]:
    """Cells in parts, a new one before each cell that `opens` one."""
    parts: list[list] = [[]]
    for cell in cells:
        if opens(cell) and parts[-1]:
            parts.append([])
        parts[-1].append(cell)
    return parts


def change_prose(cell: nbformat.NotebookNode, source: str) -> nbformat.NotebookNode:
    return nbformat.from_dict(cell | {"source": source})


def is_prose(cell: nbformat.NotebookNode) -> bool:
    return cell.cell_type == "markdown"


def is_question(cell: nbformat.NotebookNode) -> bool:
    return is_prose(cell) and cell.source.startswith("## ")


def is_closing(cell: nbformat.NotebookNode) -> bool:
    """Whether a cell says what was saved with the notebook."""
    return any(soup.select(".saved") for soup in shown_html(cell))


def is_empty(cells: list) -> bool:
    """Whether there is code here and none of it shows anything."""
    return any(not is_prose(cell) for cell in cells) and not any(map(shows_something, cells))


def shows_something(cell: nbformat.NotebookNode) -> bool:
    return any(soup.find("img") or soup.get_text(strip=True) for soup in shown_html(cell))


def shown_html(cell: nbformat.NotebookNode) -> list[BeautifulSoup]:
    pages = [output.get("data", {}).get("text/html", "") for output in cell.get("outputs", [])]
    return [BeautifulSoup(page, "html.parser") for page in pages]


# --- headings and the record of the run -------------------------------------------------------------------------------
def slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "section"


def unused(anchor: str, taken: set[str]) -> str:
    candidate, number = anchor, 2
    while candidate in taken:
        candidate, number = f"{anchor}-{number}", number + 1
    taken.add(candidate)
    return candidate


def record_tables(record: dict) -> list[tuple[str, list[tuple[str, object]]]]:
    """`run.json` as tables to read; a funder's holds no answers of people among the inputs, and no times."""
    without_people = " that hold no answers of people" if record.get("audience") == "funder" else ""
    tables = [
        ("Parameters", "Parameter", "Value", "parameters"),
        (f"Inputs{without_people} and their SHA-256 digests", "File", "Digest", "inputs"),
        ("Software", "Software", "Version", "versions"),
        ("Time taken", "Notebook", "Seconds", "seconds"),
    ]
    return [(title, [(name, value), *record[key].items()]) for title, name, value, key in tables if record.get(key)]
