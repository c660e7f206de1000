"""Group comparisons against R, coin and published worked examples; bad input; properties."""

import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from helpers.study.errors import WorkbookError
from helpers.survey import permutation, pooling
from helpers.survey.family import adjust_holm
from helpers.survey.groups import compare_groups, compare_ordered_groups
from helpers.survey.pairs import compare_pairs, estimate_delta, smallest_pair_p

# What other tests of one process left behind (event loops, sockets) is collected at any moment, and is no fault of these.
pytestmark = pytest.mark.filterwarnings("error", "ignore::pytest.PytestUnraisableExceptionWarning")

# Ten scores with ties in three groups: 4200 divisions, so that every test is exact. Expected figures by plain enumeration
# in R 4.2.2 over combn(10, 4) and combn of the rest, with stats::kruskal.test for H and, for J, the sum over pairs of
# groups of (u < v) + 0.5 * (u == v).
TEN = {1: [3.25, 3.5, 4, 4.25], 2: [2.5, 3.25, 3.5], 3: [4.5, 4.5, 5]}

# Mean of A2–A5 and education of the 39 complete rows among psych::bfi[1:60, ] (psych 2.2.9).
BFI_SCORES = """5.5 2.5 3.75 5 2.5 5.5 5.5 5.25 4.75 3.75 3.5 5.25 5.75 5 4 3.5 5 3.25 4.25 5.25 4.25 4.5 4.5 6 6 3.75 5
3.25 6 5.5 5 4.5 4.25 6 4.25 2.5 3.75 4.75 4.25"""
BFI_EDUCATION = "321115213533353333534145321133443453525"


