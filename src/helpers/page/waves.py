"""What notebook 3 shows of changes between waves and of the next survey."""

from itertools import cycle

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers.page import style
from helpers.page.groups import draw_panels, find_differing, keep_tested, list_reasons, say_points
from helpers.page.words import between, counted, decimals, listed, percent, quoted_list, span
from helpers.study.definition import Study

NOTE_ON_CHANGES = (
    "The change and its p-value count everybody with a score; “rose” and “fell” count only people found in both waves. "
    "P-values allow for all that is compared, and for the page's other questions."
)
NOTE_ON_ITEMS = "Corrected over the items of a construct. We name an item only if its construct changed."


# --- waves ------------------------------------------------------------------------------------------------------------
def draw_waves(by_wave: pd.DataFrame, changes: pd.DataFrame, study: Study) -> np.ndarray:
    """Each panel is one construct: the mean score of each wave, joined from one to the next, with its interval if known."""

    def draw(rows: pd.DataFrame, axes: plt.Axes, colour: str) -> None:
        axes.plot(rows["mean"], rows["row"], color=colour, linewidth=1, marker="o", markersize=6, alpha=0.6)
        if "low" in rows:
            axes.hlines(rows["row"], rows["low"], rows["high"], color=colour, linewidth=2)

    axes = draw_panels(by_wave.rename(columns={"wave": "group"}).assign(grouping="", n=by_wave.get("n", np.nan)), study, draw)
    axes[0, 0].set(xlim=style.widen(study.score_limits), xticks=np.linspace(*study.score_limits, 3))
    return axes


def title_waves(by_wave: pd.DataFrame, changes: pd.DataFrame, study: Study) -> str:
    found = find_differing(changes)["construct"].unique() if len(changes) else []
    if len(found):
        return f"{quoted_list(map(study.construct_name, found))} changed between the waves"
    if len(changes) and len(keep_tested(changes)):
        return "Scores did not clearly change between the waves"
    return "Mean scores in each wave"


def say_means(by_wave: pd.DataFrame, changes: pd.DataFrame, study: Study) -> str:
    """The means of each construct from wave to wave, for those who cannot see the dots."""
    means = by_wave["mean"].map(decimals) + " (" + by_wave["wave"].astype(str) + ")"
    parts = [
        f"{study.construct_name(construct)} {', '.join(texts)}"
        for construct, texts in means[by_wave["mean"].notna()].groupby(by_wave["construct"], sort=False)
    ]
    return f"Mean scores by wave: {'; '.join(parts)}." if parts else "No mean may be shown."


def say_changes(changes: pd.DataFrame, study: Study) -> str:
    """Whether scores changed between waves, among all who answered: a claim, and how far; never "no change"."""
    if changes.empty:
        return ""
    tested, found = keep_tested(changes), find_differing(changes)
    if tested.empty:
        return f"We could not compare the waves. The reason: {list_reasons(changes['note'])}."
    rest = tested.drop(found.index)
    if found.empty:
        claim = "We found no clear change between the waves."
        if "low" in rest and rest["low"].notna().any():
            ends = between(rest["low"].min(), rest["high"].max())
            return f"{claim} Changes anywhere from {ends} points would still fit these answers."
        return f"{claim} Where few people answered, only large changes can be seen."
    named = [
        f"{study.construct_name(row['construct'])} {say_change(row)} from {row['earlier']} to {row['later']}"
        for row in found.head(3).to_dict("records")
    ]
    more = [f"{counted(len(found) - 3, 'more change')} can be seen in the table"] if len(found) > 3 else []
    others = f" In {counted(len(rest), 'other comparison')} we could not tell." if len(rest) else ""
    return f"Scores changed between the waves. {listed([*named, *more])}.{others}"


def say_change(row: dict) -> str:
    """How a construct changed; a funder is told only that it did."""
    if pd.isna(change := row.get("change", np.nan)):
        return "changed"
    return f"{'rose' if change > 0 else 'fell'} by {decimals(abs(change))} points"


# --- the next survey --------------------------------------------------------------------------------------------------
def say_sizes(needed: pd.DataFrame, study: Study) -> str:
    """How many responses the next survey needs in each of two groups: for the construct that needs most, and least."""
    known = needed.dropna(subset="needed_low").sort_values("needed")
    if known.empty:
        return "We cannot tell how many responses the next survey needs: these scores are too few or too much alike."
    sizes = [f"{round_up(row.needed_low)} to {round_up(row.needed_high)}" for row in known.itertuples()]
    names = list(known["construct"].map(study.construct_name))
    least = f", which needs most; {names[0]} needs {sizes[0]}" if len(known) > 1 else ""
    seen = f"To see a difference of {say_points(known['shift'].iloc[0])} between two groups 8 times in 10"
    return (
        f"{seen}, the next survey needs about {sizes[-1]} people in each of them. That is for {names[-1]}{least}. These are "
        "ranges because few people show only roughly how widely scores spread."
    )


def round_up(size: float) -> str:
    """A number of people to two digits, as rough as it is known: 107.3 is 110."""
    digits = 10 ** max(0, len(str(int(size))) - 2)
    return f"{int(np.ceil(size / digits)) * digits:,}"


def say_widths(widths: pd.DataFrame) -> str:
    """How closely a percentage is known from 40 people, and from 150."""
    halves = widths[widths["share"] == 50].set_index("n")["width"] / 2
    ends = f"{halves[40]:.0f} points either way; from 150, to within {halves[150]:.0f}"
    return f"A percentage from 40 people is known to within about {ends}."


def draw_power(power: pd.DataFrame, study: Study) -> plt.Axes:
    """Power by the size of each of two groups; each line is one construct, with its range."""
    _, axes = plt.subplots(figsize=(style.width(), 3.8))
    for (key, rows), colour in zip(power.groupby("construct", sort=False), cycle(style.CONSTRUCT_COLOURS), strict=False):
        axes.plot(rows["n_per_group"], rows["power"], color=colour, marker="o", markersize=4, label=study.construct_name(key))
        axes.fill_between(rows["n_per_group"], rows["power_low"], rows["power_high"], color=colour, alpha=0.1, linewidth=0)
    axes.set(xlabel="People in each of two groups", ylabel="Chance of seeing it (%)", ylim=(0, 100))
    axes.legend(frameon=False, fontsize=9, **({"loc": "upper left", "bbox_to_anchor": (0, -0.18)} if style.is_narrow() else {}))
    return axes


def title_power(power: pd.DataFrame, study: Study) -> str:
    """How many people each group needs for the difference to show most likely in every construct."""
    least, far = power.groupby("n_per_group")["power"].min(), say_points(power["shift"].iloc[0])
    if least.max() < 80:
        return f"Even {least.index.max()} people in each group may be too few to see {far}"
    return f"With {least.index[least >= 80][0]} people in each group {far} would most likely show"


def say_power(power: pd.DataFrame, study: Study) -> str:
    """The chance with the fewest and with the most people, for those who cannot see the lines."""
    sizes = power.groupby("n_per_group")["power"].agg(["min", "max"]).map(percent)
    (few, *first), (many, *last) = sizes.iloc[[0, -1]].itertuples()
    first, last = (span(*ends) + ", depending on the construct" * (ends[0] != ends[1]) for ends in (first, last))
    people = counted(few, "person", "people")
    return f"With {people} in each group the chance of seeing the difference is {first}; with {many:,} it is {last}."
