"""What notebook 2 shows of answers to items and of construct scores; `reliability` has the rest."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from helpers.page import style
from helpers.page.words import counted, decimals, listed, percent, ratio, whole
from helpers.study.definition import Study
from helpers.study.terms import WITHHELD
from helpers.survey.distributions import NOT_RELEVANT_BAND
from helpers.survey.scoring import COMPLETE_ONLY, PLAIN_MEAN


# --- answers to items -------------------------------------------------------------------------------------------------
def draw_answers(answers: pd.DataFrame, study: Study) -> np.ndarray:
    """Bars that part at the middle of one scale: low answers left, high answers right, neutral and not relevant apart.

    `answers` is from `distributions.count_responses`, or from `count_bands` as it may be told: `[c]` then stands for a bar that
    is withheld, and a bar whose least alone is told ends there ("90%+"). Percentages are of all who answered the item. Gives
    back the axes: the parted bars, then the neutral answers and the answers of not relevant where the scale has them.
    """
    scale = study.scales[answers["scale"].iloc[0]]
    single = name_points(answers) == "response"
    band_of = {point.label: point.band for point in scale.responses}
    low, middle, high = (
        list(dict.fromkeys(label if single else band_of[label] for label in labels)) for labels in style.part_responses(scale)
    )
    shares, hidden = sum_parts(answers)
    panels = [low[::-1] + high] + [middle] * bool(middle) + [[NOT_RELEVANT_BAND]] * bool(scale.not_relevant)
    n = answers.drop_duplicates("item").set_index("item")["denominator"]
    names = [f"{study.item_names[item]} (n\u00a0=\u00a0{whole(n[item])})" for item in shares.index]
    main, *others = all_axes = open_rows(names, [6.2] + [1.4] * (len(panels) - 1))
    colours = (style.response_colours if single else style.band_colours)(scale)
    bars = {"kind": "barh", "stacked": True, "width": 0.78, "legend": False}
    sides = (shares[low[::-1]] * -1).join(shares[high])
    sides.plot(ax=main, color=[colours[name] for name in sides], **bars)
    for side, parts in ((-1, low), (1, high)):
        write_totals(main, shares[parts].sum(axis=1, min_count=1), hidden[parts].any(axis=1), side)
    main.axvline(0, color="#333333", linewidth=1)
    protected = f"; {WITHHELD}: withheld to protect people" * bool(hidden.any(axis=None))
    main.set(xlim=(-118, 118), xlabel=f"% of all who answered the item{protected}")
    main.set_xticks(range(-100, 101, 50), [str(abs(tick)) for tick in range(-100, 101, 50)])
    for axes, parts in zip(others, panels[1:], strict=True):
        aside, neutral = shares[parts].sum(axis=1, min_count=1), parts == middle
        colour = style.NEUTRAL_COLOUR if neutral else style.NOT_RELEVANT_COLOUR
        aside.plot(ax=axes, color=colour, edgecolor="#777777", linewidth=0.5, **bars)
        write_totals(axes, aside, hidden[parts].any(axis=1))
        axes.set(xlim=(0, max(40, 1.5 * np.nanmax([0, *aside]))))
        axes.locator_params(axis="x", nbins=3)
        axes.set_title(parts[0], fontsize=9)
    label_rows(main, names)
    handles = dict(zip(*reversed(main.get_legend_handles_labels()), strict=True))
    main.figure.legend(
        [handles[name] for name in low + high], low + high, loc="outside upper center", ncols=6, frameon=False, fontsize=9
    )
    return all_axes


def sum_parts(answers: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Per cent of all who answered, an item a row and a point or band a column; and where a count is withheld."""
    part = answers[name_points(answers)].where(answers["relevant"], NOT_RELEVANT_BAND)
    least = answers.get("least", answers["numerator"])
    share = (100 * least / answers["denominator"]).where(answers["denominator"] > 0)
    cells = answers.assign(part=part, share=share, withheld=answers["numerator"].isna())
    by_part, items = cells.groupby(["item", "part"], sort=False), answers["item"].unique()
    shares, hidden = by_part["share"].sum(min_count=1).unstack(), by_part["withheld"].any().unstack()
    return shares.reindex(items), hidden.reindex(items)


def write_totals(axes: plt.Axes, shares: pd.Series, hidden: pd.Series, side: int = 1) -> None:
    """A percentage at the end of each bar, "90%+" where only the least may be told, or the mark of what is withheld."""
    axes.grid(axis="y", visible=False)
    for row, (share, withheld) in enumerate(zip(shares, hidden, strict=True)):
        known = "" if pd.isna(share) else percent(share)
        text = known if not withheld else f"{int(share)}%+" if share > 0 else WITHHELD
        end = side * (np.nan_to_num(share) + 1.5)
        axes.text(end, row, text, va="center", fontsize=8, ha="left" if side > 0 else "right")


