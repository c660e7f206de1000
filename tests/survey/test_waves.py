"""Changes between waves against coin, scipy, a published example and enumeration by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.survey import waves


def make_waves(before: dict[str, float], after: dict[str, float]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores of people by their key; a key that begins with ? is none, and an apostrophe repeats one."""
    rows = [("2024", key, score) for key, score in before.items()] + [("2025", key, s) for key, s in after.items()]
    names = [f"R{number:02}" for number in range(len(rows))]
    scores = pd.DataFrame({"respondent": names, "construct": "coherence", "score": [float(row[2]) for row in rows]})
    links = [key.rstrip("'") if not key.startswith("?") else None for _, key, _ in rows]
    return scores, pd.DataFrame({"respondent": names, "wave": [row[0] for row in rows], "link": links})


def compare(before: dict[str, float], after: dict[str, float], **options) -> pd.Series:
    return waves.compare_waves(*make_waves(before, after), "2024", "2025", **options).iloc[0]


def lay_out(before: list, after: list, both: list) -> tuple[pd.Series, pd.Series]:
    """Scores of those found only before, only after, and (in pairs) in both, on one index."""
    first = [*before, *[np.nan] * len(after), *(pair[0] for pair in both)]
    return pd.Series(first, dtype=float), pd.Series([*[np.nan] * len(before), *after, *(pair[1] for pair in both)], dtype=float)


BEFORE = [3, 3.25, 4, 2.5, 3.5, 3.75, 2.75, 4, 3, 3.5]
AFTER = [3.5, 3.25, 4.25, 3.5, 3.25, 4.5, 3.25, 4.75, 2.75, 4]
KEYS = [f"k{number}" for number in range(10)]


# --- people found in both waves


def test_signed_ranks_of_linked_people_count_those_who_did_not_change():
    # Pratt's ranks of the changes 0, ±.25 (3), .5 (3), .75 (2), 1: 1, 3, 6, 8.5, 10. Positive: 3 + 18 + 17 + 10 = 48; negative:
    # 6. Of the 512 signs of the nine that moved, 10 give 6 or less (none; one of three 3s; one of three 6s; two 3s), and as
    # many 48 or more: p = 20/512. scipy 1.17, wilcoxon(zero_method="pratt", method=PermutationMethod(inf)), says the same.
    row = compare(dict(zip(KEYS, BEFORE, strict=True)), dict(zip(KEYS[::-1], AFTER[::-1], strict=True)))
    assert row["statistic"] == 48
    assert row["p"] == pytest.approx(20 / 512)
    assert row[["pairs", "rose", "fell", "same"]].tolist() == [10, 7, 2, 1]
    assert row["effect"] == pytest.approx((7 - 2) / 10)


def test_the_effect_is_of_all_linked_people_and_not_of_those_who_moved():
    # 20 pairs, of which 6 rose and 2 fell: 4 of 20, not 4 of 8.
    keys = [f"k{k}" for k in range(20)]
    row = compare(dict.fromkeys(keys, 3), dict(zip(keys, [4] * 6 + [2] * 2 + [3] * 12, strict=True)))
    assert row[["pairs", "rose", "fell", "same"]].tolist() == [20, 6, 2, 12]
    assert row["effect"] == pytest.approx(0.2)


def test_without_unchanged_people_the_test_is_wilcoxons():
    # coin 1.4.2: wilcoxsign_test(after ~ before, distribution = "exact", zero.method = "Wilcoxon"), p = 0.02734375;
    # stats::wilcox.test(paired = TRUE): V = 41.
    moved = [pair for pair in zip(BEFORE, AFTER, strict=True) if pair[0] != pair[1]]
    found = waves.permute_waves(*lay_out([], [], moved), 10_000, 1)
    assert found == (41, pytest.approx(0.02734375))


