"""Do the scores go together with unscored items, such as how normal the practice feels?"""

import math
from functools import cache
from itertools import product

import numpy as np
import pandas as pd

from helpers.study.definition import Study
from helpers.survey.distributions import CONFIDENCE
from helpers.survey.family import adjust_holm, count_questions
from helpers.survey.scoring import widen_answers

# With fewer pairs of answers we can say little (this project's rule).
FEWEST_FOR_RELATION = 10
# Up to this many people, p is by permutation: in the tail that matters after correction, Student's t gives too small a p.
MOST_PERMUTED, PERMUTATIONS = 200, 20_000


def relate_items(responses: pd.DataFrame, scores: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Spearman's correlation of each unscored item with each construct's score, over people who have both.

    Returns `item, construct, n, rho, low, high, p, p_holm, note`; empty if every item is part of a score. Negatively worded
    items are reversed first. `rho` comes from `pingouin.corr`, with mean ranks for ties; so does `p` for more than 200 people,
    otherwise it is by permutation. The interval is Bonett and Wright's (2000, Psychometrika 65:23–28), because pingouin's
    covers 92% at rho = .63 (tests/benchmarks/README.md). `p_holm` is corrected over all rows and the page's other questions.
    `note` says why a number is missing: fewer than ten people, or everybody has the same value.
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
                note = "[interval not defined: the correlation is perfect]"
        rows.append((item, construct, len(pair), rho, low, high, p, note))
    table = pd.DataFrame(rows, columns=["item", "construct", "n", "rho", "low", "high", "p", "note"])
    table.insert(7, "p_holm", adjust_holm(table["p"], count_questions(study)))
    return table


def permute_ranks(pair: np.ndarray) -> float:
    """Two-sided permutation p of Spearman's correlation of two columns, from 20,000 random orders and the observed one."""
    from scipy import stats

    ranks = stats.rankdata(pair, axis=0)
    first, second = (ranks - ranks.mean(axis=0)).T
    drawn = second[draw_orders(len(pair))] @ first
    return float((1 + np.count_nonzero(np.abs(drawn) >= abs(first @ second) - 1e-9)) / (PERMUTATIONS + 1))


@cache
def draw_orders(n: int) -> np.ndarray:
    """Random orders of `n` people; each row is one order. Every pair of columns of this length uses the same orders."""
    return np.random.default_rng(1).permuted(np.tile(np.arange(n, dtype=np.min_scalar_type(n)), (PERMUTATIONS, 1)), axis=1)
