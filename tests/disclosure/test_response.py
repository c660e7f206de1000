"""What may be told of who responded."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from helpers.disclosure import response as disclosed
from helpers.disclosure.people import pool_people
from helpers.survey import response

RECEIVED = pd.DataFrame({
    "unit": response.UNITS, "responded": [9, 5], "invited": [30.0, 30.0], "response_rate": [30.0, 50 / 3],
})  # fmt: skip
ONCE, TWICE = (SimpleNamespace(survey=SimpleNamespace(files=dict.fromkeys(waves))) for waves in (["2030"], ["2030", "2031"]))


def test_responses_are_told_where_as_many_as_the_threshold_answered_an_item():
    assert disclosed.tell_received(RECEIVED, 5).frame.equals(RECEIVED)
    told = disclosed.tell_received(RECEIVED, 6)
    hidden = ["responded", "response_rate"]
    assert told.frame[hidden].isna().all(axis=None) and told.withheld[hidden].all(axis=None)
    assert told.frame["invited"].tolist() == [30, 30]  # the study's own number


def test_a_response_rate_that_is_not_defined_is_not_withheld():
    told = disclosed.tell_received(RECEIVED.assign(response_rate=np.nan), 5)
    assert not told.withheld.any(axis=None)


def count(**groupings):
    rows = [(name, f"{name}{k}", n) for name, numbers in groupings.items() for k, n in enumerate(numbers)]
    return pd.DataFrame(rows, columns=["grouping", "group", "numerator"])


def test_a_grouping_with_a_small_group_is_not_told_and_one_with_an_empty_group_is():
    groups = count(team=[9, 4], years=[9, 0, 5])
    told = disclosed.tell_groups(groups, 5)
    assert told.frame["group"].tolist() == ["years0", "years1", "years2"]
    assert disclosed.tell_groups(groups, 0).frame.equals(groups)


def test_groups_pooled_before_they_are_counted_are_told():
    team = pd.Categorical(["North"] * 9 + ["South"] * 4 + ["East"] * 2, categories=["North", "South", "East"])
    people, study = pd.DataFrame({"team": team}), SimpleNamespace(groupings={"team": SimpleNamespace(label="Team", groups={})})
    pooled = pool_people(people, study.groupings, 5)
    told = disclosed.tell_groups(response.count_groups(SimpleNamespace(survey=study), pooled), 5)
    assert told.frame["numerator"].tolist() == [9, 6] and told.frame["denominator"].tolist() == [15, 15]


def test_those_invited_are_told_of_in_a_survey_held_once_where_no_group_is_small():
    invited = count(team=[9, 4], years=[9, 0]).rename(columns={"numerator": "responded"})
    invited["invited"] = [20.0, 20.0, 30.0, np.nan]
    told = disclosed.tell_invited(invited, ONCE, 5)
    assert told.frame["group"].tolist() == ["years0", "years1"]
    assert not told.withheld.any(axis=None)  # that no number invited is given is no secret
    assert disclosed.tell_invited(invited, TWICE, 5).frame.empty
    assert len(disclosed.tell_invited(invited, TWICE, 0).frame) == 4


@pytest.mark.parametrize("threshold", [0, 5])
def test_completion_withholds_counts_under_the_threshold_and_what_rests_on_them(threshold):
    completion = pd.DataFrame({
        "section": list("ABCD"), "items": 3, "started": [20, 5, 4, 0], "numerator": [19, 4, 0, 0], "denominator": 20,
        "share": [95.0, 20.0, 0.0, 0.0], "low": [76.4, 8.1, 0.0, 0.0], "high": [99.1, 41.6, 16.1, 16.1], "note": "",
    })  # fmt: skip
    told = disclosed.tell_completion(completion, threshold)
    hidden = told.frame.isna()
    assert hidden.equals(told.withheld)
    assert hidden["started"].tolist() == [False, False, bool(threshold), False]
    for name in ("numerator", "share", "low", "high"):
        assert hidden[name].tolist() == [False, bool(threshold), False, False]


def test_the_share_of_nobody_does_not_tell_how_few_there_are():
    completion = pd.DataFrame({
        "section": ["A"], "items": 3, "started": 0, "numerator": 0, "denominator": 3, "share": 0.0, "low": 0.0, "high": 56.1,
        "note": "",
    })  # fmt: skip
    told = disclosed.tell_completion(completion, 5)
    assert told.frame[["denominator", "share", "low", "high"]].isna().all(axis=None)
    assert told.frame["numerator"].tolist() == [0]
