"""What notebook 2 shows of answers to items and of construct scores; `reliability` has the rest."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.patches import Patch

from helpers.page import style
from helpers.page.style import INK, PALE, open_rows, write_at
from helpers.page.words import counted, decimals, percent, quoted_list, ratio, span, whole
from helpers.study.definition import Scale, Study
from helpers.study.terms import WITHHELD
from helpers.survey.scoring import COMPLETE_ONLY, PLAIN_MEAN

# Colours of the lowest and the highest number: neither speaks against the practice.
BLUES = ["#cfe0f1", style.HIGH_COLOURS[1]]


# --- answers to items -------------------------------------------------------------------------------------------------
def is_numbered(scale: Scale) -> bool:
    """Whether people choose a number: then no side speaks against the practice, since a 5 of 10 is not low."""
    return all(label[:1].isdigit() for label in scale.labels)


def order_items(study: Study) -> pd.DataFrame:
    """The codebook, with the items that are answered in words before those on a scale of numbers."""
    return study.codebook.sort_values("scale", key=lambda names: names.map(study.scales).map(is_numbered), kind="stable")


def choose_answers(counts: pd.DataFrame, bands: pd.DataFrame, items: pd.DataFrame, study: Study) -> list[pd.DataFrame]:
    """What the figures show, and the data behind them: single points, then bands; bands first if points are made up.

    The first also has the items' `missing`, and with single points `median` (`items` is from `distributions.describe_items`).
    """
    points = counts.drop(columns=["low", "high", "low_relevant", "high_relevant"])
    shown, behind, more = (bands, points, []) if study.banner else (points, bands, ["median"])
    return [shown.merge(items[["item", "missing", *more]], how="left"), behind]


def name_points(answers: pd.DataFrame) -> str:
    """The column with what people chose: single points of the scale, or its bands."""
    return "response" if "response" in answers else "band"


def choose_basis(answers: pd.DataFrame) -> str:
    """What a drawing of answers rests on: bands are published as counts, single points of a scale seldom are."""
    return "joint" if name_points(answers) == "response" else "bands"


def part_answers(answers: pd.DataFrame, study: Study) -> pd.DataFrame:
    """What people chose if an item is relevant to them; each row is one item and point or band.

    `answers` is from `distributions.count_responses` or `count_bands`, or what may be told of the latter. The columns are
    `item, place, side, of, least, most, hidden, share, up_to`. The higher its `place`, the more favourable an answer, since
    items worded negatively are turned round; `side` is 1 for favourable answers, 0 in the middle, else -1. `of` counts those
    to whom the item is relevant, or all who answered if that number is withheld. A count is from `least` to `most` (in per
    cent `share` and `up_to`), and is `hidden` if it is withheld.
    """
    here = answers[answers["relevant"]]
    scales, by_item = here["scale"].map(study.scales), here.groupby("item")["item"]
    turned = here["item"].map(study.items["reversed"]) & ~scales.map(is_numbered)
    chosen = zip(scales, here["band"], strict=True)
    sides = [np.sign(2 * scale.bands.index(band) + 1 - len(scale.bands)) for scale, band in chosen]
    side, place = pd.Series(sides, here.index, dtype=int), by_item.cumcount()
    return add_shares(here[["item"]].assign(
        place=place.mask(turned, by_item.transform("size") - 1 - place), side=side.mask(turned, -side),
        of=here["denominator_relevant"].fillna(here["denominator"]), hidden=here["numerator"].isna(),
        **{end: here.get(end, here["numerator"]) for end in ("least", "most")},
    ))  # fmt: skip


def add_shares(table: pd.DataFrame) -> pd.DataFrame:
    of = table["of"].where(table["of"] > 0)
    return table.assign(share=100 * table["least"] / of, up_to=100 * table["most"] / of)


def sum_side(parts: pd.DataFrame, side: int) -> pd.DataFrame:
    """The answers of one side together; each row is one item. `most` is missing if one of them is withheld altogether."""
    by_item = parts[parts["side"] == side].groupby("item", sort=False)
    table = by_item.agg({"of": "first", "hidden": "any", "most": lambda counts: counts.sum(skipna=False)})
    return add_shares(table.assign(least=by_item["least"].sum(min_count=1)))


def rank_items(answers: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The favourable answers to each item (see `sum_side`), construct by construct, the largest share first."""
    favour, order = sum_side(part_answers(answers, study), 1), list(study.codebook["construct"].unique())
    construct = study.items["construct"].loc[favour.index]
    favour = favour.assign(construct=construct, place=construct.map(order.index))
    return favour.sort_values(["place", "share"], ascending=[True, False])


