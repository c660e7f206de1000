"""Do the sentences of a report agree with its tables, with the data, and with values computed in this run?

Verdicts and severities are those of the room `audit`. What connects a claim to a cell is data: the words in the columns
`about` and `statistic`.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import pandas as pd

from helpers.audit import Figure, Verdict, check_text, describe_numbers, frame_verdicts, parse_figure
from helpers.study import WorkbookError

# The percentage columns of a study's published items, for scales printed in two bands and in three.
BAND_COLUMNS = {2: ["low_or_disagree", "high_or_agree"], 3: ["low_or_disagree", "neutral", "high_or_agree"]}
NOT_RELEVANT = "not relevant"
RELATIONS = {"=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
OWN_PANEL = "the sum of its panel"
QUANTILES = {"lower quartile": Fraction(1, 4), "median": Fraction(1, 2), "upper quartile": Fraction(3, 4)}


@dataclass(frozen=True)
class Cell:
    """One printed figure of a table: "Table 4: Police", "respondents", "2"; the table, and its panel or item."""

    about: str
    statistic: str
    printed: str
    where: str
    panel: str


@dataclass(frozen=True)
class Band:
    """A band of grouped answers; `upper` is None when it has no upper end."""

    lower: int
    upper: int | None
    count: int = 0


@dataclass(frozen=True)
class Side:
    """One side of a claim: its value, how far its written numbers may be rounded, and what cannot be read."""

    value: Fraction
    slack: Fraction
    problem: str


# --- published tables as cells ----------------------------------------------------------------------------------------


def list_item_cells(items: pd.DataFrame, bands: Mapping[str, list[str]], where: str) -> list[Cell]:
    """The percentages of published items, with `about` the item and `statistic` such as "percent agree".

    `items` has `item`, `not_relevant` and the columns of `BAND_COLUMNS`; `bands` names each item's bands, lowest first.
    Cells that were not printed are left out.
    """
    columns = ["item", "low_or_disagree", "neutral", "high_or_agree", "not_relevant"]
    check_text(items, columns, where)
    cells = []
    for row in items[columns].to_dict("records"):
        item, names = row["item"], bands.get(row["item"], [])
        if len(names) not in BAND_COLUMNS:
            expected = "an item of the codebook whose scale has two or three bands"
            raise WorkbookError(where, "column item", repr(item), expected, "correct the item or its scale")
        for name, column in zip([*names, NOT_RELEVANT], [*BAND_COLUMNS[len(names)], "not_relevant"], strict=True):
            if row[column]:
                cells.append(Cell(item, f"percent {name}", row[column], where, item))
    return cells


def list_count_cells(counts: pd.DataFrame, where: str) -> list[Cell]:
    """The counts of a published table: `about` such as "Table 4: Police", `statistic` the name of the counts' column.

    `counts` has `panel, category` and, last, the counts. The sum of a panel of several categories is one more cell,
    "Table 4: Employment sector", "respondents in all".
    """
    check_text(counts, ["panel", "category"], where)
    name, cells = counts.columns[-1], []
    for panel, rows in counts.groupby("panel", sort=False):
        for category, text in zip(rows["category"], rows[name], strict=True):
            cells.append(Cell(f"{where}: {category}", name, text, where, panel))
        values = [parse_figure(text, "count").value for text in rows[name]]
        if len(values) > 1 and None not in values:
            cells.append(Cell(f"{where}: {panel}", f"{name} in all", str(sum(values)), where, panel))
    return cells


def compare_items(cells: list[Cell], band_counts: pd.DataFrame) -> pd.DataFrame:
    """Every published percentage beside the one that respondents' rows give.

    Parameters
    ----------
    cells : list of Cell
        From `list_item_cells`.
    band_counts : DataFrame
        `item, band, count, n`: respondents in the band ("not relevant" is one), and those who answered the item.

    Returns
    -------
    DataFrame
        `item, band, printed, count, n, computed` (percent), `agrees` (within rounding, a half either way; missing when
        it cannot be told) and `note` (why).
    """
    counted = {(row.item, _plain(row.band)): row for row in band_counts.itertuples()}
    rows = []
    for cell in cells:
        band, figure = cell.statistic.removeprefix("percent "), parse_figure(cell.printed)
        row = counted.get((cell.about, _plain(band)))
        exact = Fraction(100 * int(row.count), int(row.n)) if row is not None and row.n else None
        reason = "no respondents' rows" if row is None else "nobody answered" if exact is None else figure.reason
        rows.append(
            {
                "item": cell.about,
                "band": band,
                "printed": cell.printed,
                "count": None if row is None else int(row.count),
                "n": None if row is None else int(row.n),
                "computed": None if exact is None else float(exact),
                "agrees": None if reason else figure.allows(exact),
                "note": f"[not defined: {reason}]" if reason else "",
            }
        )
    columns = ["item", "band", "printed", "count", "n", "computed", "agrees", "note"]
    types = {"count": "Int64", "n": "Int64", "computed": "Float64", "agrees": "boolean"}
    return pd.DataFrame(rows, columns=columns).astype(types)


# --- narrative claims against the tables ------------------------------------------------------------------------------


def audit_claims(claims: pd.DataFrame, cells: list[Cell], totals: Mapping[str, int]) -> pd.DataFrame:
    """Each figure of the text against the tables: does it agree, by how much not, or why can it not be checked?

    Parameters
    ----------
    claims : DataFrame
        `claim, where, about, statistic, value` (text as printed). The words of `about` and `statistic` name a cell;
        a statistic may add "less than" or "more than", be "percent of" a count, or the mean, median or a quartile of
        a table's bands ("up to 15" in `about` keeps the bands that end by 15).
    cells : list of Cell
        From `list_item_cells` and `list_count_cells`.
    totals : mapping
        Numbers of people named in the text, tried as denominators beside the panels' sums.

    Returns
    -------
    DataFrame
        Verdicts: one a claim, and one for every item whose claimed percentages add up to more than 100.
    """
    check_text(claims, ["claim", "where", "about", "statistic", "value"], "claims")
    verdicts = []
    for claim in claims.itertuples():
        verdict = _judge_claim(claim.value, _plain(claim.about), _plain(claim.statistic), cells, totals)
        verdicts.append(replace(verdict, printed=claim.value, id=claim.claim, where=claim.where))
    bands = {_plain(cell.statistic) for cell in cells if cell.statistic.startswith("percent ")}
    shares = claims[claims["statistic"].map(_plain).isin(bands)].drop_duplicates(["about", "statistic"])
    for _, rows in shares.groupby("about", sort=False):
        figures = [parse_figure(text) for text in rows["value"]]
        if any(figure.value is None for figure in figures):
            continue
        total, most = sum(figure.value for figure in figures), 100 + sum(figure.unit for figure in figures) / 2
        if total > most:
            words = " + ".join(f"{row.value}% {row.statistic.removeprefix('percent ')}" for row in rows.itertuples())
            words += f" = {total}% for {rows['about'].iloc[0]}; rounding explains up to {most}%. Which figure is meant?"
            claim, where = ", ".join(rows["claim"]), "; ".join(rows["where"].unique())
            verdicts.append(Verdict("contradiction", words, "", str(total), claim, where))
    return frame_verdicts(verdicts)


def _plain(words: str) -> str:
    """Words for matching: case, dashes and "0 to 5" for "0-5" aside."""
    return re.sub(r"(?<=\d)\s*(?:-|–|to)\s*(?=\d)", "-", words.strip().casefold())


def _judge_claim(text: str, about: str, statistic: str, cells: list[Cell], totals: Mapping[str, int]) -> Verdict:
    said, table = parse_figure(text, "number"), about.split(": ")[0]
    if said.value is None:
        return Verdict("not checked", f"{text!r}: {said.reason}.")
    named = {_plain(cell.statistic): cell for cell in cells if _plain(cell.about) == about}
    bound = re.fullmatch(r"(.+) (less|more) than", statistic)
    if cell := named.get(bound[1] if bound else statistic):
        return _compare_figures(said, cell, {"less": "<", "more": ">"}[bound[2]] if bound else "=")
    if statistic.startswith("percent of ") and (cell := named.get(statistic.removeprefix("percent of "))):
        sums = [other for other in cells if other.where == cell.where and other.statistic == f"{cell.statistic} in all"]
        sums = {OWN_PANEL if other.panel == cell.panel else other.about: int(other.printed) for other in sums}
        return _try_denominators(said, parse_figure(cell.printed, "count"), {**totals, **sums})
    average = re.fullmatch(rf"(mean|{'|'.join(QUANTILES)})\b.*", statistic)
    if average and (bands := list_bands([cell for cell in cells if _plain(cell.where) == table], about)):
        if average[1] == "mean":
            return check_band_mean(said, bands)
        return check_band_quantile(said, bands, QUANTILES[average[1]])
    return Verdict("not checked", f"No published table gives {statistic!r} of {about!r}.")


def _compare_figures(said: Figure, cell: Cell, relation: str) -> Verdict:
    figure = parse_figure(cell.printed, "number")
    if figure.value is None:
        return Verdict("not checked", f"{cell.where} prints {cell.printed!r}: {figure.reason}.", cell.printed)
    coarser, finer = sorted([said, figure], key=lambda each: -each.unit)
    same = coarser.allows(Fraction(finer.value)) if coarser.unit > finer.unit else said.value == figure.value
    unit, bound = "%" if cell.statistic.startswith("percent ") else "", "" if relation == "=" else f"{relation} "
    words = f"The text says {bound}{said.text}{unit}, {cell.where} prints {cell.printed}{unit} for {cell.about}"
    if same if relation == "=" else RELATIONS[relation](figure.value, said.value):
        return Verdict("agrees", words + ".", cell.printed)
    words += f": a difference of {abs(said.value - figure.value)}. Which is meant?"
    return Verdict("contradiction", words, cell.printed)


def _try_denominators(said: Figure, count: Figure, totals: Mapping[str, int]) -> Verdict:
    """A printed percentage of a printed count: which of the numbers of people gives it?"""
    if count.value is None:
        return Verdict("not checked", f"The count is printed as {count.text!r}: {count.reason}.", count.text)
    shares = {name: Fraction(100 * int(count.value), total) for name, total in totals.items() if total}
    computed = "; ".join(f"{count.value} / {totals[name]} ({name}) = {float(share):.1f}%" for name, share in shares.items())
    giving = [name for name, share in shares.items() if said.allows(share)]
    if giving:
        words = f"The text says {said.text}%, which is of {' or '.join(giving)}: {computed}."
        if OWN_PANEL in giving or OWN_PANEL not in shares:
            return Verdict("agrees", words, computed)
        return Verdict("question", words + " Is that the number meant, though the panel adds up to another?", computed)
    least = said.value - said.unit / 2
    most = math.floor(100 * count.value / least) if least > 0 else 0
    fitting = describe_numbers(n for n in range(1, most + 1) if said.allows(Fraction(100 * int(count.value), n)))
    words = f"The text says {said.text}%, but {computed}. {count.value} is {said.text}% of: {fitting}."
    return Verdict("contradiction", words + " Of how many is it, or which figure is meant?", computed)


# --- averages of grouped answers --------------------------------------------------------------------------------------


def parse_band(label: str) -> Band | None:
    """A band as labelled: "< 1 year" is 0 to 1, "3-5 years" 3 to 5, "> 15 years" 15 or more; otherwise None."""
    match = re.fullmatch(
        r"(?:(?P<under><|under|up to|less than)|(?P<over>>|over|more than))?\s*"
        r"(?P<first>\d+)\s*(?:(?:-|–|to)\s*(?P<last>\d+)|(?P<more>\+|or more))?(?:\s+[a-z]+)?",
        label.strip().casefold(),
    )
    if match is None:
        return None
    first = int(match["first"])
    if match["under"]:
        return Band(0, first)
    return Band(first, None if match["over"] or match["more"] else int(match["last"] or first))


def list_bands(cells: list[Cell], about: str) -> list[Band]:
    """The bands of a table, lowest first; "up to 15" in `about` keeps those that end by 15.

    When several panels have bands, the one that `about` names; none when that leaves a choice.
    """
    limit = re.search(r"up to (\d+)", about)
    panels: dict[str, list[Band]] = {}
    for cell in cells:
        band, count = parse_band(cell.about.split(": ", 1)[-1]), parse_figure(cell.printed, "count").value
        if band and count is not None:
            panels.setdefault(_plain(cell.panel), []).append(replace(band, count=int(count)))
    if len(panels) > 1:
        panels = {panel: bands for panel, bands in panels.items() if panel in about}
    bands = next(iter(panels.values())) if len(panels) == 1 else []
    kept = [band for band in bands if not limit or (band.upper is not None and band.upper <= int(limit[1]))]
    return sorted(kept, key=lambda band: band.lower)


def check_band_mean(mean: Figure, bands: list[Band]) -> Verdict:
    """Which convention gives a printed mean of grouped answers: the lower ends, midpoints or upper ends of the bands?

    With a band that has no upper end only the lower ends are defined.
    """
    n = sum(band.count for band in bands)
    if n == 0:
        return Verdict("not checked", "[not defined: nobody is in these bands]")
    ends = {"lower ends": [band.lower for band in bands]}
    if all(band.upper is not None for band in bands):
        ends["midpoints"] = [Fraction(band.lower + band.upper, 2) for band in bands]
        ends["upper ends"] = [band.upper for band in bands]
    sums = {name: sum(end * band.count for end, band in zip(ends[name], bands, strict=True)) for name in ends}
    computed = ", ".join(f"{name} {float(total):g} / {n} = {float(total) / n:.2f}" for name, total in sums.items())
    giving = [name for name, total in sums.items() if mean.allows(Fraction(total, n))]
    if "midpoints" in giving:
        return Verdict("agrees", f"Printed {mean.text}; {computed}.", computed)
    if giving:
        extreme = "smallest" if giving[0] == "lower ends" else "largest"
        words = f"Printed {mean.text}, which the {giving[0]} of the bands give: {computed}. It is the {extreme} mean"
        return Verdict("question", words + " that these bands allow. Was this convention meant?", computed)
    words = f"Printed {mean.text}, which no convention gives: {computed}. "
    if sums["lower ends"] < mean.value * n < sums.get("upper ends", math.inf):
        return Verdict("question", words + "From what was it computed?", computed)
    return Verdict("contradiction", words + "These bands cannot give it. Which is meant?", computed)


def check_band_quantile(printed: Figure, bands: list[Band], share: Fraction) -> Verdict:
    """Can a printed median (share 1/2) or quartile lie where the bands, lowest first, put it?

    The usual definitions (Hyndman & Fan 1996, types 5 to 9) interpolate between neighbouring answers; the value must
    lie between the lower end of the first one's band and the start of the band after the last one's.
    """
    answers = [place for place, band in enumerate(bands) for _ in range(band.count)]
    n = len(answers)
    if n == 0:
        return Verdict("not checked", "[not defined: nobody is in these bands]")
    first = max(1, math.floor(n * share + min(share, 1 - share)))
    last = min(n, math.ceil(n * share + max(share, 1 - share)))
    low, top = bands[answers[first - 1]].lower, answers[last - 1]
    high = bands[top + 1].lower if top + 1 < len(bands) else bands[top].upper
    span = f"{low} or more" if high is None else f"{low} to {high}"
    words = f"Answers {first} to {last} of {n} lie in bands of {span}; printed {printed.text}."
    if low <= printed.value and (high is None or printed.value <= high):
        return Verdict("agrees", words, span)
    return Verdict("contradiction", words + " Which is meant?", span)


# --- claims of a report being written ---------------------------------------------------------------------------------


def check_claims(claims: pd.DataFrame, values: Mapping[str, object], where: str = "claims.csv") -> pd.DataFrame:
    """Do a text's claims hold against values: those of this run, or (see `name_values`) other published figures?

    Parameters
    ----------
    claims : DataFrame
        `claim, left, relation, right`: each side is a number or a named value, or several joined by " + " and " - ".
        The relation is one of =, <, <=, >, >=; with =, a number written in the claim stands for what rounds to it.
    values : mapping
        Named values, numbers or text; a claim that names one that is missing or is not one number cannot be checked.

    Returns
    -------
    DataFrame
        Verdicts and `holds`; a claim that cannot be checked does not hold. All hold: `frame["holds"].all()`.

    Raises
    ------
    WorkbookError
        For a missing column or an unknown relation.
    """
    check_text(claims, ["claim", "left", "relation", "right"], where)
    verdicts = []
    for claim in claims.itertuples():
        text = f"{claim.left} {claim.relation} {claim.right}"
        if claim.relation not in RELATIONS:
            expected = "one of " + " ".join(RELATIONS)
            raise WorkbookError(where, f"claim {claim.claim}", repr(claim.relation), expected, "correct the relation")
        verdict = _judge_relation(text, _add_terms(claim.left, values), claim.relation, _add_terms(claim.right, values))
        verdicts.append(replace(verdict, printed=text, id=claim.claim, where=where))
    return frame_verdicts(verdicts).assign(holds=lambda frame: frame["severity"].eq("agrees"))


def _judge_relation(text: str, left: Side, relation: str, right: Side) -> Verdict:
    if problem := left.problem or right.problem:
        return Verdict("not checked", f"{text}: {problem}.")
    difference = abs(left.value - right.value)
    near = difference <= left.slack + right.slack
    computed = f"{float(left.value):.6g} {relation} {float(right.value):.6g}"
    if near if relation == "=" else RELATIONS[relation](left.value, right.value):
        return Verdict("agrees", f"{text}: {computed}.", computed)
    words = f"{text}: {computed} does not hold, by {float(difference):.6g}. Which is meant?"
    return Verdict("contradiction", words, computed)


def _add_terms(side: str, values: Mapping[str, object]) -> Side:
    parts = re.split(r"\s+([+-])\s+", f" + {side.strip()}")[1:]
    total, slack = Fraction(0), Fraction(0)
    for sign, term in zip(parts[::2], parts[1::2], strict=True):
        figure = parse_figure(values.get(term, term), "number")
        if figure.value is None:
            return Side(total, slack, f"{term!r} is {figure.text!r}" if term in values else f"no value named {term!r}")
        total += Fraction(figure.value) * (1 if sign == "+" else -1)
        slack += Fraction(figure.unit) / 2 if term not in values else 0
    return Side(total, slack, "")


def name_values(claims: pd.DataFrame, cells: Iterable[Cell], verdicts: pd.DataFrame) -> dict[str, str]:
    """Published figures by name, for `check_claims`: a claim's id, "Table 4: Police: respondents", "n of agree-5".

    `verdicts` are those of `audit_percentages`; the n of a row or block is one number only when one alone fits.
    """
    named = {f"{cell.about}: {cell.statistic}": cell.printed for cell in cells}
    named |= {f"n of {verdict.id}": verdict.computed for verdict in verdicts.itertuples()}
    return named | dict(zip(claims["claim"], claims["value"], strict=True))
