"""What notebook 4 shows: what people spoke of and said, who they are, and whether quotations are what was said."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from helpers.interviews import coding
from helpers.interviews.quotations import is_verbatim
from helpers.page.style import HIGH_COLOURS, is_narrow, width, wrapped
from helpers.page.words import counted, quote, quoted_list, span
from helpers.study.definition import Study

# A picture of more rows or columns than this cannot be read.
MOST_ROWS = 40
# How many themes have texts in the open table, and how many texts each.
MOST_THEMES, MOST_TEXTS = 8, 3
# The least share of all people for each word. A withheld count is "some", whatever it is.
SHARES = {"nearly all": 9 / 10, "most": 2 / 3, "about half": 4 / 10, "some": 0}
RULE = (
    "“Nearly all” means at least nine in ten, “most” at least two thirds, “about half” at least four in ten, and “some” fewer "
    "than that, or a number that is withheld."
)
# What codes can share, and the words for it.
TOGETHER = {"segment": ("in", "text", ""), "participant": ("for", "person", "people"), "source": ("in", "interview", "")}


def name_text(study: Study) -> str:
    """What one segment's text is called: a quotation, or a gist where the study has no words."""
    interviews = study.definition.interviews
    return "gist" if interviews and interviews.text_is == "gist" else "quotation"


# --- what people spoke of ---------------------------------------------------------------------------------------------
def rank_themes(by_theme: pd.DataFrame) -> pd.DataFrame:
    """Themes of the most people first, those with a withheld count last."""
    return by_theme.sort_values("numerator", ascending=False, kind="stable", ignore_index=True)


def say_share(count: float, of: float) -> str:
    """A count of people in words: "All 10 people", "Most of the 10 people"."""
    if count == of:
        return "The one person interviewed" if of == 1 else f"All {of:g} people interviewed"
    word = "half" if 2 * count == of else next(word for word, least in SHARES.items() if count / of >= least)
    return f"{word.capitalize()} of the {of:g} people interviewed"


def say_themes(by_theme: pd.DataFrame, study: Study) -> str:
    """What most people spoke of, as far as it is told, and what some did; for gists, whose texts are coded under what."""
    gist = name_text(study) == "gist"
    verb, under = ("are coded", "under") if gist else ("spoke", "of")
    ranked, of = rank_themes(by_theme), float(by_theme["denominator"].max())
    most = ranked["numerator"].max()
    top, hidden = ranked.loc[ranked["numerator"] == most, "theme"], ranked.loc[ranked["numerator"].isna(), "theme"]
    if top.empty:
        some = "Some people" if np.isnan(of) else f"Some of the {of:g} people interviewed"
        return f"{name_whose(some, gist)} {verb} {under} each of these: {quoted_list(hidden)}." if len(hidden) else ""
    if most == 1 < of:
        return f"No theme {'has texts from' if gist else 'was raised by'} more than one of the {of:g} people interviewed."
    if most == of:
        said = f"{quoted_list(top)}."
    else:
        others, each = (f", and as many {under} {quoted_list(top[1:], 2)}", " each") if len(top) > 1 else ("", "")
        said = f"{quote(top.iloc[0])}{others}. That is {most:g} of {of:g}{each}."
    some = f" {name_whose('Some', gist)} {verb} {under} {quoted_list(hidden)}." if len(hidden) else ""
    return f"{name_whose(say_share(most, of), gist)} {verb} {under} {said}{some}"


def name_whose(people: str, gist: bool) -> str:
    """Those who spoke, or their texts if a study has only gists: "Half of the 10", "Texts of half of the 10"."""
    return f"Texts of {people[0].lower()}{people[1:]}" if gist else people


def title_themes(by_theme: pd.DataFrame) -> str:
    """How far themes differ in how many people have texts on them."""
    counts, of = by_theme["numerator"], by_theme["denominator"].max()
    all_people = f"the {of:g} people" if of > 1 else "the one person"
    if counts.isna().any():
        told = f"At least {counts.count()} of {counted(len(counts), 'theme')} {'has' if counts.count() == 1 else 'have'}"
        return f"{told} texts from {counts.min():g} or more of {all_people}"
    each, texts = "Each theme" if len(counts) > 1 else "The one theme", span(f"{counts.min():g}", f"{counts.max():g}")
    return f"{each} has texts from {f'{texts} of ' if of > 1 else ''}{all_people}"


def subtitle_themes(by_theme: pd.DataFrame) -> str:
    of = by_theme["denominator"].max()
    return "People with at least one text coded for the theme" + ("" if np.isnan(of) else f", of {of:g} who took part")


def describe_themes(by_theme: pd.DataFrame) -> str:
    """The figure for those who cannot see it."""
    ranked = rank_themes(by_theme)
    names = [f"{row.theme}: {label_count(row)}" for row in ranked.head(12).itertuples()]
    more = f"; and {len(ranked) - 12} more" if len(ranked) > 12 else ""
    return f"A bar for each theme, as long as the number of people. {'; '.join(names)}{more}."


def label_count(row) -> str:
    return "some" if pd.isna(row.numerator) else f"{row.numerator:g} of {row.denominator:g}"


