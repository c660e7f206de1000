"""How each item was answered: counts, percentages with Wilson intervals, medians.

*Not relevant* is an answer and *missing* is not, so the two are never added together. Every percentage comes with its
count, its denominator and a Wilson interval. It is missing where nobody is in the denominator.
"""

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.study.definition import Scale, Study
from helpers.study.terms import ANSWERED, MISSING, NOT_RELEVANT, STATUSES
from helpers.survey.family import FAMILY_ERROR, adjust_holm, count_questions

CONFIDENCE = 0.95
# The band of `count_bands` that holds all three kinds of "not relevant".
NOT_RELEVANT_BAND = "Not relevant"
SIDES = ["low_or_disagree", "neutral", "high_or_agree"]


# --- intervals --------------------------------------------------------------------------------------------------------
def wilson_interval(count, n, population: int | None = None) -> pd.DataFrame:
    """95% Wilson score interval of a percentage, from its numerator and denominator (int or Series).

    Parameters
    ----------
    population : int, optional
        People invited. Narrows the interval for a finite population by using the effective size n (N - 1) / (N - n) instead
        of n. This treats respondents as a random sample of those invited; it does not correct non-response.

    Returns
    -------
    DataFrame
        `low`, `high` in per cent, with the index of `n`; both missing where `n` is 0.

    References
    ----------
    Wilson 1927, J Am Stat Assoc 22:209–212. Finite population: Cochran 1977, Sampling Techniques, section 2.6; effective size
    within Wilson's formula: Franco et al. 2019, J Surv Stat Methodol 7:334–364.
    """
    from statsmodels.stats.proportion import proportion_confint

    count, n = pd.Series(count), pd.Series(n)
    size = n.where(n > 0).astype(float)
    share = count / size
    if population is not None:
        # If everybody answered there is nothing to estimate: the interval is the percentage itself.
        size = (size * (population - 1) / (population - size)).replace(np.inf, 1e15)
    low, high = proportion_confint(share * size, size, alpha=1 - CONFIDENCE, method="wilson")
    # Make the ends exact, where rounding leaves 1e-16.
    bounds = {"low": (100 * low).where(count > 0, 0), "high": (100 * high).where(count < n, 100)}
    return pd.DataFrame(bounds).where(n > 0)


def count_invited(study: Study) -> float:
    """How many people were invited; missing if the study gives no number, or only one number for several waves."""
    return study.survey.invited.number if study.survey.invited and len(study.survey.files) == 1 else math.nan


def choose_population(study: Study, finite_population: bool) -> int | None:
    """How many people were invited, if that number is known and intervals should be narrowed for it."""
    return study.survey.invited.number if finite_population and not math.isnan(count_invited(study)) else None


# --- item level -------------------------------------------------------------------------------------------------------
def list_options(codebook: pd.DataFrame, scales: Mapping[str, Scale]) -> pd.DataFrame:
    """Every answer that each item offers: `item, response, band, relevant`, from the lowest point of its scale to the highest.

    After these come the scale's kinds of "not relevant" (`relevant` is False, and `response` is the answer's status).
    """
    rows = []
    for item, scale in zip(codebook["item"], codebook["scale"], strict=True):
        rows += [(item, point.label, point.band, True) for point in scales[scale].responses]
        kinds = dict.fromkeys(option.status for option in scales[scale].not_relevant)
        rows += [(item, status, NOT_RELEVANT_BAND, False) for status in kinds]
    return pd.DataFrame(rows, columns=["item", "response", "band", "relevant"])


def count_responses(
    responses: pd.DataFrame, codebook: pd.DataFrame, scales: Mapping[str, Scale], population: int | None = None
) -> pd.DataFrame:
    """Count the answers to each item, in the item's raw direction, with two denominators.

    Returns
    -------
    DataFrame
        `item, label, scale, response, band, relevant, numerator, denominator, share, low, high, denominator_relevant,
        share_relevant, low_relevant, high_relevant`. Each row is one option of an item, including options nobody chose.
        `denominator` counts everybody who answered the item (including "not relevant"), `denominator_relevant` only people who
        chose a point of the scale. Missing answers are in neither. Shares are in per cent.
    """
    return _add_percentages(_count_options(responses, codebook, scales), population)


def count_bands(
    responses: pd.DataFrame, codebook: pd.DataFrame, scales: Mapping[str, Scale], population: int | None = None
) -> pd.DataFrame:
    """Count the answers to each item by band: columns as in `count_responses` without `response`; not relevant is one band."""
    bands = _count_options(responses, codebook, scales).groupby(["item", "label", "scale", "band", "relevant"], sort=False)
    return _add_percentages(bands["numerator"].sum().reset_index(), population)


