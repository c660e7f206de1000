"""What notebook 2 draws and says of its scores: no more than the figures carry, and never one figure for a range."""

import numpy as np
import pandas as pd
import pytest
from conftest import HEAD

from helpers.page import reliability as shown
from helpers.study import reading
from helpers.survey import cleaning, distributions, earlier, scoring
from helpers.survey import reliability as consistency


@pytest.fixture
def study(project):
    return reading.read_study("tiny")


@pytest.fixture
def found():
    return pd.DataFrame({
        "construct": ["coherence", "sense", "all items"], "alpha": [0.7, 0.5, 0.8], "low": [0.6, 0.2, 0.7],
        "high": [0.8, 0.7, 0.9], "n_complete": [40, 12, 12], "items": [4, 2, 6], "enough": [True, False, False],
    })  # fmt: skip


# --- do items belong together?


def test_all_the_same_answers_give_no_alpha_and_no_nan(project):
    path = project / "data" / "tiny" / "survey.csv"
    path.write_text(HEAD + "".join(f"R_{k},0,North,Agree,Agree,Agree\n" for k in range(6)))
    study = reading.read_study("tiny")
    responses = cleaning.clean_survey(study).responses
    reliability = consistency.estimate_reliability(responses, study.scored_items, study.scales)
    assert shown.say_reliability(reliability, study) == "Alpha is not defined for any construct here."
    item_rest = consistency.correlate_items(responses, study.scored_items, study.scales)
    assert shown.say_item_rest(item_rest, study) == ""
    scores = scoring.score_constructs(responses, study.scored_items, study.scales)
    table = shown.write_paper(distributions.table_for_paper(responses, study.codebook, scores, study.scales), study)
    assert table.iloc[0].tolist() == ["Sense", "6", "", "", "", "3.00 (0.00)", "3.00 (3.00 to 3.00)"]
    assert table.iloc[1].tolist()[1:5] == ["6 (0)", "0 (0.0)", "0 (0.0)", "6 (100.0)"]


def test_alphas_are_said_from_lowest_to_highest_and_few_people_are_said_to_be_few(study, found):
    assert shown.say_reliability(found, study) == (
        "Cronbach's alpha lies between 0.50 (Sense) and 0.70 (Coherence). Fewer than 30 people answered all of Sense, too "
        "few to judge by."
    )
    assert shown.say_reliability(found[:1], study) == "Cronbach's alpha is 0.70 (Coherence)."


def test_alphas_of_answers_that_are_made_up_are_no_finding(project, found):
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text().replace("  groupings:", "  simulated: {banner: b, margins: m, joint: j}\n  groupings:"))
    said = shown.say_reliability(found, reading.read_study("tiny"))
    assert said.endswith("how the answers were made up.") and "0.70" not in said


def test_published_alphas_stand_beside_those_of_the_same_construct(study, found):
    chosen = earlier.choose_earlier(earlier.read_earlier(study), found, study)
    table = shown.write_reliability(found, chosen)
    # Coherence has four items, as in Finch et al. (0.71) and Jiang et al. (0.768); all items are 20 there and 6 here.
    assert table["published"].tolist() == ["0.71 to 0.77", "–", "–"]
    assert shown.write_reliability(found, chosen[:1])["published"].tolist() == ["0.71", "–", "–"]
    assert shown.write_reliability(found, chosen[:0])["published"].tolist() == ["–"] * 3


def test_items_that_may_need_turning_round_are_named(study):
    found = pd.DataFrame({"item": ["A1", "A2", "B1"], "item_rest": [0.5, -0.2, np.nan], "warning": [False, True, False]})
    assert shown.say_item_rest(found, study) == (
        "Check whether these are scored the right way round, since they do not go with their construct: “Knows the plan”. For "
        "1 of 3 statements we cannot tell."
    )
    assert shown.say_item_rest(found[:1], study) == "No statement clearly runs against the rest of its construct."


def test_a_factor_model_without_a_fit_says_why():
    fit = pd.DataFrame({"note": ["[not defined: 40 complete rows, a factor model needs 100]"]})
    assert shown.say_factor_model(fit) == "We did not fit a factor model: 40 complete rows, a factor model needs 100."


