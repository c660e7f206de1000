"""Published counts that should add up; means and standard deviations that whole answers can give (GRIM, GRIMMER)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pandas as pd

from helpers.audit.figures import Figure, Verdict, check_text, describe_numbers, frame_verdicts, name_rows, parse_figure


def audit_panels(counts: pd.DataFrame, where: str, totals: Mapping[str, int]) -> pd.DataFrame:
    """Do the panels of a table of counts add up to one number, and to the numbers that the text gives?

    `counts` has `panel, category` and, last, the printed counts; `totals` names the numbers of the text. Returns
    verdicts: more than a total is a contradiction, fewer a question, since some may not have answered.
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
        words, severity = f"{sources[panel]} = {total}.", "agrees"
        others = {name: other for name, other in sums.items() if other > total}
        others |= {name: other for name, other in totals.items() if other != total}
        for name, other in others.items():
            words += f" {name}: {other}, {abs(other - total)} {'more' if other > total else 'fewer'}."
            severity = "contradiction" if other < total or severity == "contradiction" else "question"
        words += " Who is left out, or counted twice?" if others else ""
        verdicts.append(Verdict(severity, words, str(total), sources[panel], panel, where))
    return frame_verdicts(verdicts)


def list_sums(mean: Figure, n: int, items: int = 1) -> list[int]:
    """GRIM (Brown & Heathers 2017): the sums of n whole-number answers (times items averaged) that give this mean."""
    low, high = ((Fraction(mean.value) + sign * Fraction(mean.unit) / 2) * n * items for sign in (-1, 1))
    return list(range(math.ceil(low), math.floor(high) + 1))


def list_sums_of_squares(mean: Figure, sd: Figure, n: int) -> list[int]:
    """GRIMMER (Anaya 2016, in the analytic form of Allard 2018): the sums of squares of n whole-number answers that
    give this mean and this sample SD; such a sum is odd exactly when the sum of the answers is odd."""
    half = Fraction(sd.unit) / 2
    low, high = (max(Fraction(sd.value) + sign * half, Fraction(0)) ** 2 * (n - 1) for sign in (-1, 1))
    return [
        squares
        for total in list_sums(mean, n)
        for squares in range(math.ceil(low + Fraction(total**2, n)), math.floor(high + Fraction(total**2, n)) + 1)
        if (squares - total) % 2 == 0
    ]


def audit_means(table: pd.DataFrame, where: str, n_max: int) -> pd.DataFrame:
    """Check means (GRIM) and SDs (GRIMMER) of whole-number answers; returns verdicts, one a row.

    The first column names the row; `mean`, `n` and optionally `sd` and `items` (averaged; GRIM alone) are as printed.
    `n_max` is the number of people who responded: a greater n is a contradiction.
    """
    check_text(table, ["mean", "n"], where)
    verdicts = []
    names = name_rows(table, table.columns[0]).iloc[:, 0]
    for name, row in zip(names, table.fillna("").to_dict("records"), strict=True):
        mean, sd = parse_figure(row["mean"], "number"), parse_figure(row.get("sd", ""), "number")
        n, items = parse_figure(row["n"], "count"), parse_figure(row.get("items", "1"), "count")
        cells = {"mean": mean, "n": n, "items": items}
        skipped = [f"{name}: {figure.reason}" for name, figure in cells.items() if figure.value is None]
        skipped += [f"{name}: 0, so there is no mean" for name in ("n", "items") if cells[name].value == 0]
        if skipped:
            verdict = Verdict("not checked", "; ".join(skipped) + ".")
        else:
            verdict = _judge_mean(mean, sd, int(n.value), int(items.value))
        if n.value is not None and n.value > n_max:
            words = f"n is {n.value}, more than the {n_max} people who responded. {verdict.finding}"
            verdict = replace(verdict, severity="contradiction", finding=words)
        printed = f"mean {mean.text or 'none'}, SD {sd.text or 'none'}, n {n.text or 'none'}"
        verdicts.append(replace(verdict, printed=printed, id=name, where=where))
    return frame_verdicts(verdicts)


def _judge_mean(mean: Figure, sd: Figure, n: int, items: int) -> Verdict:
    answers, sums = n * items, list_sums(mean, n, items)
    if not sums:
        near = math.floor(Fraction(mean.value) * answers)
        pair = " or ".join(f"{total} / {answers} = {total / answers:.4f}" for total in (near, near + 1))
        return Verdict("contradiction", f"Whole-number answers give {pair}, not {mean.text}. Which is meant?", pair)
    words = f"A sum of {describe_numbers(sums)} gives the mean"
    if sd.text and sd.value is None:
        return Verdict("agrees", words + f"; the SD is not checked: {sd.reason}.")
    if sd.value is None or items > 1 or n == 1:
        return Verdict("agrees", words + "; the SD is not checked.")
    if list_sums_of_squares(mean, sd, n):
        return Verdict("agrees", words + ", and whole-number answers can give the SD.")
    return Verdict("contradiction", words + f"; no whole-number answers give SD {sd.text} with it. Which is meant?")
