"""Compares two runs of a study: which figures, as readers see them, and which sentences differ."""

import textwrap
from difflib import SequenceMatcher
from itertools import product, zip_longest
from os.path import commonprefix
from pathlib import Path

import pandas as pd
from bs4 import BeautifulSoup

from helpers.page.tables import read_columns, write_cell
from helpers.running.plan import CONTENTS
from helpers.study import folders, reading, runs
from helpers.study.definition import Study
from helpers.study.errors import WorkbookError, suggest

MOST_TOLD, LONGEST_NAME, LONGEST_TOLD = 5, 60, 150
# Kinds of columns whose values identify a row, and columns that say something about a row.
NO_NAMES = {"note", "verdict", "rests_on"}
NAMES = ("text", "construct", "item", "section")


def compare_runs(name: str, one: str, other: str) -> list[str]:
    """Lines that say what changed from one run to another, by table and by section; none if nothing did."""
    study = reading.read_study(name)
    folder, another = (find_run(study, label) for label in (one, other))
    lists = [pd.read_csv(place / CONTENTS, encoding="utf-8-sig").set_index("file") for place in (folder, another)]
    lines = []
    for file in dict.fromkeys([*lists[0].index, *lists[1].index]):
        listed = next(found.loc[file] for found in lists if file in found.index)
        head = f"{listed['label']} {listed['title']}".replace(f"Numbers behind {listed['label']}: ", "")
        if not all(file in found.index for found in lists):
            line = f"{head}: only in {one if file in lists[0].index else other}"
            # A figure and its numbers are two files with the same name.
            lines += [line] if line not in lines else []
        elif file.endswith(".csv") and (moved := compare_tables(study, folder / file, another / file)):
            lines += [f"{head}: {len(moved)} moved", *shorten(moved)]
    return lines + compare_sentences(folder, another)


def find_run(study: Study, label: str) -> Path:
    """The folder of a finished run."""
    runs.check_label(label)
    root = folders.outputs_root() / study.name
    if (root / label / CONTENTS).is_file():
        return root / label
    known = sorted(path.parent.name for path in root.glob(f"*/{CONTENTS}"))
    expected = "one of: " + (", ".join(known) or "(none)")
    remedy = suggest(label, known, f"make it with `workbook run {study.name} --run {label}`")
    raise WorkbookError("workbook compare", f"run {label!r}", "no such run", expected, remedy)


def compare_tables(study: Study, one: Path, other: Path) -> list[str]:
    """Cells whose text has changed for readers, and rows that one of the tables lacks."""
    frames = [pd.read_csv(path, encoding="utf-8-sig", dtype=str, keep_default_na=False) for path in (one, other)]
    known, both = read_columns(), [name for name in frames[0] if name in frames[1]]
    kinds = {name: known["kind"].get(name, "text") for name in both}
    # A row is identified by its brief texts.
    names = [name for name in both if kinds[name] in NAMES and name not in NO_NAMES]
    names = [name for name in names if pd.concat(frames)[name].str.len().max() <= LONGEST_NAME]
    rows = []
    for frame in frames:
        called = frame[names].agg(lambda row: ", ".join(filter(None, row)) or "the row", axis=1) if names else "the row"
        frame = frame[both].drop(columns=names).assign(called=called)
        again = frame.groupby("called").cumcount()
        frame["called"] += (" #" + (again + 1).astype(str)).where(again > 0, "")
        rows.append(frame.set_index("called").to_dict("index"))
    before, after = rows
    moved = [f"{row}: only in one of the two" for row in [*before, *after] if (row in before) != (row in after)]
    for row, name in product(filter(after.get, before), sorted(set(both) - set(names), key=both.index)):
        old, new = (show(found[row][name], kinds[name], study) for found in rows)
        moved += [f"{row}: {known['label'].get(name, name)} {tell_change(old, new)}"] if old != new else []
    return moved


def show(value: str, kind: str, study: Study) -> str:
    """A saved value as the page shows it."""
    number = pd.to_numeric(value, errors="coerce")
    text = {"True": "yes", "False": "no"}.get(value, value)
    return text if kind in NAMES or pd.isna(number) else write_cell(number, kind, study)


def compare_sentences(one: Path, other: Path) -> list[str]:
    """Sentences of each section of the page that differ, each with its replacement."""
    pages = [read_sentences(folder / "appendix.html") for folder in (one, other)]
    lines = []
    for title in dict.fromkeys([*pages[0], *pages[1]]):
        before, after = (page.get(title, []) for page in pages)
        moved = [
            tell_change(f"“{old or ''}”", f"“{new or ''}”")
            for step, start, end, begin, stop in SequenceMatcher(None, before, after, False).get_opcodes()
            if step != "equal"
            for old, new in zip_longest(before[start:end], after[begin:stop])
        ]
        lines += [f"{title}: {len(moved)} moved", *shorten(moved)] if moved else []
    return lines


def read_sentences(page: Path) -> dict[str, list[str]]:
    """The sentences with live numbers under the title of their section."""
    soup = BeautifulSoup(page.read_bytes(), "html.parser")
    found: dict[str, list[str]] = {}
    for said in soup.select("p.finding, p.answer"):
        section = said.find_previous("h2").get_text(" ", strip=True)
        found.setdefault(section, []).append(" ".join(said.get_text(" ", strip=True).split()))
    return found


def tell_change(old: str, new: str) -> str:
    """Two texts, without the beginning that long ones share."""
    alike = commonprefix([old, new]).rfind(" ") if max(len(old), len(new)) > LONGEST_TOLD else -1
    differing = ["…" * (alike > 0) + text[alike + 1 :] for text in (old, new)]
    return " → ".join(textwrap.shorten(text, LONGEST_TOLD, placeholder=" …") for text in differing)


def shorten(moved: list[str]) -> list[str]:
    more = [f"… and {len(moved) - MOST_TOLD} more"] if len(moved) > MOST_TOLD else []
    return [f"  {line}" for line in [*moved[:MOST_TOLD], *more]]