def test_signs_are_counted_or_drawn_at_random(monkeypatch):
    moved = [pair for pair in zip(BEFORE, AFTER, strict=True) if pair[0] != pair[1]]
    # R 4.2.2: coin's wilcoxsign_test on the same pairs taken twice, distribution = "exact": p = 0.0007553.
    counted = waves.permute_waves(*lay_out([], [], moved * 2), 10_000, seed=1)
    assert counted[1] == pytest.approx(0.0007553, abs=5e-8)
    monkeypatch.setattr(waves, "MOST_EXACT", 0)
    drawn = waves.permute_waves(*lay_out([], [], moved * 2), 10_000, seed=1)
    assert counted[1] != drawn[1] == pytest.approx(0.0007553, abs=0.0011)


# --- people found in one wave, or some in both


def test_waves_of_different_people_are_compared_by_mann_and_whitneys_test():
    # scipy 1.17: mannwhitneyu(after, before, method="exact") gives U = 12, p = 2/35.
    row = compare({"a": 3, "b": 3.5, "c": 4}, {"d": 4.5, "e": 5, "f": 4.25, "g": 4.75})
    assert (row["statistic"], row["pairs"]) == (12, 0)
    assert row["p"] == pytest.approx(2 / 35)
    assert math.isnan(row["effect"])


PARTLY = lay_out([2], [3, 4], [(1, 2), (1, 3), (2, 2)])


def test_people_in_both_waves_and_in_one_are_one_test():
    # By hand: ranks of the changes 1, 2, 0 are 2, 3, 1, and both rose: 5. Of the others 2 of 2 pairs rose: 7 in all, where 3.5
    # is expected. Signs give 0, 2, 3 or 5, the three divisions of 2, 3 and 4 give 0, 1 or 2: of these 12 sums two (7 and 0)
    # are as far from 3.5.
    assert waves.permute_waves(*PARTLY, 10_000, 1) == (7, pytest.approx(2 / 12))


def test_divisions_are_counted_or_drawn_at_random():
    people = lay_out([2, 3, 1, 3, 2, 4], [3, 2, 4, 3, 2, 5], [(1, 2), (2, 1), (1, 2)])
    # 924 divisions of twelve others: all of them, against 800 at random.
    exact, drawn = (waves.permute_waves(*people, number, 1)[1] for number in (10_000, 800))
    assert exact != drawn == pytest.approx(exact, abs=0.05) and 0.1 < exact < 0.9


def test_answers_of_two_kinds_are_compared_exactly_as_by_mcnemar_and_fisher():
    # McNemar's exact test of nine who turned, one of them back: scipy 1.17, binomtest(1, 9).
    _, turned = waves.permute_waves(*lay_out([], [], [(0, 1)] * 8 + [(1, 0)] + [(1, 1)] * 30), 10, 1)
    assert turned == pytest.approx(stats.binomtest(1, 9).pvalue)
    _, apart = waves.permute_waves(*lay_out([0] * 30 + [1] * 10, [0] * 15 + [1] * 15, []), 10, 1)
    # 10 of the 25 ones are in the earlier wave, where 14.3 are expected: 10 or fewer, 19 or more (scipy 1.17, hypergeom).
    ones = stats.hypergeom(70, 25, 40)
    assert apart == pytest.approx(ones.cdf(10) + ones.sf(18))


def test_others_found_in_one_wave_alone_add_no_evidence():
    _, alone = waves.permute_waves(*lay_out([], [], [(1, 2), (1, 3), (2, 2)]), 10_000, 1)
    assert waves.permute_waves(*lay_out([], [5, 5], [(1, 2), (1, 3), (2, 2)]), 10_000, 1)[1] == alone == 0.5


def test_the_error_of_a_change_agrees_with_a_published_example():
    # Derrick, Toher & White 2017, Quant Methods Psychol 13:120–126: 8 people in each sample alone and 8 in both, p = .026.
    a, b = [20, 21, 16, 18, 14, 12, 14, 17], [10, 16, 18, 16, 15, 14, 13, 10]
    both = list(zip([14, 15, 18, 20, 11, 19, 14, 15], [15, 10, 15, 17, 13, 19, 12, 13], strict=True))
    before, after = lay_out(a, b, both)
    error, df = waves.find_error(before, after)
    assert 2 * stats.t.sf((before.mean() - after.mean()) / error, df) == pytest.approx(0.026, abs=0.0005)
    found = waves.estimate_change(before, after)
    assert found.value == pytest.approx(-2) and found.high < 0


