"""The table that NoMAD papers print: answers, means and medians of every item and construct."""

from collections.abc import Mapping

import pandas as pd

from helpers.study.definition import Scale
from helpers.study.terms import ANSWERED, MISSING, NOT_RELEVANT, STATUSES
from helpers.survey.distributions import count_bands, count_statuses, summarise

SIDES = ["low_or_disagree", "neutral", "high_or_agree"]


def table_for_paper(
    responses: pd.DataFrame, codebook: pd.DataFrame, scores: pd.DataFrame, scales: Mapping[str, Scale]
) -> pd.DataFrame:
    """Each construct's score and, below it, each of its items in the direction in which the item is worded.

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
    statuses = count_statuses(responses).reindex(columns=STATUSES, fill_value=0)
    items["missing"], items["not_relevant"] = statuses[MISSING], statuses[list(NOT_RELEVANT.values())].sum(axis=1)
    table = pd.concat([
        summarise(scores.groupby("construct")["score"]).reset_index(), codebook[["construct", "item"]].join(items, on="item")
    ])  # fmt: skip
    order = list(dict.fromkeys(codebook["construct"]))
    table = table.sort_values("construct", key=lambda keys: keys.map(order.index), kind="stable", ignore_index=True)
    counts = [f"{side}{end}" for side in SIDES for end in ("", "_share")]
    return table[["construct", "item", "n", "missing", "not_relevant", *counts, "mean", "sd", "median", "q1", "q3"]]