def keep_if_told(by_theme: pd.DataFrame) -> pd.DataFrame:
    """The themes, or none if no number is told, since there is then nothing to draw."""
    return by_theme if by_theme["numerator"].notna().any() else by_theme[:0]


def draw_themes(by_theme: pd.DataFrame) -> plt.Axes:
    """A bar for each theme on a track as long as all people, with its number; a withheld one is "some", without a bar."""
    ranked, of, narrow = rank_themes(by_theme), by_theme["denominator"].max(), is_narrow()
    names = [wrapped(theme, 44) for theme in ranked["theme"]]
    # In lines of text; on a phone the name is above its bar.
    lines = np.array([1 + name.count("\n") for name in names])
    rows = lines + (2.2 if narrow else 0.9)
    places = np.cumsum(rows) - (0.9 if narrow else rows / 2)
    _, axes = plt.subplots(figsize=(width(), 0.1 + 0.165 * rows.sum()))
    axes.barh(places, of, 1.1, color="#eeeeee")
    axes.barh(places, ranked["numerator"].fillna(0), 1.1, color=HIGH_COLOURS[1])
    for row, place, name in zip(ranked.itertuples(), places, names, strict=True):
        axes.text(1.02 * of, place, label_count(row), va="center", fontsize=9)
        if narrow:
            axes.text(0, place - 0.75, name, va="bottom", fontsize=9)
    axes.set(xlim=(0, 1.16 * of), ylim=(rows.sum(), 0), xticks=[], yticks=[] if narrow else places)
    axes.set_yticklabels([] if narrow else names, fontsize=9)
    axes.tick_params(length=0)
    sns.despine(ax=axes, left=True, bottom=True)
    axes.grid(visible=False)
    return axes


def say_rule(by_theme: pd.DataFrame) -> str:
    """What the words for numbers mean; empty if all numbers are told."""
    return RULE if by_theme["numerator"].isna().any() else ""


def say_note(study: Study) -> str:
    return study.interviews.note.strip()


# --- what they said ---------------------------------------------------------------------------------------------------
def lay_texts(bank: pd.DataFrame, by_theme: pd.DataFrame) -> pd.DataFrame:
    """Texts by theme, themes of the most people first; without attributions if all are the same."""
    order = {theme: place for place, theme in enumerate(rank_themes(by_theme)["theme"])}
    ordered = bank.sort_values("theme", key=lambda names: names.map(order), kind="stable", ignore_index=True)
    return ordered if bank["attribution"].nunique() > 1 else ordered.drop(columns="attribution")


def open_texts(bank: pd.DataFrame, by_theme: pd.DataFrame) -> pd.DataFrame:
    """The first texts of the themes that most people spoke of."""
    first = rank_themes(by_theme)["theme"].head(MOST_THEMES)
    texts = lay_texts(bank[bank["theme"].isin(first)].drop_duplicates(["theme", "text"]), by_theme)
    return texts.groupby("theme", sort=False).head(MOST_TEXTS)


def title_texts(study: Study) -> str:
    """What texts by theme are: words, or our gists."""
    return "What people said, in our words" if name_text(study) == "gist" else "What people said"


# --- who took part ----------------------------------------------------------------------------------------------------
def say_sessions(sessions: pd.DataFrame, study: Study) -> str:
    """How many took part, in groups or alone as far as that is known; empty if even their number is withheld."""
    counts = sessions.set_index("kind").reindex(["all", "group", "alone", "not known"], columns=["n", "sources"])
    people, groups = counts["n"], counts.loc["group", "sources"]
    if pd.isna(people["all"]):
        return ""
    if people["all"] == 1:
        return "One person took part."
    took = f"{people['all']:g} people took part"
    if study.interviews.sessions:
        return f"{took}: {study.interviews.sessions}."
    ways = {"alone": "alone", "not known": "in a way that we do not know"}
    ways = {"group": f"in {counted(int(groups), 'group')}"} | ways if groups > 0 else ways
    there = [kind for kind in ways if people[kind] > 0]
    if len(there) > 1:
        return f"{took}: {', '.join(f'{people[kind]:g} {ways[kind]}' for kind in there)}."
    return took + {"group": f", {ways.get('group')}", "alone": ", each alone"}.get("".join(there), "") + "."


# --- for those who look closer ----------------------------------------------------------------------------------------
def say_codes(by_code: pd.DataFrame, unused: pd.DataFrame) -> str:
    """How many codes are in use, the most frequent, and those that are not."""
    first = by_code.iloc[0]
    said = f"{counted(len(by_code), 'code is', 'codes are')} in use; none has more people than {quote(first['label'])}"
    idle = f" Not used in the interviews: {quoted_list(unused['label'])}." if len(unused) else ""
    return f"{said}: {first['numerator']:g} of {first['denominator']:g}.{idle}"


def say_source(study: Study) -> str:
    return f"Source of the coding: {coding.describe_reading(study)}."


