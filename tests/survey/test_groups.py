"""Group comparisons against R, coin and published worked examples; bad input; properties."""

import itertools
import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from helpers.study.errors import WorkbookError
from helpers.survey import pairs, permutation, pooling
from helpers.survey.comparisons import compare_groups
from helpers.survey.family import adjust_holm

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


def bfi_frames(ordered: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    values: dict[str, list[float]] = {level: [] for level in "12345"}
    for score, level in zip(BFI_SCORES.split(), BFI_EDUCATION, strict=True):
        values[level].append(float(score))
    return make_frames(values, ordered)


def compare(values: dict, **options) -> pd.Series:
    """The one row of a comparison of one construct."""
    return compare_groups(*make_frames(values), "group_name", smallest=1, **options).iloc[0]


# --- pooling


def test_groups_that_are_too_small_are_pooled():
    group = pd.Series(["NHS"] * 5 + ["Police"] * 2 + ["Sport"] + [None])
    pooled = pooling.pool_small_groups(group, 3)
    assert pooled.tolist()[:8] == ["NHS"] * 5 + ["All other groups"] * 3
    assert pooled.isna().tolist() == [False] * 8 + [True]
    assert pooled.cat.categories.tolist() == ["NHS", "All other groups"]


def test_pool_takes_in_the_next_smallest_group_until_it_is_large_enough():
    pooled = pooling.pool_small_groups(pd.Series(["NHS"] * 5 + ["Police"] * 4 + ["Sport"]), 3)
    assert pooled.value_counts().to_dict() == {"NHS": 5, "All other groups": 5}


def test_ordered_groups_are_joined_to_a_neighbour_and_stay_ordered():
    levels = ["< 1 year", "1-2 years", "3-5 years", "> 5 years"]
    group = pd.Series(["< 1 year"] * 4 + ["1-2 years"] + ["3-5 years"] * 3 + ["> 5 years"] * 9)
    pooled = pooling.pool_small_groups(group.astype(pd.CategoricalDtype(levels, ordered=True)), 3)
    assert pooled.cat.categories.tolist() == ["< 1 year", "1-2 years + 3-5 years", "> 5 years"]
    assert pooled.cat.ordered
    assert pooled.value_counts().to_dict() == {"< 1 year": 4, "1-2 years + 3-5 years": 4, "> 5 years": 9}


# By hand, groups of 5 or more. 4 2 3 2 9: (4 2)(3 2)(9), where joining the smallest to its smaller neighbour, again and again,
# ends with (4 2 3 2)(9). 9 2 3: 2 joins 3, which brings 6 pairs of people together, and not 9, which brings 18. 9 2 4 2 9: the
# middle stays apart from both nines. 2 9 3: each cut leaves too few.
@pytest.mark.parametrize(
    ("sizes", "joined"),
    [([4, 2, 3, 2, 9], [6, 5, 9]), ([9, 2, 3], [9, 5]), ([9, 2, 4, 2, 9], [9, 8, 9]), ([2, 9, 3], [14]), ([5, 6], [5, 6])],
)
def test_as_few_people_as_can_be_are_joined_to_other_levels(sizes, joined):
    levels = [str(number) for number in range(len(sizes))]
    group = pd.Series(np.repeat(levels, sizes)).astype(pd.CategoricalDtype(levels, ordered=True))
    assert pooling.pool_small_groups(group, 5).value_counts(sort=False).to_list() == joined


@given(st.lists(st.integers(1, 6), min_size=1, max_size=7), st.integers(1, 7))
def test_of_all_ways_to_join_neighbours_none_brings_fewer_people_together(sizes, smallest):
    levels = [str(number) for number in range(len(sizes))]
    group = pd.Series(np.repeat(levels, sizes)).astype(pd.CategoricalDtype(levels, ordered=True))
    found = pooling.pool_small_groups(group, smallest).value_counts(sort=False).to_list()
    cuts = [cut for k in range(len(sizes)) for cut in itertools.combinations(range(1, len(sizes)), k)]
    ways = [[sum(sizes[a:b]) for a, b in itertools.pairwise([0, *cut, len(sizes)])] for cut in cuts]
    together = [sum(n * n for n in way) for way in ways if min(way) >= smallest]
    assert sum(n * n for n in found) == min(together, default=sum(sizes) ** 2)


def test_a_single_group_is_left_when_nothing_is_large_enough():
    assert set(pooling.pool_small_groups(pd.Series(["a", "b"]), 3)) == {"All other groups"}


@given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=30), st.integers(1, 8), st.booleans())
def test_pooling_loses_nobody_and_leaves_no_small_group_beside_another(members, smallest, ordered):
    group = pd.Series(members).astype(pd.CategoricalDtype(list("abcdefg"), ordered=ordered))
    sizes = pooling.pool_small_groups(group, smallest).value_counts()
    assert sizes.sum() == len(members)
    assert len(sizes) == 1 or sizes.min() >= smallest