def draw_answers(answers: pd.DataFrame, study: Study) -> np.ndarray:
    """Draw the items of one scale; returns the axes, those of the bars first."""
    numbers = is_numbered(study.scales[answers["scale"].iloc[0]]) and name_points(answers) == "response"
    return (draw_points if numbers else draw_sides)(answers, study)


def draw_sides(answers: pd.DataFrame, study: Study) -> np.ndarray:
    """Favourable answers to the right, the others to the left, those in the middle apart; items by construct and share.

    For a funder, `[c]` marks what is withheld, and a bar whose least value alone is told ("90%+") continues in a paler colour
    to the most that it can be.
    """
    scale, parts, ranked = study.scales[answers["scale"].iloc[0]], part_answers(answers, study), rank_items(answers, study)
    colours = (style.response_colours if name_points(answers) == "response" else style.band_colours)(scale)
    if is_numbered(scale):
        colours = dict(zip(colours, sns.blend_palette(BLUES, len(colours)).as_hex(), strict=True))
    low, middle, high = (sum_side(parts, side).reindex(ranked.index) for side in (-1, 0, 1))
    figures, half = count_others(answers, parts).loc[ranked.index], len(scale.bands) // 2
    neutral = scale.bands[half : len(scale.bands) - half]
    sided = [name for name in colours if name not in (*neutral, *style.part_responses(scale)[1])]
    if style.is_narrow() and neutral:
        figures.insert(1, neutral.pop(), write_shares(middle))
    left, room = (18 + np.nanmax([0, *table["share"]]) for table in (low, middle))
    widths = [left + 118, *[room] * len(neutral)]
    places, axes = open_rows(name_items(ranked, study), figures, widths, head_constructs(ranked, study))
    parts = parts.sort_values("place", key=lambda place: (2 * place + 1 - len(colours)).abs())
    parts["start"] = parts["share"].fillna(0).groupby([parts["item"], parts["side"]]).cumsum() - parts["share"].fillna(0)
    for part in parts[parts["side"] != 0].itertuples():
        bar = {"y": places[part.item], "height": 1.05, "color": list(colours.values())[part.place], "edgecolor": "white"}
        axes[0].barh(width=part.side * part.share, left=part.side * part.start, linewidth=0.5, **bar)
        axes[0].barh(width=part.side * (part.up_to - part.share), left=part.side * (part.start + part.share), alpha=0.35, **bar)
    for side, table in ((-1, low), (1, high)):
        write_at(axes[0], places, side * table["up_to"].fillna(table["share"]), write_shares(table), side)
    axes[0].axvline(0, color=INK, linewidth=1)
    axes[0].set_xticks(range(-100, 101, 50), [f"{abs(tick)}%" for tick in range(-100, 101, 50)])
    axes[0].set(xlim=(-left, 118))
    for panel, name in zip(axes[1:], neutral, strict=False):
        panel.barh(places, middle["share"], height=1.05, color=style.NEUTRAL_COLOUR)
        write_at(panel, places, middle["share"], write_shares(middle))
        panel.set(xlim=(0, room), xticks=[])
        panel.set_title(name, fontsize=9, color=PALE)
    patches = [Patch(color=colours[name], label=name) for name in sided]
    place = f"outside {'lower' if style.is_narrow() else 'upper'} center"
    axes[0].figure.legend(handles=patches, loc=place, ncols=2 if style.is_narrow() else 4, frameon=False, fontsize=9)
    return axes


def draw_points(answers: pd.DataFrame, study: Study) -> np.ndarray:
    """How many people chose each number, darker the more there are, with a mark at the median."""
    parts, items = part_answers(answers, study), answers.drop_duplicates("item").set_index("item")
    values = [point.value for point in study.scales[items["scale"].iloc[0]].responses]
    items["construct"] = study.items["construct"]
    figures = count_others(answers, parts).loc[items.index]
    figures.insert(1, "Median", [decimals(median, 1, missing="–") for median in items["median"]])
    places, axes = open_rows(name_items(items, study), figures, [1], head_constructs(items, study))
    depths = (parts["least"] / parts.groupby("item")["least"].transform("max").clip(lower=1)).to_numpy()
    rows, shades = parts["item"].map(places), sns.blend_palette(["#f2f6fb", BLUES[1]], as_cmap=True)(depths)
    axes[0].barh(rows, 0.94, left=parts["place"] - 0.47, height=1.15, color=shades)
    for row, place, count, depth in zip(rows, parts["place"], parts["least"], depths, strict=True):
        look = {"ha": "center", "va": "center", "fontsize": 8, "color": "white" if depth > 0.55 else INK}
        axes[0].text(place, row, whole(count) if count else "", **look)
    axes[0].scatter(np.interp(items["median"], values, range(len(values))), places - 0.8, 26, marker="v", color=INK)
    axes[0].set(xlim=(-0.6, len(values) - 0.4))
    axes[0].set_xticks(range(len(values)), [f"{value:g}" for value in values])
    axes[0].grid(visible=False)
    return axes


