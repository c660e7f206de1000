"""What notebook 7 shows: a curve of results over all ways of analysing, and how many of them support each conclusion."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers.page import style
from helpers.page.words import counted, decimals, listed, quote
from helpers.study.definition import Study
from helpers.survey.choices import ABOVE, APART, BELOW, MOST, NOT_MOST, UNCLEAR
from helpers.survey.scoring import IRRELEVANT

# Parameters in readers' words; any other is shown by its name.
CHOICES = {
    "minimum_items": "Share of statements needed", "negative_items": "Negative ones count", "min_group_size": "Smallest group",
    "agree_from": "Favourable from point", "not_relevant": "“Not relevant”", "partial_responses": "Partial responses count",
    "named": "Variant", "seed": "Random numbers", "matters": "Difference that matters",
}  # fmt: skip
VARIANTS = {"True": "yes", "False": "no"} | {rule: name for rule, (name, _) in IRRELEVANT.items()}
# What a curve shows, by the column that it draws: its name in a title and under it, and what is coloured.
CURVES = {
    "mean": (
        "about scores", "mean score, with its 95% interval", "where the whole interval lies on one side of the scale's middle",
    ),
    "share": ("about favourable answers", "favourable share of answers, in per cent", "where most answers are favourable"),
    "effect": ("about groups", "effect (see the test of each construct)", "where groups clearly differ"),
}  # fmt: skip
MOST_NAMED = 3


def draw_curve(traced: pd.DataFrame, choices: pd.DataFrame, study: Study) -> np.ndarray:
    """Each panel is one construct: its results from lowest to highest, and below them what was chosen in each.

    Results that say something clear are coloured; a ring marks the notebooks' own choices.
    """
    value = find_value(traced)
    chosen = name_choices(choices)
    chosen["label"] = chosen["choice"] + ": " + chosen["variant"]
    labels, names = list(chosen["label"].unique()), list(traced["construct"].unique())
    down, across = (len(names), 1) if style.is_narrow() else (1, len(names))
    heights = [1.5, 0.2 * len(labels) + 0.1] * down
    size = (style.width(), sum(heights) + 0.5 * down)
    _, axes = plt.subplots(2 * down, across, figsize=size, height_ratios=heights, squeeze=False)
    for place, name in enumerate(names):
        top, below = (axes[2 * place + k, 0] if style.is_narrow() else axes[k, place] for k in (0, 1))
        rows = traced[traced["construct"] == name].sort_values([value, "cell"], ignore_index=True)
        colours = np.where(rows["verdict"].isin([UNCLEAR, NOT_MOST]), "#999999", style.HIGH_COLOURS[1])
        if "low" in rows:
            top.vlines(rows.index, rows["low"], rows["high"], colours, linewidth=1, alpha=0.5)
        top.scatter(rows.index, rows[value], 10, colours, zorder=3)
        here = rows[rows["reported"]]
        top.scatter(here.index, here[value], 60, facecolor="none", edgecolor=style.INK, linewidth=1, zorder=4)
        dots = rows[["cell"]].reset_index().merge(chosen, on="cell")
        below.scatter(dots["index"], dots["label"].map(labels.index), 5, "#333333")
        below.set(ylim=(max(1, len(labels)) - 0.5, -0.5), xlim=top.get_xlim())
        below.set_yticks(range(len(labels)), labels if style.is_narrow() or place == 0 else [""] * len(labels), fontsize=8)
        top.set_title(style.wrapped(study.construct_name(name), 34 if style.is_narrow() else 90 // across), fontsize=9)
        for panel in (top, below):
            panel.set_xticks([])
    lowest, highest = (end(panel.get_ylim()[k] for panel in axes[::2].flat) for k, end in ((0, min), (1, max)))
    for panel in axes[::2].flat:
        panel.set_ylim(*style.widen((lowest, highest)))
        panel.tick_params(labelleft=style.is_narrow() or panel is axes[0, 0])
    return axes


def find_value(traced: pd.DataFrame) -> str:
    """The column that a curve draws."""
    return next(name for name in CURVES if name in traced)


def name_choices(choices: pd.DataFrame) -> pd.DataFrame:
    """Choices and what was chosen, in readers' words."""
    words = choices["variant"].astype(str).str.removesuffix(".0").replace(VARIANTS)
    words = words.mask(choices["choice"].eq("agree_from") & words.eq("0"), "as the study says")
    names = choices["choice"].map(lambda name: CHOICES.get(name, name.replace("_", " ").capitalize()))
    return choices.assign(choice=names, variant=words)