# --- Kruskal–Wallis


def test_exact_kruskal_wallis_agrees_with_enumeration_in_r():
    row = compare(TEN)
    assert row["statistic"] == pytest.approx(6.8703703704, abs=1e-9)
    assert row["p"] == pytest.approx(0.0095238095, abs=1e-9)
    assert row["smallest_p"] == pytest.approx(0.0009523810, abs=1e-9)
    assert row[["n", "groups"]].tolist() == [10, 3]
    assert row["effect"] == pytest.approx(6.8703703704 / 9)


def test_every_division_is_tried_where_there_are_no_more_than_permutations():
    # 10! / (4! 3! 3!) = 4200.
    assert permutation.count_divisions(np.array([4, 3, 3])) == 4200
    table = permutation.tabulate_scores(pd.Series(range(10)), pd.Series([1] * 4 + [2] * 3 + [3] * 3))
    drawn, every = (permutation.permute_tables(table, number, seed=1) for number in (4199, 4200))
    assert len(np.unique(drawn, axis=0)) < len(np.unique(every, axis=0)) == len(every) == 4200


def test_kruskal_wallis_of_zars_ponds_agrees_with_r():
    # R 4.2.2: stats::kruskal.test gives 11.9435393.
    assert compare(PONDS)["statistic"] == pytest.approx(11.9435393, abs=1e-6)


def test_permuted_kruskal_wallis_agrees_with_coin():
    # stats::kruskal.test: 1.88060696663; coin 1.4.2, kruskal_test(distribution = approximate(1e6)): p = 0.77547.
    row = compare_groups(*bfi_frames(ordered=False), "group_name").iloc[0]
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
    assert row[["statistic", "p", "smallest_p", "effect"]].isna().all()


def test_respondents_without_a_group_are_left_out_and_counted():
    scores, respondents = make_frames(TEN)
    respondents = respondents.assign(group_name=respondents["group_name"].where(respondents.index != 0))
    row = compare_groups(scores, respondents, "group_name", smallest=1).iloc[0]
    assert row["n"] == 9
    assert row["note"] == "1 without a group left out"


def test_scores_of_another_wave_are_not_taken_for_people_without_a_group():
    scores, respondents = make_frames(TEN)
    row = compare_groups(scores, respondents[2:], "group_name", smallest=1).iloc[0]
    assert (row["n"], row["note"]) == (8, "")


@pytest.mark.parametrize(
    "p", [[0.04], [1.0, 0.0, 0.05], [0.3, 0.01, 0.01, 0.02, 0.9, 0.001], np.random.default_rng(1).random(40) ** 3]
)
def test_correction_is_that_of_statsmodels(p):
    corrected = adjust_holm(pd.Series([*p, math.nan]))
    assert corrected.to_list()[:-1] == pytest.approx(multipletests(p, method="holm")[1]) and math.isnan(corrected.iloc[-1])


@settings(max_examples=15, deadline=None)
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
    tables = permutation.permute_tables(table, 1, seed=1)
    assert tables.sum(axis=1).tolist() == [table.sum(axis=0).tolist()] * 2
    drawn = permutation.permute_kruskal(table, int(permutation.count_divisions(table.sum(axis=1))) - 1, seed=1)
    assert abs(drawn.p - exact.p) < 5 / math.sqrt(permutation.count_divisions(table.sum(axis=1)))


# Zar 2010, Biostatistical Analysis, example 10.11: pH in four ponds.
PONDS = {
    "1": [7.68, 7.69, 7.70, 7.70, 7.72, 7.73, 7.73, 7.76],
    "2": [7.71, 7.73, 7.74, 7.74, 7.78, 7.78, 7.80, 7.81],
    "3": [7.74, 7.75, 7.77, 7.78, 7.80, 7.81, 7.84],
    "4": [7.71, 7.71, 7.74, 7.79, 7.81, 7.85, 7.87, 7.91],
}


# --- pairs of groups

