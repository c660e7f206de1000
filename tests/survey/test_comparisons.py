"""Every grouping and wave of a study compared: what is stacked, counted and left out."""

import pandas as pd
import pytest
from conftest import HEAD

from helpers.study import reading
from helpers.survey import cleaning, comparisons, pairs, scoring


def clean(project, rows=None):
    if rows is not None:
        (project / "data" / "tiny" / "survey.csv").write_text(HEAD + rows)
    study = reading.read_study("tiny")
    cleaned = cleaning.clean_survey(study)
    return study, cleaned, scoring.score_constructs(cleaned.responses, study.scored_items, study.scales)


@pytest.fixture
def waves(project):
    """The same five people in 2030 and 2031, who all rose, and two others in 2032."""
    folder = project / "data" / "tiny"
    head = "ResponseId,Status,team,key,A1,A2,B1\n"
    (folder / "first.csv").write_text(head + "".join(f"R_{k},0,North,k{k},Disagree,Neutral,Agree\n" for k in range(5)))
    (folder / "second.csv").write_text(head + "".join(f"R_{k},0,North,K{k},Agree,Agree,Disagree\n" for k in range(5)))
    (folder / "third.csv").write_text(head + "".join(f"R_{k},0,North,m{k},Agree,Neutral,Disagree\n" for k in range(2)))
    path = folder / "study.yml"
    files = 'files: {"2030": first.csv, "2031": second.csv, "2032": third.csv}\n  link_column: key'
    path.write_text(path.read_text().replace('files: {"2030": survey.csv}', files))
    return clean(project)


def test_each_score_stands_once_under_every_grouping_with_its_group(project):
    study, cleaned, scores = clean(project)
    joined = comparisons.join_every_grouping(study, scores, cleaned.respondents, min_group_size=1)
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
        comparisons.compare_every_linked_wave(study, scores, cleaned.respondents),
    ):
        assert len(found) == 0 and len(found.columns) > 4


def test_statuses_are_counted_by_item_and_group_and_added_up(project):
    study, cleaned, _ = clean(project)
    statuses = comparisons.count_every_status(study, cleaned.responses, cleaned.respondents)
    south = statuses[(statuses["group"] == "South") & (statuses["item"] == "B1")].set_index("status")["numerator"]
    assert south["not relevant to role"] == 1 and south["answered"] == 0
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


def test_each_wave_is_compared_with_the_one_before_it_over_its_own_respondents(waves):
    study, cleaned, scores = waves
    found = comparisons.compare_every_wave(study, scores, cleaned.respondents, 100, 1)
    assert found["grouping"].unique().tolist() == ["2030 and 2031", "2031 and 2032"]
    sense = found[found["construct"] == "sense"]
    assert sense["n"].tolist() == [10, 7]
    # The respondents of a third wave are nobody "without a group".
    assert not found["note"].str.contains("without a group").any()


def test_the_same_people_are_found_in_two_waves_by_their_keys(waves):
    study, cleaned, scores = waves
    found = comparisons.compare_every_linked_wave(study, scores, cleaned.respondents, 100, 1)
    sense = found[found["construct"] == "sense"].set_index("grouping")
    assert sense.loc["2030 and 2031", ["pairs", "rose", "fell", "same"]].tolist() == [5, 5, 0, 0]
    assert sense.loc["2031 and 2032", "pairs"] == 0


def test_plans_are_a_row_a_size():
    widths = comparisons.plan_widths((20, 40))
    assert widths[["share", "n"]].values.tolist() == [[50, 20], [50, 40], [80, 20], [80, 40], [95, 20], [95, 40]]
    # Wilson for 20 of 40, from R 4.2.2: prop.test(20, 40, correct = FALSE)$conf.int gives 0.3519953 to 0.6480047.
    assert widths.loc[1, "width"] == pytest.approx(29.60094, abs=1e-4)


def test_power_is_planned_for_each_construct(project):
    rows = "".join(f"R_{k},0,North,{a},Neutral,Agree\n" for k, a in enumerate(["Agree", "Neutral", "Disagree"] * 4))
    study, _, scores = clean(project, rows)
    power = comparisons.plan_power(study, scores, 0.5, 1, (5, 20))
    assert power["construct"].tolist() == ["sense", "sense", "work", "work"]
    assert power["shift"].eq(0.5).all()
    assert power.loc[power["construct"] == "sense", "power"].between(0, 100).all()


def test_frames_of_every_grouping_hold_one_value_a_cell(project):
    study, cleaned, scores = clean(project)
    compared = comparisons.compare_every_grouping(study, scores, cleaned.respondents, 1, 100, 1)
    joined = comparisons.join_every_grouping(study, scores, cleaned.respondents, 1)
    for found in (compared, pairs.compare_pairs(study, joined, compared)):
        assert not found.map(lambda cell: isinstance(cell, list | tuple | dict)).any(axis=None)
        assert pd.api.types.is_numeric_dtype(found["p_holm"])
