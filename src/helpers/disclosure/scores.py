"""What may be told about construct scores: means, the verdicts of tests, waves.

A mean is a sum over the answers to all items of the construct, so it can give away withheld answers. If people left items
out, an answer to an item counts more the fewer people answered it: if all of them had chosen one point more, the mean would
rise by 1 / items, however few they are.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.disclosure import releases, suppression
from helpers.disclosure.survey import SURVEY, protect_bands
from helpers.disclosure.told import Told, tell
from helpers.joint import in_declared_order
from helpers.study.definition import Scale, Study
from helpers.study.terms import ANSWERED
from helpers.survey import cleaning, comparisons, distributions, scoring, waves

NOTE_ON_INTERVALS = "An interval is given only where no answer to a construct's items is withheld."
FIGURES = ["mean", "low", "high"]
# Half a unit of the last decimal in which a mean is told.
HALF = 0.005


def tell_scores(scores: pd.DataFrame, responses: pd.DataFrame, people: pd.DataFrame, study: Study, threshold: int) -> Told:
    """Scores of `people` (`respondent`), by construct, as far as they may be told beside the same people's answers.

    `scores` and `responses` are of all respondents. The columns are those of `scoring.describe_scores`; if anything is
    withheld, `construct, mean, low, high`, to two decimals, `low` and `high` only if any is told. Medians and quartiles are
    the scores of one or two people, and the number with a score shows how many did not choose a point of the scale.
    """
    if threshold <= 1:
        return tell(scoring.describe_scores(cleaning.keep_people(scores, people), study), threshold)
    told = describe_told(scores, responses, people, study, threshold)
    return settle_scores(told, scores, responses, people, study, threshold)


def settle_scores(
    told: Told, scores: pd.DataFrame, responses: pd.DataFrame, people: pd.DataFrame, study: Study, threshold: int
) -> Told:  # fmt: skip
    """Means protected together with earlier releases: those of the people who joined since must be safe to show alone."""

    def refuse_new(kept: Told, before: Told, earlier: releases.Earlier) -> Told | None:
        if earlier.same:
            return kept
        alone = describe_told(scores, responses, people[people["respondent"].isin(earlier.new)], study, threshold)
        alone = releases.keep_told(kept, alone, equal=False)
        return None if earlier.gone or alone.withheld.sum(axis=None) > kept.withheld.sum(axis=None) else kept

    told = hide_means(told, releases.find_still(threshold, SURVEY))
    return releases.settle(told, threshold, "scores", SURVEY, by="construct", narrow=refuse_new)


def hide_means(told: Told, constructs: list[str]) -> Told:
    return releases.hide(told, pd.DataFrame(dict.fromkeys(FIGURES, told.frame["construct"].isin(constructs))))


def describe_told(scores: pd.DataFrame, responses: pd.DataFrame, people: pd.DataFrame, study: Study, threshold: int) -> Told:
    """The frame of `tell_scores` for a funder, as if nothing had been told before."""
    described = scoring.describe_scores(cleaning.keep_people(scores, people), study)
    answers = cleaning.keep_people(responses, people)
    counts = distributions.count_responses(answers, study.codebook, study.scales)
    bands = protect_bands(distributions.count_bands(answers, study.codebook, study.scales), threshold)
    shown = protect_means(described, counts, bands, study, threshold)
    # We do not work out what a mean tells about answers if it rests on only some items, or on "not relevant" too.
    some = scores["items_scored"] < scores["construct"].map(study.codebook["construct"].value_counts())
    chosen = responses.loc[responses["status"].eq(ANSWERED), "item"].map(study.items["construct"]).value_counts()
    counted = scores.groupby("construct")["items_answered"].sum()
    more = counted.index[counted > counted.index.map(chosen).fillna(0)]
    shown.loc[shown["construct"].isin([*scores.loc[some, "construct"], *more]), FIGURES] = np.nan
    return tell_means(shown, threshold)


def tell_means(means: pd.DataFrame, threshold: int) -> Told:
    """Means rounded as a table prints them, since a drawing's coordinates tell more; without intervals if none is told."""
    rounded = means.round(dict.fromkeys(FIGURES, 2))
    told = rounded.drop(columns=["low", "high"]) if rounded["low"].isna().all() else rounded
    return tell(told, threshold, NOTE_ON_INTERVALS)


