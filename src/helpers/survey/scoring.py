"""Construct scores: negatively worded items turned round, a mean over the items answered, other choices beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from helpers.study.definition import Scale
from helpers.study.errors import WorkbookError
from helpers.study.terms import ANSWERED, NOT_RELEVANT
from helpers.survey.distributions import CONFIDENCE


def reverse_score(responses: pd.DataFrame, codebook: pd.DataFrame, scales: Mapping[str, Scale]) -> pd.DataFrame:
    """Add `score`: the answer's value, turned round (lowest + highest - value) for items worded negatively.

    After this a higher score is the more favourable one for every item. Missing and not-relevant answers have no score.
    """
    ends = {item: scales[scale].lowest + scales[scale].highest for item, scale in codebook[["item", "scale"]].values}
    reversed_items = codebook.loc[codebook["reversed"], "item"]
    value = responses["value"].where(responses["status"].eq(ANSWERED))
    turned = responses["item"].map(ends) - value
    return responses.assign(score=value.mask(responses["item"].isin(reversed_items), turned))


def widen_answers(responses: pd.DataFrame, codebook: pd.DataFrame, scales: Mapping[str, Scale]) -> pd.DataFrame:
    """Scores with a row a respondent and a column an item of the codebook, reversed items reversed.

    Missing where the respondent chose no point of the scale.
    """
    wide = reverse_score(responses, codebook, scales).pivot(index="respondent", columns="item", values="score")
    return wide.reindex(index=responses["respondent"].drop_duplicates(), columns=codebook["item"]).astype(float)


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
        `respondent, construct, score, items_answered, items_not_relevant`, one row per respondent and construct; `score` is
        missing where too few items were answered.

    Raises
    ------
    WorkbookError
        For a share outside 0 to 1, or a construct whose items have scales with different ends.
    """
    answers = widen_answers(responses, codebook, scales)
    aside = responses[responses["status"].isin(list(NOT_RELEVANT.values()))]
    aside = pd.crosstab(aside["respondent"], aside["item"]).reindex(index=answers.index, columns=answers.columns, fill_value=0)
    parts = [
        pd.DataFrame({
            "construct": construct, "score": average_items(answers[items], minimum_items),
            "items_answered": answers[items].notna().sum(axis=1), "items_not_relevant": aside[items].sum(axis=1),
        })
        for construct, items in list_constructs(codebook, scales).items()
    ]  # fmt: skip
    return pd.concat(parts).rename_axis("respondent").reset_index()


def count_needed(items: int, minimum_items: float) -> int:
    """How many of a construct's items must be answered for a score."""
    if not 0 <= minimum_items <= 1:
        raise WorkbookError(
            "parameters", "minimum_items", repr(minimum_items), "a share from 0 to 1", "set 0.75 for three items of four"
        )
    # A share such as 0.28 of 25 items, 7, must not become 8 through the last binary digit.
    return max(1, math.ceil(items * minimum_items - 1e-9))


def average_items(scores: pd.DataFrame, minimum_items: float) -> pd.Series:
    """Mean of the items answered; missing where fewer than the minimum share of the items were."""
    enough = scores.notna().sum(axis=1) >= count_needed(scores.shape[1], minimum_items)
    return scores.mean(axis=1).where(enough)


def describe_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """Summarise construct scores over all respondents.

    Returns
    -------
    DataFrame
        `construct, n, median, q1, q3, mean, low, high, note`. `n` counts respondents with a score. `low` and `high` bound
        the mean by Student's t (95%), which takes scores for interval data: read the median first.
    """
    from scipy import stats

    found = scores.groupby("construct", sort=False)["score"]
    table = pd.DataFrame({
        "n": found.count(), "median": found.median(), "q1": found.quantile(0.25), "q3": found.quantile(0.75),
        "mean": found.mean(),
    })  # fmt: skip
    half = found.sem() * stats.t.ppf((1 + CONFIDENCE) / 2, (table["n"] - 1).clip(lower=1))
    note = table["n"].map({0: "[not defined: nobody has a score]", 1: "[not defined: one score has no interval]"}).fillna("")
    return table.assign(low=table["mean"] - half, high=table["mean"] + half, note=note).reset_index()


def vary_scoring(
    responses: pd.DataFrame, codebook: pd.DataFrame, scales: Mapping[str, Scale], minimum_items: float = 0.75
) -> pd.DataFrame:
    """How far each construct's mean depends on the analyst's choices, one choice changed at a time.

    Returns
    -------
    DataFrame
        `construct, choice, variant, n, mean, difference`. The first row of a construct is the score as
        reported; `difference` is the mean less that one's. Choices: the minimum-items rule; reversing or leaving out
        items worded negatively (only for constructs that have one); not relevant as missing (as reported), as the
        scale's midpoint, or as its least favourable point.
    """
    answers = widen_answers(responses, codebook, scales)
    unturned = widen_answers(responses, codebook.assign(reversed=False), scales)
    aside = responses.assign(aside=responses["status"].isin(list(NOT_RELEVANT.values())))
    aside = aside.pivot(index="respondent", columns="item", values="aside").reindex_like(answers).eq(True)
    details = codebook.set_index("item")
    rows = []
    for construct, items in list_constructs(codebook, scales).items():
        scale = scales[details.loc[items[0], "scale"]]
        reported, irrelevant = answers[items], aside[items]
        kept = [item for item in items if not details.loc[item, "reversed"]]
        variants = [
            ("as reported", "as reported", reported, minimum_items),
            ("minimum items", "one item is enough", reported, 0),
            ("minimum items", "half of the items", reported, 0.5),
            ("minimum items", "all items", reported, 1),
            ("not relevant", "as the midpoint", reported.mask(irrelevant, (scale.lowest + scale.highest) / 2), minimum_items),
            ("not relevant", "as the lowest score", reported.mask(irrelevant, scale.lowest), minimum_items),
        ]
        if len(kept) < len(items):
            variants += [
                ("negative item", "not reversed", unturned[items], minimum_items),
                ("negative item", "left out", reported[kept], minimum_items),
            ]
        for choice, variant, scores, rule in variants:
            score = average_items(scores, rule)
            rows.append((construct, choice, variant, score.count(), score.mean()))
    table = pd.DataFrame(rows, columns=["construct", "choice", "variant", "n", "mean"])
    return table.assign(difference=table["mean"] - table.groupby("construct")["mean"].transform(lambda means: means.iloc[0]))
