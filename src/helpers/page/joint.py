"""What notebook 5 shows: survey and interviews side by side, recommendations with their evidence."""

from itertools import cycle

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from helpers.joint import NOT_JUDGED
from helpers.page.scores import say_typical
from helpers.page.style import CONSTRUCT_COLOURS, WIDTH, wrapped
from helpers.page.words import listed, percent, ratio, whole
from helpers.study.definition import Study

# How a sentence says each judgement of constructs.
VERBS = {
    "agrees": "agree with the survey on", "complements": "add to the survey on", "contradicts": "contradict the survey on",
    "silent": "are silent on",
}  # fmt: skip
JOINT_LABELS = {"n": "Respondents", "numerator": "Participants coded", "stands_out": "Items that stand out"}
EVIDENCE_LABELS = {"item": "Items", "segment": "Texts of interviews", "figure": "Published figures"}


# --- constructs -------------------------------------------------------------------------------------------------------
def draw_joint(favour: pd.DataFrame, joined: pd.DataFrame, study: Study) -> np.ndarray:
    """Constructs in rows: favourable share of each item (those that stand out are named), participants coded, judgement."""
    order, most = list(joined["construct"]), int(joined["denominator"].fillna(1).max())
    drawn, axes = plt.subplots(1, 2, figsize=(WIDTH, 1.6 + 0.95 * len(order)), sharey=True, width_ratios=[3, 1.15])
    palette = dict(zip(order, cycle(CONSTRUCT_COLOURS), strict=False))
    alike = {"y": "construct", "hue": "construct", "order": order, "palette": palette, "legend": False}
    items = favour.assign(place=100 * favour["least"] / favour["denominator"]).dropna(subset=["place"])
    sns.swarmplot(items, x="place", size=7, ax=axes[0], **alike)
    sns.barplot(joined, x="numerator", width=0.5, errorbar=None, ax=axes[1], **alike)
    for mean in favour[["typical", "typical_most"]].iloc[0].unique():
        axes[0].axvline(mean, color="#777777", linestyle="--", linewidth=1)
    for row, found in enumerate(joined.itertuples()):
        here = items[(items["construct"] == found.construct) & (items["stands_out"] != "")]
        for place, names in gather_labels(here):
            axes[0].annotate(names, (place, row), (0, 14), textcoords="offset points", ha="center", fontsize=9)
        text = f"{whole(found.numerator)} of {whole(found.denominator)}\n{found.judgement}"
        axes[1].text(np.nan_to_num(found.numerator) + 0.02 * most, row, text, va="center", fontsize=9)
    ranges = "where not all is told, at their least; dashed: all items together lie between"
    lines = ranges if favour["share"].isna().any() else "dashed: all items together"
    axes[0].set_yticks(range(len(order)), [wrapped(study.construct_name(key)) for key in order])
    axes[0].set(xlim=(0, 104), ylabel="", xlabel=f"% favourable of those to whom it is relevant, one point an item\n{lines}")
    axes[1].set(xlim=(0, 1.75 * most), xticks=[0, most], xlabel="Participants coded", ylabel="")
    return axes


def gather_labels(items: pd.DataFrame, apart: float = 6) -> list[tuple[float, str]]:
    """Names of items that lie close together as one label, so that none covers another: (place, names)."""
    ordered = items.sort_values("place")
    near = ordered["place"].diff().gt(apart).cumsum()
    return [(float(rows["place"].mean()), ", ".join(rows["item"])) for _, rows in ordered.groupby(near)]


def describe_joint(favour: pd.DataFrame, joined: pd.DataFrame, study: Study) -> str:
    """The figure for those who cannot see it."""
    return f"{say_standouts(favour, study)} {say_joint(joined, study)}"


