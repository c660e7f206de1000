"""What notebook 3 shows of waves compared and of the next survey."""

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns

from helpers.page.style import CONSTRUCT_COLOURS
from helpers.page.words import between, counted, decimals, listed
from helpers.study.definition import Study

NOTE_ON_CHANGES = (
    "Means, their change and p are over everybody with a score. Rose, fell and the effect (those who rose less those who fell, "
    "of all) are over the people found in both waves. P-values are corrected for all that is compared, and for the page's "
    "other questions."
)
NOTE_ON_ITEMS = "Corrected over the items of a construct. We name an item only if its construct changed."


# --- waves ------------------------------------------------------------------------------------------------------------
def say_once(study: Study) -> str:
    """That a survey held once shows no change; nothing where there are several waves."""
    once = "This survey was held once, so it cannot show a change: for that, the same questions must be asked before and after."
    return once if len(study.survey.files) == 1 else ""


def say_changes(changes: pd.DataFrame, study: Study) -> str:
    """Which constructs changed between two waves, among all who answered, and how many of those found in both rose and fell."""
    sentences = []
    for (earlier, later), rows in changes.groupby(["earlier", "later"], sort=False):
        tested, found = rows[rows["p_holm"].notna()], rows[rows["p_holm"] < 0.05]
        if tested.empty:
            sentences.append(f"From {earlier} to {later} no construct could be compared.")
            continue
        people = f"among all who answered ({tested['n_earlier'].max()} people and then {tested['n_later'].max()})"
        of = f"of {counted(len(tested), 'construct')}"
        seen = f"a change in {len(found)} {of}" if len(found) else f"no clear change in any {of}"
        sentences.append(f"From {earlier} to {later}, {people}, we found {seen}.")
        sentences += [say_change(row, study) for row in found.itertuples()]
        rest = tested.drop(found.index).dropna(subset="low")
        if len(rest):
            where = "In the others, changes" if len(found) else "Changes"
            fits = between(rest["low"].min(), rest["high"].max())
            sentences.append(f"{where} anywhere from {fits} points would still fit these answers.")
    return " ".join(sentences)


def say_change(row, study: Study) -> str:
    """One construct that changed: all who answered first, then those found in both waves."""
    name, moved = study.construct_name(row.construct), "rose" if row.change > 0 else "fell"
    interval = (
        "" if pd.isna(row.low) else f" (by {decimals(abs(row.change))}, 95% CI of the change {between(row.low, row.high)})"
    )
    means = f"{decimals(row.mean_earlier)} to {decimals(row.mean_later)}{interval}"
    return f"{name}: the mean of all who answered {moved} from {means}." + (
        f" Of {row.pairs} people found in both waves {row.rose} rose and {row.fell} fell." if row.pairs else ""
    )


# --- the next survey --------------------------------------------------------------------------------------------------
def draw_widths(widths: pd.DataFrame):
    """How the interval of a percentage narrows with more respondents; gives back the axes."""
    axes = draw_lines(widths.assign(series=widths["share"].map("{:g}% agree".format)), "n", "width")
    axes.set(xlabel="Respondents", ylabel="Width of the 95% interval (points)")
    return axes


def say_widths(widths: pd.DataFrame) -> str:
    at_40 = widths[(widths["n"] == 40) & (widths["share"] == 50)].iloc[0]
    return f"At 40 respondents and 50% the interval is {at_40['width']:.0f} points wide; four times as many halve it."


def say_sizes(needed: pd.DataFrame, study: Study) -> str:
    """How many responses the next survey needs in each of two groups, as a range."""
    known = needed.dropna(subset="needed_low")
    if known.empty:
        return "How many responses the next survey needs cannot be told: these scores are too few or too much alike."
    sizes = [
        f"{row.needed_low:,.0f} to {row.needed_high:,.0f} for {study.construct_name(row.construct)}"
        for row in known.itertuples()
    ]
    span = f"between {known['needed_low'].min():,.0f} and {known['needed_high'].max():,.0f}"
    return (
        f"To see a difference of {known['shift'].iloc[0]:g} points with 80% power, the next survey needs {span} responses in "
        f"each of two groups: {listed(sizes)}. Few people tell little of how widely scores spread: we are 80% confident of "
        "each range. It allows for the other comparisons that the page makes."
    )


def draw_power(power: pd.DataFrame, study: Study):
    """Power by the size of each of two groups, a line a construct with its range; gives back the axes."""
    lines = power.assign(series=power["construct"].map(study.construct_name))
    axes = draw_lines(lines, "n_per_group", "power")
    for (_, rows), colour in zip(lines.groupby("series", sort=False), CONSTRUCT_COLOURS, strict=False):
        axes.fill_between(rows["n_per_group"], rows["power_low"], rows["power_high"], color=colour, alpha=0.1, linewidth=0)
    axes.set(xlabel="Respondents in each of two groups", ylabel="Power (%)", ylim=(0, 100))
    return axes


def draw_lines(curve: pd.DataFrame, x: str, y: str):
    """A line a `series` over a common axis; gives back the axes."""
    _, axes = plt.subplots(figsize=(7.2, 3.8))
    names = curve["series"].nunique()
    sns.lineplot(curve, x=x, y=y, hue="series", palette=CONSTRUCT_COLOURS[:names], marker="o", errorbar=None, ax=axes)
    axes.legend(frameon=False, fontsize=9, title=None)
    return axes
