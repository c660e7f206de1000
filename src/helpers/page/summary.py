"""What the summary shows: the other notebooks' sentences, and what to keep in mind."""

import pandas as pd

from helpers.page.page import FINDINGS, Page
from helpers.study.definition import Study
from helpers.study.errors import WorkbookError
from helpers.study.notebooks import SUMMARY, find_notebooks


def gather_findings(page: Page) -> pd.DataFrame:
    """The other notebooks' sentences in reading order, with topics; a `WorkbookError` if kept for another audience."""
    run = page.run
    others = [notebook for notebook in find_notebooks(run.study) if notebook.number != SUMMARY]
    names = [f"findings_{notebook.number}" for notebook in others]
    there = [name for name in names if run.path(name).is_file()] or names[:1]
    findings = pd.concat([pd.DataFrame(columns=FINDINGS), *map(run.read, there)], ignore_index=True)
    other = findings[findings["audience"].ne(page.audience) | findings["threshold"].ne(page.threshold)]
    if len(other):
        first, file = other.iloc[0], f"outputs/{run.study.name}/{run.label}"
        found = f"those for the {first['audience']}, threshold {first['threshold']}"
        expected, remedy = f"those for the {page.audience}, threshold {page.threshold}", "run that notebook again for the same"
        raise WorkbookError(file, f"sentences of notebook {first['notebook']}", found, expected, remedy)
    topics = {int(notebook.number): notebook.topic or notebook.title for notebook in others}
    return findings.assign(topic=findings["notebook"].map(topics))


def list_caveats(study: Study) -> list[str]:
    """What a reader must keep in mind of this study as a whole, in sentences for `page.show_list`."""
    caveats = []
    if survey := study.definition.survey:
        caveats += filter(None, [study.banner])
        caveats.append(
            "A survey describes those who answered it. An interval says how precise a figure is for people like them, and "
            "cannot make up for those who stayed away."
        )
        if len(survey.files) == 1:
            caveats.append("The survey was held once, so nothing here shows a change.")
    if interviews := study.definition.interviews:
        counts = "Counts of themes describe the coding, not how common or how important something is."
        caveats.append(f"{interviews.note.strip()} {counts}".strip())
    if study.definition.published:
        caveats.append("A disagreement among published figures is a question to the authors, not a fault found.")
    return caveats
