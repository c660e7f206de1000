"""Item distributions, scores, reliability and response, against hand arithmetic, R and published worked examples."""

import itertools
import math
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pingouin
import pytest
import statsmodels.formula.api as smf

from helpers.study import definition, errors, reading, terms
from helpers.survey import distributions, planning, reliability, response, scoring
from helpers.survey.reliability import (
    bound_rmsea,
    correlate_items,
    estimate_alpha,
    estimate_reliability,
    fit_factor_model,
    judge_fit,
)

pytestmark = pytest.mark.filterwarnings("error", "ignore::pytest.PytestUnraisableExceptionWarning")

AGREEMENT = definition.Scale.model_validate(
    {
        "responses": [
            {"label": "Strongly disagree", "value": 1, "band": "Disagree"},
            {"label": "Disagree", "value": 2, "band": "Disagree"},
            {"label": "Neutral", "value": 3, "band": "Neutral"},
            {"label": "Agree", "value": 4, "band": "Agree"},
            {"label": "Strongly agree", "value": 5, "band": "Agree"},
        ],
        "not_relevant": [
            {"label": "Not relevant to my role", "kind": "role"},
            {"label": "Not relevant at this stage", "kind": "stage"},
            {"label": "Not relevant to this practice", "kind": "intervention"},
        ],
    }
)
SIX_POINTS = definition.Scale.model_validate(
    {"responses": [{"label": str(point), "value": point, "band": "any"} for point in range(1, 7)]}
)
SCALES = {"agreement": AGREEMENT, "six": SIX_POINTS}
STATUS = {"r": "role", "s": "stage", "i": "intervention"}


def assert_explained(table: pd.DataFrame, *columns: str) -> None:
    """Wherever a figure is missing, the note says why."""
    missing = table[list(columns)].isna().any(axis=1)
    assert table.loc[missing, "note"].str.contains("not defined:").all()


def make_codebook(constructs: dict[str, list[str]], reversed_items: str = "", scale: str = "agreement") -> pd.DataFrame:
    """A codebook of constructs and their items, a section a construct."""
    rows = [(item, name) for name, items in constructs.items() for item in items]
    codebook = pd.DataFrame(rows, columns=["item", "construct"])
    codebook["reversed"] = codebook["item"].isin(reversed_items.split())
    return codebook.assign(
        column=codebook["item"], section=codebook["construct"], scale=scale, label="Label of " + codebook["item"]
    )


def make_responses(codebook: pd.DataFrame, answers: list[str], scale: definition.Scale = AGREEMENT) -> pd.DataFrame:
    """Tidy responses; each string is one respondent: digits are scores; r, s, i not relevant; - missing."""
    labels = {point.value: point.label for point in scale.responses}
    rows = []
    for number, given_answers in enumerate(answers, start=1):
        for item, sign in zip(codebook["item"], given_answers, strict=True):
            value = float(sign) if sign.isdigit() else math.nan
            status = "missing" if sign == "-" else terms.NOT_RELEVANT[STATUS[sign]] if sign in STATUS else "answered"
            rows.append((f"R{number:03}", item, labels.get(value), value, status))
    responses = pd.DataFrame(rows, columns=["respondent", "item", "response", "value", "status"])
    dtype = pd.CategoricalDtype(scale.labels, ordered=True)
    return responses.astype({"response": dtype, "status": "category"})


ONE = make_codebook({"coherence": ["B1"]})
TWO = make_codebook({"coherence": ["B1", "B2"]})
FOUR = make_codebook({"coherence": ["B1", "B2", "B3", "B4"]})
STUDY = SimpleNamespace(scored_items=FOUR, scales=SCALES)


# --- intervals


# Newcombe 1998, Stat Med 17:857–872, Table I, method 3 (Wilson without continuity correction).
@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_interval_agrees_with_newcombes_worked_examples(count, n, low, high):
    found = distributions.wilson_interval(count, n)
    assert found["low"].item() == pytest.approx(100 * low, abs=0.005)
    assert found["high"].item() == pytest.approx(100 * high, abs=0.005)


def test_wilson_interval_of_31_in_40_is_rounded_once():
    # R 4.2.2: prop.test(31, 40, correct = FALSE)$conf.int gives 0.624969 0.876839: 62 to 88, and not 63 by way of 62.5.
    found = distributions.wilson_interval(31, 40)
    assert found.to_numpy()[0] == pytest.approx([62.4969, 87.6839], abs=1e-4)


def test_wilson_interval_reaches_exactly_0_and_100_at_the_ends():
    found = distributions.wilson_interval(pd.Series([0, 9]), pd.Series([9, 9]))
    assert found["low"].iloc[0] == 0
    assert found["high"].iloc[1] == 100


def test_wilson_interval_of_nobody_is_missing():
    assert distributions.wilson_interval(0, 0).isna().all(axis=None)


def test_finite_population_narrows_by_the_effective_sample_size():
    # Half of 100 invited answered: n* = 50 * 99 / 50 = 99, and R 4.2.2: prop.test(59.4, 99, correct = FALSE)$conf.int
    # gives 0.501509 0.691021 for 60%.
    found = distributions.wilson_interval(30, 50, population=100)
    assert found.to_numpy()[0] == pytest.approx([50.1509, 69.1021], abs=1e-4)


def test_interval_closes_when_all_invited_answered():
    assert distributions.wilson_interval(30, 50, population=50).to_numpy()[0] == pytest.approx([60, 60], abs=1e-4)


def test_wilson_interval_holds_the_percentage_and_mirrors_its_complement():
    count, n = (pd.Series(each) for each in zip(*((k, n) for n in [*range(1, 50), 500] for k in range(n + 1)), strict=True))
    found, mirrored = distributions.wilson_interval(count, n), distributions.wilson_interval(n - count, n)
    assert (found["low"] <= 100 * count / n + 1e-9).all() and (100 * count / n <= found["high"] + 1e-9).all()
    np.testing.assert_allclose(100 - mirrored[["high", "low"]].to_numpy(), found.to_numpy(), atol=1e-9)


def test_interval_halves_when_respondents_are_four_times_as_many():
    widths = planning.plan_widths((100, 400))["width"][:2]
    # R 4.2.2: diff(prop.test(n / 2, n, correct = FALSE)$conf.int)
    assert widths.tolist() == pytest.approx([19.233694, 9.753100], abs=1e-5)


# --- item level


