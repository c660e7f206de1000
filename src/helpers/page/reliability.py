"""What notebook 2 shows of its scores: whether items belong together, what scores go with, what earlier studies found."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns

from helpers.page import style
from helpers.page.scores import draw_intervals, label_rows, open_rows
from helpers.page.words import between, counted, decimals, listed
from helpers.study.definition import Study
from helpers.survey.earlier import ANY_CONSTRUCT, FIT, THIS_STUDY
from helpers.survey.factors import FITS, FITS_NOT, LEAST_CFI, MOST_RMSEA, MOST_SRMR
from helpers.survey.family import FAMILY_ERROR
from helpers.survey.paper import SIDES
from helpers.survey.reliability import ALL_ITEMS, FEWEST_FOR_VERDICT


# --- do items belong together? ----------------------------------------------------------------------------------------
def draw_alphas(reliability: pd.DataFrame, chosen: pd.DataFrame, study: Study) -> plt.Axes:
    """Cronbach's alpha of each construct with its interval over those of earlier studies; their ranges in rows of their own."""
    order = list(reliability["construct"])
    told = chosen[chosen["alpha_lowest"].notna()]
    ranges = told[told["construct"] == ANY_CONSTRUCT]
    names = [study.construct_name(key) for key in order]
    names += [f"Range in {words}" for words in name_studies(ranges, "note")]
    (axes,) = open_rows(names)
    draw_intervals(reliability.assign(row=range(len(order))), "alpha", axes)
    rows = range(len(order), len(names))
    axes.hlines(rows, ranges["alpha_lowest"], ranges["alpha_highest"], color=style.CONSTRUCT_COLOURS[1], linewidth=5)
    alone = told[told["construct"].isin(order)]
    if len(alone):
        points = alone.assign(row=alone["construct"].map(order.index) + 0.25, study=name_studies(alone))
        sns.scatterplot(points, x="alpha_lowest", y="row", style="study", color=style.CONSTRUCT_COLOURS[1], s=45, ax=axes)
        sns.move_legend(axes, "lower center", bbox_to_anchor=(0.5, 1), ncols=2, frameon=False, title=None)
    left = pd.Series([0, reliability["alpha"].min(), reliability["low"].clip(lower=-1).min()]).min()
    axes.set(xlim=(left - 0.02, 1.02), xlabel="Cronbach's alpha, with Feldt's 95% interval", ylabel="")
    label_rows(axes, names)
    return axes


def name_studies(rows: pd.DataFrame, *more: str) -> list[str]:
    """Each row's study with its number of people and whatever else is asked for."""
    people = rows["n"].map(lambda n: "" if pd.isna(n) else f"n = {n:,.0f}")
    return [", ".join(filter(None, words)) for words in zip(rows["study"], people, *(rows[name] for name in more), strict=True)]


def say_reliability(reliability: pd.DataFrame, study: Study) -> str:
    known = reliability[reliability["alpha"].notna() & (reliability["construct"] != ALL_ITEMS)]
    if known.empty:
        return "Alpha is not defined for any construct here."
    parts = [
        f"{study.construct_name(r.construct)} {decimals(r.alpha)} (95% CI {between(r.low, r.high)}, n = {r.n_complete})"
        for r in known.itertuples()
    ]
    few = [study.construct_name(key) for key in known.loc[~known["enough"], "construct"]]
    caution = f" With fewer than {FEWEST_FOR_VERDICT} complete rows no judgement is passed on {listed(few)}." if few else ""
    return f"Cronbach's alpha: {listed(parts)}.{caution}"


def say_alphas(reliability: pd.DataFrame, chosen: pd.DataFrame, study: Study) -> str:
    """The same for those who cannot see the figure, which has the published values too."""
    told = chosen[chosen["alpha_lowest"].notna()]
    parts = [
        f"{study.construct_name(row.construct)} {write_alpha(row)} ({name})"
        for row, name in zip(told.itertuples(), name_studies(told), strict=True)
        if row.construct in (*reliability["construct"], ANY_CONSTRUCT)
    ]
    return say_reliability(reliability, study) + f" Published elsewhere: {listed(parts)}." * bool(parts)


def write_alpha(row) -> str:
    """A published alpha, or a range of them."""
    one = row.alpha_lowest == row.alpha_highest
    return decimals(row.alpha_lowest) if one else between(row.alpha_lowest, row.alpha_highest)


def say_item_rest(item_rest: pd.DataFrame) -> str:
    known, doubtful = item_rest[item_rest["item_rest"].notna()], item_rest[item_rest["warning"]]
    if known.empty:
        return "No item–rest correlation is defined here, so nothing is known of the items' directions."
    gaps = len(item_rest) - len(known)
    rest = f" For {gaps} of {len(item_rest)} items it is not defined." if gaps else ""
    if len(doubtful):
        return f"Near or below zero, and so to be checked for their direction: {listed(doubtful['item'])}.{rest}"
    return f"No item clearly runs against the rest of its construct.{rest}"


def say_factor_model(factor_model: pd.DataFrame) -> str:
    row = factor_model.iloc[0]
    if row["note"]:
        return f"No factor model is shown: {row['note'].removeprefix('[not defined: ').removesuffix(']')}."
    told = {FITS: "fits these data", FITS_NOT: "does not fit these data"}
    verdict = told.get(row["verdict"], "may or may not fit: these data do not decide it")
    figures = ", ".join(f"{name.upper()} {decimals(row[name])}" for name in ("cfi", "tli", "srmr", "rmsea"))
    return (
        f"A model of {counted(row['factors'], 'factor')}, one for each construct, {verdict}: {figures} (90% CI "
        f"{between(row['rmsea_low'], row['rmsea_high'])}), {row['n_complete']} complete rows. It fits with a CFI of "
        f"{LEAST_CFI} or more, an SRMR of {MOST_SRMR} or less and an RMSEA of {MOST_RMSEA} or less (Hu and Bentler 1999); it "
        f"does not where the whole interval of the RMSEA is above {MOST_RMSEA}."
    )


