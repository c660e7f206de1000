"""What notebook 6 shows: published figures checked against each other, the text and respondents' rows."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.ticker import MaxNLocator

from helpers.page import style
from helpers.page.page import Page
from helpers.page.words import counted, listed, quoted_list
from helpers.study.definition import Study

NOTE_ON_AGREEMENT = "Figures agree when the computed one rounds to the printed one; a half may be rounded either way."
# Columns that this notebook needs from tables that a study without a survey, or without interviews, lacks.
COLUMNS = {
    "respondents": ["respondent"],
    "responses": ["respondent", "item", "response", "status"],
    "scores": ["respondent", "construct", "score"],
    "participants": ["participant"],
    "segments": ["segment", "participant", "theme", "code"],
}
# How a verdict reads for one check and for several; the latter heads the findings of its kind.
TOLD = {
    "agrees": ("holds", "hold"),
    "contradiction": ("leads to a contradiction", "lead to a contradiction"),
    "question": ("raises a question", "raise a question"),
    "note": ("is worth a note", "are worth a note"),
    "not checked": ("could not be checked", "could not be checked"),
}


def read_what_there_is(page: Page, *names: str) -> list[pd.DataFrame]:
    """Tables that other notebooks saved; a table that this study lacks is empty."""
    empty = {name: pd.DataFrame(columns=COLUMNS[name]).astype({"score": float} if name == "scores" else {}) for name in names}
    return [page.read(name) if page.run.path(name).is_file() else empty[name] for name in names]


# --- figures against figures ------------------------------------------------------------------------------------------
def say_published(study: Study) -> str:
    return f"Figures are those of {study.published.source}, copied as printed even where they disagree."


def say_questions(counts: pd.DataFrame) -> str:
    """Whether the printed figures can be right, and how many checks say no; `counts` has `severity, n`."""
    found = counts.set_index("severity")["n"]
    wrong, asked, checked = found["contradiction"], found["question"], found.sum() - found["not checked"]
    if not checked:
        return "No published figure could be checked." if found.sum() else ""
    of = f"Of {counted(checked, 'check')},"
    ask = f"{asked}{' more' * bool(wrong)} {'raises' if asked == 1 else 'raise'} a question for the authors"
    more = f", and {ask}" if asked else ""
    if wrong:
        return f"Some published figures cannot be right as printed. {of} {wrong} found a contradiction{more}."
    if asked:
        return f"No published figures contradict each other. {of} {ask}."
    return f"The published figures hold together. {of} none raises a question for the authors."


def head_verdicts(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Verdicts with headings in words as their `severity`."""
    return verdicts.assign(severity=[TOLD[name][1].capitalize() for name in verdicts["severity"]])


def say_verdicts(counts: pd.DataFrame, check: str, of: str) -> str:
    """How the checks came out: "Of 4 checks of the totals, 3 hold and 1 raises a question."; empty without any."""
    found = counts.set_index("severity")["n"]
    told = [f"{found[name]} {TOLD[name][int(found[name] != 1)]}" for name in TOLD if found[name]]
    return f"Of {counted(found.sum(), check)} of {of}, {listed(told)}." if told else ""


# --- on how many people a row can rest ----------------------------------------------------------------------------------
def count_most(feasible: pd.DataFrame) -> pd.Series:
    """The numbers of people that fit the most rows, and how many rows each fits; empty if none fits more than half."""
    rows = feasible["n"].value_counts().sort_index()
    return rows[rows.eq(rows.max()) & (2 * rows > feasible["item"].nunique())]


def name_fit(feasible: pd.DataFrame, study: Study) -> str:
    """How many rows can rest on one number of people, and how many on none."""
    most, total, none = count_most(feasible), feasible["item"].nunique(), int(feasible["n"].isna().sum())
    found = "No number of people fits more than half of the rows"
    if len(most):
        rows = "The only row" if total == 1 else f"{most.iloc[0]} of {total} rows"
        numbers = " or ".join(map(str, most.index)) if len(most) < 4 else f"each of {len(most)} numbers of"
        found = f"{rows} can rest on {numbers} {'person' if numbers == '1' else 'people'}"
    return found + f"; {none} {'fits' if none == 1 else 'fit'} no number" * bool(none)


def draw_feasible(feasible: pd.DataFrame, study: Study) -> plt.Axes:
    """Draw the published rows by construct, with a dot for each number of people that fits; returns the axes.

    Dots are dark where the number fits most rows on the same scale.
    """
    printed, scale = study.items.loc[feasible["item"].unique()], feasible["item"].map(study.items["scale"])
    parts = list(printed.groupby("construct", sort=False)["label"])
    rows = pd.concat([pd.concat([pd.Series({"": study.construct_name(key)}), labels]) for key, labels in parts])
    places = style.place_rows(rows, rows.index == "").assign(item=rows.index)
    most = [(name, n) for name, part in feasible.groupby(scale) for n in count_most(part).index]
    colours = [style.HIGH_COLOURS[pair in most] for pair in zip(scale, feasible["n"].astype(float), strict=True)]
    _, axes = plt.subplots(figsize=(style.width(), 0.5 + places["bottom"].iloc[-1]))
    y = feasible["item"].map(dict(zip(places["item"], places["y"], strict=True)))
    axes.scatter(feasible["n"].astype(float), y, 22, color=colours, rasterized=len(feasible) > 3000)
    style.label_rows(axes, places)
    look = {"ha": "center", "va": "center", "color": style.LOW_COLOURS[0], "size": 9}
    for place in y[feasible["n"].isna()]:
        axes.text(study.published.responded / 2, place, "no number fits", **look)
    axes.xaxis.set_major_locator(MaxNLocator(5 if style.is_narrow() else 10, integer=True))
    axes.grid(color="#ececec")
    axes.set(xlabel="Number of people", xlim=(0, study.published.responded + 1))
    return axes


def say_feasible(feasible: pd.DataFrame, study: Study) -> str:
    """The figure's alternative text."""
    none = study.items.loc[feasible.loc[feasible["n"].isna(), "item"], "label"]
    dots = f"A dot for each number of people, up to {study.published.responded}, that fits a published row."
    return f"{dots} {name_fit(feasible, study)}" + (f": {quoted_list(none)}." if len(none) else ".")


# --- figures against rows ---------------------------------------------------------------------------------------------
def say_recomputed(items: pd.DataFrame, respondents: pd.DataFrame, participants: pd.DataFrame, study: Study) -> str:
    """How many printed figures agree with the computed ones, by table; no finding if answers were made from them."""
    if study.banner and len(items):
        return "The answers shown here were made from the published figures, so they agree with them by construction."
    recomputed, sentences = pd.concat([items, respondents, participants])[["where", "agrees"]], []
    for where, agrees in recomputed.groupby("where", sort=False)["agrees"]:
        known = agrees.dropna()
        differ, unknown = int((~known).sum()), len(agrees) - len(known)
        rest = f", {differ} {'differs' if differ == 1 else 'differ'}" if differ else ""
        rest += f", {unknown} cannot be computed" if unknown else ""
        agree = f"{known.sum()} of {counted(len(known), 'figure')} {'agrees' if known.sum() == 1 else 'agree'}"
        sentences.append(f"{where}: {agree} within rounding{rest}.")
    return " ".join(sentences)


def say_live_claims(live_claims: pd.DataFrame) -> str:
    holding, claims = int(live_claims["holds"].sum()), counted(len(live_claims), "claim")
    return f"{holding} of {claims} {'holds' if holding == 1 else 'hold'} in this run." if len(live_claims) else ""
