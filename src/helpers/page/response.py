"""What notebook 1 shows: who answered."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers.interviews.themes import NOT_STATED
from helpers.page import style
from helpers.page.words import counted, listed, percent, quote, quoted_list
from helpers.study.definition import Study
from helpers.survey import direction
from helpers.survey.pooling import POOLED

# If there are more groups than this plus one, the smaller ones share a bar.
MOST_BARS = 12


# --- who answered, and who they are -----------------------------------------------------------------------------------
def say_responses(received: pd.DataFrame, study: Study, wave: str = "") -> str:
    """How many responded and answered a question, out of those invited if their number is known."""
    if received["responded"].isna().any():
        return ""
    (responses, answered), (rate, share) = received["responded"].astype(int), received["response_rate"]
    waves, invited = list(study.survey.files), study.survey.invited
    held = f"In wave {wave or waves[-1]}, " if len(waves) > 1 else ""
    known = pd.notna(rate)
    why = "does not say how many people were invited" if invited is None else "gives one number invited for several waves"
    claims = {
        "Nobody answered a question.": answered == 0,
        f"We cannot say what share of those invited answered, since the study {why}.": not known,
        "Few of those invited answered.": share < 10,
        "Fewer than half of those invited answered.": share < 50,
        "At least half of those invited answered.": share < 100,
        "Everybody invited answered.": True,
    }
    who = f"{counted(responses, 'person', 'people')} responded"
    if known:
        of = f"{'about ' * invited.approximate}{counted(invited.number, 'person', 'people')}"
        who = f"{responses:,} of {of} responded ({rate:.1f}%)"
    claim = next(claim for claim, fits in claims.items() if fits)
    return f"{claim} {held}{who}, and {f'{answered:,}' if answered else 'none'} answered at least one question."


def arrange_groups(groups: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Groups as they are drawn: the largest first unless they are ordered; the smaller of very many as one row."""
    ordered, parts = {grouping.label for grouping in study.survey.groupings.values() if grouping.ordered}, []
    for label, rows in groups.groupby("grouping", sort=False):
        ranked = rows.sort_values("numerator", ascending=False, kind="stable")
        rest = ranked[MOST_BARS:] if len(ranked) > MOST_BARS + 1 else ranked[:0]
        together = {"group": f"{len(rest)} more groups", "numerator": rest["numerator"].sum(), "share": rest["share"].sum()}
        parts += [(rows if label in ordered else ranked).drop(rest.index), rest.head(1).assign(**together)]
    return pd.concat(parts, ignore_index=True)


def draw_groups(groups: pd.DataFrame, study: Study) -> np.ndarray:
    """Each panel is one grouping, and each bar one group with its number and share; returns the axes."""
    parts = list(arrange_groups(groups, study).groupby("grouping", sort=False))
    places = [style.place_rows(rows["group"]) for _, rows in parts]
    heights = [rows["bottom"].iloc[-1] for rows in places]
    size = (style.width(), sum(heights) + 0.6 * len(parts))
    _, all_axes = plt.subplots(len(parts), figsize=size, squeeze=False, sharex=True, height_ratios=heights)
    for (name, rows), place, axes in zip(parts, places, all_axes.flat, strict=True):
        bars = axes.barh(place["y"], rows["numerator"], height=0.16, color=style.HIGH_COLOURS[1])
        texts = [f"{row.numerator} ({percent(row.share)})" if row.denominator else "0" for row in rows.itertuples()]
        axes.bar_label(bars, texts, padding=3, fontsize=9)
        style.label_rows(axes, place)
        of = counted(rows["denominator"].iloc[0], "person", "people")
        axes.set_title(style.wrapped(f"{name}, known for {of}", style.LINE), fontsize=10, fontweight="bold", pad=8)
        axes.set(xticks=[], xlim=(0, 1.25 * max(groups["numerator"].max(), 1)))
        axes.spines["bottom"].set_visible(False)
    return all_axes


def name_largest(groups: pd.DataFrame, study: Study) -> str:
    """The groups that together hold more than half, in the first grouping that is known for anybody."""
    known = groups[groups["denominator"] > 0]
    if known.empty:
        return "Nobody's group is known"
    label = known["grouping"].iloc[0]
    rows = known[known["grouping"].eq(label) & ~known["group"].isin([POOLED, NOT_STATED])]
    rows = rows.sort_values("numerator", ascending=False, kind="stable")[:3]
    largest = rows["group"][rows["share"].cumsum().shift(fill_value=0) <= 50]
    half = f"more than half are in {quoted_list(largest)}"
    return f"{label}: {half if rows['share'].sum() > 50 else 'no three groups hold more than half'}"


def list_groups(groups: pd.DataFrame, study: Study) -> str:
    """Every bar of the figure in words."""
    sentences = []
    for name, rows in arrange_groups(groups, study).groupby("grouping", sort=False):
        told = listed(f"{row.group} ({row.numerator})" for row in rows.itertuples())
        sentences.append(f"{name}, of {counted(rows['denominator'].iloc[0], 'person', 'people')}: {told}.")
    return " ".join(sentences)


