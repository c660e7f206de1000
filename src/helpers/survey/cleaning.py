"""Turn survey exports into two tidy tables (`respondents`, `responses`), and count every exclusion."""

import calendar
import hashlib
import re
from dataclasses import dataclass, replace

import pandas as pd

from helpers.study.definition import Study
from helpers.study.errors import Mistakes, WorkbookError, raise_all, shown_path, suggest
from helpers.study.files import MOST_TOLD
from helpers.study.sheets import shorten
from helpers.study.terms import ANSWERED, MISSING, STATUSES
from helpers.survey.exports import check_columns, exclude_rows, fold, list_named, read_export

# A number with words, such as "10 - Completely" or "4 (Agree)".
WORDED = re.compile(r"(-?\d+)(?:\s*[:=(]|\s*[-–—]\s)\s*((?=.*[^\W\d_])\D+?)\s*\)?")
MONTHS = {month.casefold() for month in [*calendar.month_name, *calendar.month_abbr]}


@dataclass(frozen=True)
class CleanSurvey:
    """A cleaned survey.

    `respondents`: each row is one respondent: `respondent` (R01…), `wave` (ordered categorical), a categorical for each
    grouping, `items_answered` (including "not relevant"), `duration_seconds`, and `link` (pseudonymous key) if there is one.
    `responses`: each row is one respondent's answer to one item: `respondent, item` (categorical), `response` (ordered
    categorical), `value` (float, the item's raw direction), both missing unless answered, and `status` (categorical,
    `terms.STATUSES`).
    `flow`: how many rows each step excluded: `step, excluded, noted, remaining`; rows that are only `noted` are kept.
    `files`: the files that were read: `wave, file, layout, rows, excluded, hidden`.
    """

    respondents: pd.DataFrame
    responses: pd.DataFrame
    flow: pd.DataFrame
    files: pd.DataFrame


def clean_survey(study: Study) -> CleanSurvey:
    """Read every wave's export, drop rows that are not real responses, and put the answers in tidy tables.

    Raises
    ------
    WorkbookError
        If an export lacks columns that the codebook or `study.yml` names, if responses are not on their item's scale or levels
        not in their grouping (all are reported together), or if nobody answered an item in a wave.
    """
    mistakes = Mistakes()
    answers, technical, counts, read = read_waves(study, mistakes)
    respondents = pd.DataFrame({
        "respondent": label_respondents(technical["wave"] + ":" + technical["record_id"]),
        "wave": pd.Categorical(technical["wave"], categories=list(study.survey.files), ordered=True),
    })  # fmt: skip
    for name in study.survey.groupings:
        with mistakes:
            respondents[name] = read_grouping(answers, technical, study, name)
    respondents["duration_seconds"] = pd.to_numeric(technical["duration_seconds"].str.replace(",", ""), errors="coerce")
    if study.survey.link_column:
        # This file is never in a repository; `workbook new` makes it.
        salt = study.folder / ".salt"
        salt = salt.read_text(encoding="utf-8").strip() if salt.is_file() else ""
        respondents["link"] = pseudonymise(answers[study.survey.link_column], salt)

    items = [read_item(answers, study, item) for item in study.codebook["item"]]
    # Categories in the order of their names, so that groups come in the same order as with plain text.
    people, names = (pd.CategoricalDtype(sorted(known)) for known in (respondents["respondent"], study.codebook["item"]))
    label = respondents["respondent"].astype(people)
    responses = pd.concat([
        rows.assign(respondent=label, item=pd.Categorical([item], dtype=names).repeat(len(rows)))
        for item, rows in zip(study.codebook["item"], items, strict=True)
    ])  # fmt: skip
    unknown = responses.dropna(subset="unknown")
    for name, rows in unknown.groupby(unknown["item"].map(study.items["scale"]), sort=False):
        with mistakes:
            reject_responses(rows, technical, study, name)
    mistakes.raise_all()
    respondents["items_answered"] = sum(rows["status"].ne(MISSING).astype(int) for rows in items)

    sums = respondents.groupby("wave", observed=True)["items_answered"].sum()
    for wave in sums.index[sums == 0]:
        file, remedy = study.file(study.survey.files[wave]), "leave this wave out of survey.files until people have answered"
        raise WorkbookError(file, "", "responses without an answer to any item", "at least one answer", remedy)

    responses = responses.sort_values("respondent", kind="stable", ignore_index=True)
    columns = ["respondent", "item", "response", "value", "status"]
    steps = [(kind, *numbers) for counted in counts for kind, numbers in counted.items()]
    flow = pd.DataFrame(steps, columns=["step", "excluded", "noted"]).groupby("step", sort=False).sum().reset_index()
    flow = flow.assign(remaining=read["rows"].sum() - flow["excluded"].cumsum())
    return CleanSurvey(respondents.sort_values("respondent", ignore_index=True), responses[columns], flow, read)