def tell_comparisons(found: pd.DataFrame, means: Told, threshold: int) -> Told:
    """Comparisons of groups; for a funder only `grouping, construct, test, under_05`.

    Effects and p-values can give away one or two people. The tests are the team's own, over the team's groups, so that all
    readers see the same verdict; only those of constructs whose mean may be told beside the same people's answers. A test that
    is not defined counts as one that found nothing, so that nobody is told that all scores are alike.
    """
    if threshold <= 1:
        return tell(found, threshold)
    judged = found.assign(under_05=found["p_holm"].lt(0.05))
    known = means.frame.loc[means.frame["mean"].notna(), "construct"]
    told = tell(judged.loc[judged["construct"].isin(known), ["grouping", "construct", "test", "under_05"]], threshold)
    return releases.settle(told, threshold, "comparisons", SURVEY, narrow=releases.accept)


def tell_changes(
    found: pd.DataFrame, scores: pd.DataFrame, responses: pd.DataFrame, respondents: pd.DataFrame, study: Study, threshold: int
) -> Told:
    """Comparisons of waves (`comparisons.compare_every_wave`): for a funder `earlier, later, construct, under_05`.

    It has only constructs whose mean, over all who answered in either wave, may be told.
    """
    if threshold <= 1:
        return tell(found, threshold)
    known = []
    for earlier, later in comparisons.list_wave_pairs(study):
        both = respondents[respondents["wave"].isin([earlier, later])]
        means = describe_told(scores, responses, both, study, threshold).frame
        known += [(earlier, later, construct) for construct in means.loc[means["mean"].notna(), "construct"]]
    columns = ["earlier", "later", "construct"]
    judged = found[columns].assign(under_05=found["p_holm"].lt(0.05))
    told = tell(judged.merge(pd.DataFrame(known, columns=columns, dtype=object), on=columns), threshold)
    return releases.settle(told, threshold, "changes", SURVEY, narrow=releases.accept)


def tell_waves(scores: pd.DataFrame, responses: pd.DataFrame, respondents: pd.DataFrame, study: Study, threshold: int) -> Told:
    """Scores of each wave if there are several, by construct: `wave` and the columns of `tell_scores`.

    For a funder the mean of a wave is withheld if only a few of the people found in it and in a later one changed: the
    difference of two means would count them.
    """
    names, parts = list(study.survey.files), []
    for place, wave in enumerate(names):
        people = respondents[respondents["wave"] == wave]
        if threshold <= 1:
            parts.append(tell_scores(scores, responses, people, study, threshold).frame.assign(wave=wave))
            continue
        told = describe_told(scores, responses, people, study, threshold)
        for later in names[place + 1 :]:
            linked = {key: people.dropna() for key, people in waves.match_waves(scores, respondents, wave, later).items()}
            moved = {key: both["after"].sub(both["before"]).abs().gt(1e-9).sum() for key, both in linked.items() if len(both)}
            told = hide_means(told, [key for key, number in moved.items() if number < threshold])
        rules = threshold.showing(wave) if isinstance(threshold, releases.Rules) else threshold
        settled = settle_scores(told, scores, responses, people, study, rules)
        parts.append(settled.frame.assign(wave=wave))
    table = in_declared_order(pd.concat(parts)[: None if len(names) > 1 else 0], study)
    return tell(table[list(dict.fromkeys(["construct", "wave", *table]))], threshold)


