"""What notebook 2 draws and says: an edge of the data must not make a sentence false or a drawing fail."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from conftest import HEAD

from helpers.disclosure.survey import tell_bands
from helpers.page import scores as shown
from helpers.study import reading
from helpers.survey import cleaning, distributions, scoring

NOBODY = "R_1,0,North,,,\n"


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture
def clean(project):
    """The small study with these answers to A1, A2 and B1 (worded negatively), a text a respondent."""

    def clean(rows):
        (project / "data" / "tiny" / "survey.csv").write_text(HEAD + rows)
        study = reading.read_study("tiny")
        return study, cleaning.clean_survey(study).responses

    return clean


def count(study, responses, threshold=0):
    return tell_bands(distributions.count_bands(responses, study.codebook, study.scales), threshold).frame


def repeat(**answers):
    """Respondents by their answers to A1: {"Agree": 30}; all of them agree to A2 and leave B1 out."""
    given = [answer for answer, number in answers.items() for _ in range(number)]
    return "".join(f"R_{k},0,North,{answer},Agree,\n" for k, answer in enumerate(given))


def texts_of(axes):
    return [text.get_text() for text in axes.texts]


# --- answers to items


def test_the_extremes_leave_out_items_worded_negatively(clean):
    study, responses = clean("R_1,0,North,Agree,Disagree,Agree\n")
    said = shown.say_every_scale(count(study, responses), study)
    assert "is at A1, sees the point: 1 of 1 (100%" in said
    assert "smallest at A2" in said
    assert "B1" not in said


def test_items_that_share_the_largest_share_are_named_together(clean):
    study, responses = clean("R_1,0,North,Agree,Agree,Agree\n")
    assert "the same at all: A1 and A2: 1 of 1 (100%" in shown.say_every_scale(count(study, responses), study)


def test_the_extremes_of_single_points_are_those_of_their_bands(clean):
    study, responses = clean(repeat(Agree=3, Neutral=1))
    counts = distributions.count_responses(responses, study.codebook, study.scales)
    said = shown.say_extremes(counts, study)
    assert "A2, knows the plan: 4 of 4 (100%); the smallest at A1, sees the point: 3 of 4 (75%)." in said


def test_of_an_item_that_nearly_all_agreed_to_the_least_is_said(clean):
    study, responses = clean(repeat(Agree=30, Disagree=10))
    said = shown.say_every_scale(count(study, responses, 5), study)
    assert "is at A2, knows the plan: 36 to 40 of 40 (90% or more); the smallest at A1, sees the point: 30 of 40 (75%" in said


def test_items_that_nearly_all_agreed_to_are_not_told_apart(project):
    bands = pd.DataFrame({
        "item": ["A1", "A2"], "label": "x", "scale": "agree", "band": "Agree", "numerator": np.nan, "denominator": [40, 42],
        "least": [36, 38], "most": [40, 42], "low": np.nan, "high": np.nan,
    })  # fmt: skip
    said = shown.say_extremes(bands, reading.read_study("tiny"))
    assert said.endswith("is nearly everybody's at all: A1 and A2: 90% or more each.")


def test_that_few_answered_is_not_said_to_be_nobody(clean):
    study, responses = clean(repeat(Agree=4))
    assert shown.say_every_scale(count(study, responses, 5), study) == (
        "Of no item of the scale “agree” may the share in the band “Agree” be told."
    )


def test_nobody_answering_is_said_and_drawn_without_a_percentage(clean):
    study, responses = clean(NOBODY)
    bands = count(study, responses)
    assert shown.say_every_scale(bands, study) == "Nobody answered an item of the scale “agree” that is worded positively."
    for answers in (bands, distributions.count_responses(responses, study.codebook, study.scales)):
        axes = shown.draw_answers(answers, study)
        assert {text for part in axes for text in texts_of(part)} == {""}
        assert "(n\u00a0=\u00a00)" in axes[0].get_yticklabels()[0].get_text()


def test_bars_part_at_the_middle_and_neutral_and_not_relevant_stand_apart(clean):
    study, responses = clean(repeat(**{"Disagree": 1, "Neutral": 2, "Agree": 5, "Not relevant to my role": 2}))
    main, neutral, aside = shown.draw_answers(distributions.count_responses(responses, study.codebook, study.scales), study)
    assert texts_of(main)[:1] == ["10%"] and texts_of(main)[3:4] == ["50%"]
    widths = {container.get_label(): container[0].get_width() for container in main.containers}
    assert widths == {"Disagree": -10, "Agree": 50}
    assert texts_of(neutral)[0] == "20%" and texts_of(aside)[0] == "20%"
    assert [label.get_text().split(" ")[0] for label in main.get_yticklabels()] == ["A1", "A2", "B1"]


def test_a_withheld_bar_is_not_drawn_and_a_range_ends_at_its_least(clean):
    study, responses = clean(repeat(Agree=30, Disagree=9, Neutral=1))
    main, neutral, _ = shown.draw_answers(count(study, responses, 5), study)
    # A1: 30 of 40 agree, and the one who is neutral is withheld with others. A2: all 40 agree, told as 36 or more.
    assert texts_of(main)[3:5] == ["75%", "90%+"]
    assert texts_of(neutral)[:2] == ["[c]", "[c]"]
    assert [bar.get_width() for bar in main.containers[1]][1] == 90
    assert "[c]: withheld" in main.get_xlabel()


def test_single_points_rest_on_more_than_published_margins():
    points, bands = pd.DataFrame({"response": [], "band": []}), pd.DataFrame({"band": []})
    assert (shown.name_points(points), shown.choose_basis(points)) == ("response", "joint")
    assert (shown.name_points(bands), shown.choose_basis(bands)) == ("band", "margins")


@pytest.mark.parametrize(("population", "said"), [(None, False), (3000, True)])
def test_a_narrowed_interval_is_said_to_be_one(population, said):
    assert ("Intervals are narrowed for 3,000 people invited." in shown.note_on_bands(population)) is said


def aside(*numerators, **columns):
    rows = pd.DataFrame({"item": ["A1", "A2"], "numerator": numerators, "denominator": 40, "low": 1.0, "high": 9.0})
    return rows.assign(typical=5.0, typical_most=5.0, stands_out="").assign(**columns)


def test_items_called_not_relevant_are_counted_and_the_most_often_named(project):
    study = reading.read_study("tiny")
    assert shown.say_not_relevant(aside(0, 0), study) == "No item was called not relevant by anybody."
    assert shown.say_not_relevant(aside(0, 4), study) == (
        "1 of 2 items was called not relevant by somebody; most often “Knows the plan”, 4 of 40 (10%, 95% CI 1 to 9). No item "
        "stands out in this."
    )
    assert "2 of 2 items were called" in shown.say_not_relevant(aside(1, 4), study)
    said = shown.say_not_relevant(aside(np.nan, 10), study)
    assert "withheld for 1 of 2 items. The largest that may be told: “Knows the plan”, 10 of 40" in said
    assert said.endswith("No item stands out in this, as far as it may be told.")
    assert shown.say_not_relevant(aside(np.nan, 0), study).startswith(
        "How many called an item not relevant is withheld for 1 of 2 items. No item"
    )


def test_items_that_stand_out_as_not_relevant_are_named_and_not_those_that_stand_out_as_relevant(project):
    study = reading.read_study("tiny")
    said = shown.say_not_relevant(aside(1, 10, stands_out=["below", "above"], typical_most=14.0), study)
    assert said.endswith("That is clearly more than for other items (5% to 14% overall): “Knows the plan”.")


# --- construct scores


def test_what_constructs_are_about_is_said_where_the_study_says_so(project):
    assert shown.say_constructs(reading.read_study("tiny")) == ""
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text().replace("{label: Sense}", "{label: Sense, gist: making sense of it}"))
    assert shown.say_constructs(reading.read_study("tiny")) == "Sense is about making sense of it."


def test_medians_are_said_of_people_and_means_where_these_are_told(project):
    study = reading.read_study("tiny")
    scores = pd.DataFrame({"construct": ["sense", "sense", "work"], "score": [1.0, 2.0, np.nan]})
    assert shown.say_scores(scores, study) == "Median construct scores, from 1 to 3: Sense 1.50 (n = 2)."
    assert shown.say_scores(scores[2:], study) == "No construct score can be shown."
    means = pd.DataFrame({"construct": ["sense", "work"], "mean": [1.25, np.nan]})
    assert shown.say_scores(means, study) == "Mean construct scores, from 1 to 3: Sense 1.25."


def test_people_with_one_score_are_one_dot_and_means_are_drawn_where_these_are_told(project):
    study = reading.read_study("tiny")
    scores = pd.DataFrame({"construct": ["sense", "sense", "sense", "work"], "score": [1.0, 1.0, 2.0, np.nan]})
    axes = shown.draw_scores(scores, study)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Sense", "Work"]
    dots, medians = (part.get_offsets().tolist() for part in axes.collections)
    assert dots == [[1, 0], [2, 0]] and medians == [[1, 0]]
    axes = shown.draw_scores(pd.DataFrame({"construct": ["sense", "work"], "mean": [1.25, np.nan]}), study)
    assert axes.collections[0].get_offsets().tolist() == [[1.25, 0]]
    assert axes.get_xlabel() == "Mean construct score"


def test_where_nobody_has_a_score_an_empty_figure_is_drawn(clean):
    study, responses = clean(NOBODY)
    scores = scoring.score_constructs(responses, study.scored_items, study.scales)
    assert not any(len(part.get_offsets()) for part in shown.draw_scores(scores, study).collections)


def test_it_is_said_what_the_rules_for_answers_left_out_do_and_which_choice_moves_a_mean_most(project):
    study = reading.read_study("tiny")
    variants = pd.DataFrame({
        "construct": ["sense", "sense", "work", "sense", "work"],
        "choice": ["as reported", "left out", "left out", "left out", "negative item"],
        "variant": ["as reported", scoring.PLAIN_MEAN, scoring.PLAIN_MEAN, scoring.COMPLETE_ONLY, "left out"],
        "difference": [0, 0.01, -0.02, 0.1, -0.3],
    })  # fmt: skip
    assert shown.say_variants(variants, study) == (
        "A plain mean of what was answered would move a mean by at most −0.02 points (work), and leaving out whoever answered "
        "only some items by at most 0.10 points (sense). Means change most under “negative item: left out”: by "
        "−0.30 points (work)."
    )
    assert shown.say_variants(variants[:1], study) == "No score depends on these choices."
    # Where nobody answered every item there is no mean of those who did.
    assert shown.say_variants(variants[[True, False, False, False, True]], study).startswith("Means change most")
