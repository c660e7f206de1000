"""Published counts that should add up."""

from collections.abc import Mapping

import pandas as pd

from helpers.audit.figures import Verdict, check_text, frame_verdicts, name_rows, parse_figure


def audit_panels(counts: pd.DataFrame, where: str, totals: Mapping[str, int]) -> pd.DataFrame:
    """Do the panels of a table of counts add up to one number, and to the numbers that the text gives?

    `counts` has `panel, category` and, last, the printed counts; `totals` names the numbers of the text. More than a total is a
    contradiction, fewer a question, since some may not have answered.
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
