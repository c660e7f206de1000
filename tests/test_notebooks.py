"""The notebooks as they are committed, as papermill runs them, and what can be computed again from what they write."""

import json
import re
import shutil
import subprocess
import sys

import nbformat
import pandas as pd
import pytest
from conftest import ROOT

from helpers.running.appendix import OWN_QUESTION
from helpers.study.notebooks import describe_notebook

PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def cells(path, kind):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_clean_and_laid_out_as_the_design_says(path):
    code, prose = cells(path, "code"), [cell.source for cell in cells(path, "markdown")]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert sum("parameters" in cell.metadata.get("tags", []) for cell in code) == 1
    assert len(re.findall(r"^# ", "\n".join(prose), flags=re.M)) == 1
    # What it reads and writes stands in its metadata alone.
    assert len(prose[0].splitlines()) == (1 if path.stem == "00_summary" else 3)  # the summary begins with its verdict
    assert not re.search(r"\*\*(Reads|Writes|Answers)", prose[0])
    for cell in code:
        assert not re.search(r"^\s*(for|if|while|def|try)\b", cell.source, flags=re.M), cell.source


def test_every_heading_is_unique_in_the_whole_appendix():
    headings = [
        line for path in PATHS for cell in cells(path, "markdown") for line in re.findall(r"^#+ .*", cell.source, flags=re.M)
    ]
    headings = [line for line in headings if line != OWN_QUESTION]
    assert len(headings) == len(set(headings))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_ends_with_an_empty_cell_for_a_question_of_ones_own(path):
    at = next(k for k, cell in enumerate(nbformat.read(path, as_version=4).cells) if cell.source.startswith(OWN_QUESTION))
    listed, empty = nbformat.read(path, as_version=4).cells[at : at + 2]
    assert empty.cell_type == "code" and all(line.startswith("#") for line in empty.source.splitlines())
    assert re.search(r"^# (import|sns\.|\w+)", empty.source, flags=re.M)
    code = "\n".join(cell.source for cell in cells(path, "code"))
    for name in re.findall(r"`(\w+)`", listed.source):
        assert re.search(rf"\b{name}\b.*=[^=]", code), f"{name} is listed and no cell names it"


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_reads_and_writes_what_its_metadata_say(path):
    lines = [line for cell in cells(path, "code") for line in cell.source.splitlines() if not line.startswith("#")]
    notebook, text = describe_notebook(path), "\n".join(lines)
    written = {f"findings_{notebook.number}", f"contents_{notebook.number}", f"told_{notebook.number}"}
    assert written | set(re.findall(r'page\.save\("(\w+)"', text)) == set(notebook.writes)
    read = {name for call in re.findall(r"page\.read\(([^)]*)\)", text) for name in re.findall(r'"(\w+)"', call)}
    assert read <= set(notebook.reads)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_parameter_says_what_it_is(path):
    text = next(cell.source for cell in cells(path, "code") if "parameters" in cell.metadata.get("tags", []))
    assert all(re.fullmatch(r"\w+: \w+ = .+  # .+", line) for line in text.splitlines()), text


# --- a finished run


def read(finished, name):
    return pd.read_parquet(finished / "outputs" / "lvrn_2024" / "default" / "data" / f"{name}.parquet")


def test_no_page_shows_an_error_a_warning_or_a_bare_object(finished):
    for path in sorted((finished / "outputs/lvrn_2024/default/notebooks").glob("*.ipynb")):
        for cell in cells(path, "code"):
            for output in cell.outputs:
                assert output.output_type in ("execute_result", "display_data"), (path.name, output)
                assert "text/html" in output.data, (path.name, cell.source)
                assert not re.search(r"\bnan\b|<NA>", output.data["text/html"]), (path.name, cell.source)


