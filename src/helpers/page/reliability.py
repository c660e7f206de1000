"""What notebook 2 shows of its scores: whether items belong together, what scores go with, what earlier studies found."""

from collections.abc import Mapping

import pandas as pd

from helpers.page.words import between, counted, decimals, listed, quote, quoted_list
from helpers.study.definition import Study
from helpers.survey.distributions import SIDES
from helpers.survey.earlier import ANY_CONSTRUCT, FIT, THIS_STUDY
from helpers.survey.family import FAMILY_ERROR
from helpers.survey.reliability import ALL_ITEMS, FEWEST_FOR_VERDICT, FITS, FITS_NOT, LEAST_CFI, MOST_RMSEA, MOST_SRMR
from helpers.survey.scoring import IRRELEVANT


# --- do items belong together? ----------------------------------------------------------------------------------------
def write_reliability(reliability: pd.DataFrame, chosen: pd.DataFrame) -> pd.DataFrame:
    """`estimate_reliability` for the page, with the alphas that earlier studies `published` (`earlier.choose_earlier`)."""
    told = chosen.groupby("construct").agg({"alpha_lowest": "min", "alpha_highest": "max"}).dropna()
    found = {row.Index: write_alpha(row) for row in told.itertuples()}
    return reliability.assign(published=[found.get(construct, "–") for construct in reliability["construct"]])


def say_reliability(reliability: pd.DataFrame, study: Study) -> str:
    known = reliability[reliability["alpha"].notna() & (reliability["construct"] != ALL_ITEMS)]
    if known.empty:
        return "Alpha is not defined for any construct here."
    if study.banner:
        return "These alphas only reflect how the answers were made up."
    low, high = (known.loc[known["alpha"].agg(end)] for end in ("idxmin", "idxmax"))
    ends = [f"{decimals(row['alpha'])} ({study.construct_name(row['construct'])})" for row in (low, high)]
    where = f"lies between {ends[0]} and {ends[1]}" if len(known) > 1 else f"is {ends[0]}"
    few = [study.construct_name(key) for key in known.loc[~known["enough"], "construct"]]
    caution = f" Fewer than {FEWEST_FOR_VERDICT} people answered all of {listed(few)}, too few to judge by." if few else ""
    return f"Cronbach's alpha {where}.{caution}"


def write_alpha(row) -> str:
    """A published alpha, or a range of them."""
    one = row.alpha_lowest == row.alpha_highest
    return decimals(row.alpha_lowest) if one else between(row.alpha_lowest, row.alpha_highest)


def say_item_rest(item_rest: pd.DataFrame, study: Study) -> str:
    known, doubtful = item_rest["item_rest"].notna(), item_rest.loc[item_rest["warning"], "item"]
    gaps = f" For {(~known).sum()} of {len(known)} statements we cannot tell." if not known.all() else ""
    if not known.any():
        return ""
    if len(doubtful):
        names = quoted_list(study.items.loc[doubtful, "label"])
        return f"Check whether these are scored the right way round, since they do not go with their construct: {names}.{gaps}"
    return f"No statement clearly runs against the rest of its construct.{gaps}"


def say_factor_model(factor_model: pd.DataFrame) -> str:
    row = factor_model.iloc[0]
    if row["note"]:
        return f"We did not fit a factor model: {row['note'].removeprefix('[not defined: ').removesuffix(']')}."
    told = {FITS: "fits these answers", FITS_NOT: "does not fit these answers"}
    verdict = told.get(row["verdict"], "may or may not fit: these answers do not decide it")
    figures = ", ".join(f"{name.upper()} {decimals(row[name])}" for name in ("cfi", "tli", "srmr", "rmsea"))
    return (
        f"A model with one factor for each of {counted(row['factors'], 'construct')} {verdict}: {figures} (90% CI "
        f"{between(row['rmsea_low'], row['rmsea_high'])}), {row['n_complete']} people who answered everything. It fits with a "
        f"CFI of {LEAST_CFI} or more, an SRMR of {MOST_SRMR} or less and an RMSEA of {MOST_RMSEA} or less (Hu and Bentler "
        f"1999), and does not where the whole interval of the RMSEA is above {MOST_RMSEA}."
    )


