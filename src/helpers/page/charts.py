"""Drawings, each from a small table of numbers; what they mean is said by `present`, which numbers and marks them."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers.page import style, words
from helpers.study.definition import Scale

ROW_HEIGHT = 0.34
WIDTH = 9.0
# What the legend calls the part of a bar that is not told.
HIDDEN = "Withheld"
# Above this many respondents in a row, one dot a score stands for them, its area for their number.
MOST_POINTS = 300


def draw_stacked(counts: pd.DataFrame, scale: Scale) -> plt.Figure:
    """100% bars, one a row, over those who gave an answer on the scale; n stands at the end of each.

    Parameters
    ----------
    counts : DataFrame
        Index: row labels. Columns: the scale's labels, lowest first. Cells: respondents.
    """
    counts = counts[scale.labels]
    totals = counts.sum(axis=1)
    shares = 100 * counts.div(totals.where(totals > 0), axis=0).fillna(0)
    colours = style.response_colours(scale)
    drawn, axes = open_rows(shares.index, legend=True)
    left = np.zeros(len(shares))
    for label in scale.labels:
        bars = axes.barh(range(len(shares)), shares[label], left=left, color=colours[label], label=label, height=0.78)
        write_in_bars(axes, bars, counts[label], shares[label], colours[label])
        left += shares[label].to_numpy()
    for row, total in enumerate(totals):
        axes.text(101, row, f"n = {total}", va="center", fontsize=8)
    axes.set(xlim=(0, 108), xlabel="% of those who gave an answer on the scale")
    axes.set_xticks(range(0, 101, 20))
    finish(drawn, axes, scale.labels)
    return drawn


def draw_diverging(counts: pd.DataFrame, scale: Scale, not_relevant: pd.Series) -> plt.Figure:
    """Bars that part at the scale's middle: low answers left, high answers right, neutral and not relevant apart.

    Parameters
    ----------
    counts : DataFrame
        As for `draw_stacked`.
    not_relevant : Series
        Respondents who answered not relevant, on the same index. Percentages are of all who answered the item.
    """
    counts = counts[scale.labels]
    totals = counts.sum(axis=1) + not_relevant
    shares = 100 * counts.div(totals.where(totals > 0), axis=0).fillna(0)
    aside = (100 * not_relevant / totals.where(totals > 0)).fillna(0)
    colours = style.response_colours(scale)
    low, neutral, high = style.part_responses(scale)

    parts = [("main", 6.2)] + ([("neutral", 1.4)] if neutral else []) + ([("aside", 1.4)] if aside.any() else [])
    height = 1.6 + ROW_HEIGHT * len(shares) * row_lines(shares.index)
    drawn, all_axes = plt.subplots(
        1, len(parts), figsize=(WIDTH, height), sharey=True, squeeze=False, width_ratios=[width for _, width in parts]
    )
    axes = dict(zip([name for name, _ in parts], all_axes[0], strict=True))
    rows = range(len(shares))
    for side, labels in ((-1, low[::-1]), (1, high)):
        start = np.zeros(len(shares))
        for label in labels:
            values = side * shares[label].to_numpy()
            axes["main"].barh(rows, values, left=start, color=colours[label], label=label, height=0.78)
            start += values
        for row, end in enumerate(start):
            axes["main"].text(
                end + side * 2, row, words.percent(abs(end)), va="center", fontsize=8,
                ha="left" if side > 0 else "right",
            )  # fmt: skip
    axes["main"].axvline(0, color="#333333", linewidth=1)
    reach = 118
    axes["main"].set(xlim=(-reach, reach), xlabel="% of all who answered the item")
    axes["main"].set_xticks(range(-100, 101, 50), [str(abs(tick)) for tick in range(-100, 101, 50)])
    label_rows(axes["main"], [f"{name} (n = {total})" for name, total in zip(shares.index, totals, strict=True)])
    for name, values, colour in (
        ("neutral", shares[neutral].sum(axis=1), style.NEUTRAL_COLOUR), ("aside", aside, style.NOT_RELEVANT_COLOUR),
    ):  # fmt: skip
        if name in axes:
            axes[name].barh(rows, values, color=colour, height=0.78, edgecolor="#777777", linewidth=0.5)
            for row, value in enumerate(values):
                if value:
                    axes[name].text(value + 1.5, row, words.percent(value), va="center", fontsize=8)
            axes[name].set(xlim=(0, max(40, values.max() * 1.5)), xticks=[0, 20, 40])
            axes[name].set_title(neutral[0] if name == "neutral" else "Not relevant", fontsize=9)
    finish(drawn, axes["main"], scale.labels)
    return drawn


def draw_told(shares: pd.DataFrame, texts: pd.DataFrame, scale: Scale) -> plt.Figure:
    """Bars of 100% by band, with what is withheld hatched between the bands that are told.

    Parameters
    ----------
    shares : DataFrame
        Index: row labels. Columns: bands, lowest first. Cells: the least that may be told, in % of all who answered;
        missing where nothing may.
    texts : DataFrame
        What stands in the bars: the same rows and columns.
    """
    colours = style.band_colours(scale)
    drawn, axes = open_rows(shares.index, legend=True)
    left = np.zeros(len(shares))
    for band in shares.columns:
        told = shares[band].fillna(0).to_numpy()
        colour = colours.get(band, style.NOT_RELEVANT_COLOUR)
        bars = axes.barh(range(len(shares)), told, left=left, color=colour, label=band, height=0.78)
        write_in_bars(axes, bars, texts[band], shares[band].fillna(0), colour)
        left += told
    hidden = np.where(100 - left > 0.01, 100 - left, 0)
    axes.barh(
        range(len(shares)), hidden, left=left, color="white", edgecolor="#777777", hatch="////", linewidth=0.5,
        label=HIDDEN if hidden.any() else None, height=0.78,
    )  # fmt: skip
    hatched = "; hatched: withheld to protect people" if hidden.any() else ""
    axes.set(xlim=(0, 100), xlabel=f"% of all who answered the item{hatched}")
    finish(drawn, axes, [*shares.columns, HIDDEN])
    return drawn


def draw_counts(counts: pd.Series, unit: str) -> plt.Figure:
    """Horizontal bars, each with its number; a missing number is withheld and says so.

    Parameters
    ----------
    counts : Series
        Index: row labels, or two levels (panel, row label) for a panel a grouping.
    unit : str
        What is counted.
    """
    panels = [("", counts)]
    if counts.index.nlevels == 2:
        panels = [(name, rows.droplevel(0)) for name, rows in counts.groupby(level=0, sort=False)]
    heights = [0.9 + ROW_HEIGHT * len(rows) * row_lines(rows.index) for _, rows in panels]
    drawn, all_axes = plt.subplots(
        len(panels), figsize=(WIDTH, sum(heights)), squeeze=False, sharex=True, height_ratios=heights
    )
    top = max(1, counts.fillna(0).max())
    for axes, (name, rows) in zip(all_axes[:, 0], panels, strict=True):
        axes.barh(range(len(rows)), rows.fillna(0), color=style.HIGH_COLOURS[1], height=0.72)
        for row, value in enumerate(rows):
            axes.text(np.nan_to_num(value) + top * 0.012, row, words.whole(value), va="center", fontsize=9)
        axes.set(xlim=(0, top * 1.08), title=name)
        axes.xaxis.get_major_locator().set_params(integer=True)
        label_rows(axes, rows.index)
    all_axes[-1, 0].set_xlabel(unit)
    return drawn


def draw_intervals(
    rows: pd.DataFrame, axis: str, limits: tuple[float, float], references: pd.DataFrame | None = None
) -> plt.Figure:
    """A point with its interval a row, over a band of published values.

    Parameters
    ----------
    rows : DataFrame
        Columns `label, value, low, high`; a missing interval leaves the point alone.
    axis : str
        What the horizontal axis measures, with its unit.
    references : DataFrame, optional
        Columns `label, low, high`: the range of published values for the same labels.
    """
    drawn, axes = open_rows(rows["label"])
    for k, row in enumerate(rows.itertuples()):
        axes.plot([row.low, row.high], [k, k], color=style.HIGH_COLOURS[1], linewidth=2.2, solid_capstyle="butt")
        axes.plot(row.value, k, "o", color=style.HIGH_COLOURS[1], markersize=7)
    if references is not None and len(references):
        places = {label: k for k, label in enumerate(rows["label"])}
        for row in references.itertuples():
            left, width = row.low - 0.004, row.high - row.low + 0.008
            axes.barh(places[row.label], width, left=left, color="#f0c9a0", height=0.62, zorder=0, label="Published elsewhere")
        finish(drawn, axes, ["Published elsewhere"])
    axes.set(xlim=limits, xlabel=axis, ylim=(len(rows) - 0.5, -0.6))
    return drawn


def draw_every_respondent(points: pd.DataFrame, axis: str, limits: tuple[float, float]) -> plt.Figure:
    """Every respondent as a point, with each row's median as a bar: nothing is hidden in a box.

    In a row of more than `MOST_POINTS` respondents a dot stands for all with one score, its area for their number.

    Parameters
    ----------
    points : DataFrame
        Columns `panel, row, value`; panels stand side by side and rows from the top, both in order of appearance.
    axis : str
        What is measured, with its unit.
    limits : tuple of float
        Ends of the scale.
    """
    panels, rows = list(dict.fromkeys(points["panel"])), list(dict.fromkeys(points["row"]))
    height = 1.3 + 0.62 * len(rows)
    drawn, all_axes = plt.subplots(1, len(panels), figsize=(WIDTH, height), sharey=True, sharex=True, squeeze=False)
    colours = repeated(style.CONSTRUCT_COLOURS, len(panels))
    for axes, panel, colour in zip(all_axes[0], panels, colours, strict=True):
        for k, row in enumerate(rows):
            here = points.loc[points["panel"].eq(panel) & points["row"].eq(row), "value"].dropna()
            values = here.sort_values().to_numpy()
            if len(values) <= MOST_POINTS:
                axes.plot(values, k + spread_points(values), "o", color=colour, alpha=0.65, markersize=4.2)
            else:
                scores, counts = np.unique(values, return_counts=True)
                axes.scatter(
                    scores, np.full(len(scores), k), s=260 * counts / counts.max(), color=colour, alpha=0.65, linewidth=0
                )
            if len(values):
                axes.plot([np.median(values)] * 2, [k - 0.36, k + 0.36], color="#1c1c1c", linewidth=2)
        axes.set_title(style.wrapped(panel, 100 // len(panels)), fontsize=9)
    label_rows(all_axes[0][0], rows)
    pad = 0.05 * (limits[1] - limits[0])
    all_axes[0][0].set(xlim=(limits[0] - pad, limits[1] + pad))
    all_axes[0][0].set_xticks(np.linspace(*limits, 3))
    drawn.supxlabel(f"{axis}; black bar: median", fontsize=9)
    return drawn


def spread_points(values: np.ndarray) -> np.ndarray:
    """Offsets that keep equal scores apart: the same for the same values, so that a rerun draws the same picture."""
    offsets = np.zeros(len(values))
    for value in np.unique(values):
        same = values == value
        number = same.sum()
        step = min(0.11, 0.6 / number)
        offsets[same] = step * (np.arange(number) - (number - 1) / 2)
    return offsets


def draw_matrix(matrix: pd.DataFrame, unit: str) -> plt.Figure:
    """Counts in a grid: the number in each cell, darker for more; zero cells are left blank.

    Parameters
    ----------
    matrix : DataFrame
        Row labels × column labels; small counts.
    unit : str
        What is counted, for the colour's legend.
    """
    height = 2.6 + 0.36 * len(matrix)
    drawn, axes = plt.subplots(figsize=(max(6.0, min(WIDTH, 3.6 + 0.62 * matrix.shape[1])), height))
    values = matrix.to_numpy(dtype=float)
    top = max(1.0, np.nanmax(values, initial=1))
    axes.imshow(np.where(values > 0, values, np.nan), cmap="Blues", vmin=0, vmax=top * 1.3, aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        if value:
            axes.text(
                column, row, f"{value:g}", ha="center", va="center", fontsize=9,
                color="white" if value > 0.75 * top else "#1c1c1c",
            )  # fmt: skip
    axes.set_xticks(range(matrix.shape[1]), [style.wrapped(str(name), 22) for name in matrix.columns], rotation=90)
    axes.set_yticks(range(len(matrix)), [style.wrapped(str(name), 38) for name in matrix.index])
    axes.set_xticks(np.arange(-0.5, matrix.shape[1]), minor=True)
    axes.set_yticks(np.arange(-0.5, len(matrix)), minor=True)
    axes.grid(visible=False)
    axes.grid(which="minor", color="#e3e3e3", linewidth=0.8)
    axes.tick_params(which="minor", length=0)
    axes.set_xlabel(unit)
    return drawn


def draw_curve(curve: pd.DataFrame, across: str, up: str, limits: tuple[float, float] | None = None) -> plt.Figure:
    """Lines over a common axis, each with a band where the table has one.

    Parameters
    ----------
    curve : DataFrame
        Columns `x, y, series` and, where known, `low, high`.
    """
    drawn, axes = plt.subplots(figsize=(7.2, 3.8))
    for (name, line), colour in zip(
        curve.groupby("series", sort=False), repeated(style.CONSTRUCT_COLOURS, curve["series"].nunique()), strict=True
    ):
        axes.plot(line["x"], line["y"], marker="o", markersize=4, color=colour, label=str(name))
        if "low" in line:
            axes.fill_between(line["x"], line["low"], line["high"], color=colour, alpha=0.15, linewidth=0)
    axes.set(xlabel=across, ylabel=up)
    axes.xaxis.get_major_locator().set_params(integer=True)
    if limits:
        axes.set_ylim(*limits)
    if curve["series"].nunique() > 1:
        axes.legend(frameon=False, fontsize=9)
    return drawn


def draw_joint(favour: pd.DataFrame, rows: pd.DataFrame) -> plt.Figure:
    """Constructs in rows: favourable share of each item (those that stand out are named), participants coded, judgement.

    Parameters
    ----------
    favour : DataFrame
        From `joint.measure_favour`.
    rows : DataFrame
        From `joint.join_constructs`.
    """
    drawn, (left, right) = plt.subplots(1, 2, figsize=(WIDTH, 1.6 + 0.95 * len(rows)), sharey=True, width_ratios=[3, 1.15])
    colours = dict(zip(rows["construct"], repeated(style.CONSTRUCT_COLOURS, len(rows)), strict=True))
    most = int(rows["of"].fillna(1).max())
    for mean in favour[["typical", "typical_most"]].iloc[0].unique():
        left.axvline(mean, color="#777777", linestyle="--", linewidth=1)
    for k, row in enumerate(rows.itertuples()):
        items = favour[favour["construct"] == row.construct].dropna(subset=["percent"]).sort_values("percent")
        offsets = k + spread_points(items["percent"].to_numpy())
        left.plot(items["percent"], offsets, "o", color=colours[row.construct], alpha=0.75, markersize=7)
        for place, names in gather_labels(items[items["stands_out"] != ""]):
            left.annotate(names, (place, offsets.min()), (0, 9), textcoords="offset points", ha="center", fontsize=9)
        told = np.nan_to_num(row.participants)
        right.barh(k, told, color=colours[row.construct], height=0.5)
        text = f"{words.whole(row.participants)} of {words.whole(row.of)}\n{row.judgement}"
        right.text(told + 0.02 * most, k, text, va="center", fontsize=9)
    label_rows(left, rows["label"])
    lines = "dashed: mean of all"
    if favour["numerator"].isna().any():
        lines = "ranges at their least; dashed: the mean of all lies between"
    left.set(xlim=(0, 104), xlabel=f"% favourable, one point an item\n{lines}")
    right.set(xlim=(0, 1.75 * most), xlabel="Participants coded")
    right.set_xticks([0, most])
    right.grid(axis="y", visible=False)
    return drawn


def gather_labels(items: pd.DataFrame, apart: float = 6) -> list[tuple[float, str]]:
    """Names of items that lie close together as one label, so that none covers another: (place, names)."""
    labels: list[tuple[list[float], list[str]]] = []
    for row in items.sort_values("percent").itertuples():
        if not labels or row.percent - labels[-1][0][-1] > apart:
            labels.append(([], []))
        labels[-1][0].append(row.percent)
        labels[-1][1].append(row.item)
    return [(float(np.mean(places)), ", ".join(names)) for places, names in labels]


def draw_feasible(fits: pd.Series, n_max: int) -> plt.Figure:
    """A grid: which numbers of respondents (columns) fit each row of percentages.

    Parameters
    ----------
    fits : Series
        Index: rows. Values: numbers in words, as `audit.describe_numbers` writes them ("39, 40, 42 to 48").
    n_max : int
        The largest number that was tried.
    """
    drawn, axes = plt.subplots(figsize=(WIDTH, 1.2 + 0.24 * len(fits)))
    for row, text in enumerate(fits):
        for run in str(text).split(", "):
            ends = [int(part) for part in run.split(" to ") if part.isdigit()]
            if ends:
                axes.barh(row, ends[-1] - ends[0] + 1, left=ends[0] - 0.5, color=style.HIGH_COLOURS[1], height=0.7)
        if not any(character.isdigit() for character in str(text)):
            axes.text(n_max / 2, row, "no number fits", ha="center", va="center", fontsize=9, color="#8c1c13")
    label_rows(axes, fits.index)
    axes.set(xlim=(0, n_max + 1), xlabel="Number of respondents that fits")
    return drawn


# --- shared by the drawings -------------------------------------------------------------------------------------------
def open_rows(labels: Sequence[str], legend: bool = False) -> tuple[plt.Figure, plt.Axes]:
    """Axes with one row a label, the first at the top, tall enough for wrapped labels."""
    height = (1.5 if legend else 0.9) + ROW_HEIGHT * len(labels) * row_lines(labels)
    drawn, axes = plt.subplots(figsize=(WIDTH, height))
    label_rows(axes, labels)
    return drawn, axes


def row_lines(labels: Sequence[str]) -> float:
    return max([1.0, *(0.72 * (1 + style.wrapped(str(label)).count("\n")) for label in labels)])


def label_rows(axes: plt.Axes, labels: Sequence[str]) -> None:
    axes.set_yticks(range(len(labels)), [style.wrapped(str(label)) for label in labels])
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.grid(axis="y", visible=False)


def write_in_bars(axes: plt.Axes, bars, texts: pd.Series, shares: pd.Series, colour: str) -> None:
    """Write each count (or text) into its bar where it fits; the table behind the figure has them all."""
    from matplotlib.colors import to_rgb

    dark = np.dot(to_rgb(colour), [0.3, 0.59, 0.11]) < 0.5
    for bar, text, share in zip(bars, texts, shares, strict=True):
        if share >= 4:
            axes.text(
                bar.get_x() + bar.get_width() / 2, bar.get_y() + bar.get_height() / 2, str(text), ha="center",
                va="center", fontsize=8, color="white" if dark else "#1c1c1c",
            )  # fmt: skip


def finish(drawn: plt.Figure, axes: plt.Axes, labels: Sequence[str]) -> None:
    """A legend above the rows, in the order given."""
    handles = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    shown = [label for label in labels if label in handles]
    drawn.legend(
        [handles[label] for label in shown], shown, loc="outside upper center", ncols=min(6, len(shown)), frameon=False,
        fontsize=9,
    )  # fmt: skip


def repeated(values: Sequence[str], number: int) -> list[str]:
    return [values[k % len(values)] for k in range(number)]
