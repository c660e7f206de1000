"""How each item was answered: counts, percentages with Wilson intervals, medians, by item and group.

Three rules hold throughout. *Not relevant* is an answer and *missing* is none, so the two are never added together. A
percentage stands beside its count, its denominator and a Wilson interval. What cannot be computed is missing in its
column, and `note` says why in words: "[not defined: …]".

To get any table by group, add the group's column to `responses` first and name it in `by`:
`responses.merge(respondents[["respondent", "sector"]])`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.study.definition import Scale, Study
from helpers.study.errors import WorkbookError
from helpers.study.terms import ANSWERED, MISSING, NOT_RELEVANT, STATUSES

CONFIDENCE = 0.95
# The band of `count_bands` that holds all three kinds of "not relevant".
NOT_RELEVANT_BAND = "Not relevant"


# --- intervals --------------------------------------------------------------------------------------------------------
def wilson_interval(count, n, population: int | None = None) -> pd.DataFrame:
    """95% Wilson score interval for a percentage.

    Parameters
    ----------
    count, n : int or Series
        Numerator and denominator.
    population : int, optional
        People invited. The interval is then narrowed for a finite population by putting the effective size
        n (N - 1) / (N - n) in the place of n. That takes the respondents for a random sample of those invited; it
        never mends non-response.

    Returns
    -------
    DataFrame
        `low`, `high` in per cent, one row a pair, on the index of `n`; both missing where `n` is 0.

    Raises
    ------
    WorkbookError
        When more people answered than were invited.

    References
    ----------
    Wilson 1927, J Am Stat Assoc 22:209–212. Finite population: Cochran 1977, Sampling Techniques, section 2.6;
    effective size within Wilson's formula: Franco et al. 2019, J Surv Stat Methodol 7:334–364.
    """
    from statsmodels.stats.proportion import proportion_confint

    index = n.index if isinstance(n, pd.Series) else None
    count, n = np.atleast_1d(np.asarray(count, float)), np.atleast_1d(np.asarray(n, float))
    if population is not None and n.max(initial=0) > population:
        raise WorkbookError(
            "study.yml", "survey.invited.number", f"{population}, fewer than the {n.max():.0f} who answered",
            "at least as many people invited as answered", "correct the number invited, or leave it out",
        )  # fmt: skip
    share = np.divide(count, n, out=np.full(len(n), np.nan), where=n > 0)
    effective = n
    if population is not None:
        # Everybody answered: nothing is left to estimate, and the interval closes on the percentage.
        effective = np.divide(n * (population - 1), population - n, out=np.full(len(n), 1e15), where=population > n)
    size = np.where(n > 0, effective, 1)
    low, high = proportion_confint(np.nan_to_num(share) * size, size, alpha=1 - CONFIDENCE, method="wilson")
    # Exact ends, where the formula leaves a rest of 1e-16.
    low, high = np.where(count > 0, 100 * low, 0), np.where(count < n, 100 * high, 100)
    return pd.DataFrame({"low": np.where(n > 0, low, np.nan), "high": np.where(n > 0, high, np.nan)}, index)


def choose_population(study: Study, finite_population: bool) -> int | None:
    """How many were invited, when intervals are to be narrowed for it and the study says so."""
    invited = study.survey.invited
    return invited.number if finite_population and invited else None


# --- item level -------------------------------------------------------------------------------------------------------
def list_options(codebook: pd.DataFrame, scales: Mapping[str, Scale]) -> pd.DataFrame:
    """Every answer that each item offers, chosen by somebody or not.

    Returns
    -------
    DataFrame
        `item, response, band, relevant`, in questionnaire order and from the lowest point of the scale to the highest,
        then the kinds of "not relevant" that the scale offers (`relevant` False, `response` the answer's status).
    """
    rows = []
    for item, scale in zip(codebook["item"], codebook["scale"], strict=True):
        rows += [(item, point.label, point.band, True) for point in scales[scale].responses]
        kinds = dict.fromkeys(option.status for option in scales[scale].not_relevant)
        rows += [(item, status, NOT_RELEVANT_BAND, False) for status in kinds]
    return pd.DataFrame(rows, columns=["item", "response", "band", "relevant"])


def count_responses(
    responses: pd.DataFrame,
    codebook: pd.DataFrame,
    scales: Mapping[str, Scale],
    by: str | None = None,
    population: int | None = None,
) -> pd.DataFrame:
    """Count the answers to each item, in the item's raw direction, over both denominators.

    Parameters
    ----------
    by : str, optional
        A column of `responses` that holds groups; rows without a group are left out.
    population : int, optional
        People invited, for a finite-population correction; see `wilson_interval`.

    Returns
    -------
    DataFrame
        `[by,] item, label, scale, response, band, relevant, numerator, denominator, share, low, high,
        denominator_relevant, share_relevant, low_relevant, high_relevant, note`, one row an item and option, unchosen
        options included. `denominator` are all who answered the item, not relevant included; `denominator_relevant` those who
        chose a point of the scale. Missing answers are in neither (see `count_statuses`). Percentages and bounds are in per
        cent.
    """
    options = list_options(codebook, scales)
    return _count_options(_chosen(responses), options, codebook, "response", by, population)


def count_bands(
    responses: pd.DataFrame,
    codebook: pd.DataFrame,
    scales: Mapping[str, Scale],
    by: str | None = None,
    population: int | None = None,
) -> pd.DataFrame:
    """Count the answers to each item by band (such as disagree, neutral, agree), all kinds of not relevant as one band.

    Parameters and columns are those of `count_responses`, but `response`.
    """
    options = list_options(codebook, scales)
    banded = _chosen(responses).merge(options, on=["item", "response"])
    bands = options.drop(columns="response").drop_duplicates()
    return _count_options(banded, bands, codebook, "band", by, population)


def is_top_band(bands: pd.DataFrame, scales: Mapping[str, Scale]) -> pd.Series:
    """Which rows of `count_bands` are of the highest band of their scale."""
    return bands["band"] == bands["scale"].map({name: scale.bands[-1] for name, scale in scales.items()})


def _chosen(responses: pd.DataFrame) -> pd.DataFrame:
    """Answers only, with `response` the label of a point of the scale or the kind of not relevant."""
    given = responses[responses["status"].ne(MISSING)]
    status = given["status"].astype(object)
    return given.assign(response=given["response"].astype(object).where(status.eq(ANSWERED), status))


def _count_options(
    chosen: pd.DataFrame,
    options: pd.DataFrame,
    codebook: pd.DataFrame,
    option: str,
    by: str | None,
    population: int | None,
) -> pd.DataFrame:
    group = [by] if by else []
    answer = list(dict.fromkeys([option, "band"]))
    frame = options[["item", *answer, "relevant"]].merge(codebook[["item", "label", "scale"]])
    if by:
        frame = list_groups(chosen[by]).to_frame(by).merge(frame, how="cross")
    keys = [*group, "item", option]
    counts = chosen.groupby(keys, observed=True).size().rename("numerator").reset_index()
    counts = counts.astype({by: object}) if by else counts
    table = frame.merge(counts, how="left", on=keys).fillna({"numerator": 0}).astype({"numerator": int})

    within = [table[name] for name in [*group, "item"]]
    for suffix, counted in {
        "": table["numerator"],
        "_relevant": table["numerator"].where(table["relevant"], 0),
    }.items():
        n = counted.groupby(within).transform("sum")
        bounds = wilson_interval(counted, n, population).add_suffix(suffix)
        percent = (100 * counted / n.where(n > 0)).rename(f"share{suffix}")
        shown = pd.concat([percent, bounds], axis=1)
        # A not-relevant answer has no place in the percentages among those for whom the item is relevant.
        table = table.assign(**{f"denominator{suffix}": n}).join(shown.where(table["relevant"]) if suffix else shown)
    note = pd.Series("", index=table.index)
    note = note.mask(~table["relevant"], "[not defined: not relevant lies outside the second denominator]")
    note = note.mask(table["denominator_relevant"].eq(0), "[not defined: relevant to nobody who answered]")
    note = note.mask(table["denominator"].eq(0), "[not defined: nobody answered]")
    columns = [*group, "item", "label", "scale", *answer, "relevant", "numerator"]
    for suffix in ("", "_relevant"):
        columns += [f"{name}{suffix}" for name in ("denominator", "share", "low", "high")]
    return table.assign(note=note)[[*columns, "note"]]


def list_groups(group: pd.Series) -> pd.Series:
    """The groups of a column that anybody belongs to, in their declared order (else sorted)."""
    present = group.astype("category").cat.remove_unused_categories()
    return pd.Series(present.cat.categories.to_list(), dtype=object)


def count_statuses(responses: pd.DataFrame, codebook: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """Item non-response and *not relevant* by kind, over all who were asked.

    Returns
    -------
    DataFrame
        `[by,] item, label, status, numerator, denominator, share, low, high, note`, one row an item and status of
        `study.STATUSES`; percentages with 95% Wilson bounds.
    """
    group = [by] if by else []
    frame = codebook[["item", "label"]].merge(pd.DataFrame({"status": STATUSES}), how="cross")
    if by:
        frame = list_groups(responses[by]).to_frame(by).merge(frame, how="cross")
    keys = [*group, "item", "status"]
    counts = responses.groupby(keys, observed=True).size().rename("numerator").reset_index()
    counts = counts.astype(dict.fromkeys([*group, "status"], object))
    table = frame.merge(counts, how="left", on=keys).fillna({"numerator": 0}).astype({"numerator": int})
    n = table.groupby([*group, "item"], sort=False)["numerator"].transform("sum")
    note = pd.Series("", index=table.index).mask(n.eq(0), "[not defined: nobody was asked]")
    table = table.assign(denominator=n, share=100 * table["numerator"] / n.where(n > 0))
    return table.join(wilson_interval(table["numerator"], n)).assign(note=note)


def describe_items(responses: pd.DataFrame, codebook: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """Median and quartiles of each item in its raw direction, beside how many were asked, answered and left it.

    Returns
    -------
    DataFrame
        `[by,] item, label, construct, n_asked, n_answered, n_relevant, not_relevant_role, not_relevant_stage,
        not_relevant_intervention, not_relevant, missing, median, q1, q3, iqr, note`. Median and quartiles are over
        points of the scale, with linear interpolation (R's type 7). `n_answered` includes not relevant.
    """
    group = [by] if by else []
    frame = codebook[["item", "label", "construct"]]
    if by:
        frame = list_groups(responses[by]).to_frame(by).merge(frame, how="cross")
    keys = [*group, "item"]
    points = responses["value"].where(responses["status"].eq(ANSWERED)).groupby([responses[key] for key in keys])
    columns = {"n_asked": points.size(), "n_relevant": points.count()}
    for name, status in {**{f"not_relevant_{kind}": s for kind, s in NOT_RELEVANT.items()}, "missing": MISSING}.items():
        columns[name] = responses["status"].eq(status).groupby([responses[key] for key in keys]).sum()
    for name, share in {"median": 0.5, "q1": 0.25, "q3": 0.75}.items():
        columns[name] = points.quantile(share)
    found = pd.DataFrame(columns).reset_index()
    found = found.astype({by: object}) if by else found
    table = frame.merge(found, how="left", on=keys)
    counts = [name for name in columns if name not in ("median", "q1", "q3")]
    table = table.fillna(dict.fromkeys(counts, 0)).astype(dict.fromkeys(counts, int))
    table["not_relevant"] = table[[f"not_relevant_{kind}" for kind in NOT_RELEVANT]].sum(axis=1)
    table["n_answered"] = table["n_relevant"] + table["not_relevant"]
    table["iqr"] = table["q3"] - table["q1"]
    note = pd.Series("", index=table.index)
    note = note.mask(table["n_relevant"].eq(0), "[not defined: relevant to nobody who answered]")
    note = note.mask(table["n_answered"].eq(0), "[not defined: nobody answered]")
    kinds = [f"not_relevant_{kind}" for kind in NOT_RELEVANT]
    order = ["label", "construct", "n_asked", "n_answered", "n_relevant", *kinds, "not_relevant", "missing"]
    return table.assign(note=note)[[*keys, *order, "median", "q1", "q3", "iqr", "note"]]