# A page that asks two questions of chance: which items stand out, and whether groups differ.
STUDY = SimpleNamespace(
    score_limits=(1, 5),
    used_scales={},
    scored_items=[],
    codebook=[],
    survey=(SURVEY := SimpleNamespace(groupings=["team"], files=["2024"])),
    definition=SimpleNamespace(survey=SURVEY),
)


def compare_pairs(values: dict, matters: float = 0.5, p: float = 0.4, p_holm: float = 0.9) -> pd.DataFrame:
    """The pairs of one construct of one grouping, beside a test of all groups with this p."""
    rows = [("Team", name, "coherence", float(score)) for name, scores in values.items() for score in scores]
    by_group = pd.DataFrame(rows, columns=["grouping", "group", "construct", "score"])
    gate = pd.DataFrame({"grouping": ["Team"], "construct": "coherence", "p": p, "p_holm": p_holm})
    return pairs.compare_pairs(STUDY, by_group, gate, matters)


@settings(max_examples=60)
@given(*[st.lists(st.integers(1, 5), min_size=1, max_size=6)] * 2)
def test_p_of_a_pair_is_that_of_full_enumeration(a, b):
    ranks = stats.rankdata(a + b)
    sums = np.array([ranks[list(chosen)].sum() for chosen in itertools.combinations(range(len(ranks)), len(a))])
    expected = len(a) * (len(ranks) + 1) / 2
    extreme = np.abs(sums - expected) >= abs(ranks[: len(a)].sum() - expected) - 1e-9
    assert pairs.permute_pair(np.array([np.bincount(group, minlength=6) for group in (a, b)])) == pytest.approx(extreme.mean())


def test_p_of_a_pair_agrees_with_coin():
    # coin 1.4.2: wilcox_test(y ~ g, distribution = "exact"), p = 0.1623376623.
    row = compare_pairs({"a": [3, 3.5, 4, 4, 4.5], "b": [2, 2.5, 3, 3.5, 3.5, 4]}, p=0.01, p_holm=0.02).iloc[0]
    assert row["p"] == pytest.approx(0.1623376623, abs=1e-9)


def test_p_of_a_pair_of_large_groups_is_the_normal_approximation():
    random = np.random.default_rng(1)
    a, b = random.integers(1, 6, 900), np.minimum(5, random.integers(1, 7, 700))
    table = np.array([np.bincount(group, minlength=6) for group in (a, b)])
    expected = stats.mannwhitneyu(a, b, method="asymptotic", use_continuity=False).pvalue
    assert 1e-12 < pairs.permute_pair(table) == pytest.approx(expected)
    small = table // 25
    exact = pairs.permute_pair(small)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pairs, "MOST_SUMS", 0)
        assert pairs.permute_pair(small) == pytest.approx(exact, rel=0.15) and pairs.permute_pair(small) != exact


def test_pairs_are_tested_only_where_all_groups_were_found_to_differ():
    shut, opened = compare_pairs(TEN, p_holm=0.05), compare_pairs(TEN, p=0.001, p_holm=0.002)
    assert shut[["p", "p_holm"]].isna().all(axis=None) and opened[["p", "p_holm"]].notna().all(axis=None)
    # By hand. Group 3 lies above the others, without overlap: with 1 (3 of 7 people) and with 2 (3 of 6) its rank sum is the
    # most extreme, and so is one on the other side.
    assert opened["p"].to_list()[1:] == pytest.approx([2 / 35, 2 / 20])


# By hand, 8 tests times 2 questions = 16. Of three groups of 8 and one person the three pairs with that person cannot come
# under 2/9. Once the four are known not to be all alike, three pairs at most are alike.
def test_correction_of_pairs_counts_those_that_can_be_alike_and_can_reach_such_a_p():
    found = pd.DataFrame({"n_a": 8, "n_b": [8, 8, 8, 1, 1, 1], "p": [0.0005, 0.001, 0.2, 1 / 3, 1 / 3, 1]})
    # Three pairs can reach .0005, the two that are left .001.
    corrected = pairs.correct_pairs(found, 4, 0.0001, 16)
    assert corrected == pytest.approx([16 * 3 * 0.0005, 16 * 2 * 0.001, 1, 1, 1, 1])
    # Of three groups that are not all alike one pair at most is: no further correction (Fisher's protected test).
    three = found[:3].assign(p=[0.0015, 0.0005, 0.001])
    assert pairs.correct_pairs(three, 3, 0.0001, 16) == pytest.approx([16 * 0.0015, 16 * 0.0005, 16 * 0.001])
    # A larger p is never corrected to less than a smaller one.
    crossing = found[:3].assign(n_b=[8, 8, 3], p=[0.001, 0.0011, 0.5])
    assert pairs.correct_pairs(crossing, 4, 0.0001, 16)[:2] == pytest.approx([16 * 2 * 0.001, 16 * 2 * 0.001])