def count_others(answers: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """How many people an item's shares are out of, and how many they leave out, as strings; each row is one item."""
    others = {"n": parts.groupby("item")["of"].first()}
    if not answers["relevant"].all():
        aside = answers[~answers["relevant"]].groupby("item")["numerator"]
        others["Not relevant"] = aside.agg(lambda counts: counts.sum(skipna=False))
    if "missing" in answers:
        others["Missing"] = answers.groupby("item")["missing"].first()
    return pd.DataFrame(others).map(whole)


def write_shares(table: pd.DataFrame) -> list[str]:
    """Shares of `sum_side`: "90%+" if only the least is told, the mark if that is withheld; empty if nobody answered."""
    told = ["" if pd.isna(share) else percent(share) for share in table["share"]]
    least = [f"{int(share)}%+" if share > 0 else WITHHELD for share in table["share"]]
    return np.where(table["hidden"].eq(True), least, told).tolist()


def name_items(items: pd.DataFrame, study: Study) -> list[str]:
    """Items (an index) as figures and sentences name them: by their label alone."""
    known = study.items.loc[items.index]
    return list(known["label"] + known["reversed"].map({True: " (negatively worded)", False: ""}))


def head_constructs(items: pd.DataFrame, study: Study) -> list[str]:
    """For the first item of each construct, its name and what it is about, as far as the study says."""
    names = [name_construct(key, study) for key in items["construct"]]
    return np.where(items["construct"].eq(items["construct"].shift()), "", names).tolist()


def name_construct(key: str, study: Study) -> str:
    return ": ".join(filter(None, [study.construct_name(key), study.constructs[key].gist]))


def title_answers(answers: pd.DataFrame, study: Study) -> str:
    ranked, scale = rank_items(answers, study), study.scales[answers["scale"].iloc[0]]
    asked, known = ranked[ranked["of"] != 0], ranked[ranked["share"].notna()]
    if known.empty:
        return "How people answered cannot be shown" if len(asked) else "Nobody answered these statements"
    if is_numbered(scale):
        chosen = f"{span_shares(known)} of people chose {scale.bands[-1]}"
        found = f"Middle answers {place_values(answers['median'])}" if "median" in answers else chosen
        return f"{found}, on a scale from {scale.labels[0]} to {scale.labels[-1]}"
    if len(known) == 1:
        return f"{write_share(known)} answered {quoted_list(name_items(known, study))} favourably"
    many, limit = int((known["share"] > 50).sum()), " that can be shown" * (len(known) < len(asked))
    found = f"all {many}" if many == len(known) else f"{many or 'none'} of {len(known)}"
    return f"Most people answered favourably to {found} statements{limit}"


def explain_answers(answers: pd.DataFrame, study: Study) -> str:
    """What a figure of answers counts, of whom and when, as its subtitle."""
    scale, withheld = study.scales[answers["scale"].iloc[0]], answers["numerator"].isna()
    what = "Share of those to whom the statement is relevant" if scale.not_relevant else "Share of those who answered"
    if withheld.any():
        of_all = (withheld & ~answers["relevant"]).any()
        what += f", or of all who answered where that is withheld ({WITHHELD})" if of_all else f" ({WITHHELD}: withheld)"
    if is_numbered(scale) and "median" in answers:
        what = "How many people chose each number; the mark is at the middle answer"
    elif not is_numbered(scale):
        turned = bool(study.items.loc[answers["item"], "reversed"].any())
        what += "; favourable answers on the right" + ", negatively worded statements turned round" * turned
    return f"{what}. {count_people(answers['denominator'])}{name_wave(study)}."


def describe_answers(answers: pd.DataFrame, study: Study) -> str:
    """A figure of answers for those who cannot see it."""
    ranked, scale = rank_items(answers, study), study.scales[answers["scale"].iloc[0]]
    by_construct = (known := ranked[ranked["share"].notna()]).groupby("construct", sort=False)
    parts = [f"{study.construct_name(key)} {span_shares(rows)}" for key, rows in by_construct]
    chose = f"chose {scale.bands[-1]}" if is_numbered(scale) else "answered favourably"
    shares = f" Shares who {chose}: {'; '.join(parts)}." if parts else ""
    least = known[known["share"] <= known["up_to"].fillna(100).min()]
    fewest = f" Fewest for {quoted_list(name_items(least, study), 2)}." if len(least) < len(known) else ""
    return f"{title_answers(answers, study)}. Bars for {counted(len(ranked), 'statement')}.{shares}{fewest}"


def span_shares(known: pd.DataFrame) -> str:
    """The smallest and the largest share of several, as far as they are told: "49% to 98%", "48% to 90% or more"."""
    texts = known["share"].map(percent).mask(known["hidden"], [f"{share // 1:.0f}% or more" for share in known["share"]])
    first, last = known["share"].agg(["idxmin", "idxmax"])
    return texts[first] if known["hidden"][first] else span(texts[first], texts[last])


def place_values(values: pd.Series, digits: int = 1) -> str:
    """Where several figures lie: "are 8.0" or "lie between 7.5 and 8.0"."""
    ends = list(dict.fromkeys(decimals(end, digits) for end in (values.min(), values.max())))
    return f"are {ends[0]}" if len(ends) == 1 else f"lie between {ends[0]} and {ends[1]}"


def count_people(of: pd.Series) -> str:
    """How many people: "39 to 40 people", "1 person"; "Few people" if the number may not be told."""
    if of.isna().all():
        return "Few people"
    people = counted(int(of.max()), "person", "people")
    return people if of.min() == of.max() else f"{of.min():g} to {people}"


def name_wave(study: Study) -> str:
    """The wave, if the study has only one: with several, the page says which is shown."""
    waves = list(study.survey.files)
    return f", {waves[0]}" * (len(waves) == 1)


def say_favourable(bands: pd.DataFrame, study: Study, fewest: bool = False) -> str:
    """The statements that most people answered favourably, or that fewest did; empty if all are alike or nothing is told.

    Items with nearly all answers favourable look alike to a funder, so they are named together.
    """
    worded = bands[~bands["scale"].map(study.scales).map(is_numbered)]
    if worded.empty:
        return ""
    ranked = rank_items(worded, study)
    asked, known = ranked[ranked["of"] != 0], ranked[ranked["up_to"].notna()]
    low, high = known["share"], known["up_to"]
    if known.empty or fewest and high.min() == high.max():
        return ""
    # All that may be first or last within the ranges that are told; the others cannot be.
    tied = known[low <= high.min() if fewest else high >= low.max()]
    names, each = quoted_list(name_items(tied, study), 2), " each" * (len(tied) > 1)
    if len(known) == 1:
        return f"{write_share(tied)} answered {names} favourably."
    if high.max() == 0:
        return f"Nobody answered any of {len(known)} statements favourably. {count_people(known['of'])} answered."
    if len(tied) == len(known):
        alike = f"People {'are' if high.nunique() == low.nunique() == 1 else 'may be'} equally favourable about"
        return "" if fewest else f"{alike} {len(known)} statements. {write_share(tied)} answered each favourably."
    limit = f"Of the {len(known)} statements that can be shown, people" if len(known) < len(asked) else "People"
    told = f"{limit} are {'least' if fewest else 'most'} favourable about {names}."
    return f"{told} {write_share(tied)} answered{each} favourably."


def write_share(tied: pd.DataFrame) -> str:
    """A share that several items have, with its counts if these are the same."""
    first, hidden = tied.iloc[0], tied["hidden"].any()
    if max(tied["of"].nunique(), tied["least"].nunique(), tied["most"].nunique()) > 1:
        return f"{span_shares(tied)} of people"
    return ratio(np.nan if hidden else first["least"], first["of"], least=first["least"])


def say_not_relevant(not_relevant: pd.DataFrame, study: Study) -> str:
    """Which items stand out as not relevant, or else were most often called so; and for how many it is known."""
    asked = not_relevant[not_relevant["denominator"] != 0].set_index("item")
    asked["rate"] = asked["numerator"] / asked["denominator"]
    found, withheld, of = asked[asked["rate"] > 0], int(asked["rate"].isna().sum()), counted(len(asked), "statement")
    out, most = found[found["stands_out"] == "above"], found[found["rate"] == found["rate"].max()]
    if asked.empty or found.empty and not withheld:
        return "Nobody called any statement not relevant." if len(asked) else ""
    count = f"At least one person called {len(found)} of {'the ' * (len(asked) > 1)}{of} not relevant."
    count = f"How many people called a statement not relevant is withheld for {withheld} of {of}." if withheld else count
    names = quoted_list(name_items(out if len(out) else most, study), 2)
    shares = [ratio(row.numerator, row.denominator) for row in (out if len(out) else most).itertuples()]
    if len(out):
        stand, typical = "stands" if len(out) == 1 else "stand", span(*asked[["typical", "typical_most"]].iloc[0].map(percent))
        compared = f"{' and '.join(shares[:2])} said so, compared with {typical} over all statements."
        return f"{names} {stand} out as not relevant: {compared} {count}"
    if found.empty:
        return count
    each = " each" * (len(most) > 1)
    # A withheld count may be one that stands out for those who see it, or the largest.
    if withheld:
        return f"Most often called not relevant, as far as we may say: {names}, {shares[0]}{each}. {count}"
    return f"No statement clearly stands out as not relevant. The highest count is for {names}, {shares[0]}{each}. {count}"


# --- construct scores -------------------------------------------------------------------------------------------------
def find_middles(scores: pd.DataFrame) -> pd.DataFrame:
    """Each construct's `Median` and `n` people, or the `Mean` that is told, since a median is one or two people's score."""
    if "score" in scores:
        return scores.groupby("construct", sort=False)["score"].agg(Median="median", n="count")
    return scores.set_index("construct")[["mean"]].rename(columns={"mean": "Mean"})


def draw_scores(scores: pd.DataFrame, study: Study) -> np.ndarray:
    """Each row is one construct: people's scores and their median, or `mean` with `low, high` as far as they may be told."""
    found, single = find_middles(scores), "score" in scores
    figures = found.map(decimals, missing="–" if single else WITHHELD).assign(**found.filter(["n"]).map(whole))
    places, axes = open_rows([name_construct(key, study) for key in found.index], figures, [1])
    rows = scores.assign(row=scores["construct"].map(places))
    if single:
        rows = style.place_scores(rows, study.score_limits)
        most = max(5, rows.groupby(["construct", "drawn"]).size().max())
        style.draw_people(rows, axes[0], style.HIGH_COLOURS[1], most)
    else:
        if "low" in rows:
            axes[0].hlines(rows["row"], rows["low"], rows["high"], color=style.HIGH_COLOURS[1], linewidth=2.2)
        axes[0].scatter(rows["mean"], rows["row"], 60, color=style.HIGH_COLOURS[1])
    axes[0].set(xlim=style.widen(study.score_limits))
    return axes


def title_scores(scores: pd.DataFrame, study: Study) -> str:
    found = find_middles(scores).dropna()
    if found.empty:
        return "No scores can be shown"
    low, high = study.score_limits
    return f"{found.columns[0]} scores {place_values(found.iloc[:, 0], 2)}, on a scale from {low:g} to {high:g}"


def explain_scores(scores: pd.DataFrame, study: Study) -> str:
    if "score" in scores:
        what = f"{style.say_dots(scores, study.score_limits)}, the larger the more people have it; the bar is the median"
        return f"{what}. {count_people(find_middles(scores)['n'])}{name_wave(study)}."
    return "The mean of people's scores" + " with its 95% interval, where we may give it" * ("low" in scores) + "."


def describe_scores(scores: pd.DataFrame, study: Study) -> str:
    """The figure for those who cannot see it."""
    found = find_middles(scores).dropna()
    people = [f" (n = {n})" for n in found["n"]] if "n" in found else [""] * len(found)
    middles = zip(found.index, found.iloc[:, 0], people, strict=True)
    parts = [f"{study.construct_name(key)} {decimals(middle)}{count}" for key, middle, count in middles]
    return ". ".join(filter(None, [title_scores(scores, study), "; ".join(parts)])) + "."


def say_variants(variants: pd.DataFrame, study: Study) -> str:
    """Whether it matters how answers left out are treated, and which choice changes a mean most."""
    changed = variants[variants["choice"] != "as reported"].dropna(subset="difference")
    sizes = changed["difference"].abs()
    if changed.empty:
        return ""
    if sizes.max() < 0.005:
        return "No other way of scoring would change a mean."
    most, gaps = changed.loc[sizes.idxmax()], sizes[changed["variant"].isin([PLAIN_MEAN, COMPLETE_ONLY])]
    none = "no mean" if gaps.max() < 0.005 else f"no mean by more than {decimals(gaps.max())} points"
    small = f" Other rules for answers left out would change {none}." if len(gaps) else ""
    return (
        f"The choice that matters most is “{most['choice']}: {most['variant']}”: it would change the mean of "
        f"{study.construct_name(most['construct'])} by {decimals(most['difference'])} points.{small}"
    )