def test_percentages_stand_over_both_denominators():
    # Four answer: two agree, one is neutral, one says not relevant; one leaves the item out.
    table = distributions.count_bands(make_responses(ONE, ["4", "5", "3", "s", "-"]), ONE, SCALES).set_index("band")
    assert table["numerator"].to_dict() == {"Disagree": 0, "Neutral": 1, "Agree": 2, "Not relevant": 1}
    assert table.loc["Agree", ["denominator", "share", "denominator_relevant"]].tolist() == [4, 50, 3]
    assert table.loc["Agree", "share_relevant"] == pytest.approx(200 / 3)
    assert table.loc["Not relevant", "share"] == 25
    assert table.loc["Not relevant", ["share_relevant", "low_relevant", "high_relevant"]].isna().all()


@pytest.mark.parametrize(
    ("asked_for", "invited", "waves", "chosen"),
    [(True, 90, 1, 90), (False, 90, 1, None), (True, None, 1, None), (True, 90, 2, None)],
)
def test_intervals_are_narrowed_only_when_asked_for_and_the_number_invited_is_known(asked_for, invited, waves, chosen):
    survey = definition.Survey(files={f"203{k}": f"{k}.csv" for k in range(waves)}, invited=invited and {"number": invited})
    made = definition.Definition(title="x", practice="x", about="x", survey=survey)
    study = definition.Study("x", Path("x"), made, make_codebook({"one": ["A1"]}))
    assert distributions.choose_population(study, asked_for) == chosen


def test_every_option_of_an_item_is_listed_whether_chosen_or_not():
    table = distributions.count_responses(make_responses(ONE, ["4", "r"]), ONE, SCALES)
    assert table["response"].tolist() == [*AGREEMENT.labels, *terms.NOT_RELEVANT.values()]
    assert table["numerator"].tolist() == [0, 0, 0, 1, 0, 1, 0, 0]
    assert table["band"].tolist() == ["Disagree", "Disagree", "Neutral", "Agree", "Agree", *["Not relevant"] * 3]
    assert set(table["scale"]) == {"agreement"}


def test_item_that_nobody_answered_has_no_percentages():
    table = distributions.count_bands(make_responses(ONE, ["-", "-"]), ONE, SCALES)
    assert table[["numerator", "denominator", "denominator_relevant"]].eq(0).all(axis=None)
    assert table[["share", "low", "high"]].isna().all(axis=None)


def test_item_that_is_relevant_to_nobody_keeps_its_first_denominator():
    table = distributions.count_bands(make_responses(ONE, ["r", "s"]), ONE, SCALES).set_index("band")
    assert table.loc["Not relevant", "share"] == 100
    assert table.loc["Agree", "denominator_relevant"] == 0 and table["share_relevant"].isna().all()


def test_reversed_item_is_counted_in_its_raw_direction():
    codebook = make_codebook({"collective action": ["D2"]}, "D2")
    table = distributions.count_bands(make_responses(codebook, ["1", "1", "5"]), codebook, SCALES).set_index("band")
    assert table.loc["Disagree", "numerator"] == 2


def test_a_table_by_group_is_that_of_each_groups_rows():
    responses = make_responses(ONE, ["4", "2", "-"]).assign(sector=["Health", "Police", "Police"])
    table = responses.groupby("sector").apply(distributions.count_bands, ONE, SCALES)
    agree = table[table["band"].eq("Agree")].droplevel(1)
    assert agree["numerator"].to_dict() == {"Health": 1, "Police": 0}
    assert agree["denominator"].to_dict() == {"Health": 1, "Police": 1}


def test_order_of_rows_changes_no_percentage():
    responses = make_responses(TWO, ["".join(pair) for pair in itertools.product("1235rsi-", repeat=2)])
    expected = distributions.count_responses(responses, TWO, SCALES)
    for seed in range(3):
        shuffled = responses.sample(frac=1, random_state=seed)
        pd.testing.assert_frame_equal(distributions.count_responses(shuffled, TWO, SCALES), expected)


def test_items_are_described_by_median_and_quartiles_of_points_only():
    # Points 2, 4, 4, 5: median 4, type-7 quartiles 3.5 and 4.25 by hand.
    table = distributions.describe_items(make_responses(ONE, ["2", "4", "4", "5", "r", "i", "-"]), ONE).iloc[0]
    assert table[["n_relevant", "missing"]].tolist() == [4, 1]
    assert table[["not_relevant_role", "not_relevant_stage", "not_relevant_intervention"]].tolist() == [1, 0, 1]
    assert table[["median", "q1", "q3"]].tolist() == [4, 3.5, 4.25]


def test_item_without_points_has_no_median():
    table = distributions.describe_items(make_responses(FOUR, ["4r--", "5s--"]), FOUR)
    assert table["n_relevant"].tolist() == [2, 0, 0, 0] and table["missing"].tolist() == [0, 0, 2, 2]
    assert table["median"].isna().tolist() == [False, True, True, True]


# --- scores


def test_reversed_item_is_turned_round_its_own_scale():
    codebook = make_codebook({"collective action": ["D1", "D2"]}, "D2")
    scored = scoring.widen_answers(make_responses(codebook, ["55", "12", "-r"]), codebook, SCALES)
    assert scored.to_numpy()[:2].tolist() == [[5, 1], [1, 4]]
    assert scored.iloc[2].isna().all()


def test_a_score_is_the_mean_of_the_items_and_allows_for_how_high_others_answer_those_left_out():
    # By hand: 5443 says that the items lie 1, 0, 0 and −1 from their mean, and with them the others' answers agree exactly:
    # 5, 4, 4 is then the same as 4 throughout, where a plain mean would be 13/3.
    scores = scoring.score_constructs(make_responses(FOUR, ["5443", "5443", "544-", "54r-"]), FOUR, SCALES)
    assert scores["score"].tolist()[:3] == [4, 4, pytest.approx(4)]
    assert scores["items_answered"].tolist() == [4, 4, 3, 2]


def test_scores_allow_for_items_left_out_as_a_regression_on_people_and_items_does():
    # statsmodels: least squares with a column for each person and each item; a person's effect plus the mean effect of items.
    answers = ["5443", "543-", "4r32", "-5-4", "3221", "52r4"]
    responses = make_responses(FOUR, answers)
    given = responses.dropna(subset="value").reset_index()
    fitted = smf.ols("value ~ C(respondent) + C(item)", given).fit()
    grid = pd.MultiIndex.from_product([sorted(set(given["respondent"])), FOUR["item"]], names=["respondent", "item"])
    expected = fitted.predict(grid.to_frame()).groupby("respondent").mean()
    scores = scoring.score_constructs(responses, FOUR, SCALES, minimum_items=0.5).set_index("respondent")["score"]
    assert scores.to_numpy() == pytest.approx(expected.to_numpy())


