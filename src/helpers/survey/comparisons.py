"""Compare groups and waves over every grouping and pair of waves.

In these frames `grouping` is the name that readers see. Groups with fewer than `smallest` members are pooled first. What
cannot be computed is missing, and `note` says why: "[not defined: …]".
"""

from itertools import pairwise

import numpy as np
import pandas as pd

from helpers.study.definition import Study
from helpers.study.terms import ANSWERED, MISSING, STATUSES
from helpers.survey import waves
from helpers.survey.cleaning import look_up
from helpers.survey.distributions import list_groups
from helpers.survey.family import adjust_holm, count_questions
from helpers.survey.permutation import permute_jonckheere, permute_kruskal, tabulate_scores
from helpers.survey.pooling import join_groups
from helpers.survey.response import mark_favourable
from helpers.survey.scoring import find_ends

COMPARISON = ["construct", "test", "n", "groups", "effect_name", "effect", "statistic", "p", "smallest_p", "note"]


def join_every_grouping(study: Study, scores: pd.DataFrame, respondents: pd.DataFrame, smallest: int = 3) -> pd.DataFrame:
    """Each score once for every grouping, with the respondent's (pooled) group. Groups are in their declared order.

    Columns: `grouping, group, respondent, construct, score`, without missing scores or groups.
    """
    parts = []
    for name, grouping in study.survey.groupings.items():
        joined = join_groups(scores, respondents, name, smallest).dropna(subset=["group", "score"])
        parts.append(joined.sort_values("group", kind="stable").assign(grouping=grouping.label).astype({"group": str}))
    return stack(parts, ["grouping", "group", "respondent", "construct", "score"])


def compare_every_grouping(
    study: Study, scores: pd.DataFrame, respondents: pd.DataFrame, smallest: int = 3, permutations: int = 10_000, seed: int = 1
) -> pd.DataFrame:
    """Do groups differ? A test for each grouping and construct: `grouping`, the columns of `compare_groups`, and `p_holm`.

    These tests are one question: Holm's correction is over all of them, and then for the page's other questions.
    """
    parts = [
        compare_groups(scores, respondents, name, smallest, permutations, seed).assign(grouping=grouping.label)
        for name, grouping in study.survey.groupings.items()
    ]
    found = stack(parts, ["grouping", *COMPARISON])
    found.insert(found.columns.get_loc("p") + 1, "p_holm", adjust_holm(found["p"], count_questions(study)))
    return found


def compare_groups(
    scores: pd.DataFrame, respondents: pd.DataFrame, grouping: str, smallest: int = 3, permutations: int = 10_000, seed: int = 1
) -> pd.DataFrame:
    """Do groups differ? One permutation test for each construct, over the groups in one column of `respondents`.

    Where the groups have an order, the two-sided Jonckheere–Terpstra test asks whether scores rise or fall along it; where
    they have none, the Kruskal–Wallis test asks whether any group scores higher than another.

    `scores`: `respondent, construct, score`; respondents without a score or a group are left out and counted in `note`.
    `smallest`: groups with fewer respondents are pooled first; see `pool_small_groups`.

    Returns `construct, test, n, groups, effect_name, effect, statistic, p, smallest_p, note`; each row is one construct.
    `effect` is Kendall's tau-b between group and score, from -1 (scores fall from each group to the next) to 1 (they rise), or
    rank epsilon squared, H / (n - 1), from 0 (none) to 1 (Tomczak & Tomczak 2014, Trends Sport Sci 21:19–25). `statistic` is J,
    or H corrected for ties. `smallest_p` is the smallest p possible for groups of these sizes with these ties.
    """
    from scipy.stats import kendalltau

    joined = join_groups(scores, respondents, grouping, smallest)
    ordered = joined["group"].cat.ordered
    permute = permute_jonckheere if ordered else permute_kruskal
    names = ("Jonckheere–Terpstra", "tau-b") if ordered else ("Kruskal–Wallis", "epsilon squared")
    rows = []
    for construct, part in joined.groupby("construct", sort=False):
        scored = part.dropna(subset="score")
        usable = scored.dropna(subset="group")
        table = tabulate_scores(usable["score"], usable["group"])
        row = {"construct": construct, "test": names[0], "n": len(usable), "groups": len(table), "effect_name": names[1]}
        one = "there is only one group" if len(table) else "nobody has both a score and a group"
        alike = f"all {len(usable)} scores are identical" * (table.shape[1] < 2)
        reason = one if len(table) < 2 else alike
        if not reason:
            row |= vars(permute(table, permutations, seed))
            row["effect"] = row["statistic"] / (len(usable) - 1)
            if ordered:
                row["effect"] = kendalltau(usable["group"].cat.codes, usable["score"].round(9)).statistic
        left_out = len(scored) - len(usable)
        notes = [f"[not defined: {reason}]" * bool(reason), f"{left_out} without a group left out" * bool(left_out)]
        rows.append(row | {"note": "; ".join(filter(None, notes))})
    return pd.DataFrame(rows, columns=COMPARISON)


