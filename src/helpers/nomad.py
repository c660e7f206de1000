"""NoMAD answers as numbers: distributions, construct scores, reliability, and who responded.

Three rules hold throughout. *Not relevant* is an answer and *missing* is none, so the two are never added together. A
percentage stands beside its count, its denominator and a Wilson interval. What cannot be computed is missing in its
column, and `note` says why in words: "[not defined: …]".

`responses`, `respondents` and the codebook are the tidy tables that `study` and `survey` describe. To get any table by
group, add the group's column to `responses` first and name it in `by`:
`responses.merge(respondents[["respondent", "sector"]])`.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.study import ANSWERED, MISSING, NOT_RELEVANT, STATUSES, Scale, WorkbookError

CONFIDENCE = 0.95

# The band of `count_bands` that holds all three kinds of "not relevant".
NOT_RELEVANT_BAND = "Not relevant"

# Below this many complete rows an interval for alpha is too wide for words such as "good" (this project's rule).
FEWEST_FOR_VERDICT = 30

# Below this many complete rows no factor model is fitted (this project's rule, at the low end of what is advised).
FEWEST_FOR_FACTOR_MODEL = 100

# An item–rest correlation under this is "near or below zero" (this project's rule).
LOW_ITEM_REST = 0.10

ALL_ITEMS = "all items"
ANY_CONSTRUCT = "any construct"

# Cronbach's alpha as published, from each paper's abstract or results. Three papers give only a range over constructs.
_FINCH = "Finch et al. 2018, BMC Med Res Methodol 18:135"
_JIANG = "Jiang et al. 2022, BMC Health Serv Res"
PUBLISHED_ALPHAS = pd.DataFrame(
    [
        ("English", 413, "coherence", 0.71, 0.71, _FINCH),
        ("English", 413, "cognitive_participation", 0.81, 0.81, _FINCH),
        ("English", 413, "collective_action", 0.78, 0.78, _FINCH),
        ("English", 413, "reflexive_monitoring", 0.65, 0.65, _FINCH),
        ("English", 413, ALL_ITEMS, 0.89, 0.89, _FINCH),
        ("Swedish", 144, ANY_CONSTRUCT, 0.78, 0.83, "Elf et al. 2018, Implement Sci 13:146 (three items dropped)"),
        ("Dutch", 262, ANY_CONSTRUCT, 0.62, 0.85, "Vis et al. 2019, J Med Internet Res 21(2):e12376"),
        ("Chinese", 258, "coherence", 0.77, 0.77, _JIANG),
        ("Chinese", 258, "cognitive_participation", 0.90, 0.90, _JIANG),
        ("Chinese", 258, "collective_action", 0.82, 0.82, _JIANG),
        ("Chinese", 258, "reflexive_monitoring", 0.81, 0.81, _JIANG),
        ("Chinese", 258, ALL_ITEMS, 0.94, 0.94, _JIANG),
        ("German", 539, ANY_CONSTRUCT, 0.79, 0.85, "G-NoMAD 2023, Implement Sci Commun, doi 10.1186/s43058-023-00505-4"),
    ],
    columns=["version", "n", "construct", "lowest", "highest", "source"],
)


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


def plan_interval_width(sizes: Iterable[int], percent: float = 50, population: int | None = None) -> pd.DataFrame:
    """How wide the interval of a percentage would be, by the number of respondents of the next survey.

    Returns
    -------
    DataFrame
        `n, percent, low, high, width`, one row a size; all in per cent. 50% is the widest case.
    """
    n = pd.Series(list(sizes), dtype=float)
    bounds = wilson_interval(n * percent / 100, n, population)
    return pd.DataFrame({"n": n.astype(int), "percent": float(percent)}).join(bounds).eval("width = high - low")


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
        `[by,] item, label, response, relevant, count, n_answered, percent_answered, low_answered, high_answered,
        n_relevant, percent_relevant, low_relevant, high_relevant, note`, one row an item and option, unchosen options
        included. `n_answered` are all who answered the item, not relevant included; `n_relevant` those who chose a
        point of the scale. Missing answers are in neither (see `count_statuses`). Percentages and bounds are in per
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

    Parameters and columns are those of `count_responses`, with `band` in the place of `response`.
    """
    options = list_options(codebook, scales)
    banded = _chosen(responses).merge(options, on=["item", "response"])
    bands = options.drop(columns="response").drop_duplicates()
    return _count_options(banded, bands, codebook, "band", by, population)


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
    frame = options[["item", option, "relevant"]].merge(codebook[["item", "label"]])
    if by:
        frame = list_groups(chosen[by]).to_frame(by).merge(frame, how="cross")
    keys = [*group, "item", option]
    counts = chosen.groupby(keys, observed=True).size().rename("count").reset_index()
    counts = counts.astype({by: object}) if by else counts
    table = frame.merge(counts, how="left", on=keys).fillna({"count": 0}).astype({"count": int})

    within = [table[name] for name in [*group, "item"]]
    for denominator, counted in {
        "answered": table["count"],
        "relevant": table["count"].where(table["relevant"], 0),
    }.items():
        n = counted.groupby(within).transform("sum")
        bounds = wilson_interval(counted, n, population).add_suffix(f"_{denominator}")
        percent = (100 * counted / n.where(n > 0)).rename(f"percent_{denominator}")
        shown = pd.concat([percent, bounds], axis=1)
        # A not-relevant answer has no place in the percentages among those for whom the item is relevant.
        table = table.assign(**{f"n_{denominator}": n}).join(
            shown.where(table["relevant"]) if denominator == "relevant" else shown
        )
    note = pd.Series("", index=table.index)
    note = note.mask(~table["relevant"], "[not defined: not relevant lies outside the second denominator]")
    note = note.mask(table["n_relevant"].eq(0), "[not defined: relevant to nobody who answered]")
    note = note.mask(table["n_answered"].eq(0), "[not defined: nobody answered]")
    columns = [*group, "item", "label", option, "relevant", "count"]
    for denominator in ("answered", "relevant"):
        columns += [f"{name}_{denominator}" for name in ("n", "percent", "low", "high")]
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
        `[by,] item, label, status, count, n_asked, percent, low, high, note`, one row an item and status of
        `study.STATUSES`; percentages with 95% Wilson bounds.
    """
    group = [by] if by else []
    frame = codebook[["item", "label"]].merge(pd.DataFrame({"status": STATUSES}), how="cross")
    if by:
        frame = list_groups(responses[by]).to_frame(by).merge(frame, how="cross")
    keys = [*group, "item", "status"]
    counts = responses.groupby(keys, observed=True).size().rename("count").reset_index()
    counts = counts.astype(dict.fromkeys([*group, "status"], object))
    table = frame.merge(counts, how="left", on=keys).fillna({"count": 0}).astype({"count": int})
    n = table.groupby([*group, "item"], sort=False)["count"].transform("sum")
    note = pd.Series("", index=table.index).mask(n.eq(0), "[not defined: nobody was asked]")
    table = table.assign(n_asked=n, percent=100 * table["count"] / n.where(n > 0))
    return table.join(wilson_interval(table["count"], n)).assign(note=note)


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


# --- scores -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answers:
    """Answers with a row a respondent and a column an item, in questionnaire order.

    Attributes
    ----------
    scores : DataFrame
        Reversed items reversed; missing where the respondent chose no point of the scale.
    not_relevant : DataFrame
        True where the respondent answered that the item is not relevant, of any kind.
    """

    scores: pd.DataFrame
    not_relevant: pd.DataFrame


def reverse_score(responses: pd.DataFrame, codebook: pd.DataFrame, scales: Mapping[str, Scale]) -> pd.DataFrame:
    """Add `score`: the answer's value, turned round (lowest + highest - value) for items worded negatively.

    After this a higher score is the more favourable one for every item. Missing and not-relevant answers have no score.
    """
    ends = {item: scales[scale].lowest + scales[scale].highest for item, scale in codebook[["item", "scale"]].values}
    reversed_items = codebook.loc[codebook["reversed"], "item"]
    value = responses["value"].where(responses["status"].eq(ANSWERED))
    turned = responses["item"].map(ends) - value
    return responses.assign(score=value.mask(responses["item"].isin(reversed_items), turned))


def widen_answers(responses: pd.DataFrame, codebook: pd.DataFrame, scales: Mapping[str, Scale]) -> Answers:
    """Turn tidy responses into one row a respondent, for the items of the codebook."""
    scored = reverse_score(responses, codebook, scales)
    scored = scored.assign(not_relevant=scored["status"].isin(list(NOT_RELEVANT.values())))
    wide = scored.pivot(index="respondent", columns="item", values=["score", "not_relevant"])
    order = responses["respondent"].drop_duplicates()
    scores = wide["score"].reindex(index=order, columns=codebook["item"]).astype(float)
    irrelevant = wide["not_relevant"].reindex(index=order, columns=codebook["item"])
    return Answers(scores, irrelevant.eq(True))


def list_constructs(codebook: pd.DataFrame, scales: Mapping[str, Scale]) -> dict[str, list[str]]:
    """The items of each construct, in questionnaire order.

    Raises
    ------
    WorkbookError
        When a construct's items stand on scales with different ends, whose mean would mean nothing.
    """
    constructs = {name: list(items) for name, items in codebook.groupby("construct", sort=False)["item"]}
    for construct, rows in codebook.groupby("construct", sort=False):
        ends = {(scales[scale].lowest, scales[scale].highest) for scale in rows["scale"]}
        if len(ends) > 1:
            raise WorkbookError(
                "codebook.csv", f"construct {construct!r}",
                "items on scales with different ends: " + ", ".join(f"{low:g}–{high:g}" for low, high in sorted(ends)),
                "one range of scores for all items of a construct",
                "divide the construct in two, or mark it `scored: false` in study.yml",
            )  # fmt: skip
    return constructs


def score_constructs(
    responses: pd.DataFrame, codebook: pd.DataFrame, scales: Mapping[str, Scale], minimum_items: float = 0.75
) -> pd.DataFrame:
    """Score each respondent on each construct of the codebook: the mean of the items answered, on the scale's range.

    Parameters
    ----------
    codebook : DataFrame
        Items outside it are left out; give only the items of constructs that are to be scored.
    minimum_items : float
        The share of a construct's items (0 to 1) that must be answered with a point of the scale, and never fewer than
        one item. NoMAD has no official rule: this is the analyst's, and is reported as an assumption.

    Returns
    -------
    DataFrame
        `respondent, construct, score, items, items_answered, items_not_relevant, note`, one row a respondent and
        construct; `score` is missing where too few items were answered.

    Raises
    ------
    WorkbookError
        For a share outside 0 to 1, or a construct whose items have scales with different ends.
    """
    answers = widen_answers(responses, codebook, scales)
    parts = []
    for construct, items in list_constructs(codebook, scales).items():
        needed = count_needed(len(items), minimum_items)
        answered = answers.scores[items].notna().sum(axis=1)
        note = answered.map({n: f"[not defined: {n} of {len(items)} items answered, {needed} needed]" for n in range(needed)})
        scores = pd.DataFrame(
            {
                "construct": construct,
                "score": average_items(answers.scores[items], minimum_items),
                "items": len(items),
                "items_answered": answered,
                "items_not_relevant": answers.not_relevant[items].sum(axis=1),
                "note": note.fillna("").astype("str"),
            }
        )
        parts.append(scores.rename_axis("respondent").reset_index())
    return pd.concat(parts, ignore_index=True)


def count_needed(items: int, minimum_items: float) -> int:
    """How many of a construct's items must be answered for a score."""
    if not 0 <= minimum_items <= 1:
        raise WorkbookError(
            "parameters",
            "minimum_items",
            repr(minimum_items),
            "a share from 0 to 1",
            "set 0.75 for three items of four",
        )
    # A share such as 0.28 of 25 items, 7, must not become 8 through the last binary digit.
    return max(1, math.ceil(items * minimum_items - 1e-9))


