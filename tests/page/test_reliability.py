"""What notebook 2 draws and says of its scores: no more than the figures carry, and never one figure for a range."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from conftest import HEAD

from helpers.page import reliability as shown
from helpers.study import reading
from helpers.survey import cleaning, earlier, paper, scoring
from helpers.survey import reliability as consistency


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


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
    axes = shown.draw_alphas(reliability, earlier.choose_earlier(earlier.read_earlier(study), reliability, study), study)
    assert axes.get_xlim() == (-0.02, 1.02)
    item_rest = consistency.correlate_items(responses, study.scored_items, study.scales)
    assert shown.say_item_rest(item_rest).startswith("No item–rest correlation is defined here")
    scores = scoring.score_constructs(responses, study.scored_items, study.scales)
    table = shown.write_paper(paper.table_for_paper(responses, study.codebook, scores, study.scales), study)
    assert table.iloc[0].tolist() == ["Sense", "6", "", "", "", "3.00 (0.00)", "3.00 (3.00 to 3.00)"]
    assert table.iloc[1].tolist()[1:5] == ["6 (0)", "0 (0.0)", "0 (0.0)", "6 (100.0)"]


def test_no_judgement_is_passed_on_few_complete_rows(study, found):
    said = shown.say_reliability(found, study)
    assert "Coherence 0.70 (95% CI 0.60 to 0.80, n = 40) and Sense 0.50" in said and "All items" not in said
    assert said.endswith("With fewer than 30 complete rows no judgement is passed on Sense.")


def test_published_alphas_stand_under_their_construct_and_ranges_in_rows_of_their_own(study, found):
    chosen = earlier.choose_earlier(earlier.read_earlier(study), found, study)
    axes = shown.draw_alphas(found, chosen, study)
    names = [label.get_text().replace("\n", " ") for label in axes.get_yticklabels()]
    assert names[:3] == ["Coherence", "Sense", "All items"]
    assert names[5] == "Range in Elf et al. 2018, n = 144, Swedish; after dropping 3 items"
    own, ranges, elsewhere = (axes.collections[place] for place in (1, 2, 3))
    assert own.get_offsets().tolist() == [[0.7, 0], [0.5, 1], [0.8, 2]]
    assert [line[:, 0].tolist() for line in ranges.get_segments()] == [[0.62, 0.85], [0.79, 0.85], [0.78, 0.83]]
    assert elsewhere.get_offsets().tolist() == [[0.71, 0.25], [0.768, 0.25]]
    said = shown.say_alphas(found, chosen, study)
    assert "Coherence 0.71 (Finch et al. 2018, n = 413), Coherence 0.77 (Jiang et al. 2022, n = 258)" in said
    assert said.endswith("Any construct 0.78 to 0.83 (Elf et al. 2018, n = 144).")
    assert "Published" not in shown.say_alphas(found, chosen[:0], study)


@pytest.mark.parametrize(
    ("alpha", "low", "left"), [(0.7, 0.6, 0), (0.2, -0.4, -0.4), (0.1, -6.0, -1), (-2.5, -9.0, -2.5), (np.nan, np.nan, 0)]
)
def test_the_axis_of_alpha_begins_at_0_or_at_the_lowest_and_an_endless_interval_does_not_stretch_it(
    study, found, alpha, low, left
):
    axes = shown.draw_alphas(found.assign(alpha=alpha, low=low), earlier.read_earlier(study)[:0], study)
    assert axes.get_xlim() == pytest.approx((left - 0.02, 1.02))


def test_items_that_may_need_turning_round_are_named():
    found = pd.DataFrame({"item": ["A1", "A2", "B1"], "item_rest": [0.5, -0.2, np.nan], "warning": [False, True, False]})
    assert shown.say_item_rest(found) == (
        "Near or below zero, and so to be checked for their direction: A2. For 1 of 3 items it is not defined."
    )
    assert shown.say_item_rest(found[:1]) == "No item clearly runs against the rest of its construct."


def test_a_factor_model_without_a_fit_says_why():
    fit = pd.DataFrame({"note": ["[not defined: 40 complete rows, a factor model needs 100]"]})
    assert shown.say_factor_model(fit) == "No factor model is shown: 40 complete rows, a factor model needs 100."


@pytest.mark.parametrize(
    ("verdict", "said"),
    [("fits", "fits these data"), ("does not fit", "does not fit these data"), ("unclear", "do not decide it")],
)
def test_a_factor_model_is_said_to_fit_or_not_with_the_cut_offs(verdict, said):
    row = {"note": "", "factors": 2, "n_complete": 120, "cfi": 0.9, "tli": 0.88, "srmr": 0.07, "rmsea": 0.07}
    sentence = shown.say_factor_model(pd.DataFrame([row | {"rmsea_low": 0.05, "rmsea_high": 0.09, "verdict": verdict}]))
    assert sentence.split(":")[0].startswith("A model of 2 factors, one for each construct,") and said in sentence
    assert "RMSEA 0.07 (90% CI 0.05 to 0.09), 120 complete rows" in sentence and "CFI of 0.95 or more" in sentence


# --- what scores go with


def relate(*rows):
    columns = ["item", "construct", "n", "rho", "low", "high", "p_holm"]
    return pd.DataFrame([("A1", "work", 40, *row) for row in rows], columns=columns)


def test_relations_are_counted_and_the_closest_is_named(study):
    said = shown.say_relations(relate((0.5, 0.2, 0.7, 0.01), (-0.6, -0.8, -0.3, 0.02), (0.1, -0.2, 0.4, 1)), study)
    assert said == (
        "In 2 of 3 pairs of an answer and a score the two clearly go together; the closest are “Sees the point” and work: rho "
        "−0.60 "
        "(95% CI −0.80 to −0.30, n = 40). In 1 of them the score falls as the answer rises."
    )


def test_where_no_relation_is_clear_it_is_said_how_close_one_could_yet_be(study):
    said = shown.say_relations(relate((0.1, -0.2, 0.4, 1), (-0.2, -0.5, 0.1, 0.8)), study)
    assert said.startswith("We found no clear relation in any of 2 pairs") and said.endswith("correlations of up to 0.50.")


def test_nothing_asked_or_nothing_known_is_said(study):
    assert shown.say_relations(relate(), study) == "This survey asks nothing outside its scores."
    assert shown.say_relations(relate((np.nan,) * 4), study).startswith("Too few people answered")
    perfect = shown.say_relations(relate((1.0, np.nan, np.nan, 0.01)), study)
    assert perfect.endswith("rho 1.00 (n = 40).")


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
    assert table.columns.tolist() == ["Study", "Sense", "Range over constructs", "Model and remarks"]
    assert table.to_numpy().tolist() == [
        ["This study; a practice; n = 38 to 40", "2.00 (0.50); α 0.70", "", ""],
        ["Doe 2030; Utopia; another", "1.50; α 0.80", "", "CFI 0.95; short form"],
        ["Roe 2031; a third; n = 1,200", "", "α 0.60 to 0.90", ""],
    ]
    assert shown.say_earlier(frame) == (
        "Of 2 earlier studies, 2 printed alphas that can stand beside these, and 1 means known to be on this study's scale and "
        "in its direction."
    )
    assert shown.cite_sources(frame) == "Sources: Doe 2030, doi; Roe 2031, doi."


def test_where_no_earlier_study_is_known_it_is_said(study):
    frame = beside(*OWN)
    assert shown.write_studies(frame, study).columns.tolist() == ["Study", "Model and remarks"]
    assert shown.say_earlier(frame).startswith("The workbook knows of no earlier study") and shown.cite_sources(frame) == ""