def count_every_status(study: Study, responses: pd.DataFrame, respondents: pd.DataFrame) -> pd.DataFrame:
    """Count answers, kinds of "not relevant" and gaps, for each item and each group of every grouping.

    `grouping, group, item, status, numerator, denominator`, over everybody in the group. People without a group are left out.
    """
    parts, by = [], ["group", "item", "status"]
    for name, grouping in study.survey.groupings.items():
        joined = responses.assign(group=look_up(responses, respondents, name))
        every = pd.MultiIndex.from_product([list_groups(joined["group"]), study.codebook["item"], STATUSES], names=by)
        counts = joined.groupby(by, observed=True).size().reindex(every, fill_value=0)
        counts = counts.rename("numerator").reset_index().astype({"group": str})
        asked = counts.groupby(["group", "item"])["numerator"].transform("sum")
        parts.append(counts.assign(grouping=grouping.label, denominator=asked))
    return stack(parts, ["grouping", "group", "item", "status", "numerator", "denominator"])


def add_up_statuses(statuses: pd.DataFrame) -> pd.DataFrame:
    """The statuses of `count_every_status` over all items: `numerator` of `denominator` possible answers."""
    by = ["grouping", "group", "status"]
    totals = statuses.groupby(by, sort=False)[["numerator", "denominator"]].sum().reset_index()
    return totals.assign(share=100 * totals["numerator"] / totals["denominator"])


def list_not_relevant(statuses: pd.DataFrame) -> pd.DataFrame:
    """How many answers were "not relevant", by item and group, for items that anybody called not relevant.

    `grouping, item, group, numerator, denominator`; the denominator is everybody in the group who answered the item.
    """
    given = statuses[statuses["status"] != MISSING]
    by = ["grouping", "item", "group"]
    asked = given.groupby(by, sort=False)["numerator"].sum()
    aside = given[given["status"] != ANSWERED].groupby(by, sort=False)["numerator"].sum()
    table = pd.DataFrame({"numerator": aside, "denominator": asked}).reindex(asked.index).reset_index()
    return table[table.groupby("item")["numerator"].transform("sum") > 0].reset_index(drop=True)


# --- waves ------------------------------------------------------------------------------------------------------------
def list_wave_pairs(study: Study) -> list[tuple[str, str]]:
    """Each wave with the next one and, if there are three waves or more, the first with the last."""
    names = list(study.survey.files)
    return list(pairwise(names)) + [(names[0], names[-1])] * (len(names) > 2)


def count_changes(study: Study) -> int:
    """The number by which we multiply the p-value of a construct or an unscored item: how many such tests the page makes.

    Each test has an equal share of the page's 5% in each pair of waves. A construct that changed passes its share on to its
    items, so the 5% hold for constructs and items together (Bretz et al. 2009, Stat Med 28:586–604).
    """
    tested = len(study.scored_constructs) + len(study.codebook) - len(study.scored_items)
    return len(list_wave_pairs(study)) * tested * count_questions(study)


