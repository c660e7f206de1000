"""Other values of a few parameters, laid into the page, so that a reader can choose them without running anything.

`workbook sweep` makes the page once for each combination of the values under `on_page` in the study's `sweep.yml`, and keeps
its sections. The next run lays those that differ into its own page. Only the team's page has them: two values of a parameter
give two tables of the same people, and a funder is shown one of them (see `disclosure.releases`).
"""

import base64
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import asdict, replace
from hashlib import sha256
from itertools import product
from pathlib import Path

import pandas as pd

from helpers.running import grid, stale
from helpers.running.plan import Plan
from helpers.study import folders
from helpers.study.errors import WorkbookError
from helpers.study.parameters import choose_parameters
from helpers.study.terms import TURNING

PICTURE = re.compile(r"(?<=data:image/svg\+xml;base64,)[\w+/=]+")


def read_turned(plan: Plan) -> dict[str, list]:
    """The values under `on_page` by parameter, checked as those of a run are; a `WorkbookError` for what is wrong."""
    path = plan.study.folder / "sweep.yml"
    turned: dict[str, list] = {}
    for name, values in (grid.read_grid(path).on_page if path.is_file() else {}).items():
        for value in values:
            try:
                chosen = choose_parameters(plan.notebooks, {name: value})
            except WorkbookError as error:
                raise WorkbookError(path, f"on_page.{name}", error.found, error.expected, error.remedy) from None
            turned.setdefault(name, []).append(next(own[name] for own in chosen.values() if name in own))
    return turned


def list_pages(plan: Plan) -> Iterator[tuple[dict, Path]]:
    """Each combination of values, and the file that keeps its sections: named by all that a page rests on."""
    if not (turned := read_turned(plan)):
        return
    more = [*stale.page_files(), *(notebook.path for notebook in plan.notebooks)]
    parts = {part for notebook in plan.notebooks for part in notebook.needs + notebook.uses}
    rests_on = stale.digest_inputs(plan.study, parts, plan.notebooks, more)
    for chosen in product(*turned.values()):
        settings = dict(zip(turned, chosen, strict=True))
        values = choose_parameters(plan.notebooks, plan.order.parameters | settings)
        name = sha256(json.dumps([rests_on, values], sort_keys=True).encode()).hexdigest()
        yield settings, folders.sweep_folder(plan.study.name) / "pages" / f"{name}.json"


def keep_page(plan: Plan, workshop: Path, path: Path) -> None:
    """Keep the sections of a finished run, by notebook."""
    from helpers.running import appendix

    made = {each.number: appendix.read_section(workshop / "notebooks" / each.path.name, "team") for each in plan.notebooks}
    folders.save(path, json.dumps({number: asdict(section) for number, section in made.items()}).encode())


def find_pages(plan: Plan) -> list[tuple[dict, Path]]:
    """The pages that a run can lay into its own: those of all combinations if its own values are one of these, or none."""
    found = [] if plan.for_funder else list(list_pages(plan))
    usual = replace(plan, values=choose_parameters(plan.notebooks, {})).settings
    if found and not any(usual | settings == plan.settings for settings, _ in found):
        note = "Readers cannot choose on this page: its own values are none of those under `on_page` in sweep.yml."
    elif all(path.is_file() for _, path in found):
        return found
    else:
        note = f"What readers can choose on the page is missing or out of date: `workbook sweep {plan.study.name}` makes it."
    plan.notes.extend([note] * (note not in plan.notes))
    return []


def number_repeats(parts: list[str]) -> list[tuple[str, int]]:
    """Each part with how many before it are the same, since an element has one place on a page."""
    return [(part, parts[:place].count(part)) for place, part in enumerate(parts)]


def lay_in(plan: Plan, found: list[tuple[dict, Path]], sections: dict) -> dict[str, object]:
    """What the page's template needs: parameters with their labels and values and which is reported, and other pages' parts.

    In `pages` each combination (the places of its values) has, for every section that differs, its questions and its parts in
    order: a number from 0 is a part of this page's section, a negative one counts `parts` from -1 on.
    """
    from helpers.page import choices
    from helpers.running.appendix import Section

    parts: dict[tuple[str, int], int] = {}
    pages, terms = {}, set()
    turned = {name: list(dict.fromkeys(settings[name] for settings, _ in found)) for name in found[0][0]}
    for settings, path in found:
        other = {number: Section(**section) for number, section in json.loads(path.read_bytes()).items()}
        changed = {}
        for number, section in sections.items():
            here = {part: place for place, part in enumerate(number_repeats(section.parts))}
            there = number_repeats(other[number].parts)
            then = [here[part] if part in here else -1 - parts.setdefault(part, len(parts)) for part in there]
            if then != list(range(len(here))):
                changed[number] = {"parts": then, "questions": other[number].questions}
            terms |= {*other[number].terms}
        pages[",".join(str(turned[name].index(value)) for name, value in settings.items())] = changed
    pictures: dict[str, int] = {}

    def take_out(found: re.Match) -> str:
        """A drawing is packed as it is, which takes less room; what only looks like one stays."""
        try:
            drawing = base64.b64decode(found[0], validate=True).decode()
        except ValueError:
            return found[0]
        return f"@{pictures.setdefault(drawing, len(pictures))}"

    plain = [PICTURE.sub(take_out, part) for part, _ in parts]
    content = json.dumps({"parts": plain, "pictures": list(pictures), "pages": pages}, ensure_ascii=False).encode()
    packed = zlib.compress(TURNING.sub(b"", content), 9, wbits=-15)
    listed = pd.DataFrame([(name, value) for name, values in turned.items() for value in values], columns=["choice", "variant"])
    worded = choices.name_choices(listed).groupby(listed["choice"], sort=False)
    offered = [
        (name, rows["choice"].iloc[0], list(rows["variant"]), turned[name].index(plan.settings[name])) for name, rows in worded
    ]
    return {"packed": base64.b64encode(packed).decode(), "terms": terms, "offered": offered}
