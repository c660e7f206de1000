"""Which counts of linked tables to withhold, so that no small one can be worked out from those that are printed.

A reader is taken to know every printed count, every sum, and that counts are whole numbers from 0 up. What is withheld must
leave that reader at least `threshold` different values for each withheld count.

References
----------
Fischetti and Salazar-González 2001, Management Science 47:1008–1027: which further cells to withhold, by cutting planes.
Hundepool et al. 2012, Statistical Disclosure Control, chapter 4: frequency tables, sliding protection.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.study.errors import WorkbookError

# A count that nothing bounds is looked for up to this much above what it is.
NO_LIMIT = 10**6
# Of a sum with more cells than this not every choice is tried; of a linked table with more cells the least is not sought.
MOST_TRIED = 14
MOST_SOLVED = 250
MOST_ROUNDS = 60
Sums = Sequence[tuple[Hashable, Sequence[Hashable]]]


@dataclass(frozen=True)
class Table:
    """Counts, what links them, and how far each could be above what it is.

    Attributes
    ----------
    counts, room : ndarray of float
        A cell each; `room` is `NO_LIMIT` where a reader knows no upper bound.
    links : ndarray
        One row a sum: +1 at its parts, −1 at its total. Changes that leave all sums true are those with `links @ change = 0`.
    """

    counts: np.ndarray
    room: np.ndarray
    links: np.ndarray

    def pick(self, cells: np.ndarray) -> Table:
        links = self.links[:, cells]
        return Table(self.counts[cells], self.room[cells], links[links.any(axis=1)])


def withhold(
    counts: pd.Series,
    sums: Sums,
    threshold: int,
    keep: Collection = (),
    whole: bool = True,
    most: pd.Series | None = None,
    also: Collection = (),
) -> pd.Series:
    """Choose the cells to withhold: small ones, and the least of others that keep them from being worked out.

    Withheld in any case are counts from 1 to `threshold` − 1 and the cells in `also`. The others are chosen so that the sum
    of count + 1 over them is least, and that every withheld count, small or not, keeps at least `threshold` possible values.
    The choice is exact for cells of one sum (up to `MOST_TRIED` of them) and for linked tables up to `MOST_SOLVED` cells;
    beyond that, or after `MOST_ROUNDS` rounds, the smallest cell that shares a sum is added until the table is safe. Every
    choice is audited before it is returned.

    Parameters
    ----------
    counts : Series of int
        People; one a printed cell, totals included; each label once.
    sums : sequence of (total, parts)
        `counts[total]` is the sum of `counts[parts]`. Sums may share cells.
    keep : collection
        Cells to print, such as denominators. One is withheld only where no other choice is safe.
    whole : bool
        Also withhold a part that is all of a total, since it tells the answer of everybody.
    most : Series, optional
        Upper bounds that a reader knows, for some cells or all. A cell that can never have `threshold` values needs as many
        as its bound allows.
    also : collection
        Cells to withhold whatever their count.

    Returns
    -------
    Series of bool
        True where a cell is withheld, on the index of `counts`.

    Raises
    ------
    WorkbookError
        For a label that stands twice, and for parts that do not add up to their total.
    """
    withheld = pd.Series(False, index=counts.index)
    if threshold <= 1:
        return withheld
    table = arrange_table(counts, sums, most)
    small = (counts.between(1, threshold - 1) | counts.index.isin(list(also))).to_numpy(copy=True)
    if whole:
        for total, parts in sums:
            small[counts.index.get_indexer(parts)] |= (counts[parts] == counts[total]).to_numpy() & (counts[total] > 0)
    weights = table.counts + 1
    weights = np.where(counts.index.isin(list(keep)), weights + weights.sum(), weights)
    needed = np.minimum(threshold, table.counts + table.room + 1)
    chosen = small.copy()
    for cells in split_table(table, np.ones(len(counts), bool)):
        if small[cells].any():
            chosen[cells] = choose_cells(table.pick(cells), small[cells], weights[cells], needed[cells])
    return withheld | chosen


def arrange_table(counts: pd.Series, sums: Sums, most: pd.Series | None) -> Table:
    """Counts as arrays; see `withhold`."""
    if not counts.index.is_unique:
        label = counts.index[counts.index.duplicated()][0]
        raise WorkbookError("a table", f"cell {label}", "this label twice", "each once", "name every cell differently")
    links = np.zeros((len(sums), len(counts)))
    for link, (total, parts) in zip(links, sums, strict=True):
        if counts[total] != counts[list(parts)].sum():
            raise WorkbookError(
                "a table", f"total {total}", f"{counts[list(parts)].sum()} in its parts", f"{counts[total]}",
                "give parts that add up to the total",
            )  # fmt: skip
        link[counts.index.get_indexer(parts)], link[counts.index.get_loc(total)] = 1, -1
    values = counts.to_numpy(float)
    bounds = np.full(len(counts), np.nan) if most is None else most.reindex(counts.index).to_numpy(float)
    return Table(values, np.where(np.isnan(bounds), NO_LIMIT, bounds - values), links)


def split_table(table: Table, cells: np.ndarray) -> list[np.ndarray]:
    """Groups of the cells that sums link to one another, by their places."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    places = np.flatnonzero(cells)
    linked = csr_array(np.abs(table.links[:, places]))
    _, group = connected_components(linked.T @ linked, directed=False)
    return [places[group == number] for number in np.unique(group)]