def compare_every_wave(
    study: Study, scores: pd.DataFrame, respondents: pd.DataFrame, permutations: int = 10_000, seed: int = 1
) -> pd.DataFrame:
    """Did scores change? For each pair of waves: `earlier, later`, the columns of `waves.compare_waves`, and `p_holm`."""
    times, parts = count_changes(study), []
    widths = {key: high - low for key, (low, high) in find_ends(study.scored_items, study.scales).items()}
    for earlier, later in list_wave_pairs(study):
        found = waves.compare_waves(scores, respondents, earlier, later, permutations, seed)
        widest = found["construct"].map(widths)  # No change is larger than the scale.
        found = found.assign(low=found["low"].clip(lower=-widest), high=found["high"].clip(upper=widest))
        parts.append(found.assign(earlier=earlier, later=later, p_holm=(found["p"] * times).clip(upper=1)))
    columns = ["earlier", "later", "construct", "n_earlier", "n_later", "mean_earlier", "mean_later", "change", "low", "high"]
    return stack(parts, [*columns, "pairs", "rose", "fell", "same", "effect", "statistic", "p", "p_holm", "note"])


def compare_every_item(
    study: Study, responses: pd.DataFrame, respondents: pd.DataFrame, changes: pd.DataFrame, permutations: int = 10_000,
    seed: int = 1,
) -> pd.DataFrame:  # fmt: skip
    """Which items changed? The share of favourable answers among the relevant ones, for each pair of waves.

    We say that an item changed only if its construct did in `changes`, from `compare_every_wave`. Holm's correction is over
    the items of a construct.

    Returns
    -------
    DataFrame
        `earlier, later, construct, item, n_earlier, n_later, share_earlier, share_later, points, pairs, rose, fell, p, p_holm,
        note`. `points` is the change in the share; `rose` counts people whose answer became favourable.
    """
    pairs, times, parts = list_wave_pairs(study), count_changes(study), []
    marked = mark_favourable(responses if pairs else responses[:0], study)
    marked = marked.assign(score=100 * marked["favourable"])
    shares = {"mean_earlier": "share_earlier", "mean_later": "share_later", "change": "points"}
    for earlier, later in pairs:
        found = waves.compare_waves(marked, respondents, earlier, later, permutations, seed, by="item").rename(columns=shares)
        found = found.merge(study.codebook[["item", "construct"]]).assign(earlier=earlier, later=later)
        # The share is shown without an interval, so notes about intervals are removed.
        found["note"] = found["note"].str.replace(r"\[interval.*?\](; )?", "", regex=True)
        alone = ~found["item"].isin(study.scored_items["item"])
        own = found.groupby(found["construct"].mask(alone, found["item"]))["p"].transform(adjust_holm, times)
        gate = changes[(changes["earlier"] == earlier) & (changes["later"] == later)].set_index("construct")["p_holm"]
        parts.append(found.assign(p_holm=np.maximum(own, found["construct"].map(gate).fillna(1).mask(alone, 0))))
    columns = ["earlier", "later", "construct", "item", "n_earlier", "n_later", *shares.values()]
    return stack(parts, [*columns, "pairs", "rose", "fell", "p", "p_holm", "note"])


def count_every_transition(study: Study, scores: pd.DataFrame, respondents: pd.DataFrame) -> pd.DataFrame:
    """How many people moved between thirds? `earlier, later, construct` and the columns of `waves.count_transitions`."""
    ends = find_ends(study.scored_items, study.scales)
    parts = [
        waves.count_transitions(people, *ends[key]).assign(earlier=earlier, later=later, construct=key)
        for earlier, later in list_wave_pairs(study)
        for key, people in waves.match_waves(scores, respondents, earlier, later).items()
    ]
    return stack(parts, ["earlier", "later", "construct", "before", "after", "numerator", "denominator"])


# --- shared -----------------------------------------------------------------------------------------------------------
def stack(parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
