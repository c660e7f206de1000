"""Colours, one look for every figure, drawings that several rooms share, and rows with their labels and figures."""

import base64
import io
import re
import textwrap
from collections.abc import Iterable, Sequence
from itertools import zip_longest

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers.study.definition import Scale
from helpers.study.terms import TURNING, WITHHELD

# One order and one colour throughout. Blue and orange differ for every common colour blindness (Okabe and Ito 2008) and
# in lightness, so that they also differ in grey print.
LOW_COLOURS = ["#8c3a00", "#e08a3c"]
NEUTRAL_COLOUR = "#c9c9c9"
HIGH_COLOURS = ["#7fb2dd", "#14508c"]
INK, PALE = "#1c1c1c", "#666666"
CONSTRUCT_COLOURS = ["#14508c", "#b35900", "#1b7f5f", "#7b4fa3", "#8a6d00", "#555555"]
# Width in inches of a full figure, and of its drawing for a phone: an inch is 96 pixels on a screen.
WIDTH, NARROW = 9.0, 3.8
# More dots than this are too close to be told apart, and make a page of many megabytes.
MOST_DOTS = 2_000


def width() -> float:
    """How wide a figure may be, in inches."""
    return plt.rcParams["figure.figsize"][0]


def is_narrow() -> bool:
    """Whether the drawing is for a phone: labels are then above what they name, not at its left."""
    return width() <= NARROW


def use_style(narrow: bool = False) -> None:
    """One look for every figure, and files that are the same whenever the numbers are."""
    import seaborn as sns

    sns.set_theme(style="whitegrid", context="notebook", font_scale=0.85)
    plt.rcParams.update({
        "font.family": "DejaVu Sans", "axes.titlelocation": "left", "axes.spines.top": False, "axes.spines.right": False,
        "figure.constrained_layout.use": True, "svg.hashsalt": "nomad-workbook", "svg.fonttype": "none",
        "text.parse_math": False, "axes.titley": 1.0,
        "figure.dpi": 100, "savefig.dpi": 160, "figure.figsize": (NARROW if narrow else WIDTH, 4.0),
    })  # fmt: skip


def picture(drawn: plt.Figure, kind: str) -> bytes:
    """A figure as SVG or PNG, without date or software in its metadata.

    An SVG keeps its words as text, which makes it a third as large. If the font is missing, one that is no wider is used.
    """
    stream = io.BytesIO()
    metadata = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
    # An axis without a label needs no place for it, which matplotlib would look for again and again.
    for axis in [axis for axes in drawn.axes for axis in (axes.xaxis, axes.yaxis) if not axis.label.get_text()]:
        axis.set_label_coords(0, 0)
    # Left to itself, matplotlib would draw everything twice to find out where things go.
    if layout := drawn.get_layout_engine():
        layout.execute(drawn)
        drawn.set_layout_engine("none")
    drawn.savefig(stream, format=kind, bbox_inches=drawn.get_tightbbox().padded(0.1), metadata=metadata)
    if kind == "png":
        return stream.getvalue()

    def shorten(value: re.Match) -> bytes:
        # A hundredth of a point is finer than any screen.
        return re.sub(rb"\d+\.\d{3,}", lambda number: b"%.2f" % float(number[0]), value[0]).replace(b"\n", b" ")

    short = re.sub(rb'="[^"]*"', shorten, stream.getvalue())
    # Names of parts are digests of places, whose last bits change from one drawing to the next.
    digests = dict.fromkeys(re.findall(rb'id="([a-z][0-9a-f]{10})"', short))
    names = {digest: b"p%d" % number for number, digest in enumerate(digests)}
    short = re.sub(rb"\b[a-z][0-9a-f]{10}\b", lambda name: names.get(name[0], name[0]), short)
    return re.sub(rb"\n\s*", b"\n", short).replace(b"'DejaVu Sans'", b"'DejaVu Sans', Verdana, sans-serif")


