"""Packages of a survey as an attacker gets them, made only by the rooms: one after another, with the ledger or without."""

from __future__ import annotations

from copy import deepcopy
from io import StringIO
from pathlib import Path

import attacker
import pandas as pd

from helpers.disclosure import ledger, people, response, scores, sharing, survey
from helpers.disclosure.releases import Rules
from helpers.disclosure.told import Told
from helpers.study import folders
from helpers.study.definition import Study
from helpers.study.reading import read_study
from helpers.survey import cleaning, distributions, scoring
from helpers.survey import response as responded
from helpers.survey.favour import move_favourable

# Packages made so far, with what they left in the folder, by all that it held: many tests begin with the same one.
MADE: dict[tuple, tuple[attacker.Package, dict[str, bytes]]] = {}
# Cleaned surveys, by all that they are made from: a package and its entry in the ledger read the same one.
CLEANED: dict[tuple, cleaning.CleanSurvey] = {}
clean = cleaning.clean_survey


def clean_once(study: Study) -> cleaning.CleanSurvey:
    """In place of `cleaning.clean_survey`."""
    names = [study.folder / ".salt", *map(study.file, study.survey.files.values())]
    files = tuple(path.read_bytes() for path in names if path.is_file())
    made_from = (study.definition.model_dump_json(), study.codebook.to_csv(), files)
    if made_from not in CLEANED:
        CLEANED[made_from] = clean(study)
    return CLEANED[made_from]


def share(
    name: str, threshold: int = 5, wave: str = "", note: bool = True, means: bool = True, agree_from: int = 0
) -> attacker.Package:
    """What a funder's tables now tell about a study's survey; noted in the ledger unless `note` is False.

    The same of the same files is made once and then copied, with its entry in the ledger.
    """
    folder = folders.project_root() / "data" / name
    state = (name, threshold, wave, note, means, agree_from, ledger.read_ledger, tuple(read_files(folder).items()))
    if state not in MADE:
        MADE[state] = make(name, threshold, wave, note, means, agree_from), read_files(folder)
    package, files = MADE[state]
    for path, content in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(content)
    return deepcopy(package)


def read_files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def make(name: str, threshold: int, wave: str, note: bool, means: bool, agree_from: int) -> attacker.Package:
    study = move_favourable(read_study(name), agree_from)
    rules = Rules(threshold, study).showing(wave)
    cleaned = cleaning.clean_survey(study)
    respondents = cleaning.keep_wave(study, cleaned.respondents, wave)
    answers = cleaned.responses.merge(respondents[["respondent"]])
    pooled = people.pool_people(respondents, study.survey.groupings, rules)
    told = {
        "01_received": response.tell_received(responded.describe_response(study, respondents), rules),
        "01_groups_data": response.tell_groups(responded.count_groups(study, pooled), rules),
        "01_completion": response.tell_completion(responded.describe_completion(answers, study.codebook), rules),
        "02_bands": survey.tell_bands(distributions.count_bands(answers, study.codebook, study.scales), rules),
    }
    scored = scoring.score_constructs(
        answers.merge(respondents[["respondent", "wave"]]), study.scored_items, study.scales, 0.75
    )
    if means:
        told["02_scores_data"] = scores.tell_scores(scored, answers, respondents, study, rules)
    wave = wave or list(study.survey.files)[-1]
    ids = pd.read_csv(study.file(study.survey.files[wave]), dtype=str, keep_default_na=False)["ResponseId"]
    whose = frozenset(f"{wave} {key}" for key in ids[ids.str.startswith("R_")])
    if note:
        keep(study, threshold, rules)
    base = max(1, study.definition.sharing.rounding)
    tables = {key: write(part) for key, part in told.items()}
    return attacker.Package(tables, whose, threshold, answers, scored, base, find_repeated(rules, told))


def keep(study: Study, threshold: int, rules: Rules) -> None:
    """Note in the ledger what rules have let through, as `workbook share` does."""
    kept = rules.kept()
    content = b"".join(map(bytes, kept["frame"]))
    sharing.confirm(study, sharing.record(study, "somebody", {"threshold": threshold, "parameters": {}}, kept, content))


def find_repeated(rules: Rules, told: dict[str, Told]) -> dict[str, list[bool]]:
    """Which rows of each table repeat an earlier package's, as a note under the table says."""
    made = {name: bases for (_, name), (_, bases, _) in rules.made.items()}
    names = {key: key.split("_")[1] for key in told}
    return {key: made[name][told[key].frame.index].ne("").to_list() for key, name in names.items()}


def write(told: Told) -> pd.DataFrame:
    """A frame as read from its CSV file: strings, with the mark of withheld cells."""
    text = told.frame.astype(object).mask(told.withheld, attacker.HIDDEN).to_csv(index=False)
    return pd.read_csv(StringIO(text), dtype=str, keep_default_na=False)
