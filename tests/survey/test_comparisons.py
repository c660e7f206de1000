"""Every grouping and wave of a study compared: what is stacked, counted and left out."""

import pandas as pd
import pytest
from conftest import HEAD
from toys import SAME_PEOPLE, SOME_IN_BOTH, hold_waves

from helpers.study import reading, terms
from helpers.survey import cleaning, comparisons, pairs, planning, scoring


def clean(project, rows=None):
    if rows is not None:
        (project / "data" / "tiny" / "survey.csv").write_text(HEAD + rows)
    study = reading.read_study("tiny")
    cleaned = cleaning.clean_survey(study)
    return study, cleaned, scoring.score_constructs(cleaned.responses, study.scored_items, study.scales)


@pytest.fixture
def waves(project):
    """The same twelve people in 2030 and 2031, who all rose, and two others in 2032."""
    hold_waves(project, SAME_PEOPLE | {"2032": ["m0,Agree,Neutral,Disagree", "m1,Agree,Neutral,Disagree"]})
    return clean(project)


def test_each_score_stands_once_under_every_grouping_with_its_group(project):
    study, cleaned, scores = clean(project)
    joined = comparisons.join_every_grouping(study, scores, cleaned.respondents, smallest=1)
    assert joined["grouping"].unique().tolist() == ["Team"]
    # North: R_1 and R_3; South: R_2. Of "sense" R_3 answered one item of two and has no score; of "work" R_2 has none.
    counts = joined.groupby(["group", "construct"]).size().to_dict()
    assert counts == {("North", "sense"): 1, ("North", "work"): 2, ("South", "sense"): 1}


ORDERED = "    years: {label: Years, column: team, levels: [North, South], ordered: true}\n"


def test_every_grouping_is_tested_once_along_its_order_where_it_has_one(project):
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text() + ORDERED)
    study, cleaned, scores = clean(project)
    found = comparisons.compare_every_grouping(study, scores, cleaned.respondents, 1, 100, 1)
    assert found.groupby(["grouping", "test"], sort=False).size().to_dict() == {
        ("Team", "Kruskal–Wallis"): 2, ("Years", "Jonckheere–Terpstra"): 2,
    }  # fmt: skip
    assert set(found.loc[found["test"] == "Jonckheere–Terpstra", "effect_name"]) == {"tau-b"}


def test_groupings_and_constructs_are_one_family_and_one_of_the_pages_questions(project):
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text() + ORDERED)
    rows = "".join(f"R_{k},0,{'North' if k < 6 else 'South'},{a},{a},{b}\n" for k, (a, b) in enumerate(
        [("Agree", "Agree"), ("Agree", "Neutral")] * 3 + [("Disagree", "Neutral"), ("Neutral", "Agree")] * 3))  # fmt: skip
    study, cleaned, scores = clean(project, rows)
    found = comparisons.compare_every_grouping(study, scores, cleaned.respondents).set_index(["grouping", "construct"])
    # Of 12 people the 6 with the highest scores are all in the North: 2 of 924 divisions are so extreme, in either test. Three
    # questions: what stands out, to whom the practice is not relevant, whether groups differ. Holm by hand, of four tests.
    p = 2 / 924
    assert found.loc[[("Team", "sense"), ("Years", "sense")], "p"].to_list() == pytest.approx([p, p])
    assert found.loc[[("Team", "sense"), ("Years", "sense")], "p_holm"].to_list() == pytest.approx([3 * 4 * p] * 2)
    by_group = comparisons.join_every_grouping(study, scores, cleaned.respondents)
    tested = pairs.compare_pairs(study, by_group, found.reset_index())
    assert tested[["grouping", "construct", "group_a", "group_b"]].to_numpy().tolist() == [
        [grouping, construct, "North", "South"] for grouping in ("Team", "Years") for construct in ("sense", "work")
    ]
    # The pair is the whole comparison, so it has its p; where that found nothing there is none.
    assert tested["p_holm"].fillna(-1).to_list() == pytest.approx([3 * 4 * p, -1, 3 * 4 * p, -1])


