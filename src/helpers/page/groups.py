"""What notebook 3 shows of groups compared."""

from __future__ import annotations

from itertools import cycle

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers.page.style import CONSTRUCT_COLOURS, WIDTH, draw_people, widen, wrapped
from helpers.page.words import counted, decimals, p_value
from helpers.study.definition import Study

NOTE_ON_TESTS = (
    "Epsilon squared runs from 0 to 1, tau-b from −1 to 1. Holm's correction is over the constructs of one test. The smallest "
    "possible p says what groups of these sizes could show at best."
)
NOTE_ON_PAIRS = "Delta is positive when the first scores higher. Dunn's test is two-sided; Holm over a construct's pairs."


# --- groups -----------------------------------------------------------------------------------------------------------


def draw_groups(by_group: pd.DataFrame, study: Study) -> np.ndarray:
    """A panel a grouping and construct: a dot for the people of a group with one score, its area their number; medians.

    Parameters
    ----------
    by_group : DataFrame
        From `comparisons.join_every_grouping`.

    Returns
    -------
    ndarray of Axes
        Groupings down, constructs across.
    """
    groups = {name: list(rows.unique()) for name, rows in by_group.groupby("grouping", sort=False)["group"]}
    constructs, limits = list(by_group["construct"].unique()), study.score_limits
    heights = [len(names) + 1.5 for names in groups.values()]
    drawn, all_axes = plt.subplots(
        len(groups), len(constructs), figsize=(WIDTH, 0.8 + 0.36 * sum(heights)), squeeze=False, sharex=True, sharey="row",
        height_ratios=heights,
    )  # fmt: skip
    most = max(5, by_group.groupby(["grouping", "group", "construct", "score"]).size().max())
    for (grouping, names), row in zip(groups.items(), all_axes, strict=True):
        for construct, axes, colour in zip(constructs, row, cycle(CONSTRUCT_COLOURS), strict=False):
            here = by_group[(by_group["grouping"] == grouping) & (by_group["construct"] == construct)]
            draw_people(here.assign(row=here["group"].map(names.index)), axes, colour, most)
        row[0].set_yticks(range(len(names)), [wrapped(name) for name in names])
        row[0].set(ylim=(len(names) - 0.4, -0.6), ylabel=grouping)
    for construct, axes in zip(constructs, all_axes[0], strict=True):
        axes.set_title(wrapped(study.construct_name(construct), 100 // len(constructs)), fontsize=9)
    all_axes[0, 0].set(xlim=widen(limits), xticks=np.linspace(*limits, 3))
    drawn.supxlabel("Construct score; a dot's area: people with that score; bar: median", fontsize=9)
    return all_axes


def say_medians(by_group: pd.DataFrame, study: Study) -> str:
    """The lowest and the highest median of a group, for those who cannot see the dots."""
    medians = by_group.groupby(["grouping", "group", "construct"], sort=False)["score"].median().reset_index()
    low, high = medians.loc[medians["score"].idxmin()], medians.loc[medians["score"].idxmax()]
    ends = [f"{decimals(row['score'])} ({row['group']}, {study.construct_name(row['construct'])})" for row in (low, high)]
    return f"Medians run from {ends[0]} to {ends[1]}."


def say_comparisons(comparisons: pd.DataFrame) -> str:
    """How many comparisons fall under .05 after correction, grouping by grouping; never "no difference"."""
    if comparisons.empty:
        return "There are no groups that can be compared."
    sentences = []
    for (label, test), rows in comparisons.groupby(["grouping", "test"], sort=False):
        # A funder is told verdicts alone, and not that a test is not defined.
        tested = rows if "under_05" in rows else rows[rows["p_holm"].notna()]
        if tested.empty:
            sentences.append(f"{label}: no construct could be compared.")
            continue
        under = int(tested["under_05"].sum() if "under_05" in rows else tested["p_holm"].lt(0.05).sum())
        rest = "." if "under_05" in rows else f"; the smallest is {p_value(tested['p_holm'].min())}."
        sentences.append(f"{label} ({test}): {under} of {counted(len(tested), 'construct')} with a corrected p under .05{rest}")
    caution = " A p above .05 is no evidence that groups are alike: small groups show only large differences."
    compared = "under_05" in comparisons or comparisons["p_holm"].notna().any()
    return " ".join(sentences) + caution * bool(compared)
