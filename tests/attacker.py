"""A reader who means harm: looks for whole numbers that agree with everything that one or several packages print.

It shares no code with `helpers.disclosure`. It reads the tables of a package as text, and searches with an integer solver. For
a withheld count it finds the least and the greatest possible value, and how many different values are possible.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from helpers.study.definition import Study

HIDDEN = "[c]"
NOT_RELEVANT = "Not relevant"
# What the row of a band can print.
FIGURES = [
    *("numerator", "least", "most", "denominator", "share", "low", "high"),
    *("denominator_relevant", "share_relevant", "low_relevant", "high_relevant"),
]


def read_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Every table of a package as text, by the name of its file."""
    read = {
        path.stem: pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig") for path in folder.glob("*.csv")
    }
    return dict(sorted(read.items()))


@dataclass
class Puzzle:
    """Whole unknowns from 0 up, and what is known about sums of them; `solved` are the solutions found so far."""

    names: list[tuple]

    def __post_init__(self):
        self.rows, self.low, self.high, self.solved = [], [], [], []

    def add(self, weights: Mapping[tuple, float], low: float, high: float) -> None:
        row = np.zeros(len(self.names))
        for name, weight in weights.items():
            row[self.names.index(name)] += weight
        self.solved.clear()
        self.rows.append(row)
        self.low.append(low)
        self.high.append(high)

    def search(self, aim: np.ndarray, low: float = -np.inf, high: float = np.inf) -> int | None:
        """The least whole value of `aim @ unknowns` from `low` to `high`; None if no numbers agree."""
        known = LinearConstraint(np.vstack([*self.rows, aim]), [*self.low, low], [*self.high, high])
        found = milp(aim, integrality=1, bounds=Bounds(0, np.inf), constraints=known)
        assert found.status in (0, 2), found.message
        if found.status == 2:
            return None
        self.solved.append(found.x.round())
        return round(float(found.fun))

    def attack(self, names: Collection[tuple], enough: int) -> tuple[int, int, int]:
        """Least and greatest value of the sum of some unknowns, and how many values it can have (counted up to `enough`).

        If solutions found earlier already show `enough` values, the least and the greatest are those of these solutions, which
        need not be the ends.
        """
        aim = np.array([float(name in names) for name in self.names])
        known = {round(float(aim @ each)) for each in self.solved}
        if len(known) >= enough:
            return min(known), max(known), enough
        low, high = self.search(aim), self.search(-aim)
        assert low is not None, "what is printed contradicts itself"
        values = [low] if enough > 2 else sorted({low, -high})
        while enough > 2 and len(values) < enough and (following := self.search(aim, low=values[-1] + 1)) is not None:
            values.append(following)
        return low, -high, len(values)


def read_number(cell: object) -> float | None:
    """A printed figure; None for a cell that is withheld, not defined or not there."""
    return None if cell in (HIDDEN, "") or pd.isna(cell) else float(cell)