def choose_cells(table: Table, small: np.ndarray, weights: np.ndarray, needed: np.ndarray) -> np.ndarray:
    """What to withhold of cells that are linked to one another; see `withhold`."""
    if len(table.links) == 1 and len(small) <= MOST_TRIED:
        chosen = try_all(table, small, weights, needed)
    elif len(small) <= MOST_SOLVED:
        chosen = solve_cover(table, small, weights, needed)
    else:
        chosen = small
    # The audit. It finds nothing to add unless the search was cut short.
    while not chosen.all():
        cells = np.flatnonzero(chosen)
        failing = cells[count_values(table, chosen, cells, needed[cells]) < needed[cells]]
        if not len(failing):
            break
        beside = ~chosen & table.links[table.links[:, failing[0]] != 0].any(axis=0)
        beside = beside if beside.any() else ~chosen
        chosen = chosen | (np.arange(len(chosen)) == np.where(beside, weights, np.inf).argmin())
    return chosen


def try_all(table: Table, small: np.ndarray, weights: np.ndarray, needed: np.ndarray) -> np.ndarray:
    """The lightest safe choice within one sum, by trying every one; all cells where none is safe."""
    free = np.flatnonzero(~small)
    choices = np.tile(small, (2 ** len(free), 1))
    choices[:, free] = np.arange(2 ** len(free))[:, None] >> np.arange(len(free)) & 1
    values = 1 + spread_in_sum(table, choices, -1) + spread_in_sum(table, choices, 1)
    safe = (~choices | (values >= needed)).all(axis=1)
    choices = choices[safe]
    return choices[(choices @ weights).argmin()] if safe.any() else np.ones(len(small), bool)


def spread_in_sum(table: Table, choices: np.ndarray, sign: int) -> np.ndarray:
    """How far each cell of a single sum can rise (sign 1) or fall (−1) when the chosen cells, a choice a row, are withheld."""
    links = table.links[0]
    own = np.where(sign > 0, table.room, table.counts)
    # Where a part rises, other parts fall or the total rises; where it falls, the other way round.
    down = choices * np.where(links > 0, table.counts, table.room)
    up = choices * np.where(links > 0, table.room, table.counts)
    turned = np.where(links * sign > 0, down.sum(axis=1, keepdims=True) - down, up.sum(axis=1, keepdims=True) - up)
    return np.minimum(own, turned)


def count_values(table: Table, withheld: np.ndarray, cells: Sequence[int], needed: np.ndarray) -> np.ndarray:
    """How many different values some of the withheld cells can have, each counted no further than `needed`."""
    if len(table.links) <= 1:
        far = [sum(reach(table, withheld, cell, sign) for sign in (-1, 1)) for cell in cells]
        return np.minimum(np.add(far, 1), needed)
    # Where sums cross, some values between the ends can be impossible, so each is tried; what one trial finds serves all.
    seen = {cell: {0} for cell in cells}
    for cell, enough in zip(cells, needed, strict=True):
        for step in (sign * size for sign in (1, -1) for size in range(1, int(enough))):
            if len(seen[cell]) < enough and step not in seen[cell]:
                change = find_change(table, withheld, cell, step)
                for other in cells if change is not None else []:
                    seen[other].add(change[other])
    return np.minimum([len(values) for values in seen.values()], needed)