def draw_matrix(matrix: pd.DataFrame) -> plt.Axes:
    """Codes in rows, participants in columns, the number of segments in each cell; empty cells are left blank."""
    labels = matrix.drop_duplicates("code").set_index("code")["label"][:MOST_ROWS]
    wide = matrix.pivot(index="code", columns="participant", values="segments")
    wide = wide.loc[labels.index, matrix["participant"].unique()[:MOST_ROWS]]
    names = [wrapped(label, 16 if is_narrow() else 38) for label in labels]
    columns = [wrapped(name, 22) for name in wide.columns]
    across = min(width(), 3.6 + 0.5 * len(columns))
    lines = sum(max(1.7, 1.2 + name.count("\n")) for name in names)
    _, axes = plt.subplots(figsize=(across, 0.6 + 0.075 * max(map(len, columns)) + 0.17 * lines))
    sns.heatmap(
        wide, mask=wide == 0, annot=True, fmt="d", cmap="Blues", vmin=0, vmax=1.3 * wide.to_numpy().max(), cbar=False,
        linewidths=0.8, linecolor="#e3e3e3", yticklabels=names, xticklabels=columns, ax=axes,
    )  # fmt: skip
    axes.tick_params(axis="x", rotation=90)
    axes.grid(visible=False)
    axes.set(xlabel="", ylabel="")
    return axes


def title_matrix(matrix: pd.DataFrame) -> str:
    """How many codes each person's texts carry."""
    carried = matrix["segments"].gt(0).groupby(matrix["participant"]).sum()
    few_to_many = span(str(carried.min()), str(carried.max()))
    return f"What each person said carries {few_to_many} of {counted(matrix['code'].nunique(), 'code')}"


def say_pairs(pairs: pd.DataFrame, unit: str) -> str:
    """How many pairs of codes occur together, and how often at most."""
    if pairs.empty:
        return ""
    where, one, more = TOGETHER[unit]
    used = counted(len(pairs), "pair of codes was", "pairs of codes were")
    often = counted(int(pairs["both"].max()), one, more)
    return f"{used} used {where} the same {one}; no pair {where} more than {often}."


def draw_saturation(saturation: pd.DataFrame) -> plt.Axes:
    """Codes found by number of interviews: the mean over orders, and the band that holds 95% of them."""
    _, axes = plt.subplots(figsize=(min(width(), 7.2), 3.4))
    sns.lineplot(saturation, x="interviews", y="codes_mean", color=HIGH_COLOURS[1], marker="o", errorbar=None, ax=axes)
    band = saturation["interviews"], saturation["codes_low"], saturation["codes_high"]
    axes.fill_between(*band, color=HIGH_COLOURS[1], alpha=0.15, linewidth=0)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set(xlabel="People", ylabel="Codes found")
    return axes


def say_saturation(saturation: pd.DataFrame) -> str:
    last = saturation.iloc[-1]
    half = saturation[saturation["codes_mean"] >= last["of_codes"] / 2].iloc[0]
    reached = f"{half['interviews']:g} of {counted(int(last['interviews']), 'person', 'people')}"
    return f"Half of all codes had come up after {reached}"


# --- texts, checked ---------------------------------------------------------------------------------------------------
def say_recurring(recurring: pd.DataFrame) -> str:
    """How many pairs of quotations are alike; empty if none are."""
    if recurring.empty:
        return ""
    pairs = "pair of quotations of different people has", "pairs of quotations of different people have"
    found = counted(len(recurring), *pairs)
    return f"{found} nearly the same words. Check that each is attributed to the right person."


def say_quotations(checks: pd.DataFrame) -> str:
    """How many quotations are what was said; empty if none could be checked."""
    if checks.empty:
        return ""
    right, changed = int(is_verbatim(checks).sum()), int((checks["negation_changed"] | checks["number_changed"]).sum())
    if right == len(checks):
        match = "The one quotation matches" if right == 1 else f"All {right} match"
        return f"Quotations are what was said. {match} what their speaker said, word for word."
    differ = f"Of {counted(len(checks), 'quotation')} {counted(len(checks) - right, 'differs', 'differ')}"
    turned = f"; in {changed} a negation or a number is changed" if changed else ""
    return f"Quotations need correcting before anybody uses them. {differ} from their speaker's own words{turned}."


def say_pointing(pointing: pd.DataFrame) -> str:
    """How many people their texts may point to; empty if none."""
    if pointing.empty:
        return ""
    found = counted(len(pointing), "person", "people")
    return f"{found} could perhaps be recognised from their texts together. Read these before anything is shared."


def say_agreement(agreement: pd.DataFrame, asked: bool) -> str:
    """What coders were compared on, and what that means; empty unless it was asked for."""
    if not asked:
        return ""
    if agreement.empty:
        return "The texts name no coders, so there is no agreement to measure."
    unit = agreement["unit"].iloc[0]
    compared = f"Coders were compared on {counted(agreement['units'].max(), unit)}"
    if unit == "segment":
        return (
            f"{compared} that at least one of them marked. What nobody marked does not count here, so these figures are too "
            "low, and can be below zero where coders agree well: do not judge them by a rule of thumb."
        )
    return compared + (", whether or not anybody marked them." if unit == "turn" else ".")