def find_bands(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Every printed row of each item and band, from all tables that have them."""
    wanted = {"item", "band", "numerator", "denominator"}
    found = [table for table in tables.values() if wanted <= set(table)]
    rows = pd.concat([pd.DataFrame(columns=sorted(wanted)), *found]).drop(columns="rests_on", errors="ignore")
    return {str(item): part for item, part in rows.drop_duplicates().groupby("item", sort=False)}


def find_means(tables: Mapping[str, pd.DataFrame]) -> list[tuple[str, float, float]]:
    """Every printed mean score: construct, mean, half a unit of its last decimal."""
    means = []
    for table in tables.values():
        if {"construct", "mean"} <= set(table):
            for key, cell in zip(table["construct"], table["mean"], strict=True):
                if (mean := read_number(cell)) is not None:
                    # A mean is printed to two decimals at least; a file leaves out the last ones where they are 0.
                    decimals = max(2, len(str(cell).partition(".")[2]))
                    means.append((key, mean, 0.5 * 10**-decimals))
    return means


@dataclass(frozen=True)
class Package:
    """What an attacker has of one package and knows about it: its tables, whose answers they count, and to which base.

    `repeated` are rows that count the people of an earlier package, as a note says.

    `responses` and `scores` are the true ones. The attacker takes from them what a reader does not know, so that it is never
    too weak: how many chose a point of each item's scale, and how far the sum of the items' means is from items × the mean
    score. These are the same if everybody answered every item; if somebody left one out, that also depends on who did.
    """

    tables: Mapping[str, pd.DataFrame]
    people: frozenset[str]
    threshold: int
    responses: pd.DataFrame
    scores: pd.DataFrame
    base: int = 1
    repeated: Mapping[str, list[bool]] = field(default_factory=dict)

    @property
    def own(self) -> dict[str, pd.DataFrame]:
        """The tables without the rows that repeat an earlier package, which count other people."""
        return {
            name: table[~np.array(self.repeated[name])] if self.repeated.get(name) else table
            for name, table in self.tables.items()
        }


def divide(packages: Collection[Package]) -> dict[int, list[list[str]]]:
    """The people in the packages, divided by which packages include them: by package, its parts, each a list."""
    parts: dict[tuple, list[str]] = {}
    for person in sorted(frozenset().union(*(package.people for package in packages))):
        parts.setdefault(tuple(person in package.people for package in packages), []).append(person)
    return {number: [part for inside, part in parts.items() if inside[number]] for number in range(len(packages))}


def attack_items(
    tables: Mapping[str, pd.DataFrame], study: Study, threshold: int, responses: pd.DataFrame, scores: pd.DataFrame
) -> pd.DataFrame:
    """Attack every count of answers of one package that is not printed exactly: see `attack_releases`."""
    package = Package(tables, frozenset(responses["respondent"].astype(str)), threshold, responses, scores)
    return attack_releases([package], study, threshold)


def attack_releases(packages: list[Package], study: Study, enough: int, means: bool = True) -> pd.DataFrame:
    """Attack what several packages together tell about answers.

    The unknowns are the people of each part (see `divide`) at each point of each item's scale and those who found it not
    relevant. The attacker knows the printed counts, ranges, percentages, intervals and numbers who answered, and the means of
    the constructs; also whose answers each package counts, but not what any person answered, or whether they did.

    Returns
    -------
    DataFrame
        `item, band, people, low, high, values`: each row is one count that a package does not print exactly, or one part of
        the people of several packages; `people` is how many there are; `values` is counted up to `enough`.
    """
    divided, found = divide(packages), []
    parts = [list(part) for part in dict.fromkeys(tuple(part) for inside in divided.values() for part in inside)]
    printed = [find_bands(package.own) for package in packages]
    for construct in study.codebook["construct"].unique():
        chosen = study.codebook.loc[study.codebook["construct"] == construct, "item"]
        items = [item for item in chosen if any(item in bands for bands in printed)]
        for group in [items] if means else [[item] for item in items]:
            names = {
                item: [(*name, part) for name in list_unknowns(study, item) for part in range(len(parts))] for item in group
            }
            puzzle = Puzzle([name for unknowns in names.values() for name in unknowns])
            for part, people in enumerate(parts):
                for item in group:
                    puzzle.add(dict.fromkeys([name for name in names[item] if name[3] == part], 1), 0, len(people))
            for number, package in enumerate(packages):
                inside = {parts.index(part) for part in divided[number]}
                here = {item: [name for name in names[item] if name[3] in inside] for item in group}
                for item in set(group) & set(printed[number]):
                    tell_item(puzzle, printed[number][item], here[item], package.threshold, package.base)
                if means:
                    tell_mean(puzzle, package, study, construct, here)
            for item in group:
                for band in dict.fromkeys(name[1] for name in names[item]):
                    for number, package in enumerate(packages):
                        rows = printed[number].get(item)
                        counts = [] if rows is None else rows.loc[rows["band"] == band, "numerator"]
                        if package.base > 1 or all(read_number(cell) is None for cell in counts):
                            inside = {parts.index(part) for part in divided[number]}
                            wanted = [name for name in names[item] if name[1] == band and name[3] in inside]
                            found.append((item, band, len(package.people), *puzzle.attack(wanted, enough)))
                    for part, people in enumerate(parts if len(parts) > 1 else []):
                        wanted = [name for name in names[item] if name[1] == band and name[3] == part]
                        found.append((item, band, len(people), *puzzle.attack(wanted, enough)))
    return pd.DataFrame(found, columns=["item", "band", "people", "low", "high", "values"])


def find_given_away(found: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Counts of a part of the people that must include some of them, but fewer than `threshold`, or all of that part."""
    known = found["low"].eq(found["high"]) & found["low"].gt(0)
    return found[known & (found["low"].lt(threshold) | found["low"].eq(found["people"]))]


def tell_mean(puzzle: Puzzle, package: Package, study: Study, construct: str, names: Mapping[str, list[tuple]]) -> None:
    """Add what a package's means say about the answers to a construct's items."""
    held = package.scores.dropna(subset="score").groupby("construct")["score"].mean()
    chosen = package.responses[package.responses["status"] == "answered"]
    points = [weigh_point(study, item, "", value) for item, value in zip(chosen["item"], chosen["value"], strict=True)]
    points = chosen.assign(points=points).groupby("item")["points"]
    count = points.count()
    for _, mean, half in (entry for entry in find_means(package.own) if entry[0] == construct):
        weights = {
            name: weigh_point(study, *name[:3]) / count.get(name[0], 1) for unknowns in names.values() for name in unknowns
        }
        middle = points.mean().reindex(list(names)).sum() + len(names) * (mean - held[construct])
        slack = len(names) * half + 1e-6
        puzzle.add(weights, middle - slack, middle + slack)


def attack_groups(
    packages: list[Package], levels: Mapping[str, list[str]], merged: Mapping[str, Mapping[str, list[str]]]
) -> pd.DataFrame:
    """Attack the numbers of people at each level of the groupings, from every package's table of them.

    `levels` are those of each grouping (by its label), `merged` the study's merged groups, as a reader may know them.

    Returns
    -------
    DataFrame
        Like that of `attack_releases`: `item` is the grouping and `band` the level; each row is one part of the people, or all.
    """
    divided, found = divide(packages), []
    parts = [list(part) for part in dict.fromkeys(tuple(part) for inside in divided.values() for part in inside)]
    for grouping, names in levels.items():
        puzzle = Puzzle([(level, part) for level in names for part in range(len(parts))])
        for part, people in enumerate(parts):
            puzzle.add({(level, part): 1 for level in names}, 0, len(people))
        for number, package in enumerate(packages):
            table = package.own.get("01_groups_data", pd.DataFrame(columns=["grouping", "group"]))
            rows = table[table["grouping"] == grouping]
            meant = {group: merged.get(grouping, {}).get(group, group.split(" + ")) for group in rows["group"]}
            rest = [level for level in names if not any(level in some for some in meant.values())]
            for row in rows.to_dict("records"):
                of = rest if row["group"] == "All other groups" else meant[row["group"]]
                inside = [(level, parts.index(part)) for level in of if level in names for part in divided[number]]
                if (count := read_number(row["numerator"])) is not None:
                    puzzle.add(dict.fromkeys(inside, 1), max(0, count - package.base + 1), count + package.base - 1)
        for level in names:
            for part, people in enumerate(parts if len(parts) > 1 else []):
                found.append((grouping, level, len(people), *puzzle.attack([(level, part)], 2)))
            everywhere = [(level, part) for part in range(len(parts))]
            found.append((grouping, level, sum(map(len, parts)), *puzzle.attack(everywhere, 2)))
    return pd.DataFrame(found, columns=["item", "band", "people", "low", "high", "values"])


def list_unknowns(study: Study, item: str) -> list[tuple[str, str, float]]:
    """(item, band, value) of each point of the scale, and of not relevant (value NaN) if the scale offers it."""
    scale = study.scale_of(item)
    points = [(item, response.band, response.value) for response in scale.responses]
    return points + ([(item, NOT_RELEVANT, -1.0)] if scale.not_relevant else [])


def weigh_point(study: Study, item: str, band: str, value: float) -> float:
    """What one answer adds to the sum of scores."""
    scale = study.scale_of(item)
    if band == NOT_RELEVANT:
        return 0
    return scale.lowest + scale.highest - value if study.items.loc[item, "reversed"] else value


def tell_item(puzzle: Puzzle, rows: pd.DataFrame, names: list[tuple], threshold: int, base: int = 1) -> None:
    """Add all that the printed rows of one item say; each number can be less than a `base` away from a rounded one."""
    off = base - 1
    relevant = [name for name in names if name[1] != NOT_RELEVANT]
    for _, cells in rows.iterrows():
        row = {name: read_number(cells.get(name)) for name in FIGURES}
        answered, concerned = row["denominator"], row["denominator_relevant"]
        puzzle.add(dict.fromkeys(names, 1), (answered or 0) - off, threshold - 1 if answered is None else answered + off)
        if concerned is not None:
            # With rounded counts it is one less another, so it says no more than they do.
            puzzle.add(dict.fromkeys(relevant, 1), concerned - 2 * off, concerned + 2 * off)
        # So are percentages and their intervals.
        bounds = bound_count(row) if base == 1 else [(row["least"], row["most"]), (row["numerator"], row["numerator"])]
        for low, high in bounds:
            if low is not None:
                same = [name for name in names if name[1] == cells["band"]]
                # A reader knows that a count printed rounded is either none or not a small one.
                least = min(threshold, high) if base > 1 else low
                puzzle.add(dict.fromkeys(same, 1), max(low - off, least), high + off * bool(high or base == 1))


def bound_count(row: Mapping[str, float | None]) -> list[tuple[float, float]]:
    """What the figures of one row say about its count: itself, its range, its percentages and their intervals (Wilson's)."""
    found = [(row["least"], row["most"]), (row["numerator"], row["numerator"])]
    for suffix in ("", "_relevant"):
        n, share = row[f"denominator{suffix}"], row[f"share{suffix}"]
        if n and share is not None:
            found.append((share * n / 100 - 1e-6, share * n / 100 + 1e-6))
        for side, end in ((-1, row[f"low{suffix}"]), (1, row[f"high{suffix}"])):
            alike = [k for k in range(int(n or 0) + 1) if n and end is not None and abs(find_end(k, n, side) - end) < 1e-6]
            # Intervals narrowed for a finite population fit no count here.
            found += [(min(alike), max(alike))] if alike else []
    return [(low, high) for low, high in found if low is not None]


def find_end(count: int, n: float, side: int) -> float:
    """Lower (-1) or upper (1) end of the 95% Wilson interval, in per cent."""
    z, share = 1.959963984540054, count / n
    middle, half = share + z**2 / (2 * n), z * math.sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2)
    return 100 * (middle + side * half) / (1 + z**2 / n)


