"""Rows of figures: each is named at its left and counted at its right, or above and below it on a phone."""

from collections.abc import Sequence
from itertools import zip_longest

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers.page import style
from helpers.study.terms import WITHHELD

# Height of a line of text in inches; letters that fit beside a row, and above it in a narrow drawing.
LINE, BESIDE, ABOVE = 0.165, 45, 48
INK, PALE = "#1c1c1c", "#666666"


def open_rows(
    names: Sequence[str], figures: pd.DataFrame, panels: Sequence[float], headings: Sequence[str] = ()
) -> tuple[pd.Series, np.ndarray]:
    """Axes side by side for rows of several lines; returns each row's place and the axes, those of the `panels` first.

    Names go to the left of the panels (as wide as `panels` says) and `figures`, as strings, to their right under the column
    names; in a narrow drawing names go above the rows and figures below. `headings` go above the rows that have one.
    """
    narrow, end, places, texts = style.is_narrow(), 0.0, [], []
    for name, heading in zip_longest(names, headings, fillvalue=""):
        for text, room, weight in ((heading, 2 * BESIDE, "bold"), (name, BESIDE, "normal")):
            if text:
                end += 0.6 if weight == "bold" else 0.25
                texts.append((end, style.wrapped(text, ABOVE if narrow else room), weight))
                lines = 1 + texts[-1][1].count("\n")
                end += lines
        places.append(end + 0.75 if narrow else end - lines / 2)
        end += 2.4 if narrow else 0.25
    beside = [] if narrow else [0.62 * figures.shape[1]]
    rest = style.width() - 3.1 - sum(beside)
    widths = panels if narrow else [3.1, *(rest * panel / sum(panels) for panel in panels), *beside]
    size = (style.width(), 0.9 + LINE * end)
    axes = plt.subplots(1, len(widths), figsize=size, sharey=True, squeeze=False, width_ratios=widths)[1][0]
    main, home = axes[1 - narrow], axes[0]
    main.set(ylim=(end, 0))
    main.set_yticks(places, names)
    for panel in axes:
        panel.tick_params(axis="y", left=False, labelleft=False)
        panel.grid(axis="y", visible=False)
        panel.spines["left"].set_visible(False)
    box = {"fc": "white", "ec": "none", "pad": 1}
    above = {"va": "top", "transform": home.get_yaxis_transform(), "in_layout": False, "bbox": box}
    for y, text, weight in texts:
        home.text(0, y, text, weight=weight, color=INK, fontsize=9, **above)
    if narrow:
        for place, row in zip(places, figures.to_dict("records"), strict=True):
            some = {name: text for name, text in row.items() if name == "n" or text not in ("0", "0%")}
            below = " · ".join(f"{name[:1].lower()}{name[1:]} {text}" for name, text in some.items())
            main.text(0, place + 0.7, below, color=PALE, fontsize=8, **above)
        return pd.Series(places, figures.index), axes
    # Headings extend over the panels.
    home.set_zorder(2)
    home.axis("off")
    axes[-1].axis("off")
    axes[-1].set(xlim=(0, figures.shape[1]))
    look = {"ha": "center", "fontsize": 9}
    for column, name in enumerate(figures):
        axes[-1].text(column + 0.5, 0, style.wrapped(name, 9), va="bottom", color=PALE, **look)
        for place, text in zip(places, figures[name], strict=True):
            axes[-1].text(column + 0.5, place, text, va="center", color=PALE if text == WITHHELD else INK, **look)
    return pd.Series(places, figures.index), np.roll(axes, -1)


def write_at(axes: plt.Axes, places: pd.Series, ends: pd.Series, texts: Sequence[str], side: int = 1) -> None:
    """Write a text at the end of each bar."""
    for place, end, text in zip(places, ends.fillna(0), texts, strict=True):
        look = {"fontsize": 8, "color": PALE} if text == WITHHELD else {"fontsize": 9}
        axes.text(end + 1.5 * side, place, text, va="center", ha="left" if side > 0 else "right", **look)
