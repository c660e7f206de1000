"""Sentences and tables of the notebooks where they branch: an edge of the data must not make a sentence false."""

import pandas as pd
import pytest
from conftest import HEAD

from helpers.page import summary
from helpers.page.page import Page
from helpers.page.survey import say_response_rate, show_invited, show_quality
from helpers.page.themes import show_agreement, show_cooccurrence, show_saturation
from helpers.study import reading, runs
from helpers.study.errors import WorkbookError
from helpers.survey import cleaning, scoring


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


# --- who answered


def test_a_study_that_gives_no_number_invited_has_no_response_rate(project):
    found, cleaned = clean(project)
    assert "no response rate" in say_response_rate(found, cleaned.respondents)


def test_the_response_rate_stands_with_its_interval(project):
    append(project, "  invited: {number: 30, approximate: true}\n")
    found, cleaned = clean(project)
    # Wilson for 3 of 30, from R 4.2.2: prop.test(3, 30, correct = FALSE)$conf.int gives 0.0346 to 0.2562.
    assert say_response_rate(found, cleaned.respondents) == (
        "Of about 30 people invited there are 3 responses (10.0%, 95% CI 3.5 to 25.6) and 3 with an answer to an item "
        "(10.0%, 95% CI 3.5 to 25.6)."
    )


def test_without_durations_nobody_is_called_fast(project):
    found, cleaned = clean(project)
    assert "No durations were recorded." in show_quality(page(1), cleaned, 0.5).data


def test_margins_of_those_invited_are_set_beside_the_respondents(project):
    append(project, "  invited: {number: 30, margins: {team: {North: 10, South: 20}}}\n")
    _, cleaned = clean(project)
    assert "<table" in show_invited(page(1), cleaned.respondents).data


# --- waves


def test_a_study_of_several_waves_says_which_one_is_shown(project):
    assert "Shown is wave" not in page().opening("").data
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text().replace('{"2030": survey.csv}', '{"2030": survey.csv, "2031": survey.csv}'))
    assert "Shown is wave 2031, of 2030 and 2031" in page().opening("").data
    assert "Shown is wave 2030" in page().opening("2030").data


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
