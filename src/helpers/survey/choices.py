"""Do the conclusions hold under other defensible choices? The results of a sweep over many ways of analysing the data.

Analyses of subsets of respondents are left out: they describe other people, not another way of analysing the same people.
"""

import pandas as pd

from helpers.study.definition import Study
from helpers.study.errors import WorkbookError
from helpers.study.folders import sweep_folder
from helpers.study.reading import SWEPT
from helpers.survey.family import FAMILY_ERROR
from helpers.survey.scoring import find_ends

ABOVE, BELOW, APART, UNCLEAR = "above the middle", "below the middle", "groups differ", "cannot tell"
MOST, NOT_MOST = "most are favourable", "at most half are favourable"
# The columns of `cells.csv` besides one for each parameter.
ABOUT_CELLS = ["cell", "subset", "reported", "state", "seconds", "message"]


def read_sweep(study: Study) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The ways of analysing (`cells.csv`) and their `results.csv`, for everyone who answered."""
    folder = sweep_folder(study.name)
    for name in SWEPT:
        if not (folder / name).is_file():
            remedy = f"run `workbook sweep {study.name}` first"
            raise WorkbookError(folder / name, "", "no file yet", "the results of the study's sweep.yml", remedy)
    # A subset or variant may be called "NA".
    cells, results = (pd.read_csv(folder / name, encoding="utf-8-sig", keep_default_na=False, na_values=[""]) for name in SWEPT)
    cells = cells[cells["subset"].isna()].reset_index(drop=True)
    return cells, results.merge(cells[["cell", "reported"]])


def list_choices(cells: pd.DataFrame) -> pd.DataFrame:
    """What was chosen in each cell: `cell, choice, variant`, for the choices that differ between cells."""
    chosen = cells.drop(columns=ABOUT_CELLS).rename(columns={"variant": "named"})
    varied = [name for name in chosen if chosen[name].nunique(dropna=False) > 1]
    return chosen[varied].assign(cell=cells["cell"]).melt("cell", var_name="choice", value_name="variant")


def trace_scores(study: Study, results: pd.DataFrame) -> pd.DataFrame:
    """Each construct's mean score in every cell: `construct, cell, n, mean, low, high, verdict, reported`.

    The `verdict` says whether the whole 95% interval is above or below the middle of the scale.
    """
    rows = results[results["grouping"].isna()].astype(dict.fromkeys(["mean", "low", "high"], float))
    middles = {name: sum(ends) / 2 for name, ends in find_ends(study.scored_items, study.scales).items()}
    middle = rows["construct"].map(middles).astype(float)
    verdict = pd.Series(UNCLEAR, rows.index).mask(rows["low"] > middle, ABOVE).mask(rows["high"] < middle, BELOW)
    columns = ["construct", "cell", "n", "mean", "low", "high", "verdict", "reported"]
    return rows.assign(verdict=verdict)[columns].reset_index(drop=True)


def trace_shares(results: pd.DataFrame) -> pd.DataFrame:
    """Each construct's favourable share of answers in every cell: `construct, cell, share, verdict, reported`."""
    rows = results[results["grouping"].isna()].dropna(subset="share")
    verdict = pd.Series(NOT_MOST, rows.index).mask(rows["share"] > 50, MOST)
    return rows.assign(verdict=verdict)[["construct", "cell", "share", "verdict", "reported"]].reset_index(drop=True)


def trace_groups(results: pd.DataFrame) -> pd.DataFrame:
    """Each comparison in every cell: `grouping, construct, cell, n, groups, effect, p_holm, verdict, reported`."""
    rows = results[results["grouping"].notna()].astype({"effect": float, "p_holm": float})
    verdict = pd.Series(UNCLEAR, rows.index).mask(rows["p_holm"] < FAMILY_ERROR, APART)
    columns = ["grouping", "construct", "cell", "n", "groups", "effect", "p_holm", "verdict", "reported"]
    return rows.assign(verdict=verdict)[columns].reset_index(drop=True)


def drop_idle(traced: pd.DataFrame, choices: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both frames without the choices that never change these results; unchanged if no choice changes them.

    For example, the smallest group size does not affect scores: three sizes would count each way of scoring three times. Of
    several cells that are then the same, we keep the one with the notebooks' own values, or else the first.
    """
    if traced.empty:
        return traced, choices[:0]
    wide = choices.pivot(index="cell", columns="choice", values="variant").map(str)
    result = traced.drop(columns=["cell", "reported"]).map(str).agg("|".join, axis=1).groupby(traced["cell"]).agg("|".join)
    first = traced.drop_duplicates("cell").sort_values(["reported", "cell"], ascending=[False, True])["cell"]
    # If choices only ever change together, the name of the variant says the most.
    for name in sorted(wide.columns, key="named".__eq__) if len(wide) > 1 else ():
        others = [other for other in wide if other != name]
        alike = wide.loc[first, others].agg("|".join, axis=1) if others else pd.Series("", first)
        if result[first].groupby(alike).nunique().max() == 1:
            wide, first = wide[others], first[~alike.duplicated().to_numpy()]
    if wide.columns.empty:
        return traced, choices
    kept = choices[choices["choice"].isin(list(wide)) & choices["cell"].isin(first)]
    return traced[traced["cell"].isin(first)].reset_index(drop=True), kept.reset_index(drop=True)


def count_holding(traced: pd.DataFrame) -> pd.DataFrame:
    """In how many cells each conclusion holds: `grouping` (if there is one), `construct, verdict, numerator, denominator`.

    The conclusion is that of the cell with the notebooks' own values; if there is none, it is the one in most cells.
    """
    by = [name for name in ("grouping", "construct") if name in traced]
    rows = []
    for key, part in traced.groupby(by, sort=False):
        known = part.loc[part["reported"], "verdict"]
        verdict = known.iloc[0] if len(known) else part["verdict"].mode()[0]
        rows.append((*key, verdict, int(part["verdict"].eq(verdict).sum()), len(part)))
    return pd.DataFrame(rows, columns=[*by, "verdict", "numerator", "denominator"])
