"""What may be told about who responded."""

from functools import partial

import numpy as np
import pandas as pd

from helpers.disclosure import releases, rounding
from helpers.disclosure.survey import SURVEY
from helpers.disclosure.told import Told, tell
from helpers.study.definition import Study


def tell_received(received: pd.DataFrame, threshold: int) -> Told:
    """How many responded, and the response rate (`response.describe_response`), where at least `threshold` people did."""
    figures = ["responded", "response_rate"]
    told = received.assign(**dict.fromkeys(figures, np.nan)) if received["responded"].min() < threshold else received
    return releases.settle(tell(told, threshold, before=received), threshold, "received", SURVEY)


def tell_groups(groups: pd.DataFrame, threshold: int) -> Told:
    """Respondents by group (`response.count_groups`), for groupings in which every group has nobody or at least `threshold`.

    For a funder `people.pool_people` merges small groups first, so that none is left out.
    """
    return settle_groups(groups, "numerator", "groups", threshold)


def tell_invited(invited: pd.DataFrame, study: Study, threshold: int) -> Told:
    """Respondents beside those invited (`response.compare_every_margin`), for groupings as in `tell_groups`.

    Groups cannot be merged here as elsewhere, since the numbers invited are given by group. If a study has several waves
    nothing is told: the tables of two waves would give away each other's counts.
    """
    once = threshold <= 1 or len(study.survey.files) == 1
    return settle_groups(invited if once else invited[:0], "responded", "invited", threshold)


def settle_groups(groups: pd.DataFrame, column: str, name: str, threshold: int) -> Told:
    """Groups protected together with earlier releases; a grouping with a count that may not be shown is left out."""
    groups = drop_telling(groups, column, threshold)
    told = releases.settle(
        tell(groups, threshold, before=groups), threshold, name, SURVEY, by="grouping",
        narrow=partial(releases.refuse_groups, column=column, threshold=threshold),
        round_to=partial(rounding.round_groups, column=column),
    )  # fmt: skip
    lost = told.withheld[column].groupby(told.frame["grouping"], observed=True).transform("any").astype(bool)
    return told.keep(lambda frame: ~lost)


def drop_telling(rows: pd.DataFrame, column: str, threshold: int) -> pd.DataFrame:
    """Without the groupings that count a group of fewer than `threshold` people: the rest of a sum would give it away."""
    few = rows[column].between(1, threshold - 1).groupby(rows["grouping"]).transform("any")
    return rows[~few.astype(bool)]


def tell_completion(completion: pd.DataFrame, threshold: int) -> Told:
    """How far respondents got (`response.describe_completion`); a number of fewer than `threshold` people is withheld."""
    counts = completion[["started", "numerator", "denominator"]]
    few = counts.apply(lambda column: column.between(1, threshold - 1))
    # A share of nobody has an interval too, which would show how many there are.
    rates = dict.fromkeys(["share", "low", "high"], few["numerator"] | few["denominator"])
    shown = {name: completion[name].mask(hidden) for name, hidden in (dict(few.items()) | rates).items()}
    told = tell(completion.assign(**shown), threshold, before=completion)
    return releases.settle(told, threshold, "completion", SURVEY, by="section")
