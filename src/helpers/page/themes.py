"""What notebook 4 shows: participants, themes and codes, and whether quotations are what was said."""

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns

from helpers.interviews import coding
from helpers.interviews.quotations import is_verbatim
from helpers.interviews.themes import list_observed
from helpers.page.style import HIGH_COLOURS, WIDTH, wrapped
from helpers.page.words import counted, listed, whole
from helpers.study.definition import Study

# A picture of more rows or columns than this cannot be read.
MOST_ROWS = 40


def say_source(study: Study) -> str:
    return f"Source of the coding: {coding.describe_reading(study)}. {study.interviews.note.strip()}".strip()


def name_basis(groups: pd.DataFrame, study: Study) -> str:
    """Whether any of the attributes that are shown was shared out and not observed."""
    shared_out = {attribute.label for attribute in study.interviews.attributes.values() if attribute.simulated}
    return "assigned" if shared_out & set(groups["grouping"]) else "interviews"


def name_text(study: Study, number: int = 1) -> str:
    """What one segment's text is called: a quotation, or a gist where the study has no words."""
    return ("gist" if study.interviews.text_is == "gist" else "quotation") + "s" * (number != 1)


# --- who spoke of what ------------------------------------------------------------------------------------------------
def draw_themes(by_theme: pd.DataFrame) -> plt.Axes:
    """Participants by theme, a bar each with its number; a withheld one says so."""
    names = [wrapped(theme) for theme in by_theme["theme"]]
    _, axes = plt.subplots(figsize=(WIDTH, 0.9 + 0.25 * sum(2 + name.count("\n") for name in names)))
    bars = by_theme.assign(theme=names, numerator=by_theme["numerator"].fillna(0))
    sns.barplot(bars, x="numerator", y="theme", color=HIGH_COLOURS[1], saturation=1, errorbar=None, ax=axes)
    axes.bar_label(axes.containers[0], [whole(count) for count in by_theme["numerator"]], padding=4)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set(xlabel=f"Participants, of {whole(by_theme['denominator'].max())}", ylabel="")
    return axes


def say_themes(by_theme: pd.DataFrame, study: Study) -> str:
    """Each theme with its participants, most first; without segments where those are withheld."""
    order = [name for name in ("numerator", "segments") if name in by_theme]
    ranked = by_theme.sort_values(order, ascending=False, kind="stable")
    unit = "gist" if study.interviews.text_is == "gist" else "segment"
    parts = [
        f"{row['theme']}, {row['numerator']:g} of {counted(int(row['denominator']), 'participant')}"
        + (f", {counted(row['segments'], unit)}" if "segments" in row else "")
        for row in ranked[ranked["numerator"].notna()].to_dict("records")
    ]
    hidden = ranked.loc[ranked["numerator"].isna(), "theme"]
    told = f"Coded for each theme: {'; '.join(parts)}." if parts else ""
    return f"{told} Withheld: {listed(hidden)}.".strip() if len(hidden) else told


def say_unused(unused: pd.DataFrame) -> str:
    if unused.empty:
        return "Every code of the codebook is in use."
    said = f"Codes of the codebook that no segment carries: {listed(unused['label'])}."
    return f"{said} That nothing was coded is not disagreement."


def say_uncompared(study: Study) -> str:
    """That nothing is known by which participants could be compared; nothing where something is."""
    return "" if list_observed(study) else "Nothing is known of the participants by which they could be compared."


def draw_matrix(matrix: pd.DataFrame) -> plt.Axes:
    """Codes in rows, participants in columns, the number of segments in each cell; empty cells are left blank."""
    labels = matrix.drop_duplicates("code").set_index("code")["label"][:MOST_ROWS]
    wide = matrix.pivot(index="code", columns="participant", values="segments")
    wide = wide.loc[labels.index, matrix["participant"].unique()[:MOST_ROWS]]
    _, axes = plt.subplots(figsize=(max(6.0, min(WIDTH, 3.6 + 0.62 * wide.shape[1])), 2.2 + 0.36 * len(wide)))
    sns.heatmap(
        wide, mask=wide == 0, annot=True, fmt="d", cmap="Blues", vmin=0, vmax=1.3 * wide.to_numpy().max(), cbar=False,
        linewidths=0.8, linecolor="#e3e3e3", yticklabels=[wrapped(label, 38) for label in labels],
        xticklabels=[wrapped(name, 22) for name in wide.columns], ax=axes,
    )  # fmt: skip
    axes.tick_params(axis="x", rotation=90)
    axes.grid(visible=False)
    axes.set(xlabel="Participant; the number in a cell is segments", ylabel="")
    return axes