def test_a_score_that_allows_for_items_left_out_stays_inside_the_scale():
    # The first item lies 2 above the second, so that 5 on the second alone would be 6.
    scores = scoring.score_constructs(make_responses(TWO, ["42", "53", "-5", "1-"]), TWO, SCALES, minimum_items=0)
    assert scores["score"].tolist() == [3, 4, 5, 1]


def test_items_that_no_answers_link_are_not_compared():
    scores = scoring.score_constructs(make_responses(TWO, ["5-", "-2"]), TWO, SCALES, minimum_items=0)
    assert scores["score"].tolist() == [5, 2]


def test_each_wave_is_scored_by_how_its_own_respondents_found_the_items():
    responses = make_responses(TWO, ["42", "4-", "44", "4-"])
    waves = dict(zip(responses["respondent"].unique(), ["2030", "2030", "2031", "2031"], strict=True))
    together = scoring.score_constructs(responses, TWO, SCALES, 0)
    apart = scoring.score_constructs(responses.assign(wave=responses["respondent"].map(waves)), TWO, SCALES, 0)
    assert together["score"].tolist() == [3, 3.5, 4, 3.5] and apart["score"].tolist() == [3, 3, 4, 4]


def test_construct_score_is_missing_when_too_few_items_are_answered():
    scores = scoring.score_constructs(make_responses(FOUR, ["54r-"]), FOUR, SCALES, minimum_items=0.75)
    assert math.isnan(scores["score"].item())
    assert scores["items_answered"].item() == 2
    assert (
        scoring.score_constructs(make_responses(FOUR, ["54r-"]), FOUR, SCALES, 0.5)["score"].item() == 4.5
    )  # nobody answered the others


@pytest.mark.parametrize(
    ("rule", "plain", "turned"), [("missing", math.nan, math.nan), ("midpoint", 4, 3.5), ("lowest", 3, 2.5)]
)
def test_not_relevant_counts_as_an_analyst_chooses(rule, plain, turned):
    """5 and "not relevant" are a mean of (5 + 3) / 2 or (5 + 1) / 2; 2 turned round is 4, so (4 + 3) / 2 or (4 + 1) / 2."""
    codebook = make_codebook({"coherence": ["B1", "B2"], "action": ["D1", "D2"]}, "D2")
    responses = make_responses(codebook, ["5rr2", "4444", "2222"])
    scores = scoring.score_constructs(responses, codebook, SCALES, 1, rule).set_index(["respondent", "construct"])
    first = scores.loc["R001"]
    assert first["score"].to_dict() == pytest.approx({"coherence": plain, "action": turned}, nan_ok=True)
    assert (first["items_not_relevant"] == 1).all() and (first["items_answered"] == 1 + (rule != "missing")).all()
    # The table of other choices compares with this rule, and offers the two others.
    varied = scoring.vary_scoring(responses, codebook, SCALES, 1, rule)
    means = scores.groupby("construct")["score"].mean()
    reported = varied[varied["choice"] == "as reported"].set_index("construct")["mean"]
    assert reported.to_dict() == pytest.approx(means.to_dict())
    others = [name for key, (name, _) in scoring.IRRELEVANT.items() if key != rule]
    assert varied.loc[varied["choice"] == "not relevant", "variant"].to_list() == others * 2


def test_what_not_relevant_would_change_is_what_a_run_with_that_rule_gives():
    """B2 has too few answers for a score, but counts toward the rule: with "not relevant" as a point, three have both."""
    responses = make_responses(TWO, ["5r", "4r", "32", "2-"])
    varied = scoring.vary_scoring(responses, TWO, SCALES, 1).set_index("variant")
    assert varied.loc["as reported", ["n", "mean"]].to_list() == [1, 3]
    for rule in ("midpoint", "lowest"):
        scores = scoring.score_constructs(responses, TWO, SCALES, 1, rule)["score"]
        expected = [scores.count(), scores.mean()]
        assert varied.loc[scoring.IRRELEVANT[rule][0], ["n", "mean"]].to_list() == expected == [3, 4]


@pytest.mark.parametrize(("items", "share", "needed"), [(4, 0.75, 3), (7, 0.75, 6), (25, 0.28, 7), (5, 0, 1), (1, 1, 1)])
def test_share_of_items_needed_is_rounded_up_and_never_nil(items, share, needed):
    assert scoring.count_needed(items, share) == needed


@pytest.mark.parametrize("share", [3, -0.1, math.nan])
def test_minimum_items_outside_0_to_1_is_refused(share):
    with pytest.raises(errors.WorkbookError, match="a share from 0 to 1"):
        scoring.score_constructs(make_responses(FOUR, ["5555"]), FOUR, SCALES, minimum_items=share)


def test_construct_with_one_item_is_scored():
    assert scoring.score_constructs(make_responses(ONE, ["4"]), ONE, SCALES)["score"].item() == 4


def test_whatever_constructs_the_codebook_declares_are_scored():
    codebook = make_codebook({"coherence": ["B1"], "network": ["F1", "F2"], "a fifth": ["G1"]})
    scores = scoring.score_constructs(make_responses(codebook, ["1234"]), codebook, SCALES)
    assert dict(zip(scores["construct"], scores["score"], strict=True)) == {
        "coherence": 1,
        "network": 2.5,
        "a fifth": 4,
    }


def test_construct_over_scales_of_different_length_is_refused():
    codebook = make_codebook({"mixed": ["B1", "B2"]}).assign(scale=["agreement", "six"])
    with pytest.raises(errors.WorkbookError, match="1–5, 1–6"):
        scoring.score_constructs(make_responses(codebook, ["11"]), codebook, SCALES)


EVERY_WAY = ["".join(signs) for signs in itertools.product("15-", repeat=4)]


def test_not_relevant_in_the_place_of_a_missing_answer_changes_no_score():
    before = scoring.score_constructs(make_responses(FOUR, EVERY_WAY), FOUR, SCALES)
    assert before["score"].nunique() > 5 and not before["items_not_relevant"].any()
    for kind in "rsi":
        after = scoring.score_constructs(make_responses(FOUR, [way.replace("-", kind) for way in EVERY_WAY]), FOUR, SCALES)
        pd.testing.assert_series_equal(before["score"], after["score"])
        assert after["items_not_relevant"].tolist() == [way.count("-") for way in EVERY_WAY]


def test_order_of_rows_changes_no_score():
    for answers in (EVERY_WAY, ["12r-", "54-1", "3333", "r-5-"], ["5---"]):
        responses = make_responses(FOUR, answers)
        shuffled = responses.sample(frac=1, random_state=1)
        scores = [scoring.score_constructs(frame, FOUR, SCALES).set_index("respondent") for frame in (responses, shuffled)]
        pd.testing.assert_frame_equal(scores[0], scores[1].loc[scores[0].index])