def test_a_study_without_groupings_leaves_empty_frames_with_their_columns(project):
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(
        path.read_text()
        .replace("    team: {label: Team, column: team, levels: [North, South]}\n", "")
        .replace("  groupings:\n", "")
    )
    study, cleaned, scores = clean(project)
    compared = comparisons.compare_every_grouping(study, scores, cleaned.respondents)
    joined = comparisons.join_every_grouping(study, scores, cleaned.respondents)
    for found in (
        compared,
        joined,
        pairs.compare_pairs(study, joined, compared),
        comparisons.count_every_status(study, cleaned.responses, cleaned.respondents),
        comparisons.compare_every_wave(study, scores, cleaned.respondents),
        comparisons.compare_every_item(study, cleaned.responses, cleaned.respondents, pd.DataFrame()),
        comparisons.count_every_transition(study, scores, cleaned.respondents),
    ):
        assert len(found) == 0 and len(found.columns) > 4


def test_statuses_are_counted_by_item_and_group_and_added_up(project):
    study, cleaned, _ = clean(project)
    statuses = comparisons.count_every_status(study, cleaned.responses, cleaned.respondents)
    south = statuses[(statuses["group"] == "South") & (statuses["item"] == "B1")].set_index("status")["numerator"]
    assert south["not relevant to role"] == 1 and south["answered"] == 0
    assert statuses["group"].unique().tolist() == ["North", "South"]
    assert statuses["status"].tolist() == terms.STATUSES * 6
    totals = comparisons.add_up_statuses(statuses).set_index(["group", "status"])
    # North: two people, three items each, one of them left out.
    assert totals.loc[("North", "answered"), ["numerator", "denominator"]].tolist() == [5, 6]
    assert totals.loc[("North", "missing"), "share"] == pytest.approx(100 / 6)


def test_not_relevant_is_listed_for_items_that_anybody_called_so_of_all_who_answered(project):
    study, cleaned, _ = clean(project)
    listed = comparisons.list_not_relevant(comparisons.count_every_status(study, cleaned.responses, cleaned.respondents))
    assert listed[["item", "group", "numerator", "denominator"]].values.tolist() == [
        ["B1", "North", 0, 2],
        ["B1", "South", 1, 1],
    ]


def test_each_wave_is_compared_with_the_one_before_it_and_the_first_with_the_last(waves):
    study, cleaned, scores = waves
    found = comparisons.compare_every_wave(study, scores, cleaned.respondents, 100, 1)
    sense = found[found["construct"] == "sense"]
    assert sense[["earlier", "later", "n_earlier", "n_later", "pairs", "rose"]].to_numpy().tolist() == [
        ["2030", "2031", 12, 12, 12, 12], ["2031", "2032", 12, 2, 0, 0], ["2030", "2032", 12, 2, 0, 0],
    ]  # fmt: skip


def test_changes_are_corrected_for_constructs_pairs_of_waves_and_the_questions_of_the_page(waves):
    study, cleaned, scores = waves
    # Two constructs, three pairs of waves; items, not relevant, groups and waves are four questions.
    assert comparisons.count_changes(study) == 24
    found = comparisons.compare_every_wave(study, scores, cleaned.respondents)
    first = found.iloc[0]
    # All twelve rose: 2 of 4,096 signs.
    assert (first["p"], first["p_holm"]) == (pytest.approx(2 / 4096), pytest.approx(24 * 2 / 4096))


def test_an_item_is_claimed_to_have_changed_only_where_its_construct_did(waves):
    study, cleaned, scores = waves
    changes = comparisons.compare_every_wave(study, scores, cleaned.respondents)
    found = comparisons.compare_every_item(study, cleaned.responses, cleaned.respondents, changes)
    rows = found[found["later"].eq("2031")].set_index("item")
    # A1: from nobody to everybody; A2 and B1 stayed, so Holm's correction is over A1 alone.
    assert rows.loc["A1", ["share_earlier", "share_later", "points", "rose", "fell"]].tolist() == [0, 100, 100, 12, 0]
    assert rows.loc["A1", "p_holm"] == pytest.approx(24 * 2 / 4096)
    assert rows.loc[["A2", "B1"], "p_holm"].isna().all()
    closed = comparisons.compare_every_item(
        study,
        cleaned.responses,
        cleaned.respondents,
        changes.assign(p_holm=changes["p_holm"].mask(changes["construct"] == "sense", 0.4)),
    )
    assert closed.set_index("item").loc["A1", "p_holm"].iloc[0] == 0.4


