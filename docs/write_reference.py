"""The last part of `own_study.md`: every key, column and parameter, from the models and notebooks themselves.

`python docs/write_reference.py` writes it again.
"""

import inspect
import re
from types import NoneType
from typing import Annotated, Literal, get_args, get_origin

from helpers.setup.proposal import CODEBOOK
from helpers.study.definition import Definition
from helpers.study.folders import project_root
from helpers.study.notebooks import describe_notebook, read_notebook
from helpers.study.parts import Part

MARK = "<!-- What follows is written by `python docs/write_reference.py`. -->\n"
KINDS = {str: "text", int: "whole number", float: "number", bool: "yes or no"}
COLUMNS = {
    "item": "the item's id, such as B1",
    "column": "the question's column in the export",
    "section": "the part of the questionnaire in which it was asked",
    "construct": "what it measures: a key of `constructs`",
    "scale": "how it is answered: a key of `scales`",
    "reversed": "`yes` where agreeing speaks against the practice, else `no`",
    "label": "the item as readers see it",
    "score": "how well its words match the item's, from 0 to 1; for you to check",
    "reason": "the words by which it was recognised; for you to check",
    "review": "what is still to decide; the study runs once it is empty",
}
PARAMETER = re.compile(r"(\w+): \w+ = (.*?)  # (.*)")


def write_reference() -> str:
    """The text below the mark: a table for each part of `study.yml`, one of the codebook's columns, one of parameters."""
    header = ["key", "what it takes", "if left out"]
    text = "".join(
        f"\n### `{place}`\n\n{describe_part(part)}\n\n{lay_out(header, list_keys(part))}"
        for place, part in [("study.yml", Definition), *list_parts(Definition)]
    )
    columns = lay_out(["column", "what it holds"], [(f"`{name}`", COLUMNS[name]) for name in CODEBOOK])
    named = lay_out(["parameter", "unless given", "what it does", "notebooks", "what it can be"], list_parameters())
    text = f"## Every key of study.yml\n{text}\n## Every column of codebook.csv\n\n{columns}"
    return f"{text}\n## Every parameter\n\n{named}"


def list_parts(part: type[Part], place: str = "") -> list[tuple[str, type[Part]]]:
    """The parts within a part, with the place of each in the file: `survey.groupings.NAME`."""
    found = []
    for name, field in part.model_fields.items():
        kind, step = field.annotation, ""
        while inner := [each for each in get_args(kind) if each is not NoneType]:
            step += {dict: ".NAME", list: "[]"}.get(get_origin(kind), "")
            kind = inner[0] if get_origin(kind) is Annotated else inner[-1]
        if inspect.isclass(kind) and issubclass(kind, Part):
            found += [(place + name + step, kind), *list_parts(kind, f"{place}{name}{step}.")]
    return found


def describe_part(part: type[Part]) -> str:
    """What a part's class and its parent classes say about it."""
    said = [inspect.getdoc(kind) for kind in part.__mro__ if issubclass(kind, Part) and kind is not Part]
    return " ".join(" ".join(said).split())


def list_keys(part: type[Part]) -> list[tuple[str, str, str]]:
    """A part's keys: what each takes, and its value if it is left out."""
    said, rows = {True: "yes", False: "no", None: ""}, []
    for name, field in part.model_fields.items():
        default = field.default if isinstance(field.default, str | bool | None) else None
        left_out = "required" if field.is_required() else said.get(default, default)
        rows += [] if field.exclude else [(f"`{name}`", describe_kind(field.annotation), left_out)]
    return rows


def describe_kind(kind: object) -> str:
    """A type in words: a list of texts, names with a whole number each."""
    inner = [each for each in get_args(kind) if each is not NoneType]
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(f"`{each}`" for each in inner)
    if get_origin(kind) is list:
        return f"a list; each entry: {describe_kind(inner[0])}"
    if get_origin(kind) is dict:
        return f"names, each with: {describe_kind(inner[1])}"
    return describe_kind(inner[0]) if inner else KINDS.get(kind, "its own keys, listed below")


def list_parameters() -> list[tuple[str, str, str, str, str]]:
    """Every parameter: its default, what it does, the numbers of its notebooks, and its least and most."""
    found: dict[tuple[str, ...], list[str]] = {}
    for path in sorted(project_root().glob("notebooks/[0-9][0-9]_*.ipynb")):
        bounds = describe_notebook(path).bounds
        for cell in read_notebook(path)["cells"]:
            for line in PARAMETER.finditer(cell["source"]) if "parameters" in cell["metadata"].get("tags", []) else ():
                name, default, meaning = line.groups()
                row = (f"`{name}`", f"`{default}`", meaning, describe_bounds(bounds.get(name, [])))
                found.setdefault(row, []).append(path.name[:2])
    return [(*row[:3], ", ".join(numbers), row[3]) for row, numbers in found.items()]


def describe_bounds(bounds: list[str] | tuple[float | None, float | None]) -> str:
    """All texts that a parameter can be; or its least and its most, if it has them."""
    if isinstance(bounds, list):
        return ", ".join(bounds)
    least, most = bounds
    return f"{least:g} or more" if most is None else f"{least:g} to {most:g}"


def lay_out(header: list[str], rows: list[tuple[str, ...]]) -> str:
    lines = [header, ["---"] * len(header), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    page = project_root() / "docs" / "own_study.md"
    page.write_text(page.read_text(encoding="utf-8").split(MARK)[0] + MARK + "\n" + write_reference(), encoding="utf-8")