def say_small(groups: pd.DataFrame) -> str:
    """How many groups are too small to say anything about, and the smallest; a funder's `threshold` leaves none of these."""
    known = groups[(groups["numerator"] > 0) & ~groups["group"].isin([POOLED, NOT_STATED])]
    small = known[known["numerator"] < 5]
    if small.empty:
        return ""
    least = small["numerator"].min()
    names, have = small["group"][small["numerator"] == least], "has" if len(small) == 1 else "have"
    people = "one person" if least == 1 else f"{least} people"
    each = f"has {people}" if len(names) == 1 else f"have {people} each"
    return (
        f"{len(small)} of {counted(len(known), 'group')} {have} one to four people, too few to say what such a group thinks. "
        f"The smallest, {quoted_list(names)}, {each}."
    )


# --- how far, and how carefully ---------------------------------------------------------------------------------------
def say_completion(completion: pd.DataFrame, study: Study) -> str:
    """How many answered in the first section, and how many in the last."""
    first, last = completion.iloc[0], completion.iloc[-1]
    if any(pd.isna(row[name]) for row in (first, last) for name in ("started", "denominator")) or not first["denominator"]:
        return ""
    began = f"{first['started']:g} of {counted(first['denominator'], 'person', 'people')} answered in the"
    names = [quote(study.section_name(row["section"])) for row in (first, last)]
    if len(completion) == 1:
        return f"{began} only section, {names[0]}."
    claims = {
        "Nobody answered in the first section or the last.": not first["started"] + last["started"],
        "People went on to the end.": last["started"] >= first["started"],
        "Nearly everybody who began went on to the end.": last["started"] >= 0.9 * first["started"],
        "Most people who began went on to the end.": last["started"] > 0.5 * first["started"],
        "Half or more of those who began broke off.": True,
    }
    claim = next(claim for claim, fits in claims.items() if fits)
    return f"{claim} {began} first section, {names[0]}, and {last['started']:g} in the last, {names[1]}."


def say_partial(study: Study, partial_responses: bool) -> str:
    """Who does not count in anything but response rates; empty if everybody does."""
    last = quote(study.section_name(study.codebook["section"].iloc[-1]))
    said = f"Only people who answered in the last section, {last}, count toward answers, scores and groups."
    return said * (not partial_responses)


def say_quality(flags: pd.DataFrame, speed_share: float) -> str:
    """How many answered fast, or always the same."""
    timed = flags["speeder"].dropna()
    fast, same = int(timed.sum()), int(flags["straight_liner"].sum())
    speed = "Nobody's time could be compared with that of others who got as far."
    if len(timed):
        who = f"{f'{fast} of' if fast else 'Nobody among'} {counted(len(timed), 'person', 'people')}"
        speed = f"{who} took less than {percent(100 * speed_share)} of the median time of those who got as far."
    alike = f"{counted(same, 'person', 'people') if same else 'Nobody'} chose the same point for every item of a scale."
    return f"{speed} {alike}" + " We dropped nobody because of it." * bool(fast or same)


# --- those who did not answer -----------------------------------------------------------------------------------------
def say_silence(silence: pd.DataFrame, study: Study) -> str:
    """Whether those who did not answer could change what most answers of everybody invited say, by construct."""
    labels = [construct.label for construct in study.scored_constructs.values()]
    rows = silence[silence["headline"].isin(labels) & silence["silent"].gt(0)].dropna(subset="share")
    if rows.empty:
        return ""
    fixed, most = rows["tipping"].isna(), rows["share"] > 50
    # Rounded away from the turning points, so that the sentences hold as printed.
    less, more = np.floor(rows["tipping"][most].min()), np.ceil(rows["tipping"][~most].max())
    few, many = f"fewer than {less:g}%" if less else "none", f"more than {more:g}%" if more < 100 else "all"
    told = {
        f"if {few} of their answers were favourable, most answers of everybody invited would not be": most & ~fixed,
        f"if {many} of their answers were favourable, most answers of everybody invited would be": ~most & ~fixed,
        "most answers of everybody invited are favourable, whatever they would say": most & fixed,
        "most answers of everybody invited are not favourable, whatever they would say": ~most & fixed,
    }
    could = "could not change" if fixed.all() else "could change part of" if fixed.any() else "could change"
    parts = [(words, quoted_list(rows["headline"][which])) for words, which in told.items() if which.any()]
    ends = [f"{names}: {words}." for words, names in parts] if len(parts) > 1 else [f"{parts[0][0].capitalize()}."]
    return " ".join([f"Those who did not answer {could} the picture.", *ends])


def say_direction(study: Study, measured: pd.DataFrame) -> str:
    """Signs that numbers were read the wrong way round (`direction.measure_direction`); empty without any."""
    return " ".join(direction.warn_direction(study, measured))
