"""Do the numbers run the right way round? What each code means, and whether the answers agree with that."""

import math
from statistics import NormalDist

import numpy as np
import pandas as pd

from helpers.study.definition import Study
from helpers.survey.reliability import ALL_ITEMS
from helpers.survey.scoring import list_constructs, widen_answers

# The fewest people for whom we report a correlation (Fisher's transformation needs four).
FEWEST = 10


def list_options(study: Study) -> pd.DataFrame:
    """What each answer in the export means: `scale, code, response, value, band`; each row is one option of a scale in use.

    `code` is empty where the export holds labels. For "not relevant", `value` is missing and `band` is empty.
    """
    rows = []
    for name, scale in study.used_scales.items():
        rows += [(name, point.code or "", point.label, point.value, point.band) for point in scale.responses]
        rows += [(name, option.code or "", option.label, math.nan, "") for option in scale.not_relevant]
    return pd.DataFrame(rows, columns=["scale", "code", "response", "value", "band"])


def measure_direction(study: Study, responses: pd.DataFrame) -> pd.DataFrame:
    """Do items agree with the others as they should? Correlations over one wave, with negatively worded items reversed.

    Returns `item, construct, n, r, low, high, against`: Pearson's correlation with its 95% interval (Fisher's transformation).
    Scored items are correlated with the mean of the other items in their construct. Unscored items on a different scale (such
    as 0 to 10) are correlated with the mean of all scored items (`construct` is "all items"); if there are any, the last row is
    for their mean. Values are missing under ten people or where all answers are the same. `against` is True if r is below 0 by
    more than chance explains (5% over all items together).
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
            r = float(np.clip(np.corrcoef(both.to_numpy().T)[0, 1], -1, 1))
            low, high = limit_correlation(r, len(both), 0.05)
            top = high if item == ALL_ITEMS else limit_correlation(r, len(both), 0.05 / len(pairs))[1]
        rows.append((item, construct, len(both), r, low, high, top < 0))
    return pd.DataFrame(rows, columns=["item", "construct", "n", "r", "low", "high", "against"])


def limit_correlation(r: float, n: int, error: float) -> tuple[float, float]:
    """Limits of a correlation by Fisher's transformation. scipy.stats has them too, but takes a second to import."""
    if abs(r) == 1:
        return r, r
    reach = NormalDist().inv_cdf(1 - error / 2) / math.sqrt(n - 3)
    return math.tanh(math.atanh(r) - reach), math.tanh(math.atanh(r) + reach)


def warn_direction(study: Study, measured: pd.DataFrame) -> list[str]:
    """A warning for each sign in `measure_direction` that numbers were read the wrong way round; empty if there is none."""
    told = []
    outside = measured[measured["construct"] == ALL_ITEMS]
    if len(outside) and outside["against"].iloc[-1] and outside["r"].lt(0).all():
        scales = [study.scales[name] for name in study.scored_items["scale"].unique()]
        read = [f"{point.code} as {point.label}" for scale in scales for point in scale.responses[:: len(scale.labels) - 1]]
        told.append(
            f"People who answered {', '.join(outside['item'][:-1])} higher score lower on all other items "
            f"({say_correlation(outside.iloc[-1])}). Do the points of a scale run the wrong way round in study.yml?"
        )
        told[0] += f" We read its codes as follows: {', '.join(read)}." if scales[0].responses[0].code else ""
    for row in measured[measured["against"] & (measured["construct"] != ALL_ITEMS)].itertuples():
        turned = "yes" if study.items.loc[row.item, "reversed"] else "no"
        told.append(
            f"{row.item} runs against the other items of {study.construct_name(row.construct)} ({say_correlation(row)}). Is "
            f"`reversed` in codebook.csv, now {turned}, right for it, and is it not turned round in the export already?"
        )
    return told


def say_correlation(row) -> str:
    return f"r = {row.r:.2f}, 95% interval {row.low:.2f} to {row.high:.2f}, {row.n} people".replace("-", "−")
