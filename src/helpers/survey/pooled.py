"""What score to expect in each group, allowing for how few people answered: partial pooling of ordinal answers.

Each construct and grouping has one model, a cumulative logit with random effects: the chance that somebody answers an item
with a point or a lower one is logistic(threshold of the point − item − person). People are normally distributed around their
group, and groups around the overall average. Thresholds and items are those that best fit everybody's answers, whatever the
group, so all groupings of a construct share them. We sum over people, groups, their average and both spreads on a grid, so
nothing is random. A group of one person is moved toward the overall average as far as the spread of groups allows.

The model: Tutz & Hennevogl 1996, Comput Stat Data Anal 22:537–557. Priors of spreads: Gelman 2006, Bayesian Anal 1:515–534.
Coverage and error, by simulation: tests/benchmarks/bench_scores.py.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from helpers.study.definition import Study
from helpers.survey.distributions import CONFIDENCE, list_groups
from helpers.survey.scoring import list_constructs, widen_answers

# The possible places of people and groups, in logits: a grid fine enough for sums to replace integrals.
GRID = np.linspace(-12, 12, 73)
# Weak priors: items around 0, people's spread on the log scale, the spread of groups half-normal. They also give an estimate
# for an item that everybody answers the same way, or for people who answer all items the same way.
ITEM_SPREAD, PEOPLE_SPREAD, PEOPLE_WIDTH, GROUP_WIDTH = 2.0, 1.5, 0.7, 2.0
# The spreads that we try: of people within groups, as parts of the best spread without groups; and of groups.
PEOPLE_PARTS, GROUP_SPREADS = np.exp(np.linspace(-1.2, 0.4, 6)), np.linspace(0, 3, 13)
# From this many people on, every second, third, … person is enough to estimate thresholds and items.
ENOUGH = 2_000
TAILS = ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)
EXPECTED = ["grouping", "group", "construct", "n", "raw", "expected", "low", "high", "note"]


@dataclass(frozen=True)
class Fit:
    """The model fitted to a construct: how likely each pattern of answers is at each place of the grid, and the score there.

    `pattern` says which pattern (row of `likelihood`) each person's answers have.
    """

    pattern: pd.Series
    likelihood: np.ndarray
    scores: np.ndarray
    spread: float


def expect_every_group(study: Study, scores: pd.DataFrame, responses: pd.DataFrame, respondents: pd.DataFrame) -> pd.DataFrame:
    """The score to expect in each group of each grouping, however small, and the mean of the people who answered.

    Returns `EXPECTED`. `raw` is the mean score of the `n` people who have one; only their responses are used. `expected` is the
    score to expect from others in the group, with its 95% interval; if it is missing, `note` says why.
    """
    answers, parts = widen_answers(responses, study.scored_items, study.scales), []
    for construct, items in list_constructs(study.scored_items, study.scales).items():
        score = scores[scores["construct"] == construct].set_index("respondent")["score"].dropna()
        given = answers.loc[score.index, items]
        alike = given.stack().nunique() < 2
        fit = None if alike else fit_answers(given)
        for name, grouping in study.survey.groupings.items():
            group = respondents.set_index("respondent")[name].reindex(score.index).dropna()
            table = score.groupby(group, observed=True).agg(n="size", raw="mean")
            why = "all answers are the same" * alike or "there is only one group" * (len(table) < 2)
            ends = pd.DataFrame(np.nan, table.index, ["expected", "low", "high"]) if why else expect_groups(fit, group)
            table = table.join(ends).rename_axis("group").reset_index().astype({"group": str})
            note = f"[not defined: {why}]" if why else ""
            parts.append(table.assign(grouping=grouping.label, construct=construct, note=note))
    found = pd.concat(parts or [pd.DataFrame(columns=EXPECTED)], ignore_index=True)[EXPECTED]
    order = [grouping.label for grouping in study.survey.groupings.values()]
    return found.sort_values("grouping", key=lambda names: names.map(order.index), kind="stable", ignore_index=True)


def tabulate_chances(thresholds: np.ndarray, items: np.ndarray) -> np.ndarray:
    """The chance of each point of each item at each place of the grid; shape (items, points, places)."""
    from scipy.special import expit

    below = expit(thresholds[:, None] - items[:, None, None] - GRID)
    return np.diff(below, axis=1, prepend=0, append=1).clip(min=1e-12)


def weigh_places(spread: float) -> np.ndarray:
    """Normal weights of the grid's places (rows) around each place (columns)."""
    density = np.exp(-0.5 * ((GRID[:, None] - GRID) / max(spread, 1e-3)) ** 2)
    return density / density.sum(axis=0)


@cache
def weigh_groups() -> np.ndarray:
    return np.stack([weigh_places(spread) for spread in GROUP_SPREADS])


