"""What notebook 3 shows: groups and waves compared, the next survey planned."""

from __future__ import annotations

from itertools import cycle, pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from helpers.disclosure.told import Told
from helpers.page.style import CONSTRUCT_COLOURS, WIDTH, draw_people, widen, wrapped
from helpers.page.words import decimals, listed
from helpers.study.definition import Study
from helpers.survey.family import FAMILY_ERROR
from helpers.survey.pairs import VERDICTS, keep_differing

NOTE_ON_DIFFERING = "Pairs without a p-value were not tested, since the test of all groups found no difference."
NOTE_ON_PAIRS = "A difference is the first group's mean less the second's, in points. The intervals hold for all pairs at once."


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


def say_comparisons(comparisons: pd.DataFrame, study: Study) -> str:
    """In which constructs groups differ, grouping by grouping; never "no difference"."""
    if comparisons.empty:
        return "There are no groups that can be compared."
    # A funder is told verdicts alone, and not that a test is not defined.
    tested = comparisons if "under_05" in comparisons else comparisons[comparisons["p_holm"].notna()]
    under = tested[tested["under_05"] if "under_05" in tested else tested["p_holm"].lt(FAMILY_ERROR)]
    sentences = [
        f"Groups differ clearly in {listed(map(study.construct_name, rows['construct']))} ({label})."
        for label, rows in under.groupby("grouping", sort=False)
    ]
    every, compared, differing = (list(dict.fromkeys(rows["grouping"])) for rows in (comparisons, tested, under))
    if alike := [label for label in compared if label not in differing]:
        sentences.append(f"We found no clear differences between groups in any construct ({', '.join(alike)}).")
    if len(under) < len(tested):
        sentences.append(
            "That does not show that groups are alike: where few people answered, only large differences can show."
        )
    if missing := [label for label in every if label not in compared]:
        sentences.append(f"No construct could be compared ({', '.join(missing)}).")
    return " ".join(sentences)


def note_on_tests(verdicts: Told) -> str:
    """What a table of comparisons needs explained; a funder has no effects and no p."""
    corrected = "P-values are corrected for all groupings and constructs together, and for the page's other questions."
    measures = (
        "Epsilon squared runs from 0 to 1, tau-b from −1 (scores fall along the groups' order) to 1 (they rise). The smallest "
        "possible p says what groups of these sizes could show at best."
    )
    return f"{measures} {corrected}" if "effect" in verdicts.frame else corrected


def say_pairs(pairs: pd.DataFrame, study: Study, matters: float) -> str:
    """Which groups score clearly higher than others, and what the intervals of all pairs say of the smallest that matters."""
    if pairs.empty:
        return ""
    differing, sentences = keep_differing(pairs), []
    for label, rows in differing.groupby("grouping", sort=False):
        named = [
            f"{row.group_a if row.difference > 0 else row.group_b} above {row.group_b if row.difference > 0 else row.group_a} "
            f"in {study.construct_name(row.construct)}, by {decimals(abs(row.difference))} points"
            for row in rows.head(3).itertuples()
        ]
        more = f"; {len(rows) - 3} more in the table" if len(rows) > 3 else ""
        sentences.append(f"Some groups score clearly higher than others ({label}): {'; '.join(named)}{more}.")
    if alike := [label for label in pairs["grouping"].unique() if label not in set(differing["grouping"])]:
        sentences.append(f"No group scores clearly higher than another in any construct ({', '.join(alike)}).")
    if not np.isnan(reach := (pairs["high"] - pairs["low"]).median() / 2):
        sentences.append(
            f"So few people are in most groups that two would have to differ by about {decimals(reach, 1)} points to show it."
        )
    counts = pairs["verdict"].value_counts().reindex(VERDICTS, fill_value=0)
    parts = listed(f"{verdict} in {counts[verdict]}" for verdict in VERDICTS)
    sentences.append(
        f"Against the smallest difference that matters, {matters:g} points, the {len(pairs)} differences are {parts}."
    )
    if pairs["p_holm"].isna().all():
        sentences.append("Pairs were not tested, since no test of all groups found a difference.")
    return " ".join(sentences)


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
