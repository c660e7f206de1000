"""What may be told of scores: means, verdicts of tests, waves."""

import shutil

import numpy as np
import pandas as pd
import pytest
from conftest import HEAD

from helpers.disclosure import scores as disclosed
from helpers.disclosure.told import tell
from helpers.study import reading
from helpers.survey import cleaning, scoring

FOUND = pd.DataFrame({
    "grouping": "Team", "construct": ["a", "b", "c"], "test": "Kruskal–Wallis", "n": [40, 40, 39], "effect": [0.1, 0.2, np.nan],
    "p": [0.01, 0.2, np.nan], "p_holm": [0.03, 0.4, np.nan], "smallest_p": 0.001, "note": "",
})  # fmt: skip


def means(*told):
    return tell(pd.DataFrame({"construct": ["a", "b", "c"], "mean": told}), 5)


def test_a_comparison_of_a_construct_whose_mean_is_withheld_is_not_told():
    told = disclosed.tell_comparisons(FOUND, means(3.1, np.nan, 4.0), 5)
    assert told.frame["construct"].tolist() == ["a", "c"]
    assert disclosed.tell_comparisons(FOUND, means(np.nan, np.nan, np.nan), 5).frame.empty


def test_of_a_comparison_the_verdict_alone_is_told():
    told = disclosed.tell_comparisons(FOUND, means(3.1, 3.2, 4.0), 5)
    assert list(told.frame) == ["grouping", "construct", "test", "under_05"]
    # A test that is not defined reads like one that found nothing: that all scores are alike is told to nobody.
    assert told.frame["under_05"].tolist() == [True, False, False]
    assert told.threshold == 5


def test_a_corrected_p_of_exactly_a_twentieth_is_not_under_it():
    at_the_edge = FOUND.assign(p_holm=[0.05, 0.0499, 0.0501])
    told = disclosed.tell_comparisons(at_the_edge, means(3.1, 3.2, 4.0), 5)
    assert told.frame["under_05"].tolist() == [False, True, False]


@pytest.mark.parametrize("threshold", [0, 1])
def test_the_team_keeps_comparisons_as_they_are(threshold):
    told = disclosed.tell_comparisons(FOUND, means(np.nan, np.nan, np.nan), threshold)
    pd.testing.assert_frame_equal(told.frame, FOUND)
    assert not told.withheld.any(axis=None)


def test_means_are_told_to_two_decimals_and_no_median_or_number_with_a_score():
    described = pd.DataFrame(
        {"construct": ["a", "b"], "mean": [3.14159, np.nan], "low": [2.71828, np.nan], "high": [3.6, np.nan]}
    )
    told = disclosed.tell_means(described, 5)
    assert told.frame.loc[0, ["mean", "low", "high"]].tolist() == [3.14, 2.72, 3.6]
    assert told.withheld.loc[1, ["mean", "low", "high"]].all() and not told.withheld.loc[0].any()
    assert told.note == disclosed.NOTE_ON_INTERVALS


def test_where_no_interval_is_told_there_is_no_column_for_one():
    described = pd.DataFrame({"construct": ["a"], "mean": [3.14159], "low": [np.nan], "high": [np.nan]})
    assert list(disclosed.tell_means(described, 5).frame) == ["construct", "mean"]


def cleaned(rows):
    study = reading.read_study("tiny")
    found = cleaning.clean_survey(study)
    return study, found, scoring.score_constructs(found.responses, study.scored_items, study.scales)


def test_scores_are_those_of_the_people_named(project):
    rows = "".join(
        f"R_{k},0,{'North' if k < 8 else 'South'},Agree,{a},Disagree\n" for k, a in enumerate(["Neutral"] * 8 + ["Agree"] * 8)
    )
    (project / "data" / "tiny" / "survey.csv").write_text(HEAD + rows)
    study, found, scores = cleaned(rows)
    north = found.respondents[found.respondents["team"] == "North"]
    told = disclosed.tell_scores(scores, found.responses, north, study, 0)
    # North: Agree (3) and Neutral (2), a mean of 2.5 for all eight.
    sense = told.frame.set_index("construct").loc["sense"]
    assert (sense["n"], sense["mean"]) == (8, 2.5)


def test_what_a_funder_is_told_of_scores_has_no_column_of_single_people(project):
    rows = "".join(
        f"R_{k},0,North,{'Agree' if k % 2 else 'Disagree'},{'Neutral' if k % 3 else 'Agree'},Neutral\n" for k in range(30)
    )
    (project / "data" / "tiny" / "survey.csv").write_text(HEAD + rows)
    study, found, scores = cleaned(rows)
    told = disclosed.tell_scores(scores, found.responses, found.respondents, study, 5)
    assert not {"n", "median", "q1", "q3"} & set(told.frame)


