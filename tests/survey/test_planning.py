"""The next survey planned: power and sizes against a formula by hand and simulated tests."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.survey import planning

PILOT = pd.Series([2.5, 3, 3, 3.5, 4, 4, 4.5, math.nan] * 3)


def plan_power(scores, sizes, shift, lowest, highest, tests=1, **options):
    needed = {"construct": "sense"} | planning.find_size(scores, shift, lowest, highest, tests, **options)
    return planning.plan_power(pd.DataFrame([needed]), tests, sizes)


def test_power_rises_with_size_and_shift_and_falls_with_the_number_of_tests():
    small, large = (plan_power(PILOT, [10, 40], shift, 1, 5) for shift in (0.5, 1))
    assert small["power"].is_monotonic_increasing
    assert (large["power"] > small["power"]).all()
    assert (plan_power(PILOT, [10, 40], 0.5, 1, 5, tests=40)["power"] < small["power"]).all()
    assert small["power_low"].lt(small["power"]).all() and small["power_high"].gt(small["power"]).all()


def normal_scores() -> pd.Series:
    return pd.Series(stats.norm.ppf((np.arange(1_000) + 0.5) / 1_000))


def test_power_agrees_with_the_formula_for_normal_scores():
    # Noether 1987, J Am Stat Assoc 82:645–647: with delta = .3 (P = .65) and n per group, power = Phi(|P - .5| * sqrt(6 n)
    # - 1.96); by hand for n = 60: Phi(.15 * 18.974 - 1.96) = Phi(.886) = .812.
    # P(second > first) = .65 for normal scores of variance 1 shifted by sqrt(2) * .38532 = .54493.
    row = plan_power(normal_scores(), [60], 0.54493, -9, 9, resamples=10).iloc[0]
    assert row["delta"] == pytest.approx(0.3, abs=0.001)
    assert row["power"] == pytest.approx(81.2, abs=0.1)


def test_the_size_for_a_power_of_80_agrees_with_the_formula():
    # Noether: n per group = (z_a + z_b)^2 / (6 (P - .5)^2). By hand for P = .65: (1.95996 + .84162)^2 / .135 = 58.14; with 40
    # tests, at .00125: (3.22721 + .84162)^2 / .135 = 122.6.
    for tests, size in ((1, 58.14), (40, 122.6)):
        found = planning.find_size(normal_scores(), 0.54493, -9, 9, tests, resamples=10)
        assert found["needed"] == pytest.approx(size, rel=0.002)


def test_power_with_ties_agrees_with_simulated_tests():
    scores = pd.Series([2.5, 3, 3, 3.25, 3.5, 3.5, 3.75, 4, 4, 4, 4.25, 4.5, 4.75, 5, 5])
    random, moved = np.random.default_rng(1), np.minimum(scores + 0.5, 5)
    first, second = random.choice(scores, (2_000, 30)), random.choice(moved, (2_000, 30))
    simulated = 100 * np.mean(stats.mannwhitneyu(first, second, axis=1, method="asymptotic").pvalue < 0.05)
    assert plan_power(scores, [30], 0.5, 1, 5).iloc[0]["power"] == pytest.approx(simulated, abs=5)


def test_no_size_finds_a_shift_that_changes_no_score():
    found = planning.find_size(PILOT, 0, 1, 5)
    assert math.isnan(found["needed"]) and found["note"] == "[not defined: the shift changes no score]"


def test_where_resamples_often_have_nobody_to_shift_there_is_no_range():
    # All eight resampled scores are at the top with a chance of (7/8)^8, a third.
    found = planning.find_size(pd.Series([5.0] * 7 + [4]), 0.5, 1, 5)
    assert found["needed"] > 0 and math.isnan(found["needed_low"]) and found["note"].startswith("[range not defined")


def test_fewer_people_leave_a_wider_range():
    ranges = [planning.find_size(pd.concat([PILOT.dropna()] * times), 0.5, 1, 5) for times in (1, 8)]
    few, many = (found["needed_high"] / found["needed_low"] for found in ranges)
    assert few > many > 1


@pytest.mark.parametrize(("scores", "reason"), [([], "there are no scores"), ([4.0, 4.0], "all scores are identical")])
def test_a_plan_without_variation_is_explained(scores, reason):
    found = planning.find_size(pd.Series(scores, dtype=float), 0.5, 1, 5)
    assert found["note"] == f"[not defined: {reason}]" and math.isnan(found["needed"])
    assert plan_power(pd.Series(scores, dtype=float), [10], 0.5, 1, 5).empty
