"""Survey exports → two tidy tables (`respondents`, `responses`), with every exclusion counted."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from helpers import study as studies
from helpers.study import ANSWERED, MISSING, STATUSES, Study, WorkbookError

# Qualtrics marks rows that no respondent gave; a label holds one of these words, a number is one of these codes.
NOT_REAL_LABELS = r"\b(?:preview|test|spam)\b"
NOT_REAL_CODES = {"1", "2", "8", "9", "12", "17"}
# Technical columns are recognised by Qualtrics' own identifier: their names change with the account's language.
TECHNICAL = {
    "_recordId": "record_id", "status": "status", "duration": "duration_seconds", "distributionChannel": "channel",
}  # fmt: skip


@dataclass(frozen=True)
class CleanSurvey:
    """A cleaned survey.

    Attributes
    ----------
    respondents : DataFrame
        One row a respondent: `respondent` (R01…), `wave` (ordered categorical), one categorical a grouping (missing
        where not given), `items_answered` (count of items with any answer, not relevant included),
        `duration_seconds` (missing where the export has none), and `link` (pseudonymous key) if the study has one.
    responses : DataFrame
        One row a respondent and item: `respondent, item, response` (ordered categorical; missing unless answered),
        `value` (float, the item's raw direction; missing unless answered), `status` (categorical, `study.STATUSES`).
    flow : DataFrame
        One row a step of the exclusions: `step, excluded, remaining`.
    """

    respondents: pd.DataFrame
    responses: pd.DataFrame
    flow: pd.DataFrame


def clean_survey(study: Study) -> CleanSurvey:
    """Read every wave's export, drop what no respondent gave, and lay answers out as tidy tables.

    Raises
    ------
    WorkbookError
        For a column that the codebook or `study.yml` names and an export lacks, a response that is not on its item's
        scale, or a level that its grouping does not have.
    """
    waves, steps = [], []
    for wave, relative in study.survey.files.items():
        path = study.file(relative)
        kept, counted = exclude_rows(read_export(path), path, study)
        waves.append(kept.assign(wave=wave))
        steps.append(counted)
    rows = pd.concat(waves, ignore_index=True)
    flow = pd.concat(steps).groupby("step", sort=False, as_index=False).sum()

    respondents = pd.DataFrame({
        "respondent": label_respondents(rows["wave"] + ":" + rows["record_id"]),
        "wave": pd.Categorical(rows["wave"], categories=list(study.survey.files), ordered=True),
    })  # fmt: skip
    for name in study.survey.groupings:
        respondents[name] = read_grouping(rows, study, name)
    respondents["duration_seconds"] = pd.to_numeric(rows["duration_seconds"], errors="coerce")
    if study.survey.link_column:
        respondents["link"] = pseudonymise(rows[study.survey.link_column])

    responses = pd.concat([read_item(rows, respondents["respondent"], study, item) for item in study.codebook["item"]])
    responses["response"] = responses["response"].astype(response_categories(study))
    responses["status"] = pd.Categorical(responses["status"], categories=STATUSES)
    answered = responses[responses["status"] != MISSING].groupby("respondent")["item"].count()
    respondents["items_answered"] = respondents["respondent"].map(answered).fillna(0).astype(int)

    responses = responses.sort_values("respondent", kind="stable", ignore_index=True)
    return CleanSurvey(respondents.sort_values("respondent", ignore_index=True), responses, flow)


def read_export(path: Path) -> pd.DataFrame:
    """Read a survey export as text.

    Qualtrics' layout has two further header rows below the field names (question texts and import identifiers), a
    legacy one has the texts alone, a plain table neither. Technical columns take the names of `TECHNICAL`; a column can
    be asked for by its field name. An extra column `row` holds the spreadsheet row, for messages.
    """
    table = studies.read_csv(path, [])
    imports = [import_identifier(cell) for cell in table.iloc[1]] if len(table) > 1 else []
    if imports and all(imports):
        headers = 2
        names = {name: TECHNICAL[key] for name, key in zip(table.columns, imports, strict=True) if key in TECHNICAL}
    else:
        legacy = {"V1": "record_id", "ResponseID": "record_id", "ResponseId": "record_id", "Status": "status"}
        names = {name: new for name, new in legacy.items() if name in table}
        headers = int(bool(names) and table.iloc[:1].isin(["ResponseID", "ResponseId", "Response ID"]).any(axis=None))
    table = table.iloc[headers:].rename(columns=names)
    table["row"] = table.index + 2
    for name in TECHNICAL.values():
        if name not in table:
            table[name] = ""
    # Without an id a response is told by its row, so that two are never taken for copies of one.
    table["record_id"] = table["record_id"].where(table["record_id"] != "", "row " + table["row"].astype(str))
    return table.reset_index(drop=True)


def import_identifier(cell: str) -> str:
    """The ImportId in a cell of Qualtrics' third header row, or an empty string."""
    try:
        content = json.loads(cell)
    except ValueError:
        return ""
    return str(content.get("ImportId", "")) if isinstance(content, dict) else ""


def exclude_rows(table: pd.DataFrame, path: Path, study: Study) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Drop previews and tests, second copies of a response, and respondents without consent; count each step.

    Respondents who answered no item stay: they are counted, and no table of answers includes them.
    """
    steps = [("Rows in the export", 0, len(table))]

    def keep(table: pd.DataFrame, step: str, kept: pd.Series) -> pd.DataFrame:
        steps.append((step, int((~kept).sum()), int(kept.sum())))
        return table[kept]

    status = table["status"].str.casefold()
    # The label of the status is in the user's language; the channel "preview" is not.
    not_real = status.isin(NOT_REAL_CODES) | status.str.contains(NOT_REAL_LABELS) | table["channel"].eq("preview")
    table = keep(table, "Survey previews, tests and spam", ~not_real)
    table = keep(table, "Second copies of one response", ~table["record_id"].duplicated())
    if consent := study.survey.consent:
        require_column(table, consent.column, path, "survey.consent.column")
        table = keep(table, "No consent", table[consent.column].str.casefold() == consent.response.casefold())
    for name, grouping in study.survey.groupings.items():
        require_column(table, grouping.column, path, f"survey.groupings.{name}.column")
    if study.survey.link_column:
        require_column(table, study.survey.link_column, path, "survey.link_column")
    for row in study.codebook.itertuples():
        require_column(table, row.column, path, f"codebook.csv, item {row.item}")
    if table.empty:
        raise WorkbookError(
            path, "", "no response left after previews, second copies and missing consent", "at least one response",
            "export the survey again, or leave this wave out of survey.files",
        )  # fmt: skip
    return table.assign(file=studies.shown(path)), pd.DataFrame(steps, columns=["step", "excluded", "remaining"])


def require_column(table: pd.DataFrame, column: str, path: Path, asked_by: str) -> None:
    if column not in table:
        raise WorkbookError(
            path, "header", f"no column {column!r}, which {asked_by} names",
            "one of " + ", ".join(name for name in table.columns if name not in {"row", "file", *TECHNICAL.values()}),
            "correct the column's name in the study, or export the survey again with that question",
        )  # fmt: skip


def label_respondents(record_ids: pd.Series) -> pd.Series:
    """R01, R02, … in the order of a hash, so that a label says nothing of the order in which people answered."""
    keys = record_ids.map(lambda value: hashlib.sha256(value.encode()).hexdigest())
    width = max(2, len(str(len(keys))))
    ranks = keys.rank(method="first").astype(int)
    return ranks.map(lambda rank: f"R{rank:0{width}d}")


def pseudonymise(links: pd.Series) -> pd.Series:
    """A link key as a number: the same person has the same in every wave of this run, and neither key nor hash is kept.

    A hash could be undone by hashing a list of staff. Numbers follow the order of hashes, so they say nothing of the keys.
    """
    cleaned = links.str.casefold().str.strip()
    hashed = cleaned.map(lambda value: hashlib.sha256(value.encode()).hexdigest())
    numbers = hashed.where(cleaned != "").rank(method="dense")
    return numbers.map(lambda number: f"L{number:03.0f}", na_action="ignore").astype("str")


def read_grouping(rows: pd.DataFrame, study: Study, name: str) -> pd.Categorical:
    """A grouping's levels as a categorical in the declared order; blank is missing."""
    grouping = study.survey.groupings[name]
    answers = rows[grouping.column]
    levels = {level.casefold(): level for level in grouping.levels}
    found = answers.str.casefold().map(levels)
    reject_unknown(
        rows, answers, found.isna() & (answers != ""), grouping.levels,
        f"correct the cell, or add the level to survey.groupings.{name}.levels in study.yml",
    )  # fmt: skip
    return pd.Categorical(found, categories=grouping.levels, ordered=grouping.ordered)


def keep_wave(study: Study, respondents: pd.DataFrame, wave: str) -> pd.DataFrame:
    """The respondents of one wave; the latest when `wave` is empty. A person may stand in several, so waves are not mixed.

    Raises
    ------
    WorkbookError
        For a wave that the study does not have.
    """
    waves = list(study.survey.files)
    if wave and wave not in waves:
        raise WorkbookError("parameters", "wave", repr(wave), "one of " + ", ".join(waves), "correct the parameter `wave`")
    return respondents[respondents["wave"] == (wave or waves[-1])].reset_index(drop=True)


def read_item(rows: pd.DataFrame, respondents: pd.Series, study: Study, item: str) -> pd.DataFrame:
    """One item's answers, from labels, or from codes where the scale declares them."""
    entry, scale = study.items.loc[item], study.scale_of(item)
    answers = rows[entry["column"]]
    # Few answers differ, so only those are looked up, however many respondents there are.
    cells = answers.map({answer: " ".join(answer.casefold().split()) for answer in answers.unique()})
    points = {name.casefold(): point for point in scale.responses for name in (point.label, point.code) if name}
    skips = {name.casefold(): option for option in scale.not_relevant for name in (option.label, option.code) if name}
    known = cells.isin([*points, *skips, ""])
    remedy = f"correct the cell, or add the response to scales.{entry['scale']} in study.yml"
    if scale.responses[0].code is None and cells[~known].str.fullmatch(r"-?\d+").all():
        remedy = f"if the export holds numbers, give each option of scales.{entry['scale']} a `code:` in study.yml"
    options = [*scale.labels, *(option.label for option in scale.not_relevant)]
    reject_unknown(rows, answers, ~known, options, remedy)
    status = cells.map({name: option.status for name, option in skips.items()} | dict.fromkeys(points, ANSWERED))
    return pd.DataFrame({
        "respondent": respondents,
        "item": item,
        "response": cells.map({name: point.label for name, point in points.items()}),
        "value": cells.map({name: point.value for name, point in points.items()}).astype(float),
        "status": status.fillna(MISSING),
    })  # fmt: skip


def reject_unknown(rows: pd.DataFrame, answers: pd.Series, wrong: pd.Series, allowed: list[str], remedy: str) -> None:
    if wrong.any():
        first = rows[wrong].iloc[0]
        others = f" (and {wrong.sum() - 1} more such cells)" if wrong.sum() > 1 else ""
        raise WorkbookError(
            first["file"], f"row {first['row']}, column {answers.name}", repr(answers[wrong].iloc[0]) + others,
            "one of " + ", ".join(allowed) + ", or blank", remedy,
        )  # fmt: skip


def response_categories(study: Study) -> pd.CategoricalDtype:
    """Every label of every scale in use, scale by scale, from the lowest to the highest point."""
    scales = dict.fromkeys(study.codebook["scale"])
    labels = dict.fromkeys(label for scale in scales for label in study.scales[scale].labels)
    return pd.CategoricalDtype(list(labels), ordered=True)


def count_groups(study: Study, respondents: pd.DataFrame) -> pd.DataFrame:
    """Respondents in each level of every grouping.

    Returns
    -------
    DataFrame
        Columns `grouping, label, level, respondents, known` (respondents whose level is known), in the order of the
        grouping's categories, empty ones included.
    """
    rows = [
        (name, grouping.label, level, int((respondents[name] == level).sum()), int(respondents[name].notna().sum()))
        for name, grouping in study.survey.groupings.items()
        for level in respondents[name].cat.categories
    ]
    return pd.DataFrame(rows, columns=["grouping", "label", "level", "respondents", "known"])