def read_waves(
    study: Study, mistakes: Mistakes
) -> tuple[pd.DataFrame, pd.DataFrame, list[dict[str, tuple[int, int]]], pd.DataFrame]:
    """Read every wave's export. Returns the kept rows in two frames, the columns that the study names and the technical ones
    with `wave, file, place`; the counts of excluded rows, wave by wave; and the files read (`CleanSurvey.files`).

    Raises a `WorkbookError` with all mistakes if no wave can be read.
    """
    named = list(dict.fromkeys(list_named(study).values()))
    kept, counts, files = [], [], []
    for wave, relative in study.survey.files.items():
        with mistakes:
            export = read_export(study.file(relative), named)
            with mistakes:
                check_columns(export, study)
            # Missing columns have been reported; we leave them blank here so that we can check the rest.
            missing = {column: "" for column in named if column not in export.answers}
            export = replace(export, answers=export.answers.assign(**missing))
            if study.survey.consent and study.survey.consent.column in missing:
                continue
            answers, technical, counted = exclude_rows(export, study)
            file, rows = shown_path(export.path), len(export.answers)
            technical = technical.assign(wave=wave, file=file, place=technical.index)
            kept.append((answers[named], technical))
            counts.append(counted)
            files.append((wave, file, export.layout, rows, rows - len(answers), ", ".join(export.hidden)))
    if not kept:
        mistakes.raise_all()
    answers, technical = (pd.concat(parts, ignore_index=True) for parts in zip(*kept, strict=True))
    return answers, technical, counts, pd.DataFrame(files, columns=["wave", "file", "layout", "rows", "excluded", "hidden"])


def label_respondents(record_ids: pd.Series) -> pd.Series:
    """R01, R02, … in the order of a hash, so that labels do not show the order in which people answered."""
    width = max(2, len(str(len(record_ids))))
    return record_ids.map(hash_text).rank(method="first").map(lambda rank: f"R{rank:0{width}.0f}")


def pseudonymise(links: pd.Series, salt: str = "") -> pd.Series:
    """Replace each link key by a number: a person has the same number in every wave, and neither key nor hash is kept.

    Somebody with a list of staff could undo a hash. The numbers follow the order of the hashes, so they do not reveal the keys;
    with a salt, not even to somebody who knows all the keys.
    """
    cleaned = links.str.casefold().str.strip()
    numbers = (salt + cleaned).map(hash_text).where(cleaned != "").rank(method="dense")
    return numbers.map("L{:03.0f}".format, na_action="ignore").astype("str")


def hash_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def read_grouping(rows: pd.DataFrame, technical: pd.DataFrame, study: Study, name: str) -> pd.Categorical:
    """Each row's level of a grouping, as a categorical in the declared order; blank is missing."""
    grouping = study.survey.groupings[name]
    codes = {label: code for code, label in grouping.codes.items()}
    cells = fold_cells(rows[grouping.column], bool(codes))
    found = cells.map({fold(word): level for level in grouping.levels for word in (level, codes.get(level)) if word})
    remedy = f"correct the cell, or add the level to survey.groupings.{name}.levels in study.yml"
    if not codes and cells[found.isna()].str.fullmatch(r"\d*").all():
        remedy = f"if the export holds numbers, write survey.groupings.{name}.levels as {{label: Nurse, code: 1}} in study.yml"
    known = {level: codes.get(level) for level in grouping.levels}
    unknown = rows[grouping.column][found.isna() & (cells != "")]
    reject_unknown(unknown, pd.Series(grouping.column, unknown.index), technical, known, remedy)
    return pd.Categorical(found, categories=grouping.levels, ordered=grouping.ordered)


def keep_wave(study: Study, respondents: pd.DataFrame, wave: str) -> pd.DataFrame:
    """The respondents of one wave; the latest if `wave` is empty. Waves are not mixed: a person may have answered several."""
    waves = list(study.survey.files)
    if wave and wave not in waves:
        raise WorkbookError("parameters", "wave", repr(wave), "one of " + ", ".join(waves), "correct the parameter `wave`")
    return respondents[respondents["wave"] == (wave or waves[-1])].reset_index(drop=True)


def keep_complete(study: Study, cleaned: CleanSurvey, partial_responses: bool) -> pd.DataFrame:
    """The responses that count: all, or without partial responses only those of people who answered in the last section.

    Raises a `WorkbookError` for a wave in which nobody did.
    """
    if partial_responses:
        return cleaned.responses
    last = study.codebook.loc[study.codebook["section"] == study.codebook["section"].iloc[-1], "item"]
    given = cleaned.responses["status"].ne(MISSING) & cleaned.responses["item"].isin(last)
    complete = cleaned.respondents["respondent"].isin(cleaned.responses.loc[given, "respondent"])
    for wave in set(cleaned.respondents["wave"]) - set(cleaned.respondents.loc[complete, "wave"]):
        found, remedy = f"nobody in wave {wave} who answered in the last section", "let partial responses count"
        raise WorkbookError("parameters", "partial_responses", found, "at least one person", remedy)
    return keep_people(cleaned.responses, cleaned.respondents[complete])


