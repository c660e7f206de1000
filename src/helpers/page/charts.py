"""Drawings, each from a small table of numbers; what they mean is said by `present`, which numbers and marks them."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers.page import style, words

ROW_HEIGHT = 0.34
WIDTH = 9.0


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


# --- shared by the drawings -------------------------------------------------------------------------------------------
def row_lines(labels: Sequence[str]) -> float:
    return max([1.0, *(0.72 * (1 + style.wrapped(str(label)).count("\n")) for label in labels)])


def label_rows(axes: plt.Axes, labels: Sequence[str]) -> None:
    axes.set_yticks(range(len(labels)), [style.wrapped(str(label)) for label in labels])
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.grid(axis="y", visible=False)


def repeated(values: Sequence[str], number: int) -> list[str]:
    return [values[k % len(values)] for k in range(number)]
