"""What respondents wrote in their own words, and what it was coded for. For the team: it may name people."""

import pandas as pd

from helpers.interviews.coding import ask_survey, name_themes
from helpers.interviews.people import fold
from helpers.interviews.read import read_coded
from helpers.interviews.themes import count_themes
from helpers.study.definition import Study
from helpers.study.errors import Mistakes
from helpers.study.files import refuse_rows
from helpers.study.parts import describe
from helpers.survey.cleaning import label_respondents, read_waves


def list_answers(study: Study) -> pd.DataFrame:
    """Answers to the questions of `survey.free_text`, one by one: `respondent, wave, question, text, column, response`.

    `respondent` is the label that `cleaning.clean_survey` gives, `response` the id in the export, else its place ("row 4");
    empty answers are left out.
    """
    mistakes = Mistakes()
    answers, technical, *_ = read_waves(study, mistakes)
    mistakes.raise_all()
    people = technical[["wave"]].assign(
        respondent=label_respondents(technical["wave"] + ":" + technical["record_id"]),
        response=technical["record_id"].str.replace(r"^sheet .*, (row \d+)$", r"\1", regex=True),
    )
    columns = ["respondent", "wave", "question", "text", "column", "response"]
    listed = [pd.DataFrame(columns=columns, dtype="str")]
    for column, question in study.survey.free_text.items():
        written = people.assign(column=column, question=question, text=answers[column])[columns]
        listed.append(written[written["text"] != ""].sort_values("respondent"))
    return pd.concat(listed, ignore_index=True)


def read_comments(study: Study) -> pd.DataFrame:
    """Answers as they were coded: `segment, respondent, question, code, theme, text`, a row for each code of a comment.

    They stand in `survey.segments`, or among the interviews' segments, and are known by their source: the question. Whose a
    comment is, its participant tells, where that is the id of a response, or else its words, where one answer alone holds them.

    Raises a `WorkbookError` for words that no such answer holds, or that several do, and as `coding.read_segments` does.
    """
    interviews, columns = study.definition.interviews, ["segment", "respondent", "question", "code", "theme", "text"]
    named = study.survey.segments or (interviews.segments if interviews and study.survey.free_text else None)
    if named is None:
        return pd.DataFrame(columns=columns, dtype="str")
    path = study.file(named)
    coded = read_coded(path)
    rows = coded.rows.assign(column=ask_survey(coded.rows, study), text=coded.rows["text"].fillna(""))
    if study.survey.segments:
        expected, remedy = "a question of survey.free_text", "name the question's column as the source of each comment"
        refuse_rows(rows[rows["column"].isna()], path, "the source {source!r}", expected, remedy)
    rows, answers = rows.dropna(subset="column"), list_answers(study)
    answers["folded"] = answers["text"].map(fold)
    rows = rows.assign(found=[find_answers(row, answers) for row in rows.itertuples()], value=rows["text"].map(describe))
    times, expected, remedy = rows["found"].str.len(), "words of one answer to that question", "copy them from the export"
    refuse_rows(rows[times == 0], path, "{value} as an answer to {source!r}", expected, remedy)
    remedy = "give the id of the response as the participant (ResponseId in Qualtrics; else its row in the export: row 4)"
    refuse_rows(rows[times > 1], path, "{value}, in several answers to {source!r}", expected, remedy)
    given = answers.loc[[found[0] for found in rows["found"]], ["respondent", "question"]].set_index(rows.index)
    return name_themes(rows.join(given), coded, study, path)[columns].reset_index(drop=True)


def find_answers(row: tuple, answers: pd.DataFrame) -> list[int]:
    """Which answers a coded row may be of."""
    asked = answers[answers["column"] == row.column]
    if row.participant in {*answers["response"]}:
        asked = asked[asked["response"] == row.participant]
    return [*asked.index[asked["folded"].str.contains(fold(row.text), regex=False)]]


def list_free_text(study: Study, comments: pd.DataFrame) -> pd.DataFrame:
    """Answers in words as the team reads them: `respondent, wave, question, text`, and `coded_as` where any were coded."""
    written = list_answers(study)[["respondent", "wave", "question", "text"]]
    codes = comments.groupby(["respondent", "question"])["code"].agg(lambda codes: "; ".join(dict.fromkeys(codes)))
    return written.join(codes.rename("coded_as"), on=["respondent", "question"]) if len(codes) else written


def count_comments(comments: pd.DataFrame, written: pd.DataFrame, respondents: pd.DataFrame) -> pd.DataFrame:
    """How many of the respondents who wrote anything wrote on each theme, in the columns of `themes.count_themes`."""
    wrote = written.loc[written["respondent"].isin(respondents["respondent"]), "respondent"].drop_duplicates()
    segments = comments[comments["respondent"].isin(wrote)].rename(columns={"respondent": "participant"})
    return count_themes(segments, wrote.to_frame("participant"))
