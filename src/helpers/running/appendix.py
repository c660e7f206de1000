"""Executed notebooks → one HTML file that can be read by itself, offline, on a phone and on paper."""

import base64
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup
from markupsafe import Markup
from nbconvert import HTMLExporter
from pygments.formatters import HtmlFormatter

from helpers.disclosure import rules
from helpers.disclosure.releases import REPEATED
from helpers.page import render
from helpers.running import sections
from helpers.running.stale import page_files
from helpers.study import errors, folders
from helpers.study.definition import Study
from helpers.study.notebooks import SUMMARY

# Most of Pygments' styles have a colour that is too pale on a tinted ground; these two keep WCAG AA contrast.
CODE_STYLES = {"print, screen and (prefers-color-scheme: light)": "xcode", "screen and (prefers-color-scheme: dark)": "monokai"}
OWN_QUESTION = "## Your own question"


@dataclass(frozen=True)
class Section:
    """One notebook as a section of the appendix.

    `questions` are its headings, title and anchor; `parts` its HTML, one element after another; `terms` those that are
    explained on the page. If nothing in the notebook is for the reader, the title is empty.
    """

    title: str = ""
    anchor: str = ""
    questions: list[list[str]] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    terms: list[str] = field(default_factory=list)

    @property
    def body(self) -> Markup:
        return Markup("\n".join(self.parts))


def stitch(
    study: Study, notebooks: list[Path], record: dict, audience: str, target: Path, lay_in: Callable[[dict], dict] | None = None
) -> None:
    """Write the appendix from executed notebooks in reading order; none of them may have failed.

    `record` is what `run.json` holds; `lay_in` makes what a reader can choose on the page from the sections by number. The
    edition for a `funder` leaves out the code and the questions whose results stay with the team, and says how people are
    protected.
    """
    read = {path.name[:2]: section for path in notebooks if (section := read_section(path, audience)).title}
    other = lay_in(read) if lay_in else {"terms": set()}
    script = (render.TEMPLATES / "page.js").read_text(encoding="utf-8")
    # The digest by which the page's content security policy names the one script that may run.
    digest = "sha256-" + base64.b64encode(sha256(script.encode()).digest()).decode()
    style = (render.TEMPLATES / "style.css").read_text(encoding="utf-8")
    for medium, name in CODE_STYLES.items():
        style += f"\n@media {medium} {{\n{HtmlFormatter(style=name).get_style_defs('.highlight')}\n}}"
    page = render.render(
        "page", True, study=study, sections=read, other=other, record=record, audience=audience,
        style=Markup(style), script=Markup(script), script_digest=digest, tables=record_tables(record),
        terms=sections.list_terms({term for section in read.values() for term in section.terms} | other["terms"]),
        repeats=any(REPEATED in section.body for section in read.values()),
        rules=rules.describe_rules(record["threshold"], rules.describe_rounding(study)) if audience == "funder" else [],
    )  # fmt: skip
    folders.save(target, page.data.encode())


def read_section(path: Path, audience: str) -> Section:
    """The section made from an executed notebook, kept beside it until the notebook, the section or the code changes."""
    kept = path.parents[1] / "sections" / f"{path.stem}.json"
    made_from = path.read_bytes() + audience.encode() + digest_code()
    try:
        seal, content = kept.read_bytes().split(b"\n", 1)
        if seal == sha256(made_from + content).hexdigest().encode():
            return Section(**json.loads(content))
    except (OSError, ValueError):
        pass
    section = make_section(path, audience)
    content = json.dumps(asdict(section)).encode()
    folders.save(kept, sha256(made_from + content).hexdigest().encode() + b"\n" + content)
    return section


@cache
def digest_code() -> bytes:
    versions = "".join(map(version, ("beautifulsoup4", "jinja2", "mistune", "nbconvert", "pygments")))
    return sha256(versions.encode() + b"".join(path.read_bytes() for path in page_files())).digest()