def test_table_5_can_be_computed_again_from_the_tidy_answers(finished):
    """All 26 rows that have a solution, with nothing but pandas; C1 is the row without one."""
    answers = read(finished, "responses")
    printed = pd.read_csv(ROOT / "data/lvrn_2024/published/table5_items.csv", dtype=str, keep_default_na=False)
    wrong = {}
    for row in printed.to_dict("records"):
        given = answers[(answers["item"] == row["item"]) & (answers["status"] != "missing")]
        relevant = given["status"] == "answered"
        if row["scale"] == "0-10":
            shares = {"low_or_disagree": given["value"] <= 5, "high_or_agree": given["value"] >= 6}
        else:
            shares = {
                "low_or_disagree": given["value"] <= 2, "neutral": given["value"] == 3,
                "high_or_agree": given["value"] >= 4, "not_relevant": ~relevant,
            }  # fmt: skip
        for name, chosen in shares.items():
            computed = 100 * chosen.sum() / len(given)
            if row[name] and abs(computed - float(row[name])) > 0.5 + 1e-9:
                wrong.setdefault(row["item"], []).append(name)
    assert wrong == {"C1": ["low_or_disagree"]}


def test_tables_3_and_4_can_be_computed_again_from_the_tidy_tables(finished):
    respondents, participants = read(finished, "respondents"), read(finished, "participants")
    for name, people, columns in (
        ("table4_respondents", respondents, {"Employment sector": "sector", "Length of employment": "employment"}),
        ("table3_participants", participants, {
            "Participant role sector": "sector", "Attended basic training": "basic_training",
            "Attended managers training": "managers_training",
        }),
    ):  # fmt: skip
        printed = pd.read_csv(ROOT / f"data/lvrn_2024/published/{name}.csv")
        for row in printed.itertuples(index=False):
            assert (people[columns[row.panel]] == row.category).sum() == row[-1], row


def test_the_tidy_tables_have_the_columns_that_the_design_names(finished):
    assert {"respondent", "wave", "sector", "employment"} <= set(read(finished, "respondents").columns)
    assert list(read(finished, "responses").columns) == ["respondent", "item", "response", "value", "status"]
    assert {"respondent", "construct", "score", "items_answered", "items_not_relevant"} <= set(read(finished, "scores").columns)
    assert {"segment", "participant", "source", "coder", "code", "theme", "text"} <= set(read(finished, "segments").columns)


def test_nothing_that_identifies_a_respondent_is_carried_on(finished):
    """No identifier of the export, made up as it is, stands in anything that a run writes."""
    export = pd.read_csv(ROOT / "data/lvrn_2024/survey/reconstructed_export.csv", dtype=str, keep_default_na=False).iloc[2:]
    secrets = {*export["ResponseId"], *export["RecipientEmail"], *export["IPAddress"]}
    for path in (finished / "outputs/lvrn_2024/default").rglob("*"):
        if path.is_file():
            content = path.read_bytes().decode("utf-8", "ignore")
            assert not [secret for secret in secrets if secret in content], path.name
            if path.suffix != ".ipynb":  # papermill notes where a notebook lay; the funder's package leaves these out
                assert str(finished) not in content, path.name


def papermill(folder, *arguments):
    command = [sys.executable, "-m", "papermill", "--no-progress-bar", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_plain_papermill_runs_one_notebook_after_a_run_with_another_parameter(finished, tmp_path):
    out = tmp_path / "OUT.ipynb"
    ended = papermill(
        finished, "notebooks/03_compare_groups.ipynb", str(out), *["-p", "min_group_size", "5", "-p", "permutations", "200"]
    )
    assert ended.returncode == 0, ended.stderr
    shown = json.dumps([cell.outputs for cell in cells(out, "code")])
    assert "Figure 3.1" in shown


def test_before_any_run_a_notebook_says_which_to_run_first(project):
    shutil.copytree(ROOT / "notebooks", project / "notebooks", dirs_exist_ok=True)
    ended = papermill(project, str(ROOT / "notebooks/03_compare_groups.ipynb"), "OUT.ipynb", "-p", "study", "tiny")
    assert ended.returncode != 0
    assert "run notebooks/01_clean_survey.ipynb first" in ended.stderr


def test_a_notebook_runs_where_jupyterlab_opens_it(finished):
    """JupyterLab's working folder is `notebooks/`."""
    command = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--stdout", "01_clean_survey.ipynb"]
    ended = subprocess.run(command, cwd=finished / "notebooks", capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert "Table 1.1" in ended.stdout