def make_frames(values: dict, ordered: bool = False, construct: str = "coherence") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores and respondents from the scores of each group, groups in the order given."""
    rows = [(group, score) for group, scores in values.items() for score in scores]
    names = [f"R{number:03}" for number in range(len(rows))]
    dtype = pd.CategoricalDtype([str(group) for group in values], ordered=ordered)
    group = pd.Series([str(group) if group is not None else None for group, _ in rows], dtype=dtype)
    scores = pd.DataFrame({"respondent": names, "construct": construct, "score": [float(score) for _, score in rows]})
    return scores, pd.DataFrame({"respondent": names, "group_name": group, "wave": "2024"})


def bfi_frames() -> tuple[pd.DataFrame, pd.DataFrame]:
    values: dict[str, list[float]] = {level: [] for level in "12345"}
    for score, level in zip(BFI_SCORES.split(), BFI_EDUCATION, strict=True):
        values[level].append(float(score))
    return make_frames(values, ordered=True)


def compare(values: dict, **options) -> pd.Series:
    """The one row of a comparison of one construct."""
    return compare_groups(*make_frames(values), "group_name", min_group_size=1, **options).iloc[0]


# --- pooling


def test_groups_that_are_too_small_are_pooled():
    group = pd.Series(["NHS"] * 5 + ["Police"] * 2 + ["Sport"] + [None])
    pooled = pooling.pool_small_groups(group, 3)
    assert pooled.tolist()[:8] == ["NHS"] * 5 + ["Other (pooled)"] * 3
    assert pooled.isna().tolist() == [False] * 8 + [True]
    assert pooled.cat.categories.tolist() == ["NHS", "Other (pooled)"]


def test_pool_takes_in_the_next_smallest_group_until_it_is_large_enough():
    pooled = pooling.pool_small_groups(pd.Series(["NHS"] * 5 + ["Police"] * 4 + ["Sport"]), 3)
    assert pooled.value_counts().to_dict() == {"NHS": 5, "Other (pooled)": 5}


def test_ordered_groups_are_joined_to_a_neighbour_and_stay_ordered():
    levels = ["< 1 year", "1-2 years", "3-5 years", "> 5 years"]
    group = pd.Series(["< 1 year"] * 4 + ["1-2 years"] + ["3-5 years"] * 3 + ["> 5 years"] * 9)
    pooled = pooling.pool_small_groups(group.astype(pd.CategoricalDtype(levels, ordered=True)), 3)
    assert pooled.cat.categories.tolist() == ["< 1 year", "1-2 years + 3-5 years", "> 5 years"]
    assert pooled.cat.ordered
    assert pooled.value_counts().to_dict() == {"< 1 year": 4, "1-2 years + 3-5 years": 4, "> 5 years": 9}


def test_a_single_group_is_left_when_nothing_is_large_enough():
    assert set(pooling.pool_small_groups(pd.Series(["a", "b"]), 3)) == {"Other (pooled)"}


@given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=30), st.integers(1, 8), st.booleans())
def test_pooling_loses_nobody_and_leaves_no_small_group_beside_another(members, smallest, ordered):
    group = pd.Series(members).astype(pd.CategoricalDtype(list("abcdefg"), ordered=ordered))
    sizes = pooling.pool_small_groups(group, smallest).value_counts()
    assert sizes.sum() == len(members)
    assert len(sizes) == 1 or sizes.min() >= smallest


def test_unknown_grouping_is_an_error_that_names_the_known_ones():
    scores, respondents = make_frames(TEN)
    with pytest.raises(WorkbookError, match="group_name, wave"):
        compare_groups(scores, respondents, "sector")


# --- Kruskal–Wallis


def test_exact_kruskal_wallis_agrees_with_enumeration_in_r():
    row = compare(TEN)
    assert row["statistic"] == pytest.approx(6.8703703704, abs=1e-9)
    assert row["p"] == pytest.approx(0.0095238095, abs=1e-9)
    assert row["smallest_p"] == pytest.approx(0.0009523810, abs=1e-9)
    assert row[["n", "groups", "method"]].tolist() == [10, 3, "exact"]
    assert row["effect"] == pytest.approx(6.8703703704 / 9)


def test_every_division_is_tried_where_there_are_no_more_than_permutations():
    # 10! / (4! 3! 3!) = 4200.
    assert permutation.count_divisions(np.array([4, 3, 3])) == 4200
    assert [compare(TEN, permutations=number)["method"] for number in (4199, 4200)] == ["permutation", "exact"]


def test_kruskal_wallis_of_zars_ponds_agrees_with_r():
    # R 4.2.2: stats::kruskal.test gives 11.9435393.
    assert compare(PONDS)["statistic"] == pytest.approx(11.9435393, abs=1e-6)


def test_permuted_kruskal_wallis_agrees_with_coin():
    # stats::kruskal.test: 1.88060696663; coin 1.4.2, kruskal_test(distribution = approximate(1e6)): p = 0.77547.
    scores, respondents = bfi_frames()
    row = compare_groups(scores, respondents, "group_name").iloc[0]
    assert row["method"] == "permutation"
    assert row["statistic"] == pytest.approx(1.88060696663, abs=1e-9)
    # Four standard errors of a share of 10,000.
    assert row["p"] == pytest.approx(0.77547, abs=0.017)


def test_exact_test_of_two_groups_agrees_with_coin():
    # coin 1.4.2: wilcox_test(y ~ g, distribution = "exact"), p = 0.1623376623.
    row = compare({"a": [3, 3.5, 4, 4, 4.5], "b": [2, 2.5, 3, 3.5, 3.5, 4]})
    assert row["p"] == pytest.approx(0.1623376623, abs=1e-9)


# The smallest p that readers are told to expect: 2 of 13 and 2 of 35 divisions.
@pytest.mark.parametrize(("sizes", "smallest"), [((1, 12), 2 / 13), ((3, 4), 2 / 35)])
def test_smallest_p_of_tiny_groups_is_printed(sizes, smallest):
    ranks = list(range(sum(sizes)))
    row = compare({"a": ranks[: sizes[0]], "b": ranks[sizes[0] :]})
    assert row["p"] == pytest.approx(smallest)
    assert row["smallest_p"] == pytest.approx(smallest)


@settings(max_examples=40, deadline=None)
@given(*[st.lists(st.integers(1, 4), min_size=1, max_size=5)] * 2)
def test_the_smallest_p_of_a_pair_is_that_of_full_enumeration(a, b):
    counts = np.array([np.bincount(group, minlength=5) for group in (a, b)])
    present = counts[:, counts.sum(axis=0) > 0]
    smallest = smallest_pair_p(counts)
    if present.shape[1] == 1:
        assert math.isnan(smallest)
    else:
        assert smallest == pytest.approx(permutation.permute_kruskal(present, 10_000, 1).smallest_p)


def test_ties_raise_the_smallest_p():
    # One person differs from nineteen: whoever it is, half of the divisions are as extreme.
    row = compare({"a": [4] * 9 + [5], "b": [4] * 10})
    assert row["smallest_p"] == row["p"] == 1


def test_scores_that_differ_in_the_last_binary_digit_tie():
    row = compare({"a": [0.1 + 0.2, 0.3], "b": [0.3, 0.1 + 0.2]})
    assert row["note"] == "[not defined: all 4 scores are identical]"


def test_epsilon_squared_is_1_at_most():
    # Three groups without overlap, all members alike: H = n - 1.
    assert compare({"a": [1, 1, 1], "b": [2, 2, 2], "c": [3, 3, 3]})["effect"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"a": [4, 4], "b": [4, 4, 4]}, "all 5 scores are identical"),
        ({"a": [3, 4, 5]}, "there is only one group"),
        ({"a": [math.nan], "b": [math.nan]}, "nobody has both a score and a group"),
        ({"a": [3, 4], "b": [math.nan]}, "there is only one group"),
    ],
)
def test_comparison_that_is_not_defined_is_explained(values, reason):
    row = compare(values)
    assert row["note"] == f"[not defined: {reason}]"
    assert row[["statistic", "p", "p_holm", "smallest_p", "effect"]].isna().all()


def test_respondents_without_a_group_are_left_out_and_counted():
    scores, respondents = make_frames(TEN)
    respondents = respondents.assign(group_name=respondents["group_name"].where(respondents.index != 0))
    row = compare_groups(scores, respondents, "group_name", min_group_size=1).iloc[0]
    assert row["n"] == 9
    assert row["note"] == "1 without a group left out"


def test_correction_across_constructs_is_holms():
    scores, respondents = make_frames(TEN)
    second = scores.assign(construct="network", score=scores["score"].to_numpy()[::-1])
    third = scores.assign(construct="constant", score=4.0)
    table = compare_groups(pd.concat([scores, second, third]), respondents, "group_name", 1)
    low, high = sorted(table["p"].dropna())
    # By hand: twice the smaller; the larger stays, unless the corrected smaller one exceeds it.
    assert sorted(table["p_holm"].dropna()) == pytest.approx([2 * low, max(2 * low, high)])
    assert table["p_holm"].isna().tolist() == [False, False, True]


@settings(max_examples=20)
@given(st.lists(st.sampled_from([0.001, 0.01, 0.02, 0.04, 0.3, 0.9]) | st.floats(0, 1), min_size=1, max_size=8))
def test_correction_is_that_of_statsmodels(p):
    corrected = adjust_holm(pd.Series([*p, math.nan]))
    assert corrected.to_list()[:-1] == pytest.approx(multipletests(p, method="holm")[1]) and math.isnan(corrected.iloc[-1])


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 5)), min_size=2, max_size=24),
    st.permutations("xyz"),
    st.randoms(use_true_random=False),
)
def test_order_of_rows_and_names_of_groups_change_nothing(pairs, names, random):
    respondents = pd.DataFrame({"respondent": range(len(pairs)), "g": [group for group, _ in pairs]})
    scores = pd.DataFrame({"respondent": range(len(pairs)), "construct": "c", "score": [float(s) for _, s in pairs]})
    shuffled = scores.iloc[random.sample(range(len(scores)), len(scores))]
    renamed = respondents.assign(g=respondents["g"].map(dict(zip("abc", names, strict=True))))
    expected = compare_groups(scores, respondents, "g", 1, permutations=200)
    pd.testing.assert_frame_equal(compare_groups(shuffled, renamed, "g", 1, permutations=200), expected)


@given(st.lists(st.lists(st.integers(1, 5), min_size=2, max_size=5), min_size=2, max_size=3))
@settings(max_examples=25, deadline=None)
def test_random_tables_agree_with_full_enumeration(values):
    table = permutation.tabulate_scores(
        pd.Series([float(score) for group in values for score in group]),
        pd.Series([number for number, group in enumerate(values) for _ in group]),
    )
    if table.shape[1] < 2 or permutation.count_divisions(table.sum(axis=1)) > 10_000:
        return
    exact = permutation.permute_kruskal(table, 10_000, seed=1)
    tables, method = permutation.permute_tables(table, 1, seed=1)
    assert exact.method == "exact" and method == "permutation"
    assert tables.sum(axis=1).tolist() == [table.sum(axis=0).tolist()] * 2
    drawn = permutation.permute_kruskal(table, int(permutation.count_divisions(table.sum(axis=1))) - 1, seed=1)
    assert abs(drawn.p - exact.p) < 5 / math.sqrt(permutation.count_divisions(table.sum(axis=1)))


# --- Dunn and Cliff

# Zar 2010, Biostatistical Analysis, example 10.11: pH in four ponds.
PONDS = {
    "1": [7.68, 7.69, 7.70, 7.70, 7.72, 7.73, 7.73, 7.76],
    "2": [7.71, 7.73, 7.74, 7.74, 7.78, 7.78, 7.80, 7.81],
    "3": [7.74, 7.75, 7.77, 7.78, 7.80, 7.81, 7.84],
    "4": [7.71, 7.71, 7.74, 7.79, 7.81, 7.85, 7.87, 7.91],
}


def test_dunns_two_sided_p_agrees_with_the_published_ponds():
    # UniStat's guide prints Bonferroni's p for these data (also in the tests of R's FSA): 2-1 .1956, 3-1 .0191, 4-1 .0166,
    # the others 1; six pairs, so the raw two-sided p is a sixth of it.
    table = compare_pairs(*make_frames(PONDS), "group_name").set_index(["group_a", "group_b"])
    for pair, bonferroni in {("1", "2"): 0.1956, ("1", "3"): 0.0191, ("1", "4"): 0.0166}.items():
        assert 6 * table.loc[pair, "p"] == pytest.approx(bonferroni, abs=5e-5)
    assert table.loc[[("2", "3"), ("2", "4"), ("3", "4")], "p"].gt(1 / 6).all()
    # Holm by hand: the smallest times six; the next times five, .0159, which may not fall below; the next times four.
    assert table.loc[("1", "4"), "p_holm"] == pytest.approx(0.0166, abs=5e-5)
    assert table.loc[("1", "3"), "p_holm"] == pytest.approx(0.0166, abs=5e-5)
    assert table.loc[("1", "2"), "p_holm"] == pytest.approx(0.1956 * 4 / 6, abs=5e-5)


def test_cliffs_delta_agrees_with_the_documented_example_of_effsize():
    # The example in the manual of R's effsize (cliff.delta): delta estimate -0.25.
    treatment, control = [10, 10, 20, 20, 20, 30, 30, 30, 40, 50], [10, 20, 30, 40, 40, 50]
    row = compare_pairs(*make_frames({"treatment": treatment, "control": control}), "group_name").iloc[0]
    assert row["delta"] == pytest.approx(-0.25) and row["note"] == ""
    assert row["low"] < -0.25 < row["high"]


def test_bootstrap_interval_agrees_with_scipy():
    # scipy.stats.bootstrap draws in its own way; the level is that of the expanded percentile interval for a group of 7:
    # 2 * pnorm(sqrt(7 / 6) * qt(.025, 6)) = 0.008217 in R 4.2.2.
    a, b = [3, 3.25, 3.5, 4, 4, 4.25, 4.5, 4.75, 5], [2.5, 3, 3.25, 3.25, 3.5, 4, 4.25]
    row = compare_pairs(*make_frames({"a": a, "b": b}), "group_name", permutations=20_000).iloc[0]
    expected = scipy.stats.bootstrap(
        (a, b),
        lambda x, y, axis: np.sign(x[..., :, None] - y[..., None, :]).mean(axis=(-2, -1)),
        n_resamples=20_000,
        confidence_level=1 - 0.008217,
        method="percentile",
        rng=np.random.default_rng(2),
    ).confidence_interval
    assert [row["low"], row["high"]] == pytest.approx([expected.low, expected.high], abs=0.04)


def test_cliffs_delta_by_hand():
    # Six pairs: 5 beats 3, 4, 4; 4 beats 3 and ties twice: (3 + 1) / 6.
    row = compare_pairs(*make_frames({"a": [5, 4], "b": [3, 4, 4]}), "group_name", 1).iloc[0]
    assert row["delta"] == pytest.approx(4 / 6)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"a": [5, 4], "b": [3, 4, 4]}, "a group of 2, 3 needed"),
        ({"a": [5], "b": [3, 4, 4]}, "a group of 1, 3 needed"),
        ({"a": [5, 5, 4], "b": [3, 2, 3]}, "the groups do not overlap"),
        ({"a": [4, 4, 4], "b": [4, 4, 4], "c": [5, 3, 2]}, "both groups have one and the same score"),
    ],
)
def test_bootstrap_interval_is_withheld_with_a_reason(values, reason):
    row = compare_pairs(*make_frames(values), "group_name", 1).iloc[0]
    assert f"[interval not defined: {reason}]" in row["note"]
    assert math.isnan(row["low"]) and math.isnan(row["high"])
    assert not math.isnan(row["delta"])


def test_pairs_with_all_scores_identical_are_explained():
    row = compare_pairs(*make_frames({"a": [4] * 3, "b": [4] * 3}), "group_name").iloc[0]
    assert math.isnan(row["p"]) and math.isnan(row["smallest_p"])
    assert "[p not defined: all scores are identical]" in row["note"]
    assert row["delta"] == 0


def test_dunns_p_below_what_tiny_groups_can_show_is_pointed_out():
    row = compare_pairs(*make_frames({"a": [9], "b": list(range(8))}), "group_name", 1).iloc[0]
    assert row["smallest_p"] == pytest.approx(2 / 9)
    assert row["p"] < row["smallest_p"]
    assert "p below the smallest an exact test could give" in row["note"]


def test_no_permutations_at_all_are_refused():
    with pytest.raises(WorkbookError, match="permutations"):
        permutation.permute_tables(np.array([[3, 2], [1, 4]]), 0, 1)


def test_one_group_leaves_no_pairs():
    table = compare_pairs(*make_frames({"a": [3, 4, 5]}), "group_name")
    assert table.empty
    assert "smallest_p" in table


def test_a_construct_without_pairs_leaves_those_of_others_as_numbers():
    scores, respondents = make_frames({"a": [5, 4], "b": [3, 4, 4]})
    one_group = scores.assign(construct="network", score=scores["score"].where(scores.index < 2))
    table = compare_pairs(pd.concat([scores, one_group]), respondents, "group_name", 1)
    assert table["construct"].tolist() == ["coherence"]
    assert table[["n_a", "p", "p_holm", "delta"]].dtypes.map(pd.api.types.is_numeric_dtype).all()


@settings(max_examples=25, deadline=None)
@given(*[st.lists(st.integers(1, 5), min_size=3, max_size=9)] * 2)
def test_cliffs_delta_changes_sign_when_groups_change_places(a, b):
    counts = [np.bincount(group, minlength=6) for group in (a, b)]
    drawn = [
        np.random.default_rng(1).multinomial(len(group), np.bincount(group, minlength=6) / len(group), 200) for group in (a, b)
    ]
    forth, back = (estimate_delta(*counts[::way], *drawn[::way]) for way in (1, -1))
    assert forth.value == pytest.approx(-back.value)
    brute = np.mean([np.sign(x - y) for x in a for y in b])
    assert forth.value == pytest.approx(brute)


# --- Jonckheere–Terpstra


def test_exact_jonckheere_agrees_with_enumeration_in_r():
    row = compare_ordered_groups(*make_frames(TEN, ordered=True), "group_name", 1).iloc[0]
    assert row["statistic"] == 23
    assert row["p"] == pytest.approx(0.2326190476, abs=1e-9)
    assert row["smallest_p"] == pytest.approx(0.0002380952, abs=1e-9)
    # cor(group, score, method = "kendall") in R 4.2.2.
    assert row["effect"] == pytest.approx(0.3491899511, abs=1e-9)


def test_permuted_jonckheere_agrees_with_an_independent_permutation_in_r():
    # R 4.2.2, J over all pairs by outer(), 200,000 shuffles: J = 318, two-sided p = 0.41686; tau-b 0.10348.
    row = compare_ordered_groups(*bfi_frames(), "group_name").iloc[0]
    assert row["statistic"] == 318
    assert row["p"] == pytest.approx(0.41686, abs=0.02)
    assert row["effect"] == pytest.approx(0.10348, abs=5e-6)


def test_trend_is_two_sided():
    values = {"a": [1, 2, 3], "b": [4, 5, 6], "c": [7, 8, 9]}
    up = compare_ordered_groups(*make_frames(values, ordered=True), "group_name").iloc[0]
    down = compare_ordered_groups(
        *make_frames(dict(zip("abc", list(values.values())[::-1], strict=True)), ordered=True), "group_name"
    ).iloc[0]
    # 1680 divisions, one at either end.
    assert up["p"] == down["p"] == pytest.approx(2 / 1680)
    assert up["effect"] == -down["effect"] > 0


def test_trend_over_groups_without_an_order_is_refused():
    with pytest.raises(WorkbookError, match="ordered: true"):
        compare_ordered_groups(*make_frames(TEN), "group_name")


def test_trend_of_identical_scores_is_explained():
    row = compare_ordered_groups(*make_frames({"a": [4], "b": [4, 4]}, ordered=True), "group_name", 1).iloc[0]
    assert row["note"] == "[not defined: all 3 scores are identical]"
    assert math.isnan(row["effect"])
