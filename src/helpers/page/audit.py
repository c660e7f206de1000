"""What notebook 6 shows: published figures against each other, against the text and against respondents' rows."""

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.ticker import MaxNLocator

from helpers.page.page import Page
from helpers.page.style import CONSTRUCT_COLOURS, WIDTH
from helpers.page.words import counted, listed
from helpers.study.definition import Study

NOTE_ON_FINDINGS = (
    "A finding about a table names its row or panel, one about the text the number of its claim in the study's list."
)
NOTE_ON_AGREEMENT = "Figures agree when the computed one rounds to the printed one; a half may be rounded either way."
# Columns that this notebook needs of tables that a study without a survey, or without interviews, does not have.
COLUMNS = {
    "respondents": ["respondent"],
    "responses": ["respondent", "item", "response", "status"],
    "scores": ["respondent", "construct", "score"],
    "participants": ["participant"],
    "segments": ["segment", "participant", "theme", "code"],
}
UNFIT_COLOUR = "#f4f4f4"
# How a verdict reads for one check and for several.
TOLD = {
    "agrees": ("holds", "hold"),
    "contradiction": ("leads to a contradiction", "lead to a contradiction"),
    "question": ("raises a question", "raise a question"),
    "note": ("is worth a note", "are worth a note"),
    "not checked": ("could not be checked", "could not be checked"),
}


def read_what_there_is(page: Page, *names: str) -> list[pd.DataFrame]:
    """Tables that other notebooks handed on, each empty where this study has none."""
    empty = {name: pd.DataFrame(columns=COLUMNS[name]).astype({"score": float} if name == "scores" else {}) for name in names}
    return [page.read(name) if page.run.path(name).is_file() else empty[name] for name in names]


# --- figures against figures ------------------------------------------------------------------------------------------
def say_published(study: Study) -> str:
    return f"The figures are those of {study.published.source}, carried over as printed, disagreements included."


def say_questions(counts: pd.DataFrame) -> str:
    """How many questions there are for the authors; `counts` has `severity, n`."""
    found = counts.set_index("severity")["n"]
    contradictions, questions = found["contradiction"], found["contradiction"] + found["question"]
    if not questions:
        return "There are no questions for the authors."
    there = f"There {'is' if questions == 1 else 'are'} {counted(questions, 'question')} for the authors"
    if not contradictions:
        return there + "; no printed figures contradict each other."
    are = "is" if contradictions == 1 else "are"
    return f"{there}, of which {contradictions} {are} about figures that cannot all be right."


def say_verdicts(counts: pd.DataFrame, check: str, of: str) -> str:
    """What came of the checks: "Of 4 checks of the totals, 3 hold and 1 raises a question."; nothing where there are none."""
    found = counts.set_index("severity")["n"]
    told = [f"{found[name]} {TOLD[name][int(found[name] != 1)]}" for name in TOLD if found[name]]
    return f"Of {counted(found.sum(), check)} of {of}, {listed(told)}." if told else ""


def draw_feasible(feasible: pd.DataFrame, study: Study) -> plt.Axes:
    """A row of squares for each published row: the numbers of respondents that fit it; gives back the axes."""
    items, most = list(feasible["item"].unique()), study.published.responded
    _, axes = plt.subplots(figsize=(WIDTH, 1.2 + 0.24 * len(items)))
    grid = pd.crosstab(feasible["item"], feasible["n"]).reindex(index=items, columns=range(1, most + 1), fill_value=0)
    names = [study.item_names.get(item, item) for item in items]
    style = {"cbar": False, "vmin": 0, "vmax": 1, "linewidths": min(0.4, 20 / most), "rasterized": True}
    sns.heatmap(grid, cmap=[UNFIT_COLOUR, CONSTRUCT_COLOURS[0]], xticklabels=False, yticklabels=names, ax=axes, **style)
    for item in feasible.loc[feasible["n"].isna(), "item"]:
        axes.text(most / 2, items.index(item) + 0.5, "no number fits", ha="center", va="center", fontsize=9, color="#8c1c13")
    ticks = [int(tick) for tick in MaxNLocator(10, integer=True).tick_values(0, most) if 0 < tick <= most]
    axes.set_xticks([tick - 0.5 for tick in ticks], ticks)
    axes.tick_params(axis="y", labelsize=8)
    axes.set(xlabel="Number of respondents that fits", ylabel="")
    return axes


def say_feasible(feasible: pd.DataFrame, study: Study) -> str:
    none = listed(feasible.loc[feasible["n"].isna(), "item"])
    return f"A grid of published rows against numbers of respondents. Rows that no number fits: {none}."


# --- figures against rows ---------------------------------------------------------------------------------------------
def say_recomputed(recomputed: pd.DataFrame) -> str:
    """How many printed figures agree with the computed ones, table by table."""
    sentences = []
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
