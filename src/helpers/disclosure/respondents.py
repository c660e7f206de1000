"""Everybody's answers to the survey, as the ledger of releases compares them."""

import pandas as pd

from helpers.disclosure.ledger import Part
from helpers.study.definition import Study
from helpers.survey import cleaning


def read_survey(study: Study) -> dict[str, pd.DataFrame]:
    """Each wave, in which each row is one respondent: groupings, `link` if there are keys, answers to items as strings."""
    cleaned = cleaning.clean_survey(study)
    cells = cleaned.responses["response"].astype(object).fillna(cleaned.responses["status"])
    wide = cleaned.responses.assign(cell=cells).pivot(index="respondent", columns="item", values="cell")
    people = cleaned.respondents.set_index("respondent").join(wide)
    return {f"survey {wave}": rows for wave, rows in people.groupby("wave", observed=True)}


SURVEY = Part("survey", read_survey)