def compare_items(bands: pd.DataFrame, chosen: pd.Series, study: Study, relevant: bool) -> pd.DataFrame:
    """Which items have an unusual share of answers in one band? Exact binomial tests against all items together, corrected.

    The tests need only counts, so they also work on published counts and on what a funder may see. The answers of one person
    are similar. The tests treat every item as answered by new people, so they err less often than 5% allows.

    `bands`: from `count_bands`, or from `disclosure.survey.protect_bands`, where some counts are withheld or are ranges.
    `chosen`: the rows of the band that is counted, one for each item.
    `relevant` (bool): count only people who chose a point of the scale; otherwise everybody who answered.

    Returns `most_denominator, typical, typical_most, p, p_holm, stands_out`, indexed by item. The share over all items
    together is between `typical` and `typical_most` per cent. `p` is two-sided; where a count is a range, it is for the count
    with the least evidence of a difference. `p_holm` is corrected over the items and the page's questions. `stands_out` is
    "above" or "below" where `p_holm` is under .05, else "". Values are missing where we cannot show how many people answered.

    Clopper & Pearson 1934, Biometrika 26:404–413: the interval that these tests belong to.
    """
    from scipy.stats import binom

    least, most = (bands.get(end, bands["numerator"]) for end in ("least", "most"))
    least = least.fillna(0).astype(float)
    others = least.groupby(bands["item"]).transform("sum") - least
    counts = bands[["item", "denominator"]].assign(least=least, most=most.fillna(bands["denominator"] - others))
    aside = counts[~bands["relevant"] & relevant].set_index("item")[["least", "most"]]
    table = counts[chosen].set_index("item").astype(float)
    aside = aside.reindex(table.index).fillna(0)
    least, most, largest = table["least"], table["most"], table["denominator"] - aside["least"]
    smallest = np.maximum(most, table["denominator"] - aside["most"])
    known = largest > 0
    typical, typical_most = (
        chosen[known].sum() / (of[known].sum() or np.nan) for chosen, of in ((least, largest), (most, smallest))
    )
    above, below = binom.sf(least - 1, largest, typical_most), binom.cdf(most, smallest, typical)
    p = (2 * pd.Series(np.minimum(above, below), index=table.index)).clip(upper=1).where(known)
    p_holm = adjust_holm(p, count_questions(study))
    side = pd.Series(np.where(above < below, "above", "below"), index=table.index)
    return pd.DataFrame({
        "most_denominator": largest, "typical": 100 * typical, "typical_most": 100 * typical_most, "p": p, "p_holm": p_holm,
        "stands_out": side.where(p_holm < FAMILY_ERROR, ""),
    })  # fmt: skip


def measure_not_relevant(bands: pd.DataFrame, study: Study) -> pd.DataFrame:
    """How many people called each item not relevant, and for which items that is unusual; see `compare_items`.

    Returns
    -------
    DataFrame
        `item, numerator, denominator, share, low, high, typical, typical_most, p, p_holm, stands_out`. Each row is one item
        whose scale offers this answer.
    """
    chosen = bands["band"].eq(NOT_RELEVANT_BAND)
    found = compare_items(bands, chosen, study, relevant=False).drop(columns="most_denominator")
    shown = ["item", "numerator", "denominator", "share", "low", "high"]
    return bands.loc[chosen, shown].merge(found.reset_index())


def _count_options(responses: pd.DataFrame, codebook: pd.DataFrame, scales: Mapping[str, Scale]) -> pd.DataFrame:
    """`item, label, scale, response, band, relevant, numerator`; each row is one option of an item."""
    options = list_options(codebook, scales).merge(codebook[["item", "label", "scale"]])
    answered = responses["status"].eq(ANSWERED)
    counts = responses[~answered].groupby(["item", "status"], observed=True).size().to_dict()
    counts |= responses[answered].groupby(["item", "response"], observed=True).size().to_dict()
    numerator = [counts.get(option, 0) for option in zip(options["item"], options["response"], strict=True)]
    return options[["item", "label", "scale", "response", "band", "relevant"]].assign(numerator=numerator)


