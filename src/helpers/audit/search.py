"""Which counts of answers give all figures of a printed row together? GRIM and GRIMMER are special cases.

We describe a set of counts by how many answers are at or below each point of the scale. Bands, medians and quartiles limit the
differences between two of these numbers, so shortest paths give their tightest bounds (the constraints are those of a flow).
The mean fixes a weighted sum, and the SD another; with both, we try all but two of the numbers.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import product

import numpy as np

from helpers.audit.figures import Figure

NOT_RELEVANT, MISSING = "not relevant", "missing"
ORDERED = ("min", "q1", "median", "q3", "iqr", "max")
AVERAGES = ("mean", "sd", *ORDERED)
# Up to this many numbers we try sets of counts one by one; beyond it we solve integer programmes, at most this many.
MOST_NUMBERS, MOST_PROGRAMMES = 24_000_000, 60


@dataclass(frozen=True)
class Printed:
    """A figure in a row and its kind: n, items, a count or percent of a category, or one of `AVERAGES`."""

    kind: str
    figure: Figure
    category: str = ""


@dataclass(frozen=True)
class Reading:
    """What a table does not say: which people without an answer are in n, and in the denominator of percentages; whether the
    scale runs in the opposite direction to the bands; whether the SD divides by n instead of n - 1."""

    in_n: tuple[str, ...] = (NOT_RELEVANT,)
    in_percent: tuple[str, ...] = (NOT_RELEVANT,)
    reversed: bool = False
    sd_of_n: bool = False


@dataclass(frozen=True)
class Row:
    """A printed row: its figures and, by heading, those that we could not read.

    `points` are the first and last point of the scale in a category, if known; `outside` are categories off the scale, and
    whether their people are `NOT_RELEVANT` or `MISSING`; `complete`: nobody is in any other category; `partial`: the table
    prints only some categories; `aside`: why some of its figures are not checked; `valid`: the heading of n says that it
    excludes missing answers.
    """

    name: str
    figures: tuple[Printed, ...]
    skipped: Mapping[str, Printed] = field(default_factory=dict)
    block: str = ""
    scale: tuple[int, int] | None = None
    points: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    outside: Mapping[str, str] = field(default_factory=dict)
    complete: bool = True
    partial: bool = False
    aside: str = ""
    valid: bool = False

    def of(self, *kinds: str) -> list[Figure]:
        return [printed.figure for printed in self.figures if printed.kind in kinds]

    @property
    def checkable(self) -> bool:
        return any(printed.kind not in ("n", "items") and printed.category != MISSING for printed in self.figures)

    @property
    def averaged(self) -> bool:
        return bool(self.of(*AVERAGES))

    @property
    def total(self) -> Decimal:
        return sum((figure.value for figure in self.of("percent")), Decimal(0))

    @property
    def off(self) -> Decimal:
        """By how many points the sum of percentages misses 100, beyond rounding: 0, negative (below 100) or positive."""
        beyond, slack = self.total - 100, sum((figure.unit for figure in self.of("percent")), Decimal(0)) / 2
        return max(beyond - slack, Decimal(0)) + min(beyond + slack, Decimal(0))


@dataclass(frozen=True)
class Found:
    """Sets of counts that give a row's figures: the denominator of percentages; answers at or below each point (points x sets;
    both ends of runs of sets), None if there are no averages; `tried`: whether we tried every set."""

    n: int
    below: np.ndarray | None
    tried: bool = True
    bounds: Mapping[str, tuple[int, int]] = field(default_factory=dict)


class Stopped(Exception):
    """The search would take too long."""


# --- counts and percentages -------------------------------------------------------------------------------------------
def bound_counts(
    figures: Iterable[Printed], categories: Iterable[str], n: np.ndarray, change: Sequence[int] = ()
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The smallest and largest count of each category at each n; if smallest > largest, none is possible. `change` shifts the
    percentages by this many units of their last digits."""
    bounds = {category: (np.zeros_like(n), n) for category in categories}
    steps = iter(change)
    for printed in figures:
        if printed.category not in bounds:
            continue
        least, greatest = bounds[printed.category]
        low = high = np.full_like(n, int(printed.figure.value)) if printed.kind == "count" else n
        if printed.kind == "percent":
            scaled = int(printed.figure.value / printed.figure.unit) + next(steps, 0)
            whole = 2 * int(100 / printed.figure.unit)
            low, high = -(-((2 * scaled - 1) * n) // whole), (2 * scaled + 1) * n // whole
        bounds[printed.category] = np.maximum(least, low), np.minimum(greatest, high)
    return bounds


def find_sizes(bounds: Mapping[str, tuple[np.ndarray, np.ndarray]], n: np.ndarray, complete: bool) -> np.ndarray:
    """Whether whole counts within the bounds add up to each n (or at most n, if the row is not complete).

    The possible counts of a category are consecutive, so there is a solution if each category has one and n is between the sum
    of the smallest and the sum of the largest. Stata's `find_denom` answers the same question (Cox 2023).
    """
    least, greatest = (sum((ends[end] for ends in bounds.values()), np.zeros_like(n)) for end in (0, 1))
    fits = np.logical_and.reduce([low <= high for low, high in bounds.values()], axis=0) if bounds else n > 0
    return fits & (least <= n) & ((greatest >= n) | (not complete))


def search_counts(row: Row, figures: Sequence[Printed], most: int, reading: Reading = Reading()) -> Iterator[Found]:
    """Every n, the largest first and at most `most`, at which counts of answers give these figures of a row.

    Raises `Stopped` if there are too many sets of counts.
    """
    counted = {printed.category: int(printed.figure.value) for printed in figures if printed.kind == "count"}
    stated = {int(printed.figure.value) for printed in figures if printed.kind == "n"}
    names = {printed.category: None for printed in row.figures if printed.category}
    inside = [name for name in names if row.outside.get(name) in {None, *reading.in_percent}]
    known = {kind: [counted.get(name) for name in names if row.outside.get(name) == kind] for kind in (NOT_RELEVANT, MISSING)}
    sizes = np.arange(most + sum(filter(None, known[MISSING])), 0, -1)
    if stated and reading.in_n == reading.in_percent:
        sizes = np.array(sorted(stated)[:1])
    bounds = bound_counts(figures, inside, sizes)
    averaged = any(printed.kind in AVERAGES for printed in figures)
    for place in np.flatnonzero(find_sizes(bounds, sizes, row.complete) if inside else sizes > 0):
        size = int(sizes[place])
        here = {name: (int(low[place]), int(high[place])) for name, (low, high) in bounds.items()}
        ranges = []
        for kind in reading.in_percent:
            ends = [here[name] for name in inside if row.outside.get(name) == kind]
            ranges.append(range(sum(low for low, _ in ends), min(size, sum(high for _, high in ends)) + 1))
        for left_out in product(*ranges):
            answers = size - sum(left_out)
            people = dict(zip(reading.in_percent, left_out, strict=True))
            others = [people.get(kind, None if None in known[kind] else sum(known[kind])) for kind in reading.in_n]
            n = answers + sum(filter(None, others))
            fits = all(total >= n if None in others else total == n for total in stated)
            on_scale = {name: ends for name, ends in here.items() if name not in row.outside}
            fits &= answers > 0 or not averaged
            fits &= answers + people.get(NOT_RELEVANT, sum(filter(None, known[NOT_RELEVANT]))) <= most
            fits &= not row.complete or not on_scale or sum(high for _, high in on_scale.values()) >= answers
            if fits and (sets := find_sets(row, figures, answers, on_scale, reading) if averaged else Found(size, None)):
                yield Found(size, sets.below, sets.tried, tighten(here, size) if row.complete else here)


def tighten(bounds: Mapping[str, tuple[int, int]], n: int) -> dict[str, tuple[int, int]]:
    """Tighten the bounds of counts that add up to n, as far as the other counts allow."""
    least, greatest = (sum(ends[end] for ends in bounds.values()) for end in (0, 1))
    return {name: (max(low, n - greatest + high), min(high, n - least + low)) for name, (low, high) in bounds.items()}


# --- averages ---------------------------------------------------------------------------------------------------------
def list_sums(mean: Figure, n: int) -> range:
    """GRIM (Brown & Heathers 2017): the sums of n whole-number answers that give this mean."""
    low, high = ((Fraction(mean.value) + sign * Fraction(mean.unit) / 2) * n for sign in (-1, 1))
    return range(math.ceil(low), math.floor(high) + 1)


def list_sums_of_squares(total: int, sd: Figure, n: int, divisor: int) -> range:
    """GRIMMER (Anaya 2016, in the analytic form of Allard 2018): the sums of squares of n whole-number answers with this
    sum that give this SD; a sum of squares is odd exactly when the sum of the answers is odd."""
    half = Fraction(sd.unit) / 2
    low, high = (max(Fraction(sd.value) + sign * half, Fraction(0)) ** 2 * divisor + Fraction(total**2, n) for sign in (-1, 1))
    first = math.ceil(low)
    return range(first + (first - total) % 2, math.floor(high) + 1, 2)


def list_positions(n: int) -> set[tuple[Fraction, Fraction]]:
    """The positions of the quartiles among n sorted answers, by types 1 to 9 of Hyndman & Fan (1996). At every n, these include
    the medians of the halves, with the middle answer in both (Tukey's hinges) or in neither."""

    def by_type(share: Fraction) -> list[Fraction]:
        at = n * share
        middle = at + Fraction(1, 2) if at.denominator == 1 else Fraction(math.ceil(at))
        return [
            Fraction(math.ceil(at)), middle, Fraction(round(at)), at, at + Fraction(1, 2), at + share, at + 1 - share,
            at + (share + 1) / 3, at + share / 4 + Fraction(3, 8),
        ]  # fmt: skip

    pairs = zip(*map(by_type, (Fraction(1, 4), Fraction(3, 4))), strict=True)
    return {tuple(min(max(at, Fraction(1)), Fraction(n)) for at in pair) for pair in pairs}


@cache
def list_neighbours(printed: Figure, parts: tuple[Fraction, ...], scale: tuple[int, int]) -> list[tuple[tuple[int, int], ...]]:
    """The pairs of neighbouring answers that give a printed median or quartile, interpolated by a part of their distance. With
    two parts: two pairs whose values differ by a printed interquartile range."""
    points = range(scale[0], scale[1] + 1)
    pairs = [[(low, high) for low in points for high in points if low == high or (low < high and part)] for part in parts]

    def value(ends: tuple[tuple[int, int], ...]) -> Fraction:
        *first, last = (low + part * (high - low) for (low, high), part in zip(ends, parts, strict=True))
        return last - sum(first)

    return [ends for ends in product(*pairs) if printed.allows(value(ends))]


def list_boxes(figures: Sequence[Printed], n: int, scale: tuple[int, int]) -> list[tuple[tuple[int, int], ...]]:
    """The ways in which sorted answers can give the printed median, quartiles and ends, as pairs (place, answer)."""
    printed = {each.kind: each.figure for each in figures if each.kind in ORDERED}

    def ways(kind: str, *at: Fraction) -> list[tuple]:
        if kind not in printed:
            return [()]
        found = list_neighbours(printed[kind], tuple(place % 1 for place in at), scale)
        places = [end for place in at for end in (math.floor(place), math.ceil(place))]
        return [tuple(zip(places, sum(ends, ()), strict=True)) for ends in found]

    whole = [ways("min", Fraction(1)), ways("median", Fraction(n + 1, 2)), ways("max", Fraction(n))]
    boxes = set()
    for lower, upper in list_positions(n) if {"q1", "q3", "iqr"} & set(printed) else [(Fraction(1), Fraction(n))]:
        quartiles = [ways("q1", lower), ways("q3", upper), ways("iqr", lower, upper)]
        boxes |= {sum(box, ()) for box in product(*whole, *quartiles)}
    return sorted(boxes)


def find_sets(
    row: Row, figures: Sequence[Printed], answers: int, bounds: Mapping[str, tuple[int, int]], reading: Reading
) -> Found | None:
    """The sets of this many answers, within the bounds of the categories, that give the averages; None if there are none."""
    by_kind = {printed.kind: printed.figure for printed in figures if printed.kind in (*AVERAGES, "items")}
    if (items := by_kind.get("items")) is not None and items.value > 1:
        n = answers * int(items.value)
        low, high = (end * n for end in row.scale)
        fits = "mean" not in by_kind or any(low <= total <= high for total in list_sums(by_kind["mean"], n))
        return Found(answers, None) if fits else None
    first, last = row.scale
    limits = np.full((last - first + 2,) * 2, answers, dtype=np.int64)
    limits[np.tril_indices_from(limits)] = 0
    limits[-1, 0] = -answers
    for name, (low, high) in bounds.items():
        if name in row.points:
            start, end = row.points[name]
            start, end = (first + last - end, first + last - start) if reading.reversed else (start, end)
            at, to = start - first, end - first + 1
            limits[at, to], limits[to, at] = min(limits[at, to], high), min(limits[to, at], -low)
    boxes = list_boxes(figures, answers, row.scale)
    if not boxes:
        return None
    limits = np.repeat(limits[None], len(boxes), axis=0)
    for at, point in np.array(boxes).transpose(1, 2, 0) - [[0], [first]] if boxes[0] else []:
        rows = np.arange(len(boxes))
        limits[rows, point + 1, 0] = np.minimum(limits[rows, point + 1, 0], -at)
        limits[rows, 0, point] = np.minimum(limits[rows, 0, point], at - 1)
    for node in range(limits.shape[1]):
        np.minimum(limits, limits[:, :, node, None] + limits[:, None, node, :], out=limits)
    limits = limits[(np.diagonal(limits, axis1=1, axis2=2) >= 0).all(axis=1)]
    if "mean" not in by_kind:
        # The shortest paths from each point are a set of counts, and together these sets reach every bound.
        return Found(answers, np.concatenate([(paths - paths[:, :1]).T for paths in limits], axis=1)) if len(limits) else None
    squares = dict.fromkeys(total for total in list_sums(by_kind["mean"], answers) if first <= total / answers <= last)
    if "sd" in by_kind and answers > 1:
        divisor = answers - (not reading.sd_of_n)
        squares = {total: list_sums_of_squares(total, by_kind["sd"], answers, divisor) for total in squares}
        squares = {total: found for total, found in squares.items() if found}
    if not squares:
        return None
    sets = [try_sets(paths, answers, first, squares) for paths in limits]
    found = [below for below in sets if below is not None and below.shape[1]]
    if found or all(below is not None for below in sets):
        return Found(answers, np.concatenate(found, axis=1), all(below is not None for below in sets)) if found else None
    open_ = [paths for paths, below in zip(limits, sets, strict=True) if below is None]
    return solve_sets(open_, answers, first, squares)


def try_sets(paths: np.ndarray, answers: int, first: int, squares: Mapping[int, range | None]) -> np.ndarray | None:
    """Sets of answers at or below each point that have one of the sums (and, if required, one of its sums of squares).

    `paths` are the tightest bounds on the differences. We try all but the two numbers with the widest bounds. A sum leaves one
    degree of freedom for these two, a run of sets; we return both ends of it. None if there are too many.
    """
    last = len(paths) - 1
    one, two = sorted(sorted(range(1, last), key=lambda node: paths[0, node] + paths[node, 0])[-2:])
    below = np.zeros((last + 1, 1), dtype=np.int64)
    below[last] = answers
    known = [0, last]

    def bound(node: int) -> tuple[np.ndarray, np.ndarray]:
        low = np.max(below[known] - paths[node, known, None], axis=0)
        return low, np.min(below[known] + paths[known, node, None], axis=0)

    for node in range(1, last):
        if node not in (one, two):
            low, high = bound(node)
            ways = np.maximum(high - low + 1, 0)
            if ways.sum() * len(squares) * len(paths) ** 2 > MOST_NUMBERS:
                return None
            below = np.repeat(below, ways, axis=1)
            below[node] = np.repeat(low - np.cumsum(ways) + ways, ways) + np.arange(below.shape[1])
            known.append(node)
    (low_one, high_one), (low_two, high_two) = bound(one), bound(two)
    weights = 2 * (first + np.arange(last + 1)) - 1
    top, inner = first + last - 1, known[2:]
    found = []
    for total, allowed in squares.items():
        rest = top * answers - total - below[inner].sum(axis=0)
        low = np.maximum(np.maximum(low_two, rest - high_one), -((paths[two, one] - rest) // 2))
        high = np.minimum(np.minimum(high_two, rest - low_one), (rest + paths[one, two]) // 2)
        if allowed is not None:
            left = top**2 * answers - weights[inner] @ below[inner] - weights[one] * rest
            step = 2 * (two - one)
            low = np.maximum(low, -((allowed[-1] - left) // step))
            high = np.minimum(high, (left - allowed[0]) // step)
        fits = low <= high
        for end in (low, high):
            sets = below[:, fits]
            sets[two] = end[fits]
            sets[one] = rest[fits] - end[fits]
            found.append(sets)
    return np.concatenate(found, axis=1) if found else below[:, :0]


def solve_sets(open_: Sequence[np.ndarray], answers: int, first: int, squares: Mapping[int, range | None]) -> Found | None:
    """Find one set of counts by integer programming, if there are too many to try; None if there is none."""
    from scipy.optimize import LinearConstraint, milp

    tasks = [(paths, *task) for paths in open_ for task in squares.items()]
    for paths, total, allowed in tasks[:MOST_PROGRAMMES]:
        points = first + np.arange(len(paths) - 1)
        starts, ends = np.nonzero(np.triu((paths < answers) | (paths.T < 0), 1))
        between = (starts[:, None] <= np.arange(len(points))) & (np.arange(len(points)) < ends[:, None])
        weights = np.vstack([between, points, points * (points - 1) // 2])
        # The sum of squares minus the sum is even: half of it is again a sum of whole numbers.
        half = [-np.inf, np.inf] if allowed is None else [(allowed[end] - total) / 2 for end in (0, -1)]
        low, high = np.append(-paths[ends, starts], [total, half[0]]), np.append(paths[starts, ends], [total, half[1]])
        limits, whole = LinearConstraint(weights, low, high), np.ones(len(points))
        solved = milp(0 * whole, integrality=whole, constraints=limits, options={"time_limit": 2})
        if solved.status not in (0, 2):
            raise Stopped
        if solved.status == 0:
            return Found(answers, np.append(0, np.cumsum(np.round(solved.x).astype(np.int64)))[:, None], tried=False)
    if len(tasks) > MOST_PROGRAMMES:
        raise Stopped
    return None
