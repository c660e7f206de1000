"""What notebook 3 shows: groups and waves compared, the next survey planned."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle, pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from helpers.page.style import CONSTRUCT_COLOURS, WIDTH, draw_people, widen, wrapped
from helpers.page.words import counted, decimals, listed, p_value
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
    most = max(5, by_group.groupby(["grouping", "group", "construct", "score"]).size().max())
    axes = draw_panels(by_group, study, lambda rows, panel, colour: draw_people(rows, panel, colour, most))
    axes[0, 0].figure.supxlabel("Construct score; a dot's area: people with that score; bar: median", fontsize=9)
    return axes


def draw_panels(by_group: pd.DataFrame, study: Study, draw: Callable[[pd.DataFrame, plt.Axes, str], None]) -> np.ndarray:
    """Groupings down, constructs across: `draw` is given a panel's rows, with each group's place as `row`."""
    groups = {name: list(rows.unique()) for name, rows in by_group.groupby("grouping", sort=False)["group"]}
    constructs, limits = list(by_group["construct"].unique()), study.score_limits
    heights = [len(names) + 1.5 for names in groups.values()]
    drawn, all_axes = plt.subplots(
        len(groups), len(constructs), figsize=(WIDTH, 0.8 + 0.36 * sum(heights)), squeeze=False, sharex=True, sharey="row",
        height_ratios=heights,
    )  # fmt: skip
    for (grouping, names), row in zip(groups.items(), all_axes, strict=True):
        for construct, axes, colour in zip(constructs, row, cycle(CONSTRUCT_COLOURS), strict=False):
            here = by_group[(by_group["grouping"] == grouping) & (by_group["construct"] == construct)]
            draw(here.assign(row=here["group"].map(names.index)), axes, colour)
            axes.set(xlabel="", ylabel="")
        row[0].set_yticks(range(len(names)), [wrapped(name) for name in names])
        row[0].set(ylim=(len(names) - 0.4, -0.6), ylabel=grouping)
    for construct, axes in zip(constructs, all_axes[0], strict=True):
        axes.set_title(wrapped(study.construct_name(construct), 100 // len(constructs)), fontsize=9)
    all_axes[0, 0].set(xlim=widen(limits), xticks=np.linspace(*limits, 3))
    return all_axes


def draw_expected(expected: pd.DataFrame, study: Study) -> np.ndarray:
    """A panel a grouping and construct: circles for the means of those who answered, dots and lines for what we would expect.

    Parameters
    ----------
    expected : DataFrame
        From `pooled.expect_every_group`.
    """
    most = expected.groupby(["grouping", "group"])["n"].transform("max").astype(str)

    def draw(rows: pd.DataFrame, axes: plt.Axes, colour: str) -> None:
        axes.hlines(rows["row"], rows["low"], rows["high"], color=colour, linewidth=2.2)
        sns.scatterplot(rows, x="expected", y="row", color=colour, s=40, legend=False, ax=axes)
        sns.scatterplot(rows, x="raw", y="row", color="none", edgecolor="#555555", linewidth=1, s=40, legend=False, ax=axes)

    axes = draw_panels(expected.assign(group=expected["group"] + " (n\u00a0=\u00a0" + most + ")"), study, draw)
    words = "Construct score; circle: mean of those who answered; dot and line: what we would expect, with its 95% interval"
    axes[0, 0].figure.supxlabel(words, fontsize=9)
    return axes


def say_expected(expected: pd.DataFrame, study: Study) -> str:
    """How far the means of groups lie apart, as they are and allowing for how few answered; or why that is not known."""
    if expected.empty:
        return ""
    known = expected[expected["note"] == ""]
    if known.empty:
        reasons = expected["note"].str.removeprefix("[not defined: ").str.removesuffix("]").unique()
        return f"We cannot say what to expect in a group: {listed(reasons)}."

    def span(name: str) -> str:
        ends = (known.loc[place] for place in (known[name].idxmin(), known[name].idxmax()))
        return " to ".join(f"{decimals(row[name])} ({row['group']}, {study.construct_name(row['construct'])})" for row in ends)

    return (
        f"The means of those who answered run from {span('raw')}. Allowing for how few answered, we would expect from "
        f"{span('expected')}."
    )


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


# --- waves ------------------------------------------------------------------------------------------------------------


def say_once(study: Study) -> str:
    """That a survey held once shows no change; nothing where there are several waves."""
    once = "This survey was held once, so it cannot show a change: for that, the same questions must be asked before and after."
    return once if len(study.survey.files) == 1 else ""


def say_waves(linked: pd.DataFrame, by_wave: pd.DataFrame, study: Study) -> str:
    """Medians of two waves, and how many of the people found in both rose or fell."""
    names = {f"{earlier} and {later}": (earlier, later) for earlier, later in pairwise(study.survey.files)}
    medians = by_wave.set_index(["construct", "wave"])["median"]
    sentences = []
    for pair, rows in linked.groupby("grouping", sort=False):
        earlier, later = names[pair]
        parts = [
            f"{study.construct_name(row.construct)}, median {decimals(medians[row.construct, earlier])} and then "
            f"{decimals(medians[row.construct, later])}; of {row.pairs} people found in both waves {row.rose} rose and "
            f"{row.fell} fell"
            for row in rows.itertuples()
        ]
        sentences.append(f"From {earlier} to {later}: {'. '.join(parts)}.")
    return " ".join(sentences)


# --- the next survey --------------------------------------------------------------------------------------------------


def draw_widths(widths: pd.DataFrame):
    """How the interval of a percentage narrows with more respondents; gives back the axes."""
    lines = widths.assign(series=widths["share"].map("{:g}% agree".format))
    axes = draw_lines(lines, "n", "width")
    axes.set(xlabel="Respondents", ylabel="Width of the 95% interval (points)")
    return axes


def say_widths(widths: pd.DataFrame) -> str:
    at_40 = widths[(widths["n"] == 40) & (widths["share"] == 50)].iloc[0]
    return f"At 40 respondents and 50% the interval is {at_40['width']:.0f} points wide; four times as many halve it."


def draw_power(power: pd.DataFrame, study: Study):
    """Power by the size of each of two groups, a line a construct; gives back the axes."""
    axes = draw_lines(power.assign(series=power["construct"].map(study.construct_name)), "n_per_group", "power")
    axes.set(xlabel="Respondents in each of two groups", ylabel="Power (%)", ylim=(0, 100))
    return axes


def say_power(power: pd.DataFrame, study: Study) -> str:
    enough = power[power["power"] >= 80].groupby("construct", sort=False)["n_per_group"].min()
    sizes = [f"{n} a group for {study.construct_name(name)}" for name, n in enough.items()]
    return f"Power of 80% for a shift of {power['shift'].iloc[0]:g} is reached at {listed(sizes, 'no size shown')}."


def draw_lines(curve: pd.DataFrame, x: str, y: str):
    """A line a `series` over a common axis; gives back the axes."""
    _, axes = plt.subplots(figsize=(7.2, 3.8))
    names = curve["series"].nunique()
    sns.lineplot(curve, x=x, y=y, hue="series", palette=CONSTRUCT_COLOURS[:names], marker="o", errorbar=None, ax=axes)
    axes.legend(frameon=False, fontsize=9, title=None)
    return axes
