"""What notebook 5 shows: survey and interviews side by side, recommendations with their evidence."""

from __future__ import annotations

import pandas as pd
from IPython.display import HTML

from helpers.joint import NOT_JUDGED, LooseEnds, find_loose_ends
from helpers.page import words
from helpers.page.page import Page
from helpers.page.words import listed, ratio, share_cell, whole
from helpers.study import reading
from helpers.study.definition import Study


def label_favour(favour: pd.DataFrame) -> pd.DataFrame:
    shares = map(share_cell, favour["numerator"], favour["n"], favour["low"], favour["high"], favour["least"])
    return pd.DataFrame({
        "Item": favour["item"] + " " + favour["label"], "Answered": [whole(n) for n in favour["n"]],
        "Favourable (%; 95% CI)": list(shares),
        "Stands out": favour["stands_out"].replace("", "–"),
    })  # fmt: skip


def label_joint(rows: pd.DataFrame, threshold: int = 0) -> pd.DataFrame:
    def survey(row) -> str:
        if not row.scored:
            return "[no survey items]"
        return words.mean_cell(row, threshold) + ("" if threshold else f", n = {row.n:g}")

    return pd.DataFrame({
        "Construct": rows["label"],
        words.name_mean(rows, "Survey: mean score") + ("" if threshold else ", n"): [survey(r) for r in rows.itertuples()],
        "Items that stand out": [listed(items, "–") for items in rows["stands_out"]],
        "Participants coded": [f"{whole(r.participants)} of {whole(r.of)}" for r in rows.itertuples()],
        "Judgement": rows["judgement"].str.capitalize() + rows["reason"].where(rows["reason"] == "", ". " + rows["reason"]),
    })  # fmt: skip


def label_codes(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "Construct": rows["label"],
        "Codes (participants of all)": ["; ".join(codes) or "–" for codes in rows["codes"]],
        "Two texts": ["; ".join(f"{text} ({segment})" for segment, text in texts) or "–" for texts in rows["examples"]],
    })  # fmt: skip


def note_joint(study: Study) -> str:
    joint = study.definition.joint
    gist = " Texts are gists in our own words." if study.interviews.text_is == "gist" else ""
    return ((joint.note.strip() if joint else "") + gist).strip()


def say_joint(rows: pd.DataFrame) -> str:
    judged = rows[rows["judgement"] != NOT_JUDGED]
    if judged.empty:
        return "The study holds no judgement of how the interviews relate to the survey."
    parts = []
    for judgement, group in judged.groupby("judgement", sort=False):
        parts.append(f"{judgement} for {listed(group['label'].str.lower())}")
    return f"In the analyst's judgement the interviews relate to the survey thus: {'; '.join(parts)}."


def say_standouts(favour: pd.DataFrame) -> str:
    """Items wholly below the mean with their figures, and those wholly above by name."""
    below = favour[favour["stands_out"] == "below"].sort_values("percent")
    above = favour.loc[favour["stands_out"] == "above", "item"]
    parts = [
        f"{r.item}, {r.label[0].lower()}{r.label[1:]}: {ratio(r.numerator, r.n, r.low, r.high, r.least)}"
        for r in below.itertuples()
    ]
    lowest, highest = (words.percent(favour[name].iloc[0]) for name in ("typical", "typical_most"))
    mean = lowest if lowest == highest else f"from {lowest} to {highest}"
    sides = f"Wholly below it: {listed(parts, name_nothing(favour, 'below'))}. "
    sides += f"Wholly above it: {listed(above, name_nothing(favour, 'above'))}."
    return f"The mean favourable share is {mean}. {sides}"


def name_nothing(favour: pd.DataFrame, side: str) -> str:
    """What is said where no item stands out on a side: one may that cannot be told of. A range lies near the top."""
    unknown = favour["numerator"].isna() if side == "above" else favour["least"].isna()
    return "none that can be told" if unknown.any() else "none"


def show_recommendations(page: Page, traced: pd.DataFrame, favour: pd.DataFrame, segments: pd.DataFrame) -> HTML:
    """Each recommendation with its items and segments, written out; for a funder without texts and published figures.

    A published figure can be the very count that is withheld, and a text is told of only where it is approved.
    """
    if traced.empty:
        return page.say("The study has no recommendations to trace.", basis="published", shared=True)
    figures = {r.item: f"{r.item} ({describe_favour(r)})" for r in favour.itertuples()}
    texts = segments.drop_duplicates("segment").set_index("segment")["text"]
    said = describe_figures(page.run.study)
    table = pd.DataFrame({
        "Recommendation": traced["recommendation"], "Gist": traced["gist"],
        "Items": [listed((figures.get(i, i) for i in items), "–") for items in traced["items"]],
        "Segments": ["; ".join(f"{i}: {texts[i]}" for i in ids) or "–" for ids in traced["segments"]],
        "Published figures": ["; ".join(f"{i}: {said[i]}" for i in ids) or "–" for ids in traced["figures"]],
    })  # fmt: skip
    if page.threshold:
        table = table.drop(columns=["Segments", "Published figures"]).assign(**{
            "Texts of interviews": [len(ids) for ids in traced["segments"]],
            "Published figures": [len(ids) for ids in traced["figures"]],
        })  # fmt: skip
    return page.table(
        table, "recommendations", "Recommendations and the evidence named for them", notes=note_joint(page.run.study),
        basis="margins", shared=True,
    )  # fmt: skip


def describe_favour(row) -> str:
    """A row of `joint.measure_favour` in two words: "78% favourable", "90% or more favourable"."""
    if pd.isna(row.least):
        return "share withheld"
    share = words.percent(row.percent) if pd.notna(row.numerator) else f"{int(row.percent)}% or more"
    return f"{share} favourable"


def show_loose_ends(page: Page, traced, favour, segments, counts) -> HTML:
    """What no evidence supports and no recommendation picks up, where the study names evidence at all."""
    if traced.empty or not traced[["items", "segments", "figures"]].map(len).any(axis=None):
        return page.say("The study names no evidence for recommendations.", basis="published", shared=True)
    ends = find_loose_ends(traced, favour, segments, counts)
    nothing = {side: name_nothing(favour, side) for side in ("below", "above")}
    nothing["themes"] = "none" if counts["participants"].notna().all() else "none that can be told"
    return page.say(say_loose_ends(ends, nothing), key="recommendations", basis="margins", shared=True)


def describe_figures(study: Study) -> dict[str, str]:
    """The published text's figures by id: "D5, percent agree: 55"."""
    published = study.definition.published
    if not published or not published.claims:
        return {}
    said = reading.read_csv(study.file(published.claims), ["claim", "about", "statistic", "value"])
    return dict(zip(said["claim"], said["about"] + ", " + said["statistic"] + ": " + said["value"], strict=True))


def say_loose_ends(ends: LooseEnds, nothing: dict[str, str]) -> str:
    def name(side: str) -> str:
        rows = ends.items[ends.items["stands_out"] == side]
        return listed((f"{r.item} ({describe_favour(r)})" for r in rows.itertuples()), nothing[side])

    themes = listed(
        (f"{r.theme} ({r.participants:g} of {r.of:g} participants)" for r in ends.themes.itertuples()), nothing["themes"]
    )
    return (
        f"Recommendations for which no evidence is named: {listed(ends.bare)}. Strong findings that no recommendation names: "
        f"items below the mean, {name('below')}; items above it, {name('above')}; themes of at least half of the "
        f"participants, {themes}."
    )
