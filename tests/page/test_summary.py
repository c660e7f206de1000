"""The summary: sentences that other notebooks kept, with their marks and links."""

import pandas as pd
import pytest

from helpers.page import summary
from helpers.page.page import Page
from helpers.study import runs
from helpers.study.errors import WorkbookError


def say(frame):
    return f"{len(frame)} answered."


def test_the_summary_keeps_the_mark_of_each_sentence_and_links_to_it(project):
    with (project / "data" / "tiny" / "study.yml").open("a", encoding="utf-8") as file:
        file.write("  simulated: {banner: Made up., margins: Rebuilt., joint: Simulated here.}\n")
    (project / "notebooks" / "01_clean_survey.ipynb").write_text(
        '{"cells": [], "metadata": {"workbook": {"title": "Who answered?", "topic": "Who answered"}}}'
    )
    first = Page(runs.open_run("tiny"), 1)
    first.say(say, pd.DataFrame({"n": [1, 2, 3]}), key="answered")
    first.close()
    page = Page(runs.open_run("tiny"), 0)
    findings = summary.gather_findings(page)
    assert findings["topic"].tolist() == ["Who answered"]
    shown = page.show_findings(findings).data
    assert "3 answered." in shown and "Simulated here." in shown
    assert 'href="#finding-1-answered"' in shown


def test_a_summary_before_any_run_says_which_notebook_to_run(project):
    (project / "notebooks" / "01_clean_survey.ipynb").write_text(
        '{"cells": [], "metadata": {"workbook": {"title": "Who answered?"}}}'
    )
    with pytest.raises(WorkbookError, match="01_clean_survey"):
        summary.gather_findings(Page(runs.open_run("tiny"), 0))
