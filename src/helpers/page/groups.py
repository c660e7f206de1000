"""What notebook 3 shows of groups compared."""

from collections.abc import Callable
from itertools import cycle

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers.disclosure.told import Told
from helpers.page.style import CONSTRUCT_COLOURS, WIDTH, draw_people, widen, wrapped
from helpers.page.words import counted, decimals, listed
from helpers.study.definition import Study
from helpers.survey.family import FAMILY_ERROR
from helpers.survey.pairs import VERDICTS, keep_differing

NOTE_ON_DIFFERING = "Pairs without a p-value were not tested, since the test of all groups found no difference."
NOTE_ON_PAIRS = "A difference is the first group's mean less the second's, in points. The intervals hold for all pairs at once."


def draw_groups(by_group: pd.DataFrame, study: Study) -> np.ndarray:
    """A panel a grouping (down) and construct (across): dots for scores, their area the people with that score; medians."""
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
    """A panel a grouping and construct of `pooled.expect_every_group`: circles for raw means, dots and lines for expected."""
    most = expected.groupby(["grouping", "group"])["n"].transform("max").astype(str)

    def draw(rows: pd.DataFrame, axes: plt.Axes, colour: str) -> None:
        axes.hlines(rows["row"], rows["low"], rows["high"], color=colour, linewidth=2.2)
        axes.scatter(rows["expected"], rows["row"], 40, color=colour, edgecolor="w", linewidth=0.5)
        axes.scatter(rows["raw"], rows["row"], 40, color="none", edgecolor="#555555", linewidth=1)

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

    if known["raw"].max() - known["raw"].min() < 0.005:
        return f"All groups have the same mean, {decimals(known['raw'].iloc[0])}."
    raw, expected = (name_ends(known, name, study) for name in ("raw", "expected"))
    return f"The means of those who answered run from {raw}. Allowing for how few answered, we would expect from {expected}."


def say_medians(by_group: pd.DataFrame, study: Study) -> str:
    """The lowest and the highest median of a group, for those who cannot see the dots."""
    medians = by_group.groupby(["grouping", "group", "construct"], sort=False)["score"].median().reset_index()
    return f"Medians run from {name_ends(medians, 'score', study)}."


def name_ends(rows: pd.DataFrame, name: str, study: Study) -> str:
    """The lowest and the highest value of a column: "2.00 (North, Coherence) to 4.50 (South, Coherence)"."""
    ends = (rows.loc[place] for place in (rows[name].idxmin(), rows[name].idxmax()))
    return " to ".join(f"{decimals(row[name])} ({row['group']}, {study.construct_name(row['construct'])})" for row in ends)


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
        sentences.append(f"With groups this small, only differences of about {decimals(reach, 1)} points or more would show.")
    counts = pairs["verdict"].value_counts().reindex(VERDICTS, fill_value=0)
    words = ["differ by more", "differ by less", "show no clear difference", "may or may not: we cannot tell"]
    parts = [f"{counts[verdict]} {word}" for verdict, word in zip(VERDICTS, words, strict=True) if counts[verdict]]
    paired = counted(len(pairs), "pair of groups", "pairs of groups")
    sentences.append(f"The smallest difference that matters is set to {matters:g} points. Of {paired} {listed(parts)}.")
    if pairs["p_holm"].isna().all():
        sentences.append("Pairs were not tested, since no test of all groups found a difference.")
    return " ".join(sentences)
