"""The workbook's notebooks: each says in its own metadata what it is called, what it reads and what it writes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from helpers.study.definition import Study
from helpers.study.errors import WorkbookError, shown_path
from helpers.study.folders import project_root

PARTS = ("survey", "interviews", "joint", "published", "sharing")
KEYS = ("title", "topic", "needs", "uses", "reads", "writes")
LEAST = '"workbook": {"title": "My own question", "reads": ["respondents", "scores"]}'
SUMMARY = "00"


@dataclass(frozen=True)
class Notebook:
    """A notebook of the workbook.

    Attributes
    ----------
    number, name : str
        As in `03_compare_groups.ipynb`: 03, and 03_compare_groups.
    path : Path
    title, topic : str
        What the contents call it, and the heading of its findings in the summary.
    needs, uses : tuple of str
        Parts of `study.yml` without which it is left out, and parts it takes in where there are any.
    reads, writes : tuple of str
        Tables. Its findings and its list of contents are among those it writes.
    """

    number: str
    name: str
    path: Path
    title: str
    topic: str = ""
    needs: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()


def find_notebooks(study: Study) -> list[Notebook]:
    """The notebooks in `notebooks/` and in the study's own `notebooks/`, in the order in which they run: the summary last.

    A file whose name does not begin with two digits and an underscore is no part of the workbook. Who reads `findings`
    reads the findings of all notebooks that run before it.

    Raises
    ------
    WorkbookError
        For a file that is no notebook, metadata that are missing or wrong, two notebooks of one number.
    """
    paths = [path for root in (project_root(), study.folder) for path in root.glob("notebooks/[0-9][0-9]_*.ipynb")]
    found = sorted(map(describe_notebook, paths), key=lambda notebook: (notebook.number == SUMMARY, notebook.number))
    for one, other in pairwise(found):
        if one.number == other.number:
            raise WorkbookError(
                other.path, "its name", f"the number {other.number}, which {shown_path(one.path)} has too",
                "a number of its own for each notebook",
                "give one of them another number, or a name that begins with none to leave it out",
            )  # fmt: skip
    findings = tuple(f"findings_{notebook.number}" for notebook in found)
    return [
        replace(notebook, reads=(*(name for name in notebook.reads if name != "findings"), *findings[:place]))
        if "findings" in notebook.reads else notebook
        for place, notebook in enumerate(found)
    ]  # fmt: skip


def describe_notebook(path: Path) -> Notebook:
    """What a notebook says of itself, checked."""
    said, number = read_notebook(path)["metadata"].get("workbook"), path.name[:2]
    for key, value in ({"title": None} | said).items() if isinstance(said, dict) else [("", said)]:
        if expected := expected_of(key, value):
            raise WorkbookError(
                path, ".".join(filter(None, ["its metadata, workbook", key])), "nothing" if value is None else repr(value),
                expected, f"in JupyterLab: Property Inspector > Advanced Tools > Notebook Metadata; the least is {LEAST}",
            )  # fmt: skip
    lists = {key: tuple(said.get(key, ())) for key in ("needs", "uses", "reads", "writes")}
    lists["writes"] = tuple(dict.fromkeys([*lists["writes"], f"findings_{number}", f"contents_{number}"]))
    return Notebook(number, path.stem, path, said["title"], said.get("topic", ""), **lists)


def expected_of(key: str, value: object) -> str:
    """What a value of the metadata should be and is not; empty when all is well."""
    if key in ("title", "topic"):
        return "" if isinstance(value, str) and value.strip() else "a text"
    if key not in KEYS:
        return f"keys among {', '.join(KEYS)}"
    names = value if isinstance(value, list) and all(isinstance(name, str) for name in value) else [""]
    if key in ("needs", "uses"):
        return "" if set(names) <= set(PARTS) else f"a list of parts of study.yml ({', '.join(PARTS)})"
    return "" if all(re.fullmatch(r"[A-Za-z]\w*", name) for name in names) else "a list of names of tables, each one word"


def read_notebook(path: Path) -> dict:
    """A notebook as it is saved.

    Raises
    ------
    WorkbookError
        For a file that is none.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content["metadata"], dict) or not all(
            {"cell_type", "metadata", "source"} <= {*cell} for cell in content["cells"]
        ):
            raise ValueError
    except (ValueError, KeyError, TypeError):
        raise WorkbookError(
            path, "", "a file that is no notebook", "one as JupyterLab saves it",
            "mend it there, or give it a name that begins with no number to leave it out",
        ) from None  # fmt: skip
    return content


def source_of(cell: dict) -> str:
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