def describe(scores):
    return scoring.describe_scores(pd.DataFrame({"construct": "coherence", "score": scores}), STUDY).iloc[0]


def test_scores_are_summarised_with_an_interval_that_no_end_of_the_scale_cuts_off():
    row = describe([3.0, 4.0, 5.0, math.nan])
    assert row[["n", "median", "mean"]].tolist() == [3, 4, 4]
    # By hand: a mean of 3/4 of the scale, squares 1/8, spread (1/8 + 1/30) / (2 * 3/16 + 1/10) = 1/3, degrees of freedom
    # 2 + 1/10 * 16/3 = 2.5333 and t 3.5412 (tables: 4.3027 for 2 and 3.1824 for 3): t² / 9 = 1.3934, and so
    # (3/4 + 0.6967 ± sqrt(1.3934 * 3/16 + 1.3934² / 4)) / 2.3934 = 0.24343 and 0.96548.
    assert [row["low"], row["high"]] == pytest.approx([1 + 4 * 0.24343, 1 + 4 * 0.96548], abs=1e-4)


def test_of_many_scores_in_the_middle_of_the_scale_the_interval_is_nearly_students():
    # By hand: a variance of 60/99 and t(99, .975) = 1.98422, so 3 ± 0.1545.
    row = describe([2.0] * 30 + [3.0] * 40 + [4.0] * 30)
    assert [row["low"], row["high"]] == pytest.approx([2.8455, 3.1545], abs=0.003)


@pytest.mark.parametrize("n", [2, 3, 40])
def test_an_interval_does_not_close_where_everybody_is_at_an_end_of_the_scale(n):
    row, other = describe([5.0] * n), describe([1.0] * n)
    assert row["high"] == 5 and 3 < row["low"] < 5 - 0.1 / n
    assert other["low"] == 1 and other["high"] == pytest.approx(6 - row["low"])


def test_an_interval_holds_its_mean_and_stays_inside_the_scale():
    # Every set of two to five scores, each as a construct of its own.
    points = [1.0, 1.25, 3.0, 4.75, 5.0]
    sets = [each for n in range(2, 6) for each in itertools.combinations_with_replacement(points, n)]
    names = [f"c{number}" for number in range(len(sets))]
    study = SimpleNamespace(scored_items=make_codebook({name: [name] for name in names}), scales=SCALES)
    scores = pd.DataFrame({"construct": np.repeat(names, list(map(len, sets))), "score": list(itertools.chain(*sets))})
    found = scoring.describe_scores(scores, study)
    assert found[["low", "mean", "high"]].to_numpy().tolist() == np.sort(found[["low", "mean", "high"]]).tolist()
    assert found["low"].min() >= 1 and found["high"].max() <= 5 and (found["high"] - found["low"]).min() > 0.01


def test_one_score_or_none_has_an_explanation_in_the_place_of_an_interval():
    study = SimpleNamespace(scored_items=make_codebook({"a": ["A1"], "b": ["B1"]}), scales=SCALES)
    table = scoring.describe_scores(pd.DataFrame({"construct": ["b", "a"], "score": [4, math.nan]}), study)
    assert table["construct"].tolist() == ["b", "a"] and table["n"].tolist() == [1, 0]
    assert table["note"].tolist() == ["[not defined: one score has no interval]", "[not defined: nobody has a score]"]
    assert table[["low", "high"]].isna().all(axis=None)


def test_sensitivity_changes_one_choice_at_a_time():
    codebook = make_codebook({"collective action": ["D1", "D2"]}, "D2")
    # As reported, both items needed: 5 and 6 - 1 = 5 make 5; 3 and 6 - 2 = 4 make 3.5. The third respondent has 4 alone, and
    # the others say that D1 lies 1/4 below the mean of both. Left out, or not reversed, D1 is alone or 2 above it.
    responses = make_responses(codebook, ["51", "32", "4r"])
    table = scoring.vary_scoring(responses, codebook, SCALES).set_index("variant")
    assert table["mean"].to_dict() == pytest.approx(
        {
            "as reported": 4.25,
            "plain mean of what was answered": 4.25,
            "complete answers only": 4.25,
            "one item is enough": (5 + 3.5 + 4.25) / 3,
            "half of the items": (5 + 3.5 + 4.25) / 3,
            "as the midpoint": (5 + 3.5 + 3.5) / 3,
            "as the lowest score": (5 + 3.5 + 2.5) / 3,
            "not reversed": (3 + 2.5) / 2,
            "left out": 4,
        }
    )
    assert table.loc["not reversed", "difference"] == pytest.approx(-1.5)
    assert table["n"].tolist() == [2, 2, 2, 3, 3, 3, 3, 2, 3]


def test_sensitivity_shows_what_a_plain_mean_of_what_was_answered_would_be():
    # The third respondent has 5 alone where the others answer that item 1 above the mean of both: 4, and plainly 5.
    table = scoring.vary_scoring(make_responses(TWO, ["53", "42", "5-"]), TWO, SCALES, 0.5).set_index("variant")
    assert table.loc["as reported", "mean"] == pytest.approx((4 + 3 + 4) / 3)
    assert table.loc["plain mean of what was answered", "difference"] == pytest.approx(1 / 3)
    assert table.loc["complete answers only", ["n", "mean"]].tolist() == [2, 3.5]


def test_sensitivity_to_the_negative_item_is_left_out_where_there_is_none():
    table = scoring.vary_scoring(make_responses(FOUR, ["5555"]), FOUR, SCALES)
    assert "negative item" not in set(table["choice"])


def test_sensitivity_of_a_construct_that_is_one_negative_item_has_no_mean_without_it():
    codebook = make_codebook({"disruption": ["D2"]}, "D2")
    table = scoring.vary_scoring(make_responses(codebook, ["1", "2"]), codebook, SCALES).set_index("variant")
    assert table.loc["left out", "n"] == 0 and math.isnan(table.loc["left out", "mean"])


# --- reliability

