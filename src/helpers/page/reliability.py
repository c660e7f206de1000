"""What notebook 2 shows of reliability."""

from __future__ import annotations

import pandas as pd
from IPython.display import HTML

from helpers.page import charts, render
from helpers.page.page import Page
from helpers.page.scores import NOMAD_ITEMS
from helpers.page.words import between, counted, decimals, listed
from helpers.study.definition import Study
from helpers.survey.reliability import ALL_ITEMS, ANY_CONSTRUCT, FEWEST_FOR_VERDICT, PUBLISHED_ALPHAS


def choose_published(found: pd.DataFrame) -> pd.DataFrame:
    """Published alphas of the constructs here: only where as many items went in as in NoMAD, since alpha rises with them."""
    elsewhere = PUBLISHED_ALPHAS
    alike = [row.construct for row in found.itertuples() if NOMAD_ITEMS.get(row.construct) == row.items]
    return elsewhere[elsewhere["construct"].isin(alike)]


def note_published() -> str:
    """Where the published alphas come from, and the papers that give only a range over the four constructs."""
    elsewhere = PUBLISHED_ALPHAS
    ranges = elsewhere[elsewhere["construct"] == ANY_CONSTRUCT]
    parts = [f"{r.version} {between(r.lowest, r.highest)} (n = {r.n}; {r.source})" for r in ranges.itertuples()]
    sources = listed(elsewhere.loc[elsewhere["construct"] != ANY_CONSTRUCT, "source"].unique())
    return f"Published: {sources}. Ranges over the four constructs of NoMAD: {listed(parts)}."


def label_reliability(study: Study, found: pd.DataFrame) -> pd.DataFrame:
    published = {
        key: listed(f"{decimals(r.lowest)} ({r.version}, n = {r.n})" for r in rows.itertuples())
        for key, rows in choose_published(found).groupby("construct")
    }
    return pd.DataFrame({
        "Construct": [study.construct_name(key) for key in found["construct"]],
        "Items": found["items"],
        "Complete rows": found["n_complete"],
        "Alpha (95% CI)": [
            r.note if pd.isna(r.alpha) else f"{decimals(r.alpha)} ({between(r.low, r.high)})" for r in found.itertuples()
        ],
        "Omega total": [decimals(value) for value in found["omega"]],
        "Alpha published elsewhere": [published.get(key, "[none]") for key in found["construct"]],
    })  # fmt: skip


def show_reliability(page: Page, found: pd.DataFrame) -> HTML:
    """Alpha of each construct with its interval, beside the published ones: figure, table and sentence."""
    if page.threshold:
        # A row is complete without an answer of not relevant: its number, and the intervals, tell how many gave one.
        return render.NOTHING
    study, published = page.run.study, choose_published(found)
    names = {key: study.construct_name(key) for key in found["construct"]}
    rows = pd.DataFrame({
        "label": found["construct"].map(names), "value": found["alpha"], "low": found["low"], "high": found["high"],
    })  # fmt: skip
    ranges = published.groupby("construct", sort=False).agg(low=("lowest", "min"), high=("highest", "max")).reset_index()
    references = ranges.assign(label=ranges["construct"].map(names))
    drawn = charts.draw_intervals(rows, "Cronbach's alpha, with Feldt's 95% interval", (-0.1, 1), references)
    table, sentence = label_reliability(study, found), say_reliability(study, found)
    caption = "Cronbach's alpha of each construct beside values published elsewhere"
    return render.together([
        page.figure(drawn, "alpha", caption, alt=sentence, data=table),
        page.table(table, "reliability", "Reliability of each construct", notes=note_published()),
        page.say(sentence, key="reliability"),
    ])  # fmt: skip


def say_reliability(study: Study, found: pd.DataFrame) -> str:
    known = found[found["alpha"].notna() & (found["construct"] != ALL_ITEMS)]
    if known.empty:
        return "Alpha is not defined for any construct here."
    parts = [
        f"{study.construct_name(r.construct)} {decimals(r.alpha)} (95% CI {between(r.low, r.high)}, n = {r.n_complete})"
        for r in known.itertuples()
    ]
    few = known[~known["verdict"]]
    caution = "" if few.empty else (
        f" With fewer than {FEWEST_FOR_VERDICT} complete rows no judgement is passed on "
        f"{listed(study.construct_name(key) for key in few['construct'])}."
    )  # fmt: skip
    return f"Cronbach's alpha: {listed(parts)}.{caution}"


def label_item_rest(study: Study, found: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "Item": study.item_names[found["item"]].to_list(),
        "Construct": [study.construct_name(key) for key in found["construct"]],
        "Complete rows": found["n_complete"],
        "Item–rest correlation": [decimals(value) for value in found["item_rest"]],
        "Alpha without it": [decimals(value) for value in found["alpha_if_dropped"]],
        "Note": found["note"].replace("", "–"),
    })  # fmt: skip


def say_item_rest(found: pd.DataFrame) -> str:
    known, doubtful = found[found["item_rest"].notna()], found[found["warning"]]
    if known.empty:
        return "No item–rest correlation is defined here, so nothing is known of the items' directions."
    rest = f" For {len(found) - len(known)} of {len(found)} items it is not defined." if len(known) < len(found) else ""
    if len(doubtful):
        return f"Near or below zero, and so to be checked for their direction: {listed(doubtful['item'])}.{rest}"
    return f"Of {counted(len(known), 'item–rest correlation')} none is near or below zero.{rest}"


def say_factor_model(fit: pd.DataFrame) -> str:
    row = fit.iloc[0]
    if row["note"]:
        return f"No factor model was fitted: {row['note'].removeprefix('[not defined: ').removesuffix(']')}."
    return (
        f"A model of {row['factors']} correlated factors, {row['n_complete']} complete rows: CFI {decimals(row['cfi'])}, TLI "
        f"{decimals(row['tli'])}, RMSEA {decimals(row['rmsea'])}, SRMR {decimals(row['srmr'])}."
    )
