"""Sentences and tables of the notebooks where they branch: an edge of the data must not make a sentence false."""

import pandas as pd
import pytest
from conftest import HEAD

from helpers.page import summary
from helpers.page.page import Page
from helpers.page.themes import show_agreement, show_cooccurrence, show_saturation
from helpers.study import reading, runs
from helpers.study.errors import WorkbookError
from helpers.survey import cleaning


def append(project, text):
    with (project / "data" / "tiny" / "study.yml").open("a", encoding="utf-8") as file:
        file.write(text)


def clean(project, rows=None):
    if rows is not None:
        (project / "data" / "tiny" / "survey.csv").write_text(HEAD + rows)
    found = reading.read_study("tiny")
    return found, cleaning.clean_survey(found)


def page(number=2, audience="team", threshold=5):
    return Page(runs.open_run("tiny"), number, audience, threshold)


# --- interviews, joint display, summary


def test_agreement_and_saturation_are_off_unless_asked_for(project):
    assert "Not shown" in show_agreement(page(4), None, None, False, "segment", 1).data
    assert "Not shown" in show_saturation(page(4), None, None, False, 1, 1).data


def test_a_unit_that_does_not_exist_is_told(project):
    with pytest.raises(WorkbookError, match="parameters, together: found 'page'; expected one of segment"):
        show_cooccurrence(page(4), pd.DataFrame(), pd.DataFrame(), "page")


def test_the_summary_keeps_the_mark_of_each_sentence_and_links_to_it(project):
    append(project, "  simulated: {banner: Made up., margins: Rebuilt., joint: Simulated here.}\n")
    first = page(1)
    first.say("Three answered.", key="answered")
    first.close()
    run = runs.open_run("tiny")
    shown = Page(run, notebook=0).show_findings(summary.gather_findings(Page(run, 0))).data
    assert "Three answered." in shown and "Simulated here." in shown
    assert 'href="#finding-1-answered"' in shown


def test_a_summary_before_any_run_says_which_notebook_to_run(project):
    with pytest.raises(WorkbookError, match="01_clean_survey"):
        summary.gather_findings(page(0))