def name_points(answers: pd.DataFrame) -> str:
    """The column with what people chose: single points of the scale, or its bands."""
    return "response" if "response" in answers else "band"


def choose_basis(answers: pd.DataFrame) -> str:
    """What a drawing of answers rests on: bands are published as counts, single points of a scale seldom are."""
    return "joint" if name_points(answers) == "response" else "margins"


def note_on_bands(population: int | None) -> str:
    direction = "Percentages are in the direction in which an item is worded. All kinds of not relevant stand together."
    return direction + (f" Intervals are narrowed for {population:,} people invited." if population else "")


def say_every_scale(bands: pd.DataFrame, study: Study) -> str:
    return " ".join(say_extremes(rows, study) for _, rows in bands.groupby("scale", sort=False))


def say_extremes(answers: pd.DataFrame, study: Study) -> str:
    """The items of a scale with the largest and smallest share in its top band (`count_bands`, `count_responses`); ties too."""
    scale = answers["scale"].iloc[0]
    top = study.scales[scale].bands[-1]
    worded_positively = answers["item"].isin(study.codebook.loc[~study.codebook["reversed"], "item"])
    # Not `> 0`: of an item that few answered, the number is withheld.
    here = answers[worded_positively & answers["band"].eq(top) & answers["denominator"].ne(0)]
    if "response" in here:
        here = here.groupby(["item", "label", "denominator"], sort=False)["numerator"].sum().reset_index()
    if here.empty:
        return f"Nobody answered an item of the scale “{scale}” that is worded positively."
    # Items of which nearly all answers lie in the band are not told apart, so they share the first place.
    ends = {name: here.get(name, here["numerator"]) for name in ("least", "most")}
    here = here.assign(**ends, share=ends["most"] / here["denominator"])
    told = here[here["share"].notna()]
    if told.empty:
        return f"Of no item of the scale “{scale}” may the share in the band “{top}” be told."
    some = "" if len(told) == len(here) else f" whose share may be told (of {len(here)})"

    def describe(share: float) -> str:
        tied = told[told["share"] == share]
        first, one_size = tied.iloc[0], tied["denominator"].nunique() == 1
        of = ratio(first["numerator"], first["denominator"], first.get("low"), first.get("high"), first["least"])
        if len(tied) == 1:
            return f"{first['item']}, {first['label'].lower()}: {of}"
        if not one_size and first["least"] < first["most"]:
            return f"{listed(tied['item'])}: {int(100 * (tied['least'] / tied['denominator']).min())}% or more each"
        return f"{listed(tied['item'])}: {of}" + " each" * one_size

    largest, smallest = told["share"].max(), told["share"].min()
    items = f"{counted(len(told), f'{scale} item')} worded positively{some}"
    words = f"Of the {items}, the largest share of answers in the band “{top}” "
    if largest == smallest:
        alike = "is the same at all" if told["numerator"].notna().all() else "is nearly everybody's at all"
        return f"{words}{alike}: {describe(largest)}."
    return f"{words}is at {describe(largest)}; the smallest at {describe(smallest)}."


def say_not_relevant(not_relevant: pd.DataFrame, study: Study) -> str:
    """How many items somebody called not relevant (withheld ones said first), which most often, and which stand out in it."""
    found, withheld = not_relevant[not_relevant["numerator"] > 0], int(not_relevant["numerator"].isna().sum())
    if found.empty and not withheld:
        return "No item was called not relevant by anybody."
    names, of_all = "“" + study.items["label"] + "”", counted(len(not_relevant), "item")
    most = found[found["numerator"] / found["denominator"] == (found["numerator"] / found["denominator"]).max()]
    told = [f"{names[r.item]}, {ratio(r.numerator, r.denominator, r.low, r.high)}" for r in most.itertuples()]
    if withheld:
        said = f"How many called an item not relevant is withheld for {withheld} of {of_all}."
        said += f" The largest that may be told: {'; '.join(told)}." * bool(told)
    else:
        were = "was" if len(found) == 1 else "were"
        said = f"{len(found)} of {of_all} {were} called not relevant by somebody; most often {'; '.join(told)}."
    out = not_relevant.loc[not_relevant["stands_out"] == "above", "item"]
    if out.empty:
        return f"{said} No item stands out in this{', as far as it may be told' if withheld else ''}."
    return f"{said} That is clearly more than for other items ({say_typical(not_relevant)} overall): {listed(names[out])}."