def sum_logs(chosen: np.ndarray, thresholds: np.ndarray, items: np.ndarray) -> np.ndarray:
    """Log-likelihood of each person's answers (`chosen`: one column for each item and point) at each place of the grid."""
    return chosen @ np.log(tabulate_chances(thresholds, items)).reshape(chosen.shape[1], -1)


def sum_people(logs: np.ndarray, spread: float) -> float:
    """Log-likelihood of everybody, with people normally distributed around the middle of the grid."""
    top = logs.max(axis=1)
    return float((np.log(np.exp(logs - top[:, None]) @ weigh_places(spread)[:, len(GRID) // 2] + 1e-300) + top).sum())


def fit_answers(scores: pd.DataFrame) -> Fit:
    """Find the thresholds, items and spread of people that fit best.

    `scores` come from `widen_answers`, for people with an answer, and contain at least two different points of the scale.
    """
    from scipy.optimize import minimize

    pattern, values = scores.groupby(list(scores), sort=False, dropna=False).ngroup(), scores.drop_duplicates().to_numpy()
    points = np.unique(values[~np.isnan(values)])
    chosen = (values[:, :, None] == points).reshape(len(values), -1).astype(float)
    fitted, last = chosen[pattern[:: len(pattern) // ENOUGH + 1]], len(points) - 1

    def unpack(found: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
        return np.concatenate([found[:1], np.exp(found[1:last])]).cumsum(), found[last:-1], float(np.exp(found[-1]))

    def lose(found: np.ndarray) -> float:
        thresholds, items, spread = unpack(found)
        prior = (items**2).sum() / ITEM_SPREAD**2 + ((found[-1] - np.log(PEOPLE_SPREAD)) / PEOPLE_WIDTH) ** 2
        return prior / 2 - sum_people(sum_logs(fitted, thresholds, items), spread)

    counts = (np.bincount(pattern) @ chosen).reshape(values.shape[1], -1).sum(axis=0)
    below = counts.cumsum()[:-1] / counts.sum()
    start = 1.5 * np.log(below / (1 - below))
    start = np.concatenate([start[:1], np.log(np.diff(start)), np.zeros(values.shape[1]), [np.log(PEOPLE_SPREAD)]])
    found = minimize(lose, start, method="L-BFGS-B", bounds=[(-10, 10)] * len(start))
    thresholds, items, spread = unpack(found.x)
    logs = sum_logs(chosen, thresholds, items)
    expected = (points[:, None] * tabulate_chances(thresholds, items)).sum(axis=1).mean(axis=0)
    return Fit(pattern, np.exp(logs - logs.max(axis=1, keepdims=True)), expected, spread)


def expect_groups(fit: Fit, group: pd.Series) -> pd.DataFrame:
    """`expected, low, high` of each group (the index). `group` is indexed by respondent."""
    names = list_groups(group)
    group, patterns = group.reindex(fit.pattern.index), len(fit.likelihood)
    inside = np.array([np.bincount(fit.pattern[group == name], minlength=patterns) for name in names], float)
    spreads, about = fit.spread * PEOPLE_PARTS, weigh_groups()
    people = np.stack([weigh_places(spread) for spread in spreads])
    # How likely the answers of each group are, for each spread of people and each place of the group.
    logs = np.stack([inside @ np.log(fit.likelihood @ kernel + 1e-300) for kernel in people])
    tops = logs.max(axis=2, keepdims=True)
    each = np.exp(logs - tops)
    # The same for each spread of groups and each place of the overall average; then how likely all groups are together.
    marginal = each[:, None] @ about + 1e-300
    together = np.log(marginal).sum(axis=2) + tops.sum(axis=(1, 2))[:, None, None]
    together -= (np.log(spreads / PEOPLE_SPREAD)[:, None, None] / PEOPLE_WIDTH) ** 2 / 2
    together -= (GROUP_SPREADS[:, None] / GROUP_WIDTH) ** 2 / 2
    weight = np.exp(together - together.max())
    weight = (weight / weight.sum())[:, :, None] / marginal
    mass = each * (weight @ about.swapaxes(1, 2)).sum(axis=1)
    # Each spread of people and place of a group gives a score; a group's interval cuts off the tail on either side.
    scores = (fit.scores @ people).ravel()
    order = scores.argsort()
    scores, mass = scores[order], mass.swapaxes(0, 1).reshape(len(names), -1)[:, order]
    beyond = mass.cumsum(axis=1) - mass / 2
    ends = {side: [np.interp(at, row, scores) for row in beyond] for side, at in zip(("low", "high"), TAILS, strict=True)}
    return pd.DataFrame({"expected": mass @ scores, **ends}, index=names)