def test_no_pair_is_surer_than_the_test_of_all_groups():
    # One pair alone is that test: 1 test and 2 questions.
    row = compare_pairs({"a": [1, 1, 1, 1, 2], "b": [4, 4, 5, 5, 5]}, p=0.02, p_holm=0.04).iloc[0]
    assert row["p"] == pytest.approx(2 / math.comb(10, 5)) and row["p_holm"] == pytest.approx(0.04)


def test_difference_of_two_groups_has_students_interval():
    a, b = [3, 3.25, 3.5, 4, 4, 4.25, 4.5, 4.75, 5], [2.5, 3, 3.25, 3.25, 3.5, 4, 4.25]
    row = compare_pairs({"a": a, "b": b}).iloc[0]
    expected = stats.ttest_ind(a, b).confidence_interval()
    assert row[["difference", "low", "high"]].to_list() == pytest.approx([np.mean(a) - np.mean(b), *expected])


def test_intervals_of_all_pairs_share_one_spread_and_hold_at_once():
    found = compare_pairs(PONDS)
    assert found[["group_a", "group_b"]].agg("".join, axis=1).to_list() == ["12", "13", "14", "23", "24", "34"]
    long = pd.DataFrame([(f"g{name}", score) for name, scores in PONDS.items() for score in scores], columns=["group", "score"])
    model = statsmodels.formula.api.ols("score ~ 0 + group", long).fit()
    # Bonferroni by hand: six pairs.
    expected = model.t_test("group[g1] = group[g2], group[g2] = group[g4]").conf_int(0.05 / 6)
    assert found.loc[[0, 4], ["low", "high"]].to_numpy() == pytest.approx(expected, abs=1e-6)


def test_an_interval_ends_where_differences_end():
    row = compare_pairs({"a": [1, 5], "b": [1, 5, 3]}).iloc[0]
    assert row[["low", "high", "verdict"]].to_list() == [-4, 4, "cannot tell"]


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.51, 2, "larger"),
        (-2, -0.51, "larger"),
        (-0.49, 0.49, "smaller than matters"),
        (0.1, 0.4, "smaller than matters"),
        (-0.4, 0.6, "no clear difference"),
        (-0.6, 0.4, "no clear difference"),
        (0.2, 0.9, "no clear difference"),
        (0.5, 0.9, "no clear difference"),
        (-0.5, 0.5, "cannot tell"),
        (-0.6, 0.7, "cannot tell"),
        (math.nan, math.nan, "cannot tell"),
    ],
)
def test_a_verdict_follows_from_the_margins_that_an_interval_holds(low, high, verdict):
    assert pairs.judge_intervals(pd.Series([low]), pd.Series([high]), 0.5).tolist() == [verdict]


def beside_others(values: dict) -> pd.DataFrame:
    """Groups of one construct beside everybody else."""
    rows = [("Team", name, "coherence", float(score)) for name, scores in values.items() for score in scores]
    by_group = pd.DataFrame(rows, columns=["grouping", "group", "construct", "score"])
    tests = pd.DataFrame({"grouping": ["Team"], "construct": "coherence", "p_holm": 0.3})
    return pairs.compare_with_others(STUDY, by_group, tests)


def test_a_group_beside_all_others_has_the_interval_of_that_contrast():
    found = beside_others(PONDS)
    long = pd.DataFrame([(f"g{name}", score) for name, scores in PONDS.items() for score in scores], columns=["group", "score"])
    model = statsmodels.formula.api.ols("score ~ 0 + group", long).fit()
    # The others' mean weighs their groups by people; Bonferroni by hand: four groups.
    sizes = np.array([len(scores) for scores in PONDS.values()])
    weights = np.where(np.eye(4) == 1, 1, -sizes / (sizes.sum() - sizes)[:, None])
    expected = model.t_test(weights)
    assert found["n"].to_list() == sizes.tolist()
    assert found["difference"].to_numpy() == pytest.approx(expected.effect)
    ends = np.clip(expected.conf_int(0.05 / 4), -4, 4)
    assert found[["low", "high"]].to_numpy() == pytest.approx(ends, abs=1e-6)
    assert found["reach"].to_numpy() == pytest.approx(np.diff(expected.conf_int(0.05 / 4))[:, 0] / 2)
    assert found["p_holm"].eq(0.3).all()