def encode(svg: bytes) -> str:
    """A drawing as an address that a page can show without loading anything."""
    return "data:image/svg+xml;base64," + base64.b64encode(TURNING.sub(b"", svg)).decode()


def figure_of(axes: object) -> plt.Figure:
    """The figure behind what a drawing function returned: axes, several of them, or one of seaborn's grids."""
    return np.ravel(axes)[0].figure


def wrapped(text: str, width: int) -> str:
    """A label broken into lines, so that it is never cut."""
    return "\n".join(textwrap.wrap(text, width))


def part_responses(scale: Scale) -> tuple[list[str], list[str], list[str]]:
    """Labels on the low side, in the middle and on the high side: whole bands, and a middle only when they are odd."""
    bands, half = scale.bands, len(scale.bands) // 2
    sides = bands[:half], bands[half : len(bands) - half], bands[len(bands) - half :]
    return tuple([point.label for point in scale.responses if point.band in side] for side in sides)


def response_colours(scale: Scale) -> dict[str, str]:
    """A colour for each point of a scale: low, neutral, high, darker toward the ends."""
    import seaborn as sns

    low, middle, high = part_responses(scale)
    lows, highs = (sns.blend_palette(ends, len(side)).as_hex() for ends, side in ((LOW_COLOURS, low), (HIGH_COLOURS, high)))
    return dict(zip(low, lows, strict=True)) | dict.fromkeys(middle, NEUTRAL_COLOUR) | dict(zip(high, highs, strict=True))


def band_colours(scale: Scale) -> dict[str, str]:
    """A colour for each band: that of its point farthest from the scale's middle."""
    colours, bands = response_colours(scale), scale.bands
    lowest = {point.band: colours[point.label] for point in reversed(scale.responses)}
    highest = {point.band: colours[point.label] for point in scale.responses}
    return {band: highest[band] if place >= len(bands) / 2 else lowest[band] for place, band in enumerate(bands)}


def find_step(scores: pd.DataFrame, limits: tuple[float, float]) -> float:
    """To what step scores are rounded in a drawing, so that it does not grow with the people; 0 for no rounding."""
    dots = scores[scores.columns.intersection(["grouping", "group", "construct", "score"])].drop_duplicates()
    return np.ptp(limits) / 16 if len(dots) > MOST_DOTS else 0


def place_scores(scores: pd.DataFrame, limits: tuple[float, float]) -> pd.DataFrame:
    """Add `drawn`: where on the scale a score is drawn."""
    step = find_step(scores, limits)
    return scores.assign(drawn=limits[0] + ((scores["score"] - limits[0]) / step).round() * step if step else scores["score"])


def say_dots(scores: pd.DataFrame, limits: tuple[float, float]) -> str:
    step = find_step(scores, limits)
    return f"Each dot is a score{f' to the nearest {step:g}' if step else ''}"


def draw_people(scores: pd.DataFrame, axes: plt.Axes, colour: str, most: int) -> None:
    """One panel: dots for scores (see `place_scores`), a bar for each group's median; `row` is a group's place."""
    people = scores.groupby(["row", "drawn"]).size().rename("people").reset_index()
    medians = scores.groupby("row")["score"].median().dropna()
    areas = 16 + 134 * (people["people"] - 1) / (most - 1)
    axes.scatter(people["drawn"], people["row"], areas, color=colour, alpha=0.7, edgecolor="w", linewidth=0.4)
    axes.scatter(medians, medians.index, 220, marker="|", color=INK, linewidth=2)


def widen(limits: tuple[float, float]) -> tuple[float, float]:
    """Limits of an axis that keep dots at the ends of a scale whole."""
    pad = 0.08 * (limits[1] - limits[0])
    return limits[0] - pad, limits[1] + pad


# --- rows with labels -------------------------------------------------------------------------------------------------
# Letters of nine points in a line of a label, and the line's height in inches.
LINE, LINE_HEIGHT = 46, 0.16


