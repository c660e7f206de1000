"""Construct scores: reverse negatively worded items, take a mean that allows for items left out, and try other choices."""

import math
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from helpers.study.definition import Scale, Study
from helpers.study.errors import WorkbookError
from helpers.study.terms import ANSWERED, NOT_RELEVANT
from helpers.survey.distributions import CONFIDENCE, summarise

# Variants of scoring: one ignores how hard the unanswered items are; the other leaves out people with unanswered items.
PLAIN_MEAN, COMPLETE_ONLY = "plain mean of what was answered", "complete answers only"
# What "not relevant" counts as in a score, by the parameter `not_relevant`: nothing, or a part of the way up the scale.
IRRELEVANT = {"missing": ("as unanswered", np.nan), "midpoint": ("as the midpoint", 0.5), "lowest": ("as the lowest score", 0)}


def spread_items(responses: pd.DataFrame, values: pd.Series, items: Iterable[str]) -> pd.DataFrame:
    """The `values` of the responses: each row is one respondent, each column one item; missing where there is no response."""
    items = pd.Index(items, name="item")
    (rows, people), columns = pd.factorize(responses["respondent"]), items.get_indexer(responses["item"])
    wide, asked = np.full((len(people), len(items)), np.nan), columns >= 0
    wide[rows[asked], columns[asked]] = values[asked]
    return pd.DataFrame(wide, people.rename("respondent"), items)


def widen_answers(responses: pd.DataFrame, codebook: pd.DataFrame, scales: Mapping[str, Scale]) -> pd.DataFrame:
    """Scores: each row is one respondent, each column one item of the codebook; missing where no point was chosen.

    Negatively worded items are reversed (lowest + highest - value), so a higher score is always more favourable.
    """
    wide = spread_items(responses, responses["value"].where(responses["status"].eq(ANSWERED)), codebook["item"])
    for item, scale in codebook.loc[codebook["reversed"], ["item", "scale"]].values:
        wide[item] = scales[scale].lowest + scales[scale].highest - wide[item]
    return wide


