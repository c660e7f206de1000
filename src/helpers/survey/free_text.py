"""What respondents wrote in their own words, and how it was coded. For the team only, because it may name people."""

import re

import pandas as pd

from helpers.interviews.coding import check_ids, find_questions, name_themes
from helpers.interviews.people import fold
from helpers.interviews.read import read_coded
from helpers.interviews.themes import count_themes
from helpers.study.definition import Study
from helpers.study.errors import Mistakes
from helpers.study.files import refuse_rows
from helpers.study.parts import describe
from helpers.survey.cleaning import label_respondents, read_waves


def read_answers(study: Study) -> pd.DataFrame:
    """Each answer to a question of `survey.free_text`: `respondent, wave, question, text, column, response`.

    `respondent` is the label from `cleaning.clean_survey`; `response` is the id in the export, or else its place ("row 4").
    Empty answers are left out.
    """
    columns = ["respondent", "wave", "question", "text", "column", "response"]
    if not study.survey.free_text:
        return pd.DataFrame(columns=columns, dtype="str")
    mistakes = Mistakes()
    answers, technical, *_ = read_waves(study, mistakes)
    mistakes.raise_all()
    people = technical[["wave"]].assign(
        respondent=label_respondents(technical["wave"] + ":" + technical["record_id"]),
        response=technical["record_id"].str.replace(r"^sheet .*, (row \d+)$", r"\1", regex=True),
    )
    listed = []
    for column, question in study.survey.free_text.items():
        written = people.assign(column=column, question=question, text=answers[column])[columns]
        listed.append(written[written["text"] != ""].sort_values("respondent"))
    return pd.concat(listed, ignore_index=True)


def read_comments(study: Study) -> pd.DataFrame:
    """The coded answers: `segment, respondent, question, code, theme, text`; each row is one code of a comment.

    They are in `survey.segments` and among the interviews' segments, where their source is the question. The participant is
    the id of the response; if it is not an id, the words must appear in exactly one answer.

    Raises a `WorkbookError` for an id that nobody has, for words that appear in no answer or in several, and whenever
    `coding.read_segments` does.
    """
    interviews, survey = study.definition.interviews, study.definition.survey
    shared = interviews.segments if interviews and survey and survey.free_text else None
    named = dict.fromkeys(filter(None, [shared, survey and survey.segments]))
    found = [place_comments(study, name, all_of_it=name != shared) for name in named]
    columns = ["segment", "respondent", "question", "code", "theme", "text"]
    return pd.concat([pd.DataFrame(columns=columns, dtype="str"), *found], ignore_index=True)[columns]


def place_comments(study: Study, name: str, all_of_it: bool) -> pd.DataFrame:
    """The comments in a table of segments. With `all_of_it`, the table may hold nothing else."""
    path = study.file(name)
    coded = read_coded(path)
    rows = coded.rows.assign(column=find_questions(coded.rows, study.survey.free_text), text=coded.rows["text"].fillna(""))
    if all_of_it:
        expected, remedy = "a question of survey.free_text", "name the question's column as the source of each comment"
        refuse_rows(rows[rows["column"].isna()], path, "the source {source!r}", expected, remedy)
    rows, waves = rows.dropna(subset="column"), list(study.survey.files)
    if rows.empty:
        return pd.DataFrame()
    answers = read_answers(study)
    answers = answers.assign(folded=answers["text"].map(fold), place=answers["wave"] + ": " + answers["response"])
    expected = f"the id of a response, or its row in the export ({f'{waves[-1]}: ' * (len(waves) > 1)}row 4)"
    known = {*answers["response"], *answers["place"]}
    alike = rows["participant"].map(outline, na_action="ignore").isin({outline("row 4"), *map(outline, known)})
    strangers = rows[alike & ~rows["participant"].isin(known)]
    refuse_rows(strangers, path, "the participant {participant!r}, who wrote no answer", expected, "correct it")
    rows["participant"] = rows["participant"].where(rows["participant"].isin(known))
    rows = rows.assign(found=[find_answers(row, answers) for row in rows.itertuples()], value=rows["text"].map(describe))
    times, remedy = rows["found"].map(len), "copy them from the export"
    refuse_rows(rows[times == 0], path, "{value} as an answer to {source!r}", "words of one answer to that question", remedy)
    remedy = f"give as the participant {expected}"
    refuse_rows(rows[times > 1], path, "{value}, in several answers to {source!r}", "words of one answer", remedy)
    given = answers.loc[[found[0] for found in rows["found"]], ["respondent", "question"]].set_index(rows.index)
    rows = name_themes(rows.join(given), coded, study, path)
    check_ids(rows.assign(participant=rows["respondent"], source=rows["question"]), path)
    return rows


def outline(name: str) -> str:
    """What ids from one survey tool have in common: how they begin, or that they are numbers, or else their length."""
    start = re.match(r"[^\W_]+[\W_]", name)
    return start[0] if start else "0" if name.isdigit() else str(len(name))


def find_answers(row: tuple, answers: pd.DataFrame) -> list[int]:
    """The answers that a coded row may come from. If only its words identify it, they must be whole words."""
    asked, words = answers[answers["column"] == row.column], re.escape(fold(row.text))
    if isinstance(row.participant, str):
        asked = asked[asked[["response", "place"]].eq(row.participant).any(axis=1)]
    elif words:
        words = rf"(?<!\w){words}(?!\w)"
    return [*asked.index[asked["folded"].str.contains(words)]]


def join_codes(study: Study, comments: pd.DataFrame) -> pd.DataFrame:
    """Written answers as the team reads them: `respondent, wave, question, text`, and `coded_as` if any were coded."""
    written = read_answers(study)[["respondent", "wave", "question", "text"]]
    codes = comments.groupby(["respondent", "question"])["code"].agg(lambda codes: "; ".join(dict.fromkeys(codes)))
    return written.join(codes.rename("coded_as"), on=["respondent", "question"]) if len(codes) else written


def count_comments(comments: pd.DataFrame, written: pd.DataFrame, respondents: pd.DataFrame) -> pd.DataFrame:
    """How many respondents wrote about each theme: columns as in `themes.count_themes`; `segments` counts answers.

    The denominator is everybody who answered a question for which at least one answer was coded.
    """
    asked = written[written["question"].isin(comments["question"]) & written["respondent"].isin(respondents["respondent"])]
    people = asked[["respondent"]].drop_duplicates().set_axis(["participant"], axis=1)
    answers = comments[comments["respondent"].isin(people["participant"])].rename(columns={"respondent": "participant"})
    return count_themes(answers.assign(segment=answers.groupby(["participant", "question"]).ngroup()), people)