# The first 120 rows of psych::bfi (psych 2.2.9) that are complete on A1–A5 and C1–C5, a digit an item. Reversed: A1, C4,
# C5. The expected figures below come from these rows k, after k$A1 <- 7 - k$A1 and so on, in R 4.2.2:
#   a <- psych::alpha(k[, items], check.keys = FALSE)     a$total$raw_alpha, a$feldt, a$item.stats$r.drop, a$alpha.drop
#   psych::omega(k[, items], nfactors = 1, fm = "ml", flip = FALSE)$omega.tot
#   lavaan::cfa("A =~ A1+A2+A3+A4+A5\nC =~ C1+C2+C3+C4+C5", k)                                          (lavaan 0.6.14)
BFI_ROWS = """
2434423344 2452554434 5454445425 4465544355 2334544532 6656566613 2553554423 4315132424 4363366345 2566565621
4456543532 2555554545 5556454322 5556644421 4522155522 4366355535 4662544444 5554555543 4454354546 4465511156
5421246554 1661554423 1565643245 2656535636 4556555411 1661652511 2444365611 2566645434 2513554525 4565555354
1656355543 2566655524 1565415646 2456546424 4444443334 5354222434 1646456315 1442365634 1666666611 1543565522
1556544434 5436452524 1544545433 5643553345 2666654534 1666652121 5534344345 2645532346 1532336313 1666655412
1666443142 1565466662 3644455325 4356356252 1666665522 1435555445 1422255551 3452454524 1654466614 3354564422
2344553246 2445355434 4535465522 2666646614 1542512226 4322242245 2345655422 1663665614 4566446612 2462524411
4445354624 1555455512 3555455511 2556554632 2666654512 5666555634 1224224251 2555542354 1565365443 1633166516
1462633445 1665656511 1652645523 4446525443 1555544522 1654645445 1646444524 1555552412 1562554534 2454522344
1663666511 2646445631 2334356414 3122221266 1455664411 4326545626 2623442535 2553543435 3442443442 2555266415
1452621246 1641164521 1656653465 6111236334 2656554446 3656435234 1666644534 1665453512 1666666516 1654554522
4212241266 1543456414 5222122235 2543454523 1566665426 4655646552 2544445555 6552555611 2551655536 2455555466
"""
BFI = BFI_ROWS.split()
BFI_ITEMS = {"A": ["A1", "A2", "A3", "A4", "A5"], "C": ["C1", "C2", "C3", "C4", "C5"]}
BFI_CODEBOOK = make_codebook(BFI_ITEMS, "A1 C4 C5", "six")
BFI_RESPONSES = make_responses(BFI_CODEBOOK, BFI, SIX_POINTS)


def test_alpha_feldt_and_omega_agree_with_psych():
    table = estimate_reliability(BFI_RESPONSES, BFI_CODEBOOK, SCALES).set_index("construct")
    expected = {
        "A": (0.70947260, 0.61834342, 0.78423159, 0.74368436),
        "C": (0.72318867, 0.63636179, 0.79441822, 0.73863593),
        "all items": (0.74904255, 0.67638480, 0.81099145, 0.76574760),
    }
    for construct, figures in expected.items():
        found = table.loc[construct, ["alpha", "low", "high", "omega"]].tolist()
        assert found[:3] == pytest.approx(figures[:3], abs=1e-8)
        assert found[3] == pytest.approx(figures[3], abs=1e-6)
    assert table["enough"].all()
    assert table["note"].eq("").all()


def test_alpha_agrees_with_pingouin():
    items = scoring.widen_answers(BFI_RESPONSES, BFI_CODEBOOK, SCALES)[BFI_ITEMS["C"]]
    found = estimate_alpha(items)
    value, bounds = pingouin.cronbach_alpha(items)
    assert found.value == pytest.approx(value)
    assert [found.low, found.high] == pytest.approx(bounds, abs=0.0005)


def test_feldt_interval_at_forty_is_as_wide_as_readers_are_told():
    # psych::alpha.ci(.65, 40, 5) gives 0.4433688 to 0.7960431 (psych 2.2.9); the ratios of 1 - alpha hold for any alpha.
    forty = make_responses(BFI_CODEBOOK, BFI[:40], SIX_POINTS)
    found = estimate_reliability(forty, BFI_CODEBOOK, SCALES).iloc[0]
    assert (1 - found["low"]) / (1 - found["alpha"]) == pytest.approx((1 - 0.4433688) / 0.35, abs=1e-6)
    assert (1 - found["high"]) / (1 - found["alpha"]) == pytest.approx((1 - 0.7960431) / 0.35, abs=1e-6)


def test_item_rest_correlations_and_alpha_if_dropped_agree_with_psych():
    table = correlate_items(BFI_RESPONSES, BFI_CODEBOOK, SCALES).query("construct == 'A'")
    item_rest = [0.29693633, 0.57321647, 0.62990485, 0.31211784, 0.60738953]
    assert table["item_rest"].tolist() == pytest.approx(item_rest, abs=1e-8)
    # Fisher by hand, n = 120: atanh .29693633 = .306156, less and plus 1.959964 / sqrt 117 = .181198, is .124958 and .487354.
    assert table[["low", "high"]].iloc[0].tolist() == pytest.approx([math.tanh(0.124958), math.tanh(0.487354)], abs=1e-6)
    dropped = [0.73167973, 0.62812921, 0.59410674, 0.73363792, 0.60302746]
    assert table["alpha_if_dropped"].tolist() == pytest.approx(dropped, abs=1e-8)
    assert not table["warning"].any()


def test_unreversed_item_draws_a_warning():
    # The same rows with A1 left as it is: psych gives r.drop -0.29693633 0.34900054 0.53747945 0.39884445 0.46044036.
    table = correlate_items(BFI_RESPONSES, BFI_CODEBOOK.assign(reversed=False), SCALES).query("construct == 'A'")
    item_rest = [-0.29693633, 0.34900054, 0.53747945, 0.39884445, 0.46044036]
    assert table["item_rest"].tolist() == pytest.approx(item_rest, abs=1e-8)
    assert table["warning"].tolist() == [True, False, False, False, False]
    assert "check whether the item needs reversing" in table["note"].iloc[0]


def test_factor_model_agrees_with_lavaan():
    found = fit_factor_model(BFI_RESPONSES, BFI_CODEBOOK, SCALES).iloc[0]
    expected = {"chi2": 40.37003, "df": 34, "p": 0.20935, "cfi": 0.97468, "tli": 0.96648}
    expected |= {"rmsea": 0.03951, "srmr": 0.06391}
    assert found[list(expected)].to_dict() == pytest.approx(expected, abs=5e-4)
    assert found["n_complete"] == 120


def test_factor_model_is_not_fitted_below_a_hundred_complete_rows():
    responses = make_responses(BFI_CODEBOOK, BFI[:99], SIX_POINTS)
    found = fit_factor_model(responses, BFI_CODEBOOK, SCALES).iloc[0]
    assert math.isnan(found["cfi"])
    assert found["note"] == "[not defined: 99 people answered every item, and a factor model needs 100]"