def find_irrelevant(responses: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    """Who called which item not relevant: True or False, in the shape of `widen_answers`."""
    return spread_items(responses, responses["status"].isin(list(NOT_RELEVANT.values())), answers.columns).eq(1)


def count_irrelevant(answers: pd.DataFrame, aside: pd.DataFrame, ends: tuple[float, float], rule: str) -> pd.DataFrame:
    """Scores in which "not relevant" (`find_irrelevant`) counts as the rule says; a key of `IRRELEVANT`."""
    lowest, highest = ends
    return answers.mask(aside, lowest + (highest - lowest) * IRRELEVANT[rule][1])


def list_constructs(codebook: pd.DataFrame, scales: Mapping[str, Scale]) -> dict[str, list[str]]:
    """The items of each construct, in questionnaire order.

    Raises a `WorkbookError` if a construct's items have scales with different ends, because their mean would be meaningless.
    """
    constructs = {name: list(items) for name, items in codebook.groupby("construct", sort=False)["item"]}
    for construct, found in codebook.groupby("construct", sort=False)["scale"]:
        ends = {(scales[scale].lowest, scales[scale].highest) for scale in found}
        if len(ends) > 1:
            raise WorkbookError(
                "codebook.csv", f"construct {construct!r}",
                "items on scales with different ends: " + ", ".join(f"{low:g}–{high:g}" for low, high in sorted(ends)),
                "one range of scores for all items of a construct",
                "divide the construct in two, or mark it `scored: false` in study.yml",
            )  # fmt: skip
    return constructs


def choose_worded(codebook: pd.DataFrame, negative_items: bool) -> pd.DataFrame:
    """The codebook's rows, all or without negatively worded items; a construct that has only these keeps them."""
    alone = codebook.groupby("construct")["reversed"].transform("all")
    return codebook if negative_items else codebook[~codebook["reversed"] | alone]


def score_constructs(
    responses: pd.DataFrame, codebook: pd.DataFrame, scales: Mapping[str, Scale], minimum_items: float = 0.75,
    not_relevant: str = "missing",
) -> pd.DataFrame:  # fmt: skip
    """Score each respondent on each construct of the codebook: the mean of its items, on the scale's range.

    For people who left items out, it is the mean that we would expect over all items; see `average_items`.

    Parameters
    ----------
    responses : DataFrame
        If it has a column `wave`, we estimate how hard items are within each wave, so that the scores of an earlier wave do
        not change when a later one is added.
    codebook : DataFrame
        Items outside it are left out; give only the items of constructs that are to be scored.
    minimum_items : float
        The share of a construct's items (0 to 1, and at least one item) that must be answered with a point of the scale. NoMAD
        has no official rule, so the analyst decides.
    not_relevant : str
        What "not relevant" counts as: "missing" (as unanswered), or a point of the scale ("midpoint", "lowest").

    Returns
    -------
    DataFrame
        `respondent, construct, score, items_scored, items_answered, items_not_relevant`; `score` is missing where too few
        items were answered; `items_answered` includes "not relevant" if that counts as a point; `items_scored` is how many
        items of the construct go into the score (see `choose_items`).

    Raises
    ------
    WorkbookError
        For a share outside 0 to 1, or a construct whose items have scales with different ends.
    """
    answers = widen_answers(responses, codebook, scales)
    aside = find_irrelevant(responses, answers)
    waves = responses.drop_duplicates("respondent").get("wave", pd.Series(0, answers.index)).to_numpy()
    ends = find_ends(codebook, scales)
    parts = []
    for construct, items in list_constructs(codebook, scales).items():
        score, scored = pd.Series(np.nan, answers.index), choose_items(answers[items], waves)
        points = count_irrelevant(answers[items], aside[items], ends[construct], not_relevant)
        for _, part in points[scored].groupby(waves):
            score[part.index] = average_items(part, ends[construct])
        score = score.where(points.notna().sum(axis=1) >= count_needed(len(items), minimum_items))
        parts.append(pd.DataFrame({
            "construct": construct, "score": score, "items_scored": len(scored),
            "items_answered": points.notna().sum(axis=1), "items_not_relevant": aside[items].sum(axis=1),
        }))  # fmt: skip
    return pd.concat(parts).rename_axis("respondent").reset_index()


def choose_items(answers: pd.DataFrame, waves: np.ndarray) -> list[str]:
    """The items that go into a construct's score. In every wave, each must have at least half as many answers as the item with
    the most: a few answers do not show how hard an item is, and the error would affect every score."""
    counts = answers.notna().groupby(waves).sum()
    return list(answers.columns[counts.ge(counts.max(axis=1) / 2, axis=0).all()])


def find_ends(codebook: pd.DataFrame, scales: Mapping[str, Scale]) -> dict[str, tuple[float, float]]:
    """The lowest and the highest score that each construct can have."""
    first = codebook.drop_duplicates("construct")[["construct", "scale"]]
    return {construct: (scales[scale].lowest, scales[scale].highest) for construct, scale in first.to_numpy()}


def count_needed(items: int, minimum_items: float) -> int:
    """How many of a construct's items must be answered for a score."""
    if not 0 <= minimum_items <= 1:
        raise WorkbookError(
            "parameters", "minimum_items", repr(minimum_items), "a share from 0 to 1", "set 0.75 for three items of four"
        )
    # 0.28 of 25 items is 7, and must not become 8 because of the last binary digit.
    return max(1, math.ceil(items * minimum_items - 1e-9))


def average_items(scores: pd.DataFrame, ends: tuple[float, float] | None) -> pd.Series:
    """Mean of a construct's items for each respondent; missing where none of them was answered.

    With the `ends` of the scale, the mean allows for how high others answer the items left out. Otherwise leaving out a hard
    item would raise a mean, and groups with different relevant items would differ for that reason alone. It is the respondent's
    effect plus the items' mean effect, by least squares over the answers given (person + item, without interaction), kept
    inside the scale. Items and respondents that no answers link are not compared.
    """
    given = scores.notna().to_numpy(float)
    answered = given.sum(axis=1)
    means = scores.mean(axis=1)
    if ends is not None:
        of_each = given / np.maximum(answered, 1)[:, None]
        information = np.diag(given.sum(axis=0)) - given.T @ of_each
        above = scores.sum().to_numpy() - given.T @ means.fillna(0).to_numpy()
        easiness = np.linalg.pinv(information, rcond=1e-9, hermitian=True) @ above
        means = means.where(answered == scores.shape[1], (means - of_each @ easiness).clip(*ends))
    return means


# What we assume about the spread of scores before we see any: a third of the most that their mean allows, with the weight of
# a tenth of a respondent's whole scale. Chosen by simulation; see tests/benchmarks/bench_scores.py.
USUAL_SPREAD, WEIGHT = 1 / 3, 0.1


def describe_scores(scores: pd.DataFrame, study: Study | None = None) -> pd.DataFrame:
    """Summarise construct scores over all respondents.

    Returns
    -------
    DataFrame
        `construct, n, median, q1, q3, mean, low, high, note`. `n` counts respondents with a score. `low` and `high` bound the
        mean (95%; see `bound_means`), using the ends of the study's scales or, without a study, those in the frame.
    """
    values = scores.groupby("construct", sort=False)["score"]
    table = summarise(values).drop(columns="sd")
    known = {} if study is None else find_ends(study.scored_items, study.scales)
    ends = [known.get(construct, (scores["score"].min(), scores["score"].max())) for construct in table.index]
    bounds = bound_means(table["n"], table["mean"], values.var(ddof=0) * table["n"], *np.array(ends, float).reshape(-1, 2).T)
    note = table["n"].map({0: "[not defined: nobody has a score]", 1: "[not defined: one score has no interval]"})
    note = note.mask(note.isna() & bounds["low"].isna(), "[not defined: all scores are the same, and the scale is not known]")
    return table.join(bounds).assign(note=note.fillna("")).reset_index()


def bound_means(n: pd.Series, mean: pd.Series, deviance: pd.Series, lowest: np.ndarray, highest: np.ndarray) -> pd.DataFrame:
    """95% interval, `low` and `high`, of the mean of scores that have a lowest and a highest possible value.

    We treat the mean as a share of the scale and use Wilson's interval, with Student's t and an effective number of scores. The
    spread of scores is measured as a part of the most that their mean allows, and moved a little toward the usual spread. So
    the interval stays inside the scale and has a width even if all scores are the same. Missing for fewer than two scores.

    `deviance` is the sum of squared differences from the mean. Effective size: Franco et al. 2019, see `wilson_interval`.
    """
    from scipy.stats import t

    width = pd.Series(highest - lowest, n.index)
    width = width.where((n > 1) & (width > 0))
    share = (mean - lowest) / width
    most = share * (1 - share)
    spread = (deviance / width**2 + WEIGHT * USUAL_SPREAD) / ((n - 1) * most + WEIGHT)
    # The more of the spread we assume to be known, the closer t is to the normal distribution.
    freedom = n - 1 + WEIGHT / most.clip(lower=1e-9)
    reach = t.ppf((1 + CONFIDENCE) / 2, freedom) ** 2 * spread.clip(upper=1) / n
    middle, half = share + reach / 2, np.sqrt(reach * most + reach**2 / 4)
    ends = {"low": (middle - half) / (1 + reach), "high": (middle + half) / (1 + reach)}
    bounds = pd.DataFrame({name: lowest + width * end.clip(0, 1) for name, end in ends.items()})
    # At an end of the scale, rounding may put the bound just on the wrong side of the mean.
    return bounds.assign(low=bounds["low"].clip(upper=mean), high=bounds["high"].clip(lower=mean))


def vary_scoring(
    responses: pd.DataFrame, codebook: pd.DataFrame, scales: Mapping[str, Scale], minimum_items: float = 0.75,
    not_relevant: str = "missing",
) -> pd.DataFrame:  # fmt: skip
    """How far each construct's mean depends on the analyst's choices, one choice changed at a time.

    Returns
    -------
    DataFrame
        `construct, choice, variant, n, mean, difference`. The first row of a construct is the reported score; `difference` is
        the mean minus the reported one. Choices: unanswered items (a plain mean, or complete answers only); the minimum-items
        rule; "not relevant" as unanswered, as the scale's midpoint, or as its least favourable point, without the reported one;
        negatively worded items not reversed, or left out, if there are any.
    """
    answers = widen_answers(responses, codebook, scales)
    unturned = widen_answers(responses, codebook.assign(reversed=False), scales)
    aside, ends = find_irrelevant(responses, answers), find_ends(codebook, scales)
    turned, rows = codebook.loc[codebook["reversed"], "item"], []
    for construct, items in list_constructs(codebook, scales).items():
        scored = choose_items(answers[items], np.zeros(len(answers)))
        points = {rule: count_irrelevant(answers[items], aside[items], ends[construct], rule) for rule in IRRELEVANT}
        reported = points[not_relevant]
        variants = [
            ("as reported", "as reported", reported, minimum_items),
            ("left out", PLAIN_MEAN, reported, minimum_items),
            ("left out", COMPLETE_ONLY, reported, 1),
            ("minimum items", "one item is enough", reported, 0),
            ("minimum items", "half of the items", reported, 0.5),
        ]
        others = {rule: name for rule, (name, _) in IRRELEVANT.items() if rule != not_relevant}
        variants += [("not relevant", name, points[rule], minimum_items) for rule, name in others.items()]
        if negative := list(turned[turned.isin(scored)]):
            same = count_irrelevant(unturned[items], aside[items], ends[construct], not_relevant)
            variants += [
                ("negative item", "not reversed", same, minimum_items),
                ("negative item", "left out", reported.drop(columns=negative), minimum_items),
            ]
        for choice, variant, counted, least in variants:
            kept = [item for item in counted if item in scored]
            score = average_items(counted[kept], None if variant == PLAIN_MEAN else ends[construct])
            score = score.where(counted.notna().sum(axis=1) >= count_needed(counted.shape[1], least))
            rows.append((construct, choice, variant, score.count(), score.mean()))
    table = pd.DataFrame(rows, columns=["construct", "choice", "variant", "n", "mean"])
    return table.assign(difference=table["mean"] - table.groupby("construct")["mean"].transform(lambda means: means.iloc[0]))