def say_typical(items: pd.DataFrame) -> str:
    """The share over all items together, or what it is told to lie between."""
    return " to ".join(dict.fromkeys(percent(items[end].iloc[0]) for end in ("typical", "typical_most")))


# --- construct scores -------------------------------------------------------------------------------------------------
def say_constructs(study: Study) -> str:
    """What each scored construct is about, as far as the study says."""
    return " ".join(f"{part.label} is about {part.gist}." for part in study.scored_constructs.values() if part.gist)


def draw_scores(scores: pd.DataFrame, study: Study) -> plt.Axes:
    """A row a construct: people's scores and their median, or `mean` with `low, high` as far as they may be told."""
    order = list(scores["construct"].unique())
    names = [study.construct_name(key) for key in order]
    (axes,) = open_rows(names)
    rows = scores.assign(row=scores["construct"].map(order.index))
    if "score" in rows:
        most = max(5, rows.groupby(["construct", "score"]).size().max())
        style.draw_people(rows, axes, style.HIGH_COLOURS[1], most)
        axes.set_xlabel("Construct score; a dot's area: people with that score; bar: median")
    else:
        draw_intervals(rows, "mean", axes)
        axes.set_xlabel("Mean construct score" + ", with its 95% interval" * ("low" in rows))
    axes.set(xlim=style.widen(study.score_limits))
    label_rows(axes, names)
    return axes


def say_scores(scores: pd.DataFrame, study: Study) -> str:
    """Medians where people's scores are given, else means: a median is one or two people's own score."""
    kind, name = ("Median", "score") if "score" in scores else ("Mean", "mean")
    found = scores.groupby("construct", sort=False)[name].agg(middle="median", n="count").query("n > 0")
    if found.empty:
        return "No construct score can be shown."
    low, high = study.score_limits
    parts = [
        f"{study.construct_name(row.Index)} {decimals(row.middle)}" + f" (n = {row.n})" * (name == "score")
        for row in found.itertuples()
    ]
    return f"{kind} construct scores, from {low:g} to {high:g}: {listed(parts)}."


def say_variants(variants: pd.DataFrame, study: Study) -> str:
    """Whether it matters how answers left out are treated, and which choice moves a mean most."""
    changed = variants[variants["choice"] != "as reported"].dropna(subset="difference")
    if changed.empty:
        return "No score depends on these choices."

    def describe(rows: pd.DataFrame) -> str:
        most = rows.loc[rows["difference"].abs().idxmax()]
        return f"{decimals(most['difference'])} points ({study.construct_name(most['construct']).lower()})"

    plain, complete = (changed[changed["variant"] == variant] for variant in (PLAIN_MEAN, COMPLETE_ONLY))
    gaps = ""
    if len(plain) and max(plain["difference"].abs().max(), complete["difference"].abs().max()) < 0.005:
        gaps = "How answers left out are treated moves no mean. "
    elif len(plain) and len(complete):
        gaps = (
            f"A plain mean of what was answered would move a mean by at most {describe(plain)}, and leaving out whoever "
            f"answered only some items by at most {describe(complete)}. "
        )
    most = changed.loc[changed["difference"].abs().idxmax()]
    return f"{gaps}Means change most under “{most['choice']}: {most['variant']}”: by {describe(changed)}."


# --- shared by the drawings -------------------------------------------------------------------------------------------
def open_rows(names: list[str], widths: Sequence[float] = (1,)) -> np.ndarray:
    """Axes side by side, tall enough for a row a name."""
    lines = max([1.5, *(1 + style.wrapped(name).count("\n") for name in names)])
    size = (style.WIDTH, 1.4 + 0.23 * lines * len(names))
    return plt.subplots(1, len(widths), figsize=size, sharey=True, squeeze=False, width_ratios=widths)[1][0]


def label_rows(axes: plt.Axes, names: list[str]) -> None:
    """Names at the rows, the first on top."""
    axes.set_yticks(range(len(names)), [style.wrapped(name) for name in names])
    axes.set(ylim=(len(names) - 0.5, -0.6), ylabel="")


def draw_intervals(rows: pd.DataFrame, name: str, axes: plt.Axes) -> None:
    """A point a `row`, over a line from `low` to `high` where they are given."""
    if "low" in rows:
        axes.hlines(rows["row"], rows["low"], rows["high"], color=style.HIGH_COLOURS[1], linewidth=2.2)
    sns.scatterplot(rows, x=name, y="row", color=style.HIGH_COLOURS[1], s=60, ax=axes)