@pytest.mark.parametrize(
    ("constructs", "change", "reason"),
    [
        ({"A": ["A1", "A2", "A3", "A4"], "B": ["B1"]}, lambda word: word[:5], "at least two items"),
        (BFI_ITEMS, lambda word: word[:9] + "4", "everybody gave the same answer to one item"),
        (BFI_ITEMS, lambda word: word[:9] + word[8], "worked out from the others"),
    ],
)
def test_factor_model_that_cannot_be_fitted_says_why(constructs, change, reason):
    codebook = make_codebook(constructs, scale="six")
    responses = make_responses(codebook, [change(word) for word in BFI], SIX_POINTS)
    assert reason in fit_factor_model(responses, codebook, SCALES)["note"].item()


def test_factor_model_that_does_not_settle_says_so(monkeypatch):
    monkeypatch.setattr(reliability, "_fit_semopy", lambda complete, sets: ({}, "the factor model did not converge"))
    found = fit_factor_model(BFI_RESPONSES, BFI_CODEBOOK, SCALES).iloc[0]
    assert math.isnan(found["cfi"]) and found["note"] == "[not defined: the factor model did not converge]"


def test_rmsea_interval_agrees_with_lavaans_documented_example():
    # lavaan's tutorial, three factors of Holzinger and Swineford's nine tests: chi-squared 85.306, 24 df, n = 301; 90% CI of
    # the RMSEA .071 to .114. And a chi-squared so small that no noncentral one fits: from 0.
    assert bound_rmsea(85.306, 24, 301) == pytest.approx((0.071, 0.114), abs=0.0005)
    assert bound_rmsea(10, 24, 301) == (0, 0)


# Correlations that no proper solution gives, exactly, in 120 rows of numbers. One factor of three items has a loading of
# r12 r13 / r23 squared = .64 / .5 = 1.28; two factors whose items correlate .3 within and .6 across correlate at .6 / .3 = 2.
@pytest.mark.parametrize(
    ("sizes", "pairs", "reason"),
    [
        (
            (3, 2),
            {(0, 1): 0.8, (0, 2): 0.8, (1, 2): 0.5, (3, 4): 0.5, **{(i, j): 0.2 for i in range(3) for j in (3, 4)}},
            "Heywood",
        ),
        ((2, 2), {(0, 1): 0.3, (2, 3): 0.3, **{(i, j): 0.6 for i in (0, 1) for j in (2, 3)}}, "correlate at 1 or more"),
    ],
)
def test_an_improper_solution_is_named_and_its_fit_is_not_shown(sizes, pairs, reason):
    names = [f"B{number}" for number in range(sum(sizes))]
    correlation = np.eye(len(names))
    for (one, other), value in pairs.items():
        correlation[one, other] = correlation[other, one] = value
    drawn = np.random.default_rng(1).standard_normal((120, len(names)))
    uncorrelated = np.linalg.qr(drawn - drawn.mean(axis=0))[0]
    complete = pd.DataFrame(uncorrelated @ np.linalg.cholesky(correlation).T * np.sqrt(120), columns=names)
    codebook = make_codebook({"one": names[: sizes[0]], "two": names[sizes[0] :]})
    responses = complete.rename_axis("respondent").reset_index().melt("respondent", var_name="item").assign(status="answered")
    found = fit_factor_model(responses, codebook, SCALES).iloc[0]
    assert found[["chi2", "cfi", "rmsea", "rmsea_low", "srmr"]].isna().all() and found["verdict"] == ""
    assert reason in found["note"] and "improper" in found["note"]


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({}, "fits"),
        ({"cfi": 0.949}, "unclear"),
        ({"rmsea": 0.061}, "unclear"),
        ({"srmr": 0.081}, "unclear"),
        ({"rmsea": 0.09, "rmsea_low": 0.061}, "does not fit"),
    ],
)
def test_a_model_fits_by_the_cut_offs_of_hu_and_bentler_and_fails_where_the_interval_says_so(changed, verdict):
    assert judge_fit({"cfi": 0.95, "rmsea": 0.06, "rmsea_low": 0.03, "srmr": 0.08} | changed) == verdict


def test_items_mixed_over_constructs_do_not_fit():
    codebook = make_codebook({"A": ["A1", "A2", "C1", "C2", "C3"], "C": ["A3", "A4", "A5", "C4", "C5"]}, "A1 C4 C5", "six")
    found = fit_factor_model(BFI_RESPONSES, codebook, SCALES).iloc[0]
    assert found["verdict"] == "does not fit" and found["rmsea_low"] > 0.06


def test_a_low_item_rest_correlation_that_chance_allows_draws_no_warning():
    # Six people: r = 0 with an interval from -.81 to .81 (Fisher, 1.96 / sqrt 3 = 1.1316).
    codebook = make_codebook({"pair": ["B1", "B2"]})
    found = correlate_items(make_responses(codebook, ["12", "22", "32", "14", "24", "34"]), codebook, SCALES).iloc[0]
    assert found["item_rest"] == pytest.approx(0) and found["high"] == pytest.approx(math.tanh(1.131586), abs=1e-6)
    assert not found["warning"] and found["note"].startswith("[alpha if dropped not defined")


def test_three_rows_or_a_perfect_correlation_have_no_interval():
    codebook = make_codebook({"pair": ["B1", "B2"]})
    for answers in (["12", "23", "32"], ["11", "22", "33", "44", "55"]):
        found = correlate_items(make_responses(codebook, answers), codebook, SCALES).iloc[0]
        assert found[["low", "high"]].isna().all() and not found["warning"] and not math.isnan(found["item_rest"])


def test_an_item_whose_others_never_differ_has_no_item_rest_correlation():
    codebook = make_codebook({"pair": ["B1", "B2"]})
    table = correlate_items(make_responses(codebook, ["14", "24", "34"]), codebook, SCALES)
    assert table["note"].tolist() == [
        "[not defined: the other items have the same total for everybody]",
        "[not defined: everybody gave the same answer to the item]",
    ]


def test_no_verdict_below_thirty_complete_rows():
    for rows, enough in ((29, False), (30, True)):
        responses = make_responses(BFI_CODEBOOK, BFI[:rows], SIX_POINTS)
        assert estimate_reliability(responses, BFI_CODEBOOK, SCALES)["enough"].eq(enough).all()


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (["444-", "44-4", "4r44"], "nobody answered every item"),
        (["rrrr", "ssss"], "nobody answered every item"),
        (["4444", "4444", "4444"], "all totals are identical"),
        (["1234", "4321", "2341"], "all totals are identical"),
        (["1234", "5432", "----"], "2 complete rows, at least 3 needed"),
    ],
)
def test_reliability_that_cannot_be_computed_is_explained(answers, reason):
    responses = make_responses(FOUR, answers)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = estimate_reliability(responses, FOUR, SCALES)
        items = correlate_items(responses, FOUR, SCALES)
    assert f"[not defined: {reason}]" in table["note"].item()
    assert table[["alpha", "low", "high", "omega"]].isna().all(axis=None)
    assert items["note"].str.contains("[not defined:", regex=False).all()
    assert not items["warning"].any()