def average_items(scores: pd.DataFrame, minimum_items: float) -> pd.Series:
    """Mean of the items answered; missing where fewer than the minimum share of the items were."""
    enough = scores.notna().sum(axis=1) >= count_needed(scores.shape[1], minimum_items)
    return scores.mean(axis=1).where(enough)


def describe_scores(scores: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """Summarise construct scores, over all respondents or by a column of `scores`.

    Returns
    -------
    DataFrame
        `construct, [by,] n, median, q1, q3, mean, low, high, note`. `n` counts respondents with a score. `low` and
        `high` bound the mean by Student's t (95%), which takes scores for interval data: read the median first.
    """
    from scipy import stats

    keys = ["construct", *([by] if by else [])]
    frame = pd.DataFrame({"construct": scores["construct"].drop_duplicates()})
    if by:
        frame = frame.merge(list_groups(scores[by]).to_frame(by), how="cross")
    found = scores.groupby(keys, observed=True)["score"]
    table = pd.DataFrame(
        {
            "n": found.count(),
            "median": found.median(),
            "q1": found.quantile(0.25),
            "q3": found.quantile(0.75),
            "mean": found.mean(),
            "sem": found.sem(),
        }
    ).reset_index()
    table = frame.merge(table.astype({by: object}) if by else table, how="left", on=keys)
    table = table.fillna({"n": 0}).astype({"n": int})
    half = table["sem"] * stats.t.ppf((1 + CONFIDENCE) / 2, (table["n"] - 1).clip(lower=1))
    note = pd.Series("", index=table.index)
    note = note.mask(table["n"].eq(1), "[not defined: one score has no interval]")
    note = note.mask(table["n"].eq(0), "[not defined: nobody has a score]")
    table = table.assign(low=table["mean"] - half, high=table["mean"] + half, note=note)
    return table[[*keys, "n", "median", "q1", "q3", "mean", "low", "high", "note"]]


def vary_scoring(
    responses: pd.DataFrame, codebook: pd.DataFrame, scales: Mapping[str, Scale], minimum_items: float = 0.75
) -> pd.DataFrame:
    """How far each construct's mean depends on the analyst's choices, one choice changed at a time.

    Returns
    -------
    DataFrame
        `construct, choice, variant, n, mean, median, difference, note`. The first row of a construct is the score as
        reported; `difference` is the mean less that one's. Choices: the minimum-items rule; reversing or leaving out
        items worded negatively (only for constructs that have one); not relevant as missing (as reported), as the
        scale's midpoint, or as its least favourable point.
    """
    answers = widen_answers(responses, codebook, scales)
    unturned = widen_answers(responses, codebook.assign(reversed=False), scales).scores
    details = codebook.set_index("item")
    rows = []
    for construct, items in list_constructs(codebook, scales).items():
        scale = scales[details.loc[items[0], "scale"]]
        reported = answers.scores[items]
        irrelevant = answers.not_relevant[items]
        kept = [item for item in items if not details.loc[item, "reversed"]]
        variants = [
            ("as reported", "as reported", reported, minimum_items),
            ("minimum items", "one item is enough", reported, 0),
            ("minimum items", "half of the items", reported, 0.5),
            ("minimum items", "all items", reported, 1),
            ("not relevant", "as the midpoint", reported.mask(irrelevant, (scale.lowest + scale.highest) / 2), None),
            ("not relevant", "as the lowest score", reported.mask(irrelevant, scale.lowest), None),
        ]
        if len(kept) < len(items):
            variants += [
                ("negative item", "not reversed", unturned[items], None),
                ("negative item", "left out", reported[kept], None),
            ]
        for choice, variant, scores, rule in variants:
            score = average_items(scores, minimum_items if rule is None else rule).dropna()
            rows.append((construct, choice, variant, len(score), score.mean(), score.median()))
    table = pd.DataFrame(rows, columns=["construct", "choice", "variant", "n", "mean", "median"])
    note = pd.Series("", index=table.index).mask(table["n"].eq(0), "[not defined: nobody has a score]")
    difference = table["mean"] - table.groupby("construct")["mean"].transform(lambda means: means.iloc[0])
    return table.assign(difference=difference, note=note)


# --- reliability ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Estimate:
    """A statistic with its 95% interval, or the reason why there is none (`value` and bounds then NaN)."""

    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    note: str = ""


def estimate_alpha(items: pd.DataFrame) -> Estimate:
    """Cronbach's alpha of complete rows with Feldt's 95% interval.

    Own formula rather than `pingouin.cronbach_alpha`, which rounds the interval to three decimals, so that the second
    one could come out wrong; the tests hold the two against each other.

    Parameters
    ----------
    items : DataFrame
        One column an item, no missing values.

    References
    ----------
    Cronbach 1951, Psychometrika 16:297–334. Feldt, Woodruff & Salih 1987, Appl Psychol Meas 11:93–103.
    """
    from scipy.stats import f

    n, k = items.shape
    if reason := _explain_unreliable(items):
        return Estimate(note=f"[not defined: {reason}]")
    covariance = items.cov().to_numpy()
    alpha = k / (k - 1) * (1 - covariance.trace() / covariance.sum())
    tail = (1 - CONFIDENCE) / 2
    low, high = (1 - (1 - alpha) * f.isf(share, n - 1, (n - 1) * (k - 1)) for share in (tail, 1 - tail))
    return Estimate(float(alpha), float(low), float(high))


def _explain_unreliable(items: pd.DataFrame) -> str:
    """Why no reliability can be computed from these complete rows; empty when it can."""
    n, k = items.shape
    if k < 2:
        return "one item has no internal consistency"
    if n == 0:
        return "nobody answered every item"
    if n < 3:
        return f"{n} complete row{'s' if n > 1 else ''}, at least 3 needed"
    # Exact equality with 0 would miss a sum that should cancel (two mirror-image items) but for rounding.
    if items.sum(axis=1).var() < 1e-12:
        return "all totals are identical"
    return ""


def estimate_omega(items: pd.DataFrame) -> Estimate:
    """Omega total of complete rows from one factor, without an interval.

    One factor is fitted to the correlation matrix by maximum likelihood; omega = 1 - (sum of uniquenesses) / (sum of
    all correlations). This is `omega.tot` of R's `psych::omega(nfactors = 1, fm = "ml", flip = FALSE)`.

    References
    ----------
    McDonald 1999, Test Theory, chapter 6. Revelle & Zinbarg 2009, Psychometrika 74:145–154.
    """
    from statsmodels.multivariate.factor import Factor

    reason = _explain_unreliable(items)
    if not reason and items.shape[1] < 3:
        reason = "one factor needs at least three items"
    if not reason and items.var().min() < 1e-12:
        reason = "an item has the same answer throughout"
    if reason:
        return Estimate(note=f"[not defined: {reason}]")
    correlation = items.corr().to_numpy()
    if np.linalg.eigvalsh(correlation)[0] < 1e-8:
        return Estimate(note="[not defined: one item can be worked out from the others]")
    with warnings.catch_warnings():
        # A fit that stops at its bound or does not settle is told by its outcome below, not by a warning on the page.
        warnings.simplefilter("ignore")
        # Its own start is drawn at random; a fixed one gives the same figure every time.
        start = (np.full((len(correlation), 1), 0.7), np.full(len(correlation), 0.5))
        fit = Factor(corr=correlation, n_factor=1, method="ml").fit(start=start)
    unique = np.asarray(fit.uniqueness)
    if not np.isfinite(unique).all():
        return Estimate(note="[not defined: the factor model did not settle]")
    # The bound of R's factanal; at it the likelihood has no inner maximum and omega would rest on one item.
    if unique.min() < 0.005:
        return Estimate(note="[not defined: the factor takes up one item entirely (a Heywood case)]")
    return Estimate(float(1 - unique.sum() / correlation.sum()))


def estimate_reliability(responses: pd.DataFrame, codebook: pd.DataFrame, scales: Mapping[str, Scale]) -> pd.DataFrame:
    """Internal consistency of each construct, and of all items together, over complete rows.

    Returns
    -------
    DataFrame
        `construct, items, n_complete, alpha, low, high, omega, verdict, note`. A row is complete when the respondent
        chose a point of the scale for every item: not relevant is not complete. `verdict` is False below 30 complete
        rows, when no word such as "good" or "poor" should stand beside the figures. The last row, "all items", is
        there when the codebook has several constructs on scales with the same ends.
    """
    scores = widen_answers(responses, codebook, scales).scores
    sets = list_constructs(codebook, scales)
    ends = {(scales[scale].lowest, scales[scale].highest) for scale in codebook["scale"]}
    if len(sets) > 1 and len(ends) == 1:
        sets = {**sets, ALL_ITEMS: list(codebook["item"])}
    rows = []
    for construct, items in sets.items():
        complete = scores[items].dropna()
        alpha, omega = estimate_alpha(complete), estimate_omega(complete)
        verdict = len(complete) >= FEWEST_FOR_VERDICT and not alpha.note
        notes = [alpha.note]
        if omega.note != alpha.note:
            notes.append(omega.note.replace("[not defined:", "[omega not defined:"))
        if not alpha.note and not verdict:
            notes.append(f"[fewer than {FEWEST_FOR_VERDICT} complete rows: no verdict]")
        note = " ".join(filter(None, notes))
        rows.append((construct, len(items), len(complete), alpha.value, alpha.low, alpha.high, omega.value, verdict, note))
    columns = ["construct", "items", "n_complete", "alpha", "low", "high", "omega", "verdict", "note"]
    return pd.DataFrame(rows, columns=columns)


def correlate_items(responses: pd.DataFrame, codebook: pd.DataFrame, scales: Mapping[str, Scale]) -> pd.DataFrame:
    """Each item against the rest of its construct, over complete rows.

    Returns
    -------
    DataFrame
        `construct, item, label, n_complete, item_rest, alpha_if_dropped, warning, note`. `item_rest` is Pearson's
        correlation of the item with the sum of the construct's other items (`r.drop` of R's `psych::alpha`).
        `warning` is True when it is under 0.10: the item may need reversing, or measure something else.
    """
    scores = widen_answers(responses, codebook, scales).scores
    labels = codebook.set_index("item")["label"]
    rows = []
    for construct, items in list_constructs(codebook, scales).items():
        complete = scores[items].dropna()
        for item in items:
            rest = complete.drop(columns=item)
            dropped = estimate_alpha(rest)
            note = _explain_unreliable(complete)
            if not note and complete[item].var() < 1e-12:
                note = "the item has the same answer throughout"
            elif not note and rest.sum(axis=1).var() < 1e-12:
                note = "the other items have the same total throughout"
            item_rest = math.nan if note else float(complete[item].corr(rest.sum(axis=1)))
            warning = item_rest < LOW_ITEM_REST
            if note:
                note = f"[not defined: {note}]"
            elif warning:
                note = "[near or below zero: check whether the item needs reversing]"
            if dropped.note and not note.startswith("[not defined"):
                note = (note + " " + dropped.note.replace("[not defined:", "[alpha if dropped not defined:")).strip()
            rows.append((construct, item, labels[item], len(complete), item_rest, dropped.value, warning, note))
    columns = ["construct", "item", "label", "n_complete", "item_rest", "alpha_if_dropped", "warning", "note"]
    return pd.DataFrame(rows, columns=columns)


def fit_factor_model(responses: pd.DataFrame, codebook: pd.DataFrame, scales: Mapping[str, Scale]) -> pd.DataFrame:
    """Confirmatory factor model, a factor a construct and all factors correlated, by maximum likelihood with semopy.

    Returns
    -------
    DataFrame
        One row: `factors, items, n_complete, chi2, df, p, cfi, tli, rmsea, srmr, note`. Fitted to at least 100 complete
        rows and two items a construct; `note` says why it was not. Answers are taken for continuous.

    References
    ----------
    Meshcheryakov et al. 2021, semopy 2. SRMR: Hu & Bentler 1999, Struct Equ Modeling 6:1–55, over the lower triangle of
    the covariances with its diagonal.
    """
    sets = list_constructs(codebook, scales)
    complete = widen_answers(responses, codebook, scales).scores.dropna()
    row = {"factors": len(sets), "items": len(codebook), "n_complete": len(complete)}
    reason = ""
    if len(complete) < FEWEST_FOR_FACTOR_MODEL:
        reason = f"{len(complete)} complete rows, a factor model needs {FEWEST_FOR_FACTOR_MODEL}"
    elif min(map(len, sets.values())) < 2 or len(codebook) < 4:
        reason = "each construct needs at least two items, and the model at least four"
    elif complete.var().min() < 1e-12:
        reason = "an item has the same answer throughout"
    elif np.linalg.eigvalsh(complete.corr())[0] < 1e-8:
        reason = "one item can be worked out from the others"
    fit = {} if reason else _fit_semopy(complete, sets)
    if not reason and not fit:
        reason = "the factor model did not settle"
    measures = {name: fit.get(name, math.nan) for name in ("chi2", "df", "p", "cfi", "tli", "rmsea", "srmr")}
    return pd.DataFrame([{**row, **measures, "note": f"[not defined: {reason}]" if reason else ""}])


def _fit_semopy(complete: pd.DataFrame, sets: Mapping[str, list[str]]) -> dict[str, float]:
    """Fit measures of the model; empty when the fit fails."""
    import semopy

    # semopy reads names as formulae, so items get names that are safe in one.
    safe = {item: f"x{number}" for number, item in enumerate(complete.columns)}
    lines = [f"f{number} =~ " + " + ".join(safe[item] for item in items) for number, items in enumerate(sets.values())]
    model = semopy.Model("\n".join(lines))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            settled = model.fit(complete.rename(columns=safe)).success
            found = semopy.calc_stats(model).loc["Value"]
            expected = model.calc_sigma()[0]
        except (np.linalg.LinAlgError, ValueError):
            return {}
    observed = model.mx_cov
    scale = np.sqrt(np.outer(np.diag(observed), np.diag(observed)))
    residual = ((observed - expected) / scale)[np.tril_indices(len(observed))]
    names = {"chi2": "chi2", "df": "DoF", "p": "chi2 p-value", "cfi": "CFI", "tli": "TLI"}
    measures = {name: float(found[key]) for name, key in names.items()}
    # semopy divides by n - 1 here but takes n in chi2; lavaan and Mplus take n in both.
    excess = max(measures["chi2"] - measures["df"], 0)
    measures["rmsea"] = math.sqrt(excess / (measures["df"] * len(complete))) if measures["df"] else math.nan
    measures["srmr"] = float(np.sqrt(np.mean(residual**2)))
    return measures if settled and np.isfinite(list(measures.values())).all() else {}


# --- who responded ----------------------------------------------------------------------------------------------------


def describe_response_rate(responded: int, invited: int) -> pd.DataFrame:
    """Response rate with a 95% Wilson interval: one row `responded, invited, percent, low, high`.

    Raises
    ------
    WorkbookError
        When more people responded than were invited.
    """
    if responded > invited:
        raise WorkbookError(
            "study.yml", "survey.invited.number", f"{invited}, fewer than the {responded} who responded",
            "at least as many people invited as responded", "correct the number invited",
        )  # fmt: skip
    row = pd.DataFrame({"responded": [responded], "invited": [invited], "percent": [100 * responded / invited]})
    return row.join(wilson_interval(responded, invited))


def compare_with_invited(respondents: pd.DataFrame, grouping: str, invited: Mapping[str, int]) -> pd.DataFrame:
    """Respondents against the people invited, group by group.

    Parameters
    ----------
    invited : Mapping of group to number
        The study's margins for this grouping, `survey.invited.margins`.

    Returns
    -------
    DataFrame
        `group, responded, invited, response_rate, low, high, percent_of_respondents, percent_of_invited, difference,
        note`; rates with 95% Wilson bounds in per cent, `difference` in percentage points (respondents less invited).
        The shares, of respondents as of those invited, are over the groups that have a margin.
    """
    counts = respondents[grouping].value_counts()
    groups = list(dict.fromkeys([*invited, *list_groups(respondents[grouping])]))
    table = pd.DataFrame({"group": groups, "responded": [int(counts.get(group, 0)) for group in groups]})
    margin = pd.Series([invited.get(group, 0) for group in groups], dtype=float)
    note = pd.Series("", index=table.index)
    note = note.mask(margin.lt(table["responded"]), "[not defined: more responded than the margin of those invited]")
    note = note.mask(margin.eq(0), "[not defined: the study gives no number invited]")
    usable = margin.where(note.eq(""))
    table["invited"] = margin.where(margin.gt(0)).astype("Int64")
    table["response_rate"] = 100 * table["responded"] / usable
    table = table.join(wilson_interval(table["responded"], usable.fillna(0)))
    counted = table["responded"].where(margin.gt(0))
    table["percent_of_respondents"] = 100 * counted / max(counted.sum(), 1)
    table["percent_of_invited"] = 100 * margin.where(margin.gt(0)) / max(margin.sum(), 1)
    return table.assign(difference=table["percent_of_respondents"] - table["percent_of_invited"], note=note)


def describe_completion(responses: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    """How far respondents got, section by section; an answer of not relevant counts as an answer.

    Returns
    -------
    DataFrame
        `section, items, n_respondents, complete, partial, untouched, percent_complete, low, high, note`, in
        questionnaire order; percentages of all respondents with 95% Wilson bounds.
    """
    answered = responses.assign(
        section=responses["item"].map(codebook.set_index("item")["section"]), given=responses["status"].ne(MISSING)
    )
    given = answered.groupby(["section", "respondent"], sort=False, observed=True)["given"].sum()
    n = responses["respondent"].nunique()
    table = codebook.groupby("section", sort=False).size().rename("items").reset_index().assign(n_respondents=n)
    per_section = given.rename("given").reset_index().merge(table)
    complete = per_section["given"].eq(per_section["items"]).groupby(per_section["section"]).sum()
    started = per_section["given"].gt(0).groupby(per_section["section"]).sum()
    table["complete"] = table["section"].map(complete).fillna(0).astype(int)
    started = table["section"].map(started).fillna(0).astype(int)
    table["partial"] = started - table["complete"]
    table["untouched"] = n - started
    table["percent_complete"] = 100 * table["complete"] / max(n, 1)
    note = "" if n else "[not defined: no respondents]"
    return table.join(wilson_interval(table["complete"], table["n_respondents"])).assign(note=note)


def flag_response_quality(
    respondents: pd.DataFrame,
    responses: pd.DataFrame,
    codebook: pd.DataFrame,
    speed_share: float = 0.5,
    straight_line_items: int = 6,
) -> pd.DataFrame:
    """Flag speeders and straight-liners. Nobody is dropped: what to do about a flag is the analyst's decision.

    Parameters
    ----------
    respondents : DataFrame
        May have `duration_seconds`.
    speed_share : float
        A speeder took less than this share of the median duration. One half is the relative speed index of 2 of
        Leiner 2019, Surv Res Methods 13:229–248.
    straight_line_items : int
        A straight-liner chose the same point for every item answered on a scale, at least this many of them, in the
        items' raw direction (this project's rule). Not-relevant answers are left aside.

    Returns
    -------
    DataFrame
        `respondent, duration_seconds, speeder, items_answered, straight_liner, note`, one row a respondent; `speeder`
        is missing where no duration was recorded.
    """
    if "duration_seconds" in respondents:
        duration = respondents["duration_seconds"].astype(float)
    else:
        duration = pd.Series(np.nan, index=respondents.index)
    speeder = duration.lt(speed_share * duration.median()).astype("boolean").mask(duration.isna())
    points = responses[responses["status"].eq(ANSWERED)]
    scale = points["item"].map(codebook.set_index("item")["scale"])
    spread = points.groupby([points["respondent"], scale], observed=True)["value"].agg(["nunique", "size"])
    straight = spread["nunique"].eq(1) & spread["size"].ge(straight_line_items)
    straight_liners = straight[straight].index.get_level_values(0)
    answered = points.groupby("respondent", observed=True).size()
    return pd.DataFrame(
        {
            "respondent": respondents["respondent"],
            "duration_seconds": duration,
            "speeder": speeder,
            "items_answered": respondents["respondent"].map(answered).fillna(0).astype(int),
            "straight_liner": respondents["respondent"].isin(straight_liners),
            "note": np.where(duration.isna(), "[not defined: no duration recorded]", ""),
        }
    )