def test_a_survey_of_one_wave_has_no_table_of_waves(project):
    study, found, scores = cleaned("")
    assert disclosed.tell_waves(scores, found.responses, found.respondents, study, 0).frame.empty


def test_the_earlier_of_two_means_is_withheld_where_even_one_person_found_in_both_could_be_counted(project):
    head = "ResponseId,Status,team,A1,A2,B1,key\n"
    folder = project / "data" / "tiny"
    for wave, file in (("earlier", "survey.csv"), ("later", "later.csv")):
        answers = [("Agree" if k % 2 else "Disagree", "Neutral" if k % 3 else "Agree") for k in range(30)]
        rows = "".join(f"R_{k},0,North,{a},{b},Neutral,{wave if k else 'both'}{k}\n" for k, (a, b) in enumerate(answers))
        (folder / file).write_text(head + rows)
    text = (folder / "study.yml").read_text().replace('{"2030": survey.csv}', '{"2030": survey.csv, "2031": later.csv}')
    (folder / "study.yml").write_text(text)

    def told_means() -> list[bool]:
        study, found, scores = cleaned("")
        told = disclosed.tell_waves(scores, found.responses, found.respondents, study, 5).frame
        return told.loc[told["construct"] == "sense", "mean"].notna().to_list()

    assert told_means() == [True, True]
    (folder / "study.yml").write_text(text + "  link_column: key\n")
    assert told_means() == [False, True]


def test_a_change_between_waves_is_told_beside_the_mean_of_both_waves_people(project, monkeypatch):
    """One told mean in a later wave opens no verdict on two earlier ones."""
    path = project / "data" / "tiny" / "study.yml"
    files = 'files: {"2030": survey.csv, "2031": later.csv, "2032": last.csv}'
    path.write_text(path.read_text().replace('files: {"2030": survey.csv}', files))
    for name in ("later.csv", "last.csv"):
        shutil.copy(path.parent / "survey.csv", path.parent / name)
    study = reading.read_study("tiny")
    people = pd.DataFrame({"respondent": ["R1", "R2", "R3"], "wave": ["2030", "2031", "2032"]})
    asked = []

    def tell_means_of(scores, responses, people, study, threshold):
        asked.append(sorted(people["wave"]))
        mean = np.nan if "2030" in set(people["wave"]) else 3.5
        return tell(pd.DataFrame({"construct": ["sense"], "mean": [mean]}), threshold)

    monkeypatch.setattr(disclosed, "describe_told", tell_means_of)
    found = pd.DataFrame({"earlier": ["2030", "2031", "2030"], "later": ["2031", "2032", "2032"], "p_holm": [0.001, 0.6, 0.01]})
    told = disclosed.tell_changes(found.assign(construct="sense", p=0.001, rose=3), None, None, people, study, 5)
    assert asked == [["2030", "2031"], ["2031", "2032"], ["2030", "2032"]]
    assert list(told.frame) == ["earlier", "later", "construct", "under_05"]
    assert told.frame.to_numpy().tolist() == [["2031", "2032", "sense", False]]


def test_a_mean_in_which_not_relevant_counts_as_a_point_is_not_told_to_a_funder(project):
    """Of 40 people 15 score 3, 15 score 1, and ten call A1 not relevant and score (2 + 2) / 2 or (1 + 2) / 2."""
    people = ["Not relevant to my role,Neutral"] * 10 + ["Agree,Agree"] * 15 + ["Disagree,Disagree"] * 15
    rows = "".join(f"R_{k},0,North,{answers},Neutral\n" for k, answers in enumerate(people))
    (project / "data" / "tiny" / "survey.csv").write_text(HEAD + rows)
    study, found, _ = cleaned(rows)
    told = {}
    for rule in scoring.IRRELEVANT:
        scores = scoring.score_constructs(found.responses, study.scored_items, study.scales, 0.5, rule)
        for threshold in (0, 5):
            frame = disclosed.tell_scores(scores, found.responses, found.respondents, study, threshold).frame
            told[rule, threshold] = frame.set_index("construct")["mean"]["sense"]
    assert told["midpoint", 0] == 2 and told["lowest", 0] == 1.875
    assert np.isnan([told["midpoint", 5], told["lowest", 5]]).all() and told["missing", 5] == round(told["missing", 0], 2)
