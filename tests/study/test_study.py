"""A study's definition and what is read of it; mistakes in it: tests/setup/test_broken.py."""

import os

import pytest
from toys import call

from helpers.study import folders, reading, runs
from helpers.study.errors import WorkbookError


def change(project, name, old, new):
    path = project / "data" / "tiny" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_study_is_read_with_its_codebook_in_questionnaire_order(project):
    found = reading.read_study("tiny")
    assert list(found.codebook["item"]) == ["A1", "A2", "B1"]
    assert found.codebook["reversed"].tolist() == [False, False, True]
    assert found.score_limits == (1, 3)


@pytest.mark.parametrize("name", ["absent", "../tiny", ""])
def test_a_study_that_does_not_exist_is_told_with_those_that_do(project, name):
    with pytest.raises(WorkbookError, match="one of: tiny"):
        reading.read_study(name)


def test_a_survey_of_which_no_construct_is_scored_is_refused(project):
    change(project, "study.yml", "{label: Sense}", "{label: Sense, scored: false}")
    change(project, "study.yml", "{label: Work}", "{label: Work, scored: false}")
    with pytest.raises(WorkbookError, match="column construct: found no item of a construct that gets a score"):
        reading.read_study("tiny")


def test_a_study_in_which_nothing_was_collected_is_refused(project):
    (project / "data" / "tiny" / "study.yml").write_text("title: A\npractice: a\nabout: b\njoint: {judgements: judged.csv}\n")
    with pytest.raises(WorkbookError, match="study.yml: found nothing that was collected"):
        reading.read_study("tiny")


def test_a_message_names_no_folder_outside_the_project(project):
    with pytest.raises(WorkbookError) as error:
        reading.read_study("absent")
    assert str(project) not in str(error.value)


def test_jupyter_shows_the_message_in_place_of_a_traceback():
    error = WorkbookError("study.yml", "title", "nothing", "a title", "add one")
    assert error._render_traceback_() == [str(error)]


@pytest.mark.parametrize("label", ["../up", "", ".hidden", "a b", "a/b"])
def test_a_runs_label_cannot_lead_to_another_folder(project, label):
    with pytest.raises(WorkbookError, match="label"):
        runs.open_run("tiny", label)


def test_a_study_without_interviews_says_so_to_a_notebook_that_needs_them(project):
    with pytest.raises(WorkbookError, match="no part `interviews`"):
        _ = reading.read_study("tiny").interviews


def test_two_groupings_of_one_label_are_refused(project):
    path = project / "data" / "tiny" / "study.yml"
    more = "    again: {label: TEAM, column: team, levels: [North, South]}\n"
    path.write_text(path.read_text() + more)
    with pytest.raises(WorkbookError, match="survey.groupings: .*each label only once"):
        reading.read_study("tiny")


def test_workbook_lab_opens_on_a_study_that_notebooks_without_a_name_then_read(project, capsys, monkeypatch):
    asked = []
    monkeypatch.setattr("subprocess.call", lambda command, cwd: asked.extend([*command[1:], cwd]) or 0)
    monkeypatch.setenv("WORKBOOK_STUDY", "")
    status, said = call("lab", "tiny", capsys=capsys, monkeypatch=monkeypatch)
    assert status == 0 and said.startswith("Open notebooks/00_summary.ipynb")
    assert asked == ["-m", "jupyterlab", project]
    assert runs.open_run("").folder == project / "outputs" / "tiny" / "default"
    status, said = call("lab", "tinny", capsys=capsys, monkeypatch=monkeypatch)
    assert status == 2 and "did you mean 'tiny'?" in said


def test_variables_of_the_environment_are_as_before_once_a_block_has_failed(monkeypatch):
    monkeypatch.setenv("WORKBOOK_OUTPUTS", "mine")
    monkeypatch.delenv("WORKBOOK_SILENT", raising=False)
    with pytest.raises(ValueError, match="^ours 1$"), folders.environment(WORKBOOK_OUTPUTS="ours", WORKBOOK_SILENT="1"):
        raise ValueError(f"{os.environ['WORKBOOK_OUTPUTS']} {os.environ['WORKBOOK_SILENT']}")
    assert os.environ["WORKBOOK_OUTPUTS"] == "mine" and "WORKBOOK_SILENT" not in os.environ
