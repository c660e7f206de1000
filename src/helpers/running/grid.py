"""The grid of a sweep: parameters, named variants and subsets of respondents, read, checked and laid out as cells."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Annotated

import pydantic

from helpers.running.parameters import GIVEN_ELSEWHERE, check_value, read_parameters
from helpers.running.stale import helper_files, read_code
from helpers.study import reading
from helpers.study.definition import Study
from helpers.study.errors import Mistakes, WorkbookError, suggest
from helpers.study.folders import sweep_folder
from helpers.study.notebooks import Notebook, find_notebooks
from helpers.study.parts import Part, wrong

REMEDY = "correct it; docs/sweeps.md describes each key"


def hold_something(values: list) -> list:
    if not values:
        raise wrong("an empty list", "one value or more")
    return values


class Grid(Part):
    """What a grid may say: lists of values for parameters, sets of values by name, and respondents by their levels."""

    parameters: dict[str, Annotated[list, pydantic.AfterValidator(hold_something)]] = {}
    variants: dict[str, dict[str, object]] = {}
    subsets: dict[str, dict[str, str | Annotated[list[str], pydantic.AfterValidator(hold_something)]]] = {}


@dataclass(frozen=True)
class Cell:
    """One way of analysing: `settings` of parameters, and the levels of groupings to which respondents are restricted.

    `subset` is empty where it is everyone. `values` are those of each notebook, by its name; `reported` says whether all are
    as the notebooks have them.
    """

    number: int
    variant: str
    subset: str
    settings: dict[str, object]
    levels: dict[str, list[str]]
    values: dict[str, dict[str, object]]
    reported: bool
    digest: str


def survey_notebooks(study: Study) -> list[Notebook]:
    """Those that rest on the survey alone, which a cell runs; they hand tables on to one another."""
    kept: list[Notebook] = []
    for notebook in find_notebooks(study):
        written = {table for other in kept for table in other.writes}
        if set(notebook.needs) == {"survey"} and set(notebook.reads) <= written:
            kept.append(notebook)
    return kept


def digest_inputs(study: Study, notebooks: list[Notebook]) -> str:
    """A digest of what every cell rests on: the survey's files, the notebooks' code, helpers, and software."""
    from helpers.running.record import versions

    files = [study.folder / "study.yml", *reading.named_files(study, "survey")]
    files += sorted({path for notebook in notebooks for path in helper_files(notebook.path)})
    digest = sha256(json.dumps([versions(), [read_code(notebook.path) for notebook in notebooks]]).encode())
    for path in files:
        digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def name_inputs(study: Study, path: Path) -> str:
    """A digest of what the results of a whole grid rest on."""
    return digest_inputs(study, survey_notebooks(study)) + sha256(path.read_bytes()).hexdigest()


def is_current(study: Study) -> bool:
    """Whether there are results of the study's own sweep, made from its grid, data and code as they are."""
    grid, made = study.folder / "sweep.yml", sweep_folder(study.name) / "made_from.txt"
    return grid.is_file() and made.is_file() and made.read_text(encoding="utf-8") == name_inputs(study, grid)


def lay_out_cells(study: Study, path: Path, notebooks: list[Notebook]) -> list[Cell]:
    """The cells of a grid in its file's order; a `WorkbookError` tells all that is wrong with it."""
    if not path.is_file():
        remedy = "write one, as docs/sweeps.md says, or correct its name"
        raise WorkbookError(path, "", "no such file", "a grid of parameters, variants or subsets", remedy)
    grid, mistakes = Grid.read(reading.read_yaml(path), path, "", REMEDY), Mistakes()
    declared = {notebook.name: read_parameters(notebook) for notebook in notebooks}
    known = {
        name: (value, notebook.bounds.get(name)) for notebook in notebooks for name, value in declared[notebook.name].items()
    }
    known = {name: known[name] for name in known if name not in GIVEN_ELSEWHERE}

    def check(name: str, values: list, place: str) -> list:
        checked = []
        with mistakes:
            if name not in known:
                what, remedy = (
                    f"the parameter {name!r}, which no notebook of the survey has",
                    suggest(name, known, "correct it"),
                )
                raise WorkbookError(path, place, what, "one of " + ", ".join(sorted(known)), remedy)
        for value in values if name in known else ():
            with mistakes:
                try:
                    checked.append(check_value(name, known[name][0], value, known[name][1]))
                except WorkbookError as error:
                    raise WorkbookError(path, place, error.found, error.expected, error.remedy) from None
        return checked

    axes = {name: check(name, values, f"parameters.{name}") for name, values in grid.parameters.items()}
    variants = {
        variant: {name: (check(name, [value], f"variants.{variant}.{name}") or [value])[0] for name, value in settings.items()}
        for variant, settings in grid.variants.items()
    }
    subsets = {name: check_subset(study, path, name, chosen, mistakes) for name, chosen in grid.subsets.items()}
    for variant, name in ((variant, name) for variant, settings in variants.items() for name in settings if name in axes):
        with mistakes:
            found, remedy = f"{name!r}, which `parameters` varies too", "take it out of one of the two"
            raise WorkbookError(path, f"variants.{variant}", found, "it in one place", remedy)
    mistakes.raise_all()
    combined = list(product(variants or {"": {}}, subsets or {"": {}}, *axes.values()))
    inputs = digest_inputs(study, notebooks)

    def lay_out() -> Iterator[Cell]:
        for number, (variant, subset, *chosen) in enumerate(combined, 1):
            levels = dict(subsets.get(subset, {}))
            settings = dict(zip(axes, chosen, strict=True)) | variants.get(variant, {})
            wave = {"wave": levels.pop("wave")[0]} if "wave" in levels else {}
            given = {name: settings.get(name, value) for name, (value, _) in known.items()} | wave
            values = {name: {key: given[key] for key in own if key in given} for name, own in declared.items()}
            reported = not levels and all(given[name] == value for name, (value, _) in known.items())
            digest = sha256(json.dumps([inputs, values, levels], sort_keys=True).encode()).hexdigest()
            yield Cell(number, variant, subset if levels or wave else "", settings, levels, values, reported, digest)

    return list(lay_out())


def check_subset(study: Study, path: Path, subset: str, chosen: dict, mistakes: Mistakes) -> dict[str, list[str]]:
    """The levels of each grouping, or the one wave, to which a subset restricts respondents."""
    known = {name: grouping.levels for name, grouping in study.survey.groupings.items()} | {"wave": list(study.survey.files)}
    levels = {name: [said] if isinstance(said, str) else said for name, said in chosen.items()}
    for name, named in levels.items():
        place = f"subsets.{subset}.{name}"
        with mistakes:
            if name not in known:
                remedy = suggest(name, known, REMEDY)
                raise WorkbookError(path, place, f"the unknown grouping {name!r}", "one of " + ", ".join(known), remedy)
            if unknown := [level for level in named if level not in known[name]]:
                remedy = suggest(unknown[0], known[name], REMEDY)
                raise WorkbookError(path, place, repr(unknown[0]), "one of " + ", ".join(known[name]), remedy)
            if name == "wave" and len(named) > 1:
                expected = "one wave, since a person may stand in several"
                raise WorkbookError(path, place, f"{len(named)} waves", expected, "write a subset for each")
    return levels