def _add_percentages(table: pd.DataFrame, population: int | None) -> pd.DataFrame:
    """Add percentages and intervals for both denominators; those among relevant answers are missing for "not relevant"."""
    counts, relevant = table["numerator"], table["relevant"]
    for suffix, counted in {"": counts, "_relevant": counts.where(relevant)}.items():
        n = counted.groupby(table["item"]).transform("sum").astype(int)
        share = 100 * counted / n.where(n > 0)
        shown = wilson_interval(counted, n, population).where(counted.notna())
        shown = pd.concat([n.rename("denominator"), share.rename("share"), shown], axis=1)
        table = table.join(shown.add_suffix(suffix))
    return table


def list_groups(group: pd.Series) -> list:
    """The groups in a column that have members, in their declared order (else sorted)."""
    return group.astype("category").cat.remove_unused_categories().cat.categories.to_list()


def describe_items(responses: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    """Median and quartiles of each item in its raw direction, with counts of people who did or did not choose a point.

    Returns
    -------
    DataFrame
        `item, n_relevant, not_relevant_role, not_relevant_stage, not_relevant_intervention, missing, median, q1, q3`. The last
        three use linear interpolation (R's type 7) over points of the scale, and are missing where nobody chose one.
    """
    names = {ANSWERED: "n_relevant"} | {status: f"not_relevant_{kind}" for kind, status in NOT_RELEVANT.items()}
    table = count_statuses(responses).reindex(codebook["item"], fill_value=0).rename(columns=names)
    points = responses["value"].where(responses["status"].eq(ANSWERED)).groupby(responses["item"])
    return table.join(summarise(points)[["median", "q1", "q3"]]).reset_index()


def count_statuses(responses: pd.DataFrame) -> pd.DataFrame:
    """How many responses have each status: each row is one item, each column one of `STATUSES`."""
    counts = responses.groupby(["item", "status"], observed=True).size().unstack(fill_value=0)
    return counts.set_axis(counts.columns.astype(object), axis=1).reindex(columns=STATUSES, fill_value=0)


def summarise(values) -> pd.DataFrame:
    """`n, median, q1, q3, mean, sd` of each group of a grouped Series."""
    found = values.agg(n="count", median="median", mean="mean", sd="std")
    return found.assign(q1=values.quantile(0.25), q3=values.quantile(0.75))[["n", "median", "q1", "q3", "mean", "sd"]]


def table_for_paper(
    responses: pd.DataFrame, codebook: pd.DataFrame, scores: pd.DataFrame, scales: Mapping[str, Scale]
) -> pd.DataFrame:
    """The table that NoMAD papers print: each construct's score and, below it, each of its items as it is worded.

    Returns
    -------
    DataFrame
        `construct, item, n, missing, not_relevant, low_or_disagree, low_or_disagree_share, neutral, neutral_share,
        high_or_agree, high_or_agree_share, mean, sd, median, q1, q3`. `n` counts people with a score, or who chose a point of
        the item's scale; percentages are of these. `neutral` is the scale's middle band; with an even number of bands there is
        none. A construct's row has no item and no counts of answers.
    """
    side_of = {
        (name, band): SIDES[1 + (2 * place > len(scale.bands) - 1) - (2 * place < len(scale.bands) - 1)]
        for name, scale in scales.items()
        for place, band in enumerate(scale.bands)
    }
    bands = count_bands(responses, codebook, scales).query("relevant")
    bands["side"] = [side_of[key] for key in zip(bands["scale"], bands["band"], strict=True)]
    sides = bands.groupby(["item", "side"])[["numerator", "share_relevant"]].sum(min_count=1).unstack()
    sides = sides.reindex(columns=pd.MultiIndex.from_product([["numerator", "share_relevant"], SIDES]))
    sides.columns = [*SIDES, *(f"{side}_share" for side in SIDES)]
    items = summarise(responses["value"].where(responses["status"].eq(ANSWERED)).groupby(responses["item"])).join(sides)
    statuses = count_statuses(responses)
    items["missing"], items["not_relevant"] = statuses[MISSING], statuses[list(NOT_RELEVANT.values())].sum(axis=1)
    table = pd.concat([
        summarise(scores.groupby("construct")["score"]).reset_index(), codebook[["construct", "item"]].join(items, on="item")
    ])  # fmt: skip
    order = list(dict.fromkeys(codebook["construct"]))
    table = table.sort_values("construct", key=lambda keys: keys.map(order.index), kind="stable", ignore_index=True)
    counts = [f"{side}{end}" for side in SIDES for end in ("", "_share")]
    return table[["construct", "item", "n", "missing", "not_relevant", *counts, "mean", "sd", "median", "q1", "q3"]]