def test_the_interval_is_the_paired_t_with_everybody_in_both_waves_and_welchs_with_nobody():
    paired = waves.estimate_change(pd.Series(BEFORE), pd.Series(AFTER))
    assert [paired.low, paired.high] == pytest.approx(list(stats.ttest_rel(AFTER, BEFORE).confidence_interval()))
    apart = waves.estimate_change(*lay_out(BEFORE[:6], AFTER, []))
    expected = stats.ttest_ind(AFTER, BEFORE[:6], equal_var=False).confidence_interval()
    assert [apart.low, apart.high] == pytest.approx(list(expected))


# --- keys, and what cannot be compared


def test_people_without_a_key_count_as_found_in_one_wave():
    row = compare({"a": 3, "b": 3, "?1": 4}, {"a": 4, "c": 5})
    assert row[["n_earlier", "n_later", "pairs", "rose"]].tolist() == [3, 2, 1, 1]
    assert row["mean_earlier"] == pytest.approx(10 / 3) and row["change"] == pytest.approx(4.5 - 10 / 3)


def test_a_key_that_stands_twice_in_a_wave_links_nobody_and_leaves_nobody_out():
    row = compare({"a": 3, "a'": 2, "b": 3}, {"a": 4, "b": 5})
    assert row[["pairs", "n_earlier", "n_later"]].tolist() == [1, 3, 2]
    assert "2 whose key appears twice in a wave counted as different people" in row["note"]


def test_a_study_without_keys_is_compared_as_different_people():
    scores, respondents = make_waves({"a": 3, "b": 3.5}, {"a": 4, "b": 5})
    row = waves.compare_waves(scores, respondents.drop(columns="link"), "2024", "2025").iloc[0]
    assert row["pairs"] == 0 and row["p"] == pytest.approx(2 / 6)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ({"a": 3}, {}, "nobody has a score in 2025"),
        ({"a": 3, "b": 4}, {"a": 3, "b": 4}, "nobody found in both waves changed"),
        ({"a": 3, "b": 3}, {"c": 3}, "everybody has the same score"),
    ],
)
def test_waves_that_cannot_be_compared_are_explained(before, after, reason):
    row = compare(before, after)
    assert row["note"] == f"[not defined: {reason}]"
    assert row[["statistic", "p"]].isna().all()


def test_a_wave_of_one_and_a_change_without_variation_have_no_interval():
    assert "fewer than two people" in compare({"a": 3}, {"a": 4, "b": 5})["note"]
    alike = compare({"a": 3, "b": 3, "c": 3}, {"a": 4, "b": 4, "c": 4})
    assert "all changes, are the same" in alike["note"] and alike["change"] == 1 and alike["p"] == 0.25


# --- who moved from where to where


def test_people_found_in_both_waves_are_counted_by_the_thirds_they_came_from_and_went_to():
    # Thirds of 1 to 5 end at 2.33 and 3.67; a score of 7/3 is in the lower one, and who is in one wave alone in none.
    people = pd.DataFrame({"before": [1, 7 / 3, 3, 3, np.nan, 5], "after": [1, 3, 5, 3, 4, np.nan]})
    moves = waves.count_transitions(people, 1, 5).set_index(["before", "after"])
    assert moves["numerator"].to_dict() == {
        ("lower third", "lower third"): 1, ("lower third", "middle third"): 1, ("lower third", "upper third"): 0,
        ("middle third", "lower third"): 0, ("middle third", "middle third"): 1, ("middle third", "upper third"): 1,
    }  # fmt: skip
    assert moves["denominator"].eq(2).all()
    assert waves.count_transitions(people[4:], 1, 5).empty