def test_a_single_group_has_no_others_and_groups_of_one_no_interval():
    assert beside_others({"a": [3, 4]}).empty
    assert beside_others({"a": [3], "b": [4]})["note"].eq("[interval not defined: every group has one score]").all()


def test_beside_a_test_stand_the_sizes_of_its_groups_and_how_far_a_typical_one_must_lie():
    tests = pd.DataFrame({"grouping": ["Team", "Years"], "construct": "sense", "p": 0.4})
    beside = pd.DataFrame({"grouping": "Team", "construct": "sense", "n": [3, 12, 8], "reach": [1.5, 0.7, 0.9]})
    found = pairs.add_reach(tests, beside)
    assert found.loc[0, ["n_smallest", "n_largest", "reach"]].to_list() == [3, 12, 0.9]
    assert found.loc[1, ["n_smallest", "n_largest", "reach"]].isna().all()


def test_of_many_groups_a_figure_holds_the_largest_and_the_rest_together():
    names = np.repeat(list("abcd"), [1, 3, 2, 4])
    frame = pd.DataFrame({"grouping": "Team", "group": names, "respondent": range(10), "score": 1.0})
    joined = pooling.join_rest(frame, most=3)
    assert joined.groupby("group", sort=False).size().to_dict() == {"b": 3, "d": 4, pooling.POOLED: 3}
    assert pooling.join_rest(frame, most=4).equals(frame)
    # A person counts once, however many scores there are of them.
    twice = pd.concat([frame, frame[frame["group"] == "a"].sample(4, replace=True, random_state=1)])
    assert set(pooling.join_rest(twice, most=3)["group"]) == {"b", "d", pooling.POOLED}


def test_pairs_that_differ_are_those_whose_test_says_so():
    verdicts = ["larger", "cannot tell", "cannot tell", "no clear difference"]
    found = pd.DataFrame({"verdict": verdicts, "p_holm": [math.nan, 0.05, 0.04, 1]})
    assert pairs.keep_differing(found)["p_holm"].to_list() == [0.04]


def test_larger_is_no_word_for_a_pair_that_was_not_tested():
    """Made up by a reviewer: three people far from thirty who hardly differ, while the test of both groups found nothing."""
    by_group = pd.DataFrame({
        "grouping": "Team", "construct": "sense", "group": ["a"] * 30 + ["b"] * 3, "score": [3.0, 3.25] * 15 + [5.0, 5.0, 4.0],
    })  # fmt: skip
    compared = pd.DataFrame({"grouping": ["Team"], "construct": ["sense"], "p": [0.5], "p_holm": [1.0]})
    row = pairs.compare_pairs(STUDY, by_group, compared, 0.5).iloc[0]
    assert row["high"] < -0.5 and row["verdict"] == "no clear difference"
    assert pairs.keep_differing(pairs.compare_pairs(STUDY, by_group, compared, 0.5)).empty


def test_a_smallest_difference_that_is_none_is_refused():
    with pytest.raises(WorkbookError, match="parameters, matters: found 0"):
        pairs.compare_pairs(STUDY, pd.DataFrame(), pd.DataFrame(), 0)


def test_every_pair_is_corrected_for_itself_at_least():
    found = pd.DataFrame({"n_a": [3, 3], "n_b": [4, 4], "p": [1 / 35, 0.5]})
    assert pairs.correct_pairs(found, 3, 1e-4, 1)[0] >= 1 / 35


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"a": [5], "b": [3]}, "every group has one score"),
        ({"a": [5, 5, 5], "b": [3, 3]}, "all scores within a group are the same"),
        ({"a": [4] * 3, "b": [4] * 3}, "all scores within a group are the same"),
    ],
)
def test_interval_that_is_not_defined_is_explained(values, reason):
    row = compare_pairs(values).iloc[0]
    assert row["note"] == f"[interval not defined: {reason}]" and row["verdict"] == "cannot tell"
    assert row[["low", "high"]].isna().all() and row["difference"] == values["a"][0] - values["b"][0]