def say_matrix(matrix: pd.DataFrame) -> str:
    codes = matrix["segments"].gt(0).groupby(matrix["participant"]).sum()
    none = int((codes == 0).sum())
    without = f" {counted(none, 'participant')} of {len(codes)} had no segment." if none else ""
    in_use = counted(matrix["code"].nunique(), "code")
    return f"A participant's segments carry between {codes.min()} and {codes.max()} of the {in_use} in use.{without}"


def say_pairs(pairs: pd.DataFrame, unit: str, shown: int) -> str:
    """How many pairs of codes stand together, and how many of them the table shows."""
    if pairs.empty:
        return f"No two codes stand together in one {unit}."
    stand = counted(len(pairs), "pair of codes stands", "pairs of codes stand")
    return f"{stand} together in one {unit}." + f" The {shown} most frequent are shown." * (len(pairs) > shown)


def say_deductive(inductive: bool) -> str:
    """Why there is no curve of new codes; nothing where there is one."""
    off = (
        "Not shown: where codes were chosen beforehand, such a curve says nothing about saturation. Set the parameter "
        "`inductive` when the codes came from the interviews themselves."
    )
    return "" if inductive else off


def draw_saturation(saturation: pd.DataFrame) -> plt.Axes:
    """Codes found by number of interviews: the mean over orders, and the band that holds 95% of them."""
    _, axes = plt.subplots(figsize=(7.2, 3.8))
    sns.lineplot(saturation, x="interviews", y="codes_mean", color=HIGH_COLOURS[1], marker="o", errorbar=None, ax=axes)
    band = saturation["interviews"], saturation["codes_low"], saturation["codes_high"]
    axes.fill_between(*band, color=HIGH_COLOURS[1], alpha=0.15, linewidth=0)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set(xlabel="Participants", ylabel="Codes found (mean and 95% of orders)")
    return axes


def say_saturation(saturation: pd.DataFrame) -> str:
    last = saturation.iloc[-1]
    half = saturation[saturation["codes_mean"] >= last["of_codes"] / 2].iloc[0]
    reached = f"{half['interviews']:g} of {counted(int(last['interviews']), 'participant')}"
    return f"Half of the {counted(int(last['of_codes']), 'code')} are found after {reached}."


# --- texts ------------------------------------------------------------------------------------------------------------
def title_bank(study: Study) -> str:
    gists = study.interviews.text_is == "gist"
    return f"{name_text(study, 2).capitalize()} by theme" + " (our words, not the speakers')" * gists


def say_no_texts(bank: pd.DataFrame) -> str:
    """Why no text is shown; nothing where one is. The team's bank names the segments, a funder's does not."""
    if len(bank):
        return ""
    if "segment" in bank:
        return "The segments of these interviews have no text."
    return "There is no text of an interview that the team has approved and that can be shown without pointing at anybody."


def say_recurring(recurring: pd.DataFrame, study: Study) -> str:
    compared = " Only gists were compared, since this study has no words." * (study.interviews.text_is == "gist")
    if recurring.empty:
        return f"No text stands under two people.{compared}"
    alike = f"of nearly identical {name_text(study, 2)}"
    found = counted(len(recurring), f"pair {alike} is", f"pairs {alike} are")
    return f"{found} attributed to different people.{compared}"


def say_quotations(checks: pd.DataFrame, study: Study) -> str:
    """How many quotations are what was said, or why none can be checked."""
    if study.interviews.transcripts is None:
        reason = "it has gists and no words" if study.interviews.text_is == "gist" else "it names no transcripts"
        return f"No quotation of this study can be checked: {reason}."
    right = int(is_verbatim(checks).sum())
    changed = int((checks["negation_changed"] | checks["number_changed"]).sum())
    return (
        f"{right} of {counted(len(checks), 'quotation')} stand verbatim in their participant's own words; "
        f"{len(checks) - right} do not. A negation or number is changed in {changed}."
    )


def say_pointing(pointing: pd.DataFrame) -> str:
    return "No set of texts was found that together points at one person." if pointing.empty else ""


def say_agreement(agreement: pd.DataFrame, asked: bool) -> str:
    """What coders were compared on, and what that means; or why no agreement is shown."""
    if not asked:
        return (
            "Not shown: under reflexive thematic analysis coders are not expected to agree. Set the parameter `agreement` "
            "where a study's method asks for it."
        )
    if agreement.empty:
        return "The segments name no coders, so there is no agreement to measure."
    unit = agreement["unit"].iloc[0]
    compared = f"Coders were compared on {counted(agreement['units'].max(), unit)}"
    if unit == "segment":
        return (
            f"{compared} that at least one of them marked. What nobody marked does not count here, so these figures are too "
            "low, and can be below zero where coders agree well: do not hold them against a rule of thumb."
        )
    return compared + (", whether or not anybody marked them." if unit == "turn" else ".")