def attack_sets(
    tables: Mapping[str, pd.DataFrame], kinds: pd.DataFrame, threshold: int, further: Collection[str] = ()
) -> pd.DataFrame:
    """Attack the withheld counts of participants by theme and by construct.

    The unknowns are the participants of each possible set of codes, as far as themes and constructs tell them apart.

    Parameters
    ----------
    kinds : DataFrame
        `theme, construct` as a reader sees them; each row is one combination that some code has, which the attacker knows.
    further : collection of str
        Names that are withheld although they are not small. The attacker knows which they are, and that all others are from 1
        to `threshold` − 1.

    Returns
    -------
    DataFrame
        `name, low, high, values`; `values` counted up to `threshold`.
    """
    printed, of = {}, None
    for key, by in (("04_themes_data", "theme"), ("05_joint", "construct")):
        if key in tables:
            printed |= dict(zip(tables[key][by], tables[key]["numerator"], strict=True))
            of = next((int(float(cell)) for cell in tables[key]["denominator"] if cell != HIDDEN), of)
    possible = {frozenset()}
    for kind in kinds[["theme", "construct"]].itertuples(index=False):
        possible |= {others | {name for name in kind if pd.notna(name)} for others in possible}
    possible = sorted(possible, key=sorted)
    puzzle = Puzzle([tuple(names) for names in map(sorted, possible)])
    holders = {name: [tuple(sorted(names)) for names in possible if name in names] for name in printed}
    if of is not None:
        puzzle.add(dict.fromkeys(puzzle.names, 1), of, of)
    most = of if of is not None else threshold - 1
    for name, cell in printed.items():
        low, high = (threshold, most) if name in further else (1, threshold - 1)
        if cell != HIDDEN:
            low = high = int(float(cell))
        puzzle.add(dict.fromkeys(holders[name], 1), low, high)
    found = [(name, *puzzle.attack(holders[name], threshold)) for name, cell in printed.items() if cell == HIDDEN]
    return pd.DataFrame(found, columns=["name", "low", "high", "values"])


def attack_crossing(table: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Attack a table of themes by group: `theme, group, numerator, denominator`; each theme's last group is everybody.

    Returns
    -------
    DataFrame
        `theme, group, low, high, values`, for themes whose total is printed; `values` counted up to `threshold`.
    """
    counts = table[["numerator", "denominator"]].replace(HIDDEN, np.nan).astype(float)
    sizes = counts["denominator"].groupby(table["group"]).max()
    found = []
    for theme, row in counts["numerator"].groupby(table["theme"], sort=False):
        told = dict(zip(table.loc[row.index, "group"], row, strict=True))
        *groups, total = told
        if np.isnan(told[total]):
            continue
        puzzle = Puzzle([(name,) for name in groups])
        puzzle.add(dict.fromkeys(puzzle.names, 1), told[total], told[total])
        for name in groups:
            low, high = (0, sizes.fillna(sizes[total])[name]) if np.isnan(told[name]) else (told[name],) * 2
            puzzle.add({(name,): 1}, low, high)
        found += [(theme, name, *puzzle.attack([(name,)], threshold)) for name in groups if np.isnan(told[name])]
    return pd.DataFrame(found, columns=["theme", "group", "low", "high", "values"])