def test_no_permutations_at_all_are_refused():
    with pytest.raises(WorkbookError, match="permutations"):
        permutation.permute_tables(np.array([[3, 2], [1, 4]]), 0, 1)


@pytest.mark.parametrize("values", [{"a": [3, 4, 5]}, {}])
def test_one_group_leaves_no_pairs(values):
    assert compare_pairs(values).columns.to_list() == pairs.PAIR and compare_pairs(values).empty


def test_cliffs_delta_agrees_with_the_documented_example_of_effsize():
    # The example in the manual of R's effsize (cliff.delta): delta estimate -0.25.
    treatment, control = [10, 10, 20, 20, 20, 30, 30, 30, 40, 50], [10, 20, 30, 40, 40, 50]
    counts = [np.bincount(group, minlength=51)[None] for group in (treatment, control)]
    assert pairs.cliff_delta(*counts) == pytest.approx(-0.25)


# --- Jonckheere–Terpstra


def test_exact_jonckheere_agrees_with_enumeration_in_r():
    row = compare_groups(*make_frames(TEN, ordered=True), "group_name", 1).iloc[0]
    assert row["statistic"] == 23
    assert row["p"] == pytest.approx(0.2326190476, abs=1e-9)
    assert row["smallest_p"] == pytest.approx(0.0002380952, abs=1e-9)
    # cor(group, score, method = "kendall") in R 4.2.2.
    assert row["effect"] == pytest.approx(0.3491899511, abs=1e-9)


def test_permuted_jonckheere_agrees_with_an_independent_permutation_in_r():
    # R 4.2.2, J over all pairs by outer(), 200,000 shuffles: J = 318, two-sided p = 0.41686; tau-b 0.10348.
    row = compare_groups(*bfi_frames(ordered=True), "group_name").iloc[0]
    assert row["statistic"] == 318
    assert row["p"] == pytest.approx(0.41686, abs=0.02)
    assert row["effect"] == pytest.approx(0.10348, abs=5e-6)


def test_trend_is_two_sided():
    values = {"a": [1, 2, 3], "b": [4, 5, 6], "c": [7, 8, 9]}
    up = compare_groups(*make_frames(values, ordered=True), "group_name").iloc[0]
    down = compare_groups(
        *make_frames(dict(zip("abc", list(values.values())[::-1], strict=True)), ordered=True), "group_name"
    ).iloc[0]
    # 1680 divisions, one at either end.
    assert up["p"] == down["p"] == pytest.approx(2 / 1680)
    assert up["effect"] == -down["effect"] > 0


def test_groups_with_an_order_are_tested_along_it_and_those_without_one_are_not():
    along, without = (compare_groups(*make_frames(TEN, ordered=ordered), "group_name", 1).iloc[0] for ordered in (True, False))
    assert along[["test", "effect_name"]].to_list() == ["Jonckheere–Terpstra", "tau-b"]
    assert without[["test", "effect_name"]].to_list() == ["Kruskal–Wallis", "epsilon squared"]


def test_trend_of_identical_scores_is_explained():
    row = compare_groups(*make_frames({"a": [4], "b": [4, 4]}, ordered=True), "group_name", 1).iloc[0]
    assert row["note"] == "[not defined: all 3 scores are identical]"
    assert math.isnan(row["effect"])


@pytest.mark.parametrize("permute", [permutation.permute_kruskal, permutation.permute_jonckheere])
def test_in_large_groups_the_limiting_distribution_gives_the_p_of_random_divisions(permute, monkeypatch):
    random = np.random.default_rng(3)
    for apart in (0, 0.12):
        scores = [(random.normal(group * apart, 1, 500 + 50 * group)).round(1).clip(-1, 2) for group in range(3)]
        group = np.repeat(range(3), [len(part) for part in scores])
        table = permutation.tabulate_scores(pd.Series(np.concatenate(scores)), pd.Series(group))
        limit = permute(table, 10_000, seed=1)
        monkeypatch.setattr(permutation, "LARGE_GROUPS", 501)
        drawn = permute(table, 10_000, seed=1)
        monkeypatch.undo()
        # Three standard errors of a share over 10,000 divisions are 0.015 at most.
        assert limit.statistic == pytest.approx(drawn.statistic) and limit.p == pytest.approx(drawn.p, abs=0.015)
        assert limit.smallest_p == 0 < drawn.smallest_p
    if permute is permutation.permute_kruskal:
        assert limit.p == pytest.approx(stats.kruskal(*scores).pvalue)
