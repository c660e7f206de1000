"""Toy notebooks of a few lines instead of the workbook's own, so that a run takes seconds; a toy study of several waves."""

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from helpers import cli
from helpers.running.plan import Outcome, Plan, files_of
from helpers.study.notebooks import Notebook

OWN = """study: str = "tiny"  # the study
run: str = "default"  # the run
audience: str = "team"  # who it is for
threshold: int = 5  # the fewest people that a funder's table tells of
"""
OPEN = """from helpers.study import runs as studies
import pandas as pd
this_run = studies.open_run(study, run)"""
# The smallest picture: one black pixel.
PIXEL = (
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c636000000002000148afa4710000000049454e44ae426082"
)


def call(*arguments, capsys, monkeypatch):
    """Run the command as a user does; returns its exit status and what it printed."""
    monkeypatch.setattr("sys.argv", ["workbook", *arguments])
    status = 0
    try:
        cli.main()
    except SystemExit as stopped:
        status = stopped.code or 0
    captured = capsys.readouterr()
    return status, captured.out + captured.err


def names_in(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def digests(folder):
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in sorted(folder.rglob("*")) if path.is_file()}


def hand_on_a_number(project: Path) -> None:
    """Two notebooks: the second multiplies the first one's number by a parameter."""
    write_notebook(project, "01_first", OWN + "value: int = 2  # a number", [
        OPEN, 'this_run.save("number", pd.DataFrame({"value": [value]}))',
    ], needs=["survey"], writes=["number"])  # fmt: skip
    write_notebook(project, "02_second", OWN + "times: int = 3  # a factor", [
        OPEN, 'number = pd.read_parquet(this_run.folder / "data" / "number.parquet")',
        'assert times != 13, "an unlucky factor"',
        'this_run.save("product", number * times)',
    ], reads=["number"], writes=["product"])  # fmt: skip


def show_a_table(project: Path, more: str = "") -> None:
    """One notebook: a table and a figure that it lists, and a table that it does not; `more` is in all of them."""
    write_notebook(project, "01_show", OWN + "value: int = 2  # a number", [
        OPEN, f"more = {more!r}",
        """def keep(name, text):
    path = this_run.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())""",
        """for name in ("told", "untold"):
    keep(f"tables/01_{name}.csv", f"For,Threshold,Value\\n{audience},{threshold},{value}{more}\\n")""",
        f"""keep("figures/01_told.svg", '<svg xmlns="http://www.w3.org/2000/svg"><title>A picture</title></svg>')
keep("figures/01_told.png", bytes.fromhex("{PIXEL}"))""",
        'columns = ["kind", "label", "section", "title", "file", "notes", "rests_on", "alt"]',
        """this_run.save("contents_01", pd.DataFrame([
    ["Table", "Table 1.1", 1, "What is told", "tables/01_told.csv", "", "", ""],
    ["Figure", "Figure 1.1", 1, "What is shown", "figures/01_told.svg", "", "", "a picture"],
], columns=columns))""",
    ], needs=["survey"])  # fmt: skip


# Rows of two waves for `hold_waves`: the same twelve people, who all turned from the lowest answer to A1 to the highest; and
# six of ten who can be recognised in both, two without a key, two new ones.
SAME_PEOPLE = {
    "2030": [f"k{k},Disagree,Neutral,Agree" for k in range(12)],
    "2031": [f"K{k} ,Agree,Neutral,Agree" for k in range(12)],
}
SOME_IN_BOTH = {
    "2030": [f"{key},Disagree,Neutral,Agree" for key in ["", "", *"abcdefgh"]],
    "2031": [f"{key},Agree,Agree,Agree" for key in ["", "", *"abcdefxy"]],
}


def hold_waves(project: Path, waves: dict[str, list[str]], linked: bool = True) -> None:
    """The study `tiny` with several waves; each row is a person's key, A1, A2 and B1."""
    folder = project / "data" / "tiny"
    for wave, rows in waves.items():
        answers = "".join(f"R_{k},0,North,{row}\n" for k, row in enumerate(rows))
        (folder / f"{wave}.csv").write_text("ResponseId,Status,team,key,A1,A2,B1\n" + answers)
    files = ", ".join(f'"{wave}": {wave}.csv' for wave in waves)
    text = (folder / "study.yml").read_text()
    link = "\n  link_column: key" * linked
    (folder / "study.yml").write_text(text.replace('files: {"2030": survey.csv}', f"files: {{{files}}}{link}"))


def write_notebook(project: Path, name: str, parameters: str, cells: list[str], **said: object) -> Path:
    """A notebook in the project's folder of notebooks, or in a study's own; `said` goes into its metadata."""
    # Ids of cells are random by default, and would appear in the page.
    notebook = new_notebook(
        cells=[
            new_markdown_cell(f"# {name}", id="heading"),
            new_code_cell(parameters, id="parameters", metadata={"tags": ["parameters"]}),
            *(
                new_markdown_cell(cell, id=f"cell-{k}") if cell.startswith("## ") else new_code_cell(cell, id=f"cell-{k}")
                for k, cell in enumerate(cells)
            ),
        ],
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "workbook": {"title": f"The title of {name}"} | said,
        },
    )
    path = project / "notebooks" / f"{name}.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)
    return path


def execute_here(plan: Plan, notebook: Notebook, outcome: Outcome) -> bool:
    """Replaces `kernels.execute_notebook`: the same files within a tenth of a second, without a kernel."""
    for old in files_of(plan.workshop, notebook):
        old.unlink()
    content = nbformat.read(notebook.path, as_version=4)
    values = plan.values[notebook.name] | {"study": plan.study.name, "run": plan.workshop.name}
    names = dict(values)
    for cell in content.cells[2:]:
        if cell.cell_type == "code":
            exec(cell.source, names)
    content.metadata["papermill"] = {"duration": 0.1, "parameters": values}
    target = plan.workshop / "notebooks" / notebook.path.name
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(content, target)
    outcome.executed.append(notebook.name)
    return True
