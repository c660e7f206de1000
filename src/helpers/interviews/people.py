"""Who takes part, under which names, and which participant a segment belongs to: by case, label or source."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pandas as pd

from helpers.interviews.coded import PARTICIPANT, ROLES, SOURCE_ENDING
from helpers.interviews.read import read_coded
from helpers.study.errors import WorkbookError
from helpers.study.files import read_bytes
from helpers.study.sheets import is_sheet, read_table, refuse_blank, refuse_others, refuse_repeats


def read_people(path: Path) -> pd.DataFrame:
    """Everybody in the participants' file, as text: `participant, takes_part_as` and the file's other columns; by place."""
    content = read_bytes(path)
    if is_sheet(content):
        people = read_table(path, ["participant"], content)
    else:
        cases = read_coded(path).cases
        if cases.empty:
            raise WorkbookError(
                path, "", "a project without cases", "a case for each participant",
                "export it with cases, or list the participants in a CSV file",
            )  # fmt: skip
        people = cases.set_axis([f"case {number + 1}" for number in range(len(cases))])
    if "takes_part_as" not in people:
        people = people.assign(takes_part_as=PARTICIPANT)
    people = people.assign(takes_part_as=people["takes_part_as"].str.casefold().replace("", PARTICIPANT))
    refuse_others(people, "takes_part_as", ROLES, path, "correct it")
    refuse_blank(people, ["participant"], path)
    refuse_repeats(people, "participant", path)
    return people


def place_participants(rows: pd.DataFrame, people: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Give every row its participant: by case or label where the file has one, else by the source."""
    names, homes = name_people(people, path), _collect_sources(people)
    labels = people.loc[people["takes_part_as"] == PARTICIPANT, "participant"].to_list()
    placed = []
    for case, source, place in zip(rows["participant"], rows["source"], rows["place"], strict=True):
        if pd.notna(case):
            if names.get(fold(case)) not in labels:
                raise WorkbookError(
                    path, place, f"the participant {case!r}", "one of " + ", ".join(labels),
                    "add the participant to the participants' file, or correct the name",
                )  # fmt: skip
            placed.append(names[fold(case)])
        else:
            placed.append(_find_home(source, homes, path, place))
    return rows.assign(participant=pd.Series(placed, index=rows.index, dtype="str"))


def _find_home(source: object, homes: dict[str, list[str]], path: Path, place: str) -> str:
    """The one participant to whom a source belongs."""
    found = [] if pd.isna(source) else homes.get(_fold_source(source), [])
    if len(found) == 1:
        return found[0]
    if found:
        raise WorkbookError(
            path, place, f"the source {source!r}, which belongs to {', '.join(found)}",
            "one participant for the segment, since the file has no cases",
            "make cases in the coding tool, or give a focus group whose speakers are not separated one row of its own "
            "in the participants' file",
        )  # fmt: skip
    raise WorkbookError(
        path, place, f"the source {source!r} and no case", "a source that the participants' file assigns to somebody",
        "add a column `source` to the participants' file that names each participant's source",
    )  # fmt: skip


def name_people(people: pd.DataFrame, path: Path) -> dict[str, str]:
    """Names under which people appear (label; columns `speaker`, `speaker_2` …, several in a cell with `;`), to labels."""
    aliases: dict[str, str] = {}
    for name in [name for name in people if re.fullmatch(r"speaker([ _]?\d+)?", name, re.IGNORECASE)]:
        for label, place, cell in zip(people["participant"], people.index, people[name], strict=True):
            for alias in filter(None, map(fold, cell.split(";"))):
                if aliases.setdefault(alias, label) != label:
                    raise WorkbookError(
                        path, f"{place}, column {name}", "a name that another row has too", "each name in one row",
                        "correct the names",
                    )  # fmt: skip
    return aliases | {fold(label): label for label in people["participant"]}


def _collect_sources(people: pd.DataFrame) -> dict[str, list[str]]:
    """Sources (column `source`, several with `;`; else the label itself) and the participants in each."""
    homes: dict[str, list[str]] = {}
    people = people[people["takes_part_as"] == PARTICIPANT]
    for row, label in people["participant"].items():
        named = people["source"][row] if "source" in people else ""
        for source in filter(None, map(_fold_source, named.split(";") if named else [label])):
            homes.setdefault(source, []).append(label)
    return homes


def fold(name: str) -> str:
    """A name without differences of case, width and spacing."""
    return " ".join(unicodedata.normalize("NFKC", str(name)).split()).casefold()


def _fold_source(name: str) -> str:
    """A source's name without folders and the ending of a text, document or transcript file."""
    return re.sub(SOURCE_ENDING, "", re.split(r"[/\\]", fold(name))[-1])