@pytest.mark.parametrize(
    ("verdict", "said"),
    [("fits", "fits these answers"), ("does not fit", "does not fit these answers"), ("unclear", "do not decide it")],
)
def test_a_factor_model_is_said_to_fit_or_not_with_the_cut_offs(verdict, said):
    row = {"note": "", "factors": 2, "n_complete": 120, "cfi": 0.9, "tli": 0.88, "srmr": 0.07, "rmsea": 0.07}
    sentence = shown.say_factor_model(pd.DataFrame([row | {"rmsea_low": 0.05, "rmsea_high": 0.09, "verdict": verdict}]))
    assert sentence.startswith("A model with one factor for each of 2 constructs") and said in sentence.split(":")[0] + sentence
    assert "RMSEA 0.07 (90% CI 0.05 to 0.09), 120 people" in sentence and "CFI of 0.95 or more" in sentence


# --- what scores go with


def relate(*rows):
    columns = ["item", "construct", "n", "rho", "low", "high", "p_holm"]
    return pd.DataFrame([("A1", "work", 40, *row) for row in rows], columns=columns)


def test_relations_are_counted_and_the_closest_is_named(study):
    said = shown.say_relations(relate((0.5, 0.2, 0.7, 0.01), (-0.6, -0.8, -0.3, 0.02), (0.1, -0.2, 0.4, 1)), study)
    assert said == (
        "In 2 of 3 pairs an answer and a score clearly go together. In 1 of them the score falls as the answer rises. Closest "
        "is “Sees the point” with Work (correlation −0.60, 95% CI −0.80 to −0.30, n = 40)."
    )


def test_where_no_relation_is_clear_it_is_said_how_close_one_could_yet_be(study):
    said = shown.say_relations(relate((0.1, -0.2, 0.4, 1), (-0.2, -0.5, 0.1, 0.8)), study)
    assert said.startswith(
        "We found no clear relation in 2 pairs of an answer and a score. There may still be some: the intervals"
    )
    assert "correlations of up to 0.50. Closest is" in said


def test_nothing_asked_or_nothing_known_is_said(study):
    assert shown.say_relations(relate(), study) == ""
    assert shown.say_relations(relate((np.nan,) * 4), study).startswith("Too few people answered")
    perfect = shown.say_relations(relate((1.0, np.nan, np.nan, 0.01)), study)
    assert perfect.startswith("In 1 of 1 pair an") and perfect.endswith("(correlation 1.00, n = 40).")
    assert "room" not in shown.say_relations(relate((1.0, np.nan, np.nan, 0.2)), study)


# --- beside other studies


def beside(*rows):
    columns = ["study", "country", "practice", "n", "construct", "mean", "sd", "alpha_lowest", "alpha_highest"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(cfi=np.nan, tli=np.nan, rmsea=np.nan, srmr=np.nan, note="", source="doi")


OWN = [
    ("This study", "", "a practice", 40, "sense", 2.0, 0.5, 0.7, 0.7),
    ("This study", "", "a practice", 38, "work", 2.5, 0.4, np.nan, np.nan),
]


def test_studies_stand_a_row_each_with_constructs_that_others_have_and_a_range_as_a_range(study):
    frame = beside(
        *OWN,
        ("Doe 2030", "Utopia", "another", np.nan, "sense", 1.5, np.nan, 0.8, 0.8),
        ("Roe 2031", "", "a third", 1200, "any construct", np.nan, np.nan, 0.6, 0.9),
    )
    frame.loc[2, ["cfi", "note"]] = [0.95, "short form"]
    table = shown.write_studies(frame, study)
    assert table.columns.tolist() == ["Study", "Sense", "Model and remarks"]
    assert table.to_numpy().tolist() == [
        ["This study; a practice; n = 38 to 40", "2.00 (0.50); α 0.70", ""],
        ["Doe 2030; Utopia; another", "1.50; α 0.80", "CFI 0.95; short form"],
        ["Roe 2031; a third; n = 1,200", "", "α 0.60 to 0.90 over constructs"],
    ]
    assert shown.say_earlier(frame) == "Of 2 earlier studies, 2 printed comparable alphas, and 1 printed comparable means."
    assert shown.cite_sources(frame) == "Sources: Doe 2030, doi; Roe 2031, doi."


def test_where_no_earlier_study_is_known_it_is_said(study):
    frame = beside(*OWN)
    assert shown.write_studies(frame, study).columns.tolist() == ["Study", "Model and remarks"]
    assert shown.say_earlier(frame) == "" and shown.cite_sources(frame) == ""