def title_curve(traced: pd.DataFrame, choices: pd.DataFrame, study: Study) -> str:
    """Whether the choices change the verdict on any construct."""
    moved = [name for name, part in traced.groupby("construct", sort=False) if part["verdict"].nunique() > 1]
    by = f" {CURVES[find_value(traced)][0]}" + (f" by {quote(traced['grouping'].iloc[0])}" if "grouping" in traced else "")
    if traced["cell"].nunique() == 1:
        return f"What we conclude{by} in the only way of analysing that was computed"
    if not moved:
        return f"No choice changes what we conclude{by}"
    return f"What we conclude{by} depends on the choices in {listed(map(study.construct_name, moved))}"


def explain_curve(traced: pd.DataFrame, choices: pd.DataFrame, study: Study) -> str:
    _, what, clear = CURVES[find_value(traced)]
    ends = dict.fromkeys(f"{end:g}" for end in traced["n"].agg(["min", "max"])) if "n" in traced else ()
    people = f" of {' to '.join(ends)} people" if ends else ""
    return (
        f"Each dot is one way of analysing the answers{people}: its {what}, blue {clear}. The dots below show what "
        "was chosen. The ring marks the notebooks' own choices."
    )


def describe_curve(traced: pd.DataFrame, choices: pd.DataFrame, study: Study) -> str:
    """The curves for those who cannot see them: the range of each construct's results."""
    value = find_value(traced)
    parts = [
        f"{study.construct_name(name)} {decimals(part[value].min())} to {decimals(part[value].max())}"
        for name, part in traced.dropna(subset=value).groupby("construct", sort=False)
    ]
    return f"Results in {counted(traced['cell'].nunique(), 'way')} of analysing: {'; '.join(parts)}."


# --- words ------------------------------------------------------------------------------------------------------------
def say_held(held: pd.DataFrame, cells: pd.DataFrame, study: Study) -> str:
    """How many conclusions hold whichever way one analyses, and in how many ways each of the others holds."""
    if held.empty:
        return "" if cells["state"].eq("done").any() else "No way of analysing everybody's answers was computed."
    if held["denominator"].max() == 1:
        return "Only one way of analysing was computed, so we cannot say whether other choices would change a conclusion."
    shaky = held[held["numerator"] < held["denominator"]].sort_values("numerator", kind="stable")
    kind = "effect" if "grouping" in held else "share" if held["verdict"].isin([MOST, NOT_MOST]).any() else "mean"
    about = CURVES[kind][0]
    firm, ways = len(held) - len(shaky), held["denominator"].max()
    if shaky.empty:
        hold = {1: "It holds", 2: "Both hold"}.get(firm, f"All {firm} hold")
        every = "both" if ways == 2 else f"all {ways:,}"
        said = f"No choice changes a conclusion {about}. {hold} in {every} ways of analysing."
    else:
        hold = f"{firm} of {counted(len(held), 'conclusion')} {about} {'holds' if firm == 1 else 'hold'}"
        said = f"{hold if firm else f'No conclusion {about} holds'} whichever way we analyse."
        for row in shaky.head(MOST_NAMED).to_dict("records"):
            said += f" In {row['numerator']} of {row['denominator']} ways of analysing, {say_conclusion(row, study)}."
        if (more := len(shaky) - MOST_NAMED) > 0:
            said += f" {counted(more, 'more conclusion')} {'depends' if more == 1 else 'depend'} on the choices."
    lost = int(cells["state"].ne("done").sum())
    return said + f" {counted(lost, 'more way')} could not be computed." * bool(lost)


def say_conclusion(row: dict, study: Study) -> str:
    """One conclusion, to end a sentence."""
    name, by = study.construct_name(row["construct"]), f" by {quote(row['grouping'])}" if "grouping" in row else ""
    return {
        ABOVE: f"the mean of {name} is above the middle of the scale",
        BELOW: f"the mean of {name} is below the middle of the scale",
        MOST: f"most answers on {name} are favourable",
        NOT_MOST: f"at most half of the answers on {name} are favourable",
        APART: f"groups{by} differ in {name}",
        UNCLEAR: f"we cannot tell {f'groups{by} apart in {name}' if by else f'which side of the middle {name} is on'}",
    }[row["verdict"]]
