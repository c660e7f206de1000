"""Verdicts on printed rows: can any answers give all of a row's figures, and how many people answered?"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations, islice, product

import numpy as np
import pandas as pd

from helpers.audit import search
from helpers.audit.figures import NOT_WHOLE, Verdict, describe_numbers, frame_verdicts, parse_figure
from helpers.audit.layout import NO_SCALE, ONE_GROUP, find_side
from helpers.audit.search import Printed, Reading, Row, Stopped
from helpers.study.errors import WorkbookError

# A rounding mistake is at most this far from a solution, in units of the last digit; a larger one has too many explanations.
MOST_UNITS = 3
# How many sets of figures we try to find the smallest impossible one, and how many numbers of people with a row's averages.
MOST_TRIED, MOST_LISTED = 300, 100
NAMES = {
    "mean": "the mean of {}", "sd": "the SD of {}", "median": "the median of {}", "q1": "the lower quartile of {}",
    "q3": "the upper quartile of {}", "iqr": "the interquartile range of {}", "min": "the minimum of {}",
    "max": "the maximum of {}", "percent": "{}% in {}", "count": "{} in {}", "items": "{} items", "n": "n of {}",
}  # fmt: skip
GIVEN, MOST_STEPS = ("items", "n"), 4
# We read a whole table in these ways only if at least this many more rows are possible; otherwise a row's verdict names them.
OTHERWISE = {"reversed": "the averages use the scale in the other direction", "sd_of_n": "the SD divides by n, not by n - 1"}
LEAST_GAIN = 3
APART = "Most rows fail: groups side by side, or people with several answers? Put each group in a separate table."
UNPRINTED = {search.NOT_RELEVANT: "those for whom it was not relevant", search.MISSING: "those whose answers are missing"}


def name_figure(printed: Printed) -> str:
    return NAMES[printed.kind].format(printed.figure.text.removesuffix("%").strip(), printed.category)


def describe_row(row: Row) -> str:
    if row.averaged or row.of("n", "count"):
        return ", ".join(map(name_figure, row.figures))
    percents = row.of("percent")
    return " + ".join(f"{figure.value}%" for figure in percents) + f" = {row.total}%" * (len(percents) > 1)


# --- numbers of people ------------------------------------------------------------------------------------------------
def find_feasible_n(row: Row, n: Iterable[int], change: Sequence[int] = ()) -> list[int]:
    """The n for which whole counts give every count and percentage of the row; multiples usually fit too."""
    n = np.asarray(list(n), dtype=np.int64)
    categories = dict.fromkeys(printed.category for printed in row.figures if printed.category)
    return n[search.find_sizes(search.bound_counts(row.figures, categories, n, change), n, row.complete)].tolist()


def list_fits(row: Row, most: int, reading: Reading) -> list[int]:
    """The numbers of people that fit a row; if many fit its percentages, we check its averages with only one of them."""
    if not row.averaged and not row.of("n") and reading == Reading():
        return find_feasible_n(row, range(1, most + 1))
    figures = [printed for printed in row.figures if printed.kind not in search.AVERAGES]
    fits = sorted({found.n for found in search.search_counts(row, figures, most, reading)})
    if not row.averaged or not fits:
        return fits
    if len(fits) <= MOST_LISTED:
        return sorted({found.n for found in search.search_counts(row, row.figures, most, reading)})
    return fits if exists(row, row.figures, most, reading) else []


def exists(row: Row, figures: Sequence[Printed], most: int, reading: Reading) -> bool:
    """Whether some counts give these figures of the row; if the search takes too long, we assume that they do."""
    try:
        return next(search.search_counts(row, figures, most, reading), None) is not None
    except Stopped:
        return True


def describe_least_change(row: Row, n: Sequence[int]) -> str:
    """The smallest change in the printed percentages, and in as few as possible, that gives the row a solution at some of n.

    Empty if it takes more than `MOST_UNITS` units of the last digit.
    """
    percents = row.of("percent")
    far = abs(row.off) / max(figure.unit for figure in percents) if row.complete else 0
    for units in range(max(1, math.ceil(far)), MOST_UNITS + 1):
        for change in sorted(_list_changes(len(percents), units), key=lambda change: -change.count(0)):
            if fits := find_feasible_n(row, n, change):
                pairs = zip(percents, change, strict=True)
                steps = [f"{was.value}% were {was.value + step * was.unit}%" for was, step in pairs if step]
                bounds = search.bound_counts(row.figures, {each.category for each in row.figures}, np.array(fits[:1]), change)
                ranges = [range(bounds[each.category][0][0], bounds[each.category][1][0] + 1) for each in row.figures]
                most = fits[0]
                enough = (each for each in product(*ranges) if sum(each) == most or (sum(each) < most and not row.complete))
                words = f" If {' and '.join(steps)}, {describe_numbers(fits, ' or ')} people would fit"
                return f"{words} ({' + '.join(map(str, next(enough)))} of {most})."
    return ""


def _list_changes(cells: int, units: int) -> list[tuple[int, ...]]:
    """All whole-number changes to this number of cells whose absolute values add up to `units`."""
    if not cells:
        return [] if units else [()]
    firsts = range(-units, units + 1)
    return [(first, *rest) for first in firsts for rest in _list_changes(cells - 1, units - abs(first))]


# --- figures that cannot be true together -----------------------------------------------------------------------------
def find_conflict(row: Row, most: int, reading: Reading) -> tuple[list[Printed], list[Printed]]:
    """The smallest set of a row's figures that no answers give at the stated n (which is in the set if needed), and the figures
    of which any one can be removed to make the rest possible."""
    order = {kind: place for place, kind in enumerate(NAMES)}
    # Among equally small sets, one with an average and categories is most useful to a reader.
    figures = [each for each in row.figures if each.kind not in GIVEN]
    figures.sort(key=lambda each: (not each.category, order[each.kind]))
    given = [each for each in row.figures if each.kind in GIVEN]

    def possible(chosen: Iterable[Printed], given: Sequence[Printed] = given) -> bool:
        return exists(row, [*chosen, *given], most, reading)

    single = [figure for figure in figures if possible(each for each in figures if each is not figure)]
    sets = (chosen for size in range(max(1, len(single)), len(figures)) for chosen in combinations(figures, size))
    sets = islice((chosen for chosen in sets if all(figure in chosen for figure in single)), MOST_TRIED)
    conflict = list(next((chosen for chosen in sets if not possible(chosen)), figures))
    for figure in conflict:
        less = [each for each in conflict if each is not figure]
        conflict = conflict if possible(less) else less
    for n in (each for each in given if each.kind == "n"):
        rest = [each for each in given if each is not n]
        # On a long scale, trying every other n takes too long, so we include n in the conflict.
        long = row.averaged and row.scale[1] - row.scale[0] > MOST_STEPS
        conflict += [n] if long or exists(row, conflict + rest, 2 * most, reading) else []
        single += [n] if not long and possible(figures, rest) else []
    return sorted(conflict, key=lambda each: order[each.kind]), single


def explain_conflict(row: Row, most: int, reading: Reading) -> str:
    """In words: the smallest set of figures that cannot be true together, with its arithmetic, and what would solve it."""
    conflict, single = find_conflict(row, most, reading)
    by_kind = {printed.kind: printed.figure for printed in conflict}
    names, n, kinds = [name_figure(each) for each in conflict], by_kind.get("n"), sorted(each.kind for each in conflict)
    n = math.prod(int(figure.value) for figure in [n, *row.of("items")]) if n else 0
    words = f"{', '.join(names[:-1])} and {names[-1]} cannot be true together"
    if kinds == ["n", "percent"]:
        at = math.floor(by_kind["percent"].value * n / 100)
        words += ": " + ", ".join(f"{count} of {n} is {100 * count / n:.2f}%" for count in (at, at + 1))
    elif len(names) == 1:
        words = f"No answers on a scale of {row.scale[0]} to {row.scale[1]} give {names[0]}"
        words = words if conflict[0].kind in search.AVERAGES else f"No number of people up to {most} gives {names[0]}"
    elif kinds == ["count", "n", "percent"] and len({each.category for each in conflict}) == 2:
        share, digits = 100 * by_kind["count"].value / n, -by_kind["percent"].value.as_tuple().exponent
        words += f": {by_kind['count'].value} of {n} is {share:.{max(digits, 0)}f}%"
    elif kinds == ["mean", "n"]:
        near = math.floor(by_kind["mean"].value * n)
        pair = " or ".join(f"{total} / {n} = {total / n:.4f}" for total in (near, near + 1))
        words = f"Whole-number answers give {pair}, not {by_kind['mean'].text}"
    elif kinds == ["mean", "n", "sd"]:
        sums = describe_numbers(search.list_sums(by_kind["mean"], n))
        words += f": a sum of {sums} gives the mean, and no whole-number answers give the SD with it"
    elif kinds[0] == "count" and set(kinds) == {"count", "n"}:
        words += f": the counts add up to {sum(each.figure.value for each in conflict if each.kind == 'count')}"
    words = f"{words[0].upper()}{words[1:]}."
    if single and len(conflict) + len(row.of("items")) < len(row.figures):
        words += f" Without {' or without '.join(map(name_figure, single))} the rest is possible."
    for other, hint in OTHERWISE.items():
        if row.averaged and exists(row, row.figures, most, replace(reading, **{other: not getattr(reading, other)})):
            words += f" It would be possible if {hint}."
    return words + " Which is correct?"


def choose_reading(rows: Sequence[Row], most: int) -> tuple[Reading, str]:
    """The reading of a table that makes most rows possible (the usual one if others are no better), and a sentence about it."""
    kinds = [kind for kind in UNPRINTED if any(kind in row.outside.values() for row in rows if row.figures)]
    groups = [tuple(chosen) for size in range(len(kinds) + 1) for chosen in combinations(kinds, size)]
    decided = {search.MISSING} if any(row.valid for row in rows) else set()
    others = {Reading(*pair): 1 for pair in product(groups, groups) if not decided & {*pair[0]}} if kinds else {}
    # If categories are printed from the top of the scale down, averages may also count in this order.
    downwards = all(len(row.points) > 1 and [*row.points.values()] == sorted(row.points.values(), reverse=True) for row in rows)
    others |= {Reading(reversed=True): 1 if downwards else LEAST_GAIN, Reading(sd_of_n=True): LEAST_GAIN}
    best = Reading()
    possible = {row.name for row in rows if exists(row, row.figures, most_of(row, most), best)}
    failing, usual = [row for row in rows if row.name not in possible], possible
    for reading, least in others.items() if failing else ():
        found = {row.name for row in failing if exists(row, row.figures, most_of(row, most), reading)}
        if len(found) >= least:
            found |= {row.name for row in rows if row.name in usual and exists(row, row.figures, most_of(row, most), reading)}
            best, possible = (reading, found) if len(found) > len(possible) else (best, possible)
    if best == Reading():
        return best, ""
    told = [f"{UNPRINTED[kind]} are {'' if kind in best.in_n else 'not '}in n, and percentages are of people with"
            f"{'' if kind in best.in_percent else 'out'} them" for kind in kinds]  # fmt: skip
    told = [hint for name, hint in OTHERWISE.items() if getattr(best, name)] or told
    return best, f"Most rows are possible if {'; '.join(told)}, so we read the table in this way."


def most_of(row: Row, most: int) -> int:
    """The most people that a row can describe: those who responded, or a larger n that it states."""
    return max([most, *(int(figure.value) for figure in row.of("n"))])


# --- verdicts ---------------------------------------------------------------------------------------------------------
def audit_rows(rows: Sequence[Row], most: int, where: str, unread: Sequence[str] = ()) -> pd.DataFrame:
    """Can each row be true? How many people answered rows without an n, for each row, each block and the whole table?

    `most` is the number of people who responded. There are verdicts on figures that we cannot read, repeated rows, rows,
    blocks, the whole table, and columns that we do not read (`unread`); `computed` holds the n that fit. A verdict says if the
    rows of a block share no n; a block in which fewer than two rows fit any n gets no verdict.

    Raises
    ------
    WorkbookError
        If there are proportions instead of percentages, or several groups side by side.
    """
    check_percentages(rows, where)
    verdicts = [replace(verdict, where=where) for verdict in _judge_reading(rows)]
    rows, fits, blocks, reading, note = weigh_rows(rows, most)
    verdicts += [Verdict("note", note, id="reading", where=where)] if note else []
    # If no words place the categories on the scale and most rows fail, they are not categories of one question.
    names = {row.name: {each.category for each in row.figures} - {"", *row.outside} for row in rows}
    unplaced = [row for row in rows if not row.averaged and None in map(find_side, names[row.name])]
    failing = [row.name for row in unplaced if fits[row.name] == []]
    doubted = failing if 1 < len(failing) > len(unplaced) / 2 else []
    for block, (numbers, verdict) in blocks.items():
        for row in [row for row in rows if row.block == block]:
            found = _judge_row(row, fits[row.name], numbers if not row.of("n") else [], most, reading)
            found = Verdict("not checked", APART, found.computed) if row.name in doubted else found
            verdicts.append(replace(found, printed=describe_row(row), id=row.name, where=where))
        verdicts += [replace(verdict, id=block, about=f"{block[:1].upper()}{block[1:]}", where=where)] if verdict else []
    shared = {name: numbers for name, (numbers, _) in blocks.items() if numbers}
    if len(shared) > 1:
        common = describe_numbers(set.intersection(*map(set, shared.values())))
        words = "; ".join(f"{name}: {describe_numbers(numbers, ' or ')} people" for name, numbers in shared.items())
        end = "No number fits all of them. Did fewer people answer some?" if common == "none" else f"All fit {common}."
        words, severity = f"{words[0].upper()}{words[1:]}. {end}", "question" if common == "none" else "note"
        verdicts.append(Verdict(severity, words, common, id="whole table", where=where, about="The whole table"))
    verdicts += [Verdict("note", f"Not read: {', '.join(unread)}.", id="columns", where=where)] if unread else []
    return frame_verdicts(verdicts)


def weigh_rows(
    rows: Sequence[Row], most: int
) -> tuple[list[Row], dict[str, list[int] | None], dict[str, tuple[list[int], Verdict | None]], Reading, str]:
    """The rows to judge (repeated ones once, or not at all if they differ), the n that fit each (None: the search was stopped),
    the n that most rows of each block share and a verdict on it, how we read the table, and a sentence about that."""
    rows = [same[0] for same in group_rows(rows).values() if len({row.figures for row in same}) == 1 and same[0].checkable]
    reading, note = choose_reading(rows, most)
    fits = {}
    for row in rows:
        try:
            fits[row.name] = list_fits(row, most_of(row, most), reading)
        except Stopped:
            fits[row.name] = None
    blocks = {}
    for row in rows:
        blocks.setdefault(row.block, []).extend([fits[row.name] or []] if row.of("percent") and not row.of("n") else [])
    return rows, fits, {block: _judge_block(found, most) for block, found in blocks.items()}, reading, note


def list_counts(rows: Sequence[Row], most: int) -> pd.DataFrame:
    """The counts that are possible for each row: `item, n, category, least, most`.

    n is what the row states, or else what fits it and most rows of its block (or, if nothing does, what fits the row). The
    categories are the printed ones and, if averages are printed too, each point of the scale.
    """
    found = []
    rows, fits, blocks, reading, _ = weigh_rows(rows, most)
    for row in rows:
        numbers = set(fits[row.name] or [])
        numbers = numbers & set(blocks[row.block][0]) or numbers
        for sets in search.search_counts(row, row.figures, most_of(row, most), reading) if numbers else ():
            ranges = dict(sets.bounds)
            if sets.below is not None and sets.tried:
                first, last = row.scale
                held = {str(point): (point, point) for point in range(first, last + 1)} | dict(row.points)
                for name, (start, end) in held.items():
                    if reading.reversed and name in row.points:
                        start, end = first + last - end, first + last - start
                    counts = sets.below[end - first + 1] - sets.below[start - first]
                    ranges[name] = counts.min(), counts.max()
            found += [(row.name, sets.n, name, *ends) for name, ends in ranges.items() if sets.n in numbers]
    counts = pd.DataFrame(found, columns=["item", "n", "category", "least", "most"])
    return counts.groupby(["item", "n", "category"], sort=False, as_index=False).agg({"least": "min", "most": "max"})


def _judge_reading(rows: Sequence[Row]) -> Iterator[Verdict]:
    """Verdicts on figures that we cannot read or that cannot be true, blanks in incomplete rows, and repeated rows."""
    for row in rows:
        if row.aside:
            yield Verdict("not checked", f"{row.aside[0].upper()}{row.aside[1:]}" + "." * (row.aside[-1] != "?"), id=row.name)
        elif not row.checkable:
            yield Verdict("not checked", "We cannot read any of its figures.", id=row.name)
        short = row.of("percent") and row.off < 0 and not row.partial
        for heading, figure in ((heading, each.figure) for heading, each in row.skipped.items()):
            if figure.text or short or (row.averaged and heading.casefold() == "n"):
                impossible = parse_figure(figure.text, "number").value is not None
                severity = "contradiction" if impossible and figure.reason not in (NO_SCALE, NOT_WHOLE) else "not checked"
                yield Verdict(severity, f"{heading}: {figure.reason}.", "", figure.text, row.name)
    for name, same in group_rows(rows).items():
        if len({row.figures for row in same}) > 1:
            yield Verdict("contradiction", "Printed more than once with different figures. Which row is correct?", id=name)
        elif len(same) > 1:
            yield Verdict("note", "Printed more than once, the same each time; checked once.", id=name)


def group_rows(rows: Sequence[Row]) -> dict[str, list[Row]]:
    return {name: [row for row in rows if row.name == name] for name in dict.fromkeys(row.name for row in rows)}


def check_percentages(rows: Sequence[Row], where: str) -> None:
    """Raise a `WorkbookError` for proportions (figures from 0 to 1 with decimals, most rows adding up to about 1), and for
    groups side by side (most rows adding up to about 200, 300 ...)."""
    rows = [row for row in rows if row.of("percent")]
    figures = [figure for row in rows for figure in row.of("percent")]
    proportions = all(figure.value <= 1 for figure in figures) and any(figure.unit < 1 for figure in figures)
    whole = [1 if proportions else 100 * max(round(row.total / 100), 2) for row in rows]
    # Rounding moves a sum by at most half of these units; the other half allows for a mistake.
    slack = [sum(figure.unit for figure in row.of("percent")) for row in rows]
    near = [row for row, of, most in zip(rows, whole, slack, strict=True) if abs(row.total - of) <= most]
    if 2 * len(near) > len(rows) and proportions:
        found = f"figures that look like proportions ({describe_row(near[0]).replace('%', '')})"
        remedy = "multiply each figure by 100 and keep its digits, so that 0.40 becomes 40"
        raise WorkbookError(where, "", found, "percentages from 0 to 100", remedy)
    if 2 * len(near) > len(rows):
        found = f"percentages that add up to {near[0].total}%"
        raise WorkbookError(where, f"row {near[0].name}", found, "one group of people in a row", ONE_GROUP)


def _judge_block(fits: list[list[int]], most: int) -> tuple[list[int], Verdict | None]:
    """The n that most rows of a block share, given the n that fit each row, and a verdict if we can give one."""
    tally = Counter(n for numbers in fits for n in numbers)
    shared_by, fitting = max(tally.values(), default=0), sum(map(bool, fits))
    if fitting < 2:
        return [], None
    if 2 * shared_by <= fitting:
        words = f"No number of people up to {most} fits more than {shared_by} of {len(fits)} rows."
        return [], Verdict("question", words + " Did different numbers of people answer them?", "none")
    shared = sorted(n for n, count in tally.items() if count == shared_by)
    common, severity = describe_numbers(shared), "note" if shared_by == len(fits) else "question"
    words = f"{shared_by} of {len(fits)} rows fit {describe_numbers(shared, ' or ')} people."
    return shared, Verdict(severity, words + " Why not the others?" * (severity == "question"), common)


def _judge_row(row: Row, fits: list[int] | None, shared: list[int], most: int, reading: Reading) -> Verdict:
    """Judge a row, given the n that fit it and the n that most rows of its block share (none: they share no n)."""
    stated, mixed = row.of("n"), row.averaged or bool(row.of("n", "count"))
    over = [figure.text for figure in stated if figure.value > most]
    if stated and stated[0].value == 0:
        others = [name_figure(printed) for printed in row.figures if printed.figure.value and printed.kind != "items"]
        if others:
            return Verdict("contradiction", f"n is 0, but there is {others[0]}. Which is correct?")
        return Verdict("not checked", "n: 0, so there is nothing to check.")
    if fits is None:
        sets = "answers" if mixed else "counts"
        return Verdict("not checked", f"There are too many sets of {sets} to try.")
    computed, points = describe_numbers(fits), f"{abs(row.off)} point{'s' * (abs(row.off) != 1)}"
    if over or not fits:
        words = f"n is {over[0]}, more than the {most} people who responded. " if over else ""
        if fits:
            return Verdict("contradiction", words + "Which is correct?", computed)
        if mixed:
            return Verdict("contradiction", words + explain_conflict(row, most_of(row, most), reading), computed)
        words = f"No number of people up to {most} gives {describe_row(row)}."
        if row.off > 0 or (row.off < 0 and row.complete):
            words += f" That is {points} further from 100% than rounding explains."
        words += describe_least_change(row, shared[:1]) or describe_least_change(row, range(1, most + 1))
        return Verdict("contradiction", words + " Is a figure misprinted?", computed)
    lone = not row.of("mean") or any(figure.value > 1 for figure in row.of("items")) or fits == [1]
    aside = " The SD is not checked." if row.of("sd") and lone else ""
    if stated:
        return Verdict("agrees", f"{stated[0].text} people can give all of these figures together.{aside}", computed)
    if not row.of("percent", "count"):
        return Verdict("not checked", f"No n, so we know only that the scale allows these figures.{aside}", computed)
    words = f"{describe_row(row)} fits {describe_numbers(fits, ' or ')} people.{aside}"
    if row.off < 0 and not mixed and not row.partial:
        words += f" It is {points} further below 100% than rounding explains."
        if any(each.figure.text for each in row.skipped.values()):
            return Verdict("note", words + " The figures that we could not read may explain this.", computed)
        return Verdict("question", words + " Is a category left out?", computed)
    if not shared or set(fits) & set(shared):
        return Verdict("agrees", words, computed)
    words += f" Most other rows fit {describe_numbers(shared, ' or ')}."
    if fewer := [n for n in fits if n < shared[0]]:
        words += f" With {fewer[-1]}, {shared[0] - fewer[-1]} of {shared[0]} would have skipped it."
    words += "" if mixed else describe_least_change(row, shared[:1])
    return Verdict("question", words + " Which is true?", computed)
