"""The table that NoMAD papers print: answers, means and medians of every item and construct."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from helpers.study.definition import Scale
from helpers.study.terms import ANSWERED, NOT_RELEVANT
from helpers.survey.distributions import count_bands, describe_items

SIDES = ["low_or_disagree", "neutral", "high_or_agree"]


def table_for_paper(
    responses: pd.DataFrame, codebook: pd.DataFrame, scores: pd.DataFrame, scales: Mapping[str, Scale]
) -> pd.DataFrame:
    """Each construct's score, and under it each of its items in the direction in which it is worded.

    Returns
    -------
    DataFrame
        `construct, item, n, missing, not_relevant, low_or_disagree, low_or_disagree_share, neutral, neutral_share,
        high_or_agree, high_or_agree_share, mean, sd, median, q1, q3`. `n` are people with a score, or who chose a point of the
        item's scale; percentages are of these. `neutral` is the scale's middle band, which an even number of bands lacks, and
        the others are the bands on its two sides. A construct's row has no item and no counts of answers.
    """
    side_of = {
        (name, band): SIDES[1 + (2 * place > len(scale.bands) - 1) - (2 * place < len(scale.bands) - 1)]
        for name, scale in scales.items()
        for place, band in enumerate(scale.bands)
    }
    bands = count_bands(responses, codebook, scales).query("relevant")
    side = pd.Series(list(zip(bands["scale"], bands["band"], strict=True)), bands.index).map(side_of)
    sides = bands.groupby(["item", side])[["numerator", "share_relevant"]].sum(min_count=1)
    counted, shares = (sides[name].unstack().reindex(columns=SIDES) for name in sides)
    described = describe_items(responses, codebook).set_index("item")
    values = responses["value"].where(responses["status"].eq(ANSWERED)).groupby(responses["item"])
    items = codebook[["construct", "item"]].join(
        described.assign(
            n=described["n_relevant"], not_relevant=described[[f"not_relevant_{kind}" for kind in NOT_RELEVANT]].sum(axis=1),
            mean=values.mean(), sd=values.std(),
        ).join([counted, shares.add_suffix("_share")]),
        on="item",
    )  # fmt: skip
    found = scores.groupby("construct", sort=False)["score"]
    constructs = pd.DataFrame({
        "n": found.count(), "mean": found.mean(), "sd": found.std(), "median": found.median(), "q1": found.quantile(0.25),
        "q3": found.quantile(0.75),
    }).reset_index()  # fmt: skip
    order = {construct: place for place, construct in enumerate(codebook["construct"].unique())}
    table = pd.concat([constructs, items]).sort_values("construct", key=lambda keys: keys.map(order), kind="stable")
    columns = [
        "construct",
        "item",
        "n",
        "missing",
        "not_relevant",
        *(f"{name}{end}" for name in SIDES for end in ("", "_share")),
    ]
    return table[[*columns, "mean", "sd", "median", "q1", "q3"]].reset_index(drop=True)