def place_rows(labels: Iterable[str], headings: Sequence[bool] = ()) -> pd.DataFrame:
    """Places of a figure's rows, in inches from its top.

    `text` (the label in lines), `heading` (nothing is drawn for it), `top`, `y` of what is drawn, `bottom`. A label is at the
    left of what is drawn, or above it on a phone.
    """
    rows = pd.DataFrame({"text": [wrapped(label, LINE) for label in labels]})
    rows["heading"] = list(headings) or False
    lines = LINE_HEIGHT * (rows["text"].str.count("\n") + 1)
    rows["bottom"] = (lines + 0.08 + 0.22 * (~rows["heading"] & is_narrow())).cumsum()
    rows["top"] = rows["bottom"].shift(fill_value=0)
    return rows.assign(y=rows["bottom"] - 0.18 if is_narrow() else (rows["top"] + rows["bottom"]) / 2)


def label_rows(axes: plt.Axes, rows: pd.DataFrame) -> None:
    """Write the labels of `place_rows`, those of headings in bold; the axes end with the last row."""
    at, alignment = ((0, "top"), "left") if is_narrow() else ((-0.01, "y"), "right")
    for row in rows.to_dict("records"):
        axes.annotate(
            row["text"], (at[0], row[at[1]]), xycoords=("axes fraction", "data"), ha=alignment, fontsize=9,
            va="top" if is_narrow() else "center", fontweight="bold" if row["heading"] else "normal",
        )  # fmt: skip
    axes.spines["left"].set_visible(not is_narrow())
    axes.set(yticks=[], ylim=(rows["bottom"].iloc[-1], 0))


# --- rows with a name and figures beside them -------------------------------------------------------------------------
# Height of a line of text in inches; letters that fit beside a row, and above it in a narrow drawing.
ROW_LINE, BESIDE, ABOVE = 0.165, 45, 48


def open_rows(
    names: Sequence[str], figures: pd.DataFrame, panels: Sequence[float], headings: Sequence[str] = ()
) -> tuple[pd.Series, np.ndarray]:
    """Axes side by side for rows of several lines; returns each row's place and the axes, those of the `panels` first.

    Names go to the left of the panels (as wide as `panels` says) and `figures`, as strings, to their right under the column
    names; in a narrow drawing names go above the rows and figures below. `headings` go above the rows that have one.
    """
    narrow, end, places, texts = is_narrow(), 0.0, [], []
    for name, heading in zip_longest(names, headings, fillvalue=""):
        for text, room, weight in ((heading, 2 * BESIDE, "bold"), (name, BESIDE, "normal")):
            if text:
                end += 0.6 if weight == "bold" else 0.25
                texts.append((end, wrapped(text, ABOVE if narrow else room), weight))
                lines = 1 + texts[-1][1].count("\n")
                end += lines
        places.append(end + 0.75 if narrow else end - lines / 2)
        end += 2.4 if narrow else 0.25
    beside = [] if narrow else [0.62 * figures.shape[1]]
    rest = width() - 3.1 - sum(beside)
    widths = panels if narrow else [3.1, *(rest * panel / sum(panels) for panel in panels), *beside]
    size = (width(), 0.9 + ROW_LINE * end)
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
        axes[-1].text(column + 0.5, 0, wrapped(name, 9), va="bottom", color=PALE, **look)
        for place, text in zip(places, figures[name], strict=True):
            axes[-1].text(column + 0.5, place, text, va="center", color=PALE if text == WITHHELD else INK, **look)
    return pd.Series(places, figures.index), np.roll(axes, -1)


def write_at(axes: plt.Axes, places: pd.Series, ends: pd.Series, texts: Sequence[str], side: int = 1) -> None:
    """Write a text at the end of each bar."""
    for place, end, text in zip(places, ends.fillna(0), texts, strict=True):
        look = {"fontsize": 8, "color": PALE} if text == WITHHELD else {"fontsize": 9}
        axes.text(end + 1.5 * side, place, text, va="center", ha="left" if side > 0 else "right", **look)
