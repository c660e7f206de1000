"""Published counts that should add up."""

from collections.abc import Mapping

import pandas as pd

from helpers.audit.figures import Verdict, check_text, frame_verdicts, join_words, name_rows, parse_figure


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
        others = {name: other for name, other in sums.items() if other > total}
        others |= {name: other for name, other in totals.items() if other != total}
        steps = [
            f"{abs(other - total)} {'fewer' if other > total else 'more'} than “{name}” ({other})"
            for name, other in others.items()
        ]
        words = f"The categories add up to {total}"
        words += f": {join_words(steps)}. Who is left out, or counted twice?" if steps else "."
        severity = "agrees" if not others else "contradiction" if min(others.values()) < total else "question"
        verdicts.append(Verdict(severity, words, str(total), sources[panel], panel, where))
    return frame_verdicts(verdicts)
