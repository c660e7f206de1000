"""Which way do the numbers run? What each code stands for, and whether the answers bear that out."""

import math
from statistics import NormalDist

import pandas as pd

from helpers.study.definition import Study
from helpers.survey.reliability import ALL_ITEMS
from helpers.survey.scoring import list_constructs, widen_answers

# Of so many people or more a correlation says something (Fisher's transformation needs four).
FEWEST = 10


def list_options(study: Study) -> pd.DataFrame:
    """What each answer in the export stands for: `scale, code, response, value, band`, a row an option of every scale in use.

    `code` is empty where the export holds labels; `value` is missing, and `band` empty, for an answer of not relevant.
    """
    rows = []
    for name, scale in study.used_scales.items():
        rows += [(name, point.code or "", point.label, point.value, point.band) for point in scale.responses]
        rows += [(name, option.code or "", option.label, math.nan, "") for option in scale.not_relevant]
    return pd.DataFrame(rows, columns=["scale", "code", "response", "value", "band"])


def measure_direction(study: Study, responses: pd.DataFrame) -> pd.DataFrame:
    """Whether items run with those that they should run with, over one wave's answers, items worded negatively turned round.

    Gives `item, construct, n, r, low, high, against`: Pearson's correlation with its 95% interval (Fisher's transformation) of
    each scored item with the mean of its construct's others; of each item outside the scores on a scale of its own (such as 0
    to 10) with the mean of all scored items, whose `construct` is "all items"; and last, where there are such, of the mean of
    those. Missing under ten people or where all answers are alike. `against`: it is below 0 by more than the chance that any of
    so many items would be, 5%.
    """
    scored = study.scored_items
    outside = study.codebook[~study.codebook["scale"].isin(scored["scale"])]
    answers = widen_answers(responses, study.codebook, study.scales)
    every, others = answers[list(scored["item"])].mean(axis=1), answers[list(outside["item"])]
    pairs = [
        (item, construct, answers[item], answers[items].drop(columns=item).mean(axis=1))
        for construct, items in list_constructs(scored, study.scales).items()
        for item in items
        if len(items) > 1
    ]
    pairs += [(item, ALL_ITEMS, others[item], every) for item in others]
    pairs += [(ALL_ITEMS, ALL_ITEMS, others.mean(axis=1), every)] if len(outside) else []
    rows = []
    for item, construct, one, other in pairs:
        both = pd.concat([one, other], axis=1).dropna()
        r, low, high, top = (math.nan,) * 4
        if len(both) >= FEWEST and both.std().min() > 1e-9:
            r = min(max(float(both.corr().iloc[0, 1]), -1 + 1e-12), 1 - 1e-12)
            error = 1 / math.sqrt(len(both) - 3)
            low, high, top = (
                math.tanh(math.atanh(r) + error * NormalDist().inv_cdf(share))
                for share in (0.025, 0.975, 1 - 0.025 / (1 if item == ALL_ITEMS else len(pairs)))
            )
        rows.append((item, construct, len(both), r, low, high, top < 0))
    return pd.DataFrame(rows, columns=["item", "construct", "n", "r", "low", "high", "against"])


def warn_direction(study: Study, measured: pd.DataFrame) -> list[str]:
    """A sentence for each sign in `measure_direction` that numbers were read the wrong way round; none where all is well."""
    told = []
    outside = measured[measured["construct"] == ALL_ITEMS]
    if len(outside) and outside["against"].iloc[-1] and outside["r"].lt(0).all():
        scales = [study.scales[name] for name in study.scored_items["scale"].unique()]
        read = [f"{point.code} as {point.label}" for scale in scales for point in scale.responses[:: len(scale.labels) - 1]]
        told.append(
            f"People who answered {', '.join(outside['item'][:-1])} higher score lower on all other items "
            f"({say_correlation(outside.iloc[-1])}). Do the points of a scale run the wrong way round in study.yml?"
        )
        told[0] += f" Its codes are read so: {', '.join(read)}." if scales[0].responses[0].code else ""
    for row in measured[measured["against"] & (measured["construct"] != ALL_ITEMS)].itertuples():
        turned = "yes" if study.items.loc[row.item, "reversed"] else "no"
        told.append(
            f"{row.item} runs against the other items of {study.construct_name(row.construct)} ({say_correlation(row)}). Is "
            f"`reversed` in codebook.csv, now {turned}, right for it, and is it not turned round in the export already?"
        )
    return told


def say_correlation(row) -> str:
    return f"r = {row.r:.2f}, 95% interval {row.low:.2f} to {row.high:.2f}, {row.n} people".replace("-", "−")
