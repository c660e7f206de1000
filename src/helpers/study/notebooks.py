"""The workbook's notebooks. The metadata of each give its title, what it reads and what it writes."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

import pydantic

from helpers.study.definition import Name, Study
from helpers.study.errors import WorkbookError, shown_path
from helpers.study.folders import project_root
from helpers.study.parts import Part

SUMMARY = "00"
REMEDY = (
    "in JupyterLab: Property Inspector > Advanced Tools > Notebook Metadata; you need at least "
    '"workbook": {"title": "My own question", "reads": ["respondents", "scores"]}'
)
Text = Annotated[str, pydantic.Field(strict=True, pattern=r"\S")]
Need = Literal["survey", "interviews", "joint", "published", "sharing", "sweep"]


class Described(Part):
    """What a notebook's metadata say.

    `title` is its name in the contents, `topic` the heading of its findings in the summary. It is left out if the study lacks
    a part of `study.yml` that it `needs` (for `sweep`: current results); it also reads the parts that it `uses`, if they are
    there. It `reads` and `writes` tables. `bounds` gives the smallest and largest value of a parameter (null for no limit), or
    all the texts that are allowed.
    """

    title: Text
    topic: Text | None = None
    needs: list[Need] = []
    uses: list[Need] = []
    reads: list[Name] = []
    writes: list[Name] = []
    bounds: dict[str, tuple[float | None, float | None] | list[Text]] = {}


class Notebook(Described):
    """A notebook; `03_compare_groups.ipynb` has the number 03. `writes` includes findings, contents and what is told."""

    number: str
    name: str
    path: Path


def find_notebooks(study: Study) -> list[Notebook]:
    """The notebooks in `notebooks/` and in the study's own `notebooks/`, in the order in which they run, the summary last.

    A file whose name does not begin with two digits and an underscore is not part of the workbook. A notebook that reads
    `findings` reads the findings of all notebooks that run before it.

    Raises a `WorkbookError` for a file that is not a notebook, missing or wrong metadata, or two notebooks with one number.
    """
    found = [describe_notebook(path) for path in list_paths(study)]
    found.sort(key=lambda notebook: (notebook.number == SUMMARY, notebook.number))
    for one, other in pairwise(found):
        if one.number == other.number:
            what = f"the number {other.number}, which {shown_path(one.path)} also has"
            remedy = "give one of them another number, or a name that does not begin with one to leave it out"
            raise WorkbookError(other.path, "its name", what, "a different number for each notebook", remedy)
    findings = [f"findings_{notebook.number}" for notebook in found]
    for place, notebook in enumerate(found):
        if "findings" in notebook.reads:
            reads = [*(name for name in notebook.reads if name != "findings"), *findings[:place]]
            found[place] = notebook.model_copy(update={"reads": reads})
    return found


def list_paths(study: Study, number: str = "[0-9][0-9]") -> list[Path]:
    """The files of all notebooks, or those with one number, in `notebooks/` and in the study's own `notebooks/`."""
    return [path for root in (project_root(), study.folder) for path in root.glob(f"notebooks/{number}_*.ipynb")]


def describe_notebook(path: Path) -> Notebook:
    said = Described.read(read_notebook(path)["metadata"].get("workbook") or {}, path, "its metadata, workbook", REMEDY)
    number = path.name[:2]
    writes = dict.fromkeys([*said.writes, f"findings_{number}", f"contents_{number}", f"told_{number}"])
    return Notebook(**vars(said) | {"number": number, "name": path.stem, "path": path, "writes": [*writes]})


def read_notebook(path: Path) -> dict:
    """A notebook as saved, with the source of each cell as one string; a `WorkbookError` if the file is not a notebook."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        content["metadata"].items()
        for cell in content["cells"]:
            cell |= {"source": "".join(cell["source"]), "metadata": cell["metadata"], "cell_type": cell["cell_type"]}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        remedy = "repair it there, or give it a name that does not begin with a number to leave it out"
        raise WorkbookError(path, "", "a file that is not a notebook", "one as JupyterLab saves it", remedy) from None
    return content
