"""Read the parameters of notebooks, and check values before a run and when a notebook opens its page."""

import ast

import pydantic

from helpers.study.definition import Study
from helpers.study.errors import WorkbookError, suggest
from helpers.study.notebooks import Notebook, describe_notebook, list_paths, read_notebook
from helpers.study.terms import LEAST_THRESHOLD

# Parameters that the command sets itself, and how a user gives them.
GIVEN_ELSEWHERE = {
    "study": "give the study's name after `workbook run`",
    "run": "use `--run LABEL`",
    "audience": "use `--audience`, or `workbook share`",
}
TYPES = {"int": int, "float": float, "str": str, "bool": bool}


def read_parameters(notebook: Notebook) -> dict[str, object]:
    """The parameters that a notebook declares (`name: type = default  # what it does`): names, and defaults of their types."""
    cells = read_notebook(notebook.path)["cells"]
    texts = [cell["source"] for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
    found = {}
    try:
        for line in ast.parse("".join(texts[:1])).body:
            found[line.target.id] = TYPES[ast.unparse(line.annotation)](ast.literal_eval(line.value))
    except (SyntaxError, AttributeError, KeyError, TypeError, ValueError, RecursionError, MemoryError):
        found = {}
    if strangers := [name for name in notebook.bounds if found and name not in found]:
        what, remedy = f"bounds of {strangers[0]!r}", suggest(strangers[0], found, "correct the name")
        raise WorkbookError(notebook.path, "its metadata, workbook.bounds", what, f"one of {', '.join(found)}", remedy)
    if found:
        return found
    what, remedy = "lines that are not parameters", "correct it"
    if not texts:
        what, remedy = "no such cell", "in JupyterLab: Property Inspector > Cell Tags, and add the tag `parameters` to a cell"
    expected = f'one cell tagged `parameters` with lines such as `run: str = "default"` (types: {", ".join(TYPES)})'
    raise WorkbookError(notebook.path, "the parameters cell", what, expected, remedy)


def choose_parameters(notebooks: list[Notebook], given: dict[str, object], audience: str = "team") -> dict[str, dict]:
    """The parameters of each notebook: its defaults, the given values, and the audience if it has that parameter.

    Raises a `WorkbookError` for a name that no notebook has, a value of the wrong type, a notebook without parameters, or a
    funder's edition in which a notebook would withhold nothing.
    """
    declared = {notebook.name: read_parameters(notebook) for notebook in notebooks}
    known = {name for parameters in declared.values() for name in parameters}
    for name, instead in GIVEN_ELSEWHERE.items():
        if name in given:
            raise WorkbookError("workbook", f"parameter {name!r}", "it given with -p or -y", "another way to set it", instead)
    for name in given:
        if name not in known:
            own = sorted(known - {*GIVEN_ELSEWHERE})
            what, remedy = "a name that no notebook has", suggest(name, own, "correct the name")
            raise WorkbookError("workbook", f"parameter {name!r}", what, "one of " + ", ".join(own), remedy)
    values = given | {"audience": audience}
    chosen = {
        notebook.name: {
            name: check_value(notebook, name, default, values.get(name, default))
            for name, default in declared[notebook.name].items()
        }
        for notebook in notebooks
    }
    for notebook in notebooks if audience == "funder" else ():
        # The notebook must know who it is for, and withhold something.
        if not {"audience", "threshold"} <= set(chosen[notebook.name]):
            what, remedy = "no `audience` and `threshold`", 'add `audience: str = "team"` and `threshold: int = 5`'
            raise WorkbookError(notebook.path, "the parameters cell", what, "both, for a funder's edition", remedy)
        if (threshold := chosen[notebook.name]["threshold"]) < LEAST_THRESHOLD:
            expected, remedy = f"{LEAST_THRESHOLD} or more for a funder", "give -p threshold 5, for example"
            raise WorkbookError("workbook", "parameter 'threshold'", str(threshold), expected, remedy)
    return chosen


def check_own(study: Study, number: int, values: dict[str, object]) -> None:
    """Refuse values that a notebook does not allow, because JupyterLab and papermill accept any. `values` are its names."""
    for notebook in map(describe_notebook, list_paths(study, f"{number:02d}")):
        for name, default in read_parameters(notebook).items():
            check_value(notebook, name, default, values.get(name, default), typed=True)


def check_value(notebook: Notebook, name: str, default: object, value: object, typed: bool = False) -> object:
    """Convert a value to the type of the default and check its bounds; if `typed`, it must already have that type."""
    kind, expected, bounds = type(default), f"a value of type {type(default).__name__}", notebook.bounds.get(name)
    try:
        if isinstance(value, bool) and kind is not bool:
            raise ValueError
        value = pydantic.TypeAdapter(kind).validate_python(value, strict=typed)
        if isinstance(bounds, list):
            expected, right = f"one of {', '.join(bounds)}", value in bounds
        else:
            least, most = bounds or (None, None)
            ends = [f"{word} {end:g}" for word, end in (("at least", least), ("at most", most)) if end is not None]
            expected = ", ".join([expected, *ends])
            right = (least is None or value >= least) and (most is None or value <= most)
        if not right:
            raise ValueError
        return value
    except ValueError:
        remedy = suggest(value, bounds if isinstance(bounds, list) else (), f"give one such as {default!r}")
        file = notebook.path if typed else "workbook"
        raise WorkbookError(file, f"parameter {name!r}", repr(value), expected, remedy) from None