def test_construct_with_one_item_has_no_reliability():
    table = estimate_reliability(make_responses(ONE, ["1", "2", "3"]), ONE, SCALES)
    assert table["note"].item() == "[not defined: one item has no internal consistency]"


def test_two_items_have_alpha_but_no_omega():
    codebook = make_codebook({"pair": ["B1", "B2"]})
    table = estimate_reliability(make_responses(codebook, ["12", "23", "45", "54"]), codebook, SCALES)
    assert table["alpha"].notna().item()
    assert "[omega not defined: one factor needs at least three items]" in table["note"].item()


def test_omega_is_not_defined_where_one_item_repeats_another():
    codebook = make_codebook({"A": ["A1", "A2", "A3", "A4"]}, scale="six")
    responses = make_responses(codebook, [word[:3] + word[0] for word in BFI], SIX_POINTS)
    table = estimate_reliability(responses, codebook, SCALES)
    assert table["alpha"].notna().item() and table["omega"].isna().item()
    assert table["note"].item() == "[omega not defined: one item can be worked out from the others]"


def test_omega_is_not_defined_where_the_factor_takes_up_one_item():
    # R 4.2.2: factanal(x, 1)$uniquenesses is at its bound of .005 for one of these three items.
    rows = """234 223 442 235 444 233 123 344 423 442 454 453 322 432 234 232 444 334 234 433 333 443 324 231 344 132 232
"""
    codebook = make_codebook({"three": ["B1", "B2", "B3"]})
    table = estimate_reliability(make_responses(codebook, rows.split()), codebook, SCALES)
    assert table["omega"].isna().item()
    assert "(a Heywood case)" in table["note"].item()


def test_constant_item_leaves_alpha_and_is_named_in_the_item_table():
    answers = ["1214", "2325", "4444", "5543", "3333", "2111"]
    responses = make_responses(FOUR, [answer[:3] + "4" for answer in answers])
    assert estimate_reliability(responses, FOUR, SCALES)["alpha"].notna().item()
    items = correlate_items(responses, FOUR, SCALES)
    assert items["note"].iloc[3] == "[not defined: everybody gave the same answer to the item]"
    assert items["item_rest"].iloc[:3].notna().all()


# --- who responded


def make_invited(number, margins=(), waves=("2030",)):
    """What the functions ask of a study: its number of people invited, and its waves."""
    invited = SimpleNamespace(number=number, margins=dict(margins)) if number else None
    groupings = {"sector": SimpleNamespace(label="Sector")}
    survey = SimpleNamespace(invited=invited, files=dict.fromkeys(waves), groupings=groupings)
    return SimpleNamespace(survey=survey, folder=Path("data"))


def make_received(received, answered):
    return pd.DataFrame({"items_answered": [3] * answered + [0] * (received - answered)})


def test_a_response_rate_of_all_who_were_invited_has_no_interval():
    table = response.describe_response(make_invited(3000), make_received(48, 40))
    assert table["responded"].tolist() == [48, 40] and table["invited"].tolist() == [3000, 3000]
    assert table["response_rate"].tolist() == pytest.approx([1.6, 4 / 3])
    assert not {"low", "high"} & set(table)


@pytest.mark.parametrize("study", [make_invited(None), make_invited(3000, waves=("2030", "2031"))])
def test_without_one_number_invited_for_one_wave_there_is_no_response_rate(study):
    table = response.describe_response(study, make_received(48, 40))
    assert table["responded"].tolist() == [48, 40]
    assert table[["invited", "response_rate"]].isna().all(axis=None)


def test_more_respondents_than_invited_is_refused():
    with pytest.raises(errors.WorkbookError, match="40, fewer than the 48 who responded"):
        response.describe_response(make_invited(40), make_received(48, 40))


def test_respondents_are_compared_with_the_invited_group_by_group():
    sector = pd.Series(pd.Categorical(["Health"] * 3 + ["Police", "Sport"]))
    study = make_invited(200, {"sector": {"Health": 50, "Police": 50, "Schools": 100}})
    table = response.compare_every_margin(study, pd.DataFrame({"sector": sector})).set_index("group")
    assert table["responded"].to_dict() == {"Health": 3, "Police": 1, "Schools": 0, "Sport": 1}
    assert table.loc["Health", ["response_rate", "share_of_respondents", "share_of_invited"]].tolist() == [6, 75, 25]
    assert table.loc["Schools", "response_rate"] == 0
    assert table.loc["Sport", "note"] == "[not defined: the study gives no number invited]"
    assert_explained(table, "response_rate")


def test_margin_smaller_than_the_group_is_explained():
    respondents = pd.DataFrame({"sector": ["Health"] * 3})
    table = response.compare_every_margin(make_invited(9, {"sector": {"Health": 2}}), respondents)
    assert "more people responded than" in table["note"].item()
    assert_explained(table, "response_rate")


def test_every_margin_that_a_study_gives_is_compared_under_the_name_of_its_grouping():
    respondents = pd.DataFrame({"sector": ["Health", "Police"]})
    table = response.compare_every_margin(make_invited(100, {"sector": {"Health": 50, "Police": 50}}), respondents)
    assert table[["grouping", "group", "responded"]].to_numpy().tolist() == [["Sector", "Health", 1], ["Sector", "Police", 1]]
    for study in (make_invited(100), make_invited(None)):
        none = response.compare_every_margin(study, respondents)
        assert len(none) == 0 and list(none) == list(table)


def test_completion_counts_not_relevant_as_an_answer():
    codebook = make_codebook({"B": ["B1", "B2"], "C": ["C1"]})
    table = response.describe_completion(make_responses(codebook, ["4r5", "4--", "--3"]), codebook).set_index("section")
    assert table.loc["B", ["items", "started", "numerator", "denominator"]].tolist() == [2, 2, 1, 3]
    assert table.loc["C", ["items", "started", "numerator", "denominator"]].tolist() == [1, 2, 2, 3]
    assert table.loc["C", "share"] == pytest.approx(200 / 3)


def test_completion_of_nobody_is_explained():
    codebook = make_codebook({"B": ["B1", "B2"]})
    table = response.describe_completion(make_responses(codebook, ["44"])[:0], codebook)
    assert table[["started", "numerator", "denominator"]].iloc[0].tolist() == [0, 0, 0]
    assert_explained(table, "share", "low", "high")


