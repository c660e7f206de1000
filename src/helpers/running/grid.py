"""The grid of a sweep: parameters, named variants and subsets of respondents, read, checked and laid out as cells."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Annotated

import pydantic

from helpers.running.stale import digest_inputs, read_code
from helpers.study import folders, reading
from helpers.study.definition import Study
from helpers.study.errors import Mistakes, WorkbookError, suggest
from helpers.study.notebooks import Notebook, find_notebooks
from helpers.study.parameters import GIVEN_ELSEWHERE, check_value, read_parameters
from helpers.study.parts import Part, wrong

REMEDY = "correct it; docs/sweeps.md describes each key"


def hold_something(values: list) -> list:
    if not values:
        raise wrong("an empty list", "one value or more")
    return values


class Grid(Part):
    """What a grid may hold: lists of values for parameters, named sets of values, and respondents by their levels.

    `on_page` has lists of values that a reader can choose on the page.
    """

    parameters: dict[str, Annotated[list, pydantic.AfterValidator(hold_something)]] = {}
    on_page: dict[str, Annotated[list, pydantic.AfterValidator(hold_something)]] = {}
    variants: dict[str, dict[str, object]] = {}
    subsets: dict[str, dict[str, str | Annotated[list[str], pydantic.AfterValidator(hold_something)]]] = {}


@dataclass(frozen=True)
class Cell:
    """One way of analysing: `settings` of parameters, and the levels of groupings to which respondents are restricted.

    `subset` is empty for everyone. `values` are those of each notebook, by its name; `reported` says whether all are as the
    notebooks have them.
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
    """The notebooks that a cell runs: those that rest only on the survey. They read each other's tables."""
    kept: list[Notebook] = []
    for notebook in find_notebooks(study):
        written = {table for other in kept for table in other.writes}
        if set(notebook.needs) == {"survey"} and set(notebook.reads) <= written:
            kept.append(notebook)
    return kept


def digest_cells(study: Study, notebooks: list[Notebook], *more: Path) -> str:
    """A digest of what every cell rests on: the survey's files, software, and the notebooks' code, but not their words."""
    files = digest_inputs(study, ["survey"], notebooks, [Path(__file__).with_name("sweep.py"), *more])
    return sha256(json.dumps([files, *(read_code(notebook.path) for notebook in notebooks)]).encode()).hexdigest()


def name_inputs(study: Study, path: Path) -> str:
    """A digest of what a whole grid's results rest on."""
    return digest_cells(study, survey_notebooks(study), path)


def is_current(study: Study) -> bool:
    """Whether there are results of the study's own sweep, made from its present grid, data and code."""
    grid, made = study.folder / "sweep.yml", folders.sweep_folder(study.name) / "made_from.txt"
    return grid.is_file() and made.is_file() and made.read_text(encoding="utf-8") == name_inputs(study, grid)


def read_grid(path: Path) -> Grid:
    if not path.is_file():
        remedy = "write one, as docs/sweeps.md says, or correct its name"
        raise WorkbookError(path, "", "no such file", "a grid of parameters, variants or subsets", remedy)
    return Grid.read(reading.read_yaml(path), path, "", REMEDY)


def lay_out_cells(study: Study, path: Path, notebooks: list[Notebook]) -> list[Cell]:
    """The cells of a grid in its file's order; a `WorkbookError` lists everything that is wrong with it."""
    grid, mistakes = read_grid(path), Mistakes()
    with mistakes:
        if grid.on_page and path.resolve() != (study.folder / "sweep.yml").resolve():
            raise WorkbookError(path, "on_page", "it in a separate grid", "it in the study's sweep.yml", "move it there")
    declared = {notebook.name: read_parameters(notebook) for notebook in notebooks}
    homes = {name: notebook for notebook in notebooks for name in declared[notebook.name]}
    known = {name: value for own in declared.values() for name, value in own.items() if name not in GIVEN_ELSEWHERE}

    def check(name: str, values: list, place: str) -> list:
        checked = []
        for value in values:
            with mistakes:
                refuse_unknown([name], known, path, place, "parameter of the survey's notebooks")
                try:
                    checked.append(check_value(homes[name], name, known[name], value))
                except WorkbookError as error:
                    raise WorkbookError(path, place, error.found, error.expected, error.remedy) from None
        return checked

    axes = {name: check(name, values, f"parameters.{name}") for name, values in grid.parameters.items()}
    variants = {
        variant: {name: check(name, [value], f"variants.{variant}.{name}") for name, value in settings.items()}
        for variant, settings in grid.variants.items()
    }
    for variant, settings in variants.items():
        with mistakes:
            if twice := sorted(settings.keys() & axes):
                found, remedy = f"{twice[0]!r}, which `parameters` varies too", "take it out of one of the two"
                raise WorkbookError(path, f"variants.{variant}", found, "it in one place", remedy)
    subsets = {name: check_subset(study, path, name, chosen, mistakes) for name, chosen in grid.subsets.items()}
    mistakes.raise_all()
    inputs = digest_cells(study, notebooks)
    # A variant has the notebooks' own values of what only other variants set.
    usual, cells = {name: known[name] for settings in variants.values() for name in settings}, []
    for number, (variant, subset, *chosen) in enumerate(product(variants or {"": {}}, subsets or {"": {}}, *axes.values()), 1):
        named = {name: value for name, (value,) in variants.get(variant, {}).items()}
        settings = dict(zip(axes, chosen, strict=True)) | usual | named
        levels = dict(subsets.get(subset, {}))
        given = known | settings | ({"wave": levels.pop("wave")[0]} if "wave" in levels else {})
        values = {name: {key: given[key] for key in own if key in given} for name, own in declared.items()}
        digest = sha256(json.dumps([inputs, values, levels], sort_keys=True).encode()).hexdigest()
        subset = subset if subsets.get(subset) else ""
        cells.append(Cell(number, variant, subset, settings, levels, values, given == known and not levels, digest))
    return cells


def check_subset(study: Study, path: Path, subset: str, chosen: dict, mistakes: Mistakes) -> dict[str, list[str]]:
    """The levels of each grouping, or the one wave, to which a subset restricts respondents."""
    known = {name: grouping.levels for name, grouping in study.survey.groupings.items()} | {"wave": list(study.survey.files)}
    levels = {name: [said] if isinstance(said, str) else said for name, said in chosen.items()}
    for name, named in levels.items():
        place = f"subsets.{subset}.{name}"
        with mistakes:
            refuse_unknown([name], known, path, place, "grouping")
            refuse_unknown(named, known[name], path, place, "level")
            if name == "wave" and len(named) > 1:
                expected = "one wave, since a person may be in several"
                raise WorkbookError(path, place, f"{len(named)} waves", expected, "write a subset for each")
    return levels


def refuse_unknown(names: list[str], known: Collection[str], path: Path, place: str, kind: str) -> None:
    for name in names:
        if name not in known:
            raise WorkbookError(path, place, f"{name!r}, no {kind}", "one of " + ", ".join(known), suggest(name, known, REMEDY))