def keep_people(rows: pd.DataFrame, respondents: pd.DataFrame) -> pd.DataFrame:
    """The rows of these respondents, such as their responses or scores."""
    return rows[rows["respondent"].isin(respondents["respondent"])].reset_index(drop=True)


def look_up(rows: pd.DataFrame, respondents: pd.DataFrame, name: str) -> pd.api.extensions.ExtensionArray:
    """A column of the respondents, such as `wave`, for each of these rows; missing where the respondent is not known."""
    return respondents.set_index("respondent")[name].reindex(rows["respondent"]).array


def read_item(rows: pd.DataFrame, study: Study, item: str) -> pd.DataFrame:
    """One item's answers, from labels or from the codes that the scale declares; `unknown` holds answers that are neither.

    Each distinct answer is read once.
    """
    column, scale = study.items.loc[item, "column"], study.scale_of(item)
    places, given = pd.factorize(rows[column])
    given = pd.Series(given)
    cells = fold_cells(given, scale.responses[0].code is not None)
    points = {fold(name): point for point in scale.responses for name in (point.label, point.code) if name}
    skips = {fold(name): option for option in scale.not_relevant for name in (option.label, option.code) if name}
    labels = {name: fold(option.label) for name, option in (points | skips).items()}
    cells = cells.map(lambda cell: cell if cell in labels else read_worded(cell, labels))
    status = cells.map({name: option.status for name, option in skips.items()} | dict.fromkeys(points, ANSWERED))
    # Every label of every scale in use, scale by scale, from the lowest to the highest point.
    every = dict.fromkeys(label for scale in study.used_scales.values() for label in scale.labels)
    response = cells.map({name: point.label for name, point in points.items()})
    return pd.DataFrame({
        "response": pd.Categorical(response, categories=list(every), ordered=True),
        "value": cells.map({name: point.value for name, point in points.items()}).astype(float),
        "status": pd.Categorical(status.fillna(MISSING), categories=STATUSES),
        "unknown": given.where(status.isna() & (cells != "")),
    }).take(places).set_axis(rows.index)  # fmt: skip


def read_worded(answer: str, labels: dict[str, str]) -> str:
    """The number in "4 = Agree" if 4 is the code of that label, and in "10 - Completely" if the label is only 10.

    Any other answer is returned as it is, and so refused, because its words may contradict its number.
    """
    found = WORDED.fullmatch(answer)
    label = labels.get(found[1]) if found else None
    return found[1] if found and label == found[2] else take_number(answer) if found and label == found[1] else answer


def take_number(answer: str) -> str:
    """The number of an answer that adds words to it; the whole answer if it is not a point ("0 - n/a"), or is a date."""
    from helpers.study.words import find  # its table takes a while to read, and few exports need it

    found = WORDED.fullmatch(answer)
    aside = found and (found[2].casefold() in MONTHS or find(found[2], "not_relevant") or find(found[2], "missing"))
    return found[1] if found and not aside else answer


def reject_responses(unknown: pd.DataFrame, technical: pd.DataFrame, study: Study, name: str) -> None:
    """Refuse answers (rows of `read_item`) that are not an option of this scale."""
    scale, remedy = study.scales[name], f"correct the cell, or add the response to scales.{name} in study.yml"
    if unknown["unknown"].str.fullmatch(r"-?\d+").all() and not any(label.isdigit() for label in scale.labels):
        remedy = f"if the export holds numbers, give each option of scales.{name} its `code:` in study.yml"
    options = {option.label: option.code for option in [*scale.responses, *scale.not_relevant]}
    reject_unknown(unknown["unknown"], unknown["item"].map(study.items["column"]), technical, options, remedy)


def fold_cells(answers: pd.Series, coded: bool) -> pd.Series:
    """Answers in the form in which we compare them; each distinct answer is folded only once."""
    cells = answers.map({answer: fold(answer) for answer in answers.unique()})
    # R and pandas write whole numbers as 4.0 and missing ones as NaN.
    return cells.str.replace(r"^(-?\d+)\.0$", r"\1", regex=True).replace({"nan": "", "na": ""}) if coded else cells


def reject_unknown(
    answers: pd.Series, columns: pd.Series, technical: pd.DataFrame, known: dict[str, str | None], remedy: str
) -> None:
    """Refuse each answer that is not a known label or code, and name the first cell that holds it."""
    expected = shorten(f"{code} ({label})" if code else label for label, code in known.items())
    cells, told = technical.loc[answers.index, ["file", "place"]].assign(answer=answers, column=columns), []
    for answer, rows in cells.groupby("answer", sort=False):
        first, others = rows.iloc[0], f" (and {len(rows) - 1} more such cells)" if len(rows) > 1 else ""
        told.append(WorkbookError(
            first["file"], f"{first['place']}, column {first['column']}", repr(answer) + others,
            f"one of {expected}, or blank", suggest(answer, known, remedy),
        ))  # fmt: skip
    raise_all(told[:MOST_TOLD])
