"""Scores and what is asked outside them, against a worked example."""

import math

import numpy as np
import pandas as pd
import pytest

from helpers.study import reading
from helpers.survey import relations

# Zar, Biostatistical Analysis: wing and tail of twelve birds, Spearman's rank correlation with ties .851.
WING = [10.4, 10.8, 11.1, 10.2, 10.3, 10.2, 10.7, 10.5, 10.8, 11.2, 10.6, 11.4]
TAIL = [7.4, 7.6, 7.9, 7.2, 7.4, 7.1, 7.4, 7.2, 7.8, 7.7, 7.8, 8.3]


@pytest.fixture
def study(project):
    """The small study, with its last item outside the scores."""
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text().replace("work: {label: Work}", "work: {label: Work, scored: false}"))
    return reading.read_study("tiny")


def relate(study, outside, score):
    people = [f"R{number}" for number in range(len(outside))]
    responses = pd.DataFrame({"respondent": people, "item": "B1", "value": outside, "status": "answered"})
    responses.loc[responses["value"].isna(), "status"] = "missing"
    scores = pd.DataFrame({"respondent": people, "construct": "sense", "score": score})
    return relations.relate_items(responses, scores, study)


def test_spearman_agrees_with_zars_example_and_its_interval_with_bonett_and_wright_by_hand(study):
    # B1 is worded negatively, so its answers are turned round: 4 - value.
    found = relate(study, [4 - value for value in WING], TAIL).iloc[0]
    assert found[["item", "construct", "n"]].tolist() == ["B1", "sense", 12]
    assert found["rho"] == pytest.approx(0.851, abs=0.0005)
    # atanh .851 = 1.2599; sqrt((1 + .851^2 / 2) / 9) = .38905, by 1.96 = .76254: .4974 and 2.0224.
    assert found[["low", "high"]].tolist() == pytest.approx([math.tanh(0.4974), math.tanh(2.0224)], abs=0.001)
    # Zar's table: the critical value at .001 (two-tailed) and n = 12 is .846 by t; four questions are asked of this survey.
    assert 0.0003 < found["p"] < 0.001 and found["p_holm"] == pytest.approx(4 * found["p"])


def test_pairs_are_corrected_together(study):
    scores = pd.DataFrame({"respondent": [f"R{n}" for n in range(12)] * 2, "construct": ["sense"] * 12 + ["plan"] * 12})
    scores["score"] = TAIL + TAIL[::-1]
    responses = pd.DataFrame({"respondent": [f"R{n}" for n in range(12)], "item": "B1", "value": WING, "status": "answered"})
    table = relations.relate_items(responses, scores, study).set_index("construct")
    small, large = table.loc["sense", "p"], table.loc["plan", "p"]
    assert small < large
    assert table.loc["sense", "p_holm"] == pytest.approx(2 * 4 * small)
    assert table.loc["plan", "p_holm"] == pytest.approx(min(1, 4 * max(large, 2 * small)))


@pytest.mark.parametrize(
    ("outside", "score", "note"),
    [
        ([1.0] * 3, [1.0, 2, 3], "[not defined: 3 people have both, at least 10 needed]"),
        (WING[:9] + [None] * 3, TAIL, "[not defined: 9 people have both, at least 10 needed]"),
        ([2.0] * 12, TAIL, "[not defined: everybody gave the same answer or has the same score]"),
        (WING, [3.0] * 12, "[not defined: everybody gave the same answer or has the same score]"),
    ],
)
def test_what_cannot_be_known_has_a_note_in_its_place(study, outside, score, note):
    found = relate(study, outside, score).iloc[0]
    assert found[["rho", "low", "high", "p", "p_holm"]].isna().all() and found["note"] == note


def test_a_perfect_order_has_no_interval(study):
    found = relate(study, [3.0] * 6 + [1.0] * 6, [1.0] * 6 + [2.0] * 6).iloc[0]
    assert found["rho"] == pytest.approx(1) and found[["low", "high"]].isna().all()
    assert found["note"].startswith("[interval not defined")


def test_every_order_of_more_than_255_people_has_each_of_them_once():
    orders = relations.draw_orders(300)
    assert orders.shape == (20_000, 300) and (np.sort(orders[:50]) == np.arange(300)).all() and orders.max() == 299


def test_a_survey_without_other_items_has_no_relations(project):
    study = reading.read_study("tiny")
    assert relate(study, WING, TAIL).empty