def test_items_outside_the_scores_are_tested_in_their_own_right(project):
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text().replace("work: {label: Work}", "work: {label: Work, scored: false}"))
    hold_waves(project, {wave: [row[:-5] + answer for row in rows] for (wave, rows), answer in zip(
        SAME_PEOPLE.items(), ("Agree", "Disagree"), strict=True)})  # fmt: skip
    study, cleaned, scores = clean(project)
    changes = comparisons.compare_every_wave(study, scores, cleaned.respondents)
    found = comparisons.compare_every_item(study, cleaned.responses, cleaned.respondents, changes).set_index("item")
    # One construct and one item, one pair of waves, five questions. Disagreeing with B1 is favourable.
    assert comparisons.count_changes(study) == 10
    assert found.loc["B1", ["share_earlier", "share_later"]].tolist() == [0, 100]
    assert found.loc["B1", "p_holm"] == pytest.approx(10 * 2 / 4096)


def test_people_who_can_be_recognised_and_all_others_are_in_one_comparison(project):
    hold_waves(project, SOME_IN_BOTH)
    study, cleaned, scores = clean(project)
    row = comparisons.compare_every_wave(study, scores, cleaned.respondents).iloc[0]
    assert row[["n_earlier", "n_later", "pairs", "rose", "effect"]].tolist() == [10, 10, 6, 6, 1]
    # Of 2^6 signs times 70 divisions of the other eight two are as extreme.
    assert row["p"] == pytest.approx(2 / (64 * 70))
    hold = comparisons.count_every_transition(study, scores, cleaned.respondents)
    sense = hold[hold["construct"].eq("sense") & hold["numerator"].gt(0)]
    assert sense[["before", "after", "numerator", "denominator"]].to_numpy().tolist() == [["lower third", "upper third", 6, 6]]


def test_plans_are_a_row_a_size():
    widths = planning.plan_widths((20, 40))
    assert widths[["share", "n"]].values.tolist() == [[50, 20], [50, 40], [80, 20], [80, 40], [95, 20], [95, 40]]
    # Wilson for 20 of 40, from R 4.2.2: prop.test(20, 40, correct = FALSE)$conf.int gives 0.3519953 to 0.6480047.
    assert widths.loc[1, "width"] == pytest.approx(29.60094, abs=1e-4)


def test_power_is_planned_for_each_construct_whose_scores_differ(project):
    rows = "".join(f"R_{k},0,North,{a},Neutral,Agree\n" for k, a in enumerate(["Agree", "Neutral", "Disagree"] * 4))
    study, _, scores = clean(project, rows)
    needed = planning.plan_sizes(study, scores, 0.5)
    assert needed["construct"].tolist() == ["sense", "work"] and needed["shift"].eq(0.5).all()
    assert needed["note"].tolist() == ["", "[not defined: all scores are identical]"]
    power = planning.plan_power(needed, planning.count_planned_tests(study), (5, 20))
    # Nothing can be planned where all scores are the same.
    assert power[["construct", "n_per_group"]].to_numpy().tolist() == [["sense", 5], ["sense", 20]]
    assert power["power"].between(0, 100).all()


def test_a_plan_allows_for_every_construct_grouping_and_question(project):
    study, _, scores = clean(project)
    # Two constructs, one grouping; items, not relevant and groups are three questions.
    assert planning.count_planned_tests(study) == 6


def test_frames_of_every_grouping_hold_one_value_a_cell(project):
    study, cleaned, scores = clean(project)
    compared = comparisons.compare_every_grouping(study, scores, cleaned.respondents, 1, 100, 1)
    joined = comparisons.join_every_grouping(study, scores, cleaned.respondents, 1)
    for found in (compared, pairs.compare_pairs(study, joined, compared)):
        assert not found.map(lambda cell: isinstance(cell, list | tuple | dict)).any(axis=None)
        assert pd.api.types.is_numeric_dtype(found["p_holm"])