def protect_means(
    described: pd.DataFrame, counts: pd.DataFrame, protected: pd.DataFrame, study: Study, threshold: int
) -> pd.DataFrame:  # fmt: skip
    """Withhold the mean score of a construct if it would help to work out withheld counts of its items.

    It is told only if every withheld count of its items keeps `threshold` possible values; see `keeps_secret`. It is not told
    for a construct of one item, if fewer than `threshold` people have a score, or if all people together are less than
    `threshold` points from an end of the scale. An interval shows how much scores differ, which may be possible in only one
    way: it is told only if every count of the items is.

    `described` is from `scoring.describe_scores`, over everybody, `counts` from `distributions.count_responses` and `protected`
    from `protect_bands`; `threshold` is 2 or more. The result is `construct, mean, low, high`, missing where withheld.
    """
    shown = described[["construct", *FIGURES]].copy()
    for row in described.itertuples():
        items = study.codebook[study.codebook["construct"] == row.construct]
        scale = study.scales[items["scale"].iloc[0]]
        room = min(row.mean - scale.lowest, scale.highest - row.mean) if row.n else 0
        # The mean of a single item shows how its bands divide into single answers.
        telling = len(items) == 1 or row.n < threshold or row.n * room < threshold
        if telling or not keeps_secret(items, counts, protected, study.scales, threshold, row.mean):
            shown.loc[row.Index, FIGURES] = np.nan
        elif protected.loc[protected["item"].isin(items["item"]), "numerator"].isna().any():
            shown.loc[row.Index, ["low", "high"]] = np.nan
    return shown


def keeps_secret(
    items: pd.DataFrame, counts: pd.DataFrame, protected: pd.DataFrame, scales: Mapping[str, Scale], threshold: int, mean: float
) -> bool:
    """Whether every withheld count of these items keeps `threshold` possible values beside their mean score.

    If equally many people chose a point of each item, we assume that a reader knows the exact sum of all answers; otherwise
    the sum of the items' means, as far as the rounded mean tells it.
    """
    answers = distributions.list_options(items, scales).merge(counts[["item", "response", "numerator"]])
    cells, sums, hidden, relevant = [], [], [], []
    for item in items.itertuples():
        scale = scales[item.scale]
        points = {point.label: point.value for point in scale.responses}
        if item.reversed:
            points = {label: scale.lowest + scale.highest - value for label, value in points.items()}
        bands, parts = protected[protected["item"] == item.item], []
        for band in bands.itertuples():
            # Each band, followed by its single answers, which are never told.
            inside = answers[(answers["item"] == item.item) & (answers["band"] == band.band)]
            parts.append(len(cells))
            cells.append((inside["numerator"].sum(), band.least, band.most, 0))
            sums.append((parts[-1], list(range(len(cells), len(cells) + len(inside)))))
            single = zip(inside["numerator"], inside["response"], strict=True)
            cells += [(count, np.nan, np.nan, points.get(response, 0)) for count, response in single]
            hidden += [] if band.least == band.most else [parts[-1]]
        told = bands["denominator"].iloc[0]
        sums.append((len(cells), parts))
        cells.append((sum(cells[part][0] for part in parts), told, told if pd.notna(told) else threshold - 1, 0))
        chosen = answers.loc[(answers["item"] == item.item) & answers["relevant"], "numerator"].sum()
        relevant += [max(1, chosen)] * (len(cells) - len(relevant))
    frame = pd.DataFrame(cells, columns=["numerator", "least", "most", "points"])
    links, room = np.zeros((len(sums) + 1, len(cells))), np.zeros(len(sums) + 1)
    for link, (total, parts) in zip(links, sums, strict=False):
        link[parts], link[total] = 1, -1
    links[-1] = frame["points"]
    if len(set(relevant)) > 1:
        links[-1] /= relevant
        room[-1] = len(items) * (HALF - abs(round(mean, 2) - mean))
    low = frame["least"].fillna(0) - frame["numerator"]
    high = frame["most"].fillna(suppression.NO_LIMIT) - frame["numerator"]
    return suppression.keep_values(links, low.to_numpy(), high.to_numpy(), hidden, threshold, room)
