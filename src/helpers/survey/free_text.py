"""What respondents wrote in their own words. For the team: it may name people."""

import pandas as pd

from helpers.study.definition import Study
from helpers.study.errors import Mistakes
from helpers.survey.cleaning import label_respondents, read_waves


def list_free_text(study: Study) -> pd.DataFrame:
    """Answers to the questions of `survey.free_text`, question by question: `respondent, wave, question, text`.

    `respondent` is the label that `cleaning.clean_survey` gives; empty answers are left out.
    """
    mistakes = Mistakes()
    answers, technical, *_ = read_waves(study, mistakes)
    mistakes.raise_all()
    people = technical[["wave"]].assign(respondent=label_respondents(technical["wave"] + ":" + technical["record_id"]))
    columns = ["respondent", "wave", "question", "text"]
    listed = [pd.DataFrame(columns=columns, dtype="str")]
    for column, question in study.survey.free_text.items():
        written = people.assign(question=question, text=answers[column])[columns]
        listed.append(written[written["text"] != ""].sort_values("respondent"))
    return pd.concat(listed, ignore_index=True)
