"""Do the scores go with what is asked outside them, such as how normal the practice feels?"""

import math
from functools import cache
from itertools import product

import numpy as np
import pandas as pd

from helpers.study.definition import Study
from helpers.survey.distributions import CONFIDENCE
from helpers.survey.family import adjust_holm, count_questions
from helpers.survey.scoring import widen_answers

# Of fewer pairs of answers little can be said (this project's rule).
FEWEST_FOR_RELATION = 10
# Up to so many people p is by permutation: in the tail that the correction reads, Student's t is too small for few people.
MOST_PERMUTED, PERMUTATIONS = 200, 20_000


def relate_items(responses: pd.DataFrame, scores: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Spearman's correlation of each item outside the scores with each construct's score, over those who have both.

    Returns
    -------
    DataFrame
        `item, construct, n, rho, low, high, p, p_holm, note`, empty where every item is part of a score. Items worded
        negatively are turned round first. `rho` is that of `pingouin.corr`, ties at their mean rank, and beyond 200 people so
        is `p`, which is by permutation otherwise. The interval is Bonett and Wright's (2000, Psychometrika 65:23–28), since
        pingouin's covers 92% at rho = .63 (tests/benchmarks/README.md). `p_holm` is corrected over all rows and the page's
        other questions. `note` says why a figure is missing: fewer than ten people, or everybody alike.
    """
    import pingouin
    from scipy import stats

    outside = study.codebook.drop(study.scored_items.index)
    answers = widen_answers(responses, outside, study.scales)
    of_constructs = scores.pivot(index="respondent", columns="construct", values="score")[list(scores["construct"].unique())]
    rows = []
    for item, construct in product(answers, of_constructs):
        pair = pd.concat([answers[item], of_constructs[construct]], axis=1).dropna().to_numpy()
        rho, p, low, high, note = *[math.nan] * 4, ""
        if len(pair) < FEWEST_FOR_RELATION:
            note = f"[not defined: {len(pair)} people have both, at least {FEWEST_FOR_RELATION} needed]"
        elif (pair == pair[0]).all(axis=0).any():
            note = "[not defined: everybody gave the same answer or has the same score]"
        else:
            found = pingouin.corr(*pair.T, method="spearman").iloc[0]
            rho, p = found["r"], found["p_val"]
            if len(pair) <= MOST_PERMUTED:
                p = permute_ranks(pair)
            if 1 - abs(rho) > 1e-12:
                error = math.sqrt((1 + rho**2 / 2) / (len(pair) - 3))
                low, high = np.tanh(stats.norm.interval(CONFIDENCE, math.atanh(rho), error))
            else:
                note = "[interval not defined: the order of answers is that of the scores]"
        rows.append((item, construct, len(pair), rho, low, high, p, note))
    table = pd.DataFrame(rows, columns=["item", "construct", "n", "rho", "low", "high", "p", "note"])
    table.insert(7, "p_holm", adjust_holm(table["p"], count_questions(study)))
    return table


def permute_ranks(pair: np.ndarray) -> float:
    """Two-sided permutation p of Spearman's correlation of two columns, the observed order among the 20,000 drawn ones."""
    from scipy import stats

    ranks = stats.rankdata(pair, axis=0)
    first, second = (ranks - ranks.mean(axis=0)).T
    drawn = second[draw_orders(len(pair))] @ first
    return float((1 + np.count_nonzero(np.abs(drawn) >= abs(first @ second) - 1e-9)) / (PERMUTATIONS + 1))


@cache
def draw_orders(n: int) -> np.ndarray:
    """The random orders of so many people, one a row: every pair of columns of this length is held against the same."""
    return np.random.default_rng(1).permuted(np.tile(np.arange(n, dtype=np.min_scalar_type(n)), (PERMUTATIONS, 1)), axis=1)
