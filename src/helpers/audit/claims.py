"""Compare the claims of a text with the tables and with one another."""

import math
import operator
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import pandas as pd

from helpers.audit.cells import Cell, plain
from helpers.audit.figures import Figure, Verdict, check_text, describe_numbers, frame_verdicts, join_words, parse_figure

RELATIONS = {"=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
# How we describe two values for which a relation holds, or does not hold.
HOLDING = {"=": "is", "<": "is less than", "<=": "is at most", ">": "is more than", ">=": "is at least"}
FAILING = {"=": "is not", "<": "is at least", "<=": "is more than", ">": "is at most", ">=": "is less than"}
OWN_PANEL = "the sum of its panel"
QUANTILES = {"lower quartile": Fraction(1, 4), "median": Fraction(1, 2), "upper quartile": Fraction(3, 4)}


@dataclass(frozen=True)
class Side:
    """One side of a claim: its value, how far its written numbers may have been rounded, and what we could not read."""

    value: Fraction
    slack: Fraction
    problem: str


@dataclass(frozen=True)
class Band:
    """A band of grouped answers; `upper` is None if it has no upper end."""

    lower: int
    upper: int | None
    count: int = 0


def audit_claims(claims: pd.DataFrame, cells: list[Cell], totals: Mapping[str, int]) -> pd.DataFrame:
    """Compare each figure in the text with the tables: does it agree, how far is it off, or why can we not check it?

    Parameters
    ----------
    claims : DataFrame
        `claim, where, about, statistic, value` (text as printed). The words in `about` and `statistic` name a cell. A statistic
        may add "less than" or "more than", or be "percent of" a count, or the mean, median or a quartile of a table's bands
        ("up to 15" in `about` keeps the bands that end at 15 or below).
    totals : mapping
        Numbers of people named in the text; we try them as denominators, as well as the sums of panels.

    Returns
    -------
    DataFrame
        A verdict for each claim, and one for each item whose claimed percentages add up to more than 100.
    """
    check_text(claims, ["claim", "where", "about", "statistic", "value"], "claims")
    verdicts = []
    for claim in claims.itertuples():
        verdict = _judge_claim(claim.value, plain(claim.about), plain(claim.statistic), cells, totals)
        verdicts.append(replace(verdict, printed=claim.value, id=claim.claim, where=claim.where, about=claim.about))
    bands = {plain(cell.statistic) for cell in cells if cell.statistic.startswith("percent ")}
    shares = claims[claims["statistic"].map(plain).isin(bands)].drop_duplicates(["about", "statistic"])
    for _, rows in shares.groupby("about", sort=False):
        figures = [parse_figure(text) for text in rows["value"]]
        if any(figure.value is None for figure in figures):
            continue
        total, most = sum(figure.value for figure in figures), 100 + sum(figure.unit for figure in figures) / 2
        if total > most:
            parts = join_words([f"{row.value}% {row.statistic.removeprefix('percent ')}" for row in rows.itertuples()])
            words = (
                f"The percentages in the text add up to {total}% ({parts}); rounding explains at most {most}%. Which is wrong?"
            )
            claim, where = ", ".join(rows["claim"]), "; ".join(rows["where"].unique())
            verdicts.append(Verdict("contradiction", words, "", str(total), claim, where, rows["about"].iloc[0]))
    return frame_verdicts(verdicts)


def _judge_claim(text: str, about: str, statistic: str, cells: list[Cell], totals: Mapping[str, int]) -> Verdict:
    said, table = parse_figure(text, "number"), about.split(": ")[0]
    if said.value is None:
        return Verdict("not checked", f"{text!r}: {said.reason}.")
    named = {plain(cell.statistic): cell for cell in cells if plain(cell.about) == about}
    bound = re.fullmatch(r"(.+) (less|more) than", statistic)
    if cell := named.get(bound[1] if bound else statistic):
        return _compare_figures(said, cell, bound[2] if bound else "")
    if statistic.startswith("percent of ") and (cell := named.get(statistic.removeprefix("percent of "))):
        sums = [other for other in cells if other.where == cell.where and other.statistic == f"{cell.statistic} in all"]
        sums = {OWN_PANEL if other.panel == cell.panel else other.about: int(other.printed) for other in sums}
        return _try_denominators(said, parse_figure(cell.printed, "count"), {**totals, **sums})
    average = re.match(rf"(mean|{'|'.join(QUANTILES)})\b", statistic)
    if average and (bands := list_bands([cell for cell in cells if plain(cell.where) == table], about)):
        share = QUANTILES.get(average[1])
        return check_band_quantile(said, bands, share) if share else check_band_mean(said, bands)
    return Verdict("not checked", f"No published table gives “{statistic}”.")


def _compare_figures(said: Figure, cell: Cell, bound: str) -> Verdict:
    """Compare a figure in the text with one in a table; the text may say "less than" or "more than" (`bound`)."""
    figure = parse_figure(cell.printed, "number")
    if figure.value is None:
        return Verdict("not checked", f"{cell.where} prints “{cell.printed}”: {figure.reason}.", cell.printed)
    coarser, finer = sorted([said, figure], key=lambda each: -each.unit)
    same = coarser.allows(Fraction(finer.value)) if coarser.unit > finer.unit else said.value == figure.value
    category = cell.statistic.removeprefix("percent ")
    unit, what = ("", f" {category}") if category == cell.statistic else ("%", f" for “{category}”")
    than = f" {bound} than" * bool(bound)
    text, table = f"The text says{than} {said.text}{unit}{what}", f"{cell.where} prints {cell.printed}{unit}."
    if {"less": figure.value < said.value, "more": figure.value > said.value}.get(bound, same):
        return Verdict("agrees", f"{text}, and {table}", cell.printed)
    return Verdict("contradiction", f"{text}, but {table} Which is correct?", cell.printed)


def _try_denominators(said: Figure, count: Figure, totals: Mapping[str, int]) -> Verdict:
    """A printed count and its percentage: which number of people is it a percentage of?"""
    if count.value is None:
        return Verdict("not checked", f"The count is printed as “{count.text}”: {count.reason}.", count.text)
    shares = {name: Fraction(100 * int(count.value), total) for name, total in totals.items() if total}
    computed = "; ".join(f"{count.value} / {totals[name]} ({name}) = {float(share):.1f}%" for name, share in shares.items())
    if not shares:
        return Verdict("not checked", f"We know no number of people of which {count.value} could be {said.text}%.")
    told = {name: f"{float(share):.1f}% of {totals[name]} ({name})" for name, share in shares.items()}
    giving = [name for name, share in shares.items() if said.allows(share)]
    others = join_words([words for name, words in told.items() if name not in giving])
    if giving:
        words = f"The text says {said.text}%, and {count.value} is {join_words([told[name] for name in giving])}"
        if OWN_PANEL in giving or OWN_PANEL not in shares:
            return Verdict("agrees", words + ".", computed)
        return Verdict("question", f"{words}, but {others}. Out of how many people?", computed)
    least = said.value - said.unit / 2
    most = math.floor(100 * count.value / least) if least > 0 else 0
    numbers = [n for n in range(1, most + 1) if said.allows(Fraction(100 * int(count.value), n))]
    fitting = (
        f"would be {said.text}% of {describe_numbers(numbers, ' or ')}" if numbers else f"is not {said.text}% of any number"
    )
    words = f"The text says {said.text}%, but {count.value} is {others}. It {fitting}. Out of how many people?"
    return Verdict("contradiction", words, computed)


# --- claims of a report being written ---------------------------------------------------------------------------------
def check_claims(claims: pd.DataFrame, values: Mapping[str, object], where: str = "claims.csv") -> pd.DataFrame:
    """Are a text's claims true for the values of this run, or (see `name_values`) for other published figures?

    Parameters
    ----------
    claims : DataFrame
        `claim, left, relation, right`: each side is a number or a named value, or several joined by " + " and " - ".
        The relation is one of `RELATIONS`; with =, a number in the claim equals every value that rounds to it. Optional are
        `about`, and `says`: the claim in words, with "{left}" and "{right}" in place of the values of the two sides.
    values : mapping
        Named values, numbers or text.

    Returns
    -------
    DataFrame
        Verdicts and `holds`. A claim that names a missing value, or one that is not a single number, cannot be checked.

    Raises a `WorkbookError` for a missing column.
    """
    check_text(claims, ["claim", "left", "relation", "right"], where)
    verdicts = []
    for claim in claims.itertuples():
        text = f"{claim.left} {claim.relation} {claim.right}"
        sides = _add_terms(claim.left, values), _add_terms(claim.right, values)
        verdict = _judge_relation(text, getattr(claim, "says", ""), sides[0], claim.relation, sides[1])
        about = getattr(claim, "about", "")
        verdicts.append(replace(verdict, printed=text, id=claim.claim, where=where, about=about))
    return frame_verdicts(verdicts).assign(holds=lambda frame: frame["severity"].eq("agrees"))


def _judge_relation(text: str, says: str, left: Side, relation: str, right: Side) -> Verdict:
    if problem := left.problem or right.problem:
        return Verdict("not checked", f"{text}: {problem}.")
    near = abs(left.value - right.value) <= left.slack + right.slack
    holds = near if relation == "=" else RELATIONS[relation](left.value, right.value)
    first, last = (f"{float(side.value):.6g}" for side in (left, right))
    words = says.replace("{left}", first).replace("{right}", last)
    if words == says:
        words = f"{says or text}: {first} {(HOLDING if holds else FAILING)[relation]} {last}."
    words += "" if holds else " Which is correct?"
    return Verdict("agrees" if holds else "contradiction", words, f"{first} {relation} {last}")


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

    `verdicts` come from `audit_rows`; the n of a row or block is a single number only if exactly one fits.
    """
    named = {f"{cell.about}: {cell.statistic}": cell.printed for cell in cells}
    named |= {f"n of {verdict.id}": verdict.computed for verdict in verdicts.itertuples()}
    return named | dict(zip(claims["claim"], claims["value"], strict=True))


# --- answers grouped into bands: which printed means, medians and quartiles are possible ------------------------------
def parse_band(label: str) -> Band | None:
    """Read a band's label: "< 1 year" is 0 to 1, "3-5 years" is 3 to 5, "> 15 years" is 15 or more; None for other labels."""
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
    """The bands of a table, lowest first; "up to 15" in `about` keeps the bands that end at 15 or below.

    If several panels have bands, we take the one that `about` names, or no bands if this is ambiguous.
    """
    limit = re.search(r"up to (\d+)", about)
    panels: dict[str, list[Band]] = {}
    for cell in cells:
        band, count = parse_band(cell.about.split(": ", 1)[-1]), parse_figure(cell.printed, "count").value
        if band and count is not None:
            panels.setdefault(plain(cell.panel), []).append(replace(band, count=int(count)))
    if len(panels) > 1:
        panels = {panel: bands for panel, bands in panels.items() if panel in about}
    bands = next(iter(panels.values())) if len(panels) == 1 else []
    kept = [band for band in bands if not limit or (band.upper is not None and band.upper <= int(limit[1]))]
    return sorted(kept, key=lambda band: band.lower)


def check_band_mean(mean: Figure, bands: list[Band]) -> Verdict:
    """Which convention gives a printed mean of grouped answers: the lower ends, midpoints or upper ends of the bands?

    If a band has no upper end, only the lower ends are defined.
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
    told = join_words([f"{float(total) / n:.2f} ({name})" for name, total in sums.items()])
    giving = [name for name, total in sums.items() if mean.allows(Fraction(total, n))]
    words = f"The text says {mean.text}; the bands give {told}."
    if "midpoints" in giving:
        return Verdict("agrees", words, computed)
    if giving:
        extreme = "smallest" if giving[0] == "lower ends" else "largest"
        return Verdict("question", f"{words} So it is the {extreme} mean that the bands allow. Is that intended?", computed)
    if sums["lower ends"] < mean.value * n < sums.get("upper ends", math.inf):
        return Verdict("question", words + " What was it computed from?", computed)
    return Verdict("contradiction", words + " These bands cannot give it. Which is correct?", computed)


def check_band_quantile(printed: Figure, bands: list[Band], share: Fraction) -> Verdict:
    """Can a printed median (share 1/2) or quartile lie where the bands, lowest first, put it?

    The usual definitions (Hyndman & Fan 1996, types 5 to 9) interpolate between neighbouring answers. So the value lies between
    the lower end of the first one's band and the start of the band after the last one's.
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
    words = f"The text says {printed.text}; the bands put it in {span}."
    if low <= printed.value and (high is None or printed.value <= high):
        return Verdict("agrees", words, span)
    return Verdict("contradiction", words + " Which is correct?", span)
