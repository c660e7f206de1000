"""Published tables as named cells, compared with the study's own rows."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from helpers.audit.figures import Verdict, check_text, frame_verdicts, join_words, name_rows, parse_figure
from helpers.audit.search import Row


@dataclass(frozen=True)
class Cell:
    """One printed figure of a table, such as "Table 4: Police", "respondents", "2"; its table, and its panel or item."""

    about: str
    statistic: str
    printed: str
    where: str
    panel: str


# --- published tables as cells ----------------------------------------------------------------------------------------
def list_item_cells(rows: Iterable[Row], where: str) -> list[Cell]:
    """The printed percentages of items: `about` is the item, `statistic` is for example "percent agree"."""
    return [
        Cell(row.name, f"percent {each.category}", each.figure.text, where, row.name)
        for row in rows
        for each in (*row.figures, *row.skipped.values())
        if each.kind == "percent" and each.figure.text
    ]


def list_count_cells(counts: pd.DataFrame, where: str) -> list[Cell]:
    """The counts of a published table: `about` is for example "Table 4: Police", `statistic` the name of the column of counts.

    `counts` has `panel, category` and, in the last column, the counts. The sum of a panel with several categories is another
    cell: "Table 4: Employment sector", "respondents in all".
    """
    check_text(counts, ["panel", "category"], where)
    name, cells = counts.columns[-1], []
    for panel, rows in counts.groupby("panel", sort=False):
        cells += [Cell(f"{where}: {row.category}", name, row[-1], where, panel) for row in rows.itertuples(index=False)]
        values = [parse_figure(text, "count").value for text in rows[name]]
        if len(values) > 1 and None not in values:
            cells.append(Cell(f"{where}: {panel}", f"{name} in all", str(sum(values)), where, panel))
    return cells


def audit_panels(counts: pd.DataFrame, where: str, totals: Mapping[str, int]) -> pd.DataFrame:
    """Do the panels of a table of counts add up to the same number, and to the numbers in the text?

    `counts` has `panel, category` and, in the last column, the printed counts; `totals` names the numbers in the text. More
    than a total is a contradiction; fewer is a question, because some people may not have answered.
    """
    check_text(counts, ["panel", "category"], where)
    verdicts, sums, sources = [], {}, {}
    for panel, rows in name_rows(counts, "panel").groupby("panel", sort=False):
        figures = [parse_figure(text, "count") for text in rows.iloc[:, -1]]
        sources[panel] = " + ".join(figure.text or "[blank]" for figure in figures)
        skipped = [f"{figure.text!r}: {figure.reason}" for figure in figures if figure.value is None]
        if skipped or len(figures) == 1:
            words = "; ".join(skipped) or "One category, so there is no total to compare"
            verdicts.append(Verdict("not checked", words + ".", "", sources[panel], panel, where))
        else:
            sums[panel] = int(sum(figure.value for figure in figures))
    for panel, total in sums.items():
        others = {name: other for name, other in sums.items() if other > total}
        others |= {name: other for name, other in totals.items() if other != total}
        steps = [f"{abs(n - total)} {'fewer' if n > total else 'more'} than “{name}” ({n})" for name, n in others.items()]
        words = f"The categories add up to {total}"
        words += f": {join_words(steps)}. Who is left out, or counted twice?" if steps else "."
        severity = "agrees" if not others else "contradiction" if min(others.values()) < total else "question"
        verdicts.append(Verdict(severity, words, str(total), sources[panel], panel, where))
    return frame_verdicts(verdicts)


def compare_items(cells: list[Cell], bands: pd.DataFrame) -> pd.DataFrame:
    """Compare every published percentage with the one that we compute from respondents' rows.

    Parameters
    ----------
    bands : DataFrame
        `item, band, numerator, denominator`: people in the band ("not relevant" is a band), of all who answered the item.

    Returns
    -------
    DataFrame
        `item, band, printed, numerator, denominator, computed_percent`, `agrees` (within rounding, a half either way;
        missing if we cannot compare them) and `note` (why).
    """
    counted = {(row.item, plain(row.band)): row for row in bands.itertuples()}
    rows = []
    for cell in cells:
        band, figure = cell.statistic.removeprefix("percent "), parse_figure(cell.printed)
        row = counted.get((cell.about, plain(band)))
        count, n = (None, None) if row is None else (int(row.numerator), int(row.denominator))
        exact = Fraction(100 * count, n) if n else None
        reason = "no respondents' rows" if row is None else "nobody answered" if exact is None else figure.reason
        agrees, note = (None, f"[not defined: {reason}]") if reason else (figure.allows(exact), "")
        rows.append((cell.about, band, cell.printed, count, n, None if exact is None else float(exact), agrees, note))
    types = {"numerator": "Int64", "denominator": "Int64", "computed_percent": "Float64", "agrees": "boolean"}
    return pd.DataFrame(rows, columns=["item", "band", "printed", *types, "note"]).astype(types)


def plain(words: str) -> str:
    """Words for matching, ignoring case, dashes and "0 to 5" for "0-5"."""
    return re.sub(r"(?<=\d)\s*(?:-|–|to)\s*(?=\d)", "-", words.strip().casefold())