def make_section(path: Path, audience: str) -> Section:
    """One executed notebook: headings one level down (the study's title is the page's), each with a unique id."""
    notebook = nbformat.read(path, as_version=4)
    if notebook.metadata.get("papermill", {}).get("exception"):
        raise errors.WorkbookError(path, "", "a notebook that failed", "one that ran to its end", "run it again")
    notebook.cells = [cell for cell in leave_out_unasked(notebook.cells) if not is_closing(cell)]
    if audience == "funder":
        for cell in notebook.cells:
            cell.outputs = [output for output in cell.get("outputs", []) if is_told(output)]
    body, _ = make_exporter(audience).from_notebook_node(notebook)
    soup = BeautifulSoup(body, "html.parser")
    number, title = path.name[:2], notebook.metadata["workbook"]["title"]
    if not soup.find("h1"):
        soup.insert(0, soup.new_tag("h1", string=title))
    if not sections.arrange(soup) and audience == "funder":
        return Section()
    headings, taken = {"h1": [], "h2": [], "h3": []}, Counter()
    for tag in soup.find_all(list(headings)):
        text = tag.get_text(" ", strip=True)
        anchor = f"s{number}-{render.anchor(text) or 'section'}"
        taken[anchor] += 1
        tag["id"] = anchor if taken[anchor] == 1 else f"{anchor}-{taken[anchor]}"
        headings[tag.name].append([text, tag["id"]])
        tag.name = f"h{int(tag.name[1]) + 1}"
        if tag.parent.name != "summary":
            inside = soup.new_tag("a", attrs={"class": "here", "href": f"#{tag['id']}"})
            inside.extend(list(tag.contents))
            tag.append(inside)
    explained = sections.explain_terms(soup)
    name = title if number == SUMMARY else f"{int(number)}. {title}"
    return Section(name, headings["h1"][0][1], headings["h2"], list(map(str, soup.contents)), explained)


@cache
def make_exporter(audience: str) -> HTMLExporter:
    """nbconvert's exporter, with its templates compiled once for all sections."""
    return HTMLExporter(
        template_name="notebook", extra_template_basedirs=[str(render.TEMPLATES)], exclude_anchor_links=True,
        exclude_input=audience == "funder", exclude_input_prompt=True, exclude_output_prompt=True,
    )  # fmt: skip


def leave_out_unasked(cells: list) -> list:
    """Cells without the section for the reader's own question, as long as its code is only comments."""
    kept = []
    for question in sections.part_before(cells, is_question):
        asked = [cell for cell in question if is_code(cell) and re.search(r"^\s*[^\s#]", cell.source, re.MULTILINE)]
        heading = question[0].source.partition("\n")[0].strip()
        waits = heading == OWN_QUESTION and all(map(is_closing, asked))
        kept += asked if waits else question
    return kept


def is_code(cell: nbformat.NotebookNode) -> bool:
    return cell.cell_type == "code"


def is_question(cell: nbformat.NotebookNode) -> bool:
    return not is_code(cell) and cell.source.startswith("## ")


def is_closing(cell: nbformat.NotebookNode) -> bool:
    """Whether a cell keeps what the notebook found, and says what was saved."""
    return is_code(cell) and cell.source.startswith("page.close()")


def is_told(output: nbformat.NotebookNode) -> bool:
    """Whether `page` has marked an output as one that a funder may see, and the output shows anything."""
    told = output.get("metadata", {}).get("workbook", {}).get("told") is True
    return told and bool(output.data.get("text/html", "").strip())


def record_tables(record: dict) -> list[tuple[str, list[tuple[str, object]]]]:
    """`run.json` as tables to read; a funder's lists no inputs with people's answers, and no times."""
    without_people = " that hold no answers of people" if record.get("audience") == "funder" else ""
    tables = [
        ("Parameters", "Parameter", "Value", "parameters"),
        (f"Inputs{without_people} and their SHA-256 digests", "File", "Digest", "inputs"),
        ("Software", "Software", "Version", "versions"),
        ("Time taken", "Notebook", "Seconds", "seconds"),
    ]
    return [(title, [(name, value), *record[key].items()]) for title, name, value, key in tables if record.get(key)]