def lay_joint(joined: pd.DataFrame, favour: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The joint display as the page shows it: items of each construct that stand out, and the judgement with its reason."""
    texts = []
    for construct in joined["construct"]:
        here = favour[favour["construct"] == construct]
        sides = {side: here.loc[here["stands_out"] == side.lower(), "item"] for side in ("Above", "Below")}
        texts.append(". ".join(f"{side}: {'; '.join(study.item_names[items])}" for side, items in sides.items() if len(items)))
    reasons = joined["reason"].where(joined["reason"] == "", ". " + joined["reason"])
    return joined.assign(stands_out=texts, judgement=joined["judgement"].str.capitalize() + reasons)


def note_joint(study: Study) -> str:
    joint = study.definition.joint
    return " ".join(filter(None, [joint.note.strip() if joint else "", note_texts(study)]))


def note_texts(study: Study) -> str:
    return "Texts are gists in our own words." if study.interviews.text_is == "gist" else ""


def say_joint(joined: pd.DataFrame, study: Study) -> str:
    judged = joined[joined["judgement"] != NOT_JUDGED]
    if judged.empty:
        return "The study holds no judgement of how the interviews relate to the survey."
    parts = [
        f"{VERBS[judgement]} {listed(study.construct_name(key).lower() for key in rows['construct'])}"
        for judgement, rows in judged.groupby("judgement", sort=False)
    ]
    return f"In the analyst's judgement the interviews {'; they '.join(parts)}."


# --- items that stand out ---------------------------------------------------------------------------------------------
def say_standouts(favour: pd.DataFrame, study: Study) -> str:
    """Items that stand out below the share over all items with their figures, and those above by name."""
    named = favour.assign(name=name_items(favour["item"], study))
    below = named[named["stands_out"] == "below"].sort_values("share")
    parts = "; ".join(f"{row.name}, {say_share(row)}" for row in below.itertuples())
    above = listed(named.loc[named["stands_out"] == "above", "name"])
    known = ", as far as it may be told" if favour["share"].isna().any() else ""
    return (
        f"Over all items together, {say_typical(favour)} of the answers are favourable. Items that stand out below "
        f"that{known}: {parts or 'none'}. Items that stand out above it{known}: {above}."
    )


def say_share(row) -> str:
    """A row of `joint.measure_favour`, "19 of 39 (49%, 95% CI 34 to 64)"; without a share where it is of all who answered."""
    if pd.isna(row.share) and pd.notna(row.numerator):
        return f"{row.numerator:g} of the {row.denominator:g} who answered"
    return ratio(row.numerator, row.denominator, row.low, row.high, row.least)


def name_items(items: pd.Series, study: Study) -> pd.Series:
    """Wordings in the place of codes: “Key people drive it forward”."""
    return "“" + items.map(study.items["label"]) + "”"


# --- recommendations --------------------------------------------------------------------------------------------------
def lay_evidence(evidence: pd.DataFrame, favour: pd.DataFrame) -> pd.DataFrame:
    """A row a recommendation, its evidence in a column a kind; only the number where it is not told which."""
    shares = {row.item: f" ({describe_favour(row)})" for row in favour.itertuples()}
    item = evidence["id"].where(evidence["kind"] == "item")
    texts = evidence["id"] + item.isna().map({True: ": ", False: " "}) + evidence["text"] + item.map(shares).fillna("")
    texts += (": " + evidence["printed"]).where(evidence["printed"] != "", "")
    by = ["recommendation", "gist", "kind"]
    cells = evidence.assign(cell=texts).groupby(by, sort=False)["cell"]
    cells = cells.agg(lambda told: "; ".join(told) if told.notna().all() else str(len(told)))
    wide = cells.unstack("kind", sort=False).reindex(columns=list(EVIDENCE_LABELS))
    return wide.astype(object).fillna("–").reset_index()


def describe_favour(row) -> str:
    """A row of `joint.measure_favour` in two words: "78% favourable", "90% or more favourable"."""
    if pd.isna(row.least):
        return "share withheld"
    share = percent(row.share) if pd.notna(row.share) else f"{int(100 * row.least / row.denominator)}% or more"
    return f"{share} favourable"


def say_untraced(evidence: pd.DataFrame) -> str:
    """What there is not to trace; nothing where the study names evidence."""
    if evidence.empty:
        return "The study has no recommendations to trace."
    return "The study names no evidence for recommendations." if evidence["kind"].eq("none").all() else ""


def say_loose_ends(
    loose_ends: pd.DataFrame, evidence: pd.DataFrame, favour: pd.DataFrame, themes: pd.DataFrame, study: Study
) -> str:
    """What no evidence supports and no recommendation picks up; nothing where the study names no evidence at all."""
    if say_untraced(evidence):
        return ""
    kinds = {kind: loose_ends[loose_ends["kind"] == kind] for kind in ("recommendation", "item", "theme")}
    bare, items = kinds["recommendation"]["id"], kinds["item"].assign(name=name_items(kinds["item"]["id"], study))

    def name(side: str) -> str:
        rows = items[items["stands_out"] == side].itertuples()
        return listed((f"{row.name} ({describe_favour(row)})" for row in rows), none_of(favour["share"]))

    def none_of(figures: pd.Series) -> str:
        return "none" if figures.notna().all() else "none that can be told"

    people = (f"{row.id} ({row.numerator:g} of {row.denominator:g} participants)" for row in kinds["theme"].itertuples())
    start = f"No evidence is named for {listed(bare)}." if len(bare) else "Evidence is named for every recommendation."
    return (
        f"{start} Strong findings that no recommendation names: of the items that stand out below the others, {name('below')}; "
        f"of those above, {name('above')}; of the themes of at least half of the participants, "
        f"{listed(people, none_of(themes['numerator']))}."
    )