def test_people_are_fast_beside_those_who_came_as_far_and_nobody_is_dropped():
    codebook = make_codebook({"B": ["B1", "B2", "B3"], "C": ["C1"]})
    # Six came to the end; two broke off after the first section, in a sixth of the time.
    responses = make_responses(codebook, ["4443", "4433", "4433", "4433", "4433", "4433", "443-", "44--"])
    seconds = [80, 100, 200, 300, 400, math.nan, 30, 40]
    respondents = pd.DataFrame({"respondent": responses["respondent"].unique(), "duration_seconds": seconds})
    flags = response.flag_response_quality(respondents, responses, codebook, 0.5)
    # The median of the five with a duration is 200 seconds: under 100 is fast.
    assert flags["speeder"].tolist() == [True, False, False, False, False, pd.NA, pd.NA, pd.NA]
    assert flags["section"].tolist() == ["C"] * 6 + ["B"] * 2
    assert flags["note"].tolist()[4:] == ["", "[not defined: no duration recorded]", response.TOO_FEW, response.TOO_FEW]
    assert response.keep_flagged(flags)["respondent"].tolist() == [respondents["respondent"][0]]


def test_straight_liners_chose_one_point_for_every_item_of_a_scale(monkeypatch):
    monkeypatch.setattr(response, "STRAIGHT_LINE", 3)
    codebook = make_codebook({"coherence": ["B1", "B2", "B3"]})
    responses = make_responses(codebook, ["444", "443", "44-", "r44"])
    respondents = pd.DataFrame({"respondent": ["R001", "R002", "R003", "R004"], "duration_seconds": math.nan})
    flags = response.flag_response_quality(respondents, responses, codebook)
    assert flags["straight_liner"].tolist() == [True, False, False, False]


def test_one_flag_is_enough_to_be_listed():
    flags = pd.DataFrame({"speeder": [True, False, pd.NA, False], "straight_liner": [False, True, True, False]})
    assert response.keep_flagged(flags.astype({"speeder": "boolean"})).index.tolist() == [0, 1, 2]


def test_quality_is_flagged_without_any_durations():
    respondents = pd.DataFrame({"respondent": ["R001"], "duration_seconds": [math.nan]})
    flags = response.flag_response_quality(respondents, make_responses(FOUR, ["----"]), FOUR, 0.5)
    assert flags["speeder"].isna().item()
    assert not flags["straight_liner"].item()


# --- the table that papers print


def test_the_table_for_a_paper_has_each_construct_and_under_it_its_items():
    codebook = make_codebook({"coherence": ["B1", "B2"], "other": ["C1"]}, "B2")
    responses = make_responses(codebook, ["151", "24r", "42-", "5-3"])
    scores = scoring.score_constructs(responses, codebook[:2], SCALES, 0.5)
    table = distributions.table_for_paper(responses, codebook, scores, SCALES)
    assert table["item"].isna().tolist() == [True, False, False, False]
    rows = table.set_index("item").astype({"construct": str})
    # B2 is worded negatively: its own row is as answered (5, 4, 2), the score turns it round (1, 2, 4).
    counts = ["n", "missing", "not_relevant", "low_or_disagree", "neutral", "high_or_agree"]
    assert rows.loc["B1", counts].tolist() == [4, 0, 0, 2, 0, 2]
    assert rows.loc["B2", counts].tolist() == [3, 1, 0, 1, 0, 2]
    assert rows.loc["C1", counts].tolist() == [2, 1, 1, 1, 1, 0]
    assert rows.loc["B2", "high_or_agree_share"] == pytest.approx(200 / 3)
    assert rows.loc["B2", ["mean", "sd", "median", "q1", "q3"]].tolist() == pytest.approx([11 / 3, math.sqrt(7 / 3), 4, 3, 4.5])
    # Scores: (1 + 1) / 2, (2 + 2) / 2, (4 + 4) / 2, 5.
    score = table.iloc[0]
    assert score[["n", "mean", "sd", "median", "q1", "q3"]].tolist() == pytest.approx([4, 3, math.sqrt(10 / 3), 3, 1.75, 4.25])
    assert score[["missing", "low_or_disagree", "neutral_share"]].isna().all()


def test_a_scale_without_a_middle_has_no_neutral_answers_in_the_table_for_a_paper():
    halves = definition.Scale.model_validate(
        {"responses": [{"label": str(point), "value": point, "band": "low" if point < 3 else "high"} for point in range(1, 5)]}
    )
    codebook = make_codebook({"coherence": ["B1"]}, scale="halves")
    responses = make_responses(codebook, ["1", "2", "4"], halves)
    scores = scoring.score_constructs(responses, codebook, {"halves": halves})
    row = distributions.table_for_paper(responses, codebook, scores, {"halves": halves}).iloc[1]
    assert row[["low_or_disagree", "high_or_agree"]].tolist() == [2, 1] and math.isnan(row["neutral"])


def test_an_item_that_few_answered_makes_no_part_of_the_score(project):
    """One answer to an item says nothing of how hard it is for the others."""
    study = reading.read_study("tiny")
    people = [f"R{number}" for number in range(10)]
    rows = [(name, item, 3.0 if item == "A1" or name == "R0" else np.nan) for name in people for item in ("A1", "A2")]
    rows[1] = ("R0", "A2", 1.0)
    responses = pd.DataFrame(rows, columns=["respondent", "item", "value"])
    responses["status"] = np.where(responses["value"].notna(), "answered", "missing")
    scores = scoring.score_constructs(responses, study.codebook[study.codebook["construct"] == "sense"], study.scales, 0.5)
    assert scores["score"].tolist() == [3.0] * 10 and set(scores["items_scored"]) == {1}
    # With five of ten answers it does: the two items are equally easy, so that nobody's score moves.
    responses.loc[responses["item"].eq("A2") & responses["respondent"].isin(people[:5]), ["value", "status"]] = [
        3.0,
        "answered",
    ]
    scores = scoring.score_constructs(responses, study.codebook[study.codebook["construct"] == "sense"], study.scales, 0.5)
    assert scores["score"].tolist() == [3.0] * 10 and set(scores["items_scored"]) == {2}


def test_nine_scores_at_the_end_of_the_scale_have_an_interval_that_ends_there():
    scores = pd.DataFrame({"construct": "sense", "score": [5.0] * 9})
    row = scoring.bound_means(*(pd.Series([value]) for value in (9, 5.0, 0.0)), np.array([1.0]), np.array([5.0])).iloc[0]
    assert scores["score"].mean() == row["high"] == 5 and 1 < row["low"] < 5