# --- what scores go with ----------------------------------------------------------------------------------------------
def say_relations(relations: pd.DataFrame, study: Study) -> str:
    """How many pairs of an item and a construct go together, and the closest; or how close they could still be."""
    known = relations[relations["rho"].notna()]
    if known.empty:
        return "Too few people answered, or their answers are too much alike, to say." if len(relations) else ""
    top = known.loc[known["rho"].abs().idxmax()]
    ends = "" if pd.isna(top["low"]) else f", 95% CI {between(top['low'], top['high'])}"
    names = f"{quote(study.items.loc[top['item'], 'label'])} with {study.construct_name(top['construct'])}"
    closest = f"Closest is {names} (correlation {decimals(top['rho'])}{ends}, n = {top['n']})."
    clear, pairs = known[known["p_holm"] < FAMILY_ERROR], counted(len(known), "pair")
    if clear.empty:
        most = decimals(known[["low", "high"]].abs().max(axis=None), missing="")
        room = f" There may still be some: the intervals leave room for correlations of up to {most}." if most else ""
        return f"We found no clear relation in {pairs} of an answer and a score.{room} {closest}"
    against = int((clear["rho"] < 0).sum())
    turned = f" In {against} of them the score falls as the answer rises." if against else ""
    return f"In {len(clear)} of {pairs} an answer and a score clearly go together.{turned} {closest}"


# --- beside other studies ---------------------------------------------------------------------------------------------
def write_studies(beside: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Each row is one study, for the page: mean (SD) and alpha of each construct of any earlier study, fit and remarks."""

    def write_figures(row) -> str:
        mean = "" if pd.isna(row.mean) else decimals(row.mean) + ("" if pd.isna(row.sd) else f" ({decimals(row.sd)})")
        return join(mean, "" if pd.isna(row.alpha_lowest) else f"α {write_alpha(row)}")

    def join(*parts: str) -> str:
        return "; ".join(dict.fromkeys(filter(None, parts)))

    rows = beside.assign(cell=[write_figures(row) for row in beside.itertuples()])
    told = rows["study"].ne(THIS_STUDY) & rows["cell"].ne("") & rows["construct"].ne(ANY_CONSTRUCT)
    constructs, table = rows.loc[told, "construct"].unique(), []
    for name, own in rows.groupby("study", sort=False):
        first, low, high = own.iloc[0], own["n"].min(), own["n"].max()
        people = "" if pd.isna(low) else f"n = {low:,.0f}" + f" to {high:,.0f}" * bool(low < high)
        fit = ", ".join(f"{name.upper()} {decimals(value)}" for name, value in own[FIT].max().items() if pd.notna(value))
        cells = own.set_index("construct")["cell"]
        ranges = [f"{cell} over constructs" for cell in cells[cells.index == ANY_CONSTRUCT]]
        remarks = "; ".join(own["note"]).split("; ")
        who = join(name, first["country"], first["practice"], people)
        table.append([who, *cells.reindex(constructs, fill_value=""), join(*ranges, fit, *remarks)])
    return pd.DataFrame(table, columns=["Study", *map(study.construct_name, constructs), "Model and remarks"])


def say_earlier(beside: pd.DataFrame) -> str:
    others = beside[beside["study"] != THIS_STUDY]
    if others.empty:
        return ""
    alphas, means = (others.loc[others[name].notna(), "study"].nunique() for name in ("alpha_lowest", "mean"))
    studies = counted(others["study"].nunique(), "earlier study", "earlier studies")
    return f"Of {studies}, {alphas or 'none'} printed comparable alphas, and {means or 'none'} printed comparable means."


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


def say_irrelevant(study: Study, not_relevant: str) -> str:
    """What “not relevant” counts as in the scores, if it counts at all."""
    return f"In these scores, “not relevant” counts {IRRELEVANT[not_relevant][0]}." * (not_relevant != "missing")