# --- what scores go with ----------------------------------------------------------------------------------------------
def say_relations(relations: pd.DataFrame, study: Study) -> str:
    """How many pairs of an item and a construct go together, and the closest; or how close they could yet be."""
    if relations.empty:
        return "This survey asks nothing outside its scores."
    known = relations[relations["rho"].notna()]
    if known.empty:
        return "Too few people answered, or too much alike, to say whether scores go with these answers."
    top = known.loc[known["rho"].abs().idxmax()]
    ends = "" if pd.isna(top["low"]) else f"95% CI {between(top['low'], top['high'])}, "
    closest = (
        f"“{study.items.loc[top['item'], 'label']}” and {study.construct_name(top['construct']).lower()}: "
        f"rho {decimals(top['rho'])} ({ends}n = {top['n']})"
    )
    clear = known[known["p_holm"] < FAMILY_ERROR]
    pairs = counted(len(known), "pair")
    if clear.empty:
        most = known[["low", "high"]].abs().max(axis=None)
        return (
            f"We found no clear relation in any of {pairs} of an answer and a score; the closest are {closest}. This does not "
            f"mean that there is none: the intervals leave room for correlations of up to {decimals(most)}."
        )
    against = int((clear["rho"] < 0).sum())
    turned = f" In {against} of them the score falls as the answer rises." if against else ""
    return (
        f"In {len(clear)} of {pairs} of an answer and a score the two clearly go together; the closest are {closest}.{turned}"
    )


# --- beside other studies ---------------------------------------------------------------------------------------------
def write_studies(beside: pd.DataFrame, study: Study) -> pd.DataFrame:
    """A row a study, for the page: mean (SD) and alpha of each construct that any earlier study has, fit and remarks."""

    def write_figures(row) -> str:
        mean = "" if pd.isna(row.mean) else decimals(row.mean) + ("" if pd.isna(row.sd) else f" ({decimals(row.sd)})")
        return join(mean, "" if pd.isna(row.alpha_lowest) else f"α {write_alpha(row)}")

    def join(*parts: str) -> str:
        return "; ".join(dict.fromkeys(filter(None, parts)))

    rows = beside.assign(cell=[write_figures(row) for row in beside.itertuples()])
    constructs = rows.loc[rows["study"].ne(THIS_STUDY) & rows["cell"].ne(""), "construct"].unique()
    table = []
    for name, own in rows.groupby("study", sort=False):
        first, low, high = own.iloc[0], own["n"].min(), own["n"].max()
        people = "" if pd.isna(low) else f"n = {low:,.0f}" + f" to {high:,.0f}" * bool(low < high)
        fit = ", ".join(f"{name.upper()} {decimals(value)}" for name, value in own[FIT].max().items() if pd.notna(value))
        cells = own.set_index("construct")["cell"].reindex(constructs, fill_value="")
        remarks = "; ".join(own["note"]).split("; ")
        table.append([join(name, first["country"], first["practice"], people), *cells, join(fit, *remarks)])
    names = [study.construct_name(key) if key != ANY_CONSTRUCT else "Range over constructs" for key in constructs]
    return pd.DataFrame(table, columns=["Study", *names, "Model and remarks"])


def say_earlier(beside: pd.DataFrame) -> str:
    others = beside[beside["study"] != THIS_STUDY]
    if others.empty:
        return "The workbook knows of no earlier study of these constructs."
    alphas, means = (others.loc[others[name].notna(), "study"].nunique() for name in ("alpha_lowest", "mean"))
    studies = counted(others["study"].nunique(), "earlier study", "earlier studies")
    return (
        f"Of {studies}, {alphas or 'none'} printed alphas that can stand beside these, and {means or 'none'} means known to be "
        "on this study's scale and in its direction."
    )


def cite_sources(beside: pd.DataFrame) -> str:
    cited = beside[beside["study"] != THIS_STUDY].drop_duplicates("study")
    return "Sources: " + "; ".join(cited["study"] + ", " + cited["source"]) + "." if len(cited) else ""


def write_paper(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    """`table_for_paper` as papers print it: "34 (85.0)", "3.85 (1.08)", "4.00 (3.00 to 5.00)"."""

    def write(row: Mapping[str, float], outer: str, inner: str, digits: int = 2, inner_digits: int = 2) -> str:
        first, second = (decimals(row[name], to, missing="") for name, to in ((outer, digits), (inner, inner_digits)))
        return f"{first} ({second})" if second else first

    rows = [
        [
            study.item_names.get(row["item"], study.construct_name(row["construct"])), write(row, "n", "missing", 0, 0),
            *(write(row, side, f"{side}_share", 0, 1) for side in SIDES), write(row, "mean", "sd"),
            f"{decimals(row['median'])} ({between(row['q1'], row['q3'])})" if row["n"] else "",
        ]
        for row in table.to_dict("records")
    ]  # fmt: skip
    sides = [f"{name} (%)" for name in ("Disagree, or low", "Neutral", "Agree, or high")]
    return pd.DataFrame(rows, columns=["Construct or item", "n (missing)", *sides, "Mean (SD)", "Median (quartiles)"])
