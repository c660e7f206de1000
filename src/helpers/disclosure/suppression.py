"""Which counts to withhold, so that no small one can be worked out from the printed ones.

We assume that a reader knows every printed count, every sum, and that counts are whole numbers from 0 up. Each withheld count
must still have at least `threshold` different possible values for that reader.

References
----------
Hundepool et al. 2012, Statistical Disclosure Control, chapter 4: frequency tables, sliding protection.
"""

from collections.abc import Collection, Hashable, Sequence

import numpy as np
import pandas as pd

from helpers.study.errors import WorkbookError

# A count without a bound is searched up to this much above its value.
NO_LIMIT = 10**6
# Every choice among this many of the smallest cells is tried.
MOST_TRIED = 14


def withhold(
    counts: pd.Series, total: Hashable, threshold: int, whole: bool = True, most: pd.Series | None = None, also: Collection = ()
) -> pd.Series:
    """Choose the cells of a sum to withhold: small ones, and the fewest others that keep them from being worked out.

    Counts from 1 to `threshold` − 1 and the cells in `also` are always withheld. The others, among the `MOST_TRIED` smallest,
    are chosen so that the sum of count + 1 over them is least, and that every withheld count, small or not, keeps at least
    `threshold` possible values; the total only if no other choice is safe. If no choice is, every cell is withheld.

    Parameters
    ----------
    counts : Series of int
        People; the total (the label `total`) and its parts, each label once, which add up to it (or a `WorkbookError`).
    threshold : int
        2 or more.
    whole : bool
        Also withhold a part that is all of the total, since it gives away everybody's answer.
    most : Series, optional
        Upper bounds that a reader knows, one for each cell. A cell that can never have `threshold` values needs as many as its
        bound allows.

    Returns
    -------
    Series of bool
        True where a cell is withheld, on the index of `counts`.
    """
    is_total, known = counts.index == total, counts.to_numpy(float)
    if (parts := counts[~is_total].sum()) != counts[total]:
        remedy = "give parts that add up to the total"
        raise WorkbookError("a table", f"total {total}", f"{parts} in its parts", f"{counts[total]}", remedy)
    small = counts.between(1, threshold - 1) | counts.index.isin(list(also))
    if whole and counts[total]:
        small |= ~is_total & (counts == counts[total])
    # The total is withheld only if no choice of parts is safe: it weighs more than all of them.
    weights = np.where(is_total, 2 * (known + 1).sum(), known + 1)
    free = np.flatnonzero(~small)
    free = np.sort(free[weights[free].argsort(kind="stable")][:MOST_TRIED])
    choices = np.tile(small.to_numpy(), (2 ** len(free), 1))
    choices[:, free] = np.arange(2 ** len(free))[:, None] >> np.arange(len(free)) & 1
    # A part rises if other parts fall by as much or the total rises, as if it were a part that falls.
    room = np.full(len(counts), NO_LIMIT) if most is None else most.to_numpy(float) - known
    down, up = np.where(is_total, room, known), np.where(is_total, known, room)
    falls, rises = choices * down, choices * up
    values = 1 + np.minimum(up, falls.sum(axis=1, keepdims=True) - falls)
    values += np.minimum(down, rises.sum(axis=1, keepdims=True) - rises)
    choices = choices[(~choices | (values >= np.minimum(threshold, down + up + 1))).all(axis=1)]
    return pd.Series(choices[(choices @ weights).argmin()] if len(choices) else True, index=counts.index)


def keep_values(
    links: np.ndarray, low: np.ndarray, high: np.ndarray, cells: Sequence[int], threshold: int, room: np.ndarray | float = 0
) -> bool:
    """Whether each of some cells can have `threshold` different values, where sums cross.

    Each row of `links` is a sum, each column a cell: changes that leave all sums true are those with `links @ change = 0`.
    `low` and `high` say how much less (a number below 0) or more each cell could be, as far as a reader knows; `room` says how
    much each sum may change if it is told rounded.
    """
    from scipy.optimize import LinearConstraint, milp

    # Some values between the ends can be impossible, so each is tried; what one trial finds serves all.
    seen = {cell: {0} for cell in cells}
    for cell in cells:
        here = np.arange(len(low)) == cell
        for step in (sign * size for sign in (1, -1) for size in range(1, threshold)):
            if len(seen[cell]) >= threshold or step in seen[cell] or not low[cell] <= step <= high[cell]:
                continue
            found = milp(
                np.zeros(len(low)), integrality=1, constraints=LinearConstraint(links, -room, room),
                bounds=(np.where(here, step, low), np.where(here, step, high)),
            )  # fmt: skip
            for other in cells if found.x is not None else []:
                seen[other].add(found.x.round()[other])
        if len(seen[cell]) < threshold:
            return False
    return True
