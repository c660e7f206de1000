"""What notebook 3 shows of its comparisons of groups."""

from collections.abc import Callable
from itertools import cycle

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers.disclosure.told import Told
from helpers.page import style
from helpers.page.words import counted, decimals, listed, quote, quoted_list, ratio
from helpers.study.definition import Study
from helpers.study.terms import ANSWERED, MISSING
from helpers.survey.family import FAMILY_ERROR
from helpers.survey.pairs import VERDICTS, keep_differing

NOTE_ON_PAIRS = (
    "A difference is the first group's mean less the second's, in points. The intervals hold for all pairs at once. Pairs "
    "without a p-value were not tested, since the test of all groups found no difference."
)


# --- drawings ---------------------------------------------------------------------------------------------------------
def draw_panels(rows: pd.DataFrame, study: Study, draw: Callable[[pd.DataFrame, plt.Axes, str], None]) -> np.ndarray:
    """Groupings down, constructs across: `draw` is given a panel's rows, with each group's place as `row`.

    A group's label, with the largest `n` of its rows, is at the left, or on a phone above the group's drawing.
    """
    most, narrow = rows.groupby(["grouping", "group"])["n"].transform("max"), style.is_narrow()
    known = (" (n\u00a0=\u00a0" + most.map("{:.0f}".format) + ")").mask(most.isna(), "")
    rows = rows.assign(group=rows["group"].astype(str) + known)
    groups = {name: list(part["group"].unique()) for name, part in rows.groupby("grouping", sort=False)}
    constructs = list(rows["construct"].unique())
    across = min(len(constructs), 2 if narrow else 5)
    down, room = -(-len(constructs) // across), 54 // across if narrow else 30
    labels = {name: [style.wrapped(label, room) for label in names] for name, names in groups.items()}
    lines = {name: 1 + max(label.count("\n") for label in wrapped) for name, wrapped in labels.items()}
    heights = [len(names) * (0.16 * lines[name] + (0.22 if narrow else 0.12)) + 0.3 for name, names in groups.items()]
    drawn, every = plt.subplots(
        len(groups) * down, across, figsize=(style.width(), (sum(heights) + 0.6 * len(groups)) * down), squeeze=False,
        sharex=True, sharey="row", height_ratios=np.repeat(heights, down),
    )  # fmt: skip
    drawn.get_layout_engine().set(h_pad=0.1)
    for (grouping, names), block in zip(groups.items(), every.reshape(len(groups), -1), strict=True):
        for construct, axes, colour in zip(constructs, block, cycle(style.CONSTRUCT_COLOURS), strict=False):
            here = rows[(rows["grouping"] == grouping) & (rows["construct"] == construct)]
            draw(here.assign(row=here["group"].map(names.index)), axes, colour)
            axes.set(ylim=(len(names) - 0.4, -0.8 if narrow else -0.6))
            axes.set_title(style.wrapped(study.construct_name(construct), (54 if narrow else 90) // across), fontsize=9)
            axes.set_yticks(range(len(names)), [] if narrow else labels[grouping])
            axes.tick_params(labelbottom=True)
            axes.grid(axis="y", visible=not narrow)
            for place, label in enumerate(labels[grouping] if narrow else []):
                axes.text(0, place - 0.2, label, transform=axes.get_yaxis_transform(), fontsize=8, va="bottom")
        for axes in block[len(constructs) :]:
            axes.remove()
        side, lift = ("left", 32) if narrow else ("right", 5)
        block[0].annotate(
            style.wrapped(grouping, 50 if narrow else 26), (0, 1), (0 if narrow else -6, lift), xycoords="axes fraction",
            textcoords="offset points", ha=side, va="bottom", fontsize=9, weight="bold",
        )  # fmt: skip
    return every


def draw_contrasts(contrasts: pd.DataFrame, study: Study, matters: float) -> np.ndarray:
    """How far each group's mean is from everybody else's, with its interval; distances under `matters` are shaded."""
    most = 1.08 * np.nanmax(contrasts[["difference", "low", "high"]].abs().to_numpy(), initial=matters)

    def draw(rows: pd.DataFrame, axes: plt.Axes, colour: str) -> None:
        axes.axvspan(-matters, matters, color="#eeeeee", zorder=0, linewidth=0)
        axes.axvline(0, color="#777777", linewidth=1, zorder=1)
        axes.hlines(rows["row"], rows["low"], rows["high"], color=colour, linewidth=2)
        axes.scatter(rows["difference"], rows["row"], 36, color=colour, edgecolor="w", linewidth=0.5, zorder=3)

    axes = draw_panels(contrasts, study, draw)
    axes[0, 0].set(xlim=(-most, most))
    axes[0, 0].xaxis.set_major_locator(plt.MaxNLocator(5, steps=[1, 2, 5, 10], symmetric=True))
    return axes


def draw_groups(by_group: pd.DataFrame, study: Study) -> np.ndarray:
    """Each score as a dot, whose area shows how many people have it, and each group's median."""
    cells, placed = ["grouping", "group", "construct"], style.place_scores(by_group, study.score_limits)
    most = max(5, placed.groupby([*cells, "drawn"]).size().max())
    counted_rows = placed.assign(n=placed.groupby(cells)["score"].transform("size"))
    axes = draw_panels(counted_rows, study, lambda rows, panel, colour: style.draw_people(rows, panel, colour, most))
    axes[0, 0].set(xlim=style.widen(study.score_limits), xticks=np.linspace(*study.score_limits, 3))
    return axes


# --- words ------------------------------------------------------------------------------------------------------------
def say_points(value: float) -> str:
    """A distance on the scale in words: "half a point", "0.8 points"."""
    return {0.5: "half a point", 1: "one point"}.get(value, f"{value:g} points")


def list_reasons(notes: pd.Series) -> str:
    """Why nothing could be compared, from notes such as "[not defined: there is only one group]"."""
    return listed(notes.str.extract(r"\[not defined: (.*?)\]", expand=False).dropna().unique())


def find_differing(found: pd.DataFrame) -> pd.DataFrame:
    """The tests that found something; a funder sees verdicts but no p-values."""
    return found[found["under_05"].astype(bool) if "under_05" in found else found["p_holm"].lt(FAMILY_ERROR)]


def keep_tested(found: pd.DataFrame) -> pd.DataFrame:
    """The tests that could be made; a funder does not see which could not."""
    return found if "under_05" in found else found[found["p_holm"].notna()]


def are_worth_a_table(verdicts: pd.DataFrame) -> pd.Series:
    """For `Told.keep`: if the only verdicts are "no", a sentence is enough and no table is shown."""
    return pd.Series("under_05" not in verdicts or verdicts["under_05"].any(), verdicts.index, dtype=bool)


def say_comparisons(comparisons: pd.DataFrame, study: Study) -> str:
    """Whether groups differ, as a claim and what it rests on; never "no difference"."""
    if comparisons.empty:
        return ""
    tested, found = keep_tested(comparisons), find_differing(comparisons)
    if tested.empty:
        return f"We could not compare groups. The reason: {list_reasons(comparisons['note'])}."
    if len(found):
        named = found["construct"].map(study.construct_name).groupby(found["grouping"], sort=False).agg(quoted_list)
        parts = [f"{constructs} by {quote(label)}" for label, constructs in named.items()]
        more = [f"{len(parts) - 3} more groupings"] if len(parts) > 3 else []
        where, rest = listed([*parts[:3], *more]), ", and could not tell in the others" if len(found) < len(tested) else ""
        of = f"{len(found)} of {counted(len(tested), 'comparison')}"
        return f"Some groups score higher than others. We found a clear difference in {of} ({where}){rest}."
    claim, by = "We could not tell groups apart.", f"compared by {quoted_list(tested['grouping'].unique())}"
    if "reach" not in tested or np.isnan(reach := tested["reach"].median()):
        return f"{claim} Where few people answered, only large differences stand out ({by})."
    least, most = (int(tested[name].agg(end)) for name, end in (("n_smallest", "min"), ("n_largest", "max")))
    sizes = f"With {counted(most, 'person', 'people') if least == most else f'{least} to {most} people'} in each"
    if reach >= np.ptp(study.score_limits):
        return f"{claim} {sizes}, no difference could have stood out ({by})."
    return f"{claim} {sizes}, a difference is known only to within about {say_points(round(reach, 1))} either way ({by})."


def title_contrasts(contrasts: pd.DataFrame, study: Study, matters: float) -> str:
    found = find_differing(contrasts)["construct"].unique()
    if len(found):
        return f"Groups differ in {quoted_list(map(study.construct_name, found))}"
    if (contrasts["low"].gt(0) | contrasts["high"].lt(0)).any():
        return "Some groups differ from everyone else, but the tests of all groups cannot confirm it"
    return "No group clearly differs from everyone else"


def describe_contrasts(contrasts: pd.DataFrame, study: Study, matters: float) -> str:
    """What is drawn, and for how many people."""
    people = contrasts.groupby(["grouping", "construct"])["n"].sum().max()
    counts = f"Only the {counted(people, 'person', 'people')} with a score {'counts' if people == 1 else 'count'}."
    return (
        f"Points by which a group's mean lies above or below that of everyone else. {counts} "
        f"Lines: 95% intervals, which hold for all rows at once. Shaded: less than {say_points(matters)}."
    )


def say_contrasts(contrasts: pd.DataFrame, study: Study, matters: float) -> str:
    """For those who cannot see the drawing: the group that lies farthest out, and how many lines cross zero."""
    far, known = contrasts.loc[contrasts["difference"].abs().idxmax()], contrasts.dropna(subset="low")
    side, crossing = "above" if far["difference"] > 0 else "below", (known["low"].le(0) & known["high"].ge(0)).sum()
    lines = f" Zero, where groups score alike, lies within {crossing} of {counted(len(known), 'line')}." if len(known) else ""
    return (
        f"A dot and a line for each group and construct. Farthest out is {quote(far['group'])}, "
        f"{decimals(abs(far['difference']))} points {side} everyone else in {study.construct_name(far['construct'])}.{lines}"
    )


def say_differing(pairs: pd.DataFrame, study: Study) -> str:
    """Which groups score clearly higher than others, three pairs at most; empty if no test of all groups found anything."""
    if pairs["p_holm"].isna().all():
        return ""
    differing = keep_differing(pairs).sort_values("difference", key=abs, ascending=False, kind="stable")
    if differing.empty:
        return "These answers cannot tell which groups differ."
    named = []
    for row in differing.head(3).itertuples():
        higher, lower = (row.group_a, row.group_b) if row.difference > 0 else (row.group_b, row.group_a)
        where, far = study.construct_name(row.construct), decimals(abs(row.difference))
        named.append(f"in {where} {quote(higher)} scored {far} points higher than {quote(lower)}")
    more = f" The table has {counted(len(differing) - 3, 'more pair')}." if len(differing) > 3 else ""
    return f"I{'; '.join(named)[1:]}.{more}"


def say_pairs(pairs: pd.DataFrame, matters: float) -> str:
    """How the intervals of all pairs compare with the smallest difference that matters."""
    if pairs.empty:
        return ""
    far = say_points(matters)
    more, less, unclear, unknown = pairs["verdict"].value_counts().reindex(VERDICTS, fill_value=0)
    said = {
        f"{more:,} {'differs' if more == 1 else 'differ'} by more than {far}": more,
        f"{less:,} {'differs' if less == 1 else 'differ'} by less than {far}": less,
        f"{unclear:,} {'shows' if unclear == 1 else 'show'} no clear difference": unclear,
        f"for {unknown:,} we cannot tell": unknown,
    }
    parts = [words for words, n in said.items() if n]
    return f"Of {counted(len(pairs), 'pair of groups', 'pairs of groups')}, {listed(parts)}."


def note_on_tests(verdicts: Told) -> str:
    """Notes below a table of comparisons; a funder's table has no effects and no p-values."""
    corrected = "P-values allow for all groupings and constructs compared, and for the page's other questions."
    measures = (
        "Groups without an order: Kruskal–Wallis test, effect from 0 to 1 (epsilon squared). Ordered groups: "
        "Jonckheere–Terpstra test, effect from −1 (scores fall along the order) to 1 (tau-b). The smallest possible p says "
        "what groups of these sizes could show at best."
    )
    return f"{measures} {corrected}" if "effect" in verdicts.frame else corrected


def title_groups(by_group: pd.DataFrame, study: Study) -> str:
    medians = by_group.groupby(["grouping", "group", "construct"])["score"].median()
    low, high = decimals(medians.min()), decimals(medians.max())
    return f"Groups' medians run from {low} to {high}" if low != high else f"All groups have the same median, {low}"


def explain_groups(by_group: pd.DataFrame, study: Study) -> str:
    dots = style.say_dots(by_group, study.score_limits)
    return f"{dots}, and its area shows how many people have it; the bar is the group's median"


def say_medians(by_group: pd.DataFrame, study: Study) -> str:
    """The lowest and the highest median of a group, for those who cannot see the dots."""
    medians = by_group.groupby(["grouping", "group", "construct"], sort=False)["score"].median().reset_index()
    return f"Medians run from {name_ends(medians, 'score', study)}."


def say_expected(expected: pd.DataFrame, study: Study) -> str:
    """How far apart the groups' means are, as observed and allowing for how few answered; or why that is not known."""
    if expected.empty:
        return ""
    known = expected[expected["note"] == ""]
    if known.empty:
        return f"We cannot say what to expect in a group: {list_reasons(expected['note'])}."
    if known["raw"].max() - known["raw"].min() < 0.005:
        return f"All groups have the same mean, {decimals(known['raw'].iloc[0])}."
    raw, expected = (name_ends(known, name, study) for name in ("raw", "expected"))
    return f"Allowing for how few answered, we would expect means from {expected}. Those who answered have means from {raw}."


def name_ends(rows: pd.DataFrame, name: str, study: Study) -> str:
    """The lowest and the highest value of a column: "2.00 (North, Coherence) to 4.50 (South, Coherence)"."""
    ends = (rows.loc[place] for place in (rows[name].idxmin(), rows[name].idxmax()))
    return " to ".join(f"{decimals(row[name])} ({row['group']}, {study.construct_name(row['construct'])})" for row in ends)


def say_not_relevant(totals: pd.DataFrame) -> str:
    """Which group most often answered “not relevant”, and how often all groups did."""
    given = totals[totals["status"] != MISSING]
    aside = given["numerator"].where(given["status"] != ANSWERED, 0)
    groups = given.assign(aside=aside).groupby(["grouping", "group"], sort=False)[["aside", "numerator"]].sum()
    groups = groups[groups["numerator"] > 0]
    if groups.empty:
        return ""
    if not groups["aside"].any():
        return "Nobody called anything not relevant."
    top = (groups["aside"] / groups["numerator"]).idxmax()
    every, most = groups.loc[[top[0]]].sum(), groups.loc[top]
    of = f"Of {counted(every['numerator'], 'answer')} {every['aside']:,} said “not relevant”"
    return f"{of}." if len(groups) == 1 else f"{of}, most often in {quote(top[1])}: {ratio(*most)}."