def reach(table: Table, withheld: np.ndarray, cell: int, sign: int) -> float:
    """How far a withheld cell can rise (sign 1) or fall (−1) with all sums true."""
    from scipy.optimize import LinearConstraint, milp

    if len(table.links) == 0:
        return table.room[cell] if sign > 0 else table.counts[cell]
    if len(table.links) == 1:
        return spread_in_sum(table, withheld[None, :], sign)[0, cell]
    aim = np.zeros(len(withheld))
    aim[cell] = -sign
    low, high = bound_changes(table, withheld)
    found = milp(aim, integrality=1, bounds=(low, high), constraints=LinearConstraint(table.links, 0, 0))
    return round(-found.fun)


def find_change(table: Table, withheld: np.ndarray, cell: int, step: int) -> np.ndarray | None:
    """Some change of all cells, `step` at this one, with all sums true; None where there is none."""
    from scipy.optimize import LinearConstraint, milp

    low, high = bound_changes(table, withheld)
    low[cell], high[cell] = max(low[cell], step), min(high[cell], step)
    if low[cell] > high[cell]:
        return None
    found = milp(np.zeros(len(low)), integrality=1, bounds=(low, high), constraints=LinearConstraint(table.links, 0, 0))
    return None if found.x is None else found.x.round()


def bound_changes(table: Table, withheld: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """By how much each cell could be less and more than it is: printed ones by nothing."""
    return np.where(withheld, -table.counts, 0.0), np.where(withheld, table.room, 0.0)


def solve_cover(table: Table, small: np.ndarray, weights: np.ndarray, needed: np.ndarray) -> np.ndarray:
    """The lightest safe choice of linked cells, by cutting planes; all cells where none is safe.

    A choice is proposed, a reader attacks every cell of it, and each that gives way adds a condition on the next choice.
    """
    from scipy.optimize import LinearConstraint, milp

    cuts = np.zeros((0, len(small)))
    for _ in range(MOST_ROUNDS):
        conditions = LinearConstraint(cuts, 0, np.inf) if len(cuts) else None
        found = milp(weights, integrality=1, bounds=(small.astype(float), 1), constraints=conditions)
        if found.status != 0:
            return np.ones(len(small), bool)
        chosen = found.x > 0.5
        new = [cut for cell in np.flatnonzero(chosen) if (cut := find_cut(table, chosen, cell, needed[cell])) is not None]
        if not new:
            break
        cuts = np.vstack([cuts, new])
    return chosen


def find_cut(table: Table, chosen: np.ndarray, cell: int, needed: float) -> np.ndarray | None:
    """What must hold of a choice (`cut @ choice >= 0`) so that a cell that gives way here no longer does; None if it does not.

    The dual values of the reader's search price each cell's freedom; only freedom beyond these prices can help.
    """
    from scipy.optimize import linprog

    prices, spread = np.zeros(len(chosen)), 0.0
    for sign in (-1, 1):
        aim = np.zeros(len(chosen))
        aim[cell] = -sign
        low, high = bound_changes(table, chosen)
        low[cell], high[cell] = max(low[cell], 1 - needed), min(high[cell], needed - 1)
        found = linprog(aim, A_eq=table.links, b_eq=np.zeros(len(table.links)), bounds=np.column_stack([low, high]))
        worth = aim - table.links.T @ found.eqlin.marginals
        worth[np.abs(worth) < 1e-9] = 0
        prices += np.where(worth > 0, worth * table.counts, -worth * table.room)
        spread -= found.fun
    if spread > needed - 1 - 1e-6:
        if count_values(table, chosen, [cell], np.array([needed]))[0] >= needed:
            return None
        # Only whole numbers make it give way, which prices do not see: some further cell is needed, or not this one.
        prices = np.where(chosen, 0, needed - 1)
    cut = np.minimum(prices, needed - 1)
    cut[cell] -= needed - 1
    return cut
