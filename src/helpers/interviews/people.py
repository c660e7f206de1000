"""Who takes part, under which names, and (by case, label or source) which participant a segment belongs to."""

import re
import unicodedata
from collections import Counter
from pathlib import Path

import pandas as pd

from helpers.interviews.coded import PARTICIPANT, ROLES, SOURCE_ENDING
from helpers.interviews.read import read_coded
from helpers.study.errors import WorkbookError
from helpers.study.files import find_kind, read_bytes, refuse_rows
from helpers.study.sheets import read_table, refuse_blank, refuse_header, refuse_others, refuse_repeats

KNOWN = {name: name for name in ("participant", "takes_part_as", "source")}


def read_people(path: Path) -> pd.DataFrame:
    """Everybody in the participants' file, as text: `participant, takes_part_as` and other columns; the index is the place."""
    content = read_bytes(path)
    if find_kind(content) in {"text", "workbook"}:
        # Ignore capital letters in the names of columns that we know.
        people = read_table(path, content=content).rename(columns=lambda name: KNOWN.get(name.casefold(), name))
        refuse_header(path, people.columns, ["participant"])
    else:
        people = read_coded(path).cases
        if people.empty:
            remedy = "export it with cases, or list the participants in a CSV file"
            raise WorkbookError(path, "", "a project without cases", "a case for each participant", remedy)
        people = people.set_axis([f"case {number + 1}" for number in range(len(people))])
    roles = people.get("takes_part_as", pd.Series("", people.index))
    people = people.assign(takes_part_as=roles.str.casefold().replace("", PARTICIPANT))
    refuse_others(people, "takes_part_as", ROLES, path, "correct it")
    refuse_blank(people, ["participant"], path)
    refuse_repeats(people, "participant", path, fold)
    return people


def place_participants(rows: pd.DataFrame, people: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Give every row its participant: by case or label if the file has one, or else by the source."""
    names, homes = name_people(people, path), _collect_sources(people)
    labels = people.loc[people["takes_part_as"] == PARTICIPANT, "participant"].to_list()
    placed = rows["participant"].map(lambda case: names.get(fold(case)), na_action="ignore").astype(object)
    strangers = rows[rows["participant"].notna() & ~placed.isin(labels)]
    known, remedy = "one of " + ", ".join(labels), "add the participant to the participants' file, or correct the name"
    refuse_rows(strangers, path, "the participant {participant!r}", known, remedy)
    lost = rows[placed.isna()]
    full = {_fold_source(source) for source in rows["source"].dropna()}
    bare = Counter(source.rpartition("/")[2] for source in full)
    found = [_find_home(_fold_source(source), homes, bare) for source in lost["source"].fillna("")]
    lost = lost.assign(home=[", ".join(home) for home in found])
    expected = "a source that the participants' file assigns to somebody"
    remedy = "add a column `source` to the participants' file that names each participant's source"
    refuse_rows(lost[[not home for home in found]], path, "the source {source!r} and no case", expected, remedy)
    refuse_rows(
        lost[[len(home) > 1 for home in found]], path, "the source {source!r}, which belongs to {home}",
        "one participant for the segment, because the file has no cases", "make cases in the coding tool, or add a row to "
        "the participants' file for each focus group whose speakers are not separated",
    )  # fmt: skip
    placed[lost.index] = lost["home"]
    return rows.assign(participant=placed.astype("str"))


def _find_home(source: str, homes: dict[str, list[str]], bare: Counter[str]) -> list[str]:
    """The participants of a source, by its whole name, or without folders if one side names none and the name is unique."""
    name = source.rpartition("/")[2]
    if source in homes or bare[name] > 1:
        return homes.get(source, [])
    nested = [home for home in homes if home.rpartition("/")[2] == source] if name == source else []
    return homes.get(name, []) or (homes[nested[0]] if len(nested) == 1 else [])


def name_people(people: pd.DataFrame, path: Path) -> dict[str, str]:
    """Map the names that people appear under (label; `speaker`, `speaker_2` …, with `;` between several) to labels."""
    aliases: dict[str, str] = {}
    for name in [name for name in people if re.fullmatch(r"speaker([ _]?\d+)?", name, re.IGNORECASE)]:
        for label, place, cell in zip(people["participant"], people.index, people[name], strict=True):
            for alias in filter(None, map(fold, cell.split(";"))):
                if aliases.setdefault(alias, label) != label:
                    found, expected = "a name that another row has too", "each name in one row"
                    raise WorkbookError(path, f"{place}, column {name}", found, expected, "correct the names")
    return aliases | {fold(label): label for label in people["participant"]}


def _collect_sources(people: pd.DataFrame) -> dict[str, list[str]]:
    """Sources (column `source`, with `;` between several; else the label itself) and the participants in each."""
    homes: dict[str, list[str]] = {}
    for person in people[people["takes_part_as"] == PARTICIPANT].to_dict("records"):
        named, label = person.get("source"), person["participant"]
        for source in filter(None, map(_fold_source, named.split(";") if named else [label])):
            homes.setdefault(source, []).append(label)
    return homes


def fold(name: str) -> str:
    """A name without differences in case, width and spacing."""
    return " ".join(unicodedata.normalize("NFKC", str(name)).split()).casefold()


def _fold_source(name: str) -> str:
    """A source's name without the ending of a text, document or transcript file, with slashes between folders."""
    return re.sub(SOURCE_ENDING, "", fold(name).replace("\\", "/"))
